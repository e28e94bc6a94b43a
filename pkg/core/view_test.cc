// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/view.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

constexpr size_t kMany = 10'000;  // More rows than are made in a step.

class ViewTest : public CoreTest {
 protected:
  ViewTest() {
    Step({Alerts("Slow", "warning", 0, kMany)});
    Commit();
    Look(kViewAlerts);
    StepUntilReplied(100);
    // Each has been made; from now on all that changes has to be made anew.
    Change();
    replies_.clear();
  }

  AlertsArrived Alerts(const std::string& name, const std::string& severity, size_t first,
                       size_t count) const {
    AlertsArrived arrived;
    for (size_t i = first; i < first + count; ++i) {
      alert::Alert alert;
      alert.labels = labels::LabelSet{
          {"alertname", name}, {"service", "s" + std::to_string(i)}, {"severity", severity}};
      alert.starts_at = alert.updated_at = now_.wall;
      alert.ends_at = now_.wall + minutes(60);
      arrived.alerts.push_back(std::move(alert));
    }
    arrived.firing = count;
    return arrived;
  }
  // What inhibits others changes what readers see of all.
  void Change() { Step({Alerts("Down", "critical", changes_++, 1)}); }
  void Look(unsigned parts) { Step({ViewRequest{RequestId{++looks_}, parts}}); }
  // Returns after how many steps.
  int StepUntilReplied(int most) {
    int steps = 0;
    for (; replies_.empty() && steps < most; ++steps) Step();
    return steps;
  }
  size_t Rows(const View& view) const {
    size_t rows = 0;
    for (const auto& shard : view.alerts) rows += shard == nullptr ? 0 : shard->size();
    return rows;
  }

  uint64_t looks_ = 0;
  size_t changes_ = 0;
};

TEST_F(ViewTest, OfManyAlertsIsMadeInSeveralSteps) {
  Look(kViewAlerts);
  EXPECT_THAT(replies_, testing::IsEmpty());
  EXPECT_EQ(core_->next_deadline(now_), now_.mono) << "the next step is at once";
  EXPECT_FALSE(core_->idle());
  const int steps = StepUntilReplied(100);
  EXPECT_GE(steps, 2);
  EXPECT_LE(steps, 5);
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(Rows(*replies_[0].view), kMany + 1);

  replies_.clear();
  Look(kViewAlerts);
  EXPECT_EQ(replies_.size(), 1U) << "nothing has changed since";
}

// A reader who waits sees what was answered to others meanwhile, and all of one moment.
TEST_F(ViewTest, HoldsWhatCameWhileItWasMade) {
  Look(kViewAlerts);
  Step({Alerts("Late", "warning", 0, 1)});
  const AlertsArrived late = Alerts("Late", "warning", 0, 1);
  Look(kViewGroups);
  StepUntilReplied(100);
  ASSERT_EQ(replies_.size(), 2U) << "whoever came later is answered together with the first";
  for (const Reply& reply : replies_) {
    EXPECT_EQ(Rows(*reply.view), kMany + 2);
    EXPECT_NE(reply.view->Find(late.alerts[0].fingerprint()), nullptr);
  }
  EXPECT_FALSE(replies_[1].view->groups.empty());
}

TEST_F(ViewTest, OfManyGroupsIsMadeInSeveralSteps) {
  Look(kViewAlerts);
  const int steps = StepUntilReplied(100);
  replies_.clear();
  Change();
  Look(kViewGroups);
  EXPECT_GT(StepUntilReplied(100), steps) << "each alert has a group of its own";
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(Rows(*replies_[0].view), kMany + changes_);
  size_t groups = 0;
  for (const auto& shard : replies_[0].view->groups) groups += shard->size();
  EXPECT_EQ(groups, kMany);
}

TEST_F(ViewTest, WithoutAlertsWaitsForNone) {
  Look(kViewAlerts);
  Look(kViewIncidents);
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(replies_[0].to, RequestId{looks_});
}

TEST_F(ViewTest, IsMadeThoughAllChangesAllTheTime) {
  Look(kViewAlerts);
  for (int steps = 0; replies_.empty() && steps < 40; ++steps) Change();
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(Rows(*replies_[0].view), kMany + changes_);
}

}  // namespace
}  // namespace watchfire::core
