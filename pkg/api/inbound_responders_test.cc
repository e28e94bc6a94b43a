// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What responders do at a vendor, over HTTP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/incidents_for_test.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSecret = "pd-secret";

std::shared_ptr<const config::Config> RespondersConfig() {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  std::vector<config::InboundKey>& keys = config->inbound.keys["pagerduty"];
  keys.emplace_back().key = Secret("pd-key");
  keys.back().signing_secret = Secret(kSecret);
  keys.emplace_back().key = Secret("pd-unsigned");
  config->inbound.keys["opsgenie"].emplace_back().key = Secret("og-key");
  oncall::Roster roster;
  roster.users.push_back({"lovelace", {"pagerduty:PADA"}, {}, {}});
  config->oncall.roster = std::make_shared<const oncall::Roster>(std::move(roster));
  return config;
}

class RespondersTest : public IncidentsTest {
 protected:
  RespondersTest() : IncidentsTest(RespondersConfig()) {}

  std::string Time(std::chrono::seconds after = {}) {
    return FormatRfc3339(backend_.Now() + after);
  }
  // Bob lets the first incident come back to those on call.
  void GiveBack() {
    EXPECT_EQ(Post("/api/v1/incidents/1/snooze", R"({"actor":"bob","for":"1s"})").status, 200);
    backend_.Pass(std::chrono::seconds(3));
  }
  // What became of it, by the last word that was counted.
  std::string Word() { return backend_.counted.empty() ? "" : backend_.counted.back(); }
};

class PagerDutyWebhookTest : public RespondersTest {
 protected:
  std::string Event(const std::string& type, const std::string& id, const std::string& user = "Ada",
                    std::string at = "", std::string entity = "") {
    if (at.empty()) at = Time();
    if (entity.empty()) entity = Entity();
    JsonWriter json;
    json.StartObject().Key("event").StartObject().Field("id", id);
    json.Field("event_type", "incident." + type).Field("occurred_at", at).Key("agent");
    if (user.empty()) {
      json.Null();
    } else {
      json.StartObject().Field(
          "type", user == "Events" ? "inbound_integration_reference" : "user_reference");
      json.Field("id", "P1").Field("summary", user).EndObject();
    }
    json.Key("data").StartObject().Field("id", "PGR0VU2").Field("incident_key", entity);
    return json.EndObject().EndObject().EndObject().Take();
  }
  net::Response Send(const std::string& body, const std::string& signature,
                     const std::string& key = "pd-key") {
    net::Request request = MakeRequest("POST", "/inbound/pagerduty/" + key, body);
    request.headers.push_back({"X-PagerDuty-Signature", signature});
    return Handle(request, backend_);
  }
  static std::string Sign(const std::string& body, const std::string& secret = kSecret) {
    return "v1=" + Hex(HmacSha256(secret, body));
  }
  // Sends what PagerDuty signed; returns the word it was counted by.
  std::string Tell(const std::string& body) {
    const net::Response response = Send(body, Sign(body));
    EXPECT_EQ(response.status, 200) << response.body;
    const std::string word = Word().substr(Word().find(' ') + 1);
    EXPECT_THAT(response.body, HasSubstr("\"result\":\"" + word + "\""));
    return word;
  }
};

TEST_F(PagerDutyWebhookTest, AnAckThereIsAnAckHere) {
  Page("api");
  EXPECT_EQ(Tell(Event("acknowledged", "E1")), "ok");
  EXPECT_EQ(Find(1)->acked_by, "Ada");
  EXPECT_EQ(Find(1)->timeline.back().channel, "pagerduty");
  EXPECT_EQ(Find(1)->timeline.back().text, "PagerDuty PGR0VU2, event E1");
  EXPECT_FALSE(Find(1)->timeline.back().is_automatic);
  EXPECT_EQ(Tell(Event("resolved", "E2")), "ok");
  EXPECT_EQ(Find(1)->resolved_by, "Ada");
  EXPECT_EQ(Find(1)->resolved_how, "human");
  EXPECT_THAT(backend_.counted, ElementsAre("pagerduty ok", "pagerduty ok"));
}

TEST_F(PagerDutyWebhookTest, WhoIsInTheFilesGoesByTheNameThere) {
  Page("api");
  std::string body = Event("acknowledged", "E1", "Countess Ada");
  body.replace(body.find("\"P1\""), 4, "\"PADA\"");
  EXPECT_EQ(Tell(body), "ok");
  EXPECT_EQ(Find(1)->acked_by, "lovelace");
}

TEST_F(PagerDutyWebhookTest, ForgeriesChangeNothing) {
  Page("api");
  const std::string body = Event("acknowledged", "E1");
  EXPECT_EQ(Send(body, "").status, 403);
  EXPECT_EQ(Send(body, Sign(body, "other")).status, 403);
  EXPECT_EQ(Send(body + " ", Sign(body)).status, 403);
  EXPECT_THAT(Send(body, Sign(body, ""), "pd-unsigned").body, HasSubstr("has no signing_secret"));
  EXPECT_EQ(Send(body, Sign(body), "pd-kez").status, 403);
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted, ElementsAre("pagerduty bad_signature", "pagerduty bad_signature",
                                            "pagerduty bad_signature", "pagerduty bad_signature",
                                            "pagerduty bad_key"));
}

// PagerDuty delivers at least once; what was delivered says nothing about what broke since.
TEST_F(PagerDutyWebhookTest, AnEventCountsOnce) {
  Page("api");
  const std::string ack = Event("acknowledged", "E1");
  EXPECT_EQ(Tell(ack), "ok");
  EXPECT_EQ(Tell(ack), "duplicate");
  GiveBack();
  ASSERT_FALSE(Find(1)->ack);
  EXPECT_EQ(Tell(ack), "duplicate");
  EXPECT_FALSE(Find(1)->ack);
  const std::string note = Event("escalated", "E2");
  EXPECT_EQ(Tell(note), "ok");
  const size_t events = Find(1)->timeline.size();
  EXPECT_EQ(Tell(note), "duplicate");
  EXPECT_EQ(Find(1)->timeline.size(), events);
  // An id that another ends with.
  EXPECT_EQ(Tell(Event("acknowledged", "E11")), "ok");
}

TEST_F(PagerDutyWebhookTest, WhatIsOutOfOrderIsStale) {
  Page("api");
  EXPECT_EQ(Tell(Event("resolved", "E0", "Ada", Time(std::chrono::seconds(-60)))), "stale");
  EXPECT_EQ(Tell(Event("acknowledged", "E1", "Ada", Time(std::chrono::hours(-49)))), "stale");
  EXPECT_EQ(Tell(Event("acknowledged", "E2", "Ada", Time(std::chrono::hours(49)))), "stale");
  EXPECT_EQ(Tell(Event("acknowledged", "E3", "Ada", "yesterday")), "stale");
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  // Their clock may run ahead of ours.
  EXPECT_EQ(Tell(Event("acknowledged", "E4", "Ada", Time(std::chrono::seconds(60)))), "ok");
}

TEST_F(PagerDutyWebhookTest, WhatIsOverOrUnknownIsNoError) {
  Page("api");
  EXPECT_EQ(Tell(Event("acknowledged", "E1", "Ada", "", "nobody")), "unknown_entity");
  EXPECT_EQ(Tell(Event("acknowledged", "E2")), "ok");
  EXPECT_EQ(Tell(Event("resolved", "E3")), "ok");
  EXPECT_EQ(Tell(Event("acknowledged", "E4")), "already_resolved");
  EXPECT_EQ(Tell(Event("resolved", "E3")), "duplicate");
  EXPECT_EQ(Tell("{}"), "bad_body");
  EXPECT_EQ(Tell("no JSON"), "bad_body");
  EXPECT_EQ(Tell(R"({"event":{"id":"E5","event_type":"pagey.ping"}})"), "ignored");
}

TEST_F(PagerDutyWebhookTest, TheEchoOfOurRecoveryResolvesNothing) {
  Page("api");
  EXPECT_EQ(Tell(Event("resolved", "E1", "")), "ignored");
  EXPECT_EQ(Tell(Event("resolved", "E2", "Events")), "ignored");
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  EXPECT_EQ(Tell(Event("acknowledged", "E3", "")), "ok");
  EXPECT_EQ(Find(1)->acked_by, "PagerDuty");
  EXPECT_TRUE(Find(1)->timeline.back().is_automatic);
}

TEST_F(PagerDutyWebhookTest, TheRestIsWrittenDown) {
  Page("api");
  EXPECT_EQ(Tell(Event("triggered", "E1")), "ignored");
  const auto annotated = [&](const std::string& id, const std::string& content,
                             const std::string& page) {
    JsonWriter json;
    json.StartObject().Key("event").StartObject().Field("id", id);
    json.Field("event_type", "incident.annotated").Field("occurred_at", Time()).Key("agent");
    json.StartObject().Field("type", "user_reference").Field("summary", "Bob").EndObject();
    json.Key("data").StartObject().Field("content", content).Key("incident").StartObject();
    return json.Field("id", page).EndObject().EndObject().EndObject().EndObject().Take();
  };
  // A note names its incident only as PagerDuty calls it.
  EXPECT_EQ(Tell(annotated("E2", "on it", "PGR0VU2")), "unknown_entity");
  EXPECT_EQ(Tell(Event("acknowledged", "E3")), "ok");
  EXPECT_EQ(Tell(annotated("E4", "on it", "PGR0VU2")), "ok");
  EXPECT_EQ(Find(1)->timeline.back().kind, "note");
  EXPECT_EQ(Find(1)->timeline.back().actor, "Bob");
  EXPECT_EQ(Find(1)->timeline.back().text, "on it · PagerDuty PGR0VU2, event E4");
  EXPECT_EQ(Tell(annotated("E5", "on it", "PGR0VU")), "unknown_entity");
  // The mark stays whole, however long the rest is.
  const std::string lengthy = annotated("E6", std::string(100'000, 'x'), "PGR0VU2");
  EXPECT_EQ(Tell(lengthy), "ok");
  EXPECT_THAT(Find(1)->timeline.back().text, EndsWith("… · PagerDuty PGR0VU2, event E6"));
  EXPECT_EQ(Tell(lengthy), "duplicate");
  EXPECT_EQ(Tell(Event("unacknowledged", "E7")), "ok");
  EXPECT_THAT(Find(1)->timeline.back().text, StartsWith("unacknowledged at PagerDuty"));
  EXPECT_TRUE(Find(1)->ack);
}

TEST_F(PagerDutyWebhookTest, WhatIsNotStoredIsAskedForAgain) {
  Page("api");
  const std::string body = Event("acknowledged", "E1");
  backend_.busy = true;
  EXPECT_EQ(Send(body, Sign(body)).status, 503);
  backend_.busy = false;
  EXPECT_EQ(Tell(body), "ok");
  const std::string large(limits::kInboundBytes + 1, ' ');
  EXPECT_EQ(Send(large, Sign(large)).status, 413);
}

class OpsgenieWebhookTest : public RespondersTest {
 protected:
  std::string Body(const std::string& action, std::chrono::milliseconds after = {},
                   const std::string& username = "ada@example.com",
                   const std::string& source = "web", std::string alias = "") {
    if (alias.empty()) alias = Entity();
    JsonWriter json;
    json.StartObject().Field("action", action).Field("integrationName", "watchfire");
    json.Key("alert").StartObject().Field("alertId", "a-1").Field("alias", alias);
    json.Field("updatedAt", ToNanos(backend_.Now() + after)).Field("username", username);
    json.Field("note", "on it").EndObject();
    json.Key("source").StartObject().Field("name", "").Field("type", source).EndObject();
    return json.EndObject().Take();
  }
  std::string Tell(const std::string& body) {
    EXPECT_EQ(Post("/inbound/opsgenie/og-key", body).status, 200) << body;
    return Word().substr(Word().find(' ') + 1);
  }
};

TEST_F(OpsgenieWebhookTest, WhatIsDoneThereIsDoneHereOnce) {
  Page("api");
  const std::string ack = Body("Acknowledge");
  EXPECT_EQ(Tell(ack), "ok");
  EXPECT_EQ(Find(1)->acked_by, "ada@example.com");
  EXPECT_THAT(Find(1)->timeline.back().text,
              StartsWith("on it · Opsgenie a-1, Acknowledge at 1790000"));
  GiveBack();
  EXPECT_EQ(Tell(ack), "duplicate");
  EXPECT_FALSE(Find(1)->ack);
  EXPECT_EQ(Tell(Body("AddNote")), "ok");
  EXPECT_EQ(Find(1)->timeline.back().kind, "note");
  EXPECT_EQ(Tell(Body("Create")), "ignored");
  EXPECT_EQ(Tell(Body("Close")), "ok");
  EXPECT_EQ(Find(1)->resolved_how, "human");
  EXPECT_EQ(Tell(Body("Acknowledge", std::chrono::milliseconds(1))), "already_resolved");
}

TEST_F(OpsgenieWebhookTest, WhatIsOursOldUnknownOrForgedChangesNothing) {
  Page("api");
  EXPECT_EQ(Tell(Body("Close", {}, "Alert API", "API")), "ignored");
  EXPECT_EQ(Tell(Body("Close", {}, "ada@example.com", "API")), "ignored");
  EXPECT_EQ(Tell(Body("Close", {}, "watchfire", "integration")), "ignored");
  EXPECT_EQ(Tell(Body("Close", std::chrono::minutes(-1))), "stale");
  EXPECT_EQ(Tell(Body("Acknowledge", {}, "ada@example.com", "web", "nobody")), "unknown_entity");
  EXPECT_EQ(Post("/inbound/opsgenie/og-kez", Body("Close")).status, 403);
  EXPECT_EQ(Post("/inbound/opsgenie/og-key", "{}").status, 400);
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  EXPECT_EQ(Find(1)->acked_by, "");
}

}  // namespace
}  // namespace watchfire::api
