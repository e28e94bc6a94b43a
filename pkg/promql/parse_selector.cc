// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Selectors, and the modifiers that may follow them: [5m], [1h:1m], offset, @, anchored, smoothed.

#include <cmath>
#include <limits>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/promql/parser.h"
#include "pkg/promql/regex.h"
#include "pkg/promql/text.h"

namespace watchfire::promql {
namespace {

using Kind = Token::Kind;

constexpr const char* kPreceded =
    " modifier must be preceded by an instant vector selector or range vector selector or a "
    "subquery";

std::optional<MatchOp> ToMatchOp(const Token& token) {
  switch (token.kind) {
    case Kind::kAssign:
      return MatchOp::kEqual;
    case Kind::kRegexMatch:
      return MatchOp::kRegex;
    case Kind::kRegexMiss:
      return MatchOp::kNotRegex;
    case Kind::kBinaryOp:
      if (token.binary_op == BinaryOp::kNotEqual) return MatchOp::kNotEqual;
      [[fallthrough]];
    default:
      return std::nullopt;
  }
}

VectorSelector* SelectorOf(Expr* expr) {
  if (auto* matrix = expr->As<MatrixSelector>()) return &matrix->selector;
  return expr->As<VectorSelector>();
}

}  // namespace

Parser::Operand Parser::ReadSelector(const std::optional<Token>& name) {
  VectorSelector selector;
  const Span start = name ? name->span : Peek().span;
  if (name) selector.name = name->text;
  if (PeekIs(Kind::kLeftBrace) && !ReadMatchers(&selector)) return {};
  if (fault_) return {};
  return {Expr{std::move(selector), {start.begin, end_}}};
}

bool Parser::ReadMatchers(VectorSelector* selector) {
  Take();
  while (!TakeIf(Kind::kRightBrace)) {
    std::optional<LabelMatcher> matcher = ReadMatcher();
    if (!matcher) return false;
    selector->matchers.push_back(*std::move(matcher));
    if (!TakeIf(Kind::kComma) && !PeekIs(Kind::kRightBrace)) {
      Unexpected({"label matching", "\",\" or \"}\""});
      return false;
    }
  }
  return true;
}

// name op "value", "any name" op "value", or "metric".
std::optional<LabelMatcher> Parser::ReadMatcher() {
  const bool is_quoted = PeekIs(Kind::kString);
  if (!is_quoted && !PeekIs(Kind::kIdentifier)) {
    Unexpected({"label matching", "identifier or \"}\""});
    return std::nullopt;
  }
  const Token name = Take();
  LabelMatcher matcher;
  matcher.name = is_quoted ? Unquote(name.text) : std::string(name.text);
  const std::optional<MatchOp> op = ToMatchOp(Peek());
  if (!op) {
    if (is_quoted) {
      matcher.value = std::exchange(matcher.name, "__name__");
      matcher.span = name.span;
      return matcher;
    }
    Unexpected({"label matching", "label matching operator"});
    return std::nullopt;
  }
  Take();
  if (!PeekIs(Kind::kString)) {
    Unexpected({"label matching", "string"});
    return std::nullopt;
  }
  matcher.op = *op;
  matcher.value = Unquote(Take().text);
  matcher.span = {name.span.begin, end_};
  if (*op == MatchOp::kRegex || *op == MatchOp::kNotRegex) {
    const Status status = CheckRegex(matcher.value);
    if (!status) {
      Fail(matcher.span, status.error().message);
      return std::nullopt;
    }
  }
  return matcher;
}

Parser::Operand Parser::ReadModifiers(Operand operand) {
  for (bool good = true; good && !fault_;) {
    Expr& expr = *operand.expr;
    switch (Peek().kind) {
      case Kind::kLeftBracket:
        operand = ReadBrackets(std::move(operand));
        good = static_cast<bool>(operand.expr);
        break;
      case Kind::kOffset:
        good = ReadOffset(&expr);
        break;
      case Kind::kAt:
        good = ReadAt(&expr);
        break;
      case Kind::kAnchored:
      case Kind::kSmoothed:
        good = ReadExtension(&expr);
        break;
      default:
        return fault_ ? Operand() : std::move(operand);
    }
  }
  return {};
}

bool Parser::ReadOffset(Expr* expr) {
  Take();
  std::optional<TimeLength> length = ReadOffsetLength();
  if (!length) return false;
  VectorSelector* selector = SelectorOf(expr);
  auto* subquery = expr->As<Subquery>();
  if (selector == nullptr && subquery == nullptr) {
    Fail(expr->span, std::string("offset") + kPreceded);
    return false;
  }
  TimeLength& offset = selector != nullptr ? selector->offset : subquery->offset;
  if (!offset.is_zero()) {
    Fail(expr->span, "offset may not be set multiple times");
    return false;
  }
  offset = *std::move(length);
  expr->span.end = end_;
  return true;
}

bool Parser::ReadAt(Expr* expr) {
  constexpr Context kContext{"@", "timestamp"};
  Take();
  AtModifier at;
  if (PeekIs(Kind::kStart) || PeekIs(Kind::kEndWord)) {
    at.kind = Take().kind == Kind::kStart ? AtModifier::Kind::kStart : AtModifier::Kind::kEnd;
    if (!Expect(Kind::kLeftParen, kContext) || !Expect(Kind::kRightParen, kContext)) return false;
  } else {
    bool is_minus = false;
    if (PeekIs(Kind::kBinaryOp) && (Peek().text == "+" || Peek().text == "-")) {
      is_minus = Take().text == "-";
    }
    if (!PeekIs(Kind::kNumber) && !PeekIs(Kind::kDuration)) {
      Unexpected(kContext);
      return false;
    }
    const std::optional<double> number = ReadNumber();
    if (!number) return false;
    const double seconds = is_minus ? -*number : *number;
    const double millis = std::round(seconds * 1000);
    if (!(std::abs(millis) < static_cast<double>(std::numeric_limits<int64_t>::max()))) {
      Fail(expr->span, "timestamp out of bounds for @ modifier: " + FormatFixed(seconds, 6));
      return false;
    }
    at.kind = AtModifier::Kind::kTime;
    at.unix_millis = static_cast<int64_t>(millis);
  }
  VectorSelector* selector = SelectorOf(expr);
  auto* subquery = expr->As<Subquery>();
  if (selector == nullptr && subquery == nullptr) {
    Fail(expr->span, std::string("@") + kPreceded);
    return false;
  }
  AtModifier& target = selector != nullptr ? selector->at : subquery->at;
  if (target.kind != AtModifier::Kind::kNone) {
    Fail(expr->span, "@ <timestamp> may not be set multiple times");
    return false;
  }
  target = at;
  expr->span.end = end_;
  return true;
}

bool Parser::ReadExtension(Expr* expr) {
  const Token word = Take();
  const bool is_anchored = word.kind == Kind::kAnchored;
  const std::string name = is_anchored ? "anchored" : "smoothed";
  if (!Experiment(expr->span, name + " modifier is experimental and not enabled")) return false;
  VectorSelector* selector = SelectorOf(expr);
  if (selector == nullptr) {
    const bool is_subquery = expr->As<Subquery>() != nullptr;
    Fail(expr->span, name + (is_subquery ? " modifier is not supported for subqueries"
                                         : " modifier not implemented"));
    return false;
  }
  const Extension wanted = is_anchored ? Extension::kAnchored : Extension::kSmoothed;
  if (selector->extension != Extension::kNone && selector->extension != wanted) {
    Fail(expr->span, "anchored and smoothed modifiers cannot be used together");
    return false;
  }
  selector->extension = wanted;
  expr->span.end = end_;
  return true;
}

Parser::Operand Parser::ReadBrackets(Operand operand) {
  const Token bracket = Take();
  std::optional<TimeLength> range =
      ReadPositiveLength({"subquery or range selector", "number, duration, step(), or range()"});
  if (!range) return {};
  if (TakeIf(Kind::kRightBracket)) {
    if (!ToMatrix(bracket, *std::move(range), &*operand.expr)) return {};
    return operand;
  }
  if (!Expect(Kind::kColon, {"subquery or range", "\":\" or \"]\""})) return {};
  Subquery subquery;
  subquery.range = *std::move(range);
  if (!PeekIs(Kind::kRightBracket)) {
    subquery.step =
        ReadPositiveLength({"subquery selector", "number, duration, step(), range(), or \"]\""});
    if (!subquery.step) return {};
  }
  if (!Expect(Kind::kRightBracket, {"subquery selector", "\"]\""})) return {};
  if (IsTooHigh(++operand.height, bracket.span)) return {};
  const Span span = {operand.expr->span.begin, end_};
  subquery.expr = std::move(operand.expr);
  operand.expr = Expr{std::move(subquery), span};
  return operand;
}

// Gives `expr` a range.
bool Parser::ToMatrix(const Token& bracket, TimeLength range, Expr* expr) {
  auto* selector = expr->As<VectorSelector>();
  const char* fault = nullptr;
  if (selector == nullptr) {
    fault = "ranges only allowed for vector selectors";
  } else if (selector->offset.value != Duration::zero()) {
    fault = "no offset modifiers allowed before range";
  } else if (selector->at.kind == AtModifier::Kind::kTime) {
    fault = "no @ modifiers allowed before range";
  }
  if (fault != nullptr) {
    Fail({bracket.span.begin, end_}, fault);
    return false;
  }
  MatrixSelector matrix{std::move(*selector), std::move(range), expr->span};
  expr->node = std::move(matrix);
  expr->span.end = end_;
  return true;
}

}  // namespace watchfire::promql
