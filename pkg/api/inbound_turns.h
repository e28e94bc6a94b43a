// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How much each key of `inbound` may send, so that a sender gone wild takes no room from the
// others. A key has a store of turns that fills with time; a message is taken whole as long as
// there is one, and what it brings beyond that is owed by the messages after it. Time is an
// argument; owned by whoever guards it.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "pkg/base/limits.h"
#include "pkg/base/time.h"

namespace watchfire::api {

class InboundTurns {
 public:
  // Returns whether a message of `who` may be taken at `now`, and takes its turn if so. `more` is
  // charged in any case: alerts that a message brought which was taken before.
  bool Take(const std::string& who, size_t more, MonoTime now) {
    constexpr Duration kTurn = Duration(std::chrono::seconds(1)) / limits::kInboundPerSecond;
    auto found = full_at_.find(who);
    if (found == full_at_.end()) {
      // A full store says nothing, so only keys that were used just now are kept.
      std::erase_if(full_at_, [&](const auto& entry) { return entry.second <= now; });
      found = full_at_.emplace(who, now).first;
    }
    MonoTime& full_at = found->second;
    full_at = std::max(full_at, now);
    if (more > 0) {
      full_at += kTurn * static_cast<int64_t>(more);
      return true;
    }
    if (full_at - now > kTurn * static_cast<int64_t>(limits::kInboundBurst - 1)) return false;
    full_at += kTurn;
    return true;
  }

 private:
  std::map<std::string, MonoTime> full_at_;  // When the store of a key will be full again.
};

}  // namespace watchfire::api
