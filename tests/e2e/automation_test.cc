// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Automation over real sockets: a person lets a playbook run, it hangs, the process is killed, and
// it is called again under the same name; a query shows that it has helped. And a ticket in
// ServiceNow.

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"}}])";

class AutomationTest : public testing::Test {
 protected:
  AutomationTest()
      : pager_({"pagersim",
                {"--victorops.key=k", "--listen=127.0.0.1:0",
                 "--servicenow.authorization=Basic YWRhOnB3"}}),
        pager_address_(pager_.WaitForAddress()) {}

  void Start(const std::string& rules) {
    const std::string config = dir_.Write(
        "watchfire.yml",
        "route: {receiver: on-call, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
        "receivers:\n"
        "- name: on-call\n  webhook_configs: [{url: '" +
            on_call_.url() +
            "', page: true}]\n"
            "- name: robot\n  webhook_configs: [{url: '" +
            robot_.url() +
            "', signing_secret: signing-k3y}]\n"
            "- name: tickets\n  servicenow_configs:\n  - {instance_url: 'http://" +
            pager_address_ +
            "', http_config: {basic_auth: {username: ada, password: pw}}}\n"
            "datasources: [{url: '" +
            prometheus_url_ +
            "'}]\n"
            "automation:\n  rules:\n" +
            rules);
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  std::string Get(const std::string& path) const { return Http(address_, "GET", path).body; }
  bool Shows(const std::string& text) const {
    return Eventually([&] { return Get("/api/v1/automation").find(text) != std::string::npos; });
  }

  TempDir dir_;
  Process pager_;
  const std::string pager_address_;
  Sink on_call_;
  Sink robot_;
  std::string prometheus_url_ = "http://127.0.0.1:1";
  std::unique_ptr<Process> server_;
  std::string address_;
};

TEST_F(AutomationTest, APlaybookIsApprovedAndSurvivesACrash) {
  const std::string rules =
      "  - {name: play, pattern: queue, action: run_playbook, receiver: robot}\n";
  Start(rules);
  robot_.set_hanging(true);
  ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
  ASSERT_TRUE(Shows(R"("id":"1-1-play")")) << server_->errors();
  EXPECT_THAT(Get("/api/v1/automation"), HasSubstr(R"("state":"waiting")"));
  EXPECT_EQ(robot_.received(), 0);
  EXPECT_EQ(Metric(address_, "watchfire_automation_waiting"), 1);

  Process wfctl({"wfctl",
                 {"automation", "approve", "1-1-play", "--actor=ada",
                  "--alertmanager.url=http://" + address_},
                 0,
                 /*collect_output=*/true});
  EXPECT_EQ(wfctl.Wait(), 0) << wfctl.errors();
  ASSERT_TRUE(Eventually([&] { return robot_.received() == 1; })) << server_->errors();
  server_->Kill();
  robot_.set_hanging(false);
  Start(rules);
  ASSERT_TRUE(Shows(R"("result":"success")")) << server_->errors();
  EXPECT_EQ(robot_.Count(R"("automation_run":"1-1-play")"), 2U) << "again, under the same name";
  EXPECT_THAT(robot_.Header("X-Watchfire-Signature"), HasSubstr("v1="));
  EXPECT_THAT(Get("/api/v1/automation"), HasSubstr(R"("by":"ada")"));
  EXPECT_THAT(Get("/api/v1/incidents/1"), HasSubstr("run_playbook approved by ada"));
  const std::string series =
      R"(watchfire_automation_runs_total{rule="play",action="run_playbook",result="success"})";
  EXPECT_EQ(Metric(address_, series), 1);
}

TEST_F(AutomationTest, ATicketIsCreatedAndNothingElse) {
  Start("  - {name: ticket, pattern: queue, action: create_ticket, receiver: tickets}\n");
  ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
  ASSERT_TRUE(Shows(R"("result":"success")")) << server_->errors();
  const std::string vendors = Http(pager_address_, "GET", "/api/vendors").body;
  EXPECT_THAT(vendors, HasSubstr(R"("number":"INC10001","state":"1")"));
  EXPECT_THAT(vendors, Not(HasSubstr("INC10002")));
  EXPECT_THAT(Get("/api/v1/incidents/1"), HasSubstr(R"("state":"triggered")"));
  // Its end is told to it, also by the next life of the process.
  ASSERT_TRUE(Stored(address_));
  server_->Kill();
  Start("  - {name: ticket, pattern: queue, action: create_ticket, receiver: tickets}\n");
  ASSERT_EQ(Http(address_, "POST", "/api/v1/incidents/1/resolve", R"({"actor":"ada"})").status,
            200);
  ASSERT_TRUE(Shows(R"("ticket":"closed")")) << server_->errors();
  const std::string after = Http(pager_address_, "GET", "/api/vendors").body;
  EXPECT_THAT(after, HasSubstr(R"("number":"INC10001","state":"6")"));
  EXPECT_THAT(Get("/api/v1/incidents/1"), HasSubstr("create_ticket success: INC10001"));
  EXPECT_THAT(Get("/api/v1/incidents/1"), HasSubstr("create_ticket told of the end: INC10001"));
}

// Nobody answers at the datasource.
TEST_F(AutomationTest, WithoutAnAnswerNothingIsResolved) {
  Start(
      "  - {name: well, pattern: queue, action: auto_resolve, approval: none,\n"
      "     verify: {expr: queue > 0, expect: empty, every: 1s, timeout: 3s}}\n");
  ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
  ASSERT_TRUE(Shows(R"("result":"timeout")")) << server_->errors();
  EXPECT_THAT(Get("/api/v1/incidents/1"), HasSubstr(R"("state":"triggered")"));
}

}  // namespace
}  // namespace watchfire::e2e
