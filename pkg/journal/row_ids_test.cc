// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/journal/row_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RowIdsTest, GrowsAndShrinksInTheirOrder) {
  RowIds rows;
  EXPECT_THAT(rows.list(), IsEmpty());
  rows.Add(7);
  EXPECT_THAT(rows.list(), ElementsAre(7));
  rows.Add(8);
  rows.Add(8);
  rows.Add(9);
  EXPECT_THAT(rows.list(), ElementsAre(7, 8, 8, 9));
  EXPECT_TRUE(rows.Remove(8));
  EXPECT_TRUE(rows.Remove(7));
  EXPECT_THAT(rows.list(), ElementsAre(8, 9));
  EXPECT_FALSE(rows.Remove(7));
  EXPECT_TRUE(rows.Remove(8));
  EXPECT_THAT(rows.list(), ElementsAre(9));
  rows.Add(10);
  rows.Add(11);
  EXPECT_THAT(rows.list(), ElementsAre(9, 10, 11));
  for (const uint64_t row : {10U, 11U, 9U}) EXPECT_TRUE(rows.Remove(row));
  EXPECT_TRUE(rows.empty());
  EXPECT_FALSE(rows.Remove(9));
}

}  // namespace
}  // namespace watchfire::journal
