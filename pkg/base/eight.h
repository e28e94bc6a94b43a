// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Eight characters looked at at once. Most characters of most texts stay as they are when the text
// is escaped or encoded; who looks for the few that do not looks at eight with a handful of
// instructions:
//
//     for (; at + Eight::kSize <= text.size(); at += Eight::kSize) {
//       const Eight eight(text.data() + at);
//       const size_t plain = Eight::Before(eight.Is('<') | eight.Is('&'));
//       if (plain < Eight::kSize) return at + plain;
//     }

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace watchfire {

class Eight {
 public:
  static constexpr size_t kSize = 8;

  // Some of the characters; put together with |. A vector of g++ and clang, for which the machine
  // has instructions: -1 for each that is meant, else 0.
  using Marks = signed char __attribute__((vector_size(kSize)));

  explicit Eight(const char* from) { std::memcpy(&characters_, from, kSize); }

  Marks Is(char c) const { return characters_ == All(static_cast<unsigned char>(c)); }
  Marks IsBelow(unsigned char c) const { return characters_ < All(c); }
  // Part of a rune beyond ASCII.
  Marks IsForeign() const { return characters_ > All(0x7f); }

  // How many characters stand before the first one marked; all eight when none is.
  static size_t Before(Marks marks) {
    static_assert(std::endian::native == std::endian::little, "the first character is the lowest");
    return static_cast<size_t>(std::countr_zero(std::bit_cast<uint64_t>(marks))) / 8;
  }

 private:
  using Characters = unsigned char __attribute__((vector_size(kSize)));

  static Characters All(unsigned char c) { return Characters{c, c, c, c, c, c, c, c}; }

  Characters characters_;
};

}  // namespace watchfire
