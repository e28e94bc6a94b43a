// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// All incidents, and all that happens to them: pages and recoveries, people, the clock. A pure
// state machine, owned by the core thread. Every change is an event on the timeline and a record to
// store; time comes as an argument.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/incidents.h"
#include "pkg/incident/incident.h"

namespace watchfire::incident {

// Open incidents and those resolved within retention.
class Registry {
 public:
  explicit Registry(config::Incidents terms = {}) : terms_(std::move(terms)) {}
  // Of a new configuration; what is done already stays as it is.
  void SetTerms(config::Incidents terms) { terms_ = std::move(terms); }

  // A page is about to go out: opens an incident unless one is open for its receiver and group, or
  // one was resolved so recently that it is reopened. Returns the records to store together with
  // the intent to send.
  std::vector<Record> OnAttempt(const Page& page, WallTime now);
  // A vendor accepted (or finally refused) a page of that group.
  std::optional<Record> OnPaged(const Page& page, WallTime now);
  std::optional<Record> OnPageFailed(const Page& page, const std::string& why, WallTime now);
  // Nothing of the group fires any more. Resolves its incident, unless that waits for other groups.
  std::optional<Record> OnRecovered(const std::string& receiver, const std::string& group_key,
                                    WallTime now);

  // Does what `by` wants. Acknowledging is idempotent: the holder's second ack moves its end, if it
  // names one, and anybody else's adds a note. Errors: kNotFound, kConflict (over, merged, or no
  // room left for it), kInvalidArgument (what is asked makes no sense).
  Result<std::vector<Record>> Apply(uint64_t id, const Act& act, const Ack& by, WallTime now);

  // What the clock did to an incident.
  struct Turn {
    enum class Kind { kReminded, kAckExpired, kSnoozeOver } kind = Kind::kReminded;
    uint64_t id = 0;
    std::string by;  // Whose ack or snooze.
    Record record;
  };
  // Reminds of acks that will expire, and brings back what nobody holds any more: it is triggered,
  // in a new cycle.
  std::vector<Turn> Advance(WallTime now);
  // When Advance() next has work.
  std::optional<WallTime> next_due() const;

  // Open incidents a vendor knows under this entity id (one per receiver).
  std::vector<uint64_t> FindOpenByEntity(const std::string& entity_id) const;

  // Forgets incidents resolved before `before`, and the oldest resolved ones while there are more
  // than limits::kIncidents; returns the deletions.
  std::vector<Record> Collect(WallTime before);
  // Takes back one stored record. Errors: kCorrupt.
  Status Restore(const Record& record);

  std::shared_ptr<const Incident> Find(uint64_t id) const;
  // By id, oldest first. Snapshots: they do not change.
  const std::map<uint64_t, std::shared_ptr<const Incident>>& all() const { return incidents_; }
  // Ids of those that are open.
  const std::set<uint64_t>& open() const { return open_ids_; }
  const Stats& stats() const { return stats_; }

 private:
  using GroupRef = std::pair<std::string, std::string>;  // receiver, group key
  struct OpenGroup {
    uint64_t id = 0;
    std::string entity_id;
  };
  using Records = std::vector<Record>;

  // From the pipeline (registry.cc).
  std::shared_ptr<const Incident> FindOpen(const GroupRef& group) const;
  std::shared_ptr<const Incident> FindPredecessor(const GroupRef& group) const;
  std::optional<Record> ComeBack(const Incident& before, const Page& page, WallTime now);
  Record Continue(Incident incident, const Page& page);
  Record Reopen(Incident incident, const Page& page, WallTime now);
  Record Close(Incident incident, const Ack& by, WallTime now);
  // From people (acts.cc).
  Result<Records> Do(Incident incident, const Acknowledge& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Resolve& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const AddNote& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Reassign& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const SetLevel& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const SetRole& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Snooze& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Classify& act, const Ack& by, WallTime now);
  Result<Records> Do(Incident incident, const Merge& act, const Ack& by, WallTime now);
  Result<Records> MergeInto(uint64_t id, uint64_t into, const Ack& by, WallTime now);
  Result<WallTime> EndOf(const Until& until, WallTime now) const;
  void Judge(Incident* incident, Verdict verdict, const std::string& channel);
  // From the clock (clock.cc).
  Turn Return(Incident incident, WallTime now);

  // Takes the new state into every index.
  Record Put(Incident incident);
  void Index(const Incident& incident);
  void Unindex(const Incident& incident);

  config::Incidents terms_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, std::shared_ptr<const Incident>> incidents_;
  std::set<uint64_t> open_ids_;
  std::map<GroupRef, OpenGroup> open_;                    // Whose pages belong where.
  std::map<GroupRef, uint64_t> latest_;                   // By the group that opened it.
  std::map<std::string, std::set<uint64_t>> correlated_;  // Open ones.
  std::set<std::pair<WallTime, uint64_t>> timers_;
  Stats stats_;
};

// The next time at which the clock changes this incident; kNoTime: never.
WallTime NextDue(const Incident& incident);

}  // namespace watchfire::incident
