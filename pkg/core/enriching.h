// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Gives alerts the annotations that they lack (`enrichment`), before anybody sees them. Labels are
// never touched: who an alert is, and with that its group, its silences and its end, must not
// change with a catalogue.

#pragma once

#include <cstddef>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/config/enrichment.h"

namespace watchfire::core {

// What became of one alert.
struct Enriched {
  size_t given = 0;     // Annotations.
  size_t left_out = 0;  // Those that an alert has no room for: limits::kAnnotationBytesPerAlert.
};

// An annotation that the alert has with a text stays; of several look-ups that know one the first
// wins. Nothing is copied for an alert that lacks nothing.
Enriched Enrich(const std::vector<config::Enrichment>& lookups, alert::Alert* alert);

}  // namespace watchfire::core
