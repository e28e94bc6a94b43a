// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Two clocks. What we wait for is MonoTime; what we store or show is WallTime. Nobody below
// pkg/app reads a clock: a Now is read once per core turn and handed down.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace watchfire {

using Duration = std::chrono::nanoseconds;
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

struct Now {
  MonoTime mono;
  WallTime wall;
};

// "No time given": what Go's zero time is on the wire ("0001-01-01T00:00:00Z").
inline constexpr WallTime kNoTime = WallTime::min();

// Returns RFC 3339. `digits` fractional digits (0..9) are cut, not rounded; with `trim` trailing
// zeros go too. In UTC, or as clocks `zone_minutes` east of it show it ("+02:00"). kNoTime prints
// as year 1.
std::string FormatRfc3339(WallTime time, int digits = 3, bool trim = false, int zone_minutes = 0);

struct ZonedTime {
  WallTime time = kNoTime;
  int16_t zone_minutes = 0;  // East of UTC: the offset that was written behind it.
};

// Parses what Alertmanager accepts: RFC 3339 with any fraction and with or without a colon in the
// offset (where Go asks for three or six digits before one without), and in UTC
// 2006-01-02T15:04:05, 2006-01-02 15:04:05, 2006-01-02T15:04Z, 2006-01-02T15:04 and 2006-01-02.
// Year 1 gives kNoTime. Errors: kInvalidArgument, also outside 1678..2261. Source:
// go-openapi/strfmt DateTimeFormats and Go's time.Parse.
Result<ZonedTime> ParseZonedTime(std::string_view text);
Result<WallTime> ParseTime(std::string_view text);

inline int64_t ToNanos(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime FromNanos(int64_t nanos) { return WallTime(Duration(nanos)); }
inline double ToSeconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
inline double ToUnixSeconds(WallTime time) { return ToSeconds(time.time_since_epoch()); }
// Returns the nearest representable duration; saturates instead of overflowing.
Duration FromSeconds(double seconds);

// Prometheus durations: integer+unit in the order y w d h m s ms ("1h30m", "0"); 1y = 365d.
// Errors: kInvalidArgument with Prometheus' wording. Source: prometheus/common model.Duration.
Result<Duration> ParseDuration(std::string_view text);
// Prints the same grammar; y and w only when the value is an exact multiple.
std::string FormatDuration(Duration duration);

// Go durations, as command-line flags use them ("1.5s", "2h45m", "300ms"; no d or w).
Result<Duration> ParseGoDuration(std::string_view text);
// Returns what Go prints for it: "1m30s", "2h0m0s", "1.5s", "300ms", "0s".
std::string FormatGoDuration(Duration duration);

}  // namespace watchfire
