// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What one key of `inbound` may send, and that it costs the others nothing.

#include "pkg/api/inbound_turns.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr MonoTime kStart = MonoTime(std::chrono::hours(1));

// How many of `count` at once are taken.
size_t Taken(InboundTurns* turns, const std::string& who, size_t count, MonoTime now) {
  size_t taken = 0;
  for (size_t i = 0; i < count; ++i) taken += turns->Take(who, 0, now) ? 1 : 0;
  return taken;
}

TEST(InboundTurnsTest, ABurstAndThenSoManyASecond) {
  InboundTurns turns;
  EXPECT_EQ(Taken(&turns, "a", 5000, kStart), limits::kInboundBurst);
  EXPECT_EQ(Taken(&turns, "a", 5000, kStart + seconds(1)), limits::kInboundPerSecond);
  EXPECT_EQ(Taken(&turns, "a", 5000, kStart + seconds(3)), 2 * limits::kInboundPerSecond);
  EXPECT_EQ(Taken(&turns, "a", 5000, kStart + seconds(3600)), limits::kInboundBurst);
}

TEST(InboundTurnsTest, AKeyCostsTheOthersNothing) {
  InboundTurns turns;
  Taken(&turns, "a", 5000, kStart);
  EXPECT_EQ(Taken(&turns, "b", 10, kStart), 10U);
  EXPECT_FALSE(turns.Take("a", 0, kStart));
}

TEST(InboundTurnsTest, WhatAMessageBroughtIsOwedByTheNextOnes) {
  InboundTurns turns;
  EXPECT_TRUE(turns.Take("a", 0, kStart));
  EXPECT_TRUE(turns.Take("a", limits::kInboundBurst + limits::kInboundPerSecond, kStart));
  EXPECT_FALSE(turns.Take("a", 0, kStart + seconds(1)));
  EXPECT_TRUE(turns.Take("a", 0, kStart + seconds(2)));
}

class FloodTest : public InboundTest {
 protected:
  static std::string Alert(const std::string& name) {
    return R"({"commonLabels":{},"status":"firing","alerts":[{"status":"firing","labels":)"
           R"({"alertname":")" +
           name + R"("},"fingerprint":")" + name + R"("}]})";
  }
  net::Response VictorOpsAlert(const std::string& key) {
    return Post("/integrations/generic/20131114/alert/" + key,
                R"({"message_type":"INFO","entity_id":"x"})");
  }
};

TEST_F(FloodTest, OfOneKeyLeavesTheOthersTheirRoom) {
  size_t i = 0;
  while (i < 10'000 && VictorOpsAlert("victorops-key").status == 200) ++i;
  EXPECT_EQ(i, limits::kInboundBurst);
  const net::Response refused = VictorOpsAlert("victorops-key");
  EXPECT_EQ(refused.status, 503);  // Its clients send again what got a 5xx.
  EXPECT_EQ(HeaderOf(refused, "Retry-After"), "1");
  EXPECT_THAT(refused.body, HasSubstr("may send 200 messages a second"));
  EXPECT_EQ(backend_.counted.back(), "victorops rate_limited");
  EXPECT_EQ(VictorOpsAlert("second-key").status, 200);
  EXPECT_EQ(Post("/inbound/grafana/grafana-key", Alert("A")).status, 200);
  // The webhook of the same key shares its turns.
  EXPECT_EQ(Post("/inbound/victorops/victorops-key", R"({"x":1})").status, 503);
  backend_.Pass(seconds(1));
  EXPECT_EQ(VictorOpsAlert("victorops-key").status, 200);
}

TEST_F(FloodTest, EveryKindOfKeyIsBounded) {
  const std::string pagerduty =
      R"({"routing_key":"pagerduty-key","event_action":"resolve","dedup_key":"x"})";
  const std::string pagerduty_v1 =
      R"({"service_key":"pagerduty-key","event_type":"resolve","incident_key":"x"})";
  for (const std::string_view kind : config::kInboundKinds) {
    backend_.TakeTurn(std::string(kind) + "/" + std::string(kind) + "-key",
                      2 * limits::kInboundBurst);
  }
  for (const std::string_view kind : config::kInboundKinds) {
    const std::string path = "/inbound/" + std::string(kind) + "/" + std::string(kind) + "-key";
    EXPECT_EQ(Post(path, "{}").status, 503) << kind;
    EXPECT_EQ(backend_.counted.back(), std::string(kind) + " rate_limited");
  }
  // With the statuses that the vendors' clients wait on.
  EXPECT_EQ(VictorOpsAlert("victorops-key").status, 503);
  const net::Response opsgenie = Get("/v2/alerts");
  EXPECT_EQ(opsgenie.status, 429);
  EXPECT_EQ(HeaderOf(opsgenie, "X-RateLimit-State"), "THROTTLED");
  EXPECT_EQ(HeaderOf(opsgenie, "X-RateLimit-Period-In-Sec"), "1");
  EXPECT_EQ(HeaderOf(opsgenie, "Retry-After"), "1");
  const net::Response event = Post("/v2/enqueue", pagerduty);
  EXPECT_EQ(event.status, 429);
  EXPECT_EQ(HeaderOf(event, "Retry-After"), "1");
  const net::Response event_v1 = Post("/generic/2010-04-15/create_event.json", pagerduty_v1);
  EXPECT_EQ(event_v1.status, 403);
  EXPECT_EQ(HeaderOf(event_v1, "Retry-After"), "1");
  EXPECT_EQ(backend_.counted.back(), "pagerduty rate_limited");
}

}  // namespace
}  // namespace watchfire::api
