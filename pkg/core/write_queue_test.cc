// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/write_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::core {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

WriteQueue::Entry Entry(size_t group, size_t samples, bool is_awaited = false,
                        uint64_t generation = 1) {
  return {generation, nullptr, {group, {0}, kNoTime, promql::Vector(samples), is_awaited}};
}

TEST(WriteQueueTest, HoldsABoundedNumberOfSamplesOrOneWrite) {
  WriteQueue queue;
  const size_t half = limits::kQueuedSamples / 2;
  EXPECT_THAT(queue.Add(Entry(1, half)), IsEmpty());
  EXPECT_THAT(queue.Add(Entry(2, half)), IsEmpty());
  std::vector<WriteQueue::Entry> dropped = queue.Add(Entry(3, 1));
  ASSERT_THAT(dropped, SizeIs(1));
  EXPECT_EQ(dropped[0].write.group, 1U);
  EXPECT_THAT(dropped[0].write.samples, SizeIs(half));
  dropped = queue.Add(Entry(4, 2 * limits::kQueuedSamples));
  EXPECT_THAT(dropped, SizeIs(2));
  // What has left does not count.
  ASSERT_TRUE(queue.Next(QueryId{1}));
  EXPECT_FALSE(queue.is_waiting());
  EXPECT_THAT(queue.Add(Entry(5, limits::kQueuedSamples)), IsEmpty());
  EXPECT_TRUE(queue.is_waiting());
}

TEST(WriteQueueTest, WritesOfOneGroupKeepTheirOrderAndPassNoOther) {
  WriteQueue queue;
  for (const size_t group : {1U, 1U, 2U, 1U, 3U}) (void)queue.Add(Entry(group, group));
  std::vector<size_t> groups;
  for (uint64_t id = 1; auto write = queue.Next(QueryId{id}); ++id) {
    groups.push_back(write->samples.size());
  }
  EXPECT_THAT(groups, testing::ElementsAre(1, 2, 3));
  EXPECT_FALSE(queue.Finish(QueryId{9}));
  ASSERT_TRUE(queue.Finish(QueryId{1}));
  EXPECT_FALSE(queue.Finish(QueryId{1})) << "once";
  EXPECT_TRUE(queue.Next(QueryId{4}));
  EXPECT_FALSE(queue.Next(QueryId{5}));
}

TEST(WriteQueueTest, WhatAReloadBroughtWaitsForWhatIsOut) {
  WriteQueue queue;
  (void)queue.Add(Entry(1, 1));
  (void)queue.Add(Entry(2, 2));
  ASSERT_TRUE(queue.Next(QueryId{1}));
  (void)queue.Add(Entry(3, 3, /*is_awaited=*/false, /*generation=*/2));
  ASSERT_TRUE(queue.Next(QueryId{2})) << "of the same generation, another group";
  EXPECT_FALSE(queue.Next(QueryId{3}));
  (void)queue.Finish(QueryId{1});
  EXPECT_FALSE(queue.Next(QueryId{3}));
  (void)queue.Finish(QueryId{2});
  EXPECT_TRUE(queue.Next(QueryId{3}));
}

TEST(WriteQueueTest, WhatIsAskedAgainCanBeForgotten) {
  WriteQueue queue;
  (void)queue.Add(Entry(1, limits::kQueuedSamples - 1, /*is_awaited=*/true));
  (void)queue.Add(Entry(2, 1));
  queue.DropAwaited();
  EXPECT_THAT(queue.Add(Entry(3, limits::kQueuedSamples - 1)), IsEmpty());
  ASSERT_TRUE(queue.Next(QueryId{1}));
  EXPECT_EQ(queue.Finish(QueryId{1})->write.group, 2U);
}

}  // namespace
}  // namespace watchfire::core
