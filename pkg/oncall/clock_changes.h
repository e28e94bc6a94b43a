// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the nights on which clocks change do to a schedule that whoever wrote it may not expect.
// Pure: the range is an argument.

#pragma once

#include <string>
#include <vector>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// Sentences about the changes of the clock within a year from `from`, by layer and then of the
// overrides: hand-offs, hours, turns in a list and overrides that begin or end at a time that is
// skipped or comes twice, and overrides of at most a day that last longer or shorter than the
// clock on the wall says. What lies before `from` is history.
std::vector<std::string> ClockChanges(const Schedule& schedule, WallTime from);

}  // namespace watchfire::oncall
