// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which of many alerts have lines of their own in the log: a few in each second. A storm is told of
// in one line, not in ten thousand, each of which costs more than to take the alert.

#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "pkg/base/time.h"

namespace watchfire::core {

class StormLines {
 public:
  static constexpr size_t kLines = 10;  // In each kSpan.
  static constexpr Duration kSpan = std::chrono::seconds(1);

  // Counts one; returns whether it has a line.
  bool Count(MonoTime now) {
    if (now >= until_) {
      EndSpan();
      until_ = now + kSpan;
    }
    return ++counted_ <= kLines;
  }

  // Returns how many had none, once their second is over, or at once when in a `hurry`; and then
  // forgets them.
  size_t TakeRest(MonoTime now, bool hurry) {
    if (hurry || now >= until_) EndSpan();
    return std::exchange(rest_, 0);
  }

  // When TakeRest() next has something to tell.
  std::optional<MonoTime> next_due() const {
    return counted_ > kLines ? std::optional<MonoTime>(until_) : std::nullopt;
  }

 private:
  void EndSpan() {
    rest_ += counted_ - std::min(counted_, kLines);
    counted_ = 0;
  }

  MonoTime until_{};  // Of the span that counted_ is of.
  size_t counted_ = 0;
  size_t rest_ = 0;  // Of spans before it.
};

}  // namespace watchfire::core
