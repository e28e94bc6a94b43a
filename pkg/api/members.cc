// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/members.h"

#include <algorithm>

#include <simdjson.h>

#include "pkg/alert/json_fault.h"
#include "pkg/base/strings.h"

namespace watchfire::api {

Result<Members> ReadMembers(const std::string& body, std::vector<std::string> known,
                            const std::vector<std::string>& flags) {
  known.insert(known.begin(), {"actor", "note"});
  known.insert(known.end(), flags.begin(), flags.end());
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.parse(body).get(object); error != simdjson::SUCCESS) {
    return InvalidArgument(
        "the body must be a JSON object such as {\"actor\": \"ada\", \"note\": \"on it\"}: " +
        alert::DescribeJsonFault(body, simdjson::error_message(error)));
  }
  Members members;
  for (const auto& [key, value] : object) {
    if (std::ranges::find(known, key) == known.end()) {
      return InvalidArgument("unknown member " + GoQuote(key) + ": " + Join(known, ", ") +
                             " are known");
    }
    std::string_view text;
    bool flag = false;
    if (std::ranges::find(flags, key) != flags.end()) {
      if (value.get(flag) != simdjson::SUCCESS) {
        return InvalidArgument(std::string(key) + " must be true or false");
      }
      text = flag ? "true" : "false";
    } else if (value.get(text) != simdjson::SUCCESS) {
      return InvalidArgument(std::string(key) + " must be a string");
    }
    members[std::string(key)] = text;
  }
  return members;
}

std::string MemberOf(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

Result<WallTime> InstantOf(const Members& members, std::string_view name) {
  const std::string text = MemberOf(members, name);
  if (text.empty()) return kNoTime;
  const Result<WallTime> at = ParseTime(text);
  if (at) return *at;
  return InvalidArgument(std::string(name) + " must be a time such as 2026-08-22T14:00:00Z, not " +
                         GoQuote(text));
}

Result<Duration> SpanOf(const Members& members, std::string_view name) {
  const std::string text = MemberOf(members, name);
  if (text.empty()) return Duration::zero();
  const Result<Duration> span = ParseDuration(text);
  if (span && *span > Duration::zero()) return *span;
  return InvalidArgument(std::string(name) + " must be a duration such as 2h30m, not " +
                         GoQuote(text));
}

}  // namespace watchfire::api
