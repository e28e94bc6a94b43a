// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl incident.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"
#include "pkg/incident/registry.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;

constexpr const char* kBase = "POST /api/v1/incidents/";

incident::Incident Snoozed() {
  incident::Registry registry;
  const WallTime start = ParseTime("2026-01-31T10:00:00Z").value();
  incident::Page page{"on-call", "g", "victorops", "ApiDown", "critical", "core", start, start, {}};
  page.links = {{"runbook", "https://r.example"}};
  const incident::Ack ada{"ada", incident::ActorType::kHuman, "api", "later"};
  registry.OnAttempt(page, start);
  EXPECT_TRUE(registry.Apply(1, incident::SetRole{"commander", "grace"}, ada, start));
  EXPECT_TRUE(registry.Apply(1, incident::Snooze{{kNoTime, std::chrono::hours(2)}}, ada, start));
  return *registry.Find(1);
}

TEST(IncidentTest, EveryActPostsItsTexts) {
  struct Case {
    std::vector<std::string> words;
    std::string path;
    std::string body;
    std::string says;
  };
  const std::vector<Case> cases = {
      {{"ack", "7", "--for=90m"}, "7/ack", R"("note":"","for":"1h30m"})", "acknowledged"},
      {{"ack", "7", "--until=2026-02-01T08:00:00+01:00"},
       "7/ack",
       R"("until":"2026-02-01T07:00:00.000Z"})",
       "acknowledged"},
      {{"resolve", "7", "--note=done"},
       "7/resolve",
       R"({"actor":"ada","note":"done"})",
       "resolved"},
      {{"mitigate", "7", "--note=moved"},
       "7/mitigate",
       R"({"actor":"ada","note":"moved"})",
       "mitigated"},
      {{"postmortem", "7", "--reviewed", "--note=wiki"},
       "7/postmortem",
       R"({"actor":"ada","note":"wiki","status":"reviewed"})",
       "post-mortem reviewed"},
      {{"postmortem", "7", "--draft"}, "7/postmortem", R"("status":"draft")", "post-mortem draft"},
      {{"note", "7", "it", "lags"}, "7/note", R"({"actor":"ada","note":"it lags"})", "noted"},
      {{"reassign", "7", "grace"}, "7/reassign", R"("owner":"grace"})", "given to grace"},
      {{"severity", "7", "SEV1"}, "7/severity", R"("severity":"SEV1"})", "severity SEV1"},
      {{"severity", "7", "auto"}, "7/severity", R"({"actor":"ada","note":""})", "severity auto"},
      {{"role", "7", "scribe", "joan"},
       "7/role",
       R"("role":"scribe","name":"joan"})",
       "scribe is joan"},
      {{"role", "7", "scribe"}, "7/role", R"("role":"scribe"})", "scribe is nobody"},
      {{"snooze", "7", "--for=2d"}, "7/snooze", R"("for":"2d"})", "snoozed"},
      {{"classify", "7", "noise"},
       "7/classify",
       R"("classification":"noise"})",
       "classified as noise"},
      {{"escalate", "7"}, "7/escalate", R"({"actor":"ada","note":""})", "escalated"},
      {{"escalate", "7", "--to=user:bo", "--note=up"},
       "7/escalate",
       R"({"actor":"ada","note":"up","to":"user:bo"})",
       "escalated to user:bo"},
      {{"escalate", "7", "--to=team:db"},
       "7/escalate",
       R"("to":"team:db"})",
       "escalated to team:db"},
      {{"escalate", "7", "--to=schedule:primary"},
       "7/escalate",
       R"("to":"schedule:primary"})",
       "escalated to schedule:primary"},
      {{"escalate", "7", "--to=policy:critical"},
       "7/escalate",
       R"("to":"critical"})",
       "escalated to policy:critical"},
      {{"merge", "7", "3"}, "7/merge", R"("into":"3"})", "merged into 3"}};
  for (const Case& c : cases) {
    FakeServer server;
    server.answers[kBase + c.path] = {{200, R"({"status":"success","data":{"id":"7"}})"}};
    std::vector<std::string> words = {"incident"};
    words.insert(words.end(), c.words.begin(), c.words.end());
    EXPECT_EQ(server.Ask(words), kOk) << c.path << server.err;
    ASSERT_FALSE(server.requests.empty()) << c.path;
    EXPECT_THAT(server.requests.back().body, HasSubstr(c.body)) << c.path;
    EXPECT_EQ(server.out, "incident 7: " + c.says + "\n");
  }
}

TEST(IncidentTest, WhatTheServerRemarksIsShown) {
  FakeServer server;
  server.answers[kBase + std::string("7/reassign")] = {
      {200, R"({"status":"success","data":{"id":"7","remark":"grace was not told"}})"}};
  EXPECT_EQ(server.Ask({"incident", "reassign", "7", "grace"}), kOk);
  EXPECT_EQ(server.out, "incident 7: given to grace\nnote: grace was not told\n");
}

TEST(IncidentTest, WordsThatAreMissingAreNamed) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"ack"},
           {"resolve", "1", "2"},
           {"mitigate"},
           {"postmortem", "1", "--draft", "--reviewed"},
           {"postmortem", "1", "--draft", "--template=x"},
           {"note", "7"},
           {"reassign", "7"},
           {"severity", "7"},
           {"role", "7"},
           {"snooze", "7"},
           {"snooze", "7", "--for=soon"},
           {"snooze", "7", "--until=soon"},
           {"snooze", "7", "--for=1h", "--until=soon"},
           {"ack", "7", "--for=1h", "--until=2026-02-01T08:00:00Z"},
           {"classify", "7"},
           {"escalate"},
           {"escalate", "7", "--to="},
           {"escalate", "7", "--to=critical"},
           {"escalate", "7", "--to=person:ada"},
           {"escalate", "7", "--to=user:"},
           {"merge", "7"},
           {"show"},
           {"postmortem"},
           {"list", "--since=whenever"},
           {"list", "--acked", "--unacked"},
           {"list", "--acked-by=ada", "--unacked"}}) {
    FakeServer server;
    std::vector<std::string> line = {"incident"};
    line.insert(line.end(), words.begin(), words.end());
    EXPECT_EQ(server.Ask(line), kUsage) << words[0];
    EXPECT_TRUE(server.requests.empty());
    EXPECT_FALSE(server.err.empty());
  }
}

TEST(IncidentTest, WhomToEscalateToIsSaidInFourForms) {
  FakeServer server;
  EXPECT_EQ(server.Ask({"incident", "escalate", "7", "--to=critical"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("--to must be user:NAME, team:NAME, policy:NAME or "
                                    "schedule:NAME, not \"critical\""));
  EXPECT_EQ(server.Run({"__complete", "--", "incident", "escalate", "7", "--t"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("--to=\n"));
}

TEST(IncidentTest, ARefusalIsTheAnswerNo) {
  FakeServer server;
  server.answers["POST /api/v1/incidents/7/merge"] = {
      {409, R"({"status":"error","errorType":"conflict","error":"incident 3 is resolved"})"}};
  EXPECT_EQ(server.Ask({"incident", "merge", "7", "3"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("incident 3 is resolved"));
}

TEST(IncidentTest, TheListAsksForWhatIsWanted) {
  FakeServer server;
  server.answers["GET /api/v1/incidents"] = {{200, "{\"data\":{\"incidents\":[" +
                                                       incident::ToJson(Snoozed()) +
                                                       "],\"total\":5,\"next\":\"1\"}}"}};
  EXPECT_EQ(server.Ask({"incident", "list", "--state=open", "--team=core", "--acked-by=ada",
                        "--acked", "--since=24h", "--limit=1", "-o", "wide"}),
            kOk);
  EXPECT_EQ(server.requests.back().path,
            "/api/v1/incidents?state=open&team=core&limit=1&acked=true&acked_by=ada&"
            "since=2026-01-30T12%3A00%3A00.000Z");
  EXPECT_THAT(server.out, HasSubstr("snoozed"));
  EXPECT_THAT(server.out, HasSubstr("SEV1"));
  EXPECT_THAT(server.out, HasSubstr("2026-01-31T12:00:00Z"));
  EXPECT_THAT(server.err, HasSubstr("--before=1"));
}

TEST(IncidentTest, OneIsShownWithAllThatIsKnown) {
  FakeServer server;
  server.answers["GET /api/v1/incidents/1"] = {
      {200, "{\"data\":" + incident::ToJson(Snoozed()) + "}"}};
  EXPECT_EQ(server.Ask({"incident", "show", "1"}), kOk);
  for (const char* part :
       {"owner: ada\n", "level: SEV1\n", "commander: grace\n", "runbook: https://r.example\n",
        "snoozed: by ada since 2026-01-31T10:00:00Z until 2026-01-31T12:00:00Z"}) {
    EXPECT_THAT(server.out, HasSubstr(part));
  }
}

TEST(IncidentTest, WhenAPostmortemIsDueIsShown) {
  FakeServer server;
  incident::Incident incident = Snoozed();
  incident.state = incident::State::kResolved;
  incident.snooze.reset();
  incident.mitigated_at = ParseTime("2026-01-31T11:00:00Z").value();
  incident.postmortem.due_at = ParseTime("2026-02-05T12:00:00Z").value();
  server.answers["GET /api/v1/incidents/1"] = {
      {200, "{\"data\":" + incident::ToJson(incident) + "}"}};
  EXPECT_EQ(server.Ask({"incident", "show", "1"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("mitigated: 2026-01-31T11:00:00Z\n"));
  EXPECT_THAT(server.out, HasSubstr("post-mortem: missing, due 2026-02-05T12:00:00Z\n"));
}

TEST(IncidentTest, APostmortemComesFromTheServerOrFromATemplateHere) {
  FakeServer server;
  server.answers["GET /api/v1/incidents/1/postmortem"] = {{200, "# Post-mortem: ApiDown\n"}};
  server.answers["GET /api/v1/incidents/1"] = {
      {200, "{\"data\":" + incident::ToJson(Snoozed()) + "}"}};
  EXPECT_EQ(server.Ask({"incident", "postmortem", "1"}), kOk);
  EXPECT_EQ(server.out, "# Post-mortem: ApiDown\n");
  EXPECT_EQ(server.Ask({"incident", "postmortem", "1", "-o", "json"}), kOk);
  EXPECT_THAT(server.out, HasSubstr(R"("markdown":"# Post-mortem: ApiDown\n")"));
  server.files["own.tmpl"] = "{{ .Title }} {{ .Roles.commander }}\n";
  EXPECT_EQ(server.Ask({"incident", "postmortem", "1", "--template=own.tmpl"}), kOk);
  EXPECT_EQ(server.out, "ApiDown grace\n");
  server.files["own.tmpl"] = "{{ .Title";
  EXPECT_EQ(server.Ask({"incident", "postmortem", "1", "--template=own.tmpl"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("template: incident.postmortem:1"));
  EXPECT_EQ(server.Ask({"incident", "postmortem", "1", "--template=gone.tmpl"}), kNo);
}

TEST(IncidentTest, TheRunbookIsTheServersText) {
  FakeServer server;
  server.answers["GET /api/v1/incidents/1/runbook"] = {{200, "# Disk full\n"}};
  EXPECT_EQ(server.Ask({"incident", "runbook", "1"}), kOk);
  EXPECT_EQ(server.out, "# Disk full\n");
  EXPECT_EQ(server.Ask({"incident", "runbook", "1", "-o", "json"}), kOk);
  EXPECT_THAT(server.out, HasSubstr(R"("markdown":"# Disk full\n")"));
  EXPECT_EQ(server.Ask({"incident", "runbook", "2"}), kNo);
  EXPECT_EQ(server.Ask({"incident", "runbook"}), kUsage);
}

TEST(IncidentTest, AlertsAreFilteredByAck) {
  FakeServer server;
  server.answers["GET /api/v2/alerts"] = {
      {200, R"([{"labels":{"alertname":"Down"},"annotations":{},"status":{"state":"active"},)"
            R"("startsAt":"2026-01-31T10:00:00Z","incidents":[{"id":"1","ack":{"by":"ada",)"
            R"("since":"2026-01-31T10:01:00Z","until":"2026-01-31T15:00:00Z"}}]}])"}};
  EXPECT_EQ(server.Ask({"alert", "query", "--acked"}), kOk);
  EXPECT_THAT(server.requests.back().path, HasSubstr("&acked=true"));
  EXPECT_EQ(server.Ask({"alert", "query", "--acked", "--acked-by=ada"}), kOk);
  EXPECT_THAT(server.requests.back().path, HasSubstr("&acked=true&acked_by=ada"));
  EXPECT_EQ(server.Ask({"alert", "query", "--acked", "--unacked"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("--acked and --unacked leave nothing"));
  EXPECT_EQ(server.Ask({"alert", "query", "-o", "wide"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("Acked By"));
  EXPECT_THAT(server.out, HasSubstr("ada until 2026-01-31T15:00:00Z"));
}

}  // namespace
}  // namespace watchfire::wfctl
