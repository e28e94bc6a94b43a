// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `reports`: how good the alerting was, told by itself when a day, week or month of it is over.
// Plain values, and when each is due: pure functions of time; any thread.

#pragma once

#include <cstddef>
#include <string>

#include "pkg/base/time.h"
#include "pkg/timeinterval/timeinterval.h"

namespace watchfire::config {

inline constexpr size_t kReportsMax = 20;
inline constexpr int kReportDayMax = 28;  // Every month has it.

struct Report {
  enum class Every { kDay, kWeek, kMonth };

  std::string receiver;  // A defined one; its integrations that can tell it (CanTellHandoff).
  Every every = Every::kWeek;
  int weekday = 0;      // `weekday` of kWeek: 0 Monday .. 6 Sunday.
  int day = 1;          // `day` of kMonth: 1..kReportDayMax.
  int minute = 9 * 60;  // `at`: of the day, on the wall of `location`.
  timeinterval::Location location;
  std::string team;  // Only this team's incidents; "": all.

  // What tells it from all others: "week monday 09:00 Europe/Berlin to managers of core".
  std::string id() const;
  bool operator==(const Report&) const = default;
};

const char* EveryName(Report::Every every);  // "day", "week", "month"

// The last time at or before `at` at which it is due, and the first after it. What DST skips is due
// when the clocks have moved on; what it repeats, the first time.
WallTime LastDue(const Report& report, WallTime at);
WallTime NextDue(const Report& report, WallTime at);

}  // namespace watchfire::config
