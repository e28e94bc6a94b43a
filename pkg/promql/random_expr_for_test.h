// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Random PromQL trees of right types, the same for the same seed.

#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/rng.h"
#include "pkg/promql/ast.h"

namespace watchfire::promql {

class RandomExpr {
 public:
  explicit RandomExpr(uint64_t seed) : rng_(seed) {}

  // A tree of at most `depth` levels below the root.
  ExprPtr Make(ValueType type, int depth) {
    switch (type) {
      case ValueType::kScalar:
        return Scalar(depth);
      case ValueType::kVector:
        return Vector(depth);
      case ValueType::kMatrix:
        return Matrix(depth);
      case ValueType::kString:
        return Expr{StringLiteral{Text()}, {}};
    }
    return {};
  }
  ValueType Type() { return static_cast<ValueType>(Below(4)); }

 private:
  size_t Below(size_t bound) { return static_cast<size_t>(rng_.Below(bound)); }
  bool Coin() { return Below(2) == 0; }

  template <size_t kSize>
  std::string Any(const std::array<const char*, kSize>& from) {
    return from[Below(kSize)];
  }

  std::string Text() {
    return Any(std::to_array({"", "a", "some value", "5\xc3\xa9\xe2\x82\xac", "\"'`\\", "\n\t\x01",
                              "\xff\x80", "\xf0\x9f\x94\xa5", "api|web", "x.*"}));
  }
  std::string MetricName() {
    return Any(
        std::to_array({"up", "job:errors:rate5m", "sum", "by", "offset", "or", "and", "start",
                       "step", "fill", "anchored", "max_of", "_", ":", "count_values"}));
  }
  std::string LabelName() {
    return Any(std::to_array({"job", "le", "on", "group_left", "bool", "a.b", "with space", "9",
                              "\xc3\xa4", "quote\"", "atan2", "fill", "_"}));
  }
  std::vector<std::string> LabelNames() {
    std::vector<std::string> names;
    for (size_t i = Below(3); i > 0; --i) names.push_back(LabelName());
    return names;
  }

  double Number() {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    constexpr std::array kNumbers = {0.0,
                                     -0.0,
                                     1.0,
                                     -1.0,
                                     0.1,
                                     1e300,
                                     -1e-300,
                                     5e-324,
                                     kInf,
                                     -kInf,
                                     1e15,
                                     123.456,
                                     -0.999,
                                     86400.0,
                                     4503599627370497.5,
                                     std::numeric_limits<double>::quiet_NaN()};
    return kNumbers[Below(kNumbers.size())];
  }
  Duration Length() {
    constexpr std::array<int64_t, 8> kNanos = {300'000'000'000,
                                               1'000'000,
                                               1,
                                               86'400'000'000'000,
                                               90'061'001'000'000,
                                               31'536'000'000'000'000,
                                               1'500'000,
                                               4'000'000'000'000'001'024};
    return Duration(kNanos[Below(kNanos.size())]);
  }

  DurationTerm Term(int depth) {
    using Op = DurationTerm::Op;
    DurationTerm term;
    if (depth <= 0 || Below(3) == 0) {
      if (Coin()) {
        term.op = Coin() ? Op::kStep : Op::kRange;
        term.in_parens = Coin();
        return term;
      }
      term.literal.is_duration = Coin();
      term.literal.value = term.literal.is_duration ? 0.29 : 2.5;
      return term;
    }
    term.op = Coin() ? Op::kMinOf : Op::kPower;
    term.operands.push_back(Term(depth - 1));
    term.operands.push_back(Term(depth - 1));
    for (DurationTerm& operand : term.operands) {
      operand.in_parens |= operand.op > Op::kNegate;  // Trees that some text has.
    }
    term.in_parens = Coin();
    return term;
  }
  // In [], where Prometheus wants a number before the colon.
  TimeLength SubqueryRange() {
    if (Below(8) != 0) return {Length(), {}};
    DurationTerm sum;
    sum.op = DurationTerm::Op::kAdd;
    sum.operands = {DurationTerm(), Term(1)};
    sum.operands[0].literal = {60, true};
    sum.operands[1].in_parens |= sum.operands[1].op > DurationTerm::Op::kNegate;
    return {{}, std::move(sum)};
  }
  TimeLength Range() {
    if (Below(8) != 0) return {Length(), {}};
    DurationTerm term = Term(2);
    if (term.op == DurationTerm::Op::kLiteral) return {Length(), {}};
    return {{}, std::move(term)};
  }
  TimeLength Offset() {
    if (Coin()) return {};
    if (Below(8) != 0) return {Coin() ? Length() : -Length(), {}};
    DurationTerm term;
    term.op = DurationTerm::Op::kNegate;
    term.operands.push_back(Term(1));
    DurationTerm& inner = term.operands[0];
    if (inner.op == DurationTerm::Op::kLiteral && Coin()) {  // (60) + step()
      DurationTerm step;
      step.op = DurationTerm::Op::kStep;
      DurationTerm sum;
      sum.op = DurationTerm::Op::kAdd;
      sum.operands = {inner, step};
      return {{}, std::move(sum)};
    }
    if (inner.op == DurationTerm::Op::kLiteral) return {-Length(), {}};
    inner.in_parens = true;
    return {{}, std::move(term)};
  }
  AtModifier At() {
    AtModifier at;
    at.kind = static_cast<AtModifier::Kind>(Below(6) < 3 ? 0 : Below(4));
    constexpr std::array<int64_t, 5> kMillis = {0, 1'700'000'000'123, -1, 999,
                                                1'234'567'890'123'456};
    if (at.kind == AtModifier::Kind::kTime) at.unix_millis = kMillis[Below(kMillis.size())];
    return at;
  }

  VectorSelector Selector() {
    VectorSelector selector;
    if (Below(4) != 0) selector.name = MetricName();
    if (selector.name.empty())
      selector.matchers.push_back({MatchOp::kEqual, "__name__", "a b", {}});
    for (size_t i = Below(3); i > 0; --i) {
      const auto op = static_cast<MatchOp>(Below(4));
      const bool is_regex = op == MatchOp::kRegex || op == MatchOp::kNotRegex;
      selector.matchers.push_back({op, LabelName(), is_regex ? "a.+|b(c)" : Text(), {}});
    }
    selector.at = At();
    selector.offset = Offset();
    selector.extension = static_cast<Extension>(Below(6) == 0 ? Below(3) : 0);
    return selector;
  }

  ExprPtr Scalar(int depth) {
    if (depth <= 0 || Below(3) == 0) {
      if (Coin()) return Expr{NumberLiteral{Number(), false}, {}};
      return Expr{NumberLiteral{Coin() ? 0.29 : 5400.0, true}, {}};
    }
    switch (Below(4)) {
      case 0:
        return Expr{Call{FindFunction("scalar"), {Vector(depth - 1)}}, {}};
      case 1:
        return Expr{Call{FindFunction("max_of"), {Scalar(depth - 1), Scalar(depth - 1)}}, {}};
      case 2:
        return Around(Scalar(depth - 1));
      default:
        return Join(Scalar(depth - 1), Scalar(depth - 1));
    }
  }

  ExprPtr Vector(int depth) {
    if (depth <= 0 || Below(4) == 0) return Expr{Selector(), {}};
    switch (Below(6)) {
      case 0:
        return Expr{Call{FindFunction("rate"), {Matrix(depth - 1)}}, {}};
      case 1:
        return Expr{Call{FindFunction("label_join"),
                         {Vector(depth - 1), Make(ValueType::kString, 0),
                          Make(ValueType::kString, 0), Make(ValueType::kString, 0)}},
                    {}};
      case 2:
        return Sum(depth);
      case 3:
        return Around(Vector(depth - 1));
      case 4:
        return Coin() ? Join(Vector(depth - 1), Scalar(depth - 1))
                      : Join(Scalar(depth - 1), Vector(depth - 1));
      default:
        return Join(Vector(depth - 1), Vector(depth - 1));
    }
  }

  ExprPtr Matrix(int depth) {
    if (depth <= 0 || Coin()) return Expr{MatrixSelector{Selector(), Range(), {}}, {}};
    Subquery subquery{Vector(depth - 1), SubqueryRange(), {}, At(), Offset()};
    if (Coin()) subquery.step = Range();
    return Expr{std::move(subquery), {}};
  }

  ExprPtr Sum(int depth) {
    Aggregate aggregate;
    aggregate.op = static_cast<AggregateOp>(Below(14));
    aggregate.expr = Vector(depth - 1);
    if (TakesParam(aggregate.op)) {
      const bool is_text = aggregate.op == AggregateOp::kCountValues;
      aggregate.param = is_text ? Make(ValueType::kString, 0) : Scalar(depth - 1);
    }
    aggregate.without = Coin();
    aggregate.grouping = LabelNames();
    return Expr{std::move(aggregate), {}};
  }

  // A sign or parentheses.
  ExprPtr Around(ExprPtr expr) {
    if (Coin()) return Expr{Paren{std::move(expr)}, {}};
    return Expr{Unary{Coin(), std::move(expr)}, {}};
  }

  ExprPtr Join(ExprPtr left, ExprPtr right) {
    const bool is_left_scalar = TypeOf(*left) == ValueType::kScalar;
    const bool is_right_scalar = TypeOf(*right) == ValueType::kScalar;
    const bool are_vectors = !is_left_scalar && !is_right_scalar;
    Binary binary;
    do {
      binary.op = static_cast<BinaryOp>(Below(18));
    } while (!are_vectors && IsSetOperator(binary.op));
    const bool is_comparison = IsComparison(binary.op);
    binary.returns_bool = is_comparison && ((is_left_scalar && is_right_scalar) || Coin());
    if (are_vectors && Coin()) binary.matching = Matching(IsSetOperator(binary.op));
    binary.left = std::move(left);
    binary.right = std::move(right);
    return Expr{std::move(binary), {}};
  }

  VectorMatching Matching(bool is_set_operator) {
    VectorMatching matching;
    matching.on = Coin();
    matching.labels = LabelNames();
    if (is_set_operator) return matching;
    matching.group = static_cast<VectorMatching::Group>(Below(3));
    if (matching.group != VectorMatching::Group::kNone && Coin()) matching.include = {"owner", "é"};
    if (Below(4) == 0) matching.fill_left = Number();
    if (Below(4) == 0) matching.fill_right = Coin() ? matching.fill_left : Number();
    return matching;
  }

  Rng rng_;
};

}  // namespace watchfire::promql
