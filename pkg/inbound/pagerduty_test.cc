// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_mutants_for_test.h"

namespace watchfire::inbound {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);

// The example of the vendor's documentation.
constexpr const char* kWhole = R"({
  "payload": {
    "summary": "DISK at 99% on machine prod-datapipe03.example.com",
    "timestamp": "2026-09-21T13:00:00.000+0000", "severity": "error",
    "source": "prod-datapipe03.example.com", "component": "mysql", "group": "prod-datapipe",
    "class": "disk",
    "custom_details": {"free space": "1%", "ping time": "1500ms", "load avg": 0.75, "team": "db"}},
  "routing_key": "samplekeyhere", "dedup_key": "samplekeyhere/disk",
  "images": [{"src": "https://g.example/g.png", "href": "https://g.example", "alt": "graph"}],
  "links": [{"href": "https://r.example/", "text": "The Runbook"}],
  "event_action": "trigger", "client": "Sample", "client_url": "https://monitoring.example.com"})";

TEST(PagerDutyReadTest, ATriggerSaysAllItSays) {
  const PagerDutyEvent event = ReadPagerDuty(kWhole, kNow);
  EXPECT_THAT(event.errors, IsEmpty());
  EXPECT_EQ(event.routing_key, "samplekeyhere");
  const Change& change = event.change;
  EXPECT_EQ(change.verb, Verb::kTrigger);
  EXPECT_EQ(change.entity, "samplekeyhere/disk");
  EXPECT_EQ(change.severity, "critical");
  EXPECT_EQ(change.generator_url, "https://monitoring.example.com");
  EXPECT_THAT(change.labels,
              Contains(Pair("alertname", "DISK at 99% on machine prod-datapipe03.example.com")));
  EXPECT_THAT(change.labels, Contains(Pair("instance", "prod-datapipe03.example.com")));
  EXPECT_THAT(change.labels, Contains(Pair("component", "mysql")));
  EXPECT_THAT(change.labels, Contains(Pair("class", "disk")));
  EXPECT_THAT(change.labels, Contains(Pair("team", "db")));
  EXPECT_THAT(change.annotations, Contains(Pair("free space", "1%")));
  EXPECT_THAT(change.annotations, Contains(Pair("load avg", "0.75")));
  EXPECT_THAT(change.annotations, Contains(Pair("runbook_url", "https://r.example/")));
  EXPECT_THAT(change.annotations, Contains(Pair("image_url", "https://g.example/g.png")));
}

TEST(PagerDutyReadTest, NoLinkIsLostBesideAnother) {
  const PagerDutyEvent event = ReadPagerDuty(
      R"({"routing_key":"k","event_action":"trigger","dedup_key":"d",)"
      R"("payload":{"summary":"s","source":"h","severity":"info"},)"
      R"("links":[{"href":"https://a"},{"href":"https://b","text":"deploy"},{"href":"https://r",)"
      R"("text":"runbook"}],"images":[{"src":"https://i"},{"src":"https://j"}]})",
      kNow);
  EXPECT_THAT(event.errors, IsEmpty());
  for (const auto& [name, url] : {std::pair{"link_url", "https://a"},
                                  {"link_url_2", "https://b"},
                                  {"runbook_url", "https://r"},
                                  {"image_url", "https://i"},
                                  {"image_url_2", "https://j"}}) {
    EXPECT_THAT(event.change.annotations, Contains(Pair(name, url)));
  }
}

TEST(PagerDutyReadTest, WithoutAKeyTheSameEventHasTheSameOne) {
  const std::string body = R"({"routing_key":"k","event_action":"trigger",)"
                           R"("payload":{"summary":"s","source":"h","severity":"info"}})";
  const PagerDutyEvent event = ReadPagerDuty(body, kNow);
  EXPECT_THAT(event.errors, IsEmpty());
  EXPECT_EQ(event.change.entity.size(), 32U);
  EXPECT_EQ(event.change.entity, ReadPagerDuty(body, kNow).change.entity);
  EXPECT_EQ(event.change.severity, "info");
}

TEST(PagerDutyReadTest, AcksAndResolvesNeedTheKeyOnly) {
  for (const char* action : {"acknowledge", "resolve"}) {
    const PagerDutyEvent event = ReadPagerDuty(
        std::string(R"({"routing_key":"k","dedup_key":"d","event_action":")") + action + R"("})",
        kNow);
    EXPECT_THAT(event.errors, IsEmpty()) << action;
    EXPECT_EQ(event.change.entity, "d");
    EXPECT_EQ(event.change.verb, action[0] == 'a' ? Verb::kAcknowledge : Verb::kResolve);
  }
}

TEST(PagerDutyReadTest, ErrorsAreTheVendors) {
  EXPECT_THAT(ReadPagerDuty("{}", kNow).errors,
              ElementsAre("'routing_key' is missing or blank",
                          "'event_action' is invalid (must be one of: trigger, acknowledge, "
                          "resolve)",
                          "'dedup_key' is missing or blank"));
  EXPECT_THAT(
      ReadPagerDuty(R"({"routing_key":"k","event_action":"trigger","payload":{}})", kNow).errors,
      ElementsAre("'payload.summary' is missing or blank", "'payload.source' is missing or blank",
                  "'payload.severity' is missing or blank"));
  EXPECT_THAT(ReadPagerDuty("{", kNow).errors, ElementsAre(HasSubstr("line 1")));
  const PagerDutyEvent wrong = ReadPagerDuty(
      R"({"routing_key":"k","event_action":"trigger","dedup_key":")" + std::string(256, 'd') +
          R"(","payload":{"summary":")" + std::string(1025, 's') +
          R"(","source":"h","severity":"fatal"},"links":[{"text":"t"}],)"
          R"("images":[{"src":"http://a"}]})",
      kNow);
  EXPECT_THAT(wrong.errors, testing::SizeIs(5));
}

TEST(PagerDutyReadTest, AThousandMistakesAreTenErrors) {
  std::string zeros = "0";
  for (int i = 0; i < 1000; ++i) zeros += ",0";
  EXPECT_THAT(ReadPagerDuty(R"({"event_action":"trigger","payload":{},"links":[)" + zeros +
                                R"(],"images":[)" + zeros + "]}",
                            kNow)
                  .errors,
              testing::SizeIs(10));
}

TEST(PagerDutyReadTest, TheOldApiHasItsOwnNames) {
  const PagerDutyEvent event = ReadPagerDutyV1(
      R"({"service_key":"k","event_type":"trigger","incident_key":"i","description":"down",)"
      R"("details":{"alertname":"Down","team":"web"},"client":"c","client_url":"http://c"})",
      kNow);
  EXPECT_THAT(event.errors, IsEmpty());
  EXPECT_EQ(event.routing_key, "k");
  EXPECT_EQ(event.change.entity, "i");
  EXPECT_EQ(event.change.severity, "critical");
  EXPECT_THAT(event.change.labels, Contains(Pair("alertname", "Down")));
  EXPECT_THAT(event.change.labels, Contains(Pair("team", "web")));
  EXPECT_THAT(ReadPagerDutyV1(R"({"service_key":"k","event_type":"resolve"})", kNow).errors,
              ElementsAre("Incident key can't be blank"));
}

TEST(PagerDutyReadTest, ChangesAreKnown) {
  const PagerDutyEvent event =
      ReadPagerDutyChange(R"({"routing_key":"k","payload":{"summary":"Build 7","source":"ci"}})");
  EXPECT_THAT(event.errors, IsEmpty());
  EXPECT_EQ(event.change.verb, Verb::kNothing);
  EXPECT_THAT(ReadPagerDutyChange(R"({"routing_key":"k","payload":{"summary":"Build 7"},)"
                                  R"("links":[{"href":"https://ci"},{"text":"no address"}]})")
                  .errors,
              ElementsAre("'links.href' is missing or blank"));
  EXPECT_THAT(ReadPagerDutyChange(R"({"routing_key":"k"})").errors,
              ElementsAre("'payload' is missing or is not an object"));
}

TEST(PagerDutyReadTest, AnyValueInAnyPlaceIsReadOrRefused) {
  size_t taken = 0;
  for (const std::string& body : MutantsOf(kWhole)) {
    for (const PagerDutyEvent& event :
         {ReadPagerDuty(body, kNow), ReadPagerDutyV1(body, kNow), ReadPagerDutyChange(body)}) {
      if (!event.errors.empty()) continue;
      ++taken;
      EXPECT_FALSE(event.routing_key.empty()) << body;
      EXPECT_TRUE(!event.change.entity.empty() || event.change.verb == Verb::kNothing) << body;
    }
  }
  EXPECT_GT(taken, 50U);
}

}  // namespace
}  // namespace watchfire::inbound
