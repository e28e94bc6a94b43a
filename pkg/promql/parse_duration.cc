// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Lengths of time in [] and after `offset`: mostly 5m, but they may be computed.

#include <cmath>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/promql/parser.h"

namespace watchfire::promql {
namespace {

using Kind = Token::Kind;
using Op = DurationTerm::Op;

constexpr double kSecondsMax = 9223372036.854775807;  // What nanoseconds can count.

std::optional<Op> ToTermOp(BinaryOp op) {
  switch (op) {
    case BinaryOp::kAdd:
      return Op::kAdd;
    case BinaryOp::kSubtract:
      return Op::kSubtract;
    case BinaryOp::kMultiply:
      return Op::kMultiply;
    case BinaryOp::kDivide:
      return Op::kDivide;
    case BinaryOp::kModulo:
      return Op::kModulo;
    case BinaryOp::kPower:
      return Op::kPower;
    default:
      return std::nullopt;
  }
}

bool IsSign(const Token& token) {
  return token.kind == Kind::kBinaryOp &&
         (token.binary_op == BinaryOp::kAdd || token.binary_op == BinaryOp::kSubtract);
}

TimeLength ToLength(DurationTerm term) {
  TimeLength length;
  if (term.op == Op::kLiteral) {
    length.value = Duration(static_cast<int64_t>(std::round(term.literal.value * 1e9)));
  } else {
    length.formula = std::move(term);
  }
  return length;
}

bool IsInRange(double seconds) { return std::abs(seconds) < kSecondsMax; }

}  // namespace

std::optional<TimeLength> Parser::ReadPositiveLength(const Context& context) {
  duration_context_ = context;
  std::optional<DurationTerm> term = ReadTerm(0);
  if (!term) return std::nullopt;
  if (term->op == Op::kLiteral && !(term->literal.value > 0)) {
    Fail(term->span, "duration must be greater than 0");
    return std::nullopt;
  }
  return ToLength(*std::move(term));
}

// Ends with its first number or word, after a sign as well: `m offset 1m + 1m` adds 1m to the
// metric. But what starts with a parenthesis or two signs goes on as far as it can. Source: the
// order in which Prometheus' grammar has its rules; measured with 3.14.
std::optional<TimeLength> Parser::ReadOffsetLength() {
  duration_context_ = {"offset", "number, duration, step(), or range()"};
  std::optional<DurationTerm> term;
  if (PeekIs(Kind::kLeftParen)) {
    term = ReadTerm(0);
  } else if (IsSign(Peek())) {
    const Token sign = Take();
    const bool goes_on = IsSign(Peek());
    term = goes_on ? ReadTerm(Precedence(BinaryOp::kPower)) : ReadPrimaryTerm();
    if (term) term = ApplySign(sign, *std::move(term));
    if (term && goes_on) term = ReadTermRest(*std::move(term), 0);
  } else {
    term = ReadPrimaryTerm();
  }
  if (!term) return std::nullopt;
  return ToLength(*std::move(term));
}

std::optional<DurationTerm> Parser::ReadTerm(int precedence_min) {
  if (depth_ >= limits::kExpressionDepth) {
    Fail(Peek().span, "nested deeper than " + std::to_string(limits::kExpressionDepth) + " levels");
    return std::nullopt;
  }
  ++depth_;
  std::optional<DurationTerm> term = IsSign(Peek()) ? ReadSignedTerm() : ReadPrimaryTerm();
  if (term) term = ReadTermRest(*std::move(term), precedence_min);
  --depth_;
  return fault_ ? std::nullopt : std::move(term);
}

std::optional<DurationTerm> Parser::ReadTermRest(DurationTerm first, int precedence_min) {
  std::optional<DurationTerm> left = std::move(first);
  while (left && PeekIs(Kind::kBinaryOp) && ToTermOp(Peek().binary_op)) {
    const int precedence = Precedence(Peek().binary_op);
    if (precedence < precedence_min) break;
    const Token op = Take();
    std::optional<DurationTerm> right =
        ReadTerm(op.binary_op == BinaryOp::kPower ? precedence : precedence + 1);
    if (!right) return std::nullopt;
    left = JoinTerms(op, *std::move(left), *std::move(right));
  }
  return left;
}

std::optional<DurationTerm> Parser::JoinTerms(const Token& op, DurationTerm left,
                                              DurationTerm right) {
  if (++terms_ > limits::kExpressionHeight) {
    Fail(op.span, "more than " + std::to_string(limits::kExpressionHeight) +
                      " operators in computed durations");
    return std::nullopt;
  }
  if (!Experiment(left.span, "experimental duration expression is not enabled")) {
    return std::nullopt;
  }
  const bool divides = op.binary_op == BinaryOp::kDivide;
  if ((divides || op.binary_op == BinaryOp::kModulo) && right.op == Op::kLiteral &&
      right.literal.value == 0) {
    Fail(op.span, divides ? "division by zero" : "modulo by zero");
    return std::nullopt;
  }
  DurationTerm joined;
  joined.op = *ToTermOp(op.binary_op);
  joined.span = {left.span.begin, right.span.end};
  joined.operands.push_back(std::move(left));
  joined.operands.push_back(std::move(right));
  return joined;
}

std::optional<DurationTerm> Parser::ReadSignedTerm() {
  const Token sign = Take();
  std::optional<DurationTerm> term = ReadTerm(Precedence(BinaryOp::kPower));
  if (!term) return std::nullopt;
  return ApplySign(sign, *std::move(term));
}

std::optional<DurationTerm> Parser::ApplySign(const Token& sign, DurationTerm term) {
  if (sign.binary_op == BinaryOp::kAdd) {
    if (term.op == Op::kLiteral) term.span.begin = sign.span.begin;
    return term;
  }
  const Span span = {sign.span.begin, term.span.end};
  if (term.op == Op::kLiteral) {
    term.literal.value = -term.literal.value;
    term.span = span;
    return term;
  }
  DurationTerm negated;
  negated.op = Op::kNegate;
  negated.span = span;
  negated.operands.push_back(std::move(term));
  return negated;
}

std::optional<DurationTerm> Parser::ReadPrimaryTerm() {
  switch (Peek().kind) {
    case Kind::kNumber:
    case Kind::kDuration:
      return ReadLiteralTerm();
    case Kind::kMinOf:
    case Kind::kMaxOf:
      return ReadMinMaxTerm();
    case Kind::kStep:
    case Kind::kRange: {
      const Token word = Take();
      DurationTerm term;
      term.op = word.kind == Kind::kStep ? Op::kStep : Op::kRange;
      if (!Expect(Kind::kLeftParen, duration_context_) ||
          !Expect(Kind::kRightParen, duration_context_)) {
        return std::nullopt;
      }
      term.span = {word.span.begin, end_};
      if (!Experiment(term.span, "experimental duration expression is not enabled")) {
        return std::nullopt;
      }
      return term;
    }
    case Kind::kLeftParen: {
      Take();
      std::optional<DurationTerm> term = ReadTerm(0);
      if (!term || !Expect(Kind::kRightParen, duration_context_) ||
          !Experiment(term->span, "experimental duration expression is not enabled")) {
        return std::nullopt;
      }
      term->in_parens = term->op != Op::kLiteral;  // (5m) is 5m.
      return term;
    }
    default:
      Unexpected(duration_context_);
      return std::nullopt;
  }
}

std::optional<DurationTerm> Parser::ReadMinMaxTerm() {
  const Token word = Take();
  DurationTerm term;
  term.op = word.kind == Kind::kMinOf ? Op::kMinOf : Op::kMaxOf;
  if (!Expect(Kind::kLeftParen, duration_context_)) return std::nullopt;
  std::optional<DurationTerm> first = ReadTerm(0);
  if (!first || !Expect(Kind::kComma, duration_context_)) return std::nullopt;
  std::optional<DurationTerm> second = ReadTerm(0);
  if (!second || !Expect(Kind::kRightParen, duration_context_)) return std::nullopt;
  term.span = {word.span.begin, end_};
  if (!Experiment(term.span, "experimental duration expression is not enabled")) {
    return std::nullopt;
  }
  term.operands.push_back(*std::move(first));
  term.operands.push_back(*std::move(second));
  return term;
}

std::optional<DurationTerm> Parser::ReadLiteralTerm() {
  DurationTerm term;
  term.span = Peek().span;
  term.literal.is_duration = PeekIs(Kind::kDuration);
  const std::optional<double> seconds = ReadNumber();
  if (!seconds) return std::nullopt;
  if (!IsInRange(*seconds)) {
    Fail(term.span, "duration out of range");
    return std::nullopt;
  }
  term.literal.value = *seconds;
  return term;
}

}  // namespace watchfire::promql
