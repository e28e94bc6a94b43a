// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Escalation: who is paged when, until somebody acknowledges.
//
//   group told to its receiver --HandOver--> the incident opens, its policy starts at that instant
//   a step is due ---------------TellStep--> people are looked up now; their contacts get a time
//   a contact is due ------------Reach-----> the person's receiver is one more audience of the
//   group ack, snooze, end ------------SyncWith--> no further step or contact, what waits is
//   withdrawn it comes back ---------------StartOver-> from the first step, in a new cycle
//
// A person's receiver is served as a fallback is (fallback.cc): under `delivery: strict`, with log
// entries of its own (nflog::Key::person). It hears of what a step or contact brings it, and of the
// end; never of repetitions, which are the policy's to make. Everything is stored in the batch of
// the messages that follow from it.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/core/core.h"

namespace watchfire::core {
namespace {

using Outcome = oncall::Notice::Outcome;

// Whoever was told by the last step has at least so long before the fallback is paged.
constexpr Duration kLastPatience = std::chrono::minutes(5);

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kTold:
      return "told";
    case Outcome::kNobody:
      return "nobody";
    case Outcome::kAcked:
      return "acked";
    case Outcome::kLate:
      return "late";
    case Outcome::kHours:
      return "hours";
    case Outcome::kResolved:
      return "resolved";
  }
  return "";
}

const std::string& PolicyOf(const config::Integration& integration) {
  return static_cast<const config::Escalates*>(integration.options.get())->policy;
}

const incident::Hold* HoldOf(const incident::Incident& incident) {
  if (incident.ack) return &*incident.ack;
  return incident.snooze ? &*incident.snooze : nullptr;
}

}  // namespace

std::shared_ptr<const oncall::Ladder> Core::LadderOf(const std::string& policy) {
  const auto [known, is_new] = ladders_.emplace(policy, nullptr);
  if (!is_new) return known->second;
  const oncall::Roster* roster = config_->oncall.roster.get();
  const oncall::Policy* found = roster == nullptr ? nullptr : roster->FindPolicy(policy);
  if (found == nullptr) return nullptr;
  Result<oncall::Ladder> ladder = oncall::MakeLadder(*roster, *found);
  if (ladder) known->second = std::make_shared<const oncall::Ladder>(*std::move(ladder));
  return known->second;
}

// ---- From the pipeline ----

// The receiver "takes" the message by starting, or going on with, its policy.
void Core::HandOver(Delivery delivery) {
  NoteSending(delivery);
  journal_.Over(delivery.id.value, journal::Outcome::kAccepted, std::nullopt, now_.wall);
  if (delivery.page) Store(incidents_.OnAttempt(*delivery.page, now_.wall));
  WriteAccepted(delivery, {});
  if (delivery.page) BeginEscalation(delivery);
}

void Core::BeginEscalation(const Delivery& delivery) {
  const RunningEscalation::GroupRef group{delivery.key.receiver, delivery.key.group_key};
  const auto incident = incidents_.FindOpen(group.first, group.second);
  if (incident == nullptr) return;
  const RunningEscalation::Id id{incident->id, PolicyOf(*delivery.integration)};
  RunningEscalation* running = escalations_.Find(id);
  const bool is_new = running == nullptr;
  if (is_new) {
    RunningEscalation fresh;
    fresh.id = id;
    fresh.progress.sequence = escalations_.NextSequence(id.policy);
    running = &escalations_.Add(std::move(fresh));
  }
  escalations_.AddGroup(running, group);
  running->send_resolved = delivery.integration->send_resolved;
  // What is told again after the policy has run out, and still is nobody's, begins anew.
  const bool is_again = running->has_run_out && HoldOf(*incident) == nullptr;
  if (is_new || running->is_over || is_again) StartOver(running, *incident);
  SyncWith(running, *incident);
  Save(*running);
}

// ---- From incidents ----

void Core::StartOver(RunningEscalation* running, const incident::Incident& incident) {
  DropPages(running);
  oncall::Progress fresh;
  fresh.sequence = running->progress.sequence;
  running->progress = std::move(fresh);
  running->cycle = incident.cycle;
  running->held_since = kNoTime;
  running->last_call.reset();
  running->has_run_out = running->is_over = running->is_muted = false;
  running->started = now_.wall;
  running->start = now_.mono;
  Save(*running);
  escalations_.Arm(running, now_.mono);
}

void Core::SyncEscalations() {
  for (const uint64_t incident_id : incidents_.TakeChanged()) {
    const auto incident = incidents_.Find(incident_id);
    if (incident == nullptr) continue;
    for (const auto& id : escalations_.OfIncident(incident_id)) {
      SyncWith(escalations_.Find(id), *incident);
    }
  }
}

void Core::SyncWith(RunningEscalation* running, const incident::Incident& incident) {
  if (incident.state == incident::State::kMerged) {
    auto into = incidents_.Find(incident.merged_into);
    while (into != nullptr && into->state == incident::State::kMerged) {
      into = incidents_.Find(into->merged_into);
    }
    return MoveEscalation(running, into.get());
  }
  if (!incident::IsOpen(incident.state)) return StopEscalation(running);
  const incident::Hold* hold = HoldOf(incident);
  const bool is_taken_back = hold == nullptr && running->held_since != kNoTime;
  if (running->cycle != incident.cycle || running->is_over || is_taken_back) {
    StartOver(running, incident);
  }
  if (hold == nullptr || hold->since == running->held_since) return;
  running->held_since = hold->since;
  running->progress.acked = true;
  if (incident.ack) {
    const oncall::Roster* roster = config_->oncall.roster.get();
    const oncall::User* user = roster == nullptr ? nullptr : roster->FindUser(hold->by);
    const std::string& name = user == nullptr ? hold->by : user->name;
    auto& names = running->progress.acked_by;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  running->last_call.reset();
  DropPages(running);
  Save(*running);
  escalations_.Arm(running, now_.mono);
}

// Another incident goes on in its place, and so does this with it, unless the same policy runs for
// that one already.
void Core::MoveEscalation(RunningEscalation* running, const incident::Incident* into) {
  if (into == nullptr || !incident::IsOpen(into->state)) return StopEscalation(running);
  RunningEscalation moved = *running;
  moved.id.incident = into->id;
  DropPages(running);
  outbox_.AddUrgent(escalations_.Remove(running->id), now_.mono);
  RunningEscalation* other = escalations_.Find(moved.id);
  if (other == nullptr) {
    moved.cycle = into->cycle;
    moved.due = now_.mono;
    other = &escalations_.Add(std::move(moved));
  } else {
    for (const auto& group : moved.groups) escalations_.AddGroup(other, group);
    for (const PersonalContact& contact : moved.contacts) {
      if (!contact.is_reached) continue;
      PersonalContact* known = other->ContactOf(contact.person, contact.receiver);
      if (known != nullptr) known->is_reached = true;
    }
  }
  SyncWith(other, *into);
  Save(*other);
}

void Core::StopEscalation(RunningEscalation* running) {
  if (running->is_over) return;
  DropPages(running);
  running->is_over = true;
  running->last_call.reset();
  Save(*running);
  escalations_.Arm(running, std::nullopt);
}

// ---- From the clock ----

void Core::AdvanceEscalations() {
  SyncEscalations();
  for (const auto& id : escalations_.TakeDue(now_.mono)) {
    RunningEscalation* running = escalations_.Find(id);
    if (running != nullptr && !running->is_over) AdvanceEscalation(running);
  }
  SyncEscalations();  // A policy may have ended its incident.
}

// Whether an alert of the incident fires that nothing mutes.
bool Core::IsAudible(const RunningEscalation& running) const {
  for (const auto& [receiver, group_key] : running.groups) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group_key, receiver)) {
      const dispatch::Group& group = *dispatcher_->Find(id);
      const bool is_audible = std::ranges::any_of(group.alerts, [&](const auto& entry) {
        return !entry.second->Resolved(now_.wall) && !group.IsLeaving(entry.first) &&
               MutedBy(*entry.second, *group.route, now_.wall) == Muted::kNo;
      });
      if (is_audible) return true;
    }
  }
  return false;
}

// When there is something to do, since the start.
std::optional<Duration> Core::NextOf(const RunningEscalation& running) {
  std::optional<Duration> next = running.last_call;
  const auto consider = [&](std::optional<Duration> due) {
    if (due && (!next || *due < *next)) next = due;
  };
  for (const PersonalContact& contact : running.contacts) consider(contact.due);
  if (const auto ladder = LadderOf(running.id.policy)) {
    consider(oncall::Escalation(ladder, running.progress).deadline());
  } else if (!running.has_run_out && !running.progress.acked) {
    consider(Duration::zero());  // The policy is gone.
  }
  return next;
}

void Core::AdvanceEscalation(RunningEscalation* running) {
  const Duration elapsed = now_.mono - running->start;
  std::optional<Duration> next = NextOf(*running);
  if (next && *next <= elapsed) {
    if (!IsAudible(*running)) {
      running->is_muted = true;  // PlanPeople() wakes it.
      return;
    }
    AdvanceSteps(running, elapsed);
    for (size_t i = 0; i < running->contacts.size(); ++i) {
      PersonalContact* contact = &running->contacts[i];
      if (contact->due && *contact->due <= elapsed) Reach(running, contact);
    }
    Save(*running);
    next = NextOf(*running);
  }
  running->is_muted = false;
  if (next) escalations_.Arm(running, running->start + *next);
  for (const auto& [receiver, group_key] : running->groups) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group_key, receiver)) {
      PlanPeople(*dispatcher_->Find(id));
    }
  }
}

void Core::AdvanceSteps(RunningEscalation* running, Duration elapsed) {
  const std::string& policy = running->id.policy;
  const auto ladder = LadderOf(policy);
  if (ladder != nullptr) {
    oncall::Escalation escalation(ladder, running->progress);
    // It goes on where it stood when it was muted.
    const auto planned = escalation.deadline();
    if (running->is_muted && planned && *planned < elapsed) escalation.Escalate(elapsed);
    // Whoever should have been told by now is told, though nobody was there to do it in time.
    const auto notices =
        escalation.Advance(elapsed, now_.wall, *config_->oncall.roster, oncall::Late::kAll);
    running->progress = escalation.progress();
    for (const oncall::Notice& notice : notices) TellStep(running, notice, elapsed);
    const bool is_out = !escalation.deadline() && !running->progress.ended;
    if (is_out && !running->progress.acked && !running->has_run_out && !running->last_call) {
      running->last_call = elapsed + std::max(ladder->repeat.wait, kLastPatience);
    }
  } else if (!running->has_run_out && !running->progress.acked) {
    running->last_call = elapsed;
  }
  if (!running->last_call || *running->last_call > elapsed) return;
  running->last_call.reset();
  running->has_run_out = true;
  const std::string why = ladder == nullptr ? "policy " + policy + " is configured no longer"
                                            : "policy " + policy + " has run out";
  NoteEscalation(*running, "ran_out",
                 why + " and nobody has acknowledged: to " + config_->oncall.fallback);
  Emit(Log{Log::Level::kWarn,
           "escalation: nobody has acknowledged → sent to the fallback",
           {{"incident", std::to_string(running->id.incident)},
            {"policy", policy},
            {"fallback", config_->oncall.fallback}}});
  CallFallback(running, elapsed);
}

void Core::TellStep(RunningEscalation* running, const oncall::Notice& notice, Duration elapsed) {
  const std::string& policy = running->id.policy;
  Count(&stats_.escalation_steps, {policy, OutcomeName(notice.outcome)});
  std::string step = "step " + std::to_string(notice.step + 1) + " of " + policy;
  if (notice.round > 0) step += ", round " + std::to_string(notice.round + 1);
  if (notice.outcome == Outcome::kNobody) {
    return Unreachable(running, elapsed, step + ": nobody is on call");
  }
  if (notice.outcome == Outcome::kResolved) {
    const incident::Ack by{policy, incident::ActorType::kAutomation, "escalation", step};
    auto records = incidents_.Apply(running->id.incident, incident::Resolve{}, by, now_.wall);
    if (records) Store(*std::move(records));
    return;
  }
  if (notice.outcome != Outcome::kTold) return;
  std::vector<std::string> told;
  std::vector<std::string> missing;
  for (const oncall::Target& target : notice.to) {
    const auto rules = config_->oncall.contacts.find(target.name);
    if (rules == config_->oncall.contacts.end()) {
      missing.push_back(target.name);
      continue;
    }
    std::string ways;
    for (const config::ContactRule& rule : rules->second) {
      PersonalContact* contact = running->ContactOf(target.name, rule.receiver);
      if (contact == nullptr) continue;
      // One that an earlier step planned stays planned.
      const Duration due = elapsed + rule.after;
      contact->due = contact->due ? std::min(*contact->due, due) : due;
      contact->cycle = running->cycle;
      ways += (ways.empty() ? "" : ", ") + rule.receiver;
      if (rule.after > Duration::zero()) ways += " after " + FormatDuration(rule.after);
    }
    told.push_back(target.name + " (" + ways + ")");
  }
  if (told.empty()) {
    return Unreachable(running, elapsed, step + ": no contacts of " + Join(missing, ", "));
  }
  std::string text = step + ": to " + Join(told, ", ");
  if (!missing.empty()) text += "; no contacts of " + Join(missing, ", ");
  NoteEscalation(*running, "escalated", text);
  Emit(Log{missing.empty() ? Log::Level::kInfo : Log::Level::kWarn,
           "escalation: step due → people are paged",
           {{"incident", std::to_string(running->id.incident)}, {"step", text}}});
}

// Nobody could be told: loudly, and somebody else at once.
void Core::Unreachable(RunningEscalation* running, Duration elapsed, const std::string& why) {
  Count(&stats_.unreachable, {running->id.policy});
  NoteEscalation(*running, "unreachable", why + ": to " + config_->oncall.fallback);
  Emit(Log{Log::Level::kError,
           "escalation: nobody can be reached → sent to the fallback",
           {{"incident", std::to_string(running->id.incident)},
            {"fallback", config_->oncall.fallback},
            {"why", why}}});
  if (!running->progress.acked) CallFallback(running, elapsed);
}

void Core::CallFallback(RunningEscalation* running, Duration elapsed) {
  PersonalContact* contact = running->ContactOf(kFallbackPerson, config_->oncall.fallback);
  if (contact == nullptr) return;
  contact->due = elapsed;
  contact->cycle = running->cycle;
}

// On the incident's timeline, and for explanations of each of its alerts.
void Core::NoteEscalation(const RunningEscalation& running, const char* kind, std::string text) {
  for (const auto& [receiver, group_key] : running.groups) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group_key, receiver)) {
      for (const auto& [fingerprint, alert] : dispatcher_->Find(id)->alerts) {
        if (alert->Resolved(now_.wall)) continue;
        journal_.Escalated(fingerprint, {receiver, group_key}, text, now_.wall);
      }
    }
  }
  auto record = incidents_.OnEscalated(
      running.id.incident, {now_.wall, kind, running.id.policy, "escalation", std::move(text)});
  if (record) Store(*std::move(record));
}

void Core::Save(const RunningEscalation& running) {
  outbox_.AddUrgent(Escalations::Encode(running, now_), now_.mono);
}

// One that is over stays for as long as somebody waits for the end of one of its groups.
void Core::CollectEscalations(const std::set<std::pair<std::string, std::string>>& alive) {
  std::vector<RunningEscalation::Id> gone;
  for (const auto& [id, running] : escalations_.all()) {
    const auto lives = [&](const RunningEscalation::GroupRef& group) {
      return alive.contains(group);
    };
    const auto incident = incidents_.Find(id.incident);
    const bool is_over = running.is_over || incident == nullptr;
    if (is_over && std::ranges::none_of(running.groups, lives)) gone.push_back(id);
  }
  for (const auto& id : gone) Store(escalations_.Remove(id));
}

}  // namespace watchfire::core
