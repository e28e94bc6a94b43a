// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/literals.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "pkg/base/strings.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

std::optional<char32_t> TakeDigits(std::string_view* text, size_t count, int base) {
  if (text->size() < count) return std::nullopt;
  char32_t value = 0;
  for (const char c : text->substr(0, count)) {
    if (DigitValue(c) >= base) return std::nullopt;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(DigitValue(c));
  }
  text->remove_prefix(count);
  return value;
}

// One character of a literal, whose quote must be escaped. `as_byte`: an octal or \x escape, which
// stands for a byte.
std::optional<char32_t> TakeCharacter(std::string_view* text, char quote, bool* as_byte) {
  *as_byte = false;
  char32_t rune = 0;
  if ((*text)[0] == quote || (*text)[0] == '\n') return std::nullopt;
  if ((*text)[0] != '\\') {
    text->remove_prefix(DecodeRune(*text, &rune));
    return rune;
  }
  if (text->size() < 2) return std::nullopt;
  const char c = (*text)[1];
  text->remove_prefix(2);
  static constexpr std::string_view kFrom = "abfnrtv\\";
  static constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\";
  if (const size_t simple = kFrom.find(c); simple != std::string_view::npos) {
    return static_cast<char32_t>(kTo[simple]);
  }
  if (c == '\'' || c == '"') return c == quote ? std::optional<char32_t>(c) : std::nullopt;
  if (c >= '0' && c <= '7') {
    *text = std::string_view(text->data() - 1, text->size() + 1);
    *as_byte = true;
    const std::optional<char32_t> value = TakeDigits(text, 3, 8);
    return value && *value <= 0xff ? value : std::nullopt;
  }
  *as_byte = c == 'x';
  const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) return std::nullopt;
  const std::optional<char32_t> value = TakeDigits(text, digits, 16);
  const bool surrogate = value && !*as_byte && *value >= 0xd800 && *value <= 0xdfff;
  return value && *value <= kMaxRune && !surrogate ? value : std::nullopt;
}

// Underscores only between digits, or between the base's prefix and a digit.
bool UnderscoresAreFine(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  bool hex = false;
  char before = '^';
  if (text.size() >= 2 && text[0] == '0') {
    const char base = static_cast<char>(text[1] | 0x20);
    if (base == 'b' || base == 'o' || base == 'x') {
      hex = base == 'x';
      before = '0';
      text.remove_prefix(2);
    }
  }
  for (const char c : text) {
    const bool digit = DigitValue(c) < (hex ? 16 : 10);
    if (c == '_' && before != '0') return false;
    if (c != '_' && !digit && before == '_') return false;
    before = c == '_' ? '_' : digit ? '0' : '!';
  }
  return before != '_';
}

// The digits of an integer without sign and underscores. False when it is none or over 64 bits.
bool ParseUnsigned(std::string_view text, uint64_t* value) {
  if (text.empty() || !UnderscoresAreFine(text)) return false;
  int base = 10;
  if (text[0] == '0' && text.size() > 1) {
    const char prefix = static_cast<char>(text[1] | 0x20);
    base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 8;
    text.remove_prefix(prefix == 'x' || prefix == 'b' || prefix == 'o' ? 2 : 1);
    if (text.empty()) return false;
  }
  *value = 0;
  for (const char c : text) {
    if (c == '_') continue;
    const int digit = DigitValue(c);
    if (digit >= base) return false;
    const uint64_t next = *value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
    if (*value > std::numeric_limits<uint64_t>::max() / static_cast<uint64_t>(base) ||
        next < *value * static_cast<uint64_t>(base)) {
      return false;
    }
    *value = next;
  }
  return true;
}

}  // namespace

Result<std::string> Unquote(std::string_view literal) {
  const char quote = literal[0];
  const std::string_view inside = literal.substr(1, literal.size() - 2);
  std::string out;
  if (quote == '`') {
    out = inside;
    std::erase(out, '\r');
    return out;
  }
  for (std::string_view rest = inside; !rest.empty();) {
    bool as_byte = false;
    const std::optional<char32_t> rune = TakeCharacter(&rest, quote, &as_byte);
    if (!rune) return InvalidArgument("invalid syntax");
    if (as_byte) {
      out += static_cast<char>(*rune);
    } else {
      AppendRune(*rune, &out);
    }
  }
  return out;
}

Result<Number> ParseRune(std::string_view literal) {
  std::string_view rest = literal.substr(1);
  bool as_byte = false;
  const std::optional<char32_t> rune = TakeCharacter(&rest, '\'', &as_byte);
  if (!rune) return InvalidArgument("invalid syntax");
  if (rest != "'") return InvalidArgument("malformed character constant: " + std::string(literal));
  Number number;
  number.is_int = number.is_float = true;
  number.integer = static_cast<int64_t>(*rune);
  number.real = static_cast<double>(number.integer);
  return number;
}

bool ParseFloat(std::string_view text, double* value) {
  std::string digits(text);
  if (digits.find('_') != std::string::npos) {
    if (!UnderscoresAreFine(text)) return false;
    std::erase(digits, '_');
  }
  std::string_view rest = digits;
  const bool negative = rest.starts_with("-");
  if (negative || rest.starts_with("+")) rest.remove_prefix(1);
  // from_chars takes "nan(1)" and a second sign, Go does not; Go takes "infinity" in any case.
  const std::string word = ToLower(rest);
  if (word == "inf" || word == "infinity" || (word == "nan" && rest.size() == text.size())) {
    *value = word == "nan" ? std::nan("") : (negative ? -1 : 1) * HUGE_VAL;
    return true;
  }
  if (rest.empty() || (rest[0] != '.' && DigitValue(rest[0]) > 9)) return false;
  const bool hex = word.starts_with("0x");
  if (hex && word.find('p') == std::string::npos) return false;
  if (hex) rest.remove_prefix(2);
  const char* end = rest.data() + rest.size();
  const auto [last, error] = std::from_chars(
      rest.data(), end, *value, hex ? std::chars_format::hex : std::chars_format::general);
  if (last != end || error == std::errc::invalid_argument) return false;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large is an error.
    *value = std::strtod(digits.c_str(), nullptr);
    return std::isfinite(*value);
  }
  if (negative) *value = -*value;
  return true;
}

Result<Number> ParseNumber(std::string_view literal) {
  Number number;
  std::string_view digits = literal;
  const bool negative = digits.starts_with("-");
  if (negative || digits.starts_with("+")) digits.remove_prefix(1);
  // A sign hides the 0x from Go: -0x1e is taken for a float.
  const bool hex = literal.starts_with("0x") || literal.starts_with("0X");
  number.looks_float = literal.find_first_of(hex ? "pP" : ".eEpP") != std::string_view::npos;
  uint64_t value = 0;
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (ParseUnsigned(digits, &value)) {
    number.is_float = true;
    number.is_int = value <= kMax + (negative ? 1 : 0);
    number.integer = static_cast<int64_t>(negative ? 0 - value : value);
    number.real = (negative ? -1.0 : 1.0) * static_cast<double>(value);
    // Only a number without sign may need the 64th bit.
    if (number.is_int || (!negative && digits.size() == literal.size())) return number;
  }
  if (!ParseFloat(literal, &number.real)) {
    return InvalidArgument("illegal number syntax: " + GoQuote(literal));
  }
  if (literal.find_first_of(".eEpP") == std::string_view::npos) {
    return InvalidArgument("integer overflow: " + GoQuote(literal));
  }
  number.is_float = true;
  // Both ends of the range convert exactly; what lies beyond does not.
  number.is_int =
      number.real >= -0x1p63 && number.real < 0x1p63 && std::trunc(number.real) == number.real;
  if (number.is_int) number.integer = static_cast<int64_t>(number.real);
  return number;
}

}  // namespace watchfire::templates
