// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kFull = R"(
global:
  resolve_timeout: 10m
  victorops_api_key: s3cr3t-global
  http_config:
    basic_auth: {username: u, password: s3cr3t-basic}
    tls_config: {ca_file: ca.pem}
route:
  receiver: team
  group_by: [alertname, service]
  group_wait: 10s
  routes:
    - receiver: chat
      matchers: [severity="warning", 'team=~"a|b"']
      continue: true
      repeat_interval: 1d
    - match: {service: db}
      match_re: {zone: 'eu.*'}
inhibit_rules:
  - name: quiet
    source_matchers: [severity="critical"]
    target_match: {severity: warning}
    equal: [service]
receivers:
  - name: team
    pager_configs:
      - {url: 'https://pager.example/x', token: s3cr3t-token}
      - {url: 'https://u:s3cr3t-url@pager.example/y', page: false, send_resolved: yes}
  - name: chat
    webhook_configs: [{url: 'http://hook.example', max_alerts: 3, http_config: {}}]
datasources:
  - {name: main, url: 'http://prom.example:9090/p/', timeout: 10s, headers: {X-Key: s3cr3t-header}}
evaluation: {interval: 30s, resend_delay: 2m, external_labels: {cluster: eu-1}}
rule_files: ['rules/*.yml']
slo_files: [slo.yml]
inbound:
  victorops: [{key: s3cr3t-inbound}, {key_file: /run/key}]
incidents: {paging_receivers: [chat]}
)";

constexpr const char* kSlo = R"(
version: prometheus/v1
service: api
slos:
  - name: latency
    objective: 99
    sli: {raw: {error_ratio_query: 'slow{w="{{ .window }}"}'}}
    alerting: {name: Slow}
)";

World FullWorld() {
  World world;
  world.options.path = "etc/w.yml";
  world.files = {{"etc/w.yml", kFull},
                 {"etc/rules/a.yml", "groups: [{name: g, rules: [{alert: Up, expr: up == 0}]}]"},
                 {"etc/slo.yml", kSlo},
                 {"/run/key", "s3cr3t-file\n"}};
  return world;
}

TEST(LoadTest, AGoodFileIsReadWhole) {
  const Loaded loaded = FullWorld().Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const Config& config = *loaded.config;
  EXPECT_EQ(config.global.resolve_timeout, minutes(10));
  EXPECT_EQ(config.global.victorops_api_key.value.reveal(), "s3cr3t-global");
  EXPECT_EQ(config.global.http.basic_auth->password.reveal(), "s3cr3t-basic");
  EXPECT_EQ(config.global.http.tls.ca_file, "etc/ca.pem");
  ASSERT_THAT(config.receivers, SizeIs(2));
  const std::vector<Integration>& pagers = config.receivers[0].integrations;
  ASSERT_THAT(pagers, SizeIs(2));
  EXPECT_EQ(pagers[0].kind, "pager");
  EXPECT_TRUE(pagers[0].pages);
  EXPECT_FALSE(pagers[0].send_resolved);
  EXPECT_FALSE(pagers[1].pages);
  EXPECT_TRUE(pagers[1].send_resolved);
  EXPECT_EQ(pagers[1].index, 1);
  const auto* options = static_cast<const FakeOptions*>(pagers[0].options.get());
  EXPECT_EQ(options->token.reveal(), "s3cr3t-token");
  EXPECT_EQ(options->http.basic_auth->username, "u") << "inherited from global";
  const Integration& chat = config.receivers[1].integrations[0];
  EXPECT_TRUE(chat.pages) << "named in incidents.paging_receivers";
  const auto* hook = static_cast<const FakeOptions*>(chat.options.get());
  EXPECT_FALSE(hook->http.basic_auth) << "replaced as a whole";
  ASSERT_THAT(config.inhibit_rules, SizeIs(2)) << "and that of the SLO";
  EXPECT_EQ(matcher::ToString(config.inhibit_rules[0].target), "{severity=\"warning\"}");
  ASSERT_THAT(config.datasources, SizeIs(1));
  EXPECT_EQ(config.datasources[0].url, "http://prom.example:9090/p");
  EXPECT_THAT(config.datasources[0].headers, ElementsAre(Pair("X-Key", "s3cr3t-header")));
  EXPECT_EQ(config.evaluation.external_labels.Get("cluster"), "eu-1");
  ASSERT_THAT(config.rule_groups, SizeIs(1));
  EXPECT_EQ(config.rule_groups[0].file, "etc/rules/a.yml");
  EXPECT_EQ(config.rule_groups[0].interval, seconds(30));
  ASSERT_THAT(config.slos, SizeIs(1));
  ASSERT_THAT(config.inbound.Of("victorops"), SizeIs(2));
  EXPECT_EQ(config.inbound.Of("victorops")[1].key.reveal(), "s3cr3t-file");
}

TEST(LoadTest, TheOriginalShowsDefaultsHidesSecretsAndLoadsAgain) {
  World world = FullWorld();
  const Loaded first = world.Load();
  ASSERT_NE(first.config, nullptr);
  std::string original = first.config->original;
  EXPECT_THAT(original, Not(HasSubstr("s3cr3t")));
  // Of a file whose own name is relative, so are those beside it.
  for (size_t at = 0; (at = original.find("etc/ca.pem")) != std::string::npos;) {
    original.replace(at, 10, "/ca.pem");
  }
  EXPECT_THAT(original, StartsWith("global:\n  resolve_timeout: 10m\n  http_config:\n"));
  EXPECT_THAT(original, HasSubstr("  victorops_api_key: <secret>\n"));
  EXPECT_THAT(original, HasSubstr("repeat_interval: 1d\n"));
  EXPECT_THAT(original, HasSubstr("https://u:%3Csecret%3E@pager.example/y"));
  EXPECT_THAT(original, HasSubstr("- match:\n      service: db\n"));
  world.files["etc/w.yml"] = original;
  const Loaded second = world.Load();
  ASSERT_THAT(World::Print(second.problems), IsEmpty());
  EXPECT_EQ(second.config->original, original);
  for (const char* own : {"datasources", "page", "rule_files", "inbound", "incidents"}) {
    EXPECT_THAT(original, Not(HasSubstr(std::string(own) + ":"))) << "Alertmanager's keys only";
  }
  EXPECT_EQ(second.config->route.routes[1].id, first.config->route.routes[1].id);
  EXPECT_NE(second.config->hash, first.config->hash);
}

TEST(LoadTest, TheHashIsTheFirstSixBytesOfMd5LittleEndian) {
  // md5sum prints 1cc3950317a8… for this text.
  EXPECT_EQ(World(Minimal()).Load().config->hash, 0xa8170395c31cU);
}

TEST(LoadTest, AMinimalFileGetsEveryDefault) {
  World world(Minimal());
  world.options.prometheus_url = "http://prom:9090/";
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_EQ(loaded.config->global.resolve_timeout, minutes(5));
  EXPECT_EQ(loaded.config->datasources[0].url, "http://prom:9090");
  EXPECT_EQ(loaded.config->evaluation.interval, minutes(1));
  EXPECT_THAT(loaded.config->receivers[0].integrations, IsEmpty()) << "a black hole";
  EXPECT_THAT(loaded.config->original, HasSubstr("resolve_timeout: 5m\n"));
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("datasources")))
      << "amtool reads it, and knows Alertmanager's keys only";
  world.options.prometheus_url = "prom:9090";
  EXPECT_THAT(world.Problems(),
              ElementsAre(HasSubstr("--prometheus.url: url: unsupported scheme")));
}

TEST(LoadTest, AllErrorsAreReportedAtOnceInFileOrder) {
  World world(
      "route:\n"
      "  reciever: a\n"
      "  group_interval: 0s\n"
      "  routes:\n"
      "    - receiver: b\n"
      "      matchers: ['x=~\"(\"']\n"
      "receivers:\n"
      "  - name: a\n"
      "    webhook_configs:\n"
      "      - {uri: 'http://x', send_resolved: maybe}\n"
      "    slack_configs: [{channel: x}]\n"
      "  - name: a\n"
      "rule_files: [r.yml, gone.yml]\n");
  world.files["r.yml"] = "groups:\n  - name: g\n    rules: [{alert: A, expr: 'f(', foo: 1}]\n";
  EXPECT_THAT(
      world.Problems(),
      ElementsAre("w.yml:1:1: root route must specify a default receiver",
                  "w.yml:2:3: unknown key \"reciever\" (did you mean \"receiver\"?)",
                  "w.yml:3:3: group_interval cannot be zero",
                  "w.yml:5:7: undefined receiver \"b\" used in route (did you mean \"a\"?)",
                  StartsWith("w.yml:6:18: "),
                  "warning w.yml:8:5: receiver \"a\" is used by no route",
                  "w.yml:10:9: one of url or url_file must be configured",
                  "w.yml:10:10: unknown key \"uri\" (did you mean \"url\"?)",
                  "w.yml:10:27: send_resolved must be true or false, found \"maybe\"",
                  "w.yml:11:5: slack_configs is not supported yet (built in: webhook_configs, "
                  "pager_configs)",
                  "w.yml:12:5: notification config name \"a\" is not unique",
                  "warning w.yml:12:5: receiver \"a\" is used by no route",
                  "r.yml:3:33: expr: unclosed left parenthesis",
                  "r.yml:3:36: unknown key \"foo\" (did you mean \"for\"?)",
                  "gone.yml: matches no file (named in w.yml:13)"));
  EXPECT_EQ(world.Load().config, nullptr);
}

TEST(LoadTest, ASyntaxErrorDoesNotHideTheOtherFiles) {
  World world("route: {receiver: a\nreceivers: []\n");
  world.options.rule_globs = {"r.yml"};
  world.options.slo_globs = {"s.yml"};
  world.options.extra_paths = {"x.yml"};
  world.files["r.yml"] = "groups: [{rules: []}]";
  world.files["s.yml"] = "version: prometheus/v2";
  world.files["x.yml"] = "route: {}";
  EXPECT_THAT(world.Problems(), Contains(StartsWith("w.yml:2:")));
  EXPECT_THAT(world.Problems(), Contains("r.yml:1:10: group name must not be empty"));
  EXPECT_THAT(world.Problems(), Contains("x.yml:1:1: route belongs in the main file"));
  EXPECT_THAT(world.Problems(), Contains(StartsWith("s.yml:1:1: unknown version")));
}

using Cases = std::vector<std::pair<std::string, std::string>>;

// Each text has the problem beside it, and no problem shows a secret.
void ExpectProblems(const Cases& cases) {
  for (const auto& [text, want] : cases) {
    const World world(text);
    EXPECT_THAT(world.Problems(), Contains(want)) << text;
    EXPECT_THAT(world.Problems(), Each(Not(HasSubstr("s3cr3t"))));
    EXPECT_EQ(world.Load().config, nullptr) << text;
  }
}

TEST(LoadTest, MistakesOfTheMainFileHaveTheirText) {
  ExpectProblems({
      {"", "w.yml:1:1: no route provided in config (add a route with a receiver)"},
      {"# none\nreceivers: []\n", "w.yml:2:1: no routes provided (add a route with a receiver)"},
      {" []\n", "w.yml:1:2: the file must be a mapping, found a list"},
      {Minimal("receivers: []\n"), "w.yml:3:1: duplicate key \"receivers\" (first set on line 2)"},
      {Minimal("globl: {}\n"), "w.yml:3:1: unknown key \"globl\" (did you mean \"global\"?)"},
      {Minimal("global: {resolve_timeout: 5x}\n"),
       "w.yml:3:10: resolve_timeout: not a valid duration string: \"5x\" (write it like 30s, 5m "
       "or 1h30m)"},
      {Minimal("global: {victorops_api_key: s3cr3t, victorops_api_key_file: b}\n"),
       "w.yml:3:37: at most one of victorops_api_key & victorops_api_key_file must be configured"},
      {Minimal("global: {victorops_api_url: ftp://x}\n"),
       "w.yml:3:10: victorops_api_url: unsupported scheme \"ftp\" for URL (write it like "
       "https://host/path)"},
      {Minimal("templates: {a: b}\n"), "w.yml:3:1: templates must be a list, found a mapping"},
      {Minimal("templates: [[a]]\n"),
       "w.yml:3:13: an entry of templates must be a text, found a list"},
      {Minimal("inhibit_rules: [{equal: ['']}]\n"),
       "w.yml:3:26: invalid label name \"\" in equal list"},
      {Minimal("inhibit_rules: [{source_match: {a-b: x}}]\n"),
       "w.yml:3:33: invalid label name \"a-b\""},
      {Minimal("inhibit_rules: [{source_match_re: {a: }}]\n"),
       "w.yml:3:36: invalid regexp value for \"a\""},
      {"route: {receiver: a}\nreceivers: [{name: a}, {}]\n",
       "w.yml:2:24: missing name in receiver"},
      {"route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [null]}]\n",
       "w.yml:2:41: missing webhook config"},
      {"route: {receiver: a}\nreceivers: [{name: a, webhook_configs: {url: x}}]\n",
       "w.yml:2:23: webhook_configs must be a list, found a mapping"},
      {"route: {receiver: a}\nreceivers: [{name: a, webhok_configs: []}]\n",
       "w.yml:2:23: unknown key \"webhok_configs\" (did you mean \"webhook_configs\"?)"},
  });
}

TEST(LoadTest, PlacesToWriteToAreRead) {
  const World world(Minimal(
      "remote_write:\n"
      "  - {url: 'https://mimir.example:8080/api/v1/push', remote_timeout: 3s,\n"
      "     headers: {X-Scope-OrgID: a}, http_config: {basic_auth: {username: u, password: p}}}\n"
      "  - {url: 'http://prom:9090/api/v1/write', name: second}\n"));
  ASSERT_THAT(world.Problems(), IsEmpty());
  const Loaded loaded = world.Load();
  const auto& writes = loaded.config->remote_writes;
  ASSERT_THAT(writes, SizeIs(2));
  EXPECT_EQ(writes[0].name, "mimir.example:8080");
  EXPECT_EQ(writes[0].url, "https://mimir.example:8080/api/v1/push");
  EXPECT_EQ(writes[0].timeout, seconds(3));
  EXPECT_THAT(writes[0].headers, ElementsAre(Pair("X-Scope-OrgID", "a")));
  EXPECT_EQ(writes[1].name, "second");
  EXPECT_EQ(writes[1].timeout, seconds(5));
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("remote_write")));
}

std::vector<std::string> GroupsOf(const Loaded& loaded) {
  std::vector<std::string> names;
  for (const RuleGroup& group : loaded.config->rule_groups) names.push_back(group.name);
  return names;
}

TEST(LoadTest, ABadRuleFileDoesNotKeepTheGoodOnesOut) {
  World world(Minimal("rule_files: ['r/*.yml']\nslo_files: ['s/*.yml']\n"));
  const std::string slo =
      "version: prometheus/v1\nservice: api\nslos: [{name: NAME, objective: 99, sli: {raw: "
      "{error_ratio_query: 'rate(x[{{.window}}])'}}, alerting: {name: A}}]\n";
  const auto named = [&](const std::string& name) {
    return std::string(slo).replace(slo.find("NAME"), 4, name);
  };
  world.files["r/a.yml"] = "groups: [{name: a}]\n";
  world.files["r/b.yml"] = "groups: [{name: b}]\n";
  world.files["s/1.yml"] = named("one");
  world.files["s/2.yml"] = named("two");
  EXPECT_NE(world.Load().config, nullptr);
  const std::shared_ptr<const Config> before = world.Load().config;

  world.files["r/b.yml"] = "groups: [{name: b, rules: [{}]}, {name: c}]\n";
  world.files["s/2.yml"] = named("one");  // A name that is taken.
  EXPECT_EQ(world.Load().config, nullptr) << "unless they are to be left out";
  world.options.leaves_out_bad_files = true;
  Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(GroupsOf(loaded), ElementsAre("a"));
  ASSERT_THAT(loaded.config->slos, SizeIs(1));
  EXPECT_THAT(loaded.config->file_errors, ElementsAre(Pair("r/a.yml", 0), Pair("r/b.yml", 2),
                                                      Pair("s/1.yml", 0), Pair("s/2.yml", 1)));
  EXPECT_THAT(World::Print(loaded.problems),
              Contains(HasSubstr("r/b.yml:1:28: one of 'record' or 'alert' must be set")));

  // What was there before goes on.
  world.options.previous = before;
  loaded = world.Load();
  EXPECT_THAT(GroupsOf(loaded), ElementsAre("a", "b"));
  ASSERT_THAT(loaded.config->slos, SizeIs(2));
  EXPECT_EQ(loaded.config->slos[1].id, "api-two");

  // Any other mistake is one of the whole.
  world.files["w.yml"] += "delivery: loose\n";
  EXPECT_EQ(world.Load().config, nullptr);
}

TEST(LoadTest, AFileThatCannotBeReadIsLeftOutLikeOneWithErrors) {
  World world(Minimal("rule_files: ['r/*.yml', gone.yml]\n"));
  world.files["r/a.yml"] = "groups: [{name: a}]\n";
  world.files["r/b.yml"] = "groups: [{name: b}]\n";
  world.files["gone.yml"] = "groups: [{name: gone}]\n";
  world.options.leaves_out_bad_files = true;
  world.options.previous = world.Load().config;
  ASSERT_NE(world.options.previous, nullptr);
  world.files.erase("gone.yml");
  world.files["r/b.yml"] = "groups: [{name: \xff}]\n";
  world.failures["r/a.yml"] = {Code::kPermission, "r/a.yml: Permission denied"};
  world.files["r/c.yml"] = "groups: [{name: c}]\n";
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(GroupsOf(loaded), ElementsAre("c", "a", "b", "gone"));
  EXPECT_THAT(loaded.config->file_errors, ElementsAre(Pair("gone.yml", 1), Pair("r/a.yml", 1),
                                                      Pair("r/b.yml", 1), Pair("r/c.yml", 0)));
  const std::vector<std::string> problems = World::Print(loaded.problems);
  EXPECT_THAT(problems, Contains("r/a.yml: Permission denied (named in w.yml:3)"));
  EXPECT_THAT(problems, Contains("gone.yml: matches no file (named in w.yml:3)"));
  EXPECT_THAT(problems, Contains(HasSubstr("r/b.yml:1:")));

  world.options.leaves_out_bad_files = false;
  EXPECT_EQ(world.Load().config, nullptr) << "who checks a configuration is told";
}

TEST(LoadTest, ASloThatMovesOutOfABrokenFileIsNoDuplicate) {
  World world(Minimal("slo_files: ['s/*.yml']\n"));
  const auto file = [](const std::vector<std::string>& names, const char* more) {
    std::string text = "version: prometheus/v1\nservice: api\nslos:\n";
    for (const std::string& name : names) {
      text += "  - name: " + name +
              "\n    objective: 99.9\n    alerting: {name: Burn}\n    sli: {events: "
              "{error_query: 'rate(e[{{.window}}])', total_query: 'rate(t[{{.window}}])'}}\n";
    }
    return text + more;
  };
  world.files["s/1.yml"] = file({"moves", "stays"}, "");
  world.files["s/2.yml"] = file({"other"}, "");
  world.options.leaves_out_bad_files = true;
  world.options.previous = world.Load().config;
  ASSERT_THAT(world.options.previous->slos, SizeIs(3));
  // Whoever moves it has not taken it out here yet, and made a mistake besides.
  world.files["s/1.yml"] = file({"moves", "stays"}, "  - name: broken\n");
  world.files["s/2.yml"] = file({"moves", "other"}, "");
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  std::vector<std::string> slos;
  for (const Slo& slo : loaded.config->slos) slos.push_back(slo.id + " of " + slo.file);
  EXPECT_THAT(slos,
              ElementsAre("api-moves of s/2.yml", "api-other of s/2.yml", "api-stays of s/1.yml"));
  EXPECT_EQ(loaded.config->file_errors.at("s/2.yml"), 0U);
  // Two good files that share a name are a mistake as before.
  world.files["s/1.yml"] = file({"moves"}, "");
  EXPECT_EQ(world.Load().config->file_errors.at("s/2.yml"), 1U);
}

TEST(LoadTest, ADatasourceSaysHowCountersAreAskedFor) {
  ExpectProblems({
      {Minimal("datasources: [{increase: rate}]\n"),
       "w.yml:3:16: unknown way to ask for an increase \"rate\" (one of auto, offset, anchored, "
       "victoriametrics)"},
  });
  const World world(Minimal("datasources: [{increase: anchored}, {name: b}]\n"));
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->datasources[0].increase, Datasource::Increase::kAnchored);
  EXPECT_EQ(loaded.config->datasources[1].increase, Datasource::Increase::kAuto);
}

TEST(LoadTest, ADatasourceSaysHowFarApartItsSamplesAre) {
  ExpectProblems({{Minimal("datasources: [{scrape_interval: often}]\n"),
                   "w.yml:3:16: scrape_interval: not a valid duration string: \"often\" (write it "
                   "like 30s, 5m or 1h30m)"}});
  World world(Minimal("datasources: [{scrape_interval: 2m}]\nslo_files: [s.yml]\n"));
  world.files["s.yml"] =
      "version: prometheus/v1\nservice: api\nslos: [{name: paid, objective: 99, alerting: {name: "
      "B}, "
      "sli: {raw: {error_ratio_query: 'r{{.window}}'}}}]\n";
  EXPECT_THAT(world.Problems(), ElementsAre(HasSubstr("its metrics are scraped every 2m ")));
}

TEST(LoadTest, TheKeysOfEvaluationAreNamed) {
  ExpectProblems({
      {Minimal("evaluation: {delay: 0s}\n"),
       "w.yml:3:14: unknown key \"delay\" (known here: datasource_down_after, external_labels, "
       "interval, resend_delay, scrape_interval, slo_alert_labels, slo_mode, slo_period, "
       "slo_windows)"},
  });
}

TEST(LoadTest, MistakesInOurOwnKeysHaveTheirText) {
  ExpectProblems({
      {Minimal("evaluation: {interval: 0s}\n"), "w.yml:3:14: interval cannot be zero"},
      {Minimal("evaluation: {datasource_down_after: 2y}\n"),
       "w.yml:3:14: datasource_down_after cannot be longer than 366d"},
      {"evaluation: {slo_mode: fast}",
       "w.yml:1:14: unknown slo_mode \"fast\" (one of exact, incremental)"},
      {Minimal("datasources: [{type: influx}]\n"),
       "w.yml:3:16: unknown datasource type \"influx\" (one of prometheus, thanos, "
       "victoriametrics, mimir)"},
      {Minimal("datasources: [{concurrency: 17}]\n"),
       "w.yml:3:16: concurrency must be from 1 to 16"},
      {Minimal("datasources: [{}, {}]\n"),
       "w.yml:3:19: datasource name \"prometheus\" is not unique"},
      {Minimal("datasources: [{headers: {'a b': s3cr3t}}]\n"),
       "w.yml:3:26: invalid header \"a b\""},
      {Minimal("remote_write: [{}]\n"), "w.yml:3:16: url for remote_write is empty"},
      {Minimal("remote_write: [{url: 'http://a/w', queue_config: {}}]\n"),
       "w.yml:3:36: unknown key \"queue_config\" (did you mean \"http_config\"?)"},
      {Minimal("remote_write: [{url: 'http://a/w'}, {url: 'http://a/w'}]\n"),
       "w.yml:3:38: remote_write writes to this URL twice"},
      {Minimal("inbound: {victorops: [{}]}\n"),
       "w.yml:3:23: one of key or key_file must be configured"},
      {Minimal("inbound: {victorops: [{key: s3cr3t, key_file: b}]}\n"),
       "w.yml:3:37: at most one of key & key_file must be configured"},
      {Minimal("inbound: {victorops: [{key_file: gone}]}\n"),
       "w.yml:3:24: key_file: gone: No such file or directory"},
      {Minimal("inbound: {opsgeni: []}\n"),
       "w.yml:3:11: unknown key \"opsgeni\" (did you mean \"opsgenie\"?)"},
      {Minimal("inbound: {opsgenie: [{key: s3cr3t}, {key: s3cr3t}]}\n"),
       "w.yml:3:38: this key of inbound.opsgenie is not unique"},
      {Minimal("inbound: {opsgenie: [{key: s3cr3t}, {key: b, labels: {team: s3cr3t}}]}\n"),
       "w.yml:3:46: this key of inbound.opsgenie and another of inbound.opsgenie would end each "
       "other's alerts: they must have the same labels, or one that both set and that differs "
       "(such as labels: {team: web} and labels: {team: db})"},
      {Minimal("inbound: {cloudwatch: [{key: s3cr3t, topic: a}]}\n"),
       "w.yml:3:38: unknown key \"topic\" (did you mean \"topics\"?)"},
      {Minimal("inbound: {victorops: [{key: s3cr3t, api_id: s3cr3t}]}\n"),
       "w.yml:3:37: api_id and api_key go together: clients of /api-public send both"},
      {Minimal("inbound: {generic: [{key: s3cr3t}]}\n"),
       "w.yml:3:21: a generic key needs a mapping: which member of the body is what"},
      {Minimal("inbound: {generic: [{key: s3cr3t, mapping: {entity: 'x'}}]}\n"),
       "w.yml:3:45: entity must say what the alert is about, in words of the body (such as "
       "'{repository}/{workflow}')"},
      {Minimal("inbound: {generic: [{key: s3cr3t, mapping: {entity: '{a', resolved: [x]}}]}\n"),
       "w.yml:3:45: entity: \"{a\" has a { without a path and its } (such as {build.url})"},
      {Minimal("incidents: {paging_receivers: [b]}\n"),
       "w.yml:3:32: undefined receiver \"b\" in paging_receivers (did you mean \"a\"?)"},
      {Minimal("incidents: {re_page: {a: b}}\n"),
       "w.yml:3:13: re_page is not supported yet (remove it; nothing here would act on it)"},
      {Minimal("incidents: {classification: {noise: 5m}}\n"),
       "w.yml:3:30: unknown key \"noise\" (known here: flapping_count, flapping_within, "
       "noise_within)"},
      {Minimal("incidents: {classification: {flapping_count: 33}}\n"),
       "w.yml:3:30: flapping_count must be from 0, which is never, to 32"},
      {Minimal("incidents: {ack: {expires_after: 31d}}\n"),
       "w.yml:3:19: an ack cannot last longer than 30d"},
      {Minimal("incidents: {severities: {critical: P1}}\n"),
       "w.yml:3:13: severity \"critical\" cannot be \"P1\" (one of SEV1, SEV2, SEV3, SEV4)"},
      {Minimal("delivery: loose\n"), "w.yml:3:1: unknown delivery (one of alertmanager, strict)"},
      {Minimal("delivry: strict\n"),
       "w.yml:3:1: unknown key \"delivry\" (did you mean \"delivery\"?)"},
  });
}

TEST(LoadTest, EndsAreToldAtOnceWhereDeliveryIsStrict) {
  ExpectProblems(
      {{Minimal("prompt_resolved: true\n"), "w.yml:3:1: prompt_resolved needs delivery: strict"}});
}

TEST(LoadTest, IncidentsHaveTermsOfTheirOwn) {
  const World plain(Minimal(""));
  EXPECT_EQ(plain.Load().config->incidents.reopen_within, minutes(5)) << "a default";
  const World world(
      Minimal("incidents:\n  reopen_within: 0s\n  ack: {expires_after: 2h, remind_before: 10m}\n"
              "  classification: {noise_within: 90s, flapping_count: 5, flapping_within: 1d}\n"
              "  correlate_by: cluster\n  severities: {page: SEV2, tief: SEV4}\n"));
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems), IsEmpty());
  ASSERT_NE(loaded.config, nullptr);
  const Incidents& incidents = loaded.config->incidents;
  EXPECT_EQ(incidents.reopen_within, Duration::zero());
  EXPECT_EQ(incidents.ack_expires_after, std::chrono::hours(2));
  EXPECT_EQ(incidents.remind_before, minutes(10));
  EXPECT_EQ(incidents.noise_within, seconds(90));
  EXPECT_EQ(incidents.flapping_count, 5);
  EXPECT_EQ(incidents.flapping_within, std::chrono::hours(24));
  EXPECT_EQ(incidents.correlate_by, "cluster");
  EXPECT_EQ(incidents.severities.at("page"), "SEV2");
}

TEST(LoadTest, EmptyFormsOfUnsupportedKeysAreFine) {
  const World world(
      "route: {receiver: a, mute_time_intervals: [], labels: {}}\n"
      "receivers: [{name: a, slack_configs: [], labels: {}}]\n"
      "templates: []\ntime_intervals: []\nmute_time_intervals:\ninhibit_rules: [null]\n"
      "datasources: []\ninbound: {victorops: []}\nincidents: {}\nrule_files: []\n");
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems), IsEmpty());
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->inhibit_rules, SizeIs(1));
}

TEST(LoadTest, ExtraFilesHoldOurKeysOnlyAndAreJoined) {
  World world(Minimal("rule_files: [a.yml]\nevaluation: {interval: 15s}\n"));
  world.options.extra_paths = {"x/1.yml", "x/2.yml"};
  const std::string group = ", rules: [{alert: A, expr: up}]}]";
  world.files["x/1.yml"] = "rule_files: ['*.rules']\ndatasources: [{name: one}]\n";
  world.files["x/2.yml"] = "datasources: [{name: two}]\ninbound: {victorops: [{key: k}]}\n";
  world.files["a.yml"] = "groups: [{name: g" + group;
  world.files["x/b.rules"] = "groups: [{name: h" + group;
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_THAT(loaded.config->rule_groups, SizeIs(2));
  EXPECT_EQ(loaded.config->rule_groups[1].interval, seconds(15));
  ASSERT_THAT(loaded.config->datasources, SizeIs(2));
  EXPECT_EQ(loaded.config->datasources[1].name, "two");
  world.files["x/2.yml"] = "evaluation: {}\nreceivers: []\nrule_file: []\n";
  EXPECT_THAT(world.Problems(),
              ElementsAre("x/2.yml:1:1: evaluation is already set in w.yml",
                          "x/2.yml:2:1: receivers belongs in the main file",
                          "x/2.yml:3:1: unknown key \"rule_file\" (did you mean \"rule_files\"?)"));
}

TEST(LoadTest, FilesAreReadOnceAndEmptyGlobsWarn) {
  World world(Minimal("rule_files: ['r/*.yml', r/a.yml, 'none/*.yml']\n"));
  world.files["r/a.yml"] = "groups: [{name: g, rules: []}]";
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems),
              ElementsAre("warning w.yml:3:34: none/*.yml matches no file"));
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->rule_groups, SizeIs(1));
}

TEST(LoadTest, CenturiesAreShownAsWrittenAndCountAsFiftyYears) {
  const Loaded loaded =
      World(
          "global: {resolve_timeout: 290y}\nroute: {receiver: a, repeat_interval: 106751d}\n"
          "receivers: [{name: a}]\n")
          .Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->global.resolve_timeout, limits::kConfiguredDuration);
  EXPECT_EQ(loaded.config->route.repeat_interval, limits::kConfiguredDuration);
  EXPECT_THAT(loaded.config->original, HasSubstr("resolve_timeout: 290y\n"));
  EXPECT_THAT(loaded.config->original, HasSubstr("repeat_interval: 106751d\n"));
}

TEST(LoadTest, AnUnreadableMainFileIsOneProblem) {
  World world;
  EXPECT_THAT(world.Problems(), ElementsAre("w.yml: No such file or directory"));
  world.files["w.yml"] = std::string(limits::kConfigBytes + 1, '#');
  EXPECT_THAT(world.Problems(), ElementsAre("w.yml: larger than 4194304 bytes"));
}

TEST(LoadTest, ProblemsAreBoundedAndSayHowManyThereAre) {
  std::string more = "global: {smtp_from: x}\n";
  for (int i = 0; i < 50'000; ++i) more += "key" + std::to_string(i) + ": 1\n";
  const std::vector<std::string> problems = World(Minimal(more)).Problems();
  ASSERT_THAT(problems, SizeIs(limits::kConfigProblems));
  EXPECT_THAT(problems.front(), StartsWith("w.yml:4:1: unknown key \"key0\""));
  EXPECT_EQ(problems.back(), "w.yml: and 48001 more");
  EXPECT_THAT(problems, Each(Not(StartsWith("warning"))));
}

TEST(LoadTest, WithoutPlaceOrHintAProblemPrintsShort) {
  EXPECT_EQ((Problem{Problem::Level::kError, "f", 3, 4, "bad", "try"}.ToString()),
            "f:3:4: bad (try)");
  EXPECT_EQ((Problem{Problem::Level::kError, "f", 0, 0, "bad", ""}.ToString()), "f: bad");
}

}  // namespace
}  // namespace watchfire::config
