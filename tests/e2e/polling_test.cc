// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who acknowledges, notes and resolves at VictorOps, Opsgenie or PagerDuty (pagersim), of which no
// webhook tells, is heard here because they are asked, over real sockets: the escalation stops, and
// nothing is told twice.

#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"}}])";
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";  // Of PagerDuty.

constexpr const char* kOncall = R"(oncall:
  escalation_policies:
    - name: mail
      steps:
        - {tell: alice}
        - {after: 10s, tell: bob}
)";

class PollingTest : public testing::Test {
 protected:
  void SetUp() override {
    pager_ = std::make_unique<Process>(Process::Options{
        "pagersim",
        {"--listen=127.0.0.1:0", "--victorops.key=vo", "--victorops.api-key=vo-api",
         "--pagerduty.key=" + std::string(kKey), "--pagerduty.token=pd-token", "--opsgenie.key=og",
         "--opsgenie.processing=100ms"}});
    pager_address_ = pager_->WaitForAddress();
  }
  // `integration`: of alice's receiver; {url} stands for pagersim's.
  void Start(std::string integration, const std::string& more = "") {
    for (size_t at = 0; (at = integration.find("{url}", at)) != std::string::npos;) {
      integration.replace(at, 5, "http://" + pager_address_);
    }
    dir_.Write("oncall.yml", kOncall);
    config_ = dir_.Write(
        "watchfire.yml",
        "route: {receiver: on-call, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
        "receivers:\n- name: on-call\n  escalation_configs: [{policy: mail}]\n"
        "- name: alice-app\n  " +
            integration + "\n- {name: bob-app, webhook_configs: [{url: '" + bob_.url() +
            "'}]}\noncall_files: [oncall.yml]\noncall:\n  fallback: bob-app\n  contacts:\n"
            "    alice: [{receiver: alice-app}]\n    bob: [{receiver: bob-app}]\n" +
            more);
    ASSERT_NO_FATAL_FAILURE(Run());
    ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
  }
  void Run() {
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config_, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  void Await(const std::string& path, const std::string& text) const {
    const auto body = [&] { return Http(pager_address_, "GET", path).body; };
    EXPECT_TRUE(Eventually([&] { return body().find(text) != std::string::npos; }))
        << text << " is not in " << body() << "\n"
        << server_->errors();
  }
  void AwaitIncident(const std::string& text) const {
    EXPECT_TRUE(Eventually([&] { return Incident().find(text) != std::string::npos; }))
        << text << " is not in " << Incident() << "\n"
        << server_->errors();
  }
  void Act(const std::string& path, const std::string& body = "") const {
    EXPECT_EQ(Http(pager_address_, "POST", path, body).status, 200);
  }
  std::string Incident() const { return Http(address_, "GET", "/api/v1/incidents/1").body; }
  double Acts(const std::string& vendor, const std::string& action,
              const std::string& result) const {
    return Metric(address_, "watchfire_ack_polled_acts_total{vendor=\"" + vendor + "\",action=\"" +
                                action + "\",result=\"" + result + "\"}");
  }
  double Polls(const std::string& vendor, const std::string& outcome) const {
    return Metric(address_, "watchfire_ack_polls_total{vendor=\"" + vendor + "\",outcome=\"" +
                                outcome + "\"}");
  }
  // Two more answers, after which what was learnt would have been learnt again.
  void AwaitTwoPolls(const std::string& vendor) const {
    const double before = Polls(vendor, "ok");
    EXPECT_TRUE(Eventually([&] { return Polls(vendor, "ok") >= before + 3; }));
  }
  static size_t Count(const std::string& text, const std::string& part) {
    size_t count = 0;
    for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
  }

  TempDir dir_;
  Sink bob_;
  std::unique_ptr<Process> pager_;
  std::string pager_address_;
  std::string config_;
  std::unique_ptr<Process> server_;
  std::string address_;
};

const std::string kVictorOps =
    "victorops_configs: [{api_key: vo, routing_key: r, "
    "api_url: '{url}/integrations/generic/20131114/alert/', "
    "poll_acks: {api_id: any, api_key: vo-api, api_url: '{url}', interval: 1s}}]";
const std::string kOpsgenie =
    "opsgenie_configs: [{api_key: og, api_url: '{url}/', "
    "poll_acks: {api_key: og, api_url: '{url}', interval: 1s}}]";
const std::string kPagerDuty = "pagerduty_configs: [{routing_key: " + std::string(kKey) +
                               ", url: '{url}/v2/enqueue', "
                               "poll_acks: {api_token: pd-token, api_url: '{url}', interval: 1s}}]";

TEST_F(PollingTest, AnAckAtVictorOpsStopsTheEscalation) {
  ASSERT_NO_FATAL_FAILURE(Start(kVictorOps));
  Await("/api/incidents", R"("state":"triggered")");
  Act("/api/incidents/1/ack?user=alice");
  AwaitIncident(R"("ackedBy":"alice")");
  AwaitIncident(R"("state":"acknowledged")");
  // Its second step would page bob ten seconds after the first.
  const auto later = std::chrono::steady_clock::now() + std::chrono::seconds(12);
  EXPECT_TRUE(Eventually([&] { return std::chrono::steady_clock::now() > later; }));
  EXPECT_EQ(bob_.received(), 0);
  EXPECT_EQ(Acts("victorops", "acknowledge", "ok"), 1);
  EXPECT_EQ(Count(Incident(), R"("kind":"acked")"), 1U) << "and it was told once";
}

TEST_F(PollingTest, WithoutAnAckTheNextOneIsPaged) {
  ASSERT_NO_FATAL_FAILURE(Start(kVictorOps));
  Await("/api/incidents", R"("state":"triggered")");
  EXPECT_TRUE(Eventually([&] { return bob_.received() > 0; }, 60));
}

TEST_F(PollingTest, ANoteAndAResolveAtVictorOpsAreHeard) {
  ASSERT_NO_FATAL_FAILURE(Start(kVictorOps));
  Await("/api/incidents", R"("state":"triggered")");
  httplib::Client client("http://" + pager_address_);
  const auto noted = client.Post(
      "/api-public/v1/incidents/1/notes", {{"X-VO-Api-Id", "any"}, {"X-VO-Api-Key", "vo-api"}},
      R"({"display_name":"Cause","json_value":{"note":"a full disk"}})", "application/json");
  ASSERT_TRUE(noted && noted->status == 200);
  AwaitIncident("Cause: a full disk");
  Act("/api/incidents/1/resolve?user=alice");
  AwaitIncident(R"("resolvedBy":"alice")");
  EXPECT_EQ(Count(Incident(), "Cause: a full disk"), 1U);
}

TEST_F(PollingTest, AnAckANoteAndACloseAtOpsgenieAreHeard) {
  ASSERT_NO_FATAL_FAILURE(Start(kOpsgenie));
  Await("/api/vendors", R"("number":1,"status":"open")");
  Act("/api/opsgenie/1/ack?user=ada@example.com");
  AwaitIncident(R"("ackedBy":"ada@example.com")");
  Act("/api/opsgenie/1/note?user=ada@example.com&text=disk-is-full");
  AwaitIncident("disk-is-full");
  AwaitTwoPolls("opsgenie");
  EXPECT_EQ(Count(Incident(), R"("kind":"acked")"), 1U);
  EXPECT_EQ(Count(Incident(), "disk-is-full"), 1U);
  Act("/api/opsgenie/1/resolve?user=ada@example.com");
  AwaitIncident(R"("resolvedBy":"ada@example.com")");
}

TEST_F(PollingTest, AnAckANoteAndAResolveAtPagerDutyAreHeard) {
  ASSERT_NO_FATAL_FAILURE(Start(kPagerDuty));
  Await("/api/vendors", R"("number":1,"status":"triggered")");
  Act("/api/pagerduty/1/ack?user=Ada");
  AwaitIncident(R"("ackedBy":"Ada")");
  Act("/api/pagerduty/1/note?user=Ada&text=disk-is-full");
  AwaitIncident("disk-is-full");
  AwaitTwoPolls("pagerduty");
  EXPECT_EQ(Count(Incident(), R"("kind":"acked")"), 1U);
  EXPECT_EQ(Count(Incident(), "disk-is-full"), 1U);
  Act("/api/pagerduty/1/resolve?user=Ada");
  AwaitIncident(R"("resolvedBy":"Ada")");
}

// An ack that was given while Watchfire was down; and one that was stored before it was killed is
// there after the restart, and told no second time.
TEST_F(PollingTest, AnAckIsHeardAfterARestartAndStoredBeforeACrash) {
  ASSERT_NO_FATAL_FAILURE(Start(kPagerDuty));
  Await("/api/vendors", R"("number":1,"status":"triggered")");
  ASSERT_TRUE(Stored(address_));
  server_->Kill();
  Act("/api/pagerduty/1/ack?user=Ada");
  Run();
  AwaitIncident(R"("ackedBy":"Ada")");
  server_->Kill();
  Run();
  AwaitTwoPolls("pagerduty");
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"acknowledged")"));
  EXPECT_EQ(Count(Incident(), R"("kind":"acked")"), 1U);
  EXPECT_TRUE(Eventually([&] { return Acts("pagerduty", "acknowledge", "duplicate") == 1; }));
}

// What was acknowledged here is told to the vendor, which shows it to whoever polls.
TEST_F(PollingTest, WhatTheVendorWasToldByUsComesBackAsNothing) {
  ASSERT_NO_FATAL_FAILURE(Start(kPagerDuty, "incidents: {tell_vendors: true}\n"));
  Await("/api/vendors", R"("number":1,"status":"triggered")");
  EXPECT_EQ(Http(address_, "POST", "/api/v1/incidents/1/ack", R"({"actor":"bob"})").status, 200);
  Await("/api/vendors", R"("number":1,"status":"acknowledged")");
  AwaitTwoPolls("pagerduty");
  EXPECT_THAT(Incident(), HasSubstr(R"("ackedBy":"bob")"));
  EXPECT_THAT(Incident(), Not(HasSubstr("Watchfire Service")));
}

TEST_F(PollingTest, AVendorThatWantsToBeLeftAloneIsAskedLess) {
  ASSERT_NO_FATAL_FAILURE(Start(kOpsgenie));
  Await("/api/vendors", R"("number":1,"status":"open")");
  Act("/api/behaviour", R"({"status":429,"retry_after_s":600})");
  EXPECT_TRUE(Eventually([&] { return Polls("opsgenie", "throttled") == 1; }));
  Act("/api/behaviour", "{}");
  const double asked = Polls("opsgenie", "ok");
  Act("/api/opsgenie/1/ack?user=ada@example.com");
  const auto later = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  EXPECT_TRUE(Eventually([&] { return std::chrono::steady_clock::now() > later; }));
  EXPECT_EQ(Polls("opsgenie", "ok"), asked);
  EXPECT_EQ(Polls("opsgenie", "throttled"), 1);
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"triggered")"));
}

TEST_F(PollingTest, WrongCredentialsAreSaidAndNotShown) {
  std::string wrong = kPagerDuty;
  wrong.replace(wrong.find("pd-token"), 8, "wr0ng-token");
  ASSERT_NO_FATAL_FAILURE(Start(wrong));
  EXPECT_TRUE(Eventually([&] { return Polls("pagerduty", "refused") >= 1; }));
  EXPECT_TRUE(server_->Says("poll_acks: failed"));
  EXPECT_THAT(server_->errors(), HasSubstr("HTTP 401"));
  EXPECT_THAT(server_->errors(), Not(HasSubstr("wr0ng-token")));
}

}  // namespace
}  // namespace watchfire::e2e
