// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/remotewrite/remotewrite.h"

#include <bit>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include <snappy.h>

#include "pkg/base/strings.h"

namespace watchfire::remotewrite {
namespace {

// Wire types of protocol buffers.
enum class Wire : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2 };

void PutVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void PutTag(uint32_t field, Wire wire, std::string* out) {
  PutVarint(field << 3 | static_cast<uint32_t>(wire), out);
}

void PutBytes(uint32_t field, std::string_view bytes, std::string* out) {
  PutTag(field, Wire::kBytes, out);
  PutVarint(bytes.size(), out);
  out->append(bytes);
}

// message Label { string name = 1; string value = 2; }
std::string EncodeLabel(const labels::Label& label) {
  std::string out;
  PutBytes(1, label.name, &out);
  PutBytes(2, label.value, &out);
  return out;
}

void PutFixed(double value, std::string* out) {
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) out->push_back(static_cast<char>(bits >> shift));
}

void PutDouble(uint32_t field, double value, std::string* out) {
  PutTag(field, Wire::kFixed64, out);
  PutFixed(value, out);
}

void PutDoubles(uint32_t field, const std::vector<double>& values, std::string* out) {
  if (values.empty()) return;
  std::string packed;
  for (const double value : values) PutFixed(value, &packed);
  PutBytes(field, packed, out);
}

// As sint32 has it.
void PutSigned(uint32_t field, int32_t value, std::string* out) {
  PutTag(field, Wire::kVarint, out);
  const auto bits = static_cast<uint32_t>(value) << 1;
  PutVarint(value < 0 ? ~bits : bits, out);
}

void PutTime(uint32_t field, WallTime at, std::string* out) {
  PutTag(field, Wire::kVarint, out);
  PutVarint(static_cast<uint64_t>(ToNanos(at) / 1'000'000), out);
}

// message Sample { double value = 1; int64 timestamp = 2; }
std::string EncodeSample(const promql::Sample& sample) {
  std::string out;
  PutDouble(1, sample.value, &out);
  PutTime(2, sample.at, &out);
  return out;
}

// Runs of buckets, and what is in them. message BucketSpan { sint32 offset = 1; uint32 length = 2;
// }
void PutBuckets(uint32_t spans, uint32_t counts, const std::map<int32_t, double>& buckets,
                std::string* out) {
  std::vector<double> values;
  int32_t end = 0;  // Of the run before.
  for (auto it = buckets.begin(); it != buckets.end();) {
    const int32_t begin = it->first;
    int32_t next = begin;
    for (; it != buckets.end() && it->first == next; ++it, ++next) values.push_back(it->second);
    std::string span;
    PutSigned(1, begin - end, &span);
    PutTag(2, Wire::kVarint, &span);
    PutVarint(static_cast<uint64_t>(next - begin), &span);
    PutBytes(spans, span, out);
    end = next;
  }
  PutDoubles(counts, values, out);
}

// The count of a histogram, and that of its buckets where it is smaller by rounding only: early
// versions of Prometheus take no such histogram, and a rate often is one.
double CountOf(const promql::Histogram& histogram, const promql::HistogramLayout& layout) {
  constexpr double kRounding = 1e-12;
  double negative = 0;
  double positive = 0;
  for (const auto& [index, count] : layout.negative) negative += count;
  for (const auto& [index, count] : layout.positive) positive += count;
  const double sum = negative + positive + layout.zero_count;  // In their order.
  return sum > histogram.count && sum - histogram.count <= kRounding * sum ? sum : histogram.count;
}

// message Histogram: its numbers are floats, as those of every result of an expression are.
std::string EncodeHistogram(const promql::Sample& sample) {
  const promql::HistogramLayout layout = promql::LayoutOf(*sample.histogram);
  const bool is_custom = layout.schema == promql::HistogramLayout::kCustom;
  std::string out;
  PutDouble(2, CountOf(*sample.histogram, layout), &out);
  PutDouble(3, sample.histogram->sum, &out);
  PutSigned(4, layout.schema, &out);
  PutDouble(5, layout.zero_threshold, &out);
  PutDouble(7, layout.zero_count, &out);
  PutBuckets(8, 10, layout.negative, &out);
  PutBuckets(11, 13, layout.positive, &out);
  if (sample.histogram->is_gauge) {
    PutTag(14, Wire::kVarint, &out);  // ResetHint
    PutVarint(3, &out);               // GAUGE
  }
  PutTime(15, sample.at, &out);
  if (is_custom) PutDoubles(16, layout.custom_values, &out);
  return out;
}

// message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2;
//                      repeated Histogram histograms = 4; }
std::string EncodeLabels(const labels::LabelSet& labels) {
  std::string out;
  for (const labels::Label& label : labels) {
    if (!label.value.empty()) PutBytes(1, EncodeLabel(label), &out);
  }
  return out;
}

}  // namespace

std::string Encode(const promql::Vector& samples) {
  std::vector<std::string> series;
  std::unordered_map<std::string, size_t> places;
  for (const promql::Sample& sample : samples) {
    std::string labels = EncodeLabels(sample.labels);
    const auto [place, is_new] = places.emplace(labels, series.size());
    if (is_new) series.push_back(std::move(labels));
    if (sample.histogram != nullptr) {
      PutBytes(4, EncodeHistogram(sample), &series[place->second]);
    } else {
      PutBytes(2, EncodeSample(sample), &series[place->second]);
    }
  }
  // message WriteRequest { repeated TimeSeries timeseries = 1; }
  std::string request;
  for (const std::string& one : series) PutBytes(1, one, &request);
  std::string body;
  snappy::Compress(request.data(), request.size(), &body);
  return body;
}

Status ReadAnswer(int http_status, std::string_view body) {
  if (http_status >= 200 && http_status < 300) return {};
  const std::string_view line = Trim(body.substr(0, body.find('\n'))).substr(0, 300);
  const auto has = [body](std::string_view word) {
    return body.find(word) != std::string_view::npos;
  };
  // What Prometheus says of native histograms as if it were an error of the server: that it has
  // them disabled and, in early versions, that the counts of one are wrong.
  const bool is_final = has("native histograms are disabled") || has("observation count");
  const bool again = (http_status >= 500 && !is_final) || http_status == 429;
  return Fail(
      again ? Code::kUnavailable : Code::kInvalidArgument,
      "HTTP " + std::to_string(http_status) + (line.empty() ? "" : ": ") + std::string(line));
}

}  // namespace watchfire::remotewrite
