// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PromQL in files. Private to pkg/config.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/section.h"
#include "pkg/promql/functions.h"

namespace watchfire::config {

// An expression as it is written, and as it is evaluated.
struct Expression {
  struct Part {
    size_t text = 0;     // Where it starts as evaluated,
    size_t written = 0;  // and as written.
  };
  std::string text;         // What is evaluated.
  std::vector<Part> parts;  // By `text`. Up to the first part both are the same.
};

// Reports what is wrong with the expression that `key` of `section` holds, at the place inside of
// it if that can be told. Returns what it evaluates to, or nullopt. Where MetricsQL is spoken, what
// is no PromQL is worth a warning only.
std::optional<promql::ValueType> CheckExpression(Section& section, const std::string& key,
                                                 const Expression& expression,
                                                 bool speaks_metricsql);

// Returns whether that is something to compare or to alert on: a vector or a scalar.
bool HasSamples(promql::ValueType type);

// Whether the rules of `config` are read by a server that speaks more than PromQL.
bool SpeaksMetricsql(const Config& config);

}  // namespace watchfire::config
