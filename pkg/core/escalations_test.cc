// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Policies that run: who is paged when, what stops them, and what a restart or a reload makes of
// it.

#include "pkg/core/escalations.h"

#include "pkg/core/escalation_fixture.h"
#include "pkg/core/explanation.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

INSTANTIATE_TEST_SUITE_P(Deliveries, EscalationTest, BothDeliveries(), DeliveryName);

TEST_P(EscalationTest, StepsAndContactsComeInTheirOrder) {
  FireNow();
  EXPECT_THAT(Told(minutes(20)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "600 carol-app +A", "900 mail +A"))
      << "and five minutes after the last step the fallback";
  EXPECT_THAT(Told(std::chrono::hours(3)), IsEmpty());
  EXPECT_THAT(Timeline("notified"),
              ElementsAre("step 1 of critical: to alice (alice-app, alice-sms after 3m)"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 2 of critical: to carol (carol-app)"))
      << "only what went beyond the first step: analytics count it";
  EXPECT_THAT(Timeline("paged"), Contains("alice through alice-app"));
  EXPECT_THAT(Timeline("ran_out"), ElementsAre(HasSubstr("nobody has acknowledged: to mail")));
  const auto incidents = Read(kViewIncidents)->incidents;
  ASSERT_EQ(incidents.size(), 1U);
  EXPECT_EQ(incidents.at(1)->receiver, "on-call");
  EXPECT_NE(incidents.at(1)->paged_at, kNoTime);
  EXPECT_EQ((ReadStats().escalation_steps[{"critical", "told"}]), 2U);
  EXPECT_EQ(ReadStats().fallbacks.size(), 0U) << "they have a count of their own";
}

TEST_P(EscalationTest, AnAckStopsStepsAndContacts) {
  FireNow();
  EXPECT_THAT(Told(minutes(2)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(std::chrono::hours(3)), IsEmpty());
}

TEST_P(EscalationTest, APageThatWaitsIsWithdrawnByAnAck) {
  FireNow();
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  Answer(Attempted::Kind::kRetry, "503");
  attempts_.clear();
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(std::chrono::hours(1)), IsEmpty()) << "not even another attempt";
}

TEST_P(EscalationTest, AnAttemptOnTheWireIsNotRepeatedAfterAnAck) {
  FireNow();
  for (int i = 0; i < 3 && attempts_.empty(); ++i) Pass(seconds(1));
  ASSERT_EQ(attempts_.size(), 1U);
  Do(incident::Acknowledge{});
  Answer(Attempted::Kind::kRetry, "503");
  attempts_.clear();
  EXPECT_THAT(Told(std::chrono::hours(1)), IsEmpty());
}

TEST_P(EscalationTest, TheEndIsToldToAllWhoWerePaged) {
  FireNow();
  Told(minutes(12));
  Do(incident::Acknowledge{});
  End("A", "critical");
  EXPECT_THAT(Told(minutes(10)),
              UnorderedElementsAre(HasSubstr("alice-app -A"), HasSubstr("alice-sms -A"),
                                   HasSubstr("carol-app -A")));
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kResolved);
  EXPECT_THAT(Told(std::chrono::hours(6)), IsEmpty());
}

TEST_P(EscalationTest, NobodyHearsOfEndsHeWasNotPagedFor) {
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  End("A", "critical");
  EXPECT_THAT(Told(minutes(30)), ElementsAre(HasSubstr("alice-app -A")));
}

TEST_P(EscalationTest, SendResolvedFalseLeavesTheEndUnsaid) {
  config_->receivers[0].integrations[0].send_resolved = false;
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  End("A", "critical");
  EXPECT_THAT(Told(minutes(30)), IsEmpty());
}

TEST_P(EscalationTest, WhatJoinsIsOneIncidentAndNotPagedByItself) {
  FireNow();
  EXPECT_THAT(Told(minutes(4)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
  Fire("B", "critical", std::chrono::hours(24));
  EXPECT_THAT(Told(minutes(5) + seconds(50)), IsEmpty());
  EXPECT_THAT(Told(seconds(30)), ElementsAre("600 carol-app +A+B"));
  Do(incident::Acknowledge{});
  End("A", "critical");
  EXPECT_THAT(Told(minutes(20)), IsEmpty()) << "it is not over";
  End("B", "critical");
  EXPECT_THAT(Told(minutes(10)),
              UnorderedElementsAre(HasSubstr("alice-app -A"), HasSubstr("alice-sms -A"),
                                   HasSubstr("carol-app -B")));
}

TEST_P(EscalationTest, ARepeatPagesAgain) {
  Use("rounds");
  FireNow();
  EXPECT_THAT(Told(minutes(40)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "600 alice-app +A",
                          "780 alice-sms +A", "1200 mail +A"));
}

TEST_P(EscalationTest, NobodyOnCallIsLoudAndGoesToTheFallbackAtOnce) {
  Use("empty");  // It is afternoon.
  FireNow();
  EXPECT_THAT(Told(minutes(12)), ElementsAre("0 mail +A", "600 carol-app +A"));
  EXPECT_EQ((ReadStats().unreachable[{"empty"}]), 1U);
  EXPECT_THAT(Timeline("unreachable"), ElementsAre("step 1 of empty: nobody is on call: to mail"));
}

TEST_P(EscalationTest, SoDoesAPersonWithoutContacts) {
  config_->oncall.contacts.erase("carol");
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(12)), ElementsAre("0 alice-app +A", "180 alice-sms +A", "600 mail +A"));
  EXPECT_EQ((ReadStats().unreachable[{"critical"}]), 1U);
}

TEST_P(EscalationTest, APolicyMayEndItsIncident) {
  Use("closing");
  FireNow();
  Told(minutes(59));
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kTriggered);
  EXPECT_THAT(Told(minutes(3)), IsEmpty());
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kResolved);
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->resolved_by, "closing");
}

TEST_P(EscalationTest, StepsOfNotResolvedGoOnButNotToWhoAcknowledged) {
  Use("stubborn");
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(30)), ElementsAre("600 carol-app +A"));
}

TEST_P(EscalationTest, AnAckThatExpiresBeginsAgainAtTheFirstStep) {
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Do(incident::Acknowledge{{kNoTime, std::chrono::hours(1)}});
  EXPECT_THAT(Told(minutes(60) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(12)),
              ElementsAre("0 alice-app +A", "180 alice-sms +A", "600 carol-app +A"));
}

TEST_P(EscalationTest, SoDoesASnooze) {
  FireNow();
  Told(minutes(1));
  Do(incident::Snooze{{kNoTime, std::chrono::hours(2)}});
  EXPECT_THAT(Told(minutes(120) - seconds(1)), IsEmpty());
  from_ = now_.mono + seconds(1);
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
}

TEST_P(EscalationTest, AResolvedIncidentPagesNobody) {
  FireNow();
  Told(minutes(1));
  Do(incident::Resolve{});
  EXPECT_THAT(Told(std::chrono::hours(3)), IsEmpty());
}

TEST_P(EscalationTest, ARestartInTheMiddleSkipsNothingAndRepeatsNothing) {
  FireNow();
  EXPECT_THAT(Told(minutes(2)), ElementsAre("0 alice-app +A"));
  const Duration passed = now_.mono - from_;
  Restart(seconds(30));
  from_ = now_.mono - passed - seconds(30);
  EXPECT_THAT(Told(minutes(2)), ElementsAre("180 alice-sms +A"));
  const Duration then = now_.mono - from_;
  Restart(minutes(10));  // Its time passes while nobody is there.
  from_ = now_.mono - then - minutes(10);
  EXPECT_THAT(Told(seconds(5)), ElementsAre(HasSubstr(" carol-app +A")));
  Do(incident::Acknowledge{});
  Restart(seconds(30));
  EXPECT_THAT(Told(std::chrono::hours(2)), IsEmpty()) << "the ack is kept";
  End("A", "critical");
  EXPECT_EQ(Told(minutes(10)).size(), 3U) << "and so is who was paged";
}

// kill -9 between the request and its record: said again under the same key.
TEST_P(EscalationTest, APageInDoubtIsSaidAgain) {
  FireNow();
  EXPECT_THAT(Told(seconds(5), Vendor::kIsSilent), ElementsAre("0 alice-app +A"));
  Restart(seconds(10));
  EXPECT_THAT(Told(seconds(5)), ElementsAre(HasSubstr("alice-app +A")));
  Restart(seconds(10));
  EXPECT_THAT(Told(minutes(1)), IsEmpty());
}

TEST_P(EscalationTest, AStoreThatFailsDelaysAPageAndDoesNotStopIt) {
  Fire("A", "critical", std::chrono::hours(24));
  for (int i = 0; i < 33; ++i) {
    now_.mono += seconds(1);
    now_.wall += seconds(1);
    Step();
    Commit(Fail(Code::kUnavailable, "disk full"));
  }
  ASSERT_FALSE(attempts_.empty());
  EXPECT_EQ(attempts_[0].notification->receiver, "alice-app");
}

TEST_P(EscalationTest, AWallClockThatStepsMovesNoStep) {
  FireNow();
  EXPECT_THAT(Told(minutes(2)), ElementsAre("0 alice-app +A"));
  now_.wall += std::chrono::hours(1);
  EXPECT_THAT(Told(minutes(2)), ElementsAre("180 alice-sms +A"));
  now_.wall -= std::chrono::hours(2);
  EXPECT_THAT(Told(minutes(8)), ElementsAre("600 carol-app +A"));
}

TEST_P(EscalationTest, WhoLeftTheConfigurationIsPagedNoMore) {
  FireNow();
  EXPECT_THAT(Told(minutes(2)), ElementsAre("0 alice-app +A"));
  auto other = std::make_shared<config::Config>(*config_);
  other->oncall.contacts.erase("alice");
  Step({ConfigSwap{other}});
  EXPECT_THAT(Told(minutes(10)), ElementsAre("600 carol-app +A"));
}

TEST_P(EscalationTest, AReloadRepeatsNothing) {
  FireNow();
  EXPECT_THAT(Told(minutes(4)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
  Step({ConfigSwap{std::make_shared<config::Config>(*config_)}});
  EXPECT_THAT(Told(minutes(7)), ElementsAre("600 carol-app +A"));
}

TEST_P(EscalationTest, APolicyThatIsGoneLeavesItToTheFallback) {
  FireNow();
  Told(minutes(1));
  auto other = std::make_shared<config::Config>(*config_);
  auto roster = std::make_shared<oncall::Roster>(*config_->oncall.roster);
  std::erase_if(roster->policies, [](const auto& policy) { return policy.name == "critical"; });
  other->oncall.roster = roster;
  Step({ConfigSwap{other}});
  EXPECT_THAT(Told(minutes(2)), ElementsAre(HasSubstr("mail +A")));
}

// Who is on call is looked up when the step is due. Clocks went back that night, so alice's week
// has an hour more: bob takes over at midnight all the same.
TEST_P(EscalationTest, ADstNightHandsOverOnTheWall) {
  now_.wall = oncall::ParseZonedOrLocal("2026-10-25T22:59:00Z", {}).value();  // 23:59 in Berlin.
  Boot({});
  FireNow();
  EXPECT_THAT(Told(seconds(20)), ElementsAre("0 alice-app +A"));
  now_.wall = oncall::ParseZonedOrLocal("2026-10-25T22:59:30Z", {}).value();
  Boot({});
  FireNow();
  EXPECT_THAT(Told(seconds(20)), ElementsAre("0 bob-app +A"));
}

TEST_P(EscalationTest, WhatIsSilencedNeitherStartsNorGoesOn) {
  Silence("A", minutes(30));
  FireNow();
  EXPECT_THAT(Told(minutes(20)), IsEmpty());
  EXPECT_THAT(Told(minutes(16)), ElementsAre(HasSubstr("alice-app +A"), HasSubstr("alice-sms +A")));
}

TEST_P(EscalationTest, ASilenceHoldsAPolicyWhereItStands) {
  FireNow();
  EXPECT_THAT(Told(minutes(5)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
  Silence("A", minutes(30));
  EXPECT_THAT(Told(minutes(29)), IsEmpty());
  EXPECT_THAT(Told(minutes(4)), ElementsAre(HasSubstr("carol-app +A")));
  EXPECT_THAT(Told(minutes(7)), ElementsAre(HasSubstr("mail +A"))) << "what follows moved with it";
}

TEST_P(EscalationTest, SoItDoesIfTheSilenceEndsWhileTheProcessIsDown) {
  Use("three_deep");  // carol at 30 min, alice at 58
  for (const bool is_due_before : {true, false}) {
    Use("three_deep");
    disk_.clear();
    Boot({});
    FireNow();
    EXPECT_THAT(Told(minutes(5)), ElementsAre("0 alice-app +A", "180 alice-sms +A"));
    Silence("A", minutes(60));
    if (is_due_before) {
      EXPECT_THAT(Told(minutes(40)), IsEmpty());
      Restart(minutes(40));
    } else {
      EXPECT_THAT(Told(minutes(10)), IsEmpty());
      Step({Shutdown{}});
      Commit();
      Restart(minutes(70));
    }
    EXPECT_THAT(Told(minutes(1)), ElementsAre(HasSubstr("carol-app +A"))) << is_due_before;
    Restart(seconds(1));
    EXPECT_THAT(Told(minutes(26)), IsEmpty()) << is_due_before;
    EXPECT_THAT(Told(minutes(2)), ElementsAre(HasSubstr("alice-app +A"))) << is_due_before;
  }
}

// Nobody was there in time, and nothing kept anybody from hearing of it.
TEST_P(EscalationTest, StepsThatNobodyMutedAreToldAtOnceWhenTheProcessIsBack) {
  Use("three_deep");
  FireNow();
  Told(minutes(5));
  Silence("A", minutes(5));
  Told(minutes(10));
  Restart(minutes(50));
  EXPECT_THAT(Told(minutes(1)),
              UnorderedElementsAre(HasSubstr("carol-app +A"), HasSubstr("alice-app +A")));
}

TEST_P(EscalationTest, ARefusedContactHasItsFallback) {
  for (config::Receiver& receiver : config_->receivers) {
    if (receiver.name == "alice-app") receiver.fallback = "bob-app";
  }
  Boot({});
  FireNow();
  Pass(seconds(2));
  ASSERT_EQ(attempts_.size(), 1U);
  Answer(Attempted::Kind::kFail, "404");
  attempts_.erase(attempts_.begin());
  EXPECT_THAT(Told(minutes(1)), Contains(HasSubstr("bob-app +A")));
}

TEST_P(EscalationTest, WhatAVendorRefusesIsTriedAgainUntilAnAck) {
  FireNow();
  const auto told = Told(minutes(16), Vendor::kRefuses);
  EXPECT_GE(
      std::ranges::count_if(
          told, [](const std::string& one) { return one.find("alice-app") != std::string::npos; }),
      3)
      << "with each flush of the group";
  EXPECT_THAT(told, Contains("600 carol-app +A")) << "the policy goes on";
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(minutes(16)), IsEmpty());
}

// Told again after repeat_interval, and still nobody's: the policy that has run out begins anew.
TEST_P(EscalationTest, WhatIsStillNobodysIsEscalatedAgainAtTheRepeat) {
  FireNow();
  EXPECT_EQ(Told(std::chrono::hours(3)).size(), 4U);
  EXPECT_EQ(Told(std::chrono::hours(2)).size(), 4U);
  Do(incident::Acknowledge{});
  EXPECT_THAT(Told(std::chrono::hours(9)), IsEmpty());
}

// Two groups of one correlation are one incident with one policy, and one message of a step.
TEST_P(EscalationTest, AMergedIncidentHasOneEscalation) {
  config_->incidents.correlate_by = "team";
  config_->route.group_by = {"alertname"};
  Boot({});
  FireNow();
  EXPECT_THAT(Told(minutes(1)), ElementsAre("0 alice-app +A"));
  Fire("B", "critical", std::chrono::hours(24));
  EXPECT_THAT(Told(minutes(4)), ElementsAre("180 alice-sms +A+B"))
      << "and not from the first step again";
  EXPECT_THAT(Told(minutes(6)), ElementsAre("600 carol-app +A+B"));
}

TEST_P(EscalationTest, TheExplanationSaysWhoWasOnCall) {
  FireNow();
  Told(minutes(1));
  ExplainRequest request;
  request.matchers = {Equal("alertname", "A")};
  Step({request});
  const std::shared_ptr<const Explained> answer = replies_.back().explained;
  ASSERT_NE(answer, nullptr);
  ASSERT_EQ(answer->alerts.size(), 1U);
  std::string text;
  for (const Link& link : Chain(answer->alerts[0], *answer)) {
    text += link.what + ": " + link.text + "\n";
  }
  EXPECT_THAT(text, HasSubstr("escalation: step 1 of critical: to alice (alice-app, alice-sms "
                              "after 3m)\n"));
  EXPECT_THAT(text, HasSubstr("route: to receiver alice-app, by the escalation of on-call, group "
                              "{}:{service=\"api\"}\n"));
}

TEST(EscalationsTest, ARecordThatSaysOnlyWhenTheLastHoldBeganHeldItSinceThen) {
  const Now now{MonoTime(minutes(103)), FromNanos(1'790'000'000'000'000'000)};
  const auto read_back = [&](const RunningEscalation& running) {
    Escalations other;
    EXPECT_TRUE(other.Restore(Escalations::Encode(running, now), now));
    return other.Find(running.id)->held_from;
  };
  RunningEscalation running;
  running.id = {7, "p"};
  running.start = now.mono - minutes(10);
  EXPECT_EQ(read_back(running), std::nullopt);
  running.held_since = now.wall - minutes(4);
  EXPECT_EQ(read_back(running), minutes(6));
  running.held_since = now.wall - minutes(11);
  EXPECT_EQ(read_back(running), minutes(0)) << "the clock was set meanwhile";
  running.held_since = now.wall + minutes(1);
  EXPECT_EQ(read_back(running), minutes(10));
  running.held_from = minutes(2);
  EXPECT_EQ(read_back(running), minutes(2));
}

TEST(EscalationsTest, ARecordIsReadBack) {
  RunningEscalation running;
  running.id = {7, "on call"};
  running.groups = {{"r", "{}:{a=\"b\"}"}};
  running.cycle = 3;
  running.progress.round = 1;
  running.progress.step = 2;
  running.progress.shift = seconds(-5);
  running.progress.sequence = 4;
  running.progress.acked_by = {"ada"};
  running.started = FromNanos(1'000);
  running.start = MonoTime(minutes(100));
  running.last_call = minutes(9);
  running.called = RunningEscalation::Called::kAsOwner;
  running.is_owner_by_rule = true;
  PersonalContact* contact = running.ContactOf("bo", "bo-app");
  contact->due = minutes(2);
  contact->owed = {{"r", "{}:{a=\"b\"}", "webhook", 1}};
  contact->is_reached = true;
  contact->leads = {{"r", "{}:{a=\"b\"}"}, {"r", "{}:{a=\"c\"}"}};
  contact->muted = {{"r", "{}:{a=\"d\"}"}};
  const Now now{MonoTime(minutes(103)), FromNanos(1'790'000'000'000'000'000)};
  const Record record = Escalations::Encode(running, now);

  Escalations other;
  const Now later{MonoTime(minutes(1)), now.wall + minutes(4)};
  ASSERT_TRUE(other.Restore(record, later));
  const RunningEscalation* read = other.Find({7, "on call"});
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(later.mono - read->start, minutes(7)) << "three had passed, and four since then";
  EXPECT_EQ(read->progress, running.progress);
  EXPECT_EQ(read->contacts, running.contacts);
  EXPECT_EQ(read->groups, running.groups);
  EXPECT_EQ(read->last_call, running.last_call);
  EXPECT_EQ(read->called, running.called);
  EXPECT_TRUE(read->is_owner_by_rule);
  EXPECT_EQ(other.NextSequence("on call"), 5U);
  EXPECT_FALSE(other.Restore(record, later)) << "twice";
  EXPECT_FALSE(Escalations().Restore({Table::kEscalation, "x", "{}"}, later));
  EXPECT_FALSE(Escalations().Restore({Table::kEscalation, "1 x", "{}"}, later));
}

}  // namespace
}  // namespace watchfire::core
