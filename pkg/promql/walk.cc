// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/walk.h"

#include <algorithm>

namespace watchfire::promql {
namespace {

template <typename AnyExpr>
auto SelectorOf(AnyExpr& expr) -> decltype(expr.template As<VectorSelector>()) {
  if (auto* matrix = expr.template As<MatrixSelector>()) return &matrix->selector;
  return expr.template As<VectorSelector>();
}

// Where evaluation time is changed.
struct TimePoint {
  AtModifier* at;
  TimeLength* offset;
};

// The modifiers that count for `root` as a whole: not those inside of subqueries, whose times
// follow from the subquery's.
std::vector<TimePoint> TimePoints(Expr* root) {
  std::vector<TimePoint> points;
  std::vector<Expr*> waiting = {root};
  while (!waiting.empty()) {
    Expr* const expr = waiting.back();
    waiting.pop_back();
    if (VectorSelector* selector = SelectorOf(*expr)) {
      points.push_back({&selector->at, &selector->offset});
    } else if (auto* subquery = expr->As<Subquery>()) {
      points.push_back({&subquery->at, &subquery->offset});
    } else {
      ForChildren(*expr, [&](ExprPtr& child) { waiting.push_back(&*child); });
    }
  }
  return points;
}

}  // namespace

std::vector<const VectorSelector*> Selectors(const Expr& expr) {
  std::vector<const VectorSelector*> selectors;
  ForEach(expr, [&](const Expr& part) {
    if (const VectorSelector* selector = SelectorOf(part)) selectors.push_back(selector);
  });
  return selectors;
}

void AddMatcher(Expr* expr, const LabelMatcher& matcher) {
  std::vector<const Expr*> skipped;
  ForEach(*expr, [&](Expr& part) {
    const auto* call = part.As<Call>();
    if (call != nullptr && call->function->name == "info" && call->args.size() > 1) {
      skipped.push_back(&*call->args[1]);
    }
    VectorSelector* selector = SelectorOf(part);
    if (selector == nullptr || std::ranges::count(skipped, &part) > 0) return;
    selector->matchers.push_back(matcher);
  });
}

void ReplaceRanges(Expr* expr, Duration from, Duration to) {
  const auto replace = [&](TimeLength* range) {
    if (!range->formula && range->value == from) range->value = to;
  };
  ForEach(*expr, [&](Expr& part) {
    if (auto* matrix = part.As<MatrixSelector>()) replace(&matrix->range);
    if (auto* subquery = part.As<Subquery>()) replace(&subquery->range);
  });
}

bool ShiftBack(Expr* expr, Duration by) {
  const std::vector<TimePoint> points = TimePoints(expr);
  const auto moves = [](const TimePoint& point) {
    return point.at->kind == AtModifier::Kind::kNone;
  };
  const auto is_computed = [&](const TimePoint& point) {
    return moves(point) && point.offset->formula.has_value();
  };
  if (std::ranges::any_of(points, is_computed)) return false;
  for (const TimePoint& point : points) {
    if (moves(point)) point.offset->value += by;
  }
  return true;
}

void PinAt(Expr* expr, const AtModifier& at) {
  for (const TimePoint& point : TimePoints(expr)) {
    if (point.at->kind == AtModifier::Kind::kNone) *point.at = at;
  }
}

}  // namespace watchfire::promql
