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
#include "pkg/core/calls.h"
#include "pkg/core/last_call.h"
#include "pkg/oncall/call.h"
#include "pkg/oncall/escalation.h"
#include "pkg/oncall/person.h"

namespace watchfire::core {

using Called = RunningEscalation::Called;

std::string Core::Calls::PersonIn(const std::string& said) const {
  const auto& contacts = core_.config_->oncall.contacts;
  std::string name = oncall::PersonCalled(core_.roster_.get(), said);
  return !contacts.contains(name) && contacts.contains(said) ? said : name;
}

// Whether any group is left that it could page for: they may have been ended for the incident.
bool Core::Calls::PagesForSome(const RunningEscalation& running) const {
  return std::ranges::any_of(running.groups,
                             [&](const auto& group) { return core_.Serves(running, group); });
}

Status Core::Calls::GoOn(const incident::Incident& incident, const std::string& policy) {
  RunningEscalation* running = core_.escalations_.Find({incident.id, policy});
  if (running->called == Called::kNo && !PagesForSome(*running)) {
    running->called = Called::kByRule;
    core_.AddGroupsToCall(running, incident);
  }
  return EscalateNow(incident.id, /*is_trial=*/false, policy);
}

void Core::Calls::Call(const incident::Incident& incident, const std::string& name, Called called) {
  const RunningEscalation::Id id{incident.id, name};
  RunningEscalation* running = core_.escalations_.Find(id);
  if (running == nullptr) {
    RunningEscalation fresh;
    fresh.id = id;
    fresh.called = called;
    if (core_.roster_ != nullptr && core_.roster_->FindPolicy(name) != nullptr) {
      fresh.progress.sequence = core_.escalations_.NextSequence(name);
      core_.Store(core_.escalations_.EncodeSequence(name));
    }
    running = &core_.escalations_.Add(std::move(fresh));
  }
  // What its groups go to by themselves stays theirs, and an owner's call the owner's.
  const bool is_owner =
      running->called == Called::kAsOwner && oncall::PersonOfCall(name) == PersonIn(incident.owner);
  // They may have gone, to another incident: then nothing pages by it but this call.
  const bool is_own = running->called == Called::kNo && PagesForSome(*running);
  if (!is_own && !is_owner) running->called = called;
  for (const incident::Group& group : incident.groups) {
    core_.escalations_.AddGroup(running, {group.receiver, group.group_key});
  }
  core_.StartOver(running, incident);
  running->is_owner_by_rule = is_owner && called == Called::kByRule;
  core_.SyncWith(running, incident);
}

void Core::Calls::LookAtOwner(const incident::Incident& before, const incident::Ack& by,
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

void Core::Calls::GoOnAfterAck(uint64_t incident_id) {
  const auto incident = core_.incidents_.Find(incident_id);
  if (incident->ack) return;
  const std::string owner = PersonIn(incident->owner);
  for (const auto& id : core_.escalations_.OfIncident(incident_id)) {
    RunningEscalation* running = core_.escalations_.Find(id);
    if (running->is_over || running->called != Called::kNo) continue;
    const Duration elapsed = core_.now_.mono - running->start;
    if (running->held_from) running->progress.shift += elapsed - *running->held_from;
    // One that ran beside the ack and has come to its end said so, and was called off by nobody.
    const bool had_said_so = running->has_run_out && !running->progress.acked;
    running->progress.acked = false;
    std::erase(running->progress.acked_by, owner);
    running->held_since = kNoTime;
    running->held_from.reset();
    running->cycle = incident->cycle;
    // The ack had called off the last call. Where no step is left nothing else would make it.
    const auto ladder = core_.LadderOf(running->id.policy);
    const bool goes_on =
        ladder != nullptr && oncall::Escalation(ladder, running->progress).deadline();
    running->has_run_out = had_said_so && !goes_on;
    if (!goes_on && !had_said_so) running->last_call = LastCallOf(*running, ladder.get(), elapsed);
    core_.Save(*running);
    core_.escalations_.Arm(running, core_.now_.mono);
  }
}

std::string Core::Calls::CallOwner(const incident::Incident& before, const IncidentCommand& event) {
  const auto& act = std::get<incident::Reassign>(event.act);
  const auto after = core_.incidents_.Find(before.id);
  if (!act.ends_ack || before.owner == after->owner) return "";
  const std::string person = PersonIn(after->owner);
  if (core_.config_->oncall.contacts.contains(person)) {
    Call(*after, oncall::CallOf("user", person), Called::kAsOwner);
    return "";
  }
  const std::string again =
      after->receiver + (after->snooze ? " is told again when the snooze ends" : " is told again");
  const std::string text = after->owner + " has no oncall.contacts and was not told: " + again;
  auto record = core_.incidents_.OnEscalated(
      after->id, {core_.now_.wall, "unreachable", event.ack.actor, event.ack.channel, text});
  if (record) core_.outbox_.AddUrgent(*std::move(record), core_.now_.mono);
  core_.Emit(Log{Log::Level::kWarn,
                 "incident: its new owner cannot be told → its receiver is told again",
                 {{"incident", std::to_string(after->id)},
                  {"owner", after->owner},
                  {"receiver", after->receiver}}});
  // The end of a snooze tells it by itself.
  if (!after->snooze) TellReceiverAgain(*after);
  return text;
}

Status Core::Calls::EscalateNow(uint64_t incident, bool is_trial, const std::string& only) {
  std::string why = "no escalation policy runs for it";
  bool is_done = false;
  const auto subject = core_.incidents_.Find(incident);
  // The ack of a rule ends by it, and the policies start over.
  const bool is_free = is_trial && subject != nullptr && subject->ack && subject->ack->is_automatic;
  for (const auto& id : core_.escalations_.OfIncident(incident)) {
    RunningEscalation* running = core_.escalations_.Find(id);
    const auto ladder = core_.LadderOf(id.policy);
    if (running->is_over || ladder == nullptr) continue;
    if (only.empty() ? !PagesForSome(*running) : id.policy != only) continue;
    if (is_free) return {};
    if (running->progress.acked) {
      why = "it is acknowledged or snoozed";
      continue;
    }
    const Duration elapsed = core_.now_.mono - running->start;
    oncall::Escalation escalation(ladder, running->progress);
    // An end that it has is not brought forward: that would close what was to be escalated.
    if (!escalation.CallsNext()) {
      why = "policy " + id.policy + " has nobody left to call";
      continue;
    }
    is_done = true;
    if (is_trial) continue;
    escalation.Escalate(elapsed);
    running->progress = escalation.progress();
    core_.Save(*running);
    core_.escalations_.Arm(running, core_.now_.mono);
  }
  if (is_done) return {};
  return Fail(Code::kConflict, why);
}

Status Core::Calls::CallForRule(uint64_t incident_id, const std::string& name) {
  const auto incident = core_.incidents_.Find(incident_id);
  if (incident == nullptr || !incident::IsOpen(incident->state)) {
    return Fail(Code::kConflict, "it is over");
  }
  if (incident->ack || incident->snooze) {
    return Fail(Code::kConflict, "it is acknowledged or snoozed");
  }
  const RunningEscalation* running = core_.escalations_.Find({incident_id, name});
  const bool runs = running != nullptr && !running->is_over && !running->has_run_out;
  if (runs) return GoOn(*incident, name);
  Call(*incident, name, Called::kByRule);
  return {};
}

Result<std::string> Core::Calls::CalledAs(const std::string& to) {
  const oncall::Policy* policy = core_.roster_ == nullptr ? nullptr : core_.roster_->FindPolicy(to);
  if (policy != nullptr && core_.LadderOf(policy->name) != nullptr) return policy->name;
  if (const auto said = oncall::PersonOfCall(to)) {
    const std::string person = PersonIn(*said);
    if (core_.config_->oncall.contacts.contains(person)) return oncall::CallOf("user", person);
    return Fail(Code::kNotFound, person + " has no oncall.contacts and cannot be called");
  }
  const auto ladder =
      core_.roster_ == nullptr ? std::nullopt : oncall::LadderOfCall(*core_.roster_, to);
  if (!ladder) {
    return Fail(Code::kNotFound, "no escalation policy " + GoQuote(to) +
                                     ", and no user:NAME, schedule:NAME or team:NAME of that name");
  }
  const oncall::Target& target = ladder->steps.front().targets.front();
  const bool is_team = target.kind == oncall::Target::Kind::kTeam;
  return oncall::CallOf(is_team ? "team" : "schedule", target.name);
}

Status Core::Calls::LookAtCall(const incident::Incident& before, incident::Escalate* act) {
  if (act->to.empty()) return EscalateNow(before.id, /*is_trial=*/true);
  if (act->to.size() > limits::kIncidentNameBytes) return {};  // The registry says so.
  Result<std::string> called = CalledAs(act->to);
  if (!called) return Fail(std::move(called.error()));
  act->to = *std::move(called);
  if (incident::IsCalledLately(before, act->to, core_.now_.wall)) return {};
  if (before.snooze) return Fail(Code::kConflict, "it is snoozed by " + before.snooze->by);
  if (before.ack) {
    if (before.ack->is_automatic || act->ends_ack) return {};
    return Fail(Code::kConflict, "it is acknowledged by " + before.ack->by);
  }
  // A policy that runs must have somebody left to call.
  const RunningEscalation* running = core_.escalations_.Find({before.id, act->to});
  const bool runs = running != nullptr && !running->is_over && !running->has_run_out;
  const bool is_policy = core_.roster_ != nullptr && core_.roster_->FindPolicy(act->to) != nullptr;
  return runs && is_policy ? EscalateNow(before.id, /*is_trial=*/true, act->to) : Status();
}

Status Core::Calls::CallNow(const incident::Incident& before, const std::string& to) {
  if (to.empty()) {
    const Status called = EscalateNow(before.id);
    const bool has_begun_anew = before.ack.has_value();  // A rule's; who comes first is called.
    return called || has_begun_anew ? Status() : called;
  }
  if (incident::IsCalledLately(before, to, core_.now_.wall)) return {};
  const RunningEscalation* running = core_.escalations_.Find({before.id, to});
  const bool is_policy = core_.roster_ != nullptr && core_.roster_->FindPolicy(to) != nullptr;
  const bool runs = is_policy && running != nullptr && !running->is_over && !running->has_run_out;
  if (runs && GoOn(*core_.incidents_.Find(before.id), to)) return {};
  // Of a policy, whoever had acknowledged stays spared; who is called by name is meant.
  std::vector<std::string> spared;
  if (is_policy && running != nullptr) spared = running->progress.acked_by;
  Call(*core_.incidents_.Find(before.id), to, Called::kByRule);
  core_.escalations_.Find({before.id, to})->progress.acked_by = std::move(spared);
  return {};
}

void Core::Calls::NoteAck(const incident::Incident& before, const std::string& by) {
  // A vendor may say again what the holder did before these began.
  const bool is_others = before.ack && PersonIn(before.ack->by) != PersonIn(by);
  for (const auto& id : core_.escalations_.OfIncident(before.id)) {
    RunningEscalation* running = core_.escalations_.Find(id);
    core_.NoteAcknowledged(running, by);
    const bool runs_beside = running->held_since != kNoTime && !running->progress.acked;
    if (!is_others || running->is_over || !runs_beside) continue;
    running->progress.acked = true;
    running->held_from = core_.now_.mono - running->start;
    running->last_call.reset();
    core_.DropPages(running);
    core_.Save(*running);
    core_.escalations_.Arm(running, core_.now_.mono);
  }
}

void Core::Calls::BeginAgain(const incident::Incident& incident) {
  for (const auto& id : core_.escalations_.OfIncident(incident.id)) {
    RunningEscalation* running = core_.escalations_.Find(id);
    // One that has begun this instant has told nobody, or those who are told of all.
    const bool is_new = running->started == core_.now_.wall;
    if (running->is_over || running->called != Called::kNo || is_new) continue;
    std::vector<std::string> spared = running->progress.acked_by;
    core_.StartOver(running, incident);
    running->progress.acked_by = std::move(spared);
  }
}

void Core::Calls::SpareAsOthers(RunningEscalation* running, const incident::Incident& incident) {
  std::vector<std::string>& spared = running->progress.acked_by;
  for (const auto& id : core_.escalations_.OfIncident(incident.id)) {
    for (const std::string& name : core_.escalations_.all().at(id).progress.acked_by) {
      const bool is_known = std::ranges::find(spared, name) != spared.end();
      if (!is_known && name != PersonIn(incident.owner)) spared.push_back(name);
    }
  }
}

void Core::Calls::TellReceiverAgain(const incident::Incident& incident) {
  BeginAgain(incident);
  core_.Repage(incident);
}

bool Core::Calls::IsLeftToOthers(const RunningEscalation& running) {
  if (running.called == Called::kNo) return false;
  const auto ids = core_.escalations_.OfIncident(running.id.incident);
  return std::ranges::any_of(ids, [&](const RunningEscalation::Id& id) {
    const RunningEscalation& other = core_.escalations_.all().at(id);
    if (other.called != Called::kNo || other.is_over || other.has_run_out) return false;
    // All that is left of it may be to close the incident.
    const auto ladder = core_.LadderOf(id.policy);
    if (ladder != nullptr && !other.last_call) {
      const oncall::Escalation escalation(ladder, other.progress);
      if (escalation.deadline() && !escalation.CallsNext()) return false;
    }
    // One whose own alerts are over or muted calls nobody.
    return core_.IsAudible(other);
  });
}

void Core::Calls::EndCallsOf(uint64_t incident) {
  for (const auto& id : core_.escalations_.OfIncident(incident)) {
    RunningEscalation* running = core_.escalations_.Find(id);
    if (running->called == Called::kNo || !running->last_call) continue;
    running->last_call.reset();
    running->has_run_out = true;
    core_.Save(*running);
  }
}

}  // namespace watchfire::core
