// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <optional>
#include <string>
#include <utility>

#include "pkg/matcher/parsers.h"
#include "pkg/matcher/runes.h"

namespace watchfire::matcher {
namespace {

enum class Kind { kEnd, kOpen, kClose, kComma, kOperator, kQuoted, kUnquoted, kBad };

struct Token {
  Kind kind = Kind::kEnd;
  std::string_view text;
  size_t start = 0;   // Column, in code points from 0.
  size_t end = 0;     // Column behind.
  std::string fault;  // Of kBad: what is wrong, without the position.

  std::string Span() const { return std::to_string(start) + ":" + std::to_string(end) + ": "; }
};

// Cuts the text into tokens, always holding the next one ready. A bad token stays: nothing behind
// it is ever read.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) { next_ = Read(); }

  const Token& next() const { return next_; }
  size_t column() const { return column_; }  // Behind the last token taken.

  Token Take() {
    Token taken = std::move(next_);
    column_ = taken.end;
    next_ = Read();
    return taken;
  }

 private:
  Token Read() {
    size_t start = read_column_;
    for (Rune rune = FirstRune(rest_); rune.length > 0 && IsSpace(rune.value);
         rune = FirstRune(rest_)) {
      rest_.remove_prefix(rune.length);
      ++start;
    }
    read_column_ = start;
    if (rest_.empty()) return {Kind::kEnd, rest_, start, start, ""};
    switch (rest_.front()) {
      case '{':
        return Cut(Kind::kOpen, 1);
      case '}':
        return Cut(Kind::kClose, 1);
      case ',':
        return Cut(Kind::kComma, 1);
      case '=':
        return Cut(Kind::kOperator, rest_.substr(1).starts_with('~') ? 2 : 1);
      case '!':
        return ReadNegation();
      case '"':
        return ReadQuoted();
      default:
        return ReadUnquoted();
    }
  }

  Token ReadNegation() {
    const std::string_view sign = rest_.substr(0, 2);
    if (sign == "!=" || sign == "!~") return Cut(Kind::kOperator, 2);
    const bool at_end = rest_.size() == 1;
    return Cut(
        Kind::kBad, 1,
        at_end ? "unexpected end of input, expected one of '=~'" : "!: expected one of '=~'");
  }

  Token ReadQuoted() {
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        return Cut(Kind::kQuoted, i + 1);
      }
    }
    return Cut(Kind::kBad, rest_.size(), std::string(rest_) + ": missing end \"");
  }

  Token ReadUnquoted() {
    size_t length = 0;
    Rune rune = FirstRune(rest_);
    while (rune.length > 0 && rune.valid && !IsReserved(rune.value)) {
      length += rune.length;
      rune = FirstRune(rest_.substr(length));
    }
    if (length > 0) return Cut(Kind::kUnquoted, length);
    return Cut(Kind::kBad, rune.length,
               std::string(rest_.substr(0, rune.length)) + ": invalid input");
  }

  Token Cut(Kind kind, size_t length, std::string fault = "") {
    Token token{kind, rest_.substr(0, length), read_column_, read_column_, std::move(fault)};
    token.end += Columns(token.text);
    read_column_ = token.end;
    rest_.remove_prefix(length);
    return token;
  }

  std::string_view rest_;
  size_t read_column_ = 0;
  size_t column_ = 0;
  Token next_;
};

Op OpOf(std::string_view sign) {
  if (sign == "=") return Op::kEqual;
  if (sign == "!=") return Op::kNotEqual;
  return sign == "=~" ? Op::kRegex : Op::kNotRegex;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Matchers> Parse() {
    // A fault before the first matcher is told bare, without what was expected instead.
    if (next().kind == Kind::kBad) return InvalidArgument(next().Span() + next().fault);
    if (next().kind == Kind::kEnd) return Matchers();
    const bool open = next().kind == Kind::kOpen;
    if (open) lexer_.Take();
    if (next().kind == Kind::kBad) return InvalidArgument(next().Span() + next().fault);
    Matchers matchers;
    if (next().kind != Kind::kEnd && next().kind != Kind::kClose) {
      WF_RETURN_IF_ERROR(ParseList(&matchers));
    }
    WF_RETURN_IF_ERROR(ParseEnd(open));
    return matchers;
  }

 private:
  const Token& next() const { return lexer_.next(); }

  // Tells what stands in the place of `expected`.
  tl::unexpected<Error> Expected(const std::string& expected) const {
    const Token& token = next();
    if (token.kind == Kind::kEnd) return InvalidArgument("end of input: " + expected);
    const std::string what =
        token.kind == Kind::kBad ? token.fault : "unexpected " + std::string(token.text);
    return InvalidArgument(token.Span() + what + ": " + expected);
  }

  Status ParseList(Matchers* matchers) {
    for (;;) {
      WF_RETURN_IF_ERROR(ParseMatcher(matchers));
      if (next().kind == Kind::kEnd || next().kind == Kind::kClose) return {};
      if (next().kind != Kind::kComma) return Expected("expected a comma or close brace");
      lexer_.Take();
      if (next().kind == Kind::kEnd || next().kind == Kind::kClose) return {};
      if (!AtText()) return Expected("expected a matcher or close brace after comma");
    }
  }

  Status ParseMatcher(Matchers* matchers) {
    if (!AtText()) return Expected("expected label name");
    Result<std::string> name = TakeText();
    if (!name) return Fail(std::move(name.error()));
    if (next().kind != Kind::kOperator) {
      return Expected("expected an operator such as '=', '!=', '=~' or '!~'");
    }
    const Op op = OpOf(lexer_.Take().text);
    if (!AtText()) return Expected("expected label value");
    Result<std::string> value = TakeText();
    if (!value) return Fail(std::move(value.error()));
    Result<Matcher> matcher = Matcher::Create(op, std::move(*name), std::move(*value));
    if (!matcher) {
      return Fail(matcher.error().code, "failed to create matcher: " + matcher.error().message);
    }
    matchers->push_back(std::move(*matcher));
    return {};
  }

  // The braces agree and nothing follows. Here positions count from the start of the text.
  Status ParseEnd(bool open) {
    const bool close = next().kind == Kind::kClose;
    if (close) lexer_.Take();
    const std::string place = "0:" + std::to_string(lexer_.column()) + ": ";
    if (open && !close) return InvalidArgument(place + "end of input: expected close brace");
    if (close && !open) return InvalidArgument(place + "}: expected opening brace");
    if (next().kind == Kind::kEnd) return {};
    const std::string what = next().kind == Kind::kBad ? next().fault : std::string(next().text);
    return InvalidArgument(next().Span() + what + ": expected end of input");
  }

  bool AtText() const { return next().kind == Kind::kQuoted || next().kind == Kind::kUnquoted; }

  Result<std::string> TakeText() {
    const Token token = lexer_.Take();
    if (token.kind == Kind::kUnquoted) return std::string(token.text);
    std::optional<std::string> text = GoUnquote(token.text);
    if (!text) {
      return InvalidArgument(token.Span() + std::string(token.text) + ": invalid input");
    }
    return std::move(*text);
  }

  Lexer lexer_;
};

}  // namespace

Result<Matchers> ParseUtf8(std::string_view text) { return Parser(text).Parse(); }

Result<Matcher> ParseOneUtf8(std::string_view text) {
  Result<Matchers> matchers = ParseUtf8(text);
  if (!matchers) return Fail(std::move(matchers.error()));
  if (matchers->empty()) return InvalidArgument("no matchers");
  if (matchers->size() > 1) {
    return InvalidArgument("expected 1 matcher, found " + std::to_string(matchers->size()));
  }
  return std::move(matchers->front());
}

}  // namespace watchfire::matcher
