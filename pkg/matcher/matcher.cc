// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/matcher/matcher.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <re2/re2.h>

#include "pkg/base/limits.h"
#include "pkg/base/regex.h"
#include "pkg/base/strings.h"
#include "pkg/matcher/parsers.h"
#include "pkg/matcher/runes.h"

namespace watchfire::matcher {
namespace {

// Program and DFA cache of one regex. Past it RE2 refuses the pattern or runs without the cache;
// matching stays linear in the text either way.
constexpr int64_t kRegexMemoryBytes = 8 << 20;

const char* Sign(Op op) {
  switch (op) {
    case Op::kEqual:
      return "=";
    case Op::kNotEqual:
      return "!=";
    case Op::kRegex:
      return "=~";
    case Op::kNotRegex:
      return "!~";
  }
  return "=";
}

Result<std::shared_ptr<const re2::RE2>> Compile(const std::string& pattern) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kRegexMemoryBytes);
  const std::string readable = WithOldGroupNames(pattern);
  const std::string fault = GoRegexFault(readable);
  if (!fault.empty()) return InvalidArgument("error parsing regexp: " + fault);
  auto regex = std::make_shared<const re2::RE2>(readable, options);
  if (!regex->ok()) {
    const bool whole = regex->error_code() == re2::RE2::ErrorPatternTooLarge;
    return InvalidArgument(std::string("error parsing regexp: ") +
                           RegexReason(regex->error_code()) + ": `" +
                           (whole ? regex->pattern() : regex->error_arg()) + "`");
  }
  return std::shared_ptr<const re2::RE2>(std::move(regex));
}

Status CheckLength(const std::string& regex) {
  if (regex.size() <= limits::kRegexBytes) return {};
  return InvalidArgument("regular expression of " + std::to_string(regex.size()) +
                         " bytes is longer than " + std::to_string(limits::kRegexBytes));
}

// Only what would end the string or the line; the rest stays readable.
std::string QuoteValue(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

bool HasReserved(std::string_view name) {
  while (!name.empty()) {
    const Rune rune = FirstRune(name);
    if (IsReserved(rune.value)) return true;
    name.remove_prefix(rune.length);
  }
  return false;
}

// What worked before UTF-8 names came keeps its old meaning, also where both grammars read a text,
// and differently; if neither does, the old message is the one that runbooks know.
template <typename T>
Result<T> Fallback(std::string_view text, Result<T> (*classic)(std::string_view),
                   Result<T> (*utf8)(std::string_view)) {
  Result<T> old = classic(text);
  if (old) return old;
  Result<T> fresh = utf8(text);
  return fresh ? std::move(fresh) : std::move(old);
}

}  // namespace

Result<Matcher> Matcher::Create(Op op, std::string name, std::string value) {
  Matcher matcher;
  if (op == Op::kRegex || op == Op::kNotRegex) {
    WF_RETURN_IF_ERROR(CheckLength(value));
    auto regex = Compile("^(?:" + value + ")$");
    if (!regex) return Fail(std::move(regex.error()));
    matcher.regex_ = std::move(*regex);
  }
  matcher.op_ = op;
  matcher.name_ = std::move(name);
  matcher.value_ = std::move(value);
  return matcher;
}

Status CheckRegex(const std::string& regex) {
  WF_RETURN_IF_ERROR(CheckLength(regex));
  WF_RETURN_IF_ERROR(Compile(regex));
  return {};
}

bool Matcher::MatchesValue(std::string_view value) const {
  switch (op_) {
    case Op::kEqual:
      return value == value_;
    case Op::kNotEqual:
      return value != value_;
    case Op::kRegex:
    case Op::kNotRegex:
      break;
  }
  const re2::StringPiece text(value.data(), value.size());
  const bool found = regex_->Match(text, 0, value.size(), re2::RE2::UNANCHORED, nullptr, 0);
  return found == (op_ == Op::kRegex);
}

std::string Matcher::ToString() const {
  if (HasReserved(name_)) return GoQuote(name_) + Sign(op_) + GoQuote(value_);
  return name_ + Sign(op_) + QuoteValue(value_);
}

bool MatchesAll(const Matchers& matchers, const labels::LabelSet& labels) {
  return std::ranges::all_of(matchers, [&](const Matcher& m) { return m.Matches(labels); });
}

std::string ToString(Matchers matchers) {
  const auto key = [](const Matcher& m) { return std::tie(m.name(), m.value()); };
  std::ranges::stable_sort(matchers, [&](const Matcher& a, const Matcher& b) {
    return key(a) == key(b) ? a.op() < b.op() : key(a) < key(b);
  });
  std::string out = "{";
  for (const Matcher& matcher : matchers) {
    if (out.size() > 1) out += ',';
    out += matcher.ToString();
  }
  return out + "}";
}

Result<Matchers> Parse(std::string_view text, Mode mode) {
  if (mode == Mode::kClassic) return ParseClassic(text);
  if (mode == Mode::kUtf8) return ParseUtf8(text);
  return Fallback(text, ParseClassic, ParseUtf8);
}

Result<Matcher> ParseOne(std::string_view text, Mode mode) {
  if (mode == Mode::kClassic) return ParseOneClassic(text);
  if (text.starts_with('{') || text.ends_with('}')) {
    return InvalidArgument("unexpected open or close brace: " + std::string(text));
  }
  if (mode == Mode::kUtf8) return ParseOneUtf8(text);
  return Fallback(text, ParseOneClassic, ParseOneUtf8);
}

}  // namespace watchfire::matcher
