// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/json_mend.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace watchfire::inbound {
namespace {

constexpr size_t kEscape = 6;  // Letters of \u1234.

// The code unit of the escape \u1234 that `text` begins with.
std::optional<uint32_t> EscapedUnit(std::string_view text) {
  if (text.size() < kEscape || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  uint32_t unit = 0;
  const char* end = text.data() + kEscape;
  const auto [stop, error] = std::from_chars(text.data() + 2, end, unit, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return unit;
}

bool IsHigh(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLow(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// Appends what the escape at the beginning of `text` becomes; returns how much of `text` it took.
size_t MendEscape(std::string_view text, std::string* out) {
  const auto unit = EscapedUnit(text);
  size_t took = text.size() < 2 ? text.size() : 2;
  if (unit) {
    took = kEscape;
    if (IsHigh(*unit)) {
      const auto next = EscapedUnit(text.substr(kEscape));
      if (next && IsLow(*next)) took = 2 * kEscape;
    }
    if (took == kEscape && (IsHigh(*unit) || IsLow(*unit))) {
      out->append("\\ufffd");
      return took;
    }
  }
  out->append(text.substr(0, took));
  return took;
}

// The same of the string whose opening quote `text` begins with.
size_t MendString(std::string_view text, std::string* out) {
  size_t at = 1;
  out->push_back('"');
  while (at < text.size()) {
    if (text[at] == '\\') {
      at += MendEscape(text.substr(at), out);
      continue;
    }
    out->push_back(text[at]);
    if (text[at++] == '"') break;
  }
  return at;
}

bool IsWordLetter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

// Whether `word` is a number that overflows. One of 64 bits at most, or no number at all, is not.
bool IsTooLarge(std::string_view word) {
  const bool negative = word.starts_with('-');
  const std::string_view digits = word.substr(negative ? 1 : 0);
  const char* end = word.data() + word.size();
  if (digits.empty() || (digits[0] == '0' && digits.size() > 1 && digits[1] != '.')) return false;
  if (digits.find_first_not_of("0123456789") == std::string_view::npos) {
    uint64_t whole = 0;
    int64_t below_zero = 0;
    const auto read = negative ? std::from_chars(word.data(), end, below_zero)
                               : std::from_chars(word.data(), end, whole);
    return read.ec == std::errc::result_out_of_range;
  }
  double number = 0;
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  return stop == end && error == std::errc::result_out_of_range;
}

bool MustBeText(std::string_view word) {
  return word == "NaN" || word == "Infinity" || word == "-Infinity" || IsTooLarge(word);
}

}  // namespace

std::string MendJson(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  size_t at = 0;
  while (at < body.size()) {
    if (body[at] == '"') {
      at += MendString(body.substr(at), &out);
      continue;
    }
    size_t end = at;
    while (end < body.size() && IsWordLetter(body[end])) ++end;
    if (end == at) {
      out.push_back(body[at++]);
      continue;
    }
    const std::string_view word = body.substr(at, end - at);
    const char* quote = MustBeText(word) ? "\"" : "";
    out.append(quote).append(word).append(quote);
    at = end;
  }
  return out;
}

}  // namespace watchfire::inbound
