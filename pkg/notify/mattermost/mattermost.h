// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Mattermost receiver: an incoming webhook. Sources: reference alertmanager-compat §4.16;
// https://developers.mattermost.com/integrate/webhooks/incoming/ and
// /integrate/reference/message-attachments/, read 2026-08.

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::mattermost {

struct Field {
  templates::Snippet title;
  templates::Snippet value;
  std::optional<bool> is_short;
};

struct Attachment {
  templates::Snippet fallback;
  templates::Snippet color;
  templates::Snippet pretext;
  templates::Snippet text;
  templates::Snippet author_name;
  templates::Snippet author_link;
  templates::Snippet author_icon;
  templates::Snippet title;
  templates::Snippet title_link;
  std::vector<Field> fields;
  templates::Snippet thumb_url;
  templates::Snippet footer;
  templates::Snippet footer_icon;
  templates::Snippet image_url;
};

struct Priority {
  templates::Snippet priority;  // urgent or important; anything else is standard.
  bool requested_ack = false;
  bool persistent_notifications = false;  // Repeated to the recipient until answered; urgent only.
};

struct Options {
  config::SecretSource webhook_url;
  config::HttpConfig http;
  templates::Snippet channel;
  templates::Snippet username;
  templates::Snippet icon_url;
  templates::Snippet icon_emoji;
  templates::Snippet type;
  templates::Snippet card;  // Shown beside the channel.
  std::optional<Priority> priority;
  // What the keys of the entry itself say: the one attachment, unless a list of others is given. Of
  // this one they then take the text, which stands above them.
  Attachment own;
  std::vector<Attachment> attachments;
};

// Reads and checks one entry of mattermost_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "mattermost".
Backend Describe();

}  // namespace watchfire::notify::mattermost
