// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

TEST(NameLimitsTest, ANewAlertNeedsAFreePlaceOrThatOfOneThatEnded) {
  const WallTime now = FromNanos(1'790'000'000'000'000'000);
  NameLimits limits(2);
  EXPECT_TRUE(limits.Admit("A", 1, now + minutes(5), now));
  EXPECT_TRUE(limits.Admit("A", 2, now + minutes(9), now));
  EXPECT_FALSE(limits.Admit("A", 3, now + minutes(5), now));
  EXPECT_TRUE(limits.Admit("B", 3, now + minutes(5), now)) << "another name";
  EXPECT_TRUE(limits.Admit("A", 1, now + minutes(7), now)) << "it has its place";
  EXPECT_FALSE(limits.Admit("A", 3, now + minutes(9), now + minutes(6))) << "and lasts longer now";
  EXPECT_TRUE(limits.Admit("A", 3, now + minutes(9), now + minutes(7)));
  EXPECT_FALSE(limits.Admit("A", 1, now + minutes(9), now + minutes(7))) << "its place is taken";
  limits.Collect(now + minutes(8));
  EXPECT_FALSE(limits.Admit("A", 4, now + minutes(30), now + minutes(8)));
  limits.Collect(now + minutes(9));
  EXPECT_TRUE(limits.Admit("A", 4, now + minutes(30), now + minutes(1))) << "all was forgotten";
}

TEST(NameLimitsTest, WithoutALimitEverythingIsTaken) {
  NameLimits limits(0);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(limits.Admit("A", i, WallTime::max(), kNoTime));
}

class PerNameTest : public CoreTest {
 protected:
  PerNameTest() { Start({}); }
  void Start(const std::vector<Record>& records) {
    Options options;
    options.max_alerts_per_name = 1;
    core_ = std::make_unique<Core>(options, config_);
    EXPECT_THAT(core_->Restore(records, false, now_), testing::IsEmpty());
  }
  Stats ReadStats() { return *Read(kViewStats)->stats; }
  size_t Alerts() {
    size_t count = 0;
    for (const auto& shard : Read(kViewAlerts)->alerts) count += shard ? shard->size() : 0;
    return count;
  }
};

TEST_F(PerNameTest, WhatIsOverTheLimitIsDroppedAndCountedByName) {
  Fire("ApiDown", "critical");
  Fire("ApiDown", "warning");
  Fire("ApiDown", "critical");
  Fire("DiskFull", "warning");
  EXPECT_EQ(Alerts(), 2U);
  EXPECT_EQ(ReadStats().alerts_limited, (CounterMap{{{"ApiDown"}, 1}}));
  EXPECT_EQ(ReadStats().alerts_per_name_max, 1U);
}

TEST_F(PerNameTest, ARestartKnowsWhoHasThePlaces) {
  Fire("ApiDown", "critical");
  Start(Disk());
  Fire("ApiDown", "warning");
  EXPECT_EQ(Alerts(), 1U);
}

TEST_F(PerNameTest, AnEndMakesRoom) {
  Fire("ApiDown", "critical");
  Fire("ApiDown", "critical", Duration::zero());
  Fire("ApiDown", "warning");
  EXPECT_EQ(Alerts(), 2U);
}

}  // namespace
}  // namespace watchfire::core
