// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerting rules of a group that are asked together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/rules/rules.h"

namespace watchfire::rules {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));

// A name in small letters is that of a recording rule.
config::Rule Rule(const std::string& name, const std::string& annotation = "") {
  config::Rule rule;
  (name[0] >= 'a' ? rule.record : rule.alert) = name;
  rule.expr = name;
  if (!annotation.empty()) {
    rule.annotation_templates.emplace_back("text", templates::Template::Parse(annotation).value());
  }
  return rule;
}

class TogetherTest : public ::testing::Test {
 protected:
  void Start(std::vector<config::Rule> rules, size_t together) {
    config::RuleGroup group;
    group.file = "rules.yml";
    group.name = "main";
    group.rules = std::move(rules);
    EngineOptions options;
    options.writes = true;
    options.together = together;
    engine_.emplace(std::vector{group}, options);
    engine_->Due(kStart);
    slot_ = *engine_->next_slot();
  }

  std::vector<std::string> Due(WallTime at) { return Take(engine_->Due(at)); }

  // Answers what was asked by `expr`; returns what is asked then.
  std::vector<std::string> Answer(const std::string& expr, Result<promql::Vector> result = One(),
                                  WallTime at = kNoTime) {
    const Query query = asked_.at(expr);
    asked_.erase(expr);
    outcome_ = engine_->OnResult(query, std::move(result), at == kNoTime ? slot_ : at, took_);
    return Asks(outcome_);
  }

  std::vector<std::string> Written() { return Asks(engine_->OnWritten(outcome_.write, {}, slot_)); }

  static promql::Vector One() { return {{{}, kStart, 1}}; }
  static Result<promql::Vector> Down() { return Fail(Code::kUnavailable, "connection refused"); }

  std::optional<Engine> engine_;
  WallTime slot_ = kNoTime;
  Duration took_ = milliseconds(3);
  Engine::Outcome outcome_;

 private:
  std::vector<std::string> Take(const std::vector<Query>& queries) {
    std::vector<std::string> exprs;
    for (const Query& query : queries) {
      exprs.emplace_back(query.expr.view());
      asked_[exprs.back()] = query;
    }
    return exprs;
  }

  std::vector<std::string> Asks(const Engine::Outcome& outcome) {
    std::vector<Query> queries;
    if (outcome.next) queries.push_back(*outcome.next);
    EXPECT_TRUE(outcome.next || outcome.more.empty());
    queries.insert(queries.end(), outcome.more.begin(), outcome.more.end());
    return Take(queries);
  }

  std::map<std::string, Query> asked_;
};

TEST_F(TogetherTest, EachAnswerMakesRoomForOneMoreInAnyOrder) {
  Start({Rule("A"), Rule("B"), Rule("C"), Rule("D")}, 2);
  EXPECT_THAT(Due(slot_), ElementsAre("A", "B"));
  EXPECT_THAT(Answer("B"), ElementsAre("C"));
  EXPECT_THAT(outcome_.send, SizeIs(1));  // It does not wait for A.
  EXPECT_THAT(Answer("C"), ElementsAre("D"));
  EXPECT_THAT(Answer("D"), IsEmpty());
  // One is awaited: the pass goes on, and what its alerts are is not written yet.
  EXPECT_THAT(outcome_.write.samples, IsEmpty());
  EXPECT_EQ(engine_->next_slot(), std::nullopt);
  EXPECT_THAT(Due(slot_ + minutes(1)), IsEmpty());
  EXPECT_THAT(Answer("A"), IsEmpty());
  EXPECT_THAT(outcome_.write.rules, ElementsAre(1, 2, 3, 0));
  EXPECT_THAT(outcome_.write.samples, SizeIs(8));
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
  EXPECT_EQ(engine_->stats()[0].evaluations, 4U);
}

TEST_F(TogetherTest, ARecordingRuleIsAskedAlone) {
  Start({Rule("A"), Rule("B"), Rule("r"), Rule("C"), Rule("D"), Rule("s")}, 4);
  EXPECT_THAT(Due(slot_), ElementsAre("A", "B"));
  EXPECT_THAT(Answer("B"), IsEmpty());  // A may read what r had made.
  EXPECT_THAT(Answer("A"), ElementsAre("r"));
  EXPECT_THAT(Answer("r"), IsEmpty());
  EXPECT_TRUE(outcome_.write.is_awaited);
  EXPECT_THAT(Written(), ElementsAre("C", "D"));
  EXPECT_THAT(Answer("C"), IsEmpty());
  EXPECT_THAT(Answer("D"), ElementsAre("s"));
}

TEST_F(TogetherTest, WhatFailedIsAskedAgainInItsOrder) {
  Start({Rule("A"), Rule("B"), Rule("C")}, 3);
  EXPECT_THAT(Due(slot_), ElementsAre("A", "B", "C"));
  Answer("C", Down());
  Answer("B");
  Answer("A", Down());
  EXPECT_THAT(Due(slot_ + seconds(6)), ElementsAre("A", "C"));
}

TEST_F(TogetherTest, WhatOnesTemplatesAskDoesNotHoldUpTheOthers) {
  Start({Rule("A", "{{ query \"q\" | first | value }}"), Rule("B"), Rule("C")}, 2);
  EXPECT_THAT(Due(slot_), ElementsAre("A", "B"));
  EXPECT_THAT(Answer("A"), ElementsAre("q"));
  EXPECT_THAT(Answer("B"), ElementsAre("C"));
  EXPECT_THAT(Answer("q"), IsEmpty());
  ASSERT_THAT(outcome_.send, SizeIs(1));
  EXPECT_EQ(outcome_.send[0].annotations, (labels::LabelSet{{"text", "1"}}));
  EXPECT_THAT(Answer("C"), IsEmpty());
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
}

TEST_F(TogetherTest, TimeThatTwoTookTogetherIsCountedOnce) {
  Start({Rule("A"), Rule("B"), Rule("C")}, 3);
  Due(slot_);
  took_ = seconds(4);
  Answer("A", One(), slot_ + seconds(4));
  took_ = seconds(5);
  Answer("B", One(), slot_ + seconds(5));
  took_ = seconds(2);
  Answer("C", One(), slot_ + seconds(9));  // It had to wait for a connection.
  EXPECT_EQ(engine_->stats()[0].last_duration, seconds(7));
  EXPECT_EQ(engine_->status(0, 1).evaluation_time, seconds(5));
}

TEST_F(TogetherTest, AnAnswerThatNobodyAwaitsHasNoEffect) {
  Start({Rule("A"), Rule("B"), Rule("C")}, 2);
  const std::vector<Query> due = engine_->Due(slot_);
  ASSERT_THAT(due, SizeIs(2));
  engine_->OnResult(due[0], One(), slot_, took_);
  const auto again = engine_->OnResult(due[0], One(), slot_, took_);
  EXPECT_EQ(again.next, std::nullopt);
  EXPECT_EQ(engine_->stats()[0].evaluations, 1U);
}

}  // namespace
}  // namespace watchfire::rules
