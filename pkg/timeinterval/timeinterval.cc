// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/timeinterval/timeinterval.h"

#include <algorithm>

#include <cctz/civil_time.h>

namespace watchfire::timeinterval {
namespace {

using cctz::civil_day;
using cctz::civil_month;
using cctz::civil_second;
using std::chrono::seconds;

constexpr int kMinutesPerDay = 24 * 60;

bool Holds(const std::optional<Ranges>& ranges, int64_t value) {
  return !ranges || std::ranges::any_of(*ranges, [value](const Range& range) {
    return range.begin <= value && value <= range.end;
  });
}

int64_t Weekday(civil_day day) { return (static_cast<int>(cctz::get_weekday(day)) + 1) % 7; }

// A range counted from the end of the month is one from its start; an end past the month's last
// day means that day, but a range that begins past it is no part of this month.
bool HoldsDay(const std::optional<Ranges>& ranges, civil_day day) {
  if (!ranges) return true;
  const int64_t length = civil_day(civil_month(day) + 1) - civil_day(civil_month(day));
  return std::ranges::any_of(*ranges, [&](const Range& range) {
    const auto from_start = [length](int64_t n) { return n < 0 ? length + n + 1 : n; };
    return from_start(range.begin) <= day.day() && day.day() <= from_start(range.end);
  });
}

bool HoldsDate(const TimeInterval& interval, civil_day day) {
  return Holds(interval.years, day.year()) && Holds(interval.months, day.month()) &&
         Holds(interval.weekdays, Weekday(day)) && HoldsDay(interval.days_of_month, day);
}

bool HoldsMinute(const TimeInterval& interval, int64_t minute) {
  return !interval.times || std::ranges::any_of(*interval.times, [minute](const Range& range) {
    return range.begin <= minute && minute < range.end;
  });
}

int64_t MinuteOfDay(civil_second at) { return at.hour() * 60 + at.minute(); }

bool HoldsCivil(const TimeInterval& interval, civil_second at) {
  return HoldsMinute(interval, MinuteOfDay(at)) && HoldsDate(interval, civil_day(at));
}

// Returns the first minute of the day from `first` on that the times hold (or, with `in` false,
// do not hold); kMinutesPerDay when there is none.
int64_t FindMinute(const TimeInterval& interval, int64_t first, bool in) {
  if (HoldsMinute(interval, first) == in) return first;
  int64_t found = kMinutesPerDay;
  // Only where a range begins or ends can the answer change.
  for (const Range& range : interval.times.value_or(Ranges{{0, kMinutesPerDay}})) {
    const int64_t edge = in ? range.begin : range.end;
    if (edge <= first || edge >= found) continue;
    if (HoldsMinute(interval, edge) == in) found = edge;
  }
  return found;
}

// Returns when, on a wall clock that is never changed, the state `in` of `at` ends; `limit` when
// that is not before it.
civil_second NextCivilChange(const TimeInterval& interval, civil_second at, bool in,
                             civil_second limit) {
  int64_t minute = MinuteOfDay(at);
  for (civil_day day(at); civil_second(day) < limit; ++day, minute = 0) {
    const bool holds_date = HoldsDate(interval, day);
    if (!holds_date && !in) continue;
    // Leaving the dates ends the state at midnight; the day of `at` itself cannot be such a day.
    const int64_t change = holds_date ? FindMinute(interval, minute, !in) : 0;
    if (change < kMinutesPerDay) return std::min(civil_second(day) + change * 60, limit);
  }
  return limit;
}

// How long the zone keeps the offset that it has at `at`, when its clock shows `shown`; nullopt:
// for ever.
std::optional<seconds> UntilOffsetChange(const cctz::time_zone& zone, cctz::time_point<seconds> at,
                                         civil_second shown) {
  cctz::time_zone::civil_transition transition;
  if (!zone.next_transition(at, &transition)) return std::nullopt;
  return seconds(transition.from - shown);
}

}  // namespace

bool TimeInterval::Contains(WallTime at) const {
  return HoldsCivil(*this, cctz::convert(at, location.zone));
}

// Between two changes of the zone's offset the clock on the wall runs evenly, so the next change is
// plain calendar arithmetic; at a change of offset the clock jumps, and we look again:
//
//   at ----------- offset ------------------ offset ------ ...
//      calendar     look    calendar           look
std::optional<WallTime> TimeInterval::NextChange(WallTime at) const {
  const bool in = Contains(at);
  // Not std::chrono::floor, which overflows in the first second of representable time.
  auto start = std::chrono::time_point_cast<seconds>(at);
  if (start > at) start -= seconds(1);
  // The horizon is nearer where representable time ends.
  const auto last = std::chrono::floor<seconds>(WallTime::max());
  const auto horizon = last - start > kHorizon ? start + kHorizon : last;
  for (auto from = start; from < horizon;) {
    const civil_second shown = cctz::convert(from, location.zone);
    seconds span = horizon - from;
    span = std::min(UntilOffsetChange(location.zone, from, shown).value_or(span), span);
    const civil_second limit = shown + span.count();
    const civil_second change = NextCivilChange(*this, shown, in, limit);
    if (change < limit) return from + seconds(change - shown);
    from += span;
    if (from < horizon && Contains(from) != in) return from;
  }
  return std::nullopt;
}

bool Contains(const std::vector<TimeInterval>& any, WallTime at) {
  return std::ranges::any_of(any, [at](const TimeInterval& one) { return one.Contains(at); });
}

std::optional<WallTime> NextChange(const std::vector<TimeInterval>& any, WallTime at) {
  const bool in = Contains(any, at);
  std::vector<std::optional<WallTime>> next(any.size());
  for (size_t i = 0; i < any.size(); ++i) next[i] = any[i].NextChange(at);
  while (true) {
    std::optional<WallTime> first;
    for (const auto& change : next) {
      if (change && (!first || *change < *first)) first = change;
    }
    if (!first || *first - at >= kHorizon) return std::nullopt;
    if (Contains(any, *first) != in) return first;
    for (size_t i = 0; i < any.size(); ++i) {
      if (next[i] == first) next[i] = any[i].NextChange(*first);
    }
  }
}

}  // namespace watchfire::timeinterval
