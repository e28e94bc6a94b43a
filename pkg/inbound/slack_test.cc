// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/slack.h"

#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/inbound/json_mutants_for_test.h"

namespace watchfire::inbound {
namespace {

using Action = SlackPress::Action;

std::string Payload(const std::string& action_id = kSlackAcknowledge,
                    const std::string& action_ts = "1790000000.123456",
                    const std::string& user_id = "U024BE7LH") {
  return R"({"type":"block_actions","user":{"id":")" + user_id +
         R"(","username":"ada","name":"ada","team_id":"T1"},"trigger_id":"1.2","actions":[)"
         R"({"type":"button","block_id":"watchfire","action_id":")" +
         action_id + R"(","value":"AQM-t0_ken","action_ts":")" + action_ts + R"("}]})";
}

std::string Form(const std::string& payload) { return "payload=" + UrlEncode(payload); }

TEST(SlackTest, ReadsAPress) {
  const auto press = SlackPress::Read(Form(Payload()));
  ASSERT_TRUE(press) << press.error().message;
  EXPECT_EQ(press->action, Action::kAcknowledge);
  EXPECT_EQ(press->value, "AQM-t0_ken");
  EXPECT_EQ(press->user_id, "U024BE7LH");
  EXPECT_EQ(press->user_name, "ada");
  EXPECT_EQ(press->action_ts, "1790000000.123456");
  EXPECT_EQ(press->at, WallTime(std::chrono::seconds(1'790'000'000)));
  EXPECT_EQ(SlackPress::Read(Form(Payload(kSlackResolve)))->action, Action::kResolve);
  EXPECT_EQ(SlackPress::Read(Form(Payload(kSlackSnooze)))->action, Action::kSnooze);
}

TEST(SlackTest, ASpaceMayBeAPlus) {
  const auto press = SlackPress::Read("a=b&payload=" + UrlEncode(Payload()) + "+");
  ASSERT_TRUE(press) << press.error().message;
  EXPECT_EQ(press->action, Action::kAcknowledge);
}

// Links in messages are buttons as well, and an app may have others.
TEST(SlackTest, WhatIsNotOursIsNothing) {
  EXPECT_EQ(SlackPress::Read(Form(Payload("open_runbook")))->action, Action::kNone);
  EXPECT_EQ(SlackPress::Read(Form(R"({"type":"view_submission"})"))->action, Action::kNone);
  EXPECT_EQ(SlackPress::Read(Form(R"({"type":"block_actions","actions":[]})"))->action,
            Action::kNone);
}

TEST(SlackTest, RefusesWhatSlackDoesNotSend) {
  for (const std::string& body :
       {std::string(), std::string("{}"), Payload(), std::string("payload="),
        std::string("payload=x"), Form("[]"), Form(Payload(kSlackResolve, "")),
        Form(Payload(kSlackResolve, "yesterday")), Form(Payload(kSlackResolve, "1790000000.1 x")),
        Form(Payload(kSlackResolve, "0.5")), Form(Payload(kSlackResolve, "1790000000.1", "")),
        Form(Payload(kSlackResolve, "1790000000.1", "U1, eve")),
        Form(Payload(kSlackResolve, "1790000000.1", std::string(33, 'U')))}) {
    EXPECT_FALSE(SlackPress::Read(body)) << body;
  }
}

TEST(SlackTest, AnyValueInAnyPlaceIsRefusedOrRead) {
  for (const std::string& body : MutantsOf(Payload())) {
    const auto press = SlackPress::Read(Form(body));
    if (!press || press->action == Action::kNone) continue;
    EXPECT_NE(press->user_id, "") << body;
    EXPECT_NE(press->at, kNoTime) << body;
  }
}

// The example of Slack's page "Verifying requests from Slack".
TEST(SlackTest, TellsSlackFromOthers) {
  const std::string body =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id="
      "G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-"
      "collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F"
      "397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
      "803a0bc887a14d10d2c447fce8b6703c";
  const Secret secret("8f742231b10e8888abcd99yyyzzz85a5");
  const std::string good = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
  EXPECT_TRUE(IsSignedBySlack(body, "1531420618", secret, good));
  EXPECT_FALSE(IsSignedBySlack(body, "1531420619", secret, good));
  EXPECT_FALSE(IsSignedBySlack(body + "x", "1531420618", secret, good));
  EXPECT_FALSE(IsSignedBySlack(body, "1531420618", Secret("8f74"), good));
  EXPECT_FALSE(IsSignedBySlack(body, "1531420618", Secret(), good));
  EXPECT_FALSE(IsSignedBySlack(body, "1531420618", secret, good.substr(3)));
  EXPECT_FALSE(IsSignedBySlack(body, "1531420618", secret, ""));
}

TEST(SlackTest, ATimestampIsSeconds) {
  EXPECT_EQ(SlackTime("1531420618"), WallTime(std::chrono::seconds(1'531'420'618)));
  for (const char* text : {"", "x", "-5", "0", "1531420618.5", " 1", "99999999999999999999"}) {
    EXPECT_EQ(SlackTime(text), kNoTime) << text;
  }
}

}  // namespace
}  // namespace watchfire::inbound
