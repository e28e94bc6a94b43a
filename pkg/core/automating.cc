// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What rules do about incidents. Which rule is for which incident is automation::Book's; here it is
// carried out, through the ways in which people act: Registry::Apply() by way of Do().
//
//   incident changed, or `after` over --LookAt--> runs --Carry--> an act, at once
//                                                            +--> a message   (automation_runs.cc)
//                                                            +--> a question  (automation_runs.cc)
//
// Exactly once over a crash: a run and what it did to the incident are in one batch of the store;
// one that takes time is stored before its message leaves, and goes on after a restart.

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/calls.h"
#include "pkg/core/runs.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::core {
namespace {

using automation::Outcome;
using config::AutomationAction;

// Whether there may be a ticket of the run that is not told of the end already, by another one.
bool MayHaveOpened(const automation::Book& book, const automation::Run& run,
                   const AutomationSend& send) {
  if (run.action != AutomationAction::kTicket) return false;
  if (send.under_way) return true;
  return send.may_be_taken && std::ranges::none_of(book.runs(), [&](const auto& entry) {
           const automation::Run& other = entry.second;
           const bool is_told = other.ticket == automation::TicketState::kClosing ||
                                other.ticket == automation::TicketState::kClosed;
           return is_told && other.incident == run.incident && other.rule == run.rule &&
                  other.ticket_group == send.group_key;
         });
}

bool IsSent(AutomationAction action) {
  return action == AutomationAction::kTicket || action == AutomationAction::kPlaybook;
}

}  // namespace

void Core::Runs::Automate() {
  core_.SyncEscalations();
  if (!std::exchange(resumed_, true)) ResumeRuns();
  for (auto ids = core_.automation_.TakeIncidents(core_.now_.wall); !ids.empty();) {
    for (const uint64_t id : ids) LookAt(id);
    core_.SyncEscalations();
    ids = core_.automation_.TakeIncidents(core_.now_.wall);
  }
  for (const std::string& run : core_.automation_.Overdue(core_.now_.wall)) GiveUpRun(run);
  StoreRuns();
  SendForRuns();
  SendTicketEnds();
  AskForRuns();
}

// After a restart or a reload: what goes on is taken up again, and every open incident may be one
// for a rule.
void Core::Runs::ResumeRuns() {
  checks_.clear();  // Questions of an old configuration are answered to nobody.
  for (const uint64_t id : core_.incidents_.open()) core_.automation_.Changed(id);
  for (const auto& [id, run] : core_.automation_.runs()) {
    // It is stored that the ticket is to be told.
    if (run.ticket == automation::TicketState::kClosing) BeginTicketEnd(id).intent.emplace(0);
  }
  for (const std::string& id : std::set<std::string>(core_.automation_.open())) {
    const automation::Run& run = *core_.automation_.Find(id);
    if (run.state == automation::State::kVerifying) checks_[id];
    if (run.state == automation::State::kActing && IsSent(run.action)) {
      AutomationSend& send = sends_[id];
      if (!send.intent) send.intent.emplace(0);
    }
  }
}

automation::Subject Core::Runs::SubjectOf(const incident::Incident& incident) const {
  automation::Subject subject;
  subject.id = incident.id;
  subject.cycle = incident.cycle;
  subject.cycle_at = incident.cycle_at;
  // What a rule acknowledged is still nobody's.
  const bool is_automatic = incident.ack && incident.ack->is_automatic;
  subject.state = StateName(is_automatic ? incident::State::kTriggered : incident.state);
  subject.severity = incident.level;
  subject.title = incident.title;
  subject.entity_id = incident.entity_id;
  subject.alerts = incident.alerts;
  subject.find_alerts = [this, groups = incident.groups](const matcher::Matchers& matchers,
                                                         size_t most) {
    std::set<uint64_t> found;
    const auto look_into = [&](const dispatch::Group& group) {
      for (const auto& [fingerprint, alert] : group.alerts) {
        if (found.size() >= most) return;
        const bool fires = !alert->Resolved(core_.now_.wall) && !group.IsLeaving(fingerprint);
        if (fires && matcher::MatchesAll(matchers, alert->labels)) found.insert(fingerprint);
      }
    };
    for (const incident::Group& group : groups) {
      for (const auto id : core_.dispatcher_->FindByKey(group.group_key, group.receiver)) {
        look_into(*core_.dispatcher_->Find(id));
      }
    }
    return found;
  };
  return subject;
}

// Nothing is done about what is over, or has come back since. What no person has approved goes on
// only while its conditions hold: who has acknowledged meanwhile is not overruled.
bool Core::Runs::MayGoOn(const automation::Run& run, const automation::Subject* subject) const {
  if (subject == nullptr || run.cycle != subject->cycle) return false;
  if (run.state == automation::State::kWaiting) return core_.automation_.RuleOf(run) != nullptr;
  return !run.by.empty() || core_.automation_.IsStillFor(run, *subject, core_.now_.wall);
}

void Core::Runs::LookAt(uint64_t incident_id) {
  LookAtTickets(incident_id);
  const auto incident = core_.incidents_.Find(incident_id);
  std::optional<automation::Subject> subject;
  if (incident != nullptr && IsOpen(incident->state)) subject = SubjectOf(*incident);
  for (const std::string& id : core_.automation_.OpenOf(incident_id)) {
    const automation::Run& run = *core_.automation_.Find(id);
    // Whether a playbook has helped is asked all the same.
    const bool depends =
        run.state == automation::State::kWaiting || run.action == AutomationAction::kResolve;
    if (!depends || MayGoOn(run, subject ? &*subject : nullptr)) continue;
    SettleRun(id, Outcome::kObsolete,
              subject ? "its conditions no longer hold" : "the incident is over");
  }
  if (!subject) return core_.automation_.Over(incident_id);
  for (const std::string& id : core_.automation_.Consider(*subject, core_.now_.wall)) {
    const automation::Run& run = *core_.automation_.Find(id);
    if (run.state == automation::State::kActing) {
      Carry(id);
    } else if (run.state == automation::State::kWaiting) {
      NoteRun(id, "waits for somebody to approve it, as run " + id + ", until " +
                      FormatRfc3339(run.due, 0));
    } else {
      NoteRun(id, std::string(OutcomeName(*run.outcome)) + ": " + run.text);
    }
  }
}

// A run that may act begins to.
void Core::Runs::Carry(const std::string& id) {
  const automation::Run run = *core_.automation_.Find(id);
  const config::AutomationRule* rule = core_.automation_.RuleOf(run);
  if (rule == nullptr) {
    return SettleRun(id, Outcome::kObsolete, "the rule is configured no longer");
  }
  Status done;
  switch (run.action) {
    case AutomationAction::kAcknowledge:
      done = DoForRule(run, *rule, incident::Acknowledge{{kNoTime, rule->ack_for}});
      break;
    case AutomationAction::kEscalate:
      return Escalate(run, *rule);
    case AutomationAction::kTicket:
    case AutomationAction::kPlaybook:
      sends_[id] = {};  // It leaves when that is stored.
      return;
    case AutomationAction::kResolve:
      return Verify(id, "");
  }
  SettleRun(id, done ? Outcome::kSuccess : Outcome::kFailure,
            done ? rule->message : done.error().message);
}

Status Core::Runs::DoForRule(const automation::Run& run, const config::AutomationRule& rule,
                             incident::Act act) {
  IncidentCommand command;
  command.incident = run.incident;
  command.ack = {rule.name, incident::ActorType::kAutomation, "automation", rule.message};
  command.act = std::move(act);
  const Result<Ticket> done = core_.Do(run.incident, command);
  if (!done) return Fail(done.error());
  return {};
}

// To whom the rule names, or, without, to whoever is next.
void Core::Runs::Escalate(const automation::Run& run, const config::AutomationRule& rule) {
  const std::string& to = rule.escalate_to;
  const Status done = to.empty() ? core_.calls_->EscalateNow(run.incident)
                                 : core_.calls_->CallForRule(run.incident, to);
  // Figures tell the two apart by these words (incident::CauseOfStep).
  const std::string what = to.empty() ? "next step" : "to " + to;
  std::string text = rule.message;
  if (!to.empty() || !text.empty()) text = what + (text.empty() ? "" : ": " + text);
  SettleRun(run.id(), done ? Outcome::kSuccess : Outcome::kFailure,
            done ? text : done.error().message);
}

// On the timeline.
void Core::Runs::NoteRun(const std::string& id, const std::string& text) {
  const automation::Run& run = *core_.automation_.Find(id);
  auto record = core_.incidents_.OnEscalated(
      run.incident, {core_.now_.wall, "automation", run.rule, "automation",
                     std::string(config::AutomationActionName(run.action)) + " " + text});
  if (record) core_.outbox_.AddUrgent(*std::move(record), core_.now_.mono);
}

void Core::Runs::SettleRun(const std::string& id, Outcome outcome, std::string text) {
  core_.automation_.Done(id, outcome, text, core_.now_.wall);
  const auto send = sends_.find(id);
  const bool may_be_taken =
      outcome != Outcome::kSuccess && send != sends_.end() &&
      MayHaveOpened(core_.automation_, *core_.automation_.Find(id), send->second);
  // There may be a ticket of which nobody told us: it is told of the end as any other.
  if (may_be_taken) {
    core_.automation_.SetTicket(id, automation::TicketState::kOpen, send->second.group_key);
  }
  sends_.erase(id);
  checks_.erase(id);
  NoteRun(id, OutcomeName(outcome) + (text.empty() ? "" : ": " + text));
  const automation::Run& run = *core_.automation_.Find(id);
  const bool is_bad = outcome == Outcome::kFailure || outcome == Outcome::kTimeout;
  core_.Emit(Log{is_bad ? Log::Level::kWarn : Log::Level::kInfo,
                 std::string("automation: ") + OutcomeName(outcome),
                 {{"rule", run.rule},
                  {"action", config::AutomationActionName(run.action)},
                  {"incident", std::to_string(run.incident)},
                  {"why", text}}});
  if (may_be_taken) LookAtTickets(run.incident);
}

Ticket Core::Runs::StoreRuns() {
  Ticket ticket = 0;
  for (Record& record : core_.automation_.TakeRecords()) {
    const std::string id = record.key;
    ticket = core_.outbox_.AddUrgent(std::move(record), core_.now_.mono);
    for (auto* sends : {&sends_, &ticket_ends_}) {
      const auto send = sends->find(id);
      if (send != sends->end() && !send->second.intent) send->second.intent = ticket;
    }
  }
  return ticket;
}

void Core::Runs::Decide(AutomationCommand event) {
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  const Status decided =
      core_.automation_.Decide(event.run, event.is_approved, event.actor, core_.now_.wall);
  if (!decided) {
    reply.status = decided;
    core_.Emit(std::move(reply));
    return;
  }
  const automation::Run run = *core_.automation_.Find(event.run);
  reply.incidents = {run.incident};
  NoteRun(event.run, event.is_approved ? "approved by " + event.actor : "rejected: " + run.text);
  if (event.is_approved) {
    const auto incident = core_.incidents_.Find(run.incident);
    const bool is_open = incident != nullptr && IsOpen(incident->state);
    if (is_open && incident->cycle == run.cycle) {
      Carry(event.run);
    } else {
      SettleRun(event.run, Outcome::kObsolete, "the incident is over, or has come back since");
    }
  }
  core_.SyncEscalations();
  core_.reply_waits_.emplace(StoreRuns(), std::move(reply));
}

void Core::On(AutomationCommand event) { runs_->Decide(std::move(event)); }

void Core::Runs::DropForgotten() {
  const auto is_forgotten = [this](const auto& entry) {
    return core_.automation_.Find(entry.first) == nullptr;
  };
  std::erase_if(sends_, is_forgotten);
  std::erase_if(checks_, is_forgotten);
}

std::vector<automation::Run> Core::Runs::AutomationRuns(bool all) const {
  std::vector<automation::Run> runs;
  for (const auto& [id, run] : core_.automation_.runs()) runs.push_back(run);
  std::ranges::stable_sort(runs, [](const automation::Run& a, const automation::Run& b) {
    return std::pair(b.at, b.incident) < std::pair(a.at, a.incident);
  });
  if (all) return runs;
  size_t place = 0;
  std::erase_if(runs, [&](const automation::Run& run) {
    return place++ >= limits::kAutomationRunsShown && run.outcome.has_value();
  });
  return runs;
}

void Core::Runs::AddAutomationTo(Stats* stats) const {
  stats->automation = core_.automation_.stats();
  for (const std::string& id : core_.automation_.open()) {
    stats->automation_waiting += core_.automation_.Find(id)->state == automation::State::kWaiting;
  }
  if (stats->automation.refused > 0) {
    stats->limit_exceeded[{"automation_runs"}] = stats->automation.refused;
  }
}

}  // namespace watchfire::core
