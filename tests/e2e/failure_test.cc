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
  double pages = 0;
  for (const std::string hours : {"business", "off", "sleep"}) {
    pages += Metric(address, "watchfire_pages_total{team=\"none\",severity=\"critical\",hours=\"" +
                                 hours + "\"}");
  }
  EXPECT_EQ(pages, 1);
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
  Process process({"watchfire", Flags(dir, config), 480 * 1024});
  const std::string address = process.WaitForAddress();
  ASSERT_NE(address, "") << process.errors();
  std::string many = "[";
  for (int i = 0; i < 2'000; ++i) {
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

// Killed the moment after the answer: nobody sends these again.
TEST(FailureTest, WithSyncAlertsNoAlertThatWasAnsweredIsLost) {
  TempDir dir;
  const std::string config =
      dir.Write("w.yml", "route: {receiver: none, group_wait: 1h}\nreceivers: [{name: none}]\n");
  std::vector<std::string> flags = Flags(dir, config);
  flags.emplace_back("--storage.sync-alerts");
  const auto post = [&](const std::string& name) {
    Process process({"watchfire", flags});
    const std::string alert = R"([{"labels":{"alertname":")" + name + R"("}}])";
    EXPECT_EQ(Http(process.WaitForAddress(), "POST", "/api/v2/alerts", alert).status, 200);
    process.Kill();
  };
  for (const char* name : {"One", "Two", "Three", "Four"}) post(name);
  Process process({"watchfire", flags});
  const std::string alerts = Http(process.WaitForAddress(), "GET", "/api/v2/alerts").body;
  for (const char* name : {"One", "Two", "Three", "Four"}) EXPECT_THAT(alerts, HasSubstr(name));
}

// A hundred groups, each told to two receivers, of which one takes every request and never answers.
TEST(FailureTest, AHungReceiverHoldsUpNoOther) {
  TempDir dir;
  Sink hung;
  Sink sink;
  hung.set_hanging(true);
  const std::string config =
      "route:\n  receiver: hung\n  group_by: [alertname]\n  group_wait: 0s\n"
      "  routes: [{receiver: hung, continue: true}, {receiver: ok}]\n"
      "receivers:\n- {name: hung, webhook_configs: [{url: '" +
      hung.url() + "'}]}\n- {name: ok, webhook_configs: [{url: '" + sink.url() + "'}]}\n";
  Process process({"watchfire", Flags(dir, dir.Write("w.yml", config))});
  const std::string address = process.WaitForAddress();
  std::string many = "[";
  for (int i = 0; i < 100; ++i) {
    many += R"({"labels":{"alertname":"A)" + std::to_string(i) + "\"}},";
  }
  many.back() = ']';
  EXPECT_EQ(Http(address, "POST", "/api/v2/alerts", many).status, 200);
  EXPECT_TRUE(Eventually([&] { return sink.accepted().size() == 100; }));
  EXPECT_GT(hung.received(), 0);
  EXPECT_TRUE(hung.accepted().empty()) << "it has answered nothing all the while";
  // No more than may be under way at once are, and the others wait for them.
  const std::string waiting =
      "watchfire_receiver_waiting{receiver=\"hung\",integration=\"webhook\",index=\"0\"}";
  EXPECT_TRUE(Eventually([&] { return Metric(address, waiting) == 36; }));
}

TEST(FailureTest, APageThatNobodyTakesGoesToTheFallback) {
  TempDir dir;
  Sink dead;
  Sink spare;
  dead.set_status(503);
  const std::string config =
      "route: {receiver: pager, group_wait: 0s, group_interval: 1s}\n"
      "receivers:\n- {name: pager, fallback: spare, fallback_after: 2s, webhook_configs: [{url: '" +
      dead.url() + "', page: true}]}\n- {name: spare, webhook_configs: [{url: '" + spare.url() +
      "'}]}\n";
  const std::string path = dir.Write("w.yml", config);
  Process process({"watchfire", Flags(dir, path)});
  std::string address = process.WaitForAddress();
  Http(address, "POST", "/api/v2/alerts", kAlert);
  ASSERT_TRUE(Eventually([&] { return spare.accepted().size() == 1; }));
  EXPECT_EQ(spare.Count("\"receiver\":\"spare\""), 1U);
  ASSERT_TRUE(Eventually([&] {
    return Metric(address,
                  "watchfire_receiver_fallback_notifications_total{receiver=\"pager\","
                  "fallback=\"spare\"}") == 1;
  }));
  const std::string open =
      "watchfire_receiver_circuit_open{receiver=\"pager\",integration=\"webhook\",index=\"0\"}";
  EXPECT_EQ(Metric(address, open), 0) << "one group alone does not fail often enough";
  ASSERT_TRUE(Stored(address, 1)) << "all but what the dead one is told";
  process.Kill();

  Process restarted({"watchfire", Flags(dir, path)});
  address = restarted.WaitForAddress();
  ASSERT_TRUE(Eventually([&] {
    return Metric(address,
                  "alertmanager_notification_requests_failed_total{integration=\"webhook\"}") >= 2;
  }));
  EXPECT_EQ(spare.accepted().size(), 1U) << "it is not told twice";
  dead.set_status(200);
  EXPECT_TRUE(Eventually([&] { return dead.accepted().size() == 1; })) << "the pager is back";
  EXPECT_EQ(spare.accepted().size(), 1U);
}

// Killed when the pager had read the page and nobody had written down that it did.
TEST(FailureTest, KilledBetweenSendAndRecordItRepeatsUnderTheSameKey) {
  TempDir dir;
  Sink sink;
  sink.set_hanging(true);
  std::string url = sink.url();
  url.resize(url.rfind('/') + 1);
  const std::string config =
      "route: {receiver: pager, group_by: [service], group_wait: 0s}\n"
      "receivers: [{name: pager, victorops_configs: [{api_key: k, routing_key: r, api_url: '" +
      url + "'}]}]\n";
  const std::string path = dir.Write("w.yml", config);
  {
    Process process({"watchfire", Flags(dir, path)});
    const std::string address = process.WaitForAddress();
    Http(address, "POST", "/api/v2/alerts", kAlert);
    ASSERT_TRUE(Eventually([&] { return sink.received() == 1; }));
    // The alert is written within a second; the intent was before the request.
    ASSERT_TRUE(
        Eventually([&] { return Metric(address, "watchfire_store_pending_records") == 0; }));
    process.Kill();
  }
  sink.set_hanging(false);
  Process restarted({"watchfire", Flags(dir, path)});
  ASSERT_NE(restarted.WaitForAddress(), "");
  ASSERT_TRUE(Eventually([&] { return sink.accepted().size() == 2; })) << "said again";
  const auto entity = [](const std::string& body) {
    const size_t at = body.find("\"entity_id\"");
    return at == std::string::npos ? "none" : body.substr(at, 80);
  };
  EXPECT_EQ(entity(sink.accepted()[0]), entity(sink.accepted()[1]));
  EXPECT_THAT(entity(sink.accepted()[0]), HasSubstr("entity_id\":\""));
}

}  // namespace
}  // namespace watchfire::e2e
