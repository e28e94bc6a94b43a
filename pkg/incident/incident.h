// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An incident is what a page opens and a recovery closes: one per receiver and group. Four times
// make all the figures: detected, paged, acknowledged, resolved. Pure state machine, owned by the
// core thread; every change is an event on the timeline and one record to store.
//
//            first page              ack                recovery
//   (none) ------------> triggered -------> acknowledged ----------> resolved
//                            |________________________________________^

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/histogram.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::incident {

enum class State { kTriggered, kAcknowledged, kResolved };
const char* StateName(State state);  // "triggered" …

enum class ActorType { kHuman, kAutomation };
const char* ActorTypeName(ActorType type);

// "critical" beats "warning" beats "info"; unknown words rank between warning and info.
int SeverityRank(std::string_view severity);

struct Event {
  WallTime at = kNoTime;
  std::string kind;     // opened, paged, page_failed, acked, note, resolved
  std::string actor;    // Who: a user name, "monitoring", a receiver.
  std::string channel;  // Through what: api, victorops, pipeline.
  std::string text;

  bool operator==(const Event&) const = default;
};

struct Incident {
  uint64_t id = 0;
  std::string receiver;
  std::string group_key;
  std::string entity_id;  // SHA-256 of the group key: what vendors call entity id or dedup key.
  std::string title;
  std::string severity;  // "none" when the alerts carry none.
  std::string team;
  std::string backend;  // The integration that paged first: "victorops".
  State state = State::kTriggered;
  WallTime started_at = kNoTime;   // When the earliest alert's condition first held.
  WallTime detected_at = kNoTime;  // When we first heard of it.
  WallTime opened_at = kNoTime;
  WallTime paged_at = kNoTime;  // First page that a vendor accepted.
  WallTime acked_at = kNoTime;
  WallTime resolved_at = kNoTime;
  std::string acked_by;
  std::string resolved_by;
  std::vector<std::string> alerts;  // Names of the alerts of the last page, sorted.
  std::vector<Event> timeline;      // At most limits::kIncidentEvents; the oldest stay.

  bool operator==(const Incident&) const = default;
};

// What a page says about its group when it goes out.
struct Page {
  std::string receiver;
  std::string group_key;
  std::string backend;
  std::string title;
  std::string severity;
  std::string team;
  WallTime started_at = kNoTime;
  WallTime detected_at = kNoTime;
  std::vector<std::string> alerts;
};

struct Ack {
  std::string actor;
  ActorType actor_type = ActorType::kHuman;
  std::string channel;
  std::string note;
};

// Figures that pkg/telemetry exports. Label values in the order named.
struct Stats {
  HistogramMap ack_seconds;      // team, severity, backend, actor_type, cycle
  HistogramMap resolve_seconds;  // team, severity, resolved_by
  HistogramMap page_seconds;     // team, severity: detected -> first accepted page
  CounterMap paged;              // team, severity: incidents
  CounterMap pages;              // team, severity: first pages accepted (one per cycle)
  CounterMap resolved_unacked;   // team, severity
  uint64_t dropped = 0;          // Sooner than retention, for limits::kIncidents.
  Stats();
};

// All incidents: open ones and those resolved within retention.
class Registry {
 public:
  // A page is about to go out: opens an incident unless one is open for its receiver and group.
  // Returns the record to store together with the intent to send.
  Record OnAttempt(const Page& page, WallTime now);
  // A vendor accepted (or finally refused) a page of that group.
  std::optional<Record> OnPaged(const Page& page, WallTime now);
  std::optional<Record> OnPageFailed(const Page& page, const std::string& why, WallTime now);
  // Nothing of the group fires any more.
  std::optional<Record> OnRecovered(const std::string& receiver, const std::string& group_key,
                                    WallTime now);

  // Acknowledges an open incident. Idempotent: a second ack adds a note to the timeline and changes
  // no figure. Errors: kNotFound, kConflict (resolved), kInvalidArgument (actor or note too long).
  Result<Record> Acknowledge(uint64_t id, const Ack& ack, WallTime now);
  // Closes an incident by hand. Errors: as above; resolving twice is kConflict.
  Result<Record> Resolve(uint64_t id, const Ack& by, WallTime now);

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
  const Stats& stats() const { return stats_; }

 private:
  using GroupRef = std::pair<std::string, std::string>;  // receiver, group key

  std::shared_ptr<const Incident> FindOpen(const GroupRef& group) const;
  Record Put(Incident incident);

  uint64_t last_id_ = 0;
  std::map<uint64_t, std::shared_ptr<const Incident>> incidents_;
  std::map<GroupRef, uint64_t> open_;
  Stats stats_;
};

// JSON of one incident: the API's shape and the store's value.
std::string ToJson(const Incident& incident);

}  // namespace watchfire::incident
