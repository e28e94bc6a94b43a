// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Discord receiver: a channel's webhook, one embed a message. Sources: reference
// alertmanager-compat §4.13, paging-backends §4.2;
// https://docs.discord.com/developers/resources/webhook and /developers/topics/rate-limits, read
// 2026-08.

#pragma once

#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::discord {

struct Options {
  config::SecretSource webhook_url;
  templates::Snippet content;  // Above the embed; mentions work here only.
  templates::Snippet title;
  templates::Snippet message;
  std::string username;  // No templates, as with Alertmanager.
  std::string avatar_url;
  config::HttpConfig http;
};

// The row for notify/builtin: kind "discord".
Backend Describe();

}  // namespace watchfire::notify::discord
