// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Plain counters that components keep and pkg/telemetry turns into metric families.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace watchfire {

// Cumulative on export only: counts[i] counts observations in (bounds[i-1], bounds[i]].
class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

  void Observe(double value) {
    size_t i = 0;
    while (i < bounds_.size() && value > bounds_[i]) ++i;
    ++counts_[i];
    sum_ += value;
  }
  // Adds what `other`, of the same bounds, observed.
  void Add(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
  }
  const std::vector<double>& bounds() const { return bounds_; }    // Ascending upper bounds.
  const std::vector<uint64_t>& counts() const { return counts_; }  // One more: +Inf.
  double sum() const { return sum_; }

 private:
  std::vector<double> bounds_;
  std::vector<uint64_t> counts_;
  double sum_ = 0;
};

// Label values in the order of the metric's label names.
using LabelValues = std::vector<std::string>;
using CounterMap = std::map<LabelValues, uint64_t>;
using GaugeMap = std::map<LabelValues, double>;

// Label values may come from strangers' alerts; they must not make series without end. Beyond this
// many per metric everything new counts under "other". Long values are cut.
inline constexpr size_t kSeriesMax = 1000;
inline constexpr size_t kLabelValueBytesMax = 128;

template <typename Map>
LabelValues BoundedLabels(const Map& series, LabelValues labels) {
  for (std::string& value : labels) {
    if (value.size() > kLabelValueBytesMax) value = "other";
  }
  if (series.size() >= kSeriesMax && !series.contains(labels)) {
    for (std::string& value : labels) value = "other";
  }
  return labels;
}

inline void Count(CounterMap* counters, const LabelValues& labels) {
  const auto known = counters->find(labels);
  ++(known != counters->end() ? known->second : (*counters)[BoundedLabels(*counters, labels)]);
}

// A histogram per label values, all with the same bounds.
class HistogramMap {
 public:
  explicit HistogramMap(std::vector<double> bounds) : bounds_(std::move(bounds)) {}

  // Where observations of these labels belong. It stays where it is.
  Histogram& Of(const LabelValues& labels) {
    const auto known = series_.find(labels);
    if (known != series_.end()) return known->second;
    return series_.try_emplace(BoundedLabels(series_, labels), bounds_).first->second;
  }
  void Observe(const LabelValues& labels, double value) { Of(labels).Observe(value); }
  void Add(const LabelValues& labels, const Histogram& histogram) {
    series_.try_emplace(labels, bounds_).first->second.Add(histogram);
  }
  const std::vector<double>& bounds() const { return bounds_; }
  const std::map<LabelValues, Histogram>& series() const { return series_; }

 private:
  std::vector<double> bounds_;
  std::map<LabelValues, Histogram> series_;
};

}  // namespace watchfire
