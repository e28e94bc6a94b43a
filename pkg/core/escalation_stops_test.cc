// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Acks, snoozes and ends stop the policies that run, in every order, and nothing else does.

#include "pkg/base/digest.h"
#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class EscalationStopsTest : public EscalationTest {
 protected:
  incident::State StateOf(uint64_t id = 1) { return Read(kViewIncidents)->incidents.at(id)->state; }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, EscalationStopsTest, BothDeliveries(), DeliveryName);

TEST_P(EscalationStopsTest, ARoundThatResetsAcksIsStoppedByTheNextAck) {
  Use("resetting");
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(18)), IsEmpty());
  EXPECT_THAT(Told(minutes(2)), ElementsAre("1200 alice-app +A"));
  EXPECT_EQ(StateOf(), incident::State::kTriggered) << "nobody holds it any more";
  EXPECT_THAT(Timeline("returned"), ElementsAre(HasSubstr("the ack of alice is taken back")));
  Do(incident::Acknowledge{});
  EXPECT_EQ(StateOf(), incident::State::kAcknowledged);
  EXPECT_THAT(Told(std::chrono::hours(3)), IsEmpty());
}

// The process was away for all of it: the step of the first round found the ack in force.
TEST_P(EscalationStopsTest, AStepThatAnAckHadSparedIsNoReasonToCallTheFallbackLater) {
  Use("resetting_late");
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{});
  Restart(minutes(30));
  EXPECT_THAT(Told(minutes(1)), ElementsAre(HasSubstr(" alice-app +A")));
  EXPECT_THAT(Timeline("returned"), ElementsAre(HasSubstr("the ack of alice is taken back")));
  EXPECT_THAT(Timeline("unreachable"), IsEmpty());
}

// At 58 min no flush of the group is due and no page is under way, but one is owed.
TEST_P(EscalationStopsTest, APolicyThatEndsItsIncidentDropsWhatIsOwed) {
  Use("closing_late");
  FireNow();
  EXPECT_THAT(Told(minutes(57), Vendor::kRefuses), Contains("0 alice-app +A"));
  Told(minutes(2), Vendor::kRefuses);
  EXPECT_EQ(StateOf(), incident::State::kResolved);
  EXPECT_THAT(Told(minutes(60)), IsEmpty()) << "and it stays so";
  EXPECT_EQ(StateOf(), incident::State::kResolved);
  EXPECT_THAT(Timeline("reopened"), IsEmpty());
}

TEST_P(EscalationStopsTest, NobodyIsToldByAStepThatIsLateAndEndsInTheSameTurn) {
  Use("closing_late");
  FireNow();
  EXPECT_THAT(Told(minutes(20)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
  Restart(minutes(50));
  EXPECT_THAT(Told(minutes(30)), IsEmpty());
  EXPECT_EQ(StateOf(), incident::State::kResolved);
  EXPECT_THAT(Timeline("reopened"), IsEmpty());
}

// Two groups are one incident, and the vendor, who knows one of them, ends that.
TEST_P(EscalationStopsTest, AGroupThatItsVendorEndedIsPagedForNoMore) {
  config_->incidents.correlate_by = "team";
  config_->route.group_by = {"alertname"};
  Boot({});
  Fire("B", "critical", std::chrono::hours(24));
  FireNow();
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(Text(attempts_[0]), "+A+B");
  AnswerTo(std::exchange(attempts_, {})[0].id, Attempted::Kind::kRetry, "503");
  IncidentCommand command;
  command.reply_to = RequestId{5};
  command.entity_id = Sha256Hex("{}:{alertname=\"A\"}");
  command.ack = {"alice", incident::ActorType::kHuman, "victorops", ""};
  command.act = incident::Resolve{};
  Step({std::move(command)});
  Commit();
  EXPECT_EQ(StateOf(), incident::State::kTriggered) << "for B goes on";
  const auto told = Told(minutes(20));
  EXPECT_THAT(told, Each(Not(HasSubstr("+A"))));
  EXPECT_THAT(told, Contains(HasSubstr(" alice-app +B"))) << "what waited goes on without A";
  EXPECT_THAT(told, Contains("600 carol-app +B"));
  EXPECT_THAT(Timeline("rejoined"), IsEmpty());
}

TEST_P(EscalationStopsTest, WhoWasToldBeforeTheAckIsToldAgainByAStepOfNotResolved) {
  Use("insisting");
  for (config::Receiver& receiver : config_->receivers) {
    if (receiver.name == "carol-app") receiver.integrations[0].pages = true;  // Say, PagerDuty.
  }
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(1)), UnorderedElementsAre("0 alice-app +A", "0 carol-app +A"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(60)), ElementsAre("1800 carol-app +A"));
}

// The policy of the first incident has run out; that of the second has not, and goes on in its
// place: who is owed a page by it, and whoever is to come, hear of its group.
TEST_P(EscalationStopsTest, AMergeByHandLosesNeitherPagesNorSteps) {
  config_->route.group_by = {"alertname"};
  Boot({});
  FireNow("A");
  EXPECT_EQ(Told(minutes(16)).size(), 4U);
  FireNow("B");
  EXPECT_THAT(Told(minutes(1), Vendor::kRefuses), ElementsAre("0 alice-app +B"));
  Do(incident::Merge{1}, "alice", 2);
  EXPECT_EQ(StateOf(2), incident::State::kMerged);
  const auto told = Told(minutes(20));
  EXPECT_THAT(told, Contains(HasSubstr(" alice-app +A+B"))) << "what she has not taken is owed";
  EXPECT_THAT(told, Contains("180 alice-sms +A+B"));
  EXPECT_THAT(told, Contains("600 carol-app +A+B"));
  EXPECT_THAT(told, Contains("900 mail +A+B"));
}

TEST_P(EscalationStopsTest, AMergeIntoWhatSomebodyHoldsPagesNobody) {
  config_->route.group_by = {"alertname"};
  Boot({});
  FireNow("A");
  Told(minutes(1));
  Do(incident::Acknowledge{});
  FireNow("B");
  EXPECT_THAT(Told(minutes(1), Vendor::kRefuses), ElementsAre("0 alice-app +B"));
  Do(incident::Merge{1}, "alice", 2);
  EXPECT_THAT(Told(minutes(40)), IsEmpty());
}

TEST_P(EscalationStopsTest, ASnoozeHoldsStepsOfNotResolvedAsWell) {
  Use("stubborn");
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Snooze{{kNoTime, std::chrono::hours(2)}});
  EXPECT_THAT(Told(minutes(120) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A")) << "and its end begins anew";
}

TEST_P(EscalationStopsTest, AnAckInPlaceOfASnoozeLetsThoseStepsGoOn) {
  Use("stubborn");
  FireNow();
  Told(minutes(1));
  Do(incident::Snooze{{kNoTime, std::chrono::hours(2)}});
  Told(minutes(1));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(30)), ElementsAre("600 carol-app +A"));
}

TEST_P(EscalationStopsTest, TheEndOfSomeAlertsBeginsNoPolicyAnew) {
  Fire("B", "critical", std::chrono::hours(24));
  FireNow();
  EXPECT_EQ(Told(minutes(16)).size(), 4U) << "it has run out";
  End("B", "critical");
  EXPECT_THAT(Told(minutes(30)), IsEmpty());
  Fire("C", "critical", std::chrono::hours(24));
  EXPECT_THAT(Told(minutes(6)), Contains(HasSubstr("alice-app +A+C"))) << "but another one does";
}

TEST_P(EscalationStopsTest, WhoAcknowledgedSecondIsNotPagedEither) {
  Use("stubborn");
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{}, "alice");
  Do(incident::Acknowledge{}, "carol");
  EXPECT_THAT(Told(minutes(30)), IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
