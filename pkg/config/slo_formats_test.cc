// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What each format of SLO files becomes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/slo_for_test.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SloFormatsTest, TheSlothResourceIsReadAsItsFileIs) {
  const Config config = Read(R"(
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: till, namespace: shop, annotations: {watchfire/windows: guide}}
spec:
  service: till
  labels: {team: cash}
  slos:
    - name: paid
      objective: 99.9
      sli: {events: {errorQuery: 'rate(bad[{{.window}}])', totalQuery: 'rate(all[{{.window}}])'}}
      alerting:
        name: TillFails
        annotations: {summary: 'of {{ $labels.till }}: {{ $value }}'}
        pageAlert: {labels: {severity: critical}}
    - name: quick
      objective: 99
      sli: {raw: {errorRatioQuery: 'slow:rate{{.window}}'}}
      alerting: {name: TillSlow, ticketAlert: {disable: true}}
)");
  ASSERT_THAT(config.slos, SizeIs(2));
  EXPECT_EQ(config.slos[0].id, "till-paid");
  EXPECT_EQ(config.slos[0].error_query, "rate(bad[{{.window}}])");
  EXPECT_EQ(config.slos[0].labels.ToString(), "{team=\"cash\"}");
  EXPECT_EQ(config.slos[1].error_ratio_query, "slow:rate{{.window}}");
  // The windows of guides to paging, by its annotation.
  EXPECT_THAT(Windows(config.slos[0].page_windows), ElementsAre("1h/5m>4.000"));
  ASSERT_THAT(config.slos[0].severities, SizeIs(1));
  EXPECT_EQ(config.slos[0].severities[0].name, "escalate");
  EXPECT_THAT(Windows(config.slos[0].severities[0].windows), ElementsAre("1h/5m>8.000"));
  EXPECT_EQ(config.slos[0].severities[0].alert.labels.Get("severity"), "critical");
  EXPECT_TRUE(config.slos[0].ticket.disabled);
}

// One OpenSLO document of an SLO with these lines of its spec.
std::string OpenSlo(const std::string& spec) {
  return "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: found}\nspec:\n  service: search\n" +
         spec;
}
std::string Metric(const std::string& query) {
  return "{metricSource: {type: Prometheus, spec: {query: '" + query + "'}}}";
}
std::string Ratio(const std::string& good_or_bad, bool counter = true) {
  return "{metadata: {name: sli}, spec: {ratioMetric: {counter: " +
         std::string(counter ? "true" : "false") + ", " + good_or_bad + "}}}";
}
const std::string kRolling = "  timeWindow: [{duration: 28d, isRolling: true}]\n";
const std::string kOccurrences = "  budgetingMethod: Occurrences\n";
const std::string kTarget = "  objectives: [{targetPercent: 99.9}]\n";

Slo OpenSloOf(const std::string& indicator, const std::string& rest = kOccurrences + kTarget) {
  return Read(OpenSlo("  indicator: " + indicator + "\n" + kRolling + rest)).slos[0];
}

TEST(SloFormatsTest, QueriesOfOpenSloGetTheirWindow) {
  const std::string total = ", total: " + Metric("hits") + "";
  Slo slo = OpenSloOf(Ratio("bad: " + Metric("hits{code=~\"5..\"}") + total));
  EXPECT_EQ(slo.id, "search-found");
  EXPECT_EQ(slo.period, hours(24 * 28));
  EXPECT_EQ(slo.objective, 99.9);
  EXPECT_EQ(slo.total_query, "sum(increase(hits[{{.window}}]))");
  EXPECT_EQ(slo.error_query,
            "(sum(increase(hits{code=~\"5..\"}[{{.window}}]))) or 0 * "
            "(sum(increase(hits[{{.window}}])))");
  // Sums stay what they are, and good ones are taken away from all.
  slo = OpenSloOf(Ratio("good: " + Metric("sum by (site) (ok)") +
                        ", total: " + Metric("sum by (site) (hits)")));
  EXPECT_EQ(slo.total_query, "sum by (site) (increase(hits[{{.window}}]))");
  EXPECT_EQ(slo.error_query,
            "(sum by (site) (increase(hits[{{.window}}]))) - ((sum by (site) "
            "(increase(ok[{{.window}}]))) or 0 * (sum by (site) (increase(hits[{{.window}}]))))");
  // A range, or a placeholder, is where the window goes.
  slo = OpenSloOf(
      Ratio("bad: " + Metric("sum(rate(b[5m]))") + ", total: " + Metric("sum(rate(t[$__window]))"),
            false));
  EXPECT_EQ(slo.total_query, "sum(rate(t[{{.window}}]))");
  EXPECT_THAT(slo.error_query, HasSubstr("sum(rate(b[{{.window}}]))"));
  // Amounts that are no counters.
  slo = OpenSloOf(Ratio("bad: " + Metric("sum(lost)") + ", total: " + Metric("sent"), false));
  EXPECT_EQ(slo.total_query, "sum(sum_over_time(sent[{{.window}}]))");
  EXPECT_THAT(slo.error_query, HasSubstr("(sum_over_time((sum(lost))[{{.window}}:1m])) or"));
}

TEST(SloFormatsTest, RatiosAndThresholdsOfOpenSloAreAveraged) {
  EXPECT_EQ(OpenSloOf(Ratio("rawType: failure, raw: " + Metric("lost_ratio"))).error_ratio_query,
            "avg_over_time(lost_ratio[{{.window}}])");
  EXPECT_EQ(OpenSloOf(Ratio("rawType: success, raw: " + Metric("1 - lost"))).error_ratio_query,
            "1 - (avg_over_time((1 - lost)[{{.window}}:1m]))");
  const std::string threshold =
      "{metadata: {name: s}, spec: {thresholdMetric: " + Metric("max(lag[5m:])") + "}}";
  const std::string fixed =
      "{metadata: {name: s}, spec: {thresholdMetric: " + Metric("max(lag)") + "}}";
  EXPECT_EQ(OpenSloOf(fixed, kOccurrences + "  objectives: [{target: 0.95, op: lte, value: 30}]\n")
                .error_ratio_query,
            "1 - avg_over_time((((max(lag)) >= -Inf) <= bool 30)[{{.window}}:1m])");
  Config config;
  EXPECT_THAT(
      SloProblems(OpenSlo("  indicator: " + threshold + "\n" + kRolling + kOccurrences + kTarget),
                  &config),
      Not(IsEmpty()));
}

TEST(SloFormatsTest, TimeSlicesAreSubqueries) {
  const std::string sli = Ratio("bad: " + Metric("b") + ", total: " + Metric("t"));
  Slo slo = OpenSloOf(sli,
                      "  budgetingMethod: Timeslices\n  objectives: [{target: 0.99, "
                      "timeSliceTarget: 0.95, timeSliceWindow: 5}]\n");
  EXPECT_EQ(slo.method, BudgetMethod::kTimeslices);
  EXPECT_EQ(slo.slice, minutes(5));
  EXPECT_EQ(slo.error_ratio_query,
            "avg_over_time((1 - ((((sum(increase(b[5m]))) or 0 * (sum(increase(t[5m])))) / "
            "(sum(increase(t[5m])))) >= 0) < bool 0.95)[{{.window}}:5m])");
  slo = OpenSloOf(sli,
                  "  budgetingMethod: RatioTimeslices\n  objectives: [{target: 0.99, "
                  "timeSliceWindow: 2m}]\n");
  EXPECT_EQ(slo.method, BudgetMethod::kRatioTimeslices);
  EXPECT_THAT(slo.error_ratio_query, HasSubstr(" >= 0)[{{.window}}:2m])"));
}

TEST(SloFormatsTest, ACompositeAddsBurnRates) {
  const auto objective = [](const char* query, const char* target, const char* weight) {
    return "    - {target: " + std::string(target) + ", compositeWeight: " + weight +
           ", indicator: " + Ratio("rawType: failure, raw: " + Metric(query)) + "}\n";
  };
  const Slo slo = Read(OpenSlo(kRolling + kOccurrences + "  objectives:\n" +
                               objective("a", "0.99", "1") + objective("b", "0.99", "3")))
                      .slos[0];
  EXPECT_EQ(slo.objective, 99);
  EXPECT_EQ(slo.error_ratio_query,
            "(0.25 * (max((avg_over_time(a[{{.window}}])) >= 0) or vector(0)) + 0.75 * "
            "(max((avg_over_time(b[{{.window}}])) >= 0) or vector(0))) and "
            "(max((avg_over_time(a[{{.window}}])) >= 0) or "
            "max((avg_over_time(b[{{.window}}])) >= 0))");
  // The budgets are 0.3 and 0.1 percent: 0.2 together, of which each spends at its own rate.
  const Slo other = Read(OpenSlo(kRolling + kOccurrences + "  objectives:\n" +
                                 objective("a", "0.997", "1") + objective("b", "0.999", "1")))
                        .slos[0];
  EXPECT_THAT(other.objective, DoubleEq(99.8));
  EXPECT_THAT(other.error_ratio_query, HasSubstr("0.33333333"));
}

TEST(SloFormatsTest, SeveralObjectivesAreSeveralSlos) {
  const std::string sli = Ratio("bad: " + Metric("b") + ", total: " + Metric("t"));
  const Config config = Read(OpenSlo("  indicator: " + sli + "\n" + kRolling + kOccurrences +
                                     "  objectives: [{target: 0.99}, {targetPercent: 99.95}]\n"));
  ASSERT_THAT(config.slos, SizeIs(2));
  EXPECT_EQ(config.slos[0].id, "search-found-0");
  EXPECT_EQ(config.slos[1].id, "search-found-1");
  EXPECT_EQ(config.slos[1].objective, 99.95);
}

TEST(SloFormatsTest, CalendarPeriodsHaveAStartAndAZone) {
  const Slo slo =
      Read(OpenSlo("  indicator: " + Ratio("bad: " + Metric("b") + ", total: " + Metric("t")) +
                   "\n  timeWindow:\n    - duration: 1Q\n      calendar: {startTime: 2026-02-01 "
                   "06:00:00, timeZone: Europe/Berlin}\n" +
                   kOccurrences + kTarget))
          .slos[0];
  ASSERT_TRUE(slo.calendar.has_value());
  EXPECT_EQ(slo.calendar->unit, CalendarPeriod::Unit::kMonth);
  EXPECT_EQ(slo.calendar->count, 3);
  EXPECT_EQ(slo.calendar->start, cctz::civil_second(2026, 2, 1, 6));
  EXPECT_EQ(slo.calendar->location.name, "Europe/Berlin");
  EXPECT_EQ(slo.period, hours(24 * 90));
}

constexpr const char* kParts = R"(
---
{apiVersion: openslo/v1, kind: Service, metadata: {name: search}, spec: {description: finds}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: metrics}
spec: {type: Prometheus}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: answered}
spec:
  ratioMetric:
    counter: true
    bad: {metricSource: {metricSourceRef: metrics, spec: {query: failed}}}
    total: {metricSource: {metricSourceRef: metrics, spec: {query: asked}}}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: urgent}
spec:
  alertWhenBreaching: true
  alertWhenNoData: true
  conditions: [{conditionRef: hot}]
  notificationTargets: [{targetRef: nightshift}]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: hot}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 12, lookbackWindow: 1h, alertAfter: 5m}
---
{apiVersion: openslo/v1, kind: AlertNotificationTarget, metadata: {name: nightshift}, spec: {target: pager}}
)";

TEST(SloFormatsTest, ResourcesOfOpenSloNameEachOther) {
  const Config config = Read(
      OpenSlo("  indicatorRef: answered\n" + kRolling + kOccurrences + kTarget + R"(  alertPolicies:
    - {alertPolicyRef: urgent}
    - kind: AlertPolicy
      metadata: {name: calm}
      spec:
        alertWhenBreaching: true
        conditions:
          - kind: AlertCondition
            metadata: {name: warm}
            spec: {severity: sev3, condition: {threshold: 2, lookbackWindow: 1d}}
)") + kParts);
  const Slo& slo = config.slos[0];
  EXPECT_THAT(Windows(slo.page_windows), ElementsAre("1h/1h>12.00"));
  EXPECT_EQ(slo.page_windows[0].compare, SloWindow::Compare::kAtLeast);
  EXPECT_EQ(slo.page.hold, minutes(5));
  EXPECT_EQ(slo.page.labels.ToString(),
            "{alert_policy=\"urgent\", notification_target=\"nightshift\", severity=\"page\"}");
  EXPECT_TRUE(slo.ticket.disabled);
  ASSERT_THAT(slo.severities, SizeIs(1));
  EXPECT_EQ(slo.severities[0].name, "sev3");
  EXPECT_THAT(Windows(slo.severities[0].windows), ElementsAre("1d/1d>2.000"));
  ASSERT_THAT(config.rule_groups, SizeIs(1));
  const Rule& absent = config.rule_groups[0].rules[0];
  EXPECT_EQ(absent.expr, "absent(sum(increase(asked[5m])))");
  EXPECT_EQ(absent.labels.ToString(),
            "{alert_policy=\"urgent\", notification_target=\"nightshift\", service=\"search\", "
            "severity=\"page\", slo=\"found\", sloth_id=\"search-found\", "
            "sloth_service=\"search\", sloth_slo=\"found\"}");
  EXPECT_EQ(absent.label_templates.size(), absent.labels.size());
}

TEST(SloFormatsTest, ASliceInWhichNoPartOfACompositeHasDataDoesNotCount) {
  const auto objective = [](const char* query) {
    return "    - {target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5m, indicator: " +
           Ratio("rawType: failure, raw: " + Metric(query)) + "}\n";
  };
  const Config config =
      Read(OpenSlo(kRolling + "  budgetingMethod: Timeslices\n  objectives:\n" + objective("a") +
                   objective("b") + "  alertPolicies: [{alertPolicyRef: urgent}]\n") +
           kParts);
  EXPECT_EQ(config.slos[0].error_ratio_query,
            "avg_over_time(((clamp_max((1 * (max(1 - ((avg_over_time(a[5m])) >= 0) < bool 0.9) or "
            "vector(0)) + 1 * (max(1 - ((avg_over_time(b[5m])) >= 0) < bool 0.9) or vector(0))) "
            "and (max((avg_over_time(a[5m])) >= 0) or max((avg_over_time(b[5m])) >= 0)), 1)) >= "
            "0)[{{.window}}:5m])");
  // Of no part may data be missing.
  EXPECT_EQ(config.rule_groups[0].rules[0].expr, "absent(a) or absent(b)");
}

// A policy of an SLO that alerts at `factor`, waiting for `wait`.
std::string Policy(const std::string& name, const std::string& condition,
                   const std::string& severity, const std::string& factor,
                   const std::string& wait = "0m", const std::string& when = "Breaching") {
  return "    - {metadata: {name: " + name + "}, spec: {alertWhen" + when +
         ": true, conditions: [{metadata: {name: " + condition + "}, spec: {severity: " + severity +
         ", condition: {threshold: " + factor + ", lookbackWindow: 1h, alertAfter: " + wait +
         "}}}]}}\n";
}

TEST(SloFormatsTest, OpenSloMayBeAListAndNameItsPoliciesBarely) {
  const Config config = Read(R"(
- apiVersion: openslo/v1
  kind: AlertPolicy
  metadata: {name: urgent}
  spec:
    alertWhenBreaching: true
    conditions:
      - kind: AlertCondition
        metadata: {name: hot}
        spec: {severity: page, condition: {op: gte, threshold: 12, lookbackWindow: 1h}}
- apiVersion: openslo/v1
  kind: SLO
  metadata: {name: found}
  spec:
    service: search
    indicator: )" + Ratio("bad: " + Metric("b") + ", total: " + Metric("t")) +
                             R"(
    timeWindow: [{duration: 28d, isRolling: true}]
    budgetingMethod: Occurrences
    objectives: [{targetPercent: 99.9, op: gte}]
    alertPolicies: [urgent]
)");
  ASSERT_THAT(config.slos, SizeIs(1));
  EXPECT_THAT(Alerts(config.slos[0]), ElementsAre("page[page] 1h/1h>12.00"));
}

TEST(SloFormatsTest, NoAlertPolicyOfOpenSloReplacesAnother) {
  const auto alerts = [](const std::string& policies) {
    return Alerts(Read(OpenSlo("  indicatorRef: answered\n" + kRolling + kOccurrences + kTarget +
                               "  alertPolicies:\n" + policies) +
                       kParts)
                      .slos[0]);
  };
  // Three of one severity, with conditions of one name.
  EXPECT_THAT(alerts(Policy("a", "hot", "page", "9") + Policy("b", "hot", "page", "8") +
                     Policy("c", "hot", "page", "7") + Policy("c", "hot", "page", "6", "3m")),
              ElementsAre("page[page] 1h/1h>9.000", "hot[page] 1h/1h>8.000", "c[page] 1h/1h>7.000",
                          "page-2[page] 1h/1h>6.000"));
  // A condition that is called like a severity takes no place of it.
  EXPECT_THAT(alerts(Policy("a", "hot", "critical", "9") + Policy("b", "ticket", "page", "8") +
                     Policy("c", "warm", "ticket", "7")),
              ElementsAre("page[critical] 1h/1h>9.000", "ticket[ticket] 1h/1h>7.000",
                          "b[page] 1h/1h>8.000"));
}

TEST(SloFormatsTest, AnnotationsOfAllFormatsMayBeTemplates) {
  const std::string text = "{{ $labels.site }} at {{ $value }}";
  std::string pyrra = Pyrra("bool_gauge: {metric: probe}");
  pyrra.replace(pyrra.find("https://"), 32, text);
  const Config config = Read(pyrra);
  EXPECT_EQ(config.slos[0].page.annotations.Get("runbook"), text);
  EXPECT_EQ(config.slos[0].ticket.annotations.Get("runbook"), text);
  EXPECT_EQ(config.rule_groups[0].rules[0].annotation_templates.size(), 2U);
  std::string open = OpenSlo("  indicatorRef: answered\n" + kRolling + kOccurrences + kTarget);
  open.replace(open.find("{name: found}"), 13,
               "{name: found, annotations: {example.com/what: '" + text +
                   "', openslo.com/x: '{{', watchfire/policy: ''}}");
  EXPECT_EQ(Read(open + kParts).slos[0].page.annotations.ToString(), "{what=\"" + text + "\"}");
  std::string slis =
      "slis: [{name: ab, query: 'sum(rate(a[30d])) / sum(rate(b[30d]))', target: "
      "0.99, description: '" +
      text + "'}]";
  EXPECT_EQ(Read(slis).slos[0].page.annotations.Get("description"), text);

  // What is wrong with one is said.
  Config none;
  pyrra.replace(pyrra.find(text), text.size(), "{{ $nothing }}");
  EXPECT_THAT(SloProblems(pyrra, &none),
              ElementsAre("shop.slis.yml:8:17: pyrra.dev/runbook: line 1: undefined variable "
                          "\"$nothing\""));
  slis.replace(slis.find(text), text.size(), "{{ query \"up\" }}");
  EXPECT_THAT(SloProblems(slis, &none),
              ElementsAre(HasSubstr("query does not work in annotations")));
}

constexpr const char* kSlis = R"(
slis:
  - name: answered
    description: "Share of questions that got an answer"
    query: |
      sum(rate(asked_total{code!~"5.."}[30d]))
      / sum(rate(asked_total[30d]))
    target: 0.999
  - name: latency_p95
    query: |
      histogram_quantile(0.95,
        sum(rate(answer_seconds_bucket[30d])) by (le)
      )
    target: 0.2
  - name: native
    query: histogram_quantile(0.95, sum(rate(answer_seconds[30d])))
    target: 2
)";

constexpr const char* kPolicy = R"(
policy:
  name: Shop Budget
  slo: {target: 0.999, measurement_window: 30d}
  actions:
    - {condition: budget_remaining > 0.5, actions: [go on]}
    - {condition: budget_remaining between 0.2 and 0.5, actions: [slow down, test more]}
    - {condition: budget_remaining < 0.2, actions: [stop]}
    - {condition: budget_exhausted, actions: [tell everybody]}
)";

TEST(SloFormatsTest, AListOfSlisIsReadAsRatiosAndAsSharesBelowABound) {
  const Config config = Read(kSlis);
  ASSERT_THAT(config.slos, SizeIs(3));
  const Slo& ratio = config.slos[0];
  EXPECT_EQ(ratio.id, "shop-answered");  // The file is shop.slis.yml.
  EXPECT_EQ(ratio.objective, 99.9);
  EXPECT_EQ(ratio.period, hours(720));
  EXPECT_EQ(ratio.total_query, "sum(rate(asked_total[{{.window}}]))");
  EXPECT_EQ(ratio.error_query,
            "(sum(rate(asked_total[{{.window}}]))) - "
            "((sum(rate(asked_total{code!~\"5..\"}[{{.window}}]))) or 0 * "
            "(sum(rate(asked_total[{{.window}}]))))");
  const Slo& latency = config.slos[1];
  EXPECT_EQ(latency.objective, 95);
  EXPECT_EQ(latency.total_query, "sum(rate(answer_seconds_bucket{le=\"+Inf\"}[{{.window}}]))");
  EXPECT_EQ(latency.error_query,
            "(sum(rate(answer_seconds_bucket{le=\"+Inf\"}[{{.window}}]))) - "
            "(sum(rate(answer_seconds_bucket{le=\"0.2\"}[{{.window}}])))");
  EXPECT_EQ(config.slos[2].error_ratio_query,
            "1 - histogram_fraction(0, 2, sum(rate(answer_seconds[{{.window}}])))");
}

TEST(SloFormatsTest, APolicyIsOfTheSlosWithItsTargetAndWindow) {
  const Config config = Read(std::string(kSlis) + "---" + kPolicy);
  const Slo& slo = config.slos[0];
  EXPECT_EQ(slo.policy, "Shop Budget");
  ASSERT_THAT(slo.levels, SizeIs(4));
  EXPECT_EQ(slo.levels[0].low, 0.5);
  EXPECT_TRUE(slo.levels[0].excludes_low);
  EXPECT_EQ(slo.levels[1].high, 0.5);
  EXPECT_FALSE(slo.levels[1].excludes_high);
  EXPECT_THAT(slo.levels[1].actions, ElementsAre("slow down", "test more"));
  EXPECT_TRUE(slo.levels[3].is_exhausted);
  EXPECT_EQ(config.slos[1].policy, "");  // Its objective is 95.
}

TEST(SloFormatsTest, OurOwnFormSaysWhatOthersCannot) {
  const Config config = Read(R"(
version: watchfire/v1
service: shop
tables:
  - name: night
    alerts:
      - {severity: page, long: 1h, short: 5m, factor: 10}
      - {severity: page, long: 6h, short: 30m, factor: 5}
      - {severity: whisper, long: 1d, short: 2h, factor: 2}
slos:
  - name: paid
    objective: 99.9
    period: 14d
    windows: night
    policy: Shop Budget
    sli: {raw: {error_ratio_query: 'e{{.window}}'}}
    alerting: {name: ShopBurns}
  - name: shown
    objective: 99.9
    calendar: {every: month, time_zone: Europe/Berlin}
    sli: {raw: {error_ratio_query: 'f{{.window}}'}}
    alerting: {name: ShopBurns}
---)" + std::string(kPolicy));
  ASSERT_THAT(config.slos, SizeIs(2));
  EXPECT_EQ(config.slos[0].period, hours(24 * 14));
  EXPECT_THAT(Windows(config.slos[0].page_windows), ElementsAre("1h/5m>10.00", "6h/30m>5.000"));
  EXPECT_EQ(config.slos[0].severities[0].name, "whisper");
  EXPECT_TRUE(config.slos[0].ticket.disabled);
  EXPECT_THAT(config.slos[0].levels, SizeIs(4));
  ASSERT_TRUE(config.slos[1].calendar.has_value());
  EXPECT_THAT(Windows(config.slos[1].page_windows)[0], "1h/5m>14.40");
}

TEST(SloFormatsTest, PageAndCriticalOfATableAreOneAlert) {
  const Config config = Read(R"(
version: watchfire/v1
service: shop
tables:
  - name: mixed
    alerts:
      - {severity: page, long: 1h, short: 5m, factor: 10}
      - {severity: critical, long: 6h, short: 30m, factor: 5}
      - {severity: warning, long: 1d, short: 2h, factor: 2}
      - {severity: ticket, long: 3d, short: 6h, factor: 1}
slos:
  - name: paid
    objective: 99.9
    windows: mixed
    sli: {raw: {error_ratio_query: 'e{{.window}}'}}
    alerting: {name: ShopBurns}
)");
  EXPECT_THAT(Alerts(config.slos[0]),
              ElementsAre("page[] 1h/5m>10.00 6h/30m>5.000", "ticket[] 1d/2h>2.000 3d/6h>1.000"));
}

TEST(SloFormatsTest, TheWindowsOfAllSlosCanBeChosen) {
  World world(Minimal("slo_files: [a.yml]\nevaluation: {slo_windows: pyrra, slo_period: 28d}\n"));
  world.files["a.yml"] =
      "{version: prometheus/v1, service: shop, slos: [{name: paid, objective: 99.9, sli: {raw: "
      "{error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}}]}";
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_THAT(Windows(loaded.config->slos[0].ticket_windows),
              ElementsAre("1d/2h>2.000", "4d/6h>1.000"));
  // A mistake is said once, where it stands, and not for each SLO.
  world.files["w.yml"] = Minimal("slo_files: [a.yml, b.yml]\nevaluation: {slo_windows: pyra}\n");
  world.files["b.yml"] = world.files["a.yml"];
  world.files["b.yml"].replace(world.files["b.yml"].find("paid"), 4, "sold");
  EXPECT_THAT(world.Problems(), ElementsAre("w.yml:4:14: there is no table of windows \"pyra\" "
                                            "(known: workbook, guide, pyrra)"));
}

TEST(SloFormatsTest, ATableInAFileLeftOutIsNoMistakeOfTheMainFile) {
  World world(Minimal("slo_files: [a.yml, t.yml]\nevaluation: {slo_windows: night}\n"));
  world.options.leaves_out_bad_files = true;
  world.files["a.yml"] =
      "{version: prometheus/v1, service: shop, slos: [{name: paid, objective: 99.9, sli: {raw: "
      "{error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}}]}";
  world.files["t.yml"] =
      "{version: watchfire/v1, tables: [{name: night, alert: [{severity: page, long: 1h, short: "
      "5m, factor: 9}]}]}";
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->slos, IsEmpty());
  EXPECT_EQ(loaded.config->file_errors.at("a.yml"), 1U);
  EXPECT_THAT(World::Print(loaded.problems),
              ::testing::Contains(HasSubstr("a.yml:1:49: there is no table of windows \"night\", "
                                            "which evaluation.slo_windows names")));
}

TEST(SloFormatsTest, ABrokenRuleFileMakesNoTypoOfTheMainFileTheFaultOfSlos) {
  World world(
      Minimal("rule_files: [r.yml]\nslo_files: [a.yml]\nevaluation: {slo_windows: nigth}\n"));
  world.options.leaves_out_bad_files = true;
  world.files["r.yml"] = "groups: [{name: a, rules: [{alert: B, expr: '('}]}]\n";
  world.files["a.yml"] =
      "{version: prometheus/v1, service: shop, slos: [{name: paid, objective: 99.9, sli: {raw: "
      "{error_ratio_query: 'e{{.window}}'}}, alerting: {name: A}}]}";
  const Loaded loaded = world.Load();
  EXPECT_EQ(loaded.config, nullptr);
  EXPECT_THAT(World::Print(loaded.problems),
              ::testing::Contains(HasSubstr("w.yml:5:14: there is no table of windows \"nigth\"")));
}

TEST(SloFormatsTest, AnnotationsForOthersThatAreNoTemplatesAreLeftOut) {
  World world(Minimal("slo_files: [paid.yml]\n"));
  world.files["paid.yml"] =
      "slis: [{name: ab, query: 'sum(rate(a[30d])) / sum(rate(b[30d]))', target: 0.99, "
      "description: 'values in {{ braces'}]\n";
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr) << ::testing::PrintToString(World::Print(loaded.problems));
  EXPECT_THAT(loaded.config->slos.at(0).page.annotations, IsEmpty());
  EXPECT_THAT(World::Print(loaded.problems),
              ::testing::Contains(HasSubstr("description is left out, for it is no template")));
}

}  // namespace
}  // namespace watchfire::config
