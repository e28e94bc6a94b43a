// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Named calendars, during which routes are active or muted (reference alertmanager-compat §3.8).

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::config {
namespace {

using timeinterval::Range;
using timeinterval::Ranges;
using timeinterval::TimeInterval;

// A list of texts, each of them a range.
struct Field {
  const char* key;
  std::optional<Ranges> TimeInterval::*ranges;
  Result<Range> (*parse)(std::string_view);
  std::string (*format)(const Range&);
  const char* hint;
};
constexpr Field kFields[] = {
    {"weekdays", &TimeInterval::weekdays, timeinterval::ParseWeekdays, timeinterval::FormatWeekdays,
     "full names, like monday:friday or sunday"},
    {"days_of_month", &TimeInterval::days_of_month, timeinterval::ParseDaysOfMonth,
     timeinterval::FormatNumbers, "like 1:5, or -3:-1 from the end of the month"},
    {"months", &TimeInterval::months, timeinterval::ParseMonths, timeinterval::FormatNumbers,
     "full names or numbers, like may:august or 12"},
    {"years", &TimeInterval::years, timeinterval::ParseYears, timeinterval::FormatNumbers,
     "like 2030 or 2030:2032"}};

void ReadField(Section& section, const Field& field, TimeInterval* interval) {
  if (!section.Has(field.key)) return;
  Ranges& ranges = (interval->*field.ranges).emplace();
  Echo* echo = section.impl().Show(field.key);
  if (echo != nullptr) echo->SetList();
  for (const Text& text : section.impl().Texts(field.key)) {
    const Result<Range> range = field.parse(text.text);
    if (!range) {
      section.impl().source.Error(text.mark, range.error().message, field.hint);
      continue;
    }
    // 0.34 takes any number, so it is no error.
    const bool is_months = field.ranges == &TimeInterval::months;
    if (is_months && (range->begin < 1 || range->end > 12)) {
      section.impl().source.Warn(text.mark, text.text + " reaches beyond months 1 to 12",
                                 "Alertmanager refuses it since 0.35");
    }
    // Days that pass the end of the week are shown as two ranges, which every Alertmanager reads;
    // 0.34 and before refuse the one.
    const bool is_weekdays = field.ranges == &TimeInterval::weekdays;
    for (const Range& part : is_weekdays ? timeinterval::WithinWeeks(*range) : Ranges{*range}) {
      ranges.push_back(part);
      if (echo != nullptr) echo->Append().SetText(field.format(part));
    }
  }
}

void ReadTimes(Section& section, TimeInterval* interval) {
  if (!section.Has("times")) return;
  Ranges& ranges = interval->times.emplace();
  for (Section& entry : section.Children("times")) {
    const std::string start = entry.String("start_time");
    const std::string end = entry.String("end_time");
    const Result<Range> range = timeinterval::ParseTimes(start, end);
    if (range) {
      ranges.push_back(*range);
    } else {
      const bool is_start_good = timeinterval::ParseTimes(start, "24:00").has_value();
      entry.Error(is_start_good ? "end_time" : "start_time", range.error().message,
                  "from 00:00 to 24:00; one past midnight is two, to 24:00 and from 00:00");
    }
    entry.Finish();
  }
}

TimeInterval ReadTimeInterval(Section& section) {
  TimeInterval interval;
  ReadTimes(section, &interval);
  for (const Field& field : kFields) ReadField(section, field, &interval);
  const Result<timeinterval::Location> location =
      timeinterval::ParseLocation(section.String("location"));
  if (location) {
    interval.location = *location;
  } else {
    section.Error("location", location.error().message,
                  "a name of the IANA zone database, like Europe/Berlin");
  }
  section.Finish();
  return interval;
}

}  // namespace

void LoadTimeIntervals(Section& root, Loader* loader) {
  for (const auto& [key, what] : {std::pair{"mute_time_intervals", "mute time interval"},
                                  std::pair{"time_intervals", "time interval"}}) {
    if (what == std::string("mute time interval") && root.Has(key)) {
      root.Warn(key, "mute_time_intervals is deprecated", "move them to time_intervals");
    }
    for (Section& section : root.Children(key)) {
      const std::string name = section.String("name");
      std::vector<TimeInterval> calendars;
      section.ShowDefault("time_intervals", "[]");
      for (Section& child : section.Children("time_intervals")) {
        calendars.push_back(ReadTimeInterval(child));
      }
      if (name.empty()) {
        section.Error("name", std::string("missing name in ") + what);
      } else if (!loader->config.time_intervals.emplace(name, std::move(calendars)).second) {
        section.Error("name", std::string(what) + " " + GoQuote(name) + " is not unique");
      }
      section.Finish();
    }
  }
}

}  // namespace watchfire::config
