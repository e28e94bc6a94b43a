// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/flapping.h"

#include <gtest/gtest.h>

namespace watchfire::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WallTime kStart = FromNanos(1'700'000'000'000'000'000);

class FlappingTest : public testing::Test {
 protected:
  FlappingTest() { flapping_.SetTerms(5, hours(1)); }
  static WallTime At(int minute) { return kStart + minutes(minute); }

  Flapping flapping_;
};

TEST_F(FlappingTest, FiveChangesWithinAnHourFlapAndCountOnce) {
  EXPECT_FALSE(flapping_.ComesBack(7, At(0), At(10), At(20))) << "three changes";
  EXPECT_FALSE(flapping_.Changes(7, At(30)));
  EXPECT_EQ(flapping_.CountFlapping(At(30)), 0U);
  EXPECT_TRUE(flapping_.Changes(7, At(40)));
  EXPECT_FALSE(flapping_.Changes(7, At(50))) << "it flaps already";
  EXPECT_EQ(flapping_.CountFlapping(At(50)), 1U);
}

TEST_F(FlappingTest, WhatChangesSlowlyDoesNotFlap) {
  EXPECT_FALSE(flapping_.ComesBack(7, At(0), At(15), At(30)));
  for (int at = 45; at < 1000; at += 15) EXPECT_FALSE(flapping_.Changes(7, At(at))) << at;
  EXPECT_EQ(flapping_.CountFlapping(At(1000)), 0U);
}

TEST_F(FlappingTest, ItEndsWithTheHourAndMayBeginAgain) {
  flapping_.ComesBack(7, At(0), At(1), At(2));
  flapping_.Changes(7, At(3));
  EXPECT_TRUE(flapping_.Changes(7, At(4)));
  EXPECT_EQ(flapping_.CountFlapping(At(59)), 1U);
  EXPECT_EQ(flapping_.CountFlapping(At(60)), 0U) << "the first of the five is an hour ago";
  EXPECT_FALSE(flapping_.Changes(7, At(100)));
  for (int at = 101; at < 104; ++at) EXPECT_FALSE(flapping_.Changes(7, At(at)));
  EXPECT_TRUE(flapping_.Changes(7, At(104)));
}

TEST_F(FlappingTest, WhatFiresOnceIsNotRemembered) {
  for (uint64_t fingerprint = 0; fingerprint < 1000; ++fingerprint) {
    flapping_.Changes(fingerprint, At(0));
    flapping_.Changes(fingerprint, At(1));
  }
  EXPECT_EQ(flapping_.size(), 0U);
  flapping_.ComesBack(7, At(-100), At(-60), At(0));
  EXPECT_EQ(flapping_.size(), 0U) << "it ended an hour ago";
}

TEST_F(FlappingTest, WhatChangedLongestAgoMakesRoom) {
  for (uint64_t fingerprint = 0; fingerprint < Flapping::kAlertsMost + 5; ++fingerprint) {
    const WallTime now = kStart + std::chrono::milliseconds(fingerprint);
    flapping_.ComesBack(fingerprint, now - minutes(2), now - minutes(1), now);
  }
  EXPECT_EQ(flapping_.size(), Flapping::kAlertsMost);
  EXPECT_FALSE(flapping_.Changes(3, At(1)));
  EXPECT_FALSE(flapping_.Changes(3, At(2)));
  EXPECT_EQ(flapping_.CountFlapping(At(2)), 0U) << "forgotten";
  flapping_.ComesBack(1 << 20, At(119), At(120), At(121));
  EXPECT_EQ(flapping_.size(), 1U) << "what has not changed for an hour";
}

TEST_F(FlappingTest, ZeroIsNever) {
  flapping_.SetTerms(0, hours(1));
  for (int at = 0; at < 20; ++at) {
    EXPECT_FALSE(flapping_.ComesBack(7, At(at), At(at), At(at)));
    EXPECT_FALSE(flapping_.Changes(7, At(at)));
  }
  EXPECT_EQ(flapping_.size(), 0U);
}

}  // namespace
}  // namespace watchfire::core
