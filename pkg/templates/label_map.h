// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Label sets as template values.

#pragma once

#include <utility>
#include <vector>

#include "pkg/labels/labels.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

// Returns a map[string]string; looking up one label does not build the map.
Value LabelMapValue(const labels::LabelSet& labels);

// Returns what Environment::query gives back: samples with the fields Labels and Value, for the
// functions first, label, value and sortByLabel.
Value SamplesValue(const std::vector<std::pair<labels::LabelSet, double>>& samples);

}  // namespace watchfire::templates
