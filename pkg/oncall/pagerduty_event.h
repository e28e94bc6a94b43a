// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An event of PagerDuty's shift-based schedules (pagerduty_shifts.cc), and what a layer makes of
// it. Private to pkg/oncall.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pkg/oncall/loader.h"
#include "pkg/oncall/local_time.h"
#include "pkg/oncall/recurrence.h"

namespace watchfire::oncall {

struct PagerDutyEvent {
  std::string subject;  // As remarks call it.
  Location zone;
  LocalTime start;       // Of the first shift, on the clock of `zone`, as those of `set`.
  int64_t duration = 1;  // Of a shift, in seconds on the clock on the wall; 1 s to a year.
  RecurrenceSet set;
  std::vector<Targets> slots;  // Members; one slot of all when everybody is on call. Not empty.
  int64_t each = 1;            // Shifts that a member has in a row.
};

// Gives `layer`, whose start and end are those within which the event counts, its rotation: turns
// of equal length if it can be said so, else a list of shifts, as far as these may be written out.
// What becomes otherwise by that is noted with `view`, which the event was read from.
void LayOut(const PagerDutyEvent& event, const View& view, Loader* loader, Layer* layer);

}  // namespace watchfire::oncall
