// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// When something takes place again and again, as RFC 5545 says it: RRULE, EXDATE, RDATE. All of it
// on the clock on the wall, as turns are (turns.h). Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/oncall/local_time.h"
#include "pkg/timeinterval/timeinterval.h"

namespace watchfire::oncall {

// One RRULE. Hourly, daily, weekly and monthly ones are known, without BYSETPOS, BYYEARDAY and
// BYWEEKNO; BYHOUR, BYMINUTE and BYSECOND may say no other time than that of the start.
struct Recurrence {
  enum class Frequency { kHourly, kDaily, kWeekly, kMonthly } frequency = Frequency::kWeekly;
  struct Day {
    int number = 0;  // 2: the second of the month, -1: the last; 0: every one.
    int day = 0;     // From 0, Monday.
  };
  int64_t interval = 1;  // 1 to 1000.
  std::vector<Day> days;
  std::vector<int> month_days;  // 1 to 31, or -1, the last of the month, to -31.
  std::vector<int> months;      // 1 to 12.
  int week_start = 0;           // From 0, Monday.
  std::optional<int64_t> count;
  std::optional<LocalTime> until;  // The last moment at which it may begin.

  // Whether it says no more than how often, and on which days of the week.
  bool is_plain() const;
};

// What a list of such lines says together: exactly one RRULE, and any EXDATE and RDATE.
struct RecurrenceSet {
  Recurrence rule;
  std::vector<LocalTime> except;  // Sorted.
  std::vector<LocalTime> extra;   // Sorted.
};

// Adds a line, "RRULE:FREQ=WEEKLY;BYDAY=MO,TU" or without its first word, "EXDATE;TZID=…:…" or
// "RDATE:…", to `set`. `start` is the first occurrence in `zone`, in which times without one are.
// `has_rule` says whether an RRULE was there already, and is set. Errors: kInvalidArgument.
Status AddRecurrence(std::string_view line, LocalTime start, const timeinterval::Location& zone,
                     bool* has_rule, RecurrenceSet* set);

// The days of the week, from 0, Monday, of a weekly rule; that of `start` if it names none. Sorted.
std::vector<int> WeekdaysOf(const Recurrence& rule, LocalTime start);

// Day of the week, from 0, Monday.
int WeekdayOf(LocalTime at);

// The beginnings of what takes place, in order, from the start on. Borrows the set.
class Occurrences {
 public:
  Occurrences(const RecurrenceSet& set, LocalTime start) : set_(set), start_(start) {}

  // Nullopt when there are no more, or none for some 3000 periods of the rule.
  std::optional<LocalTime> Next();

 private:
  std::optional<LocalTime> NextOfRule();
  void Fill();
  void AddMonth(int64_t months, std::vector<LocalTime>* found) const;
  bool Fits(LocalTime at) const;

  const RecurrenceSet& set_;
  const LocalTime start_;
  int64_t period_ = 0;
  std::vector<LocalTime> buffer_;  // Of one period, from `place_` on.
  size_t place_ = 0;
  int64_t counted_ = 0;
  std::optional<LocalTime> ahead_;  // Of the rule, not yet given out.
  bool is_over_ = false;
  size_t extra_ = 0;
  std::optional<LocalTime> last_;
};

}  // namespace watchfire::oncall
