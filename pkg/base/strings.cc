// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/strings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "pkg/base/eight.h"
#include "pkg/base/hex64.h"

namespace watchfire {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// Decodes one code point at `text[0]`. Returns its length in bytes, 0 when malformed.
size_t DecodeRune(std::string_view text, uint32_t* rune) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    *rune = lead;
    return 1;
  }
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  uint32_t value = lead & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return 0;
  *rune = value;
  return length;
}

// A small stand-in for Go's unicode.IsPrint: controls, separators other than space, private use,
// surrogates and the common format characters do not print.
bool IsPrintable(uint32_t rune) {
  if (rune < 0x20 || (rune >= 0x7f && rune <= 0xa0) || rune == 0xad) return false;
  if (rune >= 0x2000 && rune <= 0x200f) return false;
  if (rune >= 0x2028 && rune <= 0x202f) return false;
  if (rune >= 0x205f && rune <= 0x206f) return false;
  if (rune == 0x1680 || rune == 0x3000 || rune == 0xfeff) return false;
  return !(rune >= 0xe000 && rune <= 0xf8ff) && rune != 0xfffe && rune != 0xffff && rune < 0xe0000;
}

std::string Escaped(const char* format, uint32_t value) {
  std::array<char, 16> buffer{};
  // NOLINTNEXTLINE: the two formats come from GoQuote below.
  std::snprintf(buffer.data(), buffer.size(), format, value);
  return buffer.data();
}

void AppendQuotedRune(uint32_t rune, std::string_view bytes, std::string* out) {
  static constexpr std::string_view kFrom = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kTo = "abfnrtv\\\"";
  const size_t simple = rune < 0x80 ? kFrom.find(static_cast<char>(rune)) : std::string_view::npos;
  if (simple != std::string_view::npos) {
    *out += '\\';
    *out += kTo[simple];
  } else if (IsPrintable(rune)) {
    *out += bytes;
  } else if (rune < 0x80) {
    *out += Escaped("\\x%02x", rune);
  } else {
    *out += Escaped(rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
  }
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      const size_t best = std::min({row[j] + 1, row[j - 1] + 1, diagonal + cost});
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[b.size()];
}

// How many bytes there are before the first that is not ASCII.
size_t AsciiPrefix(std::string_view text) {
  constexpr size_t kSize = Eight::kSize;
  size_t at = 0;
  for (; at + 4 * kSize <= text.size(); at += 4 * kSize) {
    const char* const from = text.data() + at;
    const Eight::Marks foreign = Eight(from).IsForeign() | Eight(from + kSize).IsForeign() |
                                 Eight(from + 2 * kSize).IsForeign() |
                                 Eight(from + 3 * kSize).IsForeign();
    if (Eight::Before(foreign) < kSize) break;
  }
  for (; at + kSize <= text.size(); at += kSize) {
    const size_t ascii = Eight::Before(Eight(text.data() + at).IsForeign());
    if (ascii < kSize) return at + ascii;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// How many bytes there are before the first that is not printable ASCII or that GoQuote() escapes.
size_t UnquotedPrefix(std::string_view text) {
  size_t at = 0;
  for (; at + Eight::kSize <= text.size(); at += Eight::kSize) {
    const Eight eight(text.data() + at);
    const size_t same = Eight::Before(eight.IsBelow(' ') | eight.Is('"') | eight.Is('\\') |
                                      eight.Is('\x7f') | eight.IsForeign());
    if (same < Eight::kSize) return at + same;
  }
  const auto is_same = [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; };
  while (at < text.size() && is_same(text[at])) ++at;
  return at;
}

}  // namespace

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  for (size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, start)) {
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::string_view Trim(std::string_view text) {
  static constexpr std::string_view kSpace = " \t\r\n\v\f";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string GoQuote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    if (const size_t same = UnquotedPrefix(text); same > 0) {
      out += text.substr(0, same);
      text.remove_prefix(same);
      continue;
    }
    uint32_t rune = 0;
    size_t length = DecodeRune(text, &rune);
    if (length == 0) {
      out += Escaped("\\x%02x", static_cast<unsigned char>(text[0]));
      length = 1;
    } else {
      AppendQuotedRune(rune, text.substr(0, length), &out);
    }
    text.remove_prefix(length);
  }
  return out + "\"";
}

bool IsValidUtf8(std::string_view text) {
  uint32_t rune = 0;
  while (!text.empty()) {
    if (const size_t ascii = AsciiPrefix(text); ascii > 0) {
      text.remove_prefix(ascii);
      continue;
    }
    const size_t length = DecodeRune(text, &rune);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string RepairUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  uint32_t rune = 0;
  while (!text.empty()) {
    if (const size_t ascii = AsciiPrefix(text); ascii > 0) {
      out += text.substr(0, ascii);
      text.remove_prefix(ascii);
      continue;
    }
    const size_t length = DecodeRune(text, &rune);
    if (length == 0) {
      out += kReplacement;
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

size_t RuneCount(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string TruncateRunes(std::string_view text, size_t max) {
  if (text.size() <= max) return std::string(text);
  const size_t keep = max <= 3 ? max : max - 1;
  size_t kept = 0;  // Bytes before the one that is too much, should there be one.
  size_t runes = 0;
  size_t bytes = 0;
  if (AsciiPrefix(text.substr(0, max + 1)) > max) {
    kept = keep;
    runes = max + 1;
  }
  for (; bytes < text.size() && runes <= max; ++bytes) {
    const bool starts = (static_cast<unsigned char>(text[bytes]) & 0xc0) != 0x80;
    if (starts && runes++ == keep) kept = bytes;
  }
  if (runes <= max) return std::string(text);
  std::string out(text.substr(0, kept));
  if (max > 3) out += "\u2026";
  return out;
}

std::string Hex64(uint64_t value) {
  std::string out(kHex64Digits, '0');
  WriteHex64(value, out.data());
  return out;
}

std::optional<uint64_t> ParseHex64(std::string_view text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  const bool is_whole = error == std::errc() && stop == end && text.size() == 16;
  return is_whole ? std::optional(value) : std::nullopt;
}

std::string UrlEncode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alnum || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string UrlDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
                        HexValue(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool EqualsConstantTime(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

std::string Nearest(std::string_view text, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = 2 + text.size() / 3;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(text, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string FormatGoFloat(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer{};
  char* const end = buffer.data() + buffer.size();
  char* last = std::to_chars(buffer.data(), end, value, std::chars_format::scientific).ptr;
  const std::string_view digits(buffer.data(), static_cast<size_t>(last - buffer.data()));
  std::string_view exponent_text = digits.substr(digits.find('e') + 1);
  if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
  int exponent = 0;
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  if (exponent >= -4 && exponent < 6) {
    last = std::to_chars(buffer.data(), end, value, std::chars_format::fixed).ptr;
  }
  return {buffer.data(), last};
}

}  // namespace watchfire
