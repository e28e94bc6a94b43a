// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/nflog/key_map.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::nflog {
namespace {

using ::testing::ElementsAre;

Key In(const std::string& group, const std::string& receiver) { return {group, receiver, "mail"}; }

std::vector<int> InOrder(const KeyMap<int>& map) {
  std::vector<int> values;
  map.ForEach([&](const Key&, int value) { values.push_back(value); });
  return values;
}

TEST(KeyMapTest, FindsWhatWasAdded) {
  KeyMap<int> map;
  EXPECT_EQ(map.Find(In("g", "a")), nullptr);
  const auto [value, is_new] = map.Add(In("g", "a"));
  EXPECT_TRUE(is_new);
  *value = 7;
  EXPECT_FALSE(map.Add(In("g", "a")).second);
  EXPECT_EQ(map[In("g", "a")], 7);
  EXPECT_FALSE(map.contains(In("g", "b"))) << "another receiver of that group";
  EXPECT_EQ(map.size(), 1U);
  map.Erase(In("g", "b"));
  map.Erase(In("h", "a"));
  EXPECT_EQ(map.size(), 1U);
  map.Erase(In("g", "a"));
  EXPECT_EQ(map.size(), 0U);
  EXPECT_FALSE(map.contains(In("g", "a")));
}

TEST(KeyMapTest, VisitsInTheOrderOfKeysWhateverTheirHashes) {
  KeyMap<int> map;
  for (int i = 99; i >= 0; --i) map[In("group " + std::to_string(100 + i), "a")] = 2 * i;
  for (int i = 0; i < 100; ++i) map[In("group " + std::to_string(100 + i), "b")] = 2 * i + 1;
  const std::vector<int> values = InOrder(map);
  ASSERT_EQ(values.size(), 200U);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(values[static_cast<size_t>(i)], i);
}

TEST(KeyMapTest, KnowsTheKeysOfAGroup) {
  KeyMap<int> map;
  map[In("g", "b")] = 1;
  map[In("h", "a")] = 2;
  map[In("g", "a")] = 3;
  EXPECT_THAT(map.OfGroup("g"), ElementsAre(In("g", "a"), In("g", "b")));
  EXPECT_TRUE(map.OfGroup("i").empty());
}

}  // namespace
}  // namespace watchfire::nflog
