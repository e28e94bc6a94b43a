// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Eight or sixteen characters looked at at once. Most characters of most texts stay as they are
// when the text is escaped or encoded; who looks for the few that do not looks at eight with a
// handful of instructions:
//
//     for (; at + Eight::kSize <= text.size(); at += Eight::kSize) {
//       const Eight eight(text.data() + at);
//       const size_t plain = Eight::Before(eight.Is('<') | eight.Is('&'));
//       if (plain < Eight::kSize) return at + plain;
//     }

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace watchfire {

// Vectors of g++ and clang, for which the machine has instructions; g++ 12 makes none of a size
// that is a parameter.
template <size_t kCount>
struct Vectors;
template <>
struct Vectors<8> {
  using Signed = signed char __attribute__((vector_size(8)));
  using Unsigned = unsigned char __attribute__((vector_size(8)));
};
template <>
struct Vectors<16> {
  using Signed = signed char __attribute__((vector_size(16)));
  using Unsigned = unsigned char __attribute__((vector_size(16)));
};

template <size_t kCount>
class Several {
 public:
  static constexpr size_t kSize = kCount;

  // Some of the characters: -1 for each that is meant, else 0; put together with |.
  using Marks = typename Vectors<kSize>::Signed;

  explicit Several(const char* from) { std::memcpy(&characters_, from, kSize); }
  void Write(char* to) const { std::memcpy(to, &characters_, kSize); }

  Marks Is(char c) const { return characters_ == All(static_cast<unsigned char>(c)); }
  Marks IsBelow(unsigned char c) const { return characters_ < All(c); }
  // Part of a rune beyond ASCII.
  Marks IsForeign() const { return characters_ > All(0x7f); }
  // Either of these, at the price of one; `c` is ASCII.
  Marks IsBelowOrForeign(signed char c) const {
    return std::bit_cast<Marks>(characters_) < Marks{} + c;
  }
  // These with the bits set: two characters that differ in one bit are looked for at once.
  Several Or(unsigned char bits) const { return Several(characters_ | All(bits)); }

  // How many characters stand before the first one marked; all when none is.
  static size_t Before(Marks marks) {
    static_assert(std::endian::native == std::endian::little, "the first character is the lowest");
    const auto words = std::bit_cast<std::array<uint64_t, kSize / 8>>(marks);
    size_t before = 0;
    for (const uint64_t word : words) {
      if (word != 0) return before + static_cast<size_t>(std::countr_zero(word)) / 8;
      before += 8;
    }
    return before;
  }

 private:
  using Characters = typename Vectors<kSize>::Unsigned;

  explicit Several(const Characters& characters) : characters_(characters) {}

  static Characters All(unsigned char c) { return Characters{} + c; }

  Characters characters_;
};

using Eight = Several<8>;
using Sixteen = Several<16>;

}  // namespace watchfire
