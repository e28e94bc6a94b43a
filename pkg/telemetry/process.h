// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the kernel knows about this process. Private to pkg/telemetry.

#pragma once

namespace watchfire::telemetry {

struct ProcessFigures {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double open_fds = 0;
  double max_fds = 0;
};

// Reads /proc; figures that cannot be read are 0.
ProcessFigures ReadProcessFigures();

}  // namespace watchfire::telemetry
