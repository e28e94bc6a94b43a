// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Webex receiver: a bot's message in Markdown to one room. The bot's token is http_config's
// authorization. Sources: reference alertmanager-compat §4.11;
// https://developer.webex.com/docs/api/v1/messages/create-a-message, read 2026-08.

#pragma once

#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::webex {

struct Options {
  std::string api_url;
  templates::Snippet room_id;
  templates::Snippet message;
  config::HttpConfig http;  // With an authorization.
};

// The row for notify/builtin: kind "webex".
Backend Describe();

}  // namespace watchfire::notify::webex
