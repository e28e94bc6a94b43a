// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/parse.h"

#include <algorithm>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/promql/parser.h"
#include "pkg/promql/text.h"

namespace watchfire::promql {
namespace {

using Kind = Token::Kind;

constexpr std::string_view kGroupingOpts = "grouping opts";

// Whether a keyword may name a label in by (…) and on (…). Source: maybe_label of the grammar.
bool MayNameLabel(const Token& token) {
  switch (token.kind) {
    case Kind::kBool:
    case Kind::kGroupLeft:
    case Kind::kGroupRight:
    case Kind::kIgnoring:
    case Kind::kOn:
      return true;
    case Kind::kBinaryOp:
      return IsAlpha(token.text.front());
    case Kind::kWithout:
      return false;
    default:
      return MayNameMetric(token);
  }
}

bool IsFill(const Token& token) {
  return token.kind == Kind::kFill || token.kind == Kind::kFillLeft ||
         token.kind == Kind::kFillRight;
}

}  // namespace

tl::expected<ExprPtr, Fault> TryParse(std::string_view text, const ParseOptions& options) {
  if (text.size() > limits::kExpressionBytes) {
    return tl::unexpected(
        Fault{{}, "longer than " + std::to_string(limits::kExpressionBytes) + " bytes"});
  }
  return Parser(text, options).Run();
}

Result<ExprPtr> Parse(std::string_view text, const ParseOptions& options) {
  tl::expected<ExprPtr, Fault> parsed = TryParse(text, options);
  if (parsed) return *std::move(parsed);
  const std::string_view before = text.substr(0, parsed.error().span.begin);
  const auto line = 1 + std::ranges::count(before, '\n');
  const size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  return InvalidArgument(std::to_string(line) + ":" + std::to_string(column) +
                         ": parse error: " + parsed.error().message);
}

tl::expected<ExprPtr, Fault> Parser::Run() {
  if (PeekIs(Kind::kEnd)) return tl::unexpected(Fault{{}, "no expression found in input"});
  Operand whole = ReadExpr(0);
  if (!fault_ && !PeekIs(Kind::kEnd)) Unexpected();
  if (!fault_) fault_ = CheckTypes(&*whole.expr);
  if (fault_) return tl::unexpected(*std::move(fault_));
  return std::move(whole.expr);
}

const Token& Parser::Peek() {
  if (!next_) {
    next_ = lexer_.Next();
    if (next_->kind == Kind::kError) Fail(next_->span, next_->error);
  }
  return *next_;
}

Token Parser::Take() {
  Token token = Peek();
  next_.reset();
  end_ = token.span.end;
  return token;
}

std::optional<Token> Parser::TakeIf(Kind kind) {
  if (!PeekIs(kind)) return std::nullopt;
  return Take();
}

void Parser::Fail(Span span, std::string message, std::string hint) {
  if (!fault_) fault_ = Fault{span, std::move(message), std::move(hint)};
}

void Parser::Unexpected(const Context& context) {
  std::string message = "unexpected " + Peek().Describe();
  const std::string_view where =
      context.where.empty() && aggregates_ > 0 ? "aggregation" : context.where;
  if (!where.empty()) message += " in " + std::string(where);
  if (!context.expected.empty()) message += ", expected " + std::string(context.expected);
  Fail(Peek().span, std::move(message));
}

bool Parser::Expect(Kind kind, const Context& context) {
  if (TakeIf(kind)) return true;
  Unexpected(context);
  return false;
}

bool Parser::Experiment(Span span, std::string_view message) {
  if (options_.experimental) return true;
  Fail(span, std::string(message));
  return false;
}

bool Parser::IsTooHigh(size_t height, Span span) {
  if (height <= limits::kExpressionHeight) return false;
  Fail(span, "more than " + std::to_string(limits::kExpressionHeight) +
                 " operators and parentheses around each other");
  return true;
}

Parser::Operand Parser::ReadExpr(int precedence_min) {
  if (depth_ >= limits::kExpressionDepth) {
    Fail(Peek().span, "nested deeper than " + std::to_string(limits::kExpressionDepth) + " levels");
    return {};
  }
  ++depth_;
  Operand left = ReadOperand();
  while (left.expr && PeekIs(Kind::kBinaryOp) && Precedence(Peek().binary_op) >= precedence_min) {
    left = ReadBinary(std::move(left));
  }
  --depth_;
  return fault_ ? Operand() : std::move(left);
}

Parser::Operand Parser::ReadOperand() {
  const bool has_sign = PeekIs(Kind::kBinaryOp) && (Peek().binary_op == BinaryOp::kAdd ||
                                                    Peek().binary_op == BinaryOp::kSubtract);
  if (has_sign) return ReadSigned();
  Operand operand = ReadPrimary();
  return operand.expr ? ReadModifiers(std::move(operand)) : Operand();
}

// A sign binds as * does: -a^b is -(a^b), but -a*b is (-a)*b.
Parser::Operand Parser::ReadSigned() {
  const Token sign = Take();
  const bool is_minus = sign.binary_op == BinaryOp::kSubtract;
  Operand operand = ReadExpr(Precedence(BinaryOp::kPower));
  if (!operand.expr) return {};
  const Span span = {sign.span.begin, operand.expr->span.end};
  if (auto* number = operand.expr->As<NumberLiteral>()) {
    if (is_minus) number->value = -number->value;
    operand.expr->span = span;
    return operand;
  }
  if (IsTooHigh(++operand.height, sign.span)) return {};
  operand.expr = Expr{Unary{is_minus, std::move(operand.expr)}, span};
  return operand;
}

Parser::Operand Parser::ReadPrimary() {
  switch (Peek().kind) {
    case Kind::kNumber:
    case Kind::kDuration:
    case Kind::kString:
      return ReadLiteral();
    case Kind::kLeftParen:
      return ReadParen();
    case Kind::kLeftBrace:
      return ReadSelector(std::nullopt);
    default:
      break;
  }
  if (MayNameMetric(Peek())) return ReadWord();
  Unexpected();
  return {};
}

Parser::Operand Parser::ReadLiteral() {
  const Span span = Peek().span;
  if (PeekIs(Kind::kString)) return {Expr{StringLiteral{Unquote(Take().text)}, span}};
  const bool is_duration = PeekIs(Kind::kDuration);
  const std::optional<double> value = ReadNumber();
  if (!value) return {};
  return {Expr{NumberLiteral{*value, is_duration}, span}};
}

// A number or a duration in seconds, without a sign.
std::optional<double> Parser::ReadNumber() {
  const Token token = Take();
  if (token.kind == Kind::kDuration) {
    const Result<Duration> duration = ParseDuration(token.text);
    if (duration) return ToSeconds(*duration);
    Fail(token.span, duration.error().message);
    return std::nullopt;
  }
  const Result<double> number = ParseNumber(token.text);
  if (number) return *number;
  Fail(token.span, "error parsing number: " + number.error().message);
  return std::nullopt;
}

Parser::Operand Parser::ReadParen() {
  const Span open = Take().span;
  Operand operand = ReadExpr(0);
  if (!operand.expr || !Expect(Kind::kRightParen) || IsTooHigh(++operand.height, open)) return {};
  operand.expr = Expr{Paren{std::move(operand.expr)}, {open.begin, end_}};
  return operand;
}

Parser::Operand Parser::ReadBinary(Operand left) {
  const Token op = Take();
  Binary binary;
  binary.op = op.binary_op;
  binary.op_span = op.span;
  if (!ReadMatching(&binary)) return {};
  const int precedence = Precedence(op.binary_op);
  Operand right = ReadExpr(op.binary_op == BinaryOp::kPower ? precedence : precedence + 1);
  if (!right.expr) return {};
  const size_t height = std::max(left.height, right.height) + 1;
  if (IsTooHigh(height, op.span)) return {};
  const Span span = {left.expr->span.begin, right.expr->span.end};
  const VectorMatching& matching = binary.matching;
  if ((matching.fill_left || matching.fill_right) &&
      !Experiment(span, "binop fill modifiers are experimental and not enabled")) {
    return {};
  }
  binary.left = std::move(left.expr);
  binary.right = std::move(right.expr);
  return {Expr{std::move(binary), span}, height};
}

bool Parser::ReadMatching(Binary* binary) {
  VectorMatching& matching = binary->matching;
  binary->returns_bool = TakeIf(Kind::kBool).has_value();
  if (PeekIs(Kind::kOn) || PeekIs(Kind::kIgnoring)) {
    matching.on = Take().kind == Kind::kOn;
    auto labels = ReadGrouping();
    if (!labels) return false;
    matching.labels = *std::move(labels);
    const bool is_left = PeekIs(Kind::kGroupLeft);
    if (is_left || PeekIs(Kind::kGroupRight)) {
      Take();
      matching.group = is_left ? VectorMatching::Group::kLeft : VectorMatching::Group::kRight;
      if (PeekIs(Kind::kLeftParen)) {
        auto include = ReadGrouping();
        if (!include) return false;
        matching.include = *std::move(include);
      } else if (!MayStartExpr(Peek()) && !IsFill(Peek())) {
        Unexpected({kGroupingOpts, "\"(\""});
        return false;
      }
    }
  }
  return ReadFill(&matching);
}

// fill (x), or fill_left (x) and fill_right (y), each at most once.
bool Parser::ReadFill(VectorMatching* matching) {
  if (TakeIf(Kind::kFill)) {
    matching->fill_left = matching->fill_right = ReadFillValue();
    return matching->fill_left.has_value();
  }
  for (int i = 0; i < 2; ++i) {
    const bool is_left = PeekIs(Kind::kFillLeft);
    if (!is_left && !PeekIs(Kind::kFillRight)) break;
    std::optional<double>& value = is_left ? matching->fill_left : matching->fill_right;
    if (value) break;
    Take();
    value = ReadFillValue();
    if (!value) return false;
  }
  return !fault_;
}

std::optional<double> Parser::ReadFillValue() {
  if (!Expect(Kind::kLeftParen)) return std::nullopt;
  bool is_minus = false;
  if (PeekIs(Kind::kBinaryOp) && (Peek().text == "+" || Peek().text == "-")) {
    is_minus = Take().text == "-";
  }
  if (!PeekIs(Kind::kNumber) && !PeekIs(Kind::kDuration)) {
    Unexpected();
    return std::nullopt;
  }
  const std::optional<double> value = ReadNumber();
  if (!value || !Expect(Kind::kRightParen)) return std::nullopt;
  return is_minus ? -*value : *value;
}

// (a, b, "c d",)
std::optional<std::vector<std::string>> Parser::ReadGrouping() {
  std::vector<std::string> labels;
  if (!Expect(Kind::kLeftParen, {kGroupingOpts, "\"(\""})) return std::nullopt;
  while (!TakeIf(Kind::kRightParen)) {
    std::optional<std::string> label = ReadGroupingLabel();
    if (!label) return std::nullopt;
    labels.push_back(*std::move(label));
    if (!TakeIf(Kind::kComma) && !PeekIs(Kind::kRightParen)) {
      Unexpected({kGroupingOpts, "\",\" or \")\""});
      return std::nullopt;
    }
  }
  return labels;
}

std::optional<std::string> Parser::ReadGroupingLabel() {
  const bool is_string = PeekIs(Kind::kString);
  if (!is_string && !MayNameLabel(Peek())) {
    Unexpected({kGroupingOpts, "label"});
    return std::nullopt;
  }
  const Token token = Take();
  std::string label = is_string ? Unquote(token.text) : std::string(token.text);
  if (!label.empty() && IsValidUtf8(label)) return label;
  Fail(token.span, "invalid label name for grouping: " + GoQuote(label));
  return std::nullopt;
}

}  // namespace watchfire::promql
