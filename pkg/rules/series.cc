// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/series.h"

#include <bit>
#include <cstdint>
#include <set>
#include <utility>

namespace watchfire::rules {
namespace {

constexpr uint64_t kStaleBits = 0x7ff0000000000002;

}  // namespace

double StaleMarker() { return std::bit_cast<double>(kStaleBits); }

bool IsStaleMarker(double value) { return std::bit_cast<uint64_t>(value) == kStaleBits; }

Result<promql::Vector> Recorded(const config::Rule& rule, int limit, const promql::Vector& vector,
                                WallTime at) {
  labels::LabelSet::Pairs over{{"__name__", rule.record}};
  for (const labels::Label& label : rule.labels) over.emplace_back(label.name, label.value);
  promql::Vector out;
  out.reserve(vector.size());
  std::set<std::string> seen;
  for (const promql::Sample& sample : vector) {
    out.push_back({sample.labels.With(over), at, sample.value});
    if (!seen.insert(out.back().labels.ToString()).second) {
      return Fail(Code::kConflict,
                  "vector contains metrics with the same labelset after applying rule labels");
    }
  }
  if (limit > 0 && out.size() > static_cast<size_t>(limit)) {
    return Fail(Code::kExhausted, "exceeded limit of " + std::to_string(limit) + " with " +
                                      std::to_string(out.size()) + " series");
  }
  return out;
}

promql::Vector AlertSeries(const config::Rule& rule, const Instances& instances, WallTime at) {
  promql::Vector out;
  for (const auto& [key, instance] : instances) {
    if (instance.state == State::kInactive) continue;
    const labels::LabelSet base = rule.labels.With(instance.labels.pairs());
    const char* state = instance.state == State::kFiring ? "firing" : "pending";
    out.push_back({base.With({{"__name__", "ALERTS"}, {"alertstate", state}}), at, 1});
    // In whole seconds, as everybody who restores from it expects.
    out.push_back({base.With({{"__name__", "ALERTS_FOR_STATE"}}), at,
                   static_cast<double>(ToNanos(instance.active_at) / 1'000'000'000)});
  }
  return out;
}

promql::Vector Trail::Follow(promql::Vector samples, WallTime at) {
  std::unordered_map<std::string, labels::LabelSet> now;
  now.reserve(samples.size());
  for (const promql::Sample& sample : samples) {
    now.emplace(sample.labels.ToString(), sample.labels);
  }
  for (const auto& [key, set] : last_) {
    if (!now.contains(key)) samples.push_back({set, at, StaleMarker()});
  }
  last_ = std::move(now);
  return samples;
}

}  // namespace watchfire::rules
