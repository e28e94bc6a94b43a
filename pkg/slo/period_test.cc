// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/period.h"

#include <gtest/gtest.h>

#include "pkg/timeinterval/parse.h"

namespace watchfire::slo {
namespace {

using Unit = config::CalendarPeriod::Unit;

config::CalendarPeriod Every(int count, Unit unit, cctz::civil_second start,
                             const std::string& zone = "UTC") {
  return {unit, count, start, timeinterval::ParseLocation(zone).value()};
}

std::string StartOf(const config::CalendarPeriod& calendar, const std::string& at) {
  return FormatRfc3339(PeriodStart(calendar, ParseTime(at).value()), 0);
}

TEST(PeriodTest, MonthsBeginInTheirZoneAlsoWhenClocksChange) {
  const auto berlin = Every(1, Unit::kMonth, cctz::civil_second(2020, 1, 1), "Europe/Berlin");
  EXPECT_EQ(StartOf(berlin, "2026-03-31T21:59:59Z"), "2026-02-28T23:00:00Z");
  EXPECT_EQ(StartOf(berlin, "2026-03-31T22:00:00Z"), "2026-03-31T22:00:00Z");
  EXPECT_EQ(StartOf(berlin, "2026-01-15T00:00:00Z"), "2025-12-31T23:00:00Z");
}

TEST(PeriodTest, ADayThatAMonthLacksIsItsLast) {
  const auto end = Every(1, Unit::kMonth, cctz::civil_second(2026, 1, 31, 12));
  EXPECT_EQ(StartOf(end, "2026-02-28T11:59:59Z"), "2026-01-31T12:00:00Z");
  EXPECT_EQ(StartOf(end, "2026-02-28T12:00:00Z"), "2026-02-28T12:00:00Z");
  EXPECT_EQ(StartOf(end, "2026-03-31T12:00:00Z"), "2026-03-31T12:00:00Z");
}

TEST(PeriodTest, LongerPeriodsCountFromTheFirst) {
  const auto quarter = Every(3, Unit::kMonth, cctz::civil_second(2020, 2, 1));
  EXPECT_EQ(StartOf(quarter, "2026-04-30T23:59:59Z"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(StartOf(quarter, "2026-05-01T00:00:00Z"), "2026-05-01T00:00:00Z");
  const auto fortnight = Every(14, Unit::kDay, cctz::civil_second(2024, 1, 1, 6));
  EXPECT_EQ(StartOf(fortnight, "2024-01-15T05:59:59Z"), "2024-01-01T06:00:00Z");
  EXPECT_EQ(StartOf(fortnight, "2024-01-15T06:00:00Z"), "2024-01-15T06:00:00Z");
  // Before the first one there were others.
  EXPECT_EQ(StartOf(fortnight, "2023-12-31T00:00:00Z"), "2023-12-18T06:00:00Z");
}

TEST(PeriodTest, OfACalendarPeriodOnlyWhatIsOverCounts) {
  config::Slo slo;
  slo.period = std::chrono::hours(720);
  EXPECT_EQ(PeriodSoFar(slo, ParseTime("2026-03-02T00:00:00Z").value()), slo.period);
  slo.calendar = Every(1, Unit::kMonth, cctz::civil_second(2020, 1, 1));
  EXPECT_EQ(PeriodSoFar(slo, ParseTime("2026-03-02T01:00:00Z").value()), std::chrono::hours(25));
  EXPECT_EQ(PeriodSoFar(slo, ParseTime("2026-03-01T00:00:00Z").value()), std::chrono::seconds(1));
}

// What a budget of minutes is a share of: a month with 31 days has more of them.
TEST(PeriodTest, OfACalendarEachPeriodHasItsOwnLength) {
  config::Slo slo;
  slo.period = std::chrono::hours(720);
  const auto length = [&](const char* at) { return PeriodLength(slo, ParseTime(at).value()); };
  EXPECT_EQ(length("2026-03-02T00:00:00Z"), std::chrono::hours(720));
  slo.calendar = Every(1, Unit::kMonth, cctz::civil_second(2020, 1, 1), "Europe/Berlin");
  EXPECT_EQ(length("2026-12-02T00:00:00Z"), std::chrono::hours(24 * 31));
  EXPECT_EQ(length("2026-02-02T00:00:00Z"), std::chrono::hours(24 * 28));
  // Clocks change in these.
  EXPECT_EQ(length("2026-03-02T00:00:00Z"), std::chrono::hours(24 * 31 - 1));
  EXPECT_EQ(length("2026-10-02T00:00:00Z"), std::chrono::hours(24 * 31 + 1));
}

}  // namespace
}  // namespace watchfire::slo
