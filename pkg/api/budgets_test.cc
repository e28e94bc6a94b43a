// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Error budgets over the API: the gate, and what each day spent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/api.h"
#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

config::Slo MakeSlo(const std::string& service, const std::string& name) {
  config::Slo slo;
  slo.id = service + "-" + name;
  slo.service = service;
  slo.name = name;
  slo.objective = 99;
  slo.period = hours(24 * 30);
  slo.labels = labels::LabelSet{{"team", service}};
  slo.error_query = "sum(rate(" + name + "_bad[{{.window}}]))";
  slo.total_query = "sum(rate(all[{{.window}}]))";
  slo.page_windows = {{hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  slo.policy = "Shop";
  slo.levels = {{"budget_remaining > 0.5", 0.5, 9, true, false, false, {"Go on"}},
                {"budget_remaining <= 0.5", -9, 0.5, false, false, false, {"Fixes only"}}};
  return slo;
}

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "default";
  config->route.key = config->route.id = "{}";
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  config->evaluation.slo_mode = config::SloMode::kExact;
  config->slos = {MakeSlo("shop", "calm"), MakeSlo("shop", "spent"), MakeSlo("search", "calm")};
  config->slos[2].id = "search-calm";
  return config;
}

class BudgetsTest : public testing::Test {
 protected:
  BudgetsTest() {
    backend_.answer = [this](const core::RunQuery& query) -> Result<promql::Vector> {
      if (is_down_) return Fail(Code::kUnavailable, "connection refused");
      // Of a day 1000 events; of everything else the ratio.
      if (query.expr == "sum(increase(all[1d]))") return promql::Vector{{{}, query.at, 1000}};
      if (query.expr.view().starts_with("sum(increase(")) return promql::Vector{{{}, query.at, 5}};
      const bool spent = query.expr.view().find("spent") != std::string::npos;
      return promql::Vector{{{}, query.at, spent ? 0.0075 : 0.001}};
    };
  }
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }

  bool is_down_ = false;
  FakeBackend backend_{TestConfig()};
};

TEST_F(BudgetsTest, NothingIsAllowedBeforeAnythingIsKnown) {
  const net::Response response = Get("/api/v1/slos/shop-calm/gate");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("\"errorType\":\"refused\""));
  EXPECT_THAT(response.body, HasSubstr("nothing is known of the error budget"));
  EXPECT_EQ(Get("/api/v1/slos/shop-calm/gate?unknown=last").status, 200);
}

TEST_F(BudgetsTest, TheGateAnswersByTheState) {
  backend_.Pass(seconds(150));
  net::Response response = Get("/api/v1/slos/shop-calm/gate");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"allow\":true,\"purpose\":\"deploy\""));
  EXPECT_THAT(response.body, HasSubstr("\"state\":\"normal\""));
  EXPECT_THAT(response.body, HasSubstr("\"totalMinutes\":432"));
  response = Get("/api/v1/slos/shop-spent/gate?purpose=deploy");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("shop-spent: freeze: 25% of the error budget is left"));
  EXPECT_THAT(response.body, HasSubstr("\"actions\":[\"Fixes only\"]"));
  EXPECT_THAT(Get("/api/v1/slos").body, HasSubstr("\"state\":\"freeze\""));
}

TEST_F(BudgetsTest, SeveralAreAllowedIfAllOfThemAre) {
  backend_.Pass(seconds(150));
  EXPECT_EQ(Get("/api/v1/gate").status, 503);
  EXPECT_EQ(Get("/api/v1/gate?service=search").status, 200);
  const net::Response response = Get("/api/v1/gate?service=shop");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("\"id\":\"shop-calm\""));
  EXPECT_THAT(response.body, Not(HasSubstr("\"id\":\"search-calm\"")));
  EXPECT_EQ(Get("/api/v1/gate?filter=slo=\"calm\"&filter=team=\"shop\"").status, 200);
  EXPECT_EQ(Get("/api/v1/gate?filter=slo=\"spent\"").status, 503);
}

TEST_F(BudgetsTest, WhatIsNotThereDoesNotOpenTheGate) {
  EXPECT_EQ(Get("/api/v1/slos/nobody/gate").status, 404);
  EXPECT_EQ(Get("/api/v1/slos/nobody/history").status, 404);
  EXPECT_EQ(Get("/api/v1/gate?service=nobody").status, 404);
  EXPECT_EQ(Get("/api/v1/gate?purpose=fun").status, 400);
  const net::Response misspelt = Get("/api/v1/gate?purpos=chaos");
  EXPECT_EQ(misspelt.status, 400);
  EXPECT_THAT(misspelt.body, HasSubstr("unknown parameter \\\"purpos\\\": purpose, unknown, "));
  EXPECT_EQ(Get("/api/v1/slos/shop-calm/gate?service=search").status, 400);
  EXPECT_EQ(Get("/api/v1/gate?unknown=maybe").status, 400);
  EXPECT_EQ(Get("/api/v1/gate?filter=x~y").status, 400);
  EXPECT_EQ(Get("/api/v1/slos/shop-calm/history?days=0").status, 400);
}

TEST_F(BudgetsTest, AGateWithoutPrometheusClosesAndOpensAgain) {
  backend_.Pass(seconds(150));
  is_down_ = true;
  backend_.Pass(minutes(14));
  EXPECT_EQ(Get("/api/v1/gate?service=search").status, 200);
  backend_.Pass(minutes(3));
  const net::Response response = Get("/api/v1/gate?service=search");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("nothing is known of the error budget since 2026-"));
  EXPECT_EQ(Get("/api/v1/gate?service=search&unknown=last").status, 200);
  EXPECT_EQ(Get("/api/v1/gate?service=shop&unknown=last").status, 503);
  is_down_ = false;
  backend_.Pass(minutes(2));
  EXPECT_EQ(Get("/api/v1/gate?service=search").status, 200);
}

TEST_F(BudgetsTest, DaysAreFilledInAndShown) {
  EXPECT_THAT(Get("/api/v1/slos/shop-calm/history?days=7").body,
              HasSubstr("\"days\":[],\"partial\":true"));
  backend_.Pass(minutes(30));
  const std::string body = Get("/api/v1/slos/shop-calm/history?days=2").body;
  EXPECT_THAT(body, HasSubstr("\"good\":995.0,\"bad\":5.0,\"total\":1000.0,\"errorRatio\":0.005"));
  // Half of what a thirtieth of the period may spend.
  EXPECT_THAT(body, HasSubstr("\"consumed\":0.016666"));
  EXPECT_THAT(body, HasSubstr("\"partial\":false"));
  // A hundredth of thirty such days may be bad, and a tenth of that is spent.
  const std::string slos = Get("/api/v1/slos").body;
  EXPECT_THAT(slos, HasSubstr("\"totalEvents\":300.0,\"remainingEvents\":270.0"));
  EXPECT_THAT(Get("/api/v1/slos/shop-calm/history?days=300").body, HasSubstr("\"partial\":true"));
}

}  // namespace
}  // namespace watchfire::api
