// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/exposition.h"

#include <array>
#include <charconv>

namespace watchfire::victorsim {
namespace {

// Shortest text that reads back as `value`, which is finite.
std::string Number(double value) {
  std::array<char, 32> digits{};
  const auto result = std::to_chars(digits.begin(), digits.end(), value);
  return {digits.begin(), result.ptr};
}

}  // namespace

void Exposition::Family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::Sample(std::string_view labels, double value) { Line("", labels, "", value); }

void Exposition::Sample(std::string_view labels, const Histogram& histogram) {
  uint64_t total = 0;
  for (size_t i = 0; i < histogram.counts().size(); ++i) {
    total += histogram.counts()[i];
    const bool is_last = i == histogram.bounds().size();
    Line("_bucket", labels, is_last ? "+Inf" : Number(histogram.bounds()[i]),
         static_cast<double>(total));
  }
  Line("_sum", labels, "", histogram.sum());
  Line("_count", labels, "", static_cast<double>(total));
}

void Exposition::Line(std::string_view suffix, std::string_view labels, std::string_view le,
                      double value) {
  text_.append(family_).append(suffix);
  if (!labels.empty() || !le.empty()) {
    text_.append("{").append(labels);
    if (!le.empty()) {
      text_.append(labels.empty() ? "" : ",").append("le=\"").append(le).append("\"");
    }
    text_ += '}';
  }
  text_.append(" ").append(Number(value)).append("\n");
}

}  // namespace watchfire::victorsim
