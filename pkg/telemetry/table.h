// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of the table of metrics (Metrics() of telemetry.h) that are files of their own.

#pragma once

#include <vector>

#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {

// Those that Alertmanager has, under its names and in its order.
std::vector<Metric> AlertmanagerMetrics();
// How good alerting and response are.
std::vector<Metric> QualityMetrics();
// Aliases under the names of Grafana OnCall.
std::vector<Metric> GrafanaOncallMetrics();

}  // namespace watchfire::telemetry
