// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/nflog/nflog.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "pkg/labels/xxhash.h"

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
  const Record intent = log.Attempt(kKey, {1, 2}, {}, kNow + std::chrono::hours(1));

  Log restarted;
  ASSERT_TRUE(restarted.Restore(intent));
  EXPECT_EQ(restarted.Find(kKey)->firing, std::vector<uint64_t>{1});
  EXPECT_EQ(restarted.Find(kKey)->attempted, (std::vector<uint64_t>{1, 2}));

  ASSERT_TRUE(restarted.Restore(restarted.Withdraw(kKey, {2}, {})));
  EXPECT_EQ(restarted.Find(kKey)->attempted, (std::vector<uint64_t>{1}));
}

TEST(LogTest, AnEndThatMayHaveArrivedIsRememberedUntilItIsUndone) {
  Log log;
  log.Accept(kKey, {{1, 2, 3}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  const Record intent = log.Attempt(kKey, {3}, {1, 2}, kNow + std::chrono::hours(1));
  Log restarted;
  ASSERT_TRUE(restarted.Restore(intent));
  EXPECT_EQ(restarted.Find(kKey)->ending, (std::vector<uint64_t>{1, 2}));
  restarted.Withdraw(kKey, {}, {2});
  EXPECT_EQ(restarted.Find(kKey)->ending, (std::vector<uint64_t>{1})) << "2: refused";
  EXPECT_EQ(restarted.Find(kKey)->attempted, (std::vector<uint64_t>{1, 2, 3}));
  nflog::Entry half{{2, 3}, {}, kNow, {1}, kNow + std::chrono::hours(1)};
  restarted.Accept(kKey, std::move(half));
  EXPECT_EQ(restarted.Find(kKey)->ending, (std::vector<uint64_t>{1})) << "it was not spoken of";
  restarted.Accept(kKey, {{1, 2, 3}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  EXPECT_TRUE(restarted.Find(kKey)->ending.empty());
}

TEST(LogTest, WhatIsOwedSurvivesUntilItIsTakenOrOver) {
  Log log;
  const Record intent = log.Attempt(kKey, {1}, {}, kNow + std::chrono::hours(1), kNow);
  Log restarted;
  ASSERT_TRUE(restarted.Restore(intent));
  EXPECT_EQ(restarted.Find(kKey)->owed_since, kNow);
  EXPECT_FALSE(restarted.Owe(kKey, kNow + std::chrono::hours(1))) << "it owes already";
  ASSERT_TRUE(restarted.Restore(restarted.Withdraw(kKey, {1}, {})));
  EXPECT_EQ(restarted.Find(kKey)->owed_since, kNow) << "refused is not told";
  ASSERT_TRUE(restarted.Restore(*restarted.Settle(kKey)));
  EXPECT_EQ(restarted.Find(kKey)->owed_since, kNoTime);
  EXPECT_FALSE(restarted.Settle(kKey));
  ASSERT_TRUE(restarted.Restore(*restarted.Owe(kKey, kNow)));
  EXPECT_EQ(restarted.Find(kKey)->owed_since, kNow);
  restarted.Accept(kKey, {{1}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  EXPECT_EQ(restarted.Find(kKey)->owed_since, kNoTime);
}

TEST(LogTest, WhoStandsInHasAnEntryOfItsOwn) {
  Key key = kKey;
  key.via = "7 on\ncall";
  Log log;
  const Record record = log.Accept(key, {{1}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  Log restarted;
  ASSERT_TRUE(restarted.Restore(record));
  EXPECT_NE(restarted.Find(key), nullptr);
  EXPECT_EQ(restarted.Find(kKey), nullptr);
  EXPECT_EQ(Decode(record)->first, key);
  for (const char* bad : {"webhook\n0\n1 0\nab", "webhook\n0\n1 9\nab", "webhook\n0\n1 \nab",
                          "webhook\n0\n1 1x\nab", "webhook\n0\n1  1\nab"}) {
    EXPECT_FALSE(Decode({Table::kNflog, bad, record.value})) << bad;
  }
}

TEST(LogTest, APersonHasAnEntryOfHisOwn) {
  Key key = kKey;
  key.via = "on-call";
  key.person = "3 ada\n";
  Key other = key;
  other.person = "bo";
  Log log;
  const Record record = log.Accept(key, {{1}, {}, kNow, {}, kNow + std::chrono::hours(1)});
  EXPECT_EQ(Decode(record)->first, key);
  EXPECT_EQ(log.Find(other), nullptr);
  EXPECT_EQ(key.owner(), "on-call");
  for (const char* bad : {"webhook\n0\n1 1 0\nabcd", "webhook\n0\n1 1 9\nabcd",
                          "webhook\n0\n1 1 1 1\nabcd", "webhook\n0\n1 1 1 \nabcd"}) {
    EXPECT_FALSE(Decode({Table::kNflog, bad, record.value})) << bad;
  }
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

using AlertPtr = std::shared_ptr<const alert::Alert>;

AlertPtr AlertOf(const std::string& name, WallTime starts_at = kNow - std::chrono::hours(1)) {
  auto alert = std::make_shared<alert::Alert>();
  alert->labels = labels::LabelSet{{"alertname", name}};
  alert->starts_at = starts_at;
  return alert;
}
uint64_t HashOf(const std::string& name) { return labels::NotificationHash(AlertOf(name)->labels); }
uint64_t FingerprintOf(const std::string& name) { return AlertOf(name)->fingerprint(); }

// Alertmanager told of A and B, and of the end of C.
Record Imported() {
  Entry entry;
  entry.at = kNow;
  entry.expires_at = kNow + std::chrono::hours(8);
  entry.foreign =
      Foreign{{HashOf("A"), HashOf("B")}, {HashOf("C")}, kNow, kNow + std::chrono::minutes(20)};
  entry.data = {{"ts", "17.1"}};
  std::ranges::sort(entry.foreign->firing);
  return Encode(kKey, entry);
}

TEST(LogTest, WhatAlertmanagerToldCountsWhenItsAlertArrives) {
  Log log;
  ASSERT_TRUE(log.Restore(Imported()));
  EXPECT_TRUE(log.has_foreign());
  EXPECT_FALSE(log.Adopt(kKey, {AlertOf("D")})) << "never told";
  EXPECT_FALSE(log.Adopt({"other", "on\ncall", "webhook", 2}, {AlertOf("A")}));

  const std::optional<Record> record = log.Adopt(kKey, {AlertOf("A"), AlertOf("C"), AlertOf("D")});
  ASSERT_TRUE(record);
  EXPECT_EQ(log.Find(kKey)->firing, std::vector<uint64_t>{FingerprintOf("A")});
  EXPECT_EQ(log.Find(kKey)->resolved, std::vector<uint64_t>{FingerprintOf("C")});
  EXPECT_EQ(log.Find(kKey)->foreign->firing, std::vector<uint64_t>{HashOf("B")});
  EXPECT_EQ(log.Find(kKey)->at, kNow) << "the repeat interval goes on";
  EXPECT_FALSE(log.Adopt(kKey, {AlertOf("A"), AlertOf("C")})) << "once";

  Log restarted;
  ASSERT_TRUE(restarted.Restore(*record));
  EXPECT_EQ(*restarted.Find(kKey), *log.Find(kKey));
  EXPECT_TRUE(restarted.Adopt(kKey, {AlertOf("B")}));
  EXPECT_FALSE(restarted.has_foreign());
  EXPECT_EQ(restarted.Find(kKey)->data.at("ts"), "17.1") << "for the next message";
}

TEST(LogTest, AnEpisodeThatBeganLongAfterTheImportIsNews) {
  Log log;
  ASSERT_TRUE(log.Restore(Imported()));
  const WallTime until = kNow + std::chrono::minutes(20);
  EXPECT_FALSE(log.Adopt(kKey, {AlertOf("A", until + std::chrono::nanoseconds(1))}));
  EXPECT_TRUE(log.Adopt(kKey, {AlertOf("A", until)}));
}

TEST(LogTest, OwnMessagesKeepWhatHasYetToArriveExceptTheLast) {
  Log log;
  ASSERT_TRUE(log.Restore(Imported()));
  ASSERT_TRUE(log.Adopt(kKey, {AlertOf("A")}));
  const WallTime later = kNow + std::chrono::minutes(1);
  log.Accept(kKey, {{FingerprintOf("A")}, {}, later, {}, later + std::chrono::hours(8)});
  EXPECT_FALSE(log.Adopt(kKey, {AlertOf("B", kNow + std::chrono::nanoseconds(1))}))
      << "it began after Alertmanager's message, so that was about another episode";
  EXPECT_TRUE(log.Adopt(kKey, {AlertOf("B", kNow)}));

  ASSERT_TRUE(log.Restore(Imported()));
  log.Accept(kKey, {{}, {FingerprintOf("A")}, later, {}, later + std::chrono::hours(8)});
  EXPECT_FALSE(log.has_foreign()) << "the receiver was told that all is over";
}

TEST(LogTest, CollectingForgetsWhatNeverArrived) {
  Log log;
  ASSERT_TRUE(log.Restore(Imported()));
  const auto dead = [](const Key&) { return false; };
  EXPECT_EQ(log.Collect(kNow + std::chrono::hours(8), dead).size(), 1U);
  EXPECT_FALSE(log.has_foreign());
}

TEST(LogTest, CorruptRecordsAreErrors) {
  Log log;
  EXPECT_FALSE(log.Restore({Table::kNflog, "only one line", "{}"}));
  EXPECT_FALSE(log.Restore({Table::kNflog, "webhook\nx\n1\ngr", "{}"}));
  EXPECT_FALSE(log.Restore({Table::kNflog, "webhook\n0\n1\ngr", "{\"firing\":"}));
  EXPECT_FALSE(log.Restore({Table::kNflog, "webhook\n0\n1\ngr", "{}"}));
  Record record = Imported();
  record.value->replace(record.value->find("\"until\""), 7, "\"never\"");
  EXPECT_FALSE(log.Restore(record));
}

}  // namespace
}  // namespace watchfire::nflog
