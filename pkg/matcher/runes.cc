// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/matcher/runes.h"

#include "pkg/base/strings.h"

namespace watchfire::matcher {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

size_t LengthByLead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

void AppendUtf8(uint32_t rune, std::string* out) {
  const auto put = [out](uint32_t byte) { *out += static_cast<char>(byte); };
  const auto tail = [put, rune](unsigned shift) { put(0x80 | ((rune >> shift) & 0x3f)); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xc0 | (rune >> 6));
    tail(0);
  } else if (rune < 0x10000) {
    put(0xe0 | (rune >> 12));
    tail(6);
    tail(0);
  } else {
    put(0xf0 | (rune >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Reads exactly `digits` digits of `base` from the front of `text`, removing them.
std::optional<uint32_t> TakeNumber(std::string_view* text, size_t digits, uint32_t base) {
  if (text->size() < digits) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text->substr(0, digits)) {
    uint32_t digit = base;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A' + 10);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  text->remove_prefix(digits);
  return value;
}

// Decodes the escape behind a backslash at the front of `text`, removing it. False: malformed.
bool TakeEscape(std::string_view* text, std::string* out) {
  static constexpr std::string_view kFrom = "abfnrtv\\\"";
  static constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\\"";
  if (text->empty()) return false;
  const char kind = text->front();
  if (const size_t simple = kFrom.find(kind); simple != std::string_view::npos) {
    *out += kTo[simple];
    text->remove_prefix(1);
    return true;
  }
  if (kind >= '0' && kind <= '7') {
    const auto byte = TakeNumber(text, 3, 8);
    if (!byte || *byte > 0xff) return false;
    *out += static_cast<char>(*byte);
    return true;
  }
  if (kind != 'x' && kind != 'u' && kind != 'U') return false;
  text->remove_prefix(1);
  const auto value = TakeNumber(text, kind == 'x' ? 2 : kind == 'u' ? 4 : 8, 16);
  if (!value) return false;
  if (kind == 'x') {
    *out += static_cast<char>(*value);
    return true;
  }
  if (*value > 0x10ffff || (*value >= 0xd800 && *value <= 0xdfff)) return false;
  AppendUtf8(*value, out);
  return true;
}

}  // namespace

Rune FirstRune(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t length = LengthByLead(lead);
  if (length == 0 || text.size() < length || !IsValidUtf8(text.substr(0, length))) {
    return {kReplacement, 1, false};
  }
  uint32_t value = length == 1 ? lead : lead & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  return {value, length, true};
}

bool IsSpace(uint32_t rune) {
  switch (rune) {
    case ' ':
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000:
      return true;
    default:
      return (rune >= '\t' && rune <= '\r') || (rune >= 0x2000 && rune <= 0x200a);
  }
}

bool IsReserved(uint32_t rune) {
  static constexpr std::string_view kPunctuation = "{}!=~,\\\"'`";
  if (IsSpace(rune)) return true;
  return rune < 0x80 && kPunctuation.find(static_cast<char>(rune)) != std::string_view::npos;
}

size_t Columns(std::string_view text) {
  size_t columns = 0;
  for (; !text.empty(); ++columns) text.remove_prefix(FirstRune(text).length);
  return columns;
}

std::string_view TrimSpace(std::string_view text) {
  size_t kept = 0;  // Length up to the last rune that is not white space.
  size_t start = text.size();
  for (size_t at = 0; at < text.size();) {
    const Rune rune = FirstRune(text.substr(at));
    if (!IsSpace(rune.value)) {
      start = std::min(start, at);
      kept = at + rune.length;
    }
    at += rune.length;
  }
  return kept == 0 ? std::string_view() : text.substr(start, kept - start);
}

std::optional<std::string> GoUnquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') return std::nullopt;
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"' || c == '\n') return std::nullopt;
    if (c != '\\') {
      out += c;
    } else if (!TakeEscape(&rest, &out)) {
      return std::nullopt;
    }
  }
  if (!IsValidUtf8(out)) return std::nullopt;
  return out;
}

}  // namespace watchfire::matcher
