// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people do to incidents over HTTP, and how lists are filtered by it.

#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/incidents_for_test.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using IncidentActsTest = IncidentsTest;

// The answer's ids, newest first.
std::vector<std::string> Ids(const std::string& body) {
  std::vector<std::string> ids;
  for (size_t at = body.find("{\"id\":\""); at != body.npos; at = body.find("{\"id\":\"", at + 1)) {
    ids.push_back(body.substr(at + 7, body.find('"', at + 7) - at - 7));
  }
  return ids;
}

TEST_F(IncidentActsTest, EveryActIsDoneThroughItsPath) {
  Page("api");
  Page("db");
  const std::vector<std::pair<std::string, std::string>> acts = {
      {"1/note", R"({"actor":"ada","note":"looks like DNS"})"},
      {"1/reassign", R"({"actor":"ada","owner":"grace"})"},
      {"1/severity", R"({"actor":"ada","severity":"SEV2"})"},
      {"1/role", R"({"actor":"ada","role":"commander","name":"joan"})"},
      {"1/classify", R"({"actor":"ada","classification":"actionable","note":"real"})"},
      {"1/snooze", R"({"actor":"ada","for":"1h"})"},
      {"1/mitigate", R"({"actor":"ada","note":"traffic moved"})"},
      {"2/merge", R"({"actor":"ada","into":"1"})"}};
  for (const auto& [path, body] : acts) {
    const net::Response response = Post("/api/v1/incidents/" + path, body);
    EXPECT_EQ(response.status, 200) << path << response.body;
  }
  const auto one = Find(1);
  EXPECT_EQ(one->owner, "grace");
  EXPECT_EQ(one->level, "SEV2");
  EXPECT_EQ(one->roles.at("commander"), "joan");
  EXPECT_EQ(one->verdict->reason, "real");
  EXPECT_EQ(one->mitigated_by, "ada");
  EXPECT_EQ(one->state, incident::State::kSnoozed);
  EXPECT_EQ(one->merged, std::vector<uint64_t>{2});
  EXPECT_EQ(Find(2)->merged_into, 1U);
  EXPECT_THAT(Get("/api/v1/incidents/1").body, HasSubstr("looks like DNS"));
}

TEST_F(IncidentActsTest, WhoeverGivesItToSomebodyWhoCannotBeToldIsToldSo) {
  Page("api");
  const std::string path = "/api/v1/incidents/1/reassign";
  const net::Response given = Post(path, R"({"actor":"ada","owner":"grace"})");
  EXPECT_EQ(given.status, 200);
  EXPECT_THAT(given.body, HasSubstr(R"("remark":"grace has no oncall.contacts)"));
  EXPECT_THAT(Post(path, R"({"actor":"ada","owner":"grace"})").body, Not(HasSubstr("remark")))
      << "it is hers";
  EXPECT_THAT(Post(path, R"({"actor":"ada","owner":"ada"})").body, Not(HasSubstr("remark")))
      << "who takes it knows";
}

TEST_F(IncidentActsTest, WhatNoPolicyRunsForCannotBeEscalated) {
  Page("api");
  const net::Response response = Post("/api/v1/incidents/1/escalate", R"({"actor":"ada"})");
  EXPECT_EQ(response.status, 409);
  EXPECT_THAT(response.body, HasSubstr("no escalation policy runs for it"));
  EXPECT_EQ(Post("/api/v1/incidents/9/escalate", R"({"actor":"ada"})").status, 404);
  const net::Response stranger =
      Post("/api/v1/incidents/1/escalate", R"({"actor":"ada","to":"user:eve"})");
  EXPECT_EQ(stranger.status, 404);
  EXPECT_THAT(stranger.body, HasSubstr("eve has no oncall.contacts and cannot be called"));
}

TEST_F(IncidentActsTest, APostmortemIsSaidToBeReviewedOfWhatIsOver) {
  Page("api");
  const std::string path = "/api/v1/incidents/1/postmortem";
  EXPECT_EQ(Post(path, R"({"actor":"ada","status":"reviewed"})").status, 409);
  EXPECT_EQ(Post("/api/v1/incidents/1/resolve", R"({"actor":"ada"})").status, 200);
  EXPECT_EQ(Post(path, R"({"actor":"ada","status":"done"})").status, 400);
  EXPECT_EQ(Post(path, R"({"actor":"ada","status":"reviewed"})").status, 200);
  EXPECT_EQ(Find(1)->postmortem.status, incident::PostmortemStatus::kReviewed);
  EXPECT_THAT(Get("/api/v1/incidents/1").body, HasSubstr(R"("status":"reviewed","dueAt":null)"));
  EXPECT_EQ(Get(path).status, 200) << "the document is where it was";
}

TEST_F(IncidentActsTest, WhatMakesNoSenseIsRefusedInWords) {
  Page("api");
  const std::vector<std::tuple<std::string, std::string, int, std::string>> cases = {
      {"1/note", R"({"actor":"ada"})", 400, "note is empty"},
      {"1/reassign", R"({"actor":"ada"})", 400, "owner is empty"},
      {"1/severity", R"({"actor":"ada","severity":"P1"})", 400, "one of SEV1"},
      {"1/role", R"({"actor":"ada","role":"The Boss","name":"x"})", 400, "role must be a word"},
      {"1/classify", R"({"actor":"ada","classification":"meh"})", 400, "one of actionable"},
      {"1/snooze", R"({"actor":"ada"})", 400, "a snooze needs an end"},
      {"1/snooze", R"({"actor":"ada","for":"soon"})", 400, "for must be a duration"},
      {"1/snooze", R"({"actor":"ada","until":"tomorrow"})", 400, "until must be a time"},
      {"1/ack", R"({"actor":"ada","for":"1h","until":"2030-01-01T00:00:00Z"})", 400, "two names"},
      {"1/ack", R"({"actor":"ada","owner":"bob"})", 400, "actor, note, until, for are known"},
      {"1/merge", R"({"actor":"ada","into":"x"})", 400, "into must be the id"},
      {"1/merge", R"({"actor":"ada","into":"9"})", 404, "no incident 9"},
      {"1/merge", R"({"actor":"ada","into":"1"})", 400, "into itself"},
      {"9/note", R"({"actor":"ada","note":"x"})", 404, "no incident 9"}};
  const auto before = Find(1);
  for (const auto& [path, body, status, says] : cases) {
    const net::Response response = Post("/api/v1/incidents/" + path, body);
    EXPECT_EQ(response.status, status) << path << " " << body;
    EXPECT_THAT(response.body, HasSubstr(says)) << path << " " << body;
  }
  EXPECT_EQ(*Find(1), *before);
}

TEST_F(IncidentActsTest, AnAckWithAnEndComesBackAndIsPagedAgain) {
  Page("api");
  const size_t pages = Find(1)->timeline.size();
  ASSERT_EQ(Post("/api/v1/incidents/1/ack", R"({"actor":"ada","for":"10m"})").status, 200);
  EXPECT_THAT(Get("/api/v2/alerts").body,
              HasSubstr(R"("incidents":[{"id":"1","state":"acknowledged","level":"SEV1",)"
                        R"("owner":"ada","ack":{"by":"ada","since":")"));
  for (int i = 0; i < 3; ++i) {
    backend_.Pass(std::chrono::minutes(4));
    Page("api");  // It still fires.
  }
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  std::vector<std::string> kinds;
  for (const auto& event : Find(1)->timeline) kinds.push_back(event.kind);
  kinds.erase(kinds.begin(), kinds.begin() + static_cast<long>(pages));
  EXPECT_THAT(kinds, ElementsAre("acked", "reminder", "returned", "paged"));
}

TEST_F(IncidentActsTest, FiltersFindWhatIsMeant) {
  Page("api");
  Page("db", "storage");
  Page("web");
  Page("dns");
  for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
           {"1/ack", R"({"actor":"ada"})"},
           {"2/ack", R"({"actor":"bob"})"},
           {"2/severity", R"({"actor":"bob","severity":"SEV3"})"},
           {"3/snooze", R"({"actor":"ada","for":"1h"})"},
           {"3/classify", R"({"actor":"ada","classification":"noise"})"},
           {"4/merge", R"({"actor":"ada","into":"3"})"}}) {
    ASSERT_EQ(Post("/api/v1/incidents/" + path, body).status, 200) << path;
  }
  const std::string second = FormatRfc3339(Find(2)->opened_at);
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"?state=open", {"3", "2", "1"}},
      {"?state=snoozed", {"3"}},
      {"?state=merged", {"4"}},
      {"?acked_by=bob", {"2"}},
      {"?acked=true", {"2", "1"}},
      {"?acked=false&state=open", {"3"}},
      {"?level=SEV3", {"2"}},
      {"?severity=critical&team=storage", {"2"}},
      {"?service=web", {"3"}},
      {"?owner=ada", {"3", "1"}},
      {"?classification=noise", {"3"}},
      {"?classification=duplicate", {"4"}},
      {"?classification=none", {"2", "1"}},
      {"?since=" + second, {"4", "3", "2"}},
      {"?until=" + second, {"1"}},
      {"?limit=2", {"4", "3"}},
      {"?limit=2&before=3", {"2", "1"}},
  };
  for (const auto& [query, want] : cases) {
    EXPECT_EQ(Ids(Get("/api/v1/incidents" + query).body), want) << query;
  }
  EXPECT_THAT(Get("/api/v1/incidents?limit=2").body, HasSubstr(R"("total":4,"next":"3"})"));
  EXPECT_THAT(Get("/api/v1/incidents?limit=2&before=3").body, Not(HasSubstr("next")));
  for (const char* query : {"acked=maybe", "since=yesterday", "classification=x", "before=x"}) {
    EXPECT_EQ(Get(std::string("/api/v1/incidents?") + query).status, 400) << query;
  }
}

TEST_F(IncidentActsTest, ListsOfAlertsAreFilteredByAck) {
  Page("api");
  Page("db");
  ASSERT_EQ(Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})").status, 200);
  for (const char* path : {"/api/v2/alerts", "/api/v2/alerts/groups"}) {
    const auto services = [&](const std::string& query) {
      const std::string body = Get(path + query).body;
      std::string found;
      for (const char* service : {"api", "db"}) {
        const std::string label = std::string("\"service\":\"") + service + "\",\"severity";
        const std::string last = std::string("\"service\":\"") + service + "\",\"team";
        if (body.find(label) != body.npos || body.find(last) != body.npos) found += service;
      }
      return found;
    };
    EXPECT_EQ(services(""), "apidb") << path;
    EXPECT_EQ(services("?acked=true"), "api") << path;
    EXPECT_EQ(services("?acked=false"), "db") << path;
    EXPECT_EQ(services("?acked_by=ada"), "api") << path;
    EXPECT_EQ(services("?acked_by=bob"), "") << path;
    EXPECT_EQ(Get(path + std::string("?acked=x")).status, 400);
  }
}

class AliasesTest : public IncidentsTest {
 protected:
  AliasesTest() : IncidentsTest(WithAnn()) {}

  static std::shared_ptr<const config::Config> WithAnn() {
    auto config = std::make_shared<config::Config>(*IncidentsConfig());
    oncall::Roster roster;
    roster.users.push_back({"ann", {"Ann Lee"}, {{"email", "ann@example.com"}}, {}});
    config->oncall.roster = std::make_shared<const oncall::Roster>(std::move(roster));
    return config;
  }
};

TEST_F(AliasesTest, FiltersFindAPersonByEveryNameOfHers) {
  Page("api");
  Page("db");
  Page("web");
  const std::string path = "/api/v1/incidents";
  ASSERT_EQ(Post(path + "/1/ack", R"({"actor":"ann@example.com"})").status, 200);
  ASSERT_EQ(Post(path + "/2/ack", R"({"actor":"Ann Lee"})").status, 200);
  ASSERT_EQ(Post(path + "/3/ack", R"({"actor":"bob"})").status, 200);
  const std::vector<std::string> hers = {"2", "1"};
  for (const char* name : {"ann", "Ann Lee", "ann@example.com"}) {
    EXPECT_EQ(Ids(Get(path + "?acked_by=" + name).body), hers) << name;
    EXPECT_EQ(Ids(Get(path + "?owner=" + name).body), hers) << name;
    for (const char* list : {"/api/v2/alerts", "/api/v2/alerts/groups"}) {
      const std::string body = Get(list + std::string("?acked_by=") + name).body;
      EXPECT_THAT(body, HasSubstr(R"("service":"api")")) << name;
      EXPECT_THAT(body, HasSubstr(R"("service":"db")")) << name;
      EXPECT_THAT(body, Not(HasSubstr(R"("by":"bob")"))) << name;
    }
  }
  EXPECT_EQ(Ids(Get(path + "?acked_by=bob").body), std::vector<std::string>{"3"});
  EXPECT_EQ(Ids(Get(path + "?owner=").body), std::vector<std::string>());
}

TEST_F(IncidentActsTest, AlertsWithoutIncidentLookAsAlertmanagersDo) {
  ASSERT_EQ(Post("/api/v2/alerts", R"([{"labels":{"alertname":"New"}}])").status, 200);
  EXPECT_THAT(Get("/api/v2/alerts").body, Not(HasSubstr("incidents")));
}

TEST_F(IncidentActsTest, AVendorKnowsTheIncidentByEveryNameItTookOver) {
  Page("api");
  Page("db");
  const std::string entity = Entity(2);
  ASSERT_EQ(Post("/api/v1/incidents/2/merge", R"({"actor":"ada","into":"1"})").status, 200);
  EXPECT_THAT(
      VictorOps(R"({"entity_id":")" + entity + R"(","phase":"ACKED","ack_user":"bob"})").body,
      HasSubstr("\"ok\""));
  EXPECT_EQ(Find(1)->acked_by, "bob");
}

TEST_F(IncidentActsTest, ThePostmortemIsMarkdown) {
  Page("api");
  const net::Response response = Get("/api/v1/incidents/1/postmortem");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(HeaderOf(response, "Content-Type"), "text/markdown; charset=utf-8");
  EXPECT_THAT(response.body, testing::StartsWith("# Post-mortem: Down\n"));
  EXPECT_EQ(Get("/api/v1/incidents/2/postmortem").status, 404);
}

}  // namespace
}  // namespace watchfire::api
