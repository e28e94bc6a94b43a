// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is on call: the worked examples of reference paging-backends §6.4 and §6.6, nights on which
// clocks change, and what must hold of any schedule.

#include "pkg/oncall/duty.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"
#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(DutyTest, OpsgenieUnionOfTwoRotationsWithHours) {
  ExpectVectors(RosterOf({"opsgenie_schedule.json"}, {.exact_ends = true}), "Primary On-Call",
                {{"2024-01-01T08:59:00Z", "-"},
                 {"2024-01-01T13:59:00Z", "-"},
                 {"2024-01-01T14:00:00Z", "alice"},
                 {"2024-01-01T21:59:59Z", "alice"},
                 {"2024-01-01T22:00:00Z", "-"},
                 {"2024-01-02T14:00:00Z", "bob"},
                 {"2024-01-03T15:00:00Z", "charlie"},
                 {"2024-01-04T15:00:00Z", "alice"},
                 {"2024-01-06T04:59:00Z", "-"},
                 {"2024-01-06T05:00:00Z", "weekend1"},
                 {"2024-01-06T15:00:00Z", "charlie+weekend1"},
                 {"2024-01-07T15:00:00Z", "alice+weekend1"},
                 {"2024-01-08T04:30:00Z", "weekend1"},
                 {"2024-01-08T04:59:30Z", "-"},
                 {"2024-01-08T05:00:00Z", "-"},
                 {"2024-01-13T15:00:00Z", "alice+weekend2"},
                 {"2024-01-20T15:00:00Z", "bob+weekend1"},
                 {"2024-03-09T15:00:00Z", "charlie+weekend2"},
                 {"2024-03-10T12:59:00Z", "weekend2"},
                 {"2024-03-10T13:00:00Z", "alice+weekend2"},
                 {"2024-03-11T12:59:00Z", "-"},
                 {"2024-03-11T13:00:00Z", "bob"},
                 {"2024-03-11T21:00:00Z", "-"},
                 {"2024-07-04T15:00:00Z", "charlie"},
                 {"2024-11-03T13:59:00Z", "weekend2"},
                 {"2024-11-03T14:00:00Z", "bob+weekend2"},
                 {"2024-11-04T15:00:00Z", "charlie"},
                 {"2024-12-30T15:00:00Z", "bob"},
                 {"2024-12-31T08:59:00Z", "-"},
                 {"2024-12-31T15:00:00Z", "-"}});
}

TEST(DutyTest, AnEndAtFiftyNineIsTheFullHourUnlessAskedOtherwise) {
  const Roster roster = RosterOf({"opsgenie_schedule.json"});
  ExpectVectors(roster, "primary-oncall",
                {{"2024-01-08T04:59:30Z", "weekend1"}, {"2024-01-08T05:00:00Z", "-"}});
}

TEST(DutyTest, AWeekOfTheOpsgenieExampleIsCoveredByHalf) {
  const Roster roster = RosterOf({"opsgenie_schedule.json"}, {.exact_ends = true});
  const WallTime from = At("2024-01-08T05:00:00Z");
  Duration covered{};
  Duration doubled{};
  for (const Duty& duty :
       FinalSchedule(roster, roster.schedules.at(0), from, from + hours(24 * 7))) {
    if (!duty.people.empty()) covered += duty.end - duty.begin;
    if (duty.people.size() > 1) doubled += duty.end - duty.begin;
  }
  EXPECT_EQ(covered, minutes(5279));
  EXPECT_EQ(doubled, minutes(960));
}

TEST(DutyTest, WeeklyHandOffsKeepTheirTimeOnTheWall) {
  const Roster roster = RosterOf({"pagerduty_short.yml"});
  ExpectVectors(roster, "Primary On-Call",
                {{"2024-01-15T13:59:00Z", "-"},
                 {"2024-01-15T14:00:00Z", "alice"},
                 {"2024-01-22T13:59:00Z", "alice"},
                 {"2024-01-22T14:00:00Z", "bob"},
                 {"2024-01-29T14:00:00Z", "charlie"},
                 {"2024-02-05T14:00:00Z", "alice"},
                 {"2024-03-11T12:59:00Z", "bob"},
                 {"2024-03-11T13:00:00Z", "charlie"},
                 {"2024-03-11T14:00:00Z", "charlie"},
                 {"2024-07-01T13:30:00Z", "alice"},
                 {"2024-11-04T13:30:00Z", "charlie"},
                 {"2024-11-04T14:00:00Z", "alice"}});
  ExpectVectors(roster, "Secondary On-Call",
                {{"2024-01-15T13:59:00Z", "-"},
                 {"2024-01-15T14:00:00Z", "bob"},
                 {"2024-01-22T14:00:00Z", "charlie"},
                 {"2024-02-05T14:00:00Z", "bob"},
                 {"2024-03-11T13:00:00Z", "alice"},
                 {"2024-07-01T13:30:00Z", "bob"},
                 {"2024-11-04T13:30:00Z", "alice"},
                 {"2024-11-04T14:00:00Z", "bob"}});
}

TEST(DutyTest, PrimaryAndSecondaryOfTheExampleAreNeverTheSame) {
  const Roster roster = RosterOf({"pagerduty_short.yml"});
  for (WallTime at = At("2024-01-15T14:00:00Z"); at < At("2026-01-15T14:00:00Z"); at += hours(7)) {
    EXPECT_NE(WhoAt(roster, roster.schedules.at(0), at), WhoAt(roster, roster.schedules.at(1), at));
  }
}

TEST(DutyTest, UpperLayersAndOverridesWinInPagerDuty) {
  const Roster roster = RosterOf({"pagerduty_schedule.json"});
  ExpectVectors(roster, "PI7DH85",
                {{"2024-01-08T07:59:00Z", "Ada"},
                 {"2024-01-08T08:00:00Z", "Bo"},
                 {"2024-01-08T20:59:00Z", "Bo"},
                 {"2024-01-08T21:00:00Z", "Omar"},
                 {"2024-01-09T04:59:00Z", "Omar"},
                 {"2024-01-09T05:00:00Z", "Bo"},
                 {"2024-02-01T10:59:00Z", "Ada"},
                 {"2024-02-01T11:00:00Z", "Bo"},
                 {"2024-02-01T17:00:00Z", "Ada"}});
}

// Opsgenie's overrides are listed as they were made.
TEST(DutyTest, LaterOverridesOfAllRotationsEndOneOfTheWholeSchedule) {
  const auto schedule = [](const std::string& overrides) {
    return RosterOfText(
        R"({"data": {"id": "sid", "name": "S", "timezone": "UTC", "enabled": true, "rotations": [
        {"id": "r0", "name": "A", "startDate": "2024-01-01T00:00:00Z", "type": "daily",
         "participants": [{"type": "user", "username": "ann"}]},
        {"id": "r1", "name": "B", "startDate": "2024-01-01T00:00:00Z", "type": "daily",
         "participants": [{"type": "user", "username": "ben"}]}], "overrides": [)" +
        overrides + "]}}");
  };
  const auto one = [](const std::string& who, int hour, const std::string& rotations) {
    return R"({"alias": ")" + who + R"(", "user": {"type": "user", "username": ")" + who +
           R"("}, "startDate": "2024-01-02T0)" + std::to_string(hour) +
           R"(:00:00Z", "endDate": "2024-01-02T06:00:00Z", "_parent": {"id": "sid", "name": "S"})" +
           (rotations.empty() ? "" : R"(, "rotations": [)" + rotations + "]") + "}";
  };
  const std::string a = R"({"id": "r0", "name": "A"})";
  const std::string b = R"({"id": "r1", "name": "B"})";
  ExpectVectors(schedule(one("x", 1, "") + "," + one("y", 2, a + "," + b)), "S",
                {{"2024-01-02T00:59:59Z", "ann+ben"},
                 {"2024-01-02T01:00:00Z", "x"},
                 {"2024-01-02T02:00:00Z", "y"},
                 {"2024-01-02T06:00:00Z", "ann+ben"}});
  ExpectVectors(schedule(one("x", 1, "") + "," + one("y", 2, a) + "," + one("z", 3, b)), "S",
                {{"2024-01-02T02:00:00Z", "y+x"}, {"2024-01-02T03:00:00Z", "y+z"}});
  // The other way round, the whole schedule is the later one's.
  ExpectVectors(schedule(one("y", 1, a + "," + b) + "," + one("x", 2, "")), "S",
                {{"2024-01-02T01:00:00Z", "y"}, {"2024-01-02T02:00:00Z", "x"}});
}

TEST(DutyTest, TheOrderOfLayersCanBeAskedFor) {
  const Roster roster =
      RosterOf({"pagerduty_schedule.json"}, {.layers = ReadOptions::Layers::kLastWins});
  EXPECT_EQ(Who(roster, "Operations", "2024-01-08T23:00:00Z"), "Bo");
}

// Their numbers say how they came to be. Once somebody has moved one, the order of the answer
// counts.
TEST(DutyTest, LayersThatWereMovedWinAsTheApiListsThem) {
  const auto schedule = [](const std::vector<std::string>& numbers) {
    std::string layers;
    for (const std::string& number : numbers) {
      layers += (layers.empty() ? "" : ",") +
                (R"({"name": "Layer )" + number + R"(", "start": "2024-01-01T00:00:00Z",
        "rotation_virtual_start": "2024-01-01T00:00:00Z", "rotation_turn_length_seconds": 86400,
        "users": [{"user": {"id": "P)" +
                 number + R"(", "type": "user_reference"}}],
        "restrictions": []})");
    }
    return RosterOfText(R"({"schedule": {"id": "S", "name": "S", "time_zone": "UTC", "html_url":
        "https://x.pagerduty.com/schedules/S", "schedule_layers": [)" +
                        layers + "]}}");
  };
  EXPECT_EQ(Who(schedule({"1", "3", "2"}), "S", "2024-01-02T00:00:00Z"), "P1");
  EXPECT_EQ(Who(schedule({"2", "3", "1"}), "S", "2024-01-02T00:00:00Z"), "P2");
  EXPECT_EQ(Who(schedule({"3", "2", "1"}), "S", "2024-01-02T00:00:00Z"), "P3");
  EXPECT_EQ(Who(schedule({"1", "2", "3"}), "S", "2024-01-02T00:00:00Z"), "P3");
}

constexpr const char* kOwn = R"(
oncall:
  users: [ada, bob, cy, dan]
  teams:
    - {name: core, members: [cy, {user: dan, role: admin}]}
  schedules:
    - name: base
      time_zone: Europe/Berlin
      layers:
        - name: weeks
          rotation: {start: 2024-01-01 09:00, every: 1 week, participants: [ada, [bob, cy], null]}
        - name: lunch
          hours: [{days: mon-fri, from: "12:00", to: "13:00"}]
          rotation: {start: 2024-01-01, every: 1 day, participants: [dan]}
      overrides:
        - {from: 2024-01-03 10:00, to: 2024-01-03 14:00, who: bob, layers: [weeks]}
        - {from: 2024-01-03 12:30, to: 2024-01-03 15:00, who: [{team: core}]}
        - {from: 2024-01-04 00:00, to: 2024-01-05 00:00, who: cy, replaces: ada}
        - {from: 2024-01-05 00:00, to: 2024-01-06 00:00, who: cy, add: true}
    - name: nested
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2024-01-01, every: 1 day, participants: [{schedule: base}, {next: base}]}
)";

TEST(DutyTest, OurOwnFormSaysAllOfIt) {
  const Roster roster = RosterOfText(kOwn);
  ExpectVectors(roster, "base",
                {{"2024-01-01T07:59:00Z", "-"},
                 {"2024-01-01T08:00:00Z", "ada"},
                 {"2024-01-01T11:00:00Z", "dan"},
                 {"2024-01-01T12:00:00Z", "ada"},
                 {"2024-01-08T08:00:00Z", "bob+cy"},
                 {"2024-01-15T08:00:00Z", "-"},
                 {"2024-01-22T08:00:00Z", "ada"},
                 {"2024-01-03T09:00:00Z", "bob"},
                 {"2024-01-03T11:10:00Z", "dan"},
                 {"2024-01-03T11:30:00Z", "cy+dan"},
                 {"2024-01-03T14:00:00Z", "ada"},
                 {"2024-01-04T10:00:00Z", "cy"},
                 {"2024-01-04T11:10:00Z", "dan"},
                 {"2024-01-05T10:00:00Z", "ada+cy"}});
  ExpectVectors(roster, "nested",
                {{"2024-01-01T10:00:00Z", "ada"}, {"2024-01-02T10:00:00Z", "bob+cy"}});
}

TEST(DutyTest, NextDutySaysWhenAndWho) {
  const Roster roster = RosterOfText(kOwn);
  const auto next = NextDuty(roster, *roster.FindSchedule("base"), At("2024-01-09T12:00:00Z"));
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->begin, At("2024-01-10T11:00:00Z"));
  EXPECT_EQ(next->end, At("2024-01-10T12:00:00Z"));
  EXPECT_THAT(next->people, ElementsAre("dan"));
}

TEST(DutyTest, AScheduleIsAskedForByNameAndNobodyIsOnOneThatIsNot) {
  const Roster roster = RosterOf({"opsgenie_schedule.json"});
  const WallTime at = ParseTime("2024-01-01T15:00:00Z").value();
  EXPECT_THAT(WhoAt(&roster, "Primary On-Call", at), ElementsAre("alice"));
  EXPECT_THAT(WhoAt(&roster, "primary-oncall", at), ElementsAre("alice"));
  EXPECT_THAT(WhoAt(&roster, "nights", at), IsEmpty());
  EXPECT_THAT(WhoAt(&roster, "", at), IsEmpty());
  EXPECT_THAT(WhoAt(&roster, "Primary On-Call", kNoTime), IsEmpty());
  EXPECT_THAT(WhoAt(nullptr, "Primary On-Call", at), IsEmpty());
}

TEST(DutyTest, NobodyChangesWhereThereIsOne) {
  const Roster roster = RosterOfText(
      "oncall: {schedules: [{name: s, layers: [{rotation: {start: 2024-01-01, participants: "
      "[a]}}]}]}");
  EXPECT_EQ(NextDuty(roster, roster.schedules.at(0), At("2025-01-01T00:00:00Z")), std::nullopt);
}

TEST(DutyTest, TheNextInTheRotationIsFoundPastItsHours) {
  const Roster roster = RosterOf({"opsgenie_schedule.json"});
  const Schedule& schedule = roster.schedules.at(0);
  EXPECT_THAT(NeighboursAt(roster, schedule, At("2024-01-02T15:00:00Z"), 1),
              ElementsAre("charlie"));
  EXPECT_THAT(NeighboursAt(roster, schedule, At("2024-01-02T15:00:00Z"), -1), ElementsAre("alice"));
  // On Tuesday night nobody is on duty: both rotations have a next one.
  EXPECT_THAT(NeighboursAt(roster, schedule, At("2024-01-10T03:00:00Z"), 1),
              ElementsAre("alice", "weekend2"));
}

// Two ways to the same answer: the closed form, and the walk along the hand-offs.
TEST(DutyTest, TheFinalScheduleIsWhoIsOnCallAtEveryInstant) {
  for (const Roster& roster :
       {RosterOf({"opsgenie_schedule.json"}), RosterOf({"pagerduty_schedule.json"}),
        RosterOf({"pagerduty_short.yml"}), RosterOfText(kOwn)}) {
    for (const Schedule& schedule : roster.schedules) {
      const WallTime from = At("2023-12-20T00:00:00Z");
      const WallTime to = At("2025-02-01T00:00:00Z");
      const std::vector<Duty> duties = FinalSchedule(roster, schedule, from, to);
      ASSERT_FALSE(duties.empty());
      EXPECT_EQ(duties.front().begin, from);
      EXPECT_EQ(duties.back().end, to);
      WallTime expected = from;
      for (const Duty& duty : duties) {
        EXPECT_EQ(duty.begin, expected) << "neither holes nor overlaps";
        EXPECT_LT(duty.begin, duty.end);
        expected = duty.end;
        EXPECT_EQ(WhoAt(roster, schedule, duty.begin), duty.people);
        EXPECT_EQ(WhoAt(roster, schedule, duty.end - seconds(1)), duty.people);
        EXPECT_EQ(WhoAt(roster, schedule, duty.begin + (duty.end - duty.begin) / 2), duty.people);
      }
    }
  }
}

TEST(DutyTest, RandomSchedulesAgreeWithThemselves) {
  Rng rng(20240331);
  for (int round = 0; round < 60; ++round) {
    std::string text = "oncall: {schedules: [{name: s, time_zone: ";
    text += std::vector<const char*>{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                     "UTC"}[rng.Below(4)];
    text += ", layers: [";
    for (uint64_t layer = 0; layer < 1 + rng.Below(3); ++layer) {
      text += "{rotation: {start: '2024-0" + std::to_string(1 + rng.Below(9)) + "-0" +
              std::to_string(1 + rng.Below(9)) + " 0" + std::to_string(rng.Below(10)) +
              ":30', every: " + std::to_string(1 + rng.Below(30)) +
              std::vector<const char*>{" hours", " days", " weeks", " months",
                                       " minutes"}[rng.Below(layer == 0 ? 4 : 2)] +
              ", participants: [a, b, null, [c, d]]}";
      if (rng.Below(2) == 0) {
        text += ", hours: [{from: '0" + std::to_string(rng.Below(10)) + ":30', to: '1" +
                std::to_string(rng.Below(10)) + ":15'}, {from: sat 22:00, to: mon 02:30}]";
      }
      text += "}, ";
    }
    text += "]}]}";
    const Roster roster = RosterOfText(text);
    const WallTime from = At("2024-03-20T00:00:00Z");
    for (const int days : {0, 190}) {
      const WallTime begin = from + hours(24 * days);
      const auto duties = FinalSchedule(roster, roster.schedules.at(0), begin, begin + hours(480));
      for (const Duty& duty : duties) {
        ASSERT_EQ(WhoAt(roster, roster.schedules.at(0), duty.begin), duty.people) << text;
        ASSERT_EQ(WhoAt(roster, roster.schedules.at(0), duty.end - seconds(1)), duty.people)
            << text;
      }
    }
  }
}

}  // namespace
}  // namespace watchfire::oncall
