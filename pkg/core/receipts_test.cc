// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/receipts.h"

#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/core/receipt_names.h"

namespace watchfire::core {
namespace {

const WallTime kNow = ParseTime("2026-01-05T09:00:00Z").value();

TEST(ReceiptsTest, AMessageIsTakenOnceAlsoAfterARestart) {
  Receipts receipts;
  std::vector<Record> records;
  EXPECT_TRUE(receipts.Take("a", kNow, &records));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_FALSE(receipts.Take("a", kNow + std::chrono::hours(1), &records));
  EXPECT_EQ(records.size(), 1U);

  Receipts restored;
  ASSERT_TRUE(Receipts::IsReceipt(records[0]));
  ASSERT_TRUE(restored.Restore(records[0]));
  EXPECT_FALSE(restored.Take("a", kNow, &records));
  EXPECT_TRUE(restored.Take("b", kNow, &records));
}

TEST(ReceiptsTest, WhatNoSignatureIsGoodForAnyMoreIsForgotten) {
  Receipts receipts;
  std::vector<Record> records;
  receipts.Take("a", kNow, &records);
  receipts.Take("b", kNow + std::chrono::hours(1), &records);
  EXPECT_TRUE(receipts.Collect(kNow + Receipts::kKept).empty());
  const std::vector<Record> gone = receipts.Collect(kNow + Receipts::kKept + Duration(1));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].key, records[0].key);
  EXPECT_FALSE(gone[0].value);
  EXPECT_EQ(receipts.size(), 1U);
}

TEST(ReceiptsTest, ThereIsABound) {
  Receipts receipts;
  std::vector<Record> records;
  for (size_t i = 0; i <= Receipts::kMost; ++i) {
    receipts.Take(std::to_string(i), kNow + Duration(static_cast<int64_t>(i)), &records);
  }
  EXPECT_EQ(receipts.size(), Receipts::kMost);
  EXPECT_FALSE(records.back().value) << "the deletion of the oldest";
  EXPECT_TRUE(receipts.Take("0", kNow, &records)) << "the oldest was forgotten";
}

TEST(ReceiptsTest, OfOneThingNoOlderStateIsTaken) {
  Receipts receipts;
  std::vector<Record> records;
  const auto take = [&](Receipts* from, const std::string& thing, int second) {
    const auto names =
        ReceiptNames(OrderedReceipt("sns/m", thing, kNow + std::chrono::seconds(second)));
    EXPECT_EQ(names.first, "sns/m");
    return from->Take(names.second, kNow, &records);
  };
  EXPECT_TRUE(take(&receipts, "cpu", 5));
  EXPECT_FALSE(take(&receipts, "cpu", 4));
  EXPECT_TRUE(take(&receipts, "cpu", 5)) << "another message may say the same";
  EXPECT_EQ(records.size(), 1U) << "and there is nothing to store";
  EXPECT_TRUE(take(&receipts, "cp", 4));
  EXPECT_TRUE(take(&receipts, "cpu0", 4));
  EXPECT_TRUE(take(&receipts, "disk", 4));
  EXPECT_TRUE(take(&receipts, "cpu", 60));
  EXPECT_FALSE(take(&receipts, "cpu", 59));
  Receipts restored;
  for (const Record& record : records) ASSERT_TRUE(restored.Restore(record));
  EXPECT_FALSE(take(&restored, "cpu", 59));
  EXPECT_TRUE(take(&restored, "cpu", 61));
  restored.Collect(kNow + Receipts::kKept + std::chrono::hours(1));
  EXPECT_EQ(restored.size(), 0U);
}

TEST(ReceiptsTest, OtherRecordsAreNone) {
  EXPECT_FALSE(Receipts::IsReceipt({Table::kMeta, "handoff/primary", ""}));
  EXPECT_FALSE(Receipts().Restore({Table::kMeta, "receipt/x", "yesterday"}));
}

}  // namespace
}  // namespace watchfire::core
