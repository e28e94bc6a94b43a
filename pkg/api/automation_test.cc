// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <chrono>

#include <gmock/gmock.h>

#include "pkg/api/incidents_for_test.h"

namespace watchfire::api {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const config::Config> WithARule() {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  config::AutomationRule rule;
  rule.name = "hush";
  rule.pattern = "down";
  rule.states = {"triggered"};
  rule.needs_approval = true;
  config->automation.rules = {rule};
  return config;
}

class AutomationTest : public IncidentsTest {
 protected:
  AutomationTest() : IncidentsTest(WithARule()) {}
};

TEST_F(AutomationTest, RulesAndRunsAreListed) {
  EXPECT_THAT(Get("/api/v1/automation").body,
              HasSubstr(R"({"rules":[{"name":"hush","action":"auto_acknowledge",)"
                        R"("needsApproval":true,"dryRun":false,"maxPerHour":10}],"runs":[]})"));
  Page("db");
  EXPECT_THAT(Get("/api/v1/automation").body,
              HasSubstr(R"("runs":[{"id":"1-1-hush","rule":"hush","action":"auto_acknowledge",)"
                        R"("incident":"1","cycle":1,"state":"waiting","result":"","at":"20)"));
}

TEST_F(AutomationTest, APersonApprovesWhatWaits) {
  Page("db");
  EXPECT_EQ(Post("/api/v1/automation/1-1-hush/approve", R"({"actor":"ada"})").status, 200);
  EXPECT_EQ(Find(1)->state, incident::State::kAcknowledged);
  EXPECT_THAT(Get("/api/v1/automation").body, HasSubstr(R"("by":"ada")"));
  const net::Response again = Post("/api/v1/automation/1-1-hush/refuse", R"({"actor":"bob"})");
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body, HasSubstr("run 1-1-hush does not wait for anybody: it is success"));
}

TEST_F(AutomationTest, APersonRefusesWhatWaits) {
  Page("db");
  EXPECT_EQ(Post("/api/v1/automation/1-1-hush/refuse", R"({"actor":"bob"})").status, 200);
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  EXPECT_THAT(Get("/api/v1/automation").body, HasSubstr(R"("result":"rejected")"));
}

// Wilson's interval of one success of one run; refusals are no runs that could have succeeded.
TEST_F(AutomationTest, FiguresSayHowManyRunsSucceeded) {
  EXPECT_THAT(
      Get("/api/v1/analytics?days=1").body,
      HasSubstr(R"("automation":{"total":{"finished":0,"success":0,"failure":0,"timeout":0,)"
                R"("rejected":0,"dryRun":0,"successRatio":null,"successInterval":null},)"
                R"("byRule":{}},"sloBreaches":{"bySlo":{},"total":0})"));
  Page("db");
  Page("api");
  EXPECT_EQ(Post("/api/v1/automation/1-1-hush/approve", R"({"actor":"ada"})").status, 200);
  EXPECT_EQ(Post("/api/v1/automation/2-1-hush/refuse", R"({"actor":"ada"})").status, 200);
  const std::string body = Get("/api/v1/analytics?days=1").body;
  EXPECT_THAT(body, HasSubstr(R"("byRule":{"hush":{"finished":1,"success":1,"failure":0,)"
                              R"("timeout":0,"rejected":1,"dryRun":0,"successRatio":1.0,)"
                              R"("successInterval":[0.206)"));
  EXPECT_THAT(Get("/api/v1/analytics?days=1&team=web").body, HasSubstr(R"("byRule":{}})"));
}

TEST_F(AutomationTest, WhatMakesNoSenseIsRefused) {
  Page("db");
  const auto fails = [&](const std::string& run, const std::string& body, int status,
                         const std::string& text) {
    const net::Response response = Post("/api/v1/automation/" + run + "/approve", body);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_THAT(response.body, HasSubstr(text));
  };
  fails("7-1-hush", R"({"actor":"ada"})", 404, "no run");
  fails("1-1-hush", R"({"actor":""})", 400, "say who acts");
  fails("1-1-hush", R"({"name":"ada"})", 400, "actor is known");
  fails("1-1-hush", R"({"actor":1})", 400, "actor must be a string");
  fails("1-1-hush", "ada", 400, "must be a JSON object");
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
}

}  // namespace
}  // namespace watchfire::api
