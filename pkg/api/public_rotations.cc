// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The rotations of a team, as VictorOps' public API has them: a schedule is a rotation, and each of
// its layers a shift. What that form cannot say (turns of hours or months, several people at once,
// layers that win over others) is left out of masks and durations; the periods are exact. Reading
// the answer as a file of oncall_files gives the schedule again. Source: reference paging-backends
// §1.3, §1.5.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "pkg/api/public_roster.h"
#include "pkg/oncall/duty.h"

namespace watchfire::api {
namespace {

using oncall::Layer;
using oncall::Policy;
using oncall::Roster;
using oncall::Schedule;
using oncall::Target;
using oncall::Unit;
using oncall::Window;
using oncall::Windows;
using Days = std::chrono::days;

constexpr Days kAround{31};    // Periods are sought so far before and after now.
constexpr Days kAhead{14};     // What begins within these is listed, as schedules are by default,
constexpr size_t kMost = 100;  // of one shift so many.

// On the clock on the wall, within a day, in minutes; end <= start: of the next day. A time that
// ends at midnight ends at 0, as the vendor writes it.
struct Hours {
  int64_t start = 0;
  int64_t end = 0;

  bool operator==(const Hours&) const = default;
};

// Days from Monday, and the hours of each of them.
struct Mask {
  std::array<bool, 7> days{};
  std::vector<Hours> hours;
};

struct Masks {
  const char* type = "std";
  std::vector<Mask> masks;
};

// A stretch of one shift, and whose it is.
struct Period {
  WallTime begin;
  WallTime end;
  std::string user;
};

Mask MaskOfDay(size_t day, Hours hours) {
  Mask mask;
  mask.days.at(day) = true;
  mask.hours = {hours};
  return mask;
}

// One window of several days: its first day, those between, and its last.
Masks SeveralDays(const Window& window) {
  const int64_t first = window.start / Window::kDay;
  const int64_t end = window.start + window.length;
  const int64_t last = (end - 1) / Window::kDay;
  const auto day = [](int64_t number) { return static_cast<size_t>(number % 7); };
  Masks masks{"cstm", {MaskOfDay(day(first), {window.start % Window::kDay / 60, 0})}};
  Mask between;
  between.hours = {{0, 0}};
  for (int64_t number = first + 1; number < last; ++number) between.days.at(day(number)) = true;
  if (last > first + 1) masks.masks.push_back(between);
  // 24:00 here: who reads only this mask's end shall not take the beginning of the day for it.
  masks.masks.push_back(MaskOfDay(day(last), {0, (end - last * Window::kDay) / 60}));
  return masks;
}

void AddHours(int64_t day, int64_t start, int64_t end, std::array<std::vector<Hours>, 7>* week) {
  week->at(static_cast<size_t>(day % 7)).push_back({start / 60, end / 60 % (24 * 60)});
}

// The hours that begin on each day. What takes longer than a day is cut at midnight.
std::array<std::vector<Hours>, 7> WeekOf(const Windows& windows) {
  std::array<std::vector<Hours>, 7> week;
  for (const Window& window : windows) {
    const int64_t first = window.start / Window::kDay;
    int64_t start = window.start % Window::kDay;
    int64_t length = window.length;
    if (!window.is_weekly) {
      for (int64_t day = 0; day < 7; ++day) AddHours(day, start, start + length, &week);
      continue;
    }
    if (length <= Window::kDay) {
      AddHours(first, start, start + length, &week);
      continue;
    }
    for (int64_t day = first; length > 0; ++day) {
      const int64_t part = std::min(length, Window::kDay - start);
      AddHours(day, start, start + part, &week);
      length -= part;
      start = 0;
    }
  }
  return week;
}

Masks MasksOf(const Windows& windows) {
  if (windows.empty()) {
    Mask always;
    always.days.fill(true);
    always.hours = {{0, 0}};
    return {"std", {always}};
  }
  const Window& only = windows.front();
  const bool is_stretch = only.is_weekly && only.length > Window::kDay;
  if (windows.size() == 1 && is_stretch && only.length < Window::kWeek) return SeveralDays(only);
  Masks masks{"pho", {}};
  const auto week = WeekOf(windows);
  for (size_t day = 0; day < week.size(); ++day) {
    if (week.at(day).empty()) continue;
    const auto same = std::ranges::find(masks.masks, week.at(day), &Mask::hours);
    if (same == masks.masks.end()) {
      masks.masks.push_back({{}, week.at(day)});
      masks.masks.back().days.at(day) = true;
    } else {
      same->days.at(day) = true;
    }
  }
  return masks;
}

void WriteTime(const char* key, int64_t minute, JsonWriter* json) {
  json->Key(key).StartObject().Field("hour", minute / 60).Field("minute", minute % 60).EndObject();
}

void WriteMasks(const Masks& masks, JsonWriter* json) {
  constexpr std::array<const char*, 3> kKeys = {"mask", "mask2", "mask3"};
  constexpr std::array<const char*, 7> kDays = {"m", "t", "w", "th", "f", "sa", "su"};
  for (size_t i = 0; i < std::min(masks.masks.size(), kKeys.size()); ++i) {
    const Mask& mask = masks.masks[i];
    json->Key(kKeys.at(i)).StartObject().Key("day").StartObject();
    for (size_t day = 0; day < kDays.size(); ++day) json->Field(kDays.at(day), mask.days.at(day));
    json->EndObject().Key("time").StartArray();
    for (const Hours& hours : mask.hours) {
      json->StartObject();
      WriteTime("start", hours.start, json);
      WriteTime("end", hours.end, json);
      json->EndObject();
    }
    json->EndArray().EndObject();
  }
}

// In days, rounded up.
int64_t DaysOf(const Layer& layer) {
  const auto in_days = [](int64_t count, int64_t a_day) { return (count + a_day - 1) / a_day; };
  if (layer.rotation.slots.empty()) {
    if (layer.shifts.empty()) return 1;
    const Duration length = layer.shifts.front().end - layer.shifts.front().start;
    return std::max<int64_t>(1, std::chrono::ceil<Days>(length).count());
  }
  switch (layer.rotation.unit) {
    case Unit::kMinute:
      return in_days(layer.rotation.length, 24 * 60);
    case Unit::kHour:
      return in_days(layer.rotation.length, 24);
    case Unit::kDay:
      break;
    case Unit::kWeek:
      return layer.rotation.length * 7;
    case Unit::kMonth:
      return layer.rotation.length * 30;
  }
  return layer.rotation.length;
}

// Who takes turns, in order: more than once, if it is more than one turn. A turn of several people
// counts for each. Of a list of shifts, each once.
std::vector<std::string> MembersOf(const Roster& roster, const Layer& layer, WallTime now) {
  std::vector<std::string> members;
  const auto add = [&](const oncall::Targets& targets, oncall::People* people) {
    for (const Target& target : targets) oncall::AddPeople(roster, target, now, people);
  };
  for (const oncall::Targets& slot : layer.rotation.slots) {
    oncall::People people;
    add(slot, &people);
    members.insert(members.end(), people.begin(), people.end());
  }
  for (const oncall::Shift& shift : layer.shifts) add(shift.who, &members);
  return members;
}

// Of the shift alone, whatever overrides and other layers say of it: those that are not over.
std::vector<Period> PeriodsOf(const Roster& roster, const Schedule& schedule, const Layer& layer,
                              WallTime now) {
  Schedule alone;
  alone.zone = schedule.zone;
  alone.enabled = schedule.enabled;
  alone.layers = {layer};
  std::vector<Period> periods;
  for (const oncall::Duty& duty :
       oncall::MergePeople(oncall::FinalSchedule(roster, alone, now - kAround, now + kAround))) {
    if (duty.end <= now) continue;
    for (const std::string& name : duty.people) {
      if (periods.size() < kMost) periods.push_back({duty.begin, duty.end, name});
    }
  }
  return periods;
}

void WritePeriod(const Period& period, JsonWriter* json) {
  json->StartObject().Field("start", FormatRfc3339(period.begin, 0));
  json->Field("end", FormatRfc3339(period.end, 0)).Field("username", period.user);
  json->Field("isRoll", true).Field("memberSlug", SlugOf(period.user)).EndObject();
}

void WriteShift(const Roster& roster, const Schedule& schedule, const Layer& layer, WallTime now,
                JsonWriter* json) {
  const bool is_list = layer.rotation.slots.empty();
  WallTime start = layer.rotation.anchor;
  if (is_list) start = layer.shifts.empty() ? now : layer.shifts.front().start;
  json->StartObject().Field("label", layer.name);
  json->Field("timezone", layer.zone.name.empty() ? "UTC" : layer.zone.name);
  json->Field("start", FormatRfc3339(start, 0)).Field("duration", DaysOf(layer));
  const Masks masks = MasksOf(layer.windows);
  json->Field("shifttype", masks.type);
  WriteMasks(masks, json);
  const std::vector<Period> periods = PeriodsOf(roster, schedule, layer, now);
  json->Key("periods").StartArray();
  for (const Period& period : periods) {
    if (period.begin < now + kAhead) WritePeriod(period, json);
  }
  json->EndArray();
  const auto is_next = [&](const Period& period) { return period.begin > now; };
  const auto next = std::ranges::find_if(periods, is_next);
  if (next != periods.begin()) {
    json->Key("current");
    WritePeriod(periods.front(), json);
  }
  if (next != periods.end()) {
    json->Key("next");
    WritePeriod(*next, json);
  }
  json->Key("shiftMembers").StartArray();
  for (const std::string& name : MembersOf(roster, layer, now)) {
    json->StartObject().Field("username", name).Field("slug", SlugOf(name)).EndObject();
  }
  json->EndArray().EndObject();
}

void WriteRotation(const Roster& roster, const Schedule& schedule, WallTime now, JsonWriter* json) {
  std::vector<std::string> members;
  JsonWriter shifts;
  shifts.StartArray();
  for (const Layer& layer : schedule.layers) {
    if (layer.end && *layer.end <= now) continue;
    WriteShift(roster, schedule, layer, now, &shifts);
    for (std::string& name : MembersOf(roster, layer, now)) {
      if (std::ranges::find(members, name) == members.end()) members.push_back(std::move(name));
    }
  }
  json->StartObject().Field("label", schedule.name);
  json->Field("totalMembersInRotation", static_cast<int64_t>(members.size()));
  json->Key("shifts").Raw(shifts.EndArray().Take()).EndObject();
}

bool IsPagedBy(const Roster& roster, size_t schedule, const std::string& team) {
  return std::ranges::any_of(roster.policies, [&](const Policy& policy) {
    return TeamName(roster, policy.team) == team && Pages(policy, schedule);
  });
}

// Its schedules, and those of no team that its policies page.
std::vector<const Schedule*> SchedulesOf(const Roster& roster, const std::string& team) {
  std::vector<const Schedule*> schedules;
  for (size_t i = 0; i < roster.schedules.size(); ++i) {
    const Schedule& schedule = roster.schedules[i];
    const bool is_its = schedule.team.empty() ? IsPagedBy(roster, i, team)
                                              : TeamName(roster, schedule.team) == team;
    if (is_its) schedules.push_back(&schedule);
  }
  return schedules;
}

void WriteRotations(const Roster& roster, const std::vector<const Schedule*>& schedules,
                    WallTime now, JsonWriter* json) {
  json->Key("rotations").StartArray();
  for (const Schedule* schedule : schedules) WriteRotation(roster, *schedule, now, json);
  json->EndArray();
}

}  // namespace

net::Response GetPublicRotations(const Call& call) {
  return WithTeam(call, [&](const Roster& roster, const std::string& team) {
    JsonWriter json;
    json.StartObject();
    WriteRotations(roster, SchedulesOf(roster, team), call.backend.Now(), &json);
    return Json(200, json.EndObject().Take());
  });
}

// Documents of this version differ: some have the names of groups, others the same as the second.
net::Response GetPublicRotationsV1(const Call& call) {
  return WithTeam(call, [&](const Roster& roster, const std::string& team) {
    const std::vector<const Schedule*> schedules = SchedulesOf(roster, team);
    JsonWriter json;
    json.StartObject().Key("rotationGroups").StartArray();
    for (const Schedule* schedule : schedules) {
      json.StartObject().Field("teamSlug", SlugOf(team)).Field("slug", SlugOf(schedule->name));
      json.Field("label", schedule->name).EndObject();
    }
    json.EndArray();
    WriteRotations(roster, schedules, call.backend.Now(), &json);
    return Json(200, json.EndObject().Take());
  });
}

}  // namespace watchfire::api
