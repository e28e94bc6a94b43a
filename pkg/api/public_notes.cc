// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/incidents/{number}/notes: the notes of an incident's timeline. What is changed or
// deleted stays there, with the change beside it. And …/postmortem, which is ours: what a script
// has to say to it is a note, too. And /api-public/v1/chat, which is a note by whoever says it.

#include <algorithm>

#include "pkg/api/incident_id.h"
#include "pkg/api/public_victorops.h"
#include "pkg/api/respond.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"
#include "pkg/incident/postmortem.h"
#include "pkg/notify/message_environment.h"

namespace watchfire::api {
namespace {

constexpr const char* kNobody = "VictorOps API";  // The call names nobody.

void WriteNote(const incident::Note& note, JsonWriter* json) {
  const incident::Event& event = *note.event;
  json->StartObject().Field("name", std::to_string(note.number));
  json->Field("display_name", event.actor + ", " + FormatRfc3339(event.at, 0));
  json->Key("json_value").StartObject().Field("note", note.text).Field("by", event.actor);
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

std::string Fit(const std::string& text) {
  return TruncateRunes(RepairUtf8(text), limits::kNoteBytes / 4);
}

// All that the body says, "summary: the disk was full; …"; "": nothing.
std::string WordsOf(const inbound::JsonIn& json) {
  std::string words;
  for (const auto& [name, value] : json.root()) {
    const std::string text = inbound::TextOf(value);
    if (text.empty()) continue;
    words += (words.empty() ? "" : "; ") + std::string(name) + ": " + text;
  }
  return Fit(words);
}

// The response that says why not; nullopt: it is stored.
std::optional<net::Response> Write(const Call& call, uint64_t id, incident::Act act,
                                   std::string text) {
  core::IncidentCommand command;
  command.incident = id;
  command.act = std::move(act);
  command.ack = {kNobody, incident::ActorType::kAutomation, "victorops", std::move(text)};
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return PublicError(reply.error());
  if (!reply->status) return PublicError(reply->status.error());
  return std::nullopt;
}

std::optional<net::Response> AddNote(const Call& call, uint64_t id, std::string text) {
  return Write(call, id, incident::AddNote{}, std::move(text));
}

net::Response Done() {
  JsonWriter answer;
  return Json(200, answer.StartObject().Field("result", "success").EndObject().Take());
}

// Of the path: names of notes are their numbers.
incident::CorrectNote CorrectionOf(const Call& call, bool is_taken_back) {
  return {static_cast<size_t>(ParseIncidentId(call.params[1])), is_taken_back};
}

bool HasNote(const incident::Incident& incident, const std::string& text) {
  return std::ranges::any_of(incident.timeline, [&](const incident::Event& event) {
    return event.kind == "note" && event.text == text;
  });
}

net::Response Postmortem(const Call& call, const incident::Incident& incident) {
  templates::Environment environment = notify::MessageEnvironment(call.backend.Now());
  environment.external_url = call.backend.info().external_url;
  const Result<std::string> text =
      incident::RenderPostmortem(incident, call.backend.config()->templates, environment);
  if (!text) return PublicError(500, text.error().message);
  JsonWriter json;
  json.StartObject().Field("incidentNumber", call.params[0]).Field("postmortem", *text);
  return Json(200, json.EndObject().Take());
}

}  // namespace

net::Response GetPublicNotes(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& incident, const core::View&) {
    JsonWriter json;
    json.StartObject().Key("notes").StartArray();
    for (const incident::Note& note : incident::NotesOf(incident)) WriteNote(note, &json);
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response PostPublicNote(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& incident, const core::View&) {
    const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
    if (!json) return PublicError(json.error());
    const std::string text = NoteOf(*json);
    if (text.empty()) return PublicError(400, "the note is empty: display_name or json_value");
    if (auto refusal = AddNote(call, incident.id, Fit(text))) return *std::move(refusal);
    return Done();
  });
}

net::Response PutPublicNote(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& incident, const core::View&) {
    const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
    if (!json) return PublicError(json.error());
    const std::string text = NoteOf(*json);
    if (text.empty()) return PublicError(400, "the note is empty: display_name or json_value");
    const incident::CorrectNote act = CorrectionOf(call, /*is_taken_back=*/false);
    if (auto refusal = Write(call, incident.id, act, Fit(text))) return *std::move(refusal);
    return Done();
  });
}

net::Response DeletePublicNote(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& incident, const core::View&) {
    const incident::CorrectNote act = CorrectionOf(call, /*is_taken_back=*/true);
    if (auto refusal = Write(call, incident.id, act, "")) return *std::move(refusal);
    return Done();
  });
}

net::Response PostPublicPostmortem(const Call& call) {
  return WithPublicIncident(call, [&](const incident::Incident& before, const core::View&) {
    if (Trim(call.request.body).empty()) return Postmortem(call, before);
    const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
    if (!json) return PublicError(json.error());
    const std::string words = WordsOf(*json);
    // Who asks again says the same again.
    if (words.empty() || HasNote(before, words)) return Postmortem(call, before);
    if (auto refusal = AddNote(call, before.id, words)) return *std::move(refusal);
    return WithPublicIncident(call, [&](const incident::Incident& after, const core::View&) {
      return Postmortem(call, after);
    });
  });
}

// {username, text, monitoringTool, incidentId}: what is said belongs to an incident here.
net::Response PostPublicChat(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const Result<inbound::JsonIn> json = inbound::JsonIn::Parse(call.request.body);
  if (!json) return PublicError(json.error());
  const std::string number = json->Text("incidentId");
  if (number.empty()) {
    return PublicError(400, "incidentId is missing: what is said is kept with an incident");
  }
  const std::string text = json->Text("text");
  if (Trim(text).empty()) return PublicError(400, "text is missing");
  core::IncidentCommand command;
  command.incident = ParseIncidentId(number);
  if (command.incident == 0) return PublicError(NoIncident(number));
  command.act = incident::AddNote{};
  std::string who = json->Text("username");
  const bool is_person = !who.empty();
  if (who.empty()) who = json->Text("monitoringTool");
  if (who.empty()) who = kNobody;
  const auto type = is_person ? incident::ActorType::kHuman : incident::ActorType::kAutomation;
  command.ack = {who, type, "victorops", Fit(text)};
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return PublicError(reply.error());
  if (!reply->status) return PublicError(reply->status.error());
  return Done();
}

}  // namespace watchfire::api
