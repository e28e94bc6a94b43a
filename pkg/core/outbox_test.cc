// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/outbox.h"

#include <algorithm>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

const MonoTime kStart(std::chrono::hours(1));
const Record kUrgent{Table::kMeta, "urgent", "now"};
const Record kNoted{Table::kJournal, "row", "late"};

TEST(OutboxNotedTest, LeavesWhenItIsDueAndNotWithWhatIsUrgent) {
  Outbox outbox;
  outbox.Note(kStart);
  outbox.Note(kStart + seconds(9));  // It waits since the first.
  EXPECT_EQ(outbox.next_due(), kStart + Outbox::kWriteBehind);
  outbox.AddUrgent(kUrgent, kStart);
  EXPECT_FALSE(outbox.TakeNoted(kStart, false));
  const auto urgent = outbox.TakeBatch(kStart);
  ASSERT_TRUE(urgent);
  EXPECT_EQ(urgent->records->size(), 1U);
  EXPECT_FALSE(outbox.TakeNoted(kStart + seconds(9), false)) << "one batch is out at a time";
  outbox.OnCommitted(urgent->id, true, kStart);
  ASSERT_TRUE(outbox.TakeNoted(kStart + Outbox::kWriteBehind, false));
  outbox.Add(kNoted, kStart + Outbox::kWriteBehind);
  const auto noted = outbox.TakeBatch(kStart + Outbox::kWriteBehind);
  ASSERT_TRUE(noted) << "once it is taken it does not wait again";
  EXPECT_EQ(noted->records->front(), kNoted);
  outbox.OnCommitted(noted->id, true, kStart + Outbox::kWriteBehind);
  EXPECT_EQ(outbox.next_due(), std::nullopt);
}

TEST(OutboxNotedTest, LeavesAtOnceInAHurryButNoFailureIsHurried) {
  Outbox outbox;
  EXPECT_FALSE(outbox.TakeNoted(kStart, true)) << "nothing was noted";
  outbox.Note(kStart);
  ASSERT_TRUE(outbox.TakeNoted(kStart, true));
  outbox.Add(kNoted, kStart);
  const auto first = outbox.TakeBatch(kStart);
  ASSERT_TRUE(first);
  outbox.Note(kStart);
  outbox.OnCommitted(first->id, false, kStart);
  EXPECT_FALSE(outbox.TakeNoted(kStart, true));
  EXPECT_EQ(outbox.next_due(), kStart + Outbox::kRetryAfter);
}

// As they came, each key once; and so again if the batch fails, save that what changed meanwhile is
// newer.
TEST(OutboxTest, ABatchIsInOrderAndComesBackWhole) {
  Outbox outbox;
  const Record alert{Table::kAlert, "log", "alerts"};
  size_t asked = 0;
  const auto records_of = [&](std::vector<uint64_t>*) {
    ++asked;
    return std::vector<Record>{alert};
  };
  outbox.AddAlert(7, kStart);
  outbox.Add({Table::kJournal, "b", "1"}, kStart);
  outbox.Add({Table::kNflog, "c", "2"}, kStart);
  outbox.Add({Table::kJournal, "a", "3"}, kStart);
  outbox.Add({Table::kNflog, "c", std::nullopt}, kStart);
  EXPECT_EQ(outbox.size(), 4U);
  const MonoTime due = kStart + Outbox::kWriteBehind;
  const auto first = outbox.TakeBatch(due, records_of);
  ASSERT_TRUE(first);
  EXPECT_EQ(*first->records, (std::vector<Record>{alert,
                                                  {Table::kJournal, "b", "1"},
                                                  {Table::kNflog, "c", std::nullopt},
                                                  {Table::kJournal, "a", "3"}}));
  EXPECT_EQ(outbox.size(), 4U) << "they are not known to be stored";
  outbox.Add({Table::kJournal, "a", "4"}, due);
  outbox.OnCommitted(first->id, false, due);
  EXPECT_EQ(outbox.size(), 4U);
  const auto second = outbox.TakeBatch(due + Outbox::kRetryAfter, records_of);
  ASSERT_TRUE(second);
  EXPECT_EQ(*second->records, (std::vector<Record>{alert,
                                                   {Table::kJournal, "b", "1"},
                                                   {Table::kNflog, "c", std::nullopt},
                                                   {Table::kJournal, "a", "4"}}));
  EXPECT_EQ(asked, 2U) << "alerts are put into words as they are by then";
  outbox.OnCommitted(second->id, true, due);
  EXPECT_EQ(outbox.size(), 0U);
}

// To store them one by one takes longer than to wait for those that come meanwhile.
TEST(OutboxTest, BehindABatchOfManyRecordsTheNextOneWaits) {
  Outbox outbox;
  const auto add = [&](size_t records, MonoTime at) {
    for (size_t i = 0; i < records; ++i) {
      outbox.AddUrgent({Table::kNflog, std::to_string(i), "told"}, at);
    }
  };
  const auto store = [&](MonoTime at) {
    const auto batch = outbox.TakeBatch(at);
    if (batch) outbox.OnCommitted(batch->id, true, at);
    return batch ? batch->records->size() : 0;
  };
  add(Outbox::kManyRecords - 1, kStart);
  EXPECT_EQ(store(kStart), Outbox::kManyRecords - 1);
  add(Outbox::kManyRecords, kStart);
  EXPECT_EQ(outbox.next_due(), kStart) << "not behind few";
  EXPECT_EQ(store(kStart), Outbox::kManyRecords);

  const MonoTime next = kStart + Outbox::kPause;
  outbox.Note(kStart);
  EXPECT_FALSE(outbox.TakeNoted(kStart, true));
  EXPECT_EQ(outbox.next_due(), next) << "who is in a hurry waits no longer than that";
  add(1, kStart);
  EXPECT_EQ(outbox.next_due(), next);
  EXPECT_FALSE(outbox.TakeNoted(next - Duration(1), true));
  EXPECT_EQ(store(next - Duration(1)), 0U);
  EXPECT_TRUE(outbox.TakeNoted(next, false));
  EXPECT_EQ(store(next), 1U);
  EXPECT_EQ(outbox.next_due(), std::nullopt);
}

TEST(OutboxNotedTest, WhatWasUndoneMeanwhileMakesNoBatch) {
  Outbox outbox;
  outbox.Note(kStart);
  ASSERT_TRUE(outbox.TakeNoted(kStart + Outbox::kWriteBehind, false));
  EXPECT_FALSE(outbox.TakeBatch(kStart + Outbox::kWriteBehind));
  EXPECT_EQ(outbox.next_due(), std::nullopt);
}

// Of each message the journal is told twice: when it leaves, and what became of it.
TEST_F(CoreTest, AMessageThatIsSoonOverIsOneRecordOfTheJournal) {
  const auto journal_rows = [this] {
    return std::ranges::count_if(
        disk_, [](const auto& row) { return row.first.first == Table::kJournal; });
  };
  Fire("A", "critical");
  while (attempts_.empty()) Pass(seconds(1));
  const auto before = journal_rows();
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(journal_rows(), before) << "what is urgent does not take it along";
  Pass(seconds(2));
  EXPECT_EQ(journal_rows(), before + 1);
  for (const auto& [key, value] : disk_) {
    if (key.first == Table::kJournal) {
      EXPECT_EQ(value.find("under_way"), std::string::npos);
    }
  }
  EXPECT_TRUE(core_->idle());
}

}  // namespace
}  // namespace watchfire::core
