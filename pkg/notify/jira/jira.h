// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Jira receiver: one issue per group, found again by its label ALERT{SHA-256 of the group key}.
//
//     search ──none──> create                                              (nothing if resolved)
//        └────found──> update ──> transitions ──> transition   (reopen or resolve, if called for)
//
// An end that is told as an update (of a ticket that automation created, Notification::update)
// writes a comment in the place of the fields.
//
// An issue may be created twice when the answer to the create is lost and the search does not know
// it yet, so the next attempt waits a little. Unlike Alertmanager, which gives up until the next
// flush when no answer comes, and which fails to resolve when no resolve_transition is configured;
// here the issue is then updated and stays open.
//
// With API v3 the description must be a document (ADF): JSON is sent as it is, and any other text,
// which Alertmanager refuses, becomes one paragraph per line.
// Sources: reference §4.14; https://developer.atlassian.com/cloud/jira/platform/rest/v3/ (issues,
// search, transitions), .../document/structure/ (ADF).

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/template_tree.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::jira {

enum class ApiType {
  kAuto,
  kCloud,
  kDataCenter
};  // kAuto: the cloud's when the host is Atlassian.

struct Text {
  templates::Snippet text;
  bool enable_update = true;  // Else an issue keeps what it was created with.
};

struct Options {
  std::string api_url;  // With the REST path: https://x.atlassian.net/rest/api/3. No final slash.
  ApiType api_type = ApiType::kAuto;
  templates::Snippet project;
  templates::Snippet issue_type;
  Text summary;
  Text description;
  std::vector<templates::Snippet> labels;
  bool update_labels = true;                   // Else people and rules may add and remove some.
  templates::Snippet priority;                 // Left out when it renders empty.
  std::string reopen_transition;               // Names as the API has them, in English.
  std::string resolve_transition;              // Empty: resolved issues stay open.
  std::string wont_fix_resolution;             // Issues resolved like this are no match.
  Duration reopen_duration{};                  // How long a closed issue can be reopened; 0: never.
  std::optional<config::TemplateTree> fields;  // A mapping; wins over all of the above.
  config::HttpConfig http;
};

// Reads and checks one entry of jira_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "jira", which does not page.
Backend Describe();

}  // namespace watchfire::notify::jira
