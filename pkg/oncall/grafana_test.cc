// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// When Grafana OnCall's shifts take place: the events that its custom_on_call_shift.py makes of
// them, each from its start for its whole duration.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

// A schedule "s" of one shift: `type`, and whatever else it says.
std::string Of(const std::string& shift, const std::string& type = "calendar",
               const std::string& zone = "UTC") {
  return R"({"schedules": [{"id": "s", "name": "s", "type": ")" + type + R"(", "time_zone": ")" +
         zone + R"(", "shifts": ["o"]}], "on_call_shifts": [{"id": "o", "name": "o", )" + shift +
         "}]}";
}

TEST(GrafanaShiftTest, ANightOverTheWeeksEndIsNotCut) {
  const std::string nights = R"("type": "rolling_users", "start": "2024-03-04T20:00:00",
      "duration": 43200, "frequency": "weekly", "interval": 1, "rolling_users": [["a"], ["b"]],
      "by_day": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "week_start": )";
  ExpectVectors(RosterOfText(Of(nights + R"("MO")")), "s",
                {{"2024-03-10T19:59:59Z", "-"},
                 {"2024-03-10T20:00:00Z", "a"},
                 {"2024-03-11T07:59:59Z", "a"},
                 {"2024-03-11T08:00:00Z", "-"},
                 {"2024-03-11T20:00:00Z", "b"},
                 {"2024-03-18T07:59:59Z", "b"},
                 {"2024-03-18T20:00:00Z", "a"}});
  ExpectVectors(RosterOfText(Of(nights + R"("SU")")), "s",
                {{"2024-03-10T07:59:59Z", "a"},
                 {"2024-03-10T20:00:00Z", "b"},
                 {"2024-03-17T07:59:59Z", "b"},
                 {"2024-03-17T20:00:00Z", "a"}});
}

TEST(GrafanaShiftTest, NorIsThatOfEveryOtherWeek) {
  ExpectVectors(RosterOfText(Of(R"("type": "recurrent_event", "start": "2024-03-03T20:00:00",
                   "duration": 43200, "frequency": "weekly", "interval": 2, "week_start": "MO",
                   "by_day": ["SU"], "users": ["a"])")),
                "s",
                {{"2024-03-03T20:00:00Z", "a"},
                 {"2024-03-04T07:59:59Z", "a"},
                 {"2024-03-04T08:00:00Z", "-"},
                 {"2024-03-10T20:00:00Z", "-"},
                 {"2024-03-11T07:00:00Z", "-"},
                 {"2024-03-17T20:00:00Z", "a"},
                 {"2024-03-18T07:59:59Z", "a"}});
}

TEST(GrafanaShiftTest, WhatIsLongerThanTheRestOfTheWeekIsSaidToBeCut) {
  const auto load = [](const std::string& duration) {
    return Load({{"f.json", Of(R"("type": "rolling_users", "start": "2024-03-04T20:00:00",
        "frequency": "weekly", "interval": 1, "by_day": ["MO", "SU"], "week_start": "MO",
        "rolling_users": [["a"], ["b"]], "duration": )" +
                               duration)}})
        .remarks;
  };
  const auto cut = Contains(Field(&Remark::text, HasSubstr("hands off there")));
  EXPECT_THAT(load("90000"), cut);
  EXPECT_THAT(load("86400"), Not(cut));
}

TEST(GrafanaShiftTest, BeforeItsStartNoneOfItsDaysCounts) {
  // A Tuesday: the Monday before it would last into it.
  ExpectVectors(RosterOfText(Of(R"("type": "recurrent_event", "start": "2024-03-05T20:00:00",
                   "duration": 108000, "frequency": "weekly", "interval": 1, "week_start": "MO",
                   "by_day": ["MO", "WE"], "users": ["a"])")),
                "s",
                {{"2024-03-05T21:00:00Z", "-"},
                 {"2024-03-06T20:00:00Z", "a"},
                 {"2024-03-11T20:00:00Z", "a"},
                 {"2024-03-13T01:59:59Z", "a"}});
  // Turns begin on the first of the days.
  ExpectVectors(RosterOfText(Of(R"("type": "rolling_users", "start": "2024-03-05T08:00:00",
                   "duration": 3600, "frequency": "weekly", "interval": 1, "week_start": "MO",
                   "by_day": ["MO", "WE"], "rolling_users": [["a"], ["b"]])")),
                "s",
                {{"2024-03-06T08:00:00Z", "-"},
                 {"2024-03-11T08:00:00Z", "a"},
                 {"2024-03-13T08:00:00Z", "a"},
                 {"2024-03-18T08:00:00Z", "b"}});
}

TEST(GrafanaShiftTest, PartOfATurnOfSeveralWeeksOrDays) {
  const Loaded weeks = Load({{"f.json", Of(R"("type": "rolling_users", "duration": 41400,
      "start": "2024-03-04T02:30:00", "frequency": "weekly", "interval": 2,
      "rolling_users": [["a"], ["b"], ["c"]])")}});
  EXPECT_EQ(Messages(weeks), "");
  ASSERT_TRUE(weeks.roster.has_value());
  ExpectVectors(*weeks.roster, "s",
                {{"2024-03-04T02:30:00Z", "a"},
                 {"2024-03-04T14:00:00Z", "-"},
                 {"2024-03-11T03:00:00Z", "-"},
                 {"2024-03-18T13:59:00Z", "b"},
                 {"2024-03-18T14:00:00Z", "-"},
                 {"2024-03-25T03:00:00Z", "-"},
                 {"2024-04-01T03:00:00Z", "c"}});
  ExpectVectors(RosterOfText(Of(R"("type": "rolling_users", "duration": 59700,
                   "start": "2024-03-04T20:00:00", "frequency": "daily", "interval": 3,
                   "rolling_users": [["a"], ["b"]])")),
                "s",
                {{"2024-03-05T12:34:00Z", "a"},
                 {"2024-03-05T12:35:00Z", "-"},
                 {"2024-03-06T21:00:00Z", "-"},
                 {"2024-03-08T12:34:00Z", "b"},
                 {"2024-03-10T20:00:00Z", "a"}});
}

TEST(GrafanaShiftTest, WeeksOfADaysListAreTakenOnceInAnInterval) {
  ExpectVectors(RosterOfText(Of(R"("type": "rolling_users", "start": "2024-03-04T08:00:00",
                   "duration": 3600, "frequency": "weekly", "interval": 2, "week_start": "MO",
                   "by_day": ["MO", "WE"], "rolling_users": [["a"], ["b"]])")),
                "s",
                {{"2024-03-06T08:00:00Z", "a"},
                 {"2024-03-11T08:00:00Z", "-"},
                 {"2024-03-18T08:00:00Z", "b"},
                 {"2024-03-27T08:00:00Z", "-"},
                 {"2024-04-01T08:00:00Z", "a"}});
}

TEST(GrafanaShiftTest, WhatBeginsByUntilTakesPlaceAsAWhole) {
  const std::string days = R"("type": "rolling_users", "start": "2024-03-04T20:00:00",
      "duration": 43200, "frequency": "daily", "interval": 1, "rolling_users": [["a"], ["b"]],
      "until": )";
  ExpectVectors(RosterOfText(Of(days + R"("2024-03-06T20:00:00")")), "s",
                {{"2024-03-06T20:00:00Z", "a"},
                 {"2024-03-07T07:59:59Z", "a"},
                 {"2024-03-07T20:00:00Z", "-"}});
  ExpectVectors(RosterOfText(Of(days + R"("2024-03-06T19:59:59")")), "s",
                {{"2024-03-06T07:59:59Z", "b"}, {"2024-03-06T20:00:00Z", "-"}});
  // What the editor drew is cut there.
  ExpectVectors(RosterOfText(Of(days + R"("2024-03-06T22:00:00")", "web")), "s",
                {{"2024-03-06T21:59:59Z", "a"}, {"2024-03-06T22:00:00Z", "-"}});
  ExpectVectors(RosterOfText(Of(R"("type": "recurrent_event", "start": "2024-03-04T20:00:00",
                   "duration": 43200, "frequency": "weekly", "interval": 1, "users": ["a"],
                   "by_day": ["MO", "TU"], "until": "2024-03-11T20:00:00")")),
                "s", {{"2024-03-12T07:59:59Z", "a"}, {"2024-03-12T20:00:00Z", "-"}});
  ExpectVectors(RosterOfText(Of(R"("type": "recurrent_event", "start": "2024-03-04T20:00:00",
                   "duration": 43200, "frequency": "monthly", "interval": 1, "users": ["a"],
                   "until": "2024-04-04T20:00:00")")),
                "s", {{"2024-04-05T07:59:59Z", "a"}, {"2024-05-04T20:00:00Z", "-"}});
}

TEST(GrafanaShiftTest, DurationsAreThoseOfTheClockOnTheWall) {
  const std::string zone = "Europe/Berlin";
  // Clocks go from two to three: an hour less.
  ExpectVectors(RosterOfText(Of(R"("type": "single_event", "start": "2024-03-30T20:00:00",
                   "duration": 43200, "users": ["a"])",
                                "calendar", zone)),
                "s", {{"2024-03-31T05:59:59Z", "a"}, {"2024-03-31T06:00:00Z", "-"}});
  // And from three to two: an hour more.
  ExpectVectors(RosterOfText(Of(R"("type": "override", "start": "2024-10-26T20:00:00",
                   "duration": 43200, "users": ["a"])",
                                "calendar", zone)),
                "s",
                {{"2024-10-26T18:00:00Z", "a"},
                 {"2024-10-27T06:59:59Z", "a"},
                 {"2024-10-27T07:00:00Z", "-"}});
}

}  // namespace
}  // namespace watchfire::oncall
