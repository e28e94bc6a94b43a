// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Rocket.Chat receiver: chat.postMessage with a personal access token. Sources: reference
// alertmanager-compat §4.15; https://developer.rocket.chat/apidocs/post-message, read 2026-08.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::rocketchat {

struct Field {
  templates::Snippet title;
  templates::Snippet value;
  bool is_short = false;
};

// A button: a link, or a message said in the name of who presses it.
struct Action {
  templates::Snippet text;
  templates::Snippet url;
  templates::Snippet msg;
};

struct Options {
  std::string api_url;  // Without a slash at its end.
  config::SecretSource token;
  config::SecretSource token_id;  // Of the user whose token it is.
  config::HttpConfig http;
  // Templates from here on.
  templates::Snippet channel;
  templates::Snippet color;
  templates::Snippet title;
  templates::Snippet title_link;
  templates::Snippet text;          // Of the attachment.
  templates::Snippet message_text;  // Above it: what a notification on a phone shows.
  templates::Snippet emoji;
  templates::Snippet icon_url;
  templates::Snippet image_url;
  templates::Snippet thumb_url;
  std::vector<Field> fields;
  std::vector<Action> actions;
};

// Reads and checks one entry of rocketchat_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "rocketchat".
Backend Describe();

}  // namespace watchfire::notify::rocketchat
