// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What starts with a word: metrics, calls and aggregations.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/promql/parser.h"

namespace watchfire::promql {
namespace {

using Kind = Token::Kind;

bool MayNameFunction(const Token& token) {
  return token.kind == Kind::kIdentifier || token.kind >= Kind::kEndWord;
}

// "did you mean …?", also for an aggregation.
std::string FunctionHint(std::string_view name) {
  std::vector<std::string> known;
  for (const Function& function : Functions()) known.emplace_back(function.name);
  for (int i = 0; i <= static_cast<int>(AggregateOp::kTopk); ++i) {
    known.emplace_back(OpText(static_cast<AggregateOp>(i)));
  }
  const std::string nearest = Nearest(ToLower(name), known);
  return nearest.empty() ? "" : "did you mean " + nearest + "?";
}

}  // namespace

// Source: metric_identifier of the grammar.
bool MayNameMetric(const Token& token) {
  switch (token.kind) {
    case Kind::kIdentifier:
    case Kind::kMetricIdentifier:
    case Kind::kAggregator:
    case Kind::kAnchored:
    case Kind::kBy:
    case Kind::kFill:
    case Kind::kFillLeft:
    case Kind::kFillRight:
    case Kind::kOffset:
    case Kind::kSmoothed:
    case Kind::kWithout:
      return true;
    case Kind::kBinaryOp:
      return IsSetOperator(token.binary_op);
    default:
      return token.kind >= Kind::kEndWord;
  }
}

bool MayStartExpr(const Token& token) {
  switch (token.kind) {
    case Kind::kError:  // Is told of as what it is.
    case Kind::kNumber:
    case Kind::kDuration:
    case Kind::kString:
    case Kind::kLeftParen:
    case Kind::kLeftBrace:
      return true;
    case Kind::kBinaryOp:
      return IsSetOperator(token.binary_op) || token.text == "+" || token.text == "-";
    default:
      return MayNameMetric(token);
  }
}

Parser::Operand Parser::ReadWord() {
  const Token word = Take();
  const bool opens = PeekIs(Kind::kLeftParen);
  if (word.kind == Kind::kAggregator && (opens || PeekIs(Kind::kBy) || PeekIs(Kind::kWithout))) {
    ++aggregates_;
    Operand aggregate = ReadAggregate(word);
    --aggregates_;
    return aggregate;
  }
  if (opens && MayNameFunction(word)) return ReadCall(word);
  return ReadSelector(word);
}

Parser::Operand Parser::ReadCall(const Token& name) {
  size_t height = 0;
  std::optional<std::vector<ExprPtr>> args = ReadArgs(&height);
  if (!args) return {};
  const Function* function = FindFunction(name.text);
  if (function == nullptr) {
    Fail(name.span, "unknown function with name " + GoQuote(name.text), FunctionHint(name.text));
    return {};
  }
  if (function->experimental &&
      !Experiment(name.span, "function " + GoQuote(name.text) + " is not enabled")) {
    return {};
  }
  if (IsTooHigh(++height, name.span)) return {};
  return {Expr{Call{function, *std::move(args)}, {name.span.begin, end_}}, height};
}

Parser::Operand Parser::ReadAggregate(const Token& name) {
  Aggregate aggregate;
  aggregate.op = name.aggregate_op;
  bool has_modifier = false;
  if (!ReadModifier(&aggregate, &has_modifier)) return {};
  size_t height = 0;
  std::optional<std::vector<ExprPtr>> args = ReadArgs(&height);
  if (!args) return {};
  Span span = {name.span.begin, end_};
  if (!has_modifier && !ReadModifier(&aggregate, &has_modifier)) return {};
  span.end = end_;
  if (args->empty()) {
    Fail(span, "no arguments for aggregate expression provided");
    return {};
  }
  const bool is_new =
      aggregate.op == AggregateOp::kLimitk || aggregate.op == AggregateOp::kLimitRatio;
  if (is_new && !Experiment(span, std::string(OpText(aggregate.op)) +
                                      "() is experimental and must be enabled with "
                                      "--enable-feature=promql-experimental-functions")) {
    return {};
  }
  const size_t wanted = TakesParam(aggregate.op) ? 2 : 1;
  if (args->size() != wanted) {
    Fail(span, "wrong number of arguments for aggregate expression provided, expected " +
                   std::to_string(wanted) + ", got " + std::to_string(args->size()));
    return {};
  }
  if (IsTooHigh(++height, span)) return {};
  aggregate.expr = std::move(args->back());
  if (wanted == 2) aggregate.param = std::move(args->front());
  return {Expr{std::move(aggregate), span}, height};
}

// by (…) or without (…), if there is one.
bool Parser::ReadModifier(Aggregate* aggregate, bool* found) {
  *found = PeekIs(Kind::kBy) || PeekIs(Kind::kWithout);
  if (!*found) return !fault_;
  aggregate->without = Take().kind == Kind::kWithout;
  std::optional<std::vector<std::string>> labels = ReadGrouping();
  if (labels) aggregate->grouping = *std::move(labels);
  return labels.has_value();
}

std::optional<std::vector<ExprPtr>> Parser::ReadArgs(size_t* height) {
  std::vector<ExprPtr> args;
  if (!Expect(Kind::kLeftParen)) return std::nullopt;
  if (TakeIf(Kind::kRightParen)) return args;
  for (;;) {
    Operand arg = ReadExpr(0);
    if (!arg.expr) return std::nullopt;
    *height = std::max(*height, arg.height);
    args.push_back(std::move(arg.expr));
    const std::optional<Token> comma = TakeIf(Kind::kComma);
    if (!comma) break;
    if (!fault_ && !MayStartExpr(Peek())) {
      Fail(comma->span, "trailing commas not allowed in function call args");
      return std::nullopt;
    }
  }
  if (!Expect(Kind::kRightParen)) return std::nullopt;
  return args;
}

}  // namespace watchfire::promql
