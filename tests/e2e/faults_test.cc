// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every receiver that speaks HTTP against a vendor (pagersim) that is late, limits its callers,
// breaks, cuts the connection or hangs, over real sockets. E-mail has its own in mail_test.cc.

#include <chrono>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/pushover/pushover.h"
#include "tests/e2e/deliver.h"
#include "tests/e2e/process.h"

namespace watchfire::e2e {
namespace {

using notify::Failure;
using notify::Retry;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A receiver: its list of one entry, in which ADDRESS stands for pagersim's address, AC for an
// account's sid and KEY for 30 letters.
struct Vendor {
  const char* kind;
  const char* entry;
  const char* global = "";
  bool limit_is_final = false;  // 429 is no reason to try again.
  milliseconds wait{7000};      // What is waited for with Retry-After: 7.
};

constexpr Vendor kVendors[] = {
    {"discord", "{webhook_url: 'http://ADDRESS/api/webhooks/1234/SECRET'}", "", false,
     milliseconds(7500)},
    {"incidentio",
     "{url: 'http://ADDRESS/v2/alert_events/alertmanager/01A', alert_source_token: t}"},
    {"jira",
     "{api_url: 'http://ADDRESS/rest/api/2', project: OPS, issue_type: Bug, http_config: "
     "{basic_auth: {username: u, password: p}}}"},
    {"mattermost", "{webhook_url: 'http://ADDRESS/hooks/SECRET'}"},
    {"msteams", "{webhook_url: 'http://ADDRESS/webhookb2/g@t/IncomingWebhook/SECRET/o'}"},
    {"msteamsv2", "{webhook_url: 'http://ADDRESS/workflows/SECRET/triggers/manual/paths/invoke'}"},
    {"opsgenie", "{api_key: k, api_url: 'http://ADDRESS/jsm/ops/integration'}"},
    {"pagerduty",
     "{routing_key: 0123456789abcdef0123456789abcdef, url: 'http://ADDRESS/v2/enqueue'}"},
    // Its quota of the month is used up.
    {"pushover", "{user_key: KEY, token: KEY}", "", true},
    {"rocketchat", "{api_url: 'http://ADDRESS/', token: SECRET, token_id: u, channel: '#ops'}"},
    {"servicenow",
     "{instance_url: 'http://ADDRESS', http_config: {basic_auth: {username: u, password: p}}}"},
    {"slack", "{api_url: 'http://ADDRESS/services/T1/B1/SECRET', channel: '#ops'}"},
    {"sns",
     "{api_url: 'http://ADDRESS', topic_arn: 'arn:aws:sns:r:1:pages', sigv4: {region: r, "
     "access_key: "
     "AKIDPAGERSIM, secret_key: pagersim-secret}}"},
    {"telegram", "{api_url: 'http://ADDRESS', bot_token: SECRET, chat_id: -7}"},
    {"twilio",
     "{api_url: 'http://ADDRESS', account_sid: AC, auth_token: t, to: '+15550001', from: "
     "'+15550002'}"},
    {"victorops",
     "{api_key: k, routing_key: r, api_url: "
     "'http://ADDRESS/integrations/generic/20131114/alert/'}"},
    {"webex",
     "{api_url: 'http://ADDRESS/v1/messages', room_id: r, http_config: {authorization: "
     "{credentials: "
     "SECRET}}}"},
    // As Alertmanager has it.
    {"webhook", "{url: 'http://ADDRESS/webhook/x'}", "", true},
    {"wechat",
     "{api_secret: s, to_user: '@all', agent_id: '1', corp_id: c, api_url: "
     "'http://ADDRESS/cgi-bin/'}"},
};

class FaultsTest : public testing::TestWithParam<Vendor> {
 protected:
  void Behave(const std::string& json) {
    net::OutRequest request;
    request.url = Secret("http://" + address_ + "/api/behaviour");
    request.body = json;
    auto promise = std::make_shared<Promise<Result<net::OutResponse>>>();
    client_.Send(std::move(request), [promise](Result<net::OutResponse> response) {
      promise->Set(std::move(response));
    });
    const auto answer = promise->Wait(std::chrono::steady_clock::now() + seconds(20));
    EXPECT_TRUE(answer && *answer && (*answer)->status == 200) << json;
  }

  Outcome Deliver(Duration timeout = seconds(10)) {
    std::string entry = GetParam().entry;
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"ADDRESS", address_},
          {"account_sid: AC", "account_sid: ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
          {"KEY", std::string(30, 'k')}}) {
      for (size_t at = 0; (at = entry.find(name, at)) != std::string::npos; at += value.size()) {
        entry.replace(at, name.size(), value);
      }
    }
    const std::string kind = GetParam().kind;
    const auto config =
        LoadReceiver(GetParam().global, "  " + kind + "_configs: [" + entry + "]\n");
    if (config == nullptr) return {notify::Fail{"no configuration"}};
    const config::Integration& integration = config->receivers[0].integrations[0];
    if (kind != "pushover") {
      const auto exchange = notify::builtin::Start(integration, RealContext(config));
      return Drive(client_, *exchange, notify::SampleFiring(), timeout);
    }
    // Its URL cannot be configured.
    auto options = std::make_shared<notify::pushover::Options>(
        *std::static_pointer_cast<const notify::pushover::Options>(integration.options));
    options->api_url = "http://" + address_ + "/1/messages.json";
    const auto exchange = notify::pushover::Describe().start(options, RealContext(config));
    return Drive(client_, *exchange, notify::SampleFiring(), timeout);
  }

  Process pagersim_{
      {"pagersim", {"--victorops.key=k", "--listen=127.0.0.1:0", "--opsgenie.processing=0ms"}}};
  const std::string address_ = pagersim_.WaitForAddress();
  net::Client client_{{.user_agent = "Watchfire/test"}};
};

TEST_P(FaultsTest, ALateAnswerIsAnAnswer) {
  Behave(R"({"latency_ms":200})");
  const Outcome outcome = Deliver();
  EXPECT_TRUE(outcome.done()) << outcome.why();
}

TEST_P(FaultsTest, ALimitIsWaitedFor) {
  Behave(R"({"status":429,"retry_after_s":7})");
  const Outcome outcome = Deliver();
  if (GetParam().limit_is_final) {
    EXPECT_TRUE(outcome.failed()) << outcome.why();
    return;
  }
  ASSERT_TRUE(outcome.retried()) << outcome.why();
  EXPECT_EQ(std::get<Retry>(outcome.step).failure, Failure::kRateLimited);
  EXPECT_EQ(std::get<Retry>(outcome.step).after, GetParam().wait);
}

TEST_P(FaultsTest, ABrokenVendorIsTriedAgainAndThenServes) {
  Behave(R"({"status":503,"retry_after_s":7})");
  const Outcome broken = Deliver();
  ASSERT_TRUE(broken.retried()) << broken.why();
  EXPECT_EQ(std::get<Retry>(broken.step).failure, Failure::kServerError);
  EXPECT_GE(std::get<Retry>(broken.step).after, seconds(7));
  Behave("{}");
  const Outcome outcome = Deliver();
  EXPECT_TRUE(outcome.done()) << outcome.why();
}

TEST_P(FaultsTest, ACutConnectionLeavesItUnclearAndIsTriedAgain) {
  Behave(R"({"cut":true})");
  const Outcome outcome = Deliver();
  EXPECT_TRUE(outcome.retried()) << outcome.why();
  EXPECT_TRUE(outcome.unclear);
  EXPECT_NE(outcome.why(), "");
}

TEST_P(FaultsTest, AVendorThatHangsIsGivenUpOnAndTriedAgain) {
  Behave(R"({"hang":true})");
  const Outcome outcome = Deliver(milliseconds(300));
  ASSERT_TRUE(outcome.retried()) << outcome.why();
  EXPECT_EQ(std::get<Retry>(outcome.step).failure, Failure::kDeadline);
  Behave("{}");
}

INSTANTIATE_TEST_SUITE_P(Every, FaultsTest, testing::ValuesIn(kVendors),
                         [](const testing::TestParamInfo<Vendor>& vendor) {
                           return std::string(vendor.param.kind);
                         });

TEST(FaultsTableTest, NoReceiverIsLeftOut) {
  std::set<std::string> tried = {"email"};
  for (const Vendor& vendor : kVendors) tried.insert(vendor.kind);
  for (const config::IntegrationKind& kind : notify::builtin::Kinds()) {
    EXPECT_TRUE(tried.contains(kind.kind)) << kind.kind;
  }
}

}  // namespace
}  // namespace watchfire::e2e
