// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The hand-off at a shift change: what whoever comes on call should know, and whoever goes off
// should say. A pure function of what readers see; any thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/incident/incident.h"
#include "pkg/oncall/duty.h"
#include "pkg/silence/silence.h"

namespace watchfire::core {

// Silences that end within this time are named: what they hide begins to page in the next shift.
inline constexpr std::chrono::hours kHandoffSilences{12};
// So are the overrides that begin within this time.
inline constexpr std::chrono::hours kHandoffOverrides{24 * 14};
// So many incidents, silences and overrides are named, each; the others are counted.
inline constexpr size_t kHandoffRows = 50;

struct Handoff {
  std::string schedule;
  WallTime at = kNoTime;     // As of when it holds.
  WallTime since = kNoTime;  // When the present shift began; at most 62 days back.
  WallTime until = kNoTime;  // When others come on call; kNoTime: not within two years.
  oncall::People off;        // On call now.
  oncall::People on;         // Who comes then.
  // Of the present shift so far, of all teams.
  size_t pages = 0;  // Cycles that a vendor took a page of (docs/analytics.md).
  size_t pages_sleep = 0;
  size_t opened = 0;
  size_t resolved = 0;
  // Open ones, those that nobody holds first, then by level and age; and how many there are.
  std::vector<std::shared_ptr<const incident::Incident>> incidents;
  size_t incident_count = 0;
  // Those paged in the shift that are over, the last first.
  std::vector<std::shared_ptr<const incident::Incident>> over;
  size_t over_count = 0;
  std::vector<silence::Silence> silences;  // Active ones that end soon, the first to end first.
  size_t silence_count = 0;
  std::vector<oncall::Override> overrides;  // Of the schedule, that hold or begin soon; in order.
  size_t override_count = 0;
};

// `schedule` is one of `roster`. Hours of sleep are those of the schedule's zone.
Handoff MakeHandoff(const oncall::Roster& roster, const oncall::Schedule& schedule,
                    const std::map<uint64_t, std::shared_ptr<const incident::Incident>>& incidents,
                    const std::vector<silence::Silence>& silences, WallTime at);

// As plain text, for people; times are those of the schedule's zone. Ends in a line break.
std::string HandoffText(const Handoff& handoff, const oncall::Schedule& schedule);
// The same as JSON, with the text as its member `text`.
std::string HandoffJson(const Handoff& handoff, const oncall::Schedule& schedule);

}  // namespace watchfire::core
