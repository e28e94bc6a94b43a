// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// VictorOps' and PagerDuty's APIs as their clients see them.

#include <re2/re2.h>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kRest = "/integrations/generic/20131114/alert/victorops-key/platform";

std::string Message(const std::string& type, const std::string& more = "") {
  return R"({"message_type":")" + type +
         R"(","entity_id":"disk","entity_display_name":"Disk full")" + more + "}";
}

std::string Event(const std::string& action, const std::string& key = "pagerduty-key") {
  return R"({"routing_key":")" + key + R"(","dedup_key":"d1","event_action":")" + action +
         R"(","payload":{"summary":"Disk full","source":"db-1","severity":"critical"}})";
}

TEST_F(InboundTest, AVictorOpsMessageOpensAcknowledgesAndResolves) {
  const net::Response opened = Post(kRest, Message("CRITICAL"));
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(opened.body, R"({"result":"success","entity_id":"disk"})");
  EXPECT_EQ(Only()->labels.ToString(),
            R"({alertname="Disk full", entity_id="disk", routing_key="platform", )"
            R"(severity="critical", source="victorops", team="core"})");
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_EQ(Incident().state, incident::State::kTriggered);

  EXPECT_EQ(
      Post(kRest, Message("ACKNOWLEDGEMENT", R"(,"ack_author":"ada","ack_message":"mine")")).status,
      200);
  EXPECT_EQ(Incident().state, incident::State::kAcknowledged);
  EXPECT_EQ(Incident().acked_by, "ada");
  EXPECT_EQ(Incident().timeline.back().channel, "victorops");
  EXPECT_EQ(Incident().timeline.back().text, "mine");

  EXPECT_EQ(Post(kRest, Message("RECOVERY")).status, 200);
  EXPECT_THAT(Firing(), IsEmpty());
  backend_.Pass(std::chrono::seconds(12));
  EXPECT_EQ(Incident().state, incident::State::kResolved);
  EXPECT_THAT(backend_.counted, ElementsAre("victorops ok", "victorops ok", "victorops ok"));
}

TEST_F(InboundTest, TheSameMessageTwiceIsOneAlertAndOneIncident) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        Post(kRest, Message("CRITICAL", ",\"state_message\":\"" + std::to_string(i) + "\"")).status,
        200);
    backend_.Pass(std::chrono::seconds(2));
  }
  EXPECT_EQ(Only()->annotations.Get("description"), "2");
  EXPECT_THAT(Read()->incidents, SizeIs(1));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Post(kRest, Message("RECOVERY")).status, 200);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_EQ(backend_.counted.back(), "victorops no_alert");
}

TEST_F(InboundTest, NumbersOfRequestsAreLeftOutOfEntityIds) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  const auto number = std::make_shared<const re2::RE2>("-?[0-9a-f]{8}$");
  for (auto& [kind, keys] : config->inbound.keys) keys[0].entity_without = number;
  backend_.Swap(config);
  const auto message = [](const std::string& type, const std::string& entity) {
    return R"({"message_type":")" + type + R"(","entity_id":")" + entity + "\"}";
  };
  for (const char* entity : {"app-error-pay-0badcafe", "app-error-pay-deadbeef"}) {
    EXPECT_EQ(Post(kRest, message("CRITICAL", entity)).body,
              std::string(R"({"result":"success","entity_id":")") + entity + "\"}");
  }
  EXPECT_EQ(Only()->labels.Get("entity_id"), "app-error-pay") << "one alert for all requests";
  Post(kRest, message("RECOVERY", "app-error-pay-01234567"));
  EXPECT_THAT(Firing(), IsEmpty());
  Post(kRest, message("CRITICAL", "0badcafe"));
  EXPECT_EQ(Only()->labels.Get("entity_id"), "0badcafe") << "something must be left";
  Post(kRest, message("RECOVERY", "0badcafe"));

  const std::string event = R"({"routing_key":"pagerduty-key","dedup_key":"pay-0badcafe",)"
                            R"("payload":{"summary":"x","source":"y","severity":"error"},)";
  EXPECT_THAT(Post("/v2/enqueue", event + R"("event_action":"trigger"})").body,
              HasSubstr(R"("dedup_key":"pay-0badcafe")"));
  EXPECT_EQ(Only()->labels.Get("entity_id"), "pay");
  Post("/v2/enqueue", event + R"("event_action":"resolve"})");
  EXPECT_THAT(Firing(), IsEmpty());

  const std::string by_alias = "?identifierType=alias";
  Post("/v2/alerts", R"({"message":"x","alias":"pay-0badcafe","priority":"P1"})");
  EXPECT_EQ(Only()->labels.Get("entity_id"), "pay");
  EXPECT_THAT(Get("/v2/alerts/pay-deadbeef" + by_alias).body, HasSubstr(R"("alias":"pay")"));
  Post("/v2/alerts/pay-01234567/close" + by_alias, "{}");
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, AWarningThatGetsCriticalPages) {
  Post(kRest, Message("WARNING"));
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_FALSE(HasIncidents());
  EXPECT_EQ(backend_.counted.back(), "victorops catch_all");
  Post(kRest, Message("CRITICAL"));
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_TRUE(HasIncidents());
  EXPECT_EQ(Only()->labels.Get("severity"), "critical");
}

TEST_F(InboundTest, WhatARecoverySaysIsOnTheTimeline) {
  Post(kRest, Message("CRITICAL"));
  Post(kRest, Message("RECOVERY", R"(,"state_message":"before anybody was paged")"));
  EXPECT_EQ(backend_.counted.back(), "victorops ok");
  EXPECT_THAT(Firing(), IsEmpty());
  backend_.Pass(std::chrono::seconds(12));
  Post(kRest, Message("CRITICAL"));
  backend_.Pass(std::chrono::seconds(12));
  Post(kRest, Message("RECOVERY", R"(,"state_message":"log rotated")"));
  EXPECT_EQ(Incident().timeline.back().text, "log rotated");
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, AMilderOrUnknownTypeLeavesThePageOpen) {
  Post(kRest, Message("CRITICAL"));
  backend_.Pass(std::chrono::seconds(2));
  for (const char* type : {"WARNING", "CRITICL"}) {
    Post(kRest, Message(type));
    backend_.Pass(std::chrono::seconds(12));
    EXPECT_EQ(Only()->labels.Get("severity"), "critical") << type;
    EXPECT_EQ(Incident().state, incident::State::kTriggered) << type;
  }
  Post(kRest, Message("RECOVERY"));
  EXPECT_THAT(Firing(), IsEmpty());
}

TEST_F(InboundTest, ATypeThatNobodyKnowsIsNotLost) {
  EXPECT_EQ(Post(kRest, Message("CRITICL")).status, 200);
  EXPECT_EQ(Only()->labels.Get("severity"), "");
  EXPECT_THAT(backend_.counted, ElementsAre("victorops no_severity"));
}

TEST_F(InboundTest, AnInfoOfWhatBurnsIsANoteAndElseEndsByItself) {
  Post(kRest, Message("INFO"));
  EXPECT_EQ(Only()->labels.Get("severity"), "info");
  backend_.Pass(std::chrono::minutes(6));
  EXPECT_THAT(Firing(), IsEmpty());
  Post(kRest, Message("CRITICAL"));
  backend_.Pass(std::chrono::seconds(2));
  Post(kRest, Message("INFO", R"(,"state_message":"still looking")"));
  EXPECT_EQ(Only()->labels.Get("severity"), "critical");
  EXPECT_EQ(Incident().timeline.back().text, "still looking");
}

TEST_F(InboundTest, WhatCameWithAnotherKeyIsLeftAlone) {
  const std::string second = "/integrations/generic/20131114/alert/second-key/platform";
  Post(kRest, Message("CRITICAL"));
  Post(second, Message("RECOVERY"));
  EXPECT_EQ(backend_.counted.back(), "victorops no_alert");
  EXPECT_EQ(Only()->labels.Get("team"), "core");
  Post(second, Message("CRITICAL", R"(,"team":"core")"));
  EXPECT_THAT(Firing(), SizeIs(2)) << "the key's label wins";
  Post(kRest, Message("RECOVERY"));
  EXPECT_EQ(Only()->labels.Get("team"), "web");
  EXPECT_EQ(Post("/v2/enqueue", Event("trigger", "victorops-key")).status, 400)
      << "a key of one kind is none of another";
  EXPECT_THAT(Firing(), SizeIs(1));
}

TEST_F(InboundTest, WhatIsOpenStaysOpen) {
  Post(kRest, Message("CRITICAL"));
  backend_.Pass(std::chrono::hours(2));
  EXPECT_THAT(Firing(), SizeIs(1));
}

TEST_F(InboundTest, AForgedVictorOpsKeyChangesNothing) {
  const net::Response response =
      Post("/integrations/generic/20131114/alert/bad-key/platform", Message("CRITICAL"));
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, HasSubstr(R"("result":"failure")"));
  EXPECT_THAT(response.body, Not(HasSubstr("bad-key")));
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_THAT(backend_.counted, ElementsAre("victorops bad_key"));
}

TEST_F(InboundTest, WhatVictorOpsRefusesIsRefusedInItsShape) {
  const net::Response missing = Post(kRest, "{}");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.body, R"({"result":"failure","message":"Missing fields: message_type"})");
  EXPECT_EQ(Post(kRest, "nonsense").status, 400);
  EXPECT_EQ(Post(kRest, "{\"a\":\"" + std::string(1 << 20, 'a') + "\"}").status, 413);
  backend_.busy = true;
  const net::Response busy = Post(kRest, Message("CRITICAL"));
  EXPECT_EQ(busy.status, 503);
  EXPECT_THAT(busy.body, HasSubstr(R"("result":"failure")"));
}

TEST_F(InboundTest, TheRoutingKeyMayBeMissingInThePath) {
  EXPECT_EQ(Post("/integrations/generic/20131114/alert/victorops-key", Message("CRITICAL")).status,
            200);
  EXPECT_FALSE(Only()->labels.Has("routing_key"));
}

TEST_F(InboundTest, APagerDutyKeyMayBeAHeader) {
  const auto post = [&](const std::string& target, const char* body) {
    net::Request request = MakeRequest("POST", target, body);
    request.headers.push_back({"X-Routing-Key", "pagerduty-key"});
    return Send(std::move(request));
  };
  const net::Response opened = post("/v2/enqueue", R"({"event_action":"trigger","dedup_key":"d",
      "payload":{"summary":"Disk full","source":"db","severity":"critical"}})");
  EXPECT_EQ(opened.status, 202) << opened.body;
  EXPECT_THAT(Firing(), SizeIs(1));
  EXPECT_EQ(post("/v2/change/enqueue", R"({"payload":{"summary":"Deployed"}})").status, 202);
  EXPECT_EQ(post("/v2/enqueue", R"({"routing_key":"other","event_action":"resolve",
      "dedup_key":"d"})")
                .status,
            400)
      << "the body's counts";
}

TEST_F(InboundTest, APagerDutyEventOpensAcknowledgesAndResolves) {
  const net::Response opened = Post("/v2/enqueue", Event("trigger"));
  EXPECT_EQ(opened.status, 202);
  EXPECT_EQ(opened.body, R"({"status":"success","message":"Event processed","dedup_key":"d1"})");
  EXPECT_EQ(Only()->labels.ToString(),
            R"({alertname="Disk full", entity_id="d1", instance="db-1", severity="critical", )"
            R"(source="pagerduty", team="core"})");
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_EQ(Post("/v2/enqueue", Event("acknowledge")).status, 202);
  EXPECT_EQ(Incident().state, incident::State::kAcknowledged);
  EXPECT_EQ(Incident().timeline.back().channel, "pagerduty");
  EXPECT_EQ(Post("/v2/enqueue", Event("resolve")).status, 202);
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_EQ(Post("/v2/enqueue", Event("resolve")).status, 202) << "dropped, and still taken";
  EXPECT_EQ(backend_.counted.back(), "pagerduty no_alert");
}

TEST_F(InboundTest, WhatPagerDutyRefusesIsRefusedInItsShape) {
  const net::Response forged = Post("/v2/enqueue", Event("trigger", "bad-key"));
  EXPECT_EQ(forged.status, 400);
  EXPECT_EQ(forged.body, R"({"status":"invalid event","message":"Event object is invalid",)"
                         R"("errors":["Invalid routing key"]})");
  EXPECT_THAT(Firing(), IsEmpty());
  const net::Response bad = Post("/v2/enqueue", R"({"routing_key":"pagerduty-key"})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("'event_action' is invalid"));
  EXPECT_EQ(Post("/v2/enqueue", "").status, 400);
  EXPECT_EQ(Post("/v2/enqueue", std::string(600 * 1024, ' ')).status, 413);
  EXPECT_THAT(backend_.counted, ElementsAre("pagerduty bad_key", "pagerduty bad_body",
                                            "pagerduty bad_body", "pagerduty bad_body"));
  backend_.busy = true;
  EXPECT_EQ(Post("/v2/enqueue", Event("trigger")).status, 503);
}

TEST_F(InboundTest, ChangeEventsAndTheOldApiAreTaken) {
  EXPECT_EQ(Post("/v2/change/enqueue",
                 R"({"routing_key":"pagerduty-key","payload":{"summary":"Build 7","source":"ci"}})")
                .status,
            202);
  EXPECT_THAT(Firing(), IsEmpty());
  const net::Response old =
      Post("/generic/2010-04-15/create_event.json",
           R"({"service_key":"pagerduty-key","event_type":"trigger","incident_key":"i",)"
           R"("description":"x"})");
  EXPECT_EQ(old.status, 200);
  EXPECT_EQ(old.body, R"({"status":"success","message":"Event processed","incident_key":"i"})");
  EXPECT_EQ(Only()->labels.Get("entity_id"), "i");
}

}  // namespace
}  // namespace watchfire::api
