// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The VictorOps (Splunk On-Call) receiver: the REST endpoint. One incident per group, CRITICAL
// opens it, RECOVERY closes it; entity_id is the SHA-256 of the group key, so a repeat counts up
// the same incident instead of opening another one. Sources: reference §4.5, the vendor's page
// "REST endpoint integration guide" (help.victorops.com), read 2026-08.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::victorops {

struct Options {
  Secret api_key;  // Exactly one of api_key and api_key_file is set.
  std::string api_key_file;
  std::string api_url;  // Ends with a slash.
  // Templates from here on.
  templates::Snippet routing_key;
  templates::Snippet message_type;  // While anything fires.
  templates::Snippet state_message;
  templates::Snippet entity_display_name;
  templates::Snippet monitoring_tool;
  std::map<std::string, templates::Snippet> custom_fields;
  config::HttpConfig http;
};

// Reads and checks one entry of victorops_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "victorops", a paging one.
Backend Describe();

}  // namespace watchfire::notify::victorops
