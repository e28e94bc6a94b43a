// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// When windows are open. Pure; a lookup costs some 0.2 us for each window.

#pragma once

#include <optional>
#include <vector>

#include "pkg/oncall/local_time.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

struct Span {
  WallTime begin;
  WallTime end;

  bool operator==(const Span&) const = default;
};

// Whether any of the windows is open. No windows: always.
bool IsOpen(const Windows& windows, const cctz::time_zone& zone, WallTime at);

// When any of them is open within [from, to), in order, not touching each other.
std::vector<Span> OpenSpans(const Windows& windows, const cctz::time_zone& zone, WallTime from,
                            WallTime to);

// The first instant at or after `at` at which a window is open (or, with `open` false, none is);
// nullopt if that is more than nine days away: weeks repeat, so it never comes.
std::optional<WallTime> NextOpen(const Windows& windows, const cctz::time_zone& zone, WallTime at,
                                 bool open);

// Windows as they are written, hours and minutes as in 9:30.
Window DailyWindow(int64_t start_minute, int64_t end_minute);
// Days from 0, Monday. The same start and end is the whole week.
Window WeeklyWindow(int64_t start_day, int64_t start_minute, int64_t end_day, int64_t end_minute);

}  // namespace watchfire::oncall
