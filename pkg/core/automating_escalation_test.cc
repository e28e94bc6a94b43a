// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rules of automation beside policies that run.

#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using config::AutomationAction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class AutomatingEscalationTest : public EscalationTest {
 protected:
  config::AutomationRule& UseRule(AutomationAction action, const std::string& policy = "critical") {
    config_ = EscalationConfig(GetParam(), policy);
    config::AutomationRule& rule = config_->automation.rules.emplace_back();
    rule.name = "robot";
    rule.action = action;
    rule.pattern = "a";
    rule.states = {"triggered"};
    return rule;
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, AutomatingEscalationTest, BothDeliveries(), DeliveryName);

TEST_P(AutomatingEscalationTest, ARuleBringsTheNextStepForward) {
  UseRule(AutomationAction::kEscalate).after = minutes(4);
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(9)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "240 carol-app +A"));
  EXPECT_THAT(Timeline("automation"), ElementsAre("escalate success"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 2 of critical: to carol (carol-app)"));
  EXPECT_THAT(Told(minutes(3)), ElementsAre("540 mail +A")) << "what follows moves with it";
}

TEST_P(AutomatingEscalationTest, TheEndOfAPolicyIsNotBroughtForward) {
  UseRule(AutomationAction::kEscalate, "closing").after = minutes(4);
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(50)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
  EXPECT_THAT(Timeline("automation"),
              ElementsAre("escalate failure: policy closing has nobody left to call"));
  EXPECT_THAT(Timeline("resolved"), IsEmpty());
}

TEST_P(AutomatingEscalationTest, NobodyIsEscalatedToWhenSomebodyHasIt) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.states = {"triggered", "acknowledged"};
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  EXPECT_THAT(Timeline("automation"),
              ElementsAre("escalate failure: it is acknowledged or snoozed"));
}

TEST_P(AutomatingEscalationTest, TheAckOfARuleHoldsThePolicyUpAndNoLonger) {
  UseRule(AutomationAction::kAcknowledge);
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(29)), IsEmpty());
  EXPECT_THAT(Told(minutes(12)),
              ElementsAre("1800 alice-app +A", "1980 alice-sms +A", "2400 carol-app +A"))
      << "from the first step on";
}

TEST_P(AutomatingEscalationTest, APersonsAckAfterThatOfARuleStopsThePolicyForGood) {
  UseRule(AutomationAction::kAcknowledge);
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(std::chrono::hours(3)), IsEmpty());
}

TEST_P(AutomatingEscalationTest, ARuleCallsWhomItNamesBesideThePolicy) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.escalate_to = "user:bob";
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(20)), ElementsAre("0 alice-app +A", "180 alice-sms +A", "240 bob-app +A",
                                             "600 carol-app +A", "900 mail +A"));
  EXPECT_THAT(Timeline("automation"), ElementsAre("escalate success: to user:bob"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 1 of user:bob: to bob (bob-app)",
                                                 "step 2 of critical: to carol (carol-app)"));
}

TEST_P(AutomatingEscalationTest, ACrashNeitherForgetsThatNorDoesItTwice) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.escalate_to = "user:bob";
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(4)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
  EXPECT_THAT(Told(seconds(2), Vendor::kIsSilent), ElementsAre("240 bob-app +A"));
  Restart(seconds(1));
  EXPECT_THAT(Told(seconds(30)), ElementsAre(HasSubstr(" bob-app +A"))) << "it is in doubt";
  Restart(seconds(1));
  EXPECT_THAT(Told(seconds(30)), IsEmpty());
}

TEST_P(AutomatingEscalationTest, AnotherPolicyRunsFromItsFirstStep) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.escalate_to = "insisting";
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(9)),
              UnorderedElementsAre("0 alice-app +A", "180 alice-sms +A", "240 alice-app +A",
                                   "240 carol-app +A", "420 alice-sms +A"));
  Do(incident::Resolve{});
  EXPECT_THAT(Told(std::chrono::hours(1)), IsEmpty());
}

TEST_P(AutomatingEscalationTest, APolicyMayBeginWhereOnlyAVendorWasPaged) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.escalate_to = "critical";
  config_->receivers[0] = {"on-call", {{"victorops", 0, true, true, nullptr}}};
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(25)), ElementsAre("0 on-call +A", "240 alice-app +A", "420 alice-sms +A",
                                             "840 carol-app +A", "1140 mail +A"));
}

TEST_P(AutomatingEscalationTest, APolicyThatRunsGoesOnWithItsNextStep) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.escalate_to = "critical";
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(8)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "240 carol-app +A"));
}

TEST_P(AutomatingEscalationTest, NobodyIsCalledByNameWhenSomebodyHasIt) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.states = {"triggered", "acknowledged"};
  rule.escalate_to = "user:bob";
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  EXPECT_THAT(Timeline("automation"),
              ElementsAre("escalate failure: it is acknowledged or snoozed"));
}

TEST_P(AutomatingEscalationTest, InTheNextCycleTheRuleCallsAnew) {
  auto& rule = UseRule(AutomationAction::kEscalate);
  rule.after = minutes(4);
  rule.escalate_to = "user:bob";
  Boot({});
  FireNow();
  EXPECT_EQ(Told(minutes(5)).size(), 3U);
  Do(incident::Acknowledge{{kNoTime, minutes(30)}});
  EXPECT_THAT(Told(minutes(30) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(5)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "240 bob-app +A"));
}

}  // namespace
}  // namespace watchfire::core
