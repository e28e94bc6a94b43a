// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Writes 64 bits as 16 lower-case hexadecimal digits, all at once. For who writes many:
// Hex64 (strings.h) makes a text of one, JsonWriter::Hashes a list.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace watchfire {

inline constexpr size_t kHex64Digits = 16;

// Writes kHex64Digits of them to `to`.
inline void WriteHex64(uint64_t value, char* to) {
  static_assert(std::endian::native == std::endian::little, "the lowest byte comes first");
  using Bytes = unsigned char __attribute__((vector_size(kHex64Digits)));
  using Signed = signed char __attribute__((vector_size(kHex64Digits)));
  const uint64_t turned = __builtin_bswap64(value);
  Bytes bytes{};
  std::memcpy(&bytes, &turned, sizeof(turned));
  constexpr unsigned char kLow = 0xf;
  Bytes digits = __builtin_shufflevector(bytes >> 4, bytes & kLow, 0, 16, 1, 17, 2, 18, 3, 19, 4,
                                         20, 5, 21, 6, 22, 7, 23);
  const auto is_letter = std::bit_cast<Bytes>(std::bit_cast<Signed>(digits) > 9);
  constexpr unsigned char kZero = '0';
  constexpr unsigned char kToLetter = 'a' - '0' - 10;
  digits += kZero + (is_letter & kToLetter);
  std::memcpy(to, &digits, sizeof(digits));
}

}  // namespace watchfire
