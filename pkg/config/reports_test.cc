// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

Report Of(Report::Every every, const std::string& zone = "UTC") {
  Report report;
  report.receiver = "managers";
  report.every = every;
  report.location.name = zone;
  EXPECT_TRUE(cctz::load_time_zone(zone, &report.location.zone));
  return report;
}

WallTime Time(const std::string& text) { return ParseTime(text).value(); }

std::string Last(const Report& report, const std::string& at) {
  return FormatRfc3339(LastDue(report, Time(at)), 0);
}
std::string Next(const Report& report, const std::string& at) {
  return FormatRfc3339(NextDue(report, Time(at)), 0);
}

TEST(ReportsTest, EveryDayAtItsTime) {
  const Report report = Of(Report::Every::kDay);
  EXPECT_EQ(Last(report, "2026-09-21T08:59:59Z"), "2026-09-20T09:00:00Z");
  EXPECT_EQ(Last(report, "2026-09-21T09:00:00Z"), "2026-09-21T09:00:00Z") << "it is due then";
  EXPECT_EQ(Next(report, "2026-09-21T08:59:59Z"), "2026-09-21T09:00:00Z");
  EXPECT_EQ(Next(report, "2026-09-21T09:00:00Z"), "2026-09-22T09:00:00Z") << "the one after";
}

TEST(ReportsTest, EveryWeekOnItsDay) {
  Report report = Of(Report::Every::kWeek);  // Mondays; 2026-09-21 is one.
  EXPECT_EQ(Last(report, "2026-09-21T08:59:59Z"), "2026-09-14T09:00:00Z");
  EXPECT_EQ(Last(report, "2026-09-21T09:00:00Z"), "2026-09-21T09:00:00Z");
  EXPECT_EQ(Last(report, "2026-09-27T23:00:00Z"), "2026-09-21T09:00:00Z");
  EXPECT_EQ(Next(report, "2026-09-21T09:00:00Z"), "2026-09-28T09:00:00Z");
  EXPECT_EQ(Next(report, "2026-09-20T23:00:00Z"), "2026-09-21T09:00:00Z");
  report.weekday = 6;
  EXPECT_EQ(Next(report, "2026-09-21T09:00:00Z"), "2026-09-27T09:00:00Z");
}

TEST(ReportsTest, EveryMonthAcrossTheYear) {
  Report report = Of(Report::Every::kMonth);
  EXPECT_EQ(Last(report, "2027-01-01T08:00:00Z"), "2026-12-01T09:00:00Z");
  EXPECT_EQ(Next(report, "2026-12-01T09:00:00Z"), "2027-01-01T09:00:00Z");
  report.day = 28;
  EXPECT_EQ(Next(report, "2027-02-01T00:00:00Z"), "2027-02-28T09:00:00Z");
  EXPECT_EQ(Last(report, "2027-02-01T00:00:00Z"), "2027-01-28T09:00:00Z");
}

// Clocks go forward at 02:00 on 2026-03-29 and back at 03:00 on 2026-10-25.
TEST(ReportsTest, TheWallSaysWhenAndDaylightSavingNeitherSkipsNorDoubles) {
  Report report = Of(Report::Every::kDay, "Europe/Berlin");
  EXPECT_EQ(Next(report, "2026-03-28T08:00:00Z"), "2026-03-29T07:00:00Z");
  report.minute = 2 * 60 + 30;
  EXPECT_EQ(Next(report, "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z") << "02:30 is skipped";
  EXPECT_EQ(Next(report, "2026-03-29T01:00:00Z"), "2026-03-30T00:30:00Z");
  EXPECT_EQ(Next(report, "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Next(report, "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z") << "not a second time";
  EXPECT_EQ(Last(report, "2026-10-25T01:45:00Z"), "2026-10-25T00:30:00Z");
}

TEST(ReportsTest, WhatIsDueLastAndNextFitTogether) {
  for (const Report::Every every :
       {Report::Every::kDay, Report::Every::kWeek, Report::Every::kMonth}) {
    Report report = Of(every, "America/New_York");
    report.minute = 90;
    for (WallTime at = Time("2026-01-01T00:00:00Z"); at < Time("2027-01-01T00:00:00Z");
         at += std::chrono::minutes(613)) {
      const WallTime last = LastDue(report, at);
      const WallTime next = NextDue(report, at);
      ASSERT_LE(last, at);
      ASSERT_GT(next, at);
      ASSERT_EQ(NextDue(report, last), next);
      ASSERT_EQ(LastDue(report, next), next);
    }
  }
}

std::string Main(const std::string& reports) {
  return "route: {receiver: a}\n"
         "receivers: [{name: a}, {name: chat, webhook_configs: [{url: 'http://c'}]}]\n"
         "reports:\n" +
         reports;
}

TEST(ReportsTest, AreReadWithWhatIsUsual) {
  World world(
      Main("- {receiver: chat}\n"
           "- {receiver: chat, every: month, day: 2, at: '07:30', time_zone: Europe/Berlin, "
           "team: core}\n"));
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems), IsEmpty()) << "chat is used, if by no route";
  ASSERT_NE(loaded.config, nullptr);
  const std::vector<Report>& reports = loaded.config->reports;
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[0].id(), "week monday 09:00 UTC to chat");
  EXPECT_EQ(reports[1].id(), "\"core\" month 2 07:30 Europe/Berlin to chat");
  EXPECT_EQ(loaded.config->original.find("reports"), std::string::npos);
}

TEST(ReportsTest, WhatIsWrongIsSaidWithItsPlace) {
  const World world(
      Main("- {receiver: chat, weekday: someday, team: t4}\n"
           "- {receiver: chat, every: day, weekday: monday, team: t5}\n"
           "- {receiver: chat, every: month, day: 31, team: t6}\n"
           "- {receiver: chat, at: '9 am', team: t7}\n"
           "- {receiver: chat, time_zone: Mars/Base, team: t8}\n"
           "- {every: day}\n"
           "- {receiver: caht}\n"
           "- {receiver: a}\n"
           "- {receiver: chat}\n"
           "- {receiver: chat, every: week}\n"));
  EXPECT_THAT(
      world.Problems(),
      UnorderedElementsAre(
          HasSubstr("w.yml:4:20: unknown weekday \"someday\""),
          HasSubstr("w.yml:5:32: weekday is for a report of every week (every: week)"),
          HasSubstr("w.yml:6:34: day must be from 1 to 28, which every month has"),
          HasSubstr("w.yml:7:20: at \"9 am\" is no time of the day (such as \"09:00\")"),
          HasSubstr("w.yml:8:20: "), HasSubstr("w.yml:9:3: a report needs a receiver"),
          HasSubstr("w.yml:10:4: undefined receiver \"caht\" in reports (did you mean \"chat\"?)"),
          HasSubstr("w.yml:11:4: receiver \"a\" cannot be told a report"),
          HasSubstr("w.yml:13:3: this report is there twice")));
}

TEST(ReportsTest, AreFew) {
  std::string entries;
  for (size_t i = 0; i <= kReportsMax; ++i) {
    entries += "- {receiver: chat, team: t" + std::to_string(i) + "}\n";
  }
  EXPECT_THAT(World(Main(entries)).Problems(), ElementsAre(HasSubstr("more than 20 reports")));
}

}  // namespace
}  // namespace watchfire::config
