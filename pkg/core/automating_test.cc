// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rules that act on incidents by themselves.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using automation::Outcome;
using config::AutomationAction;
using config::AutomationRule;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

AutomationRule Rule(AutomationAction action) {
  AutomationRule rule;
  rule.name = "robot";
  rule.action = action;
  rule.pattern = "api";
  rule.states = {"triggered"};
  return rule;
}

config::Verification Empty() {
  config::Verification verify;
  verify.expr = "errors > 0";
  verify.expects_empty = true;
  return verify;
}

std::shared_ptr<config::Config> Config(std::vector<AutomationRule> rules) {
  auto config = TestConfig();
  config->route.repeat_interval = hours(24);
  config->automation.rules = std::move(rules);
  config->receivers.push_back({"tickets", {{"jira", 0, true, false, nullptr}}});
  config->receivers.push_back({"robot", {{"webhook", 0, true, false, nullptr}}});
  return config;
}

class AutomatingTest : public CoreTest {
 protected:
  void Start(AutomationRule rule) { Start(std::vector<AutomationRule>{std::move(rule)}); }
  // The alert fires and is paged.
  void Start(std::vector<AutomationRule> rules) {
    config_ = Config(std::move(rules));
    Boot({});
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(31));
    TakePage();
  }
  void FireOf(const std::string& service) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{{"alertname", "Down"}, {"service", service}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + hours(10);
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    Step({std::move(arrived)});
    Commit();
  }
  void TakePage() {
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      if (attempt.integration->kind == "victorops") {
        AnswerTo(attempt.id, Attempted::Kind::kDone);
      } else {
        attempts_.push_back(attempt);
      }
    }
  }
  Effects Remember(Effects effects) {
    for (const Effect& effect : effects) {
      if (const auto* query = std::get_if<RunQuery>(&effect)) queries_.push_back(*query);
    }
    return effects;
  }
  // As Pass(), and keeps what is asked.
  void Watch(Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(1);
      now_.wall += seconds(1);
      Remember(Step());
      Commit();
    }
  }
  void AnswerQuery(Result<promql::Vector> result) {
    ASSERT_THAT(queries_, SizeIs(1));
    Step({QueryDone{queries_[0].id, std::move(result), seconds(0)}});
    queries_.clear();
    Commit();
  }
  // The message is taken; keeps what is asked then.
  void Taken() {
    Attempted outcome;
    outcome.id = attempts_.back().id;
    attempts_.clear();
    Remember(Step({outcome}));
    Commit();
  }
  void Reboot() {
    attempts_.clear();
    batches_.clear();
    queries_.clear();
    Boot(Disk());
    now_.mono += seconds(5);
    now_.wall += seconds(5);
    Remember(Step());
    Commit();
  }
  void Decide(const std::string& run, bool is_approved, const std::string& by = "ada") {
    Remember(Step({AutomationCommand{RequestId{5}, run, is_approved, by}}));
    Commit();
  }
  void Act(incident::Act act, const std::string& by = "ada") {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = 1;
    command.ack = {by, incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    Step({std::move(command)});
    Commit();
  }
  void Reload(std::vector<AutomationRule> rules) {
    config_ = Config(std::move(rules));
    Remember(Step({ConfigSwap{config_}}));
    Commit();
  }
  std::shared_ptr<const incident::Incident> One() { return Read(kViewIncidents)->incidents.at(1); }
  automation::Run TheRun() {
    const auto runs = Read(kViewAutomation)->automation;
    return runs.empty() ? automation::Run() : runs.front();
  }
  std::vector<std::string> Timeline() {
    std::vector<std::string> lines;
    for (const incident::Event& event : One()->timeline) {
      if (event.kind == "automation") lines.push_back(event.actor + ": " + event.text);
    }
    return lines;
  }
  std::vector<std::string> OnTheWire() const {
    std::vector<std::string> kinds;
    for (const Attempt& attempt : attempts_) kinds.push_back(attempt.integration->kind);
    return kinds;
  }

  std::vector<RunQuery> queries_;
};

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
        return std::ranges::any_of(batch->records, [&](const Record& record) {
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

// ---- Tickets and playbooks ----

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
