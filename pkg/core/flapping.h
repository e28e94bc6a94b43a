// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that begin and end again and again. Only what comes back is remembered: an alert that
// fires once, or goes on firing, costs nothing, however many there are. Owned by the core thread;
// kept in memory alone, so that a restart looks anew. Source: reference paging-backends §7.3.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/time.h"

namespace watchfire::core {

class Flapping {
 public:
  // `count` changes `within` that time are flapping; 0: nothing ever is. What is known already is
  // judged by the new terms at its next change.
  void SetTerms(int count, Duration within);

  // An alert fires that is known to have fired before: since `began`, until `ended`. Returns
  // whether it begins to flap with that.
  bool ComesBack(uint64_t fingerprint, WallTime began, WallTime ended, WallTime now);
  // An alert begins or ends, of which nothing is known before. The same.
  bool Changes(uint64_t fingerprint, WallTime now);

  // How many flap at `now`.
  size_t CountFlapping(WallTime now) const;
  // How many are remembered; at most kAlertsMost.
  size_t size() const { return entries_.size(); }
  // The one that changed longest ago goes when there is no room.
  static constexpr size_t kAlertsMost = limits::kFlappingAlerts;

 private:
  struct Entry {
    std::deque<WallTime> changes;  // At most count_, the last ones.
    bool flaps = false;            // As of its last change.
  };
  bool Add(uint64_t fingerprint, Entry* entry, WallTime at);
  void MakeRoom(WallTime now);

  int count_ = 0;
  Duration within_{};
  std::map<uint64_t, Entry> entries_;
  std::set<std::pair<WallTime, uint64_t>> by_time_;  // Of the last change.
};

}  // namespace watchfire::core
