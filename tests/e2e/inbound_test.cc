// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts from other tools over real sockets: one Watchfire pages another as if it were the vendor,
// and every example of docs/inbound.md is run as it stands there.

#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kPagerDutyKey = "0123456789abcdef0123456789abcdef";

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

class Server {
 public:
  explicit Server(const std::string& config)
      : process_({"watchfire",
                  {"--config.file=" + dir_.Write("watchfire.yml", config),
                   "--storage.path=" + dir_.path() + "/data", "--web.listen-address=127.0.0.1:0",
                   "--config.watch-interval=0s"}}),
        address_(process_.WaitForAddress()) {
    EXPECT_NE(address_, "") << process_.errors();
  }
  const std::string& address() const { return address_; }
  std::string Get(const std::string& path) const { return Http(address_, "GET", path).body; }
  std::string errors() const { return process_.errors(); }

 private:
  TempDir dir_;
  Process process_;
  std::string address_;
};

constexpr const char* kInbound = R"(
route: {receiver: none, group_by: [entity_id], group_wait: 0s, group_interval: 1s}
receivers: [{name: none}]
inbound:
  victorops: [{key: vo}]
  opsgenie: [{key: og}]
  pagerduty: [{key: 0123456789abcdef0123456789abcdef}]
)";

// Pages from one end to the other and back, through a receiver of the vendor.
void PageThrough(const std::string& kind, std::string integration) {
  const Server there(kInbound);
  const Server here(
      "route: {receiver: r, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
      "receivers:\n- name: r\n  " +
      kind + "_configs:\n  - " + Replaced(std::move(integration), "THERE", there.address()) + "\n");
  const std::string labels =
      R"("labels":{"alertname":"QueueFull","service":"mail","severity":"critical"})";
  EXPECT_EQ(Http(here.address(), "POST", "/api/v2/alerts", "[{" + labels + "}]").status, 200);
  ASSERT_TRUE(Eventually([&] {
    return there.Get("/api/v2/alerts").find("\"source\":\"" + kind + "\"") != std::string::npos;
  })) << here.errors()
      << there.errors();
  EXPECT_THAT(there.Get("/api/v2/alerts"), HasSubstr("\"severity\":\"critical\""));
  EXPECT_EQ(Http(here.address(), "POST", "/api/v2/alerts",
                 "[{" + labels +
                     R"(,"startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:00:01Z"}])")
                .status,
            200);
  EXPECT_TRUE(Eventually([&] { return there.Get("/api/v2/alerts") == "[]\n"; }))
      << there.Get("/api/v2/alerts") << here.errors();
  EXPECT_EQ(Metric(here.address(), "alertmanager_notifications_failed_total{integration=\"" + kind +
                                       "\",reason=\"clientError\"}"),
            0);
  EXPECT_GE(Metric(there.address(),
                   "watchfire_inbound_webhooks_total{source=\"" + kind + "\",result=\"ok\"}"),
            2);
}

TEST(InboundTest, OurVictorOpsReceiverPagesAnotherWatchfire) {
  PageThrough("victorops",
              "{api_key: vo, routing_key: mail, "
              "api_url: 'http://THERE/integrations/generic/20131114/alert/'}");
}

TEST(InboundTest, OurOpsgenieReceiverPagesAnotherWatchfire) {
  PageThrough("opsgenie", "{api_key: og, api_url: 'http://THERE/', update_alerts: true}");
}

TEST(InboundTest, OurPagerDutyReceiverPagesAnotherWatchfire) {
  PageThrough("pagerduty",
              "{routing_key: " + std::string(kPagerDutyKey) + ", url: 'http://THERE/v2/enqueue'}");
}

// The blocks between ```LANGUAGE and ``` of a page.
std::vector<std::string> Blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> blocks;
  const std::string begin = "\n```" + language + "\n";
  for (size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at)) {
    at += begin.size();
    blocks.push_back(page.substr(at, page.find("\n```\n", at) - at + 1));
  }
  return blocks;
}

TEST(InboundTest, EveryExampleOfTheGuideWorks) {
  std::ostringstream page;
  page << std::ifstream("docs/inbound.md").rdbuf();
  const std::vector<std::string> configs = Blocks(page.str(), "yaml");
  ASSERT_FALSE(configs.empty());
  const Server server("route: {receiver: none}\nreceivers: [{name: none}]\n" + configs.front() +
                      R"(
oncall:
  schedules:
    - name: primary
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [ada, bob]}
  escalation_policies:
    - {name: critical, team: platform, steps: [{tell: {schedule: primary}}]}
)");
  const std::vector<std::string> examples = Blocks(page.str(), "sh");
  EXPECT_EQ(examples.size(), 17U);
  const TempDir dir;
  for (const std::string& example : examples) {
    // The key of the guide's configuration stands in the file that a script of ours names.
    const std::string script =
        "set -e\ncd " + dir.path() + "\necho vo-key > key\nwfctl() { " + std::string(WF_BIN_DIR) +
        "/wfctl --url=http://" + server.address() + " \"$@\"; }\n{ " +
        Replaced(example, "localhost:9093", server.address()) + " } > /dev/null";
    EXPECT_EQ(std::system(script.c_str()), 0) << example;  // NOLINT
  }
  const std::string alerts = server.Get("/api/v2/alerts");
  for (const char* source :
       {"grafana", "datadog", "cloudwatch", "azuremonitor", "gcp", "splunk", "jenkins"}) {
    EXPECT_THAT(alerts, HasSubstr(std::string("\"source\":\"") + source + "\""));
  }
  for (const char* source : {"victorops", "opsgenie", "pagerduty"}) {
    EXPECT_THAT(alerts, testing::Not(HasSubstr(std::string("\"source\":\"") + source + "\"")));
  }
}

}  // namespace
}  // namespace watchfire::e2e
