// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/time.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>

namespace watchfire {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads exactly `count` digits at `text[at]`, or returns -1.
int Digits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (!IsDigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

tl::unexpected<Error> BadTime(std::string_view text) {
  return InvalidArgument("bad time \"" + std::string(text) +
                         "\": want RFC 3339, for example 2026-08-22T14:04:18Z");
}

// Reads ".123456789…" at `at`, moving it behind, or nothing; a comma will do, digits past
// nanoseconds are dropped.
int64_t Fraction(std::string_view text, size_t* at) {
  if (*at >= text.size() || (text[*at] != '.' && text[*at] != ',')) return 0;
  int64_t nanos = 0;
  int64_t unit = 100'000'000;
  size_t i = *at + 1;
  for (; i < text.size() && IsDigit(text[i]); ++i, unit /= 10) nanos += (text[i] - '0') * unit;
  if (i > *at + 1) *at = i;
  return nanos;
}

// Reads Z, +hh:mm, +hhmm or nothing; returns minutes east.
std::optional<int> Zone(std::string_view zone) {
  if (zone.empty() || zone == "Z") return 0;
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  const int hours = Digits(zone, 1, 2);
  const bool colon = zone.size() == 6 && zone[3] == ':';
  const int minutes = Digits(zone, colon ? 4 : 3, 2);
  // Go's bounds, odd as they are.
  if (zone.size() != (colon ? 6U : 5U) || hours < 0 || hours > 24 || minutes < 0 || minutes > 60) {
    return std::nullopt;
  }
  const int offset = hours * 60 + minutes;
  return zone[0] == '-' ? -offset : offset;
}

struct Clock {
  Duration time{};  // Since midnight.
  int zone = 0;     // Minutes east.
};

// Reads what follows the date, from its "T" or blank on.
std::optional<Clock> ReadClock(std::string_view text) {
  if (text[0] != 'T' && text[0] != ' ') return std::nullopt;
  size_t at = text.size() > 2 && IsDigit(text[2]) ? 3 : 2;  // Go takes "T9:30:00" as well.
  const int hour = Digits(text, 1, at - 1);
  const int minute = Digits(text, at + 1, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[at] != ':') return std::nullopt;
  at += 3;
  Clock clock{std::chrono::hours(hour) + std::chrono::minutes(minute), 0};
  const bool has_seconds = at < text.size() && text[at] == ':';
  if (has_seconds) {
    const int second = Digits(text, at + 1, 2);
    if (second < 0 || second > 59) return std::nullopt;
    at += 3;
    clock.time += std::chrono::seconds(second) + Duration(Fraction(text, &at));
  }
  const std::string_view zone = text.substr(at);
  // A blank goes with seconds and without zone; minutes alone go with no zone but Z.
  if (text[0] == ' ' && (!has_seconds || !zone.empty())) return std::nullopt;
  if (!has_seconds && !zone.empty() && zone != "Z") return std::nullopt;
  const std::optional<int> minutes = Zone(zone);
  if (!minutes) return std::nullopt;
  clock.zone = *minutes;
  return clock;
}

// Writes `number` with leading zeros and what comes after it; returns where it ends.
char* WriteDigits(int64_t number, size_t width, char after, char* to) {
  for (size_t i = width; i > 0; number /= 10) to[--i] = static_cast<char>('0' + number % 10);
  to[width] = after;
  return to + width + 1;
}

struct Unit {
  std::string_view name;
  int64_t nanos;
};
constexpr int64_t kSecond = 1'000'000'000;
constexpr std::array<Unit, 7> kUnits = {{{"y", 365 * 86400 * kSecond},
                                         {"w", 7 * 86400 * kSecond},
                                         {"d", 86400 * kSecond},
                                         {"h", 3600 * kSecond},
                                         {"m", 60 * kSecond},
                                         {"s", kSecond},
                                         {"ms", 1'000'000}}};

}  // namespace

std::string FormatRfc3339(WallTime time, int digits, bool trim, int zone_minutes) {
  if (time == kNoTime) {
    std::string zero = "0001-01-01T00:00:00";
    if (digits > 0 && !trim) zero += "." + std::string(static_cast<size_t>(digits), '0');
    return zero + "Z";
  }
  time += std::chrono::minutes(zone_minutes);
  const sys_days day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const int64_t nanos = (time - day).count();
  const int64_t seconds = nanos / kSecond;
  std::array<char, sizeof("2006-01-02T15:04:05.999999999+00:00")> text;
  char* end = text.data();
  end = WriteDigits(static_cast<int>(date.year()), 4, '-', end);
  end = WriteDigits(static_cast<unsigned>(date.month()), 2, '-', end);
  end = WriteDigits(static_cast<unsigned>(date.day()), 2, 'T', end);
  end = WriteDigits(seconds / 3600, 2, ':', end);
  end = WriteDigits(seconds / 60 % 60, 2, ':', end);
  end = WriteDigits(seconds % 60, 2, '.', end);
  char* const whole = end;
  WriteDigits(nanos % kSecond, 9, 'Z', end);
  end += digits;
  while (trim && end > whole && end[-1] == '0') --end;
  if (end == whole) --end;  // The point.
  if (zone_minutes == 0) {
    *end++ = 'Z';
  } else {
    const int offset = std::abs(zone_minutes);
    *end++ = zone_minutes < 0 ? '-' : '+';
    end = WriteDigits(offset / 60, 2, ':', end);
    end = WriteDigits(offset % 60, 2, ':', end) - 1;
  }
  return {text.data(), end};
}

Result<ZonedTime> ParseZonedTime(std::string_view text) {
  const int year = Digits(text, 0, 4);
  const int month = Digits(text, 5, 2);
  const int day = Digits(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return BadTime(text);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return BadTime(text);
  const std::optional<Clock> clock = text.size() > 10 ? ReadClock(text.substr(10)) : Clock();
  if (!clock) return BadTime(text);
  if (year == 1) return ZonedTime();
  if (year < 1678 || year > 2261) {
    return InvalidArgument("time \"" + std::string(text) + "\" is outside 1678..2261");
  }
  const Duration since_midnight = clock->time - std::chrono::minutes(clock->zone);
  return ZonedTime{WallTime(sys_days(date).time_since_epoch() + since_midnight),
                   static_cast<int16_t>(clock->zone)};
}

Result<WallTime> ParseTime(std::string_view text) {
  const Result<ZonedTime> zoned = ParseZonedTime(text);
  if (!zoned) return Fail(zoned.error());
  return zoned->time;
}

Duration FromSeconds(double seconds) {
  if (std::isnan(seconds)) return Duration::zero();
  const double nanos = seconds * 1e9;
  if (nanos >= 9.2e18) return Duration::max();
  if (nanos <= -9.2e18) return Duration::min();
  return Duration(static_cast<int64_t>(std::llround(nanos)));
}

Result<Duration> ParseDuration(std::string_view text) {
  const auto bad = [text] {
    return InvalidArgument("not a valid duration string: \"" + std::string(text) + "\"");
  };
  if (text.empty()) return InvalidArgument("empty duration string");
  if (text == "0") return Duration::zero();
  int64_t total = 0;
  size_t next_unit = 0;
  for (size_t i = 0; i < text.size();) {
    int64_t value = 0;
    const size_t start = i;
    for (; i < text.size() && IsDigit(text[i]); ++i) {
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, text[i] - '0', &value)) {
        return InvalidArgument("duration out of range");
      }
    }
    const size_t name_start = i;
    while (i < text.size() && !IsDigit(text[i])) ++i;
    const std::string_view name = text.substr(name_start, i - name_start);
    size_t unit = next_unit;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (name_start == start || unit == kUnits.size()) return bad();
    if (__builtin_mul_overflow(value, kUnits[unit].nanos, &value) ||
        __builtin_add_overflow(total, value, &total)) {
      return InvalidArgument("duration out of range");
    }
    next_unit = unit + 1;
  }
  return Duration(total);
}

std::string FormatDuration(Duration duration) {
  int64_t millis = duration.count() / 1'000'000;
  if (millis == 0) return "0s";
  std::string out;
  if (millis < 0) {
    out = "-";
    millis = -millis;
  }
  for (size_t i = 0; i < kUnits.size(); ++i) {
    const int64_t unit = kUnits[i].nanos / 1'000'000;
    // Years and weeks print only when nothing smaller is left over ("1w", but "8d").
    if (i < 2 && millis % unit != 0) continue;
    if (millis / unit > 0) {
      out += std::to_string(millis / unit);
      out += kUnits[i].name;
    }
    millis %= unit;
  }
  return out;
}

std::string FormatGoDuration(Duration duration) {
  const int64_t nanos = duration.count();
  if (nanos < 0) return "-" + FormatGoDuration(-duration);
  // A number of `unit`, with as many decimals as it takes.
  const auto decimal = [](int64_t value, int64_t unit) {
    std::string text = std::to_string(value / unit);
    if (value % unit == 0) return text;
    std::string digits = std::to_string(value % unit + unit).substr(1);
    while (digits.back() == '0') digits.pop_back();
    return text + "." + digits;
  };
  if (nanos == 0) return "0s";
  if (nanos < 1000) return std::to_string(nanos) + "ns";
  if (nanos < 1'000'000) return decimal(nanos, 1000) + "\u00b5s";
  if (nanos < kSecond) return decimal(nanos, 1'000'000) + "ms";
  const int64_t minutes = nanos / (60 * kSecond);
  std::string text;
  if (minutes >= 60) text = std::to_string(minutes / 60) + "h";
  if (minutes > 0) text += std::to_string(minutes % 60) + "m";
  return text + decimal(nanos % (60 * kSecond), kSecond) + "s";
}

Result<Duration> ParseGoDuration(std::string_view text) {
  const auto bad = [text] {
    return InvalidArgument("bad duration \"" + std::string(text) +
                           "\": want Go form, for example 1m30s or 500ms (no d or w)");
  };
  static constexpr std::array<Unit, 8> kGoUnits = {{{"ns", 1},
                                                    {"us", 1000},
                                                    {"\u00b5s", 1000},
                                                    {"\u03bcs", 1000},
                                                    {"ms", 1'000'000},
                                                    {"s", kSecond},
                                                    {"m", 60 * kSecond},
                                                    {"h", 3600 * kSecond}}};
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (rest == "0") return Duration::zero();
  if (rest.empty()) return bad();
  double total = 0;
  while (!rest.empty()) {
    size_t i = 0;
    while (i < rest.size() && (IsDigit(rest[i]) || rest[i] == '.')) ++i;
    size_t end = i;
    while (end < rest.size() && !IsDigit(rest[end]) && rest[end] != '.') ++end;
    const std::string number(rest.substr(0, i));
    const std::string_view name = rest.substr(i, end - i);
    size_t unit = 0;
    while (unit < kGoUnits.size() && kGoUnits[unit].name != name) ++unit;
    if (number.empty() || number == "." || unit == kGoUnits.size()) return bad();
    char* parsed = nullptr;
    const double value = std::strtod(number.c_str(), &parsed);
    if (*parsed != '\0') return bad();
    total += value * static_cast<double>(kGoUnits[unit].nanos);
    rest.remove_prefix(end);
  }
  if (total >= 9223372036854775807.0) return bad();
  return Duration(static_cast<int64_t>(negative ? -total : total));
}

}  // namespace watchfire
