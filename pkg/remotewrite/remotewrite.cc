// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/remotewrite/remotewrite.h"

#include <bit>
#include <cstdint>
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

// message Sample { double value = 1; int64 timestamp = 2; }
std::string EncodeSample(const promql::Sample& sample) {
  std::string out;
  PutTag(1, Wire::kFixed64, &out);
  const auto bits = std::bit_cast<uint64_t>(sample.value);
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(bits >> shift));
  PutTag(2, Wire::kVarint, &out);
  PutVarint(static_cast<uint64_t>(ToNanos(sample.at) / 1'000'000), &out);
  return out;
}

// message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
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
    PutBytes(2, EncodeSample(sample), &series[place->second]);
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
  const bool again = http_status >= 500 || http_status == 429;
  return Fail(
      again ? Code::kUnavailable : Code::kInvalidArgument,
      "HTTP " + std::to_string(http_status) + (line.empty() ? "" : ": ") + std::string(line));
}

}  // namespace watchfire::remotewrite
