// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/series.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "pkg/promql/parse.h"
#include "pkg/promql/walk.h"

namespace watchfire::rules {
namespace {

constexpr uint64_t kStaleBits = 0x7ff0000000000002;

// Nobody counted less than nothing: no storage takes that, and remote write is refused as a whole
// for the sake of one.
bool CanBeStored(const promql::Sample& sample) {
  return sample.histogram == nullptr ||
         (!(sample.histogram->count < 0) &&
          std::ranges::none_of(sample.histogram->buckets,
                               [](const auto& bucket) { return bucket.count < 0; }));
}

// Whether the histograms that an expression gives are no counters, as Prometheus marks them: what
// is made of differences. What only chooses among series says nothing.
bool GivesGauges(const promql::Expr& root) {
  constexpr auto kDifferences =
      std::to_array<std::string_view>({"delta", "idelta", "increase", "irate", "rate"});
  std::vector<const promql::Expr*> waiting = {&root};
  while (!waiting.empty()) {
    const promql::Expr& expr = *waiting.back();
    waiting.pop_back();
    if (const auto* call = expr.As<promql::Call>();
        call != nullptr &&
        std::ranges::find(kDifferences, call->function->name) != kDifferences.end()) {
      return true;
    }
    const auto* binary = expr.As<promql::Binary>();
    if (binary != nullptr && binary->op == promql::BinaryOp::kSubtract) return true;
    if (binary != nullptr &&
        (binary->op == promql::BinaryOp::kAnd || binary->op == promql::BinaryOp::kUnless)) {
      waiting.push_back(&*binary->left);
    } else {
      promql::ForChildren(expr, [&](const promql::ExprPtr& child) { waiting.push_back(&*child); });
    }
  }
  return false;
}

bool GivesGauges(const std::string& expr) {
  const auto parsed = promql::TryParse(expr);
  return parsed && GivesGauges(**parsed);
}

}  // namespace

double StaleMarker() { return std::bit_cast<double>(kStaleBits); }

bool IsStaleMarker(double value) { return std::bit_cast<uint64_t>(value) == kStaleBits; }

Result<promql::Vector> Recorded(const config::Rule& rule, int limit, const promql::Vector& vector,
                                WallTime at) {
  if (limit > 0 && vector.size() > static_cast<size_t>(limit)) {
    return Fail(Code::kExhausted, "exceeded limit of " + std::to_string(limit) + " with " +
                                      std::to_string(vector.size()) + " series");
  }
  labels::LabelSet::Pairs over{{"__name__", rule.record}};
  for (const labels::Label& label : rule.labels) over.emplace_back(label.name, label.value);
  promql::Vector out;
  out.reserve(vector.size());
  std::set<std::string> seen;
  const bool has_histograms =
      std::ranges::any_of(vector, [](const auto& sample) { return sample.histogram != nullptr; });
  const bool gives_gauges = has_histograms && GivesGauges(rule.expr);
  for (const promql::Sample& sample : vector) {
    out.push_back({sample.labels.With(over), at, sample.value, sample.histogram});
    if (!seen.insert(out.back().labels.ToString()).second) {
      return Fail(Code::kConflict,
                  "vector contains metrics with the same labelset after applying rule labels");
    }
    if (!CanBeStored(sample)) {
      out.pop_back();
    } else if (gives_gauges && sample.histogram != nullptr) {
      auto gauge = std::make_shared<promql::Histogram>(*sample.histogram);
      gauge->is_gauge = true;
      out.back().histogram = std::move(gauge);
    }
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
  std::unordered_set<std::string> now;
  now.reserve(samples.size());
  for (const promql::Sample& sample : samples) {
    std::string key = sample.labels.ToString();
    series_.insert_or_assign(key, Series{sample.labels, kNoTime});
    now.insert(std::move(key));
  }
  std::map<std::string_view, const Series*> ended;
  for (auto it = series_.begin(); it != series_.end();) {
    Series& series = it->second;
    if (!now.contains(it->first) && series.ended == kNoTime) series.ended = at;
    if (series.ended != kNoTime && at - series.ended > kLookback) {
      it = series_.erase(it);
      continue;
    }
    if (series.ended != kNoTime) ended.emplace(it->first, &series);
    ++it;
  }
  for (const auto& [key, series] : ended) samples.push_back({series->labels, at, StaleMarker()});
  return samples;
}

void Trail::Written(WallTime at) {
  std::erase_if(series_, [at](const auto& entry) {
    return entry.second.ended != kNoTime && entry.second.ended <= at;
  });
}

void Trail::Join(const Trail& other) { series_.insert(other.series_.begin(), other.series_.end()); }

void Trail::Leave(const Trail& other) {
  std::erase_if(series_, [&other](const auto& entry) {
    const auto found = other.series_.find(entry.first);
    return found != other.series_.end() && found->second.ended == kNoTime;
  });
}

}  // namespace watchfire::rules
