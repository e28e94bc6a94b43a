// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who acknowledges at PagerDuty, at Opsgenie or by a button in Slack (pagersim) is heard here, over
// real sockets; what is forged, a recording or a repetition changes nothing and is counted.

#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/base/time.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"}}])";
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";  // Of PagerDuty, in and out.
constexpr const char* kSecret = "wh-s3cret-of-the-subscription";
constexpr const char* kSlackSecret = "s1gning-s3cret-of-the-app";
constexpr const char* kRoute =
    "route: {receiver: on-call, group_by: [service], group_wait: 0s, group_interval: 1s, "
    "repeat_interval: 1h}\n";

class RespondersTest : public testing::Test {
 protected:
  // `secret`: what the vendors sign with. Watchfire has to have an address before the pager can be
  // told it, and the other way round: so it starts without receivers and reads its configuration
  // again.
  void Start(const std::string& secret = kSecret, const std::string& slack_secret = kSlackSecret) {
    const std::string config =
        dir_.Write("watchfire.yml", std::string(kRoute) + "receivers: [{name: on-call}]\n");
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
    const std::string inbound = "http://" + address_ + "/inbound/";
    pager_ = std::make_unique<Process>(Process::Options{
        "pagersim",
        {"--listen=127.0.0.1:0", "--victorops.key=vo", "--pagerduty.key=" + std::string(kKey),
         "--opsgenie.key=og", "--opsgenie.processing=100ms",
         "--pagerduty.webhook=" + inbound + "pagerduty/" + kKey,
         "--pagerduty.webhook-secret=" + secret, "--opsgenie.webhook=" + inbound + "opsgenie/og-in",
         "--slack.interactivity=" + inbound + "slack/sl-in",
         "--slack.signing-secret=" + slack_secret}});
    pager_address_ = pager_->WaitForAddress();
    const std::string url = "http://" + pager_address_;
    dir_.Write("watchfire.yml",
               std::string(kRoute) + "receivers:\n- name: on-call\n  pagerduty_configs: " +
                   "[{routing_key: " + kKey + ", url: '" + url +
                   "/v2/enqueue'}]\n  opsgenie_configs: [{api_key: og, api_url: '" + url +
                   "/'}]\n  slack_configs: [{app_token: t, app_url: '" + url +
                   "/api/chat.postMessage', channel: '#ops', update_message: true, "
                   "incident_buttons: [acknowledge, resolve, snooze]}]\n"
                   "incidents: {ack_links: {secret: 0123456789abcdef0123456789abcdef, "
                   "actions: [acknowledge, resolve, snooze]}}\n"
                   "inbound:\n  pagerduty: [{key: " +
                   kKey + ", signing_secret: " + kSecret +
                   "}]\n  opsgenie: [{key: og-in}]\n  victorops: [{key: vo-in}]\n  slack: [{key: "
                   "sl-in, signing_secret: " +
                   kSlackSecret + "}]\n");
    ASSERT_EQ(Http(address_, "POST", "/-/reload").status, 200) << server_->errors();
    ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
    Await("/api/vendors", R"("number":1,"status":"triggered")");
    Await("/api/vendors", R"("number":1,"status":"open")");
    Await("/api/chats", "watchfire_acknowledge");
  }
  void Await(const std::string& path, const std::string& text) const {
    const auto body = [&] { return Http(pager_address_, "GET", path).body; };
    EXPECT_TRUE(Eventually([&] { return body().find(text) != std::string::npos; }))
        << text << " is not in " << body() << "\n"
        << server_->errors();
  }
  // A user acts at a vendor; what became of the webhooks that this sent.
  std::string Act(const std::string& path) const {
    const auto answer = Http(pager_address_, "POST", path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  void Twice() const {
    EXPECT_EQ(Http(pager_address_, "POST", "/api/behaviour", R"({"callback":"duplicate"})").status,
              200);
  }
  std::string Incident() const { return Http(address_, "GET", "/api/v1/incidents/1").body; }
  double Counted(const std::string& source, const std::string& result) const {
    return Metric(address_, "watchfire_inbound_webhooks_total{source=\"" + source + "\",result=\"" +
                                result + "\"}");
  }
  // Posts what nobody but a stranger, or a recorder, would send.
  std::string Deliver(const std::string& path, const httplib::Headers& headers,
                      const std::string& body, const char* type = "application/json") const {
    httplib::Client client("http://" + address_);
    const auto answer = client.Post(path, headers, body, type);
    return answer ? std::to_string(answer->status) + " " + answer->body : "no answer";
  }
  // The entity id, which PagerDuty calls the incident key and Opsgenie the alias.
  std::string Entity() const {
    const std::string incident = Incident();
    const std::string before = "\"entityId\":\"";
    const size_t begin = incident.find(before) + before.size();
    return incident.substr(begin, incident.find('"', begin) - begin);
  }
  void ExpectUntouched() const {
    EXPECT_THAT(Incident(), HasSubstr(R"("state":"triggered")"));
    EXPECT_THAT(Incident(), testing::Not(HasSubstr(R"("kind":"acked")")));
  }

  TempDir dir_;
  std::unique_ptr<Process> server_;
  std::string address_;
  std::unique_ptr<Process> pager_;
  std::string pager_address_;
};

std::string PagerDutyEvent(const std::string& entity, WallTime at) {
  return R"({"event":{"id":"01OLD","event_type":"incident.acknowledged","occurred_at":")" +
         FormatRfc3339(at) +
         R"(","agent":{"id":"P1","summary":"Eve","type":"user_reference"},)"
         R"("data":{"id":"PSIM001","type":"incident","incident_key":")" +
         entity + R"("}}})";
}

TEST_F(RespondersTest, AnAckAtPagerDutyIsOneHere) {
  Start();
  Twice();  // The second one is a replay.
  const std::string told = Act("/api/pagerduty/1/ack?user=Ada");
  EXPECT_THAT(told, HasSubstr(R"(\"result\":\"ok\")"));
  EXPECT_THAT(told, HasSubstr(R"(\"result\":\"duplicate\")"));
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"acknowledged")"));
  EXPECT_THAT(Incident(), HasSubstr(R"("ackedBy":"Ada")"));
  EXPECT_EQ(Counted("pagerduty", "ok"), 1);
  EXPECT_EQ(Counted("pagerduty", "duplicate"), 1);
}

TEST_F(RespondersTest, WhatPagerDutyDidNotSignOrSignedLongAgoChangesNothing) {
  Start("another-s3cret");
  EXPECT_THAT(Act("/api/pagerduty/1/ack"), HasSubstr(R"("status":403)"));
  const auto now = std::chrono::system_clock::now();
  const std::string path = "/inbound/pagerduty/" + std::string(kKey);
  const std::string old = PagerDutyEvent(Entity(), now - std::chrono::hours(49));
  const std::string signature = "v1=" + Hex(HmacSha256(kSecret, old));
  EXPECT_THAT(Deliver(path, {{"X-PagerDuty-Signature", signature}}, old),
              HasSubstr(R"("result":"stale")"));
  EXPECT_THAT(Deliver(path, {}, old), HasSubstr("403"));
  const std::string other = PagerDutyEvent(Entity(), now);
  EXPECT_THAT(Deliver(path, {{"X-PagerDuty-Signature", signature}}, other), HasSubstr("403"));
  EXPECT_THAT(Deliver("/inbound/pagerduty/x", {}, other), HasSubstr("403"));
  ExpectUntouched();
  EXPECT_EQ(Counted("pagerduty", "bad_signature"), 3);
  EXPECT_EQ(Counted("pagerduty", "stale"), 1);
  EXPECT_EQ(Counted("pagerduty", "bad_key"), 1);
}

TEST_F(RespondersTest, AnAckAtOpsgenieIsOneHere) {
  Start();
  Twice();
  const std::string told = Act("/api/opsgenie/1/ack?user=ada@example.com");
  EXPECT_THAT(told, HasSubstr(R"(\"result\":\"ok\")"));
  EXPECT_THAT(told, HasSubstr(R"(\"result\":\"duplicate\")"));
  EXPECT_THAT(Incident(), HasSubstr(R"("ackedBy":"ada@example.com")"));
  EXPECT_EQ(Counted("opsgenie", "ok"), 1);
  EXPECT_EQ(Counted("opsgenie", "duplicate"), 1);
}

TEST_F(RespondersTest, NotesAndTheEndAtPagerDutyAreOnesHere) {
  Start();
  Act("/api/pagerduty/1/ack?user=Ada");  // By which its own number of the incident is known.
  Twice();
  EXPECT_THAT(Act("/api/pagerduty/1/note?user=Ada&text=a%20disk"),
              HasSubstr(R"(\"result\":\"ok\")"));
  EXPECT_THAT(Incident(), HasSubstr("a disk"));
  EXPECT_THAT(Act("/api/pagerduty/1/resolve?user=Bob"), HasSubstr(R"(\"result\":\"ok\")"));
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"resolved")"));
  EXPECT_THAT(Incident(), HasSubstr(R"("resolvedBy":"Bob")"));
  EXPECT_EQ(Counted("pagerduty", "ok"), 3) << "each once, though they came twice";
}

TEST_F(RespondersTest, NotesAndTheEndAtOpsgenieAreOnesHere) {
  Start();
  Twice();
  Act("/api/opsgenie/1/note?user=ada@example.com&text=a%20disk");
  EXPECT_THAT(Incident(), HasSubstr("a disk"));
  Act("/api/opsgenie/1/resolve?user=bob@example.com");
  EXPECT_THAT(Incident(), HasSubstr(R"("resolvedBy":"bob@example.com")"));
  EXPECT_EQ(Counted("opsgenie", "ok"), 2) << "each once, though they came twice";
}

// Opsgenie signs nothing: the key in the path is the proof.
TEST_F(RespondersTest, AStrangersOrAnOldWebhookOfOpsgenieChangesNothing) {
  Start();
  const auto body = [&](WallTime at) {
    return R"({"action":"Acknowledge","alert":{"alertId":"b-1","alias":")" + Entity() +
           R"(","updatedAt":)" + std::to_string(ToNanos(at)) + R"(,"username":"eve@example.com"}})";
  };
  const auto now = std::chrono::system_clock::now();
  EXPECT_THAT(Deliver("/inbound/opsgenie/guessed", {}, body(now)), HasSubstr("403"));
  EXPECT_THAT(Deliver("/inbound/opsgenie/og-in", {}, body(now - std::chrono::hours(49))),
              HasSubstr(R"("result":"stale")"));
  ExpectUntouched();
  EXPECT_EQ(Counted("opsgenie", "bad_key"), 1);
  EXPECT_EQ(Counted("opsgenie", "stale"), 1);
}

// Nor does VictorOps: what is recorded says when it was done, which was before this incident.
TEST_F(RespondersTest, AStrangersOrAnOldWebhookOfVictorOpsChangesNothing) {
  Start();
  const auto body = [&](WallTime at) {
    return R"({"STATE.ENTITY_ID":")" + Entity() +
           R"(","STATE.CURRENT_ALERT_PHASE":"ACKED","STATE.ACK_USER":"eve",)"
           R"("STATE.ACK_TIMESTAMP":)" +
           std::to_string(ToNanos(at) / 1'000'000) + "}";
  };
  const auto now = std::chrono::system_clock::now();
  EXPECT_THAT(Deliver("/inbound/victorops/guessed", {}, body(now)), HasSubstr("403"));
  EXPECT_THAT(Deliver("/inbound/victorops/vo-in", {}, body(now - std::chrono::hours(1))),
              HasSubstr(R"("result":"stale")"));
  ExpectUntouched();
  EXPECT_EQ(Counted("victorops", "bad_key"), 1);
  EXPECT_EQ(Counted("victorops", "stale"), 1);
}

TEST_F(RespondersTest, AButtonInSlackAcknowledgesSnoozesAndResolves) {
  Start();
  Twice();
  const std::string told = Act("/api/slack/press?user=U0ADA");
  EXPECT_EQ(told, R"([{"status":200,"body":""},{"status":200,"body":""}])"
                  "\n");
  EXPECT_THAT(Incident(), HasSubstr(R"("ackedBy":"slack:U0ADA")"));
  EXPECT_EQ(Counted("slack", "ok"), 1);
  EXPECT_EQ(Counted("slack", "duplicate"), 1);
  EXPECT_THAT(Act("/api/slack/press?user=U0BOB"), HasSubstr("Already acknowledged by slack:U0ADA"));
  Act("/api/slack/press?user=U0BOB&action=watchfire_snooze");
  EXPECT_THAT(Incident(), HasSubstr(R"("state":"snoozed")"));
  Act("/api/slack/press?user=U0BOB&action=watchfire_resolve");
  EXPECT_THAT(Incident(), HasSubstr(R"("resolvedBy":"slack:U0BOB")"));
  EXPECT_THAT(Act("/api/slack/press?user=U0EVE"), HasSubstr("This incident is over"));
}

TEST_F(RespondersTest, WhatSlackDidNotSignOrSignedLongAgoChangesNothing) {
  Start(kSecret, "another-s3cret");
  EXPECT_THAT(Act("/api/slack/press?user=U0EVE"), HasSubstr(R"("status":403)"));
  const auto now = std::chrono::floor<std::chrono::seconds>(
      (std::chrono::system_clock::now() - std::chrono::seconds(310)).time_since_epoch());
  const std::string timestamp = std::to_string(now.count());
  const std::string body =
      "payload=" + UrlEncode(R"({"type":"block_actions","user":{"id":"U0EVE"},"actions":[{)"
                             R"("type":"button","action_id":"watchfire_acknowledge","value":)"
                             R"("1-1","action_ts":")" +
                             timestamp + R"(.000001"}]})");
  const std::string signature =
      "v0=" + Hex(HmacSha256(kSlackSecret, "v0:" + timestamp + ":" + body));
  EXPECT_THAT(Deliver("/inbound/slack/sl-in",
                      {{"X-Slack-Request-Timestamp", timestamp}, {"X-Slack-Signature", signature}},
                      body, "application/x-www-form-urlencoded"),
              HasSubstr("more than 5 minutes from now"));
  ExpectUntouched();
  EXPECT_EQ(Counted("slack", "bad_signature"), 1);
  EXPECT_EQ(Counted("slack", "stale"), 1);
}

}  // namespace
}  // namespace watchfire::e2e
