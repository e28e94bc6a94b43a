// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The `timeout` of a receiver: how long one request may take, 0 as long as the flush may.

#pragma once

#include <string>

#include "pkg/base/time.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify {

// Returns what OutRequest::timeout is to be for a `timeout` of the configuration.
Duration RequestTimeout(Duration timeout);

// Says of a Retry after a deadline that it was this timeout, of which `vendor`:
// "configured slack timeout reached (1.5s): …".
Step TellTimeout(Step step, const std::string& vendor, Duration timeout);

}  // namespace watchfire::notify
