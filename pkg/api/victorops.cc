// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/victorops.h"

#include <charconv>
#include <initializer_list>
#include <optional>

#include <simdjson.h>

#include "pkg/alert/json_fault.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// Looks up members of the payload by any of several names.
class Payload {
 public:
  explicit Payload(std::string_view text) : text_(text) {
    whole_ = parser_.parse(text.data(), text.size()).get(object_) == simdjson::SUCCESS;
  }

  bool whole() const { return whole_; }  // It is a JSON object.

  // The first of them that says something.
  std::string Find(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      std::string value = whole_ ? Member(name) : Scan(name);
      if (!value.empty() && !value.starts_with("${{")) return value;
    }
    return "";
  }

 private:
  std::string Member(std::string_view name) const {
    simdjson::dom::element value;
    if (object_[name].get(value) != simdjson::SUCCESS || value.is_null()) return "";
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return simdjson::minify(value);
  }

  // Finds `"name" : value` in text that is no JSON. A quoted value ends with the quote that a comma
  // and the next name follow, or the closing brace: quotes before that belong to it.
  std::string Scan(std::string_view name) const {
    const std::string quoted = "\"" + std::string(name) + "\"";
    size_t at = text_.find(quoted);
    if (at == std::string_view::npos) return "";
    at = text_.find_first_not_of(kBlanks, at + quoted.size());
    if (at == std::string_view::npos || text_[at] != ':') return "";
    at = text_.find_first_not_of(kBlanks, at + 1);
    if (at == std::string_view::npos) return "";
    if (text_[at] != '"') {
      const std::string_view word = text_.substr(at, text_.find_first_of(",} \t\r\n", at) - at);
      return word == "null" ? "" : std::string(word);
    }
    for (size_t end = text_.find('"', at + 1); end != std::string_view::npos;
         end = text_.find('"', end + 1)) {
      if (EndsMember(end + 1)) return std::string(text_.substr(at + 1, end - at - 1));
    }
    return std::string(text_.substr(at + 1));
  }

  bool EndsMember(size_t at) const {
    at = text_.find_first_not_of(kBlanks, at);
    if (at == std::string_view::npos || text_[at] == '}') return true;
    if (text_[at] != ',') return false;
    at = text_.find_first_not_of(kBlanks, at + 1);
    return at != std::string_view::npos && text_[at] == '"';
  }

  std::string_view text_;
  bool whole_ = false;
  simdjson::dom::parser parser_;
  simdjson::dom::object object_;
};

// Milliseconds since 1970, 0 where there was none.
WallTime MillisIn(const std::string& text) {
  constexpr int64_t kLeast = 100'000'000'000;  // 1973: less is no such time.
  constexpr int64_t kMost = 9'000'000'000'000;
  int64_t millis = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), millis);
  const bool is_whole = error == std::errc() && stop == text.data() + text.size();
  return is_whole && millis >= kLeast && millis < kMost ? FromNanos(millis * 1'000'000) : kNoTime;
}

}  // namespace

Result<VictorOpsNews> ParseVictorOps(std::string_view body) {
  const Payload payload(body);
  VictorOpsNews news;
  news.entity_id = payload.Find({"STATE.ENTITY_ID", "ALERT.entity_id", "entity_id"});
  news.phase = payload.Find({"STATE.CURRENT_ALERT_PHASE", "INCIDENT.CURRENT_PHASE", "phase"});
  const bool resolved = news.phase == "RESOLVED";
  news.user = resolved ? payload.Find({"STATE.RESOLVED_BY", "resolved_by"})
                       : payload.Find({"STATE.ACK_USER", "STATE.ACKED_BY", "ack_user"});
  news.at = MillisIn(resolved ? payload.Find({"STATE.RESOLVED_AT", "resolved_ts"})
                              : payload.Find({"STATE.ACK_TIMESTAMP", "STATE.ACKED_AT", "ack_ts"}));
  news.note = payload.Find({"STATE.ACK_MSG", "ack_msg"});
  if (!payload.whole() && (news.entity_id.empty() || news.phase.empty())) {
    return InvalidArgument(
        "the body must be a JSON object with VictorOps' default members, or with entity_id, phase "
        "and ack_user: " +
        alert::DescribeJsonFault(body, "no object"));
  }
  return news;
}

}  // namespace watchfire::api
