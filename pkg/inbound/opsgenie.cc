// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Opsgenie's clients send. Limits are the vendor's.

#include "pkg/inbound/opsgenie.h"

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

constexpr size_t kMessageRunes = 130;
constexpr size_t kAliasRunes = 512;
constexpr size_t kDescriptionRunes = 15'000;
constexpr size_t kNoteRunes = 25'000;
constexpr size_t kWords = 20;
constexpr size_t kWordRunes = 50;

using Fault = tl::unexpected<OpsgenieFault>;

Fault Refuse(std::string field, std::string reason) {
  return Fault(OpsgenieFault{422, std::move(field), std::move(reason)});
}

OpsgenieResult<JsonIn> ParseBody(std::string_view body) {
  Result<JsonIn> json = JsonIn::Parse(Trim(body).empty() ? "{}" : body);
  if (!json) return Fault(OpsgenieFault{400, "", json.error().message});
  return *std::move(json);
}

bool IsPriority(std::string_view text) {
  return text.size() == 2 && text[0] == 'P' && text[1] >= '1' && text[1] <= '5';
}

// Texts of a list; others in it are left out.
std::vector<std::string> Words(const Object& root, std::string_view name) {
  std::vector<std::string> words;
  for (const Element& item : ListOf(root, name)) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS || text.empty() || words.size() == kWords) continue;
    // The list is kept as one text.
    std::string word = Cut(text, kWordRunes);
    std::ranges::replace(word, ',', ' ');
    words.push_back(std::move(word));
  }
  return words;
}

// Lists and maps where they belong, or nothing.
std::optional<OpsgenieFault> ShapeFault(const JsonIn& json) {
  const std::string text = json.NoText({"message", "alias", "description", "entity", "source",
                                        "priority", "user", "note", "endTime"});
  if (!text.empty()) return OpsgenieFault{422, text, "must be a string"};
  for (const char* name : {"tags", "actions", "responders", "visibleTo", "teams"}) {
    Element value;
    if (json.root()[name].get(value) != simdjson::SUCCESS || value.is_null()) continue;
    if (!value.is_array()) return OpsgenieFault{422, name, "must be a list"};
  }
  Element details;
  if (json.root()["details"].get(details) != simdjson::SUCCESS || details.is_null()) return {};
  if (!details.is_object()) return OpsgenieFault{422, "details", "must be a map of strings"};
  return std::nullopt;
}

// The first team among the responders, and all of them as one text.
void AddResponders(const Object& root, Change* change) {
  std::vector<std::string> names;
  for (const Element& item : ListOf(root, "responders")) {
    Object responder;
    if (item.get(responder) != simdjson::SUCCESS) continue;
    std::string name;
    for (const char* member : {"name", "username", "id"}) {
      if (name.empty()) name = TextOf(responder, member);
    }
    if (name.empty()) continue;
    const std::string type = TextOf(responder, "type");
    if (type == "team") AddText(&change->labels, "team", name);
    names.push_back(type.empty() ? name : type + ":" + name);
  }
  AddText(&change->annotations, "responders", Join(names, ","));
}

void AddDetails(const Object& details, Change* change) {
  for (const auto& [name, value] : details) {
    if (name != "alertname") AddField(change, name, TextOf(value));
  }
}

void SetPriority(const std::string& priority, Change* change) {
  change->severity = NormalSeverity(priority);
  change->labels.emplace_back("priority", priority);
}

}  // namespace

OpsgenieResult<Change> ReadOpsgenieCreate(std::string_view body, WallTime) {
  const auto json = ParseBody(body);
  if (!json) return tl::unexpected(json.error());
  if (const auto fault = ShapeFault(*json)) return Fault(*fault);
  const std::string message = Cut(json->Text("message"), kMessageRunes);
  if (Trim(message).empty()) return Refuse("message", "Message can not be empty.");
  const std::string priority = json->Text("priority");
  if (!priority.empty() && !IsPriority(priority)) {
    return Refuse("priority", "should be one of [ P1, P2, P3, P4, P5 ]");
  }
  Change change;
  change.refresh = Refresh::kNothing;
  change.entity = Cut(json->Text("alias"), kAliasRunes);
  if (change.entity.empty()) NameByBody(body, &change);
  const Object details = ObjectOf(json->root(), "details").value_or(Object());
  const bool has_details = ObjectOf(json->root(), "details").has_value();
  const std::string name = has_details ? TextOf(details, "alertname") : "";
  AddText(&change.labels, "alertname", name.empty() ? message : name);
  SetPriority(priority.empty() ? "P3" : priority, &change);
  // Alertmanager gives no priority unless told to, and its labels as details.
  const std::string severity =
      has_details && priority.empty() ? NormalSeverity(TextOf(details, "severity")) : "";
  if (!severity.empty()) change.severity = severity;
  AddText(&change.annotations, "summary", message);
  AddText(&change.annotations, "description", Cut(json->Text("description"), kDescriptionRunes));
  AddText(&change.annotations, "tags", Join(Words(json->root(), "tags"), ","));
  AddText(&change.annotations, "actions", Join(Words(json->root(), "actions"), ","));
  AddText(&change.annotations, "entity", Cut(json->Text("entity"), kAliasRunes));
  AddText(&change.annotations, "source", Cut(json->Text("source"), 100));
  AddText(&change.annotations, "note", Cut(json->Text("note"), kNoteRunes));
  AddResponders(json->root(), &change);
  if (has_details) AddDetails(details, &change);
  return change;
}

namespace {

OpsgenieResult<OpsgenieAct> ReadEdit(std::string_view verb, const JsonIn& json, OpsgenieAct act) {
  Change& change = act.change;
  change.verb = Verb::kAnnotate;
  if (verb == "tags") {
    act.name = "AddTags";
    act.tags = Words(json.root(), "tags");
    if (act.tags.empty()) return Refuse("tags", "must not be empty");
  } else if (verb == "details") {
    act.name = "AddDetails";
    const auto details = ObjectOf(json.root(), "details");
    if (!details) return Refuse("details", "must not be empty");
    for (const auto& [name, value] : *details) {
      AddText(&change.annotations, name, TextOf(value));
    }
  } else if (verb == "priority") {
    act.name = "UpdatePriority";
    const std::string priority = json.Text("priority");
    if (!IsPriority(priority)) {
      return Refuse("priority", "should be one of [ P1, P2, P3, P4, P5 ]");
    }
    SetPriority(priority, &change);
    AddText(&change.annotations, kUpdatedPriority, priority);
  } else {
    const bool is_message = verb == "message";
    act.name = is_message ? "UpdateMessage" : "UpdateDescription";
    const std::string text = Cut(json.Text(verb), is_message ? kMessageRunes : kDescriptionRunes);
    if (text.empty()) return Refuse(std::string(verb), "must not be empty");
    AddText(&change.annotations, is_message ? "summary" : "description", text);
  }
  return act;
}

// The first of these members that says something.
std::string NameIn(const Object& object) {
  for (const char* member : {"name", "username", "id"}) {
    std::string name = TextOf(object, member);
    if (!name.empty()) return name;
  }
  return "";
}

// {"escalation": …}, {"responder": …} or {"team": …}: whom they want besides.
OpsgenieResult<OpsgenieAct> ReadCall(std::string_view verb, const JsonIn& json, OpsgenieAct act) {
  const bool is_escalation = verb == "escalate";
  const bool is_team = verb == "teams";
  act.name = is_escalation ? "Escalate" : is_team ? "AddTeam" : "AddResponder";
  act.change.verb = Verb::kCall;
  const std::string member = is_escalation ? "escalation" : is_team ? "team" : "responder";
  const auto object = ObjectOf(json.root(), member);
  const std::string name = object ? NameIn(*object) : "";
  if (name.empty()) return Refuse(member, "must have an id or a name");
  const std::string type = is_escalation ? "escalation"
                           : is_team     ? "team"
                                         : TextOf(*object, "type");
  if (type == "escalation") {
    act.change.assignee = name;
  } else if (type == "user" || type == "team" || type == "schedule") {
    act.change.assignee = type + ":" + name;
  } else {
    return Refuse("responder.type", "should be one of [ user, team, escalation, schedule ]");
  }
  return act;
}

}  // namespace

OpsgenieResult<OpsgenieAct> ReadOpsgenieAct(std::string_view verb, std::string_view body,
                                            WallTime now) {
  const auto json = ParseBody(body);
  if (!json) return tl::unexpected(json.error());
  if (const auto fault = ShapeFault(*json)) return Fault(*fault);
  OpsgenieAct act;
  Change& change = act.change;
  change.actor = json->Text("user");
  change.note = Cut(json->Text("note"), kNoteRunes);
  for (const char* edit : {"tags", "details", "priority", "message", "description"}) {
    if (verb == edit) return ReadEdit(verb, *json, std::move(act));
  }
  for (const char* call : {"escalate", "responders", "teams"}) {
    if (verb == call) return ReadCall(verb, *json, std::move(act));
  }
  if (verb == "acknowledge") {
    act.name = "Acknowledge";
    change.verb = Verb::kAcknowledge;
  } else if (verb == "unacknowledge") {
    act.name = "UnAcknowledge";
    change.verb = Verb::kUnacknowledge;
  } else if (verb == "close" || verb == "delete") {
    act.name = verb == "close" ? "Close" : "Delete";
    change.verb = Verb::kResolve;
  } else if (verb == "notes") {
    act.name = "AddNote";
    change.verb = Verb::kNote;
    if (change.note.empty()) return Refuse("note", "Note can not be empty.");
  } else if (verb == "snooze") {
    act.name = "Snooze";
    change.verb = Verb::kSnooze;
    change.until = ParseTime(json->Text("endTime")).value_or(kNoTime);
    if (change.until <= now) return Refuse("endTime", "should be a date in the future");
  } else if (verb == "assign") {
    act.name = "Assign";
    change.verb = Verb::kAssign;
    const auto owner = ObjectOf(json->root(), "owner");
    if (owner)
      change.assignee = TextOf(*owner, TextOf(*owner, "username").empty() ? "id" : "username");
    if (change.assignee.empty()) return Refuse("owner", "must have an id or a username");
  } else {
    act.name = "Custom";
    act.is_known = false;
  }
  return act;
}

void KeepRoute(const alert::Alert& alert, bool is_in_hand, OpsgenieAct* act) {
  if (act->name != "UpdatePriority" || act->change.labels.empty()) return;
  const bool is_higher =
      act->change.labels.front().second < alert.labels.Get("priority");  // P1 < P2
  if (is_higher && !is_in_hand) return;
  act->change.labels.clear();
  act->change.severity.clear();
}

}  // namespace watchfire::inbound
