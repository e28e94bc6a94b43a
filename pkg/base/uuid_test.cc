// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/uuid.h"

#include <gtest/gtest.h>

namespace watchfire {
namespace {

TEST(Uuid4, SaysItsVersionAndVariantWhateverTheBits) {
  EXPECT_EQ(Uuid4(0, 0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(Uuid4(~0ULL, ~0ULL), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(Uuid4(0x0123456789abcdef, 0xfedcba9876543210), "01234567-89ab-4def-bedc-ba9876543210");
}

}  // namespace
}  // namespace watchfire
