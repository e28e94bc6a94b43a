// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A circuit breaker for one integration. When a vendor does not answer, or answers that it cannot,
// many times in a row, asking it again for every group helps nobody: from then on one message at a
// time, the longest owed first, tries whether it is back, and when it is all others follow at once.
// Nothing is dropped: what waits here waits as it would between two attempts.
//
//            kFailures in a row              the window is over
//   closed -----------------------> open -----------------------> one probe, a longer window
//     ^                               ^___________________________________|
//     |____________ any attempt is answered ______________________________|
//
// The window is never longer than what a message that failed as often waits by itself (Backoff), so
// a single group notices nothing. A probe that hangs does not hold up the next one. A pure state
// machine; time is an argument.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "pkg/base/time.h"

namespace watchfire::dispatch {

class Breaker {
 public:
  static constexpr int kFailures = 10;  // In a row, of whatever messages.
  static constexpr Duration kWindow = std::chrono::seconds(5);
  static constexpr Duration kWindowMax = std::chrono::seconds(30);

  // When an attempt may start; `now` if at once.
  MonoTime NextStart(MonoTime now) const {
    return is_open_ && next_probe_ > now ? next_probe_ : now;
  }
  // An attempt starts, for which the time has come: while open, it is the probe.
  void Start(MonoTime now);

  // An attempt was answered, be it with a refusal: the vendor is there. Returns true if the circuit
  // was open.
  bool OnAnswer();
  // An attempt failed in a way that another may not. Returns true if that opens the circuit.
  bool OnFailure(MonoTime now);

  bool is_open() const { return is_open_; }
  uint64_t openings() const { return openings_; }

 private:
  bool is_open_ = false;
  int failures_ = 0;  // In a row.
  Duration window_ = kWindow;
  MonoTime next_probe_{};
  uint64_t openings_ = 0;
};

}  // namespace watchfire::dispatch
