// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Evaluation slots: the instants k·interval + phase on the UTC axis. The phase comes from a stable
// hash, so a restart and every replica ask at the same instants while groups spread over the
// interval. Source: Prometheus rules.Group.EvalTimestamp (reference §4.1).

#pragma once

#include <cstdint>
#include <optional>

#include "pkg/base/time.h"

namespace watchfire::rules {

class Schedule {
 public:
  // `interval` must be > 0 (WF_CHECKed).
  Schedule(Duration interval, uint64_t hash);

  struct Turn {
    WallTime slot;        // The evaluation timestamp: never the time of day it really runs at.
    uint64_t missed = 0;  // Slots before it that nobody took; they are skipped for good.
  };
  // Returns the newest slot that has come and was not taken. The first call only takes a slot that
  // is exactly `now`: evaluation starts at the next slot after the start.
  std::optional<Turn> Take(WallTime now);

  // Makes the slot taken last due again (its answers were lost by a reload).
  void Reopen();

  // When Take has work. The epoch until the first call, so that it comes at once.
  WallTime next() const { return next_; }
  Duration interval() const { return interval_; }

 private:
  Duration interval_;
  Duration phase_;
  WallTime next_{};  // The epoch: not placed on the grid yet.
};

}  // namespace watchfire::rules
