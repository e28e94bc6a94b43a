// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/advice/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::advice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct World : config::World {
  explicit World(const std::string& main) : config::World(main) {
    options.read_oncall = oncall::ConfigReader();
  }

  std::vector<advice::Advice> Remarks(const Options& wanted = {}) const {
    const config::Loaded loaded = Load();
    EXPECT_NE(loaded.config, nullptr) << testing::PrintToString(Print(loaded.problems));
    if (!loaded.config) return {};
    config::Files access;
    access.read = [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return Fail(Code::kNotFound, "gone");
      return found->second;
    };
    access.glob = [](const std::string& pattern) { return std::vector{pattern}; };
    return Advise(*loaded.config, options, access, wanted);
  }

  // As "id file:line:column".
  std::vector<std::string> Places(const Options& wanted = {}) const {
    std::vector<std::string> places;
    for (const auto& [id, place] : Remarks(wanted)) {
      places.push_back(id + " " + place.file + ":" + std::to_string(place.line) + ":" +
                       std::to_string(place.column));
    }
    return places;
  }
};

constexpr const char* kReceivers = R"(
receivers:
  - {name: chat, webhook_configs: [{url: 'http://c.example/hook'}]}
  - {name: pager, pager_configs: [{url: 'http://p.example/'}], fallback: chat}
)";

// A file of one route, which begins on line 1, with `more` of it, and receivers that are fine.
World OfRoute(const std::string& more, const std::string& receiver = "chat") {
  return World("route:\n  receiver: " + receiver + "\n" + more +
               (receiver == "chat" ? "  routes: [{receiver: pager, matchers: [page=yes]}]\n"
                                   : "  routes: [{receiver: chat, matchers: [page=no]}]\n") +
               kReceivers);
}

// The same with `routes` as its children.
World OfRoutes(const std::string& routes) {
  return World("route:\n  receiver: chat\n  routes:\n" + routes + kReceivers);
}

World OfRules(const std::string& rules) {
  World world(
      std::string("rule_files: [r.yml]\nroute: {receiver: a}\nreceivers: [{name: a, "
                  "webhook_configs: [{url: 'http://a.example/'}]}]\n"));
  world.files["r.yml"] = "groups:\n  - name: g\n    rules:\n" + rules;
  return world;
}

World OfPolicy(const std::string& policy) {
  World world(R"(route: {receiver: on-call}
receivers:
  - name: on-call
    escalation_configs:
      - policy: p
  - {name: ada-app, webhook_configs: [{url: 'http://a.example/'}]}
oncall_files: [o.yml]
oncall: {contacts: {ada: [{receiver: ada-app}], bo: [{receiver: ada-app}]}, fallback: ada-app}
)");
  world.files["o.yml"] =
      "oncall:\n  users: [ada, bo]\n  escalation_policies:\n  - name: p\n" + policy;
  return world;
}

TEST(AdviceTest, AFileWithoutFaultHasNone) { EXPECT_THAT(OfRoute("").Places(), IsEmpty()); }

TEST(AdviceTest, InhibitWithoutEqual) {
  const std::string rule = "  - {source_matchers: [a=1], target_matchers: [b=2]";
  World bad = OfRoute("");
  bad.files["w.yml"] += "inhibit_rules:\n" + rule + "}\n";
  EXPECT_THAT(bad.Places(), ElementsAre("inhibit-without-equal w.yml:9:5"));
  EXPECT_THAT(bad.Remarks()[0].place.message, HasSubstr("{a=\"1\"} mutes everything with {b="));
  World good = OfRoute("");
  good.files["w.yml"] += "inhibit_rules:\n" + rule + ", equal: [c]}\n";
  EXPECT_THAT(good.Places(), IsEmpty());
}

TEST(AdviceTest, ShortGroupInterval) {
  EXPECT_THAT(OfRoute("  group_interval: 10s\n").Places(),
              ElementsAre("short-group-interval w.yml:3:3"));
  EXPECT_THAT(OfRoute("  group_interval: 30s\n").Places(), IsEmpty());
}

TEST(AdviceTest, UnevenRepeatInterval) {
  EXPECT_THAT(OfRoute("  group_interval: 5m\n  repeat_interval: 12m\n").Places(),
              ElementsAre("uneven-repeat-interval w.yml:4:3"));
  EXPECT_THAT(OfRoute("  group_interval: 7m\n").Places(),
              ElementsAre("uneven-repeat-interval w.yml:3:3"));
  EXPECT_THAT(OfRoute("  group_interval: 5m\n  repeat_interval: 1h\n").Places(), IsEmpty());
  EXPECT_THAT(OfRoute("  delivery: strict\n  repeat_interval: 12m\n").Places(), IsEmpty())
      << "strict repeats to the second";
}

TEST(AdviceTest, UnreachableRoute) {
  const std::string first = "    - {receiver: chat, matchers: [team=a]";
  const std::string second = "    - {receiver: pager, matchers: [team=a, severity=critical]}\n";
  EXPECT_THAT(OfRoutes(first + "}\n" + second).Places(),
              ElementsAre("unreachable-route w.yml:5:25"));
  EXPECT_THAT(OfRoutes(first + ", continue: true}\n" + second).Places(), IsEmpty());
  EXPECT_THAT(OfRoutes(second + first + "}\n").Places(), IsEmpty()) << "the narrower one first";
  EXPECT_THAT(OfRoutes("    - {receiver: chat, matchers: ['team=~\"a|b\"']}\n" + second).Places(),
              ElementsAre("unreachable-route w.yml:5:25"))
      << "a regex that takes the value";
  EXPECT_THAT(OfRoutes("    - {receiver: chat, matchers: ['team=~\"b|c\"']}\n" + second).Places(),
              IsEmpty());
  EXPECT_THAT(OfRoutes("    - receiver: chat\n" + second).Places(),
              ElementsAre("unreachable-route w.yml:5:25"))
      << "a sibling that takes everything";
  EXPECT_THAT(OfRoutes("    - receiver: chat\n      matchers: [team=a]\n"
                       "      routes: [{receiver: pager, matchers: [team=b]}]\n")
                  .Places(),
              ElementsAre("unreachable-route w.yml:6:34"))
      << "its parent wants another value";
}

TEST(AdviceTest, IdleContinue) {
  const std::string critical =
      "    - {receiver: pager, matchers: [severity=critical], continue: true}\n";
  const std::string warning = "    - {receiver: chat, matchers: [severity=warning]}\n";
  const std::string team = "    - {receiver: chat, matchers: [team=db]}\n";
  EXPECT_THAT(OfRoutes(warning + critical).Places(), ElementsAre("idle-continue w.yml:5:56"));
  EXPECT_THAT(OfRoutes(critical + warning).Places(), ElementsAre("idle-continue w.yml:4:56"));
  EXPECT_THAT(OfRoutes(critical + warning + team).Places(), IsEmpty());
}

TEST(AdviceTest, GroupByEverything) {
  EXPECT_THAT(OfRoute("  group_by: ['...']\n", "pager").Places(),
              ElementsAre("group-by-everything w.yml:3:3"));
  EXPECT_THAT(OfRoute("  group_by: [alertname]\n", "pager").Places(), IsEmpty());
  EXPECT_THAT(World("route:\n  receiver: chat\n  group_by: ['...']\nreceivers:\n"
                    "  - {name: chat, webhook_configs: [{url: 'http://c.example/'}]}\n")
                  .Places(),
              IsEmpty())
      << "nobody is paged";
}

TEST(AdviceTest, TheHintIsHowToMendIt) {
  const std::vector<Advice> advice = OfRoute("  group_interval: 10s\n").Remarks();
  ASSERT_EQ(advice.size(), 1U);
  EXPECT_THAT(advice[0].place.ToString(),
              HasSubstr("w.yml:3:3: group_interval is 10s (5m is the default; `group_wait`"));
}

TEST(AdviceTest, UnboundedLabel) {
  EXPECT_THAT(OfRoute("  group_by: [alertname, request_id]\n").Places(),
              ElementsAre("unbounded-label w.yml:3:3"));
  EXPECT_THAT(OfRoute("  group_by: [alertname, request_class]\n").Places(), IsEmpty());
  World extra = OfRoute("");
  extra.files["x.yml"] = "incidents:\n  correlate_by: traceId\n";
  extra.options.extra_paths = {"x.yml"};
  EXPECT_THAT(extra.Places(), ElementsAre("unbounded-label x.yml:2:17"));
  EXPECT_THAT(OfRules("      - {alert: A, expr: 'sum by (job, trace_id) (up) > 1'}\n"
                      "      - {alert: B, expr: up, labels: {X-Request-ID: '1'}}\n"
                      "      - {alert: C, expr: 'sum by (job) (up{uuid=\"\"})'}\n")
                  .Places(),
              ElementsAre("unbounded-label r.yml:4:20", "unbounded-label r.yml:5:30"));
}

TEST(AdviceTest, PageWithoutFallback) {
  const std::string page = "route: {receiver: p}\nreceivers:\n  - name: p\n";
  const std::string one = "    pager_configs: [{url: 'http://p.example/'}";
  const std::string chat = "  - {name: c, webhook_configs: [{url: 'http://c.example/'}]}\n";
  EXPECT_THAT(World(page + one + "]\n").Places(), ElementsAre("page-without-fallback w.yml:3:5"));
  EXPECT_THAT(World(page + one + "]\n    fallback: c\n" + chat).Places(), IsEmpty());
  EXPECT_THAT(World(page + one + ", {url: 'http://q.example/'}]\n").Places(), IsEmpty())
      << "a second vendor stands by";
}

TEST(AdviceTest, CriticalToNobody) {
  const std::string nobody = "  - name: nobody\n";
  World bad = OfRoutes("    - {receiver: nobody, matchers: ['severity=~\"critical|page\"']}\n");
  bad.files["w.yml"] += nobody;
  EXPECT_THAT(bad.Places(), ElementsAre("critical-to-nobody w.yml:4:8"));
  World watchdog = OfRoutes("    - {receiver: nobody, matchers: [alertname=Watchdog]}\n");
  watchdog.files["w.yml"] += nobody;
  EXPECT_THAT(watchdog.Places(), IsEmpty());
  const std::string root = "route:\n  receiver: nobody\n";
  EXPECT_THAT(World(root + std::string(kReceivers) + nobody).Places(),
              ElementsAre("critical-to-nobody w.yml:2:3"));
  EXPECT_THAT(World(root + "  routes: [{receiver: pager, matchers: [severity=critical]}]\n" +
                    kReceivers + nobody)
                  .Places(),
              IsEmpty())
      << "a route takes it from there";
}

TEST(AdviceTest, OwnApiWebhook) {
  const std::string main = "route: {receiver: a}\nreceivers:\n  - name: a\n    webhook_configs:\n";
  EXPECT_THAT(World(main + "      - {url: 'http://localhost:9093/api/v1/alerts'}\n").Places(),
              ElementsAre("own-api-webhook w.yml:5:15"));
  EXPECT_THAT(World(main + "      - {url: 'http://localhost:9093/alerts'}\n").Places(), IsEmpty());
}

TEST(AdviceTest, HastyPolicy) {
  EXPECT_THAT(OfPolicy("    steps: [{tell: [ada]}, {after: 1m, tell: [bo]}]\n").Places(),
              ElementsAre("hasty-policy w.yml:5:9"));
  EXPECT_THAT(OfPolicy("    steps: [{tell: [ada]}, {after: 5m, tell: [bo]}]\n").Places(),
              IsEmpty());
  EXPECT_THAT(OfPolicy("    steps: [{tell: [ada]}]\n    repeat: {count: 2, wait: 30s}\n").Places(),
              ElementsAre("hasty-policy w.yml:5:9"));
  EXPECT_THAT(
      OfPolicy("    steps: [{tell: [ada, bo]}]\n    repeat: {count: 2, wait: 10m}\n").Places(),
      IsEmpty());
}

constexpr const char* kNotes =
    "summary: s, description: d, runbook_url: 'https://r.example', dashboard_url: 'https://d'";

TEST(AdviceTest, PageWithoutAnnotation) {
  const std::string head = "      - {alert: A, expr: up, for: 5m, labels: {severity: ";
  const std::string some = "annotations: {summary: s, dashboard_url: d}}\n";
  const World bad = OfRules(head + "critical}, " + some);
  EXPECT_THAT(bad.Places(), ElementsAre("page-without-annotation r.yml:4:10"));
  EXPECT_THAT(bad.Remarks()[0].place.message, HasSubstr("no annotation description, runbook_url"));
  EXPECT_THAT(OfRules(head + "warning}, " + some).Places(), IsEmpty());
  EXPECT_THAT(OfRules(head + "page}, annotations: {" + kNotes + "}}\n").Places(), IsEmpty());
  EXPECT_THAT(bad.Places({.annotations = {"summary"}}), IsEmpty());
  EXPECT_THAT(bad.Places({.ignored = {"page-without-annotation"}}), IsEmpty());
}

TEST(AdviceTest, PageWithoutDashboard) {
  const std::string head = "      - {alert: A, expr: up, for: 5m, labels: {severity: critical}, ";
  const std::string notes = "annotations: {summary: s, description: d, runbook_url: r";
  EXPECT_THAT(OfRules(head + notes + "}}\n").Places(),
              ElementsAre("page-without-dashboard r.yml:4:10"));
  EXPECT_THAT(OfRules(head + notes + ", grafana_url: g}}\n").Places(), IsEmpty());
}

TEST(AdviceTest, ACatalogueGivesAnnotations) {
  const auto places = [](const std::string& labels, const std::string& lookup) {
    World world = OfRules("      - {alert: A, expr: up, for: 5m, labels: {severity: critical" +
                          labels + "}}\n");
    world.files["w.yml"] += "enrichment: [{" + lookup + ": {" + kNotes + "}}}]\n";
    return world.Places();
  };
  EXPECT_THAT(places(", service: api", "label: service, entries: {api"), IsEmpty());
  EXPECT_THAT(places("", "label: alertname, entries: {A"), IsEmpty());
  const std::string empty = ", service: api}, annotations: {runbook_url: '', summary: ''";
  EXPECT_THAT(places(empty, "label: service, entries: {api"), IsEmpty()) << "as good as none";
  EXPECT_THAT(places("", "label: service, entries: {api"), testing::SizeIs(2))
      << "what the expression gives is not known";
}

TEST(AdviceTest, PageWithoutFor) {
  const auto rule = [](const std::string& expr, const std::string& more = "") {
    return OfRules("      - {alert: A, expr: '" + expr + "'" + more +
                   ", labels: {severity: critical}, annotations: {" + kNotes + "}}\n");
  };
  EXPECT_THAT(rule("up == 0").Places(), ElementsAre("page-without-for r.yml:4:10"));
  EXPECT_THAT(rule("rate(x[1m]) > 1").Places(), ElementsAre("page-without-for r.yml:4:10"));
  EXPECT_THAT(rule("up == 0", ", for: 1m").Places(), IsEmpty());
  EXPECT_THAT(rule("rate(x[1m]) > 1 and rate(x[1h]) > 1").Places(), IsEmpty());
  EXPECT_THAT(rule("job:errors:ratio_rate1h > 0.1").Places(), IsEmpty());
}

TEST(AdviceTest, OfAPrometheusRuleToo) {
  World world = OfRules("");
  world.files["r.yml"] =
      "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\n"
      "spec:\n  groups:\n    - name: g\n      rules:\n"
      "        - {alert: A, expr: up, labels: {severity: page}}\n";
  EXPECT_THAT(world.Places(),
              ElementsAre("page-without-annotation r.yml:8:12", "page-without-dashboard r.yml:8:12",
                          "page-without-for r.yml:8:12"));
}

// The seed of issue 6 whose configuration is a guide's: it loads, and each of these is unwise.
TEST(AdviceTest, OfAGuidesConfiguration) {
  const World world(R"(route:
  receiver: default
  group_interval: 10s
  repeat_interval: 12h
  routes:
    - {match: {severity: critical}, receiver: pager, continue: true}
    - {match: {severity: warning}, receiver: default}
    - {match: {team: database}, receiver: default}
inhibit_rules:
  - {source_match: {alertname: ClusterDown}, target_match_re: {alertname: .*ServiceDown}}
receivers:
  - {name: default, webhook_configs: [{url: 'http://localhost:9093/api/v1/alerts'}]}
  - {name: pager, pager_configs: [{url: 'http://p.example/'}]}
)");
  EXPECT_THAT(world.Places(),
              ElementsAre("short-group-interval w.yml:3:3", "inhibit-without-equal w.yml:10:5",
                          "own-api-webhook w.yml:12:45", "page-without-fallback w.yml:13:6"));
}

}  // namespace
}  // namespace watchfire::advice
