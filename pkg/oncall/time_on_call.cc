// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/time_on_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "pkg/oncall/duty.h"

namespace watchfire::oncall {

namespace {

using Stretches = std::map<std::string, std::vector<std::pair<WallTime, WallTime>>>;  // By person.

void AddStretches(const Roster& roster, const Schedule& schedule, WallTime from, WallTime to,
                  Stretches* stretches) {
  for (const Duty& duty : FinalSchedule(roster, schedule, from, to)) {
    for (const std::string& name : duty.people) {
      (*stretches)[name].emplace_back(duty.begin, duty.end);
    }
  }
}

std::map<std::string, Duration> TimesOf(Stretches stretches, WallTime from) {
  std::map<std::string, Duration> times;
  for (auto& [name, spans] : stretches) {
    std::ranges::sort(spans);
    Duration& time = times[name];
    WallTime counted = from;
    for (const auto& [begin, end] : spans) {
      time += std::max(Duration::zero(), end - std::max(begin, counted));
      counted = std::max(counted, end);
    }
  }
  return times;
}

}  // namespace

std::map<std::string, Duration> TimeOnCall(const Roster& roster, WallTime from, WallTime to) {
  Stretches stretches;
  for (const Schedule& schedule : roster.schedules) {
    AddStretches(roster, schedule, from, to, &stretches);
  }
  return TimesOf(std::move(stretches), from);
}

std::map<std::string, std::map<std::string, Duration>> TimeOnCallByTeam(const Roster& roster,
                                                                        WallTime from,
                                                                        WallTime to) {
  std::map<std::string, Stretches> by_team;
  for (const Schedule& schedule : roster.schedules) {
    AddStretches(roster, schedule, from, to,
                 &by_team[schedule.team.empty() ? "none" : schedule.team]);
  }
  std::map<std::string, std::map<std::string, Duration>> times;
  for (auto& [team, stretches] : by_team) times[team] = TimesOf(std::move(stretches), from);
  return times;
}

}  // namespace watchfire::oncall
