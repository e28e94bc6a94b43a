// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Policies of one incident that share the message of a person: what is on its way is not told yet,
// what was left out is told later, once, and what else goes on while it waits.

#include <optional>
#include <utility>

#include "pkg/core/several_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

using SharedTest = SeveralTest;

INSTANTIATE_TEST_SUITE_P(Deliveries, SharedTest, BothDeliveries(), DeliveryName);

// Her vendor is asked about +A+B, and has not answered yet, when she ends A there. It refuses.
TEST_P(SharedTest, WhatIsOnTheWireForTheFirstTimeIsNotEndedByAVendor) {
  UseTwo("critical", "rounds");
  TellAliceOfAAndFireB();
  std::optional<DeliveryId> page;
  for (int i = 0; i < 50 && !page; ++i) {
    Pass(seconds(1));
    if (!attempts_.empty()) page = attempts_.back().id;
  }
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(Text(attempts_.back()), "+A+B");
  attempts_.clear();
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "nobody has heard of B";
  AnswerTo(*page, Attempted::Kind::kRetry, "503");
  EXPECT_THAT(HeardBy("alice-app", minutes(2)), Contains("alice-app +B"));
}

// The same, and a kill -9 between the refusals.
TEST_P(SharedTest, NorIsWhatWaitsAfterARestart) {
  UseTwo("critical", "rounds");
  TellAliceOfAAndFireB();
  EXPECT_THAT(HeardBy("alice-app", seconds(50), Vendor::kIsBusy), Contains("alice-app +A+B"));
  Restart(seconds(5));
  HeardBy("alice-app", seconds(50), Vendor::kIsBusy);
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "nobody has heard of B";
  EXPECT_THAT(HeardBy("alice-app", minutes(2)), Contains("alice-app +B"));
}

// The receiver of B tells a webhook of its own; alice's own vendor, of that kind, knows A only.
TEST_P(SharedTest, AnotherVendorOfThatKindIsNotHers) {
  Two("critical", "store");
  AddStore();
  for (config::Receiver& receiver : config_->receivers) {
    if (receiver.name == "db")
      receiver.integrations.push_back({"webhook", 0, true, false, nullptr});
  }
  Boot({});
  Fire("A", "critical", hours(24));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)),
              testing::UnorderedElementsAre("alice-app +A", "carol-app +B", "db +B"));
  Do(incident::Acknowledge{});
  Heard(minutes(10));
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_FALSE(One()->ack.has_value());
  EXPECT_THAT(Heard(minutes(1)), Contains("carol-app +B"));
}

// B is silenced, and owed still. A new alert of A's group is no page of hers.
TEST_P(SharedTest, WhatIsOwedForAMutedPolicyMakesNoPagesOfTheOther) {
  UseTwo("critical", "three_deep");
  RefuseTheSharedPage();
  Silence("B", hours(2));
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), ElementsAre("alice-app +A"));
  Fire("C", "critical", hours(24));  // Of A's group.
  EXPECT_THAT(HeardBy("alice-app", minutes(12)), IsEmpty()) << "an alert more is no page more";
  End("C", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(12)), IsEmpty());
}

// The same, and B is over instead.
TEST_P(SharedTest, NorForOneThatIsOver) {
  UseTwo("critical", "three_deep");
  RefuseTheSharedPage();
  End("B", "critical");
  EXPECT_THAT(HeardBy("alice-app", minutes(6)), ElementsAre("alice-app +A"));
  Fire("C", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", minutes(12)), IsEmpty());
}

// carol was paged for B beside alice's ack. alice ends A: B goes on as it was.
TEST_P(SharedTest, APolicyThatRanBesideTheAckDoesNotBeginAgain) {
  AcknowledgeAAndPageCarolForB();
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_THAT(HeardBy("carol-app", minutes(4)), IsEmpty()) << "she has it already";
}

// The same, and carol has said that she has it: that is no ack of alice's to take back.
TEST_P(SharedTest, WhoAcknowledgedAsWellHoldsTheRest) {
  AcknowledgeAAndPageCarolForB();
  Do(incident::Acknowledge{}, "carol");
  ResolveThere(EntityOf("on-call"), "webhook");
  EXPECT_THAT(Heard(minutes(20)), IsEmpty()) << "carol has it in hand";
}

// A poller brings the press after her ack, which came later than that.
TEST_P(SharedTest, AnAckOfAfterThePressIsNotTakenBack) {
  UseTwo("critical", "store");
  Fire("A", "critical", hours(24));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(Heard(seconds(35)), testing::UnorderedElementsAre("alice-app +A", "carol-app +B"));
  Heard(seconds(5));
  const WallTime pressed = now_.wall;
  Heard(seconds(20));
  Do(incident::Acknowledge{});
  ResolveThere(EntityOf("on-call"), "webhook", pressed);
  EXPECT_THAT(Heard(minutes(8)), IsEmpty());
}

// One policy, two groups. B is silenced after she was to be told, and free again while the page
// without it is on the wire.
TEST_P(SharedTest, AGroupThatIsFreeBeforeThePageWithoutItIsTakenIsTold) {
  config_ = EscalationConfig(GetParam(), "three_deep");
  config_->incidents.correlate_by = "team";
  config_->route.group_by = {"alertname"};
  Boot({});
  Fire("A", "critical", hours(24));
  Fire("B", "critical", hours(24));
  EXPECT_THAT(HeardBy("alice-app", minutes(1), Vendor::kRefuses), Contains("alice-app +A+B"));
  const std::string silence = Silence("B", hours(1));
  std::optional<DeliveryId> page;
  for (int i = 0; i < 600 && !page; ++i) {
    Pass(seconds(1));
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      if (attempt.notification->receiver == "alice-app" && Text(attempt) == "+A") {
        page = attempt.id;
      } else {
        AnswerTo(attempt.id, Attempted::Kind::kFail);
      }
    }
  }
  ASSERT_TRUE(page.has_value());
  Step({SilenceCommand{RequestId{8}, silence}});  // It is ended.
  Commit();
  Pass(seconds(2));
  AnswerTo(*page, Attempted::Kind::kDone);
  EXPECT_THAT(HeardBy("alice-app", minutes(12)), Contains(testing::HasSubstr("+B")));
}

}  // namespace
}  // namespace watchfire::core
