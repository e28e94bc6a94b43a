// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Waiting between attempts of one delivery: 0.5 s growing by half each time up to 60 s, each wait
// randomised by ±50 %. Source: Alertmanager's retry stage (reference §5.6).

#pragma once

#include <algorithm>
#include <chrono>

#include "pkg/base/rng.h"
#include "pkg/base/time.h"

namespace watchfire::dispatch {

class Backoff {
 public:
  // Returns how long to wait before the next attempt.
  Duration Next(Rng* rng) {
    const double jittered = ToSeconds(interval_) * (0.5 + rng->Real());
    interval_ = std::min<Duration>(interval_ * 3 / 2, std::chrono::seconds(60));
    return FromSeconds(jittered);
  }

 private:
  Duration interval_ = std::chrono::milliseconds(500);
};

}  // namespace watchfire::dispatch
