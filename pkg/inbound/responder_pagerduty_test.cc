// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/inbound/json_mutants_for_test.h"
#include "pkg/inbound/responder.h"

namespace watchfire::inbound {
namespace {

using Kind = ResponderAct::Kind;

// As developer.pagerduty.com shows it, cut to what matters.
std::string Event(const std::string& type, const std::string& data,
                  const std::string& agent = R"({"id":"PLH1HKV","summary":"Ada","type":)"
                                             R"("user_reference"})") {
  return R"({"event":{"id":"01DVUHO6P4XQDFJ9AHOADT3UQ4","event_type":")" + type +
         R"(","resource_type":"incident","occurred_at":"2026-09-21T12:30:00.169Z","agent":)" +
         agent + R"(,"client":{"name":"PagerDuty"},"data":)" + data + "}}";
}

constexpr const char* kIncident =
    R"({"id":"PGR0VU2","type":"incident","number":2,"status":"acknowledged","incident_key":"e1",)"
    R"("assignees":[{"id":"P1","summary":"Bob"},{"id":"P2","summary":"Eve"}],)"
    R"("resolve_reason":null})";

TEST(ResponderPagerDutyTest, ReadsWhoAcknowledgedWhatAndWhen) {
  const auto act = ReadPagerDutyWebhook(Event("incident.acknowledged", kIncident));
  ASSERT_TRUE(act) << act.error().message;
  EXPECT_EQ(act->kind, Kind::kAcknowledge);
  EXPECT_EQ(act->entity_id, "e1");
  EXPECT_EQ(act->actor, "Ada");
  EXPECT_TRUE(act->is_person);
  EXPECT_EQ(act->page, "PGR0VU2");
  EXPECT_EQ(act->mark, "PagerDuty PGR0VU2, event 01DVUHO6P4XQDFJ9AHOADT3UQ4");
  EXPECT_EQ(FormatRfc3339(act->at), "2026-09-21T12:30:00.169Z");
  EXPECT_EQ(act->text, "");
}

TEST(ResponderPagerDutyTest, KnowsPeopleFromMachines) {
  for (const char* agent :
       {"null", "7", R"({"id":"P1","summary":"Events","type":"inbound_integration_reference"})",
        R"({"id":"P1","summary":"web","type":"service_reference"})", R"({"summary":"Ada"})"}) {
    const auto act = ReadPagerDutyWebhook(Event("incident.resolved", kIncident, agent));
    ASSERT_TRUE(act);
    EXPECT_FALSE(act->is_person) << agent;
    EXPECT_NE(act->actor, "") << agent;
  }
  const auto act = ReadPagerDutyWebhook(Event("incident.resolved", kIncident, "null"));
  EXPECT_EQ(act->actor, "PagerDuty");
}

TEST(ResponderPagerDutyTest, TellsWhatEachEventMeans) {
  const auto read = [](const std::string& type, const std::string& data = kIncident) {
    return *ReadPagerDutyWebhook(Event(type, data));
  };
  EXPECT_EQ(read("incident.resolved").kind, Kind::kResolve);
  EXPECT_EQ(read("incident.unacknowledged").text, "unacknowledged at PagerDuty");
  EXPECT_EQ(read("incident.reassigned").text, "reassigned at PagerDuty to Bob, Eve");
  EXPECT_EQ(read("incident.delegated", R"({"incident_key":"e1"})").text, "delegated at PagerDuty");
  EXPECT_EQ(read("incident.escalated").kind, Kind::kNote);
  const std::string merged = R"({"incident_key":"e1","resolve_reason":{"type":"merge_resolve_)"
                             R"(reason","incident":{"id":"P2"}}})";
  EXPECT_EQ(read("incident.resolved", merged).kind, Kind::kNote);
  const ResponderAct note =
      read("incident.annotated", R"({"id":"N1","type":"incident_note","content":"disk swapped",)"
                                 R"("incident":{"id":"PGR0VU2","type":"incident_reference"}})");
  EXPECT_EQ(note.kind, Kind::kNote);
  EXPECT_EQ(note.text, "disk swapped");
  EXPECT_EQ(note.entity_id, "");
  EXPECT_EQ(note.page, "PGR0VU2");
  for (const char* type : {"incident.triggered", "incident.priority_updated", "pagey.ping",
                           "service.updated", "incident.acknowledged.twice", "acknowledged"}) {
    EXPECT_EQ(read(type).kind, Kind::kNothing) << type;
  }
}

TEST(ResponderPagerDutyTest, RefusesWhatPagerDutyDoesNotSend) {
  for (const char* body : {"", "[]", "{}", R"({"event":[]})", R"({"event":{"id":"1"}})",
                           R"({"event":{"event_type":"pagey.ping"}})",
                           R"({"event":{"id":"a b","event_type":"pagey.ping"}})"}) {
    EXPECT_FALSE(ReadPagerDutyWebhook(body)) << body;
  }
}

TEST(ResponderPagerDutyTest, WhatDoesNotBelongThereIsNoCrashAndNoPerson) {
  for (const std::string& body : MutantsOf(Event("incident.resolved", kIncident))) {
    const auto act = ReadPagerDutyWebhook(body);
    if (!act) continue;
    EXPECT_NE(act->actor, "") << body;
    EXPECT_LT(act->mark.size(), 200) << body;
    EXPECT_TRUE(!act->is_person || body.find("user_reference") != body.npos) << body;
  }
}

// Worked out with Python's hmac.
TEST(ResponderPagerDutyTest, TellsPagerDutyFromOthers) {
  constexpr const char* kBody = R"({"event":{"id":"01A","event_type":"pagey.ping"}})";
  const std::string good = "v1=93c1d01576cc98b22d3bd5faf3e3e7cbe76420f32d4885c8171f8a3a02322a9b";
  const Secret secret("signing-secret");
  EXPECT_TRUE(IsSignedByPagerDuty(kBody, secret, good));
  // Of two secrets, while one is turned over.
  EXPECT_TRUE(IsSignedByPagerDuty(kBody, secret, "v1=" + std::string(64, '0') + "," + good));
  EXPECT_TRUE(IsSignedByPagerDuty(kBody, secret, good + ", v1=00"));
  EXPECT_FALSE(IsSignedByPagerDuty(std::string(kBody) + " ", secret, good));
  EXPECT_FALSE(IsSignedByPagerDuty(kBody, Secret("signing-secres"), good));
  for (const std::string& bad : {std::string(), std::string("v1="), good.substr(3),
                                 "v2=" + good.substr(3), good.substr(0, 66), good + "0"}) {
    EXPECT_FALSE(IsSignedByPagerDuty(kBody, secret, bad)) << bad;
  }
  // HMAC with an empty key.
  EXPECT_FALSE(IsSignedByPagerDuty(
      "", Secret(), "v1=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

}  // namespace
}  // namespace watchfire::inbound
