// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What error budgets, and the states of SLOs, show to Prometheus.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/telemetry/budget_for_test.h"
#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

const WallTime kAt = FromNanos(1'790'000'000'000'000'000);

std::string Exposed(const slo::Budget& budget, WallTime at, const slo::SloStatus& status = {},
                    const std::optional<slo::Holding>& excluded = {}) {
  auto config = std::make_shared<config::Config>();
  config::Slo& slo = config->slos.emplace_back();
  slo.id = "shop-paid";
  slo.service = "shop";
  slo.objective = 99;
  core::View view;
  view.at = at;
  view.config = config;
  view.slos = {status};
  view.counting.resize(1);
  view.budgets = {budget};
  view.excluded = {excluded};
  view.stats.emplace();
  return Render(view, ProcessStats());
}

std::string Line(const std::string& name, const std::string& more, const std::string& value) {
  return "watchfire_slo_" + name + "{slo=\"shop-paid\",service=\"shop\"" + more + "} " + value +
         "\n";
}

TEST(BudgetTest, ShowsWhatThePolicySays) {
  const std::string text = Exposed(HalfABudget(kAt), kAt);
  EXPECT_THAT(text, HasSubstr(Line("policy_state", ",state=\"normal\"", "1")));
  EXPECT_THAT(text, HasSubstr(Line("policy_state", ",state=\"exhausted\"", "0")));
  EXPECT_THAT(text, HasSubstr(Line("error_budget_remaining_seconds", "", "12960")));
  EXPECT_THAT(text, HasSubstr(Line("error_budget_remaining_events", "", "150")));
  EXPECT_THAT(text, HasSubstr(Line("error_budget_exhaustion_seconds", "", "+Inf")));
}

TEST(BudgetTest, ShowsThatThereIsNoData) {
  slo::SloStatus status;
  EXPECT_THAT(Exposed(slo::Budget(), kAt, status), HasSubstr(Line("no_data", "", "0")));
  status.no_data_since = kAt;
  EXPECT_THAT(Exposed(slo::Budget(), kAt, status), HasSubstr(Line("no_data", "", "1")));
}

TEST(BudgetTest, ShowsThatItsEventsCannotBe) {
  slo::SloStatus status;
  EXPECT_THAT(Exposed(slo::Budget(), kAt, status), HasSubstr(Line("impossible", "", "0")));
  status.ratio_error = "1h window: more bad events than events: 150%";
  EXPECT_THAT(Exposed(slo::Budget(), kAt, status), HasSubstr(Line("impossible", "", "1")));
}

TEST(BudgetTest, ShowsWhatDoesNotCount) {
  EXPECT_THAT(Exposed(HalfABudget(kAt), kAt), HasSubstr(Line("excluded", "", "0")));
  EXPECT_THAT(Exposed(HalfABudget(kAt), kAt, {}, slo::Holding{3, "disks", "ada", kAt}),
              HasSubstr(Line("excluded", "", "1")));
}

TEST(BudgetTest, WhatIsNotKnownIsNotShown) {
  const std::string text = Exposed(HalfABudget(kAt), kAt + Duration(1));
  EXPECT_THAT(text, HasSubstr(Line("policy_state", ",state=\"normal\"", "1"))) << "the state holds";
  EXPECT_THAT(text, Not(HasSubstr("watchfire_slo_error_budget_remaining_seconds{")));
  EXPECT_THAT(text, Not(HasSubstr("watchfire_slo_error_budget_remaining_events{")));
  EXPECT_THAT(text, Not(HasSubstr("watchfire_slo_error_budget_exhaustion_seconds{")));
  EXPECT_THAT(Exposed(slo::Budget(), kAt),
              HasSubstr(Line("error_budget_timestamp_seconds", "", "0")));
}

}  // namespace
}  // namespace watchfire::telemetry
