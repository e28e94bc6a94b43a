// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/json.h"

#include <simdjson.h>

#include "pkg/incident/incident.h"

namespace watchfire::incident {
namespace {

// Unset times are null, so that a reader never meets the year 1.
void WriteTime(JsonWriter* json, const char* name, WallTime time) {
  json->Key(name);
  if (time == kNoTime) {
    json->Null();
  } else {
    json->String(FormatRfc3339(time, 9, true));
  }
}

WallTime ReadTime(simdjson::dom::element value) {
  if (value.is_null()) return kNoTime;
  return ParseTime(std::string_view(value)).value_or(kNoTime);
}

std::string Text(simdjson::dom::element value) { return std::string(std::string_view(value)); }

State ReadState(std::string_view name) {
  if (name == "triggered") return State::kTriggered;
  return name == "acknowledged" ? State::kAcknowledged : State::kResolved;
}

void WriteTimeline(JsonWriter* json, const std::vector<Event>& timeline) {
  json->Key("timeline").StartArray();
  for (const Event& event : timeline) {
    json->StartObject();
    WriteTime(json, "at", event.at);
    json->Field("kind", event.kind).Field("actor", event.actor).Field("channel", event.channel);
    json->Field("text", event.text).EndObject();
  }
  json->EndArray();
}

}  // namespace

std::string ToJson(const Incident& incident) {
  JsonWriter json;
  json.StartObject();
  json.Field("id", std::to_string(incident.id)).Field("state", StateName(incident.state));
  json.Field("title", incident.title).Field("severity", incident.severity);
  json.Field("team", incident.team).Field("receiver", incident.receiver);
  json.Field("backend", incident.backend).Field("groupKey", incident.group_key);
  json.Field("entityId", incident.entity_id);
  WriteTime(&json, "startedAt", incident.started_at);
  WriteTime(&json, "detectedAt", incident.detected_at);
  WriteTime(&json, "openedAt", incident.opened_at);
  WriteTime(&json, "pagedAt", incident.paged_at);
  WriteTime(&json, "ackedAt", incident.acked_at);
  WriteTime(&json, "resolvedAt", incident.resolved_at);
  json.Field("ackedBy", incident.acked_by).Field("resolvedBy", incident.resolved_by);
  json.Key("alerts").StartArray();
  for (const std::string& name : incident.alerts) json.String(name);
  json.EndArray();
  WriteTimeline(&json, incident.timeline);
  return json.EndObject().Take();
}

Result<Incident> FromJson(std::string_view text) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const simdjson::dom::element json = parser.parse(padded);
    Incident incident;
    incident.id = std::stoull(Text(json["id"]));
    incident.state = ReadState(std::string_view(json["state"]));
    incident.title = Text(json["title"]);
    incident.severity = Text(json["severity"]);
    incident.team = Text(json["team"]);
    incident.receiver = Text(json["receiver"]);
    incident.backend = Text(json["backend"]);
    incident.group_key = Text(json["groupKey"]);
    incident.entity_id = Text(json["entityId"]);
    incident.started_at = ReadTime(json["startedAt"]);
    incident.detected_at = ReadTime(json["detectedAt"]);
    incident.opened_at = ReadTime(json["openedAt"]);
    incident.paged_at = ReadTime(json["pagedAt"]);
    incident.acked_at = ReadTime(json["ackedAt"]);
    incident.resolved_at = ReadTime(json["resolvedAt"]);
    incident.acked_by = Text(json["ackedBy"]);
    incident.resolved_by = Text(json["resolvedBy"]);
    for (const auto name : simdjson::dom::array(json["alerts"])) {
      incident.alerts.push_back(Text(name));
    }
    for (const auto event : simdjson::dom::array(json["timeline"])) {
      incident.timeline.push_back({ReadTime(event["at"]), Text(event["kind"]), Text(event["actor"]),
                                   Text(event["channel"]), Text(event["text"])});
    }
    return incident;
  } catch (const std::exception& error) {
    return Fail(Code::kCorrupt, std::string("incident record: ") + error.what());
  }
}

}  // namespace watchfire::incident
