// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/promql/text.h"

namespace watchfire::promql {
namespace {

using Kind = Token::Kind;

struct Keyword {
  std::string_view text;
  Kind kind;
};
constexpr auto kKeywords = std::to_array<Keyword>({
    {"anchored", Kind::kAnchored},
    {"bool", Kind::kBool},
    {"by", Kind::kBy},
    {"end", Kind::kEndWord},
    {"fill", Kind::kFill},
    {"fill_left", Kind::kFillLeft},
    {"fill_right", Kind::kFillRight},
    {"group_left", Kind::kGroupLeft},
    {"group_right", Kind::kGroupRight},
    {"ignoring", Kind::kIgnoring},
    {"inf", Kind::kNumber},
    {"max_of", Kind::kMaxOf},
    {"min_of", Kind::kMinOf},
    {"nan", Kind::kNumber},
    {"offset", Kind::kOffset},
    {"on", Kind::kOn},
    {"range", Kind::kRange},
    {"smoothed", Kind::kSmoothed},
    {"start", Kind::kStart},
    {"step", Kind::kStep},
    {"without", Kind::kWithout},
});
constexpr std::array kWordOps = {BinaryOp::kOr, BinaryOp::kAnd, BinaryOp::kUnless,
                                 BinaryOp::kAtan2};

// Fills in what the word is; kIdentifier if it is no keyword.
void Classify(std::string_view word, Token* token) {
  token->kind = Kind::kIdentifier;
  if (word.size() > sizeof("count_values")) return;
  const std::string lower = ToLower(word);
  for (const BinaryOp op : kWordOps) {
    if (OpText(op) != lower) continue;
    token->kind = Kind::kBinaryOp;
    token->binary_op = op;
    return;
  }
  for (int i = 0; i <= static_cast<int>(AggregateOp::kTopk); ++i) {
    if (OpText(static_cast<AggregateOp>(i)) != lower) continue;
    token->kind = Kind::kAggregator;
    token->aggregate_op = static_cast<AggregateOp>(i);
    return;
  }
  const auto found = std::ranges::lower_bound(kKeywords, lower, {}, &Keyword::text);
  if (found != kKeywords.end() && found->text == lower) token->kind = found->kind;
}

// The first ten code points of a long text, as Go's "%.10q..." has them.
std::string Brief(std::string_view text) {
  if (text.size() <= 10) return GoQuote(text);
  size_t end = 0;
  for (int i = 0; i < 10 && end < text.size(); ++i) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  }
  return GoQuote(text.substr(0, end)) + "...";
}

}  // namespace

std::string Token::Describe() const {
  switch (kind) {
    case Kind::kEnd:
      return "end of input";
    case Kind::kError:
      return error;
    case Kind::kIdentifier:
      return "identifier " + GoQuote(text);
    case Kind::kMetricIdentifier:
      return "metric identifier " + GoQuote(text);
    case Kind::kNumber:
      return "number " + Brief(text);
    case Kind::kDuration:
      return "duration " + Brief(text);
    case Kind::kString:
      return "string " + Brief(text);
    case Kind::kAggregator:
      return "<aggr:" + std::string(text) + ">";
    case Kind::kRegexMatch:
    case Kind::kRegexMiss:
    case Kind::kAt:
    case Kind::kBinaryOp:
      return "<op:" + std::string(text) + ">";
    default:
      break;
  }
  const bool is_keyword = kind >= Kind::kAnchored && kind <= Kind::kWithout;
  return is_keyword ? "<" + std::string(text) + ">" : Brief(text);
}

Lexer::Rune Lexer::At(size_t position) const {
  if (position >= text_.size()) return {};
  const DecodedRune rune = DecodeRune(text_.substr(position));
  return {rune.value, rune.length};
}

char Lexer::Peek(size_t ahead) const {
  return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
}

Token Lexer::Make(Kind kind, size_t length) {
  position_ = start_ + length;
  Token token;
  token.kind = kind;
  token.span = {static_cast<uint32_t>(start_), static_cast<uint32_t>(position_)};
  token.text = text_.substr(start_, length);
  return token;
}

Token Lexer::MakeOp(BinaryOp op, size_t length) {
  Token token = Make(Kind::kBinaryOp, length);
  token.binary_op = op;
  return token;
}

Token Lexer::Fail(std::string message, size_t consumed) {
  start_ += consumed;
  Token token = Make(Kind::kError, 0);
  token.span.end = static_cast<uint32_t>(text_.size());
  token.error = std::move(message);
  done_ = true;
  return token;
}

void Lexer::SkipSpaceAndComments() {
  while (position_ < text_.size()) {
    if (!in_duration_ && text_[position_] == '#') {
      position_ = std::min(text_.find_first_of("\r\n", position_), text_.size());
    } else if (IsSpace(text_[position_])) {
      ++position_;
    } else {
      return;
    }
  }
}

Token Lexer::Next() {
  if (!done_) SkipSpaceAndComments();
  start_ = done_ ? text_.size() : position_;
  if (done_) return Make(Kind::kEnd, 0);
  if (in_braces_) return InBraces();
  if (in_duration_) return InDuration();
  return Statement();
}

Token Lexer::Ended() {
  if (open_parens_ != 0) return Fail("unclosed left parenthesis");
  if (in_brackets_) return Fail("unclosed left bracket");
  done_ = true;
  return Make(Kind::kEnd, 0);
}

Token Lexer::Statement() {
  if (position_ >= text_.size()) return Ended();
  const char c = text_[position_];
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return NumberOrDuration();
  if (c == '"' || c == '\'' || c == '`') return String();
  if (IsAlpha(c) || c == ':') {
    if (!in_brackets_) return Word();
    if (c == ':') {
      if (had_colon_) return Fail("unexpected colon ':'");
      had_colon_ = true;
      return Make(Kind::kColon, 1);
    }
    bool found = false;
    Token word = DurationWord(&found);
    if (found) return word;
    return Fail("unexpected character: " + QuoteRune(c) + ", expected ':'");
  }
  return Punctuation(c);
}

Token Lexer::Punctuation(char c) {
  switch (c) {
    case ',':
      return Make(Kind::kComma, 1);
    case '*':
      return MakeOp(BinaryOp::kMultiply, 1);
    case '/':
      return MakeOp(BinaryOp::kDivide, 1);
    case '%':
      return MakeOp(BinaryOp::kModulo, 1);
    case '+':
      return MakeOp(BinaryOp::kAdd, 1);
    case '-':
      return MakeOp(BinaryOp::kSubtract, 1);
    case '^':
      return MakeOp(BinaryOp::kPower, 1);
    case '@':
      return Make(Kind::kAt, 1);
    case '(':
      ++open_parens_;
      return Make(Kind::kLeftParen, 1);
    case ')':
      if (--open_parens_ < 0) return Fail("unexpected right parenthesis ')'", 1);
      return Make(Kind::kRightParen, 1);
    case '{':
      in_braces_ = true;
      return Make(Kind::kLeftBrace, 1);
    case '[':
      if (in_brackets_) return Fail("unexpected left bracket '['");
      in_brackets_ = in_duration_ = true;
      had_colon_ = had_duration_ = false;
      return Make(Kind::kLeftBracket, 1);
    case ']':
      if (!in_brackets_) return Fail("unexpected right bracket ']'");
      in_brackets_ = in_duration_ = false;
      return Make(Kind::kRightBracket, 1);
    default:
      return Comparison(c);
  }
}

Token Lexer::Comparison(char c) {
  const Rune next = At(position_ + 1);
  switch (c) {
    case '=':
      if (next.value == '=') return MakeOp(BinaryOp::kEqual, 2);
      if (next.value == '~') return Fail("unexpected character after '=': '~'");
      return Make(Kind::kAssign, 1);
    case '!':
      if (next.value == '=') return MakeOp(BinaryOp::kNotEqual, 2);
      return Fail("unexpected character after '!': " + QuoteRune(next.value));
    case '<':
      if (next.value == '/') return MakeOp(BinaryOp::kTrimUpper, 2);
      return next.value == '=' ? MakeOp(BinaryOp::kLessOrEqual, 2) : MakeOp(BinaryOp::kLess, 1);
    case '>':
      if (next.value == '/') return MakeOp(BinaryOp::kTrimLower, 2);
      return next.value == '=' ? MakeOp(BinaryOp::kGreaterOrEqual, 2)
                               : MakeOp(BinaryOp::kGreater, 1);
    default:
      return Fail("unexpected character: " + QuoteRune(At(position_).value));
  }
}

Token Lexer::InBraces() {
  if (position_ >= text_.size()) return Fail("unexpected end of input inside braces");
  const char c = text_[position_];
  if (IsAlpha(c)) {
    size_t length = 1;
    while (IsAlpha(Peek(length)) || IsDigit(Peek(length))) ++length;
    return Make(Kind::kIdentifier, length);
  }
  switch (c) {
    case ',':
      return Make(Kind::kComma, 1);
    case '"':
    case '\'':
    case '`':
      return String();
    case '=':
      return Peek(1) == '~' ? Make(Kind::kRegexMatch, 2) : Make(Kind::kAssign, 1);
    case '!':
      if (Peek(1) == '~') return Make(Kind::kRegexMiss, 2);
      if (Peek(1) == '=') return MakeOp(BinaryOp::kNotEqual, 2);
      return Fail("unexpected character after '!' inside braces: " +
                  QuoteRune(At(position_ + 1).value));
    case '{':
      return Fail("unexpected left brace '{'");
    case '}':
      in_braces_ = false;
      return Make(Kind::kRightBrace, 1);
    default:
      return Fail("unexpected character inside braces: " + QuoteRune(At(position_).value));
  }
}

// Between [ and the first number.
Token Lexer::InDuration() {
  if (position_ >= text_.size()) return Fail("unexpected end of input in duration expression");
  const char c = text_[position_];
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
    had_duration_ = true;
    in_duration_ = false;
    return NumberOrDuration();
  }
  if (c == ':') {
    if (!had_duration_) return Fail("unexpected colon before duration in duration expression", 1);
    if (had_colon_) return Fail("unexpected repeated colon in duration expression", 1);
    had_colon_ = true;
    return Make(Kind::kColon, 1);
  }
  if (std::string_view("()+-*/%^,]").find(c) != std::string_view::npos) return Punctuation(c);
  bool found = false;
  Token word = DurationWord(&found);
  if (found) {
    had_duration_ = true;
    return word;
  }
  return Fail("unexpected character in duration expression: " + QuoteRune(At(position_).value));
}

// Reads one of the words that a duration may hold.
Token Lexer::DurationWord(bool* found) {
  size_t length = 0;
  while (IsAlpha(Peek(length))) ++length;
  Token token;
  Classify(text_.substr(start_, length), &token);
  *found = token.kind == Kind::kStep || token.kind == Kind::kRange || token.kind == Kind::kMaxOf ||
           token.kind == Kind::kMinOf;
  return *found ? Make(token.kind, length) : token;
}

Token Lexer::Word() {
  size_t length = 0;
  while (IsAlpha(Peek(length)) || IsDigit(Peek(length)) || Peek(length) == ':') ++length;
  const std::string_view word = text_.substr(start_, length);
  Token token = Make(Kind::kIdentifier, length);
  if (word.find(':') != std::string_view::npos) {
    token.kind = Kind::kMetricIdentifier;
    return token;
  }
  Classify(word, &token);
  if (token.kind == Kind::kFill || token.kind == Kind::kFillLeft ||
      token.kind == Kind::kFillRight) {
    size_t ahead = 0;  // A metric unless a parenthesis follows: these words came late.
    while (IsSpace(Peek(ahead))) ++ahead;
    if (Peek(ahead) != '(') token.kind = Kind::kIdentifier;
  }
  return token;
}

}  // namespace watchfire::promql
