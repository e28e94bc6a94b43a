// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One entry of telegram_configs (reference alertmanager-compat §4.10).

#include "pkg/notify/telegram/telegram.h"

namespace watchfire::notify::telegram {

std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->api_url = section.Url("api_url", global.telegram_api_url);
  if (options->api_url.empty()) section.Error("api_url", "no global Telegram URL set");
  while (options->api_url.ends_with('/')) options->api_url.pop_back();
  options->bot_token = section.SecretOrFile("bot_token", global.telegram_bot_token);
  if (options->bot_token.empty()) {
    section.Error("bot_token", "missing bot_token or bot_token_file on telegram_config",
                  "set one of them here, or telegram_bot_token in global");
  }
  options->chat_id = section.Int64("chat_id", 0);
  options->chat_id_file = section.String("chat_id_file");
  if (options->chat_id == 0 && options->chat_id_file.empty()) {
    section.Error("chat_id", "missing chat_id or chat_id_file on telegram_config");
  } else if (options->chat_id != 0 && !options->chat_id_file.empty()) {
    section.Error("chat_id_file", "at most one of chat_id & chat_id_file must be configured");
  }
  options->message_thread_id = section.Int("message_thread_id", 0);
  options->message = section.Template("message", "{{ template \"telegram.default.message\" . }}");
  options->disable_notifications = section.Bool("disable_notifications", false);
  options->parse_mode = section.String("parse_mode", options->parse_mode);
  section.OneOf("parse_mode", options->parse_mode, {"", "Markdown", "MarkdownV2", "HTML"},
                "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or "
                "empty string");
  options->http = section.Http("http_config", global.http);
  options->timeout = section.GoDuration("timeout", Duration::zero());
  return options;
}

}  // namespace watchfire::notify::telegram
