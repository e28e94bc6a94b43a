// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/group_json.h"

#include <gtest/gtest.h>

#include "pkg/base/rng.h"
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
    alone.alerts.emplace_back(alert);
  }
  // One with fewer labels in between, and one by itself.
  alone.alerts.Own(2).labels = labels::LabelSet({{"alertname", "A workload is down & out"}});
  alone.alerts.Own(2).annotations = {};
  dispatch::Notification shared = alone;
  labels::SetPool pool;
  for (size_t i = 0; i + 1 < shared.alerts.size(); ++i) {
    alert::Alert& alert = shared.alerts.Own(i);
    alert.labels = pool.Share(alert.labels);
    alert.annotations = pool.Share(alert.annotations);
  }
  ASSERT_EQ(shared.alerts[1].labels.at(3).value.data(), shared.alerts[3].labels.at(3).value.data())
      << "they share nothing: this tells nothing";
  EXPECT_EQ(GroupJson(shared, {}), GroupJson(alone, {}));
}

// Of sets that share texts only what differs is written anew.
TEST(GroupJsonTest, AlertsOfAPoolAreWrittenAsAnyAre) {
  Rng rng(11);
  const std::string wide(70'000, 'w');
  const std::vector<std::string> texts = {"usual", "<b>", "é\n", "0123456789abcdef", "x"};
  for (int round = 0; round < 200; ++round) {
    labels::SetPool pool;
    dispatch::Notification alone;
    dispatch::Notification shared;
    const auto set = [&](bool is_wide) {
      labels::LabelSet::Pairs pairs;
      for (const char* name : {"a", "b<", "c", "d"}) {
        const uint64_t value = rng.Below(9);
        if (value == 8 && rng.Below(4) == 0) continue;  // Another list of names.
        pairs.emplace_back(name, value < texts.size() ? texts[value] : "usual");
      }
      if (is_wide) pairs.emplace_back("w", wide);
      return labels::LabelSet(std::move(pairs));
    };
    for (int i = 0; i < 6; ++i) {
      if (rng.Below(6) == 0) pool = labels::SetPool();  // They came in another message.
      alert::Alert& alert = alone.alerts.emplace_back();
      alert.labels = set(false);
      alert.annotations = set(round % 20 == 0);
      alert::Alert& same = shared.alerts.emplace_back(alert);
      same.labels = pool.Share(alert.labels);
      same.annotations = pool.Share(alert.annotations);
    }
    ASSERT_EQ(GroupJson(shared, {}), GroupJson(alone, {})) << round;
  }
}

// The text of the alerts in it.
std::string AlertsOf(const dispatch::Notification& notification) {
  const std::string json = GroupJson(notification, {});
  const size_t begin = json.find("\"alerts\":[") + 10;
  return json.substr(begin, json.find("],\"notification_reason\"") - begin);
}

TEST(GroupJsonTest, AnAlertIsWrittenAsItIsByItself) {
  dispatch::Notification all;
  all.at = ParseTime("2026-11-30T12:00:00Z").value();
  for (const char* text : {"a b", "a b", "a z", "c z", "c z", "a b", "ab ", " ", "a b"}) {
    alert::Alert& alert = all.alerts.emplace_back();
    alert.labels = labels::LabelSet({{"alertname", "Down"}, {"pod", text}});
    alert.starts_at = all.at - std::chrono::minutes(text[0]);
    alert.starts_zone = static_cast<int16_t>(text[1] == ' ' ? 60 : 0);
    alert.generator_url = std::string("https://prometheus/") + std::string(text).back();
    if (text[0] == 'c') alert.ends_at = all.at - std::chrono::seconds(1);
  }
  std::string alone;
  for (const alert::Alert& alert : all.alerts) {
    dispatch::Notification one = all;
    one.alerts = {alert};
    alone += (alone.empty() ? "" : ",") + AlertsOf(one);
  }
  EXPECT_EQ(AlertsOf(all), alone);
}

}  // namespace
}  // namespace watchfire::notify
