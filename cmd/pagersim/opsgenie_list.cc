// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Opsgenie's alerts show of themselves to who polls: the list, and the notes of one.

#include <algorithm>
#include <charconv>

#include "cmd/pagersim/opsgenie.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kLimit = 20;  // The vendor's.
constexpr size_t kLimitMax = 100;

size_t NumberIn(const std::string& text, size_t fallback) {
  size_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size() ? number : fallback;
}

int64_t MillisBetween(WallTime from, WallTime to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

}  // namespace

Reply Opsgenie::List(const Parameter& parameter, WallTime now) {
  Tick(now);
  std::vector<const Alert*> found;
  for (const Alert& alert : alerts_) found.push_back(&alert);
  const bool by_update = parameter("sort") == "updatedAt";
  std::ranges::stable_sort(found, [&](const Alert* a, const Alert* b) {
    return by_update ? a->updated > b->updated : a->created > b->created;
  });
  if (parameter("order") == "asc") std::ranges::reverse(found);
  const size_t limit = std::clamp<size_t>(NumberIn(parameter("limit"), kLimit), 1, kLimitMax);
  const size_t offset = std::min(NumberIn(parameter("offset"), 0), found.size());
  JsonWriter json;
  json.StartObject().Key("data").StartArray();
  for (size_t i = offset; i < std::min(offset + limit, found.size()); ++i) {
    WriteShown(*found[i], &json);
  }
  json.EndArray().Key("paging").StartObject().EndObject().Field("took", 0.001);
  return {200, json.Field("requestId", "sim").EndObject().Take()};
}

void Opsgenie::WriteShown(const Alert& alert, JsonWriter* json) const {
  json->StartObject().Field("id", IdOf(alert.number));
  json->Field("tinyId", std::to_string(alert.number)).Field("alias", alert.alias);
  json->Field("message", alert.message).Field("status", alert.open ? "open" : "closed");
  json->Field("acknowledged", alert.acknowledged).Field("priority", alert.priority);
  json->Field("count", static_cast<int64_t>(alert.count));
  json->Field("createdAt", FormatRfc3339(alert.created));
  json->Field("updatedAt", FormatRfc3339(alert.updated)).Key("report").StartObject();
  if (!alert.acked_by.empty()) {
    json->Field("ackTime", MillisBetween(alert.created, alert.acked));
    json->Field("acknowledgedBy", alert.acked_by);
  }
  if (!alert.closed_by.empty()) {
    json->Field("closeTime", MillisBetween(alert.created, alert.closed));
    json->Field("closedBy", alert.closed_by);
  }
  json->EndObject().EndObject();
}

Reply Opsgenie::Notes(std::string_view id, std::string_view identifier_type, WallTime now) {
  Tick(now);
  const Alert* alert = Find(id, identifier_type);
  if (alert == nullptr) return Refuse(404, "Alert does not exist");
  JsonWriter json;
  json.StartObject().Key("data").StartArray();
  for (auto note = alert->dated_notes.rbegin(); note != alert->dated_notes.rend(); ++note) {
    json.StartObject().Field("note", note->text).Field("owner", note->user);
    json.Field("createdAt", FormatRfc3339(note->at));
    json.Field("offset", std::to_string(ToNanos(note->at))).EndObject();
  }
  json.EndArray().Key("paging").StartObject().EndObject().Field("took", 0.001);
  return {200, json.Field("requestId", "sim").EndObject().Take()};
}

Reply Opsgenie::Do(const PersonAct& act, WallTime now) {
  const auto alert = std::ranges::find(alerts_, act.number, &Alert::number);
  if (alert == alerts_.end()) return {404, JsonError("not_found", "no such alert")};
  if (act.verb != PersonAct::Verb::kNote && !alert->open) {
    return {409, JsonError("conflict", "it is closed")};
  }
  Touch(*alert, act, now);
  return {200, "{}"};
}

void Opsgenie::Touch(Alert& alert, const PersonAct& act, WallTime now) {
  alert.updated = now;
  switch (act.verb) {
    case PersonAct::Verb::kAcknowledge:
      // The report knows the first one only.
      if (alert.acked_by.empty()) {
        alert.acked = now;
        alert.acked_by = act.user;
      }
      alert.acknowledged = true;
      break;
    case PersonAct::Verb::kResolve:
      alert.open = false;
      alert.closed = now;
      alert.closed_by = act.user;
      break;
    case PersonAct::Verb::kNote:
      alert.dated_notes.push_back({act.user, act.text, now});
      if (alert.dated_notes.size() > kNotesMax) alert.dated_notes.pop_front();
      break;
  }
}

}  // namespace watchfire::pagersim
