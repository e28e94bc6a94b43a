// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One event of PagerDuty's Events API, v2 or v1, as JSON.

#pragma once

#include <cstddef>
#include <string>

#include "pkg/notify/pagerduty/pagerduty.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::pagerduty {

// The vendor's limits.
inline constexpr size_t kSummaryRunesMax = 1024;
inline constexpr size_t kEventBytesMax = 512'000;

// Returns the event with a final newline. `details` is a JSON object; a short word stands for one
// with which the event would be too long, or which is empty: "". What a template has against it,
// message->status() says.
std::string Event(const dispatch::Notification& notification, const Options& options,
                  const std::string& key, const std::string& details, Rendering* message);

}  // namespace watchfire::notify::pagerduty
