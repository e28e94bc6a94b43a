// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reading what was counted without the minutes that are not to count. Nothing is taken out of a
// history: what is excluded is subtracted each time, so that it can count again. Pure.

#pragma once

#include <cstdint>
#include <vector>

#include "pkg/slo/history.h"

namespace watchfire::slo {

// The minutes [begin, end) since 1970.
struct ExcludedSpan {
  int64_t begin = 0;
  int64_t end = 0;
  bool is_scheduled = false;  // It recurs, and nothing in particular has happened in it.

  bool operator==(const ExcludedSpan&) const = default;
};
// By begin, without overlaps.
using ExcludedSpans = std::vector<ExcludedSpan>;

// Whether a minute of [begin, end) is excluded.
bool AnyExcluded(const ExcludedSpans& spans, int64_t begin, int64_t end);
// How many of them are.
int64_t MinutesExcluded(const ExcludedSpans& spans, int64_t begin, int64_t end);
// … and how many of those by schedules.
int64_t MinutesScheduled(const ExcludedSpans& spans, int64_t begin, int64_t end);

// What of the minutes [begin, end) is excluded.
ExcludedSpans Within(const ExcludedSpans& spans, int64_t begin, int64_t end);
// Returns a number that tells spans from any others, as good as certainly; 0 for none.
uint32_t NumberOf(const ExcludedSpans& spans);

// What of history.Between(begin, end) was counted in excluded minutes. Older minutes are known in
// coarser slots only. Of one that is excluded in part this is the share of its events that its
// excluded minutes have, and as many of its bad ones as fit into that: work is when errors happen.
// Not so of days and schedules: over months that would forgive every error, so there it is the
// share of both.
Events ExcludedEvents(const History& history, int64_t begin, int64_t end,
                      const ExcludedSpans& spans);
// The rest of it. None are left where they are a millionth of all or less: sums of fractions differ
// in their last digits, of which any ratio might be made.
Events EventsWithout(const History& history, int64_t begin, int64_t end,
                     const ExcludedSpans& spans);

}  // namespace watchfire::slo
