// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a team promises about its incidents: that somebody answers soon, that it says when it hurts
// no more, and that what was learnt is written down. Each is decided once and kept in the record,
// so that a restart decides nothing twice.

#include "pkg/base/strings.h"
#include "pkg/incident/change.h"
#include "pkg/incident/registry.h"

namespace watchfire::incident {

// The target of its level runs from `now`: it opens, is paged anew, or is as grave since now.
void Registry::AwaitAnswer(Incident* incident, WallTime now) {
  if (incident->response.is_met || incident->response.answered_at != kNoTime) return;
  const auto target = terms_.response_targets.find(incident->level);
  const bool has_target = target != terms_.response_targets.end();
  incident->response.due_at = has_target ? now + target->second : kNoTime;
}

void Registry::Answer(Incident* incident, const Ack& by, WallTime now) {
  Response& response = incident->response;
  if (by.actor_type != ActorType::kHuman || response.answered_at != kNoTime) return;
  response.answered_at = now;
  if (response.due_at != kNoTime && !response.is_met) Decide(incident, now <= response.due_at);
}

void Registry::Decide(Incident* incident, bool is_met) {
  incident->response.is_met = is_met;
  CounterMap& responses = StatsOf(*incident).responses;
  for (const char* any : {"yes", "no"}) responses.try_emplace({incident->level, any});
  Count(&responses, {incident->level, is_met ? "yes" : "no"});
}

// Of what is over; whether one is wanted may change with the level.
void Registry::WantPostmortem(Incident* incident) const {
  const bool is_wanted = incident->state == State::kResolved && !incident->is_test &&
                         terms_.postmortem_levels.contains(incident->level);
  incident->postmortem.due_at =
      is_wanted ? incident->resolved_at + terms_.postmortem_due_within : kNoTime;
}

Result<Registry::Records> Registry::Do(Incident incident, const Mitigate&, const Ack& by,
                                       WallTime now) {
  if (incident.mitigated_at == kNoTime) {
    incident.mitigated_at = now;
    incident.mitigated_by = by.actor;
    AddEvent(&incident, {now, "mitigated", by.actor, by.channel, by.note});
  } else if (!by.note.empty()) {
    // The first word holds; what a second one adds is not lost.
    AddEvent(&incident, {now, "note", by.actor, by.channel, by.note});
  }
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const SetPostmortem& act, const Ack& by,
                                       WallTime now) {
  const std::optional<PostmortemStatus> status = ParsePostmortemStatus(act.status);
  if (!status || *status == PostmortemStatus::kMissing) {
    return InvalidArgument("status must be draft or reviewed, not " + GoQuote(act.status));
  }
  if (incident.state != State::kResolved) {
    return Fail(Code::kConflict, "incident " + std::to_string(incident.id) + " is " +
                                     StateName(incident.state) +
                                     ": its post-mortem is about what is over");
  }
  Postmortem& postmortem = incident.postmortem;
  if (postmortem.status == *status) return Records{Put(std::move(incident))};
  postmortem.status = *status;
  postmortem.by = by.actor;
  postmortem.at = now;
  const bool is_late = *status == PostmortemStatus::kReviewed && postmortem.IsLate(now);
  Count(&StatsOf(incident).postmortems,
        {is_late ? "reviewed_late" : PostmortemStatusName(*status)});
  AddEvent(&incident, {now, "postmortem", by.actor, by.channel,
                       by.note.empty() ? act.status : act.status + ": " + by.note});
  return Records{Put(std::move(incident))};
}

}  // namespace watchfire::incident
