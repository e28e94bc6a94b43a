// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rules that act on incidents by themselves.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/automating_fixture.h"

namespace watchfire::core {
namespace {

using automation::Outcome;
using config::AutomationAction;
using config::AutomationRule;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- auto_acknowledge ----

TEST_F(AutomatingTest, NothingIsDoneUnlessARuleSaysSo) {
  Start(std::vector<AutomationRule>());
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_THAT(Read(kViewAutomation)->automation, IsEmpty());
}

TEST_F(AutomatingTest, ARuleAcknowledgesAndSaysSo) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.message = "known, cleans up by itself";
  Start(rule);
  const auto incident = One();
  EXPECT_EQ(incident->state, incident::State::kAcknowledged);
  ASSERT_TRUE(incident->ack);
  EXPECT_TRUE(incident->ack->is_automatic);
  EXPECT_EQ(incident->ack->by, "robot");
  EXPECT_THAT(Timeline(),
              ElementsAre("robot: auto_acknowledge success: known, cleans up by itself"));
  const auto stats = *Read(kViewStats)->stats;
  EXPECT_EQ(stats.automation.runs.at({"robot", "auto_acknowledge", "success"}), 1U);
  EXPECT_EQ(stats.incidents.ack_seconds.series().begin()->first[3], "automation");
}

TEST_F(AutomatingTest, TheFirstPageGoesOutAllTheSame) {
  config_ = Config({Rule(AutomationAction::kAcknowledge)});
  Boot({});
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  EXPECT_THAT(OnTheWire(), ElementsAre("victorops"));
}

TEST_F(AutomatingTest, AnAckOfARuleEndsAndIsNotRepeated) {
  Start(Rule(AutomationAction::kAcknowledge));
  Pass(minutes(30) + seconds(1));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(One()->cycle, 2);
  EXPECT_THAT(OnTheWire(), ElementsAre("victorops")) << "it is paged again";
  TakePage();
  Pass(minutes(60));
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "what came back is a person's";
}

TEST_F(AutomatingTest, APersonTakesOverWhatARuleAcknowledged) {
  Start(Rule(AutomationAction::kAcknowledge));
  Pass(minutes(1));
  Act(incident::Acknowledge{});
  const auto incident = One();
  ASSERT_TRUE(incident->ack);
  EXPECT_FALSE(incident->ack->is_automatic);
  EXPECT_EQ(incident->ack->by, "ada");
  EXPECT_EQ(incident->owner, "ada");
  EXPECT_EQ(incident->ack->until, kNoTime);
  Pass(minutes(60));
  EXPECT_EQ(One()->state, incident::State::kAcknowledged) << "nobody is paged after an ack";
  EXPECT_THAT(attempts_, IsEmpty());
  const auto series = Read(kViewStats)->stats->incidents.ack_seconds.series();
  EXPECT_EQ(series.size(), 2U) << "that of the rule and that of the person";
}

TEST_F(AutomatingTest, ARuleDoesNotTakeOverWhatAPersonHolds) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.states = {"triggered", "acknowledged"};
  rule.after = minutes(10);
  Start(rule);
  Act(incident::Acknowledge{});
  Pass(minutes(50));
  ASSERT_TRUE(One()->ack);
  EXPECT_EQ(One()->ack->by, "ada");
  EXPECT_FALSE(One()->ack->is_automatic);
}

TEST_F(AutomatingTest, ADryRunOnlySaysWhatItWouldDo) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.dry_run = true;
  Start(rule);
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_THAT(Timeline(),
              ElementsAre("robot: auto_acknowledge dry_run: dry run: nothing was done"));
  EXPECT_EQ(Read(kViewStats)->stats->automation.runs.at({"robot", "auto_acknowledge", "dry_run"}),
            1U);
}

TEST_F(AutomatingTest, AfterIsWaitedForByTheClock) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.after = minutes(5);
  Start(rule);
  Pass(minutes(4));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_LE(*core_->next_deadline(now_), now_.mono + minutes(1));
  Pass(minutes(1));
  EXPECT_EQ(One()->state, incident::State::kAcknowledged);
}

TEST_F(AutomatingTest, SeveralAlertsAtOnceAreAReason) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.pattern.clear();
  rule.matchers = {Equal("alertname", "Down")};
  rule.alerts = 3;
  Start(rule);  // ApiDown is none of them.
  const auto states = [&] {
    std::vector<std::string> names;
    for (const auto& [id, incident] : Read(kViewIncidents)->incidents) {
      names.push_back(StateName(incident->state));
    }
    return names;
  };
  for (const char* service : {"db", "queue"}) {
    FireOf(service);
    Pass(seconds(31));
    TakePage();
  }
  EXPECT_THAT(states(), ElementsAre("triggered", "triggered", "triggered")) << "two are not three";
  FireOf("cache");
  Pass(seconds(31));
  TakePage();
  EXPECT_THAT(states(), ElementsAre("triggered", "acknowledged", "acknowledged", "acknowledged"));
  Reboot();
  Pass(minutes(1));
  EXPECT_THAT(Read(kViewAutomation)->automation, SizeIs(3)) << "each once";
}

TEST_F(AutomatingTest, ARunAndItsActAreOneBatchOfTheStore) {
  config_ = Config({Rule(AutomationAction::kAcknowledge)});
  Boot({});
  Fire("ApiDown", "critical", minutes(600));
  for (int i = 0; i < 31; ++i) {
    now_.mono += seconds(1);
    now_.wall += seconds(1);
    for (const Effect& effect : Step()) {
      const auto* batch = std::get_if<Persist>(&effect);
      if (batch == nullptr) continue;
      const auto has = [&](Table table, const char* text) {
        return std::ranges::any_of(*batch->records, [&](const Record& record) {
          return record.table == table && record.value &&
                 record.value->find(text) != std::string::npos;
        });
      };
      EXPECT_EQ(has(Table::kAutomation, "success"), has(Table::kIncident, "\"acknowledged\""));
    }
    Commit();
  }
  Reboot();
  Pass(minutes(1));
  EXPECT_THAT(Read(kViewAutomation)->automation, SizeIs(1)) << "not done twice";
  EXPECT_EQ(std::ranges::count(One()->timeline, "acked", &incident::Event::kind), 1);
}

TEST_F(AutomatingTest, AReloadBringsItsRulesToOpenIncidents) {
  Start(std::vector<AutomationRule>());
  Pass(minutes(10));
  Reload({Rule(AutomationAction::kAcknowledge)});
  EXPECT_EQ(One()->state, incident::State::kAcknowledged);
}

// ---- Approval ----

TEST_F(AutomatingTest, WhatIsRiskyWaitsForAPerson) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.needs_approval = true;
  Start(rule);
  EXPECT_EQ(TheRun().state, automation::State::kWaiting);
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(Read(kViewStats)->stats->automation_waiting, 1U);
  Reboot();
  EXPECT_EQ(TheRun().state, automation::State::kWaiting) << "a restart asks no second time";
  Decide("1-1-robot", true);
  EXPECT_TRUE(replies_.back().status);
  EXPECT_EQ(One()->state, incident::State::kAcknowledged);
  EXPECT_EQ(TheRun().by, "ada");
  EXPECT_EQ(TheRun().outcome, Outcome::kSuccess);
  Decide("1-1-robot", true);
  EXPECT_EQ(replies_.back().status.error().code, Code::kConflict);
}

TEST_F(AutomatingTest, WhoeverRefusesEndsIt) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.needs_approval = true;
  Start(rule);
  Decide("1-1-robot", false, "bob");
  EXPECT_EQ(TheRun().outcome, Outcome::kRejected);
  Pass(minutes(5));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(Timeline().back(), "robot: auto_acknowledge rejected: refused by bob");
}

TEST_F(AutomatingTest, NobodysWordIsNo) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.needs_approval = true;
  rule.approval_timeout = minutes(10);
  Start(rule);
  Pass(minutes(10) + seconds(1));
  EXPECT_EQ(TheRun().outcome, Outcome::kRejected);
  EXPECT_EQ(One()->state, incident::State::kTriggered);
}

TEST_F(AutomatingTest, WhatIsOverNeedsNoApprovalAnyMore) {
  AutomationRule rule = Rule(AutomationAction::kAcknowledge);
  rule.needs_approval = true;
  Start(rule);
  Act(incident::Resolve{});
  EXPECT_EQ(TheRun().outcome, Outcome::kObsolete);
}

// ---- auto_resolve ----

TEST_F(AutomatingTest, WhatIsVerifiedIsResolved) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  Start(rule);
  queries_.clear();
  Reboot();
  ASSERT_THAT(queries_, SizeIs(1)) << "asked again after a restart";
  EXPECT_EQ(queries_[0].expr, "errors > 0");
  AnswerQuery(promql::Vector{});
  EXPECT_EQ(One()->state, incident::State::kResolved);
  EXPECT_EQ(One()->resolved_how, "automation");
  EXPECT_EQ(TheRun().outcome, Outcome::kSuccess);
}

TEST_F(AutomatingTest, AnErrorNeverResolves) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  Start(rule);
  Reboot();
  for (int i = 0; i < 11; ++i) {
    if (!queries_.empty()) AnswerQuery(Fail(Code::kUnavailable, "connection refused"));
    Watch(seconds(30));
  }
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(TheRun().outcome, Outcome::kTimeout);
  EXPECT_EQ(TheRun().text, "not verified in time: no answer: connection refused");
}

TEST_F(AutomatingTest, TheWrongAnswerDoesNotResolve) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  rule.verify->expects_empty = false;
  Start(rule);
  Reboot();
  for (int i = 0; i < 11; ++i) {
    if (!queries_.empty()) AnswerQuery(promql::Vector{});
    Watch(seconds(30));
  }
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(TheRun().outcome, Outcome::kFailure);
  EXPECT_EQ(TheRun().text, "not verified in time: the answer is empty");
}

TEST_F(AutomatingTest, AReloadAsksAgain) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  Start(rule);
  Reboot();
  ASSERT_THAT(queries_, SizeIs(1));
  const QueryId old = queries_[0].id;
  queries_.clear();
  rule.verify->expr = "other > 0";
  Reload({rule});
  ASSERT_THAT(queries_, SizeIs(1));
  EXPECT_EQ(queries_[0].expr, "other > 0");
  Step({QueryDone{old, promql::Vector{}, seconds(0)}});
  Commit();
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "the old question is nobody's";
  AnswerQuery(promql::Vector{});
  EXPECT_EQ(One()->state, incident::State::kResolved);
}

TEST_F(AutomatingTest, ARuleThatIsGoneDoesNothingMore) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  Start(rule);
  Reload({});
  EXPECT_EQ(TheRun().outcome, Outcome::kObsolete);
  EXPECT_EQ(One()->state, incident::State::kTriggered);
}

TEST_F(AutomatingTest, WhoAcknowledgesMeanwhileIsNotOverruled) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  Start(rule);
  Reboot();
  ASSERT_THAT(queries_, SizeIs(1));
  IncidentCommand command;
  command.reply_to = RequestId{7};
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  command.act = incident::Acknowledge{};
  Step({command, QueryDone{queries_[0].id, promql::Vector{}, seconds(0)}});
  Commit();
  EXPECT_EQ(One()->state, incident::State::kAcknowledged);
  EXPECT_EQ(TheRun().outcome, Outcome::kObsolete);
}

TEST_F(AutomatingTest, WhatARuleAcknowledgedAnotherMayResolve) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.name = "resolver";
  rule.verify = Empty();
  Start({Rule(AutomationAction::kAcknowledge), rule});
  Reboot();
  AnswerQuery(promql::Vector{});
  EXPECT_EQ(One()->state, incident::State::kResolved);
}

TEST_F(AutomatingTest, ADatasourceIsAskedByItsName) {
  AutomationRule rule = Rule(AutomationAction::kResolve);
  rule.verify = Empty();
  rule.verify->datasource = "second";
  config_ = Config({rule});
  auto config = std::make_shared<config::Config>(*config_);
  config->datasources.emplace_back().name = "second";
  config_ = config;
  Boot({});
  Fire("ApiDown", "critical", minutes(600));
  Watch(seconds(31));
  ASSERT_THAT(queries_, SizeIs(1));
  EXPECT_EQ(queries_[0].datasource->name, "second");
}

// ---- escalate ----

TEST_F(AutomatingTest, WithoutAPolicyThereIsNothingToEscalate) {
  Start(Rule(AutomationAction::kEscalate));
  EXPECT_EQ(TheRun().outcome, Outcome::kFailure);
  EXPECT_EQ(TheRun().text, "no escalation policy runs for it");
}

}  // namespace
}  // namespace watchfire::core
