// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/ast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/promql/lexer.h"
#include "pkg/promql/parser.h"
#include "pkg/promql/text.h"

namespace watchfire::promql {
namespace {

bool IsSame(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

ExprPtr::ExprPtr(Expr expr) : expr_(std::make_unique<Expr>(std::move(expr))) {}
ExprPtr::ExprPtr(const ExprPtr& other)
    : expr_(other.expr_ ? std::make_unique<Expr>(*other.expr_) : nullptr) {}
ExprPtr::ExprPtr(ExprPtr&& other) noexcept = default;
ExprPtr& ExprPtr::operator=(const ExprPtr& other) {
  // The copy first: `other` may be part of what this holds.
  expr_ = other.expr_ ? std::make_unique<Expr>(*other.expr_) : nullptr;
  return *this;
}
ExprPtr& ExprPtr::operator=(ExprPtr&& other) noexcept {
  std::unique_ptr<Expr> taken = std::move(other.expr_);
  expr_ = std::move(taken);
  return *this;
}
ExprPtr::~ExprPtr() = default;

bool ExprPtr::operator==(const ExprPtr& other) const {
  if (!expr_ || !other.expr_) return !expr_ && !other.expr_;
  return *expr_ == *other.expr_;
}

bool NumberLiteral::operator==(const NumberLiteral& other) const {
  return IsSame(value, other.value) && is_duration == other.is_duration;
}

bool VectorMatching::operator==(const VectorMatching& other) const {
  const auto same = [](std::optional<double> a, std::optional<double> b) {
    return a && b ? IsSame(*a, *b) : a == b;
  };
  return on == other.on && labels == other.labels && group == other.group &&
         include == other.include && same(fill_left, other.fill_left) &&
         same(fill_right, other.fill_right);
}

bool DurationTerm::operator==(const DurationTerm& other) const {
  return op == other.op && in_parens == other.in_parens && literal == other.literal &&
         operands == other.operands;
}

bool VectorSelector::operator==(const VectorSelector& other) const {
  if (name != other.name || at != other.at || offset != other.offset ||
      extension != other.extension || matchers.size() != other.matchers.size()) {
    return false;
  }
  const auto sorted = [](std::vector<LabelMatcher> list) {
    std::ranges::sort(list, {},
                      [](const LabelMatcher& m) { return std::tie(m.name, m.op, m.value); });
    return list;
  };
  return matchers == other.matchers || sorted(matchers) == sorted(other.matchers);
}

ValueType TypeOf(const Expr& expr) {
  struct Visitor {
    ValueType operator()(const NumberLiteral&) const { return ValueType::kScalar; }
    ValueType operator()(const StringLiteral&) const { return ValueType::kString; }
    ValueType operator()(const VectorSelector&) const { return ValueType::kVector; }
    ValueType operator()(const MatrixSelector&) const { return ValueType::kMatrix; }
    ValueType operator()(const Subquery&) const { return ValueType::kMatrix; }
    ValueType operator()(const Call& call) const { return call.function->result; }
    ValueType operator()(const Aggregate&) const { return ValueType::kVector; }
    ValueType operator()(const Binary& binary) const {
      const bool is_scalar =
          TypeOf(*binary.left) == ValueType::kScalar && TypeOf(*binary.right) == ValueType::kScalar;
      return is_scalar ? ValueType::kScalar : ValueType::kVector;
    }
    ValueType operator()(const Unary& unary) const { return TypeOf(*unary.expr); }
    ValueType operator()(const Paren& paren) const { return TypeOf(*paren.expr); }
  };
  return std::visit(Visitor(), expr.node);
}

std::string_view OpText(AggregateOp op) {
  static constexpr std::array<std::string_view, 14> kTexts = {
      "avg", "bottomk", "count",    "count_values", "group",  "limit_ratio", "limitk",
      "max", "min",     "quantile", "stddev",       "stdvar", "sum",         "topk"};
  return kTexts[static_cast<size_t>(op)];
}

std::string_view OpText(BinaryOp op) {
  static constexpr std::array<std::string_view, 18> kTexts = {
      "or", "and", "unless", "==", "!=", "<", "<=", ">",     ">=",
      "</", ">/",  "+",      "-",  "*",  "/", "%",  "atan2", "^"};
  return kTexts[static_cast<size_t>(op)];
}

std::string_view OpText(MatchOp op) {
  static constexpr std::array<std::string_view, 4> kTexts = {"=", "!=", "=~", "!~"};
  return kTexts[static_cast<size_t>(op)];
}

bool TakesParam(AggregateOp op) {
  switch (op) {
    case AggregateOp::kBottomk:
    case AggregateOp::kCountValues:
    case AggregateOp::kLimitk:
    case AggregateOp::kLimitRatio:
    case AggregateOp::kQuantile:
    case AggregateOp::kTopk:
      return true;
    default:
      return false;
  }
}

bool IsComparison(BinaryOp op) { return op >= BinaryOp::kEqual && op <= BinaryOp::kGreaterOrEqual; }

bool IsArithmetic(BinaryOp op) { return op >= BinaryOp::kAdd; }

bool IsSetOperator(BinaryOp op) { return op <= BinaryOp::kUnless; }

int Precedence(BinaryOp op) {
  if (op == BinaryOp::kOr) return 1;
  if (IsSetOperator(op)) return 2;
  const bool is_trim = op == BinaryOp::kTrimUpper || op == BinaryOp::kTrimLower;
  if (IsComparison(op) || is_trim) return 3;
  if (op == BinaryOp::kAdd || op == BinaryOp::kSubtract) return 4;
  return op == BinaryOp::kPower ? 6 : 5;
}

bool IsMetricIdentifier(std::string_view name) {
  if (name.empty() || !(IsAlpha(name.front()) || name.front() == ':')) return false;
  const auto fits = [](char c) { return IsAlpha(c) || IsDigit(c) || c == ':'; };
  return std::ranges::all_of(name, fits) && MayNameMetric(Lexer(name).Next());
}

bool IsLabelIdentifier(std::string_view name) {
  const auto fits = [](char c) { return IsAlpha(c) || IsDigit(c); };
  return !name.empty() && !IsDigit(name.front()) && std::ranges::all_of(name, fits);
}

}  // namespace watchfire::promql
