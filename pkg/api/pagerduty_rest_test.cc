// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is on call, as scripts for PagerDuty's REST API ask it. The clock stands at
// 2026-09-21T14:13:20Z, a Monday.

#include "pkg/api/pagerduty_rest.h"

#include <string>
#include <vector>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users:
    - {name: ada, email: ada@example.com, aliases: [PU1A2B3], time_zone: Europe/London}
    - bo
    - cem
  teams:
    - {name: core, members: [bo, cem]}
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-09-14 09:00, every: 1 week, participants: [ada, bo]}
      overrides:
        - {from: 2026-09-23 00:00, to: 2026-09-24 00:00, who: cem}
    - name: spare
      time_zone: UTC
      layers:
        - rotation: {start: 2026-09-01 00:00, every: 1 day, participants: [cem]}
  escalation_policies:
    - name: Critical
      team: core
      steps:
        - {tell: {schedule: primary}}
        - {after: 15m, tell: [cem, {team: core}]}
      repeat: {count: 2, wait: 10m}
)";

class PagerDutyRestTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& target, const std::string& method = "GET") {
    net::Request request = MakeRequest(method, target);
    request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend_);
  }
  std::string Body(const std::string& target) {
    const net::Response response = Ask(target);
    EXPECT_EQ(response.status, 200) << target << ": " << response.body;
    return response.body;
  }
  static std::string Reference(const std::string& kind, const std::string& folder,
                               const std::string& name) {
    const std::string id = RestIdOf(kind, name, {});
    return R"({"id":")" + id + R"(","type":")" + kind + R"(_reference","summary":")" + name +
           R"(","self":"http://wf/)" + folder + "/" + id + R"(","html_url":null})";
  }
  static std::string User(const std::string& name) { return Reference("user", "users", name); }
  // An entry of /oncalls.
  static std::string OnCall(int level, const std::string& schedule, const std::string& user,
                            const std::string& start, const std::string& end) {
    return R"({"escalation_policy":)" +
           Reference("escalation_policy", "escalation_policies", "Critical") +
           R"(,"escalation_level":)" + std::to_string(level) + R"(,"schedule":)" +
           (schedule.empty() ? "null" : Reference("schedule", "schedules", schedule)) +
           R"(,"user":)" + User(user) + R"(,"start":)" + start + R"(,"end":)" + end + "}";
  }
  static std::string Rendered(const std::string& start, const std::string& end,
                              const std::string& user) {
    return R"({"start":"2026-09-)" + start + R"(:00Z","end":"2026-09-)" + end + R"(:00Z","user":)" +
           User(user) + "}";
  }

  std::string authorization_ = "Token token=pagerduty-key";
  FakeBackend backend_{InboundConfigOf(kRoster)};
};

constexpr const char* kDays = "since=2026-09-22T00:00:00Z&until=2026-09-25T00:00:00Z";

TEST_F(PagerDutyRestTest, WhoIsOnCallByPolicyAndLevel) {
  const std::string now = Body("/oncalls");
  EXPECT_THAT(now, HasSubstr(R"({"oncalls":[)" +
                             OnCall(1, "primary", "bo", R"("2026-09-21T09:00:00Z")",
                                    R"("2026-09-23T00:00:00Z")") +
                             "," + OnCall(2, "", "cem", "null", "null") + "," +
                             OnCall(2, "", "bo", "null", "null") + "," +
                             OnCall(2, "", "cem", "null", "null") +
                             R"(,{"escalation_policy":null,"escalation_level":1,"schedule":)" +
                             Reference("schedule", "schedules", "spare") + R"(,"user":)" +
                             User("cem") + R"(,"start":"2026-09-01T00:00:00Z","end":null}],)" +
                             R"("limit":25,"offset":0,"more":false,"total":5})"));
  const std::string page = Body("/oncalls?limit=1&offset=1");
  EXPECT_THAT(page, HasSubstr(R"({"oncalls":[)" + OnCall(2, "", "cem", "null", "null") +
                              R"(],"limit":1,"offset":1,"more":true,"total":5})"));
}

TEST_F(PagerDutyRestTest, WhoIsOnCallOfARange) {
  const std::string primary = RestIdOf("schedule", "primary", {});
  const std::string asked = std::string("/oncalls?") + kDays + "&schedule_ids[]=" + primary;
  const std::string first =
      OnCall(1, "primary", "bo", R"("2026-09-21T09:00:00Z")", R"("2026-09-23T00:00:00Z")") + "," +
      OnCall(1, "primary", "cem", R"("2026-09-23T00:00:00Z")", R"("2026-09-24T00:00:00Z")");
  EXPECT_THAT(Body(asked), HasSubstr(R"({"oncalls":[)" + first + "," +
                                     OnCall(1, "primary", "bo", R"("2026-09-24T00:00:00Z")",
                                            R"("2026-09-28T09:00:00Z")") +
                                     R"(],"limit":25,"offset":0,"more":false,"total":3})"));
  EXPECT_THAT(Body(asked + "&earliest=true"),
              HasSubstr(R"({"oncalls":[)" + first + R"(],"limit":25,)"));
  EXPECT_THAT(Body("/oncalls?schedule_ids[]=spare"), HasSubstr(R"("total":1})"));
}

TEST_F(PagerDutyRestTest, WhoIsOnCallOfThoseAskedFor) {
  EXPECT_THAT(Body("/oncalls?user_ids[]=PU1A2B3"), HasSubstr(R"({"oncalls":[],)"));
  EXPECT_THAT(Body("/oncalls?user_ids[]=PU1A2B3&since=2026-09-20T00:00:00Z"),
              HasSubstr(R"("id":"PU1A2B3","type":"user_reference","summary":"ada")"));
  EXPECT_THAT(Body("/oncalls?user_ids[]=bo&user_ids[]=PU1A2B3"), HasSubstr(R"("total":2})"));
  const std::string critical = RestIdOf("escalation_policy", "Critical", {});
  EXPECT_THAT(Body("/oncalls?escalation_policy_ids[]=" + critical), HasSubstr(R"("total":4})"));
  EXPECT_THAT(Body("/oncalls?include[]=users&since=2026-09-20T00:00:00Z"),
              HasSubstr(R"("user":{"id":"PU1A2B3","type":"user","summary":"ada",)"
                        R"("self":"http://wf/users/PU1A2B3","html_url":null,"name":"ada",)"
                        R"("email":"ada@example.com","role":"user","time_zone":"Europe/London"})"));
}

TEST_F(PagerDutyRestTest, ARangeWithoutAnEndGoesOnUntilNow) {
  const std::string past = Body("/oncalls?schedule_ids[]=primary&since=2026-09-20T00:00:00Z");
  EXPECT_THAT(past, HasSubstr(R"("summary":"ada")"));
  EXPECT_THAT(past, HasSubstr(R"("summary":"bo")"));
  EXPECT_THAT(past, HasSubstr(R"("total":2})"));
  EXPECT_THAT(Body("/oncalls?schedule_ids[]=primary&since=2026-09-23T12:00:00Z"),
              HasSubstr(R"("summary":"cem")"))
      << "what is to come is asked for its moment";
}

TEST_F(PagerDutyRestTest, TheEarliestIsSoughtAcrossTheSchedulesOfALevel) {
  FakeBackend backend(InboundConfigOf(R"(
oncall:
  users: [ada, bo, cem]
  schedules:
    - name: odd
      layers: [{rotation: {start: 2026-09-21 00:00, every: 1 day, participants: [bo, ada]}}]
    - name: even
      layers: [{rotation: {start: 2026-09-21 00:00, every: 1 day, participants: [ada, bo]}}]
    - name: spare
      layers: [{rotation: {start: 2026-09-21 00:00, every: 1 day, participants: [cem]}}]
    - name: reserve
      layers: [{rotation: {start: 2026-09-21 00:00, every: 1 day, participants: [cem]}}]
  escalation_policies:
    - {name: Critical, steps: [{tell: [{schedule: odd}, {schedule: even}]}]}
)"));
  const auto ask = [&backend](const std::string& user) {
    net::Request request = MakeRequest(
        "GET", "/oncalls?earliest=true&user_ids[]=" + user + "&until=2026-09-23T00:00:00Z");
    request.headers.push_back({"Authorization", "Token token=pagerduty-key"});
    return Handle(request, backend).body;
  };
  EXPECT_THAT(ask("ada"),
              HasSubstr(R"("start":"2026-09-21T00:00:00Z","end":"2026-09-22T00:00:00Z"}],)"));
  EXPECT_THAT(ask("ada"), HasSubstr(R"("total":1})"));
  EXPECT_THAT(ask("cem"), HasSubstr(R"("total":2})")) << "schedules without a policy are two";
}

TEST_F(PagerDutyRestTest, Schedules) {
  const std::string id = RestIdOf("schedule", "primary", {});
  const std::string members =
      R"({"id":")" + id +
      R"(","type":"schedule","summary":"primary","self":"http://wf/schedules/)" + id +
      R"(","html_url":null,"name":"primary","description":"","time_zone":"UTC",)" +
      R"("escalation_policies":[)" +
      Reference("escalation_policy", "escalation_policies", "Critical") + "]";
  EXPECT_THAT(Body("/schedules"), HasSubstr(R"({"schedules":[)" + members + "},{"));
  EXPECT_THAT(Body("/schedules"), HasSubstr(R"("more":false,"total":2})"));
  const std::string found = Body("/schedules?query=SPA");
  EXPECT_THAT(found, HasSubstr(R"("name":"spare")"));
  EXPECT_THAT(found, HasSubstr(R"("total":1})"));
  const std::string one = Body("/schedules/" + id + "?" + kDays);
  EXPECT_THAT(one, HasSubstr(R"({"schedule":)" + members +
                             R"(,"final_schedule":{"name":"Final Schedule",)"
                             R"("rendered_schedule_entries":[)" +
                             Rendered("22T00:00", "23T00:00", "bo") + "," +
                             Rendered("23T00:00", "24T00:00", "cem") + "," +
                             Rendered("24T00:00", "25T00:00", "bo") +
                             R"(],"rendered_coverage_percentage":100.0}}})"));
  EXPECT_THAT(Body("/schedules/primary"), HasSubstr(R"("end":"2026-10-05T14:13:20Z")"));
  const std::string users = Body("/schedules/primary/users?" + std::string(kDays));
  EXPECT_THAT(users, HasSubstr(R"({"users":[{"id":")" + RestIdOf("user", "bo", {})));
  EXPECT_THAT(users, HasSubstr(R"("name":"cem")"));
  EXPECT_THAT(users, Not(HasSubstr(R"("name":"ada")")));
}

TEST_F(PagerDutyRestTest, UsersAndPolicies) {
  const std::string users = Body("/users");
  EXPECT_THAT(users, HasSubstr(R"({"users":[{"id":"PU1A2B3","type":"user","summary":"ada",)"));
  EXPECT_THAT(users, HasSubstr(R"("total":3})"));
  EXPECT_THAT(Body("/users?query=ada@EXAMPLE.com"), HasSubstr(R"("total":1})"));
  EXPECT_THAT(Body("/users/PU1A2B3"), HasSubstr(R"({"user":{"id":"PU1A2B3",)"));
  EXPECT_THAT(Body("/users/bo"), HasSubstr(R"("email":"","role":"user","time_zone":"UTC"}})"));
  const std::string id = RestIdOf("escalation_policy", "Critical", {});
  const std::string policy = Body("/escalation_policies/" + id);
  EXPECT_THAT(policy, HasSubstr(R"({"escalation_policy":{"id":")" + id));
  EXPECT_THAT(policy, HasSubstr(R"("num_loops":2,"escalation_rules":[{"id":")" +
                                RestIdOf("rule", "Critical/0", {}) +
                                R"(","escalation_delay_in_minutes":15,"targets":[)" +
                                Reference("schedule", "schedules", "primary") + "]},"));
  EXPECT_THAT(policy, HasSubstr(R"("escalation_delay_in_minutes":10,"targets":[)" + User("cem") +
                                "," + Reference("team", "teams", "core") + R"(]}],"teams":[)" +
                                Reference("team", "teams", "core") + "]}}"));
  EXPECT_THAT(Body("/escalation_policies?query=crit"), HasSubstr(R"("total":1})"));
  EXPECT_THAT(Body("/escalation_policies?query=none"),
              HasSubstr(R"({"escalation_policies":[],"limit":25,)"));
}

TEST_F(PagerDutyRestTest, OnlyAnAddressIsShownAsMail) {
  FakeBackend backend(InboundConfigOf(R"(
oncall:
  users:
    - {name: dee, contacts: [{method: email, to: dee}, {method: mail, to: dee@example.com}]}
    - {name: eve, contacts: [{method: email, to: eve}]}
)"));
  const auto ask = [&backend](const std::string& path) {
    net::Request request = MakeRequest("GET", path);
    request.headers.push_back({"Authorization", "Token token=pagerduty-key"});
    return Handle(request, backend).body;
  };
  EXPECT_THAT(ask("/users/dee"), HasSubstr(R"("email":"dee@example.com")"));
  EXPECT_THAT(ask("/users/eve"), HasSubstr(R"("email":"",)"));
}

TEST_F(PagerDutyRestTest, IdsAreOfTheVendorsForm) {
  EXPECT_EQ(RestIdOf("user", "ada", {}), "PECBC2244C14F8");
  EXPECT_EQ(RestIdOf("user", "ada", {"Ada", "pagerduty:PU1A2B3"}), "PU1A2B3");
  EXPECT_EQ(RestIdOf("user", "ada", {"PU1", "Primary"}), "PECBC2244C14F8");
}

TEST_F(PagerDutyRestTest, TheKeyOfEventsOpensNothing) {
  auto config = std::make_shared<config::Config>(*InboundConfigOf(kRoster));
  config::InboundKey& key = config->inbound.keys["pagerduty"][0];
  key.api_key = Secret("another");
  FakeBackend backend(config);
  const auto status = [&](const char* path) {
    net::Request request = MakeRequest("GET", path);
    request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend).status;
  };
  for (const char* path : {"/oncalls", "/users", "/schedules", "/escalation_policies"}) {
    authorization_ = "Token token=pagerduty-key";
    EXPECT_EQ(status(path), 401) << path;
    authorization_ = "Token token=another";
    EXPECT_EQ(status(path), 200) << path;
  }
  key.api_key = Secret("");
  for (const char* nothing : {"Token token=", "Token token=\"\""}) {
    authorization_ = nothing;
    EXPECT_EQ(status("/users"), 401) << nothing;
  }
}

TEST_F(PagerDutyRestTest, WhatCannotBeIsRefusedInTheVendorsShape) {
  for (const char* path :
       {"/schedules/none", "/schedules/none/users", "/users/none", "/escalation_policies/none"}) {
    const net::Response none = Ask(path);
    EXPECT_EQ(none.status, 404) << path;
    EXPECT_THAT(none.body, HasSubstr(R"({"error":{"message":"Not Found","code":2100,"errors":[)"));
  }
  for (const char* asked :
       {"/oncalls?since=soon", "/oncalls?until=2026-09-01T00:00:00Z", "/oncalls?limit=101",
        "/oncalls?until=2027-10-01T00:00:00Z", "/schedules/primary?since=2226-01-01T00:00:00Z",
        "/users?limit=0", "/schedules?offset=x", "/escalation_policies?offset=10000"}) {
    const net::Response refused = Ask(asked);
    EXPECT_EQ(refused.status, 400) << asked;
    EXPECT_THAT(refused.body, HasSubstr(R"("code":2001,"errors":[")")) << asked;
  }
  authorization_ = "Token token=opsgenie-key";
  for (const char* path : {"/oncalls", "/schedules", "/schedules/primary", "/users", "/users/bo",
                           "/schedules/primary/users", "/escalation_policies"}) {
    EXPECT_EQ(Ask(path).status, 401) << path;
  }
  EXPECT_THAT(backend_.counted, Contains("pagerduty bad_key"));
  authorization_ = "Bearer pagerduty-key";
  EXPECT_EQ(Ask("/oncalls").status, 401);
  authorization_ = "Token token=\"pagerduty-key\"";
  EXPECT_EQ(Ask("/oncalls").status, 200);
}

TEST_F(PagerDutyRestTest, WhoeverWantsToChangeThemHearsWhereTheyAreWritten) {
  for (const auto& [method, target] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "/schedules"},
                                                        {"PUT", "/schedules/primary"},
                                                        {"POST", "/schedules/primary/overrides"},
                                                        {"DELETE", "/users/bo"},
                                                        {"POST", "/escalation_policies"}}) {
    const net::Response refused = Ask(target, method);
    EXPECT_EQ(refused.status, 405) << target;
    EXPECT_THAT(refused.body, HasSubstr("in the files of oncall_files")) << target;
    EXPECT_EQ(HeaderOf(refused, "Allow"), "GET,HEAD,OPTIONS");
  }
  EXPECT_THAT(backend_.counted, Contains("pagerduty read_only"));
  authorization_ = "";
  EXPECT_EQ(Ask("/schedules", "POST").status, 401);
}

}  // namespace
}  // namespace watchfire::api
