// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Going through expressions and changing them: what rewriting an SLI needs.

#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pkg/promql/ast.h"

namespace watchfire::promql {

// Calls `visit` with each ExprPtr directly below `expr`, in the order of the text.
template <typename AnyExpr, typename Visit>
void ForChildren(AnyExpr& expr, Visit visit) {
  if (auto* subquery = expr.template As<Subquery>()) {
    visit(subquery->expr);
  } else if (auto* call = expr.template As<Call>()) {
    for (auto& arg : call->args) visit(arg);
  } else if (auto* aggregate = expr.template As<Aggregate>()) {
    if (aggregate->param) visit(*aggregate->param);
    visit(aggregate->expr);
  } else if (auto* binary = expr.template As<Binary>()) {
    visit(binary->left);
    visit(binary->right);
  } else if (auto* unary = expr.template As<Unary>()) {
    visit(unary->expr);
  } else if (auto* paren = expr.template As<Paren>()) {
    visit(paren->expr);
  }
}

// Calls `visit` with `root` and each expression below it, parents first, left to right; with Expr&
// or const Expr& as `root` is. Does not recurse.
template <typename AnyExpr, typename Visit>
void ForEach(AnyExpr& root, Visit visit) {
  std::vector<AnyExpr*> waiting = {&root};
  std::vector<AnyExpr*> children;
  while (!waiting.empty()) {
    AnyExpr* const expr = waiting.back();
    waiting.pop_back();
    visit(*expr);
    children.clear();
    ForChildren(*expr, [&](auto& child) { children.push_back(&*child); });
    waiting.insert(waiting.end(), children.rbegin(), children.rend());
  }
}

// Calls `visit` with `root` and each ExprPtr below it, parents first: it may put another expression
// into its place, for example one around it. It returns whether to go on below what is there then.
template <typename Visit>
void Rewrite(ExprPtr* root, Visit visit) {
  std::vector<ExprPtr*> waiting = {root};
  while (!waiting.empty()) {
    ExprPtr* const expr = waiting.back();
    waiting.pop_back();
    if (!visit(expr)) continue;
    ForChildren(**expr, [&](ExprPtr& child) { waiting.push_back(&child); });
  }
}

// Returns the selectors of `expr`, those with a range among them, in the order of the text.
std::vector<const VectorSelector*> Selectors(const Expr& expr);

// Adds `matcher` to every selector but the label selectors that info() takes.
void AddMatcher(Expr* expr, const LabelMatcher& matcher);

// Gives each range of exactly `from`, of selectors and subqueries, the length `to` instead.
void ReplaceRanges(Expr* expr, Duration from, Duration to);

// Makes `expr` what it was `by` earlier, or later if negative: adds to the offset of each selector
// and subquery that no other subquery is around. Those with @ stand still. False, and no change,
// if one of the offsets is computed. What time() and its like say is not changed.
bool ShiftBack(Expr* expr, Duration by);

// Gives `at` to each selector and subquery that has no @ yet and no other subquery around it.
void PinAt(Expr* expr, const AtModifier& at);

}  // namespace watchfire::promql
