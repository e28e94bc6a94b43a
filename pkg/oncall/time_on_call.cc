// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/time_on_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "pkg/oncall/duty.h"

namespace watchfire::oncall {

std::map<std::string, Duration> TimeOnCall(const Roster& roster, WallTime from, WallTime to) {
  std::map<std::string, std::vector<std::pair<WallTime, WallTime>>> stretches;  // By person.
  for (const Schedule& schedule : roster.schedules) {
    for (const Duty& duty : FinalSchedule(roster, schedule, from, to)) {
      for (const std::string& name : duty.people) {
        stretches[name].emplace_back(duty.begin, duty.end);
      }
    }
  }
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

}  // namespace watchfire::oncall
