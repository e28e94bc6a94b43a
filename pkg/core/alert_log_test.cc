// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/alert_log.h"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

const WallTime kStart = FromNanos(1'790'000'000'000'000'000);

alert::Alert Alert(int number, WallTime ends_at) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "A"}, {"number", std::to_string(number)}};
  alert.starts_at = kStart - minutes(5);
  alert.updated_at = kStart;
  alert.ends_at = ends_at;
  return alert;
}

// A table, its log, and a disk that may fail.
class AlertLogTest : public testing::Test {
 protected:
  uint64_t Put(int number, WallTime ends_at = kStart + minutes(5), WallTime now = kStart) {
    alert::Alert alert = Alert(number, ends_at);
    const uint64_t fingerprint = alert.fingerprint();
    table_.Apply(std::move(alert), now);
    return fingerprint;
  }
  // Returns what has to be tried again if the disk failed.
  std::vector<uint64_t> Write(std::vector<uint64_t> fingerprints, bool works = true) {
    const std::vector<Record> records = log_.Append(&fingerprints, table_, now_);
    log_.OnCommitted(works);
    if (!works) return fingerprints;
    for (const Record& record : records) {
      if (record.value) {
        disk_[record.key] = *record.value;
      } else {
        disk_.erase(record.key);
      }
    }
    return fingerprints;
  }
  // What another life finds, by the number in its labels: whether it fires.
  std::map<std::string, bool> NextLife() {
    AlertTable table;
    AlertLog log;
    for (const auto& [key, value] : disk_) {
      const Status status =
          log.Restore({Table::kAlert, key, value}, now_ + minutes(5), now_, &table);
      EXPECT_TRUE(status) << status.error().message;
    }
    std::map<std::string, bool> found;
    table.ForEach([&](const AlertTable::Row& row) {
      found[std::string(row.alert->labels.Get("number"))] = !row.alert->Resolved(now_);
    });
    return found;
  }
  std::map<std::string, bool> ThisLife() const {
    std::map<std::string, bool> here;
    table_.ForEach([&](const AlertTable::Row& row) {
      here[std::string(row.alert->labels.Get("number"))] = !row.alert->Resolved(now_);
    });
    return here;
  }

  WallTime now_ = kStart;
  AlertTable table_;
  AlertLog log_;
  std::map<std::string, std::string> disk_;
};

TEST_F(AlertLogTest, TheNewestStateCounts) {
  const uint64_t a = Put(1);
  const uint64_t b = Put(2);
  Write({a, b, a});
  EXPECT_EQ(disk_.size(), 1U);
  Put(1, kStart - minutes(1));
  Write({a});
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", false), std::pair("2", true)));
  table_.Collect(kStart, {});
  Write({a});
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("2", true))) << "gone, though an old row has it";
}

TEST_F(AlertLogTest, AFiringAlertLivesUntilItCanBeRepeated) {
  Write({Put(1, kStart + minutes(1))});
  now_ = kStart + hours(8);
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", true)));
}

// Also where it is written down once more, after its sender has repeated it.
TEST_F(AlertLogTest, AnotherLifeKnowsWhenAnEndWasKnown) {
  const uint64_t a = Put(1);
  const auto end = [&](Duration heard) {
    now_ = kStart + heard;
    alert::Alert alert = Alert(1, kStart + minutes(1));
    alert.updated_at = now_;
    table_.Apply(std::move(alert), now_);
    Write({a});
  };
  const auto when = [&] {
    AlertTable table;
    AlertLog log;
    for (const auto& [key, value] : disk_) {
      EXPECT_TRUE(log.Restore({Table::kAlert, key, value}, now_ + minutes(5), now_, &table));
    }
    return table.Find(a)->WhenOver();
  };
  Write({a});
  EXPECT_EQ(when(), kNoTime);
  end(minutes(2));
  EXPECT_EQ(when(), kStart + minutes(2));
  end(minutes(3));
  EXPECT_EQ(when(), kStart + minutes(2));
}

TEST_F(AlertLogTest, WhatExpiredStaysResolved) {
  const uint64_t a = Put(1, kStart + minutes(1));
  now_ = kStart + minutes(2);
  table_.Expire(now_);
  Write({a});
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", false)));
}

TEST_F(AlertLogTest, AClockThatWasAheadRevivesNothing) {
  const uint64_t a = Put(1, kStart + minutes(1));
  now_ = kStart + minutes(2);
  table_.Expire(now_);
  Write({a});
  now_ = kStart - hours(1);
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", false)));
}

TEST_F(AlertLogTest, ADiskThatStaysFullCostsNoMemory) {
  std::vector<uint64_t> again;
  for (int i = 0; i < 1000; ++i) again.push_back(Put(i));
  again = Write(again);
  const size_t before = log_.size();
  for (int round = 0; round < 100; ++round) again = Write(again, /*works=*/false);
  EXPECT_LE(log_.size(), before);
  Write(again);
  EXPECT_EQ(NextLife(), ThisLife());
}

// Alerts come and go at random over thousands of batches, some of which the disk refuses.
TEST_F(AlertLogTest, HoldsAllThatIsAliveAndLittleElse) {
  std::vector<uint64_t> again;
  uint32_t random = 1;
  for (int round = 0; round < 2000; ++round) {
    std::vector<uint64_t> changed = std::exchange(again, {});
    for (int i = 0; i < 20; ++i) {
      random = random * 1664525 + 1013904223;
      const int number = static_cast<int>(random >> 16) % 700;
      changed.push_back(Put(number, random % 3 == 0 ? kStart - minutes(1) : kStart + minutes(5)));
    }
    if (round % 50 == 49) {
      for (const auto& alert : table_.Collect(kStart, {})) changed.push_back(alert->fingerprint());
    }
    const bool works = round % 7 != 3;
    std::vector<uint64_t> tried = Write(changed, works);
    if (!works) again = std::move(tried);
    if (!works || round % 20 != 0) continue;
    ASSERT_EQ(NextLife(), ThisLife()) << "round " << round;
  }
  Write(again);
  EXPECT_EQ(NextLife(), ThisLife());
  EXPECT_LT(log_.size(), 2 * table_.size() + 8 * AlertLog::kAlertsPerRecord);
  EXPECT_LT(disk_.size(), 200U);
}

TEST_F(AlertLogTest, ReadsTheRowsOfOlderVersions) {
  const uint64_t a = Put(1);
  disk_[Hex64(a)] = alert::Encode(Alert(1, kStart + minutes(5)));
  disk_[Hex64(Put(2))] = alert::Encode(Alert(2, kStart + minutes(5)));
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", true), std::pair("2", true)));
  Put(1, kStart - minutes(1));
  Write({a});
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", false), std::pair("2", true)));
}

TEST_F(AlertLogTest, ABadRowIsNamedAndTheRestLives) {
  for (const char* key : {"log-", "log-1", "log-000000000000000g", "log-0000000000000001"}) {
    const Status status = log_.Restore(
        {Table::kAlert, key, R"({"alerts":[],"texts":[],"gone":[1]})"}, now_, now_, &table_);
    ASSERT_FALSE(status) << key;
    EXPECT_EQ(status.error().code, Code::kCorrupt);
  }
  EXPECT_FALSE(log_.Restore({Table::kAlert, "log-0000000000000002", "{"}, now_, now_, &table_));
  EXPECT_EQ(table_.size(), 0U);
  Write({Put(1)});
  EXPECT_THAT(NextLife(), ElementsAre(std::pair("1", true)));
}

}  // namespace
}  // namespace watchfire::core
