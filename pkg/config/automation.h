// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `automation:` what is done about incidents without a person. Nothing, unless a rule says so.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::config {

enum class AutomationAction { kAcknowledge, kResolve, kEscalate, kTicket, kPlaybook };
// "auto_acknowledge", "auto_resolve", "escalate", "create_ticket", "run_playbook"
const char* AutomationActionName(AutomationAction action);
std::optional<AutomationAction> ParseAutomationAction(const std::string& name);

// `verify`: a question to a datasource that shows whether all is well again.
struct Verification {
  std::string expr;
  std::string datasource;      // Its name; "": the first.
  bool expects_empty = false;  // `expect`: whether no sample, or at least one, means success.
  Duration every = std::chrono::seconds(30);  // `every`: until it is so.
  Duration timeout = std::chrono::minutes(5);
};

struct AutomationRule {
  std::string name;  // [A-Za-z0-9_-], at most 64 bytes, unique.
  AutomationAction action = AutomationAction::kAcknowledge;
  // What it is for: incidents that `pattern` and `matchers` both fit. At least one is given.
  std::string pattern;         // Lower case; part of the title, the entity id or an alert's name.
  matcher::Matchers matchers;  // One firing alert of the incident matches all of them.
  // `conditions`
  std::vector<std::string> states;      // "triggered", "acknowledged", "snoozed"; one holds.
  std::vector<std::string> severities;  // "SEV1" …; empty: any.
  Duration after{};                     // Since the incident opened, reopened or came back.
  // So many alerts that `matchers` fit fire at once, in all incidents that the rule is for.
  int alerts = 1;
  bool stop = false;  // Rules behind it are not looked at.
  // How it is done.
  std::string message;                          // On the timeline.
  Duration ack_for = std::chrono::minutes(30);  // auto_acknowledge: then it is paged again.
  // escalate: whose policy, or which call (oncall/call.h), pages; "": those that run go on.
  std::string escalate_to;
  std::string receiver;                // create_ticket, run_playbook: a defined one that can do it.
  std::optional<Verification> verify;  // Always of auto_resolve; run_playbook may have one.
  bool needs_approval = false;         // A person has to agree
  Duration approval_timeout = std::chrono::hours(1);  // within this time.
  int max_per_hour = 10;
  bool dry_run = false;  // Says what it would do.
};

struct Automation {
  std::vector<AutomationRule> rules;

  const AutomationRule* Find(const std::string& name) const;
};

// The kinds of integrations that can do it: of the receiver of create_ticket and run_playbook.
bool CanDo(AutomationAction action, const std::string& integration);

}  // namespace watchfire::config
