// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Jira is asked and told of the issue of a group. Sources: those of jira.h.

#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "pkg/base/result.h"
#include "pkg/notify/jira/jira.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::jira {

// The vendor's limits, in characters.
inline constexpr size_t kSummaryRunesMax = 255;
inline constexpr size_t kDescriptionRunesMax = 32'767;

using Fields = std::map<std::string, std::string>;  // Of an issue; values are JSON.

// Returns the fields of the issue that has `label`. Errors: those of the templates, naming the
// field, and kInvalidArgument for a description that is JSON to API v3 and is none.
Result<Fields> IssueFields(const Options& options, const std::string& project,
                           const std::string& label, Rendering* message);

// {"fields":{…}} with a final newline.
std::string ToJson(const Fields& fields);

// A comment on an issue, with a final newline.
std::string CommentJson(const Options& options, const std::string& text);

// Where issues are searched for: the cloud has a search of its own, in v3 only.
std::string SearchUrl(const Options& options);
// The search for the issue that has `label`, with a final newline.
// Source: Alertmanager jira.searchExistingIssue.
std::string SearchJson(const Options& options, const std::string& project, const std::string& label,
                       bool firing);

}  // namespace watchfire::notify::jira
