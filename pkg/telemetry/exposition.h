// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Collects values for the metrics of the table and writes them. Private to pkg/telemetry.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

#include "pkg/base/histogram.h"
#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {

class Exposition {
 public:
  explicit Exposition(const Features& features);

  // Each name must be in the table with as many labels as there are values (WF_CHECKed): a metric
  // that is not declared cannot be exported. Labels: as LabelsOf() has them.
  void Set(std::string_view name, double value, const LabelValues& labels = {});
  void Set(std::string_view name, const CounterMap& values);
  void Set(std::string_view name, const GaugeMap& values);
  void Set(std::string_view name, const Histogram& histogram, const LabelValues& labels = {});
  void Set(std::string_view name, const HistogramMap& histograms);

  // Text format 0.0.4, in the order of the table; metrics without a value are left out.
  std::string Text() const;

 private:
  prometheus::ClientMetric& Add(std::string_view name, const LabelValues& labels);

  std::map<std::string, size_t, std::less<>> index_;  // Into the others.
  std::vector<std::vector<std::string>> labels_;      // One for each metric of the table.
  std::vector<prometheus::MetricFamily> families_;    // One for each metric of the table.
};

}  // namespace watchfire::telemetry
