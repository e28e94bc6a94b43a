// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/route/route.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::route {
namespace {

// A route to `receiver`; a receiver with a "+" at its end continues.
config::Route Node(const std::string& receiver, const std::string& matchers,
                   std::vector<config::Route> routes = {}) {
  config::Route route;
  route.receiver = receiver;
  route.continue_matching = receiver.ends_with('+');
  route.matchers = matcher::Parse(matchers).value();
  route.routes = std::move(routes);
  return route;
}

std::string Names(const std::vector<const config::Route*>& routes) {
  std::string out;
  for (const config::Route* route : routes) out += route->receiver + " ";
  if (!out.empty()) out.pop_back();
  return out;
}

config::Route Tree() {
  return Node("root", "",
              {Node("db", "service=\"db\"",
                    {Node("db-page+", "severity=\"critical\""), Node("db-all", "severity!=\"\"")}),
               Node("audit+", "audit=\"yes\"",
                    {Node("audit-eu", "region=~\"eu-.*\""), Node("audit-us", "region=~\"us-.*\"")}),
               Node("team", "team=\"a\", severity=~\"critical|warning\""),
               Node("no-team", "team=\"\", owner!=\"\"")});
}

TEST(RouteTest, TheDeepestMatchingNodesDeliver) {
  const config::Route root = Tree();
  const std::vector<std::pair<labels::LabelSet, std::string>> cases = {
      {{}, "root"},
      {{{"x", "y"}}, "root"},
      {{{"service", "db"}}, "db"},
      {{{"service", "db"}, {"severity", "info"}}, "db-all"},
      {{{"service", "db"}, {"severity", "critical"}}, "db-page+ db-all"},
      // db has no continue: its siblings are never asked.
      {{{"service", "db"}, {"audit", "yes"}}, "db"},
      {{{"audit", "yes"}}, "audit+"},
      {{{"audit", "yes"}, {"region", "eu-1"}}, "audit-eu"},
      {{{"audit", "yes"}, {"team", "a"}, {"severity", "warning"}, {"region", "us-1"}},
       "audit-us team"},
      {{{"team", "a"}, {"severity", "criticality"}}, "root"},
      {{{"owner", "me"}}, "no-team"},
  };
  for (const auto& [labels, want] : cases) {
    EXPECT_EQ(Names(Match(root, labels)), want) << labels.ToString();
  }
}

TEST(RouterTest, RemembersNoOtherWayThanTheTreeHas) {
  const config::Route root = Tree();
  Router router(root);
  const std::vector<std::string> values = {"", "db", "yes", "eu-1", "us-1", "a", "critical", "x"};
  for (int round = 0; round < 2; ++round) {
    for (const char* name : {"service", "audit", "team", "owner", "unheard-of"}) {
      for (const std::string& value : values) {
        for (const std::string& other : values) {
          const labels::LabelSet labels{{name, value},
                                        {"severity", other},
                                        {"region", other},
                                        {"pod", std::to_string(round)}};
          const Router::Way& way = router.Match(labels);
          EXPECT_EQ(way.routes, Match(root, labels)) << labels.ToString();
          ASSERT_EQ(way.receivers.size(), way.routes.size());
          for (size_t i = 0; i < way.routes.size(); ++i) {
            EXPECT_EQ(way.receivers.list()[i], way.routes[i]->receiver);
          }
        }
      }
    }
  }
}

TEST(RouterTest, ForgetsRatherThanGrowsWithoutEnd) {
  const config::Route root = Node("root", "", {Node("odd", "pod=~\".*[13579]\"")});
  Router router(root);
  for (size_t i = 0; i < limits::kRouterWays + 10; ++i) {
    const labels::LabelSet labels{{"pod", std::to_string(i)}};
    ASSERT_EQ(router.Match(labels).routes.front()->receiver, i % 2 == 1 ? "odd" : "root") << i;
  }
  EXPECT_LE(router.size(), limits::kRouterWays);
}

TEST(RouteTest, AContinuingLastChildDoesNotBringItsParentIn) {
  const config::Route root = Node("root", "", {Node("a+", "x=\"1\"")});
  EXPECT_EQ(Names(Match(root, {{"x", "1"}})), "a+");
}

TEST(RouteTest, TheRootTakesEverything) {
  EXPECT_EQ(Names(Match(Node("root", "x=\"1\""), {})), "root");
}

TEST(RouteTest, AllListsParentsFirst) {
  EXPECT_EQ(Names(All(Tree())), "root db db-page+ db-all audit+ audit-eu audit-us team no-team");
}

TEST(GroupTest, AbsentLabelsStayAbsentAndDotsMeanAll) {
  config::Route route;
  const labels::LabelSet labels{{"alertname", "X"}, {"instance", "h:1"}, {"job", "j"}};
  EXPECT_EQ(GroupLabels(route, labels), labels::LabelSet());
  route.group_by = {"job", "cluster", "alertname"};
  EXPECT_EQ(GroupLabels(route, labels), (labels::LabelSet{{"alertname", "X"}, {"job", "j"}}));
  route.group_by_all = true;
  EXPECT_EQ(GroupLabels(route, labels), labels);
}

TEST(GroupTest, KeysPrintAsAlertmanagersDo) {
  config::Route route;
  route.key = "{}";
  EXPECT_EQ(GroupKey(route, {}), "{}:{}");
  route.key = "{}/{severity=\"critical\"}";
  EXPECT_EQ(GroupKey(route, {{"instance", "h:1"}, {"alertname", "X\t\"\u03a3"}}),
            "{}/{severity=\"critical\"}:{alertname=\"X\\t\\\"\u03a3\", instance=\"h:1\"}");
}

TEST(GroupTest, KeysComeApartAgain) {
  const std::vector<labels::LabelSet> sets = {
      {}, {{"a", "b"}}, {{"alertname", "X\t\"\u03a3}:{"}, {"instance", "h:1"}, {"\u03a3", "\\"}}};
  for (const char* key : {"{}", "{}/{severity=\"critical\"}/{a=~\"x:{\\\"}:{\",b!=\"}\"}"}) {
    for (const labels::LabelSet& labels : sets) {
      config::Route route;
      route.key = key;
      const auto parts = SplitGroupKey(GroupKey(route, labels));
      ASSERT_TRUE(parts.has_value()) << GroupKey(route, labels);
      EXPECT_EQ(parts->route_key, key);
      EXPECT_EQ(parts->group_labels, labels);
    }
  }
  for (const char* bad : {"", "{}", "{}:", "{}:{", "{}:{a=b}", "{}:{a=\"b\"", "{}:{a!=\"b\"}",
                          "{}:{my label=\"b\"}", "\\"}) {
    EXPECT_FALSE(SplitGroupKey(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace watchfire::route
