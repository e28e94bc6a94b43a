// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A button pressed in Slack, over HTTP.

#include <gmock/gmock.h>

#include "pkg/api/incidents_for_test.h"
#include "pkg/base/digest.h"
#include "pkg/incident/ack_link.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSecret = "8f742231b10e8888abcd99yyyzzz85a5";
constexpr const char* kLinkSecret = "0123456789abcdef0123456789abcdef";

std::shared_ptr<const config::Config> SlackConfig() {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  config::InboundKey& key = config->inbound.keys["slack"].emplace_back();
  key.key = Secret("slack-key");
  key.signing_secret = Secret(kSecret);
  config->incidents.ack_links.secrets = {Secret(kLinkSecret)};
  config->incidents.ack_links.may_resolve = true;
  config->incidents.ack_links.may_snooze = true;
  config->incidents.ack_links.may_escalate = true;
  config->incidents.ack_links.snooze_for = std::chrono::hours(2);
  oncall::Roster roster;
  roster.users.push_back({"ada", {"ada@example.com", "slack:U0ADA"}, {}, {}});
  config->oncall.roster = std::make_shared<const oncall::Roster>(std::move(roster));
  return config;
}

class SlackTest : public IncidentsTest {
 protected:
  SlackTest() : IncidentsTest(SlackConfig()) {}

  struct Sent {
    std::string body;
    std::string timestamp;
    std::string signature;
  };

  static std::string Sign(const std::string& timestamp, const std::string& body,
                          const std::string& secret = kSecret) {
    return "v0=" + Hex(HmacSha256(secret, "v0:" + timestamp + ":" + body));
  }
  int64_t Clock() const {
    return std::chrono::floor<seconds>(backend_.Now().time_since_epoch()).count();
  }
  // As it stands in the button of a message about that incident.
  std::string TokenOf(uint64_t id = 1, bool may_all = true, WallTime opened_at = kNoTime) {
    if (opened_at == kNoTime) opened_at = Find(id)->opened_at;
    const incident::AckLink link = {
        id, opened_at, backend_.Now() + std::chrono::hours(1), "", may_all, may_all, may_all};
    return incident::SignAckLink(link, Secret(kLinkSecret));
  }
  // What Slack posts when that user presses a button of the first incident now.
  Sent Pressed(const std::string& action, const std::string& user = "U0ADA",
               const std::string& value = "") {
    const std::string payload = R"({"type":"block_actions","user":{"id":")" + user +
                                R"(","username":"lovelace"},"response_url":")" + response_url_ +
                                R"(","actions":[{"type":"button","action_id":"watchfire_)" +
                                action + R"(","value":")" + (value.empty() ? TokenOf() : value) +
                                R"(","action_ts":")" + std::to_string(Clock()) + "." +
                                std::to_string(100000 + ++presses_) + R"("}]})";
    Sent sent{"payload=" + UrlEncode(payload), std::to_string(Clock()), ""};
    sent.signature = Sign(sent.timestamp, sent.body);
    return sent;
  }
  net::Response Deliver(const Sent& sent) {
    net::Request request = MakeRequest("POST", "/inbound/slack/slack-key", sent.body);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"X-Slack-Request-Timestamp", sent.timestamp},
                       {"X-Slack-Signature", sent.signature}};
    return Handle(request, backend_);
  }
  net::Response Press(const std::string& action, const std::string& user = "U0ADA",
                      const std::string& value = "") {
    return Deliver(Pressed(action, user, value));
  }

  int presses_ = 0;
  std::string response_url_ = "https://hooks.slack.com/actions/T1/2/x";
};

TEST_F(SlackTest, AKnownUserAcknowledges) {
  Page("api");
  const net::Response done = Press("acknowledge");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, "");
  const auto incident = Find(1);
  EXPECT_EQ(incident->acked_by, "ada");
  EXPECT_EQ(incident->timeline.back().channel, "slack_button");
  EXPECT_FALSE(incident->timeline.back().is_automatic);
  EXPECT_THAT(incident->timeline.back().text, HasSubstr("@lovelace · Slack press 17"));
  EXPECT_THAT(backend_.counted, ElementsAre("slack ok"));
}

// The name is what everybody gives himself: who is not in oncall_files is who Slack says.
TEST_F(SlackTest, AnUnknownUserIsWhoSlackSays) {
  Page("api");
  Press("acknowledge", "U0EVE");
  EXPECT_EQ(Find(1)->acked_by, "slack:U0EVE");
}

TEST_F(SlackTest, ResolvesAndSnoozes) {
  Page("api");
  Page("db");
  EXPECT_EQ(Press("snooze").body, "");
  EXPECT_EQ(Find(1)->state, incident::State::kSnoozed);
  EXPECT_EQ(Find(1)->snooze->by, "ada");
  EXPECT_EQ(Find(1)->snooze->until - Find(1)->snooze->since, std::chrono::hours(2));
  EXPECT_EQ(Press("resolve", "U0ADA", TokenOf(2)).body, "");
  EXPECT_EQ(Find(2)->state, incident::State::kResolved);
  EXPECT_EQ(Find(2)->resolved_by, "ada");
  EXPECT_EQ(Find(1)->state, incident::State::kSnoozed);
}

// No policy runs here: what core does is its own tests'.
TEST_F(SlackTest, WhatCannotBeEscalatedSaysWhy) {
  Page("api");
  const net::Response none = Press("escalate");
  EXPECT_EQ(none.status, 200);
  EXPECT_THAT(none.body, HasSubstr("Nothing was done: no escalation policy runs for it."));
  EXPECT_THAT(Press("escalate", "U0ADA", TokenOf(1, false)).body, HasSubstr("does not have this"));
  Press("resolve");
  EXPECT_THAT(Press("escalate").body, HasSubstr("This incident is over."));
  Sent forged = Pressed("escalate");
  forged.signature = Sign(forged.timestamp, forged.body, "another");
  EXPECT_EQ(Deliver(forged).status, 403);
  EXPECT_THAT(backend_.counted, ElementsAre("slack not_escalated", "slack not_allowed", "slack ok",
                                            "slack already_resolved", "slack bad_signature"));
}

TEST_F(SlackTest, WhoIsLateIsToldWhoHasIt) {
  Page("api");
  Press("acknowledge");
  const incident::Incident before = *Find(1);
  const net::Response late = Press("acknowledge", "U0BOB");
  EXPECT_EQ(late.status, 200);
  EXPECT_EQ(late.body, R"({"response_type":"ephemeral","replace_original":false,)"
                       R"("text":"Already acknowledged by ada."})");
  EXPECT_THAT(backend_.delivered,
              ElementsAre("https://hooks.slack.com/actions/T1/2/x " + late.body));
  EXPECT_EQ(Press("acknowledge").body, "") << "by the same";
  EXPECT_EQ(*Find(1), before);
  Press("resolve");
  EXPECT_THAT(Press("acknowledge", "U0BOB").body, HasSubstr("This incident is over."));
  EXPECT_THAT(backend_.counted, ElementsAre("slack ok", "slack duplicate", "slack duplicate",
                                            "slack ok", "slack already_resolved"));
}

// The ack of a rule ends, so who presses must not be told that all is done.
TEST_F(SlackTest, WhatNoPersonAcknowledgedIsTakenOver) {
  Page("api");
  VictorOps(Flat("ACKED", ""));
  ASSERT_TRUE(Find(1)->ack && Find(1)->ack->is_automatic);
  EXPECT_EQ(Press("acknowledge").body, "");
  EXPECT_EQ(Find(1)->ack->by, "ada");
  EXPECT_FALSE(Find(1)->ack->is_automatic);
  EXPECT_EQ(backend_.counted.back(), "slack ok");
}

TEST_F(SlackTest, NobodyButSlackIsPostedTo) {
  Page("api");
  Press("acknowledge");
  for (const char* url : {"http://hooks.slack.com/a", "https://hooks.slack.com.evil.example/",
                          "https://169.254.169.254/", ""}) {
    response_url_ = url;
    EXPECT_THAT(Press("acknowledge", "U0BOB").body, HasSubstr("Already acknowledged by ada."));
  }
  EXPECT_THAT(backend_.delivered, testing::IsEmpty());
}

TEST_F(SlackTest, WhatSlackDidNotSignChangesNothing) {
  Page("api");
  Sent forged = Pressed("acknowledge");
  forged.signature = Sign(forged.timestamp, forged.body, "another");
  EXPECT_EQ(Deliver(forged).status, 403);
  Sent changed = Pressed("acknowledge");
  changed.body += "&x=y";
  EXPECT_EQ(Deliver(changed).status, 403);
  Sent later = Pressed("acknowledge");
  later.timestamp = std::to_string(Clock() + 1);
  EXPECT_EQ(Deliver(later).status, 403);
  EXPECT_EQ(Post("/inbound/slack/slack-kez", "payload=").status, 403);
  Sent empty{"payload=", std::to_string(Clock()), ""};
  empty.signature = Sign(empty.timestamp, empty.body);
  EXPECT_EQ(Deliver(empty).status, 400);
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted,
              ElementsAre("slack bad_signature", "slack bad_signature", "slack bad_signature",
                          "slack bad_key", "slack bad_body"));
}

TEST_F(SlackTest, ARecordingIsRefused) {
  Page("api");
  const Sent sent = Pressed("acknowledge");
  backend_.Pass(seconds(301));
  EXPECT_EQ(Deliver(sent).status, 403);
  Sent ahead = Pressed("acknowledge");
  ahead.timestamp = std::to_string(Clock() + 302);
  ahead.signature = Sign(ahead.timestamp, ahead.body);
  EXPECT_EQ(Deliver(ahead).status, 403);
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted, ElementsAre("slack stale", "slack stale"));
}

// Within the five minutes, too: the incident may have come back since.
TEST_F(SlackTest, APressActsOnce) {
  Page("api");
  const Sent sent = Pressed("acknowledge");
  EXPECT_EQ(Deliver(sent).status, 200);
  EXPECT_EQ(Post("/api/v1/incidents/1/snooze", R"({"actor":"ada","for":"1s"})").status, 200);
  backend_.Pass(seconds(3));
  ASSERT_FALSE(Find(1)->ack);
  const incident::Incident before = *Find(1);
  EXPECT_EQ(Deliver(sent).status, 200);
  EXPECT_EQ(*Find(1), before);
  EXPECT_THAT(backend_.counted, ElementsAre("slack ok", "slack duplicate"));
  EXPECT_EQ(Press("acknowledge").status, 200);
  EXPECT_EQ(Find(1)->ack->by, "ada") << "another press";
}

// As when Slack could not reach us, and the incident came back to those on call meanwhile.
TEST_F(SlackTest, APressOfBeforeItCameBackSaysNothingAboutNow) {
  Page("api");
  const Sent sent = Pressed("acknowledge");
  backend_.Pass(seconds(5));
  EXPECT_EQ(Post("/api/v1/incidents/1/snooze", R"({"actor":"bob","for":"1s"})").status, 200);
  backend_.Pass(seconds(5));
  ASSERT_EQ(Find(1)->state, incident::State::kTriggered);
  EXPECT_THAT(Deliver(sent).body, HasSubstr("press again"));
  EXPECT_FALSE(Find(1)->ack);
  EXPECT_THAT(backend_.counted, ElementsAre("slack stale"));
}

TEST_F(SlackTest, AnIncidentOfAnotherTimeIsNotTheOneThatWasMeant) {
  Page("api");
  const net::Response told =
      Press("acknowledge", "U0ADA", TokenOf(1, true, Find(1)->opened_at - std::chrono::hours(1)));
  EXPECT_EQ(told.status, 200);
  EXPECT_THAT(told.body, HasSubstr("This incident is gone"));
  EXPECT_THAT(Press("acknowledge", "U0ADA", "1").body, HasSubstr("not of this Watchfire"));
  const std::string old = TokenOf();
  backend_.Pass(seconds(3601));
  EXPECT_THAT(Press("acknowledge", "U0ADA", old).body, HasSubstr("has expired"));
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted,
              ElementsAre("slack unknown_entity", "slack unknown_entity", "slack expired"));
}

TEST_F(SlackTest, WhatAButtonDoesNotAllowIsNotDone) {
  Page("api");
  const std::string token = TokenOf(1, /*may_all=*/false);
  EXPECT_THAT(Press("resolve", "U0ADA", token).body, HasSubstr("does not have this"));
  EXPECT_THAT(Press("snooze", "U0ADA", token).body, HasSubstr("does not have this"));
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  EXPECT_EQ(Press("acknowledge", "U0ADA", token).body, "");
  EXPECT_THAT(backend_.counted, ElementsAre("slack not_allowed", "slack not_allowed", "slack ok"));
}

TEST_F(SlackTest, OtherButtonsOfTheAppAreNoneOfOurs) {
  Page("api");
  EXPECT_EQ(Press("of_another_kind").status, 200);
  EXPECT_EQ(Find(1)->acked_by, "");
  EXPECT_THAT(backend_.counted, ElementsAre("slack ignored"));
}

TEST_F(SlackTest, WhatIsNotStoredIsNotConfirmed) {
  Page("api");
  const Sent sent = Pressed("acknowledge");
  backend_.busy = true;
  const net::Response told = Deliver(sent);
  EXPECT_EQ(told.status, 200);
  EXPECT_THAT(told.body, HasSubstr("busy"));
  backend_.busy = false;
  EXPECT_EQ(Find(1)->acked_by, "");
}

}  // namespace
}  // namespace watchfire::api
