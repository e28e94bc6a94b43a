// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "pkg/base/strings.h"

namespace watchfire::promql {
namespace {

constexpr int32_t kCoarsest = -4;
constexpr int32_t kFinest = 8;
constexpr double kLastBound = 1024;  // The logarithm of what is just beyond the largest number.
constexpr double kSameBound = 1e-9;  // Of a bound; the finest buckets are 0.27 % wide.

bool Near(double a, double b) {
  if (a == b) return true;
  return std::isfinite(a) && std::isfinite(b) &&
         std::abs(a - b) <= kSameBound * std::max(std::abs(a), std::abs(b));
}

bool IsZeroBucket(const Histogram::Bucket& bucket) {
  return bucket.lower == -bucket.upper && std::isfinite(bucket.upper);
}

// The number of the bucket (lower, upper] of positive bounds in `schema`; nullopt if it has none.
// Prometheus lets a bucket that the zero bucket reaches into begin where that ends.
std::optional<int32_t> IndexIn(int32_t schema, double lower, double upper, double zero_threshold) {
  const bool is_of_infinity = std::isinf(upper);
  const double place = std::ldexp(std::log2(is_of_infinity ? lower : upper), schema);
  if (!(lower > 0) || !(std::abs(place) < 1e6)) return std::nullopt;
  const auto index = static_cast<int32_t>(std::lround(place)) + (is_of_infinity ? 1 : 0);
  const double begin = BoundAt(schema, index - 1);
  const bool begins = Near(begin, lower) || (lower == zero_threshold && begin < lower);
  return begins && Near(BoundAt(schema, index), upper) ? std::optional(index) : std::nullopt;
}

// Where the zero bucket ends if it is empty, as it often is of a rate, and the API leaves it out:
// nowhere, or at the bound that is closest to zero.
double ClosestToZero(const Histogram& histogram) {
  double closest = std::numeric_limits<double>::infinity();
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    closest = std::min(closest, bucket.upper < 0 ? -bucket.upper : bucket.lower);
  }
  return closest;
}

std::optional<HistogramLayout> LayoutIn(int32_t schema, double zero_threshold,
                                        const Histogram& histogram) {
  HistogramLayout layout;
  layout.schema = schema;
  layout.zero_threshold = zero_threshold;
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    if (IsZeroBucket(bucket)) {
      layout.zero_count = bucket.count;
      continue;
    }
    const bool is_negative = bucket.upper < 0;
    const auto index = is_negative
                           ? IndexIn(schema, -bucket.upper, -bucket.lower, layout.zero_threshold)
                           : IndexIn(schema, bucket.lower, bucket.upper, layout.zero_threshold);
    if (!index) return std::nullopt;
    (is_negative ? layout.negative : layout.positive)[*index] = bucket.count;
  }
  return layout;
}

HistogramLayout CustomLayout(const Histogram& histogram) {
  HistogramLayout layout;
  layout.schema = HistogramLayout::kCustom;
  layout.custom_values =
      histogram.custom_values.empty() ? FiniteBounds(histogram) : histogram.custom_values;
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    const auto end = std::ranges::lower_bound(layout.custom_values, bucket.upper);
    layout.positive[static_cast<int32_t>(end - layout.custom_values.begin())] = bucket.count;
  }
  return layout;
}

// The buckets that are not empty, as the query API says them: beside the zero bucket.
std::vector<Histogram::Bucket> Full(const Histogram& histogram) {
  std::vector<Histogram::Bucket> full = histogram.buckets;
  const auto zero = std::ranges::find_if(full, IsZeroBucket);
  if (zero != full.end() && histogram.custom_values.empty()) {
    const double threshold = zero->upper;
    for (Histogram::Bucket& bucket : full) {
      if (bucket.lower > 0) bucket.lower = std::max(bucket.lower, threshold);
      if (bucket.upper < 0) bucket.upper = std::min(bucket.upper, -threshold);
    }
  }
  std::erase_if(full, [](const Histogram::Bucket& bucket) { return bucket.count == 0; });
  return full;
}

}  // namespace

double BoundAt(int32_t schema, int32_t index) {
  const double place = std::ldexp(index, -schema);
  if (place == kLastBound) return std::numeric_limits<double>::max();
  return std::exp2(place);
}

HistogramLayout LayoutOf(const Histogram& histogram) {
  if (!histogram.custom_values.empty()) return CustomLayout(histogram);
  // The width of a bucket tells. Where none does the finest is right: with others it becomes
  // theirs.
  const auto zero = std::ranges::find_if(histogram.buckets, IsZeroBucket);
  const bool has_zero = zero != histogram.buckets.end();
  std::vector<double> thresholds = {has_zero ? zero->upper : 0};
  // One bucket alone tells too little.
  if (!has_zero && histogram.buckets.size() > 1) thresholds.push_back(ClosestToZero(histogram));
  for (const double threshold : thresholds) {
    for (int32_t schema = kFinest; schema >= kCoarsest; --schema) {
      if (std::optional<HistogramLayout> layout = LayoutIn(schema, threshold, histogram)) {
        return *std::move(layout);
      }
    }
  }
  return CustomLayout(histogram);
}

std::vector<double> FiniteBounds(const Histogram& histogram) {
  std::set<double> bounds;
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    for (const double bound : {bucket.lower, bucket.upper}) {
      if (std::isfinite(bound)) bounds.insert(bound);
    }
  }
  return {bounds.begin(), bounds.end()};
}

bool SayTheSame(const Histogram& a, const Histogram& b) {
  const auto same_number = [](double x, double y) {
    return x == y || (std::isnan(x) && std::isnan(y));
  };
  return same_number(a.count, b.count) && same_number(a.sum, b.sum) &&
         std::ranges::equal(Full(a), Full(b), [](const auto& x, const auto& y) {
           return x.count == y.count && Near(x.lower, y.lower) && Near(x.upper, y.upper);
         });
}

std::string Print(const Histogram& histogram) {
  std::string text = "{count:" + FormatGoFloat(histogram.count);
  text += ", sum:" + FormatGoFloat(histogram.sum);
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    // A bound is within the bucket on the side that is further from zero, as the API has it.
    text += std::string(", ") + (bucket.lower < 0 ? "[" : "(") + FormatGoFloat(bucket.lower) + ", ";
    text += FormatGoFloat(bucket.upper) + (bucket.upper > 0 ? "]" : ")") + ":";
    text += FormatGoFloat(bucket.count);
  }
  return text + "}";
}

}  // namespace watchfire::promql
