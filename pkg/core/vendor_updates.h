// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What vendors still have to be told of what people did to incidents: one line for each incident
// and integration that was paged for it, told one after the other.
//
//   Add -> waiting --(stored or 1 s)--> under way --> told, or settled without
//             ^____________(back-off)_______|
//
// Of acks, their ends and resolves only the last one matters: it takes the place of those that
// wait. What was told is remembered for kEchoWindow, to know its echo when the vendor's webhook
// brings it back. What is done is core's (telling.cc). Owned by the core thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/ids.h"
#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/core/outbox.h"
#include "pkg/dispatch/backoff.h"
#include "pkg/dispatch/vendor_update.h"
#include "pkg/nflog/nflog.h"

namespace watchfire::core {

struct VendorLine {
  struct Id {
    uint64_t incident = 0;
    nflog::Key key;

    auto operator<=>(const Id&) const = default;
  };

  Id id;
  std::deque<dispatch::VendorUpdate> waiting;  // The first is, or will be, under way.
  std::vector<dispatch::VendorUpdate> told;    // Lately, with the time of the answer; oldest first.

  // Not stored from here on.
  DeliveryId under_way;  // None: nothing is.
  std::optional<MonoTime> due;
  Ticket intent = 0;  // 0: it waits for no store.
  dispatch::Backoff backoff;
  int attempts = 0;  // Of the first one.
};

class VendorUpdates {
 public:
  using Id = VendorLine::Id;

  // An echo comes within this time, if at all.
  static constexpr Duration kEchoWindow = std::chrono::minutes(10);

  // What became of an Add(): those that need not be told any more, and whether there was no room
  // (limits::kVendorLines, kVendorUpdates), of which a resolve, an ack and its end always find one
  // in a line that is there.
  struct Added {
    std::vector<dispatch::VendorUpdate> superseded;
    bool is_refused = false;
  };
  Added Add(const Id& id, dispatch::VendorUpdate update);

  VendorLine* Find(const Id& id);
  VendorLine* FindByDelivery(DeliveryId id);
  // All lines about a group of alerts, of whichever incident.
  std::vector<Id> OfGroup(const std::string& group_key) const;

  // Sets when there is something to do.
  void Arm(VendorLine* line, std::optional<MonoTime> due);
  // What waits is written down with that ticket: there is something to do when it is durable, or
  // at `latest`.
  void AwaitStore(VendorLine* line, Ticket ticket, MonoTime latest);
  // Those whose time or ticket has come, each once; they are not armed any more.
  std::vector<Id> TakeDue(const Outbox& outbox, MonoTime now);
  std::optional<MonoTime> next_due() const;

  void Start(VendorLine* line, DeliveryId delivery);
  void End(VendorLine* line);
  // Takes the first of those that wait away, which is not under way any more; with `told_at` it is
  // remembered as told then.
  dispatch::VendorUpdate Pop(VendorLine* line, std::optional<WallTime> told_at);

  // The record of the line; nothing that waits or is remembered deletes it.
  static Record Encode(const VendorLine& line);
  // Forgets what was told before kEchoWindow, and lines of which nothing is left. Returns the
  // records of those.
  std::vector<Record> Collect(WallTime now);
  // Takes back one stored record, armed for `now`. Errors: kCorrupt.
  Status Restore(const Record& record, MonoTime now);

  size_t in_flight() const { return deliveries_.size(); }
  // Of those, the ones to the integration of `key`.
  size_t InFlightTo(const nflog::Key& key) const;
  size_t size() const { return lines_.size(); }

 private:
  VendorLine* Put(VendorLine line);

  std::map<Id, VendorLine> lines_;
  std::map<std::string, std::set<Id>> by_group_;
  std::map<DeliveryId, Id> deliveries_;
  std::set<std::pair<MonoTime, Id>> timers_;
  std::set<std::pair<Ticket, Id>> storing_;
};

}  // namespace watchfire::core
