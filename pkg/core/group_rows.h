// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The groups as readers see them, kept from one view to the next: a row is made anew when its group
// has changed, and views share those of all others. Owned by the core thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "pkg/core/mute.h"
#include "pkg/core/view.h"
#include "pkg/dispatch/group.h"

namespace watchfire::core {

class GroupRows {
 public:
  // Of dispatch::Dispatcher.
  using Groups = std::map<dispatch::GroupId, dispatch::Group>;

  // Does a part of what Publish() would have to do, going on where it ended last: looks at groups
  // and makes the rows of those that changed, until that was as much work as `rows` alerts are.
  // Returns whether the last group was looked at that was there when it began; the next call begins
  // anew then.
  bool Prepare(const Groups& groups, const RouteMutes& mutes, size_t rows);
  // Returns the rows of all groups as they are now, by id. A group whose alerts all stay only to
  // have their ends told has none: they are shown where their routes lead.
  GroupShards Publish(const Groups& groups, const RouteMutes& mutes);
  // The groups of another dispatcher follow, whose ids say nothing of these.
  void Clear();

 private:
  // As of which state of its group a row holds.
  struct Kept {
    dispatch::GroupId id = 0;
    uint64_t turnover = 0;
    uint64_t version = 0;  // Of the members, where the route adds labels; else 0.
    std::vector<uint64_t> leavers;
    const GroupRow* row = nullptr;  // In the shard's rows; null: there is none.
  };
  struct Shard {
    std::vector<Kept> kept;                             // Of its groups, by id.
    std::shared_ptr<const std::vector<GroupRow>> rows;  // The same, of those that are shown.
  };
  using Range = std::pair<Groups::const_iterator, Groups::const_iterator>;

  static Range ShardAt(const Groups& groups, Groups::const_iterator first);
  static bool IsCurrent(const Kept& kept, const dispatch::Group& group, const RouteMutes& mutes);
  static bool AreCurrent(const Shard& shard, Range groups, const RouteMutes& mutes);
  static size_t Rebuild(Shard* shard, Range groups, const RouteMutes& mutes);

  std::map<uint64_t, Shard> shards_;  // By the id of their groups, divided by their size.
  dispatch::GroupId next_ = 0;        // To be looked at by Prepare(); 0: it begins anew.
  dispatch::GroupId last_ = 0;        // That it is to look at.
};

}  // namespace watchfire::core
