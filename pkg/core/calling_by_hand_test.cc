// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A person asks for somebody by name: they are paged, once, beside the policies that run.

#include "pkg/base/digest.h"
#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class CallingByHandTest : public EscalationTest {
 protected:
  Status Call(const std::string& to, bool ends_ack = false, const std::string& by = "eve") {
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.incident = 1;
    command.ack = {by, incident::ActorType::kHuman, "api", ""};
    command.act = incident::Escalate{to, ends_ack};
    Step({std::move(command)});
    Commit();
    return replies_.back().status;
  }
  // Alice is paged; it is 59 s later.
  void PageAlice() {
    FireNow();
    EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, CallingByHandTest, BothDeliveries(), DeliveryName);

TEST_P(CallingByHandTest, WhoIsNamedIsCalledBesideThePolicy) {
  PageAlice();
  EXPECT_TRUE(Call("user:bob"));
  EXPECT_THAT(Told(minutes(20)),
              ElementsAre("60 bob-app +A", "180 alice-sms +A", "600 carol-app +A", "900 mail +A"));
  EXPECT_THAT(Timeline("called"), ElementsAre("user:bob"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 1 of user:bob: to bob (bob-app)",
                                                 "step 2 of critical: to carol (carol-app)"));
}

TEST_P(CallingByHandTest, WhatIsSaidTwiceIsOneCallAndLaterItIsAnother) {
  PageAlice();
  EXPECT_TRUE(Call("user:bob"));
  EXPECT_TRUE(Call("user:bob")) << "the first answer may have been lost";
  EXPECT_THAT(Told(minutes(3)), ElementsAre("60 bob-app +A", "180 alice-sms +A"));
  EXPECT_THAT(Timeline("called"), ElementsAre("user:bob"));
  EXPECT_TRUE(Call("user:bob"));
  EXPECT_THAT(Told(seconds(30)), ElementsAre("240 bob-app +A"));
}

// Its run is still there, and pages for nothing: what it was of has been ended by itself.
TEST_P(CallingByHandTest, APolicyWhoseOwnGroupIsGoneGoesOnForTheOthers) {
  config::Route plain = config_->route;
  plain.receiver = "vendor";
  config_->receivers.push_back({"vendor", {{"victorops", 0, true, true, nullptr}}});
  plain.matchers = {Equal("alertname", "B")};
  plain.key = plain.id = "{}/{alertname=\"B\"}";
  config_->route.routes.push_back(std::move(plain));
  config_->incidents.correlate_by = "team";
  Boot({});
  Fire("B", "critical", std::chrono::hours(24));
  FireNow("A");
  EXPECT_THAT(Told(minutes(1)), UnorderedElementsAre("0 alice-app +A", "0 vendor +B"));
  ASSERT_EQ(Read(kViewIncidents)->incidents.at(1)->groups.size(), 2U);
  IncidentCommand end;
  end.reply_to = RequestId{5};
  end.entity_id = Sha256Hex("{}:{service=\"api\"}");
  end.ack = {"eve", incident::ActorType::kHuman, "opsgenie", ""};
  end.act = incident::Resolve{};
  Step({std::move(end)});
  Commit();
  ASSERT_EQ(Read(kViewIncidents)->incidents.at(1)->groups.size(), 1U);
  EXPECT_EQ(Call("").error().code, Code::kConflict) << "nobody would hear of a next step";
  EXPECT_TRUE(Call("critical"));
  EXPECT_THAT(Told(minutes(1)), ElementsAre("60 carol-app +B"));
}

TEST_P(CallingByHandTest, APolicyBeginsWithItsFirstStep) {
  PageAlice();
  EXPECT_TRUE(Call("insisting"));
  EXPECT_THAT(Told(minutes(9)), UnorderedElementsAre("60 alice-app +A", "60 carol-app +A",
                                                     "180 alice-sms +A", "239 alice-sms +A"));
}

TEST_P(CallingByHandTest, APolicyThatRunsGoesOnWithItsNextStep) {
  PageAlice();
  EXPECT_TRUE(Call("critical"));
  EXPECT_THAT(Told(seconds(30)), ElementsAre("60 carol-app +A"));
}

TEST_P(CallingByHandTest, WhomNobodyKnowsIsRefused) {
  PageAlice();
  for (const char* to : {"nobody", "user:eve", "team:none", "schedule:none", "user:"}) {
    const Status called = Call(to);
    ASSERT_FALSE(called) << to;
    EXPECT_EQ(called.error().code, Code::kNotFound) << to;
  }
  EXPECT_THAT(Timeline("called"), IsEmpty());
  EXPECT_THAT(Told(seconds(30)), IsEmpty());
}

TEST_P(CallingByHandTest, WhatSomebodyHasInHandStaysInHandUnlessThatIsToEnd) {
  PageAlice();
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(10)), IsEmpty());
  const Status called = Call("user:bob");
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().message, "it is acknowledged by alice");
  EXPECT_THAT(Told(seconds(1)), IsEmpty());
  EXPECT_TRUE(Call("user:bob", /*ends_ack=*/true));
  const auto incident = Read(kViewIncidents)->incidents.at(1);
  EXPECT_EQ(incident->state, incident::State::kTriggered);
  EXPECT_EQ(incident->owner, "");
  EXPECT_THAT(Timeline("returned"), ElementsAre("the ack of alice is over: user:bob is called"));
  EXPECT_THAT(Told(minutes(9)), ElementsAre("661 bob-app +A"));
  EXPECT_THAT(Told(minutes(2)), ElementsAre("1201 carol-app +A"))
      << "the policy goes on where the ack had stopped it, without her who had it";
}

TEST_P(CallingByHandTest, WhatIsSnoozedIsNobodysToCallFor) {
  PageAlice();
  Do(incident::Snooze{{kNoTime, std::chrono::hours(1)}});
  const Status called = Call("user:bob", /*ends_ack=*/true);
  ASSERT_FALSE(called);
  EXPECT_EQ(called.error().message, "it is snoozed by alice");
}

TEST_P(CallingByHandTest, ACrashLosesNoCallAndRepeatsNone) {
  PageAlice();
  EXPECT_TRUE(Call("user:bob"));
  Restart(seconds(1));
  EXPECT_THAT(Told(seconds(30)), ElementsAre(HasSubstr(" bob-app +A")));
  Restart(seconds(1));
  EXPECT_THAT(Told(seconds(30)), IsEmpty());
}

// Of the first incident bob was called before a snooze, which ended that; of the second he is
// called as it becomes part of the first, and has not been told yet.
TEST_P(CallingByHandTest, ACallIsNotLostInOneThatWasStoppedWhereItIsMergedInto) {
  config_->route.group_by = {"alertname"};
  Boot({});
  PageAlice();
  EXPECT_TRUE(Call("user:bob"));
  EXPECT_THAT(Told(seconds(30)), ElementsAre("60 bob-app +A"));
  Do(incident::Snooze{{kNoTime, minutes(10)}});
  FireNow("B");
  EXPECT_THAT(Told(minutes(12)), Not(Contains(HasSubstr("bob-app")))) << "the snooze is over";
  std::vector<Event> both;
  for (const incident::Act& act :
       {incident::Act(incident::Escalate{"user:bob"}), incident::Act(incident::Merge{1})}) {
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.incident = 2;
    command.ack = {"eve", incident::ActorType::kHuman, "api", ""};
    command.act = act;
    both.emplace_back(std::move(command));
  }
  replies_.clear();
  Step(std::move(both));
  Commit();
  ASSERT_EQ(replies_.size(), 2U);
  for (const Reply& reply : replies_) EXPECT_TRUE(reply.status.has_value());
  EXPECT_THAT(Told(seconds(30)), Contains(AllOf(HasSubstr(" bob-app "), HasSubstr("B"))));
  Restart(seconds(1));
  EXPECT_THAT(Told(minutes(20)), Not(Contains(HasSubstr("bob-app")))) << "once";
}

}  // namespace
}  // namespace watchfire::core
