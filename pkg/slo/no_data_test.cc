// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs without data: what fires ends, is held, or somebody is told.

#include "pkg/slo/no_data.h"

#include <functional>
#include <limits>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/engine_fixture.h"
#include "pkg/slo/generate.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

config::Slo Cart(config::NoData policy) {
  config::Slo slo = slo::Cart();
  slo.labels = labels::LabelSet{{"team", "basket"}};
  slo.page.annotations =
      labels::LabelSet{{"runbook", "https://wiki/cart"}, {"burns", "{{ $value }}"}};
  slo.no_data = policy;
  return slo;
}

using Answer = std::function<Result<promql::Vector>(Duration window)>;

Answer Ratio(double value) {
  return [value](Duration) { return promql::Vector{{{}, kBeforeRounds, value}}; };
}
Result<promql::Vector> Nothing(Duration) { return promql::Vector(); }
Result<promql::Vector> Down(Duration) { return Fail(Code::kUnavailable, "no answer"); }

class NoDataTest : public ::testing::Test {
 protected:
  void Start(const config::Slo& slo) {
    engine_ = Make(slo);
    engine_->Due(now_ + milliseconds(1));  // Finds the first slot.
  }
  void Restart(const config::Slo& slo) {
    Start(slo);
    if (stored_) EXPECT_TRUE(engine_->Restore({Table::kSlo, slo.id, stored_}));
  }
  void Reload(const config::Slo& slo) {
    const std::unique_ptr<Engine> old = std::exchange(engine_, Make(slo));
    engine_->AdoptState(*old);
  }
  // Returns what is sent in a round.
  std::vector<alert::Alert> Round(const Answer& answer) {
    now_ = *engine_->next_slot();
    std::vector<alert::Alert> sent;
    for (const Query& query : engine_->Due(now_)) {
      Engine::Outcome outcome = engine_->OnResult(query, answer(query.window), now_);
      for (alert::Alert& alert : outcome.send) sent.push_back(std::move(alert));
      for (Record& record : outcome.records) stored_ = std::move(record.value);
    }
    return sent;
  }
  // Rounds of `answer` until something is sent, but no more than an hour.
  std::vector<alert::Alert> UntilSent(const Answer& answer) {
    for (int i = 0; i < 60; ++i) {
      std::vector<alert::Alert> sent = Round(answer);
      if (!sent.empty()) return sent;
    }
    return {};
  }
  bool Pages() const { return engine_->status(0).page_firing; }
  bool Tells() const { return engine_->status(0).no_data_firing; }

  std::unique_ptr<Engine> engine_;
  std::optional<std::string> stored_;
  WallTime now_ = kBeforeRounds;

 private:
  static std::unique_ptr<Engine> Make(const config::Slo& slo) {
    return std::make_unique<Engine>(std::vector{slo},
                                    EngineOptions{minutes(1), minutes(1), "http://wf", {}});
  }
};

TEST_F(NoDataTest, WhatFiresEndsUnlessTheFileSaysOtherwise) {
  for (const Answer& none : {Answer(Nothing), Ratio(kNaN)}) {
    Start(Cart(config::NoData::kOk));
    Round(Ratio(0.5));
    EXPECT_TRUE(Pages());
    Round(none);
    EXPECT_FALSE(Pages());
    EXPECT_EQ(engine_->status(0).no_data_since, now_);
    for (int i = 0; i < 60; ++i) Round(none);
    EXPECT_FALSE(Tells());
  }
}

TEST_F(NoDataTest, WhatFiresIsHeldForAWhile) {
  for (const Answer& none : {Answer(Nothing), Ratio(kNaN)}) {
    Start(Cart(config::NoData::kHold));
    Round(Ratio(0.5));
    for (int i = 0; i < 10; ++i) {
      for (const alert::Alert& alert : Round(none)) EXPECT_GT(alert.ends_at, now_);
      ASSERT_TRUE(Pages()) << i;
    }
    const std::vector<alert::Alert> ended = Round(none);
    ASSERT_THAT(ended, SizeIs(1));
    EXPECT_EQ(ended[0].ends_at, now_);
    EXPECT_FALSE(Pages());
  }
}

TEST_F(NoDataTest, WhatIsKnownToBeWellIsNotHeld) {
  Start(Cart(config::NoData::kHold));
  Round(Ratio(0.5));
  Round(Nothing);
  EXPECT_TRUE(Pages());
  Round(Ratio(0));
  EXPECT_FALSE(Pages());

  Round(Ratio(0.5));
  const auto short_is_empty = [](double of_long) {
    return [of_long](Duration window) -> Result<promql::Vector> {
      if (window == minutes(5)) return promql::Vector();
      return promql::Vector{{{}, kBeforeRounds, of_long}};
    };
  };
  Round(short_is_empty(0.5));
  EXPECT_TRUE(Pages());
  Round(short_is_empty(0));
  EXPECT_FALSE(Pages()) << "the long window says that it is over";
  for (int i = 0; i < 20; ++i) Round(short_is_empty(0.5));
  EXPECT_FALSE(Pages()) << "nothing begins for want of data";
}

TEST_F(NoDataTest, DataThatBurnsBeginsTheTimeAnew) {
  Start(Cart(config::NoData::kHold));
  Round(Ratio(0.5));
  for (int i = 0; i < 9; ++i) Round(Nothing);
  Round(Ratio(0.5));
  for (int i = 0; i < 10; ++i) Round(Nothing);
  EXPECT_TRUE(Pages());
}

TEST_F(NoDataTest, ARestartDoesNotHoldForLonger) {
  config::Slo slo = Cart(config::NoData::kHold);
  slo.no_data_for = minutes(20);
  Start(slo);
  Round(Ratio(0.5));
  Round(Nothing);
  const WallTime since = now_;
  for (int i = 0; i < 9; ++i) Round(Nothing);
  Restart(slo);
  Round(Nothing);
  EXPECT_TRUE(Pages());
  while (Pages() && now_ < since + hours(1)) Round(Nothing);
  EXPECT_EQ(now_, since + minutes(20));
}

TEST_F(NoDataTest, AnAlertTellsOfIt) {
  Start(Cart(config::NoData::kAlert));
  Round(Ratio(0.5));
  EXPECT_TRUE(Pages());
  Round(Nothing);
  const WallTime since = now_;
  EXPECT_FALSE(Pages()) << "its own alerts end";
  std::vector<alert::Alert> told;
  while (!Tells() && now_ < since + hours(1)) told = Round(Nothing);
  EXPECT_EQ(now_, since + minutes(10));
  const auto is_it = [](const alert::Alert& one) {
    return one.labels.Get("alertname") == kNoDataAlertName;
  };
  const auto found = std::ranges::find_if(told, is_it);
  ASSERT_NE(found, told.end());
  EXPECT_EQ(found->labels, (labels::LabelSet{{"alertname", "SLONoData"},
                                             {"service", "shop"},
                                             {"severity", "warning"},
                                             {"slo", "cart"},
                                             {"sloth_id", "shop-cart"},
                                             {"sloth_service", "shop"},
                                             {"sloth_slo", "cart"},
                                             {"team", "basket"}}));
  EXPECT_EQ(found->starts_at, now_);
  EXPECT_EQ(found->active_at, since);
  EXPECT_EQ(found->annotations.Get("runbook"), "https://wiki/cart");
  EXPECT_EQ(found->annotations.Get("burns"), "") << "nothing burns";
  EXPECT_THAT(found->annotations.Get("summary"), HasSubstr("shop cart: no events over 5m"));
  EXPECT_EQ(found->generator_url,
            "http://wf/graph?g0.expr=%28e%5B5m%5D%29+%2F+%28t%5B5m%5D%29&g0.tab=1");
  EXPECT_THAT(engine_->status(0).firing, IsEmpty()) << "no burn rate does";

  for (int i = 0; i < 5; ++i) {
    for (const alert::Alert& alert : Round(Down)) {
      if (is_it(alert)) EXPECT_GT(alert.ends_at, now_) << "what failed says nothing";
    }
  }
  EXPECT_TRUE(Tells());
  const std::vector<alert::Alert> ended = Round(Ratio(0));
  EXPECT_FALSE(Tells());
  const auto end = std::ranges::find_if(ended, is_it);
  ASSERT_NE(end, ended.end());
  EXPECT_EQ(end->ends_at, now_);
  EXPECT_EQ(engine_->status(0).no_data_since, kNoTime);
}

TEST_F(NoDataTest, QueriesThatFailAreNoMissingData) {
  Start(Cart(config::NoData::kAlert));
  EXPECT_THAT(UntilSent(Down), IsEmpty());
  EXPECT_EQ(engine_->status(0).no_data_since, kNoTime);
}

TEST_F(NoDataTest, DataInBetweenBeginsTheTimeAnew) {
  Start(Cart(config::NoData::kAlert));
  for (int i = 0; i < 9; ++i) Round(Nothing);
  Round(Ratio(0));
  for (int i = 0; i < 9; ++i) EXPECT_THAT(Round(Nothing), IsEmpty());
  EXPECT_FALSE(Tells());
}

TEST_F(NoDataTest, RestartsAndReloadsDoNotBeginTheTimeAnew) {
  config::Slo slo = Cart(config::NoData::kAlert);
  Start(slo);
  Round(Nothing);
  const WallTime since = now_;
  for (int i = 0; i < 4; ++i) Round(Nothing);
  Restart(slo);
  for (int i = 0; i < 2; ++i) Round(Nothing);
  EXPECT_FALSE(Tells());
  slo.labels = labels::LabelSet{{"team", "cart"}};
  Reload(slo);
  ASSERT_THAT(UntilSent(Nothing), SizeIs(1));
  EXPECT_EQ(now_, since + minutes(10));
  Restart(slo);
  EXPECT_TRUE(Tells());
  Round(Nothing);
  EXPECT_TRUE(Tells());
  slo.no_data = config::NoData::kOk;
  Reload(slo);
  Round(Nothing);
  EXPECT_FALSE(Tells()) << "nobody wants to hear of it any more";
}

TEST_F(NoDataTest, OfGroupsAllMustBeWithoutData) {
  Start(Cart(config::NoData::kAlert));
  const auto groups = [](double one, double other) {
    return [one, other](Duration) -> Result<promql::Vector> {
      return promql::Vector{{labels::LabelSet{{"region", "eu"}}, kBeforeRounds, one},
                            {labels::LabelSet{{"region", "us"}}, kBeforeRounds, other}};
    };
  };
  EXPECT_THAT(UntilSent(groups(0, kNaN)), IsEmpty());
  const std::vector<alert::Alert> told = UntilSent(groups(kNaN, kNaN));
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_FALSE(told[0].labels.Has("region"));
}

TEST(NoDataForTest, IsNoShorterThanAnOutageWouldTake) {
  config::Slo slo = Cart(config::NoData::kAlert);
  EXPECT_EQ(NoDataFor(slo), minutes(10)) << "51.84 s would be too hasty";
  slo.objective = 95;
  EXPECT_EQ(NoDataFor(slo), seconds(2592));  // 14.4 · 5 % of an hour.
  slo.page.hold = minutes(2);
  EXPECT_EQ(NoDataFor(slo), seconds(2712));
  slo.no_data = config::NoData::kHold;
  EXPECT_EQ(NoDataFor(slo), minutes(10));
  slo.no_data = config::NoData::kAlert;
  slo.objective = 90;
  EXPECT_EQ(NoDataFor(slo), minutes(10)) << "it can never fire";
  slo.no_data_for = minutes(1);
  EXPECT_EQ(NoDataFor(slo), minutes(1));
}

TEST(NoDataRuleTest, IsGenerated) {
  const Generated generated = GenerateRules({Cart(config::NoData::kAlert)}, {});
  EXPECT_THAT(generated.json,
              HasSubstr("\"alert\":\"SLONoData\",\"expr\":\"absent(slo:sli_error:ratio_rate5m"
                        "{sloth_id=\\\"shop-cart\\\", sloth_service=\\\"shop\\\", "
                        "sloth_slo=\\\"cart\\\"} >= 0)\",\"for\":\"10m\""));
  EXPECT_THAT(GenerateRules({Cart(config::NoData::kHold)}, {}).json,
              testing::Not(HasSubstr("no-data-alerts")));
}

}  // namespace
}  // namespace watchfire::slo
