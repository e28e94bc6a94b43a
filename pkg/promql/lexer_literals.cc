// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The lexer's numbers, durations and strings.

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/promql/lexer.h"
#include "pkg/promql/text.h"

namespace watchfire::promql {

using Kind = Token::Kind;

// One step in a number: a dot, an exponent, an underscore or a run of digits. False when no number
// can go on like that.
bool Lexer::ScanNumberPart(bool is_hex, bool* had_dot, bool* had_exponent) {
  const auto take = [this](std::string_view set) {
    const bool fits = position_ < text_.size() && set.find(Peek()) != std::string_view::npos;
    position_ += fits ? 1 : 0;
    return fits;
  };
  if (take(".")) return !std::exchange(*had_dot, true) && !take("_.") && !is_hex;
  // Before the digits, as 0x1e9 has an exponent to Prometheus, too.
  if (take("eE")) {
    if (std::exchange(*had_exponent, true)) return false;
    take("+-");
    return !take("._eE") && position_ < text_.size();
  }
  if (take("_")) return !take("._eE") && position_ < text_.size();
  while (IsDigit(Peek()) || (is_hex && DigitValue(Peek()) < 16)) ++position_;
  return true;
}

bool Lexer::ScanNumber() {
  const auto is_digit = [](char c, bool hex) { return IsDigit(c) || (hex && DigitValue(c) < 16); };
  bool is_hex = false;
  if (Peek() == '0') {
    ++position_;
    if ((Peek() | 32) == 'x') {
      is_hex = true;
      ++position_;
      if (Peek() == '_') ++position_;
    }
  }
  bool had_dot = false;  // One here, before any digit, is not counted: ".5.5" fails as a number.
  if (Peek() == '.') ++position_;
  if (is_digit(Peek(), is_hex)) ++position_;
  bool had_exponent = false;
  while (position_ < text_.size() &&
         (is_digit(Peek(), is_hex) || std::string_view("._eE").find(Peek()) != std::string::npos)) {
    if (!ScanNumberPart(is_hex, &had_dot, &had_exponent)) return false;
  }
  return !IsAlpha(Peek());
}

// Goes on from the digits of what is no number: the unit, then further digits with units.
bool Lexer::ScanDurationRest() {
  const auto take = [this](std::string_view set) {
    const bool fits = position_ < text_.size() && set.find(Peek()) != std::string_view::npos;
    position_ += fits ? 1 : 0;
    return fits;
  };
  if (!take("smhdwy")) return false;
  take("s");
  while (IsDigit(Peek())) {
    while (IsDigit(Peek())) ++position_;
    if (!take("smhdw")) return false;
    take("s");
  }
  if (!IsAlpha(Peek())) return true;
  ++position_;  // So that the error shows it.
  return false;
}

Token Lexer::NumberOrDuration() {
  if (ScanNumber()) return Make(Kind::kNumber, position_ - start_);
  if (ScanDurationRest()) return Make(Kind::kDuration, position_ - start_);
  return Fail("bad number or duration syntax: " +
              GoQuote(text_.substr(start_, position_ - start_)));
}

bool Lexer::ScanDigits(int count, uint32_t base, uint32_t max, std::string* error) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    const Rune rune = At(position_);
    const uint32_t digit =
        rune.value > 0 && rune.value < 128 ? DigitValue(static_cast<char>(rune.value)) : 16;
    if (digit >= base) {
      *error = rune.length == 0
                   ? "escape sequence not terminated"
                   : "illegal character " + NumberRune(rune.value) + " in escape sequence";
      return false;
    }
    value = value * base + digit;
    ++position_;
  }
  if (value <= max && (value < 0xd800 || value >= 0xe000)) return true;
  *error = "escape sequence is an invalid Unicode code point";
  return false;
}

// What follows a backslash.
bool Lexer::ScanEscape(char quote, std::string* error) {
  constexpr uint32_t kMaxByte = 255;
  constexpr uint32_t kMaxRune = 0x10ffff;
  const Rune rune = At(position_);
  const bool is_ascii = rune.value >= 0 && rune.value < 128;
  const char c = is_ascii ? static_cast<char>(rune.value) : '\0';
  if (c >= '0' && c <= '7') return ScanDigits(3, 8, kMaxByte, error);
  if (rune.length != 0) position_ += rune.length;
  if (c == 'x') return ScanDigits(2, 16, kMaxByte, error);
  if (c == 'u') return ScanDigits(4, 16, kMaxRune, error);
  if (c == 'U') return ScanDigits(8, 16, kMaxRune, error);
  if (c != '\0' &&
      (c == quote || std::string_view("abfnrtv\\").find(c) != std::string_view::npos)) {
    return true;
  }
  *error = rune.length == 0 ? "escape sequence not terminated"
                            : "unknown escape sequence " + NumberRune(rune.value);
  return false;
}

Token Lexer::String() {
  const char quote = text_[position_++];
  const bool is_raw = quote == '`';
  for (;;) {
    const Rune rune = At(position_);
    if (rune.length == 0 || (rune.value == '\n' && !is_raw)) {
      return Fail(is_raw ? "unterminated raw string" : "unterminated quoted string");
    }
    position_ += rune.length;
    if (rune.value == 0xfffd) return Fail("invalid UTF-8 rune");
    if (rune.value == quote) return Make(Kind::kString, position_ - start_);
    std::string error;
    if (rune.value == '\\' && !is_raw && !ScanEscape(quote, &error)) return Fail(std::move(error));
  }
}

}  // namespace watchfire::promql
