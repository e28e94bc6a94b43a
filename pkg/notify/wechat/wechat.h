// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The WeCom (WeChat Work) receiver: an application's message to users, departments or tags of a
// company. Every message carries an access token, which is fetched with the secret, kept for two
// hours and fetched again when the vendor no longer takes it. Sources: reference
// alertmanager-compat §4.18; developer.work.weixin.qq.com/document/path/91039 and 90236, read
// 2026-08.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "pkg/base/guarded.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::wechat {

struct Token {
  std::string text;
  WallTime fetched = kNoTime;
};
// By company and secret. Deliveries of one integration share it, on whatever thread they run.
using Tokens = Guarded<std::map<std::string, Token>>;

struct Options {
  templates::Snippet api_secret;  // Exactly one of api_secret and api_secret_file is set.
  std::string api_secret_file;
  std::string api_url;  // Ends with a slash.
  templates::Snippet corp_id;
  templates::Snippet message;
  templates::Snippet to_user;
  templates::Snippet to_party;
  templates::Snippet to_tag;
  templates::Snippet agent_id;
  std::string message_type = "text";  // Or "markdown".
  config::HttpConfig http;
  std::shared_ptr<Tokens> tokens = std::make_shared<Tokens>();
};

// Reads and checks one entry of wechat_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "wechat".
Backend Describe();

}  // namespace watchfire::notify::wechat
