// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/lenient.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Length of the string literal at the front of `text`, which starts with a quote.
size_t StringLength(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

std::string_view FirstValue(std::string_view body) {
  const std::string_view text =
      body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  if (!text.starts_with('[') && !text.starts_with('{')) {
    return text.substr(0, text.find_first_of(" \t\r\n"));
  }
  size_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') i += StringLength(text.substr(i)) - 1;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && --depth == 0) return text.substr(0, i + 1);
  }
  return text;
}

// The value of an escape \uXXXX at `text[at]`.
std::optional<uint32_t> UnicodeEscape(std::string_view text, size_t at) {
  if (text.substr(std::min(at, text.size()), 2) != "\\u" || text.size() < at + 6) {
    return std::nullopt;
  }
  uint32_t value = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const int digit = HexValue(text[i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

std::string RepairSurrogates(std::string text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') continue;
    const std::optional<uint32_t> unit = UnicodeEscape(text, i);
    if (!unit) {
      ++i;  // Past the escaped character, which may be a backslash.
      continue;
    }
    const bool pair =
        IsHighSurrogate(*unit) && IsLowSurrogate(UnicodeEscape(text, i + 6).value_or(0));
    if (!pair && *unit >= 0xd800 && *unit <= 0xdfff) text.replace(i + 2, 4, "fffd");
    i += pair ? 11 : 5;
  }
  return text;
}

// Every % starts an escape. In a host Go allows only escapes of non-ASCII bytes, and %25.
bool EscapesAreWhole(std::string_view text, bool host) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || HexValue(text[i + 1]) < 0 || HexValue(text[i + 2]) < 0)
      return false;
    if (host && HexValue(text[i + 1]) < 8 && text.substr(i, 3) != "%25") return false;
  }
  return true;
}

bool AllOf(std::string_view text, std::string_view punctuation, bool non_ascii) {
  return std::ranges::all_of(text, [&](char c) {
    if (static_cast<unsigned char>(c) >= 0x80) return non_ascii;
    return IsLetter(c) || IsDigit(c) || punctuation.find(c) != std::string_view::npos;
  });
}

bool IsPort(std::string_view text) {
  return text.empty() || (text.front() == ':' &&
                          std::ranges::all_of(text.substr(1), [](char c) { return IsDigit(c); }));
}

bool IsHost(std::string_view host) {
  if (host.find('[', 1) != std::string_view::npos) return false;
  if (host.starts_with('[')) {
    const size_t close = host.rfind(']');
    if (close == std::string_view::npos || !IsPort(host.substr(close + 1))) return false;
  } else if (const size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    if (!IsPort(host.substr(colon))) return false;
  }
  return AllOf(host, "-_.~!$&'()*+,;=:[]<>\"%", true) && EscapesAreWhole(host, true);
}

bool IsAuthority(std::string_view authority) {
  const size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return IsHost(authority);
  const std::string_view user = authority.substr(0, at);
  return AllOf(user, "-._:~!$&'()*+,;=%@", false) && EscapesAreWhole(user, false) &&
         IsHost(authority.substr(at + 1));
}

// Length of the scheme before the first colon; 0 when there is none; nullopt for ":…".
std::optional<size_t> SchemeLength(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i == 0 ? std::nullopt : std::optional<size_t>(i);
    const bool tail = IsDigit(c) || c == '+' || c == '-' || c == '.';
    if (!IsLetter(c) && (i == 0 || !tail)) return 0;
  }
  return 0;
}

}  // namespace

std::string RepairJson(std::string_view body) {
  return RepairSurrogates(RepairUtf8(FirstValue(body)));
}

bool IsRequestUri(std::string_view text) {
  if (std::ranges::any_of(
          text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
    return false;
  }
  if (text == "*") return true;
  const std::optional<size_t> scheme = SchemeLength(text);
  if (!scheme) return false;
  std::string_view rest = *scheme == 0 ? text : text.substr(*scheme + 1);
  rest = rest.substr(0, rest.find('?'));
  if (!rest.starts_with('/')) return *scheme > 0;  // Opaque, for example mailto:someone.
  if (*scheme > 0 && rest.starts_with("//")) {
    rest.remove_prefix(2);
    const size_t path = std::min(rest.find('/'), rest.size());
    if (!IsAuthority(rest.substr(0, path))) return false;
    rest.remove_prefix(path);
  }
  return EscapesAreWhole(rest, false);
}

bool LowerCaseEquals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

}  // namespace watchfire::alert
