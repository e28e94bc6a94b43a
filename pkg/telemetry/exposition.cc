// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/telemetry/exposition.h"

#include <limits>

#include <prometheus/text_serializer.h>

#include "pkg/base/check.h"
#include "pkg/base/strings.h"

namespace watchfire::telemetry {
namespace {

prometheus::MetricType ToFamilyType(Type type) {
  switch (type) {
    case Type::kCounter:
      return prometheus::MetricType::Counter;
    case Type::kGauge:
      return prometheus::MetricType::Gauge;
    case Type::kHistogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

}  // namespace

Exposition::Exposition(const Features& features) {
  for (const Metric& metric : Metrics()) {
    index_.emplace(metric.name, families_.size());
    labels_.push_back(LabelsOf(metric, features));
    families_.push_back({metric.name, metric.help, ToFamilyType(metric.type), {}});
  }
}

prometheus::ClientMetric& Exposition::Add(std::string_view name, const LabelValues& labels) {
  const auto found = index_.find(name);
  WF_CHECK(found != index_.end());
  const std::vector<std::string>& names = labels_[found->second];
  WF_CHECK(names.size() == labels.size());
  prometheus::ClientMetric sample;
  for (size_t i = 0; i < labels.size(); ++i) {
    sample.label.push_back({names[i], RepairUtf8(labels[i])});
  }
  return families_[found->second].metric.emplace_back(std::move(sample));
}

void Exposition::Set(std::string_view name, double value, const LabelValues& labels) {
  prometheus::ClientMetric& sample = Add(name, labels);
  sample.counter.value = value;  // The family's type says which of the two is written.
  sample.gauge.value = value;
}

void Exposition::Set(std::string_view name, const CounterMap& values) {
  for (const auto& [labels, value] : values) Set(name, static_cast<double>(value), labels);
}

void Exposition::Set(std::string_view name, const GaugeMap& values) {
  for (const auto& [labels, value] : values) Set(name, value, labels);
}

void Exposition::Set(std::string_view name, const Histogram& histogram, const LabelValues& labels) {
  prometheus::ClientMetric& sample = Add(name, labels);
  uint64_t total = 0;
  for (size_t i = 0; i < histogram.counts().size(); ++i) {
    total += histogram.counts()[i];
    const bool last = i == histogram.bounds().size();
    sample.histogram.bucket.push_back(
        {total, last ? std::numeric_limits<double>::infinity() : histogram.bounds()[i]});
  }
  sample.histogram.sample_count = total;
  sample.histogram.sample_sum = histogram.sum();
}

void Exposition::Set(std::string_view name, const HistogramMap& histograms) {
  for (const auto& [labels, histogram] : histograms.series()) Set(name, histogram, labels);
}

std::string Exposition::Text() const {
  std::vector<prometheus::MetricFamily> filled;
  for (const prometheus::MetricFamily& family : families_) {
    if (!family.metric.empty()) filled.push_back(family);
  }
  return prometheus::TextSerializer().Serialize(filled);
}

}  // namespace watchfire::telemetry
