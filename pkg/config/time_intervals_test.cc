// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using timeinterval::Ranges;

constexpr const char* kCalendars = R"(
route:
  receiver: a
  routes:
    - receiver: a
      mute_time_intervals: [holidays, old]
      active_time_intervals: [office]
      routes: [{receiver: a}]
receivers: [{name: a}]
time_intervals:
  - name: office
    time_intervals:
      - times: [{start_time: 09:00, end_time: '17:30'}, {start_time: '22:00', end_time: '24:00'}]
        weekdays: ['Monday:FRIDAY', sunday]
        location: Europe/Berlin
      - days_of_month: ['1:5', -1]
        months: [may:august, '12']
        years: [2030, '2032:2033']
  - name: holidays
    time_intervals: [{times: []}]
  - {name: never}
mute_time_intervals:
  - {name: old, time_intervals: [{}]}
)";

TEST(TimeIntervalsTest, AGoodFileIsReadWhole) {
  const Loaded loaded = World(kCalendars).Load();
  ASSERT_THAT(World::Print(loaded.problems),
              ElementsAre(HasSubstr("warning w.yml:22:1: mute_time_intervals is deprecated")));
  const auto& intervals = loaded.config->time_intervals;
  ASSERT_THAT(intervals, SizeIs(4));
  const auto& office = intervals.at("office");
  ASSERT_THAT(office, SizeIs(2));
  EXPECT_EQ(office[0].times, (Ranges{{540, 1050}, {1320, 1440}}));
  EXPECT_EQ(office[0].weekdays, (Ranges{{1, 5}, {0, 0}}));
  EXPECT_EQ(office[0].months, std::nullopt);
  EXPECT_EQ(office[0].location, timeinterval::Location({"Europe/Berlin", office[0].location.zone}));
  EXPECT_EQ(office[1].days_of_month, (Ranges{{1, 5}, {-1, -1}}));
  EXPECT_EQ(office[1].months, (Ranges{{5, 8}, {12, 12}}));
  EXPECT_EQ(office[1].years, (Ranges{{2030, 2030}, {2032, 2033}}));
  EXPECT_EQ(office[1].location.name, "");
  EXPECT_EQ(intervals.at("holidays")[0].times, Ranges()) << "given and empty: never";
  EXPECT_THAT(intervals.at("never"), IsEmpty());
  EXPECT_EQ(intervals.at("old"), std::vector{timeinterval::TimeInterval()}) << "always";
  const Route& route = loaded.config->route.routes[0];
  EXPECT_THAT(route.mute_time_intervals, ElementsAre("holidays", "old"));
  EXPECT_THAT(route.active_time_intervals, ElementsAre("office"));
  EXPECT_THAT(route.routes[0].mute_time_intervals, IsEmpty()) << "not inherited";
  EXPECT_THAT(route.routes[0].active_time_intervals, IsEmpty());
}

TEST(TimeIntervalsTest, DaysMayPassTheEndOfTheWeek) {
  const Loaded loaded = World(Minimal("time_intervals: [{name: x, time_intervals: [{weekdays: "
                                      "['friday:monday', wednesday]}]}]"))
                            .Load();
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->time_intervals.at("x")[0].weekdays, (Ranges{{5, 6}, {0, 1}, {3, 3}}));
  EXPECT_THAT(loaded.config->original,
              HasSubstr("weekdays:\n    - friday:saturday\n    - sunday:monday\n"));
}

TEST(TimeIntervalsTest, MonthsThatAreNoneAreTakenWithAWarning) {
  const std::string text = Minimal(
      "time_intervals:\n- {name: x, time_intervals: [{months: "
      "['0:5', 12, 13, 1]}]}\n");
  EXPECT_THAT(World(text).Problems(),
              ElementsAre("warning w.yml:4:40: 0:5 reaches beyond months 1 to 12 (Alertmanager "
                          "refuses it since 0.35)",
                          "warning w.yml:4:51: 13 reaches beyond months 1 to 12 (Alertmanager "
                          "refuses it since 0.35)"));
  EXPECT_EQ(World(text).Load().config->time_intervals.at("x")[0].months,
            (Ranges{{0, 5}, {12, 12}, {13, 13}, {1, 1}}));
}

TEST(TimeIntervalsTest, TheOriginalLoadsAgainToTheSame) {
  const Loaded first = World(kCalendars).Load();
  const std::string& original = first.config->original;
  EXPECT_THAT(original, HasSubstr("weekdays:\n    - monday:friday\n    - sunday\n"));
  EXPECT_THAT(original, HasSubstr("times: []"));
  EXPECT_THAT(original, HasSubstr("location: Europe/Berlin"));
  const Loaded second = World(original).Load();
  ASSERT_NE(second.config, nullptr) << original;
  EXPECT_EQ(second.config->original, original);
  EXPECT_EQ(second.config->time_intervals, first.config->time_intervals);
  EXPECT_THAT(World(Minimal()).Load().config->original, Not(HasSubstr("time_intervals:\n")));
}

TEST(TimeIntervalsTest, MistakesHaveTheirTextAndPlace) {
  const auto in = [](const std::string& calendar) {
    return Minimal("time_intervals:\n- {name: x, time_intervals: [{" + calendar + "}]}\n");
  };
  const std::string when =
      " (from 00:00 to 24:00; one past midnight is two, to 24:00 and from 00:00)";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {in("times: [{start_time: '25:00', end_time: '26:00'}]"),
       "w.yml:4:40: couldn't parse timestamp 25:00, invalid format" + when},
      {in("times: [{start_time: '05:00', end_time: '26:00'}]"),
       "w.yml:4:61: couldn't parse timestamp 26:00, invalid format" + when},
      {in("times: [{start_time: '22:00', end_time: '06:00'}]"),
       "w.yml:4:61: start time cannot be equal or greater than end time" + when},
      {in("times: [{start_time: '22:00'}]"),
       "w.yml:4:39: both start and end times must be provided" + when},
      {in("times: [{start_time: '22:00', end_time: '23:00', x: 1}]"),
       "w.yml:4:80: unknown key \"x\" (known here: end_time, start_time)"},
      {in("times: ['09:00']"), "w.yml:4:39: an entry of times must be a mapping, found a text"},
      {in("weekdays: [mon]"),
       "w.yml:4:42: mon is not a valid weekday (full names, like monday:friday or sunday)"},
      {in("weekdays: monday"), "w.yml:4:31: weekdays must be a list, found a text"},
      {in("days_of_month: ['1:5', '0']"),
       "w.yml:4:54: 0 is not a valid day of the month: out of range (like 1:5, or -3:-1 from the "
       "end of the month)"},
      {in("months: ['march:february']"),
       "w.yml:4:40: end month february is before start month march (full names or numbers, like "
       "may:august or 12)"},
      {in("years: ['2020:2019']"),
       "w.yml:4:39: end year 2019 is before start year 2020 (like 2030 or 2030:2032)"},
      {in("location: Mars"),
       "w.yml:4:31: unknown time zone Mars (a name of the IANA zone database, like "
       "Europe/Berlin)"},
      {in("weekday: [monday]"), "w.yml:4:31: unknown key \"weekday\" (did you mean \"weekdays\"?)"},
      {Minimal("time_intervals: [{}]"), "w.yml:3:18: missing name in time interval"},
      {Minimal("mute_time_intervals: [null]"), "w.yml:3:23: missing name in mute time interval"},
      {Minimal("time_intervals: [{name: x}, {name: x}]"),
       "w.yml:3:30: time interval \"x\" is not unique"},
      {Minimal("mute_time_intervals: [{name: x}, {name: x}]"),
       "w.yml:3:35: mute time interval \"x\" is not unique"},
      {Minimal("time_intervals: [{name: x}]\nmute_time_intervals: [{name: x}]"),
       "w.yml:3:19: time interval \"x\" is not unique"},
      {Minimal("time_intervals: {x: 1}"),
       "w.yml:3:1: time_intervals must be a list, found a mapping"},
  };
  for (const auto& [text, want] : cases) {
    EXPECT_THAT(World(text).Problems(), Contains(want)) << text;
    EXPECT_EQ(World(text).Load().config, nullptr) << text;
  }
}

TEST(TimeIntervalsTest, AnIntervalWithAMistakeIsKnownToRoutesAllTheSame) {
  const World world(
      "route: {receiver: a, routes: [{mute_time_intervals: [x]}]}\n"
      "receivers: [{name: a}]\n"
      "time_intervals: [{name: x, time_intervals: [{years: [1:2:3]}]}]\n");
  EXPECT_THAT(world.Problems(), ElementsAre(HasSubstr("couldn't parse range 1:2:3")));
}

}  // namespace
}  // namespace watchfire::config
