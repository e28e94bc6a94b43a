// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/slo_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kAllowed =
    R"({"status":"success","data":{"allow":true,"purpose":"deploy","slos":[{"id":"shop-paid",)"
    R"("allow":true,"reason":"","budget":{"state":"normal","remaining":0.75,"exhaustedIn":"never",)"
    R"("actions":["Go on"]}}]}})";
constexpr const char* kRefused =
    R"({"status":"error","errorType":"refused","error":"shop-paid: freeze","data":{"allow":false,)"
    R"("slos":[{"id":"shop-paid","allow":false,"reason":"freeze: 12% of the error budget is left",)"
    R"("budget":{"state":"freeze","remaining":0.12,"exhaustedIn":"3d",)"
    R"("actions":["Fixes only"]}}]}})";

TEST(SloBudgetTest, TheGatesExitCodeIsForPipelines) {
  FakeServer server;
  const std::string path = "GET /api/v1/slos/shop-paid/gate";
  server.answers[path] = {{200, kAllowed}};
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("75.0%"));
  EXPECT_THAT(server.out, Not(HasSubstr("Go on")));
  server.answers[path] = {{503, kRefused}};
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid"}), kNo);
  EXPECT_THAT(server.out, HasSubstr("freeze: 12% of the error budget is left"));
  EXPECT_THAT(server.out, HasSubstr("shop-paid: Fixes only"));
  server.answers[path] = {{503, kRefused}};
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid", "-ojson"}), kNo);
  EXPECT_THAT(server.out, HasSubstr("\"allow\":false"));
  server.answers[path] = {{404, R"({"status":"error","errorType":"not_found","error":"no SLO"})"}};
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid"}), kNo);
  server.answers[path] = {{503, R"({"status":"error","errorType":"timeout","error":"busy"})"}};
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid"}), kUnreachable);
  server.answers[path] = {{200, "hello"}};
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid"}), kUnreachable) << "not the server";
  server.is_down = true;
  EXPECT_EQ(server.Ask({"slo", "gate", "shop-paid"}), kUnreachable);
}

TEST(SloBudgetTest, SeveralAreChosenByServiceAndLabels) {
  FakeServer server;
  server.answers["GET /api/v1/gate"] = {{200, kAllowed}};
  EXPECT_EQ(server.Ask({"slo", "gate", "--service=shop", "--filter=team=\"a\"", "--purpose=chaos",
                        "--fail-open"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.requests.back().path,
            "/api/v1/gate?purpose=chaos&service=shop&filter=team%3D%22a%22&unknown=last");
  EXPECT_EQ(server.Ask({"slo", "gate"}), kUsage);
  EXPECT_EQ(server.Ask({"slo", "gate", "a", "b"}), kUsage);
  EXPECT_EQ(server.Ask({"slo", "gate", "a", "--service=b"}), kUsage);
}

TEST(SloBudgetTest, WhatIsLessThanNothingByAHairIsNothing) {
  EXPECT_EQ(Percent(-0.0004), "0.0%");
  EXPECT_EQ(Percent(-0.0006), "-0.1%");
  EXPECT_EQ(Count(-0.4), "0");
  EXPECT_EQ(Count(-0.0), "0");
  EXPECT_EQ(Count(-0.6), "-1");
  EXPECT_EQ(Percent(std::nullopt), "-");
}

TEST(SloBudgetTest, HistoryIsATable) {
  FakeServer server;
  server.answers["GET /api/v1/slos/shop-paid/history"] = {
      {200, R"({"data":{"id":"shop-paid","days":[{"day":"2026-01-29","good":995,"bad":5,)"
            R"("consumed":0.25,"remaining":0.5},{"day":"2026-01-30","good":null,"bad":null,)"
            R"("consumed":null,"remaining":null}],"partial":true}})"}};
  ASSERT_EQ(server.Ask({"slo", "history", "shop-paid", "--days=7"}), kOk) << server.err;
  EXPECT_EQ(server.requests.back().path, "/api/v1/slos/shop-paid/history?days=7");
  EXPECT_THAT(server.out, HasSubstr("2026-01-29  995   5    25.0%  50.0%"));
  EXPECT_THAT(server.out, HasSubstr("Not all of these days are known."));
  EXPECT_THAT(server.out, Not(HasSubstr("█"))) << "for terminals";
  EXPECT_EQ(server.Ask({"slo", "history"}), kUsage);
}

}  // namespace
}  // namespace watchfire::wfctl
