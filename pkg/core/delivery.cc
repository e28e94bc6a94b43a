// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/delivery.h"

#include "pkg/base/check.h"
#include "pkg/base/limits.h"

namespace watchfire::core {

DeliveryQueue::Slot DeliveryQueue::SlotOf(const Delivery& delivery) {
  return {delivery.key.receiver,
          delivery.key.integration + "/" + std::to_string(delivery.key.index)};
}

void DeliveryQueue::Add(Delivery delivery) {
  WF_CHECK(delivery.state == Delivery::State::kStoring);
  WF_CHECK(keys_.emplace(delivery.key, delivery.id).second);
  timers_.insert({delivery.wake, delivery.id});
  storing_.insert({delivery.intent, delivery.id});
  const DeliveryId id = delivery.id;
  deliveries_.emplace(id, std::move(delivery));
}

Delivery* DeliveryQueue::Find(DeliveryId id) {
  const auto found = deliveries_.find(id);
  return found == deliveries_.end() ? nullptr : &found->second;
}

Delivery* DeliveryQueue::FindByKey(const nflog::Key& key) {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : Find(found->second);
}

void DeliveryQueue::MarkStale() {
  for (auto& [id, delivery] : deliveries_) delivery.is_stale = true;
}

std::vector<DeliveryId> DeliveryQueue::Wake(const Outbox& outbox, MonoTime now) {
  std::vector<DeliveryId> woken;
  while (!storing_.empty() && outbox.durable(storing_.begin()->first)) {
    woken.push_back(storing_.begin()->second);
    storing_.erase(storing_.begin());
    timers_.erase({deliveries_.at(woken.back()).wake, woken.back()});
  }
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const DeliveryId id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    storing_.erase({deliveries_.at(id).intent, id});
    woken.push_back(id);
  }
  for (const DeliveryId id : woken) {
    Delivery& delivery = deliveries_.at(id);
    delivery.state = Delivery::State::kReady;
    ready_[SlotOf(delivery)].insert(id);
  }
  return woken;
}

std::vector<DeliveryId> DeliveryQueue::TakeReady() {
  std::vector<DeliveryId> taken;
  for (auto slot = ready_.begin(); slot != ready_.end();) {
    size_t& in_flight = in_flight_[slot->first];
    std::set<DeliveryId>& ready = slot->second;
    while (!ready.empty() && in_flight < limits::kInFlightPerIntegration) {
      const DeliveryId id = *ready.begin();
      ready.erase(ready.begin());
      deliveries_.at(id).state = Delivery::State::kAttempting;
      ++in_flight;
      taken.push_back(id);
    }
    slot = ready.empty() ? ready_.erase(slot) : std::next(slot);
  }
  return taken;
}

void DeliveryQueue::BackOff(DeliveryId id, MonoTime wake) {
  Delivery& delivery = deliveries_.at(id);
  WF_CHECK(delivery.state == Delivery::State::kAttempting);
  delivery.state = Delivery::State::kBackingOff;
  delivery.wake = wake;
  timers_.insert({wake, id});
  --in_flight_.at(SlotOf(delivery));
}

void DeliveryQueue::Remove(DeliveryId id) {
  const auto found = deliveries_.find(id);
  WF_CHECK(found != deliveries_.end());
  const Delivery& delivery = found->second;
  const Slot slot = SlotOf(delivery);
  if (delivery.state == Delivery::State::kAttempting) --in_flight_.at(slot);
  timers_.erase({delivery.wake, id});
  storing_.erase({delivery.intent, id});
  if (const auto ready = ready_.find(slot); ready != ready_.end()) ready->second.erase(id);
  keys_.erase(delivery.key);
  deliveries_.erase(found);
}

std::vector<DeliveryId> DeliveryQueue::Waiting() const {
  std::vector<DeliveryId> waiting;
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery.state != Delivery::State::kAttempting) waiting.push_back(id);
  }
  return waiting;
}

std::optional<MonoTime> DeliveryQueue::next_wake() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

}  // namespace watchfire::core
