// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Writes 64 bits as 16 lower-case hexadecimal digits, eight of them at a time. For who writes many:
// Hex64 (strings.h) makes a text of one, HexList (hex_list.h) a list.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace watchfire {

inline constexpr size_t kHex64Digits = 16;

// Writes kHex64Digits of them to `to`.
inline void WriteHex64(uint64_t value, char* to) {
  static_assert(std::endian::native == std::endian::little, "the first digit is the lowest byte");
  constexpr uint64_t kEach = 0x0101010101010101;
  const auto write_eight = [](uint64_t digits, char* place) {
    digits = (digits | digits << 16) & 0x0000ffff0000ffff;
    digits = (digits | digits << 8) & 0x00ff00ff00ff00ff;
    digits = (digits | digits << 4) & 0x0f0f0f0f0f0f0f0f;
    const uint64_t is_letter = (digits + 6 * kEach) >> 4 & kEach;
    digits += '0' * kEach + is_letter * ('a' - '0' - 10);
    digits = __builtin_bswap64(digits);
    std::memcpy(place, &digits, sizeof(digits));
  };
  write_eight(value >> 32, to);
  write_eight(value & 0xffffffff, to + sizeof(uint64_t));
}

}  // namespace watchfire
