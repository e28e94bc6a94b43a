// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The character classes and string literals of the matcher grammar, as Go defines them. Private to
// pkg/matcher.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace watchfire::matcher {

// One code point at the start of a text. A malformed byte is one U+FFFD of length 1 with `valid`
// false. An empty text gives length 0.
struct Rune {
  uint32_t value = 0;
  size_t length = 0;
  bool valid = true;
};
Rune FirstRune(std::string_view text);

// Go's unicode.IsSpace: the White_Space property.
bool IsSpace(uint32_t rune);

// May not stand in an unquoted name or value: white space and { } ! = ~ , \ " ' `
bool IsReserved(uint32_t rune);

// Number of code points, a malformed byte counting as one.
size_t Columns(std::string_view text);

// Removes Unicode white space from both ends.
std::string_view TrimSpace(std::string_view text);

// Returns what the double-quoted Go string literal `literal` stands for (strconv.Unquote), or
// nullopt when it is malformed or does not decode to valid UTF-8.
std::optional<std::string> GoUnquote(std::string_view literal);

}  // namespace watchfire::matcher
