// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that wait for a least number of events.

#include <memory>
#include <string>
#include <utility>

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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

config::Slo Quiet() {
  config::Slo slo =
      Cart("sum(rate(errors_total[{{.window}}]))", "sum(rate(requests_total[{{.window}}]))");
  slo.min_total = 10;
  slo.min_bad = 2;
  return slo;
}

// Answers every question of a round with the same events, and returns what is sent.
class LeastTest : public ::testing::Test {
 protected:
  void Use(config::Slo slo) {
    engine_ = std::make_unique<Engine>(std::vector{std::move(slo)},
                                       EngineOptions{minutes(1), minutes(1), "http://wf", {}});
    engine_->Due(kBeforeRounds + milliseconds(1));
  }
  std::vector<alert::Alert> Round(double bad, double total) {
    const WallTime now = *engine_->next_slot();
    std::vector<alert::Alert> sent;
    for (const Query& query : engine_->Due(now)) {
      last_expr_ = query.expr;
      promql::Vector answer = {{{{"watchfire_side", "total"}}, now, total}};
      if (bad > 0) answer.push_back({{{"watchfire_side", "bad"}}, now, bad});
      for (alert::Alert& alert : engine_->OnResult(query, std::move(answer), now).send) {
        sent.push_back(std::move(alert));
      }
    }
    return sent;
  }
  bool IsFiring() const { return engine_->status(0).page_firing; }

  std::unique_ptr<Engine> engine_;
  std::string last_expr_;
};

TEST_F(LeastTest, FewEventsArePagedOnlyOnceThereAreEnough) {
  Use(Quiet());
  Round(1, 1);
  EXPECT_FALSE(IsFiring()) << "all of one request";
  Round(1, 10);
  EXPECT_FALSE(IsFiring()) << "one bad one of ten";
  Round(9, 9);
  EXPECT_FALSE(IsFiring()) << "nine of nine";
  EXPECT_THAT(Round(2, 10), SizeIs(1));
  EXPECT_TRUE(IsFiring());
  const Reading& reading = engine_->status(0).readings.at(0);
  EXPECT_EQ(reading.labels, labels::LabelSet());
  EXPECT_DOUBLE_EQ(reading.error_ratio.at(hours(1)), 0.2);
  EXPECT_EQ(reading.events.at(hours(1)), (Events{2, 10}));
  Round(1, 10);
  EXPECT_FALSE(IsFiring());
  EXPECT_THAT(engine_->status(0).least_error, IsEmpty());
}

TEST_F(LeastTest, BothSidesAreAskedInOneQuestion) {
  Use(Quiet());
  Round(0, 10);
  EXPECT_THAT(last_expr_, HasSubstr("errors_total"));
  EXPECT_THAT(last_expr_, HasSubstr("requests_total"));
  EXPECT_EQ(engine_->status(0).last_error, "");
  EXPECT_DOUBLE_EQ(engine_->status(0).readings.at(0).error_ratio.at(hours(1)), 0)
      << "an error that never happened is none";
}

TEST_F(LeastTest, WhatCannotBeCountedIsNotKeptBack) {
  config::Slo slo = Quiet();
  slo.error_query = slo.total_query = "";
  slo.error_ratio_query = "checkout:slow:ratio_rate{{.window}}";
  Use(slo);
  const WallTime now = *engine_->next_slot();
  for (const Query& query : engine_->Due(now)) {
    engine_->OnResult(query, promql::Vector{{{}, now, 1}}, now);
  }
  EXPECT_TRUE(IsFiring());
  EXPECT_THAT(engine_->status(0).least_error, testing::Not(IsEmpty()));
}

TEST_F(LeastTest, AReloadThatAsksForEventsWaitsForThem) {
  config::Slo before = Quiet();
  before.min_total = before.min_bad = 0;
  Use(before);
  const std::unique_ptr<Engine> old = std::move(engine_);
  const WallTime now = *old->next_slot();
  for (const Query& query : old->Due(now)) {
    old->OnResult(query, promql::Vector{{{}, now, 0}}, now);
  }
  Use(Quiet());
  engine_->AdoptState(*old);
  Round(9, 9);
  EXPECT_FALSE(IsFiring());
}

}  // namespace
}  // namespace watchfire::slo
