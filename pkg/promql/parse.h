// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads PromQL, and refuses what Prometheus would refuse: wrong syntax, wrong types, unknown
// functions, modifiers where they do not belong. Evaluates nothing.
//
// Source: Prometheus 3.14, promql/parser: generated_parser.y (grammar), parse.go (checks and the
// words of errors).

#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "pkg/base/result.h"
#include "pkg/promql/ast.h"

namespace watchfire::promql {

struct ParseOptions {
  // Whether to take what Prometheus takes only with a feature flag: Function::experimental, limitk
  // and limit_ratio, computed durations, anchored and smoothed, fill.
  bool experimental = true;
};

// The first thing that is wrong with an expression.
struct Fault {
  Span span;  // Where; begin is what an error points to. The end of the text if something misses.
  std::string message;    // Prometheus' words: `unexpected identifier "b"`.
  std::string hint = "";  // What may help, or "".
};

// Reads `text`. Its length, depth and number of operators in a row have limits (limits.h).
tl::expected<ExprPtr, Fault> TryParse(std::string_view text, const ParseOptions& options = {});

// The same with the fault as Prometheus prints it: `1:3: parse error: unexpected …`, line and
// column in bytes from 1. Errors: kInvalidArgument, kExhausted (a limit).
Result<ExprPtr> Parse(std::string_view text, const ParseOptions& options = {});

}  // namespace watchfire::promql
