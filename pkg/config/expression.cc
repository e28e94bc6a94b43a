// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/expression.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "pkg/base/strings.h"

namespace watchfire::config {
namespace {

std::string At(std::string_view expression, size_t position) {
  const std::string_view before = expression.substr(0, position);
  const auto line = 1 + std::ranges::count(before, '\n');
  const size_t column = position - (before.rfind('\n') + 1) + 1;
  if (expression.find('\n') == std::string_view::npos)
    return " at character " + std::to_string(column);
  return " at line " + std::to_string(line) + ", character " + std::to_string(column) +
         " of the expression";
}

// Returns the position after the string literal that starts at `from`; npos if it does not end.
size_t SkipString(std::string_view text, size_t from) {
  const char quote = text[from];
  for (size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (quote == '`') continue;
    if (text[i] == '\n') return std::string_view::npos;
    if (text[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

}  // namespace

std::string ExpressionFault(std::string_view expression) {
  static constexpr std::string_view kOpen = "([{";
  static constexpr std::string_view kClose = ")]}";
  const auto quoted = [](char c) { return "'" + std::string(1, c) + "'"; };
  std::vector<size_t> open;  // Positions of brackets that wait for their partner.
  bool is_empty = true;
  for (size_t i = 0; i < expression.size();) {
    const char c = expression[i];
    if (c == '#') {
      i = std::min(expression.find('\n', i), expression.size());
      continue;
    }
    is_empty &= Trim(std::string_view(&c, 1)).empty();
    if (c == '"' || c == '\'' || c == '`') {
      const size_t end = SkipString(expression, i);
      if (end == std::string_view::npos) return "unclosed string" + At(expression, i);
      i = end;
      continue;
    }
    const size_t kind = kClose.find(c);
    if (kOpen.find(c) != std::string_view::npos) {
      open.push_back(i);
    } else if (kind != std::string_view::npos) {
      if (open.empty()) return "unexpected " + quoted(c) + At(expression, i);
      if (expression[open.back()] != kOpen[kind]) {
        return quoted(expression[open.back()]) + At(expression, open.back()) + " is closed by " +
               quoted(c);
      }
      open.pop_back();
    }
    ++i;
  }
  if (is_empty) return "empty expression";
  if (open.empty()) return "";
  return "unclosed " + quoted(expression[open.back()]) + At(expression, open.back());
}

}  // namespace watchfire::config
