// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules as JSON, the same for the API and wfctl. Times are RFC 3339 in UTC.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/oncall/duty.h"

namespace watchfire::oncall {

// {"schedule", "at", "oncall": [names], "until", "next": [names]}; the last two are null when
// nothing changes for two years. `next`: NextDuty() of that moment.
std::string WhoJson(const Schedule& schedule, WallTime at, const People& people,
                    const std::optional<Duty>& next);

// {"schedule", "timeZone", "from", "to", "coverage", "entries": [{"start", "end", "oncall",
// "source"}]}. `duties`: FinalSchedule() of that range.
std::string ScheduleJson(const Roster& roster, const Schedule& schedule, WallTime from, WallTime to,
                         const std::vector<Duty>& duties);

}  // namespace watchfire::oncall
