// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/doctor.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Verdict = Finding::Verdict;

constexpr const char* kMetrics =
    "# TYPE watchfire_store_healthy gauge\nwatchfire_store_healthy 1\n"
    "watchfire_queries_total{result=\"success\"} 7\nwatchfire_queries_total{result=\"error\"} 1\n"
    "watchfire_receiver_circuit_open{receiver=\"p\",integration=\"webhook\",index=\"0\"} 0\n"
    "alertmanager_notifications_total{integration=\"webhook\"} 3\n"
    "alertmanager_notifications_failed_total{integration=\"webhook\",reason=\"other\"} 0\n"
    "alertmanager_http_request_duration_seconds_count{handler=\"/metrics\",method=\"get\"} 9\n";

// What a server answers with which all is well, at noon of 2026-01-31.
FakeServer Well() {
  FakeServer server;
  const auto answer = [&](const char* path, const std::string& body) {
    server.answers[std::string("GET ") + path] = {{200, body}};
  };
  answer("/-/ready", "OK");
  answer("/api/v1/info",
         R"({"data":{"configuration":{"ok":true},"startedAt":"2026-01-30T00:00:00Z"}})");
  answer("/metrics", kMetrics);
  answer("/api/v1/rules", R"({"data":{"groups":[{"name":"g","rules":[{"name":"A","health":"ok",
      "labels":{"severity":"critical"},"annotations":{"runbook_url":"https://r"}}]}]}})");
  answer("/api/v1/slos", R"({"data":{"slos":[{"id":"shop","lastError":"",
      "lastEvaluation":"2026-01-31T11:59:00Z"}]}})");
  answer("/api/v1/oncall", R"({"data":{"schedules":[{"schedule":"Primary","oncall":["ada"]}],
      "policies":[{"policy":"p","steps":[{"after":"0s","oncall":["ada"]}]}]}})");
  answer("/api/v1/oncall/schedules/Primary", R"({"data":{"entries":[
      {"start":"2026-01-31T12:00:00Z","end":"2026-02-14T12:00:00Z","oncall":["ada"]}]}})");
  answer("/api/v1/heartbeats",
         R"({"data":{"heartbeats":[{"name":"prometheus","missing":false}]}})");
  answer("/api/v1/incidents", R"({"data":{"incidents":[{"id":"7","title":"t",
      "pagedAt":"2026-01-31T11:50:00Z"}],"total":1}})");
  server.files["w.yml"] =
      "route: {receiver: on-call}\nreceivers:\n"
      "  - {name: on-call, escalation_configs: [{policy: p}]}\n"
      "  - {name: app, webhook_configs: [{url: 'http://a.example/'}]}\n"
      "oncall_files: [o.yml]\noncall: {contacts: {ada: [{receiver: app}]}, fallback: app}\n";
  server.files["o.yml"] =
      "oncall: {users: [ada], escalation_policies: [{name: p, steps: [{tell: [ada]}]}]}\n";
  return server;
}

const std::vector<std::string> kDoctor = {"doctor", "--config.file=w.yml"};

// The one line of the answer that begins with `mark` and says `id`.
std::string Line(const FakeServer& server, const std::string& id) {
  std::istringstream lines(server.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" " + id + ": ") != std::string::npos) return line;
  }
  return "no line of " + id;
}

TEST(DoctorTest, AllIsWell) {
  FakeServer server = Well();
  EXPECT_EQ(server.Ask(kDoctor), kOk) << server.out << server.err;
  EXPECT_THAT(server.out, Not(HasSubstr("\u2717")));
  EXPECT_THAT(server.out, Not(HasSubstr("\u2013 ")));
  EXPECT_THAT(Line(server, "gaps"), "\u2713 gaps: no schedule has a gap within 14 days");
  EXPECT_THAT(server.waves, ElementsAre(8, 1));
  for (const ApiRequest& request : server.requests) EXPECT_EQ(request.method, "GET");
}

// Each fault is found by its own row, and only by that.
TEST(DoctorTest, EachFaultHasItsLine) {
  struct Case {
    std::string id;
    std::string path;
    int status;
    std::string body;
  };
  const auto metrics = [](const std::string& from, const std::string& to) {
    std::string text = kMetrics;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::vector<Case> cases = {
      {"ready", "/-/ready", 503, ""},
      {"configuration", "/api/v1/info", 200,
       R"({"data":{"configuration":{"ok":false},"startedAt":"2026-01-30T00:00:00Z"}})"},
      {"storage", "/metrics", 200, metrics("store_healthy 1", "store_healthy 0")},
      {"datasource", "/metrics", 200, metrics("\"success\"} 7", "\"success\"} 0")},
      {"rules", "/api/v1/rules", 200,
       R"({"data":{"groups":[{"rules":[{"name":"A","health":"err","lastError":"boom"}]}]}})"},
      {"runbooks", "/api/v1/rules", 200,
       R"({"data":{"groups":[{"rules":[{"name":"A","health":"ok","labels":{"severity":"page"},
           "annotations":{}}]}]}})"},
      {"slos", "/api/v1/slos", 200,
       R"({"data":{"slos":[{"id":"shop","lastError":"boom",
           "lastEvaluation":"2026-01-31T11:59:00Z"}]}})"},
      {"on-call", "/api/v1/oncall", 200,
       R"({"data":{"schedules":[{"schedule":"Primary","oncall":[]}],"policies":[]}})"},
      {"gaps", "/api/v1/oncall/schedules/Primary", 200,
       R"({"data":{"entries":[{"start":"2026-02-03T00:00:00Z","oncall":[]}]}})"},
      {"receivers", "/metrics", 200, metrics("index=\"0\"} 0", "index=\"0\"} 1")},
      {"deliveries", "/metrics", 200, metrics("reason=\"other\"} 0", "reason=\"other\"} 3")},
      {"heartbeats", "/api/v1/heartbeats", 200, R"({"data":{"heartbeats":[]}})"},
      {"heartbeats", "/api/v1/heartbeats", 200,
       R"({"data":{"heartbeats":[{"name":"datasource/prometheus","missing":false}]}})"},
      {"heartbeats", "/api/v1/heartbeats", 200,
       R"({"data":{"heartbeats":[{"name":"x","missing":true}]}})"},
      {"scraped", "/metrics", 200, metrics("\"get\"} 9", "\"get\"} 1")},
      {"overdue", "/api/v1/incidents", 200,
       R"({"data":{"incidents":[{"id":"7","title":"t","pagedAt":"2026-01-31T11:40:00Z"}]}})"},
  };
  for (const Case& one : cases) {
    FakeServer server = Well();
    server.answers["GET " + one.path] = {{one.status, one.body}};
    EXPECT_EQ(server.Ask(kDoctor), kNo) << one.id;
    EXPECT_THAT(Line(server, one.id), testing::StartsWith("\u2717 ")) << server.out;
    size_t bad = 0;
    for (size_t at = 0; (at = server.out.find("\u2717", at)) != std::string::npos; ++at) ++bad;
    EXPECT_EQ(bad, 1u) << one.id << "\n" << server.out;
  }
}

TEST(DoctorTest, WhoCannotBeReachedIsInTheFiles) {
  FakeServer server = Well();
  server.files["o.yml"] =
      "oncall: {users: [ada, bo], escalation_policies: [{name: p, steps: [{tell: [ada, bo]}]}]}\n";
  EXPECT_EQ(server.Ask(kDoctor), kNo);
  EXPECT_THAT(Line(server, "contacts"),
              HasSubstr("\u2717 contacts: people without contacts: bo ("));
  EXPECT_EQ(server.Ask({"doctor"}), kOk);
  EXPECT_THAT(Line(server, "contacts"), HasSubstr("\u2013 contacts: "));
}

TEST(DoctorTest, AScheduleThatIsNotShownIsNotWell) {
  FakeServer server = Well();
  server.answers.erase("GET /api/v1/oncall/schedules/Primary");
  EXPECT_EQ(server.Ask(kDoctor), kOk);
  EXPECT_THAT(Line(server, "gaps"), HasSubstr("\u2013 gaps: the server does not show Primary"));
}

// What is not used, or not known, fails nothing.
TEST(DoctorTest, WhatIsNotUsedIsNoFault) {
  FakeServer server = Well();
  server.answers["GET /api/v1/rules"] = {{200, R"({"data":{"groups":[]}})"}};
  server.answers["GET /api/v1/slos"] = {{200, R"({"data":{"slos":[]}})"}};
  server.answers["GET /api/v1/oncall"] = {{200, R"({"data":{"schedules":[],"policies":[]}})"}};
  server.answers["GET /metrics"] = {{403, ""}};
  server.answers["GET /api/v1/info"] = {
      {200, R"({"data":{"configuration":{"ok":true},"startedAt":"2026-01-31T11:58:00Z"}})"}};
  EXPECT_EQ(server.Ask({"doctor"}), kOk) << server.out;
  for (const char* id : {"storage", "datasource", "rules", "runbooks", "slos", "on-call", "gaps",
                         "receivers", "deliveries", "scraped"}) {
    EXPECT_THAT(Line(server, id), testing::StartsWith("\u2013 "));
  }
}

TEST(DoctorTest, JsonAndMisuse) {
  FakeServer server = Well();
  EXPECT_EQ(server.Ask({"doctor", "-o", "json"}), kOk);
  EXPECT_THAT(server.out,
              testing::StartsWith(
                  R"([{"id":"ready","verdict":"good","text":"the server is ready","hint":""})"));
  EXPECT_EQ(server.Ask({"doctor", "--overdue=never"}), kUsage);
  EXPECT_EQ(server.Ask({"doctor", "--overdue=5m"}), kNo) << "it waits for ten minutes";
  server.is_down = true;
  EXPECT_EQ(server.Ask({"doctor"}), kUnreachable);
}

TEST(DoctorTest, TheGuideHasEveryRow) {
  std::ifstream file("docs/doctor.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  std::vector<std::string> rows;
  for (size_t at = page.find("\n| `"); at != std::string::npos; at = page.find("\n| `", at + 1)) {
    rows.push_back(page.substr(at + 4, page.find('`', at + 4) - at - 4));
  }
  std::vector<std::string> ids;
  for (const Finding& finding : Examine({}, {})) ids.push_back(finding.id);
  EXPECT_EQ(rows, ids);
}

}  // namespace
}  // namespace watchfire::wfctl
