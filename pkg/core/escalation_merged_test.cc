// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An incident of several groups is one message for each contact and step, under one key.

#include "pkg/base/digest.h"
#include "pkg/core/escalation_fixture.h"
#include "pkg/core/explanation.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class MergedTest : public EscalationTest {
 protected:
  // Two groups of one correlation; that of B comes first, and leads.
  void FireBoth(const std::string& policy) {
    config_ = EscalationConfig(GetParam(), policy);
    config_->incidents.correlate_by = "team";
    config_->route.group_by = {"alertname"};
    Boot({});
    Fire("B", "critical", std::chrono::hours(24));
    FireNow("A");
  }
  // Two groups that are an incident each.
  void UseApart() {
    config_->route.group_by = {"alertname"};
    Boot({});
  }
  // Who was told what under which key: "alice-app B +A+B". All is taken.
  std::vector<std::string> Under(Duration span) {
    std::vector<std::string> told;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.front();
        attempts_.erase(attempts_.begin());
        const std::string& key = attempt.notification->group_key;
        told.push_back(attempt.notification->receiver + " " + key.substr(key.size() - 3, 1) + " " +
                       Text(attempt));
        AnswerTo(attempt.id, Attempted::Kind::kDone);
      }
    }
    return told;
  }
  // Somebody at a vendor says that what it knows by the key of that group is over.
  void ResolveThere(const std::string& name, const std::string& vendor, WallTime at = kNoTime) {
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.entity_id = Sha256Hex("{}:{alertname=\"" + name + "\"}");
    command.ack = {"alice", incident::ActorType::kHuman, vendor, ""};
    command.act = incident::Resolve{};
    command.done_at = at;
    Step({std::move(command)});
    Commit();
  }
  incident::Incident One() { return *Read(kViewIncidents)->incidents.at(1); }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, MergedTest, BothDeliveries(), DeliveryName);

TEST_P(MergedTest, EachStepIsOneMessageOfAllGroupsAndSoIsTheEnd) {
  FireBoth("critical");
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  const dispatch::Notification& page = *attempts_[0].notification;
  EXPECT_EQ(page.group_labels, (labels::LabelSet{{"incident", "#1 B"}})) << "what it is about";
  EXPECT_EQ(Under(minutes(11)),
            (std::vector<std::string>{"alice-app B +A+B", "alice-sms B +A+B", "carol-app B +A+B"}));
  EXPECT_EQ(One().alert_count(), 2U) << "none of them is counted for two groups";
  Do(incident::Acknowledge{});
  End("A", "critical");
  EXPECT_THAT(Under(minutes(20)), IsEmpty()) << "it is not over";
  End("B", "critical");
  EXPECT_THAT(Under(minutes(10)),
              UnorderedElementsAre("alice-app B -B", "alice-sms B -B", "carol-app B -B"));
  EXPECT_EQ(One().state, incident::State::kResolved);
}

TEST_P(MergedTest, WhatIsToldGoesOnUnderItsKeyWhenTheGroupThatLedIsOver) {
  FireBoth("rounds");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  End("B", "critical");
  EXPECT_THAT(Under(seconds(150)), ElementsAre("alice-sms A +A")) << "who knew nothing of B";
  EXPECT_THAT(Under(minutes(7)), ElementsAre("alice-app B +A")) << "the second round";
  EXPECT_THAT(Timeline("rejoined"), IsEmpty());
  // Her vendor knows it by the key of B.
  IncidentCommand command;
  command.reply_to = RequestId{5};
  command.entity_id = Sha256Hex("{}:{alertname=\"B\"}");
  command.ack = {"alice", incident::ActorType::kHuman, "pagerduty", ""};
  Step({std::move(command)});
  Commit();
  EXPECT_EQ(One().state, incident::State::kAcknowledged);
  EXPECT_THAT(Under(minutes(30)), IsEmpty());
  Restart(seconds(10));
  EXPECT_THAT(Under(minutes(6)), IsEmpty());
  End("A", "critical");
  EXPECT_THAT(Under(minutes(10)), UnorderedElementsAre("alice-app B -A", "alice-sms A -A"));
}

TEST_P(MergedTest, WhoResolvesTheOneMessageResolvesTheIncident) {
  FireBoth("critical");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  ResolveThere("B", "webhook");
  EXPECT_TRUE(replies_.back().status.has_value());
  EXPECT_EQ(One().state, incident::State::kResolved);
  EXPECT_EQ(One().resolved_by, "alice");
  EXPECT_EQ(One().resolved_how, "human");
  const incident::Incident before = One();
  ResolveThere("B", "webhook");
  EXPECT_FALSE(replies_.back().status.has_value()) << "a replay finds nothing";
  EXPECT_EQ(One(), before);
  EXPECT_THAT(Under(minutes(4)), IsEmpty()) << "neither her other contact nor anybody else";
  Restart(seconds(10));
  EXPECT_EQ(One().state, incident::State::kResolved) << "it was stored";
}

TEST_P(MergedTest, WhatAVendorKnowsOfOneGroupIsTheEndOfThatOne) {
  FireBoth("critical");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  ResolveThere("A", "webhook");
  EXPECT_EQ(One().state, incident::State::kTriggered);
  ASSERT_EQ(One().groups.size(), 1U) << "nobody was told of all groups under the key of A";
}

// What became part of it since does not stand there any more.
TEST_P(MergedTest, OfAFullTimelineOnlyTheGroupThatWasNamedIsEnded) {
  FireBoth("critical");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  for (int i = 0; i < 1000; ++i) {
    IncidentCommand command;
    command.incident = 1;
    command.ack = {"alice", incident::ActorType::kHuman, "api", "note " + std::to_string(i)};
    command.act = incident::AddNote{};
    Step({std::move(command)});
  }
  Commit();
  EXPECT_THAT(Under(minutes(3)), ElementsAre("alice-sms B +A+B"));
  ASSERT_GT(One().dropped_events, 0U);
  ResolveThere("B", "webhook", now_.wall);
  EXPECT_EQ(One().groups.size(), 1U);
}

TEST_P(MergedTest, AVendorThatToldNobodyOfAllGroupsEndsOne) {
  FireBoth("critical");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  ResolveThere("B", "victorops");
  ASSERT_EQ(One().groups.size(), 1U) << "of no person that vendor was told";
  EXPECT_EQ(One().groups[0].entity_id, Sha256Hex("{}:{alertname=\"A\"}"));
  EXPECT_EQ(One().state, incident::State::kTriggered);
}

TEST_P(MergedTest, TheOneMessageIsResolvedAlsoWhenTheGroupThatLedIsOver) {
  FireBoth("rounds");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  End("B", "critical");
  EXPECT_THAT(Under(seconds(150)), ElementsAre("alice-sms A +A"));
  EXPECT_THAT(Under(minutes(7)), ElementsAre("alice-app B +A"));
  ResolveThere("B", "victorops");
  EXPECT_FALSE(replies_.back().status.has_value());
  EXPECT_EQ(One().state, incident::State::kTriggered);
  ResolveThere("B", "webhook");
  EXPECT_EQ(One().state, incident::State::kResolved);
}

TEST_P(MergedTest, AResolveOfBeforeAMergeIsNoneOfWhatCameWithIt) {
  UseApart();
  FireNow("A");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app A +A"));
  const WallTime before = now_.wall;
  FireNow("B");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +B"));
  Do(incident::Merge{1}, "zoe", 2);
  ResolveThere("A", "webhook", before);
  EXPECT_EQ(One().state, incident::State::kTriggered);
  ASSERT_EQ(One().groups.size(), 1U) << "A was what she was told of";
  EXPECT_EQ(One().groups[0].entity_id, Sha256Hex("{}:{alertname=\"B\"}"));
}

TEST_P(MergedTest, AResolveOfAfterAMergeIsOneOfAll) {
  UseApart();
  FireNow("A");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app A +A"));
  FireNow("B");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +B"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(minutes(2)), ElementsAre("alice-sms A +A+B"));
  ResolveThere("A", "webhook", now_.wall);
  EXPECT_EQ(One().state, incident::State::kResolved);
}

// Her own rules say nothing of texts; the step tells by them all the same, under the key of B.
TEST_P(MergedTest, TheExplanationKnowsContactsThatOnlyStepsWithoutRulesTell) {
  config_ = EscalationConfig(GetParam(), "urgent");
  config_->incidents.correlate_by = "team";
  config_->route.group_by = {"alertname"};
  config_->oncall.all_contacts["alice"] = config_->oncall.contacts["alice"];
  config_->oncall.contacts["alice"] = {{"alice-app", {}}};
  Boot({});
  Fire("B", "critical", std::chrono::hours(24));
  FireNow("A");
  EXPECT_THAT(Under(minutes(1)), UnorderedElementsAre("alice-app B +A+B", "alice-sms B +A+B"));
  ExplainRequest request;
  request.matchers = {Equal("alertname", "A")};
  Step({request});
  const std::shared_ptr<const Explained> answer = replies_.back().explained;
  ASSERT_NE(answer, nullptr);
  ASSERT_EQ(answer->alerts.size(), 1U);
  std::string text;
  for (const Link& link : Chain(answer->alerts[0], *answer)) text += link.text + "\n";
  for (const char* contact : {"alice-app", "alice-sms"}) {
    EXPECT_THAT(text, HasSubstr("to receiver " + std::string(contact) +
                                ", by the escalation of on-call, group {}:{alertname=\"B\"}"));
  }
}

TEST_P(MergedTest, ACrashSaysItOnceMoreUnderTheSameKey) {
  FireBoth("critical");
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  Restart(seconds(5));
  EXPECT_THAT(Under(seconds(40)), ElementsAre("alice-app B +A+B"));
  Restart(seconds(5));
  EXPECT_THAT(Under(seconds(40)), IsEmpty());
  Step({ConfigSwap{std::make_shared<config::Config>(*config_)}});
  EXPECT_THAT(Under(seconds(20)), IsEmpty());
}

TEST_P(MergedTest, WhatIsSilencedIsLeftOutAndToldWhenThatIsOver) {
  FireBoth("critical");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +A+B"));
  Silence("B", minutes(5));
  EXPECT_THAT(Under(minutes(3)), ElementsAre("alice-sms A +A"));
  EXPECT_THAT(Under(minutes(7)), UnorderedElementsAre("alice-sms A +A+B", "carol-app B +A+B"));
}

TEST_P(MergedTest, WhatIsOwedOfBothIncidentsIsOneMessageWhenTheyAreMerged) {
  UseApart();
  FireNow("A");
  EXPECT_THAT(Told(minutes(1), Vendor::kRefuses), ElementsAre("0 alice-app +A"));
  FireNow("B");
  EXPECT_THAT(Told(minutes(1), Vendor::kRefuses), ElementsAre("0 alice-app +B"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(seconds(20)), ElementsAre("alice-app A +A+B"));
  EXPECT_THAT(Under(minutes(2)), ElementsAre("alice-sms A +A+B"));
}

// Her call owes her one under the key of B, the policy one under that of A.
TEST_P(MergedTest, WhatACallAndAPolicyOweIsOneMessageWhenIncidentsAreMerged) {
  UseApart();
  FireNow("A");
  EXPECT_THAT(Told(seconds(3), Vendor::kRefuses), ElementsAre("0 alice-app +A"));
  FireNow("B");
  EXPECT_THAT(Told(seconds(3), Vendor::kRefuses), testing::Contains("0 alice-app +B"));
  Do(incident::Escalate{"user:alice"}, "zoe", 2);
  Told(seconds(1), Vendor::kRefuses);
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(seconds(20)), ElementsAre("alice-app A +A+B"));
  EXPECT_THAT(Under(seconds(60)), IsEmpty());
}

// A call owes her one under the key of B, which her vendor knows; that of A it has refused.
TEST_P(MergedTest, WhatIsOwedIsToldUnderTheKeyThatTheVendorKnows) {
  UseApart();
  FireNow("B");
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app B +B"));
  Do(incident::Escalate{"user:alice"}, "zoe", 1);
  EXPECT_THAT(Told(seconds(2), Vendor::kRefuses), testing::SizeIs(1));
  FireNow("A");
  EXPECT_THAT(Told(seconds(3), Vendor::kRefuses), testing::Contains("0 alice-app +A"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(seconds(20)), ElementsAre("alice-app B +A+B"));
}

// The policy owes her one under the key of B, when a call picks that of A, which her vendor knows.
TEST_P(MergedTest, ACallTakesOverWhatAPolicyOwesUnderAnotherKey) {
  UseApart();
  FireNow("A");
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app A +A"));
  FireNow("B");
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  const DeliveryId hung = std::exchange(attempts_, {})[0].id;
  Do(incident::Merge{1}, "zoe", 2);
  Do(incident::Escalate{"user:alice"}, "zoe", 1);
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app A +A+B"));
  AnswerTo(hung, Attempted::Kind::kRetry, "no answer");
  EXPECT_THAT(Under(seconds(90)), IsEmpty()) << "she has it";
}

TEST_P(MergedTest, APageOnTheWireDoesNotSpeakForTheGroupsThatCome) {
  UseApart();
  FireNow("A");
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  const DeliveryId hung = std::exchange(attempts_, {})[0].id;
  FireNow("B");
  EXPECT_THAT(Told(minutes(1), Vendor::kRefuses), ElementsAre("0 alice-app +B"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(seconds(5)), IsEmpty()) << "its answer is awaited";
  AnswerTo(hung, Attempted::Kind::kDone);
  EXPECT_THAT(Under(seconds(15)), ElementsAre("alice-app A +A+B"));
}

// She knows A by its key from before it was merged into an incident that she has in hand. Nobody
// remembers that merge when A comes back, and it is an incident of its own, of the same key.
TEST_P(MergedTest, AMessageTellsOfNoIncidentThatItsKeyWasOfOnce) {
  UseApart();
  Fire("B", "critical", std::chrono::hours(24 * 365));
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +B"));
  FireNow("A");
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app A +A"));
  Do(incident::Merge{1}, "zoe", 2);
  Do(incident::Acknowledge{});
  End("A", "critical");
  EXPECT_THAT(Under(minutes(10)), IsEmpty()) << "it is not over";
  FireNow("C");  // The newest incident is never forgotten.
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app C +C"));
  Do(incident::Acknowledge{}, "alice", 3);
  now_.wall += std::chrono::hours(24 * 7 * 14);  // She is on call again, and #2 is forgotten.
  EXPECT_THAT(Under(minutes(31)), testing::Contains("alice-app C -C")) << "silent since long";
  ASSERT_FALSE(Read(kViewIncidents)->incidents.contains(2));
  FireNow("A");
  const std::vector<std::string> told = Under(minutes(6));
  EXPECT_THAT(told, testing::Contains("alice-app A +A"));
  EXPECT_THAT(told, testing::Each(testing::Not(HasSubstr("+B")))) << "B is in her hand";
  EXPECT_EQ(One().state, incident::State::kAcknowledged);
}

// Her phone was told of A and B under the key of A, and heard no end. Both fire again, as incidents
// of their own, of which it is not told: a reload keeps B in no group of A for it, which would not
// be over before B is.
TEST_P(MergedTest, AReloadKeepsNothingForAPersonWhomNobodyTells) {
  const auto config_of = [&](bool send_resolved) {
    auto config = EscalationConfig(GetParam(), "critical");
    config->route.group_by = {"alertname"};
    config->receivers[0].integrations[0].send_resolved = send_resolved;
    return config;
  };
  config_ = config_of(false);
  Boot({});
  FireNow("A");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app A +A"));
  FireNow("B");
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app B +B"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(minutes(3)), ElementsAre("alice-sms A +A+B"));
  Do(incident::Acknowledge{});
  End("A", "critical");
  End("B", "critical");
  EXPECT_THAT(Under(std::chrono::hours(1)), IsEmpty());
  Step({ConfigSwap{config_of(true)}});
  FireNow("B");
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app B +B"));
  Do(incident::Acknowledge{}, "alice", 3);
  FireNow("A");
  EXPECT_THAT(Under(seconds(5)), ElementsAre("alice-app A +A"));
  Do(incident::Acknowledge{}, "alice", 4);
  Step({ConfigSwap{config_of(true)}});
  End("A", "critical");
  EXPECT_THAT(Under(minutes(6)), ElementsAre("alice-app A -A")) << "B fires on, and is no part";
}

TEST_P(MergedTest, WhoWasToldOfBothIncidentsHearsTheEndOfEach) {
  UseApart();
  FireNow("A");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app A +A"));
  FireNow("B");
  EXPECT_THAT(Under(minutes(1)), ElementsAre("alice-app B +B"));
  Do(incident::Merge{1}, "zoe", 2);
  EXPECT_THAT(Under(minutes(2)), ElementsAre("alice-sms A +A+B")) << "one, and no page more";
  Do(incident::Acknowledge{});
  End("A", "critical");
  End("B", "critical");
  EXPECT_THAT(Under(minutes(10)),
              UnorderedElementsAre("alice-app A -A", "alice-app B -B", "alice-sms A -B"));
}

}  // namespace
}  // namespace watchfire::core
