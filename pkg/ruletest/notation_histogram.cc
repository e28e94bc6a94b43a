// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Native histograms in promtool's notation (reference slo-and-rules §6.4).

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <utility>

#include "pkg/ruletest/notation_reader.h"

namespace watchfire::ruletest {
namespace {

using promql::Histogram;
using promql::HistogramLayout;

// Beyond every bucket that a number falls into: those of schema 8 are from -275'000 to 262'145.
constexpr int32_t kFurthest = 300'000;
constexpr size_t kBucketsMax = 10'000;

// `[1 2 3]`.
Result<std::vector<double>> TakeList(Reader* reader) {
  if (!reader->Take('[')) return reader->Error("expected [, found " + reader->Found());
  std::vector<double> list;
  for (reader->SkipSpace(); !reader->Take(']'); reader->SkipSpace()) {
    const Result<double> number = reader->TakeNumber();
    if (!number) return Fail(number.error());
    if (list.size() == kBucketsMax) return reader->Error("too many buckets");
    list.push_back(*number);
  }
  return list;
}

Result<int32_t> TakeWhole(Reader* reader, int32_t least, int32_t most) {
  const Result<double> number = reader->TakeNumber();
  if (!number) return Fail(number.error());
  const bool is_whole =
      *number >= least && *number <= most && *number == static_cast<int32_t>(*number);
  if (!is_whole) {
    return reader->Error("expected a whole number from " + std::to_string(least) + " to " +
                         std::to_string(most));
  }
  return static_cast<int32_t>(*number);
}

// What is between the braces, before the buckets have their numbers.
struct Noting {
  Buckets read;
  int32_t offset = 0;
  int32_t negative_offset = 0;
  std::vector<double> buckets;
  std::vector<double> negative_buckets;

  // What follows `key:`.
  Status Take(const std::string& key, Reader* reader);
  // What does not go together, "" if all does.
  const char* Mistake() const;

 private:
  template <typename T>
  static Status Keep(Result<T> value, T* place) {
    if (!value) return Fail(std::move(value.error()));
    *place = *std::move(value);
    return {};
  }
};

Status Noting::Take(const std::string& key, Reader* reader) {
  if (key == "schema") return Keep(TakeWhole(reader, HistogramLayout::kCustom, 8), &read.schema);
  if (key == "count") return Keep(reader->TakeNumber(), &read.count);
  if (key == "sum") return Keep(reader->TakeNumber(), &read.sum);
  if (key == "z_bucket") return Keep(reader->TakeNumber(), &read.zero_count);
  if (key == "z_bucket_w") return Keep(reader->TakeNumber(), &read.zero_threshold);
  if (key == "custom_values") return Keep(TakeList(reader), &read.custom_values);
  if (key == "buckets") return Keep(TakeList(reader), &buckets);
  if (key == "n_buckets") return Keep(TakeList(reader), &negative_buckets);
  if (key == "offset") return Keep(TakeWhole(reader, -kFurthest, kFurthest), &offset);
  if (key == "n_offset") return Keep(TakeWhole(reader, -kFurthest, kFurthest), &negative_offset);
  if (key == "counter_reset_hint") {
    const std::string hint = reader->TakeName();
    for (const char* known : {"unknown", "reset", "not_reset", "gauge"}) {
      if (hint == known) return {};
    }
    return reader->Error("no counter_reset_hint: " + GoQuote(hint));
  }
  return reader->Error("expected what a histogram has, found " + GoQuote(key));
}

const char* Noting::Mistake() const {
  const std::vector<double>& bounds = read.custom_values;
  if (read.schema != HistogramLayout::kCustom) {
    const bool is_right = read.schema >= -4 && bounds.empty();
    return is_right ? "" : "schema is from -4 to 8, or -53 with custom_values";
  }
  const bool is_finite =
      std::ranges::all_of(bounds, [](double each) { return std::isfinite(each); });
  if (!is_finite || std::ranges::adjacent_find(bounds, std::greater_equal<>()) != bounds.end()) {
    return "custom_values must be finite, and each larger than the one before";
  }
  if (offset < 0 || static_cast<size_t>(offset) + buckets.size() > bounds.size() + 1) {
    return "of custom_values there are at most as many buckets and one more";
  }
  const bool has_others =
      !negative_buckets.empty() || read.zero_count != 0 || read.zero_threshold != 0;
  return has_others ? "schema -53 has neither a zero bucket nor n_buckets" : "";
}

}  // namespace

void Buckets::Add(const Buckets& other, double sign) {
  count += sign * other.count;
  sum += sign * other.sum;
  zero_count += sign * other.zero_count;
  zero_threshold = std::max(zero_threshold, other.zero_threshold);
  for (const auto& [index, number] : other.positive) positive[index] += sign * number;
  for (const auto& [index, number] : other.negative) negative[index] += sign * number;
}

Histogram Buckets::ToHistogram() const {
  Histogram out{count, sum, {}, custom_values};
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (schema == HistogramLayout::kCustom) {
    const auto bound = [this](int32_t index) {
      if (index < 0) return -kInfinity;
      const auto at = static_cast<size_t>(index);
      return at < custom_values.size() ? custom_values[at] : kInfinity;
    };
    for (const auto& [index, number] : positive) {
      out.buckets.push_back({bound(index - 1), bound(index), number});
    }
    return out;
  }
  for (auto it = negative.rbegin(); it != negative.rend(); ++it) {
    out.buckets.push_back(
        {-promql::BoundAt(schema, it->first), -promql::BoundAt(schema, it->first - 1), it->second});
  }
  if (zero_count != 0 || zero_threshold != 0) {
    out.buckets.push_back({-zero_threshold, zero_threshold, zero_count});
  }
  for (const auto& [index, number] : positive) {
    out.buckets.push_back(
        {promql::BoundAt(schema, index - 1), promql::BoundAt(schema, index), number});
  }
  return out;
}

Result<Buckets> TakeHistogram(Reader* reader) {
  if (!reader->Take("{{")) return reader->Error("expected {{, found " + reader->Found());
  Noting noting;
  std::set<std::string> seen;
  for (reader->SkipSpace(); !reader->Take("}}"); reader->SkipSpace()) {
    // A : belongs to names, so that the key ends with it.
    std::string key;
    while (IsNameByte(reader->peek(), false) && reader->peek() != ':') {
      key += reader->peek();
      reader->Take(reader->peek());
    }
    if (key.empty() || !reader->Take(':')) {
      return reader->Error("expected what a histogram has, found " + reader->Found());
    }
    if (!seen.insert(key).second) return reader->Error(GoQuote(key) + " is there twice");
    WF_RETURN_IF_ERROR(noting.Take(key, reader));
  }
  if (const std::string mistake = noting.Mistake(); !mistake.empty()) return reader->Error(mistake);
  Buckets& read = noting.read;
  const auto number = [](int32_t index, const std::vector<double>& from,
                         std::map<int32_t, double>* to) {
    for (const double each : from) (*to)[index++] = each;
  };
  number(noting.offset, noting.buckets, &read.positive);
  number(noting.negative_offset, noting.negative_buckets, &read.negative);
  return std::move(read);
}

}  // namespace watchfire::ruletest
