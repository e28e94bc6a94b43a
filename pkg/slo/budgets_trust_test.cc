// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How far what is known of error budgets is relied on: over restarts, without data, and with data
// that is nonsense.

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/budgets_engine_fixture.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

using BudgetsTrustTest = BudgetsTest;

TEST_F(BudgetsTrustTest, ARestartReliesOnWhatIsStoredOfTheSameBudgetOnly) {
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

TEST_F(BudgetsTrustTest, AReloadDerivesNothingFromWhatIsInDoubt) {
  Left(0.3);
  config::Slo other = slo_;
  other.objective = 99.99;
  Restart(other);
  other.objective = 99.995;
  Reload(other);
  EXPECT_EQ(state(), "caution") << "what is stored was a share of another budget";
  EXPECT_FALSE(budget().IsFresh(now_));
}

TEST_F(BudgetsTrustTest, ARowThatSaysNoBasisKeepsTheStateAndIsNotReliedOn) {
  Left(0.3);
  std::string& value = *stored_->value;
  const size_t basis = value.find(",\"objective\"");
  ASSERT_NE(basis, std::string::npos);
  value = value.substr(0, basis) + "}";
  Restart(slo_);
  EXPECT_EQ(state(), "caution");
  EXPECT_FALSE(budget().IsFresh(now_));
}

TEST_F(BudgetsTrustTest, ErrorsWithoutAnyEventAreANumberAndComeBack) {
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

TEST_F(BudgetsTrustTest, AnAlertOfWhatIsNotKnownForAPeriodEndsOnce) {
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

TEST_F(BudgetsTrustTest, ACalendarPeriodWithoutDataBeginsWithAWholeBudget) {
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

TEST_F(BudgetsTrustTest, SlosThatAreGoneAreForgottenInTheEnd) {
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

}  // namespace
}  // namespace watchfire::slo
