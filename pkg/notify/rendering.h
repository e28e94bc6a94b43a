// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The templates of one message being rendered. A receiver renders field after field and asks once,
// at the end, whether all went well:
//
//     Rendering message(context_, notification);
//     json.Field("title", message.Text(options_->title));
//     json.Field("text", message.Text(options_->text));
//     if (!message.status()) return message.Failed();
//
// Thread: none; made for one Begin().

#pragma once

#include <map>
#include <string>

#include "pkg/base/result.h"
#include "pkg/config/template_tree.h"
#include "pkg/dispatch/notification.h"
#include "pkg/notify/receiver.h"
#include "pkg/templates/template.h"
#include "pkg/templates/value.h"

namespace watchfire::notify {

class Rendering {
 public:
  // `now`, `since` and `onCall` take the notification's own time for the present, so that a
  // repeated attempt says the same again. The notification outlives this.
  Rendering(const Context& context, const dispatch::Notification& notification)
      : Rendering(context, notification, notification) {}
  // Of `shown`, which is the notification without some of its alerts: the labels of its route are
  // those of the whole.
  Rendering(const Context& context, const dispatch::Notification& notification,
            const dispatch::Notification& shown);
  Rendering(const Context& context, dispatch::Notification&& notification) = delete;

  // Each returns what the field prints, valid UTF-8 of at most limits::kTemplateOutputBytes for the
  // whole message, and "" from the first error on.
  // What is longer than `runes_max` is cut, with an ellipsis, and not even rendered to its end.
  std::string Text(const templates::Snippet& field, size_t runes_max = templates::kAllRunes);
  // A document, or part of one, with values escaped for their place as by Go's html/template.
  std::string Html(const templates::Snippet& field);
  // A field that is a secret, or holds one: errors name it and say where it fails, but not at what.
  std::string SecretText(const templates::Snippet& field);
  // A secret read from a file: `text` is a template too. `name` is what errors call it.
  std::string SecretText(const std::string& name, const std::string& text);
  // Renders every text, keys too, and takes a rendered value for what it says as YAML (see
  // config::ParseYamlValue): "{{ len .Alerts }}" becomes a number. Write it with templates::ToJson.
  templates::Value Tree(const config::TemplateTree& tree);

  // The same for a map, each member's value as JSON, laid over what `members` has. Errors: also of
  // values that JSON cannot hold, which status() does not keep.
  Status JsonMembers(const config::TemplateTree& map, std::map<std::string, std::string>* members);

  // Those of the notification, rendered; none after an error.
  const labels::LabelSet& route_labels() const { return route_labels_; }

  // The first error. Code and message as of TemplateSet::Execute, the template's name that of the
  // field: `template: title:1:3: executing "title" at <.Titel>: can't evaluate field Titel …`.
  const Status& status() const { return status_; }
  // That error as an attempt's end, `what` before it: a repetition would render the same.
  Fail Failed(const std::string& what = "") const;

 private:
  labels::LabelSet TakeLabels(Result<labels::LabelSet> rendered);
  std::string Take(Result<std::string> text, bool secret = false);

  const std::shared_ptr<const templates::TemplateSet> owner_;
  const templates::TemplateSet& templates_;
  Status status_;
  const labels::LabelSet route_labels_;
  const templates::Value dot_;
  const templates::Environment environment_;
  size_t bytes_ = 0;
};

// Reads a secret that is a template: `text` or, when one is configured, what is in `file` at this
// moment; `key` is the name of `text` ("routing_key"). Instead of it: a Retry when the file cannot
// be read, for it may appear with the next mount. What is wrong with the template,
// message->status() says.
tl::expected<std::string, Step> RevealTemplate(const templates::Snippet& text,
                                               const std::string& file, const std::string& key,
                                               const Context& context, Rendering* message);

}  // namespace watchfire::notify
