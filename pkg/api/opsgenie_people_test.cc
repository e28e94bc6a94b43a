// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Teams, users and escalations, as scripts for Opsgenie's API ask for them.

#include <string>

#include "pkg/api/inbound_for_test.h"
#include "pkg/api/opsgenie_roster.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users:
    - {name: ada, email: ada@example.com, aliases: [Ada Lovelace], time_zone: Europe/London}
    - bo
    - cem
  teams:
    - {name: Core Team, members: [ada, {user: bo, role: admin}]}
  schedules:
    - name: primary
      time_zone: UTC
      team: Night Shift
      layers: [{rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada]}}]
  escalation_policies:
    - name: Critical
      team: Core Team
      steps:
        - {tell: [{schedule: primary}, {email: "ops@example.com"}]}
        - {after: 15m, tell: {team_admins: Core Team}, if: not_resolved}
      repeat: {count: 2, wait: 10m}
    - {name: lonely, steps: [{tell: cem}]}
)";

class OpsgeniePeopleTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& target) {
    net::Request request = MakeRequest("GET", target);
    request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend_);
  }
  std::string Body(const std::string& target) {
    const net::Response response = Ask(target);
    EXPECT_EQ(response.status, 200) << target << ": " << response.body;
    return response.body;
  }

  std::string authorization_ = "GenieKey opsgenie-key";
  FakeBackend backend_{InboundConfigOf(kRoster)};
  const std::string ada_ = OpsgenieIdOf("user", "ada", {});
  const std::string bo_ = OpsgenieIdOf("user", "bo", {});
  const std::string core_ = OpsgenieIdOf("team", "Core Team", {});
};

TEST_F(OpsgeniePeopleTest, Teams) {
  const std::string list = Body("/v2/teams");
  const std::string core = R"({"id":")" + core_ + R"(","name":"Core Team","description":"",)";
  const std::string links = R"("links":{"api":"http://wf/v2/teams/)" + core_ + R"("}})";
  EXPECT_THAT(list, HasSubstr(R"({"data":[)" + core + links + ","));
  EXPECT_THAT(list, HasSubstr(R"("name":"Night Shift")")) << "a schedule names it";
  const std::string whole = core + R"("members":[{"user":{"id":")" + ada_ +
                            R"(","username":"ada"},"role":"user"},{"user":{"id":")" + bo_ +
                            R"(","username":"bo"},"role":"admin"}],)" + links;
  EXPECT_THAT(Body("/v2/teams/" + core_), HasSubstr(R"({"data":)" + whole));
  EXPECT_THAT(Body("/v2/teams/Core Team?identifierType=name"), HasSubstr(whole));
  EXPECT_THAT(Body("/v2/teams/Night Shift"), HasSubstr(R"("members":[])"));
  const net::Response none = Ask("/v2/teams/nobody");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr(R"("message":"No team has the id or name \"nobody\"")"));
}

TEST_F(OpsgeniePeopleTest, Users) {
  const std::string ada = R"({"id":")" + ada_ +
                          R"(","username":"ada","fullName":"Ada Lovelace","blocked":false,)"
                          R"("verified":true,"role":{"id":"User","name":"User"},)"
                          R"("timeZone":"Europe/London"})";
  EXPECT_THAT(Body("/v2/users"), HasSubstr(R"({"totalCount":3,"data":[)" + ada + R"(,{"id":")"));
  EXPECT_THAT(Body("/v2/users/ada"), HasSubstr(R"({"data":)" + ada));
  EXPECT_THAT(Body("/v2/users/" + ada_), HasSubstr(ada));
  EXPECT_THAT(Body("/v2/users/Ada Lovelace"), HasSubstr(ada));
  EXPECT_THAT(Body("/v2/users/bo"), HasSubstr(R"("fullName":"bo")"));
  EXPECT_EQ(Ask("/v2/users/nobody").status, 404);
}

TEST_F(OpsgeniePeopleTest, UsersPageByPage) {
  const std::string page = Body("/v2/users?limit=1&offset=1&order=DESC");
  EXPECT_THAT(page, HasSubstr(R"("totalCount":3,"data":[{"id":")" + bo_));
  EXPECT_THAT(page, Not(HasSubstr(R"("username":"ada")")));
  EXPECT_THAT(page,
              HasSubstr(R"("paging":{"prev":"http://wf/v2/users?limit=1&offset=0&order=DESC",)"
                        R"("next":"http://wf/v2/users?limit=1&offset=2&order=DESC",)"
                        R"("first":"http://wf/v2/users?limit=1&offset=0&order=DESC",)"
                        R"("last":"http://wf/v2/users?limit=1&offset=2&order=DESC"})"));
  const std::string behind = Body("/v2/users?offset=9");
  EXPECT_THAT(behind, HasSubstr(R"("totalCount":3,"data":[],)"));
  EXPECT_THAT(behind, Not(HasSubstr(R"("next")")));
  EXPECT_THAT(Body("/v2/users?query=username: AD"), HasSubstr(R"("totalCount":1,)"));
  for (const char* asked : {"limit=0", "limit=501", "limit=x", "offset=-1", "order=up",
                            "query=fullName:Ada", "query=username:"}) {
    EXPECT_EQ(Ask(std::string("/v2/users?") + asked).status, 422) << asked;
  }
}

TEST_F(OpsgeniePeopleTest, Escalations) {
  const std::string critical = OpsgenieIdOf("escalation", "Critical", {});
  const std::string whole =
      R"({"id":")" + critical +
      R"(","name":"Critical","description":"","rules":[)"
      R"({"condition":"if-not-acked","notifyType":"default",)"
      R"("delay":{"timeAmount":0,"timeUnit":"minutes"},"recipient":{"type":"schedule","id":")" +
      OpsgenieIdOf("schedule", "primary", {}) +
      R"(","name":"primary"}},)"
      R"({"condition":"if-not-acked","notifyType":"default",)"
      R"("delay":{"timeAmount":0,"timeUnit":"minutes"},)"
      R"("recipient":{"type":"email","name":"ops@example.com"}},)"
      R"({"condition":"if-not-closed","notifyType":"admins",)"
      R"("delay":{"timeAmount":15,"timeUnit":"minutes"},"recipient":{"type":"team","id":")" +
      core_ + R"(","name":"Core Team"}}],"ownerTeam":{"id":")" + core_ +
      R"(","name":"Core Team"},"repeat":{"waitInterval":10,"count":2,)"
      R"("resetRecipientStates":false,"closeAlertAfterAll":false}})";
  EXPECT_THAT(Body("/v2/escalations"), HasSubstr(R"({"data":[)" + whole + R"(,{"id":")"));
  EXPECT_THAT(Body("/v2/escalations/" + critical), HasSubstr(R"({"data":)" + whole));
  EXPECT_THAT(Body("/v2/escalations/critical?identifierType=name"), HasSubstr(whole));
  const std::string lonely = Body("/v2/escalations/lonely");
  EXPECT_THAT(lonely, HasSubstr(R"("username":"cem")"));
  EXPECT_THAT(lonely, Not(HasSubstr("repeat")));
  EXPECT_THAT(lonely, Not(HasSubstr("ownerTeam")));
  EXPECT_EQ(Ask("/v2/escalations/nobody").status, 404);
}

TEST_F(OpsgeniePeopleTest, AKeyIsAskedForEverywhere) {
  authorization_ = "GenieKey pagerduty-key";
  for (const char* path : {"/v2/teams", "/v2/teams/x", "/v2/users", "/v2/users/ada",
                           "/v2/escalations", "/v2/escalations/Critical"}) {
    EXPECT_EQ(Ask(path).status, 403) << path;
  }
}

// Whoever may send alerts may not for that read, or change, who is paged.
TEST_F(OpsgeniePeopleTest, TheKeyOfAlertsOpensNothing) {
  auto config = std::make_shared<config::Config>(*InboundConfigOf(kRoster));
  config::InboundKey& key = config->inbound.keys["opsgenie"][0];
  key.api_key = Secret("another");
  FakeBackend backend(config);
  const auto status = [&](const char* path) {
    net::Request request = MakeRequest("GET", path);
    request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend).status;
  };
  for (const char* path : {"/v2/teams", "/v2/users", "/v2/escalations", "/v2/schedules",
                           "/v2/schedules/primary/overrides?scheduleIdentifierType=name"}) {
    authorization_ = "GenieKey opsgenie-key";
    EXPECT_EQ(status(path), 403) << path;
    authorization_ = "GenieKey another";
    EXPECT_EQ(status(path), 200) << path;
  }
  EXPECT_EQ(status("/v2/alerts"), 403) << "nor the other way round";
  authorization_ = "GenieKey opsgenie-key";
  EXPECT_EQ(status("/v2/alerts"), 200);
  key.api_key = Secret("");
  authorization_ = "GenieKey ";
  EXPECT_EQ(status("/v2/teams"), 403);
}

}  // namespace
}  // namespace watchfire::api
