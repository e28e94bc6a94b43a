// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whom to tell when: the worked examples of reference paging-backends §6.7, and what each vendor
// means by its policies.

#include "pkg/oncall/escalation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Outcome = Notice::Outcome;

// A policy of a roster under way, minute by minute.
class Drill {
 public:
  Drill(Roster roster, const std::string& policy, const std::string& start, uint64_t sequence = 0)
      : roster_(std::move(roster)), start_(At(start)) {
    const Policy* found = roster_.FindPolicy(policy);
    EXPECT_NE(found, nullptr) << policy;
    Result<Ladder> ladder = MakeLadder(roster_, *found);
    EXPECT_TRUE(ladder.has_value());
    Progress progress;
    progress.sequence = sequence;
    escalation_.emplace(std::make_shared<const Ladder>(*std::move(ladder)), progress);
  }

  Escalation& escalation() { return *escalation_; }

  // Follows the deadlines up to `elapsed`; returns "at who" for each page.
  std::vector<std::string> RunTo(Duration elapsed) {
    std::vector<std::string> pages;
    for (auto next = escalation_->deadline(); next && *next <= elapsed;
         next = escalation_->deadline()) {
      for (const Notice& notice : escalation_->Advance(*next, start_ + *next, roster_)) {
        const std::string line = Line(notice);
        if (!line.empty()) pages.push_back(line);
      }
    }
    return pages;
  }

  // Comes back after a pause.
  std::vector<Notice> Wake(Duration elapsed, Late late = Late::kLatestOnly) {
    return escalation_->Advance(elapsed, start_ + elapsed, roster_, late);
  }

 private:
  static std::string Line(const Notice& notice) {
    std::string to;
    for (const Target& target : notice.to) to += (to.empty() ? "" : "+") + target.name;
    if (notice.outcome == Outcome::kNobody) to = "-";
    if (notice.outcome == Outcome::kResolved) to = "end";
    const auto minute = std::chrono::duration_cast<minutes>(notice.planned).count();
    return to.empty() ? "" : std::to_string(minute) + " " + to;
  }

  const Roster roster_;
  const WallTime start_;
  std::optional<Escalation> escalation_;
};

Drill Production(const std::string& start) {
  return Drill(RosterOf({"opsgenie_schedule.json", "opsgenie_rest.json"}), "Production Escalation",
               start);
}

// The three rules of the example, with what else is to be said of the policy.
Drill Rules(const std::string& rest, const std::string& last = "if-not-acked") {
  return Drill(RosterOfText(R"({"name": "p", "rules": [
      {"condition": "if-not-acked", "delay": {"timeAmount": 0},
       "recipient": {"type": "user", "username": "a"}},
      {"condition": "if-not-acked", "delay": {"timeAmount": 15},
       "recipient": {"type": "user", "username": "b"}},
      {"condition": ")" + last +
                            R"(", "delay": {"timeAmount": 30},
       "recipient": {"type": "user", "username": "c"}}], "repeat": )" +
                            rest + "}"),
               "p", "2024-01-02T10:00:00Z");
}

TEST(EscalationTest, NobodyOnCallIsNoReasonToStop) {
  Drill drill = Production("2024-01-02T10:00:00Z");
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("0 -", "15 alice+bob", "30 manager"));
  EXPECT_EQ(drill.escalation().deadline(), std::nullopt) << "who comes on call later is not told";
}

TEST(EscalationTest, AnAckStopsTheRulesThatAskForNone) {
  Drill drill = Production("2024-01-02T14:05:00Z");
  EXPECT_THAT(drill.RunTo(minutes(4)), ElementsAre("0 bob"));
  drill.escalation().Acknowledge("bob");
  EXPECT_EQ(drill.escalation().deadline(), std::nullopt);
  EXPECT_THAT(drill.RunTo(hours(8)), IsEmpty());
}

TEST(EscalationTest, RulesUntilClosedGoOnAfterAnAckButNotForWhoAcked) {
  Drill drill = Rules("{}", "if-not-closed");
  EXPECT_THAT(drill.RunTo(minutes(4)), ElementsAre("0 a"));
  drill.escalation().Acknowledge("a");
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("30 c"));
  Drill own = Rules("{}", "if-not-closed");
  own.RunTo(minutes(4));
  own.escalation().Acknowledge("c");
  EXPECT_THAT(own.RunTo(hours(8)), IsEmpty());
}

constexpr const char* kRepeat = R"({"waitInterval": 10, "count": 2, "closeAlertAfterAll": true, )"
                                R"("resetRecipientStates": false})";
constexpr const char* kReset = R"({"waitInterval": 10, "count": 2, "closeAlertAfterAll": true, )"
                               R"("resetRecipientStates": true})";

TEST(EscalationTest, RepeatsAfterAWaitThenCloses) {
  Drill drill = Rules(kRepeat);
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("0 a", "15 b", "30 c", "40 a", "55 b", "70 c",
                                                 "80 a", "95 b", "110 c", "120 end"));
  EXPECT_TRUE(drill.escalation().progress().ended);
}

TEST(EscalationTest, AnAckTakenBackFindsThePlannedTimesAgain) {
  Drill drill = Rules(kRepeat);
  drill.RunTo(minutes(50));
  drill.escalation().Acknowledge("a");
  EXPECT_EQ(drill.escalation().deadline(), std::nullopt);
  drill.escalation().Unacknowledge(minutes(60));
  EXPECT_EQ(drill.escalation().deadline(), minutes(70));
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("70 c", "80 a", "95 b", "110 c", "120 end"));
}

TEST(EscalationTest, ANewRoundClearsTheAckIfThePolicySaysSo) {
  Drill drill = Rules(kReset);
  drill.RunTo(minutes(50));
  drill.escalation().Acknowledge("a");
  EXPECT_EQ(drill.escalation().deadline(), minutes(80));
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("80 a", "95 b", "110 c", "120 end"));
}

TEST(EscalationTest, WhatIsAckedIsNotClosedByThePolicy) {
  Drill drill = Rules(kRepeat);
  drill.RunTo(minutes(110));
  drill.escalation().Acknowledge("c");
  EXPECT_EQ(drill.escalation().deadline(), std::nullopt);
}

TEST(EscalationTest, PagerDutysShortFormCountsFromTheStart) {
  Drill drill(RosterOf({"pagerduty_short.yml"}), "API Service Escalation", "2024-01-15T14:00:00Z");
  EXPECT_THAT(drill.RunTo(hours(1)), ElementsAre("0 alice", "5 bob", "15 manager"));
}

std::string PagerDuty(const std::string& rest) {
  return R"({"escalation_policies": [{"id": "PPOL", "name": "p", )" + rest +
         R"("escalation_rules": [
    {"escalation_delay_in_minutes": 10, "targets": [{"id": "PS", "type": "schedule_reference"}]},
    {"escalation_delay_in_minutes": 20, "targets": [
       {"id": "P2", "type": "user_reference", "summary": "Bo"},
       {"id": "P3", "type": "user_reference", "summary": "Cy"}]}]}],
  "schedules": [{"id": "PS", "name": "days", "time_zone": "UTC", "schedule_layers": [
    {"name": "Layer 1", "start": "2024-01-01T00:00:00Z",
     "rotation_virtual_start": "2024-01-01T00:00:00Z", "rotation_turn_length_seconds": 86400,
     "users": [{"user": {"id": "P1", "summary": "Ada"}}],
     "restrictions": [{"type": "daily_restriction", "start_time_of_day": "09:00:00",
                       "duration_seconds": 28800}]}]}]})";
}

TEST(EscalationTest, PagerDutyWaitsAfterEachLevelAndLoops) {
  Drill drill(RosterOfText(PagerDuty(R"("num_loops": 1, )")), "PPOL", "2024-01-02T10:00:00Z");
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("0 Ada", "10 Bo+Cy", "30 Ada", "40 Bo+Cy"));
}

TEST(EscalationTest, PagerDutyLeavesALevelWithNobodyAtOnce) {
  Drill drill(RosterOfText(PagerDuty("")), "p", "2024-01-02T20:00:00Z");
  EXPECT_THAT(drill.RunTo(hours(8)), ElementsAre("0 -", "0 Bo+Cy"));
}

std::string Own(const std::string& steps, const std::string& repeat = "{count: 0}") {
  return "oncall:\n  teams: [{name: t, members: [a, b, {user: c, role: admin}]}]\n  schedules:\n"
         "    - {name: s, layers: [{rotation: {start: 2024-01-01, every: 1 day, "
         "participants: [a, b, c]}}]}\n  escalation_policies:\n    - {name: other, steps: [{tell: "
         "d}, {after: 5m, tell: e}]}\n    - name: p\n      repeat: " +
         repeat + "\n      steps:\n" + steps;
}

TEST(EscalationTest, TargetsOfEveryKind) {
  Drill drill(RosterOfText(Own(R"(
        - {tell: [{schedule: s}, {webhook: hook}, {email: x@example.com}]}
        - {after: 1m, tell: {next: s}}
        - {after: 2m, tell: {previous: s}}
        - {after: 3m, tell: [{team: t}, a]}
        - {after: 4m, tell: {team_admins: t}}
        - {after: 5m, tell: {team_users: t}}
        - {after: 6m, tell: [{policy: other}, f]}
        - {after: 8m, resolve: true}
)")),
              "p", "2024-01-02T10:00:00Z");
  EXPECT_THAT(drill.RunTo(hours(1)), ElementsAre("0 b+hook+x@example.com", "1 c", "2 a", "3 a+b+c",
                                                 "4 c", "5 a+b", "6 f", "6 d", "8 end"));
}

TEST(EscalationTest, TurnsGoRoundFromIncidentToIncident) {
  const std::string text = Own(R"(
        - {tell: [x, {schedule: s}, z], pick: round_robin}
        - {after: 1m, tell: {team: t}, pick: round_robin}
)");
  std::vector<std::string> first;
  for (uint64_t sequence = 0; sequence < 4; ++sequence) {
    Drill drill(RosterOfText(text), "p", "2024-01-02T10:00:00Z", sequence);
    const auto pages = drill.RunTo(hours(1));
    first.insert(first.end(), pages.begin(), pages.end());
  }
  EXPECT_THAT(first, ElementsAre("0 x", "1 a", "0 b", "1 b", "0 z", "1 c", "0 x", "1 a"));
}

TEST(EscalationTest, BusinessHoursBranchAndWait) {
  const std::string text = Own(R"(
        - {tell: day, hours: [{days: mon-fri, from: "09:00", to: "17:00"}]}
        - {tell: night, hours: [{days: mon-fri, from: "09:00", to: "17:00"}], outside_hours: true}
        - {after: 60m, tell: boss, hours: [{days: mon-fri, from: "09:00", to: "17:00"}],
           wait_for_hours: true}
        - {after: 90m, tell: late}
)");
  Drill day(RosterOfText(text), "p", "2024-01-02T10:00:00Z");
  EXPECT_THAT(day.RunTo(hours(90)), ElementsAre("0 day", "60 boss", "90 late"));
  // Friday at 18:00; Monday at nine is 63 hours away.
  Drill night(RosterOfText(text), "p", "2024-01-05T18:00:00Z");
  EXPECT_THAT(night.RunTo(hours(90)), ElementsAre("0 night", "3780 boss", "3810 late"));
}

TEST(EscalationTest, AfterAPauseOnlyTheLatestStepIsTold) {
  Drill drill = Rules(kRepeat);
  drill.RunTo(minutes(0));
  const std::vector<Notice> notices = drill.Wake(minutes(60));
  ASSERT_EQ(notices.size(), 4U);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(notices[i].outcome, Outcome::kLate);
  EXPECT_EQ(notices[3].outcome, Outcome::kTold);
  EXPECT_EQ(notices[3].to, (Targets{{Target::Kind::kUser, "b", 0}}));
  EXPECT_EQ(drill.escalation().deadline(), minutes(70)) << "planned times, no drift";
  // Not even a pause past the end closes what nobody was told of.
  const std::vector<Notice> last = drill.Wake(hours(9));
  ASSERT_GE(last.size(), 2U);
  EXPECT_EQ(last[last.size() - 2].outcome, Outcome::kTold);
  EXPECT_EQ(last.back().outcome, Outcome::kResolved);
}

TEST(EscalationTest, APolicyMayEndWithItsLastStep) {
  Drill drill(RosterOfText(Own("        - {tell: a}\n", "{count: 0, resolve_after: true}")), "p",
              "2024-01-02T10:00:00Z");
  EXPECT_THAT(drill.RunTo(hours(1)), ElementsAre("0 a", "0 end"));
}

TEST(EscalationTest, AllCanBeToldAfterAPause) {
  Drill drill = Rules("{}");
  const std::vector<Notice> notices = drill.Wake(hours(1), Late::kAll);
  ASSERT_EQ(notices.size(), 3U);
  for (const Notice& notice : notices) EXPECT_EQ(notice.outcome, Outcome::kTold);
}

TEST(EscalationTest, EscalatingBringsTheNextStepForward) {
  Drill drill = Rules("{}");
  drill.RunTo(minutes(5));
  drill.escalation().Escalate(minutes(6));
  EXPECT_THAT(drill.RunTo(hours(1)), ElementsAre("6 b", "21 c"));
}

TEST(EscalationTest, NothingHappensOnceResolved) {
  Drill drill = Rules(kRepeat);
  drill.RunTo(minutes(5));
  drill.escalation().Resolve();
  EXPECT_EQ(drill.escalation().deadline(), std::nullopt);
  EXPECT_THAT(drill.Wake(hours(5)), IsEmpty());
}

// Every step once, in order, whatever the pauses and restarts in between.
TEST(EscalationTest, GoesOnFromItsProgress) {
  const Roster roster = RosterOfText(
      Own("        - {tell: a}\n        - {after: 1m, tell: b}\n", "{count: 3, wait: 1m}"));
  const auto ladder =
      std::make_shared<const Ladder>(MakeLadder(roster, *roster.FindPolicy("p")).value());
  Progress progress;
  std::string told;
  for (int second = 0; second <= 1000; second += 7) {
    Escalation escalation(ladder, progress);
    for (const Notice& notice : escalation.Advance(
             seconds(second), At("2024-01-02T10:00:00Z") + seconds(second), roster)) {
      for (const Target& target : notice.to) told += target.name;
    }
    progress = escalation.progress();
  }
  EXPECT_EQ(told, "abababab");
}

TEST(EscalationTest, APolicyThatTellsNobodyIsRefused) {
  Roster roster;
  roster.policies.push_back({"p", {}, "", {}, {}});
  EXPECT_FALSE(MakeLadder(roster, roster.policies[0]).has_value());
}

}  // namespace
}  // namespace watchfire::oncall
