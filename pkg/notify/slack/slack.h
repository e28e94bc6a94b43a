// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Slack receiver: an incoming webhook, or the Web API with the token of an app. With the API a
// group may keep to one message, which is updated, to one thread, or to both. Sources: reference
// alertmanager-compat §4.6 and paging-backends §4.1;
// https://api.slack.com/methods/chat.postMessage, chat.update and
// https://api.slack.com/reference/block-kit/blocks, read 2026-08.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/template_tree.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::slack {

struct Field {
  templates::Snippet title;
  templates::Snippet value;
  bool is_short = false;
};

struct Confirmation {
  templates::Snippet text;
  templates::Snippet title;
  templates::Snippet ok_text;
  templates::Snippet dismiss_text;
};

// A button: a link, or a call back to the app by its name.
struct Action {
  templates::Snippet type;
  templates::Snippet text;
  templates::Snippet url;  // Set: no name, value or confirmation.
  templates::Snippet style;
  templates::Snippet name;
  templates::Snippet value;
  std::optional<Confirmation> confirm;
};

struct Options {
  config::SecretSource api_url;    // Of the webhook; unused when there is an app_token.
  config::SecretSource app_token;  // Sent to app_url.
  std::string app_url;
  bool update_message = false;          // A group's later messages replace the text of the first.
  bool post_updates_to_thread = false;  // They are replies to it (as well).
  Duration timeout{};                   // 0: as long as the flush may take.
  config::HttpConfig http;
  bool link_names = false;
  std::vector<std::string> mrkdwn_in;

  // Templates from here on.
  templates::Snippet channel;
  templates::Snippet username;
  templates::Snippet icon_emoji;
  templates::Snippet icon_url;
  templates::Snippet message_text;
  templates::Snippet title;
  templates::Snippet title_link;
  templates::Snippet pretext;
  templates::Snippet text;
  templates::Snippet fallback;
  templates::Snippet callback_id;
  templates::Snippet image_url;
  templates::Snippet thumb_url;
  templates::Snippet footer;
  templates::Snippet color;
  std::vector<Field> fields;
  std::vector<Action> actions;
  // Buttons that act on the incident: acknowledge, resolve, snooze, escalate, in this order.
  std::vector<std::string> incident_buttons;
  templates::Snippet update_text;  // Of what happened to the incident; empty: dispatch::Sentence().
  std::optional<config::TemplateTree> blocks;  // Block Kit, in place of title, text and the like.

  // The answer to a call names the message, so that a later one can refer to it.
  bool remembers() const { return update_message || post_updates_to_thread; }
};

// Reads and checks one entry of slack_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "slack".
Backend Describe();

}  // namespace watchfire::notify::slack
