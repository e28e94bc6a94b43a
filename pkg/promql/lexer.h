// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Cuts a PromQL expression into tokens. Private to pkg/promql.
//
// Source: Prometheus 3.14, promql/parser/lex.go: what is a token and the words of its errors.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/promql/ast.h"

namespace watchfire::promql {

struct Token {
  enum class Kind {
    kEnd,
    kError,  // `error` says what is wrong. Nothing but kEnd follows.
    kIdentifier,
    kMetricIdentifier,  // With a colon.
    kNumber,            // As written: not all of these are one.
    kDuration,
    kString,  // With its quotes and escapes, which are sound.
    kLeftParen,
    kRightParen,
    kLeftBrace,
    kRightBrace,
    kLeftBracket,
    kRightBracket,
    kComma,
    kColon,
    kAssign,      // =
    kRegexMatch,  // =~
    kRegexMiss,   // !~
    kAt,
    kBinaryOp,    // `binary_op` says which; != is one, too.
    kAggregator,  // `aggregate_op` says which.
    // Keywords.
    kAnchored,
    kBool,
    kBy,
    kFill,
    kFillLeft,
    kFillRight,
    kGroupLeft,
    kGroupRight,
    kIgnoring,
    kOffset,
    kOn,
    kSmoothed,
    kWithout,
    // Words that become functions with a parenthesis behind them.
    kEndWord,
    kMaxOf,
    kMinOf,
    kRange,
    kStart,
    kStep,
  };
  Kind kind = Kind::kEnd;
  BinaryOp binary_op{};
  AggregateOp aggregate_op{};
  Span span;
  std::string_view text;  // The bytes of `span`.
  std::string error;

  // Returns how errors name it: identifier "foo", <op:+>, "(", end of input.
  std::string Describe() const;
};

class Lexer {
 public:
  // `text` must live longer than this and hold less than 4 GiB.
  explicit Lexer(std::string_view text) : text_(text) {}

  // Returns the next token that is no comment.
  Token Next();

 private:
  struct Rune {
    int32_t value = -1;  // U+FFFD for malformed bytes, -1 at the end.
    size_t length = 0;
  };
  Rune At(size_t position) const;
  char Peek(size_t ahead = 0) const;  // '\0' at the end, which no token holds.

  Token Make(Token::Kind kind, size_t length);
  Token MakeOp(BinaryOp op, size_t length);
  // Stands at `start_`, or, with `consumed`, behind so many bytes more.
  Token Fail(std::string message, size_t consumed = 0);

  void SkipSpaceAndComments();
  Token Statement();
  Token Ended();
  Token Punctuation(char c);
  Token Comparison(char c);
  Token InBraces();
  Token InDuration();
  Token Word();
  Token DurationWord(bool* found);
  Token NumberOrDuration();
  bool ScanNumber();
  bool ScanNumberPart(bool is_hex, bool* had_dot, bool* had_exponent);
  bool ScanDurationRest();
  Token String();
  bool ScanEscape(char quote, std::string* error);
  bool ScanDigits(int count, uint32_t base, uint32_t max, std::string* error);

  const std::string_view text_;
  size_t position_ = 0;
  size_t start_ = 0;  // Of the token being read.
  int open_parens_ = 0;
  bool in_braces_ = false;
  bool in_brackets_ = false;
  bool in_duration_ = false;   // Between a [ and the first number behind it.
  bool had_colon_ = false;     // Since the [ that is open.
  bool had_duration_ = false;  // In these brackets: a number or a word such as step.
  bool done_ = false;
};

}  // namespace watchfire::promql
