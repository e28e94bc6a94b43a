// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/throttle.h"

#include <algorithm>

#include "pkg/base/check.h"

namespace watchfire::dispatch {
namespace {

// A token counts when all but this much of it is there: sums of fractions are never exact.
constexpr double kSlack = 1e-6;

}  // namespace

Throttle::Throttle(const config::SendLimits& limits, MonoTime now)
    : limits_(limits), tokens_(limits.burst), filled_(now) {}

void Throttle::SetLimits(const config::SendLimits& limits, MonoTime now) {
  if (limits == limits_) return;
  const bool was_unlimited = limits_.per_second == 0;
  tokens_ = was_unlimited ? limits.burst : std::min<double>(TokensAt(now), limits.burst);
  filled_ = now;
  limits_ = limits;
}

double Throttle::TokensAt(MonoTime now) const {
  return std::min<double>(limits_.burst, tokens_ + ToSeconds(now - filled_) * limits_.per_second);
}

std::optional<MonoTime> Throttle::NextStart(MonoTime now) const {
  if (in_flight_ >= static_cast<size_t>(limits_.max_in_flight)) return std::nullopt;
  if (limits_.per_second == 0) return now;
  const double missing = 1 - TokensAt(now);
  if (missing <= kSlack) return now;
  return now + FromSeconds(missing / limits_.per_second);
}

void Throttle::Start(MonoTime now) {
  WF_CHECK(NextStart(now) == now);
  ++in_flight_;
  if (limits_.per_second == 0) return;
  tokens_ = std::max(0.0, TokensAt(now) - 1);
  filled_ = now;
}

void Throttle::End() {
  WF_CHECK(in_flight_ > 0);
  --in_flight_;
}

}  // namespace watchfire::dispatch
