// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the kernel and the compiler know about this process. Private to pkg/telemetry.

#pragma once

namespace watchfire::telemetry {

// As Go names the machine.
#if defined(__x86_64__)
inline constexpr const char* kGoArchitecture = "amd64";
#elif defined(__aarch64__)
inline constexpr const char* kGoArchitecture = "arm64";
#else
inline constexpr const char* kGoArchitecture = "";
#endif

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
