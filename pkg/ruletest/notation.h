// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How unit tests of rules write series down: promtool's notation (reference slo-and-rules §6.4).

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/labels/labels.h"

namespace watchfire::ruletest {

// Reads a series' name and labels: `up{job="a"}`, `{"a.b", "c d"="e"}`, `{}`. Texts in double or
// single quotes or in backticks, as in PromQL. Errors: kInvalidArgument "at byte N: …", N from 1.
Result<labels::LabelSet> ParseMetric(std::string_view text);

// Reads values, one for each step: `1 _ stale 2+3x4 5x6 _x7 -1 NaN Inf`. Nothing stands for a
// missing sample. `a+bxn` are n+1 values, `axn` too, `_xn` n. Errors: as ParseMetric; kExhausted
// for more than limits::kNotatedValues.
Result<std::vector<std::optional<double>>> ParseValues(std::string_view text);

}  // namespace watchfire::ruletest
