// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A receiver of webhooks that checks Watchfire's signature as docs/own-receivers.md tells it to.

#pragma once

#include <string>
#include <string_view>

#include "cmd/pagersim/reply.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

// Returns 200, or 401 and why: the time is more than five minutes off, or none of the signatures,
// with commas between them, is that of "<timestamp>.<body>".
Reply TakeSigned(const std::string& secret, std::string_view timestamp, std::string_view signatures,
                 std::string_view body, WallTime now);

}  // namespace watchfire::pagersim
