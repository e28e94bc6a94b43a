// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Label matchers: `name op "value"`, the language of routes, inhibition, silences and API filters.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/labels/labels.h"

namespace re2 {
class RE2;
}

namespace watchfire::matcher {

enum class Op { kEqual, kNotEqual, kRegex, kNotRegex };  // In printing order: = != =~ !~

class Matcher {
 public:
  // Errors: kInvalidArgument with the reason a regex does not compile (RE2 syntax, anchored both
  // ends as ^(?:re)$) or is longer than limits::kRegexBytes.
  static Result<Matcher> Create(Op op, std::string name, std::string value);

  const std::string& name() const { return name_; }
  const std::string& value() const { return value_; }
  Op op() const { return op_; }

  // A missing label is the empty string.
  bool Matches(const labels::LabelSet& labels) const { return MatchesValue(labels.Get(name_)); }
  bool MatchesValue(std::string_view value) const;

  // name="value": value escaped for \ " and newline only; if the name has a reserved character both
  // are printed as Go quotes. Source: Alertmanager matcher.String (reference §3.4).
  std::string ToString() const;

  bool operator==(const Matcher& other) const {
    return op_ == other.op_ && name_ == other.name_ && value_ == other.value_;
  }

 private:
  Matcher() = default;

  Op op_ = Op::kEqual;
  std::string name_;
  std::string value_;
  std::shared_ptr<const re2::RE2> regex_;  // Only for regex operators.
};

// Says why `regex`, read by itself as silences have it read, does not compile. Not all that
// compiles as part of ^(?:re)$ does by itself: `a)(b`.
Status CheckRegex(const std::string& regex);

using Matchers = std::vector<Matcher>;  // All must match.

bool MatchesAll(const Matchers& matchers, const labels::LabelSet& labels);

// {a="1",b=~"x"} sorted by name, value, operator; no spaces. The form of route keys.
std::string ToString(Matchers matchers);

enum class Mode {
  kFallback,  // Classic where the classic grammar reads the text, else UTF-8; classic errors.
  kClassic,   // Names as [a-zA-Z_:][a-zA-Z0-9_:]*; only \n \" and \\ are escapes.
  kUtf8,      // Any name, quoted as a Go string where it holds reserved characters.
};

// Parses one entry of a `matchers:` list, which may hold several matchers. Errors carry
// Alertmanager's texts. Source: reference §3.7.
Result<Matchers> Parse(std::string_view text, Mode mode = Mode::kFallback);
// Parses exactly one matcher (API filters, amtool). Braces are refused, except that in classic mode
// they belong to the value, as commas do.
Result<Matcher> ParseOne(std::string_view text, Mode mode = Mode::kFallback);

}  // namespace watchfire::matcher
