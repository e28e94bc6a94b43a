// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty's shift-based schedules.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"
#include "pkg/oncall/write.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Of members who take turns, each for `each` shifts in a row; "" is nobody.
std::string Turns(const std::vector<std::string>& members, int each = 1) {
  std::string list;
  for (const std::string& name : members) {
    list += (list.empty() ? "" : ", ");
    list += name.empty() ? R"({"type": "empty_member"})"
                         : R"({"type": "user_member", "user_id": "P-)" + name + R"(", "name": ")" +
                               name + R"("})";
  }
  return R"({"type": "rotating_member_assignment_strategy", "shifts_per_member": )" +
         std::to_string(each) + R"(, "members": [)" + list + "]}";
}

std::string Event(const std::string& start, const std::string& end, const std::string& recurrence,
                  const std::string& strategy, const std::string& rest = "") {
  return R"({"name": "E", "type": "schedule_event", "start_time": {"date_time": ")" + start +
         R"("}, "end_time": {"date_time": ")" + end + R"("}, "recurrence": [")" + recurrence +
         R"("], "assignment_strategy": )" + strategy + rest + "}";
}

// Bare, without the API's envelope.
std::string Bare(const std::string& event, const std::string& zone = "UTC") {
  return R"({"id": "S1", "type": "schedule_v3", "name": "S", "time_zone": ")" + zone +
         R"(", "rotations": [{"id": "R1", "type": "schedule_rotation", "events": [)" + event +
         "]}]}";
}

// From nine to five, from Monday the 5th of January on.
Roster Days(const std::string& recurrence, const std::string& strategy,
            const std::string& rest = "") {
  return RosterOfText(
      Bare(Event("2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z", recurrence, strategy, rest)));
}

Loaded LoadText(const std::string& text) { return Load({{"f.json", text}}); }

TEST(PagerDutyShiftsTest, AllThatTakesPlaceIsOnCallTogether) {
  ExpectVectors(RosterOf({"pagerduty_shifts.json"}), "PL5FQHC",
                {{"2026-01-05T13:59:59Z", "-"},
                 {"2026-01-05T14:00:00Z", "Ada"},
                 {"2026-01-05T22:00:00Z", "-"},
                 {"2026-01-06T15:00:00Z", "Bo"},
                 // Wednesday is nobody's, but for a custom shift.
                 {"2026-01-07T13:59:59Z", "-"},
                 {"2026-01-07T14:00:00Z", "Bo"},
                 {"2026-01-07T22:00:00Z", "-"},
                 {"2026-01-08T15:00:00Z", "Ada"},
                 {"2026-01-09T21:59:59Z", "Bo"},
                 {"2026-01-09T22:00:00Z", "Cy+Di"},
                 {"2026-01-12T13:59:59Z", "Cy+Di"},
                 {"2026-01-12T14:00:00Z", "-"},
                 // Nine o'clock in summer, too.
                 {"2026-03-09T12:59:59Z", "Cy+Di"},
                 {"2026-03-09T13:00:00Z", "Ada"},
                 {"2026-03-09T21:00:00Z", "-"}});
}

TEST(PagerDutyShiftsTest, OverridesAreOfOneRotationOrCustomShift) {
  ExpectVectors(RosterOf({"pagerduty_shifts.json"}), "Support",
                {{"2026-01-13T14:00:00Z", "Di"},
                 {"2026-01-13T17:59:59Z", "Di"},
                 {"2026-01-13T18:00:00Z", "Ada"},
                 // Her turn stays hers, her custom shift does not.
                 {"2026-01-16T14:00:00Z", "Ada+Cy"},
                 {"2026-01-16T16:00:00Z", "Ada"},
                 // Instead of Bo nobody.
                 {"2026-01-19T15:00:00Z", "-"}});
}

TEST(PagerDutyShiftsTest, OurFormGivesTheSameAnswers) {
  const Roster roster = RosterOf({"pagerduty_shifts.json"});
  const std::string text = WriteNative(roster);
  const Roster again = RosterOfText(text);
  const WallTime from = At("2026-01-01T00:00:00Z");
  ASSERT_EQ(again.schedules.size(), 1U) << text;
  EXPECT_EQ(FinalSchedule(roster, roster.schedules[0], from, from + hours(24 * 120)),
            FinalSchedule(again, again.schedules[0], from, from + hours(24 * 120)))
      << text;
  EXPECT_EQ(WriteNative(again), text);
}

TEST(PagerDutyShiftsTest, WeeksKeepTheirHourWhenClocksChange) {
  const Roster roster =
      RosterOfText(Bare(Event("2026-01-05T09:00:00-05:00", "2026-01-12T09:00:00-05:00",
                              "RRULE:FREQ=WEEKLY", Turns({"ann", "ben"}, 2)),
                        "America/New_York"));
  ExpectVectors(roster, "S",
                {{"2026-01-05T13:59:59Z", "-"},
                 {"2026-01-05T14:00:00Z", "ann"},
                 {"2026-01-19T13:59:59Z", "ann"},
                 {"2026-01-19T14:00:00Z", "ben"},
                 {"2026-03-16T12:59:59Z", "ann"},
                 {"2026-03-16T13:00:00Z", "ben"}});
}

TEST(PagerDutyShiftsTest, EveryOtherWeek) {
  ExpectVectors(Days("RRULE:FREQ=WEEKLY;INTERVAL=2", Turns({"ann", "ben"})), "S",
                {{"2026-01-05T09:00:00Z", "ann"},
                 {"2026-01-12T09:00:00Z", "-"},
                 {"2026-01-19T09:00:00Z", "ben"},
                 {"2026-01-19T17:00:00Z", "-"},
                 {"2026-02-02T09:00:00Z", "ann"}});
  const Loaded loaded = LoadText(
      Bare(Event("2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z",
                 "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", Turns({"ann", "ben", "cat"}))));
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  ExpectVectors(*loaded.roster, "S",
                {{"2026-01-05T09:00:00Z", "ann"},
                 {"2026-01-06T09:00:00Z", "ben"},
                 {"2026-01-12T09:00:00Z", "-"},
                 {"2026-01-19T09:00:00Z", "cat"},
                 {"2026-01-20T16:59:59Z", "ann"},
                 {"2026-01-20T17:00:00Z", "-"}});
  EXPECT_THAT(loaded.remarks,
              Contains(AllOf(Field(&Remark::kind, Remark::Kind::kChanged),
                             Field(&Remark::text, HasSubstr("written out shift by shift")))));
}

TEST(PagerDutyShiftsTest, DaysMayBeLeftOutAndAddedAndEnd) {
  const std::string turns = Turns({"ann", "ben"});
  ExpectVectors(Days(R"(RRULE:FREQ=DAILY", "EXDATE:20260107T090000Z)", turns), "S",
                {{"2026-01-06T09:00:00Z", "ben"},
                 {"2026-01-07T09:00:00Z", "-"},
                 {"2026-01-08T09:00:00Z", "ann"}});
  ExpectVectors(Days(R"(RRULE:FREQ=WEEKLY", "RDATE:20260107T100000Z)", turns), "S",
                {{"2026-01-07T09:59:59Z", "-"},
                 {"2026-01-07T17:59:59Z", "ben"},
                 {"2026-01-12T09:00:00Z", "ann"}});
  for (const char* rule : {"FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;UNTIL=20260106T090000Z",
                           "RRULE:FREQ=DAILY;UNTIL=20260106"}) {
    ExpectVectors(Days(rule, turns), "S",
                  {{"2026-01-05T09:00:00Z", "ann"},
                   {"2026-01-06T09:00:00Z", "ben"},
                   {"2026-01-07T09:00:00Z", "-"}});
  }
}

TEST(PagerDutyShiftsTest, ASuccessorKeepsTheTurns) {
  const Roster roster = RosterOfText(
      Bare(Event("2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z", "RRULE:FREQ=DAILY",
                 Turns({"ann", "ben"}), R"(, "effective_until": "2026-01-06T12:00:00Z")") +
           ", " +
           Event("2026-01-05T09:00:00Z", "2026-01-06T09:00:00Z", "RRULE:FREQ=DAILY",
                 Turns({"ann", "cat"}),
                 R"(, "effective_since": "2026-01-06T12:00:00Z",
                     "effective_until": "2026-01-07T10:00:00Z")")));
  ExpectVectors(roster, "S",
                {{"2026-01-06T11:59:59Z", "ben"},
                 {"2026-01-06T12:00:00Z", "cat"},
                 {"2026-01-07T09:00:00Z", "ann"},
                 {"2026-01-07T10:00:00Z", "-"}});
}

TEST(PagerDutyShiftsTest, Months) {
  ExpectVectors(Days("RRULE:FREQ=MONTHLY;BYDAY=1MO", Turns({"ann", "ben"})), "S",
                {{"2026-01-05T09:00:00Z", "ann"},
                 {"2026-01-12T09:00:00Z", "-"},
                 {"2026-02-02T09:00:00Z", "ben"},
                 {"2026-03-02T16:59:59Z", "ann"}});
  const Roster whole = RosterOfText(Bare(Event("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z",
                                               "RRULE:FREQ=MONTHLY", Turns({"ann", "ben"}))));
  ExpectVectors(whole, "S",
                {{"2026-01-31T23:59:59Z", "ann"},
                 {"2026-02-28T23:59:59Z", "ben"},
                 {"2026-03-01T00:00:00Z", "ann"},
                 {"2046-04-01T00:00:00Z", "ben"}});
}

TEST(PagerDutyShiftsTest, WhatIsNotKnownIsRefusedWithItsPlace) {
  const auto errors = [](const std::string& text) {
    const Loaded loaded = LoadText(text);
    EXPECT_FALSE(loaded.roster.has_value()) << text;
    return Messages(loaded);
  };
  EXPECT_THAT(
      errors(R"({"name": "S", "rotations": [{"events": [{"recurrence": ["FREQ=YEARLY"]}]}]})"),
      AllOf(HasSubstr(R"(f.json:1:57: recurrence: FREQ: "YEARLY" is none of HOURLY, )"),
            HasSubstr("start_time must be set")));
  const auto with = [&](const std::string& recurrence, const std::string& strategy) {
    return errors(
        Bare(Event("2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z", recurrence, strategy)));
  };
  const std::string turns = Turns({"ann"});
  EXPECT_THAT(with("RRULE:FREQ=WEEKLY;BYSETPOS=1", turns), HasSubstr(R"("BYSETPOS" is none of)"));
  EXPECT_THAT(with("RRULE:FREQ=DAILY;BYHOUR=9,17", turns), HasSubstr("not the time of the start"));
  EXPECT_THAT(with("EXDATE:20260107T090000Z", turns), HasSubstr("must hold an RRULE"));
  EXPECT_THAT(with(R"(RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY)", turns),
              HasSubstr("more than one RRULE"));
  EXPECT_THAT(with("RRULE:FREQ=DAILY", R"({"type": "user_assignment_strategy", "members": []})"),
              HasSubstr("is none of rotating_member_assignment_strategy"));
  EXPECT_THAT(with("RRULE:FREQ=DAILY", Turns({})), HasSubstr("members must name somebody"));
  EXPECT_THAT(with("RRULE:FREQ=DAILY", R"({"type": "every_member_assignment_strategy",
                   "members": [{"type": "team_member"}]})"),
              HasSubstr(R"("team_member" is none of user_member, empty_member)"));
  EXPECT_THAT(errors(R"({"event": {"id": "E", "type": "schedule_event"}, "rotation":
                  {"id": "R", "type": "schedule_rotation"}})"),
              HasSubstr("this does not say which schedule it is of"));
  EXPECT_THAT(errors("[" +
                     Bare(Event("2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z", "RRULE:FREQ=DAILY",
                                turns)) +
                     R"(, {"overrides": [{"type": "override_shift", "rotation_id": "R7"}]}])"),
              HasSubstr(R"(schedule "S" has no rotation "R7")"));
}

TEST(PagerDutyShiftsTest, WhatIsLostIsNamed) {
  const Loaded loaded = LoadFiles({"pagerduty_shifts.json"});
  EXPECT_THAT(loaded.problems, IsEmpty()) << Messages(loaded);
  EXPECT_THAT(loaded.remarks, Not(Contains(Field(&Remark::kind, Remark::Kind::kLost))));
  EXPECT_THAT(loaded.remarks, Contains(AllOf(Field(&Remark::kind, Remark::Kind::kChanged),
                                             Field(&Remark::text, HasSubstr("final_schedule")))));
  const Loaded odd = LoadText(R"({"schedule": {"id": "S1", "type": "schedule_v3", "name": "S",
    "time_zone": "UTC", "rotations": [{"id": "R0", "type": "schedule_rotation"},
    {"id": "R1", "restrictions": [], "events": [{"name": "E",
      "start_time": "2026-01-03T09:00:00Z", "end_time": "2026-01-03T17:00:00Z",
      "recurrence": "RRULE:FREQ=WEEKLY;BYDAY=MO", "assignment_strategy":
      {"type": "every_member_assignment_strategy",
       "members": [{"type": "user_member", "user_id": "PU9"}]}}]}]},
    "schedules": [{"id": "S2", "type": "schedule_v3_reference", "summary": "Other"}]})");
  ASSERT_TRUE(odd.roster.has_value()) << Messages(odd);
  ExpectVectors(*odd.roster, "S1",
                {{"2026-01-03T10:00:00Z", "-"}, {"2026-01-05T10:00:00Z", "PU9"}});
  EXPECT_THAT(Messages(odd),
              AllOf(HasSubstr("has no events"), HasSubstr("restrictions is not known here"),
                    HasSubstr("by ids that no file has: PU9"),
                    HasSubstr(R"(schedule "Other": it does not say who is on call)")));
  EXPECT_THAT(odd.remarks,
              Contains(AllOf(Field(&Remark::kind, Remark::Kind::kChanged),
                             Field(&Remark::text, HasSubstr("begins 2026-01-05T09:00:00Z")))));
}

TEST(PagerDutyShiftsTest, Terraform) {
  const Roster roster = RosterOfText(R"({"resource": {
    "pagerduty_user": {"ann": {"name": "Ann", "email": "ann@x.com"},
                       "ben": {"name": "Ben", "email": "ben@x.com"}},
    "pagerduty_schedulev2": {"s": {"name": "Ops", "time_zone": "America/New_York",
      "rotation": {"event": [{"name": "E", "start_time": "2026-06-01T13:00:00Z",
        "end_time": "2026-06-01T21:00:00Z", "effective_since": "2026-06-01T13:00:00Z",
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
        "assignment_strategy": [{"type": "rotating_member_assignment_strategy",
          "shifts_per_member": 5, "member": [
            {"type": "user_member", "user_id": "${pagerduty_user.ann.id}"},
            {"type": "user_member", "user_id": "${pagerduty_user.ben.id}"}]}]}]}}}}})");
  ExpectVectors(roster, "Ops",
                {{"2026-06-05T13:00:00Z", "Ann"},
                 {"2026-06-08T13:00:00Z", "Ben"},
                 {"2026-06-13T13:00:00Z", "-"},
                 {"2026-11-02T13:59:59Z", "-"},
                 {"2026-11-02T14:00:00Z", "Ann"}});
}

}  // namespace
}  // namespace watchfire::oncall
