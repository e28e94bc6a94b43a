// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Characters, numbers and string literals as PromQL, and Go below it, has them. Private to
// pkg/promql.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::promql {

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsAlpha(char c) { return c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z'); }
inline bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// The value of a hex digit; 16 for anything else.
uint32_t DigitValue(char c);

// The first code point of a text that is not empty. A malformed byte is U+FFFD of length 1.
struct DecodedRune {
  int32_t value = 0;
  size_t length = 0;
};
DecodedRune DecodeRune(std::string_view text);

// Returns a code point as Go's %q shows it: 'a', '\'', '\x01'. Those below 0 are U+FFFD.
std::string QuoteRune(int32_t rune);
// The same as %#U: U+0041 'A'.
std::string NumberRune(int32_t rune);
void AppendUtf8(uint32_t rune, std::string* out);

// Reads a number as Go does: as an integer of base 10, 8 (017), or 16, else as a float64. Errors
// carry the text of Go's strconv.ParseFloat.
Result<double> ParseNumber(std::string_view text);

// Returns what a string token stands for; its escapes must be sound, as those of kString are.
std::string Unquote(std::string_view literal);

// Prints a float64 as Go's %f with all digits that it needs: "0.1", "+Inf".
std::string FormatPlain(double value);

// The same with exactly so many digits behind the point.
std::string FormatFixed(double value, int digits);

// Returns a length of time as PromQL writes it: "1h30m", or "0.0001" (seconds) for one that has no
// whole milliseconds. Reading it again gives `value`.
std::string FormatLength(Duration value);
// Returns the number of seconds which, times `unit_per_second`, rounds to `value`.
double SecondsFor(int64_t value, double unit_per_second);

}  // namespace watchfire::promql
