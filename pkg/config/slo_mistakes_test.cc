// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is wrong with SLO files, and what cannot work although nothing is.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Problems(const std::string& text,
                                  Duration interval = std::chrono::minutes(1)) {
  Config config;
  config.evaluation.interval = interval;
  return World::Print(LoadSloFile("s.yml", text, &config));
}

const std::string kOpen = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: ab}\nspec:\n";
const std::string kIndicator =
    "  indicator: {spec: {ratioMetric: {rawType: failure, raw: {metricSource: {type: prometheus, "
    "spec: {query: e}}}}}}\n";
const std::string kRest =
    "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: [{duration: 28d, isRolling: "
    "true}]\n  objectives: [{target: 0.99}]\n";
const std::string kPyrra =
    "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: ab}\nspec:\n";

// What cannot be read is not also too small.
TEST(SloMistakesTest, WhatIsNoNumberIsOneError) {
  const std::string sli = "sli: {raw: {error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}";
  const std::string sloth = "version: prometheus/v1\nservice: shop\nslos: [{name: ab, ";
  const std::string slices =
      "  service: shop\n  budgetingMethod: Timeslices\n  timeWindow: [{duration: 28d, isRolling: "
      "true}]\n  objectives: [{";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {sloth + "objective: \"100\", " + sli + "}]\n", ":3:19: objective must be a number"},
      {kOpen + kIndicator + slices +
           "targetPercent: \"100\", timeSliceTarget: x, timeSliceWindow: 5m}]\n",
       ":9:17: targetPercent must be a number"},
      {kPyrra + "  target: '99'\n  window: 30q\n  indicator: {bool_gauge: {metric: e}}\n",
       ":6:3: window: not a valid duration string"},
      {"apiVersion: sre.google.com/v2\nkind: ServiceLevelObjective\nmetadata: {name: ab, labels: "
       "{service_name: shop}}\nspec: {goal: \"1\", backend: prometheus, method: query_sli, "
       "service_level_indicator: {expression: 'sum(rate(x[window]))'}}\n",
       ":4:8: goal must be a number"},
      {"service: shop\nslis: [{name: ab, query: 'avg_over_time(up[30d])', target: x}]\n",
       ":2:52: target must be a number"},
      {"policy: {name: p, slo: {target: x, measurement_window: 3}, actions: [{condition: "
       "budget_remaining > 0, actions: [a]}, {condition: budget_exhausted, actions: [a]}]}\n",
       ":1:25: target must be a number"},
      {"version: watchfire/v1\ntables: [{name: t, alerts: [{severity: page, long: 1x, short: 5m, "
       "factor: x}]}]\n",
       ":2:46: long: not a valid duration string"}};
  for (const auto& [text, want] : cases) {
    const std::vector<std::string> problems = Problems(text);
    EXPECT_THAT(problems, Contains(HasSubstr(want)));
    const auto is_second = [](const std::string& problem) {
      return problem.find("above 0") != std::string::npos ||
             problem.find("between 0") != std::string::npos;
    };
    EXPECT_TRUE(std::ranges::none_of(problems, is_second)) << testing::PrintToString(problems);
  }
}

TEST(SloMistakesTest, ReferencesToNothingSayWhatIsMeant) {
  const std::string sli =
      "---\napiVersion: openslo/v1\nkind: SLI\nmetadata: {name: answered}\nspec: {ratioMetric: "
      "{rawType: failure, raw: {metricSource: {metricSourceRef: prom, spec: {query: e}}}}}\n";
  EXPECT_THAT(Problems(kOpen + kRest + "  indicatorRef: answerd\n" + sli),
              ElementsAre("s.yml:9:3: there is no SLI \"answerd\" (did you mean \"answered\"?)",
                          "s.yml:14:61: there is no DataSource \"prom\""));
  EXPECT_THAT(Problems(kOpen + kRest + kIndicator +
                       "  alertPolicies:\n    - {alertPolicyRef: x}\n    - {metadata: {name: p}, "
                       "spec: {alertWhenBreaching: true, conditions: [{conditionRef: y}], "
                       "notificationTargets: [{targetRef: z}]}}\n"),
              ElementsAre("s.yml:11:8: there is no AlertPolicy \"x\"",
                          "s.yml:12:76: there is no AlertCondition \"y\"",
                          "s.yml:12:118: there is no AlertNotificationTarget \"z\""));
}

// As OpenSLO's own examples have it: one file with SLIs of several systems.
TEST(SloMistakesTest, WhatIsOfAnotherSystemIsWrongForTheSlosThatNeedIt) {
  const std::string others =
      "---\napiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: dog}\nspec: {type: Datadog, "
      "connectionDetails: {key: x}}\n---\napiVersion: openslo/v1\nkind: SLI\nmetadata: {name: "
      "foreign}\nspec: {thresholdMetric: {metricSource: {metricSourceRef: dog, spec: {path: "
      "a|b}}}}\n";
  const auto warnings = [](const std::string& line) {
    return ElementsAre(HasSubstr("warning s.yml:" + line +
                                 ":8: metric sources of type \"Datadog\" "
                                 "are not supported: no SLO can be asked of it"),
                       HasSubstr("\"Datadog\" are not supported: no SLO can have this SLI"));
  };
  EXPECT_THAT(Problems(kOpen + kIndicator + kRest + others), warnings("14"));
  EXPECT_THAT(Problems(kOpen + "  indicatorRef: foreign\n" + kRest + others),
              testing::Contains("s.yml:5:3: metric sources of type \"Datadog\" are not supported "
                                "(Prometheus, Thanos, Mimir, Cortex and VictoriaMetrics are)"));
}

// What a source is told beside its query is its own; which source it is matters little here.
TEST(SloMistakesTest, MetricSourcesMaySayMoreThanIsNeeded) {
  EXPECT_THAT(Problems(kOpen +
                       "  indicator: {spec: {ratioMetric: {rawType: failure, raw: {metricSource: "
                       "{metricSourceRef: thanos, type: Prometheus, spec: {query: e, dimensions: "
                       "[a]}}}}}}\n" +
                       kRest),
              ElementsAre(HasSubstr("there is no DataSource \"thanos\""),
                          HasSubstr("unknown key \"dimensions\" has no effect")));
  EXPECT_THAT(
      Problems(kOpen + kIndicator +
               "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: [{duration: "
               "28d, isRolling: true}]\n  objectives: [{target: 0.99, op: gte, value: 1}]\n"),
      ElementsAre(HasSubstr("value has no effect")));
}

std::string Draft(const std::string& window, const std::string& objective) {
  return "apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: paid}\nspec:\n  service: shop\n"
         "  budgetingMethod: Occurrences\n  timeWindows: [" +
         window + "]\n  objectives:\n    - " + objective + "\n";
}

TEST(SloMistakesTest, AnObjectiveOfOpenSlosDraftIsAnSlo) {
  Config config;
  const std::string text =
      "apiVersion: openslo/v1alpha\nkind: Service\nmetadata: {name: shop}\n---\n" +
      Draft("{unit: Day, count: 30, isRolling: true}",
            "{op: lte, value: 1, target: 0.999, ratioMetrics: {good: {source: prometheus, "
            "queryType: promql, query: 'sum(rate(ok[{{.window}}]))'}, total: {source: prometheus, "
            "queryType: promql, query: 'sum(rate(all[{{.window}}]))'}}}");
  EXPECT_THAT(World::Print(LoadSloFile("s.yml", text, &config)), IsEmpty());
  ASSERT_EQ(config.slos.size(), 1U);
  EXPECT_EQ(config.slos[0].id, "shop-paid-0");
  EXPECT_EQ(config.slos[0].objective, 99.9);
  EXPECT_EQ(config.slos[0].period, std::chrono::hours(24 * 30));
  EXPECT_EQ(config.slos[0].total_query, "sum(rate(all[{{.window}}]))");
  EXPECT_THAT(config.slos[0].error_query, HasSubstr("sum(rate(ok[{{.window}}]))"));
}

TEST(SloMistakesTest, WhatOpenSlosDraftHasBesideThatIsToldApart) {
  EXPECT_THAT(Problems(Draft("{unit: Month, count: 1}", "{target: 0.9}")),
              ElementsAre(HasSubstr("7:18: unit \"Month\" is not supported in openslo/v1alpha"),
                          HasSubstr("9:7: ratioMetrics must be set (thresholds and slices")));
  EXPECT_THAT(Problems(Draft("{unit: Day, count: 7}",
                             "{target: 0.9, ratioMetrics: {good: {source: prometheus, query: ok}, "
                             "total: {source: prometheus, query: 'all'}}}")),
              Contains(HasSubstr("it is not clear where its window is")));
}

TEST(SloMistakesTest, ABareNameOfAnAlertPolicyIsLookedUp) {
  EXPECT_THAT(Problems(kOpen + kRest + kIndicator + "  alertPolicies: [urgnt]\n" +
                       "---\napiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {name: urgent}\n"
                       "spec: {alertWhenBreaching: true, conditions: [{kind: AlertCondition, "
                       "metadata: {name: hot}, spec: {severity: page, condition: {threshold: 2, "
                       "lookbackWindow: 1h}}}]}\n"),
              ElementsAre("s.yml:10:19: there is no AlertPolicy \"urgnt\" (did you mean "
                          "\"urgent\"?)"));
}

TEST(SloMistakesTest, AnOpWithoutAThresholdMattersOnlyIfItIsTheOpposite) {
  const auto with_op = [](const std::string& op) {
    return Problems(kOpen +
                    "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: [{duration: "
                    "28d, isRolling: true}]\n  objectives: [{target: 0.99, op: " +
                    op + "}]\n" + kIndicator);
  };
  EXPECT_THAT(with_op("gte"), IsEmpty());
  EXPECT_THAT(with_op("gt"), IsEmpty());
  EXPECT_THAT(with_op("lte"),
              ElementsAre("warning s.yml:8:31: op: lte has no effect: more good events are better "
                          "here (it goes with thresholdMetric only)"));
  EXPECT_THAT(with_op("eq"), Contains(HasSubstr("s.yml:8:31: unknown op \"eq\"")));
}

TEST(SloMistakesTest, WindowsAreNotChosenTwice) {
  const auto slo = [](const std::string& when) {
    return "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: ab, annotations: "
           "{watchfire/windows: guide}}\nspec:\n" +
           kRest + kIndicator + "  alertPolicies: [{metadata: {name: p}, spec: {" + when +
           ": true, conditions: [{metadata: {name: c}, spec: {severity: page, condition: "
           "{threshold: 2, lookbackWindow: 1h}}}]}}]\n";
  };
  EXPECT_THAT(Problems(slo("alertWhenBreaching")),
              ElementsAre("s.yml:3:36: watchfire/windows and alertPolicies that alert when "
                          "breaching exclude each other (their conditions are windows, too: keep "
                          "one of both)"));
  // One that is for missing data only leaves the burn rates to the table.
  Config config;
  EXPECT_THAT(World::Print(LoadSloFile("s.yml", slo("alertWhenNoData"), &config)), IsEmpty());
  ASSERT_EQ(config.slos.size(), 1U);
  ASSERT_EQ(config.slos[0].page_windows.size(), 1U);
  EXPECT_EQ(config.slos[0].page_windows[0].factor, 4);
  EXPECT_FALSE(config.slos[0].page.disabled);
}

using Cases = std::vector<std::pair<std::string, std::string>>;

void Check(const Cases& cases) {
  for (const auto& [text, want] : cases) EXPECT_THAT(Problems(text), Contains(want)) << text;
}

TEST(SloMistakesTest, ThoseOfOpenSloHaveTheirTextAndPlace) {
  Check({
      {kOpen + kIndicator + kRest + "  indicatorRef: x\n",
       "s.yml:10:3: exactly one of indicator and indicatorRef must be set"},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Occurences\n  objectives: "
           "[{target: 0.99}]\n",
       "s.yml:7:3: unknown budgetingMethod \"Occurences\" (one of Occurrences, Timeslices, "
       "RatioTimeslices)"},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Timeslices\n  objectives: "
           "[{target: 0.99, timeSliceWindow: 1M}]\n",
       "s.yml:8:31: timeSliceWindow: months, quarters and years have no fixed length (write it in "
       "days, or have a calendar)"},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: [{duration: 9999w, "
           "isRolling: true}]\n  objectives: [{target: 0.9}]\n",
       "s.yml:8:17: duration must be at most 20 years, found \"9999w\""},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: "
           "[{duration: 1M}]\n  objectives: [{target: 1.5}]\n",
       "s.yml:8:16: a window that does not roll needs a calendar (set isRolling: true, or calendar "
       "with startTime and timeZone)"},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: "
           "[{duration: 1M, calendar: {startTime: 2026-02-30 00:00:00, timeZone: "
           "Mars/North}}]\n  objectives: [{target: 0.9}]\n",
       "s.yml:8:42: not a valid startTime: \"2026-02-30 00:00:00\" (as in 2026-01-01 00:00:00)"},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Occurrences\n  objectives: "
           "[{target: 1.5}]\n",
       "s.yml:8:17: target must be above 0 and below all (target is a share, as in 0.999; "
       "targetPercent is 99.9 then)"},
      {kOpen + kIndicator + kRest + "  objectivs: []\n",
       "s.yml:10:3: unknown key \"objectivs\" (did you mean \"objectives\"?)"},
      {kOpen +
           "  indicator: {spec: {thresholdMetric: {metricSource: {type: Datadog, spec: "
           "{query: e}}}}}\n" +
           kRest,
       "s.yml:5:55: metric sources of type \"Datadog\" are not supported (Prometheus, Thanos, "
       "Mimir, Cortex and VictoriaMetrics are)"},
      {kOpen +
           "  indicator: {spec: {ratioMetric: {bad: {metricSource: {type: prometheus, spec: "
           "{query: 'rate(a[5m]) + rate(b[1h])'}}}, total: {metricSource: {type: prometheus, "
           "spec: {query: t}}}}}}\n" +
           kRest,
       "s.yml:5:36: bad has several ranges: which of them is the window? (write {{.window}} "
       "there)"},
      {kOpen +
           "  indicator: {spec: {ratioMetric: {rawType: failure, raw: {metricSource: {type: "
           "prometheus, spec: {query: 'sum(e'}}}}}}\n" +
           kRest,
       "s.yml:5:113: query: unclosed left parenthesis"},
      {"apiVersion: openslo/v1\nkind: SLOs\n",
       "s.yml:2:1: unknown kind \"SLOs\" of openslo/v1 (did you mean \"SLO\"?)"},
      {"apiVersion: openslo/v2\nkind: SLO\n",
       "s.yml:1:1: kind \"SLO\" of \"openslo/v2\" is not supported (supported: version: "
       "prometheus/v1 or watchfire/v1, slis:, policy:, Sloth's PrometheusServiceLevel and "
       "AlertWindows, openslo/v1, SLOs of openslo/v1alpha, and the ServiceLevelObjective of Pyrra "
       "and of slo-generator)"},
  });
}

TEST(SloMistakesTest, ThoseOfOtherFormatsHaveTheirTextAndPlace) {
  Check({
      {kPyrra + "  target: '99'\n  window: 4w\n  indicator: {}\n",
       "s.yml:7:3: one of ratio, latency, latencyNative and bool_gauge must be set"},
      {kPyrra + "  target: '99'\n  window: 4w\n  indicator: {ratio: {errors: {metric: e}, total: "
                "{metric: t}}, latency: {}}\n",
       "s.yml:7:65: ratio and latency cannot both be set"},
      {kPyrra +
           "  target: '99'\n  window: 4w\n  indicator: {bool_gauge: {metric: 'rate(e[5m])'}}\n",
       "s.yml:7:28: metric must be a plain selector (as in requests_total{job=\"api\"}, without "
       "functions and @)"},
      {kPyrra + "  target: '99'\n  window: 4w\n  indicator: {ratio: {errors: {metric: e}, total: "
                "{metric: t}, success: {metric: s}}}\n",
       "s.yml:7:64: exactly two of errors, success and total must be set (the third follows from "
       "them)"},
      {kPyrra + "  target: '99'\n  window: 4w\n  indicator: {latency: {success: {metric: b}, "
                "total: {metric: c}}}\n",
       "s.yml:7:25: success must say which bucket is good (with a matcher such as le=\"0.5\")"},
      {kPyrra + "  target: '0.99'\n  window: 4w\n  indicator: {bool_gauge: {metric: e}}\n",
       "warning s.yml:5:3: a target of 0.99 is less than one percent (it is given in percent: "
       "99.9, not 0.999)"},
      {"slis: [{name: ab, query: 'sum(rate(a[5m])) / sum(rate(b[1h]))', target: 0.9}]\n",
       "s.yml:1:19: query must have one range, that of the period (as in "
       "rate(requests_total[30d]))"},
      {"service: shop\nslis: [{name: ab, query: 'avg_over_time(up[30d])', target: 5}]\n",
       "s.yml:2:52: target must be between 0 and 1, both excluded (a share of good events, as in "
       "0.999)"},
      {"policy: {name: p, slo: {target: 0.9, measurement_window: 30d}, actions: [{condition: "
       "budget > 0.5, actions: [a]}]}\n",
       "s.yml:1:75: not a condition: \"budget > 0.5\" (budget_exhausted, budget_remaining > 0.5 "
       "(or "
       ">= < <=), or budget_remaining between 0.2 and 0.5)"},
      {kOpen + kIndicator +
           "  service: shop\n  budgetingMethod: Occurrences\n  objectives: [{target: 0.9}]\n",
       "s.yml:4:1: timeWindow must hold exactly one window (as in [{duration: 28d, isRolling: "
       "true}])"},
      {"policy: {name: p, slo: {target: 0.9, measurement_window: 30d}, actions: [{condition: "
       "budget_remaining > 0.5, actions: [a]}, {condition: budget_remaining between 0 and 0.5, "
       "actions: [b]}]}\n",
       "warning s.yml:1:64: no condition holds once the budget is overspent (write one for "
       "budget_exhausted)"},
      {"policy: {name: p, slo: {target: 0.9, measurement_window: 30d}, actions: [{condition: "
       "budget_remaining > 0.5, actions: [a]}, {condition: budget_exhausted, actions: [b]}]}\n",
       "warning s.yml:1:64: no condition holds while 0.25 of the budget is left"},
      {"policy: {name: p, slo: {target: 0.9, measurement_window: 30d}, actions: [{condition: "
       "budget_remaining > 0.5, actions: [a]}]}\n",
       "warning s.yml:1:10: policy \"p\" is of no SLO (none has its target and measurement_window, "
       "or names it)"},
      {"version: watchfire/v1\nservice: shop\nslos: [{name: ab, objective: 99, windows: nigth, "
       "sli: {raw: {error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}}]\n",
       "s.yml:3:34: there is no table of windows \"nigth\" (known: workbook, guide, pyrra)"},
      {"version: watchfire/v1\ntables: [{name: guide, alerts: [{severity: page, long: 1h, short: "
       "2h, factor: 1}]}]\n",
       "s.yml:2:60: short must be above 0 and shorter than long"},
      {"version: watchfire/v1\ntables: [{name: none, alerts: []}]\n",
       "s.yml:2:23: alerts must hold at least one pair of windows (as in {severity: page, long: "
       "1h, short: 5m, factor: 14.4})"},
      {"version: watchfire/v1\nservice: shop\ntables: [{name: loud, alerts: [{severity: page, "
       "long: 1h, short: 5m, factor: 9}]}]\nslos: [{name: ab, objective: 99, windows: loud, sli: "
       "{raw: {error_ratio_query: 'e{{.window}}'}}, alerting: {name: A, page_alert: {disable: "
       "true}}}]\n",
       "warning s.yml:4:19: SLO \"shop-ab\" can never alert (its windows are all of alerts that it "
       "disables: choose others, or enable one of these alerts)"},
      {kOpen +
           "  indicator: {spec: {ratioMetric: {rawType: failure, raw: {metricSource: {type: "
           "prometheus, spec: {query: '0.5'}}}}}}\n" +
           kRest,
       "s.yml:3:1: no error ratio can be made of its queries: subquery is only allowed on instant "
       "vector, got scalar instead"},
  });
}

std::string Sloth(const std::string& objective, const std::string& head = "") {
  return "version: watchfire/v1\nservice: shop\n" + head +
         "slos: [{name: ab, objective: " + objective +
         ", sli: {raw: {error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}}]\n";
}

TEST(SloMistakesTest, WhatCannotWorkIsAWarning) {
  EXPECT_THAT(Problems(Sloth("99.9")), IsEmpty());
  // Five minutes are two evaluations of two and a half, and not of three.
  EXPECT_THAT(Problems(Sloth("99.9"), std::chrono::seconds(150)), IsEmpty());
  EXPECT_THAT(Problems(Sloth("99.9"), std::chrono::minutes(3)),
              ElementsAre(HasSubstr("the window of 5m of shop-ab is too short")));
  EXPECT_THAT(Problems(Sloth("99.999")),
              ElementsAre(HasSubstr("spends the budget of shop-ab in 25.92s, before it is")));
  EXPECT_THAT(Problems(Sloth("99.9, period: 7d")),
              ElementsAre(HasSubstr("fire while the budget lasts: ticket 1d (factor 0.7), ticket "
                                    "3d (factor 0.2333")));
  EXPECT_THAT(Problems(Sloth("99.9, period: 2d, windows: guide")), IsEmpty());
  EXPECT_THAT(Problems(Sloth("99.9, period: 2d")),
              Contains(HasSubstr("the window of 3d of shop-ab is longer than the period of 2d")));
  EXPECT_THAT(Problems(Sloth("99.9, period: 1h, windows: pyrra")),
              Contains("s.yml:3:19: the shortest window of shop-ab is empty (a period of 1h is "
                       "too short for it)"));
  // The budget of a day so far, and the burn rate over a day, are two things.
  EXPECT_THAT(Problems(Sloth("99.9, calendar: {every: day}")),
              Contains("s.yml:3:19: a window as long as the calendar's period of 1d is not "
                       "supported yet (choose other windows for shop-ab)"));
  EXPECT_THAT(Problems(Sloth("99.9, calendar: {every: day}, windows: guide")), IsEmpty());
  EXPECT_THAT(Problems(kOpen + kIndicator +
                       "  service: shop\n  budgetingMethod: Timeslices\n  objectives: [{target: "
                       "0.99, timeSliceTarget: 0.9, timeSliceWindow: 10m}]\n  timeWindow: "
                       "[{duration: 28d, isRolling: true}]\n"),
              ElementsAre(HasSubstr("the window of 5m of shop-ab is shorter than a slice of 10m")));
}

TEST(SloMistakesTest, HintsHaveABound) {
  std::string text = "version: watchfire/v1\ntables:\n";
  for (int i = 100; i < 200; ++i) {
    text += "  - {name: table-" + std::to_string(i) +
            ", alerts: [{severity: page, long: 1h, short: 5m, factor: 1}]}\n";
  }
  Config config;
  const std::string slo = text +
                          "service: shop\nslos: [{name: ab, objective: 99, windows: x, sli: {raw: "
                          "{error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}}]\n";
  for (const Problem& problem : LoadSloFile("s.yml", slo, &config)) {
    EXPECT_THAT(problem.message, HasSubstr("there is no table of windows \"x\""));
    EXPECT_THAT(problem.hint, HasSubstr("known: workbook"));
    EXPECT_LE(problem.hint.size(), 503U);
  }
}

TEST(SloMistakesTest, WhatHasNoEffectIsAWarning) {
  EXPECT_THAT(Problems(kPyrra +
                       "  target: '99'\n  window: 4w\n  performanceOverAccuracy: true\n  "
                       "partial_response_strategy: warn\n  indicator: {bool_gauge: {metric: e}}\n"),
              ElementsAre(HasSubstr("performanceOverAccuracy has no effect"),
                          HasSubstr("a partial answer counts as a failed query all the same")));
  EXPECT_THAT(
      Problems(kPyrra + "  target: '99'\n  window: 4w\n  latency: '1'\n  alerting: {burnRateType: "
                        "dynamic}\n  indicator: {bool_gauge: {metric: e}}\n"),
      testing::UnorderedElementsAre(HasSubstr("latency has no effect"),
                                    HasSubstr("dynamic burn rates are taken as static")));
  EXPECT_THAT(Problems(kOpen + kIndicator +
                       "  service: shop\n  budgetingMethod: Occurrences\n  timeWindow: "
                       "[{duration: 1M, isRolling: true}]\n  objectives: [{target: 0.9}]\n"),
              testing::Contains(HasSubstr("taken as 30d")));
  EXPECT_THAT(
      Problems("apiVersion: openslo/v1\nkind: DataSource\nmetadata: {name: ab}\nspec: {type: "
               "prometheus, connectionDetails: {url: 'http://a'}}\n"),
      ElementsAre(HasSubstr("connectionDetails have no effect")));
}

}  // namespace
}  // namespace watchfire::config
