// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Go's time.Time as templates see it: any year, nanoseconds, a zone; formatted and parsed by
// example layouts ("2006-01-02 15:04:05"). Source: https://pkg.go.dev/time#pkg-constants.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::templates {

// A time zone: what to add to UTC, and what people call it, at one instant.
class Zone {
 public:
  struct Offset {
    int seconds_east = 0;
    std::string abbreviation;  // "CET"; empty when the zone is only an offset.
  };

  virtual ~Zone() = default;
  virtual std::string_view name() const = 0;
  virtual Offset At(int64_t unix_seconds) const = 0;
};

// A zone that never changes.
std::shared_ptr<const Zone> FixedZone(std::string abbreviation, int seconds_east);

struct GoTime {
  int64_t seconds = -62'135'596'800;  // Since 1970; the default is Go's zero time, year 1.
  int32_t nanos = 0;                  // 0 to 999,999,999.
  std::shared_ptr<const Zone> zone;   // Null: UTC.

  bool IsZero() const { return seconds == GoTime().seconds && nanos == 0; }
  Zone::Offset offset() const;
  // Same instant, whatever the zones.
  bool Equal(const GoTime& other) const { return seconds == other.seconds && nanos == other.nanos; }
  bool Before(const GoTime& other) const {
    return seconds < other.seconds || (seconds == other.seconds && nanos < other.nanos);
  }
};

// kNoTime becomes the zero time. UTC.
GoTime FromWallTime(WallTime time);

// A point in time as a calendar shows it in its zone.
struct CivilTime {
  int64_t year = 1;
  int month = 1;  // 1 to 12.
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 0;   // 0 is Sunday.
  int year_day = 1;  // 1 to 366.
};
CivilTime ToCivil(const GoTime& time);
// Seconds since 1970 of that time in UTC. Months and days out of range carry over, as in Go.
int64_t CivilSeconds(const CivilTime& civil);

GoTime Add(const GoTime& time, Duration duration);
// Saturates at what a duration can hold, about 292 years.
Duration Subtract(const GoTime& a, const GoTime& b);
// What is more than a multiple of `unit`, counted from the zero time; 0 if that is not above 0.
Duration Remainder(const GoTime& time, Duration unit);

std::string FormatTime(const GoTime& time, std::string_view layout);
// Reads a time without zone as UTC. Errors: kInvalidArgument with Go's wording, such as
// `parsing time "x" as "2006": cannot parse "x" as "2006"`.
Result<GoTime> ParseTimeLayout(std::string_view layout, std::string_view text);

// What printing a time gives: "2006-01-02 15:04:05.999999999 -0700 MST".
std::string TimeString(const GoTime& time);
// What printing a duration gives: "1h2m3.5s", "1.5ms", "0s".
std::string DurationString(Duration duration);

// One piece of a layout: a literal, or a field with how it is written.
struct LayoutPiece {
  enum class Field {
    kLiteral,
    kLongMonth,
    kMonth,
    kNumMonth,
    kZeroMonth,
    kLongWeekday,
    kWeekday,
    kDay,
    kUnderDay,
    kZeroDay,
    kUnderYearDay,
    kZeroYearDay,
    kHour,
    kHour12,
    kZeroHour12,
    kMinute,
    kZeroMinute,
    kSecond,
    kZeroSecond,
    kLongYear,
    kYear,
    kUpperPm,
    kLowerPm,
    kZoneName,
    kZoneOffset,    // "-0700" and its forms; Z07:00 and its forms print Z for UTC.
    kFractionZero,  // ".000": always so many digits.
    kFractionNine,  // ".999": without trailing zeros.
  };
  Field field = Field::kLiteral;
  std::string_view text;  // As it stands in the layout.
};

// Returns the first piece of `layout`, which must not be empty: a field, or the literal text before
// the next field.
LayoutPiece NextLayoutPiece(std::string_view layout);

inline constexpr const char* kMonthNames[] = {"January",   "February", "March",    "April",
                                              "May",       "June",     "July",     "August",
                                              "September", "October",  "November", "December"};
inline constexpr const char* kWeekdayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};

}  // namespace watchfire::templates
