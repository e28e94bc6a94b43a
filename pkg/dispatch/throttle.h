// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How fast one integration may be spoken to: so many attempts under way at once, and a bucket of
// tokens of which each attempt takes one.
//
//   tokens  burst |▔▔\      /▔▔   while nobody speaks, per_second tokens flow in, up to burst
//               0 |___\____/___   an attempt that finds none waits for the next
//
// A pure state machine; time is an argument and never goes back.

#pragma once

#include <cstddef>
#include <optional>

#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::dispatch {

class Throttle {
 public:
  // Begins with a full bucket.
  explicit Throttle(const config::SendLimits& limits, MonoTime now);

  // Takes other limits; what is under way goes on, and the bucket keeps its tokens, if it can hold
  // them.
  void SetLimits(const config::SendLimits& limits, MonoTime now);

  // When an attempt may start, `now` if at once; nullopt: not before one that is under way ends.
  std::optional<MonoTime> NextStart(MonoTime now) const;
  // An attempt starts, for which the time has come.
  void Start(MonoTime now);
  // An attempt has ended.
  void End();

  size_t in_flight() const { return in_flight_; }

 private:
  double TokensAt(MonoTime now) const;

  config::SendLimits limits_;
  size_t in_flight_ = 0;
  double tokens_ = 0;  // As of `filled_`.
  MonoTime filled_;
};

}  // namespace watchfire::dispatch
