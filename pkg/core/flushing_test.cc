// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How many groups a storm has flushed at once: enough for every receiver to be busy, and no group
// waits for a receiver that hangs.

#include <string>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::milliseconds;

class FlushingTest : public CoreTest, public testing::WithParamInterface<config::Delivery> {
 protected:
  FlushingTest() : CoreTest(Config()) {}

  static std::shared_ptr<config::Config> Config() {
    auto config = TestConfig();
    config->route.group_by = {"alertname"};
    config->route.delivery = GetParam();
    return config;
  }
  // So many groups of one alert each, which are due by now.
  void Storm(int groups) {
    AlertsArrived arrived;
    for (int i = 0; i < groups; ++i) {
      alert::Alert alert;
      alert.labels = labels::LabelSet{{"alertname", "Down" + std::to_string(i)}};
      alert.starts_at = alert.updated_at = now_.wall;
      alert.ends_at = now_.wall + minutes(60);
      arrived.alerts.push_back(std::move(alert));
    }
    arrived.firing = static_cast<size_t>(groups);
    Step({std::move(arrived)});
    Commit();
    WaitFor(seconds(30));
  }
  void WaitFor(Duration span) {
    now_.mono += span;
    now_.wall += span;
    Step();
    Commit();
  }
  size_t UnderWay() { return Read(kViewStats)->stats->deliveries; }

  size_t answered_ = 0;
};

TEST_P(FlushingTest, WhatIsUnderWayIsBoundedWhileReceiversAnswer) {
  Storm(2000);
  size_t most = 0;
  for (int turn = 0; turn < 10'000 && attempts_.size() < 2000; ++turn) {
    most = std::max(most, UnderWay());
    for (size_t i = answered_; i < attempts_.size(); ++i) {
      Attempted outcome;
      outcome.id = attempts_[i].id;
      Step({outcome});
    }
    answered_ = attempts_.size();
    const auto next = core_->next_deadline(now_);
    ASSERT_TRUE(next);
    WaitFor(std::max<Duration>(*next - now_.mono, Duration::zero()));
  }
  EXPECT_EQ(attempts_.size(), 2000U);
  EXPECT_LE(most, 512U + 3 * 64U) << "and what is flushed every 5 ms until the store has answered";
  EXPECT_GE(most, 448U);
}

TEST_P(FlushingTest, AReceiverThatHangsHoldsUpNoGroup) {
  Storm(2000);
  EXPECT_LE(UnderWay(), 512U);
  for (int turn = 0; turn < 40 && UnderWay() < 2000; ++turn) WaitFor(milliseconds(5));
  EXPECT_EQ(UnderWay(), 2000U) << "64 every 5 ms";
  // While they hang, another group is flushed when it is due.
  Fire("Other", "critical");
  WaitFor(seconds(30));
  EXPECT_EQ(UnderWay(), 2001U);
}

INSTANTIATE_TEST_SUITE_P(Deliveries, FlushingTest, BothDeliveries(), DeliveryName);

}  // namespace
}  // namespace watchfire::core
