// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Between instants and the clock on the wall. Where the two disagree (reference paging-backends
// §6.2, rule 4): a local time that summer time skips is the first instant after the gap; one that
// comes twice begins things at its first and ends them at its last occurrence.

#pragma once

#include <algorithm>

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include "pkg/base/time.h"

namespace watchfire::oncall {

using LocalTime = cctz::civil_second;
using Instant = cctz::time_point<cctz::seconds>;

// What times are cut to, so that arithmetic with them stays within nanoseconds.
inline const WallTime kEarliest = FromNanos(-8'500'000'000'000'000'000);  // In 1700.
inline const WallTime kLatest = FromNanos(8'800'000'000'000'000'000);     // In 2248.

inline WallTime FromInstant(Instant at) {
  const auto low = std::chrono::ceil<std::chrono::seconds>(kEarliest);
  const auto high = std::chrono::floor<std::chrono::seconds>(kLatest);
  return WallTime(std::clamp<Instant>(at, low, high));
}

inline LocalTime ToLocal(WallTime at, const cctz::time_zone& zone) {
  return cctz::convert(std::chrono::floor<std::chrono::seconds>(std::clamp(at, kEarliest, kLatest)),
                       zone);
}

inline WallTime FirstInstant(LocalTime at, const cctz::time_zone& zone) {
  const auto found = zone.lookup(at);
  const bool skipped = found.kind == cctz::time_zone::civil_lookup::SKIPPED;
  return FromInstant(skipped ? found.trans : found.pre);
}

inline WallTime LastInstant(LocalTime at, const cctz::time_zone& zone) {
  const auto found = zone.lookup(at);
  const bool skipped = found.kind == cctz::time_zone::civil_lookup::SKIPPED;
  return FromInstant(skipped ? found.trans : found.post);
}

inline int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }

// Monday, 1970-01-05: weeks and days are counted from here.
inline const LocalTime kMonday{1970, 1, 5};

}  // namespace watchfire::oncall
