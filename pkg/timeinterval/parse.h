// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The text of calendars: one function for each field of the configuration, and its way back.
// Errors are kInvalidArgument in Alertmanager's words; case does not matter, abbreviations are not
// known. Source: Alertmanager timeinterval (reference §3.8); of 0.35 are ranges of weekdays that
// pass the end of the week.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/timeinterval/timeinterval.h"

namespace watchfire::timeinterval {

// "09:00", "24:00". A range cannot cross midnight.
Result<Range> ParseTimes(std::string_view start, std::string_view end);
// "monday:friday", "sunday". The week begins on Sunday; a range that passes its end, as
// "friday:monday" does, begins after it ends: see WithinWeeks().
Result<Range> ParseWeekdays(std::string_view text);
// Returns ranges of TimeInterval::weekdays for one of ParseWeekdays: two if it passes the end of
// the week.
Ranges WithinWeeks(const Range& range);
// "1:5", "-3:-1", "31".
Result<Range> ParseDaysOfMonth(std::string_view text);
// "may:august", "1:3", "12". Numbers beyond the year's months are accepted, and never come.
Result<Range> ParseMonths(std::string_view text);
// "2020:2022", "2030".
Result<Range> ParseYears(std::string_view text);
// "Europe/Berlin", "UTC", "" (UTC), "Local" (what the system or TZ says).
Result<Location> ParseLocation(const std::string& name);

// What Alertmanager prints: "09:05"; "monday:friday" or "monday"; "1:5" or "1", months too.
std::string FormatTime(int64_t minute);
std::string FormatWeekdays(const Range& range);
std::string FormatNumbers(const Range& range);

}  // namespace watchfire::timeinterval
