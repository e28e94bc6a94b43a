// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/pagerduty_log.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kLimit = 25;  // The vendor's.
constexpr size_t kLimitMax = 100;

std::string Padded(const char* prefix, uint64_t number, size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return prefix + text;
}

size_t NumberIn(const std::string& text, size_t fallback) {
  size_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size() ? number : fallback;
}

void Write(const PagerDutyLog::Entry& entry, bool has_incidents, JsonWriter* json) {
  json->StartObject().Field("id", Padded("R0SIM", entry.number, 20));
  json->Field("type", entry.type + "_log_entry").Field("created_at", FormatRfc3339(entry.at, 0));
  json->Key("agent").StartObject();
  json->Field("type", entry.user.empty() ? "service_reference" : "user_reference");
  json->Field("id", entry.user.empty() ? "PSVC001" : "PUSER01");
  json->Field("summary", entry.user.empty() ? "Watchfire Service" : entry.user).EndObject();
  json->Key("channel").StartObject().Field("type", entry.type == "annotate" ? "note" : "api");
  if (!entry.text.empty()) json->Field("content", entry.text);
  json->EndObject();
  // Without include[]=incidents there is only a reference.
  json->Key("incident").StartObject().Field("id", Padded("PSIM", entry.incident, 3));
  json->Field("type", has_incidents ? "incident" : "incident_reference");
  if (has_incidents) {
    json->Field("incident_key", entry.dedup_key).Key("resolve_reason").Null();
  }
  json->EndObject().EndObject();
}

}  // namespace

void PagerDutyLog::Add(Entry entry) {
  entry.number = ++last_number_;
  entries_.push_back(std::move(entry));
  if (entries_.size() > kEntriesMax) entries_.pop_front();
}

Reply PagerDutyLog::List(const Parameter& parameter) const {
  const auto time = [&](const char* name, WallTime fallback) {
    const std::string text = parameter(name);
    return text.empty() ? Result<WallTime>(fallback) : ParseTime(text);
  };
  const Result<WallTime> since = time("since", WallTime::min());
  const Result<WallTime> until = time("until", WallTime::max());
  if (!since || !until) {
    return {400, R"({"error":{"message":"Invalid Input Provided","code":2001,"errors":["since )"
                 R"(and until must be times"]}})"};
  }
  const size_t limit = std::clamp<size_t>(NumberIn(parameter("limit"), kLimit), 1, kLimitMax);
  const size_t offset = NumberIn(parameter("offset"), 0);
  const bool has_incidents = parameter("include[]").find("incidents") != std::string::npos;
  size_t place = 0;
  JsonWriter json;
  json.StartObject().Key("log_entries").StartArray();
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->at < *since || entry->at > *until) continue;
    if (place >= offset && place - offset < limit) Write(*entry, has_incidents, &json);
    ++place;
  }
  json.EndArray().Field("limit", static_cast<int64_t>(limit));
  json.Field("offset", static_cast<int64_t>(offset)).Field("more", place > offset + limit);
  return {200, json.Key("total").Null().EndObject().Take()};
}

}  // namespace watchfire::pagersim
