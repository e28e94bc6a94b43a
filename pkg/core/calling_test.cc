// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whoever an incident is given to is told of it, once, whatever happens in between; and what was
// given away is nobody's for no longer than it takes to tell somebody.

#include "pkg/core/escalation_fixture.h"
#include "pkg/oncall/model.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class CallingTest : public EscalationTest {
 protected:
  incident::State StateOf() { return Read(kViewIncidents)->incidents.at(1)->state; }
  std::string Owner() { return Read(kViewIncidents)->incidents.at(1)->owner; }
  // Receivers page by themselves: no policy runs.
  void UseVendor() {
    config_->receivers[0] = {"on-call", {{"victorops", 0, true, true, nullptr}}};
    Boot({});
  }
  // Alice is paged; it is 59 s later.
  void PageAlice() {
    FireNow();
    EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, CallingTest, BothDeliveries(), DeliveryName);

TEST_P(CallingTest, WhomItIsGivenToIsPagedAndThePolicyGoesOn) {
  PageAlice();
  Do(incident::Reassign{"bob"}, "carol");
  EXPECT_EQ(replies_.back().remark, "");
  EXPECT_THAT(Told(minutes(30)),
              ElementsAre("60 bob-app +A", "180 alice-sms +A", "600 carol-app +A", "900 mail +A"));
  EXPECT_THAT(Timeline("notified"),
              ElementsAre("step 1 of critical: to alice (alice-app, alice-sms after 3m)",
                          "told bob (bob-app)"));
  EXPECT_THAT(Timeline("paged"), Contains("bob through bob-app"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 2 of critical: to carol (carol-app)"))
      << "a reassignment is none";
  EXPECT_EQ((ReadStats().escalation_steps[{"user", "told"}]), 1U) << "metrics name nobody";
}

TEST_P(CallingTest, ACrashLosesNoPageAndRepeatsNone) {
  PageAlice();
  Do(incident::Reassign{"bob"}, "carol");
  Restart(seconds(1));
  EXPECT_THAT(Told(seconds(30)), ElementsAre(HasSubstr(" bob-app +A")));
  Restart(seconds(1));
  EXPECT_THAT(Told(seconds(30)), IsEmpty());
  Do(incident::Acknowledge{}, "bob");
  Restart(seconds(1));
  EXPECT_THAT(Told(std::chrono::hours(2)), IsEmpty());
}

TEST_P(CallingTest, AnAckStopsTheContactsThatAreStillToCome) {
  config_->oncall.contacts["bob"] = {{"bob-app", {}}, {"dan-app", minutes(1)}};
  Boot({});
  PageAlice();
  Do(incident::Reassign{"bob"}, "carol");
  EXPECT_THAT(Told(seconds(30)), ElementsAre("60 bob-app +A"));
  Do(incident::Acknowledge{}, "bob");
  EXPECT_THAT(Told(std::chrono::hours(1)), IsEmpty());
}

TEST_P(CallingTest, NobodyIsPagedForWhatIsHersAlreadyByWhateverName) {
  oncall::Roster roster = *config_->oncall.roster;
  roster.users.push_back({"bob", {"Bob Roe"}, {{"email", "bob@example.com"}}, {}, {}});
  config_->oncall.roster = std::make_shared<const oncall::Roster>(roster);
  Boot({});
  PageAlice();
  Do(incident::Reassign{"Bob Roe"}, "carol");
  EXPECT_THAT(Told(seconds(30)), ElementsAre("60 bob-app +A"));
  for (const char* name : {"Bob Roe", "bob", "BOB@example.com"}) {
    Do(incident::Reassign{name}, "carol");
    EXPECT_EQ(Owner(), "Bob Roe");
  }
  EXPECT_THAT(Told(seconds(30)), IsEmpty());
  EXPECT_THAT(Timeline("reassigned"), ElementsAre("from nobody to Bob Roe"));
}

TEST_P(CallingTest, WhoeverTakesItIsNotPagedAndTheAckStays) {
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"bob"}, "bob");
  EXPECT_THAT(Told(std::chrono::hours(1)), IsEmpty());
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged);
  Do(incident::Reassign{"alice"}, "bob");
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged) << "she has acknowledged it";
  EXPECT_THAT(Told(std::chrono::hours(1)), IsEmpty());
}

// Ten minutes under the ack: the policy goes on ten minutes later than planned.
TEST_P(CallingTest, AnAckIsOverForWhomItIsGivenToAndThePolicyGoesOnWhereItStood) {
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_EQ(StateOf(), incident::State::kTriggered);
  EXPECT_THAT(Timeline("returned"), ElementsAre("the ack of alice is over: given to bob"));
  EXPECT_THAT(Told(minutes(20)),
              ElementsAre("660 bob-app +A", "1200 carol-app +A", "1500 mail +A"));
}

// Twenty minutes in all, in which one hold followed the other.
TEST_P(CallingTest, AnAckInThePlaceOfASnoozeHoldsThePolicyFromTheSnoozeOn) {
  PageAlice();
  Do(incident::Snooze{{kNoTime, std::chrono::hours(1)}}, "alice");
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  Do(incident::Acknowledge{}, "alice");
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(20)),
              ElementsAre("1260 bob-app +A", "1800 carol-app +A", "2100 mail +A"));
}

TEST_P(CallingTest, APersonsAckAfterThatOfARuleHoldsItFromThatOneOnAlsoOverARestart) {
  PageAlice();
  IncidentCommand command;
  command.reply_to = RequestId{5};
  command.incident = 1;
  command.ack = {"quiet disks", incident::ActorType::kAutomation, "automation", ""};
  command.act = incident::Acknowledge{};
  Step({std::move(command)});
  Commit();
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  Do(incident::Acknowledge{}, "alice");
  EXPECT_THAT(Told(minutes(9)), IsEmpty());
  const Duration passed = now_.mono - from_;
  Restart(seconds(30));
  from_ = now_.mono - passed - seconds(30);
  EXPECT_THAT(Told(seconds(30)), IsEmpty());
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(8)), ElementsAre(HasSubstr(" bob-app +A")));
  EXPECT_THAT(Told(minutes(2)), ElementsAre(HasSubstr(" carol-app +A"))) << "nine minutes later";
}

TEST_P(CallingTest, TheLastCallWaitsForAsLongAsThePolicySays) {
  Use("rounds");
  FireNow();
  EXPECT_THAT(Told(minutes(11)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "600 alice-app +A"));
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(std::chrono::hours(1)), ElementsAre("660 bob-app +A", "1259 mail +A"));
}

TEST_P(CallingTest, APolicyThatOnlyClosesTheIncidentIsNobodyElse) {
  Use("closing");
  PageAlice();
  Do(incident::Reassign{"bob"}, "carol");
  EXPECT_THAT(Told(minutes(30)), ElementsAre("60 bob-app +A", "180 alice-sms +A", "359 mail +A"));
}

TEST_P(CallingTest, NorIsOneThatPassesOverWhomItWasToCall) {
  Use("closing_by_day");
  PageAlice();
  Do(incident::Reassign{"bob"}, "carol");
  EXPECT_THAT(Told(minutes(60)), ElementsAre("60 bob-app +A", "180 alice-sms +A", "1859 mail +A"));
}

// What was there when he was called is over, but not what joined it.
TEST_P(CallingTest, WhatJoinsTheIncidentKeepsTheCallGoing) {
  config_->oncall.contacts["bob"] = {{"bob-app", {}}, {"dan-app", minutes(10)}};
  config_->incidents.correlate_by = "team";
  config_->route.group_by = {"alertname"};
  Boot({});
  PageAlice();
  Do(incident::Reassign{"bob"}, "carol");
  EXPECT_THAT(Told(seconds(2)), ElementsAre("60 bob-app +A"));
  Fire("B", "critical", std::chrono::hours(24));
  EXPECT_THAT(Told(minutes(1)), IsEmpty()) << "it joins, which is no page more";
  End("A", "critical");
  EXPECT_THAT(Told(minutes(10)), Contains(HasSubstr(" dan-app +B")));
}

TEST_P(CallingTest, ARuleThatCallsTheOwnerTakesNothingFromHim) {
  config::AutomationRule& rule = config_->automation.rules.emplace_back();
  rule.name = "robot";
  rule.action = config::AutomationAction::kEscalate;
  rule.pattern = "a";
  rule.states = {"triggered"};
  rule.after = minutes(10);
  rule.escalate_to = "user:bob";
  UseVendor();
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 on-call +A"));
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(12)), ElementsAre("60 bob-app +A", "359 mail +A", "600 bob-app +A"));
  Do(incident::Snooze{{kNoTime, std::chrono::hours(1)}}, "alice");
  EXPECT_THAT(Told(minutes(60) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(1)), Contains("0 bob-app +A")) << "it is his still";
}

TEST_P(CallingTest, WhereThePolicyHasNoStepLeftAnOwnerWhoDoesNotAnswerIsNoEnd) {
  Use("circle");
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(std::chrono::hours(1)), ElementsAre("60 bob-app +A", "359 mail +A"));
}

TEST_P(CallingTest, TheAckOfTheNewOwnerStopsItAll) {
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(2)), ElementsAre("60 bob-app +A"));
  Do(incident::Acknowledge{}, "bob");
  EXPECT_THAT(Told(std::chrono::hours(3)), IsEmpty());
  End("A", "critical");
  EXPECT_THAT(Told(minutes(10)),
              UnorderedElementsAre(HasSubstr("alice-app -A"), HasSubstr("bob-app -A")));
}

// And since nobody has it in hand, a step that has nobody else is no reason to be silent.
TEST_P(CallingTest, WhoAcknowledgedIsNotPagedByLaterSteps) {
  Use("three_deep");
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(70)),
              ElementsAre("660 bob-app +A", "2400 carol-app +A", "4080 mail +A", "4380 mail +A"));
  EXPECT_THAT(Timeline("unreachable"), ElementsAre(HasSubstr("gave it away: to mail")));
}

TEST_P(CallingTest, WhoIsGivenItBackIsPaged) {
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(1)), ElementsAre("60 bob-app +A"));
  Do(incident::Reassign{"alice"}, "bob");
  EXPECT_THAT(Told(minutes(1)), ElementsAre("120 alice-app +A"));
}

TEST_P(CallingTest, WhoHasItNoMoreIsNotPagedByContactsThatWereToCome) {
  config_->oncall.contacts["bob"] = {{"bob-app", {}}, {"dan-app", minutes(3)}};
  Boot({});
  PageAlice();
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(1)), ElementsAre("60 bob-app +A"));
  Do(incident::Reassign{"carol"}, "bob");
  EXPECT_THAT(Told(minutes(4)), ElementsAre("120 carol-app +A", "180 alice-sms +A"));
}

TEST_P(CallingTest, WhileItIsSnoozedNobodyIsPagedAndThenTheOwnerIs) {
  PageAlice();
  Do(incident::Snooze{{kNoTime, std::chrono::hours(2)}}, "alice");
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_EQ(StateOf(), incident::State::kSnoozed);
  EXPECT_THAT(Told(minutes(120) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(1)), UnorderedElementsAre("0 alice-app +A", "0 bob-app +A"));
}

TEST_P(CallingTest, SoItIsAfterARestart) {
  PageAlice();
  Do(incident::Snooze{{kNoTime, std::chrono::hours(2)}}, "alice");
  Do(incident::Reassign{"bob"}, "alice");
  Restart(seconds(30));
  EXPECT_THAT(Told(minutes(100)), IsEmpty());
  EXPECT_THAT(Told(minutes(21)), Contains(HasSubstr(" bob-app +A")));
}

TEST_P(CallingTest, AnAckThatExpiresIsNoReasonToCallAnEarlierOwner) {
  PageAlice();
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(1)), ElementsAre("60 bob-app +A"));
  Do(incident::Acknowledge{{kNoTime, minutes(30)}}, "bob");
  EXPECT_THAT(Told(minutes(30) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A")) << "it is nobody's";
}

TEST_P(CallingTest, WhenTheOwnerCannotBeToldTheReceiverIsToldAgain) {
  PageAlice();
  Do(incident::Reassign{"mallory"}, "carol");
  const std::string why = "mallory has no oncall.contacts and was not told: on-call is told again";
  EXPECT_EQ(replies_.back().remark, why);
  EXPECT_THAT(Timeline("unreachable"), ElementsAre(why));
  EXPECT_EQ(Owner(), "mallory") << "and it is done all the same";
  EXPECT_THAT(Told(minutes(1)), ElementsAre("60 alice-app +A"));
}

TEST_P(CallingTest, ThenWhoAcknowledgedIsSparedAndTheFallbackHearsOfIt) {
  PageAlice();
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"mallory"}, "alice");
  EXPECT_EQ(StateOf(), incident::State::kTriggered);
  EXPECT_THAT(Told(minutes(11)), ElementsAre("60 mail +A", "659 carol-app +A"));
}

TEST_P(CallingTest, WithoutAPolicyTheOwnerIsPagedAllTheSame) {
  UseVendor();
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 on-call +A"));
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(10)), ElementsAre("60 bob-app +A", "359 mail +A"))
      << "and who does not answer is no secret";
}

TEST_P(CallingTest, AndWithoutAFallbackTheReceiverHearsThatHeDoesNotAnswer) {
  config_->oncall.fallback.clear();
  UseVendor();
  FireNow();
  Told(minutes(1));
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Told(minutes(10)), ElementsAre("60 bob-app +A", HasSubstr(" on-call +A")));
}

TEST_P(CallingTest, AVendorIsToldAgainWhenTheOwnerCannotBe) {
  UseVendor();
  FireNow();
  Told(minutes(1));
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Reassign{"mallory"}, "alice");
  EXPECT_THAT(Told(minutes(10)), ElementsAre("60 on-call +A"));
}

}  // namespace
}  // namespace watchfire::core
