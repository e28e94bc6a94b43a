// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How often a budget was used up (metric M9).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/budgets_engine_fixture.h"

namespace watchfire::slo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using BreachesTest = BudgetsTest;

TEST_F(BreachesTest, AnEpisodeEndsWhenAHundredthIsLeft) {
  Left(0.3);
  EXPECT_THAT(budget().breaches, IsEmpty());
  Left(-0.1);
  const WallTime first = budget().known_at;
  Left(0.005);  // Across zero and back: the same one.
  Left(-0.2);
  EXPECT_THAT(budget().breaches, ElementsAre(first));
  Left(0.011);
  Left(0);
  EXPECT_THAT(budget().breaches, SizeIs(2));
  EXPECT_EQ(budget().breach_count, 2U);
}

TEST_F(BreachesTest, TheyOutliveARestartAndAReload) {
  Left(-0.1);
  Restart(slo_);
  EXPECT_EQ(budget().breach_count, 1U);
  Left(-0.1);
  EXPECT_EQ(budget().breach_count, 1U) << "it goes on";
  Left(0.5);
  Left(-0.1);
  Reload(slo_);
  EXPECT_EQ(budget().breach_count, 2U);
  EXPECT_TRUE(budget().is_breached);
}

TEST_F(BreachesTest, SoManyTimesAreKept) {
  for (size_t i = 0; i < limits::kBudgetBreaches + 5; ++i) {
    Left(-1);
    Left(0.5);
  }
  EXPECT_THAT(budget().breaches, SizeIs(limits::kBudgetBreaches));
  EXPECT_EQ(budget().breach_count, limits::kBudgetBreaches + 5);
  Restart(slo_);
  EXPECT_THAT(budget().breaches, SizeIs(limits::kBudgetBreaches));
}

// A window of the calendar is missed once, whatever better traffic makes of the ratio.
TEST_F(BreachesTest, ACalendarPeriodIsMissedOnce) {
  config::CalendarPeriod month;
  month.unit = config::CalendarPeriod::Unit::kMonth;
  month.start = cctz::civil_second(2001, 1, 1);
  slo_.calendar = month;
  now_ = WallTime(std::chrono::seconds(1'000'771'200));  // The 18th of September 2001.
  Reload(slo_);
  for (const double left : {-5.0, 0.2, -5.0}) Left(left);  // Of the traffic so far.
  EXPECT_EQ(budget().breach_count, 1U);
  now_ += std::chrono::hours(24 * 20);  // October, and its settling time is over.
  Left(0.9);
  Left(-20);
  EXPECT_EQ(budget().breach_count, 2U);
}

}  // namespace
}  // namespace watchfire::slo
