// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/nflog/nflog.h"

#include <gtest/gtest.h>

namespace watchfire::nflog {
namespace {

const Key kKey{R"({}:{alertname="a\nb"})", "on\ncall", "webhook", 2};
const WallTime kNow = FromNanos(1'700'000'000'000'000'000);

TEST(LogTest, AnAcceptedMessageSurvivesARestart) {
  Log log;
  const Entry entry{{1, 0xfedcba9876543210}, {3}, kNow, {}, kNow + std::chrono::hours(1)};
  const Record record = log.Accept(kKey, entry);

  Log restarted;
  ASSERT_TRUE(restarted.Restore(record));
  ASSERT_NE(restarted.Find(kKey), nullptr);
  EXPECT_EQ(*restarted.Find(kKey), entry);
}

TEST(LogTest, AnAttemptIsRememberedUntilItsOutcome) {
  Log log;
  log.Accept(kKey, {{1}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  const Record intent = log.Attempt(kKey, {1, 2}, kNow + std::chrono::hours(1));

  Log restarted;
  ASSERT_TRUE(restarted.Restore(intent));
  EXPECT_EQ(restarted.Find(kKey)->firing, std::vector<uint64_t>{1});
  EXPECT_EQ(restarted.Find(kKey)->attempted, (std::vector<uint64_t>{1, 2}));

  ASSERT_TRUE(restarted.Restore(restarted.Withdraw(kKey, {2})));
  EXPECT_EQ(restarted.Find(kKey)->attempted, (std::vector<uint64_t>{1}));
}

TEST(LogTest, ExpiredEntriesAreCollectedUnlessTheirGroupLives) {
  Log log;
  log.Accept(kKey, {{1}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  const auto lives = [](const Key&) { return true; };
  const auto dead = [](const Key&) { return false; };
  EXPECT_TRUE(log.Collect(kNow + std::chrono::hours(1), lives).empty());
  EXPECT_NE(log.Find(kKey), nullptr);
  EXPECT_TRUE(log.Collect(kNow + std::chrono::minutes(59), dead).empty());
  const std::vector<Record> deletions = log.Collect(kNow + std::chrono::hours(1), dead);
  ASSERT_EQ(deletions.size(), 1U);
  EXPECT_FALSE(deletions[0].value);
  EXPECT_EQ(log.Find(kKey), nullptr);
}

TEST(LogTest, AnEndThatWasMutedMakesTheNextBeginningNews) {
  Log log;
  EXPECT_FALSE(log.Doubt(kKey, {1}));
  log.Accept(kKey, {{1, 2}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  EXPECT_TRUE(log.Doubt(kKey, {1, 9}));
  EXPECT_EQ(log.Find(kKey)->attempted, std::vector<uint64_t>{1});
  EXPECT_FALSE(log.Doubt(kKey, {1, 9})) << "nothing new";
}

TEST(LogTest, CorruptRecordsAreErrors) {
  Log log;
  EXPECT_FALSE(log.Restore({Table::kNflog, "only one line", "{}"}));
  EXPECT_FALSE(log.Restore({Table::kNflog, "webhook\nx\n1\ngr", "{}"}));
  EXPECT_FALSE(log.Restore({Table::kNflog, "webhook\n0\n1\ngr", "{\"firing\":"}));
  EXPECT_FALSE(log.Restore({Table::kNflog, "webhook\n0\n1\ngr", "{}"}));
}

}  // namespace
}  // namespace watchfire::nflog
