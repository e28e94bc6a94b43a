// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Exposition writes metric families in the text format that Prometheus scrapes, version 0.0.4.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/

#pragma once

#include <string>
#include <string_view>

#include "cmd/victorsim/model.h"

namespace watchfire::victorsim {

class Exposition {
 public:
  // Starts the family that the following samples belong to. `type` is counter, gauge or histogram.
  void Family(std::string_view name, std::string_view type, std::string_view help);

  // Adds a sample. `labels` is ready-made (`tool="search"`, or empty) and already escaped.
  void Sample(std::string_view labels, double value);
  void Sample(std::string_view labels, const Histogram& histogram);

  std::string Take() { return std::move(text_); }

 private:
  void Line(std::string_view suffix, std::string_view labels, std::string_view le, double value);

  std::string family_;
  std::string text_;
};

}  // namespace watchfire::victorsim
