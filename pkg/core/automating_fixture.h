// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of rules that act on incidents by themselves.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {

inline config::AutomationRule Rule(config::AutomationAction action) {
  config::AutomationRule rule;
  rule.name = "robot";
  rule.action = action;
  rule.pattern = "api";
  rule.states = {"triggered"};
  return rule;
}

inline config::Verification Empty() {
  config::Verification verify;
  verify.expr = "errors > 0";
  verify.expects_empty = true;
  return verify;
}

inline std::shared_ptr<config::Config> Config(std::vector<config::AutomationRule> rules) {
  auto config = TestConfig();
  config->route.repeat_interval = std::chrono::hours(24);
  config->automation.rules = std::move(rules);
  config->receivers.push_back({"tickets", {{"jira", 0, true, false, nullptr}}});
  config->receivers.push_back({"robot", {{"webhook", 0, true, false, nullptr}}});
  return config;
}

class AutomatingTest : public CoreTest {
 protected:
  void Start(config::AutomationRule rule) {
    Start(std::vector<config::AutomationRule>{std::move(rule)});
  }
  // The alert fires and is paged.
  void Start(std::vector<config::AutomationRule> rules) {
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
    alert.ends_at = now_.wall + std::chrono::hours(10);
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
    ASSERT_THAT(queries_, testing::SizeIs(1));
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
  void Reload(std::vector<config::AutomationRule> rules) {
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

}  // namespace watchfire::core
