// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is called besides the policies that run, because somebody said so: the new owner of an
// incident, or whom a rule of automation names. Each call is an escalation of its own, beside those
// of the incident's receivers, so that what keeps pages from being lost or said twice over crashes,
// snoozes, merges and reloads keeps these as well.
//
//   reassigned --LookAtOwner--> the same person, or one who has it in hand: nobody is called
//       |
//       +--GoOnAfterAck--> the ack of another is over; policies go on where it had stopped them
//       +--CallOwner-----> the person's contacts are told, by the call "user:NAME"
//                          of whom there are none: the receiver is told again
//   a rule escalates --CallForRule--> its policy begins, in this cycle of the incident
//   a person escalates --LookAtCall--> there is such a policy, person, schedule or team, and nobody
//       |                              has the incident in hand, or that is to end
//       +--CallNow--> the same; who was called before is told again
//
// A call that waits for a snooze to end needs no state of its own: it begins anew in the cycle that
// begins then (SyncWith).

#include <algorithm>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/core/last_call.h"
#include "pkg/oncall/call.h"
#include "pkg/oncall/person.h"

namespace watchfire::core {

using Called = RunningEscalation::Called;

// The name by which policies tell somebody who is called so.
std::string Core::PersonIn(const std::string& said) const {
  const auto& contacts = config_->oncall.contacts;
  std::string name = oncall::PersonCalled(roster_.get(), said);
  return !contacts.contains(name) && contacts.contains(said) ? said : name;
}

// Begins the policy, or call, for the incident, from its first step.
void Core::Call(const incident::Incident& incident, const std::string& policy, Called called) {
  const RunningEscalation::Id id{incident.id, policy};
  RunningEscalation* running = escalations_.Find(id);
  if (running == nullptr) {
    RunningEscalation fresh;
    fresh.id = id;
    fresh.called = called;
    if (roster_ != nullptr && roster_->FindPolicy(policy) != nullptr) {
      fresh.progress.sequence = escalations_.NextSequence(policy);
      Store(escalations_.EncodeSequence(policy));
    }
    running = &escalations_.Add(std::move(fresh));
  }
  // What its groups go to by themselves stays theirs, and an owner's call the owner's.
  const bool is_owner = running->called == Called::kAsOwner &&
                        oncall::PersonOfCall(policy) == PersonIn(incident.owner);
  if (running->called != Called::kNo && !is_owner) running->called = called;
  for (const incident::Group& group : incident.groups) {
    escalations_.AddGroup(running, {group.receiver, group.group_key});
  }
  StartOver(running, incident);
  running->is_owner_by_rule = is_owner && called == Called::kByRule;
  SyncWith(running, incident);
}

// Before an incident is given to somebody: whether that is a person who has to be called.
void Core::LookAtOwner(const incident::Incident& before, const incident::Ack& by,
                       incident::Reassign* act) const {
  if (act->owner.empty()) return;
  const std::string person = PersonIn(act->owner);
  if (!before.owner.empty() && PersonIn(before.owner) == person) {
    act->owner = before.owner;  // It is hers already, under another of her names.
    return;
  }
  const bool takes_it =
      by.actor_type == incident::ActorType::kHuman && PersonIn(by.actor) == person;
  const bool has_it = before.ack && !before.ack->is_automatic && PersonIn(before.ack->by) == person;
  act->ends_ack = !takes_it && !has_it;
}

// The ack of an incident is over, for it was given to somebody else: its policies go on where that
// had stopped them, and spare whoever had acknowledged.
void Core::GoOnAfterAck(uint64_t incident_id) {
  const auto incident = incidents_.Find(incident_id);
  if (incident->ack) return;
  const std::string owner = PersonIn(incident->owner);
  for (const auto& id : escalations_.OfIncident(incident_id)) {
    RunningEscalation* running = escalations_.Find(id);
    if (running->is_over || running->called != Called::kNo) continue;
    const Duration elapsed = now_.mono - running->start;
    if (running->held_from) running->progress.shift += elapsed - *running->held_from;
    running->progress.acked = false;
    std::erase(running->progress.acked_by, owner);
    running->held_since = kNoTime;
    running->held_from.reset();
    running->cycle = incident->cycle;
    running->has_run_out = false;
    // The ack had called off the last call. Where no step is left nothing else would make it.
    const auto ladder = LadderOf(running->id.policy);
    const bool goes_on =
        ladder != nullptr && oncall::Escalation(ladder, running->progress).deadline();
    if (!goes_on) running->last_call = LastCallOf(*running, ladder.get(), elapsed);
    Save(*running);
    escalations_.Arm(running, now_.mono);
  }
}

// The incident was given to somebody who does not know yet. Returns what whoever did so should
// know; "" when the new owner is told.
std::string Core::CallOwner(const incident::Incident& before, const IncidentCommand& event) {
  const auto& act = std::get<incident::Reassign>(event.act);
  const auto after = incidents_.Find(before.id);
  if (!act.ends_ack || before.owner == after->owner) return "";
  const std::string person = PersonIn(after->owner);
  if (config_->oncall.contacts.contains(person)) {
    Call(*after, oncall::CallOf("user", person), Called::kAsOwner);
    return "";
  }
  const std::string again =
      after->receiver + (after->snooze ? " is told again when the snooze ends" : " is told again");
  const std::string text = after->owner + " has no oncall.contacts and was not told: " + again;
  auto record = incidents_.OnEscalated(
      after->id, {now_.wall, "unreachable", event.ack.actor, event.ack.channel, text});
  if (record) outbox_.AddUrgent(*std::move(record), now_.mono);
  Emit(Log{Log::Level::kWarn,
           "incident: its new owner cannot be told → its receiver is told again",
           {{"incident", std::to_string(after->id)},
            {"owner", after->owner},
            {"receiver", after->receiver}}});
  // The end of a snooze tells it by itself.
  if (!after->snooze) TellReceiverAgain(*after);
  return text;
}

// A policy that runs for the incident already goes on with its next step, and no other begins.
Status Core::CallForRule(uint64_t incident_id, const std::string& policy) {
  const auto incident = incidents_.Find(incident_id);
  if (incident == nullptr || !incident::IsOpen(incident->state)) {
    return Fail(Code::kConflict, "it is over");
  }
  if (incident->ack || incident->snooze) {
    return Fail(Code::kConflict, "it is acknowledged or snoozed");
  }
  const RunningEscalation* running = escalations_.Find({incident_id, policy});
  const bool runs = running != nullptr && !running->is_over && !running->has_run_out;
  if (runs) return EscalateNow(incident_id, /*is_trial=*/false, policy);
  Call(*incident, policy, Called::kByRule);
  return {};
}

// The policy or call that `to` means, under the name that its escalation has, whatever alias was
// said. Errors: kNotFound.
Result<std::string> Core::CalledAs(const std::string& to) {
  const oncall::Policy* policy = roster_ == nullptr ? nullptr : roster_->FindPolicy(to);
  if (policy != nullptr && LadderOf(policy->name) != nullptr) return policy->name;
  if (const auto said = oncall::PersonOfCall(to)) {
    const std::string person = PersonIn(*said);
    if (config_->oncall.contacts.contains(person)) return oncall::CallOf("user", person);
    return Fail(Code::kNotFound, person + " has no oncall.contacts and cannot be called");
  }
  const auto ladder = roster_ == nullptr ? std::nullopt : oncall::LadderOfCall(*roster_, to);
  if (!ladder) {
    return Fail(Code::kNotFound, "no escalation policy " + GoQuote(to) +
                                     ", and no user:NAME, schedule:NAME or team:NAME of that name");
  }
  const oncall::Target& target = ladder->steps.front().targets.front();
  const bool is_team = target.kind == oncall::Target::Kind::kTeam;
  return oncall::CallOf(is_team ? "team" : "schedule", target.name);
}

// Before somebody is called because a person said so: whether that can be, and who it is.
Status Core::LookAtCall(const incident::Incident& before, incident::Escalate* act) {
  if (act->to.empty()) return EscalateNow(before.id, /*is_trial=*/true);
  if (act->to.size() > limits::kIncidentNameBytes) return {};  // The registry says so.
  Result<std::string> called = CalledAs(act->to);
  if (!called) return Fail(std::move(called.error()));
  act->to = *std::move(called);
  if (incident::IsCalledLately(before, act->to, now_.wall)) return {};
  if (before.snooze) return Fail(Code::kConflict, "it is snoozed by " + before.snooze->by);
  if (before.ack) {
    if (before.ack->is_automatic || act->ends_ack) return {};
    return Fail(Code::kConflict, "it is acknowledged by " + before.ack->by);
  }
  // A policy that runs must have somebody left to call.
  const RunningEscalation* running = escalations_.Find({before.id, act->to});
  const bool runs = running != nullptr && !running->is_over && !running->has_run_out;
  const bool is_policy = roster_ != nullptr && roster_->FindPolicy(act->to) != nullptr;
  return runs && is_policy ? EscalateNow(before.id, /*is_trial=*/true, act->to) : Status();
}

// It stands on the timeline of the incident, which was `before`.
Status Core::CallNow(const incident::Incident& before, const std::string& to) {
  if (to.empty()) {
    const Status called = EscalateNow(before.id);
    const bool has_begun_anew = before.ack.has_value();  // A rule's; who comes first is called.
    return called || has_begun_anew ? Status() : called;
  }
  if (incident::IsCalledLately(before, to, now_.wall)) return {};
  const RunningEscalation* running = escalations_.Find({before.id, to});
  const bool is_policy = roster_ != nullptr && roster_->FindPolicy(to) != nullptr;
  const bool runs = is_policy && running != nullptr && !running->is_over && !running->has_run_out;
  if (runs && EscalateNow(before.id, /*is_trial=*/false, to)) return {};
  // Of a policy, whoever had acknowledged stays spared; who is called by name is meant.
  std::vector<std::string> spared;
  if (is_policy && running != nullptr) spared = running->progress.acked_by;
  Call(*incidents_.Find(before.id), to, Called::kByRule);
  escalations_.Find({before.id, to})->progress.acked_by = std::move(spared);
  return {};
}

// Whoever pages for the incident begins again, but spares who had acknowledged it.
void Core::TellReceiverAgain(const incident::Incident& incident) {
  for (const auto& id : escalations_.OfIncident(incident.id)) {
    RunningEscalation* running = escalations_.Find(id);
    if (running->is_over || running->called != Called::kNo) continue;
    std::vector<std::string> spared = running->progress.acked_by;
    StartOver(running, incident);
    running->progress.acked_by = std::move(spared);
  }
  Repage(incident);
}

// Whether nobody need hear that a call was not answered: a policy is still to call others.
bool Core::IsLeftToOthers(const RunningEscalation& running) {
  if (running.called == Called::kNo) return false;
  const auto ids = escalations_.OfIncident(running.id.incident);
  return std::ranges::any_of(ids, [&](const RunningEscalation::Id& id) {
    const RunningEscalation& other = escalations_.all().at(id);
    if (other.called != Called::kNo || other.is_over || other.has_run_out) return false;
    // All that is left of it may be to close the incident.
    const auto ladder = LadderOf(id.policy);
    if (ladder != nullptr && !other.last_call) {
      const oncall::Escalation escalation(ladder, other.progress);
      if (escalation.deadline() && !escalation.CallsNext()) return false;
    }
    // One whose own alerts are over or muted calls nobody.
    return IsAudible(other);
  });
}

// A policy of the incident has come to its end, and the fallback hears of it: once, not also for
// each of those that were called besides and did not answer.
void Core::EndCallsOf(uint64_t incident) {
  for (const auto& id : escalations_.OfIncident(incident)) {
    RunningEscalation* running = escalations_.Find(id);
    if (running->called == Called::kNo || !running->last_call) continue;
    running->last_call.reset();
    running->has_run_out = true;
    Save(*running);
  }
}

}  // namespace watchfire::core
