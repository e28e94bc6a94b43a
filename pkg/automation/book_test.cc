// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/automation/book.h"

#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/labels/labels.h"

namespace watchfire::automation {
namespace {

using config::AutomationAction;
using config::AutomationRule;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kStart{seconds(1'790'000'000)};

AutomationRule Rule(const std::string& name, AutomationAction action) {
  AutomationRule rule;
  rule.name = name;
  rule.action = action;
  rule.pattern = "disk";
  rule.states = {"triggered"};
  return rule;
}

Subject Disk(uint64_t id = 1, int cycle = 1) {
  Subject subject;
  subject.id = id;
  subject.cycle = cycle;
  subject.cycle_at = kStart;
  subject.state = "triggered";
  subject.severity = "SEV3";
  subject.title = "95 % full";
  subject.alerts = {"DiskSpace"};
  subject.find_alerts = [id](const matcher::Matchers& matchers, size_t) {
    const labels::LabelSet labels{{"alertname", "DiskSpace"}, {"severity", "warning"}};
    return matcher::MatchesAll(matchers, labels) ? std::set<uint64_t>{id} : std::set<uint64_t>();
  };
  return subject;
}

uint64_t Count(const Book& book, const std::string& rule, const std::string& result) {
  uint64_t sum = 0;
  for (const auto& [labels, count] : book.stats().runs) {
    if (labels[0] == rule && labels[2] == result) sum += count;
  }
  return sum;
}

TEST(BookTest, WithoutRulesNothingIsConsidered) {
  Book book;
  book.Changed(1);
  EXPECT_THAT(book.TakeIncidents(kStart), IsEmpty());
  EXPECT_EQ(book.next_due(), std::nullopt);
  EXPECT_THAT(book.Consider(Disk(), kStart), IsEmpty());
}

TEST(BookTest, ARuleRunsOnceInEachCycleOfAnIncident) {
  Book book({{Rule("up", AutomationAction::kEscalate)}});
  book.Changed(1);
  EXPECT_THAT(book.TakeIncidents(kStart), ElementsAre(1));
  EXPECT_THAT(book.TakeIncidents(kStart), IsEmpty());
  EXPECT_THAT(book.Consider(Disk(), kStart), ElementsAre("1-1-up"));
  EXPECT_EQ(book.Find("1-1-up")->state, State::kActing);
  EXPECT_THAT(book.Consider(Disk(), kStart), IsEmpty()) << "it goes on";
  book.Done("1-1-up", Outcome::kSuccess, "", kStart + seconds(3));
  EXPECT_THAT(book.Consider(Disk(), kStart), IsEmpty()) << "it is done";
  EXPECT_THAT(book.Consider(Disk(1, 2), kStart), ElementsAre("1-2-up"));
  EXPECT_THAT(book.Consider(Disk(2), kStart), ElementsAre("2-1-up"));
  EXPECT_EQ(Count(book, "up", "success"), 1U);
}

TEST(BookTest, PatternAndMatchersAndConditionsMustAllFit) {
  AutomationRule rule = Rule("up", AutomationAction::kEscalate);
  rule.severities = {"SEV3", "SEV4"};
  rule.matchers = {matcher::Matcher::Create(matcher::Op::kEqual, "severity", "warning").value()};
  const auto runs = [](const AutomationRule& one, const Subject& subject) {
    return Book({{one}}).Consider(subject, kStart).size();
  };
  EXPECT_EQ(runs(rule, Disk()), 1U) << "part of an alert's name, whatever its case";
  Subject other = Disk();
  other.alerts = {"ApiDown"};
  EXPECT_EQ(runs(rule, other), 0U);
  other.title = "the DISK is full";
  EXPECT_EQ(runs(rule, other), 1U) << "or of the title";
  other.title.clear();
  other.entity_id = "my-disk-1";
  EXPECT_EQ(runs(rule, other), 1U) << "or of the entity id";
  other = Disk();
  other.severity = "SEV1";
  EXPECT_EQ(runs(rule, other), 0U);
  other = Disk();
  other.state = "acknowledged";
  EXPECT_EQ(runs(rule, other), 0U);
  other = Disk();
  other.find_alerts = [](const matcher::Matchers&, size_t) { return std::set<uint64_t>(); };
  EXPECT_EQ(runs(rule, other), 0U) << "nothing fires any more";
  rule.matchers = {matcher::Matcher::Create(matcher::Op::kEqual, "severity", "page").value()};
  EXPECT_EQ(runs(rule, Disk()), 0U);
}

// An incident with so many alerts of its own that the rules are for.
Subject Disks(uint64_t id, size_t alerts) {
  Subject subject = Disk(id);
  subject.find_alerts = [id, alerts](const matcher::Matchers&, size_t most) {
    std::set<uint64_t> found;
    for (size_t i = 0; i < std::min(alerts, most); ++i) found.insert(100 * id + i);
    return found;
  };
  return subject;
}

TEST(BookTest, SeveralAlertsMayBeOfSeveralIncidents) {
  AutomationRule rule = Rule("several", AutomationAction::kEscalate);
  rule.alerts = 3;
  Book book({{rule}});
  EXPECT_THAT(book.Consider(Disks(1, 2), kStart), IsEmpty()) << "two are not three";
  EXPECT_THAT(book.TakeIncidents(kStart), IsEmpty());
  EXPECT_THAT(book.Consider(Disks(2, 1), kStart), ElementsAre("2-1-several"));
  EXPECT_THAT(book.TakeIncidents(kStart), ElementsAre(1)) << "the rule is for the first one now";
  EXPECT_THAT(book.Consider(Disks(1, 2), kStart), ElementsAre("1-1-several"));
  EXPECT_THAT(book.TakeIncidents(kStart), IsEmpty());
  EXPECT_THAT(book.Consider(Disks(3, 1), kStart), ElementsAre("3-1-several")) << "whoever comes";
  EXPECT_THAT(Book({{rule}}).Consider(Disks(1, 3), kStart), SizeIs(1)) << "or of one incident";
}

TEST(BookTest, AnAlertOfTwoReceiversIsOne) {
  AutomationRule rule = Rule("several", AutomationAction::kEscalate);
  rule.alerts = 2;
  Book book({{rule}});
  Subject second = Disks(2, 1);
  second.find_alerts = Disks(1, 1).find_alerts;
  EXPECT_THAT(book.Consider(Disks(1, 1), kStart), IsEmpty());
  EXPECT_THAT(book.Consider(second, kStart), IsEmpty()) << "the same alert in another incident";
  EXPECT_THAT(book.Consider(Disks(3, 1), kStart), SizeIs(1));
}

TEST(BookTest, WhatARuleBeforeStopsCountsForNoOther) {
  AutomationRule first = Rule("first", AutomationAction::kPlaybook);
  first.stop = true;
  first.after = minutes(5);
  AutomationRule several = Rule("several", AutomationAction::kEscalate);
  several.alerts = 2;
  Book book({{first, several}});
  EXPECT_THAT(book.Consider(Disks(1, 1), kStart), IsEmpty());
  EXPECT_THAT(book.Consider(Disks(1, 1), kStart + minutes(5)), ElementsAre("1-1-first"));
  EXPECT_THAT(book.Consider(Disks(2, 1), kStart), IsEmpty()) << "one is not two";
  EXPECT_THAT(book.Consider(Disks(3, 1), kStart), ElementsAre("3-1-several"));
}

TEST(BookTest, WhatIsOverOrDoesNotFitCountsForNoOther) {
  AutomationRule rule = Rule("several", AutomationAction::kEscalate);
  rule.alerts = 2;
  Book book({{rule}});
  book.Consider(Disks(1, 1), kStart);
  book.Over(1);
  EXPECT_THAT(book.Consider(Disks(2, 1), kStart), IsEmpty());
  Subject taken = Disks(2, 1);
  taken.state = "acknowledged";
  book.Consider(taken, kStart);
  EXPECT_THAT(book.Consider(Disks(3, 1), kStart), IsEmpty()) << "somebody has the second one";
  EXPECT_THAT(book.Consider(Disks(4, 1), kStart), SizeIs(1));
  book.Consider(Disks(3, 1), kStart);
  book.Over(4);
  taken.id = 3;  // Which ran, too.
  book.Consider(taken, kStart);
  EXPECT_THAT(book.Consider(Disks(5, 1), kStart), IsEmpty());
  book.SetTerms({{rule}});
  EXPECT_THAT(book.Consider(Disks(6, 1), kStart), IsEmpty()) << "all are looked at anew";
}

TEST(BookTest, AllRulesRunInOrderUnlessOneStops) {
  std::vector<AutomationRule> rules = {Rule("a", AutomationAction::kEscalate),
                                       Rule("b", AutomationAction::kTicket),
                                       Rule("c", AutomationAction::kPlaybook)};
  EXPECT_THAT(Book({rules}).Consider(Disk(), kStart), ElementsAre("1-1-a", "1-1-b", "1-1-c"));
  rules[1].stop = true;
  Book book({rules});
  EXPECT_THAT(book.Consider(Disk(), kStart), ElementsAre("1-1-a", "1-1-b"));
  EXPECT_THAT(book.Consider(Disk(), kStart), IsEmpty()) << "it stops later, too";
}

TEST(BookTest, AfterIsWaitedFor) {
  AutomationRule rule = Rule("up", AutomationAction::kEscalate);
  rule.after = minutes(20);
  Book book({{rule}});
  EXPECT_THAT(book.Consider(Disk(), kStart + minutes(1)), IsEmpty());
  EXPECT_EQ(book.next_due(), kStart + minutes(20));
  EXPECT_THAT(book.TakeIncidents(kStart + minutes(19)), IsEmpty());
  EXPECT_THAT(book.TakeIncidents(kStart + minutes(20)), ElementsAre(1));
  EXPECT_THAT(book.Consider(Disk(), kStart + minutes(20)), ElementsAre("1-1-up"));
}

TEST(BookTest, ADryRunDoesNothingAndIsCountedAsSuch) {
  AutomationRule rule = Rule("up", AutomationAction::kPlaybook);
  rule.dry_run = rule.needs_approval = true;
  rule.max_per_hour = 1;
  Book book({{rule}});
  for (uint64_t id = 1; id <= 3; ++id) EXPECT_THAT(book.Consider(Disk(id), kStart), SizeIs(1));
  EXPECT_EQ(book.Find("3-1-up")->outcome, Outcome::kDryRun);
  EXPECT_EQ(Count(book, "up", "dry_run"), 3U);
  EXPECT_THAT(book.stats().seconds.series(), IsEmpty());
  EXPECT_THAT(book.open(), IsEmpty());
}

TEST(BookTest, ItRunsNoOftenerThanAllowedWithinAnHour) {
  AutomationRule rule = Rule("up", AutomationAction::kEscalate);
  rule.max_per_hour = 2;
  Book book({{rule}});
  std::vector<Record> disk;
  for (uint64_t id = 1; id <= 3; ++id) {
    const WallTime now = kStart + minutes(static_cast<int>(10 * id));
    ASSERT_THAT(book.Consider(Disk(id), now), SizeIs(1));
    const std::string run = std::to_string(id) + "-1-up";
    if (id <= 2) book.Done(run, Outcome::kSuccess, "", now);
  }
  EXPECT_EQ(book.Find("3-1-up")->outcome, Outcome::kLimited);
  EXPECT_EQ(book.Find("3-1-up")->acted_at, kNoTime) << "it does not count itself";
  disk = book.TakeRecords();
  EXPECT_THAT(disk, SizeIs(3));
  Book later({{rule}});
  for (const Record& record : disk) ASSERT_TRUE(later.Restore(record));
  later.Consider(Disk(4), kStart + minutes(69));
  EXPECT_EQ(later.Find("4-1-up")->outcome, Outcome::kLimited) << "a restart forgets nothing";
  later.Consider(Disk(5), kStart + minutes(70) + seconds(1));
  EXPECT_EQ(later.Find("5-1-up")->state, State::kActing) << "the first is an hour ago";
}

// A person who says yes does not undo the bound: whoever approves forty restarts in a row wants it.
TEST(BookTest, WhatIsApprovedRunsNoOftenerThanAllowedEither) {
  AutomationRule rule = Rule("play", AutomationAction::kPlaybook);
  rule.needs_approval = true;
  rule.max_per_hour = 2;
  Book book({{rule}});
  for (uint64_t id = 1; id <= 3; ++id) book.Consider(Disk(id), kStart);
  ASSERT_TRUE(book.Decide("1-1-play", true, "ada", kStart + minutes(1)));
  ASSERT_TRUE(book.Decide("2-1-play", true, "ada", kStart + minutes(5)));
  const Status third = book.Decide("3-1-play", true, "ada", kStart + minutes(9));
  EXPECT_EQ(third.error().code, Code::kConflict);
  EXPECT_EQ(third.error().message,
            "play has run 2 times within an hour (max_per_hour): approve it after " +
                FormatRfc3339(kStart + minutes(61), 0));
  EXPECT_EQ(book.Find("3-1-play")->state, State::kWaiting) << "it may be approved later";
  EXPECT_TRUE(book.Decide("3-1-play", true, "ada", kStart + minutes(61)));
}

TEST(BookTest, AClockThatWasSetBackBlocksNobody) {
  AutomationRule rule = Rule("up", AutomationAction::kEscalate);
  rule.max_per_hour = 1;
  Book book({{rule}});
  book.Consider(Disk(1), kStart + hours(24));
  Subject old = Disk(2);
  old.cycle_at = kStart - hours(1);
  book.Consider(old, kStart);
  EXPECT_EQ(book.Find("2-1-up")->state, State::kActing);
}

TEST(BookTest, WhatWaitsIsDecidedByAPerson) {
  AutomationRule rule = Rule("play", AutomationAction::kPlaybook);
  rule.needs_approval = true;
  Book book({{rule}});
  book.Consider(Disk(1), kStart);
  book.Consider(Disk(2), kStart);
  EXPECT_EQ(book.Find("1-1-play")->state, State::kWaiting);
  EXPECT_EQ(book.Find("1-1-play")->acted_at, kNoTime);
  EXPECT_EQ(book.Decide("1-1-play", true, "", kStart).error().code, Code::kInvalidArgument);
  EXPECT_EQ(book.Decide("7-1-play", true, "ada", kStart).error().code, Code::kNotFound);
  ASSERT_TRUE(book.Decide("1-1-play", true, "ada", kStart + minutes(1)));
  EXPECT_EQ(book.Find("1-1-play")->state, State::kActing);
  EXPECT_EQ(book.Find("1-1-play")->by, "ada");
  EXPECT_EQ(book.Find("1-1-play")->acted_at, kStart + minutes(1));
  ASSERT_TRUE(book.Decide("2-1-play", false, "bob", kStart + minutes(1)));
  EXPECT_EQ(book.Find("2-1-play")->outcome, Outcome::kRejected);
  EXPECT_EQ(book.Decide("2-1-play", true, "ada", kStart).error().message,
            "run 2-1-play does not wait for anybody: it is rejected");
  EXPECT_EQ(book.Decide("1-1-play", true, "ada", kStart).error().message,
            "run 1-1-play does not wait for anybody: it is acting");
}

TEST(BookTest, WhoIsNotAnsweredIsOverdue) {
  AutomationRule rule = Rule("play", AutomationAction::kPlaybook);
  rule.needs_approval = true;
  Book book({{rule}});
  book.Consider(Disk(), kStart);
  EXPECT_EQ(book.next_due(), kStart + hours(1));
  EXPECT_THAT(book.Overdue(kStart + minutes(59)), IsEmpty());
  EXPECT_THAT(book.Overdue(kStart + hours(1)), ElementsAre("1-1-play"));
  book.Done("1-1-play", Outcome::kRejected, "nobody", kStart + hours(1));
  EXPECT_THAT(book.Overdue(kStart + hours(2)), IsEmpty());
  EXPECT_EQ(book.next_due(), std::nullopt);
}

TEST(BookTest, NoIncidentIsAcknowledgedTwiceByRules) {
  Book book(
      {{Rule("a", AutomationAction::kAcknowledge), Rule("b", AutomationAction::kAcknowledge)}});
  EXPECT_THAT(book.Consider(Disk(), kStart), ElementsAre("1-1-a"));
  book.Done("1-1-a", Outcome::kSuccess, "", kStart);
  EXPECT_THAT(book.Consider(Disk(1, 2), kStart), IsEmpty()) << "it came back: it is a person's";
  EXPECT_THAT(book.Consider(Disk(2), kStart), ElementsAre("2-1-a"));
  book.Done("2-1-a", Outcome::kFailure, "", kStart);
  EXPECT_THAT(book.Consider(Disk(2), kStart), ElementsAre("2-1-b")) << "the first did not";
}

TEST(BookTest, ARunFollowsItsRuleAcrossReloads) {
  AutomationRule rule = Rule("play", AutomationAction::kPlaybook);
  Book book({{rule}});
  book.Consider(Disk(), kStart);
  const automation::Run run = *book.Find("1-1-play");
  EXPECT_TRUE(book.IsStillFor(run, Disk(), kStart));
  EXPECT_FALSE(book.IsStillFor(run, Disk(1, 2), kStart)) << "another cycle";
  Subject held = Disk();
  held.state = "acknowledged";
  EXPECT_FALSE(book.IsStillFor(run, held, kStart));
  rule.action = AutomationAction::kTicket;
  book.SetTerms({{rule}});
  EXPECT_EQ(book.RuleOf(run), nullptr) << "it does something else now";
  book.SetTerms({});
  EXPECT_EQ(book.RuleOf(run), nullptr);
}

TEST(BookTest, RunsOutliveTheProcess) {
  AutomationRule rule = Rule("play", AutomationAction::kPlaybook);
  Book book({{rule}});
  book.Consider(Disk(), kStart);
  book.GoOn("1-1-play", State::kVerifying, kStart + minutes(5), "taken");
  const std::vector<Record> records = book.TakeRecords();
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_THAT(book.TakeRecords(), IsEmpty());
  Book next({{rule}});
  ASSERT_TRUE(next.Restore(records[0]));
  EXPECT_EQ(*next.Find("1-1-play"), *book.Find("1-1-play"));
  EXPECT_THAT(next.OpenOf(1), ElementsAre("1-1-play"));
  EXPECT_THAT(next.Consider(Disk(), kStart), IsEmpty()) << "not done twice";
  EXPECT_THAT(next.TakeRecords(), IsEmpty());
}

TEST(BookTest, RunsAreForgottenWithTheirIncident) {
  Book book({{Rule("up", AutomationAction::kEscalate)}});
  book.Consider(Disk(1), kStart);
  book.Consider(Disk(2), kStart);
  const auto records =
      book.Collect([](uint64_t id) { return id == 1 ? Book::Life::kUnknown : Book::Life::kOver; });
  EXPECT_THAT(records, ElementsAre(Record{Table::kAutomation, "1-1-up", std::nullopt}));
  EXPECT_EQ(book.Find("1-1-up"), nullptr);
  EXPECT_NE(book.Find("2-1-up"), nullptr);
  EXPECT_THAT(book.open(), ElementsAre("2-1-up"));
}

TEST(RunTest, WhatIsNoRunIsCorrupt) {
  automation::Run run;
  run.incident = 12;
  run.cycle = 3;
  run.rule = "disk-space";
  run.outcome = Outcome::kTimeout;
  run.at = run.acted_at = kStart;
  run.ended_at = kStart + minutes(1);
  run.by = "ada";
  run.text = "a \"text\"";
  const Record record = Encode(run);
  EXPECT_EQ(record.key, "12-3-disk-space");
  EXPECT_EQ(Decode(record).value(), run);
  for (const Record& bad :
       {Record{Table::kAutomation, "12-4-disk-space", record.value},
        Record{Table::kAutomation, record.key, "{"}, Record{Table::kAutomation, record.key, "{}"},
        Record{Table::kAutomation, record.key, std::nullopt}}) {
    EXPECT_EQ(Decode(bad).error().code, Code::kCorrupt);
  }
  run.state = State::kWaiting;
  EXPECT_EQ(Decode(Encode(run)).error().code, Code::kCorrupt) << "done, and not done";
}

}  // namespace
}  // namespace watchfire::automation
