// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A final schedule as an iCalendar, for the calendars of those who are on call. Source: RFC 5545.

#pragma once

#include <string>
#include <vector>

#include "pkg/oncall/duty.h"

namespace watchfire::oncall {

// One event for each stretch in which somebody is on call. Identifiers depend on the schedule, the
// people and the beginning alone, so a calendar that reads the feed again changes events instead of
// doubling them. `now` stamps them.
std::string WriteCalendar(const Schedule& schedule, const std::vector<Duty>& duties, WallTime now);

}  // namespace watchfire::oncall
