// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The oracle against numbers worked out by hand from Prometheus' rules.

#include "tests/accuracy/oracle.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::accuracy {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int64_t kMinute = 60'000;

double One(const promql::Vector& vector) {
  EXPECT_EQ(vector.size(), 1U);
  return vector.empty() ? std::nan("") : vector[0].value;
}

class OracleTest : public ::testing::Test {
 protected:
  OracleTest() : a_(oracle_.Add({{"__name__", "m"}, {"job", "a"}})) {
    // Every 15 s from second 5 on: 0, 10, 20 … up to 190; after 5 minutes it restarts from 7.
    for (int i = 0; i < 20; ++i) a_->Add(5000 + 15'000 * i, 10 * i);
    a_->Add(5000 + 15'000 * 20, 7);
  }
  promql::Vector At(const std::string& expr, Duration at) {
    return oracle_.Query(expr, WallTime(at));
  }
  Oracle oracle_;
  Series* a_;
};

TEST_F(OracleTest, IncreaseExtrapolatesToTheEdges) {
  // Samples at 65 … 110: 40 to 70; 5 s to the start and 10 s to the end are taken in.
  EXPECT_DOUBLE_EQ(One(At("increase(m[1m])", minutes(2))), 30 * 60.0 / 45);
  EXPECT_DOUBLE_EQ(One(At("rate(m[1m])", minutes(2))), 30 / 45.0);
  // Not below zero: the first sample is 0, so nothing was before it.
  EXPECT_DOUBLE_EQ(One(At("increase(m[1m])", minutes(1))), 30 * (45 + 0 + 10) / 45.0);
  // Half an interval, 7.5 s, where it has ended: samples at 245 to 305, 160 to 190 and then 7.
  EXPECT_DOUBLE_EQ(One(At("increase(m[2m])", seconds(360))), 37 * (60 + 5 + 7.5) / 60);
}

TEST_F(OracleTest, ResetsCountFromZero) {
  // 275: 180, 290: 190, 305: 7.
  EXPECT_DOUBLE_EQ(One(At("increase(m[45s])", seconds(306))), 17 * (30 + 14 + 1) / 30.0);
}

TEST_F(OracleTest, OneSampleIsNoIncreaseAndStaleIsAbsent) {
  EXPECT_TRUE(At("increase(m[15s])", minutes(2)).empty());
  EXPECT_EQ(One(At("m", seconds(306))), 7);
  a_->Add(320'000, std::nan(""));
  EXPECT_TRUE(At("m", seconds(321)).empty());
  EXPECT_EQ(One(At("m offset 2s", seconds(321))), 7);
  EXPECT_EQ(One(At("last_over_time(m[5m])", seconds(321))), 7);
  EXPECT_TRUE(At("last_over_time(m[5m])", seconds(321 + 300)).empty());
}

TEST_F(OracleTest, SetsComparisonsAndSums) {
  oracle_.Add({{"__name__", "m"}, {"job", "b"}})->Add(kMinute, 5);
  EXPECT_EQ(One(At("sum(m)", seconds(61))), 35);
  EXPECT_EQ(At("sum by (job) (m)", seconds(61)).size(), 2U);
  EXPECT_EQ(One(At("m > 10", seconds(61))), 30);
  EXPECT_EQ(At("m > 10 or m", seconds(61)).size(), 2U);
  EXPECT_EQ(One(At("m and m{job=\"b\"}", seconds(61))), 5);
  EXPECT_EQ(One(At("m unless m{job=\"b\"}", seconds(61))), 30);
  EXPECT_EQ(One(At("m{job=\"b\"} - on () m{job=\"a\"}", seconds(61))), -25);
  EXPECT_EQ(One(At("sum(none) or vector(3)", seconds(61))), 3);
  EXPECT_EQ(One(At("count_over_time(m{job=\"a\"}[1m])", seconds(65))), 4);
  EXPECT_EQ(One(At("sum_over_time(m{job=\"a\"}[1m])", seconds(65))), 10 + 20 + 30 + 40);
}

}  // namespace
}  // namespace watchfire::accuracy
