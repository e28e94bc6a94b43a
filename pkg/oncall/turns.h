// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The turns of a rotation, numbered: turn 0 begins at the anchor. All arithmetic is on the clock on
// the wall, so that a hand-off at nine stays at nine when clocks change (reference paging-backends
// §6.2, rules 2 to 6).
//
//   turn       -1    |    0    |    1    |    2          slot = turn modulo their number
//              ------+---------+---------+---------
//                  anchor   + length  + 2 length         in local time, then made instants

#pragma once

#include <cstdint>
#include <vector>

#include "pkg/oncall/local_time.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

class Turns {
 public:
  // `layer` has slots. Borrows it.
  explicit Turns(const Layer& layer);

  // The number of the turn that `at` is in: closed form, no walk from the anchor.
  int64_t At(WallTime at) const;
  // When a turn begins. Never less for a greater number; the same for turns that a jump of the
  // clock swallows.
  WallTime Begin(int64_t number) const;
  // The same on the clock on the wall, also if that skips it.
  LocalTime LocalBegin(int64_t number) const;
  // The slot of a turn.
  const Targets& Slot(int64_t number) const;

 private:
  int64_t Guess(LocalTime at) const;

  const Layer& layer_;
  const LocalTime anchor_;
  int64_t seconds_ = 0;  // Length of a turn; 0: months, or shifts.
  // Of counts_shifts: in the week that holds the anchor, when the first window of each day begins
  // that has one, in seconds from Monday; and how many of these lie before the anchor's day.
  std::vector<int64_t> starts_;
  int64_t before_ = 0;
  LocalTime week_;
};

}  // namespace watchfire::oncall
