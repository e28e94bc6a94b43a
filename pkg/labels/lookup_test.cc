// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/lookup.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/labels/set_pool.h"

namespace watchfire::labels {
namespace {

// Sets of three kinds of names, which share what they can with those of their pool.
std::vector<LabelSet> Sets(int round) {
  SetPool pool;
  std::vector<LabelSet> sets = {LabelSet(), LabelSet{{"pod", "alone"}}};
  for (int i = 0; i < 12; ++i) {
    LabelSet::Pairs pairs = {{"alertname", "AnAlertWithQuiteALongName"},
                             {"pod", "web-" + std::to_string(round * 12 + i)}};
    if (i % 4 == 1) pairs.emplace_back("apple", "a");  // The pod stands elsewhere.
    if (i % 4 == 3) pairs.erase(pairs.begin() + 1);
    if (i == 6) pairs[1].second = "";
    sets.push_back(pool.Share(LabelSet(pairs)));
  }
  return sets;
}

TEST(LookupTest, ReadsWhatGetReturns) {
  Lookup pod("pod");
  EXPECT_EQ(pod.name(), "pod");
  // The sets of a round are gone in the next one, and others may stand where they stood.
  for (int round = 0; round < 20; ++round) {
    for (const LabelSet& set : Sets(round)) EXPECT_EQ(pod.In(set), set.Get("pod"));
  }
}

}  // namespace
}  // namespace watchfire::labels
