// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/delivery.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace watchfire::core {
namespace {

const MonoTime kStart(std::chrono::hours(1));
constexpr Duration kPatience = std::chrono::seconds(1);

using Ids = std::vector<uint64_t>;

class DeliveryQueueTest : public testing::Test {
 protected:
  // One whose intent leaves with the next batch.
  void Add(uint64_t id, MonoTime at) {
    Delivery delivery;
    delivery.id = DeliveryId{id};
    delivery.key = {"{}:{pod=\"" + std::to_string(id) + "\"}", "hook", "webhook", 0};
    delivery.intent = outbox_.AddUrgent({Table::kNflog, std::to_string(id), "sent"}, at);
    delivery.wake = at + kPatience;
    delivery.deadline = at + std::chrono::minutes(1);
    delivery.owed_since = at;
    queue_.Add(std::move(delivery), at);
  }
  void Store(MonoTime at) {
    const auto batch = outbox_.TakeBatch(at);
    ASSERT_TRUE(batch);
    outbox_.OnCommitted(batch->id, true, at);
  }
  Ids Ready(MonoTime at) {
    queue_.Wake(outbox_, at);
    Ids ids;
    for (const DeliveryId id : queue_.TakeReady(at)) ids.push_back(id.value);
    return ids;
  }

  Outbox outbox_;
  DeliveryQueue queue_;
};

TEST_F(DeliveryQueueTest, EachIsReadyWhenItsIntentIsStored) {
  Add(1, kStart);
  Add(2, kStart);
  EXPECT_EQ(Ready(kStart), Ids());
  Store(kStart);
  Add(3, kStart);
  EXPECT_EQ(Ready(kStart), Ids({1, 2}));
  EXPECT_EQ(queue_.next_wake(kStart), kStart + kPatience) << "for the one that is being stored";
  EXPECT_EQ(Ready(kStart + kPatience), Ids({3})) << "it waits no longer";
}

TEST_F(DeliveryQueueTest, WhatIsRemovedWhileItIsStoredHoldsUpNobody) {
  const MonoTime later = kStart + std::chrono::milliseconds(5);
  for (const uint64_t id : Ids({1, 2, 3})) Add(id, kStart);
  Add(4, later);
  queue_.Remove(DeliveryId{2});
  EXPECT_EQ(queue_.next_wake(kStart), kStart + kPatience);
  queue_.Remove(DeliveryId{1});
  queue_.Remove(DeliveryId{3});
  EXPECT_EQ(queue_.next_wake(kStart), later + kPatience);
  EXPECT_EQ(queue_.size(), 1U);
  Store(later);
  EXPECT_EQ(Ready(later), Ids({4}));
  queue_.Remove(DeliveryId{4});
  EXPECT_EQ(queue_.next_wake(later), std::nullopt);
}

TEST_F(DeliveryQueueTest, WhoBacksOffIsReadyAtItsTime) {
  Add(1, kStart);
  Store(kStart);
  EXPECT_EQ(Ready(kStart), Ids({1}));
  Add(2, kStart);
  const MonoTime again = kStart + std::chrono::milliseconds(200);
  queue_.BackOff(DeliveryId{1}, again);
  EXPECT_EQ(queue_.next_wake(kStart), again);
  EXPECT_EQ(Ready(again), Ids({1}));
  queue_.BackOff(DeliveryId{1}, again + kPatience);
  queue_.Remove(DeliveryId{1});
  EXPECT_EQ(queue_.next_wake(again), kStart + kPatience);
}

}  // namespace
}  // namespace watchfire::core
