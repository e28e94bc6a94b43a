// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Jira answers to a search for an issue and to the question where an issue can go.

#pragma once

#include <optional>
#include <string>

namespace watchfire::notify::jira {

struct Issue {
  std::string key;
  std::string status_category;  // "new", "indeterminate", "done"; empty: not told.
};

// Returns the first issue that a search found, which is the most recently resolved one should there
// be several; its key is empty when there is none. Nothing when `body` is no list of issues.
std::optional<Issue> ReadFound(const std::string& body);

// Returns the number of the transition of that name; nothing when there is none.
std::optional<std::string> TransitionId(const std::string& body, const std::string& name);

}  // namespace watchfire::notify::jira
