// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/pager.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::pagersim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const WallTime kStart = FromNanos(1'700'000'000'000'000'000);
constexpr const char* kCritical = R"({"message_type":"CRITICAL","entity_id":"e1"})";
constexpr const char* kRecovery = R"({"message_type":"RECOVERY","entity_id":"e1"})";

class PagerTest : public testing::Test {
 protected:
  int Ingest(const std::string& body, const std::string& key = "k") {
    return pager_.Ingest(key, "web", body, kStart).status;
  }

  std::vector<std::string> told_;  // "1 acknowledged x1 +0ms" for each announcement.
  Pager pager_{{Secret("k"), Secret("api"), {.auto_ack = seconds(15)}},
               [this](const Incident& incident, int copies, Duration delay) {
                 const auto ms = std::chrono::duration_cast<milliseconds>(delay).count();
                 told_.push_back(std::to_string(incident.number) + " " +
                                 std::string(Name(incident.phase)) + " x" + std::to_string(copies) +
                                 " +" + std::to_string(ms) + "ms");
               }};
};

TEST_F(PagerTest, RefusesWrongKeysAndBadMessages) {
  EXPECT_EQ(Ingest(kCritical, "other"), 403);
  EXPECT_EQ(Ingest("{}"), 400);
  EXPECT_EQ(pager_.IncidentsJson(), "[]");
  EXPECT_EQ(Ingest(kCritical), 200);
}

TEST_F(PagerTest, TellsEverythingButTheOpening) {
  Ingest(kCritical);
  EXPECT_THAT(told_, IsEmpty());
  pager_.Tick(kStart + seconds(15));
  Ingest(kCritical);
  Ingest(kRecovery);
  EXPECT_THAT(told_, ElementsAre("1 acknowledged x1 +0ms", "1 resolved x1 +0ms"));
}

TEST_F(PagerTest, CallbacksAreDroppedDuplicatedAndDelayedOnDemand) {
  Ingest(kCritical);
  EXPECT_EQ(pager_.SetBehaviour(R"({"callback":"drop"})", kStart).status, 200);
  pager_.Act(Pager::Verb::kAcknowledge, 1, "ada", kStart);
  EXPECT_EQ(
      pager_.SetBehaviour(R"({"callback":"duplicate","callback_delay_ms":50})", kStart).status,
      200);
  pager_.Act(Pager::Verb::kResolve, 1, "ada", kStart);
  EXPECT_THAT(told_, ElementsAre("1 acknowledged x0 +0ms", "1 resolved x2 +50ms"));
}

TEST_F(PagerTest, ShowsHowTellingWent) {
  Ingest(kCritical);
  pager_.Act(Pager::Verb::kAcknowledge, 1, "ada", kStart);
  pager_.NoteCallback(1, "202");
  pager_.NoteCallback(99, "202");
  EXPECT_THAT(pager_.IncidentsJson(), HasSubstr(R"("callback":"202")"));
}

TEST_F(PagerTest, ActingTwiceIsFineActingTooLateIsNot) {
  Ingest(kCritical);
  EXPECT_EQ(pager_.Act(Pager::Verb::kAcknowledge, 1, "ada", kStart).status, 200);
  EXPECT_EQ(pager_.Act(Pager::Verb::kAcknowledge, 1, "bob", kStart).status, 200);
  EXPECT_EQ(told_.size(), 1u);
  Ingest(kRecovery);
  EXPECT_EQ(pager_.Act(Pager::Verb::kAcknowledge, 1, "ada", kStart).status, 409);
  EXPECT_EQ(pager_.Act(Pager::Verb::kResolve, 7, "ada", kStart).status, 404);
}

TEST_F(PagerTest, PublicApiWantsKeysAndAnswersPerIncident) {
  EXPECT_EQ(pager_.CheckApiKeys(false, "").status, 401);
  EXPECT_EQ(pager_.CheckApiKeys(true, "wrong").status, 403);
  EXPECT_EQ(pager_.CheckApiKeys(true, "api").status, 200);
  Ingest(kCritical);
  const Reply reply = pager_.PublicAct(
      Pager::Verb::kAcknowledge, R"({"userName":"ada","incidentNames":["1","9","x"]})", kStart);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(
      reply.body,
      R"({"results":[{"incidentNumber":"1","entityId":"e1","cmdAccepted":true,"message":""},)"
      R"({"incidentNumber":"9","entityId":"","cmdAccepted":false,"message":"no incident 9"},)"
      R"({"incidentNumber":"x","entityId":"","cmdAccepted":false,"message":"no incident 0"}]})");
  EXPECT_EQ(pager_.PublicAct(Pager::Verb::kAcknowledge, "{}", kStart).status, 400);
  EXPECT_EQ(pager_.PublicIncident(1).status, 200);
  EXPECT_EQ(pager_.PublicIncident(9).status, 404);
}

TEST_F(PagerTest, PausedSaysSuccessAndDoesNothing) {
  pager_.SetBehaviour(R"({"paused":true})", kStart);
  EXPECT_EQ(Ingest(kCritical), 200);
  EXPECT_EQ(pager_.IncidentsJson(), "[]");
}

TEST_F(PagerTest, ABadBehaviourChangesNothing) {
  pager_.SetBehaviour(R"({"status":503})", kStart);
  EXPECT_EQ(pager_.SetBehaviour(R"({"stats":500})", kStart).status, 400);
  EXPECT_EQ(pager_.behaviour().status, 503);
}

}  // namespace
}  // namespace watchfire::pagersim
