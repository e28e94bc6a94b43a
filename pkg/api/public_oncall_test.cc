// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is on call, as scripts for VictorOps' public API ask it.

#include <memory>
#include <string>
#include <vector>

#include "pkg/api/inbound_for_test.h"
#include "pkg/oncall/reader.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users:
    - {name: ada, email: ada@example.com}
    - bo
    - cem
  teams:
    - {name: Core Team, members: [ada, {user: bo, role: admin}]}
    - {name: idle, members: [cem]}
  schedules:
    - name: Primary On-Call
      time_zone: UTC
      team: Core Team
      layers:
        - rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada, bo]}
      overrides:
        - {from: 2026-10-10 00:00, to: 2026-10-11 00:00, who: cem, replaces: ada}
        - {from: 1999-08-30 00:00, to: 1999-08-31 00:00, who: cem}
  escalation_policies:
    - name: Critical
      team: Core Team
      steps:
        - {tell: [{schedule: Primary On-Call}, {email: "ops@example.com"}]}
        - {after: 15m, tell: cem}
    - {name: nights, team: Core Team, steps: [{tell: {schedule: Primary On-Call}}]}
    - name: lonely
      team: elsewhere
      steps: [{tell: cem}, {after: 10m, tell: {policy: Critical}}]
)";

std::shared_ptr<const config::Config> WithRosterOf(const char* text) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  auto loaded = oncall::Load({{"o.yml", text}});
  EXPECT_TRUE(loaded.roster.has_value());
  if (loaded.roster) config->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  return config;
}

class PublicOncallTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& path) {
    net::Request request = MakeRequest("GET", "/api-public/" + path);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", key_});
    return Handle(request, backend_);
  }
  std::string Now(std::chrono::hours shift = {}) {
    return FormatRfc3339(backend_.Now() + shift, 0);
  }

  std::string key_ = "api-key";
  FakeBackend backend_{WithRosterOf(kRoster)};
};

TEST_F(PublicOncallTest, WhoIsOnCallByTeamAndPolicy) {
  const std::string ada = R"("users":[{"onCalluser":{"username":"ada"}}]})";
  const std::string bo = R"("users":[{"onCalluser":{"username":"bo"}}]})";
  const std::string body = Ask("v1/oncall/current").body;
  // Weeks since 1970 that are even are Ada's.
  const bool is_ada = ToNanos(backend_.Now()) / 1'000'000'000 / (7 * 86400) % 2 == 0;
  EXPECT_EQ(body, R"({"teamsOnCall":[{"team":{"name":"Core Team","slug":"core-team"},"oncallNow":[)"
                  R"({"escalationPolicy":{"name":"Critical","slug":"critical"},)" +
                      (is_ada ? ada : bo) +
                      R"(,{"escalationPolicy":{"name":"nights","slug":"nights"},)" +
                      (is_ada ? ada : bo) +
                      R"(]},{"team":{"name":"idle","slug":"idle"},"oncallNow":[]},)"
                      R"({"team":{"name":"elsewhere","slug":"elsewhere"},"oncallNow":[)"
                      R"({"escalationPolicy":{"name":"lonely","slug":"lonely"},)"
                      R"("users":[{"onCalluser":{"username":"cem"}}]}]}]})");
  const std::string one = Ask("v1/oncall/current?team=core-team").body;
  EXPECT_THAT(one, HasSubstr("Critical"));
  EXPECT_THAT(one, Not(HasSubstr("elsewhere")));
  EXPECT_EQ(Ask("v1/oncall/current?team=nobody").body, R"({"teamsOnCall":[]})");
}

TEST_F(PublicOncallTest, ATeamsScheduleInBothForms) {
  const std::string two = Ask("v2/team/core-team/oncall/schedule?daysForward=30").body;
  EXPECT_THAT(two, HasSubstr(R"({"team":{"name":"Core Team","slug":"core-team"},"schedules":[)"
                             R"({"policy":{"name":"Critical","slug":"critical"},"schedule":[)"
                             R"({"onCallUser":{"username":")"));
  EXPECT_THAT(two, HasSubstr(R"("onCallType":"rotation_group","rotationName":"Primary On-Call")"));
  EXPECT_THAT(two, HasSubstr(R"("rolls":[{"start":")" + Now() + R"(","end":")"));
  EXPECT_THAT(two, HasSubstr(R"("onCallUser":{"username":"bo"},"isRoll":true})"));
  EXPECT_THAT(two, HasSubstr(R"("overrides":[{"origOnCallUser":{"username":"ada"},)"
                             R"("overrideOnCallUser":{"username":"cem"},)"
                             R"("start":"2026-10-10T00:00:00Z","end":"2026-10-11T00:00:00Z",)"
                             R"("policy":{"name":"Critical","slug":"critical"}})"));
  const std::string usual = "?daysForward=14&daysSkip=0&step=0";
  EXPECT_EQ(Ask("v2/team/core-team/oncall/schedule" + usual).body,
            Ask("v2/team/core-team/oncall/schedule").body);
  const std::string one = Ask("v1/team/Core Team/oncall/schedule").body;
  EXPECT_THAT(one, HasSubstr(R"({"team":"core-team","schedule":[{"onCall":")"));
  EXPECT_THAT(one, HasSubstr(R"("policyType":"RotationGroupPolicy")"));
  EXPECT_THAT(one, HasSubstr(R"("rolls":[{"change":")" + Now() + R"(","until":")"));
  EXPECT_EQ(one.find("Primary On-Call"), one.find(R"(Primary On-Call","shiftName)"))
      << "one rotation of two policies is told once";
  const std::string later = Ask("v2/team/core-team/oncall/schedule?daysSkip=2&step=1").body;
  EXPECT_THAT(later, HasSubstr(R"("onCallUser":{"username":"cem"},"onCallType":"user")"));
  EXPECT_THAT(Ask("v2/team/core-team/oncall/schedule?daysSkip=2").body,
              HasSubstr(R"("rolls":[{"start":")" + Now(std::chrono::hours(48))));
}

TEST_F(PublicOncallTest, AUsersScheduleHasOnlyTheirPolicies) {
  const std::string cem = Ask("v2/user/cem/oncall/schedule?daysForward=1").body;
  EXPECT_THAT(cem, HasSubstr(R"({"teamSchedules":[{"team":{"name":"elsewhere")"));
  EXPECT_THAT(cem, Not(HasSubstr("Critical")));
  EXPECT_THAT(Ask("v2/user/ada/oncall/schedule").body, HasSubstr("Critical"));
  EXPECT_EQ(Ask("v2/user/nobody/oncall/schedule").status, 404);
}

TEST_F(PublicOncallTest, TeamsUsersPoliciesAndOverridesAreListed) {
  EXPECT_EQ(Ask("v1/team").body,
            R"([{"name":"Core Team","slug":"core-team","memberCount":2,"isDefaultTeam":false},)"
            R"({"name":"idle","slug":"idle","memberCount":1,"isDefaultTeam":false},)"
            R"({"name":"elsewhere","slug":"elsewhere","memberCount":0,"isDefaultTeam":false}])");
  EXPECT_THAT(Ask("v1/team/core-team").body, HasSubstr(R"("memberCount":2)"));
  EXPECT_THAT(Ask("v1/team/core-team/members").body,
              HasSubstr(R"({"members":[{"username":"ada","displayName":"ada",)"
                        R"("email":"ada@example.com")"));
  const std::string admins = Ask("v1/team/core-team/admins").body;
  EXPECT_THAT(admins, HasSubstr(R"({"admin":[{"username":"bo")"));
  EXPECT_THAT(admins, Not(HasSubstr("ada")));
  EXPECT_THAT(Ask("v1/user").body, HasSubstr(R"({"users":[[{"username":"ada")"));
  EXPECT_THAT(Ask("v2/user").body, HasSubstr(R"({"users":[{"username":"ada")"));
  EXPECT_THAT(Ask("v2/user?email=ada@example.com").body, Not(HasSubstr("bo")));
  EXPECT_THAT(Ask("v1/user/ada").body, HasSubstr(R"({"username":"ada")"));
  EXPECT_THAT(Ask("v1/policies").body,
              HasSubstr(R"({"policies":[{"policy":{"name":"Critical","slug":"critical"},)"
                        R"("team":{"name":"Core Team","slug":"core-team"}})"));
  for (const char* missing : {"v1/team/x", "v1/team/x/members", "v1/user/x",
                              "v1/team/x/oncall/schedule", "v2/team/x/oncall/schedule"}) {
    EXPECT_EQ(Ask(missing).status, 404) << missing;
  }
}

TEST_F(PublicOncallTest, OverridesThatAreOverAreNot) {
  const std::string body = Ask("v1/overrides").body;
  EXPECT_THAT(body, Not(HasSubstr("1999")));
  EXPECT_THAT(body, HasSubstr(R"({"publicId":"primary-on-call-1","user":{"username":"ada"},)"
                              R"("timezone":"UTC","start":"2026-10-10T00:00:00Z")"));
  EXPECT_THAT(body, HasSubstr(R"("assigned":true,"user":"cem"})"));
}

TEST_F(PublicOncallTest, BoundsAndKeysAreChecked) {
  EXPECT_EQ(Ask("v2/team/core-team/oncall/schedule?daysForward=31").status, 400);
  EXPECT_EQ(Ask("v2/team/core-team/oncall/schedule?daysSkip=91").status, 400);
  EXPECT_EQ(Ask("v1/team/core-team/oncall/schedule?step=4").status, 400);
  EXPECT_EQ(Ask("v1/team/core-team/oncall/schedule?step=x").status, 400);
  key_ = "wrong";
  for (const char* path :
       {"v1/oncall/current", "v1/team", "v1/team/x", "v1/team/x/members", "v1/team/x/admins",
        "v1/team/x/oncall/schedule", "v1/user", "v2/user", "v1/user/x", "v2/user/x/oncall/schedule",
        "v1/policies", "v1/overrides"}) {
    EXPECT_EQ(Ask(path).status, 403) << path;
  }
}

TEST(PublicOncallWithoutFilesTest, NobodyIsOnCall) {
  FakeBackend backend(InboundConfig());
  net::Request request = MakeRequest("GET", "/api-public/v1/oncall/current");
  request.headers.push_back({"X-VO-Api-Id", "api-id"});
  request.headers.push_back({"X-VO-Api-Key", "api-key"});
  EXPECT_EQ(Handle(request, backend).body, R"({"teamsOnCall":[]})");
}

TEST_F(PublicOncallTest, APolicyIsShownWithItsSteps) {
  const std::string body = Ask("v1/policies/critical").body;
  EXPECT_THAT(body, HasSubstr(R"("name":"Critical","slug":"critical","teamSlug":"core-team")"));
  EXPECT_THAT(body, HasSubstr(R"({"timeout":0,"entries":[{"executionType":"rotation_group",)"
                              R"("rotationGroup":{"slug":"primary-on-call","label":)"
                              R"("Primary On-Call"}},{"executionType":"email","email":)"
                              R"({"address":"ops@example.com"}}]})"));
  EXPECT_THAT(body, HasSubstr(R"({"timeout":15,"entries":[{"executionType":"user","user":)"
                              R"({"username":"cem"}}]})"));
  EXPECT_THAT(Ask("v1/policies/lonely").body,
              HasSubstr(R"({"timeout":10,"entries":[{"executionType":"policy_routing",)"
                        R"("targetPolicy":{"policySlug":"critical","teamSlug":"core-team"}}]})"));
  EXPECT_EQ(Ask("v1/policies/nothing").status, 404);
}

TEST_F(PublicOncallTest, AUsersTeams) {
  EXPECT_EQ(Ask("v1/user/bo/teams").body, R"({"teams":[{"name":"Core Team","slug":"core-team"}]})");
  EXPECT_EQ(Ask("v1/user/nobody/teams").status, 404);
}

TEST_F(PublicOncallTest, OnePersonTakesTheTurnOfAnother) {
  const auto patch = [&](const std::string& path, const std::string& body) {
    net::Request request = MakeRequest("PATCH", "/api-public/v1/" + path + "/oncall/user", body);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", key_});
    return Handle(request, backend_);
  };
  const bool is_ada =
      Ask("v1/oncall/current").body.find(R"({"username":"ada"})") != std::string::npos;
  const std::string on = is_ada ? "ada" : "bo";
  const std::string off = is_ada ? "bo" : "ada";
  const std::string body = R"({"fromUser":")" + on + R"(","toUser":"cem"})";
  EXPECT_EQ(patch("team/core-team", R"({"fromUser":")" + off + R"(","toUser":"cem"})").status, 404);
  EXPECT_EQ(patch("team/nobody", body).status, 404);
  EXPECT_EQ(patch("policies/nothing", body).status, 404);
  EXPECT_EQ(patch("team/core-team", "{}").status, 400);
  EXPECT_EQ(patch("team/core-team", R"({"fromUser":")" + on + R"(","toUser":"eve"})").status, 400);
  const net::Response taken = patch("team/core-team", body);
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(taken.body, R"({"result":"cem is on call for )" + on + R"("})");
  const std::string now = Ask("v1/oncall/current").body;
  EXPECT_THAT(now, HasSubstr(R"({"username":"cem"})"));
  EXPECT_THAT(now, Not(HasSubstr(R"({"username":")" + on + R"("})")));
  EXPECT_EQ(patch("policies/critical", R"({"fromUser":"cem","toUser":")" + on + R"("})").status,
            200);
  EXPECT_THAT(Ask("v1/oncall/current").body, HasSubstr(R"({"username":")" + on + R"("})"));
}

}  // namespace
}  // namespace watchfire::api
