// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Calendars: recurring times such as "weekdays 9:00 to 17:00 in Berlin", during which a route is
// active or muted. Pure values; nothing here reads a clock. Zones come from the system's zoneinfo
// database, each read once per process. Source: Alertmanager timeinterval (reference §3.8).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <cctz/time_zone.h>

#include "pkg/base/time.h"

namespace watchfire::timeinterval {

// Times: minutes of the day 0..1440, the end not included. All others: both ends included.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;

  bool operator==(const Range&) const = default;
};
using Ranges = std::vector<Range>;

struct Location {
  std::string name;      // As written; "" when none was given, which means UTC.
  cctz::time_zone zone;  // UTC unless set.

  bool operator==(const Location&) const = default;
};

// One calendar. A moment is in it if every given field has a range that holds it; a field that is
// given without ranges holds nothing. All is read off the clock and calendar on the wall of
// `location`: an hour that DST skips does not happen, one that it repeats happens twice.
struct TimeInterval {
  std::optional<Ranges> times;
  std::optional<Ranges> weekdays;       // 0 Sunday .. 6 Saturday
  std::optional<Ranges> days_of_month;  // 1..31, or -31..-1 from the end of the month (-1: last)
  std::optional<Ranges> months;         // 1..12
  std::optional<Ranges> years;
  Location location;

  bool Contains(WallTime at) const;
  // Returns the first instant after `at` at which Contains() changes; nullopt if that is not
  // before `at` + kHorizon. Costs 0.2 us to the next day, at most 0.1 ms for all of the horizon.
  std::optional<WallTime> NextChange(WallTime at) const;

  bool operator==(const TimeInterval&) const = default;
};

// How far NextChange() looks. Whoever gets nullopt asks again by then.
inline constexpr std::chrono::hours kHorizon{24 * 366 * 5};

// A named interval of the configuration is a list of calendars, any of which may hold the moment.
bool Contains(const std::vector<TimeInterval>& any, WallTime at);
std::optional<WallTime> NextChange(const std::vector<TimeInterval>& any, WallTime at);

}  // namespace watchfire::timeinterval
