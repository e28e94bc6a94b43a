// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/jira/answer.h"

#include <string_view>
#include <tuple>

#include <simdjson.h>

#include "pkg/notify/json_post.h"

namespace watchfire::notify::jira {

std::optional<Issue> ReadFound(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::array issues;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json["issues"].get(issues) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return Issue{AnswerText(body, "/issues/0/key").value_or(""),
               AnswerText(body, "/issues/0/fields/status/statusCategory/key").value_or("")};
}

std::optional<std::string> TransitionId(const std::string& body, const std::string& name) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::array transitions;
  if (parser.parse(simdjson::padded_string(body)).get(json) != simdjson::SUCCESS ||
      json["transitions"].get(transitions) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (const simdjson::dom::element transition : transitions) {
    std::string_view text;
    if (transition["name"].get(text) != simdjson::SUCCESS || text != name) continue;
    std::string_view id;
    std::ignore = transition["id"].get(id);
    return std::string(id);
  }
  return std::nullopt;
}

}  // namespace watchfire::notify::jira
