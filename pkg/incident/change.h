// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Small steps that all changes of an incident share. Private to pkg/incident.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/incident/incident.h"

namespace watchfire::incident {

// The verdict of a rule that a reopening takes back; so it counts with the end.
inline constexpr const char* kShort = "short";
// Events about a note, which their text begins by naming (NoteName()).
inline constexpr const char* kCorrected = "corrected";
inline constexpr const char* kWithdrawn = "withdrawn";
std::string NoteName(size_t number);  // "note 2: "
inline constexpr size_t kTitleRunes = 256;
inline constexpr size_t kTextRunes = limits::kNoteBytes / 4;  // Of an event that nobody wrote.

// What a page says, within the bounds of an incident: names and title are cut, a link that is too
// long and alerts that are too many are left out, and a long correlation becomes its beginning and
// a hash, so that what differs stays different. Returns whether anything had to give way.
bool Fit(Page* page);
// Takes these names of alerts up, `bare` of which have no runbook; they are sorted, as are those of
// the incident. The last are left out when there are too many.
void AddAlerts(const std::vector<std::string>& names, const std::vector<std::string>& bare,
               Incident* incident);
// Takes a worse `severity` label up, and its level unless somebody set that by hand.
void RaiseSeverity(const std::string& severity, const config::Incidents& terms, Incident* incident);
// Whether the incident can take these groups as well: limits::kIncidentGroups, kIncidentPartBytes.
bool HasRoomFor(const Incident& incident, const std::vector<Group>& groups);
// Whether the other one can be merged into it: there is room, and both are tests or neither is.
bool CanTake(const Incident& incident, const Incident& other);

// Adds an event, or counts it as dropped when there is no room (limits::kIncidentEvents,
// kIncidentPartBytes). The last places are kept for what must not be missing:
// acks, resolutions, returns and the like, half of them for people's.
void AddEvent(Incident* incident, Event event);
// Whether an event that has no such place still finds room.
bool HasRoom(const Incident& incident, const Event& event);

// Whether somebody has it in hand who has seen nothing as grave as this `severity` label. A level
// that a person set is that person's word.
bool IsGraverThanHeld(std::string_view severity, const Incident& incident,
                      const config::Incidents& terms);
// Takes it out of the hand that it is in, for what joined it is graver.
void EndHold(Incident* incident, const std::string& by, const std::string& channel, WallTime now);
// Begins a new cycle: triggered, and nobody holds it.
void StartCycle(Incident* incident, WallTime now);
// It is resolved or merged, as `state` says: nobody holds it, and it waits for no group.
void End(State state, const std::string& by, WallTime now, Incident* incident);

// 0 when `from` is unset or the later one: foreign or stepped clocks must not give negative
// durations.
double SecondsBetween(WallTime from, WallTime to);

// When a person acknowledged it first, in whichever cycle; kNoTime: nobody did.
WallTime FirstAckOfPerson(const Incident& incident);

// Whether a policy went beyond its first step.
bool IsEscalated(const Incident& incident);

inline LabelValues TeamAndSeverity(const Incident& incident) {
  return {incident.team, incident.severity};
}

}  // namespace watchfire::incident
