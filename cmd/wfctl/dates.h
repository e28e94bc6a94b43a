// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Dates for people.

#pragma once

#include <string>

#include "pkg/base/time.h"

namespace watchfire::wfctl {

// Prints `time` in UTC after a layout in Go's notation: "2006-01-02 15:04:05 MST"; kNoTime is "-".
// Source: Go's time.Format, all elements but zones with seconds.
std::string FormatDate(WallTime time, const std::string& layout);

}  // namespace watchfire::wfctl
