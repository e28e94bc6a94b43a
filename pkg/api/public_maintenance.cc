// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/maintenancemode: VictorOps' maintenance mode is a silence here, of routing keys or
// of everything. The vendor's mutes what triggers after it began and runs until it is ended; ours
// mutes what fires, as silences do, and ends by itself after 30 days. A body with teams, startTime
// and endTime, which the real API does not know, is taken as well.

#include <algorithm>
#include <array>

#include "pkg/api/public_victorops.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::api {
namespace {

// Annotations of the silences that are maintenance modes.
constexpr const char* kMark = "victorops_maintenance";  // RoutingKeys or Teams
constexpr const char* kNames = "victorops_names";
constexpr std::chrono::hours kLongest{24 * 30};

bool IsWord(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == ' ' || c == '/' || c == ':' || c == '.';
  });
}

int64_t Millis(WallTime time) { return ToNanos(time) / 1'000'000; }

void WriteInstance(const silence::Silence& silence, JsonWriter* json) {
  const std::string names(silence.annotations.Get(kNames));
  json->StartObject().Field("instanceId", silence.id).Field("startedBy", silence.created_by);
  json->Field("startedAt", Millis(silence.starts_at)).Field("endsAt", Millis(silence.ends_at));
  json->Key("targets").StartArray();
  if (!names.empty()) {
    json->StartObject().Field("type", silence.annotations.Get(kMark)).Key("names").StartArray();
    for (const std::string_view name : Split(names, ',')) json->String(name);
    json->EndArray().EndObject();
  }
  json->EndArray().Field("isGlobal", names.empty()).Field("purpose", silence.comment).EndObject();
}

net::Response Show(const Call& call) {
  const auto view = call.backend.Read(core::kViewSilences);
  if (!view) return PublicError(view.error());
  JsonWriter json;
  json.StartObject().Field("companyId", "watchfire").Key("activeInstances").StartArray();
  for (const silence::Silence& silence : *(*view)->silences) {
    const bool is_over = StateAt(silence, (*view)->at) == silence::State::kExpired;
    if (silence.annotations.Has(kMark) && !is_over) WriteInstance(silence, &json);
  }
  return Json(200, json.EndArray().EndObject().Take());
}

// What is muted: the label has one of the values; without values everything is.
silence::Condition ConditionOf(const std::string& label, const std::vector<std::string>& values) {
  if (values.empty()) return {matcher::Op::kRegex, "alertname", ".+"};
  std::string pattern;
  for (const char c : Join(values, "|"))
    pattern += c == '.' ? std::string("\\.") : std::string(1, c);
  return {matcher::Op::kRegex, label, pattern};
}

Result<silence::Draft> ReadDraft(const Call& call) {
  Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return Fail(json.error());
  const bool by_team = !inbound::ListOf(json->root(), "teams").empty();
  // What is misspelt must not mute everything.
  if (!by_team && !json->root()["names"].is_array()) {
    return InvalidArgument("names must be a list of routing keys; an empty one is everything");
  }
  const std::string type = json->Text("type");
  if (!by_team && !type.empty() && type != "RoutingKeys") {
    return InvalidArgument("type must be RoutingKeys");
  }
  std::vector<std::string> names;
  std::vector<std::string> values;  // Of the label.
  for (const inbound::Element& item : inbound::ListOf(json->root(), by_team ? "teams" : "names")) {
    std::string name = inbound::TextOf(item);
    if (!IsWord(name)) return InvalidArgument("no name of a target: " + GoQuote(name));
    names.push_back(by_team ? name : ToLower(name));
    values.push_back(names.back());
    // The vendor's keys know no case, and come in in lower case; Prometheus' labels are as written.
    if (name != names.back()) values.push_back(std::move(name));
  }
  silence::Draft draft;
  draft.matchers = {ConditionOf(by_team ? "team" : "routing_key", values)};
  draft.starts_at = call.backend.Now();
  draft.ends_at = draft.starts_at + kLongest;
  for (const auto& [member, time] : std::initializer_list<std::pair<const char*, WallTime*>>{
           {"startTime", &draft.starts_at}, {"endTime", &draft.ends_at}}) {
    const std::string text = json->Text(member);
    if (text.empty()) continue;
    // Python's isoformat() of a naive time has no zone: it is taken for UTC.
    Result<WallTime> parsed = ParseTime(text);
    if (!parsed) parsed = ParseTime(text + "Z");
    if (!parsed) return InvalidArgument(std::string(member) + " is no time: " + GoQuote(text));
    *time = *parsed;
  }
  draft.starts_at = std::max(draft.starts_at, call.backend.Now());
  draft.created_by = std::string(call.request.header("X-VO-Api-Id"));
  for (const char* member : {"purpose", "description"}) {
    if (draft.comment.empty()) draft.comment = json->Text(member);
  }
  if (draft.comment.empty()) draft.comment = "maintenance mode";
  draft.annotations =
      labels::LabelSet{{kMark, by_team ? "Teams" : "RoutingKeys"}, {kNames, Join(names, ",")}};
  return draft;
}

}  // namespace

net::Response GetPublicMaintenance(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  return Show(call);
}

net::Response PostPublicMaintenance(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  Result<silence::Draft> draft = ReadDraft(call);
  if (!draft) return PublicError(draft.error());
  core::SilenceCommand command;
  command.what = *std::move(draft);
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return PublicError(reply.error());
  if (!reply->status) return PublicError(reply->status.error());
  return Show(call);
}

net::Response PutPublicMaintenanceEnd(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const auto view = call.backend.Read(core::kViewSilences);
  if (!view) return PublicError(view.error());
  // Other silences are not this API's to end.
  const auto is_it = [&](const silence::Silence& silence) {
    return silence.id == call.params[0] && silence.annotations.Has(kMark);
  };
  if (std::ranges::none_of(*(*view)->silences, is_it)) {
    return PublicError(404, "no maintenance mode " + GoQuote(call.params[0]));
  }
  core::SilenceCommand command;
  command.what = call.params[0];
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return PublicError(reply.error());
  const bool is_ended = reply->status || reply->status.error().code == Code::kConflict;
  return is_ended ? Show(call) : PublicError(reply->status.error());
}

}  // namespace watchfire::api
