// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/victorops.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

struct Limit {
  std::string_view field;
  size_t runes_max;
};

// Documented lengths; kOtherMax holds for every other field.
constexpr Limit kLimits[] = {
    {"entity_id", 512}, {"entity_display_name", 1024}, {"state_message", 20480}};
constexpr size_t kAnnotationMax = 1124;
constexpr size_t kOtherMax = 1024;

size_t MaxRunes(std::string_view field) {
  if (field.starts_with("vo_annotate.")) return kAnnotationMax;
  const auto* limit = std::ranges::find(kLimits, field, &Limit::field);
  return limit == std::end(kLimits) ? kOtherMax : limit->runes_max;
}

// Returns the value of a string field, "" if it is absent or something else.
std::string Text(const object& message, std::string_view field) {
  std::string_view text;
  return message[field].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string FirstOf(const std::string& a, const std::string& b) { return a.empty() ? b : a; }

MessageType ParseType(std::string_view text) {
  const std::string type = ToLower(text);
  if (type == "critical") return MessageType::kCritical;
  if (type == "warning") return MessageType::kWarning;
  if (type == "acknowledgement") return MessageType::kAcknowledgement;
  if (type == "recovery" || type == "ok") return MessageType::kRecovery;
  return MessageType::kInfo;
}

bool IsRoutingKey(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// The parser owns what the object refers to, so the two are kept together by the caller.
Result<object> ParseObject(simdjson::dom::parser& parser, std::string_view body) {
  object parsed;
  const simdjson::error_code error = parser.parse(body.data(), body.size()).get(parsed);
  if (error == simdjson::INCORRECT_TYPE) return InvalidArgument("Invalid JSON: not an object");
  if (error) return InvalidArgument(std::string("Invalid JSON: ") + simdjson::error_message(error));
  return parsed;
}

int64_t Millis(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// Phases in webhooks have other names than in the public API.
std::string_view WebhookPhase(Phase phase) {
  switch (phase) {
    case Phase::kTriggered:
      return "UNACKED";
    case Phase::kAcknowledged:
      return "ACKED";
    case Phase::kResolved:
      return "RESOLVED";
  }
  return "";
}

std::string AlertUuid(const Incident& incident, uint64_t sequence) {
  return "pagersim-" + std::to_string(incident.number) + "-" + std::to_string(sequence);
}

void WriteTransitions(const Incident& incident, JsonWriter& json) {
  json.Key("transitions").StartArray();
  for (const Transition& transition : incident.transitions) {
    json.StartObject();
    json.Field("name", Name(transition.to)).Field("at", FormatRfc3339(transition.at));
    json.Field("by", transition.by).Field("manually", transition.manually);
    json.Field("message", transition.message).EndObject();
  }
  json.EndArray();
}

void WriteIncident(const Incident& incident, JsonWriter& json) {
  json.StartObject();
  json.Field("incidentNumber", std::to_string(incident.number));
  json.Field("alertCount", static_cast<int64_t>(incident.alert_count));
  json.Field("currentPhase", Name(incident.phase));
  json.Field("entityId", incident.latest.entity_id);
  json.Field("entityDisplayName", incident.latest.title);
  json.Field("entityState", Name(incident.severity)).Field("entityType", "SERVICE");
  json.Field("host", incident.latest.host).Field("service", incident.latest.title);
  json.Field("routingKey", incident.latest.routing_key);
  json.Field("lastAlertId", AlertUuid(incident, incident.sequence));
  json.Field("lastAlertTime", FormatRfc3339(incident.last_alert));
  json.Field("startTime", FormatRfc3339(incident.started));
  json.Key("pagedTeams").StartArray().EndArray();
  json.Key("pagedUsers").StartArray().EndArray();
  WriteTransitions(incident, json);
  json.EndObject();
}

void WriteAckState(const Incident& incident, JsonWriter& json) {
  const Transition* ack = incident.acknowledgement();
  json.Field("STATE.ACK_USER", ack ? ack->by : "SYSTEM");
  json.Field("STATE.ACK_MSG", ack ? ack->message : "");
  json.Field("STATE.ACK_TIMESTAMP", ack ? Millis(ack->at) : int64_t{0});
  json.Key("STATE.ACKED_BY");
  ack ? json.String(ack->by) : json.Null();
  json.Key("STATE.ACKED_AT");
  ack ? json.Int(Millis(ack->at)) : json.Null();

  const bool resolved = incident.phase == Phase::kResolved;
  json.Key("STATE.RESOLVED_BY");
  resolved ? json.String(incident.last().by) : json.Null();
  json.Key("STATE.RESOLVED_AT");
  resolved ? json.Int(Millis(incident.last().at)) : json.Null();
}

}  // namespace

Result<Message> ParseMessage(std::string_view body, std::string_view routing_key,
                             std::string_view generated_id) {
  simdjson::dom::parser parser;
  const Result<object> parsed = ParseObject(parser, body);
  if (!parsed) return Fail(parsed.error());

  Message message;
  for (const auto [name, value] : *parsed) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && RuneCount(text) > MaxRunes(name)) {
      return InvalidArgument("Field too long: " + std::string(name) + " (at most " +
                             std::to_string(MaxRunes(name)) + " characters)");
    }
    message.fields.emplace_back(std::string(name), simdjson::minify(value));
  }
  std::string_view type;
  if ((*parsed)["message_type"].get(type) != simdjson::SUCCESS || type.empty()) {
    return InvalidArgument("Missing fields: message_type");
  }
  message.type = ParseType(type);
  message.routing_key = ToLower(FirstOf(std::string(routing_key), Text(*parsed, "routing_key")));
  if (!IsRoutingKey(message.routing_key)) {
    return InvalidArgument("Invalid routing key: letters, digits, - and _ only");
  }
  message.entity_id = FirstOf(Text(*parsed, "entity_id"), std::string(generated_id));
  message.title = FirstOf(Text(*parsed, "entity_display_name"), message.entity_id);
  message.text = Text(*parsed, "state_message");
  message.host = FirstOf(Text(*parsed, "host_name"), Text(*parsed, "hostname"));
  message.ack_author = Text(*parsed, "ack_author");
  message.ack_message = Text(*parsed, "ack_message");
  return message;
}

std::string SuccessJson(std::string_view entity_id) {
  JsonWriter json;
  json.StartObject().Field("result", "success").Field("entity_id", entity_id).EndObject();
  return json.Take();
}

std::string FailureJson(std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("result", "failure").Field("message", message).EndObject();
  return json.Take();
}

Result<UserAction> ParseUserAction(std::string_view body) {
  simdjson::dom::parser parser;
  const Result<object> parsed = ParseObject(parser, body);
  if (!parsed) return Fail(parsed.error());

  UserAction action{
      .user = Text(*parsed, "userName"), .note = Text(*parsed, "message"), .incidents = {}};
  if (action.user.empty()) return InvalidArgument("Missing fields: userName");
  simdjson::dom::array numbers;
  if ((*parsed)["incidentNames"].get(numbers) != simdjson::SUCCESS) {
    return InvalidArgument("Missing fields: incidentNames");
  }
  for (const element number : numbers) {
    std::string_view text;
    if (number.get(text) != simdjson::SUCCESS) {
      return InvalidArgument("incidentNames holds strings");
    }
    action.incidents.emplace_back(text);
  }
  return action;
}

std::string IncidentJson(const Incident& incident) {
  JsonWriter json;
  WriteIncident(incident, json);
  return json.Take();
}

std::string IncidentsJson(const std::map<uint64_t, Incident>& incidents) {
  JsonWriter json;
  json.StartObject().Key("incidents").StartArray();
  for (const auto& [number, incident] : incidents) WriteIncident(incident, json);
  json.EndArray().EndObject();
  return json.Take();
}

std::string OutboundJson(const Incident& incident) {
  const std::string number = std::to_string(incident.number);
  const std::string_view phase = WebhookPhase(incident.phase);
  const std::string_view state =
      incident.phase == Phase::kResolved ? Name(MessageType::kRecovery) : Name(incident.severity);
  const auto count = static_cast<int64_t>(incident.alert_count);
  const int64_t last_ms = Millis(std::max(incident.last_alert, incident.last().at));

  JsonWriter json;
  json.StartObject();
  json.Field("INCIDENT.INCIDENT_ID", number).Field("STATE.INCIDENT_NAME", number);
  json.Field("INCIDENT.INCIDENT_TIMESTAMP", Millis(incident.started));
  json.Field("STATE.INCIDENT_TIMESTAMP", Millis(incident.started));
  json.Field("INCIDENT.CURRENT_PHASE", phase).Field("STATE.CURRENT_ALERT_PHASE", phase);
  json.Field("INCIDENT.ENTITY_STATE", state).Field("STATE.CURRENT_STATE", state);
  json.Field("INCIDENT.ALERT_COUNT", count).Field("STATE.ALERT_COUNT", count);
  json.Field("INCIDENT.ENTITY_DISPLAY_NAME", incident.latest.title);
  json.Field("INCIDENT.SERVICE", incident.latest.title);
  json.Field("INCIDENT.HOST", incident.latest.host);
  json.Field("INCIDENT.POLICIES_PAGED.0.POLICY.NAME", incident.latest.routing_key);
  json.Field("INCIDENT.POLICIES_PAGED.0.POLICY.SLUG", incident.latest.routing_key);
  json.Field("INCIDENT.IS_MULTI_RESPONDER", false).Field("INCIDENT.IS_MUTED", incident.muted);
  json.Field("INCIDENT.ACK_DATA.ACKS_EXPECTED", 1);
  json.Field("INCIDENT.ACK_DATA.ACKS_RECEIVED", incident.acknowledgement() == nullptr ? 0 : 1);
  json.Field("INCIDENT.FIRST_ALERT_UUID", AlertUuid(incident, 1));
  json.Field("INCIDENT.LATEST_ALERT_UUID", AlertUuid(incident, incident.sequence));
  json.Field("INCIDENT.SEQUENCING.SEQUENCE", static_cast<int64_t>(incident.sequence));
  for (const auto& [name, value] : incident.latest.fields) json.Key("ALERT." + name).Raw(value);
  json.Field("ALERT.VO_UUID", AlertUuid(incident, incident.sequence));
  json.Field("ALERT.VO_ALERT_RCV_TIME", std::to_string(Millis(incident.last_alert)));
  json.Field("STATE.ENTITY_ID", incident.latest.entity_id);
  WriteAckState(incident, json);
  json.Field("STATE.LAST_TIMESTAMP", last_ms);
  json.EndObject();
  return json.Take();
}

}  // namespace watchfire::pagersim
