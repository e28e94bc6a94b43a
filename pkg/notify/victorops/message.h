// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What VictorOps' endpoint is sent: one flat JSON object.

#pragma once

#include <cstddef>
#include <string>

#include "pkg/base/result.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/victorops/victorops.h"

namespace watchfire::notify::victorops {

// The vendor's limits, in characters.
inline constexpr size_t kNameRunesMax = 1024;
inline constexpr size_t kMessageRunesMax = 20'480;

// Returns the object, keys sorted and state_start_time last, with a final newline. Errors: those of
// message->status().
Result<std::string> MessageJson(const dispatch::Notification& notification, const Options& options,
                                Rendering* message);

}  // namespace watchfire::notify::victorops
