// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/alert_list.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace watchfire::dispatch {
namespace {

std::shared_ptr<const alert::Alert> Named(const char* name) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", name}};
  return std::make_shared<const alert::Alert>(std::move(alert));
}

TEST(AlertListTest, SharesUntilSomebodyWantsOneOfHisOwn) {
  const auto pod = Named("Down");
  AlertList list;
  list.push_back(pod);
  list.emplace_back().labels = labels::LabelSet{{"alertname", "Other"}};
  AlertList copy = list;
  EXPECT_EQ(&copy[0], pod.get());
  copy.Own(0).ends_at = WallTime(std::chrono::hours(1));
  EXPECT_EQ(pod->ends_at, kNoTime);
  EXPECT_EQ(list[0].ends_at, kNoTime);
  EXPECT_NE(copy.front().ends_at, kNoTime);
  EXPECT_EQ(copy.back().name(), "Other");
  copy.Cut(3);
  EXPECT_EQ(copy.size(), 2U);
  copy.Cut(1);
  EXPECT_EQ(copy.size(), 1U);
  EXPECT_EQ(std::ranges::count(list, "Down", &alert::Alert::name), 1);
}

TEST(AlertListTest, IsPutInOrder) {
  AlertList list;
  for (const char* name : {"c", "a", "b"}) list.push_back(Named(name));
  list.Sort([](const alert::Alert& a, const alert::Alert& b) { return a.name() < b.name(); });
  EXPECT_EQ(list[0].name(), "a");
  EXPECT_EQ(list[2].name(), "c");
}

}  // namespace
}  // namespace watchfire::dispatch
