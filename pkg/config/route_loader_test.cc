// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

World Tree(const std::string& route) {
  return World(route + "\nreceivers: [{name: a}, {name: b}]\n");
}

TEST(RouteLoaderTest, WhatARouteDoesNotSayComesFromItsParent) {
  const Loaded loaded = Tree(
                            "route:\n"
                            "  receiver: a\n"
                            "  group_by: [x, y]\n"
                            "  group_wait: 1s\n"
                            "  repeat_interval: 2h\n"
                            "  routes:\n"
                            "    - matchers: ['b=\"2\", a=\"1\"']\n"
                            "      continue: true\n"
                            "      group_interval: 7m\n"
                            "      routes: [{receiver: b, group_by: []}, {group_by: ['...']}]\n"
                            "    - matchers: ['b=\"2\"', 'a=\"1\"']\n"
                            "      group_wait: 0s")
                            .Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const Route& root = loaded.config->route;
  EXPECT_EQ(root.key, "{}");
  EXPECT_EQ(root.id, "{}");
  EXPECT_EQ(root.group_interval, minutes(5));
  ASSERT_THAT(root.routes, SizeIs(2));
  const Route& first = root.routes[0];
  EXPECT_EQ(first.receiver, "a");
  EXPECT_THAT(first.group_by, ElementsAre("x", "y"));
  EXPECT_TRUE(first.continue_matching);
  EXPECT_EQ(first.group_wait, seconds(1));
  EXPECT_EQ(first.group_interval, minutes(7));
  EXPECT_EQ(first.repeat_interval, hours(2));
  EXPECT_EQ(first.key, "{}/{a=\"1\",b=\"2\"}");
  EXPECT_EQ(first.id, "{}/{a=\"1\",b=\"2\"}/0");
  ASSERT_THAT(first.routes, SizeIs(2));
  const Route& leaf = first.routes[0];
  EXPECT_EQ(leaf.receiver, "b");
  EXPECT_THAT(leaf.group_by, IsEmpty()) << "[] overrides";
  EXPECT_FALSE(leaf.group_by_all);
  EXPECT_FALSE(leaf.continue_matching) << "never inherited";
  EXPECT_THAT(leaf.matchers, IsEmpty()) << "own ones only";
  EXPECT_EQ(leaf.group_interval, minutes(7));
  EXPECT_EQ(leaf.id, "{}/{a=\"1\",b=\"2\"}/0/{}/0");
  EXPECT_TRUE(first.routes[1].group_by_all);
  EXPECT_EQ(root.routes[1].key, first.key) << "equal siblings share a key";
  EXPECT_EQ(root.routes[1].id, "{}/{a=\"1\",b=\"2\"}/1") << "but no id";
  EXPECT_EQ(root.routes[1].group_wait, seconds(0));
}

TEST(RouteLoaderTest, AllWaysToWriteMatchersAreJoined) {
  const Loaded loaded = Tree(
                            "route:\n"
                            "  receiver: a\n"
                            "  routes:\n"
                            "    - {receiver: b, match: {a: '1'}, match_re: {b: 'x|y'},\n"
                            "       matchers: ['c!=\"3\"', 'd!~\"z\"']}")
                            .Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.config->route.routes[0].key, "{}/{a=\"1\",b=~\"^(?:x|y)$\",c!=\"3\",d!~\"z\"}");
}

TEST(RouteLoaderTest, MistakesHaveTheirText) {
  const std::string head = "route:\n  receiver: a\n  ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"route: {}", "w.yml:1:1: root route must specify a default receiver"},
      {"route: []", "w.yml:1:1: route must be a mapping, found a list"},
      {"route: {receiver: nobody}", "w.yml:1:9: undefined receiver \"nobody\" used in route"},
      {head + "continue: true", "w.yml:3:3: cannot have continue in root route"},
      {head + "matchers: [a=b]", "w.yml:3:3: root route must not have any matchers"},
      {head + "match: {a: b}", "w.yml:3:3: root route must not have any matchers"},
      {head + "mute_time_intervals: [x]",
       "w.yml:3:3: root route must not have any mute time intervals"},
      {head + "active_time_intervals: [x]",
       "w.yml:3:3: root route must not have any active time intervals"},
      {head + "routes: [{mute_time_intervals: [x]}]",
       "w.yml:3:35: undefined time interval \"x\" used in route"},
      {head + "routes: [{active_time_intervals: [nigts]}]\ntime_intervals: [{name: nights}]",
       "w.yml:3:37: undefined time interval \"nigts\" used in route (did you mean \"nights\"?)"},
      {head + "routes: [{active_time_intervals: x}]",
       "w.yml:3:13: active_time_intervals must be a list, found a text"},
      {head + "group_by: ['']", "w.yml:3:14: invalid label name \"\" in group_by list"},
      {head + "group_by: [x, x]", "w.yml:3:17: duplicated label \"x\" in group_by"},
      {head + "group_by: [x, '...']",
       "w.yml:3:3: cannot have wildcard group_by (`...`) and other labels at the same time"},
      {head + "group_by: x", "w.yml:3:3: group_by must be a list, found a text"},
      {head + "group_by: [[x]]", "w.yml:3:14: an entry of group_by must be a text, found a list"},
      {head + "group_interval: 0s", "w.yml:3:3: group_interval cannot be zero"},
      {head + "repeat_interval: 0s", "w.yml:3:3: repeat_interval cannot be zero"},
      {head + "repeat_interval: ''",
       "w.yml:3:3: repeat_interval: empty duration string (write it like 30s, 5m or 1h30m)"},
      {head + "routes: [{matchers: [foo]}]",
       "w.yml:3:24: bad matcher format: foo (a matcher looks like severity=\"critical\" or "
       "team=~\"a|b\")"},
      {head + "routes: [{match: {a-b: x}}]", "w.yml:3:21: invalid label name \"a-b\""},
      {head + "routes: [{match_re: {a: }}]", "w.yml:3:24: invalid regexp value for \"a\""},
      {head + "routes: [null, 5]",
       "w.yml:3:18: an entry of routes must be a mapping, found a text"},
      {head + "exact_repeat: true", "w.yml:3:3: exact_repeat needs delivery: strict"},
      {head + "delivery: strict\n  routes: [{delivery: alertmanager, prompt_resolved: true}]",
       "w.yml:4:37: prompt_resolved needs delivery: strict"},
      {head + "routes: [{recever: b}]",
       "w.yml:3:13: unknown key \"recever\" (did you mean \"receiver\"?)"},
  };
  for (const auto& [route, want] : cases) {
    EXPECT_THAT(Tree(route).Problems(), Contains(want)) << route;
    EXPECT_EQ(Tree(route).Load().config, nullptr) << route;
  }
}

TEST(RouteLoaderTest, LabelsAreInheritedAndTheNearestWins) {
  const Loaded loaded = Tree(
                            "route:\n  receiver: a\n  labels: {team: x, tier: 1}\n"
                            "  routes: [{labels: {team: '{{ .y }}'}, routes: [{}]}]")
                            .Load();
  ASSERT_NE(loaded.config, nullptr);
  const Route& leaf = loaded.config->route.routes[0].routes[0];
  EXPECT_THAT(leaf.labels,
              ElementsAre(testing::Pair("team", "{{ .y }}"), testing::Pair("tier", "1")));
}

TEST(RouteLoaderTest, DeliveryIsTheReceiversElseTheRoutesElseTheFiles) {
  const auto load = [](const std::string& more) {
    return World(
               "delivery: strict\nexact_repeat: false\nprompt_resolved: true\n"
               "receivers:\n- {name: a}\n- {name: lax, delivery: alertmanager}\n"
               "- {name: sure, delivery: strict, deadline: 2m}\n" +
               more)
        .Load();
  };
  const Loaded loaded = load(
      "route:\n  receiver: a\n  routes:\n  - {prompt_resolved: false, routes: [{}]}\n"
      "  - {receiver: lax}\n  - {delivery: alertmanager, routes: [{receiver: sure}]}\n");
  ASSERT_THAT(World::Print(loaded.problems), testing::IsEmpty());
  EXPECT_EQ(loaded.config->delivery, Delivery::kStrict);
  const Route& root = loaded.config->route;
  EXPECT_EQ(root.delivery, Delivery::kStrict);
  EXPECT_TRUE(root.prompt_resolved);
  EXPECT_FALSE(root.exact_repeat);
  EXPECT_FALSE(root.routes[0].routes[0].prompt_resolved) << "inherited";
  EXPECT_EQ(root.routes[1].delivery, Delivery::kAlertmanager) << "its receiver says so";
  EXPECT_FALSE(root.routes[1].prompt_resolved);
  EXPECT_EQ(root.routes[2].delivery, Delivery::kAlertmanager);
  EXPECT_EQ(root.routes[2].routes[0].delivery, Delivery::kStrict) << "its receiver says so";
  EXPECT_TRUE(root.routes[2].routes[0].prompt_resolved);
  EXPECT_EQ(loaded.config->receivers[2].deadline, std::chrono::minutes(2));
  EXPECT_THAT(loaded.config->original, testing::Not(testing::HasSubstr("delivery")));
  EXPECT_THAT(loaded.config->original, testing::Not(testing::HasSubstr("deadline")));
  EXPECT_EQ(World(Minimal()).Load().config->route.delivery, Delivery::kAlertmanager);
  const Route strict = World(Minimal("delivery: strict\n")).Load().config->route;
  EXPECT_TRUE(strict.exact_repeat);
  EXPECT_FALSE(strict.prompt_resolved);
}

TEST(RouteLoaderTest, ADeadlineIsForStrictReceivers) {
  const World idle("route: {receiver: a}\nreceivers:\n- name: a\n  deadline: 1m\n");
  EXPECT_THAT(idle.Problems(), ElementsAre("w.yml:4:3: deadline needs delivery: strict"));
  const World zero(
      "route: {receiver: a}\nreceivers:\n- {name: a, delivery: strict, deadline: 0s}\n");
  EXPECT_THAT(zero.Problems(), ElementsAre("w.yml:3:31: deadline cannot be zero"));
}

TEST(RouteLoaderTest, ABadRegexSaysWhy) {
  EXPECT_THAT(Tree("route:\n  receiver: a\n  routes:\n    - match_re: {a: '(b'}").Problems(),
              Contains(testing::HasSubstr("w.yml:4:18: error parsing regexp: ")));
}

TEST(RouteLoaderTest, ClassicModeIsStricterOnLabelNames) {
  World world = Tree("route: {receiver: a, group_by: [-invalid-]}");
  EXPECT_NE(world.Load().config, nullptr);
  world.options.matcher_mode = matcher::Mode::kClassic;
  EXPECT_THAT(world.Problems(),
              Contains("w.yml:1:33: invalid label name \"-invalid-\" in group_by list"));
}

TEST(RouteLoaderTest, OddTimesAndIdleReceiversOnlyWarn) {
  const World world = Tree("route: {receiver: a, group_interval: 10m, repeat_interval: 5m}");
  EXPECT_THAT(
      world.Problems(),
      ElementsAre("warning w.yml:1:43: repeat_interval 5m is less than group_interval 10m (a group "
                  "repeats no more often than it is looked at)",
                  "warning w.yml:2:25: receiver \"b\" is used by no route"));
  EXPECT_NE(world.Load().config, nullptr);
}

TEST(RouteLoaderTest, RepetitionsLongerThanTheMemoryAreWarnedOfOnceUnlessStrict) {
  World world = Tree(
      "route:\n  receiver: a\n  repeat_interval: 6d\n  routes:\n"
      "  - {matchers: [x=1]}\n"
      "  - {matchers: [x=2], receiver: b}\n"
      "  - {matchers: [x=3], repeat_interval: 10d, delivery: strict}\n"
      "  - {matchers: [x=4], repeat_interval: 5d}\n"
      "  - {matchers: [x=5], repeat_interval: 1w}");
  EXPECT_THAT(world.Problems(), IsEmpty()) << "who only checks the file knows no flag";
  world.options.retention = hours(120);
  const std::string rest =
      " is longer than --data.retention 5d: what a receiver was told is forgotten and told again "
      "after that (raise --data.retention, or set delivery: strict)";
  EXPECT_THAT(world.Problems(), ElementsAre("warning w.yml:3:3: repeat_interval 6d" + rest,
                                            "warning w.yml:6:5: repeat_interval 6d" + rest,
                                            "warning w.yml:9:23: repeat_interval 1w" + rest));
  EXPECT_NE(world.Load().config, nullptr);
}

TEST(RouteLoaderTest, DeepTreesAreRefusedByTheirDepth) {
  std::string route = "route: {receiver: a, routes: [";
  for (int i = 0; i < 40; ++i) route += "{routes: [";
  for (int i = 0; i < 40; ++i) route += "]}";
  EXPECT_THAT(Tree(route + "]}").Problems(),
              Contains(testing::HasSubstr("nested deeper than 64 levels")));
}

}  // namespace
}  // namespace watchfire::config
