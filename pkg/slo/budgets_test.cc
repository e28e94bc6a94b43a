// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// States of error budget policies, and their alerts, through the engine.

#include "pkg/slo/budgets.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/budgets_fixture.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));
const EngineOptions kOptions{minutes(1), minutes(1), "http://wf", {{"cluster", "eu"}}};

Result<promql::Vector> Down() { return Fail(Code::kUnavailable, "connection refused"); }

std::unique_ptr<Engine> MakeEngine(const config::Slo& slo) {
  return std::make_unique<Engine>(std::vector<config::Slo>{slo}, kOptions);
}

class BudgetsTest : public testing::Test {
 protected:
  BudgetsTest() : slo_(WithPolicy()), engine_(MakeEngine(slo_)) {
    engine_->Due(now_ + milliseconds(1));
  }

  // Answers each question of the next round so that `remaining` is left; nothing burns.
  void Left(double remaining) {
    Round([&](Duration window) -> Result<promql::Vector> {
      return promql::Vector{{{}, now_, window == slo_.period ? (1 - remaining) * 0.001 : 0.0001}};
    });
  }
  void Round(const std::function<Result<promql::Vector>(Duration)>& answer) {
    // The budget itself is asked every six hours while nothing burns.
    now_ = std::max(now_ + hours(7), *engine_->next_slot());
    Take(engine_->Upkeep(now_));
    for (const Query& query : engine_->Due(now_)) {
      Take(engine_->OnResult(query, answer(query.window), now_));
    }
    for (const Record& record : engine_->TakeRecords(now_)) {
      if (record.key == "\tbudget/shop-cart") stored_ = record;
    }
  }
  void Take(Engine::Outcome outcome) {
    for (alert::Alert& alert : outcome.send) {
      if (alert.name() != kPolicyAlertName) continue;
      said_.push_back(std::string(alert.labels.Get("budget_state")) +
                      (alert.Resolved(now_) ? " over" : " fires"));
      sent_.push_back(std::move(alert));
    }
    for (const BudgetChange& change : outcome.changes) {
      changes_.push_back(change.from + ">" + change.to);
    }
  }
  void Reload(const config::Slo& slo) {
    slo_ = slo;
    std::unique_ptr<Engine> next = MakeEngine(slo_);
    next->AdoptState(*engine_);
    engine_ = std::move(next);
    changes_.clear();
    sent_.clear();
    said_.clear();
    Take(engine_->Upkeep(now_));
  }
  void Restart(const config::Slo& slo) {
    slo_ = slo;
    engine_ = MakeEngine(slo_);
    ASSERT_TRUE(engine_->Restore(*stored_).has_value());
    engine_->Due(now_ + milliseconds(1));
    changes_.clear();
    sent_.clear();
    said_.clear();
  }
  Budget budget() const { return engine_->budget(0); }
  std::string state() const { return budget().step ? std::string(budget().state()->state) : "?"; }
  // What was said of alerts since the last call.
  std::vector<std::string> Sent() {
    sent_.clear();
    return std::exchange(said_, {});
  }

  WallTime now_ = kStart;
  config::Slo slo_;
  std::unique_ptr<Engine> engine_;
  std::vector<alert::Alert> sent_;
  std::vector<std::string> said_;
  std::vector<std::string> changes_;
  std::optional<Record> stored_;
};

using testing::ElementsAre;

TEST_F(BudgetsTest, AStateThatIsNotTheFirstIsAnAlertUntilItIsLeft) {
  Left(0.9);
  EXPECT_EQ(state(), "normal");
  EXPECT_THAT(sent_, IsEmpty());
  EXPECT_THAT(changes_, IsEmpty()) << "that nothing happened is no news";
  Left(0.1);
  EXPECT_THAT(changes_, ElementsAre("normal>freeze"));
  ASSERT_THAT(sent_, SizeIs(1));
  const alert::Alert alert = sent_[0];
  ASSERT_THAT(Sent(), ElementsAre("freeze fires"));
  EXPECT_EQ(alert.labels.ToString(),
            "{alertname=\"SLOErrorBudgetPolicy\", budget_state=\"freeze\", cluster=\"eu\", "
            "service=\"shop\", severity=\"warning\", slo=\"cart\", sloth_id=\"shop-cart\", "
            "team=\"basket\"}");
  EXPECT_EQ(alert.annotations.Get("budget_remaining"), "10%");
  EXPECT_EQ(alert.annotations.Get("budget_actions"), "Fixes only");
  EXPECT_EQ(alert.annotations.Get("budget_policy"), "Shop: budget_remaining < 0.2");
  EXPECT_EQ(alert.annotations.Get("budget_exhausted_in"), "30d");  // A tenth, at a tenth.
  Sent();
  Left(-0.5);
  EXPECT_THAT(Sent(), ElementsAre("freeze fires", "exhausted fires", "freeze over"));
  Sent();
  Left(0.9);
  EXPECT_THAT(Sent(), ElementsAre("exhausted fires", "exhausted over"));
  EXPECT_EQ(engine_->next_upkeep(), std::nullopt);
}

TEST_F(BudgetsTest, WhatIsNotKnownChangesNothing) {
  Left(0.3);
  const WallTime known = budget().known_at;
  Sent();
  for (int i = 0; i < 3; ++i) Round([](Duration) { return Down(); });
  EXPECT_EQ(state(), "caution");
  EXPECT_EQ(budget().known_at, known);
  EXPECT_FALSE(budget().IsFresh(now_));
  for (const std::string& each : Sent()) EXPECT_EQ(each, "caution fires");
  // Prometheus answers, and has no data.
  for (int i = 0; i < 3; ++i) Round([](Duration) { return promql::Vector(); });
  EXPECT_EQ(state(), "caution");
  EXPECT_EQ(budget().known_at, known);
  EXPECT_THAT(changes_, ElementsAre(">caution"));
  Left(0.3);
  EXPECT_TRUE(budget().IsFresh(now_));
}

TEST_F(BudgetsTest, ABudgetThatWasAskedForIsNotKnownWhileNothingAnswers) {
  Left(0.3);
  const WallTime known = budget().known_at;
  now_ += minutes(1);
  now_ = std::max(now_, *engine_->next_slot());
  for (const Query& query : engine_->Due(now_)) {
    ASSERT_NE(query.window, slo_.period) << "it is asked every six hours";
    Take(engine_->OnResult(query, Down(), now_));
  }
  EXPECT_EQ(budget().known_at, known);
}

TEST_F(BudgetsTest, ARestartKeepsTheState) {
  Left(0.3);
  const WallTime since = budget().since;
  Restart(slo_);
  EXPECT_EQ(state(), "caution");
  EXPECT_EQ(budget().since, since);
  Left(0.505);
  EXPECT_EQ(state(), "caution") << "margins, too";
  EXPECT_THAT(changes_, IsEmpty());
  ASSERT_FALSE(sent_.empty());
  EXPECT_EQ(sent_[0].starts_at, since) << "the same alert as before";
}

TEST_F(BudgetsTest, ARestartReliesOnWhatIsStoredOfTheSameBudgetOnly) {
  Left(0.3);
  Restart(slo_);
  EXPECT_TRUE(budget().IsFresh(now_));
  const config::Slo same = slo_;
  const auto expect_doubt = [&](const config::Slo& other, const std::string& why) {
    Restart(other);
    EXPECT_FALSE(budget().IsFresh(now_)) << why;
    EXPECT_EQ(state(), "caution") << why << ": it holds until something is known";
    Restart(same);
  };
  config::Slo other = same;
  other.objective = 99.99;
  expect_doubt(other, "objective");
  other = same;
  other.period = hours(24 * 28);
  expect_doubt(other, "period");
  other = same;
  other.error_query = "other[{{.window}}]";
  expect_doubt(other, "queries");
  other = same;
  other.calendar.emplace();
  expect_doubt(other, "calendar");
  other = same;
  other.levels[1].condition = "budget_remaining between 0.1 and 0.5";
  expect_doubt(other, "condition");
  // A state that the policy does not have.
  other = same;
  other.levels = {same.levels[3]};
  Restart(other);
  EXPECT_EQ(state(), "?");
  EXPECT_FALSE(budget().IsFresh(now_));
  Left(0.3);
  EXPECT_EQ(state(), "normal");
  EXPECT_TRUE(budget().IsFresh(now_));
}

TEST_F(BudgetsTest, ARowThatSaysNoBasisKeepsTheStateAndIsNotReliedOn) {
  Left(0.3);
  std::string& value = *stored_->value;
  const size_t basis = value.find(",\"objective\"");
  ASSERT_NE(basis, std::string::npos);
  value = value.substr(0, basis) + "}";
  Restart(slo_);
  EXPECT_EQ(state(), "caution");
  EXPECT_FALSE(budget().IsFresh(now_));
}

TEST_F(BudgetsTest, ErrorsWithoutAnyEventAreANumberAndComeBack) {
  Round([&](Duration) -> Result<promql::Vector> {
    return promql::Vector{{{}, now_, std::numeric_limits<double>::infinity()}};
  });
  EXPECT_EQ(state(), "exhausted");
  EXPECT_EQ(budget().remaining, -1e6);
  EXPECT_EQ(budget().burn_rate, 1e6);
  const config::Slo gone = slo_;
  config::Slo other = slo_;
  other.id = "shop-other";
  Reload(other);
  Reload(gone);
  EXPECT_EQ(state(), "exhausted");
  Restart(slo_);
  EXPECT_EQ(state(), "exhausted");
}

TEST_F(BudgetsTest, AnAlertOfWhatIsNotKnownForAPeriodEndsOnce) {
  Left(0.3);
  const WallTime known = budget().known_at;
  const auto empty = [](Duration) { return promql::Vector(); };
  while (now_ + hours(8) < known + slo_.period) Round(empty);
  EXPECT_EQ(state(), "caution");
  for (const std::string& each : Sent()) EXPECT_EQ(each, "caution fires");
  changes_.clear();
  for (int i = 0; i < 5; ++i) Round(empty);
  EXPECT_EQ(state(), "?");
  EXPECT_THAT(changes_, ElementsAre("caution>"));
  const std::vector<std::string> sent = Sent();
  EXPECT_EQ(std::ranges::count(sent, "caution over"), 1);
  EXPECT_EQ(sent.back(), "caution over");
  EXPECT_EQ(engine_->next_upkeep(), std::nullopt);
  Restart(slo_);
  EXPECT_EQ(state(), "?");
  Take(engine_->Upkeep(now_));
  EXPECT_THAT(sent_, IsEmpty());
  Left(0.3);
  EXPECT_THAT(changes_, ElementsAre(">caution"));
}

TEST_F(BudgetsTest, ACalendarPeriodWithoutDataBeginsWithAWholeBudget) {
  config::CalendarPeriod month;
  month.unit = config::CalendarPeriod::Unit::kMonth;
  month.start = cctz::civil_second(2001, 1, 1);
  slo_.calendar = month;
  now_ = WallTime(seconds(1'001'548'800));  // The 27th of September 2001, 0:00.
  Reload(slo_);
  const auto empty = [](Duration) { return promql::Vector(); };
  Round(empty);
  EXPECT_EQ(state(), "?") << "where nothing was ever known nothing is";
  Left(-1);
  EXPECT_EQ(state(), "exhausted");
  const WallTime october = WallTime(seconds(1'001'894'400));
  while (now_ + hours(8) < october) Round(empty);
  EXPECT_EQ(state(), "exhausted");
  Sent();
  for (int i = 0; i < 2; ++i) Round([](Duration) { return Down(); });
  EXPECT_EQ(state(), "exhausted") << "nobody has said that there is nothing";
  Round(empty);
  EXPECT_EQ(state(), "normal");
  EXPECT_EQ(budget().remaining, 1.0);
  EXPECT_EQ(Sent().back(), "exhausted over");
}

TEST_F(BudgetsTest, SlosThatAreGoneAreForgottenInTheEnd) {
  Left(0.3);
  config::Slo other = slo_;
  other.id = "shop-other";
  Reload(other);
  const auto deletions = [&] {
    const std::vector<Record> records = engine_->TakeRecords(now_);
    return std::ranges::count_if(records, [](const Record& record) {
      return record.key == "\tbudget/shop-cart" && !record.value;
    });
  };
  now_ += hours(24 * 399);
  EXPECT_EQ(deletions(), 0);
  now_ += hours(24 * 2);
  EXPECT_EQ(deletions(), 1);
  now_ += hours(24 * 2);
  EXPECT_EQ(deletions(), 0);
}

TEST_F(BudgetsTest, AnotherPolicySinceTheLastLifeIsDecidedAnew) {
  Left(0.3);
  config::Slo other = slo_;
  other.levels[0].condition = "budget_remaining > 0.1";
  other.levels[0].low = 0.1;
  other.levels[1].condition = "budget_remaining between 0.05 and 0.1";
  other.levels[1].low = 0.05;
  other.levels[1].high = 0.1;
  Restart(other);
  Left(0.105);
  EXPECT_EQ(state(), "normal");
}

TEST_F(BudgetsTest, AReloadThatChangesNothingForTheStateTellsNobody) {
  Left(0.3);
  const labels::LabelSet labels = sent_[0].labels;
  const WallTime since = budget().since;
  config::Slo other = slo_;
  other.policy = "Renamed";
  other.levels[1].condition = "budget_remaining between 0.25 and 0.5";
  other.levels[1].low = 0.25;
  other.levels[2].condition = "budget_remaining < 0.25";
  other.levels[2].high = 0.25;
  Reload(other);
  EXPECT_EQ(state(), "caution");
  EXPECT_THAT(changes_, IsEmpty());
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_EQ(sent_[0].labels, labels);
  EXPECT_EQ(sent_[0].starts_at, since);
  EXPECT_THAT(Sent(), ElementsAre("caution fires"));
  Left(0.3);
  EXPECT_THAT(changes_, IsEmpty());
}

TEST_F(BudgetsTest, AReloadDecidesByTheNewBoundsWithoutMargins) {
  Left(0.3);
  config::Slo other = slo_;
  other.levels[0].condition = "budget_remaining > 0.29";
  other.levels[0].low = 0.29;
  other.levels[1].condition = "budget_remaining between 0.2 and 0.29";
  other.levels[1].high = 0.29;
  Reload(other);
  EXPECT_EQ(state(), "normal");
  EXPECT_THAT(Sent(), ElementsAre("caution over"));
  Left(0.3);
  EXPECT_EQ(state(), "normal");
}

TEST_F(BudgetsTest, AnotherObjectiveIsAnotherBudgetOfTheSameErrors) {
  Left(0.3);  // 0.07 % were bad.
  config::Slo other = slo_;
  other.objective = 99.8;
  Reload(other);
  EXPECT_NEAR(*budget().remaining, 0.65, 1e-9);
  EXPECT_EQ(state(), "normal");
  // Other queries say nothing of what the old ones did: the state holds, and nothing relies on it.
  other.error_query = "other[{{.window}}]";
  other.objective = 99.9;
  Reload(other);
  EXPECT_EQ(state(), "normal");
  EXPECT_FALSE(budget().IsFresh(now_));
  Left(0.3);
  EXPECT_EQ(state(), "caution");
}

TEST_F(BudgetsTest, AnSloThatIsGoneIsOverAndMayComeBack) {
  Left(0.3);
  const config::Slo gone = slo_;
  const WallTime since = budget().since;
  config::Slo other = slo_;
  other.id = "shop-other";
  Reload(other);
  EXPECT_THAT(Sent(), ElementsAre("caution over"));
  Reload(gone);
  EXPECT_EQ(state(), "caution");
  EXPECT_EQ(budget().since, since);
  EXPECT_THAT(Sent(), ElementsAre("caution fires"));
}

TEST_F(BudgetsTest, WithoutAPolicyThereIsAStateAndNoAlert) {
  slo_.levels.clear();
  slo_.policy.clear();
  Reload(slo_);
  Left(-1);
  EXPECT_EQ(state(), "exhausted");
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(BudgetsTest, ACalendarPeriodsBeginOnlyMakesThingsBetter) {
  config::CalendarPeriod month;
  month.unit = config::CalendarPeriod::Unit::kMonth;
  month.start = cctz::civil_second(2001, 1, 1);
  slo_.calendar = month;
  now_ = WallTime(seconds(999'302'400));  // The first of September 2001.
  Reload(slo_);
  engine_->Due(now_ + milliseconds(1));
  Left(-20);  // At seven.
  EXPECT_EQ(state(), "normal");
  for (int i = 0; i < 4; ++i) Left(-20);
  EXPECT_EQ(state(), "exhausted");
}

TEST_F(BudgetsTest, ATornRowIsCorrupt) {
  Left(0.3);
  for (size_t size = 0; size < stored_->value->size(); ++size) {
    Record torn = *stored_;
    torn.value->resize(size);
    const Status status = MakeEngine(slo_)->Restore(torn);
    ASSERT_FALSE(status.has_value()) << size;
    EXPECT_EQ(status.error().code, Code::kCorrupt);
  }
}

TEST_F(BudgetsTest, TheWorstLabelSetDecides) {
  Round([&](Duration window) -> Result<promql::Vector> {
    const double ratio = window == slo_.period ? 0.0009 : 0.0001;
    return promql::Vector{{{{"zone", "a"}}, now_, 0.0}, {{{"zone", "b"}}, now_, ratio}};
  });
  EXPECT_EQ(state(), "freeze");
  EXPECT_NEAR(*budget().remaining, 0.1, 1e-9);
}

}  // namespace
}  // namespace watchfire::slo
