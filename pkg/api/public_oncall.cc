// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is on call, as VictorOps' public API says it. Pure functions of the configuration and the
// time; core is not asked. As with the vendor, those on call by a policy are whom its first step
// tells.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "pkg/api/public_roster.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/escalation.h"

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;
using oncall::Schedule;
using oncall::Target;

// Which part of a schedule is asked for.
struct Range {
  WallTime now;
  WallTime from;
  WallTime until;
  size_t step = 0;
};

Result<Range> ReadRange(const Call& call) {
  struct Parameter {
    const char* name;
    size_t fallback;
    size_t most;
  };
  constexpr std::array<Parameter, 3> kParameters = {
      {{"daysForward", 14, 30}, {"daysSkip", 0, 90}, {"step", 0, 3}}};
  std::array<size_t, 3> values{};
  for (size_t i = 0; i < kParameters.size(); ++i) {
    const auto& [name, fallback, most] = kParameters[i];
    const Result<size_t> value = ReadOffset(call.request, name, fallback);
    if (!value) return Fail(value.error());
    values[i] = *value;
    if (values[i] > most) {
      return InvalidArgument(std::string(name) + " must be at most " + std::to_string(most));
    }
  }
  const auto days = [](size_t count) { return std::chrono::hours(24 * static_cast<int>(count)); };
  const WallTime now = call.backend.Now();
  const WallTime from = now + days(values[1]);
  return Range{now, from, from + days(values[0]), values[2]};
}

// What a target of a step comes to.
struct Entry {
  const Schedule* schedule = nullptr;  // Null: it names people, who are on call for ever.
  oncall::People now;
  std::optional<WallTime> change;  // When others are on call.
  std::vector<oncall::Duty> duties;
};

Entry EntryOf(const Roster& roster, const Target& target, const Range& range) {
  Entry entry;
  oncall::AddPeople(roster, target, range.now, &entry.now);
  if (target.kind != Target::Kind::kSchedule) return entry;
  const Schedule& schedule = roster.schedules[target.index];
  entry.schedule = &schedule;
  const auto next = oncall::NextDuty(roster, schedule, range.now);
  if (next) entry.change = next->begin;
  entry.duties =
      oncall::MergePeople(oncall::FinalSchedule(roster, schedule, range.from, range.until));
  return entry;
}

bool Concerns(const Entry& entry, const std::string& user) {
  const auto is_there = [&](const oncall::People& people) {
    return std::ranges::find(people, user) != people.end();
  };
  return user.empty() || is_there(entry.now) ||
         std::ranges::any_of(entry.duties,
                             [&](const oncall::Duty& duty) { return is_there(duty.people); });
}

// The first version of the API has names where the second has objects with a username.
enum class Version { kOne, kTwo };

void WriteOnCall(Version version, const char* one, const char* two, const std::string& name,
                 JsonWriter* json) {
  if (version == Version::kOne) {
    json->Field(one, name);
  } else {
    WriteUser(two, name, json);
  }
}

// One for each of those who are on call at once, as the vendor's entries have one user; one without
// a user where nobody is.
void WriteEntry(Version version, const Entry& entry, JsonWriter* json) {
  const bool is_rotation = entry.schedule != nullptr;
  for (size_t i = 0; i < std::max<size_t>(entry.now.size(), 1); ++i) {
    json->StartObject();
    if (i < entry.now.size()) {
      WriteOnCall(version, "onCall", "onCallUser", entry.now[i], json);
    }
    if (version == Version::kOne) {
      json->Field("policyType", is_rotation ? "RotationGroupPolicy" : "UserPolicy");
    } else {
      json->Field("onCallType", is_rotation ? "rotation_group" : "user");
    }
    json->Field("rotationName", is_rotation ? entry.schedule->name : "");
    json->Field("shiftName", is_rotation ? entry.schedule->name : "");
    if (entry.change) json->Field("shiftRoll", FormatRfc3339(*entry.change, 0));
    json->Key("rolls").StartArray();
    for (const oncall::Duty& duty : entry.duties) {
      for (const std::string& name : duty.people) {
        const bool is_one = version == Version::kOne;
        json->StartObject().Field(is_one ? "change" : "start", FormatRfc3339(duty.begin, 0));
        json->Field(is_one ? "until" : "end", FormatRfc3339(duty.end, 0));
        WriteOnCall(version, "onCall", "onCallUser", name, json);
        json->Field("isRoll", true).EndObject();
      }
    }
    json->EndArray().EndObject();
  }
}

// `policy` is whose step the entry is of; null in the first version, whose schedule has none.
void WriteOverrides(Version version, const Entry& entry, const Range& range, const Policy* policy,
                    JsonWriter* json) {
  if (entry.schedule == nullptr) return;
  for (const oncall::Override& change : entry.schedule->overrides) {
    if (change.end <= range.from || change.start >= range.until) continue;
    for (const Target& who : change.who) {
      json->StartObject();
      WriteOnCall(version, "origOnCall", "origOnCallUser", change.replaced, json);
      WriteOnCall(version, "overrideOnCall", "overrideOnCallUser", who.name, json);
      json->Field("start", FormatRfc3339(change.start, 0));
      json->Field("end", FormatRfc3339(change.end, 0));
      if (policy != nullptr) WriteNamed("policy", policy->name, json);
      json->EndObject();
    }
  }
}

// The entries of a step of a policy; of one user alone, unless `user` is empty.
std::vector<Entry> EntriesOf(const Roster& roster, const Policy& policy, const Range& range,
                             const std::string& user) {
  std::vector<Entry> entries;
  const std::optional<oncall::Step> step = StepOf(roster, policy, range.step);
  if (!step) return entries;
  for (const Target& target : step->targets) {
    Entry entry = EntryOf(roster, target, range);
    if (Concerns(entry, user)) entries.push_back(std::move(entry));
  }
  return entries;
}

void WriteEntries(Version version, const std::vector<Entry>& entries, const Range& range,
                  const Policy* policy, JsonWriter* json) {
  json->Key("schedule").StartArray();
  for (const Entry& entry : entries) WriteEntry(version, entry, json);
  json->EndArray().Key("overrides").StartArray();
  for (const Entry& entry : entries) WriteOverrides(version, entry, range, policy, json);
  json->EndArray();
}

// {"team", "schedules"} of the second version. Returns whether it has any.
bool WriteTeamSchedules(const Roster& roster, const std::string& team, const std::string& user,
                        const Range& range, JsonWriter* json) {
  JsonWriter whole;
  whole.StartObject();
  WriteNamed("team", team, &whole);
  whole.Key("schedules").StartArray();
  bool has_any = false;
  for (const Policy& policy : roster.policies) {
    if (TeamName(roster, policy.team) != team) continue;
    const std::vector<Entry> entries = EntriesOf(roster, policy, range, user);
    if (entries.empty()) continue;
    has_any = true;
    whole.StartObject();
    WriteNamed("policy", policy.name, &whole);
    WriteEntries(Version::kTwo, entries, range, &policy, &whole);
    whole.EndObject();
  }
  if (has_any || user.empty()) json->Raw(whole.EndArray().EndObject().Take());
  return has_any;
}

}  // namespace

std::optional<oncall::Step> StepOf(const Roster& roster, const Policy& policy, size_t index) {
  const Result<oncall::Ladder> ladder = oncall::MakeLadder(roster, policy);
  if (!ladder || index >= ladder->steps.size()) return std::nullopt;
  return ladder->steps[index];
}

net::Response GetPublicOncall(const Call& call) {
  return WithRoster(call, [&](const Roster& roster) {
    const std::string* asked = call.request.param("team");
    const WallTime now = call.backend.Now();
    JsonWriter json;
    json.StartObject().Key("teamsOnCall").StartArray();
    for (const std::string& team : TeamNames(roster)) {
      if (asked != nullptr && !asked->empty() && !IsTeam(roster, team, *asked)) continue;
      json.StartObject();
      WriteNamed("team", team, &json);
      json.Key("oncallNow").StartArray();
      for (const Policy& policy : roster.policies) {
        if (TeamName(roster, policy.team) != team) continue;
        oncall::People people;
        if (const auto step = StepOf(roster, policy, 0)) {
          for (const Target& target : step->targets) {
            oncall::AddPeople(roster, target, now, &people);
          }
        }
        json.StartObject();
        WriteNamed("escalationPolicy", policy.name, &json);
        json.Key("users").StartArray();
        for (const std::string& name : people) {
          json.StartObject();
          WriteUser("onCalluser", name, &json);  // So written by the vendor.
          json.EndObject();
        }
        json.EndArray().EndObject();
      }
      json.EndArray().EndObject();
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response GetPublicTeamSchedule(const Call& call) {
  return WithTeam(call, [&](const Roster& roster, const std::string& team) {
    const Result<Range> range = ReadRange(call);
    if (!range) return PublicError(range.error());
    JsonWriter json;
    WriteTeamSchedules(roster, team, "", *range, &json);
    return Json(200, json.Take());
  });
}

net::Response GetPublicTeamScheduleV1(const Call& call) {
  return WithTeam(call, [&](const Roster& roster, const std::string& team) {
    const Result<Range> range = ReadRange(call);
    if (!range) return PublicError(range.error());
    std::vector<Entry> entries;
    for (const Policy& policy : roster.policies) {
      if (TeamName(roster, policy.team) != team) continue;
      for (Entry& entry : EntriesOf(roster, policy, *range, "")) {
        // Several policies often begin with the same rotation.
        const bool is_known = std::ranges::any_of(entries, [&](const Entry& known) {
          return known.schedule == entry.schedule && known.now == entry.now;
        });
        if (!is_known) entries.push_back(std::move(entry));
      }
    }
    JsonWriter json;
    json.StartObject().Field("team", SlugOf(team));
    WriteEntries(Version::kOne, entries, *range, nullptr, &json);
    return Json(200, json.EndObject().Take());
  });
}

net::Response GetPublicUserSchedule(const Call& call) {
  return WithUser(call, [&](const Roster& roster, const std::string& user) {
    const Result<Range> range = ReadRange(call);
    if (!range) return PublicError(range.error());
    JsonWriter json;
    json.StartObject().Key("teamSchedules").StartArray();
    for (const std::string& team : TeamNames(roster)) {
      WriteTeamSchedules(roster, team, user, *range, &json);
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

}  // namespace watchfire::api
