// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the nights on which clocks change do to a schedule that whoever wrote it may not expect.
// Pure: the range is an argument.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <cctz/time_zone.h>

#include "pkg/oncall/local_time.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// The begin and end of an override as they were written down: by the clock on the wall; nullopt:
// with an offset or Z, which leaves nothing open.
struct WrittenTimes {
  std::optional<LocalTime> start;
  std::optional<LocalTime> end;
  cctz::time_zone zone;  // Whose clocks these are: not always the schedule's.
};
// By the schedule's name, and the place among its overrides. Those that are missing have offsets.
using WrittenOverrides = std::map<std::pair<std::string, size_t>, WrittenTimes>;

// Sentences about the changes of the clock within a year from `from`, by layer and then of the
// overrides: hand-offs, hours, turns in a list and overrides that begin or end at a time that is
// skipped or comes twice, and overrides of at most a day that last longer or shorter than the
// clock on the wall says. Of overrides only times without an offset, which `written` has, and by
// the clocks of the zone that it was read in: an instant is no surprise. What lies before `from` is
// history.
std::vector<std::string> ClockChanges(const Schedule& schedule, WallTime from,
                                      const WrittenOverrides& written = {});

}  // namespace watchfire::oncall
