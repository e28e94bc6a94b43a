// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty, Opsgenie, Jira, incident.io, Twilio and ServiceNow over real sockets: an alert goes in
// at one end, and what the vendor (pagersim) made of it is looked at on the other.

#include <array>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"},)"
    R"("annotations":{"summary":"the queue is full"}}])";
constexpr const char* kResolved =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"},)"
    R"("startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:00:01Z"}])";
constexpr const char* kPagerDutyKey = "0123456789abcdef0123456789abcdef";

// pagersim, and Watchfire with one integration that talks to it.
class PagingTest : public testing::Test {
 protected:
  PagingTest()
      : pager_({"pagersim",
                {"--listen=127.0.0.1:0", "--victorops.key=vo",
                 "--pagerduty.key=" + std::string(kPagerDutyKey), "--opsgenie.key=og",
                 "--opsgenie.processing=100ms", "--jira.authorization=Basic YWRhOnB3",
                 "--incidentio.token=io",
                 "--twilio.authorization=Basic "
                 "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0dzFsMTAtdDBrZW4=",
                 "--servicenow.authorization=Basic YWRhOnB3"}}),
        pager_address_(pager_.WaitForAddress()) {}

  // `integration` is YAML in which PAGER stands for the pager's address.
  void Start(const std::string& kind, std::string integration) {
    const std::string placeholder = "PAGER";
    for (size_t at = 0; (at = integration.find(placeholder)) != std::string::npos;) {
      integration.replace(at, placeholder.size(), pager_address_);
    }
    const std::string config =
        dir_.Write("watchfire.yml",
                   "route: {receiver: r, group_by: [service], group_wait: 0s, group_interval: 1s, "
                   "repeat_interval: 1h}\nreceivers:\n- name: r\n  " +
                       kind + "_configs:\n  - " + integration +
                       "\ninbound: {twilio: [{key: k3y-of-ours, auth_token: tw1l10-t0ken}]}\n");
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  void Post(const char* alerts) const {
    EXPECT_EQ(Http(address_, "POST", "/api/v2/alerts", alerts).status, 200);
  }
  void Behave(const std::string& json) const {
    EXPECT_EQ(Http(pager_address_, "POST", "/api/behaviour", json).status, 200);
  }
  std::string Vendors() const { return Http(pager_address_, "GET", "/api/vendors").body; }
  // Waits until the vendors' state contains `text`.
  void Await(const std::string& text) const {
    EXPECT_TRUE(Eventually([&] { return Vendors().find(text) != std::string::npos; }))
        << text << " is not in " << Vendors() << "\n"
        << server_->errors();
  }
  double Failed(const std::string& kind) const {
    return Metric(address_, "alertmanager_notifications_failed_total{integration=\"" + kind +
                                "\",reason=\"clientError\"}");
  }

  TempDir dir_;
  Process pager_;
  const std::string pager_address_;
  std::unique_ptr<Process> server_;
  std::string address_;
};

TEST_F(PagingTest, PagerDutyIsTriggeredAndResolved) {
  Start("pagerduty", "{routing_key: " + std::string(kPagerDutyKey) +
                         ", url: 'http://PAGER/v2/enqueue', "
                         "severity: '{{ .CommonLabels.severity }}', details: {team: mail}, "
                         "links: [{href: 'http://r.example.com/', text: runbook}]}");
  Post(kFiring);
  Await(R"("number":1,"status":"triggered")");
  EXPECT_THAT(Vendors(), HasSubstr(R"x("summary":"[FIRING:1] mail (QueueFull critical)",)x"
                                   R"("severity":"critical","triggers":1)"));
  Post(kResolved);
  Await(R"("number":1,"status":"resolved")");
  const std::string pages = Http(pager_address_, "GET", "/api/pages").body;
  EXPECT_THAT(pages, HasSubstr(R"("team":"mail")"));
  EXPECT_THAT(pages, Not(HasSubstr(kPagerDutyKey)));
}

TEST_F(PagingTest, AThrottledPageArrivesLater) {
  Behave(R"({"status":429,"retry_after_s":1})");
  Start("pagerduty",
        "{routing_key: " + std::string(kPagerDutyKey) + ", url: 'http://PAGER/v2/enqueue'}");
  Post(kFiring);
  ASSERT_TRUE(Eventually([&] {
    return Http(pager_address_, "GET", "/api/pages").body.find("\"status\":429") !=
           std::string::npos;
  }));
  Behave("{}");
  Await(R"("number":1,"status":"triggered")");
}

TEST_F(PagingTest, AWrongKeyIsAFailureThatSaysWhyWithoutTheKey) {
  const std::string wrong(32, 'f');
  Start("pagerduty", "{routing_key: " + wrong + ", url: 'http://PAGER/v2/enqueue'}");
  Post(kFiring);
  ASSERT_TRUE(Eventually([&] { return Failed("pagerduty") >= 1; }));
  EXPECT_TRUE(server_->Says("Event object is invalid: Invalid routing key"));
  EXPECT_THAT(server_->errors(), Not(HasSubstr(wrong)));
}

TEST_F(PagingTest, OpsgenieIsOpenedUpdatedAndClosedAtTheBaseUrlOfServiceManagement) {
  Start("opsgenie",
        "{api_key: og, api_url: 'http://PAGER/jsm/ops/integration', update_alerts: true, "
        "priority: P1, tags: 'mail,{{ .Status }}', actions: [Restart], "
        "responders: [{name: 'mail,db', type: teams}]}");
  Post(kFiring);
  Await(R"("number":1,"status":"open")");
  EXPECT_THAT(Vendors(), HasSubstr(R"("tags":["mail","firing"],"actions":["Restart"])"));
  Post(kResolved);
  Await(R"("number":1,"status":"closed")");
  // The follow-up was told that all of it was carried out.
  EXPECT_TRUE(Eventually([&] {
    return Metric(address_, "alertmanager_notification_requests_total{integration=\"opsgenie\"}") >=
           2;
  }));
  EXPECT_EQ(Failed("opsgenie"), 0);
}

TEST_F(PagingTest, WhatOpsgenieTakesAndDoesNotCarryOutIsAFailure) {
  Behave(R"({"result_failure":true})");
  Start("opsgenie", "{api_key: og, api_url: 'http://PAGER/'}");
  Post(kFiring);
  ASSERT_TRUE(Eventually([&] { return Failed("opsgenie") >= 1; }));
  EXPECT_TRUE(server_->Says("Opsgenie did not carry out Create: Failing as asked for"));
  Behave("{}");
  Await(R"("number":1,"status":"open")");
}

TEST_F(PagingTest, JiraIssuesAreCreatedResolvedAndReopened) {
  Start("jira",
        "{api_url: 'http://PAGER/rest/api/2/', project: OPS, issue_type: Bug, labels: [mail], "
        "resolve_transition: Resolve, reopen_transition: Reopen, reopen_duration: 1h, "
        "http_config: {basic_auth: {username: ada, password: pw}}}");
  Post(kFiring);
  Await(R"("key":"OPS-1","status":"To Do")");
  EXPECT_THAT(Vendors(), HasSubstr(R"("priority":"High","type":"Bug")"));
  Post(kResolved);
  Await(R"("key":"OPS-1","status":"Done","summary":"[RESOLVED])");
  Post(kFiring);
  Await(R"("key":"OPS-1","status":"To Do","summary":"[FIRING:1])");
  EXPECT_THAT(Vendors(), Not(HasSubstr("OPS-2")));
}

TEST_F(PagingTest, JiraOfTheCloudTakesDocuments) {
  Start("jira",
        "{api_url: 'http://PAGER/rest/api/3', api_type: cloud, project: OPS, issue_type: Bug, "
        "description: '{{ .Status }}: {{ .CommonAnnotations.summary }}', "
        "http_config: {basic_auth: {username: ada, password: pw}}}");
  Post(kFiring);
  Await(R"("key":"OPS-1","status":"To Do")");
  EXPECT_THAT(Vendors(), HasSubstr(R"(\"text\":\"firing: the queue is full\")"));
}

TEST_F(PagingTest, IncidentioIsToldOfFiringAndResolved) {
  Start("incidentio",
        "{url: 'http://PAGER/v2/alert_events/alertmanager/01A', "
        "alert_source_token: io}");
  Post(kFiring);
  Await(R"("status":"firing","title":"QueueFull","events":1)");
  Post(kResolved);
  Await(R"("status":"resolved","title":"QueueFull","events":2)");
}

// The account of the tests.
std::string Twilio(const std::string& keys) {
  return "{api_url: 'http://PAGER', account_sid: AC" + std::string(32, '0') +
         ", auth_token: tw1l10-t0ken, from: '+15550002', " + keys + "}";
}

std::string Sha1Signature(const std::string& token, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha1(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<size_t>(length)};
}

TEST_F(PagingTest, TwilioSendsATextMessage) {
  Start("twilio", Twilio("to: '+15550001', send_resolved: true"));
  Post(kFiring);
  // Sent is what the follow-up was told.
  Await(R"x({"kind":"message","status":"sent","to":"+15550001","from":"+15550002",)x"
        R"x("text":"[FIRING:1] mail (QueueFull critical)\nthe queue is full"})x");
  Post(kResolved);
  Await(R"x("status":"sent","to":"+15550001","from":"+15550002","text":"[RESOLVED] mail)x");
}

TEST_F(PagingTest, TwilioCallsAndAsksToPressFour) {
  Start("twilio", Twilio("to: '+15550001', channel: call, "
                         "ack_url: '{{ .ExternalURL }}/inbound/twilio/k3y-of-ours'"));
  Post(kFiring);
  Await(R"({"kind":"call","status":"in-progress","to":"+15550001")");
  EXPECT_THAT(Vendors(), HasSubstr("/inbound/twilio/k3y-of-ours?entity_id="));
  EXPECT_THAT(Vendors(), HasSubstr("the queue is full</Say><Say>Press 4 to acknowledge.</Say>"));

  // Whoever picks up presses 4, and Twilio tells us.
  const std::string vendors = Vendors();
  const std::string before = R"(action=\")";
  const size_t begin = vendors.find(before) + before.size();
  const std::string url = vendors.substr(begin, vendors.find(R"(\")", begin) - begin);
  const std::string form = "CallSid=CA" + std::string(32, '0') + "&Digits=4&To=%2B15550001";
  const auto press = [&](const std::string& signature) {
    httplib::Client client("http://" + address_);
    const auto answer =
        client.Post(url.substr(url.find("/inbound")), {{"X-Twilio-Signature", signature}}, form,
                    "application/x-www-form-urlencoded");
    return answer ? std::to_string(answer->status) + answer->body : "no answer";
  };
  EXPECT_THAT(press("Zm9yZ2Vk"), HasSubstr("403"));
  EXPECT_THAT(Http(address_, "GET", "/api/v1/incidents").body, HasSubstr(R"("state":"triggered")"));
  const std::string good = Sha1Signature(
      "tw1l10-t0ken", url + "CallSidCA" + std::string(32, '0') + "Digits4To+15550001");
  EXPECT_THAT(press(good), HasSubstr("<Say>Acknowledged. It is yours.</Say>"));
  EXPECT_THAT(Http(address_, "GET", "/api/v1/incidents").body,
              HasSubstr(R"("ackedBy":"phone ending in 0001")"));
  EXPECT_THAT(press(good), HasSubstr("It is acknowledged already."));
  for (const char* result : {"bad_signature", "ok", "duplicate"}) {
    EXPECT_EQ(Metric(address_, "watchfire_inbound_webhooks_total{source=\"twilio\",result=\"" +
                                   std::string(result) + "\"}"),
              1)
        << result;
  }
}

TEST_F(PagingTest, WhatTwilioDoesNotDeliverIsAFailure) {
  Behave(R"({"result_failure":true})");
  Start("twilio", Twilio("to: '+15550001'"));
  Post(kFiring);
  ASSERT_TRUE(Eventually([&] { return Failed("twilio") >= 1; }));
  EXPECT_TRUE(server_->Says("Twilio's message is undelivered: error 30003"));
  EXPECT_THAT(server_->errors(), Not(HasSubstr("tw1l10-t0ken")));
}

TEST_F(PagingTest, TwilioSaysWhichNumberIsNone) {
  Start("twilio", Twilio("to: '+15005550001'"));
  Post(kFiring);
  ASSERT_TRUE(Eventually([&] { return Failed("twilio") >= 1; }));
  EXPECT_TRUE(server_->Says("21211: Invalid 'To' Phone Number: +15005550001"));
}

TEST_F(PagingTest, ServiceNowRecordsAreCreatedResolvedAndReopened) {
  Start("servicenow",
        "{instance_url: 'http://PAGER', impact: '2', "
        "http_config: {basic_auth: {username: ada, password: pw}}}");
  Post(kFiring);
  Await(R"x("number":"INC10001","state":"1","short_description":"[FIRING:1] mail (QueueFull)x"
        R"x( critical)","priority":"2")x");
  Post(kResolved);
  Await(R"("number":"INC10001","state":"6","short_description":"[FIRING:1])");
  EXPECT_THAT(Vendors(),
              HasSubstr(R"("close_code":"Solution provided","close_notes":"Watchfire: )"));
  Post(kFiring);
  Await(R"("number":"INC10001","state":"2")");
  EXPECT_THAT(Vendors(), Not(HasSubstr("INC10002")));
}

TEST_F(PagingTest, ServiceNowSaysWhoIsNotLetIn) {
  Start("servicenow",
        "{instance_url: 'http://PAGER', http_config: {basic_auth: {username: eve, password: x}}}");
  Post(kFiring);
  ASSERT_TRUE(server_->Says("User Not Authenticated: Required to provide Auth information"));
}

}  // namespace
}  // namespace watchfire::e2e
