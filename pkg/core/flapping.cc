// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/flapping.h"

#include <algorithm>
#include <utility>

namespace watchfire::core {

void Flapping::SetTerms(int count, Duration within) {
  count_ = count;
  within_ = within;
  if (count_ > 0) return;
  entries_.clear();
  by_time_.clear();
}

bool Flapping::ComesBack(uint64_t fingerprint, WallTime began, WallTime ended, WallTime now) {
  if (count_ == 0) return false;
  if (entries_.contains(fingerprint)) return Changes(fingerprint, now);
  if (ended <= now - within_) return false;  // So long ago that it may as well be new.
  MakeRoom(now);
  Entry& entry = entries_[fingerprint];
  bool begins = false;
  for (const WallTime at : {began, std::max(began, ended), now}) {
    begins = Add(fingerprint, &entry, at) || begins;
  }
  return begins;
}

bool Flapping::Changes(uint64_t fingerprint, WallTime now) {
  if (entries_.empty()) return false;  // As ever, but for a few.
  const auto found = entries_.find(fingerprint);
  return found != entries_.end() && Add(fingerprint, &found->second, now);
}

bool Flapping::Add(uint64_t fingerprint, Entry* entry, WallTime at) {
  std::deque<WallTime>& changes = entry->changes;
  if (!changes.empty()) by_time_.erase({changes.back(), fingerprint});
  changes.push_back(at);
  by_time_.emplace(at, fingerprint);
  while (changes.size() > static_cast<size_t>(count_)) changes.pop_front();
  const bool flaps =
      changes.size() == static_cast<size_t>(count_) && changes.front() > at - within_;
  return !std::exchange(entry->flaps, flaps) && flaps;
}

// What did not change within the time does not flap, and would begin from nothing at its next
// change.
void Flapping::MakeRoom(WallTime now) {
  while (!by_time_.empty() &&
         (by_time_.begin()->first <= now - within_ || entries_.size() >= kAlertsMost)) {
    entries_.erase(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
  }
}

size_t Flapping::CountFlapping(WallTime now) const {
  return static_cast<size_t>(std::ranges::count_if(entries_, [&](const auto& entry) {
    const auto& changes = entry.second.changes;
    return entry.second.flaps && changes.front() > now - within_;
  }));
}

}  // namespace watchfire::core
