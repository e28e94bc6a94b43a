// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What becomes of an escalation when its incident changes: somebody holds it, lets it go or ends
// it, or it goes on in another.

#include <algorithm>
#include <tuple>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/core/calls.h"
#include "pkg/core/core.h"
#include "pkg/oncall/call.h"
#include "pkg/oncall/person.h"

namespace watchfire::core {
namespace {

const incident::Hold* HoldOf(const incident::Incident& incident) {
  if (incident.ack) return &*incident.ack;
  return incident.snooze ? &*incident.snooze : nullptr;
}

// Whether what joined it this instant is graver than all before, and nobody has it in hand. A level
// that a person set is that person's word.
bool HasWorsened(const incident::Incident& incident, WallTime now) {
  if (incident.state != incident::State::kTriggered || !incident.level_by.empty()) return false;
  const auto& events = incident.timeline;
  for (auto event = events.rbegin(); event != events.rend() && event->at == now; ++event) {
    const bool is_by_page = event->channel == "pipeline" || event->channel == "rule";
    if (event->kind == "severity" && is_by_page) return true;
  }
  return false;
}

// Whether one of two calls of the same name goes on, and the other was stopped by a new cycle: that
// one is to be called for anew, but it does not end what was called for elsewhere since.
bool IsInPlaceOf(const RunningEscalation& moved, const RunningEscalation& stopped) {
  using Called = RunningEscalation::Called;
  return stopped.is_over && !moved.is_over && stopped.called != Called::kNo &&
         moved.called != Called::kNo;
}

// Whoever was told by the one that was stopped still hears of the end.
void RememberPeople(const RunningEscalation& stopped, RunningEscalation* moved) {
  moved->groups.insert(stopped.groups.begin(), stopped.groups.end());
  moved->send_resolved |= stopped.send_resolved;
  for (const PersonalContact& contact : stopped.contacts) {
    if (!contact.is_reached) continue;
    PersonalContact* known = moved->ContactOf(contact.person, contact.receiver);
    if (known == nullptr) continue;
    known->is_reached = true;
    known->leads.insert(contact.leads.begin(), contact.leads.end());
  }
}

}  // namespace

void Core::StartOver(RunningEscalation* running, const incident::Incident& incident) {
  DropPages(running);
  for (PersonalContact& contact : running->contacts) ForgetLeads(&contact);
  escalations_.Index(*running);
  oncall::Progress fresh;
  fresh.sequence = running->progress.sequence;
  running->progress = std::move(fresh);
  running->cycle = incident.cycle;
  running->held_since = kNoTime;
  running->held_from.reset();
  running->last_call.reset();
  running->is_owner_by_rule = false;
  running->has_run_out = running->is_over = running->is_muted = false;
  running->started = now_.wall;
  running->start = now_.mono;
  Save(*running);
  escalations_.Arm(running, now_.mono);
}

void Core::SyncEscalations() {
  const auto changed = incidents_.TakeChanged();
  for (const uint64_t incident_id : changed) {
    automation_.Changed(incident_id);
    const auto incident = incidents_.Find(incident_id);
    if (incident == nullptr) continue;
    for (const auto& id : escalations_.OfIncident(incident_id)) {
      SyncWith(escalations_.Find(id), *incident);
    }
    if (HasWorsened(*incident, now_.wall)) calls_->BeginAgain(*incident);
  }
  for (const uint64_t incident_id : changed) UniteOwed(incident_id);
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
  const bool is_new = running->cycle != incident.cycle || running->is_over || is_taken_back;
  if (HasNoCall(*running, incident, is_new)) return StopEscalation(running);
  if (is_new) StartOver(running, incident);
  AddGroupsToCall(running, incident);
  DropPagesOfLost(running);
  if (hold == nullptr || hold->since == running->held_since) return;
  running->held_since = hold->since;
  // An ack in the place of a snooze, or a person's of a rule's, goes on holding it.
  if (!running->held_from) running->held_from = now_.mono - running->start;
  running->progress.acked = true;
  if (incident.ack) NoteAcknowledged(running, hold->by);
  running->last_call.reset();
  DropPages(running);
  Save(*running);
  escalations_.Arm(running, now_.mono);
}

// Whoever is called is called for all of the incident, also for what joined it later: that is no
// page more, but a reason to go on when what was there before is over or muted.
void Core::AddGroupsToCall(RunningEscalation* running, const incident::Incident& incident) {
  if (running->called == RunningEscalation::Called::kNo) return;
  for (const incident::Group& group : incident.groups) {
    const RunningEscalation::GroupRef ref{group.receiver, group.group_key};
    if (running->groups.contains(ref)) continue;
    escalations_.AddGroup(running, ref);
    if (running->is_muted) escalations_.Arm(running, now_.mono);
    Save(*running);
  }
}

// Whether it was called for, and is no longer: what a rule calls for it calls for again in the next
// cycle; and an owner is called for as long as it is his. What is over does not begin by itself.
bool Core::HasNoCall(const RunningEscalation& running, const incident::Incident& incident,
                     bool is_new) const {
  using Called = RunningEscalation::Called;
  if (running.called == Called::kNo) return false;
  if (running.called == Called::kByRule || running.is_over) return is_new;
  return oncall::PersonOfCall(running.id.policy) != calls_->PersonIn(incident.owner);
}

// This person is paged no more, also who acknowledges what another has acknowledged already.
void Core::NoteAcknowledged(RunningEscalation* running, const std::string& by) {
  const oncall::Roster* roster = roster_.get();
  const std::string name = oncall::PersonCalled(roster, by);
  auto& names = running->progress.acked_by;
  const bool is_known = std::ranges::find(names, name) != names.end();
  if (!is_known && names.size() < limits::kEscalationContacts) names.push_back(name);
  for (PersonalContact& contact : running->contacts) {
    if (contact.person != name) continue;
    contact.due.reset();
    contact.muted.clear();
    Withdraw(&contact, [](const auto&) { return true; });
  }
  Save(*running);
}

// Whether the group's pages belong to its incident: not when that ended for this group alone.
bool Core::Serves(const RunningEscalation& running,
                  const RunningEscalation::GroupRef& group) const {
  const auto incident = incidents_.FindOpen(group.first, group.second);
  return incident != nullptr && incident->id == running.id.incident;
}

// Some groups fire on, but somebody ended the incident for them: nobody is paged for those. (Of a
// group that is over the page is owed still, should it fire again before its end is told.)
void Core::DropPagesOfLost(RunningEscalation* running) {
  std::set<RunningEscalation::GroupRef> lost;
  for (const auto& group : running->groups) {
    if (Serves(*running, group)) continue;
    if (Fires(group)) lost.insert(group);
  }
  if (lost.empty()) return;
  // Others go on, and so does their page, without these.
  RemakePages(running, lost);
  const bool goes_on = std::ranges::any_of(
      running->groups, [&](const auto& group) { return Serves(*running, group); });
  if (goes_on) return;
  bool is_changed = false;
  for (PersonalContact& contact : running->contacts) {
    is_changed |= Withdraw(&contact, [&](const auto& lead) {
      return lost.contains(lead) || !running->groups.contains(lead);
    });
  }
  if (is_changed) Save(*running);
}

// What waits to be said of these groups is put together anew, whichever policy owes it.
void Core::RemakePages(RunningEscalation* running,
                       const std::set<RunningEscalation::GroupRef>& groups) {
  std::set<uint64_t> alerts;
  for (const auto& [receiver, group_key] : groups) {
    for (const dispatch::GroupId id : dispatcher_->FindByKey(group_key, receiver)) {
      for (const auto& entry : dispatcher_->Find(id)->alerts) alerts.insert(entry.first);
    }
  }
  // The same alert may be in a group that goes on: a page made anew would have it, too.
  const auto goes_on = [this](const std::set<RunningEscalation::GroupRef>& paged,
                              uint64_t fingerprint) {
    return std::ranges::any_of(paged, [&](const auto& ref) {
      const auto ids = dispatcher_->FindByKey(ref.second, ref.first);
      return std::ranges::any_of(ids, [&](dispatch::GroupId id) {
        return dispatcher_->Find(id)->alerts.contains(fingerprint);
      });
    });
  };
  const auto remake = [&](const nflog::Key& key) {
    const Delivery* busy = deliveries_.FindByKey(key);
    if (busy == nullptr || !busy->page || busy->is_stale) return;
    const auto paged = PagedUnder(key);
    const bool is_of_them = std::ranges::any_of(busy->firing, [&](uint64_t fingerprint) {
      return alerts.contains(fingerprint) && !goes_on(paged, fingerprint);
    });
    if (!is_of_them) return;
    DropPageUnder(key);
    ArmUnder(key);
  };
  for (const PersonalContact& contact : running->contacts) {
    const config::Receiver* receiver = FindReceiver(contact.receiver);
    if (receiver == nullptr) continue;
    for (const auto& [via, lead] : contact.leads) {
      for (const config::Integration& integration : receiver->integrations) {
        remake(Audience{*receiver, integration, via, false, contact.person}.KeyIn(lead));
      }
    }
  }
}

// Nobody has the incident in hand any more, and whoever is told of it is told again.
void Core::TakeBackAck(const incident::Incident& incident, const std::string& by,
                       const std::string& why) {
  const std::string text = "the ack of " + incident.ack->by + " is taken back: " + why;
  auto record = incidents_.TakeBack(incident.id, by, text, now_.wall);
  if (!record) return;
  outbox_.AddUrgent(*std::move(record), now_.mono);
  Emit(Log{Log::Level::kWarn,
           "incident: its ack is taken back → triggered",
           {{"incident", std::to_string(incident.id)}, {"by", by}, {"why", why}}});
  const auto returned = incidents_.Find(incident.id);
  // Policies that ran beside it go on as they were.
  for (const auto& id : escalations_.OfIncident(incident.id)) {
    RunningEscalation* running = escalations_.Find(id);
    const bool runs_beside = running->held_since != kNoTime && !running->progress.acked;
    if (running->is_over || !runs_beside) continue;
    running->held_since = kNoTime;
    running->held_from.reset();
    running->cycle = returned->cycle;
    Save(*running);
  }
  Repage(*returned);
  TellOfReturn(*returned, by, why);
}

// A round begins as if nobody had acknowledged (reset_acks): nor has anybody acknowledged the
// incident, so that the next ack stops this round.
void Core::BeginUnacked(RunningEscalation* running) {
  const auto before = incidents_.Find(running->id.incident);
  if (before == nullptr || !before->ack) return;
  TakeBackAck(*before, running->id.policy, "policy " + running->id.policy + " begins again");
  running->held_since = kNoTime;
  running->held_from.reset();
  // It goes on with this round, not from the start.
  running->cycle = incidents_.Find(running->id.incident)->cycle;
}

// Another incident goes on in its place, and so does this with it, unless the same policy runs for
// that one already.
void Core::MoveEscalation(RunningEscalation* running, const incident::Incident* into) {
  if (into == nullptr || !incident::IsOpen(into->state)) return StopEscalation(running);
  const bool is_held = HoldOf(*into) != nullptr;
  if (is_held) DropPages(running);
  RunningEscalation moved = *running;
  moved.id.incident = into->id;
  outbox_.AddUrgent(escalations_.Remove(running->id), now_.mono);
  RunningEscalation* other = escalations_.Find(moved.id);
  if (other == nullptr) {
    moved.cycle = into->cycle;
    moved.due = now_.mono;
    other = &escalations_.Add(std::move(moved));
  } else if (IsInPlaceOf(moved, *other)) {
    RememberPeople(*other, &moved);
    escalations_.Arm(other, std::nullopt);
    moved.cycle = into->cycle;
    moved.due.reset();
    *other = std::move(moved);
    escalations_.Index(*other);
    escalations_.Arm(other, now_.mono);
  } else {
    JoinEscalation(moved, other, is_held);
  }
  SyncWith(other, *into);
  Save(*other);
}

// Two runs of one policy become one: who is owed a page by either is, and the one that is less far
// sets the pace, so that nobody misses a step for its groups.
void Core::JoinEscalation(const RunningEscalation& moved, RunningEscalation* other, bool is_held) {
  for (const auto& group : moved.groups) escalations_.AddGroup(other, group);
  if (moved.called == RunningEscalation::Called::kNo) other->called = moved.called;
  const Duration later = moved.start - other->start;
  for (const PersonalContact& contact : moved.contacts) {
    if (!contact.is_reached && !contact.due) continue;
    PersonalContact* known = other->ContactOf(contact.person, contact.receiver);
    if (known == nullptr) continue;
    known->is_reached |= contact.is_reached;
    known->leads.insert(contact.leads.begin(), contact.leads.end());
    known->muted.insert(contact.muted.begin(), contact.muted.end());
    known->owed.insert(contact.owed.begin(), contact.owed.end());
    if (contact.owed_since && !known->owed_since) known->owed_since = *contact.owed_since + later;
    if (contact.told_at && !known->told_at) known->told_at = *contact.told_at + later;
    known->has_taken |= contact.has_taken;
    if (!contact.due) continue;
    const Duration due = *contact.due + later;
    known->due = known->due ? std::min(*known->due, due) : due;
  }
  escalations_.Index(*other);
  const auto place = [](const RunningEscalation& one) {
    return std::pair(one.progress.round, one.progress.step);
  };
  const bool goes_on = !is_held && !moved.is_over && !moved.has_run_out && !moved.progress.acked;
  if (goes_on && (other->has_run_out || place(moved) < place(*other))) {
    std::tie(other->progress.round, other->progress.step) = place(moved);
    other->progress.shift = moved.progress.shift + later;
    other->last_call.reset();
    if (moved.last_call) other->last_call = *moved.last_call + later;
    other->has_run_out = false;
  }
  escalations_.Arm(other, now_.mono);
}

void Core::StopEscalation(RunningEscalation* running) {
  if (running->is_over) return;
  DropPages(running);
  running->is_over = true;
  running->last_call.reset();
  Save(*running);
  escalations_.Arm(running, std::nullopt);
}

}  // namespace watchfire::core
