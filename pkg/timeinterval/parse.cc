// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/timeinterval/parse.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <vector>

#include "pkg/base/strings.h"

namespace watchfire::timeinterval {
namespace {

constexpr int64_t kSaturday = 6;  // The last day of a week.
constexpr int64_t kDaysMax = 31;
constexpr int64_t kDaysMin = 28;  // Every month has these.

const std::vector<std::string>& WeekdayNames() {
  static const auto* const names = new std::vector<std::string>{
      "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  return *names;
}

const std::vector<std::string>& MonthNames() {
  static const auto* const names = new std::vector<std::string>{
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  return *names;
}

// Returns the position of `name`, or -1.
int64_t Position(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? -1 : found - names.begin();
}

// Go's strconv.Atoi, its errors included.
Result<int64_t> ParseNumber(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const bool has_two_signs = text.starts_with('+') && digits.starts_with('-');
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string head = "strconv.Atoi: parsing " + GoQuote(text) + ": ";
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size() ||
      has_two_signs) {
    return InvalidArgument(head + "invalid syntax");
  }
  if (error != std::errc()) return InvalidArgument(head + "value out of range");
  return value;
}

Result<int64_t> ParseWeekday(std::string_view text) {
  const int64_t day = Position(WeekdayNames(), text);
  if (day < 0) return InvalidArgument(std::string(text) + " is not a valid weekday");
  return day;
}

Result<int64_t> ParseMonth(std::string_view text) {
  const int64_t month = Position(MonthNames(), text);
  if (month >= 0) return month + 1;
  Result<int64_t> number = ParseNumber(text);
  if (!number) return InvalidArgument(std::string(text) + " is not a valid month");
  return number;
}

// "begin:end", or one member that is both.
Result<Range> ParseRange(std::string_view text, Result<int64_t> (*parse)(std::string_view)) {
  const std::string lower = ToLower(text);
  const std::vector<std::string_view> parts = Split(lower, ':');
  if (parts.size() > 2)
    return InvalidArgument("couldn't parse range " + lower + ", invalid format");
  const Result<int64_t> begin = parse(parts.front());
  if (!begin) return Fail(begin.error());
  const Result<int64_t> end = parse(parts.back());
  if (!end) return Fail(end.error());
  return Range{*begin, *end};
}

Result<int64_t> ParseMinute(std::string_view text) {
  const auto digit = [text](size_t i) {
    return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100;
  };
  const bool has_form = text.size() == 5 && text[2] == ':';
  const int hour = has_form ? digit(0) * 10 + digit(1) : 100;
  const int minute = has_form ? digit(3) * 10 + digit(4) : 100;
  if (text != "24:00" && (hour > 23 || minute > 59)) {
    return InvalidArgument("couldn't parse timestamp " + std::string(text) + ", invalid format");
  }
  return hour * 60 + minute;
}

// The name of a month in a message; Alertmanager has none for numbers that are no month.
std::string MonthName(int64_t month) {
  const bool is_month = month >= 1 && month <= 12;
  return is_month ? MonthNames()[static_cast<size_t>(month - 1)] : "";
}

}  // namespace

Result<Range> ParseTimes(std::string_view start, std::string_view end) {
  if (start.empty() || end.empty()) {
    return InvalidArgument("both start and end times must be provided");
  }
  const Result<int64_t> begin = ParseMinute(start);
  if (!begin) return Fail(begin.error());
  const Result<int64_t> stop = ParseMinute(end);
  if (!stop) return Fail(stop.error());
  if (*begin >= *stop) {
    return InvalidArgument("start time cannot be equal or greater than end time");
  }
  return Range{*begin, *stop};
}

Result<Range> ParseWeekdays(std::string_view text) { return ParseRange(text, ParseWeekday); }

Ranges WithinWeeks(const Range& range) {
  if (range.begin <= range.end) return {range};
  return {{range.begin, kSaturday}, {0, range.end}};
}

Result<Range> ParseDaysOfMonth(std::string_view text) {
  Result<Range> range = ParseRange(text, ParseNumber);
  if (!range) return range;
  for (const int64_t day : {range->begin, range->end}) {
    if (day == 0 || day < -kDaysMax || day > kDaysMax) {
      return InvalidArgument(std::to_string(day) +
                             " is not a valid day of the month: out of range");
    }
  }
  if (range->begin < 0 && range->end > 0) {
    return InvalidArgument("end day must be negative if start day is negative");
  }
  // In the shortest month the ends come closest; what is upside down there always is.
  const auto from_start = [](int64_t day) { return day < 0 ? kDaysMin + day : day; };
  if (from_start(range->begin) > from_start(range->end)) {
    return InvalidArgument("end day " + std::to_string(range->end) +
                           " is always before start day " + std::to_string(range->begin));
  }
  return range;
}

Result<Range> ParseMonths(std::string_view text) {
  Result<Range> range = ParseRange(text, ParseMonth);
  if (range && range->begin > range->end) {
    return InvalidArgument("end month " + MonthName(range->end) + " is before start month " +
                           MonthName(range->begin));
  }
  return range;
}

Result<Range> ParseYears(std::string_view text) {
  Result<Range> range = ParseRange(text, ParseNumber);
  if (range && range->begin > range->end) {
    return InvalidArgument("end year " + std::to_string(range->end) + " is before start year " +
                           std::to_string(range->begin));
  }
  return range;
}

Result<Location> ParseLocation(const std::string& name) {
  if (name.empty() || name == "UTC") return Location{name, cctz::utc_time_zone()};
  if (name == "Local") return Location{name, cctz::local_time_zone()};
  // Names are paths below the zoneinfo directory, and must stay there.
  if (name.find("..") != std::string::npos || name[0] == '/' || name[0] == '\\') {
    return InvalidArgument("time: invalid location name");
  }
  // cctz takes these for something else than a path.
  const bool is_special =
      name.starts_with("file:") || name.starts_with("libc:") || name.starts_with("Fixed/");
  Location location{name, {}};
  if (is_special || !cctz::load_time_zone(name, &location.zone)) {
    return InvalidArgument("unknown time zone " + name);
  }
  return location;
}

std::string FormatTime(int64_t minute) {
  char text[16];
  std::snprintf(text, sizeof(text), "%02d:%02d", static_cast<int>(minute / 60),
                static_cast<int>(minute % 60));
  return text;
}

std::string FormatWeekdays(const Range& range) {
  const auto name = [](int64_t day) { return WeekdayNames()[static_cast<size_t>(day)]; };
  return range.begin == range.end ? name(range.begin) : name(range.begin) + ":" + name(range.end);
}

std::string FormatNumbers(const Range& range) {
  const std::string begin = std::to_string(range.begin);
  return range.begin == range.end ? begin : begin + ":" + std::to_string(range.end);
}

}  // namespace watchfire::timeinterval
