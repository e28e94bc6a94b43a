// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/automation.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Backends whose options nobody reads.
std::vector<IntegrationKind> Kinds() {
  const auto parse = [](Section& section, const Global&) {
    section.SecretOrFile("signing_secret");
    return std::make_shared<int>(1);
  };
  return {{"webhook", true, false, parse}, {"jira", true, false, parse}};
}

Loaded LoadWhole(const std::string& text) {
  LoadOptions options;
  options.path = "w.yml";
  Files files;
  files.read = [&](const std::string&) -> Result<std::string> { return text; };
  files.glob = [](const std::string&) { return std::vector<std::string>(); };
  return Load(options, files, Kinds());
}

Loaded LoadText(const std::string& more) {
  return LoadWhole(
      "route: {receiver: a, routes: [{receiver: open, matchers: [x=y]}, {receiver: tickets, "
      "matchers: [x=z]}, {receiver: robot, matchers: [x=a]}, {receiver: blank, matchers: [x=b]}]}\n"
      "receivers: [{name: a}, {name: tickets, jira_configs: [{}]}, {name: open, webhook_configs: "
      "[{}]}, {name: robot, webhook_configs: [{signing_secret: k}]}, {name: blank, "
      "webhook_configs: [{signing_secret: ''}]}]\n" +
      more);
}

std::vector<std::string> ProblemsOf(const std::string& rule) {
  return World::Print(LoadText("automation:\n  rules:\n  - " + rule + "\n").problems);
}

TEST(AutomationTest, NothingIsAutomatedUnlessARuleSaysSo) {
  EXPECT_THAT(LoadText("").config->automation.rules, IsEmpty());
}

// Nobody is told to make a route to whom only a rule speaks.
TEST(AutomationTest, AReceiverThatOnlyARuleUsesIsUsed) {
  const std::string text =
      "route: {receiver: a}\n"
      "receivers: [{name: a}, {name: tickets, jira_configs: [{}]}]\n"
      "automation: {rules: [{name: t, pattern: x, action: create_ticket, receiver: tickets}]}\n";
  EXPECT_THAT(World::Print(LoadWhole(text).problems), IsEmpty());
}

TEST(AutomationTest, RulesAreReadWithTheirDefaults) {
  const Loaded loaded = LoadText(
      "automation:\n"
      "  rules:\n"
      "  - {name: disk, pattern: Disk-Space, action: auto_acknowledge}\n"
      "  - {name: over, matchers: ['team=\"db\"'], action: auto_resolve,\n"
      "     verify: {expr: up == 0, expect: empty, datasource: prometheus, timeout: 2m}}\n"
      "  - {name: up, pattern: db, action: escalate, conditions: {after: 20m, severities: [SEV1], "
      "alerts: 2,\n"
      "     states: [triggered, acknowledged]}, max_per_hour: 3, stop: true, message: help}\n"
      "  - {name: ticket, pattern: x, action: create_ticket, receiver: tickets, approval: "
      "required}\n"
      "  - {name: play, pattern: x, action: run_playbook, receiver: robot, approval: none}\n");
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const std::vector<AutomationRule>& rules = loaded.config->automation.rules;
  ASSERT_THAT(rules, SizeIs(5));
  EXPECT_EQ(rules[0].pattern, "disk-space");
  EXPECT_EQ(rules[0].ack_for, minutes(30));
  EXPECT_THAT(rules[0].states, ElementsAre("triggered"));
  EXPECT_FALSE(rules[0].needs_approval);
  EXPECT_EQ(rules[0].max_per_hour, 10);
  EXPECT_FALSE(rules[0].dry_run);
  EXPECT_TRUE(rules[1].needs_approval) << "what is risky asks a person";
  EXPECT_EQ(rules[1].approval_timeout, hours(1));
  ASSERT_TRUE(rules[1].verify);
  EXPECT_TRUE(rules[1].verify->expects_empty);
  EXPECT_EQ(rules[1].verify->every, seconds(30));
  EXPECT_EQ(rules[1].verify->timeout, minutes(2));
  EXPECT_EQ(rules[0].alerts, 1);
  EXPECT_EQ(rules[2].alerts, 2);
  EXPECT_EQ(rules[2].after, minutes(20));
  EXPECT_THAT(rules[2].states, ElementsAre("triggered", "acknowledged"));
  EXPECT_THAT(rules[2].severities, ElementsAre("SEV1"));
  EXPECT_TRUE(rules[2].stop);
  EXPECT_TRUE(rules[3].needs_approval);
  EXPECT_FALSE(rules[4].needs_approval);
  EXPECT_EQ(loaded.config->original.find("automation"), std::string::npos);
}

TEST(AutomationTest, DryRunOfAllIsDryRunOfEach) {
  const Loaded loaded =
      LoadText("automation: {dry_run: true, rules: [{name: a, pattern: x, action: escalate}]}\n");
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_TRUE(loaded.config->automation.rules[0].dry_run);
}

TEST(AutomationTest, WhatIsWrongIsSaidWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{name: 'a b', pattern: x, action: escalate}",
       "w.yml:5:6: the name of a rule must be a word of a-z, A-Z, 0-9, _ and -, not \"a b\""},
      {"{name: a, pattern: x}",
       "w.yml:5:5: a rule needs an action (one of auto_acknowledge, auto_resolve, escalate, "
       "create_ticket, run_playbook)"},
      {"{name: a, action: escalate}",
       "w.yml:5:5: a rule needs a pattern or matchers, or it would be for every incident "
       "(matchers: ['alertname=\"DiskFull\"'])"},
      {"{name: a, pattern: x, action: auto_resolve}",
       "w.yml:5:5: auto_resolve needs verify: a query that shows that all is well"},
      {"{name: a, pattern: x, action: auto_resolve, verify: {expr: up}}",
       "w.yml:5:49: verify must say what it expects (one of empty, nonempty)"},
      {"{name: a, pattern: x, action: auto_resolve, verify: {expr: up, expect: empty, datasource: "
       "nowhere}}",
       "w.yml:5:83: no datasource is called \"nowhere\""},
      {"{name: a, pattern: x, action: create_ticket, receiver: tiket}",
       "w.yml:5:50: undefined receiver \"tiket\" in rule \"a\" (did you mean \"tickets\"?)"},
      {"{name: a, pattern: x, action: create_ticket, receiver: robot}",
       "w.yml:5:50: receiver \"robot\" cannot create a ticket (give it jira_configs or "
       "servicenow_configs)"},
      {"{name: a, pattern: x, action: run_playbook, receiver: open}",
       "w.yml:5:49: receiver \"open\" would have a playbook run by a webhook that is not signed "
       "(give it a signing_secret, so that nobody else can)"},
      {"{name: a, pattern: x, action: run_playbook, receiver: blank}",
       "w.yml:5:49: receiver \"blank\" would have a playbook run by a webhook that is not signed "
       "(give it a signing_secret, so that nobody else can)"},
      {"{name: a, pattern: x, action: auto_acknowledge, conditions: {states: [snoozed]}}",
       "w.yml:5:53: auto_acknowledge would end a person's snooze by its own ack (leave snoozed out "
       "of states)"},
      {"{name: a, pattern: x, action: run_playbook}", "w.yml:5:5: run_playbook needs a receiver"},
      {"{name: a, pattern: x, action: escalate, receiver: robot}",
       "w.yml:5:45: receiver is for create_ticket and run_playbook, not for escalate"},
      {"{name: a, pattern: x, action: escalate, ack_for: 5m}",
       "w.yml:5:45: ack_for is for auto_acknowledge, not for escalate"},
      {"{name: a, pattern: x, action: auto_acknowledge, ack_for: 31d}",
       "w.yml:5:53: ack_for must be more than zero and at most 30d"},
      {"{name: a, pattern: x, action: escalate, max_per_hour: 0}",
       "w.yml:5:45: max_per_hour must be from 1 to 1000"},
      {"{name: a, pattern: x, action: escalate, conditions: {states: [open]}}",
       "w.yml:5:67: unknown \"open\" in states (some of triggered, acknowledged, snoozed)"},
      {"{name: a, pattern: x, action: escalate, aproval: none}",
       "w.yml:5:45: unknown key \"aproval\" (did you mean \"approval\"?)"},
      {"{name: a, pattern: x, action: escalate}\n  - {name: a, pattern: x, action: escalate}",
       "w.yml:6:6: rule name \"a\" is not unique"},
  };
  for (const auto& [rule, problem] : cases) {
    EXPECT_THAT(ProblemsOf(rule), ElementsAre(problem)) << rule;
  }
}

}  // namespace
}  // namespace watchfire::config
