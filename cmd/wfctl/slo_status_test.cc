// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSlos =
    R"({"status":"success","data":{"slos":[)"
    R"({"id":"shop-paid","objective":99.9,"pageFiring":true,"firing":["page","ticket"],)"
    R"("firingTiers":["page quick","ticket slow"],"mode":"incremental","lastError":"",)"
    R"("lastEvaluation":"2026-01-31T11:59:15Z","readings":[)"
    R"({"labels":{"region":"us"},"budgetRemaining":0.9,"windows":[)"
    R"({"window":"5m","errorRatio":0,"burnRate":0}]},)"
    R"({"labels":{"region":"eu"},"budgetRemaining":0.125,"windows":[)"
    R"({"window":"5m","errorRatio":0.02,"burnRate":20.5},)"
    R"({"window":"1h","errorRatio":0.015,"burnRate":15}]}],)"
    R"("budget":{"remaining":0.125,"remainingMinutes":5.4,"exhaustedIn":"1d2h","state":"freeze"}},)"
    R"({"id":"shop-sold","objective":99,"pageFiring":false,"firing":[],"firingTiers":[],)"
    R"("noDataFiring":true,"mode":"exact","lastError":"5m window: HTTP 500",)"
    R"("lastEvaluation":null,"readings":[],"budget":{"remaining":-0.5,"state":"exhausted"}},)"
    R"({"id":"shop-kept","objective":95,"pageFiring":false,"firing":[],"mode":"exact",)"
    R"("lastError":"","readings":[]}]}})";

FakeServer Shop() {
  FakeServer server;
  server.answers["GET /api/v1/slos"] = {{200, kSlos}};
  return server;
}

TEST(SloStatusTest, EverySloIsARow) {
  FakeServer server = Shop();
  ASSERT_EQ(server.Ask({"slo", "status"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("shop-paid  99.9       12.5%        5             1d2h   "
                                    "5m 20.5, 1h 15 (worst of 2)  page,ticket  page quick, "
                                    "ticket slow  freeze     incremental  45s ago"));
  EXPECT_THAT(server.out, HasSubstr("shop-sold  99         -50.0%       -             -      "
                                    "no data                      no data      -"));
  EXPECT_THAT(server.out, HasSubstr("exact        never      5m window: HTTP 500\n"));
  EXPECT_THAT(server.out, HasSubstr("shop-kept  95         -            -             -      "
                                    "no data                      ok           -"));
  EXPECT_THAT(server.out, Not(HasSubstr("region")));
}

TEST(SloStatusTest, ThoseNamedShowTheirLabelSets) {
  FakeServer server = Shop();
  ASSERT_EQ(server.Ask({"slo", "status", "shop-sold", "shop-paid"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("{region=\"us\"}"));
  EXPECT_THAT(server.out, HasSubstr("{region=\"eu\"}"));
  EXPECT_LT(server.out.find("shop-sold"), server.out.find("shop-paid"));
  EXPECT_THAT(server.out, Not(HasSubstr("shop-kept")));
  server = Shop();
  ASSERT_EQ(server.Ask({"slo", "status", "shop-kept", "-ojson"}), kOk) << server.err;
  EXPECT_EQ(server.out,
            R"({"status":"success","data":{"slos":[{"id":"shop-kept","objective":95,)"
            R"("pageFiring":false,"firing":[],"mode":"exact","lastError":"","readings":[]}]}})"
            "\n");
  server = Shop();
  EXPECT_EQ(server.Ask({"slo", "status", "shop-pait"}), kNo);
  EXPECT_EQ(server.err, "wfctl: no SLO has the id \"shop-pait\", did you mean \"shop-paid\"?\n");
}

TEST(SloStatusTest, TheExitCodeIsWhatIsAskedFor) {
  const auto code = [](std::vector<std::string> words) {
    FakeServer server = Shop();
    words.insert(words.begin(), {"slo", "status"});
    return server.Ask(std::move(words));
  };
  EXPECT_EQ(code({"--fail-on=page"}), kNo);
  EXPECT_EQ(code({"shop-sold", "--fail-on=page"}), kOk);
  EXPECT_EQ(code({"shop-sold", "--fail-on=page,exhausted"}), kNo);
  EXPECT_EQ(code({"shop-paid", "--fail-on=exhausted"}), kOk);
  EXPECT_EQ(code({"shop-sold", "--fail-on=error"}), kNo);
  EXPECT_EQ(code({"shop-paid", "--fail-on=error", "--fail-on=page", "-ojson"}), kNo);
  EXPECT_EQ(code({"shop-kept", "--fail-on=page,exhausted,error"}), kOk);
  EXPECT_EQ(code({"--fail-on=ticket"}), kUsage);
  FakeServer server;
  server.answers["GET /api/v1/slos"] = {
      {200, R"({"data":{"slos":[{"id":"shop-odd","ratioError":"1h window: more good events"}]}})"}};
  EXPECT_EQ(server.Ask({"slo", "status", "--fail-on=error"}), kNo) << "what it gave cannot be";
  EXPECT_THAT(server.out, HasSubstr("never      1h window: more good events\n"));
  server = Shop();
  server.is_down = true;
  EXPECT_EQ(server.Ask({"slo", "status"}), kUnreachable);
  server = FakeServer();
  server.answers["GET /api/v1/slos"] = {{200, "{}"}};
  EXPECT_EQ(server.Ask({"slo", "status"}), kUnreachable) << "not the server";
}

}  // namespace
}  // namespace watchfire::wfctl
