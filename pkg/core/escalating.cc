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
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/core/calls.h"
#include "pkg/core/core.h"
#include "pkg/core/last_call.h"
#include "pkg/oncall/call.h"

namespace watchfire::core {
namespace {

using Outcome = oncall::Notice::Outcome;

// By so much the wall clock may drift from the monotonic one before records are written anew.
constexpr Duration kClockStep = std::chrono::seconds(5);

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

// Of steps that are all done in one turn, because nobody was there in time: which are done again,
// for the same people, by a later round of it. Each person is paged once by all of them, so one
// line on the timeline is enough.
std::vector<bool> SaidLater(const std::vector<oncall::Notice>& notices) {
  std::vector<bool> is_said(notices.size());
  std::map<size_t, const oncall::Notice*> later;  // By step.
  for (size_t i = notices.size(); i-- > 0;) {
    const oncall::Notice& notice = notices[i];
    const auto [known, is_new] = later.emplace(notice.step, &notice);
    is_said[i] = !is_new && known->second->outcome == notice.outcome &&
                 std::ranges::equal(known->second->to, notice.to, {}, &oncall::Target::name,
                                    &oncall::Target::name);
    known->second = &notice;
  }
  return is_said;
}

// Whether a group more is part of the incident since this instant.
bool HasJoined(const incident::Incident& incident, WallTime now) {
  const auto& events = incident.timeline;
  for (auto event = events.rbegin(); event != events.rend() && event->at == now; ++event) {
    if (event->kind == "merged" || event->kind == "rejoined") return true;
  }
  return false;
}

const std::string& PolicyOf(const config::Integration& integration) {
  return static_cast<const config::Escalates*>(integration.options.get())->policy;
}

// A call of a person needs none.
const oncall::Roster& OrNobody(const oncall::Roster* roster) {
  static const auto& nobody = *new oncall::Roster();
  return roster == nullptr ? nobody : *roster;
}

// The call of whom somebody gave the incident to; not when a rule calls for that person.
bool IsGiven(const RunningEscalation& running) {
  return running.called == RunningEscalation::Called::kAsOwner && !running.IsByRule();
}

std::string StepName(const RunningEscalation& running, const oncall::Notice& notice) {
  const std::string& policy = running.id.policy;
  if (IsGiven(running)) {
    return "given to " + oncall::PersonOfCall(policy).value_or(policy);
  }
  std::string step = "step " + std::to_string(notice.step + 1) + " of " + policy;
  if (notice.round > 0) step += ", round " + std::to_string(notice.round + 1);
  return step;
}

}  // namespace

std::shared_ptr<const oncall::Ladder> Core::LadderOf(const std::string& policy) {
  const auto [known, is_new] = ladders_.emplace(policy, nullptr);
  if (!is_new) return known->second;
  const oncall::Roster& roster = OrNobody(roster_.get());
  const oncall::Policy* found = roster.FindPolicy(policy);
  if (found == nullptr) {
    std::optional<oncall::Ladder> call = oncall::LadderOfCall(roster, policy);
    if (call) known->second = std::make_shared<const oncall::Ladder>(*std::move(call));
    return known->second;
  }
  Result<oncall::Ladder> ladder = oncall::MakeLadder(roster, *found);
  if (ladder) known->second = std::make_shared<const oncall::Ladder>(*std::move(ladder));
  return known->second;
}

// ---- From the pipeline ----

// The receiver "takes" the message by starting, or going on with, its policy.
void Core::HandOver(Delivery delivery) {
  NoteSending(delivery);
  journal_.Over(delivery.id.value, journal::Outcome::kAccepted, std::nullopt, now_.wall);
  if (delivery.page) NotePage(*delivery.page);
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
    Store(escalations_.EncodeSequence(id.policy));
    running = &escalations_.Add(std::move(fresh));
  }
  escalations_.AddGroup(running, group);
  running->called = RunningEscalation::Called::kNo;
  running->is_owner_by_rule = false;
  running->send_resolved = delivery.integration->send_resolved;
  // What is told again after the policy has run out, and still is nobody's, begins anew; not when
  // all there is to say is that some of it is over.
  const bool is_news = delivery.notification->reason != dispatch::Reason::kSomeResolved;
  const bool is_again = is_news && running->has_run_out && !incident->ack && !incident->snooze;
  if (is_new || running->is_over || is_again) StartOver(running, *incident);
  // Whoever has acknowledged the incident had not seen what this policy is about, nor have its
  // people: they are called, but for that person, until somebody else acknowledges as well.
  if (is_new && incident->ack && HasJoined(*incident, now_.wall)) {
    running->held_since = incident->ack->since;
    NoteAcknowledged(running, incident->ack->by);
  }
  if (is_new) calls_->SpareAsOthers(running, *incident);
  SyncWith(running, *incident);
  Save(*running);
}

// ---- From the clock ----

void Core::AdvanceEscalations() {
  SyncEscalations();
  for (const auto& id : escalations_.TakeDue(now_.mono)) {
    RunningEscalation* running = escalations_.Find(id);
    if (running == nullptr || running->is_over) continue;
    AdvanceEscalation(running);
    SyncEscalations();  // It may have ended its incident, for the others as well.
  }
}

// Whether an alert of the incident fires that nothing mutes.
bool Core::IsAudible(const RunningEscalation& running) const {
  return std::ranges::any_of(running.groups, [&](const RunningEscalation::GroupRef& group) {
    return IsAudible(running, group);
  });
}

// The same, of one group.
bool Core::IsAudible(const RunningEscalation& running,
                     const RunningEscalation::GroupRef& ref) const {
  if (!Serves(running, ref)) return false;
  for (const dispatch::GroupId id : dispatcher_->FindByKey(ref.second, ref.first)) {
    const dispatch::Group& group = *dispatcher_->Find(id);
    const bool is_audible = std::ranges::any_of(group.alerts, [&](const auto& entry) {
      return !entry.second->Resolved(now_.wall) && !group.IsLeaving(entry.first) &&
             MutedBy(*entry.second, *group.route, now_.wall) == Muted::kNo;
    });
    if (is_audible) return true;
  }
  return false;
}

// When there is something to do, since the start.
std::optional<Duration> Core::NextOf(const RunningEscalation& running) {
  std::optional<Duration> next = running.last_call;
  const auto consider = [&](std::optional<Duration> due) {
    if (due && (!next || *due < *next)) next = due;
  };
  for (const PersonalContact& contact : running.contacts) {
    consider(contact.due);
    consider(StandInDue(contact));
  }
  if (const auto ladder = LadderOf(running.id.policy)) {
    consider(oncall::Escalation(ladder, running.progress).deadline());
  } else if (!running.has_run_out && !running.progress.acked) {
    consider(Duration::zero());  // The policy is gone.
  }
  return next;
}

void Core::AdvanceEscalation(RunningEscalation* running) {
  // Nobody wants to hear of it for a while, not even by steps of not_resolved. The snooze's end, or
  // an ack in its place, wakes it (SyncWith).
  const auto incident = incidents_.Find(running->id.incident);
  if (incident != nullptr && incident->snooze) return;
  const Duration elapsed = now_.mono - running->start;
  std::optional<Duration> next = NextOf(*running);
  if (next && *next <= elapsed) {
    if (!IsAudible(*running)) {
      if (!std::exchange(running->is_muted, true)) Save(*running);
      return;  // PlanPeople() wakes it.
    }
    AdvanceSteps(running, elapsed);
    // It has ended its incident: a page would open that again.
    if (running->progress.ended) return Save(*running);
    for (size_t i = 0; i < running->contacts.size(); ++i) {
      PersonalContact* contact = &running->contacts[i];
      const std::optional<Duration> late = StandInDue(*contact);
      if (!late || *late > elapsed) continue;
      contact->owed_since.reset();
      CallStandIn(running, PersonalContact(*contact));
    }
    for (size_t i = 0; i < running->contacts.size(); ++i) {
      PersonalContact* contact = &running->contacts[i];
      if (contact->due && *contact->due <= elapsed) Reach(running, contact);
    }
    Save(*running);
    next = NextOf(*running);
  }
  if (std::exchange(running->is_muted, false)) Save(*running);
  if (next) escalations_.Arm(running, running->start + *next);
  std::set<dispatch::GroupId> drivers;
  for (const PersonalContact& contact : running->contacts) {
    for (const auto& [receiver, group_key] : contact.leads) {
      const nflog::Key key{group_key, contact.receiver, "", 0, receiver, contact.person};
      if (const dispatch::Group* group = DriverOf(key)) drivers.insert(group->id);
    }
  }
  for (const dispatch::GroupId id : drivers) PlanPeople(*dispatcher_->Find(id));
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
        escalation.Advance(elapsed, now_.wall, OrNobody(roster_.get()), oncall::Late::kAll);
    bool is_acked = running->progress.acked;  // Until a round begins anew.
    running->progress = escalation.progress();
    const std::vector<bool> is_said_later = SaidLater(notices);
    for (size_t i = 0; i < notices.size(); ++i) {
      const oncall::Notice& notice = notices[i];
      // Nobody is called out for what ends in the same turn.
      if (running->progress.ended && notice.outcome != Outcome::kResolved) continue;
      if (notice.unacked) BeginUnacked(running);
      is_acked = is_acked && !notice.unacked;
      running->progress.acked = is_acked;
      if (is_said_later[i]) {
        Count(&stats_.escalation_steps,
              {oncall::LabelOfPolicy(policy), OutcomeName(Outcome::kLate)});
      } else {
        TellStep(running, notice, elapsed);
      }
    }
    running->progress.acked = escalation.progress().acked;
    const bool is_out = !escalation.deadline() && !running->progress.ended;
    if (is_out && !running->progress.acked && !running->has_run_out && !running->last_call) {
      running->last_call = LastCallOf(*running, ladder.get(), elapsed);
    }
  } else if (!running->has_run_out && !running->progress.acked) {
    running->last_call = elapsed;
  }
  if (!running->last_call || *running->last_call > elapsed) return;
  if (calls_->IsLeftToOthers(*running)) {
    // They may be muted, or their steps passed over, and nobody would say so.
    running->last_call = elapsed + kLastPatience;
    return;
  }
  running->last_call.reset();
  running->has_run_out = true;
  if (running->called == RunningEscalation::Called::kNo) calls_->EndCallsOf(running->id.incident);
  const std::string why = ladder == nullptr ? "policy " + policy + " is configured no longer"
                                            : "policy " + policy + " has run out";
  NoteEscalation(*running, "ran_out", why + " and nobody has acknowledged: to " + FallbackName());
  Emit(Log{Log::Level::kWarn,
           "escalation: nobody has acknowledged → sent to the fallback",
           {{"incident", std::to_string(running->id.incident)},
            {"policy", policy},
            {"fallback", config_->oncall.fallback}}});
  CallFallback(running, elapsed);
}

// Gives the contacts of whom the step tells their times. Returns these people and their contacts;
// "": there is none. `missing`: who has none.
std::string Core::WhomItTells(RunningEscalation* running, const oncall::Notice& notice,
                              Duration elapsed, std::vector<std::string>* missing) {
  std::vector<std::string> told;
  for (const oncall::Target& target : notice.to) {
    const std::vector<config::ContactRule> rules =
        config::ContactsOf(config_->oncall, target.name, notice.ignores_rules);
    if (rules.empty()) {
      missing->push_back(target.name);
      continue;
    }
    // Each turn of hers may need the fallback of a contact once more (PersonMissed).
    for (PersonalContact& contact : running->contacts) {
      if (contact.person == target.name) contact.cycle = 0;
    }
    std::string ways;
    for (const config::ContactRule& rule : rules) {
      PersonalContact* contact = running->ContactOf(target.name, rule.receiver);
      if (contact == nullptr) {
        ++stats_.limit_exceeded[{"escalation_contacts"}];
        continue;
      }
      // One that an earlier step planned stays planned.
      const Duration due = elapsed + rule.after;
      contact->due = contact->due ? std::min(*contact->due, due) : due;
      contact->cycle = running->cycle;
      contact->told_at = elapsed;
      contact->has_taken = false;
      ways += (ways.empty() ? "" : ", ") + rule.receiver;
      if (rule.after > Duration::zero()) ways += " after " + FormatDuration(rule.after);
    }
    if (ways.empty()) {
      missing->push_back(target.name);
    } else {
      told.push_back(target.name + " (" + ways + ")");
    }
  }
  return Join(told, ", ");
}

void Core::TellStep(RunningEscalation* running, const oncall::Notice& notice, Duration elapsed) {
  const std::string& policy = running->id.policy;
  Count(&stats_.escalation_steps, {oncall::LabelOfPolicy(policy), OutcomeName(notice.outcome)});
  const std::string step = StepName(*running, notice);
  if (notice.outcome == Outcome::kNobody) {
    return Unreachable(running, elapsed, step + ": nobody is on call");
  }
  if (notice.outcome == Outcome::kResolved) {
    const incident::Ack by{policy, incident::ActorType::kAutomation, "escalation", step};
    auto records = incidents_.Apply(running->id.incident, incident::Resolve{}, by, now_.wall);
    if (records) Store(*std::move(records));
    return;
  }
  // Who acknowledged has given it away since: it must not be nobody's.
  const auto subject = incidents_.Find(running->id.incident);
  const bool is_held = subject != nullptr && subject->ack;
  if (notice.outcome == Outcome::kAcked && !running->progress.acked && !is_held) {
    return Unreachable(running, elapsed,
                       step + ": whom it tells had acknowledged, and gave it away");
  }
  if (notice.outcome != Outcome::kTold) return;
  std::vector<std::string> missing;
  const std::string told = WhomItTells(running, notice, elapsed, &missing);
  if (told.empty()) {
    return Unreachable(running, elapsed, step + ": no contacts of " + Join(missing, ", "));
  }
  std::string text = IsGiven(*running) ? "told " + told : step + ": to " + told;
  if (!missing.empty()) text += "; no contacts of " + Join(missing, ", ");
  // The first step of the first round is no escalation yet, unless a rule called for it: figures
  // count those beyond it.
  const bool is_first = notice.step == 0 && notice.round == 0 && !running->IsByRule();
  const auto incident = incidents_.Find(running->id.incident);  // As it was before.
  NoteEscalation(*running, is_first ? "notified" : "escalated", text);
  if (!is_first && incident != nullptr) TellOfEscalation(*incident, policy, text);
  Emit(Log{missing.empty() ? Log::Level::kInfo : Log::Level::kWarn,
           "escalation: step due → people are paged",
           {{"incident", std::to_string(running->id.incident)}, {"step", text}}});
}

// Without a fallback the receivers of the incident are told once more.
std::string Core::FallbackName() const {
  const std::string& fallback = config_->oncall.fallback;
  return fallback.empty() ? "its receivers once more" : fallback;
}

// Nobody could be told: loudly, and somebody else at once.
void Core::Unreachable(RunningEscalation* running, Duration elapsed, const std::string& why) {
  Count(&stats_.unreachable, {oncall::LabelOfPolicy(running->id.policy)});
  // Somebody has it in hand: worth a line, and no reason to wake another.
  if (running->progress.acked) return NoteEscalation(*running, "unreachable", why);
  NoteEscalation(*running, "unreachable", why + ": to " + FallbackName());
  Emit(Log{Log::Level::kError,
           "escalation: nobody can be reached → sent to the fallback",
           {{"incident", std::to_string(running->id.incident)},
            {"fallback", config_->oncall.fallback},
            {"why", why}}});
  CallFallback(running, elapsed);
}

void Core::CallFallback(RunningEscalation* running, Duration elapsed) {
  if (config_->oncall.fallback.empty()) {
    const auto incident = incidents_.Find(running->id.incident);
    if (incident != nullptr) Repage(*incident);
    return;
  }
  for (PersonalContact& known : running->contacts) {
    if (known.person == kFallbackPerson) known.cycle = 0;
  }
  PersonalContact* contact = running->ContactOf(kFallbackPerson, config_->oncall.fallback);
  if (contact == nullptr) return;
  contact->due = elapsed;
  contact->cycle = running->cycle;
  contact->told_at = elapsed;
  contact->has_taken = false;
}

// On the incident's timeline, and for explanations of each of its alerts.
void Core::NoteEscalation(const RunningEscalation& running, const char* kind, std::string text) {
  for (const auto& [receiver, group_key] : running.groups) {
    if (!Serves(running, {receiver, group_key})) continue;
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

void Core::Save(const RunningEscalation& running) { unsaved_.insert(running.id); }

void Core::SaveAllEscalations() {
  for (const auto& [id, running] : escalations_.all()) {
    if (running.is_over) continue;
    Save(running);
    // The mute may end before the next life, which is to go on as this one would.
    if (stopping_ && !IsAudible(running)) escalations_.Find(id)->is_muted = true;
  }
}

// Each once a Step, however much has happened to it.
void Core::StoreEscalations() {
  for (const auto& id : std::exchange(unsaved_, {})) {
    const RunningEscalation* running = escalations_.Find(id);
    if (running == nullptr) continue;
    outbox_.AddUrgent(Escalations::Encode(*running, now_), now_.mono);
  }
}

// A record says how much time had passed at which time on the wall: of before a step of that clock,
// it would mislead the next life.
void Core::MindTheClock() {
  const Duration offset = now_.wall.time_since_epoch() - now_.mono.time_since_epoch();
  if (clock_offset_ && std::chrono::abs(offset - *clock_offset_) <= kClockStep) return;
  clock_offset_ = offset;
  SaveAllEscalations();
}

// One that is over stays for as long as somebody waits for the end of one of its groups.
void Core::CollectEscalations(const std::set<std::pair<std::string, std::string>>& alive) {
  std::vector<RunningEscalation::Id> gone;
  for (const auto& [id, running] : escalations_.all()) {
    const auto lives = [&](const RunningEscalation::GroupRef& group) {
      return alive.contains(group);
    };
    const bool has_any = std::ranges::any_of(running.groups, lives) ||
                         std::ranges::any_of(running.contacts, [&](const PersonalContact& contact) {
                           return std::ranges::any_of(contact.leads, lives);
                         });
    const auto incident = incidents_.Find(id.incident);
    const bool is_over = running.is_over || incident == nullptr;
    if (is_over && !has_any) gone.push_back(id);
  }
  for (const auto& id : gone) Store(escalations_.Remove(id));
}

}  // namespace watchfire::core
