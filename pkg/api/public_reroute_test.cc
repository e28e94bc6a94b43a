// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Incidents that scripts for VictorOps' public API make up, and send to others.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem]
  teams: [{name: Data Team, members: [ada, bo, cem]}]
  escalation_policies:
    - {name: Database, team: Data Team, steps: [{tell: ada}]}
)";
constexpr const char* kCreate =
    R"({"summary":"All down","details":"nothing answers","userName":"eve","targets":[)"
    R"({"type":"User","slug":"bo"},{"type":"EscalationPolicy","slug":"database"}]})";

class PublicRerouteTest : public testing::Test {
 protected:
  PublicRerouteTest() { backend_.Pass(std::chrono::seconds(1)); }

  net::Response Ask(const std::string& method, const std::string& path,
                    const std::string& body = "") {
    net::Request request = MakeRequest(method, "/api-public/v1/" + path, body);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", secret_});
    return Handle(request, backend_);
  }
  net::Response Reroute(const std::string& type, const std::string& slug,
                        const std::string& number = "1", const std::string& more = "") {
    return Ask("POST", "incidents/reroute",
               R"({"userName":"eve","reroutes":[{"incidentNumber":")" + number +
                   R"(","targets":[)" + R"({"type":")" + type + R"(","slug":")" + slug + R"("}])" +
                   more + "}]}");
  }
  void Page() {
    Handle(MakeRequest("POST", "/integrations/generic/20131114/alert/victorops-key/web",
                       R"({"message_type":"CRITICAL","entity_id":"disk"})"),
           backend_);
    backend_.Pass(std::chrono::seconds(2));
  }
  incident::Incident Incident(uint64_t id = 1) {
    return *(*backend_.Read(core::kViewIncidents))->incidents.at(id);
  }
  std::vector<std::string> Timeline(const std::string& kind) {
    std::vector<std::string> texts;
    for (const incident::Event& event : Incident().timeline) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }
  size_t Firing() {
    const auto view = *backend_.Read(core::kViewAlerts);
    size_t firing = 0;
    for (const auto& shard : view->alerts) {
      for (const core::AlertRow& row : *shard) firing += row.alert->Resolved(view->at) ? 0 : 1;
    }
    return firing;
  }

  FakeBackend backend_{InboundConfigOf(kRoster, {"ada", "bo"})};
  std::string secret_ = "api-key";
};

TEST_F(PublicRerouteTest, AnIncidentIsMadeUpAndWhomItNamesIsPaged) {
  const net::Response created = Ask("POST", "incidents", kCreate);
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.body, R"({"incidentNumber":"1"})") << "whatever group_wait says";
  EXPECT_EQ(Incident().title, "All down");
  EXPECT_EQ(Incident().severity, "critical");
  EXPECT_TRUE(Incident().is_by_human);
  EXPECT_THAT(Timeline("called"), testing::ElementsAre("user:bo", "Database"));
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_THAT(Timeline("paged"), Contains("bo through bo-app"));
  EXPECT_THAT(Timeline("paged"), Contains("ada through ada-app"));
  const std::string shown = Ask("GET", "incidents/1").body;
  EXPECT_THAT(shown,
              HasSubstr(R"("pagedPolicies":[{"policy":{"name":"Database","slug":"database"},)"
                        R"("team":{"name":"Data Team","slug":"data-team"}}])"));
  EXPECT_THAT(shown, HasSubstr(R"("pagedUsers":["ada","bo"])"));
  EXPECT_EQ(Ask("POST", "incidents", kCreate).body, R"({"incidentNumber":"1"})") << "said again";
  EXPECT_THAT(Timeline("called"), SizeIs(2));
}

TEST_F(PublicRerouteTest, WhatWasMadeUpIsOverWithItsIncident) {
  Ask("POST", "incidents", kCreate);
  EXPECT_EQ(Firing(), 1U);
  Ask("PATCH", "incidents/resolve", R"({"userName":"bo","incidentNames":["1"]})");
  EXPECT_EQ(Firing(), 0U);
  backend_.Pass(std::chrono::seconds(30));
  EXPECT_EQ(Incident().resolved_by, "bo");
  EXPECT_EQ(Incident().state, incident::State::kResolved) << "it does not page again";
}

TEST_F(PublicRerouteTest, WhatAMonitorWatchesIsNot) {
  Page();
  Ask("PATCH", "incidents/resolve", R"({"userName":"bo","incidentNames":["1"]})");
  EXPECT_EQ(Firing(), 1U);
}

TEST_F(PublicRerouteTest, WhereNobodyIsPagedNothingIsMadeUp) {
  Ask("POST", "maintenancemode/start", R"({"names":[],"purpose":"all"})");
  const net::Response refused = Ask("POST", "incidents", kCreate);
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("no incident was opened"));
  EXPECT_EQ(Firing(), 0U);
}

TEST_F(PublicRerouteTest, WhatIsMissingOrUnknownIsRefused) {
  const std::string bo = R"("targets":[{"type":"User","slug":"bo"}])";
  for (const std::string& body : std::initializer_list<std::string>{
           "[", R"({"summary":"s",)" + bo + "}", R"({"userName":"eve",)" + bo + "}",
           R"({"summary":"s","userName":"eve"})",
           R"({"summary":"s","userName":"eve","targets":[{"type":"Team","slug":"x"}]})",
           R"({"summary":"s","userName":"eve","targets":[{"type":"User","slug":"nobody"}]})"}) {
    EXPECT_EQ(Ask("POST", "incidents", body).status, 400) << body;
  }
  EXPECT_EQ(Ask("POST", "incidents/reroute", R"({"userName":"eve"})").status, 400);
  EXPECT_EQ(Ask("POST", "incidents/reroute", R"({"reroutes":[]})").status, 400);
  EXPECT_EQ(Firing(), 0U);
  secret_ = "another";
  EXPECT_EQ(Ask("POST", "incidents", kCreate).status, 403);
  EXPECT_EQ(Reroute("User", "bo").status, 403);
}

TEST_F(PublicRerouteTest, OnePersonBecomesTheOwnerAndIsPaged) {
  Page();
  EXPECT_EQ(Reroute("User", "bo").body, R"({"statuses":[{"incidentNumber":"1","success":true,)"
                                        R"("targetStatus":[{"slug":"bo","success":true}]}]})");
  EXPECT_EQ(Incident().owner, "bo");
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_THAT(Timeline("paged"), Contains("bo through bo-app"));
  EXPECT_TRUE(Reroute("User", "bo").body.find(R"("success":true)") != std::string::npos)
      << "it is hers, and she is called once more";
  EXPECT_THAT(Timeline("called"), testing::ElementsAre("user:bo"));
}

TEST_F(PublicRerouteTest, AnAckIsOverForThePolicyThatItIsSentTo) {
  Page();
  Ask("PATCH", "incidents/ack", R"({"userName":"bo","incidentNames":["1"]})");
  const net::Response added = Reroute("EscalationPolicy", "database", "1", R"(,"addTargets":true)");
  EXPECT_THAT(added.body, HasSubstr(R"("message":"it is acknowledged by bo")"));
  EXPECT_EQ(Incident().state, incident::State::kAcknowledged);
  EXPECT_THAT(Reroute("EscalationPolicy", "database").body,
              HasSubstr(R"({"slug":"database","success":true})"));
  EXPECT_EQ(Incident().state, incident::State::kTriggered);
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_THAT(Timeline("paged"), Contains("ada through ada-app"));
}

TEST_F(PublicRerouteTest, WhomNobodyKnowsIsSaidOfEach) {
  Page();
  const std::string stranger = Reroute("User", "nobody").body;
  EXPECT_THAT(stranger, HasSubstr(R"("incidentNumber":"1","success":false)"));
  EXPECT_THAT(stranger, HasSubstr(R"("slug":"nobody","success":false,"message":"no user)"));
  EXPECT_THAT(Reroute("User", "bo", "99").body, HasSubstr(R"("success":false,"message":"no inc)"));
  EXPECT_THAT(Timeline("called"), IsEmpty());
  EXPECT_EQ(Incident().owner, "");
}

}  // namespace
}  // namespace watchfire::api
