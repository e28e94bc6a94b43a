// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether what an expression says of two neighbouring windows adds up to what it says of both.
// Private to pkg/slo.

#pragma once

#include <string>

#include "pkg/base/time.h"
#include "pkg/promql/ast.h"

namespace watchfire::slo {

// Stands for {{.window}} in a parsed query: a length that nobody writes.
inline constexpr Duration kStandIn = std::chrono::milliseconds(1'234'567);

// What the numbers of an expression are.
struct Units {
  bool per_second = false;  // rate()
  bool counts = false;      // increase(), sum_over_time(), count_over_time()
};

// Whether `expr` is a call that counts over kStandIn: what a rewrite replaces.
bool IsLeaf(const promql::Expr& expr);
bool IsConstant(const promql::Expr& expr);

// Returns why `expr` does not add up, or "". Notes what its leaves are in `units`.
std::string WhyNotLinear(const promql::Expr& expr, Units* units);

}  // namespace watchfire::slo
