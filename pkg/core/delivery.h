// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Deliveries under way: one notification on its way to one integration, with its attempts.
//
//   submitted --(intent stored or 1 s)--> ready --(its turn)--> attempting --> done | failed
//                                           ^________(back-off)______|
//
// One lane for each integration of each receiver, with its limits (dispatch/throttle.h) and its
// circuit breaker (dispatch/breaker.h). Who is ready waits in line there, the longest owed first;
// lanes know nothing of each other, so a vendor that hangs holds up nobody else.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/base/ids.h"
#include "pkg/base/time.h"
#include "pkg/core/outbox.h"
#include "pkg/dispatch/backoff.h"
#include "pkg/dispatch/breaker.h"
#include "pkg/dispatch/notification.h"
#include "pkg/dispatch/throttle.h"
#include "pkg/incident/incident.h"
#include "pkg/nflog/nflog.h"

namespace watchfire::core {

// A page of somebody that another one of his takes along, in a storm.
struct Rider {
  nflog::Key key;
  incident::Page page;
};

struct Delivery {
  enum class State { kStoring, kReady, kAttempting, kBackingOff };

  DeliveryId id;
  uint64_t flush = 0;  // The ActiveFlush that waits for it; 0: none does (delivery: strict).
  std::shared_ptr<const config::Config> config;
  const config::Integration* integration = nullptr;
  config::SendLimits limits;  // Of its receiver.
  std::shared_ptr<const dispatch::Notification> notification;
  nflog::Key key;
  std::vector<uint64_t> firing;  // What the log will say was told.
  std::vector<uint64_t> resolved;
  Duration repeat_interval{};
  std::optional<incident::Page> page;  // Engaged iff this opens or continues an incident.
  std::vector<Rider> riders;           // Whose pages it makes as well.
  State state = State::kStoring;
  Ticket intent = 0;  // Stored when this ticket is durable.
  MonoTime wake{};    // kStoring: give up waiting; kBackingOff: try again.
  MonoTime deadline{};
  MonoTime started{};
  MonoTime owed_since{};   // Its place in line.
  MonoTime ready_since{};  // kReady.
  dispatch::Backoff backoff;
  int attempts = 0;
  bool maybe_taken = false;        // Some attempt's outcome is unknown.
  std::vector<uint64_t> in_doubt;  // Alerts that only this message puts in doubt, if refused.
  std::vector<uint64_t>
      ends_in_doubt;       // Of `resolved`, those whose end only this one may have told.
  bool is_strict = false;  // The log keeps what this message does not speak of.
  bool is_stale = false;   // Its group was flushed meanwhile and must be looked at again.
  bool came_back = false;  // Its incident did, meanwhile: what this tells is told once more.
};

// Whom a lane leads to: `index` is the place among the receiver's integrations of that kind.
struct LaneKey {
  std::string receiver;
  std::string integration;
  int index = 0;

  auto operator<=>(const LaneKey&) const = default;
};

class DeliveryQueue {
 public:
  // Takes a delivery in state kStoring. Neither its ticket nor its time to wake is before those of
  // any taken earlier.
  void Add(Delivery delivery, MonoTime now);
  Delivery* Find(DeliveryId id);
  // True when a delivery of that log key is under way: a second one must not start, or two answers
  // would race for one log entry.
  bool Busy(const nflog::Key& key) const { return keys_.contains(key); }
  // The delivery of that key, or null. Valid until the next change.
  Delivery* FindByKey(const nflog::Key& key);

  // kStoring or kBackingOff -> kReady, of those whose time or ticket has come.
  void Wake(const Outbox& outbox, MonoTime now);
  // kReady -> kAttempting while their lanes let them; returns those to attempt now, lane by lane in
  // order. A strict delivery that waited for a limit has its deadline moved by as much.
  std::vector<DeliveryId> TakeReady(MonoTime now);
  // Those that are still in line at their deadline, to be given up; after TakeReady. Strict ones
  // that wait for a limit only have theirs moved instead.
  std::vector<DeliveryId> Expired(MonoTime now);
  // kAttempting -> kBackingOff until `wake`.
  void BackOff(DeliveryId id, MonoTime wake);
  void Remove(DeliveryId id);
  // Those not attempting, in order.
  std::vector<DeliveryId> Waiting() const;
  // Marks all that are left as stale.
  void MarkStale();

  // What became of an attempt, for the circuit of its lane. Each returns true when that closes, or
  // opens, it.
  bool Answered(const Delivery& delivery);
  bool Failed(const Delivery& delivery, MonoTime now);
  // Whether its lane took what was tried last, as readers are told.
  void NoteTaken(const Delivery& delivery, bool is_taken);
  // Drops the lanes that nobody uses and that `keeps` does not name.
  void DropLanes(const std::function<bool(const LaneKey&)>& keeps);

  // Whether something that is no page may be said now: nobody waits in that lane, and neither its
  // limits nor its circuit forbid it. It takes a token of the rate limit, and no place of
  // max_in_flight, so that a page never waits for its answer.
  bool LetBehind(const LaneKey& key, const config::SendLimits& limits, MonoTime now);

  // The next wake time after TakeReady. (An intent that becomes durable arrives as an event.)
  std::optional<MonoTime> next_wake(MonoTime now) const;
  size_t size() const { return deliveries_.size(); }

  // For readers, lane by lane.
  struct LaneState {
    LaneKey key;
    bool is_open = false;  // Its circuit.
    uint64_t openings = 0;
    size_t waiting = 0;         // In line.
    std::optional<bool> is_up;  // Whether it took what was tried last; unset: nothing was.
  };
  std::vector<LaneState> Lanes() const;

 private:
  struct Lane {
    dispatch::Throttle throttle;
    dispatch::Breaker breaker = {};
    std::set<std::pair<MonoTime, DeliveryId>> line = {};  // By owed_since.
    std::optional<bool> is_up = {};                       // As in LaneState.
  };
  struct Entry {
    Delivery delivery;
    Lane* lane = nullptr;  // Of lanes_.
  };
  static LaneKey LaneKeyOf(const Delivery& delivery);
  bool IsStoring(DeliveryId id);
  // Storing ones that are no more do not stay in front.
  void DropRemoved();
  // Of one that is in the queue, as below.
  Lane& LaneOf(const Delivery& delivery) { return *deliveries_.at(delivery.id.value).lane; }
  void LineUp(DeliveryId id, MonoTime now);
  void LeaveLine(Entry* entry);

  // By id. A storm brings thousands: a tree of them would be looked down half a dozen times each.
  std::unordered_map<uint64_t, Entry> deliveries_;
  nflog::KeyMap<DeliveryId> keys_;
  // In the order they came, which is that of their tickets and of their times; some may be removed.
  std::deque<DeliveryId> storing_;
  std::set<std::pair<MonoTime, DeliveryId>> timers_;     // Of those backing off.
  std::set<std::pair<MonoTime, DeliveryId>> deadlines_;  // Of those in line.
  std::map<LaneKey, Lane> lanes_;
};

}  // namespace watchfire::core
