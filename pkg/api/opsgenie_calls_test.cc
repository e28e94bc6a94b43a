// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Escalate, responders and teams of Opsgenie's Alert API: whom they name is paged.

#include <memory>
#include <string>

#include "pkg/api/inbound_for_test.h"
#include "pkg/api/opsgenie_roster.h"

namespace watchfire::api {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo]
  teams: [{name: Data Team, members: [ada]}]
  schedules:
    - name: primary
      time_zone: UTC
      layers: [{rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada]}}]
  escalation_policies:
    - {name: Database, steps: [{tell: ada}]}
)";

class OpsgenieCallsTest : public testing::Test {
 protected:
  OpsgenieCallsTest() {
    Send("POST", "", R"({"message":"Disk full","alias":"disk","priority":"P1"})");
    backend_.Pass(std::chrono::seconds(2));
  }

  net::Response Send(const std::string& method, const std::string& path,
                     const std::string& body = "") {
    net::Request request = MakeRequest(method, "/v2/alerts" + path, body);
    request.headers.push_back({"Authorization", "GenieKey opsgenie-key"});
    return Handle(request, backend_);
  }
  net::Response Act(const std::string& verb, const std::string& body) {
    return Send("POST", "/disk/" + verb + "?identifierType=alias", body);
  }
  // What the request's status says of it.
  std::string StatusOf(const net::Response& accepted) {
    EXPECT_EQ(accepted.status, 202) << accepted.body;
    return Send("GET", "/requests/" + HeaderOf(accepted, "X-Request-ID")).body;
  }
  std::vector<std::string> Called() {
    std::vector<std::string> texts;
    const auto view = *backend_.Read(core::kViewIncidents);
    for (const incident::Event& event : view->incidents.at(1)->timeline) {
      if (event.kind == "called") texts.push_back(event.text);
    }
    return texts;
  }

  FakeBackend backend_{InboundConfigOf(kRoster, {"ada", "bo"})};
};

TEST_F(OpsgenieCallsTest, WhomTheyNameIsPaged) {
  const std::string done = StatusOf(Act(
      "responders", R"({"responder":{"type":"user","username":"bo"},"user":"eve","note":"help"})"));
  EXPECT_THAT(done, HasSubstr(R"("success":true)"));
  EXPECT_THAT(done, HasSubstr(R"("action":"AddResponder")"));
  EXPECT_THAT(StatusOf(Act("escalate", R"({"escalation":{"name":"Database"}})")),
              HasSubstr(R"("action":"Escalate")"));
  EXPECT_THAT(StatusOf(Act("teams", R"({"team":{"name":"data team"}})")),
              HasSubstr(R"("action":"AddTeam")"));
  Act("responders", R"({"responder":{"type":"schedule","name":"primary"}})");
  EXPECT_THAT(Called(), ElementsAre("user:bo", "Database", "team:Data Team", "schedule:primary"));
  backend_.Pass(std::chrono::seconds(2));
  const std::string recipients = Send("GET", "/disk/recipients?identifierType=alias").body;
  EXPECT_THAT(recipients, HasSubstr(R"("username":"ada"},"state":"active","method":"")"));
  EXPECT_THAT(recipients, HasSubstr(R"("username":"bo"},"state":"active","method":"")"));
  Act("acknowledge", R"({"user":"bo"})");
  EXPECT_THAT(Send("GET", "/disk/recipients?identifierType=alias").body,
              HasSubstr(R"("username":"bo"},"state":"action","method":"Acknowledge")"));
}

// GET /v2/schedules and the others show ids; whoever has one may send it.
TEST_F(OpsgenieCallsTest, WhomTheyNameByIdIsPaged) {
  const auto responder = [](const std::string& type, const std::string& id) {
    return R"({"responder":{"type":")" + type + R"(","id":")" + id + R"("}})";
  };
  for (const std::string& body : {responder("schedule", OpsgenieIdOf("schedule", "primary", {})),
                                  responder("team", OpsgenieIdOf("team", "Data Team", {})),
                                  responder("user", OpsgenieIdOf("user", "bo", {}))}) {
    EXPECT_THAT(StatusOf(Act("responders", body)), HasSubstr(R"("success":true)")) << body;
  }
  Act("escalate",
      R"({"escalation":{"id":")" + OpsgenieIdOf("escalation", "Database", {}) + R"("}})");
  EXPECT_THAT(Called(), ElementsAre("schedule:primary", "team:Data Team", "user:bo", "Database"));
  EXPECT_THAT(
      StatusOf(Act("responders", responder("team", "00000000-0000-4000-8000-000000000000"))),
      HasSubstr("Nobody of that name can be called"));
}

TEST_F(OpsgenieCallsTest, WhatIsNotDoneIsSaid) {
  const std::string stranger =
      StatusOf(Act("responders", R"({"responder":{"type":"user","username":"nobody"}})"));
  EXPECT_THAT(stranger, HasSubstr(R"("success":false)"));
  EXPECT_THAT(stranger, HasSubstr("Nobody of that name can be called"));
  EXPECT_THAT(backend_.counted, Contains("opsgenie unknown_name"));
  Act("acknowledge", R"({"user":"ada"})");
  EXPECT_THAT(StatusOf(Act("teams", R"({"team":{"name":"Data Team"}})")),
              HasSubstr("Somebody has it in hand, or nobody is left to call"));
  EXPECT_THAT(backend_.counted, Contains("opsgenie in_hand"));
  EXPECT_THAT(Called(), IsEmpty());
}

TEST_F(OpsgenieCallsTest, WhoNamesNobodyIsRefused) {
  EXPECT_EQ(Act("escalate", "{}").status, 422);
  EXPECT_EQ(Act("teams", R"({"team":{}})").status, 422);
  EXPECT_EQ(Act("responders", R"({"responder":{"name":"ada"}})").status, 422) << "of which type?";
}

}  // namespace
}  // namespace watchfire::api
