// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// VictorOps (Splunk On-Call) and Grafana OnCall: reference paging-backends §6.5, §6.7, and what
// their APIs answer.

#include <algorithm>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/escalation.h"
#include "pkg/oncall/oncall_for_test.h"
#include "pkg/oncall/write.h"

namespace watchfire::oncall {
namespace {

using std::string_literals::operator""s;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

std::vector<std::string> Pages(const Roster& roster, const std::string& policy,
                               const std::string& start, uint64_t sequence = 0) {
  const Policy* found = roster.FindPolicy(policy);
  if (found == nullptr) return {"no policy " + policy};
  Progress progress;
  progress.sequence = sequence;
  Escalation escalation(std::make_shared<const Ladder>(MakeLadder(roster, *found).value()),
                        progress);
  std::vector<std::string> pages;
  for (auto due = escalation.deadline(); due && *due <= std::chrono::hours(1);
       due = escalation.deadline()) {
    for (const Notice& notice : escalation.Advance(*due, At(start) + *due, roster)) {
      std::string to;
      for (const Target& target : notice.to) to += (to.empty() ? "" : "+") + target.name;
      pages.push_back(std::to_string(static_cast<int64_t>(ToSeconds(notice.planned))) + " " +
                      (to.empty() ? "-" : to));
    }
  }
  return pages;
}

TEST(VictorOpsTest, ShiftsByHandWithinOneStretchOfTheWeek) {
  ExpectVectors(RosterOf({"victorops_rotation.json"}), "Platform Primary On-Call",
                {{"2024-01-01T00:00:00Z", "-"},
                 {"2024-01-01T08:00:00Z", "alice"},
                 {"2024-01-03T03:00:00Z", "alice"},
                 {"2024-01-05T17:59:00Z", "alice"},
                 {"2024-01-05T18:00:00Z", "-"},
                 {"2024-01-06T12:00:00Z", "-"},
                 {"2024-01-08T07:59:00Z", "-"},
                 {"2024-01-08T08:00:00Z", "bob"},
                 {"2024-01-15T08:00:00Z", "charlie"},
                 {"2024-01-19T17:59:59Z", "charlie"},
                 {"2024-01-22T08:00:00Z", "-"}});
}

TEST(VictorOpsTest, OrWithinTheHoursOfEachDay) {
  ReadOptions options;
  options.weekly_each_day = true;
  ExpectVectors(RosterOf({"victorops_rotation.json"}, options), "platform-primary-oncall",
                {{"2024-01-01T00:00:00Z", "-"},
                 {"2024-01-01T08:00:00Z", "alice"},
                 {"2024-01-03T03:00:00Z", "-"},
                 {"2024-01-05T17:59:00Z", "alice"},
                 {"2024-01-05T18:00:00Z", "-"},
                 {"2024-01-08T08:00:00Z", "bob"},
                 {"2024-01-15T08:00:00Z", "charlie"},
                 {"2024-01-22T08:00:00Z", "-"}});
}

TEST(VictorOpsTest, TurnsAreAsLongAsTheirTypeSaysAndDaysHaveNames) {
  const auto rotation = [](const std::string& rest) {
    return RosterOfText(R"({"rotation": {"name": "R", "start": "2024-01-01T08:00:00Z", )" + rest +
                        R"(, "members": [{"username": "ann"}, {"username": "ben"}],
      "restrictions": [{"type": "weekly_restriction", "start_day": "Monday", "start_time": "08:00",
                        "end_day": 0, "end_time": "18:00"}]}, "overrides": [
      {"start": "2024-01-05T08:00:00Z", "end": "2024-01-05T09:00:00Z",
       "user": {"username": "cat"}}]})");
  };
  ExpectVectors(rotation(R"("rotation_type": "daily")"), "R",
                {{"2024-01-02T07:59:59Z", "ann"},
                 {"2024-01-02T08:00:00Z", "ben"},
                 {"2024-01-05T08:00:00Z", "cat"},
                 {"2024-01-07T17:59:59Z", "ann"},
                 {"2024-01-07T18:00:00Z", "-"}});
  ExpectVectors(rotation(R"("rotation_type": "manual", "shift_length": 172800)"), "R",
                {{"2024-01-03T07:59:59Z", "ann"}, {"2024-01-03T08:00:00Z", "ben"}});
  ExpectVectors(rotation(R"("rotation_type": "manual")"), "R", {{"2024-01-08T08:00:00Z", "ben"}});
}

TEST(VictorOpsTest, AWeekIsCoveredAsTheReadingSays) {
  for (const bool each_day : {false, true}) {
    ReadOptions options;
    options.weekly_each_day = each_day;
    const Roster roster = RosterOf({"victorops_rotation.json"}, options);
    Duration covered{};
    const WallTime from = At("2024-01-08T08:00:00Z");
    for (const Duty& duty :
         FinalSchedule(roster, roster.schedules.at(0), from, from + std::chrono::hours(168))) {
      if (!duty.people.empty()) covered += duty.end - duty.begin;
    }
    EXPECT_EQ(covered, std::chrono::hours(each_day ? 50 : 106));
  }
}

TEST(VictorOpsTest, TimeoutsOfTheGuidesAreSecondsBehindAStep) {
  EXPECT_THAT(Pages(RosterOf({"victorops_policy.json"}), "Production Critical Escalation",
                    "2024-01-01T00:00:00Z"),
              ElementsAre("0 oncall-primary", "300 platform-secondary", "1200 platform-manager"));
  ReadOptions options;
  options.delays = ReadOptions::Delays::kBefore;
  EXPECT_THAT(
      Pages(RosterOf({"victorops_policy.json"}, options), "Production Critical Escalation",
            "2024-01-01T00:00:00Z"),
      ElementsAre("300 oncall-primary", "1200 platform-secondary", "3000 platform-manager"));
}

TEST(SplunkTest, PartialDaysAreCountedAndTheCircleFollowsWhoIsOnDuty) {
  const Roster roster = RosterOf({"splunk_export.json"});
  ExpectVectors(roster, "Core days",
                {{"2024-01-03T09:00:00Z", "ann"},
                 {"2024-01-04T09:00:00Z", "ben"},
                 {"2024-01-05T09:00:00Z", "cat"},
                 {"2024-01-05T15:59:00Z", "cat"},
                 {"2024-01-05T16:00:00Z", "ben"},
                 {"2024-01-07T12:00:00Z", "ben"},
                 {"2024-01-08T07:59:00Z", "ben"},
                 // Monday is ann's, whose part zoe takes.
                 {"2024-01-08T09:00:00Z", "zoe"},
                 {"2024-01-09T09:00:00Z", "ben"},
                 {"2024-01-13T12:00:00Z", "cat"}});
}

TEST(SplunkTest, TimeoutsAreMinutesBeforeAStepAndPoliciesHandOver) {
  const Roster roster = RosterOf({"splunk_export.json"});
  EXPECT_THAT(Pages(roster, "pol-core", "2024-01-03T09:00:00Z"),
              ElementsAre("0 ann", "300 ben", "900 cat+core@example.com+bridge", "1860 ann"));
}

TEST(SplunkTest, WhatIsLostIsNamed) {
  const Loaded loaded = LoadFiles({"splunk_export.json"});
  EXPECT_THAT(loaded.remarks, Contains(AllOf(Field(&Remark::kind, Remark::Kind::kLost),
                                             Field(&Remark::text, HasSubstr("for ever")))));
  EXPECT_THAT(loaded.remarks, Contains(AllOf(Field(&Remark::kind, Remark::Kind::kChanged),
                                             Field(&Remark::text, HasSubstr("one policy")))));
}

// Of the policy alone, not of those that it hands over to.
TEST(SplunkTest, APolicyThatIgnoresPagingPoliciesTellsByAllContactsAtOnce) {
  const std::string key = "\"ignoreCustomPagingPolicies\": ";
  for (const bool is_set : {true, false}) {
    std::string text = TestData("splunk_export.json");
    const size_t at = text.find(key + "false");
    ASSERT_NE(at, std::string::npos);
    if (is_set) text.replace(at, key.size() + 5, key + "true");
    const Loaded loaded = Load({{"s.json", text}});
    ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
    for (const Roster& roster : {*loaded.roster, RosterOfText(WriteNative(*loaded.roster))}) {
      const Policy* policy = roster.FindPolicy("pol-core");
      ASSERT_NE(policy, nullptr);
      const Result<Ladder> ladder = MakeLadder(roster, *policy);
      ASSERT_TRUE(ladder.has_value());
      ASSERT_EQ(ladder->steps.size(), 4U);
      for (size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(ladder->steps[i].ignores_rules, is_set && i < 3) << i;
      }
      Escalation escalation(std::make_shared<const Ladder>(*ladder), Progress{});
      const auto notices = escalation.Advance({}, At("2024-01-03T09:00:00Z"), roster);
      ASSERT_EQ(notices.size(), 1U);
      EXPECT_EQ(notices[0].ignores_rules, is_set);
    }
    const auto is_lost = [](const Remark& remark) {
      return remark.kind == Remark::Kind::kLost &&
             remark.text.find("custom paging") != std::string::npos;
    };
    EXPECT_TRUE(std::ranges::none_of(loaded.remarks, is_lost));
  }
}

TEST(SplunkTest, RotationGroupsAreRotations) {
  const Roster roster = RosterOfText(R"({"teamSlug": "core", "rotationGroups": [{"label": "r",
    "slug": "rtg-1", "shifts": [{"label": "all", "timezone": "UTC", "shifttype": "std",
    "start": "2024-01-01T09:00:00Z", "duration": 7,
    "shiftMembers": [{"username": "ann"}, {"username": "ben"}]}]}]})");
  ExpectVectors(roster, "rtg-1",
                {{"2024-01-08T08:59:59Z", "ann"}, {"2024-01-08T09:00:00Z", "ben"}});
}

TEST(SplunkTest, ADrawnScheduleIsReadAsDrawn) {
  const Roster roster = RosterOfText(R"({"team": {"name": "Core", "slug": "c"}, "schedules": [
    {"policy": {"name": "Core Policy", "slug": "pol-core"}, "schedule": [
      {"onCallType": "rotation_group", "rotationName": "days", "shiftName": "all", "rolls": [
        {"start": "2024-01-01T00:00:00Z", "end": "2024-01-02T00:00:00Z",
         "onCallUser": {"username": "ann"}, "isRoll": true}]}],
     "overrides": [{"origOnCallUser": {"username": "ann"},
                    "overrideOnCallUser": {"username": "ben"},
                    "start": "2024-01-01T12:00:00Z", "end": "2024-01-01T13:00:00Z"}]}]})");
  ExpectVectors(roster, "pol-core",
                {{"2024-01-01T11:00:00Z", "ann"},
                 {"2024-01-01T12:00:00Z", "ben"},
                 {"2024-01-02T00:00:00Z", "-"}});
}

TEST(SplunkTest, RotationsBesideADrawnScheduleCount) {
  const std::string document = R"({"policy": {"name": "POLICY", "slug": "pol"},
    "schedule": [{"onCallType": "rotation_group", "rotationName": "r", "rolls": []}],
    "rotations": [{"label": "r", "shifts": [{"label": "all", "timezone": "UTC", "shifttype": "std",
      "start": "2024-04-22T13:00:00Z", "duration": 7,
      "shiftMembers": [{"username": "ann"}, {"username": "ben"}]}]}],
    "overrides": [{"origOnCallUser": {"username": "ann"},
                   "overrideOnCallUser": {"username": "cat"},
                   "start": "2024-05-07T15:00:00Z", "end": "2024-05-07T21:00:00Z"}]})";
  // Policies that share a rotation both have it.
  std::string other = document;
  other.replace(other.find("POLICY"), 6, "OTHER");
  const Loaded loaded = Load({{"a.json", document}, {"b.json", other}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  ExpectVectors(*loaded.roster, "r",
                {{"2024-04-29T12:59:59Z", "ann"},
                 {"2024-04-29T13:00:00Z", "ben"},
                 {"2024-05-07T14:59:59Z", "ann"},
                 {"2024-05-07T15:00:00Z", "cat"},
                 {"2024-05-07T21:00:00Z", "ann"}});
  EXPECT_THAT(loaded.remarks, Contains(AllOf(Field(&Remark::kind, Remark::Kind::kChanged),
                                             Field(&Remark::text, HasSubstr("drawn days")))));
}

TEST(SplunkTest, ATeamPageTellsTheTeamOfItsPolicy) {
  const auto policy = [](const std::string& rest) {
    return R"({"name": "P", "slug": "pol", "steps": [
      {"timeout": 0, "entries": [{"executionType": "team_page"}]}])" +
           rest + "}";
  };
  const auto team = [](const std::string& slug) {
    return R"({"name": "The )" + slug + R"(s", "slug": ")" + slug +
           R"(", "members": [{"username": ")" + slug + R"("}]})";
  };
  const auto pages = [](const std::vector<Document>& documents) {
    const Loaded loaded = Load(documents);
    EXPECT_TRUE(loaded.roster.has_value()) << Messages(loaded);
    return loaded.roster ? Pages(*loaded.roster, "P", "2024-01-01T00:00:00Z") : std::vector{""s};
  };
  const Document red{"red.json", team("red")};
  const Document blue{"blue.json", team("blue")};
  EXPECT_THAT(pages({{"p.json", policy(R"(, "_teamUrl": "/api-public/v1/team/blue")")}, red, blue}),
              ElementsAre("0 blue"));
  // Without a word of it: the only team, or one that nobody knows.
  EXPECT_THAT(pages({{"p.json", policy("")}, red}), ElementsAre("0 red"));
  EXPECT_THAT(pages({{"p.json", policy("")}, red, blue}), ElementsAre("0 the team of P"));
  EXPECT_THAT(Messages(Load({{"p.json", policy("")}})),
              HasSubstr("p.json:2:34: escalation policy"));
}

TEST(GrafanaTest, ShiftsOfEveryKindAndTheirLevels) {
  const Roster roster = RosterOf({"grafana_oncall.json"});
  ExpectVectors(roster, "Primary",
                {{"2024-01-01T13:59:00Z", "cat"},
                 {"2024-01-01T10:59:00Z", "-"},
                 {"2024-01-01T14:00:00Z", "ben+cat"},
                 {"2024-01-08T13:59:00Z", "ben+cat"},
                 {"2024-01-08T14:00:00Z", "ann"},
                 // Mornings are every other week.
                 {"2024-01-03T11:00:00Z", "cat"},
                 {"2024-01-10T11:00:00Z", "ann"},
                 {"2024-01-17T11:00:00Z", "cat"},
                 {"2024-01-03T17:00:00Z", "ann+cat"},
                 {"2024-01-03T19:00:00Z", "ben+cat"},
                 {"2024-01-04T12:00:00Z", "ann"},
                 {"2024-01-04T13:00:00Z", "ben+cat"},
                 // Nine o'clock in summer, too.
                 {"2024-07-08T13:00:00Z", "ann"},
                 {"2024-07-08T12:59:00Z", "ben+cat"},
                 {"2024-07-09T12:59:00Z", "ann"}});
}

TEST(GrafanaTest, ChainsWaitAndRepeat) {
  const Roster roster = RosterOf({"grafana_oncall.json"});
  EXPECT_EQ(roster.policies.at(0).repeat.count, 5);
  const std::vector<std::string> first = Pages(roster, "F1", "2024-01-09T15:00:00Z");
  ASSERT_GE(first.size(), 4U);
  EXPECT_EQ(first[0], "0 ann");
  EXPECT_EQ(first[1], "300 ann");
  EXPECT_EQ(first[2], "900 ben");
  EXPECT_EQ(first[3], "960 ann");
  EXPECT_EQ(Pages(roster, "default", "2024-01-09T15:00:00Z", 1).at(2), "900 cat");
}

TEST(GrafanaTest, AChainMayHoldItsSteps) {
  const Roster roster = RosterOfText(R"({"id": "F1", "name": "main", "team_id": null, "steps": [
    {"type": "notify_persons", "persons_to_notify": ["ann"]}, {"type": "wait", "duration": 300},
    {"type": "notify_persons", "persons_to_notify": ["ben"]}]})");
  EXPECT_THAT(Pages(roster, "main", "2024-01-09T15:00:00Z"), ElementsAre("0 ann", "300 ben"));
}

TEST(GrafanaTest, LengthsThatFitNoWindow) {
  const auto shift = [](const std::string& rest) {
    return RosterOfText(
        R"({"type": "rolling_users", "name": "s", "start": "2024-01-01T08:00:00", )" + rest +
        R"(, "rolling_users": [["a"], ["b"]]})");
  };
  // A day and a half of every two.
  ExpectVectors(shift(R"("frequency": "daily", "interval": 2, "duration": 129600)"), "s",
                {{"2024-01-02T19:59:00Z", "a"},
                 {"2024-01-02T20:00:00Z", "-"},
                 {"2024-01-03T08:00:00Z", "b"},
                 {"2024-01-05T08:00:00Z", "a"}});
  ExpectVectors(shift(R"("frequency": "daily", "interval": 1, "duration": 3600)"), "s",
                {{"2024-01-01T08:59:00Z", "a"},
                 {"2024-01-01T09:00:00Z", "-"},
                 {"2024-01-02T08:00:00Z", "b"}});
  ExpectVectors(shift(R"("frequency": "monthly", "interval": 1, "duration": 86400)"), "s",
                {{"2024-01-01T08:00:00Z", "a"},
                 {"2024-01-02T08:00:00Z", "-"},
                 {"2024-02-01T08:00:00Z", "b"},
                 {"2024-03-02T07:59:00Z", "a"}});
  // Weekdays only: Friday's turn is followed by Monday's.
  ExpectVectors(shift(R"("frequency": "daily", "interval": 1, "duration": 28800,
               "by_day": ["MO", "TU", "WE", "TH", "FR"])"),
                "s",
                {{"2024-01-05T08:00:00Z", "a"},
                 {"2024-01-06T08:00:00Z", "-"},
                 {"2024-01-08T08:00:00Z", "b"}});
}

TEST(GrafanaTest, TerraformNamesThingsByTheirPlace) {
  const Roster roster = RosterOfText(R"({"resource": {
    "grafana_oncall_on_call_shift": {"week": {"name": "week", "type": "rolling_users",
      "start": "2024-01-01T00:00:00", "duration": 604800, "frequency": "weekly", "interval": 1,
      "rolling_users": [["ann"], ["ben"]]}},
    "grafana_oncall_schedule": {"primary": {"name": "Primary", "type": "calendar",
      "time_zone": "UTC", "shifts": ["${grafana_oncall_on_call_shift.week.id}"]}},
    "grafana_oncall_escalation_chain": {"main": {"name": "Main"}},
    "grafana_oncall_escalation": {"first": {
      "escalation_chain_id": "${grafana_oncall_escalation_chain.main.id}", "position": 0,
      "type": "notify_on_call_from_schedule",
      "notify_on_call_from_schedule": "${grafana_oncall_schedule.primary.id}"}}}})");
  EXPECT_THAT(Pages(roster, "Main", "2024-01-09T00:00:00Z"), ElementsAre("0 ben"));
}

TEST(GrafanaTest, AShiftThatIsNotThereIsAnError) {
  const Loaded loaded =
      Load({{"s.json", R"({"id": "S", "name": "P", "type": "web", "shifts": ["X"]})"}});
  EXPECT_FALSE(loaded.roster.has_value());
  EXPECT_THAT(Messages(loaded), HasSubstr("s.json:1:52: no shift is called \"X\""));
}

TEST(GrafanaTest, WhatIsLostIsNamed) {
  const Loaded loaded = LoadFiles({"grafana_oncall.json"});
  for (const char* text : {"notify_whole_channel", "important steps", "routing is the work"}) {
    EXPECT_THAT(loaded.remarks, Contains(AllOf(Field(&Remark::kind, Remark::Kind::kLost),
                                               Field(&Remark::text, HasSubstr(text)))));
  }
}

}  // namespace
}  // namespace watchfire::oncall
