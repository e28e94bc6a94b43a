// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a timeline says of notes and calls when it is read again. Events are never changed: a note
// that was wrong has another event beside it.

#include <algorithm>

#include "pkg/incident/change.h"

namespace watchfire::incident {

std::string NoteName(size_t number) { return "note " + std::to_string(number) + ": "; }

std::vector<Note> NotesOf(const Incident& incident) {
  std::vector<Note> notes;
  size_t number = 0;
  for (const Event& event : incident.timeline) {
    if (event.kind == "note") {
      notes.push_back({++number, &event, event.text});
      continue;
    }
    if (event.kind != kCorrected && event.kind != kWithdrawn) continue;
    const auto note = std::ranges::find_if(
        notes, [&](const Note& one) { return event.text.starts_with(NoteName(one.number)); });
    if (note == notes.end()) continue;
    if (event.kind == kWithdrawn) {
      notes.erase(note);
    } else {
      note->text = event.text.substr(NoteName(note->number).size());
    }
  }
  return notes;
}

bool IsCalledLately(const Incident& incident, const std::string& to, WallTime now) {
  return std::ranges::any_of(incident.timeline, [&](const Event& event) {
    return event.kind == "called" && event.text == to && event.at >= incident.cycle_at &&
           event.at <= now && now - event.at < limits::kEscalateAgain;
  });
}

}  // namespace watchfire::incident
