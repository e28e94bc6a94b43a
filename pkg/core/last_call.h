// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <chrono>

#include "pkg/base/time.h"
#include "pkg/core/escalations.h"

namespace watchfire::core {

// Whoever was told last by an escalation has at least so long before its fallback is paged.
inline constexpr Duration kLastPatience = std::chrono::minutes(5);

// When the fallback is due of an escalation that has no step left `elapsed` after its start, since
// the start: contacts that are still to come have their turn first, and `repeat: wait` its time.
// `ladder`: null when the policy is configured no longer.
inline Duration LastCallOf(const RunningEscalation& running, const oncall::Ladder* ladder,
                           Duration elapsed) {
  const Duration wait = ladder == nullptr ? Duration::zero() : ladder->repeat.wait;
  Duration last = elapsed + std::max(wait, kLastPatience);
  for (const PersonalContact& one : running.contacts) {
    if (one.due) last = std::max(last, *one.due + kLastPatience);
  }
  return last;
}

}  // namespace watchfire::core
