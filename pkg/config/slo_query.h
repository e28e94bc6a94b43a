// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Queries of SLOs: PromQL in which {{.window}} stands for a range. Private to pkg/config.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pkg/config/section.h"
#include "pkg/promql/ast.h"

namespace watchfire::config {

inline constexpr std::string_view kWindow = "{{.window}}";
// What it is in an expression that is parsed: a range that nobody writes.
inline constexpr Duration kWindowRange{std::chrono::milliseconds(8'111'222'333)};

struct QueryOptions {
  bool speaks_metricsql = false;
  bool dollar = false;        // $__window is taken for {{.window}}.
  bool needs_window = false;  // Without one it is an error.
};

struct WindowQuery {
  std::string text;  // Every window is written {{.window}}.
  size_t windows = 0;
  promql::ExprPtr expr;  // With kWindowRange instead. None if it is no PromQL.
};

// Reads the query that `key` must hold. nullopt after reporting why there is none.
std::optional<WindowQuery> ReadQuery(Section& section, const std::string& key,
                                     const QueryOptions& options);

// Reads a plain selector, such as up{job="api"}, which may have an offset; nullopt after reporting
// why it is none.
std::optional<promql::VectorSelector> ReadSelector(Section& section, const std::string& key);

// Prints `expr` with {{.window}} for kWindowRange.
std::string PrintQuery(const promql::Expr& expr);
// Writes `window` in place of each {{.window}}.
std::string AtWindow(std::string_view query, Duration window);

// Returns the only range that there is in `expr`, subqueries included; zero if there is none,
// nullopt if there are several.
std::optional<Duration> OnlyRange(const promql::Expr& expr);
// Makes a query of counters one of their increase over the window, summed unless it sums itself.
void OverWindow(promql::ExprPtr* counters);

// The usual expressions. All take and give queries.
std::string Quotient(const std::string& bad, const std::string& total);
// total - good; what has no good events has bad ones only.
std::string Remainder(const std::string& total, const std::string& good);
// bad, and 0 where there is no such series but a total.
std::string OrNone(const std::string& bad, const std::string& total);

// The share of slices in which the share of good events is below `target`. A slice without events
// does not count. `ratio` is the error ratio of one slice.
std::string BadSlices(const std::string& ratio, Duration slice, double target);
// The mean of the slices' error ratios.
std::string MeanOfSlices(const std::string& ratio, Duration slice);

}  // namespace watchfire::config
