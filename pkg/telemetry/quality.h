// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How good alerting and response are. Private to pkg/telemetry.

#pragma once

#include "pkg/core/view.h"
#include "pkg/telemetry/exposition.h"

namespace watchfire::telemetry {

// `counters`, and at 0 those of `known` that it lacks, so that a rate sees the first of each; up to
// kSeriesMax in all.
CounterMap FromZero(CounterMap counters, const CounterMap& known);

// The view has stats. What is promised has series at 0 from the start, so that a rate sees the
// first promise that was broken.
void AddQuality(const core::View& view, Exposition* out);
// The same of incidents: how many there are, and what became of them.
void AddIncidents(const core::View& view, Exposition* out);

}  // namespace watchfire::telemetry
