// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/timeout.h"

#include <chrono>

namespace watchfire::notify {

Duration RequestTimeout(Duration timeout) {
  constexpr Duration kUnbounded = std::chrono::hours(24);  // The flush ends long before.
  return timeout > Duration::zero() ? timeout : kUnbounded;
}

Step TellTimeout(Step step, const std::string& vendor, Duration timeout) {
  auto* retry = std::get_if<Retry>(&step);
  if (retry != nullptr && retry->failure == Failure::kDeadline && timeout > Duration::zero()) {
    retry->why = "configured " + vendor + " timeout reached (" + FormatGoDuration(timeout) +
                 "): " + retry->why;
  }
  return step;
}

}  // namespace watchfire::notify
