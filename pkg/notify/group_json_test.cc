// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/group_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/json.h"
#include "pkg/base/rng.h"
#include "pkg/labels/set_pool.h"

namespace watchfire::notify {
namespace {

using testing::HasSubstr;

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

// As the map stands in JSON.
std::string MemberOf(const std::string& name, const labels::LabelSet& pairs) {
  JsonWriter json(/*escape_html=*/true);
  json.StartObject().Key(name).StartObject();
  for (const labels::Label& pair : pairs) json.Field(pair.name, pair.value);
  const std::string text = json.EndObject().EndObject().Take();
  return text.substr(1, text.size() - 2);
}

// Of sets that share texts only what differs is written anew.
TEST(GroupJsonTest, AlertsOfAPoolAreWrittenAsAnyAre) {
  Rng rng(11);
  const std::string wide(70'000, 'w');
  const std::vector<std::string> texts = {"usual", "<b>", "é\n", "0123456789abcdef", "x", ""};
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
    const bool is_bare = rng.Below(8) == 0;  // Of annotations.
    for (uint64_t i = rng.Below(6) + 1; i > 0; --i) {
      if (rng.Below(6) == 0) pool = labels::SetPool();  // They came in another message.
      alert::Alert& alert = alone.alerts.emplace_back();
      alert.labels = set(false);
      if (!is_bare) alert.annotations = set(round % 20 == 0);
      alert::Alert& same = shared.alerts.emplace_back(alert);
      same.labels = pool.Share(alert.labels);
      same.annotations = pool.Share(alert.annotations);
    }
    const std::string json = GroupJson(alone, {});
    ASSERT_EQ(GroupJson(shared, {}), json) << round;
    ASSERT_THAT(json, HasSubstr(MemberOf("commonLabels", alone.common_labels()))) << round;
    ASSERT_THAT(json, HasSubstr(MemberOf("commonAnnotations", alone.common_annotations())))
        << round;
    GroupJsonOptions few;
    few.listed_max = 2;
    ASSERT_THAT(GroupJson(alone, few), HasSubstr(MemberOf("commonLabels", alone.common_labels())))
        << "of all alerts, also of those that are not listed";
  }
}

// The text of the alerts in it.
std::string AlertsOf(const dispatch::Notification& notification) {
  const std::string json = GroupJson(notification, {});
  const size_t begin = json.find("\"alerts\":[") + 10;
  return json.substr(begin, json.find("],\"notification_reason\"") - begin);
}

TEST(GroupJsonTest, AnAlertIsWrittenAsItIsByItself) {
  struct Row {
    int start;
    int start_zone;
    int end;  // 0: it fires.
    int end_zone;
    const char* url;
  };
  const std::vector<Row> rows = {
      {1, 60, 0, 0, "p"},  {1, 60, 0, 0, "p"}, {1, 60, 5, 0, "p"},  {1, 60, 0, 0, "p"},
      {1, 60, 5, 0, "p"},  {1, 60, 5, 0, "p"}, {1, 60, 5, 60, "p"}, {1, 60, 6, 60, "p"},
      {2, 60, 6, 60, "p"}, {2, 0, 6, 60, "p"}, {2, 0, 6, 60, "q"},  {2, 0, 0, 0, "q"},
      {1, 60, 0, 0, "p"},  {1, 60, 0, 0, "p"},
  };
  dispatch::Notification all;
  all.at = ParseTime("2026-11-30T12:00:00Z").value();
  for (const Row& row : rows) {
    alert::Alert& alert = all.alerts.emplace_back();
    alert.labels =
        labels::LabelSet({{"alertname", "Down"}, {"pod", std::to_string(all.alerts.size() / 2)}});
    alert.starts_at = all.at - std::chrono::hours(row.start);
    alert.starts_zone = static_cast<int16_t>(row.start_zone);
    alert.generator_url = std::string("https://prometheus/") + row.url;
    if (row.end != 0) alert.ends_at = all.at - std::chrono::minutes(row.end);
    alert.ends_zone = static_cast<int16_t>(row.end_zone);
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
