// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Native histograms, as far as they pass through here: from the query API's answers and from unit
// tests of rules to remote write, which wants to know how their buckets are numbered.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace watchfire::promql {

// A histogram as the query API says it.
struct Histogram {
  struct Bucket {
    double lower = 0;
    double upper = 0;
    double count = 0;

    bool operator==(const Bucket&) const = default;
  };

  double count = 0;
  double sum = 0;
  std::vector<Bucket> buckets;  // From the lowest on; the API leaves out those that are empty.
  // The bounds of custom buckets, where it is known that they are; those of empty ones the API does
  // not tell.
  std::vector<double> custom_values;
  bool is_gauge = false;  // Whether it is known to be no counter, which the API does not tell.

  bool operator==(const Histogram&) const = default;
};

// How the buckets of a histogram are numbered. Source: prometheus.io/docs/specs/native_histograms.
struct HistogramLayout {
  static constexpr int32_t kCustom = -53;

  int32_t schema = 0;  // The n-th bucket ends at 2^(n · 2^-schema); kCustom: at custom_values[n].
  double zero_threshold = 0;
  double zero_count = 0;
  std::map<int32_t, double> positive;
  std::map<int32_t, double> negative;
  std::vector<double> custom_values;
};

// Returns the finest layout that has all of its buckets; custom buckets if no other has them.
HistogramLayout LayoutOf(const Histogram& histogram);

// Returns the bound that the n-th bucket of a schema other than kCustom ends at: that of the last
// one is the largest number, and what is beyond is infinity's.
double BoundAt(int32_t schema, int32_t index);

// Returns the bounds of the buckets that are finite, in order, each once.
std::vector<double> FiniteBounds(const Histogram& histogram);

// Whether both say the same: empty buckets are none, and bounds may differ in their last digits.
bool SayTheSame(const Histogram& a, const Histogram& b);

// "{count:3, sum:4, (1, 2]:3}", with shortest digits, for people.
std::string Print(const Histogram& histogram);

}  // namespace watchfire::promql
