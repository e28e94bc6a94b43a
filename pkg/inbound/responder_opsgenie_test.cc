// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "pkg/inbound/json_mutants_for_test.h"
#include "pkg/inbound/responder.h"

namespace watchfire::inbound {
namespace {

using Kind = ResponderAct::Kind;

std::string Body(const std::string& action, const std::string& updated_at = "1790000000123000000",
                 const std::string& username = "ada@example.com",
                 const std::string& source = R"({"name":"","type":"web"})") {
  return R"({"action":")" + action + R"(","alert":{"alertId":"a-1","alias":"e1","updatedAt":)" +
         updated_at + R"(,"username":")" + username +
         R"(","owner":"bob@example.com","note":"on it"},"source":)" + source +
         R"(,"integrationName":"Watch@Fire"})";
}

TEST(ResponderOpsgenieTest, ReadsWhoDidWhatAndWhen) {
  const auto act = ReadOpsgenieWebhook(Body("Acknowledge"));
  ASSERT_TRUE(act) << act.error().message;
  EXPECT_EQ(act->kind, Kind::kAcknowledge);
  EXPECT_EQ(act->entity_id, "e1");
  EXPECT_EQ(act->actor, "ada@example.com");
  EXPECT_TRUE(act->is_person);
  EXPECT_EQ(act->text, "on it");
  EXPECT_EQ(act->mark, "Opsgenie a-1, Acknowledge at 1790000000123000000");
  EXPECT_EQ(ReadOpsgenieWebhook(Body("Close"))->kind, Kind::kResolve);
  EXPECT_EQ(ReadOpsgenieWebhook(Body("AddNote"))->kind, Kind::kNote);
  EXPECT_EQ(ReadOpsgenieWebhook(Body("TakeOwnership"))->text,
            "TakeOwnership at Opsgenie: bob@example.com");
  for (const char* action : {"Create", "Delete", "AddTags", "my own"}) {
    EXPECT_EQ(ReadOpsgenieWebhook(Body(action))->kind, Kind::kNothing) << action;
  }
}

TEST(ResponderOpsgenieTest, TellsNanosecondsFromMilliseconds) {
  const WallTime at = FromNanos(1'790'000'000'123'000'000);
  for (const char* text :
       {"1790000000123000000", "1790000000123000", "1790000000123", "\"1790000000123\""}) {
    EXPECT_EQ(ReadOpsgenieWebhook(Body("Close", text))->at, at) << text;
  }
  for (const char* text : {"0", "-1", "7", "1.5", "99999999999999999999", "null", "\"\"", "[]"}) {
    EXPECT_EQ(ReadOpsgenieWebhook(Body("Close", text))->at, kNoTime) << text;
  }
}

TEST(ResponderOpsgenieTest, KnowsPeopleFromMachines) {
  const auto is_person = [](const std::string& username, const std::string& source) {
    return ReadOpsgenieWebhook(Body("Close", "1790000000123", username, source))->is_person;
  };
  EXPECT_TRUE(is_person("ada@example.com", R"({"name":"web","type":"API"})"));
  EXPECT_TRUE(is_person("ada@example.com", "7"));
  EXPECT_FALSE(is_person("ada@example.com", R"({"name":"","type":"API"})"));
  EXPECT_FALSE(is_person("Alert API", R"({"name":"","type":"web"})"));
  EXPECT_FALSE(is_person("Watch@Fire", R"({"name":"","type":"integration"})"));
  EXPECT_FALSE(is_person("", "null"));
}

TEST(ResponderOpsgenieTest, WhatDoesNotBelongThereIsNoCrash) {
  for (const char* body :
       {"", "[]", "{}", R"({"action":"Close"})", R"({"action":"Close","alert":{"alias":"e1"}})"}) {
    EXPECT_FALSE(ReadOpsgenieWebhook(body)) << body;
  }
  for (const std::string& body : MutantsOf(Body("Acknowledge"))) {
    const auto act = ReadOpsgenieWebhook(body);
    if (!act) continue;
    EXPECT_NE(act->actor, "") << body;
    EXPECT_LT(act->mark.size(), 250) << body;
  }
}

}  // namespace
}  // namespace watchfire::inbound
