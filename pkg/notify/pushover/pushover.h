// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Pushover receiver: one push message for each notification; what fires is an emergency
// (priority 2) that rings again until somebody acknowledges it in the app. Sources: reference
// alertmanager-compat §4.8, the vendor's page pushover.net/api, read 2026-08.

#pragma once

#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::pushover {

struct Options {
  std::string api_url = "https://api.pushover.net/1/messages.json";  // Not configurable.
  // Of each pair one is set.
  templates::Snippet user_key;
  std::string user_key_file;
  templates::Snippet token;
  std::string token_file;
  templates::Snippet title;
  templates::Snippet message;
  templates::Snippet url;
  templates::Snippet url_title;
  templates::Snippet device;
  templates::Snippet sound;
  templates::Snippet priority;
  Duration retry = std::chrono::minutes(1);  // An emergency rings this often,
  Duration expire = std::chrono::hours(1);   // for so long.
  Duration ttl{};                            // The vendor removes it after this; 0: never.
  bool html = false;                         // At most one of these two.
  bool monospace = false;
  config::HttpConfig http;
};

// Reads and checks one entry of pushover_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "pushover", a paging one.
Backend Describe();

}  // namespace watchfire::notify::pushover
