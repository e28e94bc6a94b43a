// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/hex_list.h"

#include <array>
#include <cstring>

namespace watchfire {
namespace {

constexpr size_t kDigits = 16;
constexpr size_t kBytes = 256;

// The two digits of each byte.
constexpr std::array<char, 2 * kBytes> MakeDigits() {
  constexpr const char* kHex = "0123456789abcdef";
  std::array<char, 2 * kBytes> digits{};
  for (size_t byte = 0; byte < kBytes; ++byte) {
    digits[2 * byte] = kHex[byte >> 4];
    digits[2 * byte + 1] = kHex[byte & 0xf];
  }
  return digits;
}
constexpr std::array<char, 2 * kBytes> kDigitsOf = MakeDigits();

}  // namespace

std::string HexList(std::span<const uint64_t> values) {
  if (values.empty()) return "[]";
  constexpr size_t kEach = kDigits + 3;  // Two quotes, and what separates it from the one before.
  std::string json(1 + kEach * values.size(), '"');
  char* to = json.data();
  for (const uint64_t value : values) {
    *to = ',';
    char* digits = to + 2;
    for (int shift = 56; shift >= 0; shift -= 8, digits += 2) {
      std::memcpy(digits, &kDigitsOf[2 * (value >> shift & 0xff)], 2);
    }
    to += kEach;
  }
  json.front() = '[';
  json.back() = ']';
  return json;
}

}  // namespace watchfire
