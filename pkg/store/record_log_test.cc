// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/record_log.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"

namespace watchfire::store {
namespace {

using testing::ElementsAre;

// With it, keys of one length have the same 61 bits, and are twins in the index. The other point is
// large, as a random one is: at a small one, words that differ in high bits only are not told
// apart.
const KeyHash kColliding(0, 1'234'567'890'123'456'789);

// A log and its rows on a disk.
class Logged {
 public:
  explicit Logged(const KeyHash& hash) : hash_(hash), log_(hash) {}

  RecordLog& log() { return log_; }
  const std::map<uint64_t, std::string>& rows() const { return rows_; }

  void Add(const std::string& key, const std::optional<std::string>& value) {
    log_.Add(key, value);
  }
  // Returns how many bytes were dropped.
  size_t Commit(bool works = true) {
    size_t dropped = 0;
    auto next = rows_.begin();
    while (const auto front = log_.ToDrop()) {
      EXPECT_EQ(front->number, next->first) << "always the first";
      dropped += next->second.size();
      EXPECT_TRUE(log_.DropFront(front->dead ? "" : next->second));
      ++next;
    }
    std::vector<RecordLog::NewRow> rows = log_.TakeRows();
    log_.OnCommitted(works);
    if (!works) return dropped;
    rows_.erase(rows_.begin(), next);
    for (RecordLog::NewRow& row : rows) {
      EXPECT_TRUE(rows_.empty() || row.number > rows_.rbegin()->first);
      rows_.emplace(row.number, std::move(row.text));
    }
    return dropped;
  }
  void Reopen() {
    log_ = RecordLog(hash_);
    for (const auto& [number, text] : rows_) EXPECT_TRUE(log_.Restore(number, text));
  }

  std::map<std::string, std::string> Newest() const {
    std::map<std::string, std::string> newest;
    for (const auto& [number, text] : rows_) {
      const std::vector<RecordLog::Packed> records = RecordLog::Unpack(text).value();
      for (const RecordLog::Packed& record : records) {
        if (!record.value || !log_.IsAlive(number, record.key)) continue;
        EXPECT_TRUE(newest.emplace(record.key, *record.value).second) << record.key;
      }
    }
    return newest;
  }

  // What is known of the rows is what they say.
  void ExpectExact() {
    RecordLog fresh(hash_);
    size_t bytes = 0;
    for (const auto& [number, text] : rows_) {
      EXPECT_TRUE(fresh.Restore(number, text));
      bytes += text.size();
    }
    EXPECT_EQ(log_.bytes(), bytes);
    EXPECT_EQ(log_.live_bytes(), fresh.live_bytes());
    EXPECT_EQ(log_.keys(), fresh.keys());
  }

 private:
  const KeyHash hash_;
  RecordLog log_;
  std::map<uint64_t, std::string> rows_;
};

TEST(RecordLogTest, ARowCanBeReadByEye) {
  Logged disk(KeyHash::Random());
  disk.Add("webhook\n0", "{\"at\":1}");
  disk.Add("b", "");
  disk.Add("webhook\n0", std::nullopt);
  disk.Commit();
  EXPECT_THAT(disk.rows(), ElementsAre(std::pair(1, "9 8\nwebhook\n0\n{\"at\":1}\n1 0\nb\n\n"),
                                       std::pair(2, "9 -\nwebhook\n0\n")));
}

TEST(RecordLogTest, AnyBytesComeBackFromARow) {
  const std::string odd("1 1\n\0\xff\n", 7);
  Logged disk(KeyHash::Random());
  disk.Add(odd, odd + odd);
  disk.Add("", "of no key");
  disk.Add("none", "");
  disk.Commit();
  ASSERT_EQ(disk.rows().size(), 1U);
  const auto records = RecordLog::Unpack(disk.rows().at(1)).value();
  ASSERT_EQ(records.size(), 3U);
  size_t bytes = 0;
  for (const RecordLog::Packed& record : records) bytes += record.bytes;
  EXPECT_EQ(bytes, disk.rows().at(1).size());
  EXPECT_EQ(disk.Newest(), (std::map<std::string, std::string>{
                               {odd, odd + odd}, {"", "of no key"}, {"none", ""}}));
}

TEST(RecordLogTest, WhatIsNoRowIsRefused) {
  for (const char* bad : {"",
                          "\n",
                          "x",
                          "1",
                          "1 ",
                          "1 1",
                          "1 1\n",
                          "1 1\nk",
                          "1 1\nk\n",
                          "1 1\nk\nv",
                          "1 1\nk\nvv\n",
                          "2 1\nk\nv\n",
                          "1 2\nk\nv\n",
                          "1 0\nk\n",
                          "1 -\nk",
                          "1 -\nkk\n",
                          "1 -k\n",
                          " 1 1\nk\nv\n",
                          "-1 1\nk\nv\n",
                          "+1 1\nk\nv\n",
                          "1 1\nk\nv\n1",
                          "1 1\nk\nv\n\n",
                          "1 -1\nk\nv\n",
                          "99999999999999999999 1\nk\nv\n",
                          "18446744073709551615 1\nk\nv\n",
                          "1 18446744073709551615\nk\nv\n"}) {
    const auto records = RecordLog::Unpack(bad);
    ASSERT_FALSE(records) << bad;
    EXPECT_EQ(records.error().code, Code::kCorrupt);
    EXPECT_FALSE(RecordLog().Restore(1, bad));
  }
  EXPECT_TRUE(RecordLog::Unpack("1 1\nk\nv\n1 -\nk\n"));
}

TEST(RecordLogTest, ARowIsOfSixteenKilobytesOrOfOneRecord) {
  Logged disk(KeyHash::Random());
  for (int i = 0; i < 1000; ++i) disk.Add(std::to_string(i), std::string(100, 'v'));
  disk.Add("large", std::string(3'000'000, 'v'));
  disk.Add("small", "v");
  disk.Commit();
  size_t of_one = 0;
  for (const auto& [number, text] : disk.rows()) {
    if (text.size() > RecordLog::kRowBytes) {
      ++of_one;
      EXPECT_EQ(RecordLog::Unpack(text).value().size(), 1U);
    }
  }
  EXPECT_EQ(of_one, 1U);
  EXPECT_LE(disk.rows().size(), 10U);
  EXPECT_EQ(disk.Newest().size(), 1002U);
}

TEST(RecordLogTest, TheLastOfABatchCounts) {
  Logged disk(KeyHash::Random());
  disk.Add("twice", "1");
  disk.Add("twice", "2");
  disk.Add("gone", "1");
  disk.Add("gone", std::nullopt);
  disk.Add("back", "1");
  disk.Add("back", std::nullopt);
  disk.Add("back", "2");
  disk.Add("back", std::nullopt);
  disk.Add("back", "3");
  disk.Commit();
  const std::map<std::string, std::string> want = {{"twice", "2"}, {"back", "3"}};
  EXPECT_EQ(disk.Newest(), want);
  disk.Reopen();
  EXPECT_EQ(disk.Newest(), want);
  disk.ExpectExact();
}

TEST(RecordLogTest, WhatWasNeverThereIsDeletedForNothing) {
  Logged disk(KeyHash::Random());
  disk.Add("never there", std::nullopt);
  disk.Commit();
  EXPECT_TRUE(disk.rows().empty());
  disk.Add("a", "1");
  disk.Add("a", std::nullopt);
  disk.Commit();
  const size_t before = disk.log().bytes();
  disk.Add("a", std::nullopt);
  disk.Commit();
  EXPECT_EQ(disk.log().bytes(), before) << "said once";
}

// A batch never drops much more than twice what it adds, and still the log stays short: never more
// than two and a half times what is alive, beside what is allowed and one batch.
TEST(RecordLogTest, OverwrittenForEverItStaysShortAtABoundedPrice) {
  for (const size_t keys : {1U, 7U, 500U, 20'000U}) {
    SCOPED_TRACE(keys);
    Logged disk(KeyHash::Random());
    Rng rng(keys);
    const auto value = [&rng] { return std::string(50 + rng.Below(200), 'v'); };
    for (size_t i = 0; i < keys; ++i) disk.Add("key" + std::to_string(i), value());
    disk.Commit();
    size_t most = 0;
    size_t written = 0;
    for (int batch = 0; batch < 2000; ++batch) {
      const size_t count = 1 + rng.Below(100);
      for (size_t i = 0; i < count; ++i) {
        disk.Add("key" + std::to_string(rng.Below(keys)), value());
      }
      const size_t added_at_most = count * 280;
      EXPECT_LE(disk.Commit(), 2 * added_at_most + RecordLog::kRowBytes);
      EXPECT_LE(disk.log().bytes(), 5 * disk.log().live_bytes() / 2 + RecordLog::kDeadAllowed +
                                        added_at_most + RecordLog::kRowBytes);
      most = std::max(most, disk.log().bytes());
      written += added_at_most;
    }
    EXPECT_GT(written, 2 * most) << "or nothing has been shown";
    EXPECT_EQ(disk.Newest().size(), keys);
    disk.ExpectExact();
  }
}

// Or one large batch would delete all rows of a long log.
TEST(RecordLogTest, OneBatchDropsSoManyRowsAtMost) {
  RecordLog log(KeyHash::Random());
  const std::string row = "3 100\nkey\n" + std::string(100, 'v') + "\n";
  const uint64_t rows = RecordLog::kDropsMax + 1000;
  for (uint64_t number = 1; number <= rows; ++number) ASSERT_TRUE(log.Restore(number, row));
  log.Add("other", std::string(10'000'000, 'v'));
  log.Add("other", std::string(10, 'v'));
  size_t dropped = 0;
  while (const auto front = log.ToDrop()) {
    ASSERT_TRUE(front->dead);
    ASSERT_TRUE(log.DropFront(""));
    ++dropped;
  }
  EXPECT_EQ(dropped, RecordLog::kDropsMax);
}

TEST(RecordLogTest, WhatIsDeletedLeavesNothingInTheEnd) {
  Logged disk(KeyHash::Random());
  for (int i = 0; i < 5000; ++i) disk.Add("key" + std::to_string(i), std::string(200, 'v'));
  disk.Commit();
  size_t before = disk.log().bytes();
  for (int i = 0; i < 5000; ++i) disk.Add("key" + std::to_string(i), std::nullopt);
  const size_t deletions = disk.log().bytes() - before;
  EXPECT_LE(disk.Commit(), 2 * deletions + RecordLog::kRowBytes) << "though all is dead";
  EXPECT_EQ(disk.log().keys(), 0U);
  before = disk.log().bytes();
  for (int i = 0; i < 20'000; ++i) {
    disk.Add("other", std::string(200, 'v'));
    disk.Commit();
    if (i == 10) {
      EXPECT_GT(disk.log().bytes(), before / 2) << "a little in each batch";
    }
  }
  EXPECT_LE(disk.log().bytes(), RecordLog::kDeadAllowed + 1000);
  for (const auto& [number, text] : disk.rows()) {
    EXPECT_EQ(text.find("key"), std::string::npos) << "deletions go, too";
  }
}

// Dropping the front fails where its row is not what it was, and then nothing has happened.
TEST(RecordLogTest, AFrontThatIsNotWhatWasWrittenStays) {
  Logged disk(KeyHash::Random());
  disk.Add("kept", "1");
  disk.Commit();
  for (int i = 0; i < 20; ++i) {
    disk.Add("other", std::string(10'000, 'v'));
    disk.Commit();
  }
  for (const char* bad : {"", "4 1\nkept", "4 1\nkeqt\n1\n", "4 -\nkept\n"}) {
    const size_t before = disk.log().bytes();
    for (int i = 0; i < 3; ++i) disk.Add("other", std::string(100'000, 'v'));
    const auto front = disk.log().ToDrop();
    ASSERT_TRUE(front);
    EXPECT_EQ(front->number, 1U);
    EXPECT_FALSE(front->dead);
    const Status dropped = disk.log().DropFront(bad);
    ASSERT_FALSE(dropped) << bad;
    EXPECT_EQ(dropped.error().code, Code::kCorrupt);
    disk.log().OnCommitted(false);
    EXPECT_EQ(disk.log().bytes(), before);
    disk.ExpectExact();
  }
  for (int i = 0; i < 3; ++i) disk.Add("other", std::string(100'000, 'v'));
  EXPECT_GT(disk.Commit(), 0U);
  EXPECT_EQ(disk.Newest().at("kept"), "1");
}

class RecordLogModelTest : public testing::TestWithParam<int> {};

// Thousands of batches, of which some fail and are tried again or given up, and reopenings, against
// a map: with keys that cannot be told apart by the first part of their hash, too.
TEST_P(RecordLogModelTest, IsAMap) {
  Rng rng(static_cast<uint64_t>(GetParam()));
  Logged disk(GetParam() % 2 == 0 ? kColliding : KeyHash::Random());
  const size_t keys = 1 + rng.Below(GetParam() < 4 ? 20 : 2000);
  const size_t value_bytes = 100 + rng.Below(GetParam() < 4 ? 8000 : 500);
  std::map<std::string, std::string> model;
  size_t dropped = 0;
  for (int batch = 0; batch < 1500; ++batch) {
    auto after = model;
    const size_t count = rng.Below(30);
    for (size_t i = 0; i < count; ++i) {
      const std::string key = "k" + std::to_string(rng.Below(keys));
      if (rng.Chance(0.3)) {
        disk.Add(key, std::nullopt);
        after.erase(key);
      } else {
        const std::string value = std::to_string(batch) + std::string(rng.Below(value_bytes), '\n');
        disk.Add(key, value);
        after[key] = value;
      }
    }
    const bool works = !rng.Chance(0.2);
    dropped += disk.Commit(works);
    if (works) model = std::move(after);
    if (rng.Chance(0.02)) disk.Reopen();
    if (batch % 10 == 0) {
      ASSERT_EQ(disk.Newest(), model) << batch;
      disk.ExpectExact();
    }
  }
  EXPECT_EQ(disk.Newest(), model);
  EXPECT_GT(dropped, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecordLogModelTest, testing::Range(0, 8));

TEST(KeyHashTest, TellsKeysApart) {
  const KeyHash hash = KeyHash::Random();
  std::set<std::pair<uint64_t, uint32_t>> seen;
  size_t count = 0;
  const auto add = [&](std::string_view key) {
    const KeyId id = hash(key);
    EXPECT_EQ(hash(std::string(key)).hash, id.hash);
    seen.emplace(id.hash, id.check);
    ++count;
  };
  add({});
  for (size_t size = 1; size < 40; ++size) {
    // Of zeros only their number differs, which the words do not say.
    add(std::string(size, '\0'));
    for (size_t at = 0; at < size; ++at) {
      std::string key(size, '\0');
      key[at] = '\x80';
      add(key);
    }
  }
  EXPECT_EQ(seen.size(), count);
  EXPECT_EQ(kColliding("ab").hash, kColliding("cd").hash);
  EXPECT_NE(kColliding("ab").check, kColliding("cd").check);
}

TEST(KeyHashTest, IsAPolynomialOfTheWordsAndTheLength) {
  const KeyId id = KeyHash(2, 3)(std::string("\1\0\0\0\0\0\0\5", 8));
  EXPECT_EQ(id.hash, (1U * 2 + 5) * 2 + 8);
  EXPECT_EQ(id.check, (1U * 3 + 5) * 3 + 8);
  constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
  EXPECT_EQ(KeyHash(kPrime - 1, 0)("\1").hash, 0U) << "1 * -1 + 1";
}

TEST(KeyIndexTest, TwinsHaveTheirOwnPlaces) {
  KeyIndex index;
  const KeyId a{7, 1};
  const KeyId b{7, 2};
  index.Put(a, 10, 100);
  index.Put(b, 20, 200);
  EXPECT_EQ(index.Find(a)->row, 10U);
  EXPECT_EQ(index.Find(b)->row, 20U);
  EXPECT_EQ(index.Find({7, 3}), nullptr);
  index.Erase(a);
  EXPECT_EQ(index.Find(a), nullptr);
  index.Put(b, 21, 201);
  EXPECT_EQ(index.Find(b)->row, 21U);
  EXPECT_EQ(index.size(), 1U);
  index.Put(a, 11, 101);
  index.Erase(b);
  EXPECT_EQ(index.Find(a)->bytes, 101U);
  EXPECT_EQ(index.Find(b), nullptr);
  EXPECT_EQ(index.size(), 1U);
}

}  // namespace
}  // namespace watchfire::store
