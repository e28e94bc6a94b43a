// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Aggregation groups: which alerts travel together, and when they are due. Timing is
// Alertmanager's (reference §5.2): a new group waits group_wait, then ticks every group_interval; a
// flush in progress keeps the group from flushing again, and a tick that came meanwhile runs right
// after it.
//
//        first alert      flush        flush        flush
//   ---------|--group_wait--|--interval--|--interval--|--->
//
// Owned by the core thread; reads no clock.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/labels/labels.h"

namespace watchfire::dispatch {

using GroupId = uint64_t;  // Counts up; never used twice by one Dispatcher.

struct Group {
  GroupId id = 0;
  const config::Route* route = nullptr;
  labels::LabelSet labels;
  std::string key;
  std::map<uint64_t, std::shared_ptr<const alert::Alert>> alerts;  // By fingerprint.
  MonoTime due{};                                                  // Next tick.
  bool flushing = false;    // Between StartFlush and EndFlush.
  bool tick_waits = false;  // A tick came during the flush.
};

// What a flush took out of its group.
struct Flush {
  GroupId group = 0;
  WallTime at = kNoTime;                                    // The tick.
  std::vector<std::shared_ptr<const alert::Alert>> alerts;  // NotificationOrder.
};

class Dispatcher {
 public:
  // `route` is the root; it must outlive the dispatcher.
  explicit Dispatcher(const config::Route& route) : root_(route) {}

  // Puts the newest state of an alert into every group it belongs to. A resolved alert opens no
  // group, for nobody was told and nobody needs to know; except when groups are rebuilt after a
  // restart or reload (`rebuilding`), where somebody may be waiting for the end of it.
  void Apply(const std::shared_ptr<const alert::Alert>& alert, Now now, bool rebuilding = false);

  // When StartDue() next has work; nullopt when there is no group.
  std::optional<MonoTime> next_due() const;

  // Starts the flush of every group that is due, earliest deadline first, and re-arms their timers.
  // A group that is still flushing is marked to run again at its EndFlush.
  std::vector<Flush> StartDue(Now now);

  // Ends a flush. On success the resolved alerts it carried, if not updated since, leave the group;
  // an empty group is destroyed. Unknown groups (destroyed by a reload) are ignored.
  void EndFlush(const Flush& flush, bool success, Now now);

  const Group* Find(GroupId id) const;
  // All groups, by id.
  const std::map<GroupId, Group>& groups() const { return groups_; }

 private:
  void Arm(Group* group, MonoTime due);

  const config::Route& root_;
  GroupId last_id_ = 0;
  std::map<GroupId, Group> groups_;
  std::map<std::pair<const config::Route*, std::string>, GroupId> by_labels_;
  std::set<std::pair<MonoTime, GroupId>> timers_;  // Equal deadlines: older group first.
};

}  // namespace watchfire::dispatch
