// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The little of Unicode that templates need: UTF-8 in and out, identifier characters, and the
// simple (one to one) case mappings. Unicode 15.0, as in Go 1.26.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace watchfire::templates {

inline constexpr char32_t kReplacementRune = 0xfffd;
inline constexpr char32_t kMaxRune = 0x10ffff;

// Reads the first code point of `text`, which must not be empty. Returns how many bytes it takes;
// a malformed byte reads as U+FFFD and takes one.
size_t DecodeRune(std::string_view text, char32_t* rune);

// Appends `rune` as UTF-8; surrogates and what is above U+10FFFF become U+FFFD.
void AppendRune(char32_t rune, std::string* out);

// Letter or decimal digit of any script.
bool IsLetterOrDigit(char32_t rune);
// White space, as Go's unicode.IsSpace.
bool IsUnicodeSpace(char32_t rune);

char32_t ToUpperRune(char32_t rune);
char32_t ToLowerRune(char32_t rune);
char32_t ToTitleRune(char32_t rune);

// Returns `text` with every code point mapped; malformed bytes become U+FFFD.
std::string ToUpperText(std::string_view text);
std::string ToLowerText(std::string_view text);

// Returns `text` without white space at both ends.
std::string_view TrimUnicodeSpace(std::string_view text);

}  // namespace watchfire::templates
