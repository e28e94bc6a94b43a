// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/hex_list.h"

#include <vector>

#include <gtest/gtest.h>

namespace watchfire {
namespace {

TEST(HexListTest, EveryHashHasSixteenDigits) {
  EXPECT_EQ(HexList(std::vector<uint64_t>{}), "[]");
  EXPECT_EQ(HexList(std::vector<uint64_t>{0xab}), R"(["00000000000000ab"])");
  EXPECT_EQ(HexList(std::vector<uint64_t>{0xfedcba9876543210, 0}),
            R"(["fedcba9876543210","0000000000000000"])");
  EXPECT_EQ(HexList(std::vector<uint64_t>{UINT64_MAX, 0x0a9f10b8c7d6e5f4}),
            R"(["ffffffffffffffff","0a9f10b8c7d6e5f4"])");
}

}  // namespace
}  // namespace watchfire
