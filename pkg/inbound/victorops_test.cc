// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/inbound/inbound.h"
#include "pkg/inbound/json_mutants_for_test.h"

namespace watchfire::inbound {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);
constexpr Duration kMentionFor = std::chrono::minutes(5);

Result<Change> Read(const std::string& body, const std::string& routing_key = "Platform") {
  return ReadVictorOps(body, routing_key, kMentionFor, kNow);
}

// What the client of the vendor's documentation sends.
constexpr const char* kWhole = R"({
  "message_type": "CRITICAL", "entity_id": "database-connectivity",
  "entity_display_name": "Database Connectivity Issue", "state_message": "refused",
  "state_start_time": 1789999000, "monitoring_tool": "custom", "host_name": "db-1",
  "service": "billing", "user_id": null, "retries": 3, "timestamp": "2026-09-21T14:00:00",
  "vo_annotate.u.Runbook": "https://r.example/db", "vo_annotate.s.Note": "look twice",
  "vo_annotate.i.Graph": "https://g.example/db.png"})";

TEST(VictorOpsReadTest, AMessageIsATriggerWithAllItSays) {
  const Result<Change> change = Read(kWhole);
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_EQ(change->verb, Verb::kTrigger);
  EXPECT_EQ(change->entity, "database-connectivity");
  EXPECT_EQ(change->severity, "critical");
  EXPECT_EQ(change->starts_at, FromNanos(1'789'999'000'000'000'000));
  EXPECT_THAT(change->labels, Contains(Pair("alertname", "Database Connectivity Issue")));
  EXPECT_THAT(change->labels, Contains(Pair("routing_key", "platform")));
  EXPECT_THAT(change->labels, Contains(Pair("instance", "db-1")));
  EXPECT_THAT(change->labels, Contains(Pair("service", "billing")));
  EXPECT_THAT(change->annotations, Contains(Pair("summary", "Database Connectivity Issue")));
  EXPECT_THAT(change->annotations, Contains(Pair("description", "refused")));
  EXPECT_THAT(change->annotations, Contains(Pair("retries", "3")));
  EXPECT_THAT(change->annotations, Contains(Pair("runbook_url", "https://r.example/db")));
  EXPECT_THAT(change->annotations, Contains(Pair("note", "look twice")));
  EXPECT_THAT(change->annotations, Contains(Pair("graph_url", "https://g.example/db.png")));
  EXPECT_THAT(change->annotations, testing::Not(Contains(Pair("user_id", testing::_))));
}

TEST(VictorOpsReadTest, TypesAreReadInAnyCase) {
  struct Case {
    const char* type;
    Verb verb;
    const char* severity;
  };
  for (const Case& c : std::initializer_list<Case>{{"critical", Verb::kTrigger, "critical"},
                                                   {"WARNING", Verb::kTrigger, "warning"},
                                                   {"Info", Verb::kMention, "info"},
                                                   {"ACKNOWLEDGEMENT", Verb::kAcknowledge, ""},
                                                   {"recovery", Verb::kResolve, ""},
                                                   {"OK", Verb::kResolve, ""},
                                                   {"CRITICL", Verb::kTrigger, ""}}) {
    const auto change = Read(std::string(R"({"message_type":")") + c.type + R"("})");
    ASSERT_TRUE(change) << c.type;
    EXPECT_EQ(change->verb, c.verb) << c.type;
    EXPECT_EQ(change->severity, c.severity) << c.type;
  }
}

TEST(VictorOpsReadTest, AByteThatIsNoUtf8LosesNoPage) {
  const Result<Change> marked = Read(
      "\xef\xbb\xbf"
      R"({"message_type":"CRITICAL","entity_id":"a"})");
  ASSERT_TRUE(marked) << marked.error().message;
  EXPECT_EQ(marked->entity, "a");
  const Result<Change> latin1 =
      Read("{\"message_type\":\"CRITICAL\",\"entity_id\":\"a\",\"state_message\":\"Z\xfcrich\"}");
  ASSERT_TRUE(latin1) << latin1.error().message;
  EXPECT_THAT(latin1->annotations, Contains(Pair("description", "Z\xef\xbf\xbdrich")));
}

TEST(VictorOpsReadTest, AnAckSaysWho) {
  const auto change =
      Read(R"({"message_type":"ACKNOWLEDGEMENT","entity_id":"e","ack_author":"ada",)"
           R"("ack_message":"on it"})");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->actor, "ada");
  EXPECT_EQ(change->note, "on it");
}

TEST(VictorOpsReadTest, WithoutAnEntityTheSameMessageHasTheSameOne) {
  const auto one = Read(R"({"message_type":"CRITICAL","state_message":"a"})");
  const auto other = Read(R"({"message_type":"CRITICAL","state_message":"b"})");
  EXPECT_EQ(one->entity.size(), 32U);
  EXPECT_EQ(one->entity, Read(R"({"message_type":"CRITICAL","state_message":"a"})")->entity);
  EXPECT_NE(one->entity, other->entity);
}

TEST(VictorOpsReadTest, TextsAreCutWhereTheVendorCutsThem) {
  const auto change = Read(R"({"message_type":"CRITICAL","entity_id":")" + std::string(600, 'e') +
                           R"(","state_message":")" + std::string(30'000, 'm') + R"("})");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->entity.size(), 512U);
  EXPECT_THAT(change->annotations, Contains(Pair("description", std::string(20480, 'm'))));
}

TEST(VictorOpsReadTest, AStartInTheFutureIsNone) {
  EXPECT_EQ(Read(R"({"message_type":"OK","state_start_time":1790000001})")->starts_at, kNoTime);
  EXPECT_EQ(Read(R"({"message_type":"OK","state_start_time":"1789999000000"})")->starts_at,
            FromNanos(1'789'999'000'000'000'000));
}

TEST(VictorOpsReadTest, RefusalsAreTheVendors) {
  EXPECT_EQ(Read("{}").error().message, "Missing fields: message_type");
  EXPECT_EQ(Read(R"({"message_type":null})").error().message, "Missing fields: message_type");
  EXPECT_THAT(Read("[]").error().message, HasSubstr("must be an object"));
  EXPECT_THAT(Read("{\"a\":\n1,}").error().message, HasSubstr("line 2"));
  EXPECT_EQ(Read(R"({"message_type":["CRITICAL"]})").error().message,
            "Invalid field: message_type must be a string");
}

TEST(VictorOpsReadTest, AnyValueInAnyPlaceIsReadOrRefused) {
  size_t taken = 0;
  for (const std::string& body : MutantsOf(kWhole)) {
    const auto change = Read(body);
    if (!change) continue;
    ++taken;
    EXPECT_FALSE(change->entity.empty()) << body;
    EXPECT_FALSE(Plan(*change, "victorops", {}, {}, kNow).empty() && change->verb == Verb::kTrigger)
        << body;
  }
  EXPECT_GT(taken, 50U);
}

}  // namespace
}  // namespace watchfire::inbound
