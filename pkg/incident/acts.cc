// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people do to incidents.

#include <algorithm>
#include <string_view>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/change.h"
#include "pkg/incident/registry.h"
#include "pkg/incident/texts.h"

namespace watchfire::incident {
namespace {

constexpr size_t kRoleBytes = 64;

Status CheckLength(std::string_view what, const std::string& text,
                   size_t bytes_max = limits::kIncidentNameBytes) {
  if (text.size() <= bytes_max) return {};
  return InvalidArgument(std::string(what) + " is longer than " + std::to_string(bytes_max) +
                         " bytes");
}

Status CheckActor(const Ack& ack) {
  if (ack.actor.empty()) {
    return InvalidArgument("actor is empty: say who acts, for example {\"actor\": \"ada\"}");
  }
  WF_RETURN_IF_ERROR(CheckLength("actor", ack.actor));
  return CheckLength("note", ack.note, limits::kNoteBytes);
}

// "what", or "what: note".
std::string WithNote(std::string what, const Ack& by) {
  return by.note.empty() ? what : what + ": " + by.note;
}

std::string UntilText(WallTime until) { return "until " + FormatRfc3339(until, 0); }

bool IsRole(std::string_view role) {
  const auto is_fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !role.empty() && role.size() <= kRoleBytes && std::ranges::all_of(role, is_fine);
}

Hold MakeHold(const std::string& by, WallTime since, WallTime until, Duration remind_before) {
  Hold hold{by, since, until, kNoTime};
  const bool reminds =
      until != kNoTime && remind_before > Duration::zero() && remind_before < until - since;
  if (reminds) hold.remind_at = until - remind_before;
  return hold;
}

}  // namespace

Result<std::vector<Record>> Registry::Apply(uint64_t id, const Act& act, const Ack& by,
                                            WallTime now) {
  WF_RETURN_IF_ERROR(CheckActor(by));
  const auto found = incidents_.find(id);
  if (found == incidents_.end()) {
    return Fail(Code::kNotFound, "no incident " + std::to_string(id));
  }
  const Incident& incident = *found->second;
  const bool any_time =
      std::holds_alternative<AddNote>(act) || std::holds_alternative<SetLevel>(act) ||
      std::holds_alternative<SetRole>(act) || std::holds_alternative<Classify>(act) ||
      std::holds_alternative<SetPostmortem>(act) || std::holds_alternative<CorrectNote>(act);
  if (incident.state == State::kResolved && !any_time) {
    return Fail(Code::kConflict, "incident " + std::to_string(id) + " is already resolved");
  }
  if (incident.state == State::kMerged && !any_time) {
    const std::string into = std::to_string(incident.merged_into);
    return Fail(Code::kConflict, "incident " + std::to_string(id) + " was merged into incident " +
                                     into + ": act on that one");
  }
  return std::visit([&](const auto& what) { return Do(incident, what, by, now); }, act);
}

Result<WallTime> Registry::EndOf(const Until& until, WallTime now) const {
  if (until.at == kNoTime && until.span == Duration::zero()) return kNoTime;
  if (until.at != kNoTime && until.span != Duration::zero()) {
    return InvalidArgument("until and for are two names of one thing: give one of them");
  }
  // Sums of foreign times overflow: nothing is added to what is not known to be small.
  const bool is_past = until.at == kNoTime ? until.span < Duration::zero() : until.at <= now;
  if (is_past) return InvalidArgument("the end lies in the past");
  const bool is_far = until.at == kNoTime ? until.span > limits::kIncidentHold
                                          : until.at > now + limits::kIncidentHold;
  if (is_far) {
    return InvalidArgument("the end lies more than " + FormatDuration(limits::kIncidentHold) +
                           " ahead");
  }
  return until.at == kNoTime ? now + until.span : until.at;
}

Result<Registry::Records> Registry::Do(Incident incident, const Acknowledge& act, const Ack& by,
                                       WallTime now) {
  Result<WallTime> until = EndOf(act.until, now);
  if (!until) return Fail(std::move(until.error()));
  const bool is_named = *until != kNoTime;
  // Its end would bring back what a person has in hand, so that is an ack of its own.
  const bool is_person = by.actor_type == ActorType::kHuman;
  const bool is_taken_over = incident.ack && incident.ack->is_automatic && is_person;
  // Whom somebody has given it to keeps it.
  if (is_taken_over && incident.owner == incident.ack->by) incident.owner.clear();
  if (is_taken_over) incident.ack.reset();
  if (incident.ack && incident.ack->by != by.actor) {
    AddEvent(&incident, {now, "note", by.actor, by.channel, WithNote(kAckedAgain, by)});
    return Records{Put(std::move(incident))};
  }
  if (incident.ack && !is_named) return Records{Put(std::move(incident))};  // A vendor repeats it.
  const bool is_new = !incident.ack;
  if (!is_named && terms_.ack_expires_after > Duration::zero()) {
    until = now + terms_.ack_expires_after;
  }
  const WallTime since = is_new ? now : incident.ack->since;
  const bool is_automatic = !is_person && (is_new || incident.ack->is_automatic);
  incident.ack = MakeHold(by.actor, since, *until, terms_.remind_before);
  incident.ack->is_automatic = is_automatic;
  // A reminder whose time is over is of no use.
  if (incident.ack->remind_at != kNoTime && incident.ack->remind_at <= now) {
    incident.ack->remind_at = kNoTime;
  }
  AddEvent(&incident, {now, "acked", by.actor, by.channel,
                       *until == kNoTime ? by.note : WithNote(UntilText(*until), by), !is_person});
  Answer(&incident, by, now);
  if (!is_new) return Records{Put(std::move(incident))};
  incident.state = State::kAcknowledged;
  incident.snooze.reset();
  if (incident.owner.empty()) incident.owner = by.actor;
  if (incident.acked_at == kNoTime) {
    incident.acked_at = now;
    incident.acked_by = by.actor;
  }
  if (incident.cycle_acked_at == kNoTime || is_taken_over) {
    if (incident.cycle_acked_at == kNoTime) incident.cycle_acked_at = now;
    // Ack time runs from the first page of the cycle that a vendor accepted (metric M5). Before
    // there is one it is not known whether this is an answer to it: see CountOvertaken().
    if (incident.cycle_paged_at != kNoTime) {
      ObserveAck(incident, by.actor_type, Took("ack", incident.cycle_paged_at, now));
    }
  }
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const Resolve& act, const Ack& by,
                                       WallTime now) {
  const auto is_over = [&act](const Group& group) {
    return std::ranges::find(act.entity_ids, group.entity_id) != act.entity_ids.end();
  };
  const bool is_all = act.entity_ids.empty() || std::ranges::all_of(incident.groups, is_over);
  if (is_all) return Records{Close(std::move(incident), by, now)};
  return Records{EndGroups(std::move(incident), is_over, by, now)};
}

Result<Registry::Records> Registry::Do(Incident incident, const AddNote&, const Ack& by,
                                       WallTime now) {
  if (by.note.empty()) {
    return InvalidArgument("note is empty: say what is to be written down");
  }
  Event note{now, "note", by.actor, by.channel, by.note};
  if (!HasRoom(incident, note)) {
    return Fail(Code::kConflict, "the timeline of incident " + std::to_string(incident.id) +
                                     " is full: write the note elsewhere");
  }
  AddEvent(&incident, std::move(note));
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const Reassign& act, const Ack& by,
                                       WallTime now) {
  if (act.owner.empty()) {
    return InvalidArgument("owner is empty: say whose the incident is from now on");
  }
  WF_RETURN_IF_ERROR(CheckLength("owner", act.owner));
  if (incident.owner == act.owner) return Records{Put(std::move(incident))};
  const std::string from = incident.owner.empty() ? "nobody" : incident.owner;
  if (incident.ack && act.ends_ack) {
    const std::string holder = incident.ack->by;
    CountEngaged(incident, now, now);
    StartCycle(&incident, now);
    AddEvent(&incident, {now, "returned", by.actor, by.channel,
                         "the ack of " + holder + " is over: given to " + act.owner});
  }
  AddEvent(&incident, {now, "reassigned", by.actor, by.channel,
                       WithNote("from " + from + " to " + act.owner, by)});
  incident.owner = act.owner;
  Count(&StatsOf(incident).reassigned,
        {incident.team, incident.acked_at == kNoTime ? "no" : "yes"});
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const SetLevel& act, const Ack& by,
                                       WallTime now) {
  if (!act.level.empty() && !IsLevel(act.level)) {
    return InvalidArgument(
        "severity must be one of SEV1, SEV2, SEV3, SEV4, or empty for what the "
        "alerts say, not " +
        GoQuote(act.level));
  }
  const std::string level = act.level.empty() ? LevelOf(incident.severity, terms_) : act.level;
  AddEvent(&incident, {now, "severity", by.actor, by.channel,
                       WithNote("from " + incident.level + " to " + level, by)});
  const bool is_other = incident.level != level;
  incident.level = level;
  incident.level_by = act.level.empty() ? "" : by.actor;
  if (is_other && IsOpen(incident.state)) AwaitAnswer(&incident, now);
  if (is_other) WantPostmortem(&incident);
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const SetRole& act, const Ack& by,
                                       WallTime now) {
  if (!IsRole(act.role)) {
    return InvalidArgument("role must be a word of a-z, 0-9, _ and - such as commander, not " +
                           GoQuote(act.role));
  }
  WF_RETURN_IF_ERROR(CheckLength("name", act.name));
  if (act.name.empty()) {
    incident.roles.erase(act.role);
  } else {
    const bool is_new = !incident.roles.contains(act.role);
    if (is_new && incident.roles.size() >= limits::kIncidentRoles) {
      return Fail(Code::kConflict, "incident " + std::to_string(incident.id) + " has " +
                                       std::to_string(limits::kIncidentRoles) +
                                       " roles already, and cannot have more");
    }
    incident.roles[act.role] = act.name;
  }
  const std::string name = act.name.empty() ? "nobody" : act.name;
  AddEvent(&incident, {now, "role", by.actor, by.channel, WithNote(act.role + " is " + name, by)});
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const Snooze& act, const Ack& by,
                                       WallTime now) {
  Result<WallTime> until = EndOf(act.until, now);
  if (!until) return Fail(std::move(until.error()));
  if (*until == kNoTime) {
    return InvalidArgument("a snooze needs an end: until, a time, or for, a duration");
  }
  incident.state = State::kSnoozed;
  incident.ack.reset();
  incident.snooze = Hold{by.actor, now, *until, kNoTime};
  if (incident.owner.empty()) incident.owner = by.actor;
  Answer(&incident, by, now);
  AddEvent(&incident, {now, "snoozed", by.actor, by.channel, WithNote(UntilText(*until), by)});
  Count(&StatsOf(incident).snoozed, TeamAndSeverity(incident));
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const Classify& act, const Ack& by,
                                       WallTime now) {
  const std::optional<Outcome> outcome = ParseOutcome(act.outcome);
  if (!outcome) {
    return InvalidArgument(
        "classification must be one of actionable, noise, false_positive, duplicate, not " +
        GoQuote(act.outcome));
  }
  Judge(&incident, {*outcome, by.actor, "", now, by.note}, by.channel);
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const Merge& act, const Ack& by,
                                       WallTime now) {
  return MergeInto(incident.id, act.into, by, now);
}

Result<Registry::Records> Registry::Do(Incident incident, const Escalate& act, const Ack& by,
                                       WallTime now) {
  WF_RETURN_IF_ERROR(CheckLength("to", act.to));
  // One call that arrives twice is one, and is known to be stored once this is.
  if (!act.to.empty() && IsCalledLately(incident, act.to, now)) {
    return Records{Put(std::move(incident))};
  }
  // Two who press at once, or one press that arrives twice, mean one step.
  for (auto event = incident.timeline.rbegin(); event != incident.timeline.rend(); ++event) {
    if (!act.to.empty()) break;
    if (event->kind != "hastened") continue;
    if (event->at > now || now - event->at >= limits::kEscalateAgain) break;
    return Fail(Code::kConflict, event->actor + " has escalated it a moment ago");
  }
  // What only a rule has acknowledged is nobody's: whoever asks for people gets them.
  if (incident.ack && (incident.ack->is_automatic || act.ends_ack)) {
    const std::string holder = incident.ack->by;
    if (!incident.ack->is_automatic) CountEngaged(incident, now, now);
    StartCycle(&incident, now);
    incident.owner.clear();
    const std::string why = act.to.empty() ? "" : ": " + act.to + " is called";
    AddEvent(&incident,
             {now, "returned", by.actor, by.channel, "the ack of " + holder + " is over" + why});
  }
  if (act.to.empty()) {
    AddEvent(&incident, {now, "hastened", by.actor, by.channel, by.note});
  } else {
    if (!by.note.empty()) AddEvent(&incident, {now, "note", by.actor, by.channel, by.note});
    AddEvent(&incident, {now, "called", by.actor, by.channel, act.to});
  }
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::Do(Incident incident, const CorrectNote& act, const Ack& by,
                                       WallTime now) {
  const std::vector<Note> notes = NotesOf(incident);
  const auto note = std::ranges::find(notes, act.number, &Note::number);
  if (note == notes.end()) {
    return Fail(Code::kNotFound, "incident " + std::to_string(incident.id) + " has no note " +
                                     std::to_string(act.number));
  }
  if (by.note.empty() && !act.is_taken_back) {
    return InvalidArgument("note is empty: say what is to be written down");
  }
  if (!act.is_taken_back && note->text == by.note) return Records{Put(std::move(incident))};
  Event event{now, act.is_taken_back ? kWithdrawn : kCorrected, by.actor, by.channel,
              NoteName(act.number) + by.note};
  if (!HasRoom(incident, event)) {
    return Fail(Code::kConflict, "the timeline of incident " + std::to_string(incident.id) +
                                     " is full: its notes stay as they are");
  }
  AddEvent(&incident, std::move(event));
  return Records{Put(std::move(incident))};
}

Result<Registry::Records> Registry::MergeInto(uint64_t id, uint64_t into, const Ack& by,
                                              WallTime now) {
  const auto found = incidents_.find(into);
  if (found == incidents_.end()) {
    return Fail(Code::kNotFound, "no incident " + std::to_string(into) + " to merge into");
  }
  if (id == into) return InvalidArgument("an incident cannot be merged into itself");
  if (!IsOpen(found->second->state)) {
    return Fail(Code::kConflict, "incident " + std::to_string(into) + " is " +
                                     StateName(found->second->state) +
                                     ": merge into one that is open");
  }
  if (found->second->is_test != incidents_.at(id)->is_test) {
    return Fail(Code::kConflict, "incident " + std::to_string(into) +
                                     (found->second->is_test ? " is a test" : " is no test") +
                                     ": a test and a real one stay apart");
  }
  if (!CanTake(*found->second, *incidents_.at(id))) {
    return Fail(Code::kConflict, "incident " + std::to_string(into) +
                                     " is full: it cannot take these groups as well");
  }
  Incident from = *incidents_.at(id);
  Incident to = *found->second;
  to.groups.insert(to.groups.end(), from.groups.begin(), from.groups.end());
  to.merged.push_back(id);
  AddAlerts(from.alerts, AlertsWithoutRunbook(from), &to);
  const std::string level = to.level;
  // What somebody has in hand already is nobody's news.
  const bool is_graver =
      from.state == State::kTriggered && IsGraverThanHeld(from.severity, to, terms_);
  if (IsWorse(from.severity, to.severity, terms_)) {
    AddEvent(&to, {now, "severity", by.actor, by.channel, from.severity});
    RaiseSeverity(from.severity, terms_, &to);
  }
  if (to.level != level) AwaitAnswer(&to, now);
  for (const auto& [name, url] : from.links) to.links.try_emplace(name, url);
  if (is_graver) {
    CountEngaged(to, now, now);
    EndHold(&to, by.actor, by.channel, now);
  }
  // In the cycle that may just have begun: whom people called for it is called in that.
  AddEvent(&to, {now, "merged", by.actor, by.channel,
                 WithNote("#" + std::to_string(id) + " (" + from.title + ") into this one", by)});
  to.past_alerts += from.past_alerts;
  to.ended_at = std::max(to.ended_at, from.ended_at);
  CountEngaged(from, now, now);
  End(State::kMerged, by.actor, now, &from);
  from.merged_into = into;
  AddEvent(&from,
           {now, "merged", by.actor, by.channel, WithNote("into #" + std::to_string(into), by)});
  const bool is_rule = by.channel == "rule";
  Count(&StatsOf(from).merged, {is_rule ? "rule" : "human"});
  if (!from.verdict || !from.verdict->rule.empty()) {
    Judge(&from,
          {Outcome::kDuplicate, by.actor, is_rule ? "merged" : "", now,
           "of #" + std::to_string(into)},
          by.channel);
  }
  // The old owner of the groups goes first: they have one incident at any time.
  Record gone = Put(std::move(from));
  Record goes_on = Put(std::move(to));
  return Records{std::move(gone), std::move(goes_on)};
}

}  // namespace watchfire::incident
