// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The world around fails: the pager, Prometheus, the disk. Nothing accepted is lost.

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kAlert =
    R"([{"labels":{"alertname":"ApiDown","service":"api","severity":"critical"}}])";

std::string Config(const Sink& sink, const std::string& more = "") {
  return "route: {receiver: hook, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
         "receivers: [{name: hook, webhook_configs: [{url: '" +
         sink.url() + "', page: true}]}]\n" + more;
}

std::vector<std::string> Flags(const TempDir& dir, const std::string& config) {
  return {"--config.file=" + config, "--storage.path=" + dir.path() + "/data",
          "--web.listen-address=127.0.0.1:0"};
}

TEST(FailureTest, APagerThatIsDownIsRetriedUntilItTakesThePage) {
  TempDir dir;
  Sink sink;
  sink.set_status(503);
  Process process({"watchfire", Flags(dir, dir.Write("w.yml", Config(sink)))});
  const std::string address = process.WaitForAddress();
  Http(address, "POST", "/api/v2/alerts", kAlert);
  ASSERT_TRUE(Eventually([&] {
    return Metric(address,
                  "alertmanager_notification_requests_failed_total{integration=\"webhook\"}") >= 2;
  }));
  EXPECT_TRUE(sink.accepted().empty());
  sink.set_status(200);
  EXPECT_TRUE(Eventually([&] { return sink.accepted().size() == 1; }));
  EXPECT_EQ(Metric(address, "watchfire_pages_total{team=\"none\",severity=\"critical\"}"), 1);
}

TEST(FailureTest, APermanentRefusalIsCountedAndTriedAtTheNextInterval) {
  TempDir dir;
  Sink sink;
  sink.set_status(404);
  Process process({"watchfire", Flags(dir, dir.Write("w.yml", Config(sink)))});
  const std::string address = process.WaitForAddress();
  Http(address, "POST", "/api/v2/alerts", kAlert);
  const std::string failed =
      "alertmanager_notifications_failed_total{integration=\"webhook\",reason=\"clientError\"}";
  ASSERT_TRUE(Eventually([&] { return Metric(address, failed) >= 2; }));
  sink.set_status(200);
  EXPECT_TRUE(Eventually([&] { return sink.accepted().size() == 1; }));
}

TEST(FailureTest, APrometheusThatIsDownIsSaidAndResolvesNothing) {
  TempDir dir;
  Sink sink;
  dir.Write("rules.yml",
            "groups: [{name: g, interval: 1s, rules: [{alert: Up, expr: vector(1)}]}]\n");
  const std::string config = Config(sink,
                                    "datasources: [{name: gone, url: 'http://127.0.0.1:1'}]\n"
                                    "rule_files: [rules.yml]\n");
  Process process({"watchfire", Flags(dir, dir.Write("w.yml", config))});
  const std::string address = process.WaitForAddress();
  Http(address, "POST", "/api/v2/alerts", kAlert);
  ASSERT_TRUE(Eventually(
      [&] { return Metric(address, "watchfire_queries_total{result=\"error\"}") >= 2; }));
  EXPECT_THAT(Http(address, "GET", "/api/v1/rules").body, HasSubstr("\"health\":\"err\""));
  EXPECT_TRUE(Eventually([&] { return sink.accepted().size() == 1; })) << "other alerts still page";
}

TEST(FailureTest, AFullDiskStopsNoPageAndPromisesNothing) {
  TempDir dir;
  Sink sink;
  const std::string config = dir.Write("w.yml", Config(sink));
  // Room for the empty database and little more.
  Process process({"watchfire", Flags(dir, config), 140 * 1024});
  const std::string address = process.WaitForAddress();
  ASSERT_NE(address, "") << process.errors();
  std::string many = "[";
  for (int i = 0; i < 500; ++i) {
    many += R"({"labels":{"alertname":"Fill)" + std::to_string(i) +
            R"(","service":"api"},"annotations":{"text":")" + std::string(500, 'x') + R"("}},)";
  }
  many.back() = ']';
  EXPECT_EQ(Http(address, "POST", "/api/v2/alerts", many).status, 200);
  ASSERT_TRUE(Eventually([&] { return Metric(address, "watchfire_store_healthy") == 0; }))
      << process.errors();
  EXPECT_TRUE(Eventually([&] { return !sink.accepted().empty(); })) << "the page goes out";
  EXPECT_EQ(Http(address, "POST", "/api/v1/incidents/1/ack", R"({"actor":"ada"})").status, 503)
      << "an ack that is not stored is not promised";

  process.LiftFileLimit();
  ASSERT_TRUE(Eventually([&] { return Metric(address, "watchfire_store_healthy") == 1; }));
  EXPECT_EQ(Http(address, "POST", "/api/v1/incidents/1/ack", R"({"actor":"ada"})").status, 200);
  process.Kill();
  Process restarted({"watchfire", Flags(dir, config)});
  EXPECT_THAT(Http(restarted.WaitForAddress(), "GET", "/api/v1/incidents/1").body,
              HasSubstr("\"ackedBy\":\"ada\""));
}

}  // namespace
}  // namespace watchfire::e2e
