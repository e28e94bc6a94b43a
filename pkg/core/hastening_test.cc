// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// People ask for the next step of a policy.

#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HasteningTest : public EscalationTest {
 protected:
  Status Escalate(const std::string& by = "alice") {
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.incident = 1;
    command.ack = {by, incident::ActorType::kHuman, "api", "pressed"};
    command.act = incident::Escalate{};
    Step({std::move(command)});
    Commit();
    return replies_.back().status;
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, HasteningTest, BothDeliveries(), DeliveryName);

TEST_P(HasteningTest, TheNextStepIsDoneNow) {
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  EXPECT_TRUE(Escalate());
  EXPECT_THAT(Told(minutes(1)), ElementsAre("60 carol-app +A"));
  EXPECT_THAT(Timeline("hastened"), ElementsAre("pressed"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 2 of critical: to carol (carol-app)"));
  const auto incident = Read(kViewIncidents)->incidents.at(1);
  EXPECT_EQ(incident->state, incident::State::kTriggered) << "it is no ack";
}

TEST_P(HasteningTest, TwoWhoPressAtOnceMeanOneStep) {
  Use("three_deep");
  FireNow();
  Told(seconds(20));
  EXPECT_TRUE(Escalate());
  const Status again = Escalate("bob");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kConflict);
  EXPECT_EQ(again.error().message, "alice has escalated it a moment ago");
  EXPECT_THAT(Told(seconds(30)), ElementsAre("20 carol-app +A"));
  EXPECT_THAT(Timeline("hastened"), ElementsAre("pressed"));
}

TEST_P(HasteningTest, WhatSomebodyHasInHandIsNotEscalated) {
  FireNow();
  Told(seconds(20));
  Do(incident::Acknowledge{});
  const Status done = Escalate();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "it is acknowledged or snoozed");
  EXPECT_THAT(Timeline("hastened"), IsEmpty());
  EXPECT_THAT(Told(minutes(20)), IsEmpty());
}

TEST_P(HasteningTest, WhatOnlyARuleHasAcknowledgedIs) {
  FireNow();
  EXPECT_THAT(Told(seconds(20)), ElementsAre("0 alice-app +A"));
  IncidentCommand command;
  command.reply_to = RequestId{5};
  command.incident = 1;
  command.ack = {"quiet disks", incident::ActorType::kAutomation, "automation", ""};
  command.act = incident::Acknowledge{};
  Step({std::move(command)});
  Commit();
  EXPECT_THAT(Told(minutes(20)), IsEmpty());
  EXPECT_TRUE(Escalate("bob"));
  EXPECT_THAT(Timeline("returned"), ElementsAre("the ack of quiet disks is over"));
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kTriggered);
  EXPECT_THAT(Told(minutes(11)),
              ElementsAre("1220 alice-app +A", "1399 alice-sms +A", "1819 carol-app +A"));
}

TEST_P(HasteningTest, APolicyThatHasRunOutCannotBe) {
  FireNow();
  Told(minutes(11));
  const Status done = Escalate();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("policy critical has nobody left to call"));
}

TEST_P(HasteningTest, WhatIsOverCannotBe) {
  FireNow();
  Told(seconds(20));
  Do(incident::Resolve{});
  const Status done = Escalate();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("already resolved"));
}

TEST_P(HasteningTest, ItIsDoneOnceOverARestart) {
  FireNow();
  Told(seconds(20));
  EXPECT_TRUE(Escalate());
  attempts_.clear();
  batches_.clear();
  Boot(Disk());
  EXPECT_THAT(Told(minutes(2)), ElementsAre(HasSubstr(" carol-app +A")));
}

}  // namespace
}  // namespace watchfire::core
