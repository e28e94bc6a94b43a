// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>

#include "pkg/base/strings.h"
#include "pkg/templates/format_float.h"
#include "pkg/templates/formatter.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

// 'c' as Go writes the character, with only ASCII if `ascii`.
std::string QuoteRune(char32_t rune, bool ascii) {
  if (rune == '\'') return "'\\''";
  if (rune == '"') return "'\"'";
  std::string text;
  AppendRune(rune, &text);
  std::string quoted = GoQuote(text);
  if (ascii && rune >= 0x80 && IsPrintableRune(rune)) {
    std::string digits;
    for (int shift = rune < 0x10000 ? 12 : 28; shift >= 0; shift -= 4) {
      digits += "0123456789abcdef"[(rune >> shift) & 15];
    }
    quoted = (rune < 0x10000 ? "\"\\u" : "\"\\U") + digits + "\"";
  }
  quoted.front() = quoted.back() = '\'';
  return quoted;
}

}  // namespace

bool IsPrintableRune(char32_t rune) {
  if (rune == '"' || rune == '\\') return true;
  std::string text;
  AppendRune(rune, &text);
  return GoQuote(text) == "\"" + text + "\"";
}

void Formatter::Integer(int64_t number, IntType type, char32_t verb) {
  const bool negative = number < 0;
  const auto bits = static_cast<uint64_t>(number);
  const uint64_t magnitude = negative ? 0 - bits : bits;
  const char32_t rune = bits > kMaxRune ? kReplacementRune : static_cast<char32_t>(bits);
  switch (verb) {
    case 'v':
      // Go syntax shows unsigned numbers in hexadecimal.
      if (flags.sharp_v && type == IntType::kUint8) {
        flags.sharp = true;
        Digits(magnitude, false, 16, 'v');
        flags.sharp = false;
        return;
      }
      return Digits(magnitude, negative, 10, verb);
    case 'd':
      return Digits(magnitude, negative, 10, verb);
    case 'b':
      return Digits(magnitude, negative, 2, verb);
    case 'o':
    case 'O':
      return Digits(magnitude, negative, 8, verb);
    case 'x':
    case 'X':
      return Digits(magnitude, negative, 16, verb);
    case 'c': {
      std::string text;
      AppendRune(rune, &text);
      return Pad(text);
    }
    case 'q':
      return Pad(QuoteRune(rune, flags.plus));
    case 'U':
      return Unicode(bits);
    default:
      return BadVerb(verb);
  }
}

void Formatter::Digits(uint64_t number, bool negative, unsigned base, char32_t verb) {
  const bool sign = negative || flags.plus || flags.space;
  int least = 0;  // Digits.
  if (flags.has_precision) {
    least = flags.precision;
    if (least == 0 && number == 0) return PadUnsigned("");
  } else if (flags.zero && !flags.minus && flags.has_width) {
    least = flags.width - (sign ? 1 : 0);
  }
  const char* alphabet = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string digits;
  do {
    digits += alphabet[number % base];
    number /= base;
  } while (number > 0);
  if (least > static_cast<int>(digits.size())) digits.append(size_t(least) - digits.size(), '0');
  std::reverse(digits.begin(), digits.end());
  if (flags.sharp && base == 2) digits.insert(0, "0b");
  if (flags.sharp && base == 8 && digits[0] != '0') digits.insert(0, "0");
  if (flags.sharp && base == 16) digits.insert(0, verb == 'X' ? "0X" : "0x");
  if (verb == 'O') digits.insert(0, "0o");
  if (sign) digits.insert(0, negative ? "-" : flags.plus ? "+" : " ");
  PadUnsigned(digits);
}

// Pads with spaces, whatever the flags say.
void Formatter::PadUnsigned(std::string_view text) {
  const bool zero = flags.zero;
  flags.zero = false;
  Pad(text);
  flags.zero = zero;
}

// U+0041, with # also the character.
void Formatter::Unicode(uint64_t number) {
  std::string digits;
  const uint64_t code = number;
  for (; number > 0 || digits.empty(); number /= 16) digits += "0123456789ABCDEF"[number % 16];
  const int least = flags.has_precision ? std::max(flags.precision, 4) : 4;
  if (least > static_cast<int>(digits.size())) digits.append(size_t(least) - digits.size(), '0');
  std::reverse(digits.begin(), digits.end());
  digits.insert(0, "U+");
  if (flags.sharp && code <= kMaxRune && IsPrintableRune(static_cast<char32_t>(code))) {
    digits += " '";
    AppendRune(static_cast<char32_t>(code), &digits);
    digits += "'";
  }
  PadUnsigned(digits);
}

void Formatter::Float(double number, char32_t verb) {
  switch (verb) {
    case 'v':
      return FloatDigits(number, 'g', kShortest);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return FloatDigits(number, static_cast<char>(verb), kShortest);
    case 'e':
    case 'E':
    case 'f':
      return FloatDigits(number, static_cast<char>(verb), 6);
    case 'F':
      return FloatDigits(number, 'f', 6);
    default:
      return BadVerb(verb);
  }
}

void Formatter::FloatDigits(double number, char verb, int precision) {
  if (flags.has_precision) precision = flags.precision;
  std::string digits = FormatFloat(number, verb, precision);
  char sign = '+';
  if (digits[0] == '+' || digits[0] == '-') {
    sign = digits[0];
    digits.erase(0, 1);
  }
  if (flags.space && sign == '+' && !flags.plus) sign = ' ';
  if (!std::isfinite(number)) {
    // The sign of an infinity is always shown, that of "not a number" when asked for.
    const bool shown = std::isinf(number) || flags.space || flags.plus;
    return PadUnsigned(shown ? sign + digits : digits);
  }
  if (flags.sharp && verb != 'b') digits = WithTrailingZeros(std::move(digits), verb, precision);
  if (!flags.plus && sign == '+') return Pad(digits);
  if (flags.zero && !flags.minus && flags.has_width) {
    // The sign goes before the zeros.
    out_ += sign;
    Fill(flags.width - 1 - static_cast<int>(digits.size()));
    out_ += digits;
    return;
  }
  Pad(sign + digits);
}

std::string WithTrailingZeros(std::string number, char verb, int precision) {
  int missing = 0;  // Digits still to be shown.
  if (verb == 'g' || verb == 'G' || verb == 'x') missing = precision == kShortest ? 6 : precision;
  const bool hex = verb == 'x' || verb == 'X';
  const size_t exponent = std::min(number.find_first_of(hex ? "pP" : "eE"), number.size());
  const std::string tail = number.substr(exponent);
  number.resize(exponent);
  bool significant = false;
  for (const char c : number) {
    if (c == '.') continue;
    significant = significant || c != '0';
    missing -= significant ? 1 : 0;
  }
  if (number.find('.') == std::string::npos) {
    if (number == "0") --missing;
    number += '.';
  }
  if (missing > 0) number.append(static_cast<size_t>(missing), '0');
  return number + tail;
}

}  // namespace watchfire::templates
