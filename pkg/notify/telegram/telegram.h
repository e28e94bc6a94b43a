// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Telegram receiver: a bot's message to one chat. Sources: reference alertmanager-compat §4.10,
// paging-backends §4.2; https://core.telegram.org/bots/api#sendmessage and #making-requests, read
// 2026-08.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::telegram {

struct Options {
  std::string api_url;  // Without a slash at its end.
  config::SecretSource bot_token;
  int64_t chat_id = 0;  // 0: in the file.
  std::string chat_id_file;
  int message_thread_id = 0;  // A topic of a forum; 0: none.
  templates::Snippet message;
  bool disable_notifications = false;  // Arrives without a sound.
  std::string parse_mode = "HTML";     // Or Markdown, MarkdownV2, or "": plain.
  Duration timeout{};                  // 0: as long as the flush may take.
  config::HttpConfig http;
};

// Reads and checks one entry of telegram_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "telegram".
Backend Describe();

}  // namespace watchfire::notify::telegram
