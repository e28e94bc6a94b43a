// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// That a policy went on is told to whoever watches, beside the pages that it sends.

#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TellingEscalationTest : public EscalationTest {
 protected:
  TellingEscalationTest() {
    const auto config = EscalationConfig(GetParam());
    config::Integration chat{"slack", 0, true, false, nullptr};
    chat.takes =
        config::kVendorEscalate | config::kVendorAcknowledge | config::kVendorUnacknowledge;
    config->receivers[0].integrations.push_back(chat);
    config_ = config;
    Boot({});
    FireNow();
  }
  // What the chat is told of the incident meanwhile; all else is taken.
  std::vector<std::string> Said(Duration span) {
    std::vector<std::string> said;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.front();
        attempts_.erase(attempts_.begin());
        const auto& update = attempt.notification->update;
        if (update) {
          EXPECT_EQ(attempt.integration->kind, "slack");
          said.push_back(config::VendorActName(update->act) + (" by " + update->by) + ": " +
                         update->text);
        }
        AnswerTo(attempt.id, Attempted::Kind::kDone);
      }
    }
    return said;
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, TellingEscalationTest, BothDeliveries(), DeliveryName);

TEST_P(TellingEscalationTest, AStepBeyondTheFirstIsToldOnce) {
  EXPECT_THAT(Said(minutes(9)), IsEmpty()) << "the first step is the page itself";
  EXPECT_THAT(Said(minutes(2)),
              ElementsAre("escalate by watchfire: step 2 of critical: to carol (carol-app)"));
  EXPECT_THAT(Said(std::chrono::hours(2)), IsEmpty());
}

TEST_P(TellingEscalationTest, WhoAskedForItIsNamed) {
  EXPECT_THAT(Said(minutes(5)), IsEmpty());
  Do(incident::Escalate{}, "zoe");
  EXPECT_THAT(Said(minutes(2)),
              ElementsAre("escalate by zoe: step 2 of critical: to carol (carol-app)"));
}

// A person of whom a rule asks is paged beyond what the incident's policy does, also when the
// incident is that person's: M6 counts it, so chats and the timeline say it as well.
TEST_P(TellingEscalationTest, ARuleThatCallsTheOwnerEscalatesInChatsTimelineAndFigures) {
  config::AutomationRule& rule = config_->automation.rules.emplace_back();
  rule.name = "robot";
  rule.action = config::AutomationAction::kEscalate;
  rule.pattern = "a";
  rule.states = {"triggered"};
  rule.after = minutes(20);
  rule.escalate_to = "user:bob";
  Boot({});
  FireNow();
  EXPECT_THAT(Said(minutes(1)), IsEmpty());
  Do(incident::Reassign{"bob"}, "alice");
  EXPECT_THAT(Said(minutes(18)),
              ElementsAre("escalate by watchfire: step 2 of critical: to carol (carol-app)"));
  EXPECT_THAT(Said(minutes(3)),
              ElementsAre("escalate by robot: step 1 of user:bob: to bob (bob-app)"));
  EXPECT_THAT(Timeline("notified"),
              ElementsAre("step 1 of critical: to alice (alice-app, alice-sms after 3m)",
                          "told bob (bob-app)"));
  EXPECT_THAT(Timeline("escalated"), ElementsAre("step 2 of critical: to carol (carol-app)",
                                                 "step 1 of user:bob: to bob (bob-app)"));
  const Stats stats = ReadStats();
  EXPECT_EQ(stats.incidents.escalations.at({"core", "policy", "1"}), 1U);
  EXPECT_EQ(stats.incidents.escalations.at({"core", "timeout", "2"}), 1U);
  EXPECT_EQ(stats.incidents.escalated.at({"core", "critical"}), 1U);
}

TEST_P(TellingEscalationTest, WhoTookItIsToldAndNothingAfterThat) {
  EXPECT_THAT(Said(minutes(5)), IsEmpty());
  Do(incident::Acknowledge{});
  EXPECT_THAT(Said(minutes(30)), ElementsAre("acknowledge by alice: "));
}

TEST_P(TellingEscalationTest, WhoEndsTheAckOfARuleGivesItToNobody) {
  Said(minutes(1));
  IncidentCommand command;
  command.reply_to = RequestId{5};
  command.incident = 1;
  command.ack = {"quiet disks", incident::ActorType::kAutomation, "automation", ""};
  command.act = incident::Acknowledge{};
  Step({std::move(command)});
  Commit();
  Said(minutes(1));
  Do(incident::Escalate{}, "zoe");
  EXPECT_THAT(Said(seconds(30)), ElementsAre("unacknowledge by zoe: escalated"));
}

}  // namespace
}  // namespace watchfire::core
