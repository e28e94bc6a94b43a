// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The engine while time does not count: alerts in both modes, and budgets where events are counted.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::SizeIs;

constexpr int64_t kStart = 20'000 * 1440;
constexpr Duration kPeriod = hours(6);

WallTime At(int64_t minute) { return WallTime(minutes(minute)); }

config::Slo MakeSlo() {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = 99;
  slo.period = kPeriod;
  slo.error_query = "sum(increase(bad[{{.window}}]))";
  slo.total_query = "sum(increase(all[{{.window}}]))";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  return slo;
}

// An engine of one SLO, and a Prometheus of which 100 events a minute are known, `bad_` of them bad
// while `bad_from_` <= minute < `bad_until_`.
class ExcludedEngineTest : public ::testing::Test {
 protected:
  void Use(bool incremental, config::Slo slo = MakeSlo()) {
    EngineOptions options;
    options.external_url = "http://wf";
    options.spread = false;
    options.incremental = incremental;
    options.books.spread = false;
    options.books.increments.growth = GrowthQuery::kIncrease;
    options.exclusions = &exclusions_;
    options.daily = daily_;
    slos_ = {slo};
    engine_ = std::make_unique<Engine>(slos_, std::move(options));
  }
  Events Truth(int64_t from, int64_t to) const {
    Events sum;
    for (int64_t minute = from; minute < to; ++minute) {
      sum += Events{minute >= bad_from_ && minute < bad_until_ ? bad_ : 0.0, 100};
    }
    return sum;
  }
  Result<promql::Vector> Answer(const Query& query) const {
    if (is_down_) return Fail(Code::kUnavailable, "connection refused");
    const size_t open = query.expr.find('[');
    const Duration window =
        ParseDuration(query.expr.substr(open + 1, query.expr.find(']') - open - 1)).value();
    if (query.question == 0) {
      const int64_t end = MinuteAt(query.slot - seconds(30));
      const Events events = Truth(end - window / minutes(1), end);
      return promql::Vector{{{}, query.slot, events.bad / events.total}};
    }
    const bool is_bad = query.expr.find("(all[") == std::string::npos;
    promql::Vector out;
    const WallTime from = query.step > Duration::zero() ? query.from : query.slot;
    for (WallTime at = from; at <= query.slot; at += std::max(query.step, Duration(1))) {
      const Events events = Truth(MinuteAt(at - window), MinuteAt(at));
      out.push_back({{}, at, is_bad ? events.bad : events.total});
    }
    return out;
  }
  // Up to some time after the minute has been decided on.
  void Run(int64_t minute) {
    const WallTime until = At(minute) + seconds(50);
    while (true) {
      const auto next = engine_->next_slot();
      if (!next || *next > until) break;
      now_ = std::max(now_, *next);
      const std::vector<Query> due = engine_->Due(now_);
      Take(engine_->TakeOutcome());
      for (const Query& query : due) Take(engine_->OnResult(query, Answer(query), now_));
      engine_->TakeRecords(now_);
    }
    now_ = until;
  }
  void Take(Engine::Outcome outcome) {
    for (alert::Alert& alert : outcome.send) {
      if (alert.name() != "CartBurns") continue;
      alert.Resolved(now_) ? ++resolved_ : ++sent_;
    }
  }
  uint64_t Exclude(int64_t from, int64_t to) {
    const auto written =
        exclusions_.Add(slos_, {{"shop-cart"}, "", At(from), At(to), "new disks", "ada"}, now_);
    EXPECT_TRUE(written.has_value()) << written.error().message;
    return written ? written->id : 0;
  }
  bool IsFiring() const { return engine_->status(0).page_firing; }
  std::optional<double> Left() const {
    const std::vector<Reading>& readings = engine_->status(0).readings;
    return readings.empty() ? std::nullopt : Engine::BudgetRemaining(MakeSlo(), readings[0]);
  }
  std::optional<double> RatioOver(Duration window) const {
    const std::vector<Reading>& readings = engine_->status(0).readings;
    if (readings.empty() || !readings[0].error_ratio.contains(window)) return std::nullopt;
    return readings[0].error_ratio.at(window);
  }

  double bad_ = 100;
  int64_t bad_from_ = kStart + 60;
  int64_t bad_until_ = kStart + 80;
  bool is_down_ = false;
  bool daily_ = false;
  Exclusions exclusions_;
  std::vector<config::Slo> slos_;
  std::unique_ptr<Engine> engine_;
  WallTime now_ = At(kStart) - seconds(10);
  int sent_ = 0;
  int resolved_ = 0;
};

TEST_F(ExcludedEngineTest, WithoutAnExclusionTheOutagePages) {
  for (const bool incremental : {false, true}) {
    now_ = At(kStart) - seconds(10);
    Use(incremental);
    Run(kStart + 75);
    EXPECT_TRUE(IsFiring()) << incremental;
    Run(kStart + 100);
    EXPECT_FALSE(IsFiring()) << incremental;
    EXPECT_LT(Left().value_or(1), 0) << incremental;
  }
}

TEST_F(ExcludedEngineTest, CountedEventsDoNotCountAndCountAgainOnceItIsTakenBack) {
  Use(true);
  Run(kStart + 30);
  const uint64_t id = Exclude(kStart + 60, kStart + 80);
  Run(kStart + 100);
  EXPECT_EQ(sent_, 0);
  EXPECT_THAT(engine_->counting(0).counted, SizeIs(3));
  EXPECT_DOUBLE_EQ(Left().value_or(-1), 1);
  EXPECT_DOUBLE_EQ(RatioOver(hours(1)).value_or(-1), 0);
  ASSERT_TRUE(exclusions_.End(id, "bo", now_));
  Run(kStart + 101);
  // 20 minutes of 360 were bad, and 1 % of them is the budget.
  EXPECT_NEAR(Left().value_or(1), 1 - (20.0 / 360) / 0.01, 1e-6);
  EXPECT_NEAR(RatioOver(hours(1)).value_or(0), 20.0 / 60, 1e-6);
}

TEST_F(ExcludedEngineTest, WhatIsPastCanBeExcluded) {
  Use(true);
  Run(kStart + 70);
  EXPECT_TRUE(IsFiring());
  Exclude(kStart + 60, kStart + 80);
  Run(kStart + 71);
  EXPECT_FALSE(IsFiring()) << "nothing that counts was bad";
  EXPECT_EQ(resolved_, 1);
  EXPECT_DOUBLE_EQ(Left().value_or(-1), 1);
}

TEST_F(ExcludedEngineTest, ExactModeIsMutedUntilItsShortWindowIsClear) {
  Use(false);
  Run(kStart + 30);
  Exclude(kStart + 60, kStart + 80);
  Run(kStart + 79);
  EXPECT_FALSE(IsFiring());
  EXPECT_GT(RatioOver(minutes(5)).value_or(0), 0.9) << "what Prometheus says is told";
  Run(kStart + 84);
  EXPECT_FALSE(IsFiring()) << "its last errors are in the window of five minutes";
  Run(kStart + 120);
  EXPECT_EQ(sent_, 0);
  EXPECT_LT(Left().value_or(1), 0) << "budgets cannot leave out what is not counted";
}

TEST_F(ExcludedEngineTest, WhatGoesOnAfterwardsPages) {
  for (const bool incremental : {false, true}) {
    now_ = At(kStart) - seconds(10);
    bad_until_ = kStart + 200;
    exclusions_ = Exclusions();
    Use(incremental);
    Run(kStart + 30);
    Exclude(kStart + 60, kStart + 80);
    Run(kStart + 80);
    EXPECT_FALSE(IsFiring()) << incremental;
    Run(kStart + 92);
    EXPECT_TRUE(IsFiring()) << incremental;
  }
}

TEST_F(ExcludedEngineTest, TheFirstMinuteAfterwardsIsNoHour) {
  Use(true);
  bad_from_ = kStart + 130;
  bad_until_ = kStart + 131;
  Run(kStart + 30);
  Exclude(kStart + 60, kStart + 130);
  // All that counts of the hour is this minute, and it is bad.
  Run(kStart + 132);
  EXPECT_DOUBLE_EQ(RatioOver(hours(1)).value_or(0), 1);
  Run(kStart + 150);
  EXPECT_EQ(sent_, 0);
}

TEST_F(ExcludedEngineTest, WhatFiresIsHeldWhileNothingCounts) {
  Use(true);
  Run(kStart + 70);
  ASSERT_TRUE(IsFiring());
  Exclude(kStart + 72, kStart + 120);
  Run(kStart + 119);
  EXPECT_TRUE(IsFiring()) << "whether it is over nobody knows";
  EXPECT_EQ(resolved_, 0);
  Run(kStart + 122);
  EXPECT_FALSE(IsFiring());
  EXPECT_EQ(resolved_, 1);
}

TEST_F(ExcludedEngineTest, WhatIsHeldStaysHeldWhenPrometheusIsAway) {
  config::Slo slo = MakeSlo();
  // Of a whole day an answer is good for a while, and not asked at each round.
  slo.page_windows = {{hours(24), minutes(5), 0.5}};
  bad_until_ = kStart + 200;
  Use(true, slo);
  Run(kStart + 150);
  ASSERT_TRUE(IsFiring());
  const uint64_t id = Exclude(kStart + 152, kStart + 2000);
  Run(kStart + 1650);
  EXPECT_TRUE(IsFiring()) << "nothing of the day counts";
  is_down_ = true;
  Run(kStart + 1653);
  EXPECT_TRUE(IsFiring());
  // What counts now is not known.
  ASSERT_TRUE(exclusions_.End(id, "bo", now_));
  Run(kStart + 1655);
  EXPECT_TRUE(IsFiring());
  EXPECT_EQ(resolved_, 0);
  is_down_ = false;
  Run(kStart + 1665);
  EXPECT_FALSE(IsFiring());
}

TEST_F(ExcludedEngineTest, ASilentAlertThatWaitsBeginsAnew) {
  config::Slo slo = MakeSlo();
  slo.page.hold = minutes(10);
  bad_until_ = kStart + 200;
  Use(false, slo);
  Run(kStart + 72);
  EXPECT_FALSE(IsFiring()) << "it waits";
  Exclude(kStart + 70, kStart + 80);
  Run(kStart + 94);
  EXPECT_FALSE(IsFiring());
  Run(kStart + 99);
  EXPECT_TRUE(IsFiring());
}

TEST_F(ExcludedEngineTest, ASchedulesMinutesDoNotCount) {
  config::Slo slo = MakeSlo();
  timeinterval::TimeInterval times;
  times.times = timeinterval::Ranges{{60, 80}};  // kStart is a midnight.
  slo.excluded = {{"deploys", {times}}};
  Use(true, slo);
  Run(kStart + 110);
  EXPECT_EQ(sent_, 0);
  EXPECT_DOUBLE_EQ(Left().value_or(-1), 1);
}

// Only the evenings count, of which a day never has more than a quarter.
TEST_F(ExcludedEngineTest, ASlowBurnInTheHoursThatCountIsNotKeptBackForGood) {
  config::Slo slo = MakeSlo();
  timeinterval::TimeInterval times;
  times.times = timeinterval::Ranges{{0, 18 * 60}};
  slo.excluded = {{"by-day", {times}}};
  slo.period = hours(24);
  slo.page_windows = {{hours(24), hours(1), 1}};
  bad_ = 2;
  bad_from_ = kStart - 3 * 1440;
  bad_until_ = kStart + 3 * 1440;
  Use(true, slo);
  Run(kStart + 18 * 60 - 1);
  EXPECT_EQ(sent_, 0);
  Run(kStart + 18 * 60 + 10);
  EXPECT_TRUE(IsFiring());
}

// Whenever it is said: before the day is counted, afterwards, and when it is taken back.
TEST_F(ExcludedEngineTest, TheHistorysDaysLeaveItOut) {
  daily_ = true;
  config::Slo slo = MakeSlo();
  slo.period = hours(48);
  Use(true, slo);
  const auto day = [this]() -> Events {
    const auto& days = engine_->budget(0).days;
    if (days == nullptr || days->back().day != kStart / 1440) return {};
    return {days->back().bad, days->back().total};
  };
  Run(kStart + 30);
  Exclude(kStart + 60, kStart + 70);
  Run(kStart + 1440 + 20);
  EXPECT_EQ(day(), (Events{1000, 143000}));
  const uint64_t later = Exclude(kStart + 70, kStart + 80);
  Run(kStart + 1440 + 22);
  EXPECT_EQ(day(), (Events{0, 142000}));
  ASSERT_TRUE(exclusions_.End(later, "bo", now_));
  Run(kStart + 1440 + 24);
  EXPECT_EQ(day(), (Events{1000, 143000}));
}

TEST_F(ExcludedEngineTest, LeastNumbersOfEventsAreOfThoseThatCount) {
  config::Slo slo = MakeSlo();
  slo.min_bad = 1000;
  bad_from_ = kStart + 70;
  bad_until_ = kStart + 200;
  Use(true, slo);
  Run(kStart + 30);
  Exclude(kStart + 60, kStart + 80);
  Run(kStart + 90);
  const Reading& reading = engine_->status(0).readings.at(0);
  EXPECT_EQ(reading.events.at(hours(1)), (Events{900, 4000}));
  EXPECT_FALSE(IsFiring()) << "it burns, and ten minutes more of it do not count";
  Run(kStart + 91);
  EXPECT_TRUE(IsFiring());
}

}  // namespace
}  // namespace watchfire::slo
