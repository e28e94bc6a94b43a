// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Findings, the way back into our own form, and calendars.

#include "pkg/oncall/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/ical.h"
#include "pkg/oncall/oncall_for_test.h"
#include "pkg/oncall/write.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using testing::AllOf;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> Found(const Roster& roster, const std::string& from, int days = 28) {
  std::vector<std::string> found;
  for (const Finding& finding : Check(roster, At(from), At(from) + hours(24 * days))) {
    found.push_back(finding.kind + (finding.level == Finding::Level::kError ? "! " : " ") +
                    finding.subject + ": " + finding.text);
  }
  return found;
}

Roster Own(const std::string& layer, const std::string& zone = "UTC") {
  return RosterOfText("oncall: {schedules: [{name: s, time_zone: " + zone + ", layers: [" + layer +
                      "]}]}");
}

std::string Weekdays(int people) {
  std::string text =
      "{hours: [{days: mon-fri, from: '00:00', to: '00:00'}], rotation: {start: "
      "2024-01-01, every: 1 day, participants: [";
  for (int i = 0; i < people; ++i) text += "p" + std::to_string(i) + ", ";
  return text + "]}}";
}

TEST(CheckTest, WeekdayRotationsOfSevensStarveSome) {
  EXPECT_THAT(Found(Own(Weekdays(7)), "2024-01-01T00:00:00Z"),
              Contains(AllOf(StartsWith("starved!"), HasSubstr("the turns of p5, p6 never"))));
  EXPECT_THAT(Found(Own(Weekdays(14)), "2024-01-01T00:00:00Z"),
              Contains(AllOf(StartsWith("starved!"), HasSubstr("p5, p6, p12, p13"))));
  EXPECT_THAT(Found(Own(Weekdays(5), "America/New_York"), "2024-01-01T00:00:00Z"),
              testing::Not(Contains(StartsWith("starved"))));
}

TEST(CheckTest, GapsAreCounted) {
  EXPECT_THAT(Found(RosterOf({"opsgenie_schedule.json"}), "2024-01-08T05:00:00Z"),
              Contains(AllOf(StartsWith("gap schedule \"Primary On-Call\": nobody is on call for "),
                             HasSubstr("47.6 %"),
                             HasSubstr("Mon 2024-01-08 00:00 to Mon 2024-01-08 "
                                       "09:00"))));
  EXPECT_THAT(Found(RosterOf({"opsgenie_schedule.json"}), "2025-01-08T05:00:00Z"),
              Contains(StartsWith("never! schedule")));
}

TEST(CheckTest, OnePersonOnTwoLevelsIsFound) {
  EXPECT_THAT(Found(RosterOf({"pagerduty_short.yml"}), "2024-01-15T14:00:00Z", 300), IsEmpty());
  std::string text = TestData("pagerduty_short.yml");
  // The secondary list without its offset.
  text.replace(text.find("[bob, charlie, alice]"), 21, "[bob, alice, charlie]");
  EXPECT_THAT(Found(RosterOfText(text), "2024-01-15T14:00:00Z"),
              Contains(AllOf(StartsWith("same-person policy \"API Service Escalation\": step 2"),
                             HasSubstr("charlie from 2024-01-29T14:00:00Z"))));
}

TEST(CheckTest, OnePersonOnTwoLevelsIsFoundThoughAnotherLevelIsBetween) {
  const auto found = [](const std::string& last) {
    return Found(
        RosterOfText(
            "oncall:\n  schedules:\n"
            "  - {name: one, time_zone: UTC, layers: [{rotation: {start: 2024-01-01 09:00, "
            "every: 1 week, participants: [a, b]}}]}\n"
            "  - {name: two, time_zone: UTC, layers: [{rotation: {start: 2024-01-01 09:00, "
            "every: 1 week, participants: [" +
            last +
            "]}}]}\n"
            "  escalation_policies: [{name: p, steps: [{tell: {schedule: one}}, {after: 5m, "
            "tell: lead}, {after: 10m, tell: {schedule: two}}]}]\n"),
        "2024-01-01T09:00:00Z");
  };
  EXPECT_THAT(found("b, a"), IsEmpty());
  EXPECT_THAT(found("b, b"), Contains(AllOf(StartsWith("same-person policy \"p\": step 3 tells "
                                                       "nobody but whom step 1 told"),
                                            HasSubstr("b from 2024-01-08T09:00:00Z"))));
}

TEST(CheckTest, ALayerThatIsNeverOnCallIsFound) {
  const auto layers = [](const std::string& hours) {
    return "{name: low, rotation: {start: 2024-01-01 00:00, every: 1 day, participants: [a]}}, "
           "{name: high, rotation: {start: 2024-01-01 00:00, every: 1 day, participants: [b, c]}" +
           hours + "}";
  };
  EXPECT_THAT(Found(Own(layers(""), "UTC"), "2024-01-01T00:00:00Z"),
              Contains(StartsWith("hidden schedule \"s\": layer \"low\" is never on call")));
  EXPECT_THAT(Found(Own(layers(", hours: [{days: mon-fri, from: '00:00', to: '00:00'}]"), "UTC"),
                    "2024-01-01T00:00:00Z"),
              testing::Not(Contains(StartsWith("hidden"))));
}

TEST(CheckTest, ContactsThatNoRuleOfThePersonSaysAreFound) {
  const auto found = [](const std::string& rules) {
    return Found(RosterOfText("oncall: {users: [{name: a, contacts: [{method: sms, to: x}, "
                              "{method: app, to: y}, {method: email, to: z}], rules: [" +
                              rules + "]}]}"),
                 "2024-01-01T00:00:00Z");
  };
  EXPECT_THAT(found("{method: sms}"),
              testing::ElementsAre(
                  "no-rule user \"a\": no notification rule says push: nothing is told by it"));
  EXPECT_THAT(found("{method: sms}, {method: app, after: 1m}"), IsEmpty());
  EXPECT_THAT(found("{method: sms}, {method: mobile_app, after: 1m}"), IsEmpty()) << "is the app";
  EXPECT_THAT(found(""), IsEmpty());
}

TEST(CheckTest, UnknownNamesAreErrors) {
  EXPECT_THAT(Found(RosterOf({"victorops_policy.json"}), "2024-01-01T00:00:00Z"),
              Contains(AllOf(StartsWith("unknown!"), HasSubstr("\"platform-secondary\""))));
}

TEST(CheckTest, APolicyWithoutStepsTellsNobody) {
  EXPECT_THAT(Found(RosterOfText("oncall: {escalation_policies: [{name: p, steps: []}]}"),
                    "2024-01-01T00:00:00Z"),
              Contains("never! policy \"p\": has no steps: it tells nobody"));
}

TEST(CheckTest, HandOffsThatClocksSkipOrRepeat) {
  const auto rotation = [](const std::string& clock) {
    return "{rotation: {start: 2024-01-01 " + clock + ", every: 1 day, participants: [a, b]}}";
  };
  EXPECT_THAT(Found(Own(rotation("02:30"), "Europe/Berlin"), "2024-01-01T00:00:00Z"),
              AllOf(Contains(AllOf(StartsWith("clock-change"), HasSubstr("2024-03-31 02:30, which "
                                                                         "clocks skip"))),
                    Contains(HasSubstr("2024-10-27 02:30, which comes twice"))));
  EXPECT_THAT(Found(Own(rotation("01:45"), "Australia/Lord_Howe"), "2024-01-01T00:00:00Z"),
              Contains(HasSubstr("2024-04-07 01:45, which comes twice")));
  EXPECT_THAT(Found(Own(rotation("09:00"), "America/New_York"), "2024-01-02T00:00:00Z"), IsEmpty());
}

TEST(CheckTest, HoursThatEndInTheMissingHour) {
  EXPECT_THAT(Found(Own("{hours: [{from: '18:00', to: '02:15'}], rotation: {start: 2024-01-01, "
                        "participants: [a]}}",
                        "Europe/Berlin"),
                    "2024-01-01T00:00:00Z"),
              Contains(AllOf(StartsWith("clock-change"), HasSubstr("hours begin or end"))));
}

TEST(CheckTest, HandOffsAtNight) {
  EXPECT_THAT(
      Found(Own("{rotation: {start: 2024-01-01 03:00, every: 1 week, participants: [a, b]}}"),
            "2024-01-02T00:00:00Z"),
      Contains("night schedule \"s\": 4 hand-offs between 22:00 and 07:00, the first on Mon "
               "2024-01-08 03:00"));
}

// Whatever was read, its own form gives the same answers.
TEST(WriteTest, OurFormGivesTheSameAnswers) {
  for (const std::vector<std::string>& files :
       {std::vector<std::string>{"opsgenie_schedule.json", "opsgenie_rest.json"},
        {"pagerduty_short.yml"},
        {"pagerduty_schedule.json"},
        {"pagerduty_shifts.json"},
        {"victorops_rotation.json", "victorops_policy.json"},
        {"splunk_export.json"},
        {"grafana_oncall.json"}}) {
    const Roster roster = RosterOf(files);
    const std::string text = WriteNative(roster);
    const Roster again = RosterOfText(text);
    ASSERT_EQ(again.schedules.size(), roster.schedules.size()) << text;
    for (size_t i = 0; i < roster.schedules.size(); ++i) {
      const WallTime from = At("2023-12-25T00:00:00Z");
      EXPECT_EQ(FinalSchedule(roster, roster.schedules[i], from, from + hours(24 * 400)),
                FinalSchedule(again, again.schedules[i], from, from + hours(24 * 400)))
          << text;
    }
    ASSERT_EQ(again.policies.size(), roster.policies.size());
    for (size_t i = 0; i < roster.policies.size(); ++i) {
      EXPECT_EQ(again.policies[i].steps.size(), roster.policies[i].steps.size());
      EXPECT_EQ(again.policies[i].repeat.count, roster.policies[i].repeat.count);
    }
    EXPECT_EQ(WriteNative(again), text) << "and is written alike";
  }
}

TEST(WriteTest, NamesThatYamlWouldMisreadAreQuoted) {
  const Roster roster = RosterOfText(
      "oncall: {users: [{name: 'no', aliases: ['a: b', '7', ''], contacts: [{method: email, to: "
      "x}]}], schedules: [{name: '- s', layers: [{rotation: {start: 2024-01-01, participants: "
      "['no']}}]}]}");
  const Roster again = RosterOfText(WriteNative(roster));
  EXPECT_EQ(again.users.at(0).name, "no");
  EXPECT_EQ(again.users.at(0).aliases, roster.users.at(0).aliases);
  EXPECT_EQ(again.schedules.at(0).name, "- s");
}

TEST(CalendarTest, EventsAreStableAndLinesFold) {
  const Roster roster = RosterOf({"pagerduty_short.yml"});
  Schedule schedule = roster.schedules.at(0);
  const WallTime from = At("2024-01-15T00:00:00Z");
  const auto duties = FinalSchedule(roster, schedule, from, from + hours(24 * 15));
  const std::string text = WriteCalendar(schedule, duties, from);
  EXPECT_THAT(text, StartsWith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  EXPECT_THAT(text, EndsWith("END:VCALENDAR\r\n"));
  EXPECT_THAT(text, HasSubstr("DTSTART:20240115T140000Z\r\nDTEND:20240122T140000Z\r\n"
                              "SUMMARY:On call: alice (Primary On-Call)\r\n"));
  // Read again on another day, it is the same event.
  const auto later = FinalSchedule(roster, schedule, from, from + hours(24 * 20));
  const std::string again = WriteCalendar(schedule, later, from + hours(24));
  const size_t uid = text.find("UID:");
  EXPECT_THAT(again, HasSubstr(text.substr(uid, 40)));
  schedule.name = std::string(80, 'x') + ", ünd; \\ 🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥";
  const std::string folded = WriteCalendar(schedule, duties, from);
  for (const std::string_view line : Split(folded, '\n')) {
    EXPECT_LE(line.size(), 76U);
    EXPECT_TRUE(IsValidUtf8(line)) << line;
  }
}

}  // namespace
}  // namespace watchfire::oncall
