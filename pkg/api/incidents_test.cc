// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Incidents over HTTP, and the vendors' webhooks that change them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/incidents_for_test.h"
#include "pkg/api/victorops.h"

namespace watchfire::api {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(IncidentsTest, ThereAreNoneAtFirst) {
  EXPECT_EQ(Get("/api/v1/incidents").body,
            "{\"status\":\"success\",\"data\":{\"incidents\":[],\"total\":0}}");
}

TEST_F(IncidentsTest, NewestComeFirstAndFiltersChoose) {
  Page("api");
  Page("db", "storage");
  Page("web");
  EXPECT_EQ(Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})").status, 200);
  EXPECT_EQ(Post("/api/v1/incidents/3/resolve", R"({"actor":"ada"})").status, 200);
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {"3", "2", "1"}},
      {"?state=open", {"2", "1"}},
      {"?state=triggered", {"2"}},
      {"?state=acknowledged", {"1"}},
      {"?state=resolved", {"3"}},
      {"?team=storage", {"2"}},
      {"?team=core&state=open", {"1"}},
      {"?team=nobody", {}},
      {"?limit=2", {"3", "2"}},
  };
  for (const auto& [query, want] : cases) {
    const std::string body = Get("/api/v1/incidents" + query).body;
    std::vector<std::string> ids;
    for (size_t at = body.find("{\"id\":\""); at != body.npos;
         at = body.find("{\"id\":\"", at + 1)) {
      ids.push_back(body.substr(at + 7, 1));
    }
    EXPECT_EQ(ids, want) << query;
  }
  EXPECT_THAT(Get("/api/v1/incidents?limit=2").body, HasSubstr("\"total\":3"));
}

TEST_F(IncidentsTest, ARunbookIsFoundByAlertOrByLink) {
  Page("api");
  EXPECT_THAT(Get("/api/v1/info").body, HasSubstr("\"hasRunbooks\":false"));
  EXPECT_EQ(Get("/api/v1/incidents/1/runbook").status, 404);
  const auto use = [&](config::RunbookTexts texts) {
    auto config = std::make_shared<config::Config>(*backend_.config());
    config->incidents.runbooks = std::make_shared<const config::RunbookTexts>(std::move(texts));
    backend_.Swap(config);
  };
  use({{"Down", "# Down"}, {"disk-full", "# Disk"}});
  EXPECT_THAT(Get("/api/v1/info").body, HasSubstr("\"hasRunbooks\":true"));
  const net::Response found = Get("/api/v1/incidents/1/runbook");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.body, "# Down");
  EXPECT_EQ(Get("/api/v1/incidents/9/runbook").status, 404);
  use({{"disk-full", "# Disk"}});
  EXPECT_THAT(Get("/api/v1/incidents/1/runbook").body, HasSubstr("called after an alert"));
  Post("/api/v2/alerts",
       R"([{"labels":{"alertname":"Full","severity":"critical","service":"db","team":"core"},)"
       R"("annotations":{"runbook_url":"https://books.example/disk-full.md?x=1#y"}}])");
  backend_.Pass(seconds(2));
  EXPECT_EQ(Get("/api/v1/incidents/2/runbook").body, "# Disk");
}

TEST_F(IncidentsTest, BadParametersAreNamed) {
  for (const auto& [query, says] : {std::pair{"state=closed", "state must be one of open"},
                                    {"limit=0", "limit must be"},
                                    {"limit=x", "not \\\"x\\\""}}) {
    const net::Response response = Get(std::string("/api/v1/incidents?") + query);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body,
                HasSubstr("\"status\":\"error\",\"errorType\":\"invalid_argument\""));
    EXPECT_THAT(response.body, HasSubstr(says));
  }
}

TEST_F(IncidentsTest, OneIncidentShowsItsTimeline) {
  Page("api");
  const net::Response response = Get("/api/v1/incidents/1");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"data\":{\"id\":\"1\",\"state\":\"triggered\""));
  EXPECT_THAT(response.body, HasSubstr("\"kind\":\"paged\""));
  for (const char* id : {"2", "0", "x", "-1", "99999999999999999999"}) {
    EXPECT_EQ(Get(std::string("/api/v1/incidents/") + id).status, 404) << id;
  }
}

TEST_F(IncidentsTest, AnAckIsRecordedOnce) {
  Page("api");
  backend_.Pass(seconds(60));
  const net::Response response =
      Post("/api/v1/incidents/1/ack", R"({"actor":"ada","note":"on it"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"status\":\"success\",\"data\":{\"id\":\"1\"}}");
  EXPECT_EQ(Find(1)->acked_by, "ada");
  EXPECT_EQ(Find(1)->timeline.back().text, "on it");
  EXPECT_EQ(Find(1)->timeline.back().channel, "api");
  EXPECT_EQ(Post("/api/v1/incidents/1/ack", R"({"actor":"bob"})").status, 200);
  EXPECT_EQ(Find(1)->acked_by, "ada");
}

struct BadAct {
  const char* target;
  std::string body;
  int status;
  const char* says;
};

TEST_F(IncidentsTest, BadActsAreRefused) {
  Page("api");
  Page("db");
  ASSERT_EQ(Post("/api/v1/incidents/2/resolve", R"({"actor":"ada"})").status, 200);
  const std::vector<BadAct> cases = {
      {"1/ack", "", 400, "the body must be a JSON object"},
      {"1/ack", "[]", 400, "the body must be a JSON object"},
      {"1/ack", "{\"actor\":", 400, "the body must be a JSON object"},
      {"1/ack", "{}", 400, "actor is empty"},
      {"1/ack", R"({"actor":""})", 400, "actor is empty"},
      {"1/ack", R"({"actor":7})", 400, "actor must be a string"},
      {"1/ack", R"({"actor":"ada","note":null})", 400, "note must be a string"},
      {"1/ack", R"({"acter":"ada"})", 400, "unknown member \\\"acter\\\""},
      {"1/ack", "{\"actor\":\"" + std::string(5000, 'x') + "\"}", 400, "longer than 512"},
      {"7/ack", R"({"actor":"ada"})", 404, "no incident 7"},
      {"x/resolve", R"({"actor":"ada"})", 404, "no incident \\\"x\\\""},
      {"2/ack", R"({"actor":"ada"})", 409, "already resolved"},
      {"2/resolve", R"({"actor":"ada"})", 409, "already resolved"},
  };
  for (const BadAct& c : cases) {
    const net::Response response = Post(std::string("/api/v1/incidents/") + c.target, c.body);
    EXPECT_EQ(response.status, c.status) << c.target << " " << c.body;
    EXPECT_THAT(response.body, HasSubstr("{\"status\":\"error\",\"errorType\":\""));
    EXPECT_THAT(response.body, HasSubstr(c.says)) << c.body;
  }
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
}

// A form on a stranger's page can send text/plain through a visitor's browser, JSON it cannot.
TEST_F(IncidentsTest, AnActMustBeSentAsJson) {
  Page("api");
  net::Request request = MakeRequest("POST", "/api/v1/incidents/1/ack", R"({"actor":"eve"})");
  request.headers = {{"Content-Type", "text/plain"}};
  EXPECT_EQ(Handle(request, backend_).status, 415);
  request.headers.clear();
  EXPECT_EQ(Handle(request, backend_).status, 415);
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
}

TEST_F(IncidentsTest, ABusyCoreIs503) {
  backend_.busy = true;
  const net::Response response = Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(HeaderOf(response, "Retry-After"), "1");
  EXPECT_EQ(Get("/api/v1/incidents").status, 503);
}

TEST_F(IncidentsTest, VictorOpsAcksWithItsDefaultPayload) {
  Page("api");
  const net::Response response = VictorOps(Flat("ACKED"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"status\":\"success\",\"data\":{\"result\":\"ok\"}}");
  const auto incident = Find(1);
  EXPECT_EQ(incident->state, incident::State::kAcknowledged);
  EXPECT_EQ(incident->acked_by, "ada");
  EXPECT_EQ(incident->timeline.back().channel, "victorops");
  EXPECT_EQ(incident->timeline.back().text, "on it");
  EXPECT_THAT(backend_.counted, ElementsAre("victorops ok"));
}

TEST_F(IncidentsTest, TheSameAckAgainChangesNothing) {
  Page("api");
  VictorOps(Flat("ACKED"));
  const auto before = Find(1);
  EXPECT_THAT(VictorOps(Flat("ACKED")).body, HasSubstr("duplicate"));
  EXPECT_EQ(*Find(1), *before);
  EXPECT_THAT(VictorOps(Flat("ACKED", "bob")).body, HasSubstr("ok")) << "this is news";
  EXPECT_EQ(Find(1)->acked_by, "ada");
}

TEST_F(IncidentsTest, AnAckByTheSystemIsAutomation) {
  Page("api");
  VictorOps(Flat("ACKED", "SYSTEM"));
  const auto view = backend_.Read(core::kViewStats);
  const auto& series = (*view)->stats->incidents.ack_seconds.series();
  ASSERT_EQ(series.size(), 1U);
  EXPECT_EQ(series.begin()->first[3], "automation");
}

TEST_F(IncidentsTest, VictorOpsResolvesOnce) {
  Page("api");
  EXPECT_THAT(VictorOps(Flat("RESOLVED")).body, HasSubstr("\"ok\""));
  EXPECT_EQ(Find(1)->state, incident::State::kResolved);
  EXPECT_EQ(Find(1)->resolved_by, "ada");
  EXPECT_THAT(VictorOps(Flat("RESOLVED")).body, HasSubstr("already_resolved"));
  EXPECT_THAT(VictorOps(Flat("ACKED")).body, HasSubstr("already_resolved"));
  EXPECT_THAT(backend_.counted, ElementsAre("victorops ok", "victorops already_resolved",
                                            "victorops already_resolved"));
}

TEST_F(IncidentsTest, WhatCannotBeUsedIsTakenAndCounted) {
  Page("api");
  EXPECT_THAT(VictorOps(Flat("UNACKED")).body, HasSubstr("unacked"));
  EXPECT_THAT(VictorOps(R"({"PAGE.ID":"7","PAGE.USER_ID":"ada"})").body, HasSubstr("ignored"));
  const net::Response unknown = VictorOps(R"({"entity_id":"somebody-else","phase":"ACKED"})");
  EXPECT_EQ(unknown.status, 200) << "sending it again would not help";
  EXPECT_THAT(unknown.body, HasSubstr("unknown_entity"));
  EXPECT_THAT(VictorOps(R"({"phase":"ACKED"})").body, HasSubstr("unknown_entity"));
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
}

// A webhook of VictorOps bears no signature: who records one must not use it for what breaks later.
TEST_F(IncidentsTest, ARecordingOfVictorOpsIsStale) {
  Page("api");
  const auto said = [&](const char* phase, const char* name, std::chrono::milliseconds after) {
    const auto at = Find(1)->cycle_at.time_since_epoch() + after;
    const auto millis = std::chrono::ceil<std::chrono::milliseconds>(at).count();
    std::string body = Flat(phase);
    body.back() = ',';
    return VictorOps(body + "\"" + name + "\":" + std::to_string(millis) + "}").body;
  };
  const auto before = Find(1);
  for (const char* name : {"STATE.ACK_TIMESTAMP", "STATE.ACKED_AT", "ack_ts"}) {
    EXPECT_THAT(said("ACKED", name, std::chrono::milliseconds(-1000)), HasSubstr("stale")) << name;
  }
  EXPECT_THAT(said("RESOLVED", "STATE.RESOLVED_AT", std::chrono::milliseconds(-1000)),
              HasSubstr("stale"));
  EXPECT_EQ(*Find(1), *before);
  EXPECT_THAT(backend_.counted, ElementsAre("victorops stale", "victorops stale", "victorops stale",
                                            "victorops stale"));
  EXPECT_THAT(said("ACKED", "STATE.ACK_TIMESTAMP", std::chrono::milliseconds(1000)),
              HasSubstr("\"ok\""));
}

TEST_F(IncidentsTest, ASnoozeIsNotEndedByAnAckOfBefore) {
  Page("api");
  const auto acked = [&](std::chrono::milliseconds after) {
    const auto at = Find(1)->snooze->since.time_since_epoch() + after;
    const auto millis = std::chrono::floor<std::chrono::milliseconds>(at).count();
    std::string body = Flat("ACKED");
    body.back() = ',';
    return VictorOps(body + R"("ack_ts":)" + std::to_string(millis) + "}").body;
  };
  backend_.Pass(std::chrono::minutes(1));
  ASSERT_EQ(Post("/api/v1/incidents/1/snooze", R"({"actor":"bo","for":"4h"})").status, 200);
  EXPECT_THAT(acked(std::chrono::milliseconds(-100)), HasSubstr("stale"));
  EXPECT_TRUE(Find(1)->snooze);
  EXPECT_THAT(acked(std::chrono::milliseconds(1000)), HasSubstr("\"ok\""));
  EXPECT_FALSE(Find(1)->snooze);
}

TEST_F(IncidentsTest, AWrongKeyOrBodyIsRefused) {
  Page("api");
  for (const char* key : {"third-key", "first-ke", "first-key2"}) {
    const net::Response response = VictorOps(Flat("ACKED"), key);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, Not(HasSubstr(key)));
  }
  EXPECT_EQ(VictorOps(Flat("ACKED"), "first-key").status, 200) << "old and new key both work";
  for (const char* body : {"", "hello", "[]", "\"ACKED\"", "{\"phase\": \"ACKED"}) {
    EXPECT_EQ(VictorOps(body).status, 400) << body;
  }
  EXPECT_THAT(backend_.counted, testing::Contains("victorops bad_key").Times(3));
  EXPECT_THAT(backend_.counted, testing::Contains("victorops bad_body").Times(5));
}

TEST_F(IncidentsTest, WithoutConfiguredKeysNothingIsTaken) {
  FakeBackend closed(std::make_shared<config::Config>([] {
    config::Config config = *IncidentsConfig();
    config.inbound.keys.clear();
    return config;
  }()));
  EXPECT_EQ(Handle(MakeRequest("POST", "/inbound/victorops/x", "{}"), closed).status, 403);
}

TEST_F(IncidentsTest, ABusyCoreLetsTheVendorComeAgain) {
  Page("api");
  const std::string body = Flat("ACKED");
  backend_.busy = true;
  EXPECT_EQ(VictorOps(body).status, 503);
  EXPECT_THAT(backend_.counted, ElementsAre("victorops error"));
}

TEST_F(IncidentsTest, ALongNoteOfTheVendorIsShortenedNotRefused) {
  Page("api");
  EXPECT_EQ(VictorOps(Flat("ACKED", std::string(9000, 'u'))).status, 200);
  EXPECT_TRUE(Find(1)->acked_by.ends_with("u…"));
}

struct News {
  const char* what;
  std::string body;
  VictorOpsNews want;
};

TEST(VictorOpsTest, PayloadsAreReadTolerantly) {
  const std::vector<News> cases = {
      {"recommended",
       R"({"entity_id":"e1","incident":"14","phase":"ACKED","ack_user":"ada","ack_ts":"17"})",
       {"e1", "ACKED", "ada", ""}},
      {"numbers and null",
       R"({"STATE.ENTITY_ID":7,"STATE.CURRENT_ALERT_PHASE":"ACKED",)"
       R"("STATE.ACK_USER":null})",
       {"7", "ACKED", "", ""}},
      {"other names",
       R"({"ALERT.entity_id":"e1","INCIDENT.CURRENT_PHASE":"RESOLVED",)"
       R"("STATE.ACK_USER":"ada","STATE.RESOLVED_BY":"bob"})",
       {"e1", "RESOLVED", "bob", ""}},
      {"variables that were not expanded",
       R"({"entity_id":"e1","phase":"ACKED","ack_user":"${{STATE.ACK_USER}}"})",
       {"e1", "ACKED", "", ""}},
      {"quotes inside",
       R"({"entity_id":"e1","ack_msg":"said "now", then left","phase":"ACKED"})",
       {"e1", "ACKED", "", "said \"now\", then left"}},
      {"line breaks inside",
       "{\"ack_msg\":\"a\nb\", \"entity_id\" : \"e1\",\n\"phase\":\"ACKED\"}",
       {"e1", "ACKED", "", "a\nb"}},
      {"a missing value",
       R"({"entity_id":"e1","ack_ts":,"phase":"ACKED","ack_user":null})",
       {"e1", "ACKED", "", ""}},
      {"news of paging", R"({"PAGE.ID":"1"})", {"", "", "", ""}},
  };
  for (const News& c : cases) {
    const Result<VictorOpsNews> news = ParseVictorOps(c.body);
    ASSERT_TRUE(news) << c.what;
    EXPECT_EQ(news->entity_id, c.want.entity_id) << c.what;
    EXPECT_EQ(news->phase, c.want.phase) << c.what;
    EXPECT_EQ(news->user, c.want.user) << c.what;
    EXPECT_EQ(news->note, c.want.note) << c.what;
  }
}

}  // namespace
}  // namespace watchfire::api
