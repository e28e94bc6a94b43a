// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The content of a Slack message, rendered once and written into each call that carries it.

#pragma once

#include <string>

#include "pkg/notify/slack/slack.h"

namespace watchfire::notify::slack {

// Which message or thread a call is about.
struct Place {
  std::string channel;    // "": that of the webhook.
  std::string ts;         // Of the message to update.
  std::string thread_ts;  // Of the message to reply to.
};

inline constexpr size_t kTitleRunesMax = 1024;

struct Message {
  std::string username;
  std::string icon_emoji;
  std::string icon_url;
  std::string text;
  bool link_names = false;
  std::string attachments;  // A JSON array: one, and one with the buttons if there are any.
  std::string flaw;         // Of Send.
};

// What a template that fails leaves out is left out: as with Alertmanager the message goes
// nevertheless, but its text then says what is wrong.
Message Render(const Options& options, const Context& context,
               const dispatch::Notification& notification);

// What happened to the incident: `update_text`, else one sentence without markup; with the title of
// the group where it stands alone, and not in the group's thread. `notification` has an update.
Message Telling(const Options& options, const Context& context,
                const dispatch::Notification& notification);

// The body of chat.postMessage, chat.update or a webhook, with a final newline.
std::string Json(const Message& message, const Place& place);

}  // namespace watchfire::notify::slack
