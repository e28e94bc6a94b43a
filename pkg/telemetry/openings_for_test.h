// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What incidents begin with, for tests.

#pragma once

#include "pkg/incident/incident.h"

namespace watchfire::telemetry {

inline void AddOpenings(incident::Stats* stats) {
  stats->opened[{"core", "critical"}] = 3;
  stats->missing_context[{"runbook"}] = 1;
  stats->detect_seconds.Observe({"core", "critical"}, 20);
  stats->escalated[{"core", "critical"}] = 1;
  stats->escalations[{"core", "timeout", "2"}] = 2;
}

}  // namespace watchfire::telemetry
