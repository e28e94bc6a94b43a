// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/rules/schedule.h"

#include "pkg/base/check.h"

namespace watchfire::rules {

Schedule::Schedule(Duration interval, uint64_t hash) : interval_(interval) {
  WF_CHECK(interval > Duration::zero());
  phase_ = Duration(static_cast<int64_t>(hash % static_cast<uint64_t>(interval.count())));
}

std::optional<Schedule::Turn> Schedule::Take(WallTime now) {
  Duration since = (now.time_since_epoch() - phase_) % interval_;
  if (since < Duration::zero()) since += interval_;
  const WallTime current = now - since;
  // The first call, or the wall clock went back: waiting for the old slot could take forever.
  const bool lost = next_ == WallTime() || next_ > current + interval_;
  if (lost) next_ = current == now ? current : current + interval_;
  if (next_ > now) return std::nullopt;
  const Turn turn{current, static_cast<uint64_t>((current - next_) / interval_)};
  next_ = current + interval_;
  return turn;
}

void Schedule::Reopen() {
  if (next_ != WallTime()) next_ -= interval_;
}

}  // namespace watchfire::rules
