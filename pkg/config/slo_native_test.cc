// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What other tools' SLOs are as watchfire/v1, and slo-generator's files, which are read for that.

#include "pkg/config/slo_native.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/slo_for_test.h"

namespace watchfire::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kSloth = R"(
version: prometheus/v1
service: shop
labels: {team: basket}
slos:
  - name: paid
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(e[{{.window}}]))
        total_query: sum(rate(t[{{.window}}]))
    alerting:
      name: ShopBurns
      annotations: {runbook: 'of {{ $labels.team }}'}
      page_alert: {labels: {severity: critical}}
      ticket_alert: {disable: true}
)";

std::string Google(const std::string& method, const std::string& indicator) {
  return "apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\nmetadata: {name: api-up, "
         "labels: {service_name: api, slo_name: up, team: core}}\nspec:\n  description: Is it up\n"
         "  goal: 0.999\n  backend: prometheus\n  method: " +
         method + "\n  service_level_indicator: {" + indicator + "}\n";
}

// The only document that `text` becomes, with ' for ", which is easier to read here.
std::string Native(const std::string& text) {
  const NativeSlos native = ToNative(Read(text).slos);
  EXPECT_THAT(native.left_out, IsEmpty());
  EXPECT_THAT(native.documents, SizeIs(1));
  std::string document = native.documents.empty() ? "" : native.documents[0];
  std::ranges::replace(document, '"', '\'');
  return document;
}

TEST(SloNativeTest, SlothsFile) {
  EXPECT_EQ(
      Native(kSloth),
      "{'version':'watchfire/v1','service':'shop','slos':[{'name':'paid','objective':99.9,"
      "'period':'30d','windows':'workbook','labels':{'team':'basket'},'sli':{'events':{"
      "'error_query':'sum(rate(e[{{.window}}]))','total_query':'sum(rate(t[{{.window}}]))'}},"
      "'alerting':{'name':'ShopBurns','page_alert':{'labels':{'severity':'critical'},"
      "'annotations':{'runbook':'of {{ $labels.team }}'}},'ticket_alert':{'disable':true}}}]}");
}

TEST(SloNativeTest, WaitsAreKept) {
  std::string text = kSloth;
  const std::string before = "page_alert: {";
  text.insert(text.find(before) + before.size(), "for: 5m, ");
  text.insert(text.find("labels: {team"),
              "slo_plugins: {chain: [{id: sloth.dev/contrib/alert_for/v1}]}\n");
  EXPECT_THAT(Native(text), HasSubstr("'of {{ $labels.team }}'},'for':'5m'}"));
}

TEST(SloNativeTest, PyrrasFile) {
  EXPECT_EQ(
      Native(Pyrra("bool_gauge: {metric: probe}")),
      "{'version':'watchfire/v1','service':'media','slos':[{'name':'uploads','objective':99.0,"
      "'period':'4w','windows':'pyrra','labels':{'team':'film'},'sli':{'events':{'error_query':"
      "'(sum(count_over_time(probe[{{.window}}]))) - (sum(sum_over_time(probe[{{.window}}])))',"
      "'total_query':'sum(count_over_time(probe[{{.window}}]))'}},'alerting':{'name':"
      "'ErrorBudgetBurn','page_alert':{'labels':{'severity':'critical'},'annotations':{'runbook':"
      "'https://wiki.example.com/uploads'}},'ticket_alert':{'labels':{'severity':'warning'},"
      "'annotations':{'runbook':'https://wiki.example.com/uploads'}}}}]}");
  // Rows that lie otherwise are a table of its own.
  const std::string own = Native(
      Pyrra("bool_gauge: {metric: probe}", "  alerting: {severities: {mediumBurn: warning}}\n"));
  EXPECT_THAT(own, HasSubstr("'tables':[{'name':'media-uploads-windows','alerts':["
                             "{'severity':'page','long':'1h','short':'5m','factor':14.0},"
                             "{'severity':'ticket','long':'6h','short':'30m','factor':7.0},"));
  EXPECT_THAT(own, HasSubstr("'windows':'media-uploads-windows'"));
}

TEST(SloNativeTest, SloGeneratorsFile) {
  EXPECT_EQ(Native(Google("good_bad_ratio", "filter_good: 'ok[window]', filter_bad: bad")),
            "{'version':'watchfire/v1','service':'api','slos':[{'name':'api-up','objective':99.9,"
            "'period':'30d','windows':'workbook','labels':{'team':'core'},'sli':{'events':{"
            "'error_query':'(sum(increase(bad[{{.window}}]))) or 0 * "
            "(sum(increase(ok[{{.window}}])))','total_query':'((sum(increase(ok[{{.window}}]))) or "
            "0 * (sum(increase(bad[{{.window}}])))) + ((sum(increase(bad[{{.window}}]))) or 0 * "
            "(sum(increase(ok[{{.window}}]))))'}},'alerting':{'name':'ErrorBudgetBurn',"
            "'page_alert':{'annotations':{'description':'Is it up'}},'ticket_alert':{"
            "'annotations':{'description':'Is it up'}}}}]}");
  Slo slo = Read(Google("good_bad_ratio", "filter_good: ok, filter_valid: all, operators: [rate]"))
                .slos[0];
  EXPECT_EQ(slo.total_query, "rate(all[{{.window}}])");
  EXPECT_EQ(slo.error_query,
            "(rate(all[{{.window}}])) - ((rate(ok[{{.window}}])) or 0 * (rate(all[{{.window}}])))");
  slo = Read(Google("distribution_cut", "expression: 's_bucket{a=\"b\"}', threshold_bucket: 0.5"))
            .slos[0];
  EXPECT_EQ(slo.error_query,
            "(sum(increase(s_bucket{a=\"b\",le=\"+Inf\"}[{{.window}}]))) - "
            "(sum(increase(s_bucket{a=\"b\",le=\"0.5\"}[{{.window}}])))");
  slo = Read(Google("query_sli", "expression: 'avg_over_time(free[window:1m])'")).slos[0];
  EXPECT_EQ(slo.error_ratio_query, "1 - (avg_over_time(free[{{.window}}:1m]))");
}

TEST(SloNativeTest, MistakesInSloGeneratorsFilesHaveTheirPlace) {
  const auto problems = [](const std::string& method, const std::string& indicator) {
    Config config;
    return SloProblems(Google(method, indicator), &config);
  };
  EXPECT_THAT(problems("good_bad", "filter_good: ok"),
              Contains("shop.slis.yml:8:3: unknown method \"good_bad\" (one of good_bad_ratio, "
                       "distribution_cut, query_sli)"));
  EXPECT_THAT(problems("good_bad_ratio", "filter_good: 'ok{', filter_bad: x"),
              Contains(HasSubstr("shop.slis.yml:9:46: filter_good: ")));
  EXPECT_THAT(problems("good_bad_ratio", "filter_good: ok"),
              ElementsAre("shop.slis.yml:9:3: exactly one of filter_bad and filter_valid must be "
                          "set"));
}

TEST(SloNativeTest, LeastNumbersOfEventsAreReadFromEveryForm) {
  const Config own = Read(
      "version: watchfire/v1\nservice: shop\nslos:\n- {min_total: 20, min_bad: 2.5, name: paid, "
      "objective: 99, sli: {raw: {error_ratio_query: 'r{{.window}}'}}, alerting: {name: A}}\n");
  EXPECT_EQ(own.slos[0].min_total, 20);
  EXPECT_EQ(own.slos[0].min_bad, 2.5);
  const auto resource = [](const std::string& least) {
    return "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n"
           "metadata: {name: a, annotations: {watchfire/min_bad: '" +
           least +
           "'}}\nspec: {service: shop, slos: [{name: paid, objective: 99, sli: {raw: "
           "{errorRatioQuery: 'r{{.window}}'}}, alerting: {name: A}}]}\n";
  };
  const Config annotated = Read(resource("3"));
  EXPECT_EQ(annotated.slos[0].min_bad, 3);
  EXPECT_EQ(annotated.slos[0].min_total, 0);
  Config none;
  EXPECT_THAT(SloProblems(resource("-1"), &none),
              ElementsAre("shop.slis.yml:3:35: min_bad must be a number of events, 0 or more, not "
                          "\"-1\""));
}

TEST(SloNativeTest, WhatHappensWithoutDataIsReadFromEveryForm) {
  const auto own = [](const std::string& keys) {
    return "version: watchfire/v1\nservice: shop\nslos:\n- {" + keys +
           "name: paid, objective: 99, sli: {raw: {error_ratio_query: 'r{{.window}}'}}, alerting: "
           "{name: A}}\n";
  };
  EXPECT_EQ(Read(own("")).slos[0].no_data, NoData::kOk);
  EXPECT_EQ(Read(own("no_data: ok, ")).slos[0].no_data, NoData::kOk);
  const Config held = Read(own("no_data: hold, no_data_for: 1h, "));
  EXPECT_EQ(held.slos[0].no_data, NoData::kHold);
  EXPECT_EQ(held.slos[0].no_data_for, std::chrono::hours(1));
  const Config annotated = Read(
      "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n"
      "metadata: {name: a, annotations: {watchfire/no_data: alert}}\n"
      "spec: {service: shop, slos: [{name: paid, objective: 99, sli: {raw: "
      "{errorRatioQuery: 'r{{.window}}'}}, alerting: {name: A}}]}\n");
  EXPECT_EQ(annotated.slos[0].no_data, NoData::kAlert);
  EXPECT_EQ(annotated.slos[0].no_data_for, Duration::zero());
  Config none;
  EXPECT_THAT(SloProblems(own("no_data: page, no_data_for: 0s, "), &none),
              ElementsAre("shop.slis.yml:4:4: unknown no_data \"page\" (ok, hold and alert are "
                          "known)",
                          "shop.slis.yml:4:19: no_data_for must be a duration above zero, not "
                          "\"0s\" (as in 15m)"));
  EXPECT_THAT(SloProblems(own("no_data_for: 5m, "), &none),
              Contains(HasSubstr("4:4: no_data_for changes nothing")));
}

TEST(SloNativeTest, AnImportKeepsWhatIsOurs) {
  const Config config = Read(
      "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n"
      "metadata: {name: a, annotations: {watchfire/no_data: hold, watchfire/no_data_for: 20m, "
      "watchfire/min_bad: '2', watchfire/min_total: '20', watchfire/scrape_interval: 75s}}\n"
      "spec: {service: shop, slos: [{name: paid, objective: 99, sli: {raw: "
      "{errorRatioQuery: 'r{{.window}}'}}, alerting: {name: A}}]}\n");
  const NativeSlos native = ToNative(config.slos);
  ASSERT_EQ(native.documents.size(), 1U);
  const Config again = Read(native.documents[0]);
  EXPECT_EQ(again.slos[0].no_data, NoData::kHold);
  EXPECT_EQ(again.slos[0].no_data_for, std::chrono::minutes(20));
  EXPECT_EQ(again.slos[0].min_bad, 2);
  EXPECT_EQ(again.slos[0].min_total, 20);
  EXPECT_EQ(again.slos[0].scrape_interval, std::chrono::seconds(75));
}

TEST(SloNativeTest, WhatTheFormCannotSayIsLeftOut) {
  const Config config = Read(R"(
apiVersion: openslo/v1
kind: SLO
metadata: {name: found}
spec:
  service: search
  indicator:
    metadata: {name: lost}
    spec: {ratioMetric: {rawType: failure, raw: {metricSource: {type: Prometheus, spec: {query: e}}}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
  alertPolicies:
    - metadata: {name: hot}
      spec:
        alertWhenBreaching: true
        conditions:
          - metadata: {name: hot}
            spec: {severity: page, condition: {threshold: 2, lookbackWindow: 1h}}
---
)" + std::string(kSloth));
  const NativeSlos native = ToNative(config.slos);
  EXPECT_THAT(native.left_out,
              ElementsAre("search-found: watchfire/v1 cannot say it: short must be above 0 and "
                          "shorter than long"));
  EXPECT_THAT(native.documents, ElementsAre(HasSubstr("\"service\":\"shop\"")));
}

}  // namespace
}  // namespace watchfire::config
