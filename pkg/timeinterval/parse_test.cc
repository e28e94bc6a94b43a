// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/timeinterval/parse.h"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace watchfire::timeinterval {
namespace {

// "3:5", or the error.
std::string Print(const Result<Range>& range) {
  if (!range) return range.error().message;
  return std::to_string(range->begin) + ":" + std::to_string(range->end);
}

TEST(ParseTest, TimesAreHoursAndMinutes) {
  const std::vector<std::vector<std::string>> cases = {
      {"09:00", "17:30", "540:1050"},
      {"00:00", "24:00", "0:1440"},
      {"23:59", "24:00", "1439:1440"},
      {"", "17:00", "both start and end times must be provided"},
      {"09:00", "", "both start and end times must be provided"},
      {"25:00", "26:00", "couldn't parse timestamp 25:00, invalid format"},
      {"09:00", "24:01", "couldn't parse timestamp 24:01, invalid format"},
      {"09:60", "10:00", "couldn't parse timestamp 09:60, invalid format"},
      {"9:00", "10:00", "couldn't parse timestamp 9:00, invalid format"},
      {"09.00", "10:00", "couldn't parse timestamp 09.00, invalid format"},
      {"0a:00", "10:00", "couldn't parse timestamp 0a:00, invalid format"},
      {"09:00:00", "10:00", "couldn't parse timestamp 09:00:00, invalid format"},
      {"09:00", "09:00", "start time cannot be equal or greater than end time"},
      {"22:00", "06:00", "start time cannot be equal or greater than end time"},
      {"24:00", "24:00", "start time cannot be equal or greater than end time"}};
  for (const auto& row : cases) {
    EXPECT_EQ(Print(ParseTimes(row[0], row[1])), row[2]) << row[0] << " " << row[1];
  }
}

TEST(ParseTest, EveryMinuteOfTheDayIsReadAndPrintedAlike) {
  for (int64_t minute = 0; minute < 1440; ++minute) {
    EXPECT_EQ(ParseTimes(FormatTime(minute), "24:00"), (Range{minute, 1440}));
  }
  EXPECT_EQ(FormatTime(1440), "24:00");
}

TEST(ParseTest, WeekdaysAreFullNamesInAnyCase) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"monday", "1:1"},
      {"Monday:FRIDAY", "1:5"},
      {"sunday:saturday", "0:6"},
      {"mon", "mon is not a valid weekday"},
      {"1", "1 is not a valid weekday"},
      {"", " is not a valid weekday"},
      {"monday:", " is not a valid weekday"},
      {"saturday:sunday", "6:0"},
      {"friday:monday", "5:1"},
      {"a:b:c", "couldn't parse range a:b:c, invalid format"},
      {"monday - friday", "monday - friday is not a valid weekday"}};
  for (const auto& [text, want] : cases) EXPECT_EQ(Print(ParseWeekdays(text)), want) << text;
}

TEST(ParseTest, DaysThatPassTheEndOfTheWeekAreTwoRanges) {
  EXPECT_EQ(WithinWeeks({5, 1}), (Ranges{{5, 6}, {0, 1}}));
  EXPECT_EQ(WithinWeeks({6, 0}), (Ranges{{6, 6}, {0, 0}}));
  EXPECT_EQ(WithinWeeks({1, 5}), (Ranges{{1, 5}}));
  EXPECT_EQ(WithinWeeks({0, 6}), (Ranges{{0, 6}}));
  EXPECT_EQ(WithinWeeks({3, 3}), (Ranges{{3, 3}}));
}

TEST(ParseTest, DaysOfMonthAreCheckedAgainstTheShortestMonth) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1:5", "1:5"},
      {"+1:31", "1:31"},
      {"-3:-1", "-3:-1"},
      {"1:-1", "1:-1"},
      {"0", "0 is not a valid day of the month: out of range"},
      {"-50:-20", "-50 is not a valid day of the month: out of range"},
      {"1:50", "50 is not a valid day of the month: out of range"},
      {"-5:5", "end day must be negative if start day is negative"},
      {"30:-1", "end day -1 is always before start day 30"},
      {"27:-1", "27:-1"},
      {"28:-1", "end day -1 is always before start day 28"},
      {"5:1", "end day 1 is always before start day 5"},
      {"-1:-3", "end day -3 is always before start day -1"},
      {"first", "strconv.Atoi: parsing \"first\": invalid syntax"},
      {"", "strconv.Atoi: parsing \"\": invalid syntax"},
      {"+-1", "strconv.Atoi: parsing \"+-1\": invalid syntax"},
      {"99999999999999999999",
       "strconv.Atoi: parsing \"99999999999999999999\": value out of range"},
      {"1:2:3", "couldn't parse range 1:2:3, invalid format"}};
  for (const auto& [text, want] : cases) EXPECT_EQ(Print(ParseDaysOfMonth(text)), want) << text;
}

TEST(ParseTest, MonthsAreNamesOrNumbers) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1:3", "1:3"},
      {"may:August", "5:8"},
      {"december", "12:12"},
      {"13", "13:13"},
      {"jan", "jan is not a valid month"},
      {"march:february", "end month february is before start month march"},
      {"14:13", "end month  is before start month "},
      {"a:b:c", "couldn't parse range a:b:c, invalid format"}};
  for (const auto& [text, want] : cases) EXPECT_EQ(Print(ParseMonths(text)), want) << text;
}

TEST(ParseTest, YearsAreNumbers) {
  EXPECT_EQ(Print(ParseYears("2020:2022")), "2020:2022");
  EXPECT_EQ(Print(ParseYears("2030")), "2030:2030");
  EXPECT_EQ(Print(ParseYears("2020:2019")), "end year 2019 is before start year 2020");
  EXPECT_EQ(Print(ParseYears("20x0")), "strconv.Atoi: parsing \"20x0\": invalid syntax");
}

TEST(ParseTest, LocationsAreNamesOfTheZoneDatabaseAndNothingElse) {
  for (const char* name : {"", "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Etc/GMT+5"}) {
    const Result<Location> location = ParseLocation(name);
    ASSERT_TRUE(location) << name;
    EXPECT_EQ(location->name, name);
  }
  EXPECT_EQ(ParseLocation("UTC")->zone, cctz::utc_time_zone());
  for (const char* name : {"Berlin", "Mars/Olympus", "Europe", "zone.tab", "Fixed/UTC+01:00:00",
                           "libc:UTC", "file:UTC", "utc+1"}) {
    const Result<Location> location = ParseLocation(name);
    ASSERT_FALSE(location) << name;
    EXPECT_EQ(location.error().message, std::string("unknown time zone ") + name);
    EXPECT_EQ(location.error().code, Code::kInvalidArgument);
  }
  for (const char* name : {"/etc/localtime", "../zoneinfo/UTC", "\\UTC", "Europe/../UTC"}) {
    EXPECT_EQ(ParseLocation(name).error().message, "time: invalid location name") << name;
  }
}

TEST(ParseTest, LocalIsWhatTheEnvironmentSays) {
  setenv("TZ", "Asia/Kathmandu", 1);
  const Result<Location> local = ParseLocation("Local");
  unsetenv("TZ");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->name, "Local");
  EXPECT_EQ(cctz::convert(FromNanos(0), local->zone), cctz::civil_second(1970, 1, 1, 5, 30, 0));
}

TEST(ParseTest, RangesPrintAsAlertmanagerDoes) {
  EXPECT_EQ(FormatWeekdays({1, 5}), "monday:friday");
  EXPECT_EQ(FormatWeekdays({0, 0}), "sunday");
  EXPECT_EQ(FormatNumbers({-3, -1}), "-3:-1");
  EXPECT_EQ(FormatNumbers({2030, 2030}), "2030");
}

}  // namespace
}  // namespace watchfire::timeinterval
