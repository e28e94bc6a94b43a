// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/decide.h"

#include <algorithm>

namespace watchfire::dispatch {
namespace {

// True when the receiver surely knows the state of every one of `alerts`.
bool Told(const std::vector<uint64_t>& alerts, const std::vector<uint64_t>& told,
          const std::vector<uint64_t>& uncertain) {
  return std::ranges::all_of(alerts, [&](uint64_t alert) {
    return std::ranges::binary_search(told, alert) && !std::ranges::binary_search(uncertain, alert);
  });
}

}  // namespace

std::optional<Reason> Decide(const Decision& decision) {
  static const nflog::Entry kNothing;
  const nflog::Entry& entry = decision.entry ? *decision.entry : kNothing;
  if (!Told(decision.firing, entry.firing, entry.attempted)) {
    return entry.firing.empty() ? Reason::kFirst : Reason::kNewAlerts;
  }
  if (decision.firing.empty()) {
    const bool told = !entry.firing.empty() || !entry.attempted.empty() ||
                      (decision.entry == nullptr && decision.maybe_told);
    return told ? std::optional(Reason::kAllResolved) : std::nullopt;
  }
  if (decision.send_resolved && !Told(decision.resolved, entry.resolved, entry.attempted)) {
    return Reason::kSomeResolved;
  }
  // An entry from the future was written while the clock was ahead: its age is unknown.
  const bool future = entry.at > decision.at + std::chrono::minutes(1);
  if (future || entry.at < decision.at - decision.repeat_interval) return Reason::kRepeat;
  return std::nullopt;
}

}  // namespace watchfire::dispatch
