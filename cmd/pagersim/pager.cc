// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/pager.h"

#include <charconv>
#include <utility>

#include "cmd/pagersim/json_in.h"
#include "cmd/pagersim/victorops.h"
#include "cmd/victorsim/host.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

using victorsim::Log;

int StatusOf(Code code) {
  if (code == Code::kNotFound) return 404;
  return code == Code::kConflict ? 409 : 400;
}

Reply Refusal(const Error& error) {
  return {StatusOf(error.code), JsonError(CodeName(error.code), error.message)};
}

// Returns 0, which is nobody's number, if `text` is not a number.
uint64_t ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() ? number : 0;
}

void WriteTime(JsonWriter& json, std::string_view name, const Transition* transition) {
  json.Key(std::string(name) + "_at");
  transition ? json.String(FormatRfc3339(transition->at)) : json.Null();
  json.Key(std::string(name) + "_by");
  transition ? json.String(transition->by) : json.Null();
}

void WriteIncident(const Incident& incident, std::string_view callback, JsonWriter& json) {
  const Message& latest = incident.latest;
  json.StartObject();
  json.Field("number", static_cast<int64_t>(incident.number));
  json.Field("state", Name(incident.phase)).Field("severity", Name(incident.severity));
  json.Field("message_type", Name(latest.type)).Field("entity_id", latest.entity_id);
  json.Field("title", latest.title).Field("text", latest.text);
  json.Field("routing_key", latest.routing_key).Field("muted", incident.muted);
  json.Field("alert_count", static_cast<int64_t>(incident.alert_count));
  json.Field("started_at", FormatRfc3339(incident.started));
  WriteTime(json, "acknowledged", incident.acknowledgement());
  WriteTime(json, "resolved", incident.phase == Phase::kResolved ? &incident.last() : nullptr);
  json.Field("callback", callback);
  json.Key("transitions").StartArray();
  for (const Transition& transition : incident.transitions) {
    json.StartObject().Field("to", Name(transition.to)).Field("at", FormatRfc3339(transition.at));
    json.Field("by", transition.by).Field("message", transition.message).EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace

Pager::Pager(Options options, Tell tell) : options_(std::move(options)), tell_(std::move(tell)) {
  book_.Configure(options_.settings, WallTime());
}

uint64_t Pager::Arrive(std::string method, std::string path, std::string body, WallTime now) {
  return log_.Add({.received_at = now,
                   .method = std::move(method),
                   .path = std::move(path),
                   .body = std::move(body)});
}

Reply Pager::Ingest(std::string_view key, std::string_view routing_key, std::string_view body,
                    WallTime now) {
  if (!EqualsConstantTime(key, options_.key.reveal())) {
    Log("warn", "Message refused: wrong key");
    return {403, FailureJson("Invalid REST endpoint key")};
  }
  const std::string id = "generated-" + std::to_string(++generated_ids_);
  Result<Message> message = ParseMessage(body, routing_key, id);
  if (!message) {
    Log("warn", "Message refused", {{"why", message.error().message}});
    return {400, FailureJson(message.error().message)};
  }
  const std::string entity_id = message->entity_id;
  const std::string type(Name(message->type));
  const IncidentBook::Change change = book_.Apply(std::move(*message), now);
  Log("info", "Message", {{"type", type}, {"incident", std::to_string(change.number)}});
  // The sender knows that it opened an incident; every other change of phase is news to it.
  const Incident* incident = book_.Find(change.number);
  if (change.phase && incident->transitions.size() > 1) Announce(change.number);
  return {200, SuccessJson(entity_id)};
}

Reply Pager::CheckApiKeys(bool has_headers, std::string_view api_key) const {
  if (!has_headers) return {401, JsonError("unauthorized", "X-VO-Api-Id or X-VO-Api-Key missing")};
  const std::string& wanted = options_.api_key.reveal();
  if (wanted.empty() || EqualsConstantTime(api_key, wanted)) return {};
  return {403, JsonError("forbidden", "Authentication failed")};
}

Reply Pager::PublicIncidents() const { return {200, pagersim::IncidentsJson(book_.incidents())}; }

Reply Pager::PublicIncident(uint64_t number) const {
  const Incident* incident = book_.Find(number);
  if (incident == nullptr) {
    return Refusal({Code::kNotFound, "no incident " + std::to_string(number)});
  }
  return {200, IncidentJson(*incident)};
}

Reply Pager::PublicAct(Verb verb, std::string_view body, WallTime now) {
  const Result<UserAction> action = ParseUserAction(body);
  if (!action) return Refusal(action.error());
  JsonWriter json;
  json.StartObject().Key("results").StartArray();
  for (const std::string& name : action->incidents) {
    const uint64_t number = ParseNumber(name);
    const auto change = verb == Verb::kAcknowledge
                            ? book_.Acknowledge(number, action->user, action->note, now)
                            : book_.Resolve(number, action->user, action->note, now);
    const Incident* incident = book_.Find(number);
    json.StartObject().Field("incidentNumber", name);
    json.Field("entityId", incident == nullptr ? "" : incident->latest.entity_id);
    json.Field("cmdAccepted", change.has_value());
    json.Field("message", change ? "" : change.error().message).EndObject();
    if (change && change->phase) Announce(number);
  }
  json.EndArray().EndObject();
  return {200, json.Take()};
}

Reply Pager::PublicNotes(uint64_t number) const {
  if (book_.Find(number) == nullptr) {
    return Refusal({Code::kNotFound, "no incident " + std::to_string(number)});
  }
  JsonWriter json;
  json.StartObject().Key("notes").StartArray();
  const auto found = notes_.find(number);
  for (size_t i = 0; found != notes_.end() && i < found->second.size(); ++i) {
    const auto& [title, value] = found->second[i];
    json.StartObject().Field("name", "note-" + std::to_string(i + 1));
    json.Field("display_name", title).Key("json_value").Raw(value).EndObject();
  }
  return {200, json.EndArray().EndObject().Take()};
}

Reply Pager::PublicAddNote(uint64_t number, std::string_view body) {
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return {400, JsonError("bad_data", "no JSON object")};
  if (book_.Find(number) == nullptr) {
    return Refusal({Code::kNotFound, "no incident " + std::to_string(number)});
  }
  const auto value = json->At("/json_value");
  auto& notes = notes_[number];
  notes.emplace_back(json->Text("/display_name"), value ? simdjson::minify(*value) : "{}");
  if (notes.size() > kNotesMax) notes.erase(notes.begin());
  std::erase_if(notes_, [&](const auto& entry) { return book_.Find(entry.first) == nullptr; });
  return {200, "{}"};
}

Reply Pager::Act(Verb verb, uint64_t number, const std::string& user, WallTime now) {
  const auto change = verb == Verb::kAcknowledge ? book_.Acknowledge(number, user, "", now)
                                                 : book_.Resolve(number, user, "", now);
  if (!change) return Refusal(change.error());
  if (change->phase) Announce(number);
  JsonWriter json;
  WriteIncident(*book_.Find(number), callbacks_[number], json);
  return {200, json.Take()};
}

std::string Pager::IncidentsJson() const {
  JsonWriter json;
  json.StartArray();
  for (const auto& [number, incident] : book_.incidents()) {
    const auto callback = callbacks_.find(number);
    WriteIncident(incident, callback == callbacks_.end() ? "" : callback->second, json);
  }
  json.EndArray();
  return json.Take();
}

Reply Pager::SetBehaviour(std::string_view body, WallTime now) {
  const Result<Behaviour> behaviour = ParseBehaviour(body);
  if (!behaviour) return Refusal(behaviour.error());
  behaviour_ = *behaviour;
  Settings settings = options_.settings;
  settings.paused = behaviour_.paused;
  settings.maintenance = behaviour_.maintenance;
  book_.Configure(settings, now);
  Log("info", "Behaviour set", {{"behaviour", BehaviourText()}});
  return {200, BehaviourText()};
}

void Pager::Tick(WallTime now) {
  for (const uint64_t number : book_.Tick(now)) Announce(number);
}

void Pager::NoteCallback(uint64_t number, const std::string& outcome) {
  if (book_.Find(number) != nullptr) callbacks_[number] = outcome;
}

void Pager::Announce(uint64_t number) {
  const Incident& incident = *book_.Find(number);
  Log("info", "Incident",
      {{"number", std::to_string(number)},
       {"state", std::string(Name(incident.phase))},
       {"by", incident.last().by}});
  const bool drop = behaviour_.callback == CallbackMode::kDrop;
  const bool twice = behaviour_.callback == CallbackMode::kDuplicate;
  NoteCallback(number, drop ? "dropped on purpose" : "");
  std::erase_if(callbacks_, [&](const auto& entry) { return book_.Find(entry.first) == nullptr; });
  tell_(incident, drop ? 0 : twice ? 2 : 1, behaviour_.callback_delay);
}

}  // namespace watchfire::pagersim
