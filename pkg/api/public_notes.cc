// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/incidents/{number}/notes: the notes of an incident's timeline, which are never
// changed and never deleted.

#include "pkg/api/incident_id.h"
#include "pkg/api/public_victorops.h"
#include "pkg/api/respond.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::api {
namespace {

constexpr const char* kNobody = "VictorOps API";  // The call names nobody.

void WriteNote(size_t number, const incident::Event& event, JsonWriter* json) {
  json->StartObject().Field("name", std::to_string(number));
  json->Field("display_name", event.actor + ", " + FormatRfc3339(event.at, 0));
  json->Key("json_value").StartObject().Field("note", event.text).Field("by", event.actor);
  json->Field("at", FormatRfc3339(event.at)).EndObject().EndObject();
}

// What the body says; "": nothing.
std::string NoteOf(const inbound::JsonIn& json) {
  std::string text = json.Text("display_name");
  if (text.empty()) text = json.Text("name");
  std::string value = json.Text("json_value");
  if (const auto object = inbound::ObjectOf(json.root(), "json_value")) {
    const std::string note = inbound::TextOf(*object, "note");
    if (!note.empty()) value = note;
    if (value == "{}") value.clear();
  }
  if (!text.empty() && !value.empty()) text += ": ";
  return text + value;
}

}  // namespace

net::Response GetPublicNotes(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& incident, const core::View&) {
    JsonWriter json;
    json.StartObject().Key("notes").StartArray();
    size_t number = 0;
    for (const incident::Event& event : incident.timeline) {
      if (event.kind == "note") WriteNote(++number, event, &json);
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response PostPublicNote(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& incident, const core::View&) {
    const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
    if (!json) return PublicError(json.error());
    const std::string text = NoteOf(*json);
    if (text.empty()) return PublicError(400, "the note is empty: display_name or json_value");
    core::IncidentCommand command;
    command.incident = incident.id;
    command.act = incident::AddNote{};
    command.ack = {kNobody, incident::ActorType::kAutomation, "victorops",
                   TruncateRunes(RepairUtf8(text), limits::kNoteBytes / 4)};
    const Result<core::Reply> reply = call.backend.Ask(std::move(command));
    if (!reply) return PublicError(reply.error());
    if (!reply->status) return PublicError(reply->status.error());
    JsonWriter answer;
    return Json(200, answer.StartObject().Field("result", "success").EndObject().Take());
  });
}

}  // namespace watchfire::api
