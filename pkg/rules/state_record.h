// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The stored form of one rule's instances.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/rules/evaluate.h"

namespace watchfire::rules {

// {"instances":[{"labels":{},"annotations":{},"state":"firing","value":"0.05","active_at":…,
// "fired_at":…,"resolved_at":…,"keep_firing_since":…,"last_sent_at":…}]}, in key order; times are
// RFC 3339 with nanoseconds, null when unset; the value is text because it may be NaN.
std::string EncodeInstances(const Instances& instances);

// Errors: kCorrupt (not that shape, or times that contradict the state).
Result<Instances> DecodeInstances(std::string_view json);

}  // namespace watchfire::rules
