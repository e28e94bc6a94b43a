// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Tickets that rules open and playbooks that they run.

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

TEST_F(AutomatingTest, ATicketIsSentOnceItsIntentIsStored) {
  AutomationRule rule = Rule(AutomationAction::kTicket);
  rule.receiver = "tickets";
  Start(rule);
  ASSERT_THAT(OnTheWire(), ElementsAre("jira"));
  EXPECT_TRUE((disk_.contains({Table::kAutomation, "1-1-robot"})));
  EXPECT_EQ(attempts_[0].notification->route_labels.Get("automation_run"), "1-1-robot");
  EXPECT_EQ(attempts_[0].notification->route_labels.Get("automation_rule"), "robot");
  EXPECT_THAT(attempts_[0].notification->alerts, SizeIs(1));
  Answer(Attempted::Kind::kDone);
  attempts_.clear();
  EXPECT_EQ(TheRun().outcome, Outcome::kSuccess);
  Pass(minutes(10));
  EXPECT_THAT(attempts_, IsEmpty()) << "once";
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "a ticket is no ack";
}

// A label of the route that has the name of ours is no other run to whoever takes the message.
TEST_F(AutomatingTest, LabelsOfTheRouteDoNotSpeakForTheRun) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  config_ = Config({rule});
  config_->route.labels = {{"automation_by", "x"}, {"automation_run", "x"}, {"dashboard", "d"}};
  Boot({});
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  TakePage();
  ASSERT_THAT(OnTheWire(), ElementsAre("webhook"));
  EXPECT_EQ(attempts_[0].notification->route_labels,
            (labels::LabelSet{{"automation_incident", "1"},
                              {"automation_rule", "robot"},
                              {"automation_run", "1-1-robot"},
                              {"dashboard", "d"}}));
}

TEST_F(AutomatingTest, NothingLeavesThatIsNotStored) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  rule.needs_approval = true;
  Start(rule);
  Step({AutomationCommand{RequestId{5}, "1-1-robot", true, "ada"}});
  Commit(Fail(Code::kUnavailable, "disk full"));
  for (int i = 0; i < 5; ++i) {
    now_.mono += seconds(1);
    now_.wall += seconds(1);
    Step();
    EXPECT_THAT(attempts_, IsEmpty());
    if (i < 4) Commit(Fail(Code::kUnavailable, "disk full"));
  }
  Commit();
  EXPECT_THAT(OnTheWire(), ElementsAre("webhook"));
}

TEST_F(AutomatingTest, ATicketIsTriedAgainUntilItIsTaken) {
  AutomationRule rule = Rule(AutomationAction::kTicket);
  rule.receiver = "tickets";
  Start(rule);
  Answer(Attempted::Kind::kRetry, "503");
  attempts_.clear();
  Pass(seconds(5));
  ASSERT_THAT(OnTheWire(), ElementsAre("jira"));
  Answer(Attempted::Kind::kFail, "no such project");
  EXPECT_EQ(TheRun().outcome, Outcome::kFailure);
  EXPECT_EQ(TheRun().text, "no such project");
}

TEST_F(AutomatingTest, ATicketThatNobodyTakesIsGivenUp) {
  AutomationRule rule = Rule(AutomationAction::kTicket);
  rule.receiver = "tickets";
  Start(rule);
  for (int i = 0; i < 16 * 60; ++i) {
    if (!attempts_.empty()) Answer(Attempted::Kind::kRetry, "503");
    attempts_.clear();
    Pass(seconds(1));
  }
  EXPECT_EQ(TheRun().outcome, Outcome::kTimeout);
  EXPECT_EQ(TheRun().text, "not taken in time: 503");
  EXPECT_TRUE(core_->idle());
}

TEST_F(AutomatingTest, AStopDoesNotWaitForTheNextTry) {
  AutomationRule rule = Rule(AutomationAction::kTicket);
  rule.receiver = "tickets";
  Start(rule);
  EXPECT_FALSE(core_->idle()) << "its answer is waited for";
  Answer(Attempted::Kind::kRetry, "503");
  Step({Shutdown{}});
  Commit();
  EXPECT_TRUE(core_->idle());
}

TEST_F(AutomatingTest, NoTicketIsSentAboutWhatHasEnded) {
  AutomationRule rule = Rule(AutomationAction::kTicket);
  rule.receiver = "tickets";
  Start(rule);
  Answer(Attempted::Kind::kRetry, "503");
  attempts_.clear();
  Fire("ApiDown", "critical", seconds(0));  // The group is flushed minutes later.
  Pass(seconds(30));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_THAT(attempts_, IsEmpty()) << "it would close the ticket";
  EXPECT_EQ(TheRun().outcome, Outcome::kObsolete);
}

TEST_F(AutomatingTest, OfSeveralGroupsTheOneThatTheRuleIsForIsSent) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  rule.pattern.clear();
  rule.matchers = {Equal("service", "db")};
  Start(std::vector<AutomationRule>());
  FireOf("db");
  Pass(seconds(31));
  TakePage();
  IncidentCommand command;
  command.reply_to = RequestId{7};
  command.incident = 2;
  command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  command.act = incident::Merge{1};
  Step({std::move(command)});
  Commit();
  attempts_.clear();
  Reload({rule});
  Pass(seconds(1));
  ASSERT_THAT(OnTheWire(), ElementsAre("webhook"));
  EXPECT_EQ(attempts_[0].notification->group_labels.Get("service"), "db");
}

TEST_F(AutomatingTest, TicketsLeaveConnectionsForPages) {
  std::vector<AutomationRule> rules(20, Rule(AutomationAction::kTicket));
  for (size_t i = 0; i < rules.size(); ++i) {
    rules[i].name = "robot-" + std::to_string(i);
    rules[i].receiver = "tickets";
  }
  Start(rules);
  EXPECT_THAT(attempts_, SizeIs(16));
  Pass(seconds(2));
  EXPECT_THAT(attempts_, SizeIs(16));
  AnswerTo(attempts_[0].id, Attempted::Kind::kDone);
  Pass(seconds(2));
  EXPECT_THAT(attempts_, SizeIs(17));
}

TEST_F(AutomatingTest, ATicketThatGotNoTurnSaysWhy) {
  AutomationRule first = Rule(AutomationAction::kTicket);
  first.receiver = "tickets";
  AutomationRule second = first;
  second.name = "second";
  config_ = Config({first, second});
  config_->receivers[1].limits = {64, 0.0001, 1};
  Boot({});
  Fire("ApiDown", "critical", minutes(600));
  Pass(seconds(31));
  TakePage();
  ASSERT_THAT(OnTheWire(), ElementsAre("jira"));
  Answer(Attempted::Kind::kDone);
  Pass(minutes(16));
  const auto runs = Read(kViewAutomation)->automation;
  const auto late = std::ranges::find(runs, "second", &automation::Run::rule);
  ASSERT_NE(late, runs.end());
  EXPECT_EQ(late->text, "not taken in time: a limit of the receiver, or its circuit is open");
}

// Its question goes on when the incident is over, and the incident is forgotten first.
TEST_F(AutomatingTest, AnIncidentThatIsForgottenTakesItsRunsAlong) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  rule.verify = Empty();
  rule.verify->timeout = hours(24 * 30);
  Start(rule);
  config_->incidents.retention = hours(120);
  Taken();
  Act(incident::Resolve{});
  Fire("ApiDown", "critical", seconds(0));
  ASSERT_EQ(TheRun().state, automation::State::kVerifying);
  FireOf("db");  // The newest incident is never forgotten.
  Pass(seconds(31));
  TakePage();
  for (int i = 0; i < 200; ++i) {
    if (!queries_.empty()) AnswerQuery(Fail(Code::kUnavailable, "connection refused"));
    now_.mono += hours(1);
    now_.wall += hours(1);
    Remember(Step());
    Commit();
  }
  EXPECT_THAT(Read(kViewAutomation)->automation, IsEmpty());
}

TEST_F(AutomatingTest, WhatWasOnTheWireWhenTheProcessDiedIsSentAgainUnderItsName) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  Start(rule);
  ASSERT_THAT(OnTheWire(), ElementsAre("webhook"));
  Reboot();
  ASSERT_THAT(OnTheWire(), ElementsAre("webhook"));
  EXPECT_EQ(attempts_[0].notification->route_labels.Get("automation_run"), "1-1-robot");
  Answer(Attempted::Kind::kDone);
  Reboot();
  EXPECT_THAT(attempts_, IsEmpty()) << "it is done";
  EXPECT_EQ(TheRun().outcome, Outcome::kSuccess);
}

TEST_F(AutomatingTest, APlaybookIsNotRunForWhatIsOver) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  Start(rule);
  Answer(Attempted::Kind::kRetry, "503");
  attempts_.clear();
  Act(incident::Resolve{});
  Pass(minutes(2));
  EXPECT_THAT(attempts_, IsEmpty());
  EXPECT_EQ(TheRun().outcome, Outcome::kObsolete);
}

TEST_F(AutomatingTest, APlaybookHasSucceededWhenItIsVerified) {
  AutomationRule rule = Rule(AutomationAction::kPlaybook);
  rule.receiver = "robot";
  rule.verify = Empty();
  Start(rule);
  Taken();
  EXPECT_EQ(TheRun().state, automation::State::kVerifying);
  AnswerQuery(promql::Vector{promql::Sample{}});
  Watch(seconds(31));
  AnswerQuery(promql::Vector{});
  EXPECT_EQ(TheRun().outcome, Outcome::kSuccess);
  EXPECT_EQ(One()->state, incident::State::kTriggered) << "it was not asked to resolve";
}

}  // namespace
}  // namespace watchfire::core
