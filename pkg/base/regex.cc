// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/regex.h"

#include <algorithm>

namespace watchfire {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The length of the class that `pattern` begins with.
size_t ClassLength(std::string_view pattern) {
  size_t i = pattern.starts_with("[^") ? 2 : 1;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  while (i < pattern.size() && pattern[i] != ']') i += pattern[i] == '\\' ? 2 : 1;
  return std::min(i + 1, pattern.size());
}

// The repetition that `pattern` begins with, "{12,345}"; "" if it is none, and so a text. RE2 takes
// it for a text also when a number has more than eight digits.
std::string_view Repetition(std::string_view pattern) {
  size_t i = 1;
  while (i < pattern.size() && IsDigit(pattern[i])) ++i;
  if (i == 1) return "";
  if (i < pattern.size() && pattern[i] == ',') ++i;
  while (i < pattern.size() && IsDigit(pattern[i])) ++i;
  if (i >= pattern.size() || pattern[i] != '}') return "";
  return pattern.substr(0, i + 1);
}

bool HasLongNumber(std::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    digits = IsDigit(c) ? digits + 1 : 0;
    if (digits > 8) return true;
  }
  return false;
}

bool IsWordByte(char c) { return IsDigit(c) || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

}  // namespace

const char* RegexReason(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "unexpected error";
  }
}

std::string WithOldGroupNames(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (pattern[i] == '\\') {
      out += rest.substr(0, 2);
      ++i;
      continue;
    }
    if (!in_class && rest.starts_with("(?<") && !rest.starts_with("(?<=") &&
        !rest.starts_with("(?<!")) {
      out += "(?P<";
      i += 2;
      continue;
    }
    if (pattern[i] == '[') in_class = true;
    if (pattern[i] == ']') in_class = false;
    out += pattern[i];
  }
  return out;
}

std::string GoRegexFault(std::string_view pattern) {
  while (!pattern.empty()) {
    size_t length = 1;
    if (pattern.starts_with("\\Q")) {
      length = std::min(pattern.find("\\E"), pattern.size());
    } else if (pattern.starts_with("\\C")) {
      return "invalid escape sequence: `\\C`";
    } else if (pattern[0] == '\\') {
      length = 2;
    } else if (pattern[0] == '[') {
      length = ClassLength(pattern);
    } else if (pattern.starts_with("(?P<") && pattern.find('>') != std::string_view::npos) {
      const std::string_view group = pattern.substr(0, pattern.find('>') + 1);
      if (!std::ranges::all_of(group.substr(4, group.size() - 5), IsWordByte)) {
        return "invalid named capture: `" + std::string(group) + "`";
      }
    } else if (pattern[0] == '{' && HasLongNumber(Repetition(pattern))) {
      return "invalid repeat count: `" + std::string(Repetition(pattern)) + "`";
    }
    pattern.remove_prefix(std::min(length, pattern.size()));
  }
  return "";
}

std::string QuoteRegex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace watchfire
