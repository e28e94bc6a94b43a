// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// States of error budget policies, and their alerts, through the engine.

#include "pkg/slo/budgets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/budgets_engine_fixture.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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
