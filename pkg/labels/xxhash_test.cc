// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/xxhash.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace watchfire::labels {
namespace {

TEST(XxHash64Test, GivesThePublishedHashesOfTexts) {
  const std::vector<std::pair<std::string, uint64_t>> cases = {
      {"", 0xef46db3751d8e999},
      {"a", 0xd24ec4f1a98c6e5b},
      {"as", 0x1c330fb2d66be179},
      {"asd", 0x631c37ce72a97393},
      {"asdf", 0x415872f599cea71e},
      {"abc", 0x44bc2cf5ad770999},
      {"Call me Ishmael. Some years ago--never mind how long precisely-", 0x02a2e85470d6fd96}};
  for (const auto& [text, hash] : cases) EXPECT_EQ(XxHash64(text), hash) << text;
}

// The sanity buffer of the reference implementation, around every boundary of the algorithm.
TEST(XxHash64Test, GivesThePublishedHashesOfTheSanityBuffer) {
  std::string buffer;
  uint64_t generator = 2654435761;
  for (int i = 0; i < 101; ++i) {
    buffer += static_cast<char>(generator >> 56);
    generator *= 11400714785074694797U;
  }
  const std::vector<std::pair<size_t, uint64_t>> cases = {
      {1, 0xe934a84adb052768},   {4, 0x9136a0dca57457ee},  {14, 0x8282dcc4994e35c8},
      {31, 0x299b39a290e6d783},  {32, 0x18b216492bb44b70}, {33, 0x55c8dc3e578f5b59},
      {100, 0x4bfe019cd91d9ea4}, {101, 0xa51ea2101b2d114c}};
  for (const auto& [size, hash] : cases) EXPECT_EQ(XxHash64(buffer.substr(0, size)), hash) << size;
}

TEST(NotificationHashTest, IsThatOfNamesAndValuesInOrder) {
  EXPECT_EQ(NotificationHash({}), XxHash64(""));
  EXPECT_EQ(NotificationHash({{"severity", "warning"}, {"job", "foo"}}), 0xf6b3f8bad550d4a5U);
  EXPECT_EQ(NotificationHash({{"severity", "warning"}, {"job", "foo"}}),
            XxHash64("job\xff"
                     "foo\xffseverity\xffwarning\xff"));
}

}  // namespace
}  // namespace watchfire::labels
