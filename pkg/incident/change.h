// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Small steps that all changes of an incident share. Private to pkg/incident.

#pragma once

#include <cstddef>
#include <string>

#include "pkg/incident/incident.h"

namespace watchfire::incident {

inline constexpr size_t kTitleRunes = 256;

// Adds an event, or counts it as dropped. The last places are kept for what must not be missing:
// acks, resolutions, returns and the like.
void AddEvent(Incident* incident, Event event);
// Whether an event that is not of that kind still finds room.
bool HasRoom(const Incident& incident);

// Begins a new cycle: triggered, and nobody holds it.
void StartCycle(Incident* incident, WallTime now);

// Foreign or stepped clocks must not give negative durations.
double SecondsBetween(WallTime from, WallTime to);

inline LabelValues TeamAndSeverity(const Incident& incident) {
  return {incident.team, incident.severity};
}

}  // namespace watchfire::incident
