// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// For how long of [from, to) each person was on call by any schedule of the roster, as its final
// schedules have it: whoever is on two at once is counted once. Costs in proportion to the
// hand-offs within the range. Any thread.
std::map<std::string, Duration> TimeOnCall(const Roster& roster, WallTime from, WallTime to);

// The same by the team that each schedule is of; "none": it names none. Whoever is on call for two
// teams is counted for both.
std::map<std::string, std::map<std::string, Duration>> TimeOnCallByTeam(const Roster& roster,
                                                                        WallTime from, WallTime to);

}  // namespace watchfire::oncall
