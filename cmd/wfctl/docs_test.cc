// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every example of the help and of those pages of docs/ that have some is run, and the files in
// docs/slo.md are read.

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"
#include "pkg/base/strings.h"
#include "pkg/config/config.h"
#include "pkg/incident/incident.h"

namespace watchfire::wfctl {
namespace {

// Splits as a shell does: blanks, single quotes, and a comment that ends the line.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  bool in_word = false;
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      if (!in_word) words.emplace_back();
      in_word = true;
    } else if (c == ' ' && !quoted) {
      in_word = false;
    } else if (c == '#' && !in_word) {
      break;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      words.back() += c;
    }
  }
  return words;
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void AnswerOfBudgetsAndShifts(FakeServer* server) {
  server->answers["GET /-/ready"] = {{200, "OK"}};
  server->answers["GET /api/v1/info"] = {{200, R"({"data":{"configuration":{"ok":true}}})"}};
  server->answers["GET /api/v1/query"] = {
      {200, R"({"status":"success","data":{"resultType":"vector","result":[]}})"}};
  server->answers["GET /api/v1/automation"] = {{200, R"({"data":{"rules":[],"runs":[]}})"}};
  for (const char* verb : {"approve", "refuse"}) {
    server->answers[std::string("POST /api/v1/automation/7-1-restart-api/") + verb] = {
        {200, R"({"data":{"id":"7-1-restart-api"}})"}};
  }
  server->answers["GET /api/v1/gate"] = {
      {200, R"({"data":{"allow":true,"purpose":"chaos","slos":[]}})"}};
  const std::string overrides = "/api/v1/oncall/overrides";
  server->answers["GET " + overrides] = {{200, R"({"data":{"overrides":[]}})"}};
  for (const char* path : {"", "/1/end", "/7/end"}) {
    server->answers["POST " + overrides + path] = {{200, R"({"data":{"id":"7"}})"}};
  }
  const std::string exclusions = "/api/v1/slos/exclusions";
  server->answers["GET " + exclusions] = {{200, R"({"data":{"exclusions":[]}})"}};
  for (const char* path : {"", "/3/end"}) {
    server->answers["POST " + exclusions + path] = {{200, R"({"data":{"id":"3"}})"}};
  }
  server->answers["GET /api/v1/oncall/handoff"] = {
      {200, R"({"data":{"schedule":"primary","text":"Hand-off of primary: ada\n"}})"}};
  server->answers["GET /metrics"] = {{200, "watchfire_queries_total{result=\"success\"} 7\n"}};
  server->answers["GET /api/v1/slos"] = {
      {200, R"({"data":{"slos":[{"id":"shop-availability","objective":99.9,"firing":[],)"
            R"("lastError":"","lastEvaluation":"2026-01-31T11:59:00Z","readings":[]}]}})"}};
  server->answers["GET /api/v1/slos/shop-availability/gate"] = {
      {200, R"({"data":{"allow":true,"purpose":"deploy","slos":[]}})"}};
  server->answers["GET /api/v1/slos/shop-availability/history"] = {
      {200, R"({"data":{"id":"shop-availability","days":[],"partial":false}})"}};
}

void AnswerEvents(FakeServer* server) {
  server->files["key"] = "vo-key\n";
  const std::string event = "POST /integrations/generic/20131114/alert/vo-key";
  for (const char* route : {"", "/platform"}) {
    server->answers[event + route] = {{200, R"({"result":"success","entity_id":"x"})"}};
  }
}

FakeServer Everything() {
  FakeServer server;
  const std::string data = "pkg/oncall/testdata/";
  server.files["schedules.json"] = TextOf(data + "opsgenie_schedule.json");
  server.files["policy.json"] = TextOf(data + "opsgenie_rest.json");
  server.files["overrides.json"] =
      R"({"data": [{"user": {"username": "dora"}, "startDate": "2024-02-01T00:00:00Z",)"
      R"("endDate": "2024-02-02T00:00:00Z"}]})";
  for (const char* path : {"oncall.yml", "docs/examples/oncall.yml"}) {
    server.files[path] = TextOf("docs/examples/oncall.yml");
  }
  server.files["docs/examples/escalation.yml"] = TextOf("docs/examples/escalation.yml");
  server.files["docs/examples/slo.yml"] = TextOf("docs/examples/slo.yml");
  const std::string silence =
      R"({"id":"x","comment":"c","createdBy":"a","startsAt":"2026-01-31T10:00:00Z",)"
      R"("endsAt":"2026-01-31T13:00:00Z","matchers":[{"name":"a","value":"b","isRegex":false}]})";
  server.files["alertmanager.yml"] =
      "route: {receiver: db-pager}\n"
      "receivers: [{name: db-pager, webhook_configs: [{url: 'http://hook.example.com/'}]}]\n";
  const std::string alerts = R"([{"labels":{"alertname":"HighLatency","team":"db"},)"
                             R"("annotations":{},"startsAt":"2026-01-31T10:00:00Z",)"
                             R"("endsAt":"2026-02-28T10:00:00Z","status":{"state":"active"}}])";
  server.files["alerts.json"] = alerts;
  server.files["watchfire.yml"] = server.files["alertmanager.yml"];
  server.files["http.yml"] = "{}\n";
  server.files["rules_test.yml"] = "tests: [{name: burn}]\n";
  server.files["web.yml"] = "";
  server.files["silences.json"] = "[" + silence + "]";
  server.answers["GET /api/v2/status"] = {
      {200, R"({"cluster":{"status":"disabled","peers":[]},"versionInfo":{},"config":{"original":)"
            R"("route: {receiver: db-pager}\nreceivers: [{name: db-pager}]\n"}})"}};
  server.answers["GET /api/v2/alerts"] = {{200, alerts}};
  server.answers["POST /api/v2/alerts"] = {{200, ""}};
  server.answers["GET /api/v2/silences"] = {{200, "[" + silence + "]"}};
  server.answers["POST /api/v2/silences"] = {{200, R"({"silenceID":"x"})"}};
  const std::string id = "/api/v2/silence/5b5a4c7e-0000-4000-8000-1d3a5f7c9e2b";
  server.answers["GET " + id] = {{200, silence}};
  server.answers["GET /api/v2/silence/x"] = {{200, silence}};
  server.answers["DELETE " + id] = {{200, ""}};
  server.answers["GET /api/v1/explain"] = {
      {200, R"({"data":{"total":1,"alerts":[{"labels":{},"chain":[]}]}})"}};
  server.answers["GET /api/v1/incidents"] = {{200, R"({"data":{"incidents":[]}})"}};
  for (const char* act : {"ack", "resolve", "note", "reassign", "severity", "role", "snooze",
                          "classify", "escalate", "mitigate", "postmortem"}) {
    server.answers[std::string("POST /api/v1/incidents/7/") + act] = {{200, "{}"}};
  }
  server.answers["POST /api/v1/incidents/8/merge"] = {{200, "{}"}};
  incident::Incident incident;
  incident.id = 7;
  server.answers["GET /api/v1/incidents/7"] = {
      {200, "{\"data\":" + incident::ToJson(incident) + "}"}};
  server.answers["GET /api/v1/incidents/7/runbook"] = {{200, "# Runbook\n"}};
  server.answers["GET /api/v1/incidents/7/postmortem"] = {{200, "# Post-mortem\n"}};
  server.files["postmortem.tmpl"] = "# {{ .ID }}\n";
  server.answers["GET /api/v1/heartbeats"] = {
      {200, R"({"data":{"heartbeats":[{"name":"prometheus","missing":false}]}})"}};
  server.answers["POST /api/v1/heartbeats/nightly-backup/ping"] = {{200, "{}"}};
  AnswerEvents(&server);
  server.answers["GET /api/v1/analytics"] = {{200, R"({"data":{"total":{}}})"}};
  server.answers["GET /api/v1/oncall"] = {
      {200, R"({"data":{"schedules":[{"schedule":"primary","oncall":["ada"],)"
            R"("until":"2026-02-02T08:00:00Z","next":[]}],"policies":[{"policy":"critical",)"
            R"("steps":[{"after":"0s","oncall":["ada"]},{"after":"15m","oncall":[]}]}]}})"}};
  AnswerOfBudgetsAndShifts(&server);
  server.answers["GET /api/v1/rules"] = {{200, R"({"data":{"groups":[]}})"}};
  server.answers["GET /api/v1/shadow"] = {
      {200, R"({"data":{"alertmanager":"http://am","since":null,"pollError":"","counts":{"same":1,)"
            R"("extra":0,"missing":0,"different":0,"unjudged":0},"waiting":0,"differences":[]}})"}};
  server.answers["POST /-/reload"] = {{200, ""}};
  return server;
}

void RunExample(const std::string& line) {
  std::vector<std::string> words = Words(line);
  ASSERT_EQ(words.at(0), "wfctl");
  words.erase(words.begin());
  FakeServer server = Everything();
  EXPECT_EQ(server.Run(words), kOk) << line << "\n" << server.out << server.err;
}

int RunExamplesOf(const std::string& path) {
  std::ifstream page(path);
  EXPECT_TRUE(page.is_open()) << path;
  std::string line;
  int count = 0;
  while (std::getline(page, line)) {
    if (!line.starts_with("wfctl ")) continue;
    RunExample(line);
    ++count;
  }
  return count;
}

TEST(DocsTest, EveryExampleOfThePagesRuns) {
  EXPECT_GT(RunExamplesOf("docs/wfctl.md"), 20);
  EXPECT_GT(RunExamplesOf("docs/explain.md"), 2);
  EXPECT_GT(RunExamplesOf("docs/rules.md"), 1);
  EXPECT_GE(RunExamplesOf("docs/oncall.md"), 5);
  EXPECT_GE(RunExamplesOf("docs/incidents.md"), 8);
  EXPECT_GE(RunExamplesOf("docs/analytics.md"), 3);
  EXPECT_GE(RunExamplesOf("docs/heartbeats.md"), 2);
  EXPECT_EQ(RunExamplesOf("docs/automation.md"), 3);
  EXPECT_EQ(RunExamplesOf("docs/advice.md"), 6);
  EXPECT_EQ(RunExamplesOf("docs/doctor.md"), 3);
}

TEST(DocsTest, TheAutomationExampleIsWhole) {
  FakeServer server;
  server.files["docs/examples/automation.yml"] = TextOf("docs/examples/automation.yml");
  EXPECT_EQ(server.Run({"check", "docs/examples/automation.yml"}), kOk) << server.out << server.err;
  EXPECT_EQ(server.out.find("warning"), std::string::npos) << server.out;
}

TEST(DocsTest, TheEnrichmentExampleIsWhole) {
  FakeServer server;
  for (const char* name : {"enrichment", "services", "experiments"}) {
    const std::string path = std::string("docs/examples/") + name + ".yml";
    server.files[path] = TextOf(path);
  }
  const std::vector<std::string> words = {"check", "--fail-on-advice",
                                          "docs/examples/enrichment.yml"};
  EXPECT_EQ(server.Run(words), kOk) << server.out << server.err;
  server.files["docs/examples/services.yml"] += "checkout: {}\n";
  EXPECT_EQ(server.Run(words), kNo) << "the files beside it are read";
  EXPECT_NE(server.out.find("docs/examples/services.yml:12:1: "), std::string::npos) << server.out;
}

TEST(DocsTest, TheSlackExampleHasWhatAResponderLooksFor) {
  FakeServer server;
  server.files["slack.yml"] = TextOf("docs/examples/slack.yml");
  server.files["oncall.yml"] = TextOf("docs/examples/oncall.yml");
  server.files["/etc/watchfire/slack"] = "https://hooks.slack.com/services/x/y/z\n";
  server.files["/etc/watchfire/pagerduty"] = "0123456789abcdef0123456789abcdef\n";
  EXPECT_EQ(server.Run({"check", "slack.yml"}), kOk) << server.out << server.err;
  EXPECT_EQ(server.out.find("warning"), std::string::npos) << server.out;
  server.vendor = [](const net::OutRequest&) {
    net::OutResponse response;
    response.status = 200;
    response.headers = {{"Content-Type", "application/json"}};
    response.body = R"({"ok":true})";
    return response;
  };
  EXPECT_EQ(server.Run({"receiver", "test", "platform", "severity=critical", "service=pay",
                        "--config.file=slack.yml"}),
            kOk)
      << server.out << server.err;
  std::string sent;
  for (const net::OutRequest& request : server.deliveries) sent += request.body + "\n";
  for (const char* part : {R"("color":"#FF0000")", R"("title":"Service","value":"pay")",
                           R"("title":"On call","value":"ada")", R"("text":"View Runbook")",
                           R"("footer":"Watchfire")"}) {
    EXPECT_NE(sent.find(part), std::string::npos) << part << " in " << sent;
  }
}

TEST(DocsTest, TheEscalationExampleIsWholeWithTheScheduleBesideIt) {
  FakeServer server = Everything();
  server.files["docs/examples/escalation.yml"] = TextOf("docs/examples/escalation.yml");
  EXPECT_EQ(server.Run({"check", "docs/examples/escalation.yml"}), kOk) << server.out << server.err;
  EXPECT_EQ(server.out.find("warning"), std::string::npos) << server.out;
  server.files["docs/examples/oncall.yml"].replace(
      server.files["docs/examples/oncall.yml"].find("- name: victor-warning"), 22, "- name: other");
  EXPECT_EQ(server.Run({"check", "docs/examples/escalation.yml"}), kNo) << "it is read";
}

TEST(DocsTest, EverySloFileOfItsPageIsReadWithoutARemark) {
  std::string files;
  int count = 0;
  std::istringstream page(TextOf("docs/slo.md"));
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```yaml") {
      inside = ++count > 1;  // The first is the main file.
      files += "---\n";
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      files += line + "\n";
    }
  }
  EXPECT_GE(count, 6);
  config::Config config;
  for (const config::Problem& problem : config::LoadSloFile("slo.md", files, &config)) {
    ADD_FAILURE() << problem.ToString();
  }
  EXPECT_EQ(config.slos.size(), 9U);
}

// Explanations stand three blanks behind an example. What a shell must do more for is left out.
TEST(DocsTest, EveryExampleOfTheHelpRuns) {
  int count = 0;
  for (const Command& command : Commands()) {
    for (const std::string_view text : Split(command.text, '\n')) {
      std::string line(Trim(text));
      if (!line.starts_with("wfctl ") || line.find_first_of("$>") != std::string::npos) continue;
      if (const size_t remark = line.find("   "); remark != std::string::npos) line.resize(remark);
      // The globs of these name files that the test has not.
      if (line.find("--rules") != std::string::npos) continue;
      RunExample(line);
      ++count;
    }
  }
  EXPECT_GT(count, 15);
}

}  // namespace
}  // namespace watchfire::wfctl
