// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/opsgenie.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "cmd/pagersim/json_in.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

constexpr size_t kMessageMax = 130;
constexpr size_t kAliasMax = 512;
constexpr size_t kDescriptionMax = 15'000;
constexpr size_t kWordsMax = 20;
constexpr size_t kNoteMax = 25'000;
constexpr const char* kIntegration = "Watchfire";  // Who acts by the API and names nobody.
constexpr const char* kNotProcessable = "Request body is not processable. Please check the errors.";

std::string Id(const char* prefix, uint64_t number) {
  char text[64];
  std::snprintf(text, sizeof(text), "%s-0000-4000-8000-%012llx", prefix,
                static_cast<unsigned long long>(number));  // NOLINT(google-runtime-int)
  return text;
}

// The service cuts what is too long, without an ellipsis.
std::string Cut(const std::string& text, size_t max) {
  const std::string valid = RepairUtf8(text);
  if (RuneCount(valid) <= max) return valid;
  size_t bytes = 0;
  for (size_t runes = 0; bytes < valid.size(); ++bytes) {
    if ((static_cast<unsigned char>(valid[bytes]) & 0xc0) != 0x80 && runes++ == max) break;
  }
  return valid.substr(0, bytes);
}

std::vector<std::string> Words(const JsonIn& json, std::string_view pointer) {
  std::vector<std::string> words;
  for (const auto& item : json.List(pointer)) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS && words.size() < kWordsMax) words.emplace_back(text);
  }
  return words;
}

void WriteWords(JsonWriter* json, std::string_view key, const std::vector<std::string>& words) {
  json->Key(key).StartArray();
  for (const std::string& word : words) json->String(word);
  json->EndArray();
}

// What is wrong with the body of a create: the field and why; nothing if all is well.
std::optional<std::pair<std::string, std::string>> WhatIsWrong(const JsonIn& json) {
  using Wrong = std::pair<std::string, std::string>;
  if (json.Text("/message").empty()) return Wrong{"message", "Message can not be empty."};
  const std::string priority = json.Text("/priority");
  const std::vector<std::string> known = {"P1", "P2", "P3", "P4", "P5"};
  if (json.At("/priority") && std::ranges::count(known, priority) == 0) {
    return Wrong{"priority", "should be one of [ P1, P2, P3, P4, P5 ]"};
  }
  for (const auto& responder : json.List("/responders")) {
    const std::vector<std::string> types = {"user", "team", "escalation", "schedule"};
    if (std::ranges::count(types, TextOf(responder, "type")) == 0) {
      return Wrong{"responders", "Type of a responder is not valid."};
    }
    const bool is_named = !TextOf(responder, "id").empty() || !TextOf(responder, "name").empty() ||
                          !TextOf(responder, "username").empty();
    if (!is_named) return Wrong{"responders", "A responder needs an id, a name or a username."};
  }
  simdjson::dom::object details;
  const auto found = json.At("/details");
  if (found && found->get(details) == simdjson::SUCCESS) {
    for (const auto [key, value] : details) {
      if (!value.is_string()) return Wrong{"details", "Values must be strings."};
    }
  }
  return std::nullopt;
}

std::string ActionName(const std::string& verb) {
  if (verb == "message" || verb == "description") {
    return verb == "message" ? "UpdateMessage" : "UpdateDescription";
  }
  if (verb == "unacknowledge" || verb == "notes") {
    return verb == "notes" ? "AddNote" : "UnAcknowledge";
  }
  return verb == "create" ? "Create" : verb == "close" ? "Close" : "Acknowledge";
}

}  // namespace

Reply Opsgenie::CheckKey(std::string_view authorization) const {
  constexpr std::string_view kScheme = "GenieKey ";
  if (!authorization.starts_with(kScheme)) {
    return Refuse(401, "Could not authenticate");
  }
  if (!key_.empty() && !EqualsConstantTime(authorization.substr(kScheme.size()), key_.reveal())) {
    return Refuse(403, "You are not authorized for this operation");
  }
  return {};
}

Reply Opsgenie::Create(std::string_view body, WallTime now) {
  const std::optional<JsonIn> json = JsonIn::Parse(body);
  if (!json) return Refuse(400, "Request body is not valid JSON");
  if (const auto wrong = WhatIsWrong(*json)) {
    return Refuse(422, kNotProcessable, wrong->first, wrong->second);
  }
  Request request;
  request.verb = "create";
  Alert& alert = request.alert;
  alert.alias = Cut(json->Text("/alias"), kAliasMax);
  alert.message = Cut(json->Text("/message"), kMessageMax);
  alert.description = Cut(json->Text("/description"), kDescriptionMax);
  alert.source = json->Text("/source");
  alert.priority = json->At("/priority") ? json->Text("/priority") : "P3";
  alert.entity = json->Text("/entity");
  alert.tags = Words(*json, "/tags");
  alert.actions = Words(*json, "/actions");
  return Take(std::move(request), now);
}

Reply Opsgenie::Change(std::string_view id, std::string_view identifier_type, std::string_view verb,
                       std::string_view body, WallTime now) {
  const std::optional<JsonIn> json = JsonIn::Parse(body.empty() ? "{}" : body);
  if (!json) return Refuse(400, "Request body is not valid JSON");
  Request request;
  request.verb = std::string(verb);
  request.alert_id = std::string(id);
  request.identifier_type = std::string(identifier_type);
  if (verb == "message" || verb == "description") {
    const std::string text = json->Text("/" + request.verb);
    if (text.empty()) return Refuse(422, kNotProcessable, verb, "must not be empty");
    request.alert.message = Cut(text, verb == "message" ? kMessageMax : kDescriptionMax);
  }
  if (verb == "notes" && json->Text("/note").empty()) {
    return Refuse(422, kNotProcessable, "note", "must not be empty");
  }
  if (!json->Text("/note").empty()) {
    request.alert.notes = {Cut(json->Text("/user") + ": " + json->Text("/note"), kNoteMax)};
    request.note = Cut(json->Text("/note"), kNoteMax);
  }
  request.user = json->Text("/user").empty() ? kIntegration : json->Text("/user");
  return Take(std::move(request), now);
}

Reply Opsgenie::RequestStatus(std::string_view request_id, WallTime now) {
  Tick(now);
  const auto found = outcomes_.find(std::string(request_id));
  if (found == outcomes_.end()) {
    return Refuse(404, "Request not found. It might not be processed, yet.");
  }
  const Outcome& outcome = found->second;
  JsonWriter json;
  json.StartObject().Key("data").StartObject().Field("success", outcome.success);
  json.Field("action", outcome.action).Field("processedAt", FormatRfc3339(outcome.at));
  json.Field("integrationId", Id("aaaaaaaa", 1)).Field("isSuccess", outcome.success);
  json.Field("status", outcome.status).Field("alertId", outcome.alert_id);
  json.Field("alias", outcome.alias).EndObject().Field("took", 0.001);
  return {200, json.Field("requestId", Id("cccccccc", last_request_)).EndObject().Take()};
}

Reply Opsgenie::Get(std::string_view id, std::string_view identifier_type, WallTime now) {
  Tick(now);
  const Alert* alert = Find(id, identifier_type);
  if (alert == nullptr) return Refuse(404, "Alert does not exist");
  JsonWriter json;
  json.StartObject().Key("data").StartObject().Field("id", Id("bbbbbbbb", alert->number));
  json.Field("tinyId", std::to_string(alert->number)).Field("alias", alert->alias);
  json.Field("message", alert->message).Field("status", alert->open ? "open" : "closed");
  json.Field("acknowledged", alert->acknowledged);
  json.Field("count", static_cast<int64_t>(alert->count)).Field("priority", alert->priority);
  json.Field("description", alert->description).EndObject();
  return {200, json.Field("took", 0.001).EndObject().Take()};
}

std::string Opsgenie::IdOf(uint64_t number) const {
  return std::ranges::count(alerts_, number, &Alert::number) > 0 ? Id("bbbbbbbb", number) : "";
}

std::string Opsgenie::AliasOf(uint64_t number) const {
  const auto alert = std::ranges::find(alerts_, number, &Alert::number);
  return alert == alerts_.end() ? "" : alert->alias;
}

void Opsgenie::Tick(WallTime now) {
  while (!settings_.paused && !queue_.empty() && queue_.front().due <= now) {
    Request request = std::move(queue_.front());
    queue_.pop_front();
    Outcome outcome = settings_.failing
                          ? Outcome{false, ActionName(request.verb), "Failing as asked for", "", ""}
                          : Do(request, now);
    outcome.at = now;
    outcomes_[request.id] = std::move(outcome);
    outcome_order_.push_back(request.id);
    if (outcome_order_.size() <= kRequestsMax) continue;
    outcomes_.erase(outcome_order_.front());
    outcome_order_.pop_front();
  }
}

void Opsgenie::Write(JsonWriter* json) const {
  json->StartArray();
  for (const Alert& alert : alerts_) {
    json->StartObject().Field("number", static_cast<int64_t>(alert.number));
    json->Field("status", alert.open ? "open" : "closed").Field("alias", alert.alias);
    json->Field("acknowledged", alert.acknowledged).Field("message", alert.message);
    json->Field("description", alert.description).Field("priority", alert.priority);
    json->Field("entity", alert.entity).Field("source", alert.source);
    json->Field("count", static_cast<int64_t>(alert.count));
    WriteWords(json, "tags", alert.tags);
    WriteWords(json, "actions", alert.actions);
    WriteWords(json, "notes", alert.notes);
    json->EndObject();
  }
  json->EndArray();
}

Reply Opsgenie::Take(Request request, WallTime now) {
  request.id = Id("cccccccc", ++last_request_);
  request.due = now + settings_.processing;
  const std::string id = request.id;
  queue_.push_back(std::move(request));
  if (queue_.size() > kRequestsMax) queue_.pop_front();
  JsonWriter json;
  json.StartObject().Field("result", "Request will be processed").Field("took", 0.001);
  return {202, json.Field("requestId", id).EndObject().Take(), {{"X-Request-ID", id}}};
}

Opsgenie::Outcome Opsgenie::Do(Request& request, WallTime now) {
  if (request.verb == "create") return DoCreate(std::move(request.alert), now);
  const std::string action = ActionName(request.verb);
  Alert* alert = Find(request.alert_id, request.identifier_type);
  if (alert == nullptr) return {false, action, "Alert does not exist", "", ""};
  for (std::string& note : request.alert.notes) alert->notes.push_back(std::move(note));
  if (alert->notes.size() > kNotesMax) alert->notes.erase(alert->notes.begin());
  using Verb = PersonAct::Verb;
  alert->updated = now;
  if (!request.note.empty()) Touch(*alert, {Verb::kNote, 0, request.user, request.note}, now);
  if (request.verb == "notes")
    return {true, action, "Done", "", alert->alias};  // Of closed ones too.
  if (!alert->open) return {false, action, "Alert is already closed", "", alert->alias};
  if (request.verb == "unacknowledge") alert->acknowledged = false;
  if (request.verb == "close") Touch(*alert, {Verb::kResolve, 0, request.user}, now);
  if (request.verb == "acknowledge") Touch(*alert, {Verb::kAcknowledge, 0, request.user}, now);
  if (request.verb == "message") alert->message = request.alert.message;
  if (request.verb == "description") alert->description = request.alert.message;
  return {true, action, "Done", Id("bbbbbbbb", alert->number), alert->alias};
}

Opsgenie::Outcome Opsgenie::DoCreate(Alert alert, WallTime now) {
  const auto open = std::ranges::find_if(alerts_, [&](const Alert& known) {
    return known.open && !alert.alias.empty() && known.alias == alert.alias;
  });
  if (open != alerts_.end()) {
    ++open->count;  // Nothing else changes, and nobody is told.
    open->updated = now;
    return {true, "Create", "Deduplicated alert", Id("bbbbbbbb", open->number), open->alias};
  }
  alert.number = ++last_number_;
  alert.created = alert.updated = now;
  const std::string id = Id("bbbbbbbb", alert.number);
  if (alert.alias.empty()) alert.alias = id;
  if (alerts_.size() == kAlertsMax) alerts_.erase(alerts_.begin());
  alerts_.push_back(std::move(alert));
  return {true, "Create", "Created alert", id, alerts_.back().alias};
}

Opsgenie::Alert* Opsgenie::Find(std::string_view id, std::string_view identifier_type) {
  // The newest with an alias: those before it are closed.
  for (auto alert = alerts_.rbegin(); alert != alerts_.rend(); ++alert) {
    const std::string own = identifier_type == "alias"  ? alert->alias
                            : identifier_type == "tiny" ? std::to_string(alert->number)
                                                        : Id("bbbbbbbb", alert->number);
    if (own == id) return &*alert;
  }
  return nullptr;
}

Reply Opsgenie::Refuse(int status, std::string_view message, std::string_view field,
                       std::string_view why) const {
  JsonWriter json;
  json.StartObject().Field("message", message);
  if (!field.empty()) json.Key("errors").StartObject().Field(field, why).EndObject();
  json.Field("took", 0.001).Field("requestId", Id("dddddddd", last_request_));
  return {status, json.EndObject().Take()};
}

}  // namespace watchfire::pagersim
