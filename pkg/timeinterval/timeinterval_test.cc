// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/timeinterval/timeinterval.h"

#include <cstdlib>
#include <ctime>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::timeinterval {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;

WallTime At(const std::string& text) { return ParseTime(text).value(); }
Location In(const std::string& zone) { return ParseLocation(zone).value(); }

// The rules once more, as simple as can be, on the C library's idea of local time.
class Naive {
 public:
  explicit Naive(const std::string& zone) {
    setenv("TZ", zone.c_str(), 1);
    tzset();
  }
  ~Naive() {
    unsetenv("TZ");
    tzset();
  }

  static bool Contains(const TimeInterval& interval, WallTime at) {
    const time_t time = std::chrono::floor<seconds>(at).time_since_epoch().count();
    tm local{};
    localtime_r(&time, &local);
    static constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int year = local.tm_year + 1900;
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int length = kLengths[local.tm_mon] + (local.tm_mon == 1 && is_leap ? 1 : 0);
    const auto any = [](const std::optional<Ranges>& ranges, auto holds) {
      if (!ranges) return true;
      for (const Range& range : *ranges) {
        if (holds(range)) return true;
      }
      return false;
    };
    const auto holds = [](int value) {
      return [value](const Range& range) { return value >= range.begin && value <= range.end; };
    };
    return any(interval.times,
               [minute = local.tm_hour * 60 + local.tm_min](const Range& range) {
                 return minute >= range.begin && minute < range.end;
               }) &&
           any(interval.weekdays, holds(local.tm_wday)) &&
           any(interval.months, holds(local.tm_mon + 1)) && any(interval.years, holds(year)) &&
           any(interval.days_of_month, [&](Range range) {
             if (range.begin < 0) range.begin += length + 1;
             if (range.end < 0) range.end += length + 1;
             return holds(local.tm_mday)(range);
           });
  }
};

// Every minute from `from` to `to`: the same as the naive rules say; and NextChange(), asked
// at each change and once between two, names just the changes.
void ExpectLikeNaive(const TimeInterval& interval, const std::string& zone, WallTime from,
                     WallTime to) {
  const Naive naive(zone);
  std::vector<WallTime> changes;
  bool was_in = Naive::Contains(interval, from);
  for (WallTime at = from; at < to; at += minutes(1)) {
    const bool in = Naive::Contains(interval, at);
    ASSERT_EQ(interval.Contains(at), in) << zone << " " << FormatRfc3339(at);
    ASSERT_EQ(interval.Contains(at + seconds(59)), in) << zone << " " << FormatRfc3339(at);
    if (in != was_in) changes.push_back(at);
    was_in = in;
  }
  WallTime at = from;
  for (const WallTime change : changes) {
    ASSERT_EQ(interval.NextChange(at), change) << zone << " after " << FormatRfc3339(at);
    const WallTime between = at + (change - at) / 2;
    ASSERT_EQ(interval.NextChange(between), change) << zone << " " << FormatRfc3339(between);
    at = change;
  }
  ASSERT_TRUE(interval.NextChange(at).value_or(WallTime::max()) >= to) << FormatRfc3339(at);
}

// Nights on which the clock is changed, and the odd ones among them: half an hour, two hours, at
// midnight, one minute after it, a whole day left out.
struct Night {
  std::string zone;
  std::string start;
};
const std::vector<Night>& Nights() {
  static const auto& nights = *new std::vector<Night>{
      {"Europe/Berlin", "2026-03-28T12:00:00Z"},     {"Europe/Berlin", "2026-10-24T12:00:00Z"},
      {"America/New_York", "2026-03-07T12:00:00Z"},  {"America/New_York", "2026-10-31T12:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T00:00Z"},  {"Australia/Lord_Howe", "2026-10-03T00:00Z"},
      {"Antarctica/Troll", "2026-03-28T12:00:00Z"},  {"Antarctica/Troll", "2026-10-24T12:00:00Z"},
      {"America/Sao_Paulo", "2018-11-03T12:00:00Z"}, {"America/Sao_Paulo", "2019-02-16T12:00:00Z"},
      {"America/St_Johns", "2006-04-01T12:00:00Z"},  {"America/St_Johns", "2006-10-28T12:00:00Z"},
      {"Pacific/Apia", "2011-12-29T12:00:00Z"},      {"Asia/Kathmandu", "2026-03-28T12:00:00Z"},
      {"Europe/Berlin", "2049-03-27T12:00:00Z"},     {"UTC", "2026-12-30T12:00:00Z"}};
  return nights;
}

Ranges Random(Rng* rng, int64_t low, int64_t high, int64_t length_max) {
  Ranges ranges;
  for (uint64_t i = rng->Below(4); i > 0; --i) {
    const int64_t begin = low + static_cast<int64_t>(rng->Below(static_cast<uint64_t>(high - low)));
    const int64_t length = static_cast<int64_t>(rng->Below(static_cast<uint64_t>(length_max))) + 1;
    ranges.push_back({begin, std::min(begin + length, high)});
  }
  return ranges;
}

TimeInterval RandomInterval(Rng* rng) {
  TimeInterval interval;
  if (rng->Chance(0.8)) interval.times = Random(rng, 0, 1440, 500);
  if (rng->Chance(0.3)) interval.weekdays = Random(rng, 0, 6, 4);
  if (rng->Chance(0.3)) interval.days_of_month = Random(rng, 1, 31, 10);
  if (rng->Chance(0.2)) interval.days_of_month = Random(rng, -31, -1, 10);
  if (rng->Chance(0.2)) interval.months = Random(rng, 1, 12, 6);
  if (rng->Chance(0.1)) interval.years = Random(rng, 2005, 2060, 40);
  return interval;
}

// What the clock on the wall shows, minute by minute, in minutes of the day.
std::vector<int64_t> Shown(const Night& night) {
  const Naive naive(night.zone);
  std::vector<int64_t> shown;
  for (WallTime at = At(night.start); at < At(night.start) + hours(36); at += minutes(1)) {
    const time_t time = at.time_since_epoch() / seconds(1);
    tm local{};
    localtime_r(&time, &local);
    shown.push_back(local.tm_hour * 60 + local.tm_min);
  }
  return shown;
}

TEST(TimeIntervalTest, EveryQuarterHourRangeOfEveryClockChangeIsExact) {
  for (const Night& night : Nights()) {
    const std::vector<int64_t> shown = Shown(night);
    TimeInterval interval;
    interval.location = In(night.zone);
    for (int64_t begin = 0; begin < 300; begin += 15) {
      for (int64_t end = begin + 15; end <= 300; end += 15) {
        interval.times = Ranges{{begin, end}};
        const auto in = [&](size_t i) { return begin <= shown[i] && shown[i] < end; };
        size_t last = 0;
        for (size_t i = 1; i < shown.size(); ++i) {
          if (in(i) == in(last)) continue;
          ASSERT_EQ(interval.NextChange(At(night.start) + minutes(last)),
                    At(night.start) + minutes(i))
              << night.zone << " " << FormatTime(begin) << "-" << FormatTime(end);
          last = i;
        }
      }
    }
  }
}

TEST(TimeIntervalTest, RandomCalendarsOnNightsOfClockChangesAreLikeTheNaiveOnes) {
  Rng rng(1);
  for (const Night& night : Nights()) {
    for (int i = 0; i < 40; ++i) {
      TimeInterval interval = RandomInterval(&rng);
      interval.location = In(night.zone);
      ExpectLikeNaive(interval, night.zone, At(night.start), At(night.start) + hours(36));
      if (HasFatalFailure()) return;
    }
  }
}

TEST(TimeIntervalTest, RandomCalendarsOverMonthsAreLikeTheNaiveOnes) {
  Rng rng(2);
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}) {
    for (int i = 0; i < 6; ++i) {
      TimeInterval interval = RandomInterval(&rng);
      interval.location = In(zone);
      const WallTime from = At("2027-12-20") + hours(rng.Below(3000));
      ExpectLikeNaive(interval, zone, from, from + hours(24 * 75));  // February 2028 has 29 days.
      if (HasFatalFailure()) return;
    }
  }
}

TEST(TimeIntervalTest, WithoutLocationItIsUtcAndFieldsAreJoinedByAnd) {
  TimeInterval office;
  office.times = Ranges{{9 * 60, 17 * 60}};
  office.weekdays = Ranges{{1, 5}};
  EXPECT_TRUE(office.Contains(At("2026-08-21T09:00:00Z"))) << "a Friday";
  EXPECT_FALSE(office.Contains(At("2026-08-21T08:59:59.999999999Z")));
  EXPECT_TRUE(office.Contains(At("2026-08-21T16:59:59.999999999Z")));
  EXPECT_FALSE(office.Contains(At("2026-08-21T17:00:00Z"))) << "the end is not in it";
  EXPECT_FALSE(office.Contains(At("2026-08-22T09:00:00Z"))) << "a Saturday";
  EXPECT_EQ(office.NextChange(At("2026-08-21T17:00:00Z")), At("2026-08-24T09:00:00Z"));
  EXPECT_EQ(office.NextChange(At("2026-08-21T16:59:59.5Z")), At("2026-08-21T17:00:00Z"));
}

TEST(TimeIntervalTest, AllFieldsAbsentIsAlwaysAndAnEmptyFieldIsNever) {
  const WallTime at = At("2026-08-22T14:04:18.123Z");
  EXPECT_TRUE(TimeInterval().Contains(at));
  EXPECT_EQ(TimeInterval().NextChange(at), std::nullopt);
  for (std::optional<Ranges> TimeInterval::*field :
       {&TimeInterval::times, &TimeInterval::weekdays, &TimeInterval::days_of_month,
        &TimeInterval::months, &TimeInterval::years}) {
    TimeInterval never;
    never.*field = Ranges();
    EXPECT_FALSE(never.Contains(at));
    EXPECT_EQ(never.NextChange(at), std::nullopt);
  }
}

TEST(TimeIntervalTest, TheDayEndsAtTwentyFourHours) {
  TimeInterval evening;
  evening.times = Ranges{ParseTimes("22:00", "24:00").value()};
  EXPECT_TRUE(evening.Contains(At("2026-08-22T23:59:59Z")));
  EXPECT_EQ(evening.NextChange(At("2026-08-22T23:00:00Z")), At("2026-08-23T00:00:00Z"));
  TimeInterval whole;
  whole.times = Ranges{ParseTimes("00:00", "12:00").value(), ParseTimes("12:00", "24:00").value()};
  EXPECT_EQ(whole.NextChange(At("2026-08-22T23:00:00Z")), std::nullopt) << "touching ranges join";
}

TEST(TimeIntervalTest, DaysCountFromTheEndOfEachMonth) {
  TimeInterval last;
  last.days_of_month = Ranges{{-1, -1}};
  WallTime at = At("2028-01-01");
  std::vector<std::string> starts;
  for (int i = 0; i < 8; ++i) {
    at = last.NextChange(at).value();
    if (last.Contains(at)) starts.push_back(FormatRfc3339(at).substr(0, 10));
  }
  EXPECT_THAT(starts, ElementsAre("2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"));

  TimeInterval late;
  late.days_of_month = Ranges{{30, 31}};
  EXPECT_FALSE(late.Contains(At("2027-02-28"))) << "it begins behind the end of February";
  EXPECT_TRUE(late.Contains(At("2027-04-30"))) << "and is cut at the end of April";
  TimeInterval early;
  early.days_of_month = Ranges{{-31, -28}};
  EXPECT_TRUE(early.Contains(At("2027-02-01")));
  EXPECT_FALSE(early.Contains(At("2027-02-02")));
  EXPECT_TRUE(early.Contains(At("2027-03-04")));
  EXPECT_FALSE(early.Contains(At("2027-03-05")));
}

TEST(TimeIntervalTest, LeapDaysAndFarYearsAreFoundWithinTheHorizon) {
  TimeInterval leap;
  leap.days_of_month = Ranges{{29, 29}};
  leap.months = Ranges{{2, 2}};
  EXPECT_EQ(leap.NextChange(At("2024-03-01")), At("2028-02-29"));
  EXPECT_EQ(leap.NextChange(At("2028-02-29")), At("2028-03-01"));
  TimeInterval future;
  future.years = Ranges{{2040, 2041}};
  EXPECT_EQ(future.NextChange(At("2026-01-01")), std::nullopt);
  EXPECT_EQ(future.NextChange(At("2036-01-01")), At("2040-01-01"));
  EXPECT_EQ(future.NextChange(At("2040-01-01")), At("2042-01-01"));
}

TEST(TimeIntervalTest, TheEndsOfRepresentableTimeAreNoTrap) {
  TimeInterval daily;
  daily.times = Ranges{{0, 60}};
  daily.location = In("Europe/Berlin");
  EXPECT_EQ(daily.NextChange(WallTime::max()), std::nullopt);
  EXPECT_NE(daily.NextChange(WallTime::max() - hours(48)), std::nullopt);
  EXPECT_NE(daily.NextChange(WallTime::min()), std::nullopt);
}

TEST(TimeIntervalTest, AnyOfSeveralCalendarsIsOneInterval) {
  TimeInterval nights;
  nights.times = Ranges{{0, 6 * 60}, {22 * 60, 1440}};
  TimeInterval weekend;
  weekend.weekdays = Ranges{{0, 0}, {6, 6}};
  const std::vector<TimeInterval> off = {nights, weekend};
  EXPECT_TRUE(Contains(off, At("2026-08-22T12:00:00Z")));
  EXPECT_FALSE(Contains(off, At("2026-08-21T12:00:00Z")));
  EXPECT_FALSE(Contains({}, At("2026-08-22T12:00:00Z")));
  EXPECT_EQ(NextChange(off, At("2026-08-21T12:00:00Z")), At("2026-08-21T22:00:00Z"));
  EXPECT_EQ(NextChange(off, At("2026-08-21T22:00:00Z")), At("2026-08-24T06:00:00Z"))
      << "the weekend covers the changes of the nights";
  EXPECT_EQ(NextChange({}, At("2026-08-21T22:00:00Z")), std::nullopt);
  EXPECT_EQ(NextChange({TimeInterval(), nights}, At("2026-08-21T22:00:00Z")), std::nullopt);

  Rng rng(3);
  for (int i = 0; i < 12; ++i) {
    std::vector<TimeInterval> any;
    for (int k = 0; k < 3; ++k) {
      any.push_back(RandomInterval(&rng));
      any.back().location = In(k == 0 ? "Europe/Berlin" : k == 1 ? "America/New_York" : "UTC");
    }
    WallTime at = At("2026-03-20");
    for (WallTime next = at; next < At("2026-04-05"); next += minutes(1)) {
      if (Contains(any, next) == Contains(any, at)) continue;
      ASSERT_EQ(NextChange(any, at), next) << i << " " << FormatRfc3339(at);
      at = next;
    }
  }
}

}  // namespace
}  // namespace watchfire::timeinterval
