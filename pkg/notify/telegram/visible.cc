// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/telegram/visible.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "pkg/base/strings.h"

namespace watchfire::notify::telegram {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kNumberBytesMax = 9;  // Of an entity up to its semicolon; longer is no character.
constexpr uint32_t kRuneEnd = 0x10ffff;

bool IsLetter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
bool IsSpace(char c) { return std::string_view(" \t\r\n\f").find(c) != kNone; }

// Returns how many bytes the tag is at which `html` begins, kNone when it does not end. What is in
// quotes behind an equals sign may hold anything.
size_t TagBytes(std::string_view html) {
  bool is_value = false;  // All since the last equals sign was space.
  for (size_t i = 1; i < html.size(); ++i) {
    const char c = html[i];
    if (c == '>') return i + 1;
    if (is_value && (c == '"' || c == '\'')) {
      i = html.find(c, i + 1);
      if (i == kNone) return kNone;
    }
    is_value = c == '=' || (is_value && IsSpace(c));
  }
  return kNone;
}

// The same of a number's entity behind "&#"; 0: it is none.
size_t NumberBytes(std::string_view text) {
  size_t begin = 2;
  const bool is_hex = begin < text.size() && text[begin] == 'x';
  if (is_hex) ++begin;
  uint32_t code = 0;
  const char* const first = text.data() + std::min(begin, text.size());
  const auto read = std::from_chars(first, text.data() + text.size(), code, is_hex ? 16 : 10);
  if (read.ec != std::errc() || code == 0 || code >= kRuneEnd) return 0;
  const auto end = static_cast<size_t>(read.ptr - text.data());
  if (end > kNumberBytesMax) return 0;
  return end < text.size() && text[end] == ';' ? end + 1 : end;
}

// Returns how many bytes the entity is at which `text` begins, 0 when Telegram knows none of that
// name and shows it as it stands.
size_t EntityBytes(std::string_view text) {
  if (text.starts_with("&#")) return NumberBytes(text);
  size_t end = 1;
  while (end < text.size() && IsLetter(text[end])) ++end;
  const std::string_view name = text.substr(1, end - 1);
  if (name != "lt" && name != "gt" && name != "amp" && name != "quot") return 0;
  return end < text.size() && text[end] == ';' ? end + 1 : end;
}

}  // namespace

size_t ShownRunes(std::string_view html) {
  std::string shown;
  for (size_t i = 0; i < html.size();) {
    const std::string_view rest = html.substr(i);
    const char next = rest.size() > 1 ? rest[1] : ' ';
    const char after = rest.size() > 2 ? rest[2] : ' ';
    const bool is_tag = rest[0] == '<' && (IsLetter(next) || (next == '/' && IsLetter(after)));
    const bool is_odd = rest[0] == '<' && (next == '!' || next == '?' || next == '/');
    if (is_odd && !is_tag) return RuneCount(html);
    const size_t tag = is_tag ? TagBytes(rest) : 0;
    if (tag == kNone) return RuneCount(html);
    const size_t entity = rest[0] == '&' ? EntityBytes(rest) : 0;
    if (entity > 0) shown += '&';
    if (tag == 0 && entity == 0) shown += rest[0];
    i += std::max<size_t>({tag, entity, 1});
  }
  return RuneCount(shown);
}

}  // namespace watchfire::notify::telegram
