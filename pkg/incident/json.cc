// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Incidents as text. Records of versions that knew neither cycles, holds nor merges lack those
// members: what they must have been follows from the others.

#include "pkg/base/json.h"

#include <stdexcept>
#include <string_view>

#include <simdjson.h>

#include "pkg/incident/incident.h"

namespace watchfire::incident {
namespace {

using simdjson::dom::element;

// Unset times are null, so that a reader never meets the year 1.
void WriteTime(JsonWriter* json, const char* name, WallTime time) {
  json->Key(name);
  if (time == kNoTime) {
    json->Null();
  } else {
    json->String(FormatRfc3339(time, 9, true));
  }
}

WallTime ReadTime(element value) {
  if (value.is_null()) return kNoTime;
  return ParseTime(std::string_view(value)).value_or(kNoTime);
}

std::string Text(element value) { return std::string(std::string_view(value)); }

// The member's value, or nothing when it is absent or null.
std::optional<element> Maybe(element json, std::string_view name) {
  element value;
  if (json[name].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::string MaybeText(element json, std::string_view name) {
  const std::optional<element> value = Maybe(json, name);
  return value ? Text(*value) : std::string();
}

uint64_t ReadId(element value) { return std::stoull(Text(value)); }

// 0 when it is absent.
uint64_t ReadNumber(element json, std::string_view name) {
  const std::optional<element> value = Maybe(json, name);
  return value ? uint64_t(*value) : 0;
}

void WriteTexts(JsonWriter* json, const char* name, const std::vector<std::string>& texts) {
  json->Key(name).StartArray();
  for (const std::string& text : texts) json->String(text);
  json->EndArray();
}

void WriteMap(JsonWriter* json, const char* name, const std::map<std::string, std::string>& map) {
  json->Key(name).StartObject();
  for (const auto& [key, value] : map) json->Field(key, value);
  json->EndObject();
}

std::map<std::string, std::string> ReadMap(element json, std::string_view name) {
  std::map<std::string, std::string> map;
  if (const std::optional<element> value = Maybe(json, name)) {
    for (const auto& [key, text] : simdjson::dom::object(*value)) map.emplace(key, Text(text));
  }
  return map;
}

void WriteHold(JsonWriter* json, const char* name, const std::optional<Hold>& hold) {
  json->Key(name);
  if (!hold) {
    json->Null();
    return;
  }
  json->StartObject().Field("by", hold->by);
  WriteTime(json, "since", hold->since);
  WriteTime(json, "until", hold->until);
  WriteTime(json, "remindAt", hold->remind_at);
  if (hold->is_automatic) json->Field("automatic", true);
  json->EndObject();
}

std::optional<Hold> ReadHold(element json, std::string_view name) {
  const std::optional<element> value = Maybe(json, name);
  if (!value) return std::nullopt;
  return Hold{Text((*value)["by"]), ReadTime((*value)["since"]), ReadTime((*value)["until"]),
              ReadTime((*value)["remindAt"]), Maybe(*value, "automatic").has_value()};
}

void WriteVerdict(JsonWriter* json, const std::optional<Verdict>& verdict) {
  json->Key("classification");
  if (!verdict) {
    json->Null();
    return;
  }
  json->StartObject().Field("as", OutcomeName(verdict->outcome)).Field("by", verdict->by);
  json->Field("rule", verdict->rule);
  WriteTime(json, "at", verdict->at);
  json->Field("reason", verdict->reason).EndObject();
}

std::optional<Verdict> ReadVerdict(element json) {
  const std::optional<element> value = Maybe(json, "classification");
  if (!value) return std::nullopt;
  const std::optional<Outcome> outcome = ParseOutcome(std::string_view((*value)["as"]));
  if (!outcome) throw std::runtime_error("unknown classification");
  return Verdict{*outcome, Text((*value)["by"]), Text((*value)["rule"]), ReadTime((*value)["at"]),
                 Text((*value)["reason"])};
}

// null: no target ever held, and nobody has answered.
void WriteResponse(JsonWriter* json, const Response& response) {
  json->Key("response");
  if (response == Response()) {
    json->Null();
    return;
  }
  json->StartObject();
  WriteTime(json, "dueAt", response.due_at);
  WriteTime(json, "answeredAt", response.answered_at);
  json->Key("met");
  response.is_met ? json->Bool(*response.is_met) : json->Null();
  json->EndObject();
}

void ReadResponse(element json, Response* response) {
  const std::optional<element> value = Maybe(json, "response");
  if (!value) return;
  response->due_at = ReadTime((*value)["dueAt"]);
  response->answered_at = ReadTime((*value)["answeredAt"]);
  if (const std::optional<element> met = Maybe(*value, "met")) response->is_met = bool(*met);
}

// null: none is wanted, and nobody has written one.
void WritePostmortem(JsonWriter* json, const Postmortem& postmortem) {
  json->Key("postmortem");
  if (postmortem == Postmortem()) {
    json->Null();
    return;
  }
  json->StartObject().Field("status", PostmortemStatusName(postmortem.status));
  WriteTime(json, "dueAt", postmortem.due_at);
  json->Field("by", postmortem.by);
  WriteTime(json, "at", postmortem.at);
  json->EndObject();
}

void ReadPostmortem(element json, Postmortem* postmortem) {
  const std::optional<element> value = Maybe(json, "postmortem");
  if (!value) return;
  const auto status = ParsePostmortemStatus(std::string_view((*value)["status"]));
  if (!status) throw std::runtime_error("unknown status of the post-mortem");
  *postmortem = {ReadTime((*value)["dueAt"]), *status, Text((*value)["by"]),
                 ReadTime((*value)["at"])};
}

void WriteGroups(JsonWriter* json, const Incident& incident) {
  json->Key("groups").StartArray();
  for (const Group& group : incident.groups) {
    json->StartObject().Field("receiver", group.receiver).Field("groupKey", group.group_key);
    json->Field("entityId", group.entity_id).Field("alerts", static_cast<int64_t>(group.alerts));
    json->EndObject();
  }
  json->EndArray().Key("mergedInto");
  incident.merged_into == 0 ? json->Null() : json->String(std::to_string(incident.merged_into));
  json->Key("merged").StartArray();
  for (const uint64_t id : incident.merged) json->String(std::to_string(id));
  json->EndArray();
}

void ReadGroups(element json, Incident* incident) {
  if (const std::optional<element> into = Maybe(json, "mergedInto")) {
    incident->merged_into = ReadId(*into);
  }
  if (const std::optional<element> merged = Maybe(json, "merged")) {
    for (const element id : simdjson::dom::array(*merged)) incident->merged.push_back(ReadId(id));
  }
  if (const std::optional<element> groups = Maybe(json, "groups")) {
    for (const element group : simdjson::dom::array(*groups)) {
      incident->groups.push_back({Text(group["receiver"]), Text(group["groupKey"]),
                                  Text(group["entityId"]), ReadNumber(group, "alerts")});
    }
  } else if (IsOpen(incident->state)) {
    incident->groups = {{incident->receiver, incident->group_key, incident->entity_id}};
  }
}

void WriteCycle(JsonWriter* json, const Incident& incident) {
  json->Key("reopenedAt").StartArray();
  for (const WallTime at : incident.reopened) json->String(FormatRfc3339(at, 9, true));
  json->EndArray().Key("cycle").StartObject().Field("number", incident.cycle);
  WriteTime(json, "since", incident.cycle_at);
  WriteTime(json, "pagedAt", incident.cycle_paged_at);
  WriteTime(json, "ackedAt", incident.cycle_acked_at);
  json->EndObject();
}

void ReadCycle(element json, Incident* incident) {
  if (const std::optional<element> reopened = Maybe(json, "reopenedAt")) {
    for (const element at : simdjson::dom::array(*reopened)) {
      incident->reopened.push_back(ReadTime(at));
    }
  }
  if (const std::optional<element> cycle = Maybe(json, "cycle")) {
    incident->cycle = static_cast<int>(int64_t((*cycle)["number"]));
    incident->cycle_at = ReadTime((*cycle)["since"]);
    incident->cycle_paged_at = ReadTime((*cycle)["pagedAt"]);
    incident->cycle_acked_at = ReadTime((*cycle)["ackedAt"]);
  } else {
    incident->cycle_at = incident->opened_at;
    incident->cycle_paged_at = incident->paged_at;
    incident->cycle_acked_at = incident->acked_at;
  }
}

// Who it belongs to, and how grave it is.
void ReadCare(element json, const config::Incidents& terms, Incident* incident) {
  incident->ack = ReadHold(json, "ack");
  incident->snooze = ReadHold(json, "snooze");
  incident->owner = MaybeText(json, "owner");
  if (incident->state == State::kAcknowledged && !incident->ack) {
    incident->ack = Hold{incident->acked_by, incident->acked_at, kNoTime, kNoTime};
    incident->owner = incident->acked_by;
  }
  incident->level = MaybeText(json, "level");
  if (incident->level.empty()) incident->level = LevelOf(incident->severity, terms);
  incident->level_by = MaybeText(json, "levelSetBy");
  incident->roles = ReadMap(json, "roles");
  incident->links = ReadMap(json, "links");
  incident->verdict = ReadVerdict(json);
}

void WriteTimeline(JsonWriter* json, const std::vector<Event>& timeline) {
  json->Key("timeline").StartArray();
  for (const Event& event : timeline) {
    json->StartObject();
    WriteTime(json, "at", event.at);
    json->Field("kind", event.kind).Field("actor", event.actor).Field("channel", event.channel);
    json->Field("text", event.text);
    if (event.is_automatic) json->Field("automatic", true);
    if (event.ended_at != kNoTime) WriteTime(json, "endedAt", event.ended_at);
    json->EndObject();
  }
  json->EndArray();
}

Incident ReadIncident(element json, const config::Incidents& terms) {
  Incident incident;
  incident.id = ReadId(json["id"]);
  const std::optional<State> state = ParseState(std::string_view(json["state"]));
  if (!state) throw std::runtime_error("unknown state");
  incident.state = *state;
  incident.title = Text(json["title"]);
  incident.severity = Text(json["severity"]);
  incident.team = Text(json["team"]);
  incident.receiver = Text(json["receiver"]);
  incident.backend = Text(json["backend"]);
  incident.group_key = Text(json["groupKey"]);
  incident.entity_id = Text(json["entityId"]);
  incident.started_at = ReadTime(json["startedAt"]);
  if (const std::optional<element> is_known = Maybe(json, "startKnown")) {
    incident.is_start_known = bool(*is_known);
  }
  incident.detected_at = ReadTime(json["detectedAt"]);
  incident.is_by_human = MaybeText(json, "detectedBy") == DetectedBy(true);
  if (const std::optional<element> is_test = Maybe(json, "test")) incident.is_test = bool(*is_test);
  incident.opened_at = ReadTime(json["openedAt"]);
  incident.paged_at = ReadTime(json["pagedAt"]);
  incident.acked_at = ReadTime(json["ackedAt"]);
  incident.resolved_at = ReadTime(json["resolvedAt"]);
  const std::optional<element> ended_at = Maybe(json, "endedAt");
  incident.ended_at = ended_at ? ReadTime(*ended_at) : incident.resolved_at;
  incident.acked_by = Text(json["ackedBy"]);
  incident.resolved_by = Text(json["resolvedBy"]);
  incident.resolved_how = MaybeText(json, "resolvedHow");
  if (const std::optional<element> at = Maybe(json, "countsAt")) incident.counts_at = ReadTime(*at);
  incident.service = MaybeText(json, "service");
  incident.correlation = MaybeText(json, "correlation");
  if (const std::optional<element> at = Maybe(json, "mitigatedAt")) {
    incident.mitigated_at = ReadTime(*at);
  }
  incident.mitigated_by = MaybeText(json, "mitigatedBy");
  incident.past_alerts = ReadNumber(json, "pastAlerts");
  ReadResponse(json, &incident.response);
  ReadPostmortem(json, &incident.postmortem);
  ReadCare(json, terms, &incident);
  ReadGroups(json, &incident);
  ReadCycle(json, &incident);
  for (const element name : simdjson::dom::array(json["alerts"])) {
    incident.alerts.push_back(Text(name));
  }
  if (const std::optional<element> names = Maybe(json, "alertsWithoutRunbook")) {
    incident.bare_alerts.emplace();
    for (const element name : simdjson::dom::array(*names)) {
      incident.bare_alerts->push_back(Text(name));
    }
  }
  incident.dropped_events = ReadNumber(json, "droppedEvents");
  for (const element event : simdjson::dom::array(json["timeline"])) {
    incident.timeline.push_back({ReadTime(event["at"]), Text(event["kind"]), Text(event["actor"]),
                                 Text(event["channel"]), Text(event["text"]),
                                 Maybe(event, "automatic").has_value()});
    if (const std::optional<element> at = Maybe(event, "endedAt")) {
      incident.timeline.back().ended_at = ReadTime(*at);
    }
  }
  // What the clock relies on, whoever wrote the record.
  if (incident.ack.has_value() != (incident.state == State::kAcknowledged) ||
      incident.snooze.has_value() != (incident.state == State::kSnoozed)) {
    throw std::runtime_error("state and hold do not fit");
  }
  if (!IsOpen(incident.state) && !incident.response.is_met) incident.response.due_at = kNoTime;
  if (incident.counts_at != kNoTime && incident.state != State::kResolved) {
    throw std::runtime_error("the end of what has none cannot count");
  }
  return incident;
}

}  // namespace

std::string ToJson(const Incident& incident) {
  JsonWriter json;
  json.StartObject();
  json.Field("id", std::to_string(incident.id)).Field("state", StateName(incident.state));
  json.Field("title", incident.title).Field("severity", incident.severity);
  json.Field("level", incident.level).Field("levelSetBy", incident.level_by);
  json.Field("team", incident.team).Field("service", incident.service);
  json.Field("owner", incident.owner).Field("receiver", incident.receiver);
  json.Field("backend", incident.backend).Field("groupKey", incident.group_key);
  json.Field("entityId", incident.entity_id).Field("correlation", incident.correlation);
  WriteTime(&json, "startedAt", incident.started_at);
  if (incident.is_start_known) json.Field("startKnown", *incident.is_start_known);
  WriteTime(&json, "detectedAt", incident.detected_at);
  json.Field("detectedBy", DetectedBy(incident.is_by_human)).Field("test", incident.is_test);
  WriteTime(&json, "openedAt", incident.opened_at);
  WriteTime(&json, "pagedAt", incident.paged_at);
  WriteTime(&json, "ackedAt", incident.acked_at);
  WriteTime(&json, "mitigatedAt", incident.mitigated_at);
  WriteTime(&json, "endedAt", incident.ended_at);
  WriteTime(&json, "resolvedAt", incident.resolved_at);
  json.Field("ackedBy", incident.acked_by).Field("mitigatedBy", incident.mitigated_by);
  json.Field("resolvedBy", incident.resolved_by);
  json.Field("resolvedHow", incident.resolved_how);
  WriteTime(&json, "countsAt", incident.counts_at);
  WriteHold(&json, "ack", incident.ack);
  WriteHold(&json, "snooze", incident.snooze);
  WriteVerdict(&json, incident.verdict);
  WriteResponse(&json, incident.response);
  WritePostmortem(&json, incident.postmortem);
  WriteMap(&json, "roles", incident.roles);
  WriteMap(&json, "links", incident.links);
  WriteGroups(&json, incident);
  WriteCycle(&json, incident);
  WriteTexts(&json, "alerts", incident.alerts);
  if (incident.bare_alerts) WriteTexts(&json, "alertsWithoutRunbook", *incident.bare_alerts);
  json.Field("alertCount", static_cast<int64_t>(incident.alert_count()));
  json.Field("pastAlerts", static_cast<int64_t>(incident.past_alerts));
  json.Field("droppedEvents", static_cast<int64_t>(incident.dropped_events));
  WriteTimeline(&json, incident.timeline);
  return json.EndObject().Take();
}

Result<Incident> FromJson(std::string_view text, const config::Incidents& terms) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    return ReadIncident(parser.parse(padded), terms);
  } catch (const std::exception& error) {
    return Fail(Code::kCorrupt, std::string("incident record: ") + error.what());
  }
}

}  // namespace watchfire::incident
