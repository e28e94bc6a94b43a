// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Problems(const std::string& text, Config* config) {
  return World::Print(LoadRuleFile("r.yml", text, config));
}

TEST(RuleFileTest, EveryFieldIsRead) {
  Config config;
  config.evaluation.interval = seconds(15);
  ASSERT_THAT(Problems(R"(
groups:
  - name: queue
    interval: 30s
    query_offset: 10s
    limit: 50
    labels: {team: media, severity: info}
    rules:
      - record: queue:oldest_age:max
        expr: max by (queue) (queue_oldest_message_age_seconds)
        labels: {kind: age}
      - alert: QueueStuck
        expr: queue:oldest_age:max{q=~"a(b)c"} > 600  # ')'
        for: 5m
        keep_firing_for: 10m
        labels: {severity: '{{ $labels.severity }}'}
        annotations: {summary: 'Oldest in {{ $labels.queue }}: {{ $value }}'}
  - name: empty
    rules: []
)",
                       &config),
              IsEmpty());
  ASSERT_THAT(config.rule_groups, SizeIs(2));
  const RuleGroup& group = config.rule_groups[0];
  EXPECT_EQ(group.file, "r.yml");
  EXPECT_EQ(group.name, "queue");
  EXPECT_EQ(group.interval, seconds(30));
  EXPECT_EQ(group.query_offset, seconds(10));
  EXPECT_EQ(group.limit, 50);
  EXPECT_EQ(config.rule_groups[1].interval, seconds(15)) << "evaluation.interval";
  const Rule& record = group.rules[0];
  EXPECT_EQ(record.record, "queue:oldest_age:max");
  EXPECT_EQ(record.labels.ToString(), R"({kind="age", severity="info", team="media"})");
  EXPECT_THAT(record.label_templates, IsEmpty());
  const Rule& alert = group.rules[1];
  EXPECT_EQ(alert.alert, "QueueStuck");
  EXPECT_EQ(alert.hold, minutes(5));
  EXPECT_EQ(alert.keep_firing_for, minutes(10));
  EXPECT_EQ(alert.labels.Get("severity"), "{{ $labels.severity }}") << "the rule wins";
  ASSERT_THAT(alert.label_templates, SizeIs(2));
  EXPECT_EQ(alert.label_templates[1].first, "team");
  ASSERT_THAT(alert.annotation_templates, SizeIs(1));
  const labels::LabelSet labels = {{"queue", "q1"}};
  EXPECT_EQ(*alert.annotation_templates[0].second.Execute({labels, 7}), "Oldest in q1: 7");
}

// /api/v1/rules and links show an expression as Prometheus does; what is asked stays as written.
TEST(RuleFileTest, ExpressionsAreShownAsPrometheusPrintsThem) {
  Config config;
  EXPECT_THAT(Problems(R"(
groups:
  - name: g
    rules:
      - record: spread
        expr: |
          sum(up)  # all
          by (job)
      - {record: same, expr: up == 0}
)",
                       &config),
              IsEmpty());
  ASSERT_THAT(config.rule_groups, SizeIs(1));
  const std::vector<Rule>& rules = config.rule_groups[0].rules;
  ASSERT_THAT(rules, SizeIs(2));
  EXPECT_EQ(rules[0].expr, "sum(up)  # all\nby (job)\n");
  EXPECT_EQ(rules[0].query(), "sum by (job) (up)");
  EXPECT_EQ(rules[1].printed, "");
  EXPECT_EQ(rules[1].query(), "up == 0");
}

TEST(RuleFileTest, AnEmptyFileIsValid) {
  Config config;
  EXPECT_THAT(Problems("", &config), IsEmpty());
  EXPECT_THAT(Problems("groups:\n", &config), IsEmpty());
  EXPECT_THAT(config.rule_groups, IsEmpty());
}

TEST(RuleFileTest, ThePrometheusRuleOfTheOperatorIsReadAsItIs) {
  Config config;
  ASSERT_THAT(Problems(R"(
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: queue, labels: {prometheus: k8s, role: alert-rules}}
spec:
  groups:
    - name: queue
      partial_response_strategy: Warn
      rules:
        - {alert: QueueEmptyTooLong, expr: 'queue_length == 0', for: 1h, labels: {severity: info}}
        - {record: one, expr: 1}
)",
                       &config),
              IsEmpty());
  ASSERT_THAT(config.rule_groups, SizeIs(1));
  ASSERT_THAT(config.rule_groups[0].rules, SizeIs(2));
  EXPECT_EQ(config.rule_groups[0].rules[0].hold, std::chrono::hours(1));
  EXPECT_EQ(config.rule_groups[0].rules[1].expr, "1");
}

TEST(RuleFileTest, MistakesHaveTheirText) {
  const auto rule = [](const std::string& fields) {
    return "groups:\n  - name: g\n    rules:\n      - {" + fields + "}\n";
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"group: []", "r.yml:1:1: unknown key \"group\" (did you mean \"groups\"?)"},
      {"# none\n[]", "r.yml:2:1: the file must be a mapping, found a list"},
      {"groups: {}", "r.yml:1:1: groups must be a list, found a mapping"},
      {"kind: Secret\nspec: {}", "r.yml:1:1: kind must be PrometheusRule, not \"Secret\""},
      {"kind: PrometheusRule\napiVersion: v1\nspec: {}",
       "r.yml:2:1: apiVersion must be monitoring.coreos.com/v1, not \"v1\""},
      {"kind: PrometheusRule\napiVersion: monitoring.coreos.com/v1\ngroups: []",
       "r.yml:3:1: unknown key \"groups\" (known here: apiVersion, kind, metadata, spec, status)"},
      {"groups: [{name: g, partial_response_strategy: warn}]",
       "r.yml:1:20: unknown key \"partial_response_strategy\" (known here: interval, labels, "
       "limit, "
       "name, query_offset, rules)"},
      {"groups: [{name: g, intervall: 5s}]",
       "r.yml:1:20: unknown key \"intervall\" (did you mean \"interval\"?)"},
      {"groups: [{name: g}, {name: g}]",
       "r.yml:1:22: group name \"g\" is repeated in the same file (first on line 1)"},
      {"groups: [{name: g, limit: -1}]",
       "warning r.yml:1:20: limit is negative, which limits nothing (0 means no limit)"},
      {"groups: [{name: g, labels: {__name__: x}}]",
       "r.yml:1:29: invalid label name \"__name__\" in labels"},
      {"groups: [{name: g, labels: {a: '{{ range . }}'}}]",
       "r.yml:1:29: labels.a: line 1: unexpected EOF"},
      {rule("expr: up"), "r.yml:4:9: one of 'record' or 'alert' must be set"},
      {rule("alert: a, record: b, expr: up"),
       "r.yml:4:20: only one of 'record' and 'alert' must be set"},
      {rule("alert: a"), "r.yml:4:9: field 'expr' must be set in rule"},
      {rule("alert: a, expr: '  # nothing'"), "r.yml:4:27: expr: no expression found in input"},
      {rule("alert: a, expr: 'sum(rate(x[5m])'"), "r.yml:4:42: expr: unclosed left parenthesis"},
      {rule("record: 'a{b}', expr: up"), "r.yml:4:10: invalid recording rule name: \"a{b}\""},
      {rule("record: a, expr: up, for: 5m"), "r.yml:4:31: invalid field 'for' in recording rule"},
      {rule("record: a, expr: up, annotations: {x: y}"),
       "r.yml:4:31: invalid field 'annotations' in recording rule"},
      {rule("alert: a, expr: up, for: 1.5m"),
       "r.yml:4:30: for: not a valid duration string: \"1.5m\" (write it like 30s, 5m or 1h30m)"},
      {rule("alert: a, expr: up, annotations: {s: '{{ $value'}"),
       "r.yml:4:44: annotations.s: line 1: unclosed action"},
      {rule("alert: a, expr: up, labels: {s: [x]}"),
       "r.yml:4:39: labels.s must be a text, found a list"},
      {rule("alert: a, alert: b, expr: up"),
       "r.yml:4:20: duplicate key \"alert\" (first set on line 4)"},
      {"a: [", "r.yml:2:1: YAML: end of sequence flow not found"},
  };
  for (const auto& [text, want] : cases) {
    Config config;
    EXPECT_THAT(Problems(text, &config), Contains(want)) << text;
  }
}

// As Helm and Kustomize print them.
TEST(RuleFileTest, EveryResourceOfAFileIsRead) {
  const auto resource = [](const std::string& name) {
    return "---\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: " +
           name + "}\nspec: {groups: [{name: " + name +
           ", rules: [{alert: A, expr: 'up == 0'}]}]}\n";
  };
  Config config;
  EXPECT_THAT(Problems(resource("a") + resource("b") + "---\n", &config), IsEmpty());
  ASSERT_THAT(config.rule_groups, SizeIs(2));
  EXPECT_EQ(config.rule_groups[1].name, "b");
  Config twice;
  EXPECT_THAT(Problems(resource("a") + resource("a"), &twice),
              Contains(HasSubstr("group name \"a\" is repeated in the same file")));
  Config other;
  EXPECT_THAT(Problems(resource("a") + "---\nkind: Secret\nspec: {}\n", &other),
              Contains(HasSubstr("kind must be PrometheusRule")));
}

// As of kubectl get prometheusrules -o yaml.
TEST(RuleFileTest, AListOfResourcesIsRead) {
  const std::string list = R"(
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
  - apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: a}
    spec: {groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]}
  - apiVersion: monitoring.coreos.com/v1
    kind: PrometheusRule
    metadata: {name: b}
    spec: {groups: [{name: b, rules: [{alert: B, expr: up == 0}]}]}
)";
  Config config;
  EXPECT_THAT(Problems(list, &config), IsEmpty());
  ASSERT_THAT(config.rule_groups, SizeIs(2));
  EXPECT_EQ(config.rule_groups[1].name, "b");
  EXPECT_THAT(Problems(list + "  - {apiVersion: v1, kind: Secret}\n", &config),
              Contains(HasSubstr("kind must be PrometheusRule, not \"Secret\"")));
}

TEST(RuleFileTest, OnlyTheFirstDocumentIsRead) {
  Config config;
  EXPECT_THAT(Problems("groups: []\n---\ngroups: [{name: g}]\n", &config),
              ElementsAre("warning r.yml:3:1: only the first YAML document of this file is used"));
}

}  // namespace
}  // namespace watchfire::config
