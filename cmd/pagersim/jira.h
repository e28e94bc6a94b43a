// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Jira's issues: created, updated, moved through a small workflow and found again, by REST API v2
// (Data Center) and v3 (Cloud). No sockets and no clock; owned by one thread.
//
//     To Do ──Start──> In Progress          any open one ──Resolve──> Done (resolution "Done")
//     Done ──Reopen──> To Do                any open one ──Decline──> Done (resolution "Won't Do")
//
// Of JQL it knows clauses joined by "and": project, labels, statusCategory != Done, resolution and
// resolutiondate as Alertmanager asks for them. Source:
// https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and Data Center's v2.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/json_in.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/json.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

class Jira {
 public:
  static constexpr size_t kIssuesMax = 1000;  // The oldest make room.
  static constexpr size_t kCommentsMax = 100;

  // POST …/search and …/search/jql.
  Reply Search(std::string_view body, WallTime now) const;
  // POST …/issue, PUT …/issue/{key}; `v3` wants documents for descriptions.
  Reply Create(bool v3, std::string_view body);
  Reply Update(bool v3, std::string_view key, std::string_view body);
  // POST …/issue/{key}/comment; `v3` wants a document.
  Reply Comment(bool v3, std::string_view key, std::string_view body);
  // GET and POST …/issue/{key}/transitions.
  Reply Transitions(std::string_view key) const;
  Reply Transit(std::string_view key, std::string_view body, WallTime now);

  // All issues as a JSON array, oldest first.
  void Write(JsonWriter* json) const;

 private:
  struct Issue {
    std::string key, project;
    std::string summary, description, priority, type;
    std::vector<std::string> labels;
    std::string status = "To Do";
    std::string category = "new";
    std::string resolution;
    std::optional<WallTime> resolved;
    uint64_t updates = 0;
    std::vector<std::string> comments;  // At most kCommentsMax; as text, or the document's JSON.
  };

  // Sets the fields that `json` has. Errors: what the API answers.
  static std::optional<Reply> SetFields(const JsonIn& json, bool v3, Issue* issue);
  static Result<bool> Matches(const Issue& issue, std::string_view clause, WallTime now);
  Issue* Find(std::string_view key);
  const Issue* Find(std::string_view key) const;

  std::vector<Issue> issues_;
  uint64_t last_number_ = 0;
};

}  // namespace watchfire::pagersim
