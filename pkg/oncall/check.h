// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is wrong with who is on call, before it goes wrong at night. Pure: the range is an argument.

#pragma once

#include <string>
#include <vector>

#include "pkg/oncall/clock_changes.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

struct Finding {
  enum class Level { kError, kWarning } level = Level::kWarning;
  // "gap", "starved", "never", "unknown", "same-person", "clock-change", "night", "no-rule".
  std::string kind;
  std::string subject;  // `schedule "Primary"`
  std::string text;
};

// Looks at [from, to), and for changes of the clock at a year from `from`:
//   never         error    a schedule has nobody in all of the range, a policy no steps
//   starved       error    a participant's turns never fall into the hours (GoAlert issue #55)
//   unknown       error    somebody is told whom no document has
//   gap           warning  nobody is on call for some of the range
//   same-person   warning  a later step of a policy tells nobody whom an earlier one did not
//   clock-change  warning  ClockChanges() (clock_changes.h) has something to say
//   night         warning  people hand off between 22:00 and 07:00
//   no-rule       warning  a contact, but of mail, has a method that none of the person's rules
//   says
// `written`: as Load() has it.
std::vector<Finding> Check(const Roster& roster, WallTime from, WallTime to,
                           const WrittenOverrides& written = {});

// The part of a range, 0 to 1, in which anybody is on call.
double Coverage(const Roster& roster, const Schedule& schedule, WallTime from, WallTime to);

}  // namespace watchfire::oncall
