// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Writes an expression as PromQL.

#pragma once

#include <string>

#include "pkg/promql/ast.h"

namespace watchfire::promql {

// Returns the text that Prometheus' Expr.String() would give: one line, matchers sorted, durations
// in their shortest form. Reading it gives an expression that equals `expr`. A tree that no text
// has, because something was put into it, gets the parentheses it needs; only these are new then.
std::string Print(const Expr& expr);
inline std::string Print(const ExprPtr& expr) { return Print(*expr); }

// A selector as part of it: up{job="api"} @ end() offset 5m.
std::string Print(const VectorSelector& selector);

}  // namespace watchfire::promql
