// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `automation`.

#include "pkg/config/automation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/expression.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

using Action = AutomationAction;

constexpr size_t kNameBytes = 64;
constexpr std::array kActions = {Action::kAcknowledge, Action::kResolve, Action::kEscalate,
                                 Action::kTicket, Action::kPlaybook};

bool IsName(const std::string& name) {
  const auto is_fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= kNameBytes && std::ranges::all_of(name, is_fine);
}

std::string ReadText(Section& section, const char* key) {
  std::string text = section.String(key);
  if (text.size() > limits::kAutomationTextBytes) {
    section.Error(key, std::string(key) + " is longer than " +
                           std::to_string(limits::kAutomationTextBytes) + " bytes");
  }
  return text;
}

Duration ReadSpan(Section& section, const char* key, Duration fallback, bool may_be_zero = false) {
  const Duration span = section.PromDuration(key, fallback);
  const bool is_fine = (may_be_zero || span > Duration::zero()) && span <= limits::kIncidentHold;
  if (is_fine) return span;
  section.Error(key,
                std::string(key) +
                    (may_be_zero ? " must be at most " : " must be more than zero and at most ") +
                    FormatDuration(limits::kIncidentHold));
  return fallback;
}

std::vector<std::string> ReadWords(Section& section, const char* key,
                                   const std::vector<std::string>& known) {
  std::vector<std::string> words;
  for (const Text& word : section.impl().Texts(key)) {
    if (std::ranges::find(known, word.text) != known.end()) {
      words.push_back(word.text);
      continue;
    }
    section.impl().source.Error(word.mark, "unknown " + GoQuote(word.text) + " in " + key,
                                "some of " + Join(known, ", "));
  }
  return words;
}

void ReadConditions(Section& section, AutomationRule* rule) {
  const auto states = ReadWords(section, "states", {"triggered", "acknowledged", "snoozed"});
  if (section.Has("states")) rule->states = states;
  rule->severities = ReadWords(section, "severities", {"SEV1", "SEV2", "SEV3", "SEV4"});
  rule->after = ReadSpan(section, "after", rule->after, /*may_be_zero=*/true);
  rule->alerts = section.Int("alerts", rule->alerts);
  if (rule->alerts < 1 || rule->alerts > static_cast<int>(limits::kActiveAlerts)) {
    section.Error("alerts", "alerts must be at least 1: so many fire at once");
    rule->alerts = 1;
  }
  section.Finish();
}

Verification ReadVerification(Section& section, bool speaks_metricsql) {
  Verification verify;
  verify.expr = section.String("expr");
  if (verify.expr.empty()) {
    section.Error("expr", "verify needs an expr: what shows whether all is well again");
  } else {
    const auto type = CheckExpression(section, "expr", {verify.expr, {}}, speaks_metricsql);
    if (type && !HasSamples(*type)) {
      section.Error("expr", "expr of verify must give a vector or a scalar");
    }
  }
  // No default: an empty answer is also what a mistyped metric gives.
  const std::string expect = section.String("expect");
  section.OneOf(
      "expect", expect, {"empty", "nonempty"},
      expect.empty() ? "verify must say what it expects" : "unknown expect " + GoQuote(expect));
  verify.expects_empty = expect == "empty";
  verify.datasource = section.String("datasource");
  verify.every = ReadSpan(section, "every", verify.every);
  verify.timeout = ReadSpan(section, "timeout", verify.timeout);
  section.Finish();
  return verify;
}

// Reports keys of other actions, which would do nothing here.
void CheckKeys(Section& section, const AutomationRule& rule) {
  const bool sends = rule.action == Action::kTicket || rule.action == Action::kPlaybook;
  const std::string name = AutomationActionName(rule.action);
  if (section.Has("ack_for") && rule.action != Action::kAcknowledge) {
    section.Error("ack_for", "ack_for is for auto_acknowledge, not for " + name);
  }
  if (section.Has("receiver") && !sends) {
    section.Error("receiver", "receiver is for create_ticket and run_playbook, not for " + name);
  }
  if (sends && rule.receiver.empty()) {
    section.Error("receiver", name + " needs a receiver");
  }
  if (section.Has("escalate") && rule.action != Action::kEscalate) {
    section.Error("escalate", "escalate is for the action escalate, not for " + name);
  }
  if (rule.action == Action::kAcknowledge && std::ranges::count(rule.states, "snoozed") > 0) {
    section.Error("conditions", "auto_acknowledge would end a person's snooze by its own ack",
                  "leave snoozed out of states");
  }
  const bool verifies = rule.action == Action::kResolve || rule.action == Action::kPlaybook;
  if (section.Has("verify") && !verifies) {
    section.Error("verify", "verify is for auto_resolve and run_playbook, not for " + name);
  }
  if (rule.action == Action::kResolve && !section.Has("verify")) {
    section.Error("verify", "auto_resolve needs verify: a query that shows that all is well");
  }
}

// Whom an escalation goes to; LoadOncall() says who that is.
void ReadEscalate(Section& section, AutomationPlace* place) {
  int count = 0;
  for (const char* kind : {"policy", "team", "schedule", "user"}) {
    if (!section.Has(kind)) continue;
    ++count;
    place->kind = kind;
    place->name = section.String(kind);
    place->called = section.impl().At(kind);
  }
  if (count != 1) {
    section.Error("", "escalate must name one of policy, team, schedule, user",
                  "escalate: {team: NAME}");
    place->kind.clear();
  }
  section.Finish();
}

void ReadHow(Section& section, AutomationRule* rule) {
  rule->message = ReadText(section, "message");
  rule->ack_for = ReadSpan(section, "ack_for", rule->ack_for);
  rule->receiver = section.String("receiver");
  // What cannot be taken back asks a person, unless the file says otherwise.
  rule->needs_approval = rule->action == Action::kResolve || rule->action == Action::kPlaybook;
  if (section.Has("approval")) {
    const std::string approval = section.String("approval");
    section.OneOf("approval", approval, {"required", "none"},
                  "unknown approval " + GoQuote(approval));
    rule->needs_approval = approval != "none";
  }
  rule->approval_timeout = ReadSpan(section, "approval_timeout", rule->approval_timeout);
  rule->max_per_hour = section.Int("max_per_hour", rule->max_per_hour);
  constexpr int kMost = static_cast<int>(limits::kAutomationRunsPerHour);
  if (rule->max_per_hour < 1 || rule->max_per_hour > kMost) {
    section.Error("max_per_hour", "max_per_hour must be from 1 to " + std::to_string(kMost));
  }
}

AutomationRule ReadRule(Section& section, Loader* loader) {
  AutomationRule rule;
  rule.name = section.String("name");
  if (!IsName(rule.name)) {
    section.Error("name", "the name of a rule must be a word of a-z, A-Z, 0-9, _ and -, not " +
                              GoQuote(rule.name));
  }
  const bool is_called = section.Has("escalate") && !section.Has("action");
  const std::string action = is_called ? "escalate" : section.String("action");
  if (const auto known = ParseAutomationAction(action)) {
    rule.action = *known;
  } else {
    std::vector<std::string> names;
    for (const Action one : kActions) names.push_back(AutomationActionName(one));
    section.OneOf("action", action, names,
                  action.empty() ? "a rule needs an action" : "unknown action " + GoQuote(action));
  }
  rule.pattern = ToLower(ReadText(section, "pattern"));
  rule.matchers = ReadMatchers(section, "", loader->config.matcher_mode);
  const bool has_matchers =
      section.Has("matchers") || section.Has("match") || section.Has("match_re");
  if (rule.pattern.empty() && !has_matchers) {
    section.Error("", "a rule needs a pattern or matchers, or it would be for every incident",
                  "matchers: ['alertname=\"DiskFull\"']");
  }
  // An escalation is for what nobody has taken; nothing is done behind the back of who has it.
  rule.states = {"triggered"};
  if (auto conditions = section.Child("conditions")) ReadConditions(*conditions, &rule);
  rule.stop = section.Bool("stop", false);
  ReadHow(section, &rule);
  AutomationPlace place;
  place.rule = loader->config.automation.rules.size();
  place.source = &section.impl().source;
  place.receiver = section.impl().At("receiver");
  if (auto verify = section.Child("verify")) {
    rule.verify = ReadVerification(*verify, SpeaksMetricsql(loader->config));
    place.datasource = verify->impl().At("datasource");
  }
  if (auto escalate = section.Child("escalate")) ReadEscalate(*escalate, &place);
  loader->automation_places.push_back(std::move(place));
  if (ParseAutomationAction(action)) CheckKeys(section, rule);
  rule.dry_run = section.Bool("dry_run", false);
  section.Finish();
  return rule;
}

void CheckReceiver(const AutomationRule& rule, const AutomationPlace& place, const Config& config) {
  const auto found = std::ranges::find(config.receivers, rule.receiver, &Receiver::name);
  if (found == config.receivers.end()) {
    std::vector<std::string> known;
    for (const Receiver& receiver : config.receivers) known.push_back(receiver.name);
    const std::string nearest = Nearest(rule.receiver, known);
    place.source->Error(
        place.receiver,
        "undefined receiver " + GoQuote(rule.receiver) + " in rule " + GoQuote(rule.name),
        nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
    return;
  }
  const auto able = std::ranges::find_if(
      found->integrations, [&](const Integration& one) { return CanDo(rule.action, one.kind); });
  const bool is_ticket = rule.action == Action::kTicket;
  if (able == found->integrations.end()) {
    place.source->Error(place.receiver,
                        "receiver " + GoQuote(rule.receiver) + " cannot " +
                            (is_ticket ? "create a ticket" : "run a playbook"),
                        is_ticket ? "give it jira_configs or servicenow_configs"
                                  : "give it webhook_configs with a signing_secret");
  } else if (!is_ticket && !able->is_signed) {
    place.source->Error(place.receiver,
                        "receiver " + GoQuote(rule.receiver) +
                            " would have a playbook run by a webhook that is not signed",
                        "give it a signing_secret, so that nobody else can");
  }
}

}  // namespace

const char* AutomationActionName(Action action) {
  switch (action) {
    case Action::kAcknowledge:
      return "auto_acknowledge";
    case Action::kResolve:
      return "auto_resolve";
    case Action::kEscalate:
      return "escalate";
    case Action::kTicket:
      return "create_ticket";
    case Action::kPlaybook:
      return "run_playbook";
  }
  return "";
}

std::optional<Action> ParseAutomationAction(const std::string& name) {
  for (const Action action : kActions) {
    if (name == AutomationActionName(action)) return action;
  }
  return std::nullopt;
}

const AutomationRule* Automation::Find(const std::string& name) const {
  const auto found = std::ranges::find(rules, name, &AutomationRule::name);
  return found == rules.end() ? nullptr : &*found;
}

bool CanDo(Action action, const std::string& integration) {
  if (action == Action::kTicket) return integration == "jira" || integration == "servicenow";
  return action == Action::kPlaybook && integration == "webhook";
}

void ReadAutomation(Section& section, Loader* loader) {
  const bool is_dry = section.Bool("dry_run", false);
  std::vector<AutomationRule>& rules = loader->config.automation.rules;
  for (Section& entry : section.Children("rules")) {
    if (rules.size() == limits::kAutomationRules) {
      entry.Error("", "more than " + std::to_string(limits::kAutomationRules) + " rules");
      break;
    }
    AutomationRule rule = ReadRule(entry, loader);
    if (loader->config.automation.Find(rule.name) != nullptr) {
      entry.Error("name", "rule name " + GoQuote(rule.name) + " is not unique");
    }
    if (is_dry) rule.dry_run = true;
    rules.push_back(std::move(rule));
  }
  section.Finish();
}

void CheckAutomation(Loader* loader) {
  const Config& config = loader->config;
  for (const AutomationPlace& place : loader->automation_places) {
    const AutomationRule& rule = config.automation.rules[place.rule];
    const bool sends = rule.action == Action::kTicket || rule.action == Action::kPlaybook;
    if (sends && !rule.receiver.empty()) CheckReceiver(rule, place, config);
    if (!rule.verify || rule.verify->datasource.empty()) continue;
    const std::string& name = rule.verify->datasource;
    if (std::ranges::find(config.datasources, name, &Datasource::name) !=
        config.datasources.end()) {
      continue;
    }
    place.source->Error(place.datasource, "no datasource is called " + GoQuote(name));
  }
}

}  // namespace watchfire::config
