// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/period.h"

#include <algorithm>

namespace watchfire::slo {
namespace {

using cctz::civil_day;
using cctz::civil_month;
using cctz::civil_second;

// The `index`-th period's start; those before the first have negative ones.
civil_second StartOf(const config::CalendarPeriod& calendar, int64_t index) {
  const civil_second first = calendar.start;
  civil_day day = civil_day(first);
  if (calendar.unit == config::CalendarPeriod::Unit::kDay) {
    day += index * calendar.count;
  } else {
    const civil_month month = civil_month(first) + index * calendar.count;
    const int last = (civil_day(month + 1) - 1).day();
    day = civil_day(month.year(), month.month(), std::min(first.day(), last));
  }
  return civil_second(day.year(), day.month(), day.day(), first.hour(), first.minute(),
                      first.second());
}

WallTime ToWall(const config::CalendarPeriod& calendar, civil_second civil) {
  return std::chrono::time_point_cast<Duration>(cctz::convert(civil, calendar.location.zone));
}

// Of the period that holds `at`.
int64_t IndexAt(const config::CalendarPeriod& calendar, WallTime at) {
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(at);
  const civil_second now = cctz::convert(seconds, calendar.location.zone);
  const int64_t units = calendar.unit == config::CalendarPeriod::Unit::kDay
                            ? civil_day(now) - civil_day(calendar.start)
                            : civil_month(now) - civil_month(calendar.start);
  // One too late at most: within the day or month in which one begins.
  int64_t index = units / calendar.count + 1;
  while (ToWall(calendar, StartOf(calendar, index)) > at) --index;
  return index;
}

}  // namespace

WallTime PeriodStart(const config::CalendarPeriod& calendar, WallTime at) {
  return ToWall(calendar, StartOf(calendar, IndexAt(calendar, at)));
}

WallTime PeriodEnd(const config::CalendarPeriod& calendar, WallTime at) {
  return ToWall(calendar, StartOf(calendar, IndexAt(calendar, at) + 1));
}

Duration PeriodLength(const config::Slo& slo, WallTime at) {
  if (!slo.calendar) return slo.period;
  return PeriodEnd(*slo.calendar, at) - PeriodStart(*slo.calendar, at);
}

Duration PeriodSoFar(const config::Slo& slo, WallTime at) {
  if (!slo.calendar) return slo.period;
  const Duration so_far = at - PeriodStart(*slo.calendar, at);
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(so_far);
  return std::max<Duration>(whole, std::chrono::seconds(1));
}

}  // namespace watchfire::slo
