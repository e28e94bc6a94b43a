// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Decoding what Prometheus' query API answers. No network here.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"
#include "pkg/promql/histogram.h"

namespace watchfire::promql {

struct Sample {
  labels::LabelSet labels;  // __name__ included if the expression kept it.
  WallTime at = kNoTime;
  double value = 0;
  std::shared_ptr<const Histogram> histogram = {};  // Instead of a value, which is 0 then.

  bool operator==(const Sample& other) const {
    const bool same = histogram == nullptr || other.histogram == nullptr
                          ? histogram == other.histogram
                          : *histogram == *other.histogram;
    return same && labels == other.labels && at == other.at && value == other.value;
  }
};
using Vector = std::vector<Sample>;

// Decodes the body of POST /api/v1/query with the HTTP status it came with. A scalar gives one
// sample with empty labels; histograms have the value 0, as Prometheus' alerts have.
// Errors: kInvalidArgument (bad_data, execution, a matrix or string result: repeating will not
// help), kTimeout, kUnavailable (5xx, 429, not JSON, not an answer of this API: status and first
// bytes are quoted), kExhausted (more than limits::kQuerySeries series). Warnings in a success
// count as kUnavailable: partial data must not resolve an alert; kInvalidArgument if all are of
// limits of stores. Remarks ("PromQL info: …") are none, Thanos has them among its warnings.
// Source: prometheus.io/docs/prometheus/latest/querying/api; "isPartial" is VictoriaMetrics'.
Result<Vector> DecodeInstant(int http_status, std::string_view body);

// The same of POST /api/v1/query_range: the samples of all series, each with its time, series by
// series. Errors: as before, where a vector or scalar is what is unexpected; also kExhausted (more
// than limits::kQuerySamples samples).
Result<Vector> DecodeRange(int http_status, std::string_view body);

// Formats a sample value as text/template prints a float64: FormatGoFloat of pkg/base/strings.h.
std::string FormatValue(double value);
// As the rules API prints values: strconv 'e' with shortest digits ("1.44e-02").
std::string FormatValueExponent(double value);

}  // namespace watchfire::promql
