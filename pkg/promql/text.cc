// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "pkg/base/strings.h"

namespace watchfire::promql {
namespace {

// Whether each _ stands between digits, or between the base's prefix and a digit.
bool UnderscoresFit(std::string_view text) {
  bool is_hex = false;
  char last = '^';  // '0' stands for any digit, '!' for anything else.
  if (text.size() >= 2 && text[0] == '0' && (text[1] | 32) == 'x') {
    is_hex = true;
    last = '0';
    text.remove_prefix(2);
  }
  for (const char c : text) {
    if (IsDigit(c) || (is_hex && DigitValue(c) < 16)) {
      last = '0';
    } else if (c == '_') {
      if (last != '0') return false;
      last = '_';
    } else {
      if (last == '_') return false;
      last = '!';
    }
  }
  return last != '_';
}

std::optional<double> ParseInteger(std::string_view digits) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    base = (digits[1] | 32) == 'x' ? 16 : 8;
    digits.remove_prefix(base == 16 ? 2 : 1);
  }
  int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return static_cast<double>(value);
}

tl::unexpected<Error> NotANumber(std::string_view text, const char* why) {
  return InvalidArgument("strconv.ParseFloat: parsing " + GoQuote(text) + ": " + why);
}

}  // namespace

uint32_t DigitValue(char c) {
  if (IsDigit(c)) return static_cast<uint32_t>(c - '0');
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? static_cast<uint32_t>(lower - 'a' + 10) : 16;
}

DecodedRune DecodeRune(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc0 || !IsValidUtf8(text.substr(0, length)) || text.size() < length) {
    return {0xfffd, 1};
  }
  int32_t value = lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) value = value << 6 | (text[i] & 0x3f);
  return {value, length};
}

void AppendUtf8(uint32_t rune, std::string* out) {
  const auto add = [out](uint32_t byte) { *out += static_cast<char>(byte); };
  if (rune < 0x80) return add(rune);
  if (rune < 0x800) {
    add(0xc0 | rune >> 6);
  } else {
    if (rune < 0x10000) {
      add(0xe0 | rune >> 12);
    } else {
      add(0xf0 | rune >> 18);
      add(0x80 | (rune >> 12 & 0x3f));
    }
    add(0x80 | (rune >> 6 & 0x3f));
  }
  add(0x80 | (rune & 0x3f));
}

std::string QuoteRune(int32_t rune) {
  if (rune == '\'') return "'\\''";
  if (rune == '"') return "'\"'";
  std::string text;
  AppendUtf8(rune < 0 ? 0xfffd : static_cast<uint32_t>(rune), &text);
  std::string quoted = GoQuote(text);
  quoted.front() = quoted.back() = '\'';
  return quoted;
}

std::string NumberRune(int32_t rune) {
  const uint32_t value = rune < 0 ? 0xfffd : static_cast<uint32_t>(rune);
  std::array<char, 8> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  std::string hex(digits.data(), end);
  for (char& c : hex) {
    if (c >= 'a') c = static_cast<char>(c - 32);
  }
  std::string out = "U+" + std::string(hex.size() < 4 ? 4 - hex.size() : 0, '0') + hex;
  std::string text;
  AppendUtf8(value, &text);
  const bool prints = text == "\"" || text == "\\" || GoQuote(text) == "\"" + text + "\"";
  return prints ? out + " '" + text + "'" : out;
}

Result<double> ParseNumber(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  if (!UnderscoresFit(text)) return NotANumber(text, "invalid syntax");
  if (const std::optional<double> integer = ParseInteger(digits)) return *integer;
  if (digits.size() > 1 && (digits[1] | 32) == 'x') return NotANumber(text, "invalid syntax");
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) {
    return NotANumber(text, "invalid syntax");
  }
  if (error == std::errc()) return value;
  value = std::strtod(digits.c_str(), nullptr);  // Says on which side it is out of range.
  if (std::isinf(value)) return NotANumber(text, "value out of range");
  return value;
}

std::string Unquote(std::string_view literal) {
  const char quote = literal.front();
  std::string_view rest = literal.substr(1, literal.size() - 2);
  if (quote == '`') return std::string(rest);
  std::string out;
  while (!rest.empty()) {
    const size_t plain = std::min(rest.find('\\'), rest.size());
    out += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    const char c = rest[1];
    constexpr std::string_view kNames = "abfnrtv";
    constexpr std::string_view kBytes = "\a\b\f\n\r\t\v";
    const size_t named = kNames.find(c);
    const bool is_octal = c >= '0' && c <= '7';
    const size_t digits = is_octal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    const size_t skip = is_octal ? 1 : 2;
    uint32_t value = 0;
    for (const char digit : rest.substr(skip, digits)) {
      value = value * (is_octal ? 8 : 16) + DigitValue(digit);
    }
    if (digits == 0) {
      out += named == std::string_view::npos ? c : kBytes[named];
    } else if (digits <= 3) {
      out += static_cast<char>(value);  // A byte, not a code point.
    } else {
      AppendUtf8(value, &out);
    }
    rest.remove_prefix(skip + digits);
  }
  return out;
}

std::string FormatPlain(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  // The digits that tell it from its neighbours, and zeros: not 2^63 to the last digit.
  std::array<char, 32> buffer{};
  char* const end = buffer.data() + buffer.size();
  const char* const last =
      std::to_chars(buffer.data(), end, std::abs(value), std::chars_format::scientific).ptr;
  const std::string_view text(buffer.data(), static_cast<size_t>(last - buffer.data()));
  const size_t e = text.find('e');
  const int exponent = std::atoi(text.data() + e + 1);
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  const int point = exponent + 1;  // So many digits are before the point.
  if (point <= 0) {
    digits = "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  } else if (static_cast<size_t>(point) >= digits.size()) {
    digits.resize(static_cast<size_t>(point), '0');
  } else {
    digits.insert(static_cast<size_t>(point), ".");
  }
  return std::signbit(value) ? "-" + digits : digits;
}

std::string FormatFixed(double value, int digits) {
  if (!std::isfinite(value)) return FormatPlain(value);
  std::array<char, 512> buffer{};  // 1e308 and its fraction.
  char* const end = buffer.data() + buffer.size();
  return {buffer.data(),
          std::to_chars(buffer.data(), end, value, std::chars_format::fixed, digits).ptr};
}

double SecondsFor(int64_t value, double unit_per_second) {
  const auto wanted = static_cast<double>(value);
  const auto fits = [&](double seconds) { return std::round(seconds * unit_per_second) == wanted; };
  const double seconds = wanted / unit_per_second;
  double below = seconds;
  double above = seconds;
  for (int i = 0; i < 8 && !fits(below) && !fits(above); ++i) {
    below = std::nextafter(below, -std::numeric_limits<double>::infinity());
    above = std::nextafter(above, std::numeric_limits<double>::infinity());
  }
  return fits(below) ? below : above;
}

std::string FormatLength(Duration value) {
  constexpr int64_t kNanosPerMilli = 1'000'000;
  if (value.count() % kNanosPerMilli == 0) return FormatDuration(value);
  return FormatPlain(SecondsFor(value.count(), 1e9));
}

}  // namespace watchfire::promql
