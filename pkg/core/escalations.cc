// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/escalations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <simdjson.h>

#include "pkg/base/check.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"

namespace watchfire::core {
namespace {

using Id = RunningEscalation::Id;

constexpr std::string_view kSequence = "escalation_turn/";  // Of Table::kMeta; the policy follows.

std::string KeyOf(const Id& id) { return std::to_string(id.incident) + " " + id.policy; }

void WriteNanos(const char* name, const std::optional<Duration>& value, JsonWriter* json) {
  if (value) json->Field(name, static_cast<int64_t>(value->count()));
}

void WriteProgress(const oncall::Progress& progress, JsonWriter* json) {
  json->Key("progress").StartObject().Field("round", progress.round);
  json->Field("step", static_cast<int64_t>(progress.step));
  json->Field("shift", static_cast<int64_t>(progress.shift.count()));
  json->Field("sequence", static_cast<int64_t>(progress.sequence));
  json->Field("acked", progress.acked).Field("ended", progress.ended);
  json->Key("acked_by").StartArray();
  for (const std::string& name : progress.acked_by) json->String(name);
  json->EndArray().EndObject();
}

void WriteGroups(const char* name, const std::set<RunningEscalation::GroupRef>& groups,
                 JsonWriter* json) {
  json->Key(name).StartArray();
  for (const auto& [receiver, group_key] : groups) {
    json->StartArray().String(receiver).String(group_key).EndArray();
  }
  json->EndArray();
}

void WriteContact(const PersonalContact& contact, JsonWriter* json) {
  json->StartObject().Field("person", contact.person).Field("receiver", contact.receiver);
  WriteNanos("due", contact.due, json);
  WriteNanos("told_at", contact.told_at, json);
  WriteNanos("owed_since", contact.owed_since, json);
  if (contact.has_taken) json->Field("taken", true);
  json->Field("reached", contact.is_reached).Field("cycle", contact.cycle);
  json->Key("owed").StartArray();
  for (const auto& [receiver, group_key, kind, index] : contact.owed) {
    json->StartArray().String(receiver).String(group_key).String(kind).Int(index).EndArray();
  }
  json->EndArray();
  WriteGroups("leads", contact.leads, json);
  if (!contact.muted.empty()) WriteGroups("muted", contact.muted, json);
  json->EndObject();
}

constexpr std::array<std::string_view, 3> kCalled = {"", "rule", "owner"};

// Of records of a version that called nobody there is none.
RunningEscalation::Called ReadCalled(simdjson::dom::element json) {
  std::string_view name;
  if (json["called"].get(name) != simdjson::SUCCESS) return RunningEscalation::Called::kNo;
  const auto found = std::ranges::find(kCalled, name);
  return found == kCalled.end() ? RunningEscalation::Called::kNo
                                : static_cast<RunningEscalation::Called>(found - kCalled.begin());
}

std::optional<Duration> ReadNanos(simdjson::dom::element json, const char* name) {
  int64_t value = 0;
  if (json[name].get(value) != simdjson::SUCCESS) return std::nullopt;
  return Duration(value);
}

std::string ReadText(simdjson::simdjson_result<simdjson::dom::element> json) {
  return std::string(std::string_view(json));
}

oncall::Progress ReadProgress(simdjson::dom::element json) {
  oncall::Progress progress;
  progress.round = static_cast<int>(int64_t(json["round"]));
  progress.step = static_cast<size_t>(uint64_t(json["step"]));
  progress.shift = Duration(int64_t(json["shift"]));
  progress.sequence = uint64_t(json["sequence"]);
  progress.acked = bool(json["acked"]);
  progress.ended = bool(json["ended"]);
  for (const auto name : json["acked_by"]) {
    progress.acked_by.emplace_back(std::string_view(name));
  }
  return progress;
}

// Returns whether there are any.
bool ReadGroups(simdjson::dom::element json, const char* name,
                std::set<RunningEscalation::GroupRef>* groups) {
  simdjson::dom::array all;
  if (json[name].get(all) != simdjson::SUCCESS) return false;
  for (const auto one : all) groups->emplace(ReadText(one.at(0)), ReadText(one.at(1)));
  return true;
}

// `groups`: of the escalation.
PersonalContact ReadContact(simdjson::dom::element json,
                            const std::set<RunningEscalation::GroupRef>& groups) {
  PersonalContact contact;
  contact.person = ReadText(json["person"]);
  contact.receiver = ReadText(json["receiver"]);
  contact.due = ReadNanos(json, "due");
  contact.told_at = ReadNanos(json, "told_at");
  contact.owed_since = ReadNanos(json, "owed_since");
  if (json["taken"].get(contact.has_taken) != simdjson::SUCCESS) contact.has_taken = false;
  contact.is_reached = bool(json["reached"]);
  contact.cycle = static_cast<int>(int64_t(json["cycle"]));
  for (const auto one : json["owed"]) {
    contact.owed.emplace(ReadText(one.at(0)), ReadText(one.at(1)), ReadText(one.at(2)),
                         static_cast<int>(int64_t(one.at(3))));
  }
  // Those of a version that told of each group by itself name no leads.
  if (!ReadGroups(json, "leads", &contact.leads) && contact.is_reached) contact.leads = groups;
  ReadGroups(json, "muted", &contact.muted);
  return contact;
}

bool ReadKey(const std::string& key, Id* id) {
  const size_t blank = key.find(' ');
  if (blank == std::string::npos) return false;
  const auto [end, error] = std::from_chars(key.data(), key.data() + blank, id->incident);
  id->policy = key.substr(blank + 1);
  return error == std::errc() && end == key.data() + blank && id->incident > 0;
}

}  // namespace

PersonalContact* RunningEscalation::ContactOf(const std::string& person,
                                              const std::string& receiver) {
  for (PersonalContact& known : contacts) {
    if (known.person == person && known.receiver == receiver) return &known;
  }
  // Whoever is paged when nobody else can be finds room at any time.
  const bool is_full = contacts.size() >= limits::kEscalationContacts;
  if (is_full && person != kFallbackPerson) return nullptr;
  PersonalContact contact;
  contact.person = person;
  contact.receiver = receiver;
  return &contacts.emplace_back(std::move(contact));
}

bool RunningEscalation::Owes(const nflog::Key& key) const {
  return std::ranges::any_of(contacts, [&](const PersonalContact& contact) {
    return contact.person == key.person && contact.receiver == key.receiver &&
           contact.owed.contains({key.via, key.group_key, key.integration, key.index});
  });
}

RunningEscalation* Escalations::Find(const Id& id) {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : &found->second;
}

RunningEscalation& Escalations::Add(RunningEscalation escalation) {
  const Id id = escalation.id;
  const std::optional<MonoTime> due = std::exchange(escalation.due, std::nullopt);
  const auto [place, is_new] = all_.emplace(id, std::move(escalation));
  WF_CHECK(is_new);
  Index(place->second);
  Arm(&place->second, due);
  return place->second;
}

std::vector<Id> Escalations::OfIncident(uint64_t incident) const {
  std::vector<Id> ids;
  for (auto it = all_.lower_bound({incident, ""}); it != all_.end(); ++it) {
    if (it->first.incident != incident) break;
    ids.push_back(it->first);
  }
  return ids;
}

std::vector<Id> Escalations::OfGroup(const GroupRef& group) const {
  const auto found = by_group_.find(group);
  if (found == by_group_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

void Escalations::AddGroup(RunningEscalation* escalation, const GroupRef& group) {
  escalation->groups.insert(group);
  groups_of_[escalation->id].insert(group);
  by_group_[group].insert(escalation->id);
}

void Escalations::Index(const RunningEscalation& escalation) {
  std::set<GroupRef> now = escalation.groups;
  for (const PersonalContact& contact : escalation.contacts) {
    now.insert(contact.leads.begin(), contact.leads.end());
  }
  std::set<GroupRef>& before = groups_of_[escalation.id];
  for (const GroupRef& group : before) {
    if (!now.contains(group)) Unlist(group, escalation.id);
  }
  for (const GroupRef& group : now) by_group_[group].insert(escalation.id);
  before = std::move(now);
}

void Escalations::Unlist(const GroupRef& group, const Id& id) {
  const auto found = by_group_.find(group);
  found->second.erase(id);
  if (found->second.empty()) by_group_.erase(found);
}

void Escalations::Arm(RunningEscalation* escalation, std::optional<MonoTime> due) {
  if (escalation->due) timers_.erase({*escalation->due, escalation->id});
  escalation->due = due;
  if (due) timers_.emplace(*due, escalation->id);
}

void Escalations::ArmAll(MonoTime due) {
  for (auto& [id, escalation] : all_) Arm(&escalation, due);
}

std::vector<Id> Escalations::TakeDue(MonoTime now) {
  std::vector<Id> ids;
  while (!timers_.empty() && timers_.begin()->first <= now) {
    ids.push_back(timers_.begin()->second);
    Arm(Find(ids.back()), std::nullopt);
  }
  return ids;
}

std::optional<MonoTime> Escalations::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

Record Escalations::Encode(const RunningEscalation& escalation, Now now) {
  JsonWriter json;
  json.StartObject().Key("groups").StartArray();
  for (const auto& [receiver, group_key] : escalation.groups) {
    json.StartArray().String(receiver).String(group_key).EndArray();
  }
  json.EndArray().Field("send_resolved", escalation.send_resolved);
  if (escalation.called != RunningEscalation::Called::kNo) {
    json.Field("called", kCalled.at(static_cast<size_t>(escalation.called)));
    if (escalation.is_owner_by_rule) json.Field("by_rule", true);
  }
  json.Field("cycle", escalation.cycle);
  json.Field("started", ToNanos(escalation.started));
  json.Field("at", ToNanos(now.wall));
  json.Field("elapsed", static_cast<int64_t>((now.mono - escalation.start).count()));
  if (escalation.held_since != kNoTime) json.Field("held_since", ToNanos(escalation.held_since));
  WriteNanos("held_from", escalation.held_from, &json);
  WriteNanos("last_call", escalation.last_call, &json);
  json.Field("run_out", escalation.has_run_out).Field("over", escalation.is_over);
  if (escalation.is_muted) json.Field("muted", true);
  WriteProgress(escalation.progress, &json);
  json.Key("contacts").StartArray();
  for (const PersonalContact& contact : escalation.contacts) WriteContact(contact, &json);
  json.EndArray();
  return {Table::kEscalation, KeyOf(escalation.id), json.EndObject().Take()};
}

Record Escalations::Remove(const Id& id) {
  RunningEscalation* escalation = Find(id);
  WF_CHECK(escalation != nullptr);
  Arm(escalation, std::nullopt);
  for (const GroupRef& group : groups_of_[id]) Unlist(group, id);
  groups_of_.erase(id);
  Record record{Table::kEscalation, KeyOf(id), std::nullopt};
  all_.erase(id);
  return record;
}

Record Escalations::EncodeSequence(const std::string& policy) const {
  const auto found = sequences_.find(policy);
  const uint64_t next = found == sequences_.end() ? 0 : found->second;
  return {Table::kMeta, std::string(kSequence) + policy, std::to_string(next)};
}

bool Escalations::IsSequence(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kSequence);
}

Status Escalations::RestoreSequence(const Record& record) {
  const std::string text = record.value.value_or("");
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Fail(Code::kCorrupt, "escalation: bad turn");
  }
  uint64_t& next = sequences_[record.key.substr(kSequence.size())];
  next = std::max(next, value);
  return {};
}

Status Escalations::Restore(const Record& record, Now now) {
  RunningEscalation escalation;
  if (!ReadKey(record.key, &escalation.id) || all_.contains(escalation.id)) {
    return Fail(Code::kCorrupt, "escalation: bad key");
  }
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    for (const auto group : root["groups"]) {
      escalation.groups.emplace(ReadText(group.at(0)), ReadText(group.at(1)));
    }
    escalation.send_resolved = bool(root["send_resolved"]);
    escalation.called = ReadCalled(root);
    escalation.is_owner_by_rule = root["by_rule"].error() == simdjson::SUCCESS;
    escalation.cycle = static_cast<int>(int64_t(root["cycle"]));
    escalation.started = FromNanos(root["started"]);
    int64_t held_since = 0;
    if (root["held_since"].get(held_since) == simdjson::SUCCESS) {
      escalation.held_since = FromNanos(held_since);
    }
    escalation.last_call = ReadNanos(root, "last_call");
    escalation.has_run_out = bool(root["run_out"]);
    escalation.is_over = bool(root["over"]);
    escalation.is_muted = root["muted"].error() == simdjson::SUCCESS;
    escalation.progress = ReadProgress(root["progress"]);
    for (const auto contact : root["contacts"]) {
      escalation.contacts.push_back(ReadContact(contact, escalation.groups));
    }
    const WallTime at = FromNanos(root["at"]);
    const auto elapsed = Duration(int64_t(root["elapsed"]));
    escalation.held_from = ReadNanos(root, "held_from");
    // Records of a version that did not know it say when the last hold began, by the wall.
    if (!escalation.held_from && escalation.held_since != kNoTime) {
      const Duration held = std::max(Duration::zero(), at - escalation.held_since);
      escalation.held_from = std::max(Duration::zero(), elapsed - held);
    }
    // A clock that was set back meanwhile does not take back what had passed.
    const Duration gone = std::max(Duration::zero(), now.wall - at);
    escalation.start = now.mono - elapsed - gone;
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("escalation: ") + error.what());
  }
  uint64_t& next = sequences_[escalation.id.policy];
  next = std::max(next, escalation.progress.sequence + 1);
  escalation.due = now.mono;
  Add(std::move(escalation));
  return {};
}

}  // namespace watchfire::core
