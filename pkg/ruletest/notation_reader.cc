// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/notation_reader.h"

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "pkg/matcher/runes.h"

namespace watchfire::ruletest {

Result<std::string> Reader::TakeQuoted() {
  const char quote = peek();
  if (quote != '"' && quote != '\'' && quote != '`') return Error("expected a text in quotes");
  size_t end = at_ + 1;
  while (end < text_.size() && text_[end] != quote) {
    end += quote != '`' && text_[end] == '\\' ? 2 : 1;
  }
  if (end >= text_.size()) return Error("a text without its closing quote");
  std::string inside(text_.substr(at_ + 1, end - at_ - 1));
  if (quote != '`') {
    // The same text in double quotes, which the reader of literals knows.
    std::string literal = "\"";
    for (size_t i = 0; i < inside.size(); ++i) {
      if (inside[i] == '\\' && i + 1 < inside.size()) {
        if (quote == '\'' && inside[i + 1] == '\'')
          ++i;  // \' is not known in double quotes.
        else
          literal += inside[i++];
        literal += inside[i];
      } else {
        if (inside[i] == '"') literal += '\\';
        literal += inside[i];
      }
    }
    std::optional<std::string> unquoted = matcher::GoUnquote(literal + "\"");
    if (!unquoted) return Error("a text with an unknown escape");
    inside = *std::move(unquoted);
  }
  at_ = end + 1;
  return inside;
}

Result<double> Reader::TakeNumber() {
  const size_t start = at_;
  double sign = 1;
  if (Take('-')) {
    sign = -1;
  } else {
    Take('+');
  }
  for (const std::string_view word : {"NaN", "nan", "Inf", "inf"}) {
    if (!Take(word)) continue;
    const bool is_nan = word[0] == 'N' || word[0] == 'n';
    return sign * (is_nan ? std::numeric_limits<double>::quiet_NaN()
                          : std::numeric_limits<double>::infinity());
  }
  double value = 0;
  const char* const end = text_.data() + text_.size();
  const bool digits = IsDigit(peek()) || peek() == '.';
  const std::from_chars_result read = std::from_chars(text_.data() + at_, end, value);
  if (read.ec == std::errc::result_out_of_range) value = std::numeric_limits<double>::infinity();
  if (read.ec == std::errc::invalid_argument || !digits) {
    at_ = start;
    return Error("expected a number, found " + Found());
  }
  at_ = static_cast<size_t>(read.ptr - text_.data());
  return sign * value;
}

Result<size_t> Reader::TakeCount() {
  uint64_t count = 0;
  const char* const end = text_.data() + text_.size();
  const std::from_chars_result read = std::from_chars(text_.data() + at_, end, count);
  if (read.ec != std::errc()) return Error("expected how often, found " + Found());
  at_ = static_cast<size_t>(read.ptr - text_.data());
  return count;
}

}  // namespace watchfire::ruletest
