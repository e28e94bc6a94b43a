// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Opsgenie receiver, and with another api_url that of Jira Service Management, which speaks the
// same. One alert per group: create opens it or counts it up, close ends it; its alias is the
// SHA-256 of the group key.
//
// The API answers 202 before it has done anything, so every request is followed up: after 1, 2 and
// 4 s its status is asked for, until there is one. The next request waits for that, or a create
// right behind a close could vanish with the alert that is being closed.
//
//     create ──> status … ──> message ──> status … ──> description ──> status …   (update_alerts)
//     close  ──> status …
//
// What is not processed by then is sent again: the alias folds it into the same alert. A key that
// may not read, or a gateway that knows no request status, leaves it at the 202.
// Sources: reference §4.4 and paging-backends §2.1;
// https://docs.opsgenie.com/docs/alert-api, "Get request status", read 2026-08.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::opsgenie {

struct Responder {
  templates::Snippet id, name, username;  // One that renders empty as a whole is left out.
  templates::Snippet type;                // "teams": as many as there are commas in the name.
};

// Templates but for the last four.
struct Options {
  templates::Snippet api_key;  // Exactly one of api_key and api_key_file is set.
  templates::Snippet message;
  templates::Snippet description;
  templates::Snippet source;
  templates::Snippet tags;     // With commas between them.
  templates::Snippet actions;  // With commas between them.
  templates::Snippet note;
  templates::Snippet priority;
  templates::Snippet entity;
  std::map<std::string, templates::Snippet> details;  // Win over the common labels.
  std::vector<Responder> responders;
  std::string api_key_file;
  std::string api_url;  // Ends with a slash.
  bool update_alerts = false;
  config::HttpConfig http;
};

// Reads and checks one entry of opsgenie_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "opsgenie", a paging one.
Backend Describe();

}  // namespace watchfire::notify::opsgenie
