// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/paging_check.h"

#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::minutes;

const WallTime kStart = FromNanos(1'700'000'000'000'000'000);

class PagingCheckTest : public testing::Test {
 protected:
  // Minutes from `from` on, up to and with `until`, each of which cost `lost` of the budget.
  void Run(int from, int until, double lost, const std::string& service = "api") {
    for (int at = from; at <= until; ++at) {
      check_.Look("cart", service, lost, kStart + minutes(at));
      check_.Advance(kStart + minutes(at));
    }
  }
  void Page(int at, const std::string& service = "") { check_.Page(service, kStart + minutes(at)); }
  const PagingCheck::Counts& counts() const { return check_.counts(); }

  PagingCheck check_;
};

TEST_F(PagingCheckTest, PagesAroundALossCoincideAndOthersDoNot) {
  Run(0, 59, 0);
  Page(44);  // A minute too early.
  Page(45);
  Page(65);
  Run(60, 69, 0.002);
  Page(84);
  Page(85);  // A minute too late.
  Run(70, 200, 0);
  EXPECT_EQ(counts().pages_with_loss, 3U);
  EXPECT_EQ(counts().pages_without, 2U);
  EXPECT_EQ(counts().losses_paged, 1U);
  EXPECT_EQ(counts().losses_unpaged, 0U);
}

TEST_F(PagingCheckTest, ALossThatNobodyWasPagedForIsCountedWhenItIsOver) {
  Run(0, 9, 0.002);
  Run(10, 39, 0);
  EXPECT_EQ(counts().losses_unpaged, 0U) << "it may go on";
  Run(40, 40, 0);
  EXPECT_EQ(counts().losses_unpaged, 1U);
  EXPECT_EQ(counts().losses_paged, 0U);
}

TEST_F(PagingCheckTest, ItKnowsSinceWhenAnSloBurns) {
  EXPECT_EQ(check_.BurnsSince("cart"), std::nullopt);
  Run(0, 9, 0);
  EXPECT_EQ(check_.BurnsSince("cart"), std::nullopt);
  Run(10, 30, 0.002);
  EXPECT_EQ(check_.BurnsSince("cart"), kStart + minutes(10));
  EXPECT_EQ(check_.BurnsSince("shop"), std::nullopt);
  Run(31, 62, 0);
  EXPECT_EQ(check_.BurnsSince("cart"), std::nullopt);
}

TEST_F(PagingCheckTest, BurstsWithinHalfAnHourAreOneEpisode) {
  for (int burst = 0; burst < 10; ++burst) {
    Run(30 * burst, 30 * burst + 4, 0.001);
    Run(30 * burst + 5, 30 * burst + 29, 0);
  }
  Run(300, 400, 0);
  EXPECT_EQ(counts().losses_unpaged, 1U) << "of 5 % in all";
}

TEST_F(PagingCheckTest, LessThanAHundredthInAllIsNoLoss) {
  Run(0, 8, 0.001);
  Page(8);
  Run(9, 100, 0);
  EXPECT_EQ(counts().pages_without, 1U);
  EXPECT_EQ(counts().losses_unpaged + counts().losses_paged, 0U);
}

// The alert of a slow burn comes long before 1 % is lost.
TEST_F(PagingCheckTest, APageWaitsUntilItIsKnownWhetherItIsALoss) {
  Run(0, 20, 0.0001);
  Page(20);
  Run(21, 98, 0.0001);
  EXPECT_EQ(counts().pages_with_loss + counts().pages_without, 0U);
  Run(99, 99, 0.0001);
  EXPECT_EQ(counts().pages_with_loss, 1U) << "a hundredth is lost now";
  Page(100);
  Run(100, 140, 0);
  EXPECT_EQ(counts().pages_with_loss, 2U);
}

TEST_F(PagingCheckTest, AServiceWithSlosIsComparedWithTheseAlone) {
  check_.Look("disk", "db", 0, kStart);
  Page(5, "db");
  Page(5, "api");
  Page(5, "unknown");
  Page(5, "");
  Run(0, 10, 0.01, "api");
  Run(11, 60, 0, "api");
  EXPECT_EQ(counts().pages_without, 1U) << "of db, whose budget is whole";
  EXPECT_EQ(counts().pages_with_loss, 3U);
}

TEST_F(PagingCheckTest, WhatIsForgottenIsNotCounted) {
  Run(0, 10, 0.01);
  Page(10);
  check_.Forget();
  Run(11, 100, 0);
  EXPECT_EQ(counts().losses_unpaged + counts().losses_paged, 0U);
  EXPECT_EQ(counts().pages_without, 1U);
}

TEST_F(PagingCheckTest, PagesThatWaitAreBounded) {
  for (size_t i = 0; i < PagingCheck::kPagesMost + 5; ++i) Page(60);
  Run(75, 75, 0);
  EXPECT_EQ(counts().pages_without, PagingCheck::kPagesMost);
}

}  // namespace
}  // namespace watchfire::slo
