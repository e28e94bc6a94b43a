// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <chrono>

#include <gmock/gmock.h>

#include "pkg/api/incidents_for_test.h"

namespace watchfire::api {
namespace {

using ::testing::HasSubstr;

TEST(HeartbeatsTest, ArePingedAndListed) {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  config::Heartbeat backup;
  backup.name = "nightly-backup";
  backup.every = std::chrono::minutes(1);
  config->heartbeats = {backup};
  FakeBackend backend(config);
  const auto send = [&](const char* method, const char* path) {
    return Handle(MakeRequest(method, path), backend);
  };
  backend.Pass(std::chrono::seconds(60));
  EXPECT_THAT(send("GET", "/api/v1/heartbeats").body,
              HasSubstr(R"({"heartbeats":[{"name":"nightly-backup","every":"1m","grace":"1m",)"
                        R"("missing":false,"missingSince":null,"lastSeen":null}]})"));
  backend.Pass(std::chrono::seconds(61));
  EXPECT_THAT(send("GET", "/api/v1/heartbeats").body, HasSubstr(R"("missing":true)"));
  EXPECT_THAT(send("GET", "/api/v2/alerts").body, HasSubstr(R"("heartbeat":"nightly-backup")"));
  EXPECT_EQ(send("POST", "/api/v1/heartbeats/nightly-backup/ping").status, 200);
  const std::string listed = send("GET", "/api/v1/heartbeats").body;
  EXPECT_THAT(listed, HasSubstr(R"("missing":false,"missingSince":null,"lastSeen":"20)"));
  const net::Response unknown = send("POST", "/api/v1/heartbeats/other/ping");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("no heartbeat"));
}

}  // namespace
}  // namespace watchfire::api
