// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// No SLO file ends the process: every node of samples of all formats is replaced by every kind of
// node.

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/config/fake_world.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {
namespace {

using Kind = YamlNode::Kind;

constexpr const char* kSloth = R"(
version: prometheus/v1
service: shop
labels: {team: basket}
slo_plugins: {}
slos:
  - name: paid
    description: text
    objective: 99.5
    labels: {tier: "1"}
    plugins: {}
    sli:
      events:
        error_query: sum(rate(e[{{.window}}]))
        total_query: sum(rate(t[{{.window}}]))
    alerting:
      name: Burns
      labels: {owner: x}
      annotations: {runbook: "https://wiki.example.com"}
      page_alert: {disable: false, labels: {severity: critical}, annotations: {summary: burns}}
      ticket_alert: {disable: true}
  - name: fast
    objective: 99
    sli: {raw: {error_ratio_query: "x{{.window}}"}}
    alerting: {name: Burns}
---
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: till, namespace: shop, labels: {a: b}, annotations: {watchfire/windows: guide}}
spec:
  service: till
  sloPlugins: {}
  slos:
    - name: paid
      objective: 99.9
      sli: {events: {errorQuery: 'rate(e[{{.window}}])', totalQuery: 'rate(t[{{.window}}])'}}
      alerting: {name: TillFails, pageAlert: {labels: {a: b}}, ticketAlert: {disable: true}}
---
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 30d
  page:
    quick: {errorBudgetPercent: 4, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 10, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 15, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 25, shortWindow: 6h, longWindow: 3d}
)";

constexpr const char* kOwn = R"(
version: watchfire/v1
service: market
tables:
  - name: night
    alerts:
      - {severity: page, long: 1h, short: 5m, factor: 10}
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
---
service: market
slis:
  - name: answered
    description: Share of questions that got an answer
    query: sum(rate(good[30d])) / sum(rate(asked[30d]))
    target: 0.999
  - name: latency_p95
    query: histogram_quantile(0.99, sum(rate(answer_seconds_bucket[30d])) by (le))
    target: 0.2
policy:
  name: Shop Budget
  slo: {target: 0.999, measurement_window: 30d}
  actions:
    - {condition: budget_remaining > 0.5, actions: [go on]}
    - {condition: budget_remaining between 0.2 and 0.5, actions: [slow down, test more]}
    - {condition: budget_remaining < 0.2, actions: [stop]}
    - {condition: budget_exhausted, actions: [tell everybody]}
)";

constexpr const char* kPyrra = R"(
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: uploads
  namespace: media
  labels: {pyrra.dev/team: film, other: x}
  annotations: {pyrra.dev/runbook: 'https://wiki.example.com/uploads'}
spec:
  target: "99"
  window: 4w
  description: text
  partial_response_strategy: abort
  performanceOverAccuracy: false
  alerting:
    disabled: false
    burnrates: true
    absent: true
    name: Burns
    absentName: Gone
    severities: {absent: info, fastBurn: page, mediumBurn: critical, slowBurn: a, longTermBurn: b}
  indicator:
    ratio: {errors: {metric: 'e{job="x"}'}, total: {metric: 't{job="x"}'}, grouping: [site]}
status: {a: b}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: quick}
spec:
  target: "99"
  window: 4w
  indicator: {latency: {success: {metric: 'b{le="1"}'}, total: {metric: c}, grouping: [a]}}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: native}
spec:
  target: "99"
  window: 4w
  indicator: {latencyNative: {total: {metric: h}, latency: 500ms, grouping: [a]}}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: probed}
spec:
  target: "99"
  window: 4w
  indicator: {bool_gauge: {metric: up, grouping: [a]}}
)";

constexpr const char* kGoogle = R"(
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {name: api-up, labels: {service_name: api, team: x}}
spec:
  description: text
  goal: 0.999
  backend: prometheus
  method: good_bad_ratio
  exporters: []
  service_level_indicator:
    filter_good: hits{code!~"5.."}[window]
    filter_valid: hits
    operators: [increase, sum]
---
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {name: api-fast, labels: {service_name: api}}
spec:
  goal: 0.99
  backend: prometheus
  method: distribution_cut
  service_level_indicator: {expression: 'seconds_bucket{job="api"}', threshold_bucket: 0.5}
---
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {name: api-free, labels: {service_name: api}}
spec:
  goal: 0.99
  backend: prometheus
  method: query_sli
  service_level_indicator: {expression: 'avg_over_time(free[window])'}
)";

constexpr const char* kOpenSlo = R"(
apiVersion: openslo/v1
kind: SLO
metadata:
  name: answered
  displayName: Answered
  labels: {team: [search, sre]}
  annotations: {example.com/runbook: 'https://wiki.example.com'}
spec:
  description: text
  service: search
  indicatorRef: answers
  timeWindow:
    - duration: 1M
      calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}
      isRolling: false
  budgetingMethod: Timeslices
  objectives:
    - {displayName: a, targetPercent: 99.9, timeSliceTarget: 0.95, timeSliceWindow: 5m}
  alertPolicies:
    - {alertPolicyRef: urgent}
    - kind: AlertPolicy
      metadata: {name: calm}
      spec:
        alertWhenBreaching: true
        alertWhenResolved: true
        conditions:
          - kind: AlertCondition
            metadata: {name: warm}
            spec: {severity: sev3, condition: {threshold: 2, lookbackWindow: 1d}}
        notificationTargets:
          - {kind: AlertNotificationTarget, metadata: {name: shift}, spec: {target: pager}}
)";

constexpr const char* kComposites = R"(
apiVersion: openslo/v1
kind: SLO
metadata: {name: both}
spec:
  service: search
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Timeslices
  objectives:
    - target: 0.99
      timeSliceTarget: 0.9
      timeSliceWindow: 5m
      indicatorRef: answers
    - target: 0.99
      op: lt
      value: 3
      timeSliceTarget: 0.9
      timeSliceWindow: 5m
      indicator:
        metadata: {name: lag}
        spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: lag}}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: mixed}
spec:
  service: search
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives:
    - {target: 0.99, compositeWeight: 2, indicatorRef: answers}
    - {target: 0.999, compositeWeight: 1, indicatorRef: answers}
)";

constexpr const char* kRaw = R"(
apiVersion: openslo/v1
kind: SLO
metadata: {name: raw}
spec:
  service: search
  indicator:
    metadata: {name: lost}
    spec:
      ratioMetric:
        rawType: success
        raw: {metricSource: {type: Prometheus, spec: {promql: lost}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: RatioTimeslices
  objectives:
    - {target: 0.99, timeSliceWindow: 5}
)";

// What these name.
constexpr const char* kParts = R"(
{apiVersion: openslo/v1, kind: Service, metadata: {name: search}, spec: {description: finds}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: metrics}
spec: {type: Prometheus, description: text}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: answers}
spec:
  description: text
  ratioMetric:
    counter: true
    good: {metricSource: {metricSourceRef: metrics, spec: {query: good}}}
    total: {metricSource: {metricSourceRef: metrics, spec: {query: asked}}}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: urgent}
spec:
  description: text
  alertWhenBreaching: true
  alertWhenNoData: true
  conditions: [{conditionRef: hot}]
  notificationTargets: [{targetRef: nightshift}]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: hot}
spec:
  description: text
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 12, lookbackWindow: 1h, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: nightshift}
spec: {description: text, target: pager}
)";

std::string Flow(const YamlNode& node) {
  if (node.kind == Kind::kNull) return "null";
  if (node.kind == Kind::kScalar) {
    // Words with other characters may end too early in flow style.
    const bool is_word = std::ranges::all_of(node.text, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
    });
    return node.plain && is_word ? node.text : GoQuote(node.text);
  }
  const bool is_map = node.kind == Kind::kMap;
  std::string text = is_map ? "{" : "[";
  for (size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) text += ", ";
    if (is_map) text += GoQuote(node.keys[i].text) + ": ";
    text += Flow(node.items[i]);
  }
  return text + (is_map ? "}" : "]");
}

std::string Flow(const std::vector<YamlNode>& documents) {
  std::string text;
  for (const YamlNode& document : documents) text += "---\n" + Flow(document) + "\n";
  return text;
}

std::vector<YamlNode> Parse(const std::string& text) {
  Problems problems;
  auto documents = ParseYaml(text, Source("s.yml", &problems, text));
  return documents ? *std::move(documents) : std::vector<YamlNode>();
}

// Calls `use(node, path)` for every node; `use` may change it, and has to change it back.
void ForEachNode(YamlNode* node, const std::string& path,
                 const std::function<void(YamlNode*, const std::string&)>& use) {
  use(node, path);
  for (size_t i = 0; i < node->items.size(); ++i) {
    const std::string name = node->kind == Kind::kMap ? node->keys[i].text : std::to_string(i);
    ForEachNode(&node->items[i], path + "." + name, use);
  }
}

// Another kind of node is right there, too: what is not ours to read, and plugins that are not
// there. A label of OpenSLO may be a list, a time slice a number.
bool TakesAnything(const std::string& path, const std::string& by) {
  const auto is_in = [&](const char* part) { return path.find(part) != std::string::npos; };
  const bool is_free = is_in(".status") || is_in("lugins") || is_in(".exporters");
  const bool is_label = path.find(".metadata.labels.team") != std::string::npos;
  return is_free || (is_label && (by == "7" || by == "[]"));
}

// In `sample`; what it names may be in `rest`.
void ReplaceEverything(const char* sample, const char* rest = "") {
  const std::array<std::pair<Kind, std::string>, 6> others = {
      {{Kind::kNull, "null"},
       {Kind::kScalar, "7"},
       {Kind::kList, "[]"},
       {Kind::kList, "[{indicator: 1}]"},
       {Kind::kMap, "{}"},
       {Kind::kMap, "{a: {indicator: 1}}"}}};
  std::vector<YamlNode> documents = Parse(sample);
  const std::string rest_text = Flow(Parse(rest));
  {
    Config config;
    EXPECT_THAT(World::Print(LoadSloFile("s.yml", Flow(documents) + rest_text, &config)),
                ::testing::IsEmpty());
    EXPECT_FALSE(config.slos.empty());
  }
  size_t count = 0;
  for (YamlNode& document : documents) {
    ForEachNode(&document, "", [&](YamlNode* node, const std::string& path) {
      const YamlNode kept = *node;
      for (const auto& [kind, text] : others) {
        *node = Parse(text).at(0);
        Config config;
        const auto problems = LoadSloFile("s.yml", Flow(documents) + rest_text, &config);
        const bool is_wrong = kind != kept.kind && kind != Kind::kNull && !path.empty();
        if (is_wrong && !TakesAnything(path, text)) {
          EXPECT_TRUE(std::ranges::any_of(problems,
                                          [](const Problem& problem) {
                                            return problem.level == Problem::Level::kError &&
                                                   problem.line > 0;
                                          }))
              << path << ": " << text;
        }
        ++count;
      }
      *node = kept;
    });
  }
  EXPECT_GT(count, 100U);
}

TEST(SloMutationTest, SlothsFilesOnlyGiveErrors) { ReplaceEverything(kSloth); }
TEST(SloMutationTest, OurOwnFilesAndGuidesOnlyGiveErrors) { ReplaceEverything(kOwn); }
TEST(SloMutationTest, PyrrasFilesOnlyGiveErrors) { ReplaceEverything(kPyrra); }
TEST(SloMutationTest, GooglesFilesOnlyGiveErrors) { ReplaceEverything(kGoogle); }
TEST(SloMutationTest, OpenSlosFilesOnlyGiveErrors) {
  ReplaceEverything(kOpenSlo, kParts);
  ReplaceEverything(kComposites, kParts);
  ReplaceEverything(kRaw);
  ReplaceEverything(kParts, kOpenSlo);
}

TEST(SloMutationTest, ObjectivesOfOpenSloThatAreAMappingAreAnError) {
  const std::string text =
      "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: ab}\nspec:\n  service: shop\n"
      "  timeWindow: [{duration: 28d, isRolling: true}]\n  budgetingMethod: Occurrences\n"
      "  objectives: {a: {target: 0.99, indicatorRef: x}}\n";
  Config config;
  EXPECT_THAT(World::Print(LoadSloFile("s.yml", text, &config)),
              ::testing::Contains("s.yml:8:3: objectives must be a list, found a mapping"));
}

}  // namespace
}  // namespace watchfire::config
