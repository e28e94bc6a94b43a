// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reading promtool's notation: what numbers, series and histograms are made of.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/strings.h"
#include "pkg/promql/histogram.h"

namespace watchfire::ruletest {

// What stands between values, and what numbers and names are made of.
inline bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsNameByte(char c, bool first) {
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
  // Those that follow report what stands there instead. A quoted text, in whatever quotes it is.
  Result<std::string> TakeQuoted();
  // A number as PromQL writes it, with or without a sign.
  Result<double> TakeNumber();
  Result<size_t> TakeCount();

  // `what` is wrong at this place, and what is found there.
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

// A native histogram as it is noted: its buckets by number.
struct Buckets {
  int32_t schema = 0;
  double count = 0;
  double sum = 0;
  double zero_count = 0;
  double zero_threshold = 0;
  std::map<int32_t, double> positive;
  std::map<int32_t, double> negative;
  std::vector<double> custom_values;

  // Adds `sign` times `other`, of the same schema.
  void Add(const Buckets& other, double sign);
  promql::Histogram ToHistogram() const;
};

// Takes `{{…}}`. Errors: kInvalidArgument.
Result<Buckets> TakeHistogram(Reader* reader);

}  // namespace watchfire::ruletest
