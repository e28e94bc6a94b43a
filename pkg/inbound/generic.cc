// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Any JSON object, as the configuration says it is to be read: Jenkins, GitHub Actions, whatever
// has a webhook.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

struct Expanded {
  std::string text;
  bool is_found = false;  // One of its places had a value.
};

Expanded Expand(const Element& root, std::string_view text) {
  Expanded out;
  while (true) {
    const size_t open = text.find('{');
    const size_t close = open == std::string_view::npos ? open : text.find('}', open);
    out.text += text.substr(0, close == std::string_view::npos ? close : open);
    if (close == std::string_view::npos) return out;
    const auto value = At(root, text.substr(open + 1, close - open - 1));
    const std::string found = value ? TextOf(*value) : "";
    out.is_found |= !found.empty();
    out.text += found;
    text.remove_prefix(close + 1);
  }
}

// A `*` at the end of one of `words` stands for anything.
bool IsAmong(const std::vector<std::string>& words, const std::string& word) {
  const std::string lower = ToLower(word);
  return std::ranges::any_of(words, [&](const std::string& known) {
    std::string pattern = ToLower(known);
    if (!pattern.ends_with('*')) return pattern == lower;
    pattern.pop_back();
    return lower.starts_with(pattern);
  });
}

std::string SeverityOf(const std::string& word, const config::InboundMapping& mapping) {
  for (const auto& [value, severity] : mapping.severities) {
    if (ToLower(value) == ToLower(word)) return severity;
  }
  return NormalSeverity(word);
}

}  // namespace

Result<Changes> ReadGeneric(std::string_view body, const config::InboundMapping& mapping) {
  // A form whose field holds the JSON, as GitHub sends it unless told otherwise. No JSON object
  // begins so.
  constexpr std::string_view kForm = "payload=";
  std::string decoded;
  if (body.starts_with(kForm)) {
    const std::string_view field = body.substr(kForm.size());
    body = decoded = UrlDecode(field.substr(0, field.find('&')), /*plus_is_space=*/true);
  }
  const Result<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  const Element root = json->element();
  const Expanded entity = Expand(root, mapping.entity);
  if (!entity.is_found) {
    return InvalidArgument("the body has nothing of what entity is mapped to: " + mapping.entity);
  }
  Change change;
  change.entity = Cut(entity.text, 512);
  const std::string status = Expand(root, mapping.status).text;
  if (IsAmong(mapping.resolved, status)) {
    change.verb = Verb::kResolve;
  } else if (IsAmong(mapping.ignored, status)) {
    change.verb = Verb::kNothing;
  }
  change.severity = SeverityOf(Expand(root, mapping.severity).text, mapping);
  for (const auto& [name, text] : mapping.labels) {
    AddText(&change.labels, name, Expand(root, text).text);
  }
  for (const auto& [name, text] : mapping.annotations) {
    AddText(&change.annotations, name, Expand(root, text).text);
  }
  return Changes{std::move(change)};
}

}  // namespace watchfire::inbound
