// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/gate.h"

#include <gtest/gtest.h>

#include "pkg/slo/budgets_fixture.h"
#include "pkg/slo/period.h"
#include "pkg/slo/policy.h"

namespace watchfire::slo {
namespace {

constexpr WallTime kNow = WallTime(std::chrono::seconds(1'000'000'000));

Budget At(double remaining) {
  const config::Slo slo = WithPolicy();
  Budget budget;
  budget.remaining = remaining;
  budget.known_at = kNow;
  budget.fresh_until = kNow + std::chrono::minutes(15);
  budget.steps = std::make_shared<const std::vector<PolicyStep>>(StepsOf(slo));
  budget.step = StepAt(slo, *budget.steps, remaining);
  return budget;
}

bool Allows(double remaining, Purpose purpose) {
  return JudgeGate(At(remaining), purpose, Unknown::kRefuse, kNow).allow;
}

TEST(GateTest, TheStateDecides) {
  EXPECT_TRUE(Allows(0.6, Purpose::kDeploy));
  EXPECT_TRUE(Allows(0.6, Purpose::kChaos));
  EXPECT_TRUE(Allows(0.3, Purpose::kDeploy));
  EXPECT_FALSE(Allows(0.3, Purpose::kChaos));
  EXPECT_FALSE(Allows(0.1, Purpose::kDeploy));
  EXPECT_FALSE(Allows(-1, Purpose::kDeploy));
  EXPECT_EQ(JudgeGate(At(0.125), Purpose::kDeploy, Unknown::kRefuse, kNow).reason,
            "freeze: 12.5% of the error budget is left");
}

TEST(GateTest, WhatIsNotKnownIsRefusedUnlessAskedOtherwise) {
  const WallTime late = kNow + std::chrono::minutes(15) + Duration(1);
  GateVerdict verdict = JudgeGate(At(0.9), Purpose::kDeploy, Unknown::kRefuse, late);
  EXPECT_FALSE(verdict.allow);
  EXPECT_EQ(verdict.reason, "nothing is known of the error budget since 2001-09-09T01:46:40Z");
  verdict = JudgeGate(At(0.9), Purpose::kDeploy, Unknown::kLastKnown, late);
  EXPECT_TRUE(verdict.allow);
  EXPECT_NE(verdict.reason, "");
  EXPECT_FALSE(JudgeGate(At(0.1), Purpose::kDeploy, Unknown::kLastKnown, late).allow)
      << "what was refused before stays so";
  Budget never;
  EXPECT_FALSE(JudgeGate(never, Purpose::kDeploy, Unknown::kRefuse, kNow).allow);
  EXPECT_TRUE(JudgeGate(never, Purpose::kDeploy, Unknown::kLastKnown, kNow).allow);
}

TEST(GateTest, AShareWithoutAStateIsNotKnown) {
  Budget budget = At(0.9);
  budget.step.reset();
  const GateVerdict verdict = JudgeGate(budget, Purpose::kDeploy, Unknown::kRefuse, kNow);
  EXPECT_FALSE(verdict.allow) << "the state of another policy, restored";
  EXPECT_NE(verdict.reason, "");
  EXPECT_TRUE(JudgeGate(budget, Purpose::kDeploy, Unknown::kLastKnown, kNow).allow);
}

TEST(GateTest, ACalendarSaysUntilWhen) {
  config::CalendarPeriod month;
  month.start = cctz::civil_second(2001, 1, 1);
  EXPECT_EQ(FormatRfc3339(PeriodEnd(month, kNow), 0), "2001-10-01T00:00:00Z");
  EXPECT_EQ(PeriodStart(month, PeriodEnd(month, kNow)), PeriodEnd(month, kNow));
}

}  // namespace
}  // namespace watchfire::slo
