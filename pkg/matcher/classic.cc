// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/matcher/parsers.h"
#include "pkg/matcher/runes.h"

namespace watchfire::matcher {
namespace {

constexpr std::string_view kSpace = " \t\n\f\r";  // What \s means to RE2.

void SkipSpace(std::string_view* text) {
  text->remove_prefix(std::min(text->find_first_not_of(kSpace), text->size()));
}

std::string_view TakeName(std::string_view* text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  size_t length = 0;
  while (length < text->size()) {
    const char c = (*text)[length];
    if (!letter(c) && (length == 0 || c < '0' || c > '9')) break;
    ++length;
  }
  const std::string_view name = text->substr(0, length);
  text->remove_prefix(length);
  return name;
}

std::optional<Op> TakeOp(std::string_view* text) {
  static constexpr std::pair<std::string_view, Op> kOps[] = {
      {"=~", Op::kRegex}, {"=", Op::kEqual}, {"!=", Op::kNotEqual}, {"!~", Op::kNotRegex}};
  for (const auto& [sign, op] : kOps) {
    if (text->starts_with(sign)) {
      text->remove_prefix(sign.size());
      return op;
    }
  }
  return std::nullopt;
}

// Removes the optional quotes and the three escapes of `raw`.
Result<std::string> Unescape(std::string_view raw) {
  const auto stray_quote = [raw] {
    return InvalidArgument("matcher value contains unescaped double quote: " + std::string(raw));
  };
  const bool quoted = raw.starts_with('"');
  const std::string_view body = quoted ? raw.substr(1) : raw;
  if (!IsValidUtf8(body)) {
    return InvalidArgument("matcher value not valid UTF-8: " + std::string(raw));
  }
  bool closed = !quoted;
  std::string value;
  for (size_t i = 0; i < body.size(); ++i) {
    const bool last = i + 1 == body.size();
    if (body[i] == '"') {
      if (closed || !last) return stray_quote();
      closed = true;
    } else if (body[i] == '\\' && !last) {
      const char escaped = body[++i];
      if (escaped != 'n' && escaped != '"' && escaped != '\\') value += '\\';
      value += escaped == 'n' ? '\n' : escaped;
    } else {
      value += body[i];
    }
  }
  if (!closed) return stray_quote();
  return value;
}

// Cuts at the commas that stand outside quotes. White space alone behind the last one is nothing.
std::vector<std::string_view> SplitPieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  bool quoted = false;
  bool escaped = false;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ',' && !quoted) {
      pieces.push_back(text.substr(start, i - start));
      start = i + 1;
    } else if (c == '"') {
      if (!escaped) quoted = !quoted;
      escaped = false;
    } else if (c == '\\') {
      escaped = !escaped;
    } else if (c != ',') {
      escaped = false;  // A quoted comma leaves a backslash before it in force, as upstream does.
    }
  }
  const std::string_view rest = TrimSpace(text.substr(start));
  if (!rest.empty()) pieces.push_back(rest);
  return pieces;
}

}  // namespace

Result<Matcher> ParseOneClassic(std::string_view text) {
  std::string_view rest = text;
  SkipSpace(&rest);
  const std::string_view name = TakeName(&rest);
  SkipSpace(&rest);
  const std::optional<Op> op = TakeOp(&rest);
  if (name.empty() || !op) return InvalidArgument("bad matcher format: " + std::string(text));
  SkipSpace(&rest);
  rest = rest.substr(0, rest.find_last_not_of(kSpace) + 1);
  Result<std::string> value = Unescape(rest);
  if (!value) return Fail(std::move(value.error()));
  return Matcher::Create(*op, std::string(name), std::move(*value));
}

Result<Matchers> ParseClassic(std::string_view text) {
  const std::string repaired = RepairUtf8(text);
  std::string_view inner = repaired;
  if (inner.starts_with('{')) inner.remove_prefix(1);
  if (inner.ends_with('}')) inner.remove_suffix(1);
  Matchers matchers;
  for (const std::string_view piece : SplitPieces(inner)) {
    Result<Matcher> matcher = ParseOneClassic(piece);
    if (!matcher) return Fail(std::move(matcher.error()));
    matchers.push_back(std::move(*matcher));
  }
  return matchers;
}

}  // namespace watchfire::matcher
