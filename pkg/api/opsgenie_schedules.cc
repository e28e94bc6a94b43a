// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /v2/schedules, one of them, and who is on call: as Opsgenie's Schedule and Who Is On Call
// APIs. To read only: oncall_files say what is. What one schedule answers reads as such a file.

#include <algorithm>
#include <optional>
#include <utility>

#include "pkg/api/opsgenie_roster.h"
#include "pkg/oncall/duty.h"

namespace watchfire::api {
namespace {

using oncall::Layer;
using oncall::Roster;
using oncall::Schedule;
using oncall::Unit;
using oncall::Window;

// Of those on call, that are looked across for who comes next.
constexpr int kChangesMost = 8;

bool IsAsked(const Call& call, const char* name, std::string_view word) {
  const std::string* text = call.request.param(name);
  if (text == nullptr) return false;
  const std::vector<std::string_view> words = Split(*text, ',');
  return std::ranges::find(words, word) != words.end();
}

// The type of a rotation and its length. The vendor's are hourly, daily and weekly.
std::pair<const char*, int64_t> LengthOf(const oncall::Rotation& rotation) {
  switch (rotation.unit) {
    case Unit::kMinute:
      if (rotation.length % 60 == 0) return {"hourly", rotation.length / 60};
      return {"minutely", rotation.length};
    case Unit::kHour:
      return {"hourly", rotation.length};
    case Unit::kDay:
      return {"daily", rotation.length};
    case Unit::kWeek:
      break;
    case Unit::kMonth:
      return {"monthly", rotation.length};
  }
  return {"weekly", rotation.length};
}

void WriteClock(const char* hour, const char* minute, int64_t seconds, JsonWriter* json) {
  json->Field(hour, seconds % Window::kDay / 3600).Field(minute, seconds % 3600 / 60);
}

void WriteWeekly(int64_t start, int64_t length, JsonWriter* json) {
  static constexpr const char* kDays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                          "friday", "saturday", "sunday"};
  const int64_t end = (start + length) % Window::kWeek;
  json->StartObject().Field("startDay", kDays[start / Window::kDay]);
  WriteClock("startHour", "startMin", start, json);
  json->Field("endDay", kDays[end / Window::kDay]);
  WriteClock("endHour", "endMin", end, json);
  json->EndObject();
}

// Nothing when the rotation counts always.
void WriteRestriction(const oncall::Windows& windows, JsonWriter* json) {
  const auto is_whole = [](const Window& window) { return window.length == window.period(); };
  if (windows.empty() || std::ranges::any_of(windows, is_whole)) return;
  json->Key("timeRestriction").StartObject();
  if (windows.size() == 1 && !windows[0].is_weekly) {
    json->Field("type", "time-of-day").Key("restriction").StartObject();
    WriteClock("startHour", "startMin", windows[0].start, json);
    WriteClock("endHour", "endMin", windows[0].start + windows[0].length, json);
    json->EndObject().EndObject();
    return;
  }
  json->Field("type", "weekday-and-time-of-day").Key("restrictions").StartArray();
  for (const Window& window : windows) {
    // The vendor has no several hours of every day: they are those of each.
    const int64_t step = window.period();
    for (int64_t at = window.start; at < Window::kWeek; at += step) {
      WriteWeekly(at, window.length, json);
    }
  }
  json->EndArray().EndObject();
}

// Shifts that stand in a list are a rotation of type custom; the timeline has their times.
void WriteRotation(const Roster& roster, const Schedule& schedule, const Layer& layer,
                   JsonWriter* json) {
  const bool is_list = layer.rotation.slots.empty();
  WallTime start = is_list ? layer.start.value_or(kNoTime) : layer.rotation.anchor;
  if (start == kNoTime && !layer.shifts.empty()) start = layer.shifts.front().start;
  const auto [type, length] =
      is_list ? std::pair<const char*, int64_t>("custom", 1) : LengthOf(layer.rotation);
  json->StartObject().Field("id", OpsgenieId(schedule, layer)).Field("name", layer.name);
  if (start != kNoTime) json->Field("startDate", FormatRfc3339(start, 0));
  if (layer.end) json->Field("endDate", FormatRfc3339(*layer.end, 0));
  if (layer.zone.name != schedule.zone.name) json->Field("timezone", layer.zone.name);
  json->Field("type", type).Field("length", length).Key("participants").StartArray();
  for (const oncall::Targets& slot : layer.rotation.slots) {
    if (slot.empty()) json->StartObject().Field("type", "none").EndObject();
    for (const oncall::Target& target : slot) WriteRecipient(roster, target, json);
  }
  oncall::Targets named;
  for (const oncall::Shift& shift : layer.shifts) {
    for (const oncall::Target& target : shift.who) {
      if (std::ranges::find(named, target) == named.end()) named.push_back(target);
    }
  }
  for (const oncall::Target& target : named) WriteRecipient(roster, target, json);
  json->EndArray();
  WriteRestriction(layer.windows, json);
  json->EndObject();
}

void WriteRotations(const Roster& roster, const Schedule& schedule, JsonWriter* json) {
  for (const Layer& layer : schedule.layers) WriteRotation(roster, schedule, layer, json);
}

void WriteSchedule(const Roster& roster, const Schedule& schedule, bool is_whole,
                   JsonWriter* json) {
  json->StartObject().Field("id", OpsgenieId(schedule)).Field("name", schedule.name);
  json->Field("description", "");
  json->Field("timezone", schedule.zone.name.empty() ? "UTC" : schedule.zone.name);
  json->Field("enabled", schedule.enabled);
  WriteOwnerTeam(roster, schedule.team, json);
  json->Key("rotations").StartArray();
  if (is_whole) WriteRotations(roster, schedule, json);
  json->EndArray().EndObject();
}

// Member `flat_key`, a list of names, or `key`, one of users.
void WritePeople(const Roster& roster, const oncall::People& people, bool is_flat,
                 const char* flat_key, const char* key, JsonWriter* json) {
  json->Key(is_flat ? flat_key : key).StartArray();
  for (const std::string& name : people) {
    if (is_flat) {
      json->String(name);
    } else {
      WriteOnCallUser(roster, name, json);
    }
  }
  json->EndArray();
}

void WriteOnCalls(const Roster& roster, const Schedule& schedule, WallTime at, bool is_flat,
                  JsonWriter* json) {
  json->StartObject();
  WriteParent(schedule, json);
  WritePeople(roster, oncall::WhoAt(roster, schedule, at), is_flat, "onCallRecipients",
              "onCallParticipants", json);
  json->EndObject();
}

// Who comes on call first after `at`, beside those who stay, or after a gap; nobody if none does.
oncall::People NextPeople(const Roster& roster, const Schedule& schedule, WallTime at) {
  oncall::People before = oncall::WhoAt(roster, schedule, at);
  for (int i = 0; i < kChangesMost; ++i) {
    std::optional<oncall::Duty> next = oncall::NextDuty(roster, schedule, at);
    if (!next) break;
    at = next->begin;
    oncall::People fresh = next->people;
    std::erase_if(fresh, [&](const std::string& name) {
      return std::ranges::find(before, name) != before.end();
    });
    if (!fresh.empty()) return fresh;
    before = std::move(next->people);
  }
  return {};
}

}  // namespace

net::Response GetOpsgenieSchedules(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    const bool is_whole = IsAsked(call, "expand", "rotation");
    JsonWriter json;
    json.StartObject().Key("data").StartArray();
    for (const Schedule& schedule : roster.schedules) {
      WriteSchedule(roster, schedule, is_whole, &json);
    }
    json.EndArray().Key("expandable").StartArray().String("rotation").EndArray();
    return visit.Show(json);
  });
}

net::Response GetOpsgenieSchedule(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        JsonWriter json;
        json.StartObject().Key("data");
        WriteSchedule(roster, schedule, true, &json);
        return visit.Show(json);
      });
}

net::Response GetOpsgenieRotations(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        JsonWriter json;
        json.StartObject().Key("data").StartArray();
        WriteRotations(roster, schedule, &json);
        json.EndArray();
        return visit.Show(json);
      });
}

net::Response GetOpsgenieOnCalls(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        const auto at = ReadOpsgenieDate(call.request, call.backend.Now());
        if (!at) return visit.Refuse(at.error());
        JsonWriter json;
        json.StartObject().Key("data");
        WriteOnCalls(roster, schedule, *at, IsAsked(call, "flat", "true"), &json);
        return visit.Show(json);
      });
}

net::Response GetOpsgenieAllOnCalls(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    const auto at = ReadOpsgenieDate(call.request, call.backend.Now());
    if (!at) return visit.Refuse(at.error());
    JsonWriter json;
    json.StartObject().Key("data").StartArray();
    for (const Schedule& schedule : roster.schedules) {
      WriteOnCalls(roster, schedule, *at, IsAsked(call, "flat", "true"), &json);
    }
    json.EndArray();
    return visit.Show(json);
  });
}

net::Response GetOpsgenieNextOnCalls(const Call& call) {
  return WithOpsgenieSchedule(
      call, [&](OpsgenieVisit& visit, const Roster& roster, const Schedule& schedule) {
        const auto at = ReadOpsgenieDate(call.request, call.backend.Now());
        if (!at) return visit.Refuse(at.error());
        const bool is_flat = IsAsked(call, "flat", "true");
        JsonWriter json;
        json.StartObject().Key("data").StartObject();
        WriteParent(schedule, &json);
        // Names are participants here and recipients above: so written by the vendor.
        WritePeople(roster, oncall::NeighboursAt(roster, schedule, *at, 1), is_flat,
                    "nextOnCallParticipants", "nextOnCallRecipients", &json);
        WritePeople(roster, NextPeople(roster, schedule, *at), is_flat,
                    "exactNextOnCallParticipants", "exactNextOnCallRecipients", &json);
        json.EndObject();
        return visit.Show(json);
      });
}

}  // namespace watchfire::api
