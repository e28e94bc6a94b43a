// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/policy.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/budgets_fixture.h"
#include "pkg/slo/burn.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::slo {
namespace {

using testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<std::string> StatesOf(const config::Slo& slo) {
  std::vector<std::string> states;
  for (const PolicyStep& step : StepsOf(slo)) states.push_back(step.state);
  return states;
}

std::string StateAt(const config::Slo& slo, double remaining) {
  const std::vector<PolicyStep> steps = StepsOf(slo);
  return steps[StepAt(slo, steps, remaining)].state;
}

TEST(PolicyTest, TheGuidesFourLevelsAreFourStates) {
  const config::Slo slo = WithPolicy();
  const std::vector<PolicyStep> steps = StepsOf(slo);
  EXPECT_THAT(StatesOf(slo), ElementsAre("normal", "caution", "freeze", "exhausted"));
  EXPECT_TRUE(steps[0].allows_deploy && steps[0].allows_chaos && steps[0].severity.empty());
  EXPECT_TRUE(steps[1].allows_deploy && !steps[1].allows_chaos);
  EXPECT_TRUE(!steps[2].allows_deploy && !steps[3].allows_deploy);
  EXPECT_EQ(steps[1].severity + steps[2].severity + steps[3].severity, "infowarningwarning");
  EXPECT_EQ(StateAt(slo, 0.51), "normal");
  EXPECT_EQ(StateAt(slo, 0.5), "caution");
  EXPECT_EQ(StateAt(slo, 0.2), "caution");
  EXPECT_EQ(StateAt(slo, 0.19), "freeze");
  EXPECT_EQ(StateAt(slo, 0), "exhausted");
  EXPECT_EQ(StateAt(slo, -3), "exhausted");
}

TEST(PolicyTest, TheOrderInTheFileDoesNotMatter) {
  config::Slo slo = WithPolicy();
  std::swap(slo.levels[0], slo.levels[3]);
  std::swap(slo.levels[1], slo.levels[2]);
  EXPECT_THAT(StatesOf(slo), ElementsAre("normal", "caution", "freeze", "exhausted"));
  EXPECT_EQ(StateAt(slo, 0.3), "caution");
  EXPECT_EQ(StateAt(slo, 0), "exhausted");
}

TEST(PolicyTest, WhatNoConditionSpeaksOfGoesOnAsWithMore) {
  config::Slo slo = WithPolicy();
  slo.levels = {slo.levels[1]};  // Between 0.2 and 0.5.
  EXPECT_THAT(StatesOf(slo), ElementsAre("normal", "freeze"));
  EXPECT_EQ(StateAt(slo, 0.9), "normal");
  EXPECT_EQ(StateAt(slo, 0.3), "freeze");
  EXPECT_EQ(StateAt(slo, -1), "freeze") << "an overspent budget is no reason to go on as ever";
}

TEST(PolicyTest, OfOverlappingConditionsTheNarrowestHolds) {
  config::Slo slo = WithPolicy();
  const config::BudgetLevel exhausted = slo.levels[3];
  slo.levels = {{"budget_remaining < 0.5", -kInfinity, 0.5, false, true, false, {"Slow"}},
                {"budget_remaining < 0.2", -kInfinity, 0.2, false, true, false, {"Fixes only"}},
                exhausted};
  EXPECT_THAT(StatesOf(slo), ElementsAre("normal", "caution", "freeze", "exhausted"));
  EXPECT_EQ(StateAt(slo, 0.9), "normal");
  EXPECT_EQ(StateAt(slo, 0.3), "caution");
  EXPECT_EQ(StateAt(slo, 0.1), "freeze");
  EXPECT_EQ(StateAt(slo, -1), "exhausted");
  EXPECT_EQ(LevelAt(slo, 0.1)->condition, "budget_remaining < 0.2");
  slo.levels = {{"budget_remaining > 0.2", 0.2, kInfinity, true, false, false, {"Slow"}},
                {"budget_remaining > 0.5", 0.5, kInfinity, true, false, false, {"Go on"}}};
  EXPECT_THAT(StatesOf(slo), ElementsAre("normal", "freeze"));
  EXPECT_EQ(StateAt(slo, 1), "normal");
  EXPECT_EQ(StateAt(slo, 0.3), "freeze");
  EXPECT_EQ(StateAt(slo, 0.1), "freeze");
}

// Conditions with bounds of a coarse grid, all that files can say.
std::vector<config::BudgetLevel> AllLevels() {
  std::vector<config::BudgetLevel> all;
  for (const double low : {-kInfinity, 0.0, 0.25, 0.5, 0.75, 1.0}) {
    for (const double high : {0.0, 0.25, 0.5, 0.75, 1.0, kInfinity}) {
      for (const unsigned excludes : {0U, 1U, 2U, 3U}) {
        if (low > high || (low == high && excludes != 0)) continue;
        const bool excludes_low = (excludes & 1) != 0;
        all.push_back({"c", low, high, excludes_low, (excludes & 2) != 0, false, {"x"}});
      }
    }
  }
  return all;
}

TEST(PolicyTest, LessIsNeverBetterAndAWholeBudgetIsNormalWhateverTheConditions) {
  const std::vector<config::BudgetLevel> all = AllLevels();
  config::Slo slo = WithPolicy();
  const config::BudgetLevel exhausted = slo.levels[3];
  for (const config::BudgetLevel& a : all) {
    for (const config::BudgetLevel& b : all) {
      slo.levels = {a, b, exhausted};
      const std::vector<PolicyStep> steps = StepsOf(slo);
      size_t last = StepAt(slo, steps, 1);
      ASSERT_EQ(last, 0U) << a.low << ".." << a.high << ", " << b.low << ".." << b.high;
      for (int i = 16; i >= -4; --i) {
        const size_t now = StepAt(slo, steps, i / 16.0);
        ASSERT_GE(now, last) << a.low << ".." << a.high << ", " << b.low << ".." << b.high << " at "
                             << i / 16.0;
        last = now;
      }
      for (const PolicyStep& step : steps) ASSERT_NE(step.severity, "critical");
    }
  }
}

TEST(PolicyTest, AnSloWithoutPolicyIsNormalUntilItsBudgetIsSpent) {
  config::Slo slo = WithPolicy();
  slo.levels.clear();
  EXPECT_THAT(StatesOf(slo), ElementsAre("normal", "exhausted"));
  EXPECT_EQ(StateAt(slo, 0.01), "normal");
  EXPECT_EQ(StateAt(slo, 0), "exhausted");
}

TEST(PolicyTest, WhatGetsWorseDoesAtOnceAndWhatGetsBetterNeedsAMargin) {
  const config::Slo slo = WithPolicy();
  const std::vector<PolicyStep> steps = StepsOf(slo);
  EXPECT_EQ(NextStep(slo, steps, std::nullopt, 0.3), 1U);
  EXPECT_EQ(NextStep(slo, steps, 0, 0.4999), 1U);
  EXPECT_EQ(NextStep(slo, steps, 1, 0.5001), 1U);
  EXPECT_EQ(NextStep(slo, steps, 1, 0.519), 1U);
  EXPECT_EQ(NextStep(slo, steps, 1, 0.521), 0U);
  EXPECT_EQ(NextStep(slo, steps, 3, 0.01), 3U);
  EXPECT_EQ(NextStep(slo, steps, 3, 1), 0U) << "a new month begins with all of it";
  EXPECT_EQ(NextStep(slo, steps, 0, -5, /*may_worsen=*/false), 0U);
  EXPECT_EQ(NextStep(slo, steps, std::nullopt, -5, /*may_worsen=*/false), 0U);
  EXPECT_EQ(NextStep(slo, steps, 3, 0.9, /*may_worsen=*/false), 0U);
}

TEST(PolicyTest, ABudgetThatWaversChangesItsStateOnce) {
  const config::Slo slo = WithPolicy();
  const std::vector<PolicyStep> steps = StepsOf(slo);
  size_t step = 0;
  int changes = 0;
  for (int i = 0; i < 100; ++i) {
    const size_t next = NextStep(slo, steps, step, i % 2 == 0 ? 0.495 : 0.505);
    changes += next != step;
    step = next;
  }
  EXPECT_EQ(changes, 1);
}

TEST(PolicyTest, EveryStateThatHoldsSomewhereCanBeLeftAgain) {
  config::Slo slo = WithPolicy();
  slo.levels[0].low = 0.995;  // The margin shrinks where more could never be left.
  slo.levels[1].high = 0.995;
  const std::vector<PolicyStep> steps = StepsOf(slo);
  for (size_t from = 0; from < steps.size(); ++from) {
    for (size_t to = 0; to < steps.size(); ++to) {
      bool reached = false;
      for (int i = -10; i <= 1000; ++i) reached |= NextStep(slo, steps, from, i / 1000.0) == to;
      EXPECT_TRUE(reached) << from << " → " << to;
    }
  }
}

TEST(PolicyTest, SaysHowLongABudgetLasts) {
  config::Slo slo = WithPolicy();
  const WallTime at = ParseTime("2026-12-02T00:00:00Z").value();
  EXPECT_EQ(ProjectionWindow(slo), std::chrono::hours(24));
  EXPECT_EQ(ExhaustedIn(slo, 0.5, 1, at), std::chrono::hours(24 * 15));
  EXPECT_EQ(ExhaustedIn(slo, 0, 0, at), Duration::zero());
  EXPECT_EQ(ExhaustedIn(slo, 0.5, 0, at), std::nullopt);
  EXPECT_EQ(ExhaustedIn(slo, 0.5, 1e-9, at), std::nullopt);
  // As the minutes that are left of it: December has 31 days.
  slo.calendar = {config::CalendarPeriod::Unit::kMonth, 1, cctz::civil_second(2020, 1, 1),
                  timeinterval::ParseLocation("UTC").value()};
  EXPECT_EQ(ExhaustedIn(slo, 0.5, 1, at), std::chrono::hours(12 * 31));
}

}  // namespace
}  // namespace watchfire::slo
