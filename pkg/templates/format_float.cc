// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/format_float.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "pkg/base/strings.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

constexpr int kMaxIntegerDigits = 330;  // Of the largest double, with sign and exponent.

std::string ToChars(double value, std::chars_format format, int precision) {
  std::string out(static_cast<size_t>(std::max(precision, 0) + kMaxIntegerDigits * 4), '\0');
  char* const end = out.data() + out.size();
  const auto result = precision == kShortest
                          ? std::to_chars(out.data(), end, value, format)
                          : std::to_chars(out.data(), end, value, format, precision);
  out.resize(static_cast<size_t>(result.ptr - out.data()));
  return out;
}

// 0x1.8p+01: with prefix, and two digits of exponent at least.
std::string HexFloat(double value, int precision) {
  std::string out = ToChars(std::fabs(value), std::chars_format::hex, precision);
  // Rounding may carry into the only digit before the point, which Go keeps a one.
  if (out[0] == '2') {
    const size_t sign = out.find('p') + 1;
    const int power = std::stoi(out.substr(sign)) + 1;
    out = "1" + out.substr(1, sign - 1) + (power < 0 ? "" : "+") + std::to_string(power);
  }
  const size_t exponent = out.find('p') + 2;
  if (out.size() - exponent < 2) out.insert(exponent, "0");
  return (std::signbit(value) ? "-0x" : "0x") + out;
}

// The mantissa as an integer, and the power of two that it counts.
std::string BinaryFloat(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const int exponent = static_cast<int>((bits >> 52) & 0x7ff);
  uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
  if (exponent != 0) mantissa |= uint64_t{1} << 52;
  const int power = std::max(exponent, 1) - 1075;
  return (std::signbit(value) ? "-" : "") + std::to_string(mantissa) + (power < 0 ? "p" : "p+") +
         std::to_string(power);
}

}  // namespace

std::string FormatFloat(double value, char verb, int precision) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const bool upper = verb == 'E' || verb == 'G' || verb == 'X';
  std::string out;
  switch (upper ? verb - 'A' + 'a' : verb) {
    case 'e':
      out = ToChars(value, std::chars_format::scientific, precision);
      break;
    case 'f':
      out = ToChars(value, std::chars_format::fixed, precision);
      break;
    case 'x':
      out = HexFloat(value, precision);
      break;
    case 'b':
      out = BinaryFloat(value);
      break;
    default:
      // FormatGoFloat() knows when the shortest form takes an exponent.
      out = precision == kShortest ? FormatGoFloat(value)
                                   : ToChars(value, std::chars_format::general, precision);
  }
  return upper ? ToUpperText(out) : out;
}

}  // namespace watchfire::templates
