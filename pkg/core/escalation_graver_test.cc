// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What joins an incident that somebody has in hand, or whose policy is on its way: something graver
// takes it back and begins again; a policy more calls its own people; anything else calls nobody.

#include "pkg/core/several_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class GraverTest : public SeveralTest {
 protected:
  void Begin(const std::string& policy, const std::string& severity = "info") {
    Use(policy);
    Fire("A", severity, hours(24));
    Pass(seconds(29));
    from_ = now_.mono + seconds(1);
  }
  incident::State StateOf(uint64_t id = 1) { return Read(kViewIncidents)->incidents.at(id)->state; }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, GraverTest, BothDeliveries(), DeliveryName);

TEST_P(GraverTest, WhatIsGraverTakesAnAckBackAndIsPaged) {
  Begin("critical");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(9)), ElementsAre("alice-app +A+B", "alice-sms +A+B"));
  EXPECT_EQ(StateOf(), incident::State::kTriggered);
  EXPECT_THAT(Timeline("returned"), ElementsAre("graver than what alice acknowledged: critical"));
  Restart(seconds(5));
  EXPECT_THAT(Heard(minutes(2)), IsEmpty()) << "nor does a restart say it again";
  Do(incident::Acknowledge{});
  EXPECT_THAT(Heard(hours(1)), IsEmpty());
  Fire("C", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(10)), IsEmpty()) << "as grave as what she has acknowledged";
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged);
}

TEST_P(GraverTest, WhatIsGraverEndsASnooze) {
  Begin("critical");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Snooze{{kNoTime, hours(2)}});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(9)), ElementsAre("alice-app +A+B", "alice-sms +A+B"));
  EXPECT_THAT(Timeline("returned"), ElementsAre("graver than what alice snoozed: critical"));
}

TEST_P(GraverTest, WhatIsNoGraverCallsNobody) {
  Begin("critical", "critical");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "info", hours(24));
  Fire("C", "critical", hours(24));
  EXPECT_THAT(Heard(hours(1)), IsEmpty());
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged);
}

TEST_P(GraverTest, ALevelThatAPersonSetIsTheirs) {
  Begin("critical");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Do(incident::SetLevel{"SEV3"});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(10)), IsEmpty());
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged);
}

// The next step is 24 minutes off, and she had been told of what could wait.
TEST_P(GraverTest, WhatIsGraverBeginsThePolicyAgain) {
  Begin("three_deep");
  EXPECT_THAT(Heard(minutes(4)), ElementsAre("alice-app +A", "alice-sms +A"));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(10)), ElementsAre("alice-app +A+B", "alice-sms +A+B"));
  Fire("C", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(10)), IsEmpty()) << "it is in the next page";
  EXPECT_THAT(Heard(minutes(15)), ElementsAre("carol-app +A+B+C"));
}

TEST_P(GraverTest, AGraverIncidentMergedByHandIsNobodysUntilItIsAcknowledged) {
  config_->route.group_by = {"alertname"};
  Boot({});
  Fire("A", "info", hours(24));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("alice-app +B"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_EQ(StateOf(), incident::State::kTriggered);
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A+B"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Heard(hours(1)), IsEmpty());
}

TEST_P(GraverTest, APolicyThatJoinsCallsItsPeopleButForWhoAcknowledged) {
  UseTwo("critical", "insisting");  // alice and carol
  FireNow("A");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(2)), ElementsAre("carol-app +B"));
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged) << "what alice has is hers";
  Restart(seconds(5));
  EXPECT_THAT(Heard(minutes(2)), IsEmpty());
  Do(incident::Acknowledge{}, "alice");
  EXPECT_THAT(Heard(seconds(5)), IsEmpty());
  Do(incident::Acknowledge{}, "carol");
  EXPECT_THAT(Heard(hours(2)), IsEmpty()) << "both are in somebody's hand";
}

// She knows of it and has passed it on: of the one incident nobody need tell her again.
TEST_P(GraverTest, APolicyThatJoinsLaterSparesWhoGaveItAway) {
  UseTwo("critical", "insisting");  // alice and carol
  FireNow("A");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Do(incident::Reassign{"bob"});
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("bob-app +A"));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(2)), ElementsAre("carol-app +B"));
  Do(incident::Reassign{"alice"}, "bob");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A+B")) << "it is hers again";
}

// She hears of one incident, whichever policy tells her; under one key, or her vendor would have
// two of them.
TEST_P(GraverTest, TwoPoliciesAreOneMessageToWhomBothTell) {
  UseTwo("critical", "rounds");
  Fire("A", "critical", minutes(5));
  Fire("B", "critical", minutes(9));
  EXPECT_THAT(Heard(minutes(7)), ElementsAre("alice-app +A+B", "alice-sms +A+B"));
  EXPECT_THAT(Heard(minutes(9)), ElementsAre("alice-app -B", "alice-sms -B"));
}

// Of B nobody has told her: it is carol's, who goes on.
TEST_P(GraverTest, AVendorEndsOnlyWhatItWasToldOf) {
  UseTwo("critical", "closing_by_day");  // alice; by day carol
  FireNow("A");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(2)), IsEmpty()) << "she has the other one";
  IncidentCommand command;
  command.entity_id = Read(kViewIncidents)->incidents.at(1)->groups[0].entity_id;
  command.ack = {"alice", incident::ActorType::kHuman, "webhook", ""};
  command.act = incident::Resolve{};
  Step({std::move(command)});
  Commit();
  ASSERT_EQ(Read(kViewIncidents)->incidents.at(1)->groups.size(), 1U);
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->groups[0].receiver, "db");
}

TEST_P(GraverTest, APolicyThatJoinsAndIsNotAnsweredEndsWithTheFallback) {
  UseTwo("critical", "urgent");  // alice alone, who has the other one
  FireNow("A");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(10)), ElementsAre("mail +B"));
  EXPECT_THAT(Timeline("unreachable"), IsEmpty());
  ASSERT_THAT(Timeline("ran_out"), testing::SizeIs(1));
  EXPECT_THAT(Timeline("ran_out")[0], HasSubstr("policy urgent has run out"));
}

// The fallback has heard of what urgent was about; of the rest it hears from the one that goes on.
TEST_P(GraverTest, APolicyThatRanOutBesideTheAckDoesSoOnceWhenItIsGivenAway) {
  UseTwo("critical", "urgent");
  FireNow("A");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(10)), ElementsAre("mail +B"));
  Do(incident::Reassign{"bob"});
  EXPECT_THAT(Heard(hours(1)), ElementsAre("bob-app +A+B", "carol-app +A", "mail +A+B"));
  EXPECT_THAT(Timeline("ran_out"), testing::SizeIs(2));
}

// Nothing is left to be done by it but that.
TEST_P(GraverTest, NorIsTheFallbackForgottenThatWasStillToCome) {
  UseTwo("critical", "urgent");
  FireNow("A");
  Told(seconds(5));
  Do(incident::Acknowledge{});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(3)), IsEmpty());
  Do(incident::Reassign{"bob"});
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("bob-app +A+B", "mail +B"));
}

// No group has joined: it was there when she acknowledged.
TEST_P(GraverTest, AnotherPolicyByAReloadCallsNobodyForWhatIsAcknowledged) {
  Begin("critical");
  EXPECT_THAT(Heard(seconds(5)), ElementsAre("alice-app +A"));
  Do(incident::Acknowledge{});
  Step({ConfigSwap{EscalationConfig(GetParam(), "rounds")}});
  Fire("B", "info", hours(24));
  EXPECT_THAT(Heard(hours(5)), IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
