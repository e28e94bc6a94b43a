// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Deliveries under way: one notification on its way to one integration, with its attempts.
//
//   submitted --(intent stored or 1 s)--> ready --(free slot)--> attempting --> done | failed
//                                           ^_________(back-off)______|

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/ids.h"
#include "pkg/base/time.h"
#include "pkg/core/outbox.h"
#include "pkg/dispatch/backoff.h"
#include "pkg/dispatch/notification.h"
#include "pkg/incident/incident.h"
#include "pkg/nflog/nflog.h"

namespace watchfire::core {

struct Delivery {
  enum class State { kStoring, kReady, kAttempting, kBackingOff };

  DeliveryId id;
  uint64_t flush = 0;  // The ActiveFlush that waits for it; 0: none does (delivery: strict).
  std::shared_ptr<const config::Config> config;
  const config::Integration* integration = nullptr;
  std::shared_ptr<const dispatch::Notification> notification;
  nflog::Key key;
  std::vector<uint64_t> firing;  // What the log will say was told.
  std::vector<uint64_t> resolved;
  Duration repeat_interval{};
  std::optional<incident::Page> page;  // Engaged iff this opens or continues an incident.
  State state = State::kStoring;
  Ticket intent = 0;  // Stored when this ticket is durable.
  MonoTime wake{};    // kStoring: give up waiting; kBackingOff: try again.
  MonoTime deadline{};
  MonoTime started{};
  dispatch::Backoff backoff;
  int attempts = 0;
  bool maybe_taken = false;        // Some attempt's outcome is unknown.
  std::vector<uint64_t> in_doubt;  // Alerts that only this message puts in doubt, if refused.
  bool is_strict = false;          // The log keeps what this message does not speak of.
  bool is_stale = false;           // Its group was flushed meanwhile and must be looked at again.
};

// Bounds what each integration has in flight; ready deliveries wait in order.
class DeliveryQueue {
 public:
  // Takes a delivery in state kStoring.
  void Add(Delivery delivery);
  Delivery* Find(DeliveryId id);
  // True when a delivery of that log key is under way: a second one must not start, or two answers
  // would race for one log entry.
  bool Busy(const nflog::Key& key) const { return keys_.contains(key); }
  // The delivery of that key, or null. Valid until the next change.
  Delivery* FindByKey(const nflog::Key& key);

  // kStoring or kBackingOff -> kReady. Returns ids whose time or ticket has come, in order.
  std::vector<DeliveryId> Wake(const Outbox& outbox, MonoTime now);
  // kReady -> kAttempting while slots are free; returns those to attempt now, in order.
  std::vector<DeliveryId> TakeReady();
  // kAttempting -> kBackingOff until `wake`.
  void BackOff(DeliveryId id, MonoTime wake);
  void Remove(DeliveryId id);
  // Those not attempting, in order.
  std::vector<DeliveryId> Waiting() const;
  // Marks all that are left as stale.
  void MarkStale();

  // The next wake time. (An intent that becomes durable arrives as an event.)
  std::optional<MonoTime> next_wake() const;
  size_t size() const { return deliveries_.size(); }

 private:
  using Slot = std::pair<std::string, std::string>;  // receiver, "integration/index"
  static Slot SlotOf(const Delivery& delivery);

  std::map<DeliveryId, Delivery> deliveries_;
  std::map<nflog::Key, DeliveryId> keys_;
  std::set<std::pair<MonoTime, DeliveryId>> timers_;
  std::set<std::pair<Ticket, DeliveryId>> storing_;
  std::map<Slot, std::set<DeliveryId>> ready_;
  std::map<Slot, size_t> in_flight_;
};

}  // namespace watchfire::core
