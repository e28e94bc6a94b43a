// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/rendering.h"

#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/notify/message_data.h"
#include "pkg/notify/message_environment.h"
#include "pkg/templates/default_templates.h"
#include "pkg/templates/to_json.h"

namespace watchfire::notify {
namespace {

using config::TemplateTree;
using templates::Value;

// Ends an error of a secret field after its place: what follows quotes the field.
std::string WithoutText(const std::string& message) {
  constexpr std::string_view kPrefix = "template: ";
  if (!message.starts_with(kPrefix)) return message;
  const size_t end = message.find(": ", kPrefix.size());
  return message.substr(0, end) + ": " + Secret::masked();
}

// Of the notification's own time, whenever it is asked.
templates::OnCall OnCallAt(const Context& context, WallTime at) {
  if (!context.on_call) return {};
  return [on_call = context.on_call, at](std::string_view name) { return on_call(name, at); };
}

}  // namespace

Rendering::Rendering(const Context& context, const dispatch::Notification& notification,
                     const dispatch::Notification& shown)
    : owner_(context.templates),
      templates_(owner_ != nullptr ? *owner_ : templates::DefaultTemplates()),
      route_labels_(
          TakeLabels(RenderRouteLabels(notification.route_labels, templates_, notification,
                                       notification.at, OnCallAt(context, notification.at)))),
      dot_(MessageData(shown, route_labels_)),
      environment_(MessageEnvironment(notification.at, route_labels_, context.ack_url,
                                      OnCallAt(context, notification.at))) {}

labels::LabelSet Rendering::TakeLabels(Result<labels::LabelSet> rendered) {
  if (rendered) return *std::move(rendered);
  status_ = watchfire::Fail(std::move(rendered.error()));
  return {};
}

std::string Rendering::Text(const templates::Snippet& field, size_t runes_max) {
  if (!status_ || field.empty()) return "";
  std::string text = Take(templates_.Execute(field, dot_, environment_, runes_max));
  return text.size() <= runes_max ? text : TruncateRunes(text, runes_max);
}

std::string Rendering::Html(const templates::Snippet& field) {
  if (!status_ || field.empty()) return "";
  return Take(templates_.ExecuteHtml(field, dot_, environment_));
}

std::string Rendering::SecretText(const templates::Snippet& field) {
  if (!status_ || field.empty()) return "";
  return Take(templates_.Execute(field, dot_, environment_), /*secret=*/true);
}

std::string Rendering::SecretText(const std::string& name, const std::string& text) {
  const Result<templates::Snippet> field = templates::Snippet::Parse(name, text);
  if (field) return SecretText(*field);
  return Take(watchfire::Fail(field.error()), /*secret=*/true);
}

Value Rendering::Tree(const TemplateTree& tree) {
  if (!status_) return {};
  switch (tree.kind) {
    case TemplateTree::Kind::kValue:
      return tree.value;
    case TemplateTree::Kind::kText: {
      std::string text = Text(tree.text);
      if (std::optional<Value> value = config::ParseYamlValue(text)) return *value;
      return Value::String(std::move(text));
    }
    case TemplateTree::Kind::kList: {
      std::vector<Value> items;
      for (const TemplateTree& item : tree.items) items.push_back(Tree(item));
      return Value::Of(std::move(items));
    }
    case TemplateTree::Kind::kMap: {
      std::vector<std::pair<std::string, Value>> entries;
      for (size_t i = 0; i < tree.keys.size(); ++i) {
        entries.emplace_back(Text(tree.keys[i]), Tree(tree.items[i]));
      }
      return Value::Of(std::move(entries));
    }
  }
  return {};
}

Status Rendering::JsonMembers(const TemplateTree& map,
                              std::map<std::string, std::string>* members) {
  const Value rendered = Tree(map);
  WF_RETURN_IF_ERROR(status_);
  for (const auto& [key, value] : rendered.as_map()->entries) {
    Result<std::string> json = templates::ToJson(value);
    if (!json) return watchfire::Fail(json.error());
    (*members)[key] = *std::move(json);
  }
  return {};
}

Fail Rendering::Failed(const std::string& what) const {
  const std::string& why = status_.error().message;
  return {Excerpt(what.empty() ? why : what + ": " + why, {}), Failure::kOther};
}

std::string Rendering::Take(Result<std::string> text, bool secret) {
  if (!status_) return "";
  if (text) {
    bytes_ += text->size();
    if (bytes_ <= limits::kTemplateOutputBytes) {
      return IsValidUtf8(*text) ? *std::move(text) : RepairUtf8(*text);
    }
    text = templates::TooMuchOutput();
  }
  Error error = std::move(text.error());
  if (secret) error.message = WithoutText(error.message);
  status_ = watchfire::Fail(std::move(error));
  return "";
}

tl::expected<std::string, Step> RevealTemplate(const templates::Snippet& text,
                                               const std::string& file, const std::string& key,
                                               const Context& context, Rendering* message) {
  if (file.empty()) return message->SecretText(text);
  const Result<std::string> read = context.read_file(file);
  if (read) return message->SecretText(key + "_file", *read);
  return tl::unexpected<Step>(Retry{{}, key + "_file: " + read.error().message, Failure::kOther});
}

}  // namespace watchfire::notify
