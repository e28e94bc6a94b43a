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
// The rhythm is stored and taken up again after a restart (Alertmanager begins anew). Where
// `delivery: strict` holds, a reload keeps it too, and Hasten() adds a tick beside it; and an alert
// that the new routes lead elsewhere stays in its old group, as a leaver, until its end is told.
//
// Owned by the core thread; reads no clock.

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/hash_table.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/dispatch/group_index.h"
#include "pkg/dispatch/members.h"
#include "pkg/labels/labels.h"
#include "pkg/route/route.h"

namespace watchfire::dispatch {

using GroupId = uint64_t;  // Counts up; never used twice by one Dispatcher.

struct Group {
  GroupId id = 0;
  const config::Route* route = nullptr;
  labels::LabelSet labels;
  SharedText key;
  Members alerts;
  MonoTime due{};                   // Next tick of the rhythm.
  std::optional<MonoTime> extra;    // A tick beside it, sooner.
  bool flushed = false;             // Its first flush has begun.
  bool flushing = false;            // Between StartFlush and EndFlush.
  bool tick_waits = false;          // A tick came during the flush.
  bool is_changed = false;          // What is stored of it is to be written again.
  std::vector<uint64_t> held;       // Fired and were muted at the last flush (strict only); sorted.
  std::vector<uint64_t> inhibited;  // Of these: by another alert.
  // Members that no route leads here any more: whoever was told of them is told of their end, and
  // of nothing else. Sorted.
  std::vector<uint64_t> leavers;

  bool IsLeaving(uint64_t fingerprint) const {
    return std::ranges::binary_search(leavers, fingerprint);
  }
  // Removes the alerts for which `gone(fingerprint, alert)` holds.
  template <typename Predicate>
  void Drop(Predicate gone) {
    alerts.EraseIf([&](const auto& entry) { return gone(entry.first, entry.second); });
    std::erase_if(leavers, [this](uint64_t fingerprint) { return !alerts.contains(fingerprint); });
  }
  // Next tick of either kind.
  MonoTime next() const { return extra ? std::min(*extra, due) : due; }
};

// What a flush took out of its group.
struct Flush {
  GroupId group = 0;
  WallTime at = kNoTime;                                    // The tick.
  std::vector<std::shared_ptr<const alert::Alert>> alerts;  // NotificationOrder.
};

// What is remembered of a group while the process or its configuration changes.
struct Timer {
  WallTime due = kNoTime;
  bool flushed = false;
  std::vector<uint64_t> held;
  std::vector<uint64_t> inhibited = {};
  bool is_strict = false;  // The group's route was.
};

// Whether somebody is still to be told that this alert has ended.
using Owed = std::function<bool(uint64_t fingerprint)>;

class Dispatcher {
 public:
  // `route` is the root; it must outlive the dispatcher.
  explicit Dispatcher(const config::Route& route) : root_(route), router_(route) {}

  // Puts the newest state of an alert into every group it belongs to. Where delivery is strict, one
  // that arrives resolved opens no group, for nobody needs to know; unless groups are rebuilt after
  // a restart or reload (`rebuilding`). Elsewhere it opens one, as in Alertmanager: its timer runs.
  void Apply(const std::shared_ptr<const alert::Alert>& alert, Now now, bool rebuilding = false);

  // The receivers of the routes that an alert takes, in their order.
  SharedTexts Receivers(const labels::LabelSet& labels) { return router_.Match(labels).receivers; }

  // When StartDue() next has work; nullopt when there is no group.
  std::optional<MonoTime> next_due() const;

  // Starts the flush of every group that is due, earliest deadline first, and re-arms their timers.
  // Where resolved alerts are told promptly, a group whose last firing one has ended is due.
  // A group that is still flushing is marked to run again at its EndFlush. Starts at most `most`;
  // the others stay due.
  std::vector<Flush> StartDue(Now now, size_t most = ~size_t{0});

  // Ends a flush. The resolved alerts it carried leave the group, if not updated since and not
  // owed; an empty group is destroyed. Unknown groups (destroyed by a reload) are ignored.
  void EndFlush(const Flush& flush, const Owed& owed, Now now);

  // Between flushes: the alerts that ended and are not owed leave the group, as after a flush.
  void Settle(GroupId id, const Owed& owed, WallTime at);

  // Adds a tick at `at`, if that is sooner than what is due; the rhythm stays. A group that was
  // never flushed keeps waiting, for its first flush will tell all.
  void Hasten(GroupId id, MonoTime at);
  // The same of all groups of an alert with these labels, also of those that were never flushed:
  // nobody waits for what may come beside it.
  void HastenAll(const labels::LabelSet& labels, MonoTime at);
  // Notes what the flush under way kept back.
  void Hold(GroupId id, std::vector<uint64_t> held, std::vector<uint64_t> inhibited);

  // Takes back one stored timer; for Restore before the alerts are applied. Errors: kCorrupt.
  Status Restore(const Record& record, WallTime now);
  // Takes over the timers of the strict groups of an older configuration, which is done with.
  void Adopt(const Dispatcher& old, Now now);
  // While groups are rebuilt: whether such a group was strict and is remembered, not rebuilt.
  bool Remembers(const std::string& group_key, const std::string& receiver) const;
  // While groups are rebuilt: keeps `alerts`, of which `receiver` was told under `group_key`, in
  // that group as leavers, for no route leads them there any more. Where no route makes the group
  // either, it goes on by itself and ends with the last of them. `old` is the dispatcher of the
  // configuration before, null after a restart. Does nothing where a route makes the group that is
  // strict no longer. Returns false when nothing is known of the group but a key that cannot be
  // read.
  bool Keep(const std::string& group_key, const std::string& receiver,
            const std::vector<std::shared_ptr<const alert::Alert>>& alerts, const Dispatcher* old,
            Now now);
  // The groups that are there are all there are: what else was remembered is forgotten.
  void EndRebuild();
  // Returns what changed about timers since the last call, to be stored (Table::kGroup).
  std::vector<Record> TakeChanges(Now now);
  // How many records TakeChanges() has at most.
  size_t changes() const { return changed_count_ + gone_.size(); }

  const Group* Find(GroupId id) const;
  // The groups that the notification log knows by this key, by id; more than one for equal
  // siblings.
  std::vector<GroupId> FindByKey(const std::string& group_key, const std::string& receiver) const;
  // All groups, by id.
  const std::map<GroupId, Group>& groups() const { return groups_; }

 private:
  Group& Create(const config::Route& route, labels::LabelSet group_labels);
  const config::Route* RouteForLeavers(const std::string& route_key, const std::string& receiver,
                                       const labels::LabelSet& group_labels,
                                       const config::Route* old);
  void UpdateLeaver(const std::shared_ptr<const alert::Alert>& alert, Now now);
  void ArmFirst(const alert::Alert& alert, Now now, bool rebuilding, Group* group);
  void Arm(Group* group, MonoTime due, std::optional<MonoTime> extra);
  void HastenThoseOver(Now now);
  void Destroy(const Group& group);
  bool IsThere(const std::string& timer_key) const;
  void Change(Group* group);
  // Has the processor fetch, all at once, what is looked at of each of the first that are due: most
  // lie in memory that nothing has looked at for a while.
  void FetchDue(Now now, size_t most) const;

  const config::Route& root_;
  route::Router router_;
  // By key and receiver: what is left of routes that are gone, for groups of leavers.
  std::map<std::pair<std::string, std::string>, config::Route> gone_routes_;
  std::multimap<uint64_t, GroupId> leavers_;  // By fingerprint; some may have left.
  GroupId last_id_ = 0;
  std::map<GroupId, Group> groups_;
  HashTable<Group*> by_id_;                          // Into groups_, of which there may be many.
  GroupIndex by_labels_;                             // The same.
  std::unordered_multimap<size_t, GroupId> by_key_;  // By a hash of TimerKey().
  std::set<std::pair<MonoTime, GroupId>> timers_;    // Equal deadlines: older group first.
  std::map<std::string, Timer> remembered_;          // Of groups not seen again yet.
  std::set<GroupId> maybe_over_;                     // An alert of theirs ended (prompt_resolved).
  std::vector<GroupId> changed_;                     // What TakeChanges() will return, save those
  size_t changed_count_ = 0;                         // that are no more; and how many these are.
  std::set<std::string> gone_;
};

}  // namespace watchfire::dispatch
