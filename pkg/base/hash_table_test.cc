// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/hash_table.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/rng.h"

namespace watchfire {
namespace {

using Pairs = std::vector<std::pair<uint64_t, uint64_t>>;

template <typename Table>
Pairs Sorted(const Table& table) {
  Pairs pairs;
  table.ForEach([&](uint64_t key, uint64_t value) { pairs.emplace_back(key, value); });
  std::ranges::sort(pairs);
  return pairs;
}

TEST(HashTableTest, AnEmptyOneHasNothing) {
  HashTable<int> table;
  EXPECT_TRUE(table.empty());
  EXPECT_FALSE(table.contains(0));
  EXPECT_EQ(table.Find(7), nullptr);
  EXPECT_FALSE(table.Erase(7));
}

TEST(HashTableTest, FindsWhatWasAddedAndNothingElse) {
  HashTable<int> table;
  table.FindOrAdd(0) = 1;
  table.FindOrAdd(~uint64_t{0}) = 2;
  EXPECT_EQ(table.at(0), 1);
  EXPECT_EQ(table.at(~uint64_t{0}), 2);
  EXPECT_EQ(table.FindOrAdd(0), 1) << "the one that is there";
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.Find(1), nullptr);
  EXPECT_TRUE(table.Erase(0));
  EXPECT_EQ(table.Find(0), nullptr);
  EXPECT_EQ(table.FindOrAdd(0), 0) << "a new one, nothing of the old";
}

TEST(HashTableTest, ValuesStayWhereTheyAreWhileOthersCome) {
  HashTable<int> table;
  int* const first = &table.FindOrAdd(1);
  for (uint64_t key = 2; key < 10'000; ++key) table.FindOrAdd(key);
  EXPECT_EQ(table.Find(1), first);
}

TEST(HashTableTest, WhatIsErasedIsFreedAtOnce) {
  HashTable<std::shared_ptr<int>> table;
  const auto value = std::make_shared<int>(1);
  table.FindOrAdd(5) = value;
  table.Erase(5);
  EXPECT_EQ(value.use_count(), 1);
}

// Keys that meet in one cell, at the end of the cells and around it.
TEST(HashTableTest, KeysThatMeetAreKeptApart) {
  constexpr uint64_t kInverse = 0xf1de83e19937733dULL;  // Of the factor that mixes keys.
  static_assert(kInverse * 0x9e3779b97f4a7c15ULL == 1);
  Pairs want;
  HashTable<uint64_t> table;
  for (uint64_t low = 0; low < 200; ++low) {
    const uint64_t key = ((0xffffffffULL << 32) | low) * kInverse;
    table.FindOrAdd(key) = low;
    want.emplace_back(key, low);
  }
  std::ranges::sort(want);
  EXPECT_EQ(Sorted(table), want);
  for (const auto& [key, value] : want) {
    EXPECT_EQ(table.at(key), value);
    EXPECT_TRUE(table.Erase(key));
  }
  EXPECT_TRUE(table.empty());
}

TEST(HashTableTest, TheMemoryOfAStormGoesWithIt) {
  HashTable<uint64_t> table;
  Rng rng(1);
  std::vector<uint64_t> keys;
  for (int i = 0; i < 10'000; ++i) table.FindOrAdd(keys.emplace_back(rng.Next()));
  const size_t full = table.capacity();
  for (size_t i = 100; i < keys.size(); ++i) table.Erase(keys[i]);
  EXPECT_LT(table.capacity(), full / 8);
  for (size_t i = 0; i < 100; ++i) EXPECT_TRUE(table.contains(keys[i]));
  // Those that come and go use the same places again.
  const size_t quiet = table.capacity();
  for (uint64_t round = 0; round < 10'000; ++round) {
    table.FindOrAdd(round);
    table.Erase(round);
  }
  EXPECT_LE(table.capacity(), quiet + 32);
}

// Against the standard's table, by many operations on few keys so that most of them meet something.
TEST(HashTableTest, DoesAsTheStandardOneDoes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    HashTable<uint64_t> table;
    std::unordered_map<uint64_t, uint64_t> model;
    const uint64_t keys = 1 + rng.Next() % 3'000;
    // Half of the runs have keys that differ in a few bits only.
    const int shift = static_cast<int>(seed % 2 * (rng.Next() % 50));
    for (int i = 0; i < 20'000; ++i) {
      const uint64_t key = rng.Next() % keys << shift;
      const bool shrinks = i / 4'000 % 2 == 1;
      if (rng.Next() % 4 < (shrinks ? 3U : 1U)) {
        ASSERT_EQ(table.Erase(key), model.erase(key) > 0);
      } else {
        table.FindOrAdd(key) = static_cast<uint64_t>(i);
        model[key] = static_cast<uint64_t>(i);
      }
      const uint64_t other = rng.Next() % keys << shift;
      const auto known = model.find(other);
      const uint64_t* found = std::as_const(table).Find(other);
      ASSERT_EQ(found != nullptr, known != model.end());
      if (found != nullptr) {
        ASSERT_EQ(*found, known->second);
      }
    }
    ASSERT_EQ(table.size(), model.size());
    Pairs want(model.begin(), model.end());
    std::ranges::sort(want);
    ASSERT_EQ(Sorted(table), want);
  }
}

}  // namespace
}  // namespace watchfire
