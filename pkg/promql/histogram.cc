// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/histogram.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "pkg/base/strings.h"

namespace watchfire::promql {
namespace {

constexpr int32_t kCoarsest = -4;
constexpr int32_t kFinest = 8;
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
std::optional<int32_t> IndexIn(int32_t schema, double lower, double upper) {
  // The last one ends beyond what a number can say.
  const bool is_last = std::isinf(upper);
  const double place = std::ldexp(std::log2(is_last ? lower : upper), schema);
  if (!(lower > 0) || !(std::abs(place) < 1e6)) return std::nullopt;
  const auto index = static_cast<int32_t>(std::lround(place)) + (is_last ? 1 : 0);
  const bool fits =
      Near(BoundAt(schema, index - 1), lower) && (is_last || Near(BoundAt(schema, index), upper));
  return fits ? std::optional(index) : std::nullopt;
}

std::optional<HistogramLayout> LayoutIn(int32_t schema, const Histogram& histogram) {
  HistogramLayout layout;
  layout.schema = schema;
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    if (IsZeroBucket(bucket)) {
      layout.zero_threshold = bucket.upper;
      layout.zero_count = bucket.count;
      continue;
    }
    const bool is_negative = bucket.upper < 0;
    const auto index = is_negative ? IndexIn(schema, -bucket.upper, -bucket.lower)
                                   : IndexIn(schema, bucket.lower, bucket.upper);
    if (!index) return std::nullopt;
    (is_negative ? layout.negative : layout.positive)[*index] = bucket.count;
  }
  return layout;
}

HistogramLayout CustomLayout(const Histogram& histogram) {
  HistogramLayout layout;
  layout.schema = HistogramLayout::kCustom;
  std::set<double> bounds(histogram.custom_values.begin(), histogram.custom_values.end());
  if (bounds.empty()) {
    for (const Histogram::Bucket& bucket : histogram.buckets) {
      for (const double bound : {bucket.lower, bucket.upper}) {
        if (std::isfinite(bound)) bounds.insert(bound);
      }
    }
  }
  layout.custom_values.assign(bounds.begin(), bounds.end());
  for (const Histogram::Bucket& bucket : histogram.buckets) {
    const auto end = std::ranges::lower_bound(layout.custom_values, bucket.upper);
    layout.positive[static_cast<int32_t>(end - layout.custom_values.begin())] = bucket.count;
  }
  return layout;
}

std::vector<Histogram::Bucket> Full(const Histogram& histogram) {
  std::vector<Histogram::Bucket> full = histogram.buckets;
  std::erase_if(full, [](const Histogram::Bucket& bucket) { return bucket.count == 0; });
  return full;
}

}  // namespace

double BoundAt(int32_t schema, int32_t index) { return std::exp2(std::ldexp(index, -schema)); }

HistogramLayout LayoutOf(const Histogram& histogram) {
  if (!histogram.custom_values.empty()) return CustomLayout(histogram);
  // The width of a bucket tells. Where none does the finest is right: with others it becomes
  // theirs.
  for (int32_t schema = kFinest; schema >= kCoarsest; --schema) {
    if (std::optional<HistogramLayout> layout = LayoutIn(schema, histogram)) {
      return *std::move(layout);
    }
  }
  return CustomLayout(histogram);
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
