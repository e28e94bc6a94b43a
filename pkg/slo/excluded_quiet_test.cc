// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is quiet besides burn rates while time does not count: missing data, and policies of budgets
// that exact PromQL is asked for.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/slo/budgets_fixture.h"
#include "pkg/slo/engine_fixture.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

using Answer = std::function<promql::Vector(Duration window)>;

promql::Vector Nothing(Duration) { return {}; }
Answer Ratio(double value) {
  return [value](Duration) { return promql::Vector{{{}, kBeforeRounds, value}}; };
}

class ExcludedQuietTest : public ::testing::Test {
 protected:
  void Start(const config::Slo& slo) {
    slos_ = {slo};
    engine_ = Make();
    engine_->Due(now_ + milliseconds(1));  // Finds the first slot.
  }
  void Reload() {
    const std::unique_ptr<Engine> old = std::exchange(engine_, Make());
    engine_->AdoptState(*old);
  }
  void Round(const Answer& answer, Duration later = {}) {
    now_ = std::max(now_ + later, *engine_->next_slot());
    for (const Query& query : engine_->Due(now_)) {
      engine_->OnResult(query, answer(query.window), now_);
    }
  }
  void Exclude(Duration span) {
    const auto written =
        exclusions_.Add(slos_, {{slos_[0].id}, "", now_, now_ + span, "new disks", "ada"}, now_);
    ASSERT_TRUE(written.has_value()) << written.error().message;
  }
  const SloStatus& Now() const { return engine_->status(0); }
  // What is told of the budget.
  double Left() const { return engine_->budget(0).remaining.value_or(-9); }

  Exclusions exclusions_;
  std::vector<config::Slo> slos_;
  std::unique_ptr<Engine> engine_;
  WallTime now_ = kBeforeRounds;

 private:
  std::unique_ptr<Engine> Make() const {
    EngineOptions options{minutes(1), minutes(1), "http://wf", {}};
    options.spread = false;
    options.exclusions = &exclusions_;
    return std::make_unique<Engine>(slos_, std::move(options));
  }
};

config::Slo TellsOfNoData() {
  config::Slo slo = Cart();
  slo.no_data = config::NoData::kAlert;
  slo.no_data_for = minutes(10);
  return slo;
}

TEST_F(ExcludedQuietTest, NobodyWaitsForDataMeanwhile) {
  Start(TellsOfNoData());
  Exclude(minutes(30));
  const WallTime end = now_ + minutes(30);
  while (now_ < end + minutes(10)) {
    Round(Nothing);
    EXPECT_FALSE(Now().no_data_firing);
    if (now_ < end) EXPECT_EQ(Now().no_data_since, kNoTime);
  }
  // From then on as ever.
  EXPECT_GE(Now().no_data_since, end);
  Round(Nothing, minutes(2));
  EXPECT_TRUE(Now().no_data_firing);
}

TEST_F(ExcludedQuietTest, WaitingForDataBeginsAnew) {
  Start(TellsOfNoData());
  for (int i = 0; i < 8; ++i) Round(Nothing);
  EXPECT_NE(Now().no_data_since, kNoTime);
  Exclude(minutes(5));
  for (int i = 0; i < 12; ++i) Round(Nothing);
  EXPECT_FALSE(Now().no_data_firing) << "of the twenty minutes seven or less count";
  Round(Nothing, minutes(10));
  EXPECT_TRUE(Now().no_data_firing);
}

TEST_F(ExcludedQuietTest, ThatThereIsNoDataIsHeldUntilThereIs) {
  Start(TellsOfNoData());
  for (int i = 0; i < 12; ++i) Round(Nothing);
  ASSERT_TRUE(Now().no_data_firing);
  Exclude(minutes(30));
  for (int i = 0; i < 5; ++i) Round(Nothing);
  Reload();
  Round(Nothing);
  EXPECT_TRUE(Now().no_data_firing);
  Round(Ratio(0));
  EXPECT_FALSE(Now().no_data_firing);
}

TEST_F(ExcludedQuietTest, WindowsThatAreNotClearHideNoneThatAre) {
  config::Slo slo = Cart();
  slo.page_windows = {{hours(6), minutes(30), 6}, {hours(1), minutes(5), 14.4}};
  Start(slo);
  Exclude(minutes(20));
  const WallTime end = now_ + minutes(20);
  while (now_ < end + minutes(5)) Round(Ratio(1));
  EXPECT_FALSE(Now().page_firing);
  Round(Ratio(1), minutes(2));
  EXPECT_TRUE(Now().page_firing) << "thirty minutes are not clear, but five are";
}

TEST_F(ExcludedQuietTest, APolicyGetsNoWorseMeanwhile) {
  Start(WithPolicy());
  const auto left = [this](double remaining) {
    // The budget itself is asked every six hours while nothing burns.
    Round(
        [&](Duration window) {
          const double ratio = window == slos_[0].period ? (1 - remaining) * 0.001 : 0.0001;
          return promql::Vector{{{}, now_, ratio}};
        },
        hours(7));
  };
  left(0.75);
  EXPECT_NEAR(Left(), 0.75, 1e-9);
  Exclude(hours(24));
  left(-0.5);
  EXPECT_NEAR(Left(), 0.75, 1e-9);
  EXPECT_EQ(engine_->budget(0).state()->state, "normal");
  left(0.9);
  EXPECT_NEAR(Left(), 0.9, 1e-9) << "better it may get";
  left(0.1);
  EXPECT_NEAR(Left(), 0.9, 1e-9);
  left(-0.5);
  EXPECT_NEAR(Left(), -0.5, 1e-9) << "the 24 hours are over";
}

}  // namespace
}  // namespace watchfire::slo
