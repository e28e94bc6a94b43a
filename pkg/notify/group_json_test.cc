// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/group_json.h"

#include <gtest/gtest.h>

#include "pkg/labels/set_pool.h"

namespace watchfire::notify {
namespace {

TEST(GroupJsonTest, WhatAlertsShareInMemoryShowsInNothingButItsCost) {
  dispatch::Notification alone;
  alone.receiver = "hook";
  for (const char* pod : {"web-1", "web-2", "web-3", "<web>", "web-2"}) {
    alert::Alert alert;
    alert.labels = labels::LabelSet({{"alertname", "A workload is down & out"},
                                     {"cluster", "a cluster with a long name"},
                                     {"pod", pod},
                                     {"service", "another rather long name"}});
    alert.annotations = labels::LabelSet(
        {{"description", "the same for all of them"}, {"summary", std::string("about ") + pod}});
    alone.alerts.push_back(alert);
  }
  // One with fewer labels in between, and one by itself.
  alone.alerts[2].labels = labels::LabelSet({{"alertname", "A workload is down & out"}});
  alone.alerts[2].annotations = {};
  dispatch::Notification shared = alone;
  labels::SetPool pool;
  for (size_t i = 0; i + 1 < shared.alerts.size(); ++i) {
    alert::Alert& alert = shared.alerts[i];
    alert.labels = pool.Share(alert.labels);
    alert.annotations = pool.Share(alert.annotations);
  }
  ASSERT_EQ(shared.alerts[1].labels.at(3).value.data(), shared.alerts[3].labels.at(3).value.data())
      << "they share nothing: this tells nothing";
  EXPECT_EQ(GroupJson(shared, {}), GroupJson(alone, {}));
}

}  // namespace
}  // namespace watchfire::notify
