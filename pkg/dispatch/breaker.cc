// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/breaker.h"

#include <algorithm>
#include <utility>

namespace watchfire::dispatch {

bool Breaker::OnAnswer() {
  failures_ = 0;
  window_ = kWindow;
  return std::exchange(is_open_, false);
}

void Breaker::Start(MonoTime now) {
  if (!is_open_) return;
  window_ = std::min<Duration>(2 * window_, kWindowMax);
  next_probe_ = now + window_;
}

bool Breaker::OnFailure(MonoTime now) {
  if (is_open_ || ++failures_ < kFailures) return false;
  is_open_ = true;
  next_probe_ = now + window_;
  ++openings_;
  return true;
}

}  // namespace watchfire::dispatch
