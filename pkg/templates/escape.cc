// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/escape.h"

#include <algorithm>
#include <array>

#include "pkg/base/strings.h"
#include "pkg/templates/formatter.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string UnicodeEscape(char32_t rune) {
  std::string digits;
  for (int shift = rune > 0xffff ? 20 : 12; shift >= 0; shift -= 4) {
    digits += kUpperHex[(rune >> shift) & 15];
  }
  if (digits.size() > 5 && digits[0] == '0') digits.erase(0, 1);
  return "\\u" + digits;
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += "\ufffd";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string EscapeJs(std::string_view text) {
  static constexpr std::string_view kQuoted = "\\'\"";
  static constexpr std::string_view kEncoded = "<>&=";
  std::string out;
  while (!text.empty()) {
    char32_t rune = 0;
    const size_t length = DecodeRune(text, &rune);
    const char c = text[0];
    if (kQuoted.find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else if (rune < ' ' || (rune < 0x80 && kEncoded.find(c) != std::string_view::npos)) {
      out += UnicodeEscape(rune);
    } else if (rune < 0x80 || IsPrintableRune(rune)) {
      out += text.substr(0, length);
    } else {
      out += UnicodeEscape(rune);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string EscapeQuery(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    out += UrlEncode(text.substr(0, space));
    if (space < text.size()) out += '+';
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out;
}

Result<std::string> UnescapeQuery(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2])) continue;
    return InvalidArgument("invalid URL escape " + GoQuote(text.substr(i, 3)));
  }
  return UrlDecode(text, /*plus_is_space=*/true);
}

std::string EncodeBase64Url(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t group = 0;
    const size_t bytes = std::min<size_t>(3, text.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < bytes ? static_cast<unsigned char>(text[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += j <= bytes ? kBase64[(group >> (18 - 6 * j)) & 63] : '=';
    }
  }
  return out;
}

Result<std::string> DecodeBase64Url(std::string_view text) {
  const auto illegal = [](size_t at) {
    return InvalidArgument("illegal base64 data at input byte " + std::to_string(at));
  };
  std::string out;
  uint32_t group = 0;
  size_t digits = 0;
  size_t i = 0;
  for (; i < text.size() && text[i] != '='; ++i) {
    if (text[i] == '\n' || text[i] == '\r') continue;
    const size_t value = kBase64.find(text[i]);
    if (value == std::string_view::npos) return illegal(i);
    group = group << 6 | static_cast<uint32_t>(value);
    if (++digits % 4 != 0) continue;
    for (const int shift : {16, 8, 0}) out += static_cast<char>(group >> shift & 255);
    group = 0;
  }
  const size_t rest = digits % 4;
  size_t padding = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == '\r') continue;
    // After one sign of padding Go counts from there.
    if (text[i] != '=') return illegal(padding == 1 && rest == 2 ? i - 1 : i);
    if (++padding + rest > 4 || rest < 2) return illegal(i);
  }
  if (rest == 0) return out;
  if (padding == 0) return illegal(text.size() - rest);
  if (rest + padding != 4) return illegal(text.size());
  group <<= 6 * (4 - rest);
  out += static_cast<char>(group >> 16 & 255);
  if (rest == 3) out += static_cast<char>(group >> 8 & 255);
  return out;
}

}  // namespace watchfire::templates
