// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/delivery.h"

#include <algorithm>
#include <chrono>

#include "pkg/base/check.h"

namespace watchfire::core {
namespace {

// A deadline that is moved is moved by no less.
constexpr Duration kMoveMin = std::chrono::seconds(1);

}  // namespace

LaneKey DeliveryQueue::LaneKeyOf(const Delivery& delivery) {
  return {delivery.key.receiver, delivery.key.integration, delivery.key.index};
}

void DeliveryQueue::Add(Delivery delivery, MonoTime now) {
  WF_CHECK(delivery.state == Delivery::State::kStoring);
  const auto [known, is_only] = keys_.Add(delivery.key);
  WF_CHECK(is_only);
  *known = delivery.id;
  storing_.push_back(delivery.id);
  LaneKey lane_key = LaneKeyOf(delivery);
  auto lane = lanes_.find(lane_key);
  if (lane != lanes_.end()) {
    lane->second.throttle.SetLimits(delivery.limits, now);
  } else {
    Lane fresh{dispatch::Throttle(delivery.limits, now)};
    lane = lanes_.emplace(std::move(lane_key), std::move(fresh)).first;
  }
  const uint64_t id = delivery.id.value;
  deliveries_.emplace(id, Entry{std::move(delivery), &lane->second});
}

Delivery* DeliveryQueue::Find(DeliveryId id) {
  const auto found = deliveries_.find(id.value);
  return found == deliveries_.end() ? nullptr : &found->second.delivery;
}

Delivery* DeliveryQueue::FindByKey(const nflog::Key& key) {
  const DeliveryId* id = keys_.Find(key);
  return id == nullptr ? nullptr : Find(*id);
}

void DeliveryQueue::MarkStale() {
  for (auto& [id, entry] : deliveries_) entry.delivery.is_stale = true;
}

bool DeliveryQueue::IsStoring(DeliveryId id) {
  const Delivery* delivery = Find(id);
  return delivery != nullptr && delivery->state == Delivery::State::kStoring;
}

void DeliveryQueue::DropRemoved() {
  while (!storing_.empty() && !IsStoring(storing_.front())) storing_.pop_front();
}

void DeliveryQueue::Wake(const Outbox& outbox, MonoTime now) {
  for (; !storing_.empty(); DropRemoved()) {
    const Delivery& delivery = *Find(storing_.front());
    if (!outbox.durable(delivery.intent) && delivery.wake > now) break;
    LineUp(delivery.id, now);
  }
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const DeliveryId id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    LineUp(id, now);
  }
}

void DeliveryQueue::LineUp(DeliveryId id, MonoTime now) {
  auto& [delivery, lane] = deliveries_.at(id.value);
  delivery.state = Delivery::State::kReady;
  delivery.ready_since = now;
  deadlines_.emplace_hint(deadlines_.end(), delivery.deadline, id);
  lane->line.emplace_hint(lane->line.end(), delivery.owed_since, id);
}

void DeliveryQueue::LeaveLine(Entry* entry) {
  const Delivery& delivery = entry->delivery;
  deadlines_.erase({delivery.deadline, delivery.id});
  entry->lane->line.erase({delivery.owed_since, delivery.id});
}

std::vector<DeliveryId> DeliveryQueue::TakeReady(MonoTime now) {
  std::vector<DeliveryId> taken;
  for (auto& [key, lane] : lanes_) {
    while (!lane.line.empty() && lane.breaker.NextStart(now) <= now &&
           lane.throttle.NextStart(now) == now) {
      Entry& entry = deliveries_.at(lane.line.begin()->second.value);
      LeaveLine(&entry);
      Delivery& delivery = entry.delivery;
      delivery.state = Delivery::State::kAttempting;
      if (delivery.is_strict && !lane.breaker.is_open()) {
        delivery.deadline += now - delivery.ready_since;
      }
      lane.throttle.Start(now);
      lane.breaker.Start(now);
      taken.push_back(delivery.id);
    }
  }
  return taken;
}

std::vector<DeliveryId> DeliveryQueue::Expired(MonoTime now) {
  std::vector<DeliveryId> expired;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    auto& [delivery, lane] = deliveries_.at(deadlines_.begin()->second.value);
    deadlines_.erase(deadlines_.begin());
    const bool is_limited = !lane->breaker.is_open();
    if (!delivery.is_strict || !is_limited) {
      expired.push_back(delivery.id);
      continue;
    }
    // It has not begun to be tried again, and it always says what holds (core/strict.cc).
    delivery.deadline = now + std::max<Duration>(now - delivery.ready_since, kMoveMin);
    delivery.ready_since = now;
    deadlines_.insert({delivery.deadline, delivery.id});
  }
  return expired;
}

void DeliveryQueue::BackOff(DeliveryId id, MonoTime wake) {
  auto& [delivery, lane] = deliveries_.at(id.value);
  WF_CHECK(delivery.state == Delivery::State::kAttempting);
  delivery.state = Delivery::State::kBackingOff;
  delivery.wake = wake;
  timers_.insert({wake, id});
  lane->throttle.End();
}

void DeliveryQueue::Remove(DeliveryId id) {
  const auto found = deliveries_.find(id.value);
  WF_CHECK(found != deliveries_.end());
  const Delivery& delivery = found->second.delivery;
  if (delivery.state == Delivery::State::kAttempting) {
    found->second.lane->throttle.End();
  } else if (delivery.state == Delivery::State::kReady) {
    LeaveLine(&found->second);
  } else {
    timers_.erase({delivery.wake, id});
  }
  keys_.Erase(delivery.key);
  deliveries_.erase(found);
  DropRemoved();
}

std::vector<DeliveryId> DeliveryQueue::Waiting() const {
  std::vector<DeliveryId> waiting;
  for (const auto& [id, entry] : deliveries_) {
    if (entry.delivery.state != Delivery::State::kAttempting) waiting.push_back(DeliveryId{id});
  }
  std::ranges::sort(waiting);
  return waiting;
}

bool DeliveryQueue::Answered(const Delivery& delivery) {
  return LaneOf(delivery).breaker.OnAnswer();
}

bool DeliveryQueue::Failed(const Delivery& delivery, MonoTime now) {
  return LaneOf(delivery).breaker.OnFailure(now);
}

void DeliveryQueue::NoteTaken(const Delivery& delivery, bool is_taken) {
  LaneOf(delivery).is_up = is_taken;
}

void DeliveryQueue::DropLanes(const std::function<bool(const LaneKey&)>& keeps) {
  std::set<const Lane*> used;
  for (const auto& [id, entry] : deliveries_) used.insert(entry.lane);
  std::erase_if(
      lanes_, [&](const auto& lane) { return !used.contains(&lane.second) && !keeps(lane.first); });
}

bool DeliveryQueue::LetBehind(const LaneKey& key, const config::SendLimits& limits, MonoTime now) {
  Lane& lane = lanes_.try_emplace(key, Lane{dispatch::Throttle(limits, now)}).first->second;
  if (!lane.line.empty() || lane.breaker.is_open() || lane.throttle.NextStart(now) != now) {
    return false;
  }
  lane.throttle.Start(now);
  lane.throttle.End();
  return true;
}

std::optional<MonoTime> DeliveryQueue::next_wake(MonoTime now) const {
  std::optional<MonoTime> next;
  const auto consider = [&](MonoTime time) {
    if (!next || time < *next) next = time;
  };
  if (!storing_.empty()) consider(deliveries_.at(storing_.front().value).delivery.wake);
  if (!timers_.empty()) consider(timers_.begin()->first);
  if (!deadlines_.empty()) consider(deadlines_.begin()->first);
  for (const auto& [key, lane] : lanes_) {
    if (lane.line.empty()) continue;
    const std::optional<MonoTime> turn = lane.throttle.NextStart(now);
    if (turn) consider(std::max(*turn, lane.breaker.NextStart(now)));
  }
  return next;
}

std::vector<DeliveryQueue::LaneState> DeliveryQueue::Lanes() const {
  std::vector<LaneState> states;
  for (const auto& [key, lane] : lanes_) {
    states.push_back(
        {key, lane.breaker.is_open(), lane.breaker.openings(), lane.line.size(), lane.is_up});
  }
  return states;
}

}  // namespace watchfire::core
