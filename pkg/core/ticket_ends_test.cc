// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Tickets that rules created, and the end of their incidents.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using automation::TicketState;
using config::AutomationAction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TicketEndsTest : public CoreTest {
 protected:
  TicketEndsTest() {
    config_->route.repeat_interval = std::chrono::hours(24);
    config_->route.group_interval = minutes(1);
    config_->incidents.reopen_within = minutes(10);
    config_->receivers.push_back({"tickets", {{"jira", 0, true, false, nullptr}}});
    AddRule("ticket");
    Boot({});
  }

  void AddRule(const std::string& name) {
    config::AutomationRule& rule = config_->automation.rules.emplace_back();
    rule.name = name;
    rule.action = AutomationAction::kTicket;
    rule.pattern = "apidown";
    rule.states = {"triggered"};
    rule.receiver = "tickets";
  }
  // Fires and is paged; everybody takes everything.
  void Open() {
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(31));
    TakeAll();
    Pass(seconds(1));
    TakeAll();
  }
  std::vector<Attempt> TakeAll(Attempted::Kind how = Attempted::Kind::kDone) {
    const std::vector<Attempt> taken = std::exchange(attempts_, {});
    for (const Attempt& attempt : taken) AnswerTo(attempt.id, how, "no such project");
    return taken;
  }
  // What leaves for the ticket in so much time, all of it taken.
  std::vector<Attempt> Told(Duration span) {
    std::vector<Attempt> told;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      for (Attempt& attempt : TakeAll()) {
        if (attempt.integration->kind == "jira") told.push_back(std::move(attempt));
      }
    }
    return told;
  }
  void Recover() {
    alert::Alert alert;
    alert.labels = labels::LabelSet{
        {"alertname", "ApiDown"}, {"service", "api"}, {"severity", "critical"}, {"team", "core"}};
    alert.starts_at = now_.wall - minutes(10);
    alert.ends_at = alert.updated_at = now_.wall;
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    arrived.resolved = 1;
    Step({std::move(arrived)});
    Commit();
  }
  void Act(incident::Act act, uint64_t incident = 1) {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = incident;
    command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    Step({std::move(command)});
    Commit();
  }
  void Reboot() {
    attempts_.clear();
    batches_.clear();
    Boot(Disk());
  }
  TicketState Ticket(const std::string& run = "1-1-ticket") {
    for (const automation::Run& one : Read(kViewAutomation)->automation) {
      if (one.id() == run) return one.ticket;
    }
    return TicketState::kNone;
  }
  std::vector<std::string> Timeline() {
    std::vector<std::string> lines;
    const auto incidents = Read(kViewIncidents)->incidents;
    for (const incident::Event& event : incidents.at(1)->timeline) {
      if (event.kind == "automation") lines.push_back(event.text);
    }
    return lines;
  }
};

// Of tickets that are opened and of those that end there are so many on the wire together.
TEST_F(TicketEndsTest, TheyLeaveConnectionsForPages) {
  for (int i = 0; i < 19; ++i) {
    const std::string name = "tickets-" + std::to_string(i);
    config_->receivers.push_back({name, {{"jira", 0, true, false, nullptr}}});
    AddRule(name);
    config_->automation.rules.back().receiver = name;
  }
  Boot({});
  Open();
  Told(seconds(10));
  Recover();
  const auto on_the_wire = [&] {
    return std::ranges::count_if(
        attempts_, [](const Attempt& attempt) { return attempt.integration->kind == "jira"; });
  };
  for (int i = 0; i < 90 && on_the_wire() == 0; ++i) {
    Pass(seconds(1));
    for (const Attempt& attempt : attempts_) {
      if (attempt.integration->kind != "jira") AnswerTo(attempt.id, Attempted::Kind::kDone, "");
    }
  }
  Pass(seconds(2));
  EXPECT_EQ(on_the_wire(), 16);
  TakeAll();
  Pass(seconds(2));
  EXPECT_EQ(on_the_wire(), 4);
}

TEST_F(TicketEndsTest, ARecoveryIsToldToTheTicketOnce) {
  Open();
  EXPECT_EQ(Ticket(), TicketState::kOpen);
  EXPECT_THAT(Told(minutes(5)), IsEmpty());
  Recover();
  const auto told = Told(minutes(5));
  ASSERT_THAT(told, SizeIs(1));
  ASSERT_TRUE(told[0].notification->update);
  EXPECT_EQ(told[0].notification->update->act, config::kVendorResolve);
  EXPECT_EQ(told[0].notification->update->by, "monitoring");
  EXPECT_THAT(told[0].notification->update->text, HasSubstr("incident 1, after "));
  EXPECT_THAT(told[0].notification->group_key, HasSubstr("service=\"api\""));
  EXPECT_EQ(Ticket(), TicketState::kClosed);
  EXPECT_THAT(Timeline(), ElementsAre("create_ticket success", "create_ticket told of the end"));
  Reboot();
  EXPECT_THAT(Told(minutes(5)), IsEmpty());
  EXPECT_EQ(Ticket(), TicketState::kClosed);
}

// As its system calls it: whoever reads the timeline finds it there.
TEST_F(TicketEndsTest, TheTimelineNamesTheTicketIfItsSystemDoes) {
  const auto take = [&](const std::string& name, const std::string& flaw) {
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      Attempted taken;
      taken.id = attempt.id;
      if (attempt.integration->kind == "jira") {
        taken.data = {{"ticket", name}};
        taken.flaw = flaw;
      }
      Step({taken});
      Commit();
    }
  };
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  take("OPS-7", "no summary");
  Pass(seconds(1));
  take("OPS-7", "no summary");
  Act(incident::Resolve{});
  Pass(seconds(1));
  take("OPS-8", "");
  EXPECT_THAT(Timeline(), ElementsAre("create_ticket success: OPS-7; no summary",
                                      "create_ticket told of the end: OPS-8"));
  EXPECT_EQ(Read(kViewAutomation)->automation.at(0).text, "OPS-7; no summary");
  EXPECT_EQ(Ticket(), TicketState::kClosed);
}

TEST_F(TicketEndsTest, AResolveByHandIsToldWithItsName) {
  Open();
  Act(incident::Resolve{});
  const auto told = Told(minutes(1));
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].notification->update->by, "ada");
}

TEST_F(TicketEndsTest, ItLeavesOnlyWhenTheEndIsStored) {
  Open();
  IncidentCommand command;
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  command.act = incident::Resolve{};
  Step({std::move(command)});
  for (int i = 0; i < 3; ++i) {
    now_.mono += seconds(2);
    now_.wall += seconds(2);
    Step();
    EXPECT_THAT(attempts_, IsEmpty());
    Commit(Fail(Code::kUnavailable, "disk full"));
  }
  EXPECT_THAT(Told(seconds(5)), SizeIs(1));
}

// Killed while it is on the wire, and before it left.
TEST_F(TicketEndsTest, ARestartTellsItOnceMoreAndNoMore) {
  Open();
  Act(incident::Resolve{});
  ASSERT_THAT(attempts_, SizeIs(1));
  Reboot();
  EXPECT_THAT(Told(minutes(1)), SizeIs(1));
  Reboot();
  EXPECT_THAT(Told(minutes(1)), IsEmpty());
}

TEST_F(TicketEndsTest, AnEndThatThisProcessNeverSawIsToldAllTheSame) {
  Open();
  const auto before = disk_.at({Table::kAutomation, "1-1-ticket"});
  Act(incident::Resolve{});
  disk_[{Table::kAutomation, "1-1-ticket"}] = before;  // As of before the end.
  Reboot();
  EXPECT_THAT(Told(minutes(1)), SizeIs(1));
}

TEST_F(TicketEndsTest, WhatIsReopenedBeforeItWasToldIsNotClosed) {
  Open();
  Act(incident::Resolve{});
  ASSERT_THAT(attempts_, SizeIs(1));
  Attempted busy;
  busy.kind = Attempted::Kind::kRetry;
  busy.id = attempts_[0].id;
  busy.retry_after = minutes(10);
  attempts_.clear();
  Step({busy});
  Fire("AlsoDown", "critical", minutes(600));  // A page soon after.
  const auto told = Told(minutes(3));
  ASSERT_THAT(told, SizeIs(1)) << "the rule again, in the new cycle";
  EXPECT_FALSE(told[0].notification->update);
  EXPECT_EQ(Ticket(), TicketState::kOpen);
  Act(incident::Resolve{});
  EXPECT_THAT(Told(minutes(1)), SizeIs(1)) << "one ticket, one end";
  EXPECT_EQ(Ticket("1-2-ticket"), TicketState::kClosed);
  EXPECT_EQ(Ticket(), TicketState::kNone);
}

TEST_F(TicketEndsTest, ATicketThatRefusesIsLeftOpenAndSaysSo) {
  Open();
  Act(incident::Resolve{});
  TakeAll(Attempted::Kind::kFail);
  EXPECT_EQ(Ticket(), TicketState::kLeft);
  EXPECT_EQ(Timeline().back(), "create_ticket not told of the end: no such project");
  EXPECT_THAT(Told(minutes(1)), IsEmpty());
}

TEST_F(TicketEndsTest, ATicketThatMayHaveBeenOpenedIsToldOfTheEnd) {
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  for (const Attempt& attempt : std::exchange(attempts_, {})) {
    Attempted answer;
    answer.id = attempt.id;
    if (attempt.integration->kind == "jira") {
      answer.kind = Attempted::Kind::kRetry;
      answer.why = "no answer";
      answer.unknown = true;
    }
    Step({answer});
    Commit();
  }
  Act(incident::Resolve{});
  const std::vector<Attempt> told = Told(minutes(1));
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].notification->reason, dispatch::Reason::kAllResolved);
  EXPECT_EQ(Ticket(), TicketState::kClosed);
}

TEST_F(TicketEndsTest, ATicketThatWasNeverOpenedIsNot) {
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  TakeAll(Attempted::Kind::kRetry);
  Act(incident::Resolve{});
  EXPECT_THAT(Told(minutes(1)), IsEmpty());
}

TEST_F(TicketEndsTest, ALateEndLeavesTheTicketOfTheNextIncidentOpen) {
  Open();
  Act(incident::Resolve{});
  const auto refuse_for = [&](Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end; Pass(seconds(1))) {
      for (const Attempt& attempt : std::exchange(attempts_, {})) {
        const bool is_end = attempt.notification->update.has_value();
        AnswerTo(attempt.id, is_end ? Attempted::Kind::kRetry : Attempted::Kind::kDone, "busy");
      }
    }
  };
  Recover();
  refuse_for(minutes(11));
  Fire("ApiDown", "critical", minutes(600));
  refuse_for(minutes(1));
  ASSERT_EQ(Ticket("2-1-ticket"), TicketState::kOpen);
  EXPECT_EQ(Ticket(), TicketState::kLeft);
  EXPECT_EQ(Timeline().back(), "create_ticket not told of the end: incident 2 has the same ticket");
  EXPECT_THAT(Told(minutes(15)), IsEmpty());
  Act(incident::Resolve{}, 2);
  EXPECT_THAT(Told(minutes(1)), SizeIs(1));
}

TEST_F(TicketEndsTest, ATicketThatNobodyTakesTheEndOfIsGivenUp) {
  Open();
  Act(incident::Resolve{});
  for (int i = 0; i < 16 * 60; ++i) {
    TakeAll(Attempted::Kind::kRetry);
    Pass(seconds(1));
  }
  EXPECT_EQ(Ticket(), TicketState::kLeft);
  EXPECT_EQ(Timeline().back(),
            "create_ticket not told of the end: not taken in time: no such project");
  EXPECT_TRUE(core_->idle());
}

TEST_F(TicketEndsTest, TwoRulesWithOneTicketTellItOnce) {
  AddRule("other");
  Boot({});
  Open();
  EXPECT_EQ(Ticket("1-1-other"), TicketState::kOpen);
  Act(incident::Resolve{});
  EXPECT_THAT(Told(minutes(1)), SizeIs(1));
}

TEST_F(TicketEndsTest, TheEndOfAMergedIncidentIsThatOfTheOneThatGoesOn) {
  Open();
  alert::Alert other;
  other.labels = labels::LabelSet{{"alertname", "B"}, {"service", "zzz"}, {"team", "core"}};
  other.starts_at = other.updated_at = now_.wall;
  other.ends_at = now_.wall + minutes(600);
  AlertsArrived arrived;
  arrived.alerts = {other};
  arrived.firing = 1;
  Step({std::move(arrived)});
  Told(minutes(1));
  Act(incident::Merge{2}, 1);
  // The rule may be for the other one as well now, which has a ticket of its own then.
  const auto ends = [&](Duration span) {
    std::vector<std::string> groups;
    for (const Attempt& attempt : Told(span)) {
      if (attempt.notification->update) groups.push_back(attempt.notification->group_key);
    }
    return groups;
  };
  EXPECT_THAT(ends(minutes(2)), IsEmpty()) << "it goes on";
  EXPECT_EQ(Ticket(), TicketState::kOpen);
  Act(incident::Resolve{}, 2);
  EXPECT_THAT(ends(minutes(1)),
              testing::UnorderedElementsAre("{}:{service=\"api\"}", "{}:{service=\"zzz\"}"));
}

TEST_F(TicketEndsTest, WithoutItsRuleATicketIsLeftOpen) {
  Open();
  auto config = std::make_shared<config::Config>(*config_);
  config->automation.rules.clear();
  config_ = config;
  Step({ConfigSwap{config_}});
  Commit();
  Act(incident::Resolve{});
  EXPECT_THAT(Told(minutes(1)), IsEmpty());
  EXPECT_EQ(Ticket(), TicketState::kLeft);
}

}  // namespace
}  // namespace watchfire::core
