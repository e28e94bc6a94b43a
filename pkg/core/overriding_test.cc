// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Overrides that people make: whom pages reach from then on, and after a restart and a reload.

#include "pkg/core/escalation_fixture.h"
#include "pkg/oncall/duty.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OverridingTest : public EscalationTest {
 protected:
  // bob is to be on call for alice, by the schedule that the first step tells.
  Reply Make(Duration span, const std::string& who = "bob") {
    OverrideCommand command;
    command.reply_to = RequestId{6};
    command.what =
        oncall::OverrideDraft{"primary", who, kNoTime, now_.wall + span, "", false, "carol", ""};
    return AnswerOf(std::move(command));
  }
  Reply End(uint64_t id) {
    OverrideCommand command;
    command.reply_to = RequestId{6};
    command.what = EndOverride{id, "carol"};
    return AnswerOf(std::move(command));
  }
  Reply AnswerOf(OverrideCommand command) {
    replies_.clear();
    Step({std::move(command)});
    if (replies_.empty()) Commit();
    EXPECT_EQ(replies_.size(), 1U);
    return replies_.empty() ? Reply() : replies_.back();
  }
  std::string Primary() {
    const auto view = Read(kViewOverrides);
    const oncall::Schedule* schedule = view->roster->FindSchedule("primary");
    const oncall::People people = oncall::WhoAt(*view->roster, *schedule, now_.wall);
    return people.empty() ? "" : people.front();
  }
  // Whom the message may name.
  static oncall::People Named(const Attempt& attempt) {
    return oncall::WhoAt(attempt.roster.get(), "primary", attempt.notification->at);
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, OverridingTest, BothDeliveries(), DeliveryName);

TEST_P(OverridingTest, WhoeverIsPutOnCallIsPaged) {
  ASSERT_EQ(Primary(), "alice");
  const Reply reply = Make(std::chrono::hours(1));
  ASSERT_TRUE(reply.status.has_value()) << reply.status.error().message;
  EXPECT_EQ(reply.override_id, 1U);
  EXPECT_EQ(Primary(), "bob");
  FireNow();
  EXPECT_THAT(Told(minutes(5)), ElementsAre("0 bob-app +A"));
}

TEST_P(OverridingTest, AMessageNamesWhoWasOnCallWhenItWasPlanned) {
  const Reply reply = Make(std::chrono::hours(1));
  FireNow();
  Pass(std::chrono::seconds(2));
  ASSERT_EQ(attempts_.size(), 1U);
  const Attempt first = attempts_.front();
  EXPECT_THAT(Named(first), ElementsAre("bob"));
  attempts_.clear();
  ASSERT_TRUE(End(reply.override_id).status.has_value());
  AnswerTo(first.id, Attempted::Kind::kRetry, "503");
  Pass(minutes(1));
  ASSERT_FALSE(attempts_.empty());
  EXPECT_EQ(attempts_.front().notification, first.notification);
  EXPECT_THAT(Named(attempts_.front()), ElementsAre("bob")) << "another attempt says the same";
  EXPECT_EQ(Primary(), "alice");
}

TEST_P(OverridingTest, WhatIsAnsweredIsStored) {
  OverrideCommand command;
  command.reply_to = RequestId{6};
  command.what =
      oncall::OverrideDraft{"primary", "bob", kNoTime, now_.wall + minutes(60), "", false, "x", ""};
  replies_.clear();
  Step({std::move(command)});
  EXPECT_TRUE(replies_.empty()) << "not before it is on the disk";
  Commit();
  ASSERT_EQ(replies_.size(), 1U);
  Restart(std::chrono::seconds(1));
  EXPECT_EQ(Primary(), "bob");
  FireNow();
  EXPECT_THAT(Told(minutes(5)), ElementsAre("0 bob-app +A"));
}

TEST_P(OverridingTest, AnEndHoldsFromNowOn) {
  const Reply reply = Make(std::chrono::hours(1));
  ASSERT_TRUE(End(reply.override_id).status.has_value());
  EXPECT_EQ(Primary(), "alice");
  EXPECT_EQ(End(reply.override_id).status.error().code, Code::kConflict);
  EXPECT_EQ(End(7).status.error().code, Code::kNotFound);
  Restart(std::chrono::seconds(1));
  EXPECT_EQ(Primary(), "alice");
}

TEST_P(OverridingTest, AReloadKeepsIt) {
  Make(std::chrono::hours(1));
  Step({ConfigSwap{EscalationConfig(GetParam())}});
  EXPECT_EQ(Primary(), "bob");
  Pass(std::chrono::hours(1));
  EXPECT_EQ(Primary(), "alice") << "it is over";
}

TEST_P(OverridingTest, NobodyKnownIsRefused) {
  const Reply reply = Make(std::chrono::hours(1), "eve");
  ASSERT_FALSE(reply.status.has_value());
  EXPECT_THAT(reply.status.error().message, HasSubstr("nobody is called \"eve\""));
  EXPECT_EQ(Primary(), "alice");
}

}  // namespace
}  // namespace watchfire::core
