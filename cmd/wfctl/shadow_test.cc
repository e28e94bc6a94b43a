// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;

std::string Answer(int extra, const std::string& differences, const std::string& error = "") {
  return R"({"status":"success","data":{"alertmanager":"http://am:9093",)"
         R"("since":"2026-01-31T10:00:00.000Z","lastPoll":null,"pollFailures":0,"pollError":")" +
         error + R"(","mirroredReceivers":[],"counts":{"same":7,"extra":)" + std::to_string(extra) +
         R"(,"missing":0,"different":0,"unjudged":2},"waiting":1,"differences":[)" + differences +
         "]}}";
}

TEST(ShadowTest, NoDifferenceIsFine) {
  FakeServer server;
  server.answers["GET /api/v1/shadow"] = {{200, Answer(0, "")}};
  EXPECT_EQ(server.Ask({"shadow", "report"}), kOk) << server.err;
  EXPECT_EQ(server.out,
            "compared with http://am:9093 since 2026-01-31T10:00:00.000Z\n"
            "same 7, extra 0, missing 0, different 0, unjudged 2, waiting 1\n");
}

TEST(ShadowTest, ADifferenceIsARowAndExitCodeOne) {
  FakeServer server;
  const std::string row =
      R"({"at":"2026-01-31T11:00:00.000Z","result":"extra","receiver":"pager",)"
      R"("groupLabels":{"service":"api"},"reason":"Alertmanager: silenced by 42","alertCount":9,)"
      R"("alerts":[{"labels":{"alertname":"Down","zone":"eu"},"status":"firing",)"
      R"("watchfire":true,"alertmanager":false}]})";
  server.answers["GET /api/v1/shadow"] = {{200, Answer(1, row, "connection refused")}};
  EXPECT_EQ(server.Ask({"shadow", "report"}), kNo);
  EXPECT_THAT(server.out, HasSubstr("it cannot be polled: connection refused\n"));
  EXPECT_THAT(server.out, HasSubstr("extra   pager     service=\"api\"  "
                                    "Down zone=\"eu\" firing (watchfire) and 8 more  "
                                    "Alertmanager: silenced by 42"));
  EXPECT_EQ(server.Ask({"shadow", "report", "-o", "json"}), kNo);
  EXPECT_THAT(server.out, HasSubstr("\"alertCount\":9"));
}

TEST(ShadowTest, AServerThatIsNoShadowSaysSo) {
  FakeServer server;
  server.answers["GET /api/v1/shadow"] = {
      {404, R"({"status":"error","errorType":"not_found","error":"not in shadow mode"})"}};
  EXPECT_EQ(server.Ask({"shadow", "report"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("HTTP 404: not in shadow mode"));
  server.is_down = true;
  EXPECT_EQ(server.Ask({"shadow", "report"}), kUnreachable);
}

}  // namespace
}  // namespace watchfire::wfctl
