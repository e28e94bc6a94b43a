// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/victorops.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::pagersim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const WallTime kStart = FromNanos(1'700'000'000'123'000'000);

std::string ErrorOf(std::string_view body, std::string_view routing_key = "web") {
  const Result<Message> message = ParseMessage(body, routing_key, "generated");
  return message ? "" : message.error().message;
}

MessageType TypeOf(const std::string& type) {
  return ParseMessage(R"({"message_type":")" + type + R"("})", "", "generated")->type;
}

IncidentBook OneIncident() {
  IncidentBook book;
  book.Apply(*ParseMessage(R"({"message_type":"CRITICAL","entity_id":"e1","amx_group":7,
                               "entity_display_name":"db \"down\"","state_message":"text"})",
                           "web", "generated"),
             kStart);
  return book;
}

TEST(VictorOpsTest, ReadsAMessage) {
  const Result<Message> message = ParseMessage(
      R"({"message_type":"critical","entity_id":"e1","entity_display_name":"Title",
          "state_message":"Text","host_name":"h","extra":{"a":[1, 2]}})",
      "Web-1", "generated");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->type, MessageType::kCritical);
  EXPECT_EQ(message->entity_id, "e1");
  EXPECT_EQ(message->title, "Title");
  EXPECT_EQ(message->text, "Text");
  EXPECT_EQ(message->host, "h");
  EXPECT_EQ(message->routing_key, "web-1");
  EXPECT_EQ(message->fields.back().second, R"({"a":[1,2]})");
}

TEST(VictorOpsTest, KnowsTheMessageTypesAndTakesATypoForInfo) {
  EXPECT_EQ(TypeOf("Critical"), MessageType::kCritical);
  EXPECT_EQ(TypeOf("WARNING"), MessageType::kWarning);
  EXPECT_EQ(TypeOf("ACKNOWLEDGEMENT"), MessageType::kAcknowledgement);
  EXPECT_EQ(TypeOf("RECOVERY"), MessageType::kRecovery);
  EXPECT_EQ(TypeOf("ok"), MessageType::kRecovery);
  EXPECT_EQ(TypeOf("INFO"), MessageType::kInfo);
  EXPECT_EQ(TypeOf("CRITCAL"), MessageType::kInfo);
}

TEST(VictorOpsTest, FillsInWhatIsMissing) {
  const Result<Message> message =
      ParseMessage(R"({"message_type":"INFO","routing_key":"Body"})", "", "generated");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->entity_id, "generated");
  EXPECT_EQ(message->title, "generated");
  EXPECT_EQ(message->routing_key, "body");
}

TEST(VictorOpsTest, RefusesWhatTheVendorRefuses) {
  EXPECT_EQ(ErrorOf("{}"), "Missing fields: message_type");
  EXPECT_EQ(ErrorOf(R"({"message_type":7})"), "Missing fields: message_type");
  EXPECT_THAT(ErrorOf("{"), HasSubstr("Invalid JSON"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("Invalid JSON"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("not an object"));
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), HasSubstr("Invalid JSON"));
  EXPECT_THAT(ErrorOf(R"({"message_type":"INFO"})", "a b"), HasSubstr("Invalid routing key"));
}

TEST(VictorOpsTest, LengthsCountCharactersNotBytes) {
  const auto with = [](const std::string& field, size_t length) {
    std::string value;
    for (size_t i = 0; i < length; ++i) value += "é";
    return R"({"message_type":"INFO",")" + field + R"(":")" + value + R"("})";
  };
  EXPECT_EQ(ErrorOf(with("entity_id", 512)), "");
  EXPECT_EQ(ErrorOf(with("entity_id", 513)), "Field too long: entity_id (at most 512 characters)");
  EXPECT_EQ(ErrorOf(with("state_message", 20480)), "");
  EXPECT_NE(ErrorOf(with("state_message", 20481)), "");
  EXPECT_EQ(ErrorOf(with("vo_annotate.u.Runbook", 1124)), "");
  EXPECT_NE(ErrorOf(with("vo_annotate.u.Runbook", 1125)), "");
  EXPECT_NE(ErrorOf(with("custom", 1025)), "");
}

TEST(VictorOpsTest, AnswersAsTheVendorDoes) {
  EXPECT_EQ(SuccessJson("e1"), R"({"result":"success","entity_id":"e1"})");
  EXPECT_EQ(FailureJson("no"), R"({"result":"failure","message":"no"})");
}

TEST(VictorOpsTest, ReadsAUserAction) {
  const Result<UserAction> action =
      ParseUserAction(R"({"userName":"ada","incidentNames":["1","x"],"message":"on it"})");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->user, "ada");
  EXPECT_EQ(action->note, "on it");
  EXPECT_THAT(action->incidents, ElementsAre("1", "x"));
  EXPECT_FALSE(ParseUserAction(R"({"incidentNames":["1"]})"));
  EXPECT_FALSE(ParseUserAction(R"({"userName":"ada"})"));
  EXPECT_FALSE(ParseUserAction(R"({"userName":"ada","incidentNames":[1]})"));
}

TEST(VictorOpsTest, IncidentsListTheirTransitions) {
  IncidentBook book = OneIncident();
  ASSERT_TRUE(book.Acknowledge(1, "ada", "on it", kStart + seconds(15)));
  const std::string json = IncidentsJson(book.incidents());
  EXPECT_THAT(json, HasSubstr(R"("incidentNumber":"1","alertCount":1)"));
  EXPECT_THAT(json, HasSubstr(R"("currentPhase":"acknowledged")"));
  EXPECT_THAT(json, HasSubstr(R"({"name":"triggered","at":"2023-11-14T22:13:20.123Z")"));
  EXPECT_THAT(json, HasSubstr(R"({"name":"acknowledged","at":"2023-11-14T22:13:35.123Z",)"
                              R"("by":"ada","manually":true,"message":"on it"})"));
}

TEST(VictorOpsTest, OutboundPayloadTellsTheAck) {
  IncidentBook book = OneIncident();
  ASSERT_TRUE(book.Acknowledge(1, "ada", "on it", kStart + seconds(15)));
  const std::string json = OutboundJson(*book.Find(1));
  EXPECT_THAT(json, HasSubstr(R"("STATE.INCIDENT_NAME":"1")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.ENTITY_ID":"e1")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.CURRENT_ALERT_PHASE":"ACKED")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.ACK_USER":"ada","STATE.ACK_MSG":"on it")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.ACK_TIMESTAMP":1700000015123)"));
  EXPECT_THAT(json, HasSubstr(R"("ALERT.amx_group":7)"));
  EXPECT_THAT(json, HasSubstr(R"("ALERT.entity_display_name":"db \"down\"")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.RESOLVED_AT":null)"));
}

TEST(VictorOpsTest, OutboundPayloadTellsTheResolution) {
  IncidentBook book = OneIncident();
  book.Apply(*ParseMessage(R"({"message_type":"RECOVERY","entity_id":"e1"})", "web", ""),
             kStart + seconds(60));
  const std::string json = OutboundJson(*book.Find(1));
  EXPECT_THAT(json, HasSubstr(R"("STATE.CURRENT_ALERT_PHASE":"RESOLVED")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.CURRENT_STATE":"RECOVERY")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.ACK_USER":"SYSTEM")"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.ACK_TIMESTAMP":0)"));
  EXPECT_THAT(json, HasSubstr(R"("STATE.RESOLVED_AT":1700000060123)"));
  EXPECT_THAT(json, Not(HasSubstr("ACKED\"")));
}

}  // namespace
}  // namespace watchfire::pagersim
