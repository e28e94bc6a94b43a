// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(HeartbeatsTest, AreReadFromEveryFile) {
  World world(
      Minimal("heartbeats:\n- {name: a, every: 2m, matchers: ['alertname=\"Watchdog\"']}\n"));
  world.options.extra_paths = {"more.yml"};
  world.files["more.yml"] =
      "heartbeats: [{name: b, every: 1d, grace: 2h, labels: {team: db}, annotations: {x: y}}]\n";
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const std::vector<Heartbeat>& heartbeats = loaded.config->heartbeats;
  ASSERT_THAT(heartbeats, SizeIs(2));
  EXPECT_EQ(heartbeats[0].every, std::chrono::minutes(2));
  EXPECT_EQ(heartbeats[0].grace, std::chrono::minutes(1));
  ASSERT_THAT(heartbeats[0].matchers, SizeIs(1));
  EXPECT_EQ(heartbeats[1].grace, std::chrono::hours(2));
  EXPECT_EQ(heartbeats[1].labels.Get("team"), "db");
  EXPECT_EQ(heartbeats[1].annotations.Get("x"), "y");
  EXPECT_EQ(loaded.config->original.find("heartbeats"), std::string::npos);
}

TEST(HeartbeatsTest, WhatIsWrongIsSaidWithItsPlace) {
  World world(
      Minimal("heartbeats:\n"
              "- {}\n"
              "- {name: a/b, every: 5m, grase: 1m}\n"
              "- {name: c, every: 2y}\n"
              "- {name: c, every: 5m, labels: {alertname: x}}\n"
              "- {name: d, every: 5m, matchers: ['=']}\n"));
  EXPECT_THAT(
      World::Print(world.Load().problems),
      ElementsAre("w.yml:4:3: a heartbeat needs a name",
                  "w.yml:4:3: every must say how often the heartbeat is expected (such as 5m)",
                  "w.yml:5:4: the name of a heartbeat is part of a path, and cannot have a /",
                  "w.yml:5:26: unknown key \"grase\" (did you mean \"grace\"?)",
                  "w.yml:6:13: every cannot be longer than 366d",
                  "w.yml:7:4: heartbeat name \"c\" is not unique",
                  "w.yml:7:24: the label alertname is the alert's own", testing::_));
}

TEST(HeartbeatsTest, ADatasourceThatIsAskedIsExpectedToAnswer) {
  World world(Minimal("rule_files: [r.yml]\ndatasources: [{name: metrics, url: 'http://p'}]\n"));
  const auto heartbeats = [&world](const std::string& rules) {
    world.files["r.yml"] = rules;
    const Loaded loaded = world.Load();
    EXPECT_NE(loaded.config, nullptr) << rules;
    return loaded.config ? loaded.config->heartbeats : std::vector<Heartbeat>();
  };
  const std::vector<Heartbeat> found = heartbeats(
      "groups:\n- {name: slow, interval: 1h, rules: [{record: a, expr: b}]}\n"
      "- {name: fast, interval: 30s, rules: [{record: c, expr: d}]}\n"
      "- {name: none, interval: 1s, rules: []}\n");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].name, "datasource/metrics");
  EXPECT_EQ(found[0].datasource, "metrics");
  EXPECT_EQ(found[0].every, std::chrono::seconds(30));
  EXPECT_EQ(found[0].grace, std::chrono::minutes(5));
  EXPECT_THAT(heartbeats("groups: []\n"), IsEmpty());
  world.files["w.yml"] += "evaluation: {datasource_down_after: 0s}\n";
  EXPECT_THAT(heartbeats("groups: [{name: x, rules: [{record: a, expr: b}]}]\n"), IsEmpty());
}

}  // namespace
}  // namespace watchfire::config
