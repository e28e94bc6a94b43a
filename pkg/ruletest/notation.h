// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How unit tests of rules write series down: promtool's notation (reference slo-and-rules §6.4).

#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/labels/labels.h"
#include "pkg/promql/histogram.h"

namespace watchfire::ruletest {

// Reads a series' name and labels: `up{job="a"}`, `{"a.b", "c d"="e"}`, `{}`. Texts in double or
// single quotes or in backticks, as in PromQL. Errors: kInvalidArgument "at byte N: …", N from 1.
Result<labels::LabelSet> ParseMetric(std::string_view text);

// What a series has at one time: a number, or a native histogram.
struct Noted {
  double value = 0;
  std::shared_ptr<const promql::Histogram> histogram = {};
};

// Reads values, one for each step: `1 _ stale 2+3x4 5x6 _x7 -1 NaN Inf {{sum:1}}+{{sum:2}}x3`.
// Nothing stands for a missing sample. `a+bxn` are n+1 values, `axn` too, `_xn` n. Errors: as
// ParseMetric; kExhausted for more than limits::kNotatedValues.
Result<std::vector<std::optional<Noted>>> ParseValues(std::string_view text);

// Reads a native histogram: `{{schema:1 count:5 sum:7 z_bucket:1 z_bucket_w:0.1 offset:-2
// buckets:[1 0 3] n_offset:0 n_buckets:[1] custom_values:[] counter_reset_hint:gauge}}`, each of
// these if it is there. Hints are read over, as the query API does not tell them. Errors: as
// ParseMetric.
Result<promql::Histogram> ParseHistogram(std::string_view text);

}  // namespace watchfire::ruletest
