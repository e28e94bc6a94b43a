// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Answers that do not come, ends of series that are not taken, rules that a reload takes away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/rules/rules.h"

namespace watchfire::rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));
const promql::Vector kTrue{{{}, kStart, 1}};

config::Rule Alerting(const std::string& name) {
  config::Rule rule;
  rule.alert = name;
  rule.expr = name + " > 0";
  return rule;
}

config::Rule Recording(const std::string& name) {
  config::Rule rule;
  rule.record = name;
  rule.expr = "sum(" + name + ")";
  return rule;
}

config::RuleGroup Group(std::vector<config::Rule> rules, Duration interval = minutes(1)) {
  config::RuleGroup group;
  group.file = "rules.yml";
  group.name = "main";
  group.interval = interval;
  group.rules = std::move(rules);
  return group;
}

EngineOptions Options(bool writes) { return {minutes(1), "http://wf", {}, writes}; }

promql::Vector Named(std::vector<std::string> names) {
  promql::Vector out;
  for (const std::string& n : names) out.push_back({labels::LabelSet{{"n", n}}, kStart, 1});
  return out;
}

std::vector<std::string> Ended(const promql::Vector& samples) {
  std::vector<std::string> out;
  for (const promql::Sample& sample : samples) {
    if (IsStaleMarker(sample.value)) out.push_back(std::string(sample.labels.Get("n")));
  }
  return out;
}

class UpkeepTest : public ::testing::Test {
 protected:
  void Start(std::vector<config::Rule> rules, bool writes = false) {
    engine_ = std::make_unique<Engine>(std::vector{Group(std::move(rules))}, Options(writes));
    engine_->Due(kStart);
    slot_ = *engine_->next_slot();
  }
  Query Due() {
    std::vector<Query> due = engine_->Due(slot_);
    EXPECT_THAT(due, SizeIs(1));
    return due.at(0);
  }
  Engine::Outcome Answer(const Query& query, const Result<promql::Vector>& result, WallTime at) {
    return engine_->OnResult(query, result, at, seconds(0));
  }
  // One whole evaluation of a single rule, at the next slot.
  Engine::Outcome Evaluate(const Result<promql::Vector>& result) {
    const Engine::Outcome outcome = Answer(Due(), result, slot_);
    slot_ += minutes(1);
    return outcome;
  }

  std::unique_ptr<Engine> engine_;
  WallTime slot_ = kNoTime;
};

TEST_F(UpkeepTest, AFiringAlertIsHeldWhileNoAnswerComes) {
  Start({Alerting("A"), Alerting("B")});
  const auto first = Answer(Due(), kTrue, slot_);
  WallTime valid_until = first.send.at(0).ends_at;
  Answer(*first.next, promql::Vector(), slot_);
  slot_ += minutes(1);
  const Query hangs = Due();
  size_t sent = 0;
  WallTime now = slot_;
  for (; now < slot_ + hours(2); now += seconds(1)) {
    EXPECT_THAT(engine_->Due(now), IsEmpty());
    const auto upkeep = engine_->Upkeep(now);
    for (const alert::Alert& alert : upkeep.send) {
      valid_until = alert.ends_at;
      EXPECT_EQ(alert.ends_at, now + minutes(4));
      EXPECT_EQ(alert.starts_at, first.send[0].starts_at);
      EXPECT_EQ(alert.updated_at, now);
      EXPECT_THAT(upkeep.records, SizeIs(1));
      ++sent;
    }
    ASSERT_GT(valid_until, now);
    ASSERT_GT(*engine_->next_upkeep(), now);
  }
  EXPECT_EQ(sent, 40U) << "every three minutes, and no more";

  // The answer comes after all, and says that it has ended.
  const auto end = Answer(hangs, promql::Vector(), now);
  ASSERT_THAT(end.send, SizeIs(1));
  EXPECT_EQ(end.send[0].ends_at, slot_);
  EXPECT_THAT(engine_->Upkeep(now + hours(1)).send, IsEmpty());
}

TEST_F(UpkeepTest, WhatIsEvaluatedInTimeIsNotHeld) {
  Start({Alerting("A")});
  size_t sent = 0;
  for (int i = 0; i < 30; ++i) {
    EXPECT_THAT(engine_->Upkeep(slot_).send, IsEmpty());
    sent += Evaluate(kTrue).send.size();
  }
  EXPECT_EQ(sent, 15U);
  EXPECT_EQ(Evaluate(promql::Vector()).send.size(), 1U);
  EXPECT_EQ(engine_->Upkeep(slot_ + hours(1)).send.size(), 0U);
  EXPECT_EQ(engine_->next_upkeep(), std::nullopt);
}

TEST_F(UpkeepTest, AnAnswerOrErrorThatComesLateEndsNothing) {
  for (const Result<promql::Vector>& late :
       {Result<promql::Vector>(kTrue), Result<promql::Vector>(Fail(Code::kTimeout, "timed out"))}) {
    Start({Alerting("A")});
    Evaluate(kTrue);
    slot_ += minutes(1);
    const Query query = Due();
    const WallTime now = slot_ + minutes(10);
    const auto outcome = Answer(query, late, now);
    ASSERT_THAT(outcome.send, SizeIs(1));
    EXPECT_EQ(outcome.send[0].ends_at, now + minutes(4));
  }
}

TEST_F(UpkeepTest, AfterARestartWhatFiredIsSentBeforeItsFirstAnswer) {
  Start({Alerting("A")});
  const Record record = Evaluate(kTrue).records.at(0);
  const WallTime now = slot_ + hours(1);
  Engine after({Group({Alerting("A")})}, Options(false));
  ASSERT_TRUE(after.Restore(record));
  EXPECT_LE(*after.next_upkeep(), now);
  const auto upkeep = after.Upkeep(now);
  ASSERT_THAT(upkeep.send, SizeIs(1));
  EXPECT_EQ(upkeep.send[0].ends_at, now + minutes(4));
}

TEST_F(UpkeepTest, ARestartSoonAfterALongIntervalsSlotSendsAtOnce) {
  const std::vector<config::RuleGroup> groups{Group({Alerting("A")}, hours(1))};
  Engine before(groups, Options(false));
  before.Due(kStart);
  const WallTime slot = *before.next_slot();
  const Record record =
      before.OnResult(before.Due(slot).at(0), kTrue, slot, seconds(0)).records.at(0);
  Engine after(groups, Options(false));
  ASSERT_TRUE(after.Restore(record));
  const auto upkeep = after.Upkeep(slot + seconds(1));
  ASSERT_THAT(upkeep.send, SizeIs(1)) << "nothing else says how long it is valid";
  EXPECT_EQ(upkeep.send[0].ends_at, slot + seconds(1) + hours(4));
}

TEST_F(UpkeepTest, ALongerIntervalDoesNotLetAlertsExpire) {
  Start({Alerting("A")});
  Evaluate(kTrue);
  Engine after({Group({Alerting("A")}, hours(1))}, Options(false));
  after.AdoptState(*engine_);
  const auto upkeep = after.Upkeep(slot_);
  ASSERT_THAT(upkeep.send, SizeIs(1));
  EXPECT_EQ(upkeep.send[0].ends_at, slot_ + hours(4));
  EXPECT_THAT(after.Upkeep(slot_ + minutes(1)).send, IsEmpty());

  Engine same({Group({Alerting("A")})}, Options(false));
  same.AdoptState(*engine_);
  EXPECT_THAT(same.Upkeep(slot_).send, IsEmpty());
}

TEST_F(UpkeepTest, AnEndIsToldUntilItIsWritten) {
  Start({Recording("r")}, true);
  engine_->OnWritten(Evaluate(Named({"a", "b"})).write, {}, slot_);
  const auto second = Evaluate(Named({"b"}));
  EXPECT_THAT(Ended(second.write.samples), testing::ElementsAre("a"));
  engine_->OnWritten(second.write, Fail(Code::kInvalidArgument, "refused"), slot_);
  const auto third = Evaluate(Named({"b"}));
  EXPECT_THAT(Ended(third.write.samples), testing::ElementsAre("a"));
  engine_->OnWritten(third.write, {}, slot_);
  EXPECT_THAT(Ended(Evaluate(Named({"b"})).write.samples), IsEmpty());
}

TEST_F(UpkeepTest, TheSeriesOfAPassOfAlertsAreOneWriteAndTheirEndsAreTold) {
  Start({Alerting("A"), Alerting("B")}, true);
  const auto pass = [this](const promql::Vector& a, const promql::Vector& b) {
    const auto first = Answer(Due(), a, slot_);
    EXPECT_THAT(first.write.samples, IsEmpty());
    auto outcome = Answer(*first.next, b, slot_);
    slot_ += minutes(1);
    return outcome.write;
  };
  Write write = pass(kTrue, kTrue);
  EXPECT_THAT(write.samples, SizeIs(4));
  EXPECT_FALSE(write.is_awaited);
  engine_->OnWritten(write, {}, slot_);
  for (int i = 0; i < 3; ++i) {
    write = pass({}, kTrue);
    EXPECT_EQ(Ended(write.samples).size(), 2U) << "not written yet";
    engine_->OnWritten(write, Fail(Code::kUnavailable, "503"), slot_);
  }
  engine_->OnWritten(pass({}, kTrue), {}, slot_);
  EXPECT_EQ(Ended(pass({}, kTrue).samples).size(), 0U);
}

TEST_F(UpkeepTest, AWriteThatEndsLateTakesNoEndOfALaterOne) {
  Start({Alerting("A")}, true);
  Evaluate(kTrue);
  const Write ends = Evaluate(promql::Vector()).write;
  const Write again = Evaluate(kTrue).write;
  engine_->OnWritten(ends, {}, slot_);
  EXPECT_EQ(Ended(again.samples).size(), 0U);
  EXPECT_EQ(Ended(Evaluate(promql::Vector()).write.samples).size(), 2U);
}

TEST_F(UpkeepTest, EndsThatNobodyWouldNoticeAreGivenUp) {
  Start({Alerting("A")}, true);
  Evaluate(kTrue);
  size_t told = 0;
  for (int i = 0; i < 20; ++i) told += !Evaluate(promql::Vector()).write.samples.empty();
  EXPECT_EQ(told, 6U) << "for five minutes";
}

TEST_F(UpkeepTest, SeriesOfRulesThatAReloadTookAwayEnd) {
  Start({Recording("r")}, true);
  engine_->OnWritten(Evaluate(Named({"a"})).write, {}, slot_);
  Engine after({Group({Recording("s")})}, Options(true));
  after.AdoptState(*engine_);
  EXPECT_LE(*after.next_upkeep(), slot_);
  const Write lost = after.Upkeep(slot_).write;
  EXPECT_EQ(lost.group, Write::kGone);
  ASSERT_THAT(lost.samples, SizeIs(1));
  EXPECT_EQ(lost.samples[0].labels.Get("__name__"), "r");
  EXPECT_TRUE(IsStaleMarker(lost.samples[0].value));
  EXPECT_THAT(after.Upkeep(slot_ + minutes(1)).write.samples, IsEmpty()) << "it is under way";

  after.OnWritten(lost, Fail(Code::kUnavailable, "503"), slot_ + minutes(1));
  // A second reload does not forget it.
  Engine later({Group({Recording("s")})}, Options(true));
  later.AdoptState(after);
  const WallTime now = *later.next_upkeep();
  EXPECT_GT(now, slot_);
  const Write again = later.Upkeep(now).write;
  EXPECT_EQ(Ended(again.samples), std::vector<std::string>{"a"});
  later.OnWritten(again, {}, now);
  EXPECT_EQ(later.next_upkeep(), std::nullopt);
}

TEST_F(UpkeepTest, SeriesThatAnotherRuleHasTakenUpDoNotEnd) {
  Start({Recording("r")}, true);
  engine_->OnWritten(Evaluate(Named({"a", "b"})).write, {}, slot_);
  config::RuleGroup moved = Group({Recording("r")});
  moved.name = "other";
  Engine after({moved}, Options(true));
  after.AdoptState(*engine_);
  EXPECT_THAT(after.Upkeep(slot_).write.samples, IsEmpty()) << "its turn is still to come";
  after.Due(slot_);
  const WallTime next = *after.next_slot();
  after.OnResult(after.Due(next).at(0), Named({"a"}), next, {});
  const WallTime now = *after.next_upkeep();
  EXPECT_GT(now, next);
  EXPECT_EQ(Ended(after.Upkeep(now).write.samples), std::vector<std::string>{"b"});

  Engine silent({moved}, Options(false));
  silent.AdoptState(*engine_);
  EXPECT_EQ(silent.next_upkeep(), std::nullopt);
}

TEST_F(UpkeepTest, AResultThatIsTooLargeIsCutBeforeItsTemplatesAsk) {
  config::Rule rule = Alerting("A");
  rule.annotation_templates.emplace_back(
      "text", templates::Template::Parse("{{ query \"x\" | len }}").value());
  Start({rule});
  const auto outcome = Answer(Due(), promql::Vector(limits::kAlertsPerRule + 1), slot_);
  EXPECT_EQ(outcome.next, std::nullopt);
  EXPECT_EQ(engine_->status(0, 0).last_error, "the result has 10001 alerts, more than 10000");
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
}

TEST_F(UpkeepTest, AnAlertLinksItsRuleAndNotWhatItsTemplatesAsked) {
  config::Rule rule = Alerting("A");
  rule.annotation_templates.emplace_back(
      "text", templates::Template::Parse("{{ query \"x\" | len }}").value());
  Start({rule});
  const auto asks = Answer(Due(), kTrue, slot_);
  const auto done = Answer(*asks.next, kTrue, slot_);
  ASSERT_THAT(done.send, SizeIs(1));
  EXPECT_EQ(done.send[0].generator_url, GraphUrl("http://wf", "A > 0"));
}

}  // namespace
}  // namespace watchfire::rules
