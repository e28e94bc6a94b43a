// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/unicode.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "pkg/templates/unicode_tables.h"

namespace watchfire::templates {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Returns the last range that starts at or before `rune`, or null.
template <typename Range, size_t kCount>
const Range* FindRange(const Range (&ranges)[kCount], char32_t rune) {
  const Range* after =
      std::upper_bound(std::begin(ranges), std::end(ranges), rune,
                       [](char32_t value, const Range& range) { return value < range.low; });
  return after == std::begin(ranges) ? nullptr : after - 1;
}

template <size_t kCount>
std::optional<char32_t> Mapped(const CaseRange (&ranges)[kCount], char32_t rune) {
  // Interleaved ranges (every second code point) may start between those of another one.
  const CaseRange* range = FindRange(ranges, rune);
  for (int tries = 0; range != nullptr && tries < 3; ++tries) {
    if (rune <= range->high && (rune - range->low) % range->step == 0) {
      return static_cast<char32_t>(static_cast<int32_t>(rune) + range->delta);
    }
    range = range == std::begin(ranges) ? nullptr : range - 1;
  }
  return std::nullopt;
}

template <typename Map>
std::string MapRunes(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char32_t rune = 0;
    text.remove_prefix(DecodeRune(text, &rune));
    AppendRune(map(rune), &out);
  }
  return out;
}

}  // namespace

size_t DecodeRune(std::string_view text, char32_t* rune) {
  const auto lead = static_cast<unsigned char>(text[0]);
  *rune = lead;
  if (lead < 0x80) return 1;
  *rune = kReplacementRune;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 1;
  char32_t value = lead & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 1;
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > kMaxRune || (value >= 0xd800 && value <= 0xdfff)) return 1;
  *rune = value;
  return length;
}

void AppendRune(char32_t rune, std::string* out) {
  if (rune > kMaxRune || (rune >= 0xd800 && rune <= 0xdfff)) rune = kReplacementRune;
  const auto put = [out](char32_t byte) { *out += static_cast<char>(byte); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xc0 | (rune >> 6));
    put(0x80 | (rune & 0x3f));
  } else if (rune < 0x10000) {
    put(0xe0 | (rune >> 12));
    put(0x80 | ((rune >> 6) & 0x3f));
    put(0x80 | (rune & 0x3f));
  } else {
    put(0xf0 | (rune >> 18));
    put(0x80 | ((rune >> 12) & 0x3f));
    put(0x80 | ((rune >> 6) & 0x3f));
    put(0x80 | (rune & 0x3f));
  }
}

bool IsLetterOrDigit(char32_t rune) {
  if (rune < 0x80) {
    return (rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') ||
           (rune >= 'A' && rune <= 'Z');
  }
  const RuneRange* range = FindRange(kLettersAndDigits, rune);
  return range != nullptr && rune <= range->high;
}

bool IsUnicodeSpace(char32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xa0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202f || rune == 0x205f || rune == 0x3000;
}

char32_t ToUpperRune(char32_t rune) {
  if (rune < 0x80) return rune >= 'a' && rune <= 'z' ? rune - 'a' + 'A' : rune;
  return Mapped(kUpper, rune).value_or(rune);
}

char32_t ToLowerRune(char32_t rune) {
  if (rune < 0x80) return rune >= 'A' && rune <= 'Z' ? rune - 'A' + 'a' : rune;
  return Mapped(kLower, rune).value_or(rune);
}

char32_t ToTitleRune(char32_t rune) {
  if (const std::optional<char32_t> title = Mapped(kTitle, rune)) return *title;
  return ToUpperRune(rune);
}

std::string ToUpperText(std::string_view text) { return MapRunes(text, ToUpperRune); }
std::string ToLowerText(std::string_view text) { return MapRunes(text, ToLowerRune); }

std::string_view TrimUnicodeSpace(std::string_view text) {
  char32_t rune = 0;
  while (!text.empty()) {
    const size_t length = DecodeRune(text, &rune);
    if (!IsUnicodeSpace(rune)) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && IsContinuation(text[start])) --start;
    const size_t length = DecodeRune(text.substr(start), &rune);
    if (start + length != text.size() || !IsUnicodeSpace(rune)) break;
    text.remove_suffix(length);
  }
  return text;
}

}  // namespace watchfire::templates
