// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Envelopes, names, and what is wrong with documents.

#include "pkg/oncall/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Pair;

std::string Complaint(const std::string& text) {
  const Loaded loaded = Load({{"f.yml", text}});
  EXPECT_FALSE(loaded.roster.has_value()) << text;
  return Messages(loaded);
}

TEST(ReaderTest, EnvelopesDoNotMatter) {
  const std::string bare = TestData("opsgenie_schedule.json");
  for (const std::string& text :
       {bare, R"({"data": )" + bare + R"(, "took": 0.1})", R"({"data": [)" + bare + "]}",
        "[" + bare + "]", R"({"schedules": [)" + bare + "]}", R"({"schedule": )" + bare + "}"}) {
    const Loaded loaded = Load({{"f.json", text}});
    ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
    EXPECT_EQ(Who(*loaded.roster, "Primary On-Call", "2024-01-02T14:00:00Z"), "bob");
    EXPECT_THAT(loaded.formats, ElementsAre(Pair("f.json", "Opsgenie")));
  }
}

TEST(ReaderTest, OverridesOfAFileOfTheirOwnFindTheirSchedule) {
  const std::string schedule = TestData("opsgenie_schedule.json");
  const std::string all = R"({"data": [{"alias": "x", "user": {"type": "user", "username": "dora"},
      "startDate": "2024-01-02T14:00:00Z", "endDate": "2024-01-02T15:00:00Z"}]})";
  Loaded loaded = Load({{"s.json", schedule}, {"o.json", all}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  ExpectVectors(*loaded.roster, "Primary On-Call",
                {{"2024-01-02T14:59:59Z", "dora"}, {"2024-01-02T15:00:00Z", "bob"}});
  const std::string one = R"({"user": {"type": "user", "username": "dora"},
      "startDate": "2024-01-06T14:00:00Z", "endDate": "2024-01-06T16:00:00Z",
      "rotations": [{"name": "Weekend Rotation"}]})";
  loaded = Load({{"s.json", schedule}, {"o.json", one}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  EXPECT_EQ(Who(*loaded.roster, "Primary On-Call", "2024-01-06T15:00:00Z"), "charlie+dora");
}

TEST(ReaderTest, RotationsOfOpsgenieFindTheScheduleThatTheyName) {
  const auto rotation = [](const std::string& id, const std::string& who) {
    return R"({"id": ")" + id + R"(", "name": "R", "startDate": "2024-03-01T09:00:00",
      "type": "daily", "participants": [{"type": "user", "username": ")" +
           who + R"("}, {"type": "noone"}],
      "_parent": {"id": "S", "name": "Primary", "enabled": true}})";
  };
  const std::string list =
      R"({"data": [)" + rotation("1", "ann") + "," + rotation("2", "ben") + R"(], "took": 0.1})";
  const std::string schedule =
      R"({"data": {"id": "S", "name": "Primary", "timezone": "America/New_York",
          "enabled": true}})";
  // In either order, and in the time zone of the schedule.
  for (const bool is_first : {true, false}) {
    std::vector<Document> documents{{"r.json", list}};
    documents.insert(is_first ? documents.begin() : documents.end(), Document{"s.json", schedule});
    const Loaded loaded = Load(documents);
    ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
    EXPECT_EQ(Messages(loaded), "");
    ExpectVectors(*loaded.roster, "Primary",
                  {{"2024-03-09T13:59:59Z", "-"},
                   {"2024-03-09T14:00:00Z", "ann+ben"},
                   {"2024-03-10T13:00:00Z", "-"},
                   {"2024-03-11T13:00:00Z", "ann+ben"}});
  }
  // What the schedule's own document has is not there twice.
  const Loaded both =
      Load({{"r.json", list},
            {"s.json", R"({"id": "S", "name": "Primary", "timezone": "UTC", "rotations": [)" +
                           rotation("1", "ann") + "]}"}});
  ASSERT_TRUE(both.roster.has_value()) << Messages(both);
  EXPECT_EQ(both.roster->schedules.at(0).layers.size(), 2U);
  // Alone they make a schedule of that name; alone it says that nobody is on call.
  const Loaded alone = Load({{"r.json", list}});
  ASSERT_TRUE(alone.roster.has_value()) << Messages(alone);
  EXPECT_EQ(Who(*alone.roster, "Primary", "2024-03-01T09:00:00Z"), "ann+ben");
  const Loaded empty = Load({{"s.json", schedule}});
  ASSERT_TRUE(empty.roster.has_value()) << Messages(empty);
  EXPECT_THAT(Messages(empty), HasSubstr("s.json:1:10: schedule \"Primary\" has no rotations"));
}

TEST(ReaderTest, OverridesOfJiraServiceManagementNameRotationsById) {
  const Loaded loaded =
      Load({{"s.json", R"({"values": [{"id": "S", "name": "P", "timezone": "UTC", "enabled": true,
          "rotations": [{"id": "r1", "name": "R", "startDate": "2024-01-01T00:00:00Z",
          "type": "weekly", "participants": [{"type": "user", "id": "ann"}]}, {"id": "r2",
          "name": "Q", "startDate": "2024-01-01T00:00:00Z", "type": "weekly",
          "participants": [{"type": "user", "id": "ben"}]}]}]})"},
            {"o.json", R"([{"alias": "a", "responder": {"type": "user", "id": "cat"},
          "startDate": "2024-01-02T00:00:00Z", "endDate": "2024-01-03T00:00:00Z",
          "rotationIds": ["r2"]}, {"alias": "b", "user": "dan",
          "startDate": "2024-01-03T00:00:00Z", "endDate": "2024-01-04T00:00:00Z"}])"}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  ExpectVectors(*loaded.roster, "P",
                {{"2024-01-01T12:00:00Z", "ann+ben"},
                 {"2024-01-02T12:00:00Z", "ann+cat"},
                 {"2024-01-03T12:00:00Z", "dan"},
                 {"2024-01-04T00:00:00Z", "ann+ben"}});
}

TEST(ReaderTest, WhoIsAwayIsReplacedWhileOnCall) {
  const Loaded loaded =
      Load({{"s.json", TestData("opsgenie_schedule.json")},
            {"f.json", R"({"data": [{"fromUser": {"type": "user", "username": "bob"},
          "toUser": {"type": "user", "username": "dora"},
          "startDate": "2024-01-01T00:00:00Z", "endDate": "2024-02-01T00:00:00Z"}]})"}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  ExpectVectors(*loaded.roster, "Primary On-Call",
                {{"2024-01-01T15:00:00Z", "alice"},
                 {"2024-01-02T15:00:00Z", "dora"},
                 {"2024-01-20T15:00:00Z", "dora+weekend1"},
                 {"2024-02-01T15:00:00Z", "bob"}});
}

TEST(ReaderTest, OverridesAmongSeveralSchedulesMustNameOne) {
  const std::string text = TestData("pagerduty_short.yml");
  const std::string over = R"({"overrides": [{"start": "2024-02-05T15:00:00Z",
      "end": "2024-02-06T15:00:00Z", "user": {"id": "P1", "summary": "dora"}}]})";
  const Loaded lost = Load({{"s.yml", text}, {"o.json", over}});
  EXPECT_FALSE(lost.roster.has_value());
  EXPECT_THAT(Messages(lost), AllOf(HasSubstr("o.json:1:"), HasSubstr("--schedule")));
  ReadOptions options;
  options.schedule = "Secondary On-Call";
  const Loaded found = Load({{"s.yml", text}, {"o.json", over}}, options);
  ASSERT_TRUE(found.roster.has_value()) << Messages(found);
  EXPECT_EQ(Who(*found.roster, "Secondary On-Call", "2024-02-05T16:00:00Z"), "dora");
  EXPECT_EQ(Who(*found.roster, "Primary On-Call", "2024-02-05T16:00:00Z"), "alice");
}

TEST(ReaderTest, NamesAreFoundByIdAndByTheirLetters) {
  const Roster roster = RosterOf({"opsgenie_schedule.json", "opsgenie_rest.json"});
  const Policy* policy = roster.FindPolicy("production escalation");
  ASSERT_NE(policy, nullptr);
  ASSERT_EQ(policy->steps.size(), 3U);
  EXPECT_EQ(policy->steps[0].targets, (Targets{{Target::Kind::kSchedule, "Primary On-Call", 0}}));
  EXPECT_EQ(policy->steps[1].targets, (Targets{{Target::Kind::kTeam, "Platform Engineering", 0}}));
  EXPECT_EQ(policy->steps[2].after, std::chrono::minutes(30));
  EXPECT_EQ(policy->repeat.count, 0);
  EXPECT_FALSE(policy->repeat.resolve_after);
}

TEST(ReaderTest, ShortFormsAsPeopleWriteThem) {
  const auto schedule = [](const std::string& rotation, const std::string& rest = "") {
    return RosterOfText(
        "schedules:\n  - name: S\n    rotation: {start_time: '2024-01-01T09:00:00', " + rotation +
        "}\n" + rest);
  };
  ExpectVectors(schedule("type: biweekly, users: [ann, ben]"), "S",
                {{"2024-01-15T08:59:59Z", "ann"}, {"2024-01-15T09:00:00Z", "ben"}});
  ExpectVectors(schedule("type: daily, participants: [ann, ben]",
                         "    restrictions: [{type: daily_restriction, start_time_of_day: "
                         "'09:00:00', duration_seconds: 3600}]\n"),
                "S", {{"2024-01-02T09:59:59Z", "ben"}, {"2024-01-02T10:00:00Z", "-"}});
  ExpectVectors(RosterOfText(R"({"name": "S", "timezone": "UTC", "rotations": [{"name": "R",
      "type": "daily", "startDate": "2024-01-01T00:00:00Z", "participants": ["ann", "none"]}]})"),
                "S", {{"2024-01-01T12:00:00Z", "ann"}, {"2024-01-02T12:00:00Z", "-"}});
}

TEST(ReaderTest, PagerDutysListOfSchedulesHasNoLayers) {
  const std::string list = R"({"schedules": [{"id": "PI7DH85", "type": "schedule",
    "summary": "Daily", "self": "https://api.pagerduty.com/schedules/PI7DH85", "name": "Daily",
    "time_zone": "America/New_York", "escalation_policies": [{"id": "PT20YPA",
    "type": "escalation_policy_reference", "summary": "Another"}], "users": [{"id": "PEYSGVF",
    "type": "user_reference", "summary": "Ann"}])";
  const Loaded plain = Load({{"f.json", list + "}], \"more\": false}"}});
  ASSERT_TRUE(plain.roster.has_value()) << Messages(plain);
  EXPECT_TRUE(plain.roster->schedules.empty());
  EXPECT_THAT(Messages(plain), HasSubstr("f.json:1:16: schedule \"Daily\""));
  EXPECT_THAT(plain.formats, ElementsAre(Pair("f.json", "PagerDuty")));
  ASSERT_EQ(plain.remarks.size(), 1U);
  EXPECT_EQ(plain.remarks[0].kind, Remark::Kind::kLost);
  // With layers, also with one, it is a schedule, and the plan says so.
  const Loaded full = Load({{"f.json", list + R"(, "schedule_layers": [{"id": "L1",
    "name": "Layer 1",
    "start": "2024-01-01T00:00:00-05:00", "rotation_virtual_start": "2024-01-01T09:00:00-05:00",
    "rotation_turn_length_seconds": 604800, "users": [{"user": {"id": "A", "summary": "Ann",
    "type": "user_reference"}}], "restrictions": []}]}]})"}});
  ASSERT_TRUE(full.roster.has_value()) << Messages(full);
  EXPECT_EQ(Who(*full.roster, "Daily", "2024-01-02T15:00:00Z"), "Ann");
  ASSERT_EQ(full.remarks.size(), 1U);
  EXPECT_EQ(full.remarks[0].kind, Remark::Kind::kKept);
  EXPECT_EQ(full.remarks[0].subject, "schedule \"Daily\"");
}

TEST(ReaderTest, OverridesOfPagerDutyStandInAnyEnvelope) {
  const std::string schedule = TestData("pagerduty_schedule.json");
  const std::string start = R"({"start": "2024-01-02T12:00:00Z", "end": "2024-01-02T13:00:00Z", )";
  const std::string over = start + R"("user": {"id": "P1", "summary": "dora"}})";
  for (const std::string& text :
       {over, "[" + over + "]", R"({"overrides": [)" + over + "]}", R"({"override": )" + over + "}",
        R"([{"status": 201, "override": )" + over + "}]", start + R"("user": "dora"})"}) {
    const Loaded loaded = Load({{"s.json", schedule}, {"o.json", text}});
    ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
    EXPECT_NE(Who(*loaded.roster, "Operations", "2024-01-02T11:59:59Z"), "dora") << text;
    EXPECT_EQ(Who(*loaded.roster, "Operations", "2024-01-02T12:00:00Z"), "dora") << text;
    EXPECT_NE(Who(*loaded.roster, "Operations", "2024-01-02T13:00:00Z"), "dora") << text;
  }
  // What a schedule shows of them for a range counts as well.
  std::string drawn = schedule;
  const std::string final_schedule = R"("final_schedule")";
  drawn.insert(drawn.find(final_schedule),
               R"("overrides_subschedule": {"rendered_schedule_entries": [)" + over + "]}, ");
  EXPECT_EQ(Who(RosterOfText(drawn), "Operations", "2024-01-02T12:30:00Z"), "dora");
}

TEST(ReaderTest, TurnsOfOddSecondsAreWarnedOf) {
  const Loaded loaded = Load({{"s.json", R"({"name": "P", "schedule_layers": [{"name": "L",
    "start": "2024-01-01T00:00:00Z", "users": ["ann"],
    "rotation_turn_length_seconds": 3605}]})"}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  EXPECT_THAT(Messages(loaded), HasSubstr("s.json:3:5: rotation_turn_length_seconds:"));
}

TEST(ReaderTest, AnOverrideThatIsNotUnderstoodIsNotPassedOverInSilence) {
  const Loaded loaded =
      Load({{"s.json", TestData("pagerduty_schedule.json")},
            {"o.json", R"({"overrides": [{"starts": "2024-01-02T12:00:00Z"}]})"}});
  EXPECT_THAT(Messages(loaded), HasSubstr("o.json:1:16: this override is not understood"));
}

TEST(ReaderTest, PeopleOfPagerDutyGoByOneNameWhereverTheyStand) {
  const std::string users = R"({"users": [{"id": "PU1", "type": "user", "name": "Ada",
      "email": "ada@example.com"}]})";
  const std::string policy = R"({"escalation_policy": {"name": "p", "num_loops": 2,
      "escalation_rules": [{"escalation_delay_in_minutes": 10, "targets": [
        {"id": "PU1", "type": "user_reference"}, {"id": "PI7DH85", "type": "schedule_reference"}]}]}})";
  Loaded loaded = Load(
      {{"s.json", TestData("pagerduty_schedule.json")}, {"u.json", users}, {"p.json", policy}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  const Policy& found = loaded.roster->policies.at(0);
  EXPECT_EQ(found.steps.at(0).targets.at(0).name, "Ada");
  EXPECT_EQ(found.steps.at(0).targets.at(1).name, "Operations");
  EXPECT_EQ(found.repeat.count, 2);
  EXPECT_EQ(found.repeat.wait, std::chrono::minutes(10));
}

TEST(ReaderTest, WhatIsNotThereIsToldByItsNameWithAWarning) {
  const Loaded loaded = Load({{"p.json", TestData("opsgenie_rest.json")}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  EXPECT_THAT(Messages(loaded),
              HasSubstr("p.json:13:23: no schedule is called \"primary-oncall\""));
  EXPECT_EQ(loaded.roster->policies.at(0).steps.at(0).targets.at(0).kind, Target::Kind::kUnknown);
}

TEST(ReaderTest, OurOwnFormIsStrict) {
  EXPECT_THAT(Complaint("oncall: {schedules: [{name: s, layrs: []}]}"),
              HasSubstr("f.yml:1:32: unknown key \"layrs\" (did you mean layers?)"));
  EXPECT_THAT(Complaint("oncall:\n  users: [ada]\n  schedules:\n    - name: s\n      layers:\n"
                        "        - rotation: {start: 2024-01-01, participants: [adda]}\n"),
              HasSubstr("f.yml:6:56: no user is called \"adda\" (did you mean ada?)"));
  EXPECT_THAT(Complaint("oncall: {escalation_policies: [{name: p, steps: [{after: 1m}]}]}"),
              HasSubstr("f.yml:1:50: a step tells somebody"));
  EXPECT_THAT(Complaint("oncall: {schedules: [{name: s, time_zone: Mars/Base}]}"),
              HasSubstr("an IANA name"));
  EXPECT_THAT(Complaint("oncall: {schedules: [{name: s, layers: [{rotation: {start: soon, "
                        "participants: [a]}}]}]}"),
              HasSubstr("\"soon\" is no time"));
}

TEST(ReaderTest, ProblemsOfVendorsHaveTheirPlace) {
  EXPECT_THAT(Complaint(R"({"name": "s", "timezone": "Europe/Nowhere", "rotations": []})"),
              HasSubstr("f.yml:1:15: timezone:"));
  EXPECT_THAT(
      Complaint("{\"name\": \"s\", \"timezone\": \"UTC\", \"rotations\": [{\"name\": \"r\",\n"
                "  \"startDate\": \"2024-01-01T00:00:00Z\", \"type\": \"fortnightly\",\n"
                "  \"participants\": []}]}"),
      HasSubstr("f.yml:2:40: type: \"fortnightly\" is none of hourly, daily, weekly"));
  EXPECT_THAT(Complaint("hello: world"), HasSubstr("nothing here says who is on call"));
  EXPECT_THAT(Complaint("{"), HasSubstr("f.yml:"));
}

TEST(ReaderTest, CirclesAreRefused) {
  EXPECT_THAT(Complaint(R"(
oncall:
  schedules:
    - {name: a, layers: [{rotation: {start: 2024-01-01, participants: [{schedule: b}]}}]}
    - {name: b, layers: [{rotation: {start: 2024-01-01, participants: [{next: a}]}}]}
)"),
              HasSubstr("a circle: a → b → a"));
  std::string deep = "oncall:\n  schedules:\n";
  for (int i = 0; i < 12; ++i) {
    const std::string who = i == 11 ? "ada" : "{schedule: s" + std::to_string(i + 1) + "}";
    deep += "    - {name: s" + std::to_string(i) +
            ", layers: [{rotation: {start: 2024-01-01, participants: [" + who + "]}}]}\n";
  }
  EXPECT_THAT(Complaint(deep), HasSubstr("too deep"));
}

TEST(ReaderTest, ThingsOfOneNameAreRefused) {
  EXPECT_THAT(Complaint("oncall: {schedules: [{name: a}, {name: a}]}"),
              HasSubstr("f.yml:1:34: schedule \"a\" is there twice (first in f.yml on line 1)"));
}

TEST(ReaderTest, CharactersInHalvesAreJoined) {
  const Roster roster =
      RosterOfText(R"({"name": "\ud83d\udd25 \ud800 fire", "timezone": "UTC", "rotations": []})");
  EXPECT_EQ(roster.schedules.at(0).name, "🔥 \xEF\xBF\xBD fire");
}

TEST(ReaderTest, RemarksSayWhatIsReadDifferently) {
  const Loaded loaded = LoadFiles({"opsgenie_schedule.json"});
  EXPECT_THAT(loaded.remarks,
              Contains(AllOf(Field(&Remark::kind, Remark::Kind::kChanged),
                             Field(&Remark::subject, "rotation \"Weekend Rotation\""),
                             Field(&Remark::line, 37))));
}

TEST(ReaderTest, OptionsAreNamed) {
  ReadOptions options;
  EXPECT_TRUE(SetReadOption("ends=exact", &options).has_value());
  EXPECT_TRUE(options.exact_ends);
  EXPECT_TRUE(SetReadOption("delays=before", &options).has_value());
  EXPECT_EQ(options.delays, ReadOptions::Delays::kBefore);
  EXPECT_FALSE(SetReadOption("delays=never", &options).has_value());
}

}  // namespace
}  // namespace watchfire::oncall
