// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether people are reached: contacts that fail, alerts that are muted meanwhile, reloads, bounds.

#include "pkg/base/limits.h"
#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class EscalationReachTest : public EscalationTest {
 protected:
  config::Receiver& ReceiverOf(const std::string& name) {
    return *std::ranges::find(config_->receivers, name, &config::Receiver::name);
  }
  static std::vector<std::string> Only(const std::string& receiver, std::vector<std::string> told) {
    std::erase_if(told, [&](const std::string& one) {
      return one.find(" " + receiver + " ") == std::string::npos;
    });
    return told;
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, EscalationReachTest, BothDeliveries(), DeliveryName);

TEST_P(EscalationReachTest, TheFallbackOfAContactStandsInForEachTurn) {
  Use("rounds");
  config_->oncall.contacts["alice"] = {{"alice-app", {}}};
  ReceiverOf("alice-app").fallback = "bob-app";
  Boot({});
  FireNow();
  EXPECT_EQ(Only("bob-app", Told(minutes(9), Vendor::kRefusesAliceApp)).size(), 1U)
      << "once, however often alice-app refuses";
  EXPECT_EQ(Only("bob-app", Told(minutes(5), Vendor::kRefusesAliceApp)).size(), 1U)
      << "and again in the second round";
}

TEST_P(EscalationReachTest, APageThatWaitsIsWithdrawnByASilence) {
  config_->route.group_interval = minutes(1);
  Boot({});
  FireNow();
  EXPECT_THAT(Told(seconds(90), Vendor::kIsBusy), Contains("0 alice-app +A"));
  Silence("A", minutes(30));
  Told(seconds(31), Vendor::kIsBusy);  // Until the group's next flush.
  EXPECT_THAT(Told(minutes(27)), IsEmpty()) << "nobody is woken for what is silenced";
  EXPECT_THAT(Told(minutes(5)), Contains(HasSubstr("alice-app +A"))) << "it is owed still";
}

TEST_P(EscalationReachTest, APageFromBeforeTheAckIsNoPageOfTheReturn) {
  FireNow();
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  const DeliveryId hung = attempts_[0].id;
  attempts_.clear();
  Do(incident::Acknowledge{{kNoTime, minutes(1)}}, "bob");
  EXPECT_THAT(Told(minutes(2)), IsEmpty()) << "its answer is awaited";
  AnswerTo(hung, Attempted::Kind::kDone);
  EXPECT_THAT(Told(seconds(30)), ElementsAre(HasSubstr("alice-app +A")));
}

TEST_P(EscalationReachTest, AReloadDoesNotBringTheFallbackOfAContactForward) {
  ReceiverOf("alice-app").fallback = "bob-app";
  ReceiverOf("alice-app").fallback_after = minutes(2);
  Boot({});
  FireNow();
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  Step({ConfigSwap{std::make_shared<config::Config>(*config_)}});
  const DeliveryId asked = std::exchange(attempts_, {})[0].id;
  AnswerTo(asked, Attempted::Kind::kRetry, "503");
  EXPECT_THAT(Only("bob-app", Told(minutes(1), Vendor::kIsBusy)), IsEmpty());
  EXPECT_THAT(Only("bob-app", Told(minutes(3), Vendor::kIsBusy)), Not(IsEmpty()));
}

TEST_P(EscalationReachTest, ForWhomThereIsNoRoomTheFallbackIsPaged) {
  for (size_t i = 0; i < limits::kEscalationContacts; ++i) {
    config_->oncall.contacts["alice"].push_back({"x" + std::to_string(i), {}});
  }
  Boot({});
  FireNow();
  const auto told = Told(minutes(11));
  ASSERT_EQ(Timeline("notified").size(), 1U);
  EXPECT_LE(Timeline("notified")[0].size(), limits::kNoteBytes) << "whatever there is to say";
  EXPECT_THAT(told, Contains("600 mail +A")) << "instead of carol";
  EXPECT_THAT(told, Each(Not(HasSubstr("carol-app"))));
  EXPECT_THAT(Timeline("unreachable"), ElementsAre(HasSubstr("no contacts of carol")));
  EXPECT_GT((ReadStats().limit_exceeded[{"escalation_contacts"}]), 0U);
}

TEST_P(EscalationReachTest, AWallClockThatSteppedMovesNoStepAfterARestart) {
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  now_.wall += std::chrono::hours(1);
  Pass(seconds(30));
  Restart(seconds(10));
  EXPECT_THAT(Told(minutes(1)), IsEmpty());
}

TEST_P(EscalationReachTest, TheFallbackWaitsForContactsThatAreStillToCome) {
  config_->oncall.contacts["carol"] = {{"carol-app", minutes(30)}};
  Boot({});
  FireNow();
  const auto told = Told(minutes(50));
  EXPECT_THAT(told, Contains("2400 carol-app +A"));
  EXPECT_THAT(told, Contains("2700 mail +A"));
}

TEST_P(EscalationReachTest, NobodyOnCallAfterAnAckIsNotSentToTheFallback) {
  Use("nobody_late");  // It is afternoon.
  FireNow();
  Told(minutes(1));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(20)), IsEmpty());
  EXPECT_THAT(Timeline("unreachable"), ElementsAre("step 2 of nobody_late: nobody is on call"));
}

}  // namespace
}  // namespace watchfire::core
