// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Policies of one incident that share the message of a person: who owes what of it, who has taken
// it, and what a vendor ends that was told of some of it.

#include "pkg/core/several_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

INSTANTIATE_TEST_SUITE_P(Deliveries, SeveralTest, BothDeliveries(), DeliveryName);

// The group that leads is gone; of the others the first is another policy's, which owes alice
// nothing: nobody speaks for the policy that does.
TEST_P(SeveralTest, WhoIsOwedByOnePolicyIsToldThoughAnothersGroupComesFirst) {
  Two("rounds", "three_deep");
  config_->route.group_by = {"alertname"};
  config_->route.routes[0].group_by = {"alertname"};
  Boot({});
  Fire("L", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)), ElementsAre("alice-app +L"));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("alice-app +B+L"));
  Told(minutes(3));  // alice-sms.
  End("L", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(1)), IsEmpty()) << "B goes on";
  Fire("A", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", minutes(4)), IsEmpty()) << "a group more is no page more";
  // The second round of "rounds", which is about A.
  EXPECT_THAT(HeardBy("alice-app", minutes(3)), ElementsAre("alice-app +A+B"));
}

// B was told by its policy and taken; the other policy's page of A and B waits when somebody
// ends B.
TEST_P(SeveralTest, APageThatWaitsSaysNothingOfAnotherPolicysGroupThatWasEnded) {
  UseTwo("critical", "rounds");
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)), ElementsAre("alice-app +B"));
  Fire("A", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", seconds(50), Vendor::kIsBusy), Contains("alice-app +A+B"));
  ResolveThere(EntityOf("db"), "victorops");  // Of no person that vendor was told: B alone.
  ASSERT_EQ(One()->groups.size(), 1U);
  const auto told = HeardBy("alice-app", minutes(1));
  EXPECT_THAT(told, Not(IsEmpty()));
  EXPECT_THAT(told, Each(std::string("alice-app +A")));
}

// Her vendor has refused, with a 503, whatever said of B. She ends what it shows: A.
TEST_P(SeveralTest, AVendorDoesNotEndWhatWaitsToBeToldToIt) {
  UseTwo("critical", "rounds");
  TellAliceOfAAndFireB();
  EXPECT_THAT(HeardBy("alice-app", seconds(50), Vendor::kIsBusy), Contains("alice-app +A+B"));
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "nobody has heard of B";
  EXPECT_THAT(HeardBy("alice-app", minutes(2)), Contains("alice-app +B"));
}

// She pressed before the vendor had B; a poller brings it afterwards.
TEST_P(SeveralTest, NorWhatItWasToldOfAfterSheHadPressed) {
  UseTwo("critical", "rounds");
  TellAliceOfAAndFireB();
  Heard(seconds(50), Vendor::kIsBusy);  // It is part of the incident, and she knows A alone.
  const WallTime pressed = now_.wall;
  EXPECT_THAT(HeardBy("alice-app", minutes(1)), ElementsAre("alice-app +A+B"));
  ResolveThere(EntityOf("on-call"), "webhook", pressed);
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "B she had not heard of";
}

// Alert A is in a group of each policy, B in that of the other alone. She was told of hers.
TEST_P(SeveralTest, AnAlertOfBothGroupsIsNoWordOfTheOtherGroup) {
  config_ = EscalationConfig(GetParam(), "critical");
  config_->incidents.correlate_by = "team";
  AddStore();
  config_->receivers.push_back({"db", {{config::kEscalation, 0, true, true, Policy("store")}}});
  config::Route all = config_->route;
  all.receiver = "db";
  all.matchers = {Equal("team", "core")};
  all.continue_matching = true;
  all.key = all.id = "{}/{team=\"core\"}";
  config::Route mine = config_->route;
  mine.matchers = {Equal("alertname", "A")};
  mine.key = mine.id = "{}/{alertname=\"A\"}";
  config_->route.routes = {all, mine};
  Boot({});
  Fire("A", "critical", hours(24));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)), testing::UnorderedElementsAre("alice-app +A", "carol-app +A+B"));
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "B is carol's, and she says nothing";
  EXPECT_THAT(Heard(minutes(6)), Contains("mail +A+B"));
}

// Her ack was of the incident, and of B she never heard: it is not hers when she is done with A.
TEST_P(SeveralTest, WhoIsDoneWithWhatHerVendorKnewHoldsTheRestNoLonger) {
  UseTwo("critical", "store");
  Fire("A", "critical", hours(24));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)), testing::UnorderedElementsAre("alice-app +A", "carol-app +B"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Heard(minutes(10)), IsEmpty());
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_THAT(Heard(minutes(1)), Contains("carol-app +B"));
  EXPECT_THAT(Timeline("returned"),
              ElementsAre("the ack of alice is taken back: alice has resolved "
                          "what was in hand"));
}

// She is called once more by name while a step's page of A waits; B has come since that was
// put together.
TEST_P(SeveralTest, WhoIsCalledOnceMoreHearsOfWhatHasComeSinceThePageThatWaits) {
  config_ = EscalationConfig(GetParam(), "resetting_late");  // alice, and again after 5 min.
  config_->incidents.correlate_by = "team";
  config_->route.group_by = {"alertname"};
  Boot({});
  FireNow("A");
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("alice-app +A"));
  Do(incident::Escalate{"user:alice"}, "eve");
  EXPECT_THAT(Heard(seconds(10)), ElementsAre("alice-app +A"));
  Told(seconds(220));  // alice-sms; it is 290 s.
  EXPECT_THAT(HeardBy("alice-app", seconds(20), Vendor::kIsBusy), Contains("alice-app +A"));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", seconds(35), Vendor::kIsBusy),
              Each(std::string("alice-app +A")));
  Do(incident::Escalate{"user:alice"}, "eve");
  EXPECT_THAT(HeardBy("alice-app", minutes(2)), Contains("alice-app +A+B"));
}

// Of A nobody wants people to hear the end, of B the other policy does. They were told as one.
TEST_P(SeveralTest, TheEndIsToldIfOneOfThePoliciesTellsEnds) {
  Two("critical", "three_deep");
  config_->receivers[0].integrations[0].send_resolved = false;
  Boot({});
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)), ElementsAre("alice-app +B"));
  Fire("A", "critical", hours(24));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("alice-app +A+B"));
  Told(minutes(4));  // alice-sms.
  Do(incident::Acknowledge{});
  End("B", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), IsEmpty()) << "A goes on";
  End("A", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), Not(IsEmpty())) << "she was told of B as well";
}

// In an incident that is over she was told of A and B under the key of A. This time B is carol's
// alone.
TEST_P(SeveralTest, AKeyOfAnEarlierCycleBindsNoGroupThatSheIsNotToldOf) {
  Two("critical", "insisting");  // alice and carol
  Boot({});
  TellAliceOfAAndFireB();
  EXPECT_THAT(HeardBy("alice-app", minutes(1)), ElementsAre("alice-app +A+B"));
  End("A", "critical");
  End("B", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(12)), Not(IsEmpty())) << "all is over";
  Fire("A", "critical", hours(24));  // Too late to reopen #1, whose escalations are still there.
  EXPECT_THAT(HeardBy("alice-app", seconds(35)), ElementsAre("alice-app +A"));
  ASSERT_EQ(Read(kViewIncidents)->incidents.rbegin()->first, 3U);
  Do(incident::Acknowledge{}, "alice", 3);
  Fire("B", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", minutes(1)), IsEmpty()) << "she has the other one";
  End("A", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(10)), ElementsAre("alice-app -A"));
}

// The shared page was refused; when it is tried again B is silenced, and left out. She takes
// it: what the policy of B owes her is not in it. (docs/oncall.md: one that was muted then is paged
// when it no longer is.)
TEST_P(SeveralTest, APageWithoutItsGroupsIsNoneThatAPolicyOwed) {
  UseTwo("critical", "three_deep");
  RefuseTheSharedPage();
  Silence("B", minutes(10));
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), ElementsAre("alice-app +A"));
  EXPECT_THAT(HeardBy("alice-app", minutes(18)), Contains(testing::HasSubstr("+B")))
      << "it is silenced no longer";
}

// The same, and B is over when it is tried again; then it fires once more.
TEST_P(SeveralTest, NorIsItWhenTheyWereOverJustThen) {
  UseTwo("critical", "three_deep");
  RefuseTheSharedPage();
  End("B", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), ElementsAre("alice-app +A"));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), Contains(testing::HasSubstr("+B")));
}

}  // namespace
}  // namespace watchfire::core
