// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Runs of automation that take time: tickets and playbooks on their way, and the questions that
// show whether all is well again.
//
//   stored --> message, tried again until it is taken or its time is over --> question, if there is
//   one --> asked again until the answer is as expected, or its time is over
//
// At least once on the wire, once in effect: a ticket is found by its group's key, and a playbook
// gets the run's id, the same each time. A question without an answer resolves nothing.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/core/runs.h"
#include "pkg/dispatch/ticket_name.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::core {
namespace {

using automation::Outcome;

constexpr Duration kTimeout = std::chrono::seconds(30);  // Of one attempt.
constexpr Duration kLook = std::chrono::seconds(1);      // When pages are in the way: look again.
constexpr size_t kInFlight = 16;  // Messages on the wire at once: pages need connections.

// The group of the incident that the rule is for, or else the first in which anything fires; null:
// nothing does. (A message about ends alone would have a ticket closed, not opened.)
const dispatch::Group* GroupFor(const config::AutomationRule* rule,
                                const incident::Incident& incident,
                                const dispatch::Dispatcher& dispatcher, WallTime now) {
  const dispatch::Group* first = nullptr;
  for (const incident::Group& part : incident.groups) {
    for (const dispatch::GroupId id : dispatcher.FindByKey(part.group_key, part.receiver)) {
      const dispatch::Group* group = dispatcher.Find(id);
      for (const auto& [fingerprint, alert] : group->alerts) {
        if (alert->Resolved(now) || group->IsLeaving(fingerprint)) continue;
        if (first == nullptr) first = group;
        if (rule != nullptr && matcher::MatchesAll(rule->matchers, alert->labels)) return group;
      }
    }
  }
  return first;
}

}  // namespace

bool MayLeave(const AutomationSend& send, const Outbox& outbox) {
  return !send.under_way && send.intent && outbox.durable(*send.intent);
}

const config::Integration* FindAble(const config::Receiver* receiver,
                                    config::AutomationAction action) {
  if (receiver == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      receiver->integrations, [&](const auto& one) { return config::CanDo(action, one.kind); });
  return found == receiver->integrations.end() ? nullptr : &*found;
}

std::optional<MonoTime> Core::Runs::NextOfRuns(Now now) const {
  std::optional<MonoTime> next;
  const auto consider = [&](MonoTime due) {
    if (!next || due < *next) next = due;
  };
  if (!resumed_) consider(now.mono);
  if (const auto due = core_.automation_.next_due()) {
    consider(*due <= now.wall ? now.mono : now.mono + (*due - now.wall));
  }
  for (const auto& [id, send] : sends_) {
    if (MayLeave(send, core_.outbox_)) consider(send.due);
  }
  for (const auto& [id, end] : ticket_ends_) {
    if (MayLeave(end, core_.outbox_)) consider(end.due);
  }
  for (const auto& [id, check] : checks_) {
    if (!check.is_asked) consider(check.due);
  }
  return next;
}

void Core::Runs::GiveUpRun(const std::string& id) {
  const automation::Run run = *core_.automation_.Find(id);
  switch (run.state) {
    case automation::State::kWaiting:
      return SettleRun(id, Outcome::kRejected, "nobody approved it in time");
    case automation::State::kActing: {
      const auto send = sends_.find(id);
      const std::string why = send == sends_.end() ? "" : send->second.why;
      return SettleRun(id, Outcome::kTimeout,
                       "not taken in time" + (why.empty() ? why : ": " + why));
    }
    case automation::State::kVerifying: {
      const auto check = checks_.find(id);
      const bool is_answered = check != checks_.end() && check->second.is_answered;
      const std::string why = check == checks_.end() ? "" : check->second.why;
      return SettleRun(id, is_answered ? Outcome::kFailure : Outcome::kTimeout,
                       "not verified in time" + (why.empty() ? why : ": " + why));
    }
    case automation::State::kDone:
      return;
  }
}

// ---- Messages ----

// Unlike a page it never leaves before it is stored: nobody is woken by it, and it may do harm
// twice.
std::vector<std::string> Core::Runs::DueOf(
    const std::map<std::string, AutomationSend>& sends) const {
  std::vector<std::string> due;
  for (const auto& [id, send] : sends) {
    if (MayLeave(send, core_.outbox_) && send.due <= core_.now_.mono) due.push_back(id);
  }
  return due;
}

size_t Core::Runs::RunsInFlight() const {
  size_t count = 0;
  for (const auto* sends : {&sends_, &ticket_ends_}) {
    for (const auto& [id, send] : *sends) count += send.under_way ? 1 : 0;
  }
  return count;
}

// Whether one more may be on the wire; if not, it looks again in a while.
bool Core::Runs::HasRoom(AutomationSend* send) const {
  if (RunsInFlight() < kInFlight) return true;
  send->due = core_.now_.mono + kLook;
  return false;
}

// Whether the receiver takes it now, behind all pages; that counts against its rate. If not, it
// looks again in a while.
bool Core::Runs::HasTurn(AutomationSend* send, const Audience& to) {
  const LaneKey lane{to.receiver.name, to.integration.kind, to.integration.index};
  if (core_.deliveries_.LetBehind(lane, to.receiver.limits, core_.now_.mono)) return true;
  if (send->why.empty()) send->why = "a limit of the receiver, or its circuit is open";
  send->due = core_.now_.mono + kLook;
  return false;
}

void Core::Runs::SendForRuns() {
  const std::vector<std::string> due = DueOf(sends_);
  for (const std::string& id : due) SendFor(id);
  if (!due.empty()) StoreRuns();
}

void Core::Runs::SendFor(const std::string& id) {
  const automation::Run run = *core_.automation_.Find(id);
  const config::AutomationRule* rule = core_.automation_.RuleOf(run);
  const config::Receiver* receiver = rule == nullptr ? nullptr : core_.FindReceiver(rule->receiver);
  const config::Integration* to = FindAble(receiver, run.action);
  if (to == nullptr) {
    return SettleRun(id, Outcome::kObsolete, "the rule is configured no longer");
  }
  const auto incident = core_.incidents_.Find(run.incident);
  if (incident == nullptr || !IsOpen(incident->state)) {
    return SettleRun(id, Outcome::kObsolete, "the incident is over");
  }
  AutomationSend& send = sends_.at(id);
  if (!HasRoom(&send)) return;
  const auto notification = MessageFor(run, *incident, {*receiver, *to});
  if (notification == nullptr) {
    return SettleRun(id, Outcome::kObsolete, "none of its alerts fires any more");
  }
  if (!HasTurn(&send, {*receiver, *to})) return;
  send.under_way = DeliveryId{++core_.last_id_};
  send.group_key = notification->group_key;
  core_.Emit(Attempt{send.under_way, core_.config_, to, notification, kTimeout, core_.roster_});
}

// Null: nothing of the incident fires any more.
std::shared_ptr<const dispatch::Notification> Core::Runs::MessageFor(
    const automation::Run& run, const incident::Incident& incident, const Audience& to) {
  const dispatch::Group* group =
      GroupFor(core_.automation_.RuleOf(run), incident, *core_.dispatcher_, core_.now_.wall);
  if (group == nullptr) return nullptr;
  const Delivery like = core_.MakeDelivery(*group, to, core_.now_.wall, dispatch::Reason::kFirst,
                                           core_.SurveyOf(*group).flush.alerts);
  auto notification = std::make_shared<dispatch::Notification>(*like.notification);
  labels::LabelSet::Pairs labels;
  for (const labels::Label& label : notification->route_labels) {
    labels.emplace_back(label.name, label.value);
  }
  std::erase_if(labels, [](const auto& label) { return label.first.starts_with("automation_"); });
  labels.emplace_back("automation_incident", std::to_string(run.incident));
  labels.emplace_back("automation_rule", run.rule);
  labels.emplace_back("automation_run", run.id());
  notification->route_labels = labels::LabelSet(std::move(labels));
  return notification;
}

// Returns whether it is about a message of a run.
bool Core::Runs::OnRunAttempted(const Attempted& event) {
  const auto found = std::ranges::find_if(
      sends_, [&](const auto& entry) { return entry.second.under_way == event.id; });
  if (found == sends_.end()) return OnTicketEndAttempted(event);
  const std::string id = found->first;
  AutomationSend& send = found->second;
  send.under_way = {};
  switch (event.kind) {
    case Attempted::Kind::kDone: {
      const config::AutomationRule* rule = core_.automation_.RuleOf(*core_.automation_.Find(id));
      if (core_.automation_.Find(id)->action == config::AutomationAction::kTicket) {
        core_.automation_.SetTicket(id, automation::TicketState::kOpen, send.group_key);
        LookAtTickets(core_.automation_.Find(id)->incident);  // The end may have come meanwhile.
      }
      if (rule != nullptr && rule->verify) {
        Verify(id, "taken by " + rule->receiver);
      } else {
        const std::string name = dispatch::TicketName(event.data);
        SettleRun(id, Outcome::kSuccess,
                  name + (name.empty() || event.flaw.empty() ? "" : "; ") + event.flaw);
      }
      break;
    }
    case Attempted::Kind::kFail:
      SettleRun(id, Outcome::kFailure, event.why);
      break;
    case Attempted::Kind::kRetry:
      send.why = event.why;
      send.may_be_taken |= event.unknown;
      send.due = core_.now_.mono + std::max(send.backoff.Next(&core_.rng_), event.retry_after);
      core_.Emit(Log{Log::Level::kWarn,
                     "automation: attempt failed, will retry",
                     {{"run", id}, {"err", event.why}}});
      break;
  }
  StoreRuns();
  return true;
}

// ---- Questions ----

// The run waits for the answer that is expected.
void Core::Runs::Verify(const std::string& id, const std::string& why) {
  const automation::Run run = *core_.automation_.Find(id);
  const config::AutomationRule* rule = core_.automation_.RuleOf(run);
  sends_.erase(id);
  if (rule == nullptr || !rule->verify) {
    return SettleRun(id, Outcome::kObsolete, "the rule is configured no longer");
  }
  core_.automation_.GoOn(id, automation::State::kVerifying, core_.now_.wall + rule->verify->timeout,
                         why.empty() ? "is being verified" : why + ", is being verified");
  checks_[id] = {};
}

void Core::Runs::AskForRuns() {
  std::vector<std::string> due;
  for (const auto& [id, check] : checks_) {
    if (!check.is_asked && check.due <= core_.now_.mono) due.push_back(id);
  }
  for (const std::string& id : due) {
    const config::AutomationRule* rule = core_.automation_.RuleOf(*core_.automation_.Find(id));
    if (rule == nullptr || !rule->verify) {
      SettleRun(id, Outcome::kObsolete, "the rule is configured no longer");
      continue;
    }
    checks_.at(id).is_asked = true;
    core_.queries_waiting_.push_back(
        {core_.generation_, AutomationQuery{id, rule->verify->expr, rule->verify->datasource}});
  }
  if (due.empty()) return;
  StoreRuns();
  core_.PumpQueries();
}

void Core::Runs::OnVerified(const AutomationQuery& query, const Result<promql::Vector>& result) {
  const auto found = checks_.find(query.run);
  if (found == checks_.end()) return;  // It was given up.
  const automation::Run run = *core_.automation_.Find(query.run);
  const config::AutomationRule* rule = core_.automation_.RuleOf(run);
  AutomationCheck& check = found->second;
  check.is_asked = false;
  if (rule == nullptr || !rule->verify) return;  // AskForRuns() sees to it.
  check.due = core_.now_.mono + rule->verify->every;
  check.is_answered = result.has_value();
  const bool is_empty = result && result->empty();
  if (!result || is_empty != rule->verify->expects_empty) {
    check.why = !result    ? "no answer: " + result.error().message
                : is_empty ? "the answer is empty"
                           : "the answer has " + std::to_string(result->size()) + " samples";
    return;
  }
  if (run.action != config::AutomationAction::kResolve) {
    SettleRun(query.run, Outcome::kSuccess, "verified");
  } else {
    // Whoever has acknowledged since it was asked is not overruled.
    const auto incident = core_.incidents_.Find(run.incident);
    std::optional<automation::Subject> subject;
    if (incident != nullptr && IsOpen(incident->state)) subject = SubjectOf(*incident);
    if (!MayGoOn(run, subject ? &*subject : nullptr)) {
      SettleRun(query.run, Outcome::kObsolete, "its conditions no longer hold");
    } else {
      const Status done = DoForRule(run, *rule, incident::Resolve{});
      SettleRun(query.run, done ? Outcome::kSuccess : Outcome::kFailure,
                done ? "verified" : done.error().message);
    }
  }
  StoreRuns();
}

}  // namespace watchfire::core
