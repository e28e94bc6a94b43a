// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/responder/judge.h"

#include <gtest/gtest.h>

namespace watchfire::responder {
namespace {

using inbound::ResponderAct;
using incident::Incident;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = inbound::ResponderAct::Kind;

constexpr WallTime kNow = WallTime(hours(24 * 365 * 55));
constexpr Vendor kOpsgenie{"opsgenie", "Opsgenie"};

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    incident_.id = 7;
    incident_.entity_id = "e";
    incident_.groups = {{"on-call", "{}", "e"}};
    incident_.opened_at = incident_.cycle_at = kNow - minutes(10);
    act_ = {Kind::kAcknowledge,
            "e",
            "b-1",
            "ada@example.com",
            "",
            true,
            "on it",
            "Opsgenie b-1, Acknowledge at 1",
            kNow - minutes(5)};
  }
  Verdict Ask(Heard heard = Heard::kPolled) {
    incidents_[7] = std::make_shared<const Incident>(incident_);
    const Index index(incidents_);
    return Judge(kOpsgenie, act_, index, heard, kNow);
  }
  std::string Word(Heard heard = Heard::kPolled) { return Ask(heard).word; }

  Incident incident_;
  ResponderAct act_;
  Incidents incidents_;
};

TEST_F(JudgeTest, WhatIsNewIsDoneInTheNameOfWhoDidIt) {
  const Verdict verdict = Ask();
  EXPECT_STREQ(verdict.word, "ok");
  EXPECT_TRUE(verdict.is_to_do);
  EXPECT_EQ(verdict.entity_id, "e");
  EXPECT_EQ(verdict.ack.actor, "ada@example.com");
  EXPECT_EQ(verdict.ack.channel, "opsgenie");
  EXPECT_EQ(verdict.ack.note, "on it · Opsgenie b-1, Acknowledge at 1");
  EXPECT_TRUE(std::holds_alternative<incident::Acknowledge>(verdict.act));
  act_.kind = Kind::kResolve;
  EXPECT_TRUE(std::holds_alternative<incident::Resolve>(Ask().act));
  act_.kind = Kind::kNote;
  EXPECT_TRUE(std::holds_alternative<incident::AddNote>(Ask().act));
}

TEST_F(JudgeTest, WhatWasDoneToWhatBrokeBeforeIsStale) {
  act_.at = incident_.cycle_at - seconds(1);
  EXPECT_EQ(Word(), "stale");
  act_.at = kNow - hours(49);
  EXPECT_EQ(Word(), "stale");
  act_.at = kNoTime;
  EXPECT_EQ(Word(), "stale");
}

TEST_F(JudgeTest, AMarkOnTheTimelineMakesItAReplay) {
  incident_.timeline = {{kNow - minutes(1), "note", "ada", "opsgenie", act_.mark}};
  EXPECT_EQ(Word(), "duplicate");
  EXPECT_EQ(Word(Heard::kPushed), "duplicate");
  incident_.timeline[0].channel = "pagerduty";
  EXPECT_EQ(Word(), "ok");
}

// What is merged gives its groups away, and the one that takes them does not tell their story.
TEST_F(JudgeTest, WhatWasHeardOfAnIncidentThatWasMergedIsKnown) {
  Incident between;
  between.id = 6;
  between.entity_id = "between";
  between.state = incident::State::kMerged;
  between.merged_into = 7;
  Incident first;
  first.id = 5;
  first.entity_id = "first";
  first.state = incident::State::kMerged;
  first.merged_into = 6;
  first.timeline = {{kNow - minutes(4), "acked", "ada@example.com", "opsgenie", act_.mark}};
  incidents_[5] = std::make_shared<const Incident>(first);
  EXPECT_EQ(Word(), "ok") << "what it was merged into is forgotten";
  incidents_[6] = std::make_shared<const Incident>(between);
  EXPECT_EQ(Word(), "duplicate");
  between.merged_into = 8;
  incidents_[6] = std::make_shared<const Incident>(between);
  EXPECT_EQ(Word(), "ok") << "of another one";
}

// Its group was paged under that name, and is over; those that it was merged with are not.
TEST_F(JudgeTest, WhatWasMergedIsKnownByItsOldNameToo) {
  Incident old;
  old.id = 9;
  old.entity_id = act_.entity_id = "old";
  old.state = incident::State::kMerged;
  old.merged_into = 8;
  incidents_[9] = std::make_shared<const Incident>(old);
  EXPECT_EQ(Word(), "already_resolved") << "what it was merged into is forgotten";
  Incident between = old;
  between.id = 8;
  between.entity_id = "between";
  between.merged_into = 7;
  incidents_[8] = std::make_shared<const Incident>(between);
  const Verdict verdict = Ask();
  EXPECT_STREQ(verdict.word, "ok");
  EXPECT_EQ(verdict.entity_id, "old") << "which core knows";
  EXPECT_EQ(verdict.at, act_.at);
  EXPECT_EQ(OpenOf(incidents_, "old"), std::vector<const Incident*>{incidents_.at(7).get()});
  incident_.ack.emplace().by = act_.actor;
  EXPECT_EQ(Word(), "duplicate");
  Incident anew;
  anew.id = 10;
  anew.entity_id = "old";
  anew.groups = {{"on-call", "{}", "old"}};
  anew.cycle_at = kNow - minutes(6);
  incidents_[10] = std::make_shared<const Incident>(anew);
  EXPECT_EQ(Word(), "ok") << "one that has that name itself goes first";
  EXPECT_EQ(OpenOf(incidents_, "old"), std::vector<const Incident*>{incidents_.at(10).get()});
  incidents_.erase(10);
  incident_.state = incident::State::kResolved;
  EXPECT_EQ(Word(), "already_resolved");
  EXPECT_TRUE(OpenOf(incidents_, "old").empty());
}

// The vendor opened it once more for the later page, of which nobody has said yet that it is over.
TEST_F(JudgeTest, AResolveOfBeforeALaterPageToSomebodyIsStale) {
  incident_.timeline = {{act_.at + minutes(1), "paged", "on-call", "opsgenie", "ada (ada-app)"}};
  EXPECT_EQ(Word(), "ok") << "an ack is one of the incident";
  act_.kind = Kind::kResolve;
  EXPECT_EQ(Word(), "stale");
  EXPECT_EQ(Word(Heard::kPushed), "stale");
  incident_.timeline[0].at = act_.at + seconds(5);
  EXPECT_EQ(Word(), "ok") << "she was rung before the vendor answered";
  incident_.timeline[0].at = act_.at + minutes(1);
  incident_.timeline[0].channel = "pagerduty";
  EXPECT_EQ(Word(), "ok") << "another vendor";
  incident_.timeline[0].channel = "opsgenie";
  incident_.timeline[0].text.clear();
  EXPECT_EQ(Word(), "ok") << "of one of its groups, each of which is known there by itself";
}

// A webhook and a poll may both be set up; their marks differ.
TEST_F(JudgeTest, WhatTheWebhookToldIsNoNewsToThePoll) {
  incident_.timeline = {
      {act_.at + seconds(2), "acked", "ada@example.com", "opsgenie", "on it · another mark"}};
  EXPECT_EQ(Word(), "duplicate");
  EXPECT_EQ(Word(Heard::kPushed), "ok");
  incident_.timeline[0].kind = "note";
  incident_.timeline[0].text = "acknowledged again: on it · another mark";
  EXPECT_EQ(Word(), "duplicate") << "somebody else held it";
  incident_.timeline[0].at = act_.at + minutes(11);
  EXPECT_EQ(Word(), "ok") << "another one of the same person";
  incident_.timeline[0].at = act_.at;
  incident_.timeline[0].actor = "bob@example.com";
  EXPECT_EQ(Word(), "ok");
  act_.kind = Kind::kNote;
  incident_.timeline[0].actor = act_.actor;
  incident_.timeline[0].text = "on it · another mark";
  EXPECT_EQ(Word(), "duplicate");
  act_.text = "another note";
  EXPECT_EQ(Word(), "ok");
}

// Whoever writes a note mostly acknowledges next, and both come in one answer.
TEST_F(JudgeTest, ANoteBesideAnAckIsNotTheAck) {
  incident_.timeline = {{act_.at - seconds(20), "note", act_.actor, "opsgenie", "looking · mark"}};
  EXPECT_EQ(Word(), "ok");
  incident_.timeline[0].at = act_.at + seconds(20);
  EXPECT_EQ(Word(), "ok");
}

// A vendor goes on showing the ack that it was told by us, long after the echo is forgotten.
TEST_F(JudgeTest, ASnoozeIsNotEndedByAnAckOfBefore) {
  incident_.snooze = incident::Hold{"ada", act_.at + minutes(1), kNow + hours(4), kNoTime};
  for (const Heard heard : {Heard::kPolled, Heard::kPushed}) {
    EXPECT_EQ(Word(heard), "stale");
    EXPECT_FALSE(Ask(heard).is_to_do);
  }
  incident_.snooze->since = act_.at - minutes(1);
  EXPECT_EQ(Word(), "ok") << "whoever acknowledges after it has it in hand";
}

TEST_F(JudgeTest, AnAckOfWhoHoldsItIsSaidAgainOnlyWhenPushed) {
  incident_.ack.emplace().by = act_.actor;
  EXPECT_FALSE(Ask().is_to_do);
  EXPECT_EQ(Word(), "duplicate");
  EXPECT_TRUE(Ask(Heard::kPushed).is_to_do);
  EXPECT_EQ(Word(Heard::kPushed), "duplicate");
  incident_.ack->by = "bob@example.com";
  EXPECT_TRUE(Ask().is_to_do) << "a note says that ada wanted it, too";
}

// The vendor was told of an ack by us, and shows it as one of its own integration.
TEST_F(JudgeTest, TheEchoOfAnAckIsNoAck) {
  incident_.ack.emplace().by = "bob";
  act_.actor = "Watchfire Service";
  act_.is_person = false;
  EXPECT_EQ(Word(), "duplicate");
  incident_.ack.reset();
  incident_.snooze.emplace().by = "bob";
  EXPECT_EQ(Word(), "duplicate");
  incident_.snooze.reset();
  EXPECT_EQ(Word(), "ok") << "a machine there acknowledged it";
}

// Opsgenie keeps what it was told with an ack as a note, of whom we named.
TEST_F(JudgeTest, TheEchoOfANoteIsNoNote) {
  act_.kind = Kind::kNote;
  act_.text = "ada@example.com acknowledged it in Watchfire: on it";
  EXPECT_EQ(Word(), "duplicate");
  act_.text = "the disk is full";
  EXPECT_EQ(Word(), "ok");
  incident_.timeline = {{act_.at - seconds(3), "note", act_.actor, "web", "the disk is full"}};
  EXPECT_EQ(Word(), "duplicate");
  act_.text = "by the backups";
  EXPECT_EQ(Word(), "ok");
  act_.text = "ada@example.com: the disk is full";
  incident_.timeline[0].actor = "bob";
  EXPECT_EQ(Word(), "ok") << "another person's";
  act_.is_person = false;
  EXPECT_EQ(Word(), "duplicate");
  incident_.timeline[0].at = act_.at - minutes(11);
  EXPECT_EQ(Word(), "ok");
}

TEST_F(JudgeTest, OnlyPeopleResolve) {
  act_.kind = Kind::kResolve;
  act_.is_person = false;
  EXPECT_EQ(Word(), "ignored");
}

TEST_F(JudgeTest, WhatIsOverOrNobodysChangesNothing) {
  incident_.state = incident::State::kResolved;
  EXPECT_EQ(Word(), "already_resolved");
  act_.entity_id = "another";
  EXPECT_EQ(Word(), "unknown_entity");
}

TEST_F(JudgeTest, WithoutANameItIsKnownByItsPage) {
  act_.entity_id = "";
  EXPECT_EQ(Word(), "unknown_entity");
  incident_.timeline = {
      {kNow - minutes(8), "note", "bob", "opsgenie", "seen · Opsgenie b-1, AddNote at 0"}};
  EXPECT_EQ(Ask().entity_id, "e");
  incident_.groups = {{"on-call", "{}", "f"}, {"on-call", "{}", "g"}};
  EXPECT_EQ(Ask().entity_id, "f") << "what opened it is over";
  incident_.groups.push_back({"on-call", "{}", "e"});
  EXPECT_EQ(Ask().entity_id, "e");
}

TEST_F(JudgeTest, OnlyWhatCoreMayDoLaterIsTriedAgain) {
  Verdict verdict;
  inbound::ResponderAct act;
  act.kind = inbound::ResponderAct::Kind::kAcknowledge;
  EXPECT_STREQ(WordAfter(verdict, act, {}), "ok");
  EXPECT_STREQ(WordAfter(verdict, act, Fail(Code::kNotFound, "no")), "already_resolved");
  EXPECT_STREQ(WordAfter(verdict, act, Fail(Code::kTimeout, "late")), "error");
  EXPECT_STREQ(WordAfter(verdict, act, Fail(Code::kExhausted, "full")), "error");
  act.kind = inbound::ResponderAct::Kind::kNote;
  EXPECT_STREQ(WordAfter(verdict, act, Fail(Code::kConflict, "full")), "ignored");
}

}  // namespace
}  // namespace watchfire::responder
