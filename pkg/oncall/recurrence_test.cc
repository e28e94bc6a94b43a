// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// RFC 5545, with examples of its section 3.8.5.3.

#include "pkg/oncall/recurrence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::oncall {
namespace {

const LocalTime kStart(1997, 9, 2, 9, 0, 0);  // A Tuesday.

// Month and day of the first `count` occurrences.
std::string Shown(const std::vector<std::string>& lines, size_t count, LocalTime start = kStart) {
  RecurrenceSet set;
  bool has_rule = false;
  const auto zone = timeinterval::ParseLocation("America/New_York");
  for (const std::string& line : lines) {
    const Status added = AddRecurrence(line, start, *zone, &has_rule, &set);
    if (!added) return added.error().message;
  }
  Occurrences occurrences(set, start);
  std::vector<std::string> days;
  while (days.size() < count) {
    const auto at = occurrences.Next();
    if (!at) break;
    days.push_back(std::to_string(at->month()) + "-" + std::to_string(at->day()));
  }
  return Join(days, " ");
}

TEST(RecurrenceTest, DaysWeeksAndMonths) {
  EXPECT_EQ(Shown({"RRULE:FREQ=DAILY;INTERVAL=10;COUNT=5"}, 9), "9-2 9-12 9-22 10-2 10-12");
  EXPECT_EQ(Shown({"RRULE:FREQ=WEEKLY;BYDAY=TU,TH"}, 4), "9-2 9-4 9-9 9-11");
  EXPECT_EQ(Shown({"RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH"}, 4), "9-2 9-4 9-16 9-18");
  EXPECT_EQ(Shown({"FREQ=WEEKLY;BYDAY=MO"}, 2), "9-8 9-15");
  EXPECT_EQ(Shown({"FREQ=MONTHLY;BYMONTHDAY=-3"}, 3), "9-28 10-29 11-28");
  EXPECT_EQ(Shown({"FREQ=MONTHLY;BYMONTHDAY=15,2"}, 4), "9-2 9-15 10-2 10-15");
  EXPECT_EQ(Shown({"FREQ=MONTHLY;BYDAY=TU;INTERVAL=2"}, 6), "9-2 9-9 9-16 9-23 9-30 11-4");
  EXPECT_EQ(Shown({"FREQ=MONTHLY;BYDAY=1FR,-1FR"}, 4), "9-5 9-26 10-3 10-31");
  EXPECT_EQ(Shown({"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"}, 2), "2-13 3-13");
  EXPECT_EQ(Shown({"FREQ=DAILY;BYMONTH=1"}, 2), "1-1 1-2");
}

TEST(RecurrenceTest, WhereAWeekBeginsMatters) {
  const LocalTime start(1997, 8, 5, 9, 0, 0);
  EXPECT_EQ(Shown({"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"}, 9, start),
            "8-5 8-10 8-19 8-24");
  EXPECT_EQ(Shown({"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"}, 9, start),
            "8-5 8-17 8-19 8-31");
}

TEST(RecurrenceTest, MonthsWithoutTheDayHaveNone) {
  const LocalTime start(2026, 1, 31, 9, 0, 0);
  EXPECT_EQ(Shown({"FREQ=MONTHLY"}, 3, start), "1-31 3-31 5-31");
  EXPECT_EQ(Shown({"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31"}, 3, start), "");
}

TEST(RecurrenceTest, DatesAreLeftOutAndAdded) {
  EXPECT_EQ(Shown({"FREQ=DAILY;COUNT=4", "EXDATE:19970903T130000Z"}, 9), "9-2 9-4 9-5");
  EXPECT_EQ(Shown({"FREQ=DAILY;COUNT=4", "EXDATE;TZID=Europe/Berlin:19970903T150000"}, 9),
            "9-2 9-4 9-5");
  EXPECT_EQ(Shown({"FREQ=DAILY;COUNT=4", "EXDATE;VALUE=DATE:19970903,19970904"}, 9), "9-2 9-5");
  EXPECT_EQ(Shown({"RDATE:19970910T090000", "FREQ=WEEKLY;COUNT=2"}, 9), "9-2 9-9 9-10");
}

TEST(RecurrenceTest, UntilIsTheLastThatMayBegin) {
  EXPECT_EQ(Shown({"FREQ=DAILY;UNTIL=19970904T130000Z"}, 9), "9-2 9-3 9-4");
  EXPECT_EQ(Shown({"FREQ=DAILY;UNTIL=19970904T125959Z"}, 9), "9-2 9-3");
  EXPECT_EQ(Shown({"FREQ=DAILY;UNTIL=19970904"}, 9), "9-2 9-3 9-4");
}

TEST(RecurrenceTest, WhatIsNotKnownIsRefused) {
  for (const auto& [line, message] : std::vector<std::pair<std::string, std::string>>{
           {"RRULE:INTERVAL=2", "RRULE: FREQ must be set"},
           {"FREQ=DAILY;FREQ=DAILY", "FREQ is there twice"},
           {"FREQ=DAILY;INTERVAL=0", "INTERVAL: \"0\" is none of 1 to 1000"},
           {"FREQ=WEEKLY;BYDAY=XX", "BYDAY: \"XX\" is none of"},
           {"FREQ=WEEKLY;BYDAY=1MO", "numbers before days"},
           {"FREQ=MONTHLY;BYDAY=0MO", "BYDAY: \"0MO\" is none of"},
           {"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY: \"32\" is none of 1 to 31"},
           {"FREQ=DAILY;UNTIL=19970931", "UNTIL: \"19970931\" is none of"},
           {"FREQ=DAILY;COUNT=2;UNTIL=19970904", "exclude each other"},
           {"FREQ=HOURLY;BYDAY=MO", "an hourly one cannot say its days"},
           {"EXRULE:FREQ=DAILY", "recurrence: \"EXRULE:FREQ=DAILY\" is none of"},
           {"EXDATE;X=1:19970903", "EXDATE: \"X=1\" is none of"}}) {
    EXPECT_THAT(Shown({line}, 1), testing::HasSubstr(message)) << line;
  }
  EXPECT_EQ(Shown({"FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0"}, 2), "9-2 9-3");
}

}  // namespace
}  // namespace watchfire::oncall
