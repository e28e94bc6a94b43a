// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/linear.h"

#include <algorithm>
#include <string_view>

#include "pkg/promql/print.h"
#include "pkg/promql/walk.h"

namespace watchfire::slo {
namespace {

using promql::Aggregate;
using promql::Binary;
using promql::BinaryOp;
using promql::Call;
using promql::Expr;
using promql::MatrixSelector;
using promql::NumberLiteral;
using promql::Paren;
using promql::Unary;
using promql::VectorSelector;

// The one metric that a selector is about, or "".
std::string_view MetricName(const VectorSelector& selector) {
  if (!selector.name.empty()) return selector.name;
  const auto found = std::ranges::find_if(selector.matchers, [](const promql::LabelMatcher& m) {
    return m.name == "__name__" && m.op == promql::MatchOp::kEqual;
  });
  return found == selector.matchers.end() ? std::string_view() : std::string_view(found->value);
}

std::string WhyNotSelector(const MatrixSelector& matrix) {
  const VectorSelector& selector = matrix.selector;
  if (matrix.range.formula || matrix.range.value != kStandIn) {
    return "a range is not {{.window}}, so windows do not follow from steps";
  }
  if (MetricName(selector).empty()) {
    return "a selector names no single metric: " + promql::Print(selector);
  }
  if (selector.at.kind != promql::AtModifier::Kind::kNone) return "@ fixes the time";
  if (selector.offset.formula || selector.offset.value == kStandIn) {
    return "an offset is computed or depends on {{.window}}";
  }
  if (selector.extension != promql::Extension::kNone) {
    return "anchored and smoothed are not rewritten";
  }
  return "";
}

// Slices, each of which is evaluated at its end, wherever windows begin.
std::string WhyNotSlices(const promql::Subquery& slices) {
  if (slices.range.formula || slices.range.value != kStandIn) {
    return "a range is not {{.window}}, so windows do not follow from steps";
  }
  if (!slices.step || slices.step->formula || slices.step->value <= Duration::zero() ||
      slices.step->value == kStandIn) {
    return "a subquery has no fixed step";
  }
  if (slices.at.kind != promql::AtModifier::Kind::kNone) return "@ fixes the time";
  if (!slices.offset.is_zero()) return "an offset of a subquery is not rewritten";
  bool has_window = false;
  promql::ForEach(*slices.expr, [&](const Expr& part) {
    const auto* matrix = part.As<MatrixSelector>();
    const auto* inner = part.As<promql::Subquery>();
    const auto* selector = part.As<VectorSelector>();
    if (matrix != nullptr) selector = &matrix->selector;
    has_window |= matrix != nullptr && matrix->range.value == kStandIn;
    has_window |=
        inner != nullptr && (inner->range.value == kStandIn || inner->step == slices.range);
    has_window |= selector != nullptr && selector->offset.value == kStandIn;
    has_window |= inner != nullptr && inner->offset.value == kStandIn;
  });
  return has_window ? "what is done with a slice depends on {{.window}}" : "";
}

std::string WhyNotCall(const Call& call, Units* units) {
  const std::string_view name = call.function->name;
  if (name == "label_replace" || name == "label_join") return WhyNotLinear(*call.args[0], units);
  const bool counts = name == "sum_over_time" || name == "count_over_time";
  const auto* slices = counts ? call.args[0]->As<promql::Subquery>() : nullptr;
  if (slices != nullptr) {
    units->counts = true;
    return WhyNotSlices(*slices);
  }
  const bool leaf = name == "rate" || name == "increase" || counts;
  const MatrixSelector* matrix = leaf ? call.args[0]->As<MatrixSelector>() : nullptr;
  if (matrix == nullptr) return std::string(name) + "() does not add up over time";
  (name == "rate" ? units->per_second : units->counts) = true;
  return WhyNotSelector(*matrix);
}

// Info metrics are 1: a join with one adds labels and changes no number.
bool IsInfoJoin(const Binary& binary) {
  const auto* selector = binary.right->As<VectorSelector>();
  return selector != nullptr && binary.matching.group == promql::VectorMatching::Group::kLeft &&
         MetricName(*selector).ends_with("_info");
}

bool IsZeroLiteral(const Expr& expr) {
  const auto* number = expr.As<NumberLiteral>();
  return number != nullptr && number->value == 0;
}

// vector(0), 0 * x, and these in parentheses: what fills in for series that do not exist.
std::string WhyNotZero(const Expr& expr, Units* units) {
  if (const auto* paren = expr.As<Paren>()) return WhyNotZero(*paren->expr, units);
  const auto* call = expr.As<Call>();
  if (call != nullptr && call->function->name == "vector" && IsZeroLiteral(*call->args[0])) {
    return "";
  }
  const auto* binary = expr.As<Binary>();
  const bool product = binary != nullptr && binary->op == BinaryOp::kMultiply;
  if (product && (IsZeroLiteral(*binary->left) || IsZeroLiteral(*binary->right))) {
    return WhyNotLinear(expr, units);
  }
  return "`or` may only add zeros (vector(0), 0 * x)";
}

std::string WhyNotBinary(const Binary& binary, Units* units) {
  switch (binary.op) {
    case BinaryOp::kAdd:
    case BinaryOp::kSubtract: {
      std::string why = WhyNotLinear(*binary.left, units);
      return why.empty() ? WhyNotLinear(*binary.right, units) : why;
    }
    case BinaryOp::kMultiply:
      if (IsConstant(*binary.left)) return WhyNotLinear(*binary.right, units);
      if (IsConstant(*binary.right) || IsInfoJoin(binary)) {
        return WhyNotLinear(*binary.left, units);
      }
      return "a product of two series does not add up over time";
    case BinaryOp::kDivide:
      if (IsConstant(*binary.right)) return WhyNotLinear(*binary.left, units);
      return "a ratio inside of a query does not add up over time";
    case BinaryOp::kOr: {
      std::string why = WhyNotLinear(*binary.left, units);
      return why.empty() ? WhyNotZero(*binary.right, units) : why;
    }
    default:
      return "the operator " + std::string(promql::OpText(binary.op)) +
             " does not add up over time";
  }
}

}  // namespace

bool IsLeaf(const Expr& expr) {
  const auto* call = expr.As<Call>();
  if (call == nullptr || call->args.empty()) return false;
  const auto* matrix = call->args[0]->As<MatrixSelector>();
  if (matrix != nullptr) return matrix->range.value == kStandIn;
  const auto* slices = call->args[0]->As<promql::Subquery>();
  return slices != nullptr && slices->range.value == kStandIn;
}

bool IsConstant(const Expr& expr) {
  if (expr.As<NumberLiteral>() != nullptr) return true;
  if (const auto* paren = expr.As<Paren>()) return IsConstant(*paren->expr);
  if (const auto* unary = expr.As<Unary>()) return IsConstant(*unary->expr);
  const auto* binary = expr.As<Binary>();
  return binary != nullptr && promql::IsArithmetic(binary->op) && IsConstant(*binary->left) &&
         IsConstant(*binary->right);
}

std::string WhyNotLinear(const Expr& expr, Units* units) {
  if (const auto* paren = expr.As<Paren>()) return WhyNotLinear(*paren->expr, units);
  if (const auto* unary = expr.As<Unary>()) return WhyNotLinear(*unary->expr, units);
  if (const auto* call = expr.As<Call>()) return WhyNotCall(*call, units);
  if (const auto* binary = expr.As<Binary>()) return WhyNotBinary(*binary, units);
  if (const auto* aggregate = expr.As<Aggregate>()) {
    if (aggregate->op == promql::AggregateOp::kSum) return WhyNotLinear(*aggregate->expr, units);
    return std::string(promql::OpText(aggregate->op)) + " does not add up over time: only sum does";
  }
  if (IsConstant(expr)) return "a constant does not grow with the window";
  return "a selector outside of rate() and increase() does not add up over time: " +
         promql::Print(expr);
}

}  // namespace watchfire::slo
