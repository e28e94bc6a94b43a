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
  EXPECT_EQ(urgent->records.size(), 1U);
  EXPECT_FALSE(outbox.TakeNoted(kStart + seconds(9), false)) << "one batch is out at a time";
  outbox.OnCommitted(urgent->id, true, kStart);
  ASSERT_TRUE(outbox.TakeNoted(kStart + Outbox::kWriteBehind, false));
  outbox.Add(kNoted, kStart + Outbox::kWriteBehind);
  const auto noted = outbox.TakeBatch(kStart + Outbox::kWriteBehind);
  ASSERT_TRUE(noted) << "once it is taken it does not wait again";
  EXPECT_EQ(noted->records.front(), kNoted);
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
