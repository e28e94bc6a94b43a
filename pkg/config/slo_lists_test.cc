// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLO files as tools write them: lists of resources, keys that their own tool reads over, short
// names; and how far apart scrapes are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/slo_for_test.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SloListsTest, WhatKubectlPrintsIsRead) {
  const Config config = Read(R"(
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
  - apiVersion: sloth.slok.dev/v1
    kind: PrometheusServiceLevel
    metadata: {name: till, namespace: shop, generation: 2, uid: 0b1c}
    spec:
      service: till
      slos:
        - name: paid
          objective: 99.9
          sli: {raw: {errorRatioQuery: 'x{{.window}}'}}
          alerting: {name: TillFails}
    status: {processedSLOs: 1}
  - apiVersion: v1
    kind: List
    items:
      - apiVersion: pyrra.dev/v1alpha1
        kind: ServiceLevelObjective
        metadata: {name: u, namespace: media}
        spec:
          target: "99"
          window: 4w
          indicator: {bool_gauge: {metric: probe}}
)");
  ASSERT_THAT(config.slos, SizeIs(2));
  EXPECT_EQ(config.slos[0].id, "till-paid");
  EXPECT_EQ(config.slos[1].id, "media-u") << "one letter is a name in Kubernetes";
}

TEST(SloListsTest, AListIsOneOfResources) {
  Config config;
  EXPECT_THAT(SloProblems("kind: PrometheusServiceLevelList\nmetadata: {}\n", &config),
              ElementsAre("shop.slis.yml:1:1: items must be set (a list of resources)"));
  EXPECT_THAT(SloProblems("apiVersion: v1\nkind: List\nitems: []\n", &config), IsEmpty());
}

TEST(SloListsTest, KeysThatSlothReadsOverAreWarnings) {
  const auto text = [](const std::string& version) {
    return "version: " + version + R"(
service: till
owner: us
slos:
  - name: paid
    objective: 99.9
    sli: {raw: {error_ratio_query: 'x{{.window}}', step: 5m}}
    alerting: {name: TillFails, page: {}, page_alert: {labls: {a: b}}}
)";
  };
  Config config;
  const std::vector<std::string> read = SloProblems(text("prometheus/v1"), &config);
  ASSERT_THAT(read, SizeIs(4));
  for (const std::string& problem : read) EXPECT_TRUE(problem.starts_with("warning ")) << problem;
  EXPECT_THAT(config.slos, SizeIs(1));
  // Ours has nobody else to ask what it means.
  Config other;
  const std::vector<std::string> own = SloProblems(text("watchfire/v1"), &other);
  ASSERT_THAT(own, SizeIs(4));
  for (const std::string& problem : own) EXPECT_FALSE(problem.starts_with("warning ")) << problem;
}

std::string Native(const std::string& head, const std::string& more) {
  return "version: watchfire/v1\nservice: a\n" + head +
         "slos:\n  - name: b\n    objective: 99.9\n    sli: {raw: {error_ratio_query: "
         "'x{{.window}}'}}\n    alerting: {name: A}\n" +
         more;
}

TEST(SloListsTest, OneLetterIsANameInOurOwnForm) {
  EXPECT_EQ(Read(Native("", "")).slos[0].id, "a-b");
}

// What is nearest to the SLO counts: its own, its datasource's, the evaluation's.
TEST(SloListsTest, ADatasourceSaysHowOftenItScrapes) {
  Config config;
  config.datasources.emplace_back().scrape_interval = std::chrono::minutes(2);
  config.datasources.emplace_back().scrape_interval = std::chrono::seconds(10);
  EXPECT_THAT(SloProblems(Native("", ""), &config),
              ElementsAre(testing::HasSubstr("its metrics are scraped every 2m ")));
  config.slos.clear();
  config.evaluation.scrape_interval = std::chrono::seconds(15);
  EXPECT_THAT(SloProblems(Native("", ""), &config), SizeIs(1));
  config.slos.clear();
  EXPECT_THAT(SloProblems(Native("", "    scrape_interval: 30s\n"), &config), IsEmpty());
  config.slos.clear();
  config.datasources[0].scrape_interval = std::chrono::seconds(30);
  config.evaluation.scrape_interval = std::chrono::minutes(2);
  EXPECT_THAT(SloProblems(Native("", ""), &config), IsEmpty());
}

TEST(SloListsTest, WindowsMustHoldFourScrapes) {
  const std::string warning =
      "warning shop.slis.yml:5:5: the window of 5m of a-b is too short: its metrics are scraped "
      "every 2m (four samples should fit into it: scrape more often, or choose longer windows)";
  Config config;
  config.evaluation.scrape_interval = std::chrono::minutes(2);
  EXPECT_THAT(SloProblems(Native("", ""), &config), ElementsAre(warning));
  config.slos.clear();
  EXPECT_THAT(SloProblems(Native("", "    scrape_interval: 75s\n"), &config), IsEmpty());
  Config other;
  EXPECT_THAT(SloProblems(Native("", "    scrape_interval: 2m\n"), &other), ElementsAre(warning));
  other.slos.clear();
  std::string moved = warning;
  moved.replace(moved.find(":5:5:"), 5, ":6:5:");
  EXPECT_THAT(SloProblems(Native("scrape_interval: 2m\n", ""), &other), ElementsAre(moved));
  other.slos.clear();
  EXPECT_THAT(SloProblems(Native("scrape_interval: 2m\n", "    scrape_interval: 30s\n"), &other),
              IsEmpty());
  other.slos.clear();
  EXPECT_THAT(SloProblems(Native("", "    scrape_interval: often\n"), &other),
              ElementsAre("shop.slis.yml:8:5: scrape_interval must be a duration above zero, not "
                          "\"often\" (as in 30s)"));
}

}  // namespace
}  // namespace watchfire::config
