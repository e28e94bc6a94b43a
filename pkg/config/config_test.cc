// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/config.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/section.h"

namespace watchfire::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct HookOptions {
  std::string url;
  HttpConfig http;
};

std::vector<IntegrationKind> Kinds() {
  return {{"webhook", true, false, [](Section& section, const Global& global) {
             auto options = std::make_shared<HookOptions>();
             options->url = section.Url("url");
             options->http = section.Http("http_config", global.http);
             if (!section.Has("url"))
               section.Error("url", "one of url or url_file must be configured");
             return options;
           }}};
}

using FileMap = std::map<std::string, std::string>;

Loaded LoadFiles(FileMap files, LoadOptions options = {}) {
  if (options.path.empty()) options.path = "w.yml";
  Files real;
  real.read = [files](const std::string& path) -> Result<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return Fail(Code::kNotFound, "no such file");
    return found->second;
  };
  real.glob = [files](const std::string& pattern) {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files) {
      if (path == pattern || (pattern == "*.rules" && path.ends_with(".rules"))) {
        paths.push_back(path);
      }
    }
    if (paths.empty() && pattern.find('*') == std::string::npos) paths.push_back(pattern);
    return paths;
  };
  return Load(options, real, Kinds());
}

std::vector<std::string> Lines(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(problem.ToString());
  return lines;
}

std::vector<std::string> ProblemsOf(const std::string& text) {
  return Lines(LoadFiles({{"w.yml", text}}).problems);
}

constexpr const char* kSmall = "route: {receiver: a}\nreceivers: [{name: a}]\n";

TEST(ConfigTest, TheSmallestFileHasEveryDefault) {
  const Loaded loaded = LoadFiles({{"w.yml", kSmall}});
  EXPECT_THAT(Lines(loaded.problems), IsEmpty());
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->global.resolve_timeout, std::chrono::minutes(5));
  EXPECT_EQ(loaded.config->route.group_wait, std::chrono::seconds(30));
  EXPECT_EQ(loaded.config->route.repeat_interval, std::chrono::hours(4));
  EXPECT_EQ(loaded.config->route.key, "{}");
  EXPECT_EQ(loaded.config->datasources.at(0).url, "http://localhost:9090");
  EXPECT_LT(loaded.config->hash, uint64_t{1} << 48);
}

TEST(ConfigTest, ChildrenInheritAndOverride) {
  const Loaded loaded = LoadFiles({{"w.yml", R"(
route:
  receiver: a
  group_by: [x]
  group_wait: 1s
  routes:
    - matchers: [severity="critical", 'team=~"a|b"']
      routes: [{receiver: b, group_by: [], match: {k: v}}]
    - {group_by: ['...'], group_wait: 2m, continue: true}
receivers: [{name: a}, {name: b}]
)"}});
  ASSERT_THAT(Lines(loaded.problems), IsEmpty());
  const Route& root = loaded.config->route;
  const Route& first = root.routes.at(0);
  EXPECT_EQ(first.receiver, "a");
  EXPECT_THAT(first.group_by, ElementsAre("x"));
  EXPECT_EQ(first.key, R"({}/{severity="critical",team=~"a|b"})");
  EXPECT_EQ(first.id, first.key + "/0");
  EXPECT_EQ(first.routes.at(0).receiver, "b");
  EXPECT_THAT(first.routes.at(0).group_by, IsEmpty());
  EXPECT_EQ(first.routes.at(0).group_wait, std::chrono::seconds(1));
  EXPECT_TRUE(root.routes.at(1).group_by_all);
  EXPECT_TRUE(root.routes.at(1).continue_matching);
  EXPECT_EQ(root.routes.at(1).group_wait, std::chrono::minutes(2));
}

TEST(ConfigTest, AllErrorsAreReportedAtOnceWithTheirPlaces) {
  const std::vector<std::string> problems = ProblemsOf(
      "route:\n"
      "  reciever: a\n"
      "  group_wait: 5x\n"
      "  routes:\n"
      "    - receiver: nobody\n"
      "      matchers: ['a=~\"(\"']\n"
      "receivers:\n"
      "  - name: a\n"
      "    webhook_configs: [{uri: 'http://x'}]\n"
      "  - name: a\n");
  EXPECT_THAT(problems, Contains("w.yml:2:3: unknown key \"reciever\" in route (did you mean "
                                 "\"receiver\"?)"));
  EXPECT_THAT(problems, Contains(HasSubstr("w.yml:3:15: group_wait: not a valid duration string: "
                                           "\"5x\"")));
  EXPECT_THAT(problems, Contains("w.yml:5:17: undefined receiver \"nobody\" used in route"));
  EXPECT_THAT(problems, Contains(HasSubstr("w.yml:6:17: matchers: ")));
  EXPECT_THAT(problems, Contains("w.yml:9:24: unknown key \"uri\" in webhook_configs (did you mean "
                                 "\"url\"?)"));
  EXPECT_THAT(problems, Contains("w.yml:10:11: notification config name \"a\" is not unique"));
  EXPECT_THAT(problems, Contains(HasSubstr("root route must specify a default receiver")));
}

struct Mistake {
  std::string text;
  std::string says;
};

TEST(ConfigTest, EveryMistakeOfTheReferenceIsRefused) {
  const std::string receivers = "receivers: [{name: a}]\n";
  const std::vector<Mistake> mistakes = {
      {"", "no route provided in config"},
      {"- a\n", "no route provided in config"},
      {receivers, "no routes provided"},
      {"route: {receiver: a, continue: true}\n" + receivers, "cannot have continue in root route"},
      {"route: {receiver: a, matchers: ['x=\"y\"']}\n" + receivers,
       "root route must not have any matchers"},
      {"route: {receiver: a, group_by: [x, x]}\n" + receivers,
       "duplicated label \"x\" in group_by"},
      {"route: {receiver: a, group_by: ['...', x]}\n" + receivers, "cannot have wildcard group_by"},
      {"route: {receiver: a, group_by: x}\n" + receivers, "group_by: want a list, found \"x\""},
      {"route: {receiver: a, group_interval: 0s}\n" + receivers, "group_interval cannot be zero"},
      {"route: {receiver: a, repeat_interval: 0s}\n" + receivers, "repeat_interval cannot be zero"},
      {"route: {receiver: a, mute_time_intervals: [x]}\n" + receivers, "not supported"},
      {"route: {receiver: a}\nreceivers: [{webhook_configs: []}]\n", "missing name in receiver"},
      {"route: {receiver: a}\nreceivers: [{name: a, slack_configs: [{}]}]\n",
       "integration \"slack\" is not supported in this version"},
      {"route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'ftp://x'}]}]\n",
       "unsupported scheme \"ftp\" for URL"},
      {"route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://'}]}]\n",
       "missing host for URL"},
      {"route: {receiver: a}\ntime_intervals: [{name: x}]\n" + receivers, "not supported"},
      {"route: {receiver: a}\ninhibit_rules: [{source_match: {'1x': y}}]\n" + receivers,
       "invalid label name \"1x\""},
      {"route: {receiver: a}\nroute: {receiver: a}\n" + receivers, "key \"route\" is already set"},
      {"route: {receiver: a}\nglobal: {resolve_timeout: 5}\n" + receivers,
       "not a valid duration string"},
      {"route: {receiver: a\n", "YAML: "},
      {"route: {receiver: *gone}\n", "YAML: "},
      {"route: [a]\n" + receivers, "route: want a mapping, found a list"},
      {"route: {receiver: a}\ninbound: {victorops: [{key: short}]}\n" + receivers,
       "key is shorter than 8 characters"},
      {"route: {receiver: a}\nrule_files: [gone.rules]\n" + receivers, "gone.rules: no such file"},
      {"route: {receiver: a}\ndatasources: [{url: 'http://x', timeout: 0s}]\n" + receivers,
       "timeout must be greater than zero"},
  };
  for (const Mistake& mistake : mistakes) {
    const Loaded loaded = LoadFiles({{"w.yml", mistake.text}});
    EXPECT_EQ(loaded.config, nullptr) << mistake.text;
    EXPECT_THAT(Join(Lines(loaded.problems), "\n"), HasSubstr(mistake.says)) << mistake.text;
  }
}

TEST(ConfigTest, AnchorsMergesAndYaml11BooleansWork) {
  const Loaded loaded = LoadFiles({{"w.yml", R"(
route:
  receiver: a
  routes:
    - &base {receiver: a, group_wait: 7s, continue: yes}
    - {<<: *base, group_wait: 8s}
receivers: [{name: a}]
)"}});
  ASSERT_THAT(Lines(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.config->route.routes.at(1).group_wait, std::chrono::seconds(8));
  EXPECT_TRUE(loaded.config->route.routes.at(1).continue_matching);
}

TEST(ConfigTest, BombsAreBounded) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) laughs += previous + ", ";
    laughs += previous + "]\n";
  }
  EXPECT_THAT(ProblemsOf(laughs), ElementsAre(HasSubstr("too many nodes")));
  EXPECT_THAT(ProblemsOf("a: " + std::string(500, '[')), ElementsAre(HasSubstr("nested deeper")));
  EXPECT_THAT(ProblemsOf(std::string(limits::kConfigBytes + 1, ' ')),
              ElementsAre(HasSubstr("larger than")));
  std::string many = kSmall;
  for (int i = 0; i < 300; ++i) many += "unknown_" + std::to_string(i) + ": 1\n";
  const std::vector<std::string> problems = ProblemsOf(many);
  EXPECT_EQ(problems.size(), limits::kConfigProblems + 1);
  EXPECT_THAT(problems.back(), HasSubstr("and 200 more problems"));
}

TEST(ConfigTest, OriginalHidesSecretsAndLoadsAgain) {
  const std::string text = R"(
global: {victorops_api_key: s3cr3t-key}
route: {receiver: a}
receivers:
  - name: a
    webhook_configs:
      - url: http://host/s3cr3t-path
        http_config: {basic_auth: {username: u, password: s3cr3t-pass}}
inbound: {victorops: [{key: s3cr3t-inbound}]}
datasources: [{name: p, url: 'http://prometheus:9090'}]
)";
  const Loaded loaded = LoadFiles({{"w.yml", text}});
  ASSERT_THAT(Lines(loaded.problems), IsEmpty());
  const std::string& original = loaded.config->original;
  EXPECT_THAT(original, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(original, HasSubstr("<secret>"));
  EXPECT_THAT(original, HasSubstr("http://prometheus:9090"));
  EXPECT_THAT(original, HasSubstr("group_interval: 5m"));
  const Loaded again = LoadFiles({{"w.yml", original}});
  EXPECT_THAT(Lines(again.problems), IsEmpty()) << original;
}

TEST(ConfigTest, ProblemsNeverShowSecrets) {
  const std::vector<std::string> problems = ProblemsOf(
      "global: {victorops_api_key: s3cr3t, victorops_api_key_file: f}\n"
      "route: {receiver: a}\n"
      "receivers: [{name: a, webhook_configs: [{url: 'http://h', http_config: {basic_auth: "
      "{password: s3cr3t, password_file: x}, authorization: {credentials: s3cr3t}}}]}]\n");
  EXPECT_EQ(problems.size(), 3U);
  EXPECT_THAT(Join(problems, "\n"), Not(HasSubstr("s3cr3t")));
}

TEST(ConfigTest, ExtraFilesAddOnlyOurKeys) {
  LoadOptions options;
  options.path = "w.yml";
  options.extra_paths = {"extra.yml"};
  Loaded loaded = LoadFiles(
      {{"w.yml", kSmall}, {"extra.yml", "datasources: [{url: 'http://p:1/'}]\n"}}, options);
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->datasources.at(0).url, "http://p:1");
  loaded = LoadFiles({{"w.yml", kSmall}, {"extra.yml", "route: {receiver: b}\n"}}, options);
  EXPECT_THAT(Lines(loaded.problems),
              ElementsAre(HasSubstr("extra.yml:1:1: unknown key \"route\"")));
}

TEST(RuleFileTest, ReadsPrometheusRules) {
  const Loaded loaded =
      LoadFiles({{"w.yml", std::string(kSmall) + "rule_files: ['*.rules']\n"}, {"a.rules", R"(
groups:
  - name: g
    interval: 30s
    labels: {team: core, severity: none}
    rules:
      - {record: a:b, expr: sum(x)}
      - alert: Down
        expr: up{job="a"} == 0
        for: 5m
        keep_firing_for: 1m
        labels: {severity: critical}
        annotations: {summary: '{{ $labels.instance }} is {{ $value }}'}
)"}});
  ASSERT_THAT(Lines(loaded.problems), IsEmpty());
  const RuleGroup& group = loaded.config->rule_groups.at(0);
  EXPECT_EQ(group.file, "a.rules");
  EXPECT_EQ(group.interval, std::chrono::seconds(30));
  const Rule& rule = group.rules.at(1);
  EXPECT_EQ(rule.labels, (labels::LabelSet{{"severity", "critical"}, {"team", "core"}}));
  EXPECT_EQ(rule.label_templates.size(), 2U);
  EXPECT_EQ(rule.hold, std::chrono::minutes(5));
}

TEST(RuleFileTest, ReportsEveryErrorOfEveryFile) {
  const Loaded loaded = LoadFiles({{"w.yml", std::string(kSmall) + "rule_files: ['*.rules']\n"},
                                   {"a.rules",
                                    "groups:\n"
                                    "  - name: g\n"
                                    "    rules:\n"
                                    "      - {alert: A, expr: 'sum(x'}\n"
                                    "      - {alert: B, record: c, expr: x}\n"
                                    "      - {record: c, expr: x, for: 5m}\n"
                                    "      - {alert: D, expr: x, labels: {'a-b': c}}\n"
                                    "      - {alert: E, expr: x, annotations: {s: '{{ nope }}'}}\n"
                                    "      - {alert: F, expr: x, four: 5m}\n"
                                    "  - name: g\n"},
                                   {"b.rules", "groups: [\n"}});
  const std::vector<std::string> problems = Lines(loaded.problems);
  EXPECT_THAT(problems, Contains("a.rules:4:26: expr: missing end of ("));
  EXPECT_THAT(problems, Contains(HasSubstr("a.rules:5:17: only one of 'record' and 'alert'")));
  EXPECT_THAT(problems, Contains(HasSubstr("a.rules:6:35: invalid field 'for'")));
  EXPECT_THAT(problems, Contains(HasSubstr("a.rules:7:37: labels: invalid name \"a-b\"")));
  EXPECT_THAT(problems, Contains(HasSubstr("a.rules:8:42: annotations.s: ")));
  EXPECT_THAT(problems, Contains(HasSubstr("did you mean \"for\"?")));
  EXPECT_THAT(problems, Contains(HasSubstr("is repeated in the same file")));
  EXPECT_THAT(problems, Contains(HasSubstr("b.rules:")));
}

constexpr const char* kSlo = R"(
version: prometheus/v1
service: shop-cart
labels: {team: basket}
slos:
  - name: add-item
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(e_total[{{.window}}]))
        total_query: sum(rate(r_total[{{ .window }}]))
    alerting:
      name: CartFailing
      annotations: {runbook: x}
      page_alert: {labels: {severity: critical}}
      ticket_alert: {disable: true}
)";

TEST(SloFileTest, ReadsSlothWithTheWorkbooksWindows) {
  const Loaded loaded =
      LoadFiles({{"w.yml", std::string(kSmall) + "slo_files: [s.yml]\n"}, {"s.yml", kSlo}});
  ASSERT_THAT(Lines(loaded.problems), IsEmpty());
  const Slo& slo = loaded.config->slos.at(0);
  EXPECT_EQ(slo.id, "shop-cart-add-item");
  EXPECT_EQ(slo.labels.Get("team"), "basket");
  EXPECT_TRUE(slo.ticket.disabled);
  EXPECT_EQ(slo.page.labels.Get("severity"), "critical");
  ASSERT_EQ(slo.page_windows.size(), 2U);
  EXPECT_DOUBLE_EQ(slo.page_windows[0].factor, 14.4);
  EXPECT_DOUBLE_EQ(slo.page_windows[1].factor, 6);
  EXPECT_DOUBLE_EQ(slo.ticket_windows[0].factor, 3);
  EXPECT_DOUBLE_EQ(slo.ticket_windows[1].factor, 1);
}

TEST(SloFileTest, AlertWindowsReplaceTheTable) {
  const std::string windows = R"(---
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 36h
  page:
    quick: {errorBudgetPercent: 2, shortWindow: 15s, longWindow: 3m}
    slow: {errorBudgetPercent: 5, shortWindow: 90s, longWindow: 18m}
  ticket:
    quick: {errorBudgetPercent: 10, shortWindow: 6m, longWindow: 72m}
    slow: {errorBudgetPercent: 10, shortWindow: 18m, longWindow: 216m}
)";
  const Loaded loaded = LoadFiles(
      {{"w.yml", std::string(kSmall) + "slo_files: [s.yml]\n"}, {"s.yml", kSlo + windows}});
  ASSERT_THAT(Lines(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.config->slos.at(0).period, std::chrono::hours(36));
  EXPECT_DOUBLE_EQ(loaded.config->slos.at(0).page_windows.at(0).factor, 14.4);
}

TEST(SloFileTest, ReportsWhatCannotWork) {
  const std::string bad = R"(
version: prometheus/v1
service: s
slos:
  - name: one
    objective: 100
    sli: {events: {error_query: sum(x), total_query: 'sum(x[{{.window}}])'}}
    alerting: {name: A}
  - name: one
    objective: 90
    sli: {}
    alerting: {page_alert: {labels: {a: ''}}}
---
kind: Deployment
)";
  const Loaded loaded =
      LoadFiles({{"w.yml", std::string(kSmall) + "slo_files: [s.yml]\n"}, {"s.yml", bad}});
  const std::string all = Join(Lines(loaded.problems), "\n");
  for (const char* text :
       {"bad name \"s\"", "below 100 percent", "must contain {{.window}}", "is not unique",
        "exactly one of events and raw", "alerting.name is missing", "a: must not be empty",
        "not an SLO document", "can never fire"}) {
    EXPECT_THAT(all, HasSubstr(text));
  }
}

}  // namespace
}  // namespace watchfire::config
