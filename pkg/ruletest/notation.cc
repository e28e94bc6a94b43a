// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/notation.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/matcher/runes.h"
#include "pkg/rules/series.h"

namespace watchfire::ruletest {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsNameByte(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         (!first && IsDigit(c));
}

// A text and how far it has been read.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  void SkipSpace() {
    while (!done() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }
  bool Take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  std::string TakeName() {
    const size_t start = at_;
    while (!done() && IsNameByte(text_[at_], at_ == start)) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  // A quoted text, in whatever quotes it is.
  Result<std::string> TakeQuoted();
  // A number as PromQL writes it, with or without a sign.
  Result<double> TakeNumber();
  Result<size_t> TakeCount();

  tl::unexpected<watchfire::Error> Error(const std::string& what) const {
    return Fail(Code::kInvalidArgument, "at byte " + std::to_string(at_ + 1) + ": " + what);
  }
  std::string Found() const {
    return done() ? "the end" : GoQuote(std::string(text_.substr(at_, 1)));
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

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

using Values = std::vector<std::optional<double>>;

// Adds `count` values, each by `step` more than the one before.
Status Repeat(std::optional<double> first, double step, size_t count, Values* out) {
  if (count > limits::kNotatedValues - std::min(out->size(), limits::kNotatedValues)) {
    return Fail(Code::kExhausted,
                "more than " + std::to_string(limits::kNotatedValues) + " values");
  }
  // Added up, not multiplied, as promtool does.
  for (; count > 0; --count) {
    out->push_back(first);
    if (first) *first += step;
  }
  return {};
}

Status ReadItem(Reader* reader, Values* out) {
  if (reader->Take('_')) {
    if (!reader->Take('x')) return Repeat(std::nullopt, 0, 1, out);
    const Result<size_t> count = reader->TakeCount();
    if (!count) return Fail(count.error());
    return Repeat(std::nullopt, 0, *count, out);
  }
  if (reader->Take("stale")) return Repeat(rules::StaleMarker(), 0, 1, out);
  const Result<double> first = reader->TakeNumber();
  if (!first) return Fail(first.error());
  Result<double> step = 0;
  const bool steps = reader->peek() == '+' || reader->peek() == '-';
  if (steps) step = reader->TakeNumber();
  if (!step) return Fail(step.error());
  if (!reader->Take('x')) {
    if (steps) return reader->Error("expected x and how often, found " + reader->Found());
    return Repeat(*first, 0, 1, out);
  }
  const Result<size_t> count = reader->TakeCount();
  if (!count) return Fail(count.error());
  return Repeat(*first, *step, *count + 1, out);
}

// One thing between the braces: name="value", or the metric's name in quotes.
Status ReadLabel(Reader* reader, labels::LabelSet::Pairs* pairs) {
  std::string name = reader->TakeName();
  const bool quoted = name.empty();
  if (quoted) {
    Result<std::string> text = reader->TakeQuoted();
    if (!text) return Fail(std::move(text.error()));
    name = *std::move(text);
  }
  reader->SkipSpace();
  std::string value;
  if (reader->Take('=')) {
    reader->SkipSpace();
    Result<std::string> text = reader->TakeQuoted();
    if (!text) return Fail(std::move(text.error()));
    value = *std::move(text);
  } else if (quoted) {
    value = std::exchange(name, "__name__");
  } else {
    return reader->Error("expected =, found " + reader->Found());
  }
  if (name.empty()) return reader->Error("a label needs a name");
  for (const auto& [known, text] : *pairs) {
    if (known == name) return reader->Error("label " + GoQuote(name) + " is given twice");
  }
  pairs->emplace_back(std::move(name), std::move(value));
  return {};
}

}  // namespace

Result<labels::LabelSet> ParseMetric(std::string_view text) {
  Reader reader(text);
  reader.SkipSpace();
  labels::LabelSet::Pairs pairs;
  std::string name = reader.TakeName();
  reader.SkipSpace();
  if (name.empty() && reader.peek() != '{') {
    return reader.Error("expected a metric's name or {, found " + reader.Found());
  }
  if (!name.empty()) pairs.emplace_back("__name__", std::move(name));
  if (reader.Take('{')) {
    for (reader.SkipSpace(); !reader.Take('}'); reader.SkipSpace()) {
      WF_RETURN_IF_ERROR(ReadLabel(&reader, &pairs));
      reader.SkipSpace();
      if (!reader.Take(',') && reader.peek() != '}') {
        return reader.Error("expected , or }, found " + reader.Found());
      }
    }
    reader.SkipSpace();
  }
  if (!reader.done()) return reader.Error("expected nothing more, found " + reader.Found());
  return labels::LabelSet(std::move(pairs));
}

Result<Values> ParseValues(std::string_view text) {
  Reader reader(text);
  Values out;
  for (reader.SkipSpace(); !reader.done(); reader.SkipSpace()) {
    WF_RETURN_IF_ERROR(ReadItem(&reader, &out));
    if (!reader.done() && !IsSpace(reader.peek())) {
      return reader.Error("expected a space, found " + reader.Found());
    }
  }
  return out;
}

}  // namespace watchfire::ruletest
