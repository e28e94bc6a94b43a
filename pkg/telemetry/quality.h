// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How good alerting and response are. Private to pkg/telemetry.

#pragma once

#include "pkg/core/view.h"
#include "pkg/telemetry/exposition.h"

namespace watchfire::telemetry {

// The view has stats. What is promised has series at 0 from the start, so that a rate sees the
// first promise that was broken.
void AddQuality(const core::View& view, Exposition* out);

}  // namespace watchfire::telemetry
