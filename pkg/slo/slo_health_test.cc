// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// When it is told that an SLO fails, and that it works again.

#include <functional>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/engine_fixture.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SloHealthTest : public ::testing::Test {
 protected:
  void Start(config::Slo slo) {
    const std::unique_ptr<Engine> old = std::move(engine_);
    engine_ = std::make_unique<Engine>(std::vector{std::move(slo)},
                                       EngineOptions{minutes(1), minutes(1), "http://wf", {}});
    if (old) engine_->AdoptState(*old);
    engine_->Due(old ? now_ : kBeforeRounds + milliseconds(1));
  }
  // A round in which the questions about `failing` fail, and the others are answered `ratio`.
  std::vector<HealthChange> Round(const std::set<Duration>& failing, double ratio = 0) {
    now_ = *engine_->next_slot();
    std::vector<HealthChange> told;
    for (const Query& query : engine_->Due(now_)) {
      Result<promql::Vector> answer = promql::Vector{{{}, now_, ratio}};
      if (failing.contains(query.window)) answer = Fail(Code::kUnavailable, "no answer");
      for (HealthChange& change : engine_->OnResult(query, std::move(answer), now_).health) {
        told.push_back(std::move(change));
      }
    }
    return told;
  }

  std::unique_ptr<Engine> engine_;
  WallTime now_ = kBeforeRounds;
};

TEST_F(SloHealthTest, ABeginningAndAnEndAreToldAndNothingBetween) {
  Start(Cart());
  EXPECT_THAT(Round({}), IsEmpty());
  const std::vector<HealthChange> began = Round({minutes(5), hours(1)});
  ASSERT_THAT(began, SizeIs(1)) << "one line, however many windows";
  EXPECT_EQ(began[0].error, "5m window: no answer");
  EXPECT_EQ(began[0].expr, "(e[5m]) / (t[5m])");
  EXPECT_EQ(began[0].at, now_);
  EXPECT_THAT(Round({minutes(5)}), IsEmpty());
  EXPECT_THAT(Round({hours(1)}), IsEmpty()) << "another window, but it fails still";
  const std::vector<HealthChange> ended = Round({});
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_EQ(ended[0].error, "");
  EXPECT_THAT(Round({}), IsEmpty());
}

TEST_F(SloHealthTest, EventsThatCannotBeAreToldOnce) {
  Start(Cart());
  EXPECT_THAT(Round({}, 0.5), IsEmpty());
  EXPECT_THAT(Round({}, 1.005), IsEmpty()) << "rates are extrapolated";
  const std::vector<HealthChange> began = Round({}, -0.5);
  ASSERT_THAT(began, SizeIs(1));
  EXPECT_TRUE(began[0].of_ratio);
  EXPECT_EQ(began[0].error, "1h window: more good events than events: 150%");
  EXPECT_EQ(began[0].at, now_);
  EXPECT_EQ(engine_->status(0).ratio_error, began[0].error);
  EXPECT_THAT(Round({}, 2), IsEmpty()) << "otherwise, but wrong still";
  EXPECT_EQ(engine_->status(0).ratio_error, "1h window: more bad events than events: 200%");
  ASSERT_THAT(Round({hours(1)}), SizeIs(1)) << "that it fails";
  EXPECT_NE(engine_->status(0).ratio_error, "") << "nothing else is known";
  const std::vector<HealthChange> ended = Round({});
  ASSERT_THAT(ended, SizeIs(2));
  EXPECT_TRUE(ended[1].of_ratio);
  EXPECT_EQ(ended[1].error, "");
  EXPECT_EQ(engine_->status(0).ratio_error, "");
}

TEST_F(SloHealthTest, AReloadTellsOfOtherQueriesAnew) {
  Start(Cart());
  ASSERT_THAT(Round({minutes(5)}), SizeIs(1));
  config::Slo slo = Cart();
  slo.objective = 99;
  Start(slo);
  EXPECT_THAT(Round({minutes(5)}), IsEmpty()) << "it is known";
  slo.error_query = "wrong[{{.window}}]";
  Start(slo);
  EXPECT_THAT(Round({minutes(5)}), SizeIs(1));
}

}  // namespace
}  // namespace watchfire::slo
