// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/storm_lines.h"

#include <gtest/gtest.h>

namespace watchfire::core {
namespace {

using std::chrono::milliseconds;

const MonoTime kStart(std::chrono::hours(1));

// Counts so many; returns how many have lines.
size_t Count(StormLines* lines, size_t alerts, MonoTime now) {
  size_t with_lines = 0;
  for (size_t i = 0; i < alerts; ++i) with_lines += lines->Count(now) ? 1 : 0;
  return with_lines;
}

TEST(StormLinesTest, AFewHaveLinesOfTheirOwnInEachSecond) {
  StormLines lines;
  EXPECT_EQ(Count(&lines, 4, kStart), 4U);
  EXPECT_EQ(lines.next_due(), std::nullopt);
  EXPECT_EQ(Count(&lines, 6, kStart + milliseconds(500)), 6U);
  EXPECT_EQ(lines.next_due(), std::nullopt);
  EXPECT_EQ(Count(&lines, 5, kStart + milliseconds(999)), 0U);
  EXPECT_EQ(lines.next_due(), kStart + StormLines::kSpan);
  EXPECT_EQ(lines.TakeRest(kStart + milliseconds(999), false), 0U);
  EXPECT_EQ(lines.TakeRest(kStart + StormLines::kSpan, false), 5U);
  EXPECT_EQ(lines.TakeRest(kStart + StormLines::kSpan, false), 0U);
  EXPECT_EQ(lines.next_due(), std::nullopt);
}

TEST(StormLinesTest, ALaterSecondForgetsNoneOfTheOneBefore) {
  StormLines lines;
  Count(&lines, 15, kStart);
  EXPECT_EQ(Count(&lines, 12, kStart + milliseconds(1500)), 10U);
  EXPECT_EQ(lines.TakeRest(kStart + milliseconds(1500), false), 5U);
  EXPECT_EQ(lines.next_due(), kStart + milliseconds(2500));
  EXPECT_EQ(lines.TakeRest(kStart + milliseconds(1600), true), 2U) << "in a hurry";
  EXPECT_EQ(lines.next_due(), std::nullopt);
}

}  // namespace
}  // namespace watchfire::core
