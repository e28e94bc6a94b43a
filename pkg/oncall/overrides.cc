// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/overrides.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/for_config.h"
#include "pkg/oncall/person.h"

namespace watchfire::oncall {
namespace {

constexpr std::string_view kPrefix = "override/";

Record Encode(const MadeOverride& made) {
  const OverrideDraft& draft = made.draft;
  JsonWriter json;
  json.StartObject().Field("schedule", draft.schedule).Field("who", draft.who);
  json.Field("from", ToNanos(draft.from)).Field("to", ToNanos(draft.to));
  json.Field("replaces", draft.replaces).Field("add", draft.is_added);
  json.Field("by", draft.made_by).Field("note", draft.note).Field("at", ToNanos(made.made_at));
  if (!draft.group.empty()) json.Field("group", draft.group);
  if (made.ended_at != kNoTime) {
    json.Field("ended", ToNanos(made.ended_at)).Field("ended_by", made.ended_by);
  }
  return {Table::kMeta, std::string(kPrefix) + std::to_string(made.id), json.EndObject().Take()};
}

bool IsOver(const MadeOverride& made, WallTime now) {
  return made.ended_at != kNoTime || made.draft.to <= now;
}

std::set<std::string> PeopleOf(const Roster& roster) {
  std::set<std::string> people;
  for (const User& user : roster.users) people.insert(user.name);
  for (const Team& team : roster.teams) {
    for (const Member& member : team.members) people.insert(member.user);
  }
  for (const Schedule& schedule : roster.schedules) {
    for (std::string& name : Everybody(roster, schedule)) people.insert(std::move(name));
  }
  return people;
}

Target PersonTarget(const std::string& name) {
  Target target;
  target.name = name;
  return target;
}

Override ToOverride(const OverrideDraft& draft) {
  Override one;
  one.start = draft.from;
  one.end = draft.to;
  one.who = {PersonTarget(draft.who)};
  one.replaced = draft.replaces;
  if (!draft.replaces.empty()) one.mode = Override::Mode::kSubstitute;
  if (draft.is_added) one.mode = Override::Mode::kAdd;
  return one;
}

Status CheckTexts(const OverrideDraft& draft) {
  if (draft.made_by.empty()) return InvalidArgument("actor must say who makes the override");
  if (draft.who.empty()) return InvalidArgument("who must name whoever is to be on call");
  for (const std::string* text :
       {&draft.made_by, &draft.who, &draft.replaces, &draft.schedule, &draft.group}) {
    if (text->size() > limits::kIncidentNameBytes) {
      return InvalidArgument("a name has at most " + std::to_string(limits::kIncidentNameBytes) +
                             " bytes");
    }
  }
  if (draft.note.size() > limits::kNoteBytes) {
    return InvalidArgument("note has at most " + std::to_string(limits::kNoteBytes) + " bytes");
  }
  if (draft.is_added && !draft.replaces.empty()) {
    return InvalidArgument("add and replaces exclude each other");
  }
  return {};
}

Status CheckTimes(const OverrideDraft& draft, WallTime now) {
  if (draft.from > now + Overrides::kAhead) {
    return InvalidArgument("an override begins within two years: change the schedule itself");
  }
  if (draft.to <= now) return InvalidArgument("the override must end in the future");
  if (draft.to <= draft.from) return InvalidArgument("the override must end after it begins");
  if (draft.to - draft.from > Overrides::kLongest) {
    return InvalidArgument("an override lasts at most 366 days: change the schedule itself");
  }
  return {};
}

}  // namespace

Result<Overrides::Written> Overrides::Add(const Roster* roster, OverrideDraft draft, WallTime now) {
  WF_RETURN_IF_ERROR(CheckTexts(draft));
  const Schedule* schedule = nullptr;
  if (roster != nullptr && !draft.schedule.empty()) schedule = roster->FindSchedule(draft.schedule);
  if (roster != nullptr && draft.schedule.empty() && roster->schedules.size() == 1) {
    schedule = &roster->schedules.front();
  }
  if (schedule == nullptr && draft.schedule.empty()) {
    return InvalidArgument("schedule must name one of those that GET /api/v1/oncall lists");
  }
  if (schedule == nullptr) {
    return Fail(Code::kNotFound, "no schedule is called " + GoQuote(draft.schedule));
  }
  draft.schedule = schedule->name;
  const std::set<std::string> people = PeopleOf(*roster);
  for (std::string* name : {&draft.who, &draft.replaces}) {
    if (name->empty()) continue;
    *name = PersonCalled(roster, *name);
    if (!people.contains(*name)) {
      return InvalidArgument("nobody is called " + GoQuote(*name) +
                             " in the files of the schedules (oncall_files)");
    }
  }
  if (draft.who == draft.replaces && draft.group.empty())
    return InvalidArgument("who and replaces are the same person");
  using std::chrono::seconds;
  draft.from = std::chrono::floor<seconds>(std::max(draft.from, now));
  draft.to = std::chrono::floor<seconds>(draft.to);
  WF_RETURN_IF_ERROR(CheckTimes(draft, now));
  const auto live =
      std::ranges::count_if(all_, [&](const auto& entry) { return !IsOver(entry.second, now); });
  if (static_cast<size_t>(live) >= kMost) {
    return Fail(Code::kExhausted, "there are " + std::to_string(live) +
                                      " overrides already: end some, or change the schedule");
  }
  MadeOverride made;
  made.id = ++last_;
  made.draft = std::move(draft);
  made.made_at = now;
  Written written{made.id, Encode(made)};
  all_.emplace(made.id, std::move(made));
  return written;
}

Result<Record> Overrides::End(uint64_t id, const std::string& by, WallTime now) {
  if (by.empty()) return InvalidArgument("actor must say who ends the override");
  if (by.size() > limits::kIncidentNameBytes) {
    return InvalidArgument("a name has at most " + std::to_string(limits::kIncidentNameBytes) +
                           " bytes");
  }
  const auto found = all_.find(id);
  if (found == all_.end()) return Fail(Code::kNotFound, "no override " + std::to_string(id));
  MadeOverride& made = found->second;
  if (IsOver(made, now)) {
    return Fail(Code::kConflict, "override " + std::to_string(id) + " is over");
  }
  made.draft.to =
      std::max(made.draft.from, WallTime(std::chrono::floor<std::chrono::seconds>(now)));
  made.ended_at = now;
  made.ended_by = by;
  return Encode(made);
}

bool Overrides::IsOverride(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kPrefix);
}

Status Overrides::Restore(const Record& record) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    const auto string = [&](const char* name) { return std::string(std::string_view(root[name])); };
    MadeOverride made;
    const char* const end = record.key.data() + record.key.size();
    const auto [last, fault] = std::from_chars(record.key.data() + kPrefix.size(), end, made.id);
    if (fault != std::errc() || last != end || made.id == 0) {
      return Fail(Code::kCorrupt, "override: no id");
    }
    made.draft = {string("schedule"),    string("who"),      FromNanos(root["from"]),
                  FromNanos(root["to"]), string("replaces"), bool(root["add"]),
                  string("by"),          string("note"),     ""};
    if (root["group"].error() == simdjson::SUCCESS) made.draft.group = string("group");
    made.made_at = FromNanos(root["at"]);
    if (root["ended"].error() == simdjson::SUCCESS) {
      made.ended_at = FromNanos(root["ended"]);
      made.ended_by = string("ended_by");
    }
    last_ = std::max(last_, made.id);
    all_[made.id] = std::move(made);
    return {};
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("override: ") + error.what());
  }
}

std::vector<Record> Overrides::Collect(WallTime now, Duration kept) {
  std::vector<Record> gone;
  for (auto it = all_.begin(); it != all_.end();) {
    const MadeOverride& made = it->second;
    const WallTime over_at = made.ended_at == kNoTime ? made.draft.to : made.ended_at;
    const bool is_too_much = all_.size() > kKept;
    // The last one tells the next life of the process how far ids have come.
    if (made.id == last_ || !IsOver(made, now) || (now - over_at < kept && !is_too_much)) {
      ++it;
      continue;
    }
    gone.push_back({Table::kMeta, std::string(kPrefix) + std::to_string(made.id), std::nullopt});
    it = all_.erase(it);
  }
  return gone;
}

std::vector<MadeOverride> Overrides::List() const {
  std::vector<MadeOverride> list;
  for (const auto& [id, made] : all_) list.push_back(made);
  return list;
}

bool Overrides::IsOf(const Roster* roster, const MadeOverride& made) {
  if (roster == nullptr || roster->FindSchedule(made.draft.schedule) == nullptr) return false;
  const std::set<std::string> people = PeopleOf(*roster);
  const std::string& replaced = made.draft.replaces;
  return people.contains(made.draft.who) && (replaced.empty() || people.contains(replaced));
}

std::shared_ptr<const Roster> Overrides::Over(std::shared_ptr<const Roster> files) const {
  if (files == nullptr || all_.empty()) return files;
  const std::set<std::string> people = PeopleOf(*files);
  auto roster = std::make_shared<Roster>(*files);
  for (const auto& [id, made] : all_) {
    const OverrideDraft& draft = made.draft;
    if (draft.to <= draft.from || !people.contains(draft.who)) continue;
    if (draft.who == draft.replaces) continue;
    const Schedule* schedule = files->FindSchedule(draft.schedule);
    if (schedule == nullptr) continue;
    const auto index = static_cast<size_t>(schedule - files->schedules.data());
    roster->schedules[index].overrides.push_back(ToOverride(draft));
  }
  return roster;
}

}  // namespace watchfire::oncall
