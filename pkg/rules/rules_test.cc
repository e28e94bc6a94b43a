// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::rules {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));
const Result<promql::Vector> kTrue = promql::Vector{{{}, kStart, 1}};
const Result<promql::Vector> kFalse = promql::Vector{};

Result<promql::Vector> Down() { return Fail(Code::kUnavailable, "connection refused"); }

config::Rule MakeRule(const std::string& name, Duration hold = {}) {
  config::Rule rule;
  rule.alert = name;
  rule.expr = name + " > 0";
  rule.hold = hold;
  return rule;
}

config::RuleGroup MakeGroup(std::vector<config::Rule> rules) {
  config::RuleGroup group;
  group.file = "rules.yml";
  group.name = "main";
  group.rules = std::move(rules);
  return group;
}

EngineOptions Options() { return {minutes(1), "http://watchfire:9093", {}}; }

// Drives one engine, one slot at a time, answering every query at once.
class Driver {
 public:
  explicit Driver(std::vector<config::RuleGroup> groups, WallTime start = kStart)
      : engine_(std::move(groups), Options()), now_(start) {
    engine_.Due(now_);  // Finds the first slots.
  }

  // Goes to the next slot and gives `result` to every query, also when they are asked again.
  Engine::Outcome Step(const Result<promql::Vector>& result) {
    now_ = *engine_.next_slot();
    Engine::Outcome all;
    for (WallTime at = now_; at < now_ + minutes(1); at = *engine_.next_slot()) {
      for (std::optional<Query> query : engine_.Due(at)) {
        while (query) {
          Engine::Outcome outcome = engine_.OnResult(*query, result, at, milliseconds(5));
          all.send.insert(all.send.end(), outcome.send.begin(), outcome.send.end());
          all.records.insert(all.records.end(), outcome.records.begin(), outcome.records.end());
          query = outcome.next;
        }
      }
    }
    return all;
  }

  Engine& engine() { return engine_; }
  WallTime now() const { return now_; }
  State state() const { return engine_.instances(0, 0).at(0)->state; }

 private:
  Engine engine_;
  WallTime now_;
};

TEST(ScheduleTest, SlotsLieOnTheGridWhateverTheStart) {
  for (const uint64_t hash : {0ULL, 1ULL, 59'999'999'999ULL, ~0ULL}) {
    for (int start = 0; start < 240; start += 7) {
      Schedule schedule(minutes(1), hash);
      const WallTime now = kStart + seconds(start);
      const auto first = schedule.Take(now);
      const WallTime slot = first ? first->slot : schedule.next();
      EXPECT_GE(slot, now);
      EXPECT_LT(slot - now, minutes(1));
      const Duration phase(static_cast<int64_t>(hash % 60'000'000'000ULL));
      EXPECT_EQ((slot.time_since_epoch() - phase) % minutes(1), Duration::zero());
    }
  }
}

TEST(ScheduleTest, CountsAndSkipsMissedSlots) {
  Schedule schedule(minutes(1), 0);
  EXPECT_EQ(schedule.next(), WallTime());
  EXPECT_FALSE(schedule.Take(kStart + seconds(1)));
  EXPECT_EQ(schedule.next(), kStart + minutes(1));
  EXPECT_FALSE(schedule.Take(kStart + seconds(59)));
  auto turn = schedule.Take(kStart + seconds(61));
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->slot, kStart + minutes(1));
  EXPECT_EQ(turn->missed, 0U);
  EXPECT_FALSE(schedule.Take(kStart + seconds(119)));
  turn = schedule.Take(kStart + seconds(301));
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->slot, kStart + minutes(5));
  EXPECT_EQ(turn->missed, 3U);
}

TEST(ScheduleTest, FollowsAWallClockThatIsSetBack) {
  Schedule schedule(minutes(1), 0);
  ASSERT_TRUE(schedule.Take(kStart));
  const WallTime back = kStart - hours(5) + seconds(1);
  EXPECT_FALSE(schedule.Take(back));
  EXPECT_EQ(schedule.next(), kStart - hours(5) + minutes(1));
}

TEST(EngineTest, WithoutRulesNothingIsEverDue) {
  Engine engine({MakeGroup({})}, Options());
  EXPECT_EQ(engine.next_slot(), std::nullopt);
  EXPECT_THAT(engine.Due(kStart), IsEmpty());
  EXPECT_EQ(engine.stats()[0].rules, 0U);
}

TEST(EngineTest, RulesOfAGroupRunInOrderAtOneTimestamp) {
  config::RuleGroup group = MakeGroup({MakeRule("A"), MakeRule("B")});
  group.query_offset = seconds(30);
  Engine engine({group}, Options());
  engine.Due(kStart);
  const WallTime slot = *engine.next_slot();
  const std::vector<Query> due = engine.Due(slot + seconds(2));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0], (Query{0, 0, "A > 0", slot, slot - seconds(30)}));
  EXPECT_EQ(engine.next_slot(), std::nullopt);  // Busy.
  EXPECT_THAT(engine.Due(slot + minutes(3)), IsEmpty());

  const auto first = engine.OnResult(due[0], kTrue, slot + seconds(3), seconds(1));
  EXPECT_EQ(first.next, (Query{0, 1, "B > 0", slot, slot - seconds(30)}));
  const auto second = engine.OnResult(*first.next, kFalse, slot + minutes(3), seconds(2));
  EXPECT_EQ(second.next, std::nullopt);
  EXPECT_EQ(engine.instances(0, 0)[0]->active_at, slot);  // Not slot - query_offset.

  // The slots that passed meanwhile are counted and skipped.
  const std::vector<Query> later = engine.Due(slot + minutes(3) + seconds(1));
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_EQ(later[0].slot, slot + minutes(3));
  const GroupStats stats = engine.stats()[0];
  EXPECT_EQ(stats.name, "rules.yml;main");
  EXPECT_EQ(stats.iterations, 4U);
  EXPECT_EQ(stats.missed, 2U);
  EXPECT_EQ(stats.evaluations, 2U);
  EXPECT_EQ(stats.last_duration, seconds(3));
  EXPECT_EQ(stats.last_evaluation, slot + minutes(3) + seconds(1));
}

TEST(EngineTest, SlowGroupsDoNotHoldUpOthers) {
  config::RuleGroup other = MakeGroup({MakeRule("B")});
  other.name = "other";
  Engine engine({MakeGroup({MakeRule("A")}), other}, Options());
  engine.Due(kStart);
  EXPECT_THAT(engine.Due(kStart + minutes(1)), SizeIs(2));
  Engine free({MakeGroup({MakeRule("A")}), other}, Options());
  free.Due(kStart);
  const std::vector<Query> due = free.Due(kStart + minutes(1));
  free.OnResult(due[1], kFalse, kStart + minutes(1), {});
  const std::vector<Query> again = free.Due(kStart + minutes(2));
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].group, 1U);
}

TEST(EngineTest, SendsWhatPrometheusWouldPost) {
  config::Rule rule = MakeRule("High", minutes(1));
  rule.expr = "rate( x[300s] )>0";
  rule.printed = "rate(x[5m]) > 0";
  EngineOptions options = Options();
  options.external_labels = labels::LabelSet{{"alertname", "no"}, {"cluster", "eu-1"}};
  Engine engine({MakeGroup({rule})}, options);
  engine.Due(kStart);
  const WallTime slot = *engine.next_slot();
  engine.OnResult(engine.Due(slot)[0], kTrue, slot, {});
  const auto fired = engine.OnResult(engine.Due(slot + minutes(1))[0], kTrue,
                                     slot + minutes(1) + milliseconds(7), {});
  ASSERT_THAT(fired.send, SizeIs(1));
  alert::Alert want;
  want.labels = labels::LabelSet{{"alertname", "High"}, {"cluster", "eu-1"}};
  want.starts_at = slot + minutes(1);  // The end of `for`.
  want.ends_at = slot + minutes(5);    // Four intervals on.
  want.updated_at = slot + minutes(1) + milliseconds(7);
  want.active_at = slot;
  want.generator_url = "http://watchfire:9093/graph?g0.expr=rate%28x%5B5m%5D%29+%3E+0&g0.tab=1";
  EXPECT_EQ(fired.send[0], want);

  const auto gone =
      engine.OnResult(engine.Due(slot + minutes(2))[0], kFalse, slot + minutes(2), {});
  ASSERT_THAT(gone.send, SizeIs(1));
  EXPECT_EQ(gone.send[0].ends_at, slot + minutes(2));
  EXPECT_EQ(gone.send[0].starts_at, slot + minutes(1));
  EXPECT_THAT(engine.instances(0, 0), IsEmpty());  // Resolved ones are not shown.
}

TEST(EngineTest, ValidityFollowsTheLongerOfIntervalAndResendDelay) {
  EXPECT_EQ(ValidUntil(kStart, minutes(5), minutes(1)), kStart + minutes(20));
  EXPECT_EQ(ValidUntil(kStart, seconds(10), minutes(1)), kStart + minutes(4));
}

TEST(EngineTest, AnErrorKeepsStateAndTimeCountsOn) {
  Driver driver({MakeGroup({MakeRule("A", minutes(3))})});
  driver.Step(kTrue);
  const auto outcome = driver.Step(Down());
  EXPECT_THAT(outcome.send, IsEmpty());
  EXPECT_THAT(outcome.records, IsEmpty());
  EXPECT_EQ(driver.state(), State::kPending);
  EXPECT_EQ(driver.engine().status(0, 0).health, Health::kError);
  EXPECT_EQ(driver.engine().status(0, 0).last_error, "connection refused");
  driver.Step(Down());
  EXPECT_THAT(driver.Step(kTrue).send, SizeIs(1));  // Three minutes have passed.
  EXPECT_EQ(driver.state(), State::kFiring);
  EXPECT_EQ(driver.engine().status(0, 0).health, Health::kOk);
  EXPECT_EQ(driver.engine().status(0, 0).last_error, "");
  EXPECT_EQ(driver.engine().status(0, 0).last_evaluation, driver.now() - milliseconds(5));
  // Each slot without an answer was asked for several times.
  EXPECT_EQ(driver.engine().stats()[0].failures, 10U);
}

TEST(EngineTest, AFiringAlertOutlivesAnyNumberOfErrors) {
  Driver driver({MakeGroup({MakeRule("A")})});
  WallTime valid_until = driver.Step(kTrue).send.at(0).ends_at;
  for (int i = 0; i < 100; ++i) {
    for (const alert::Alert& alert : driver.Step(Down()).send) valid_until = alert.ends_at;
    ASSERT_GT(valid_until, driver.now());
    ASSERT_EQ(driver.state(), State::kFiring);
  }
  const auto end = driver.Step(kFalse);
  ASSERT_THAT(end.send, SizeIs(1));
  EXPECT_EQ(end.send[0].ends_at, driver.now());
}

TEST(EngineTest, ExceedingTheLimitForgetsTheStoredStateToo) {
  config::RuleGroup group = MakeGroup({MakeRule("A")});
  group.limit = 1;
  Driver driver({group});
  ASSERT_THAT(driver.Step(kTrue).records, SizeIs(1));
  const promql::Vector two{{labels::LabelSet{{"n", "1"}}, kStart, 1},
                           {labels::LabelSet{{"n", "2"}}, kStart, 1}};
  const auto outcome = driver.Step(two);
  EXPECT_THAT(outcome.send, IsEmpty());
  ASSERT_THAT(outcome.records, SizeIs(1));
  EXPECT_EQ(outcome.records[0].value, std::nullopt);
  EXPECT_EQ(driver.engine().status(0, 0).last_error, "exceeded limit of 1 with 2 alerts");
}

TEST(EngineTest, AnswersNobodyWaitsForHaveNoEffect) {
  Driver driver({MakeGroup({MakeRule("A")})});
  const WallTime slot = *driver.engine().next_slot();
  const Query query = driver.engine().Due(slot).at(0);
  Query other = query;
  other.slot -= minutes(1);
  EXPECT_THAT(driver.engine().OnResult(other, kTrue, slot, {}).send, IsEmpty());
  other = query;
  other.group = 7;
  EXPECT_THAT(driver.engine().OnResult(other, kTrue, slot, {}).send, IsEmpty());
  EXPECT_THAT(driver.engine().OnResult(query, kTrue, slot, {}).send, SizeIs(1));
  EXPECT_THAT(driver.engine().OnResult(query, kFalse, slot, {}).send, IsEmpty());
  EXPECT_EQ(driver.engine().stats()[0].evaluations, 1U);
}

TEST(EngineTest, RecordsAreWrittenOnlyWhenStateChanges) {
  Driver driver({MakeGroup({MakeRule("A", minutes(2))})});
  const auto pending = driver.Step(kTrue);
  ASSERT_THAT(pending.records, SizeIs(1));
  EXPECT_EQ(pending.records[0].table, Table::kRule);
  EXPECT_EQ(pending.records[0].key, "rules.yml;main;A;cbf29ce484222325");
  EXPECT_THAT(driver.Step(kTrue).records, IsEmpty());
  EXPECT_THAT(driver.Step(kTrue).records, SizeIs(1));  // Fires.
  EXPECT_THAT(driver.Step(kTrue).records, IsEmpty());
  EXPECT_THAT(driver.Step(kTrue).records, SizeIs(1));   // Sent again.
  EXPECT_THAT(driver.Step(kFalse).records, SizeIs(1));  // Resolves.
}

TEST(EngineTest, ARestartMidForDoesNotStartOver) {
  const std::vector<config::RuleGroup> groups{MakeGroup({MakeRule("A", minutes(5))})};
  Driver before(groups);
  const Record record = before.Step(kTrue).records.at(0);
  const WallTime active_at = before.now();
  for (int i = 0; i < 2; ++i) before.Step(kTrue);
  // Two minutes down, then a new process.
  Driver after(groups, before.now() + minutes(2) + seconds(1));
  ASSERT_TRUE(after.engine().Restore(record));
  EXPECT_THAT(after.Step(kTrue).send, SizeIs(1));
  EXPECT_EQ(after.engine().instances(0, 0)[0]->active_at, active_at);
  EXPECT_EQ(after.now(), active_at + minutes(5));
}

TEST(EngineTest, ARestartKeepsKeepFiringForAndWhatWasSent) {
  config::Rule rule = MakeRule("A");
  rule.keep_firing_for = minutes(3);
  const std::vector<config::RuleGroup> groups{MakeGroup({rule})};
  Driver before(groups);
  before.Step(kTrue);
  const Record record = before.Step(kFalse).records.at(0);  // keep_firing_for starts.
  const WallTime since = before.now();
  Driver after(groups, before.now() + seconds(1));
  ASSERT_TRUE(after.engine().Restore(record));
  EXPECT_THAT(after.Step(kFalse).send, SizeIs(1));  // Sent two minutes ago: due again.
  EXPECT_EQ(after.state(), State::kFiring);
  EXPECT_THAT(after.Step(kFalse).send, IsEmpty());
  const auto end = after.Step(kFalse);  // Strictly less: over at the third minute.
  ASSERT_THAT(end.send, SizeIs(1));
  EXPECT_EQ(end.send[0].ends_at, since + minutes(3));
}

TEST(EngineTest, RestoreDropsUnknownRulesAndReportsDamage) {
  Driver driver({MakeGroup({MakeRule("A")})});
  Record record = driver.Step(kTrue).records.at(0);
  config::Rule relabelled = MakeRule("A");
  relabelled.labels = labels::LabelSet{{"severity", "info"}};
  Driver other({MakeGroup({relabelled})});
  ASSERT_TRUE(other.engine().Restore(record));
  EXPECT_THAT(other.engine().instances(0, 0), IsEmpty());
  record.value = "{";
  EXPECT_EQ(driver.engine().Restore(record).error().code, Code::kCorrupt);
  EXPECT_EQ(driver.state(), State::kFiring);
}

TEST(EngineTest, AReloadKeepsTheStateOfEqualRules) {
  Driver before({MakeGroup({MakeRule("Gone"), MakeRule("A", minutes(5)), MakeRule("A")})});
  before.Step(kTrue);
  // Another expression and another `for`: still the same rule. Twins are matched in order.
  config::Rule changed = MakeRule("A", minutes(9));
  changed.expr = "other > 1";
  Engine after({MakeGroup({changed, MakeRule("A"), MakeRule("New")})}, Options());
  const std::vector<Record> deletions = after.AdoptState(before.engine());
  ASSERT_THAT(deletions, SizeIs(1));
  EXPECT_EQ(deletions[0].key, "rules.yml;main;Gone;cbf29ce484222325");
  EXPECT_EQ(deletions[0].value, std::nullopt);
  EXPECT_EQ(after.instances(0, 0).at(0)->state, State::kPending);
  EXPECT_EQ(after.instances(0, 0).at(0)->active_at, before.now());
  EXPECT_EQ(after.instances(0, 1).at(0)->state, State::kFiring);
  EXPECT_THAT(after.instances(0, 2), IsEmpty());
  EXPECT_EQ(after.status(0, 0).health, Health::kOk);
  EXPECT_EQ(after.stats()[0].evaluations, 3U);
  EXPECT_EQ(after.next_slot(), before.now() + minutes(1));
}

TEST(EngineTest, AReloadAsksAgainForTheSlotUnderWay) {
  Driver before({MakeGroup({MakeRule("A"), MakeRule("B")})});
  const WallTime slot = *before.engine().next_slot();
  const Query lost = before.engine().Due(slot).at(0);
  Engine after({MakeGroup({MakeRule("A"), MakeRule("B")})}, Options());
  EXPECT_THAT(after.AdoptState(before.engine()), IsEmpty());
  EXPECT_THAT(after.OnResult(lost, kTrue, slot, {}).send, IsEmpty());
  const std::vector<Query> again = after.Due(slot + seconds(1));
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0], lost);
  EXPECT_EQ(after.stats()[0].iterations, 1U);
  EXPECT_EQ(after.stats()[0].missed, 0U);
}

}  // namespace
}  // namespace watchfire::rules
