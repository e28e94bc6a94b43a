// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kAnswer =
    R"({"status":"success","data":{"at":"2026-01-31T12:00:00.000Z","past":false,"total":3,)"
    R"("alerts":[{"fingerprint":"2f207bb635881050","labels":{"alertname":"ApiDown","team":"core"},)"
    R"("state":"firing","summary":"firing; told to victorops of on-call","chain":[)"
    R"({"at":"2026-01-31T11:59:00.000Z","what":"received","text":"through the API"},)"
    R"({"at":null,"what":"route","text":"{} to receiver on-call"}]}]}})";

TEST(ExplainTest, PrintsTheChain) {
  FakeServer server;
  server.answers["GET /api/v1/explain"] = {{200, kAnswer}};
  EXPECT_EQ(server.Ask({"explain", "ApiDown", "team=core"}), kOk);
  EXPECT_EQ(server.out,
            "ApiDown team=\"core\"  (2f207bb635881050)\n"
            "firing; told to victorops of on-call\n\n"
            "At                       What      How\n"
            "2026-01-31 11:59:00 UTC  received  through the API\n"
            "                         route     {} to receiver on-call\n"
            "\nand 2 more (--limit)\n");
  EXPECT_EQ(server.requests.at(0).path,
            "/api/v1/explain?filter=alertname%3D%22ApiDown%22&filter=team%3Dcore&limit=10");
  EXPECT_EQ(server.Ask({"explain", "ApiDown", "-ojson"}), kOk);
  EXPECT_EQ(server.out, std::string(kAnswer) + "\n");
}

TEST(ExplainTest, SaysThatNothingWasSentInShadowMode) {
  FakeServer server;
  std::string answer = kAnswer;
  answer.replace(answer.find("\"past\""), 0, "\"shadow\":true,");
  server.answers["GET /api/v1/explain"] = {{200, answer}};
  server.answers["GET /api/v2/alerts"] = {
      {200, R"([{"labels":{"alertname":"ApiDown"},"fingerprint":"2f207bb635881050",)"
            R"("status":{"state":"active"},"startsAt":"2026-01-31T11:59:00Z"}])"}};
  EXPECT_EQ(server.Ask({"explain", "ApiDown"}), kOk);
  EXPECT_THAT(server.out, testing::StartsWith("shadow mode: none of this was sent"));
  EXPECT_EQ(server.Ask({"alert", "-owide"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("in shadow: firing; told to victorops of on-call\n"));
}

TEST(ExplainTest, AsksForFingerprintsAndPastTimes) {
  FakeServer server;
  server.answers["GET /api/v1/explain"] = {{200, kAnswer}};
  server.Ask({"explain", "2f207bb635881050", "--at=2026-01-31T04:00:00+01:00", "--limit=1"});
  EXPECT_EQ(server.requests.at(0).path,
            "/api/v1/explain?fingerprint=2f207bb635881050&at=2026-01-31T03%3A00%3A00Z&limit=1");
  EXPECT_EQ(server.Ask({"explain"}), kUsage);
  EXPECT_EQ(server.Ask({"explain", "X", "--at=yesterday"}), kUsage);
}

TEST(ExplainTest, NothingFoundIsNo) {
  FakeServer server;
  server.answers["GET /api/v1/explain"] = {{200, R"({"data":{"total":0,"alerts":[]}})"}};
  EXPECT_EQ(server.Ask({"explain", "X"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("no alert matches that fires now (of one that has resolved"));
  EXPECT_EQ(server.Ask({"explain", "X", "--at=2026-01-31T04:00:00Z"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("no alert matches that was known"));
}

TEST(ExplainTest, AWideQuerySaysWhy) {
  FakeServer server;
  server.answers["GET /api/v2/alerts"] = {
      {200, R"([{"labels":{"alertname":"ApiDown"},"fingerprint":"2f207bb635881050",)"
            R"("status":{"state":"active"},"startsAt":"2026-01-31T11:59:00Z"},)"
            R"({"labels":{"alertname":"Other"},"fingerprint":"0000000000000001",)"
            R"("status":{"state":"active"},"startsAt":"2026-01-31T11:59:01Z"}])"}};
  server.answers["GET /api/v1/explain"] = {{200, kAnswer}};
  EXPECT_EQ(server.Ask({"alert", "-owide"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("Muted By  Why\n"));
  EXPECT_THAT(server.out, HasSubstr("firing; told to victorops of on-call\n"));
  ASSERT_EQ(server.requests.size(), 2U);
  EXPECT_EQ(server.requests[1].path,
            "/api/v1/explain?limit=100&fingerprint=2f207bb635881050&fingerprint=0000000000000001");
  server.Ask({"alert"});
  EXPECT_EQ(server.requests.size(), 1U);

  server.answers["GET /api/v1/explain"] = {{404, ""}};  // An Alertmanager.
  EXPECT_EQ(server.Ask({"alert", "-owide"}), kOk);
  EXPECT_THAT(server.out, Not(HasSubstr("Why")));
  EXPECT_EQ(server.err, "");
}

}  // namespace
}  // namespace watchfire::wfctl
