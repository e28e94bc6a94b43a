// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/reports.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include <cctz/civil_time.h>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::config {
namespace {

constexpr std::array<const char*, 3> kEvery = {"day", "week", "month"};
constexpr std::array<const char*, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                  "friday", "saturday", "sunday"};
constexpr std::array<cctz::weekday, 7> kDays = {cctz::weekday::monday,    cctz::weekday::tuesday,
                                                cctz::weekday::wednesday, cctz::weekday::thursday,
                                                cctz::weekday::friday,    cctz::weekday::saturday,
                                                cctz::weekday::sunday};

cctz::civil_day InMonth(const Report& report, const cctz::civil_month& month) {
  return cctz::civil_day(month.year(), month.month(), report.day);
}

// The last day on which it is due, no later than `day`.
cctz::civil_day DueDay(const Report& report, const cctz::civil_day& day) {
  if (report.every == Report::Every::kDay) return day;
  if (report.every == Report::Every::kWeek) {
    return cctz::prev_weekday(day + 1, kDays.at(static_cast<size_t>(report.weekday)));
  }
  const cctz::civil_month month(day);
  const cctz::civil_day due = InMonth(report, month);
  return due > day ? InMonth(report, month - 1) : due;
}

cctz::civil_day DayAfter(const Report& report, const cctz::civil_day& due) {
  if (report.every == Report::Every::kDay) return due + 1;
  if (report.every == Report::Every::kWeek) return due + 7;
  return InMonth(report, cctz::civil_month(due) + 1);
}

WallTime At(const Report& report, const cctz::civil_day& day) {
  const cctz::civil_second local = cctz::civil_second(day) + report.minute * 60;
  return cctz::convert(local, report.location.zone);
}

cctz::civil_day DayOf(const Report& report, WallTime at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  return cctz::civil_day(cctz::convert(second, report.location.zone));
}

// The place of `value` among `names`, which is reported if it has none.
template <typename Names>
size_t IndexOf(Section& section, const char* key, const std::string& value, const Names& names) {
  section.OneOf(key, value, {names.begin(), names.end()},
                "unknown " + std::string(key) + " " + GoQuote(value));
  const auto found = std::ranges::find(names, std::string_view(value));
  return found == names.end() ? 0 : static_cast<size_t>(found - names.begin());
}

// Of a week there is a weekday, of a month a day; the other would do nothing.
void ReadDay(Section& section, Report* report) {
  using Every = Report::Every;
  if (section.Has("weekday") && report->every != Every::kWeek) {
    section.Error("weekday", "weekday is for a report of every week", "every: week");
  }
  if (section.Has("day") && report->every != Every::kMonth) {
    section.Error("day", "day is for a report of every month", "every: month");
  }
  const std::string weekday = section.String("weekday", kWeekdays.front());
  report->weekday = static_cast<int>(IndexOf(section, "weekday", weekday, kWeekdays));
  report->day = section.Int("day", report->day);
  if (report->day < 1 || report->day > kReportDayMax) {
    section.Error("day", "day must be from 1 to " + std::to_string(kReportDayMax) +
                             ", which every month has");
    report->day = 1;
  }
}

Report ReadReport(Section& section) {
  Report report;
  report.receiver = section.String("receiver");
  const std::string every = section.String("every", "week");
  report.every = static_cast<Report::Every>(IndexOf(section, "every", every, kEvery));
  ReadDay(section, &report);
  const std::string at = section.String("at", "09:00");
  if (const auto times = timeinterval::ParseTimes(at, "24:00")) {
    report.minute = static_cast<int>(times->begin);
  } else {
    section.Error("at", "at " + GoQuote(at) + " is no time of the day", "such as \"09:00\"");
  }
  const std::string zone = section.String("time_zone", "UTC");
  if (auto location = timeinterval::ParseLocation(zone)) {
    report.location = *std::move(location);
  } else {
    section.Error("time_zone", location.error().message);
  }
  report.team = section.String("team");
  return report;
}

}  // namespace

const char* EveryName(Report::Every every) { return kEvery.at(static_cast<size_t>(every)); }

std::string Report::id() const {
  std::string id = EveryName(every);
  if (every == Every::kWeek) id += std::string(" ") + kWeekdays.at(static_cast<size_t>(weekday));
  if (every == Every::kMonth) id += " " + std::to_string(day);
  id += " " + timeinterval::FormatTime(minute) + " " + location.name + " to " + receiver;
  // The team first: a receiver may be called anything, and no two reports have one id.
  return team.empty() ? id : id.insert(0, GoQuote(team) + " ");
}

WallTime LastDue(const Report& report, WallTime at) {
  const cctz::civil_day day = DueDay(report, DayOf(report, at));
  const WallTime due = At(report, day);
  return due <= at ? due : At(report, DueDay(report, day - 1));
}

WallTime NextDue(const Report& report, WallTime at) {
  const cctz::civil_day day = DueDay(report, DayOf(report, at));
  const WallTime due = At(report, day);
  return due > at ? due : At(report, DayAfter(report, day));
}

void LoadReports(Section& root, Loader* loader) {
  std::vector<Report>& known = loader->config.reports;
  for (Section& section : root.Children("reports")) {
    if (known.size() == kReportsMax) {
      section.Error("", "more than " + std::to_string(kReportsMax) + " reports");
      break;
    }
    Report report = ReadReport(section);
    if (std::ranges::find(known, report) != known.end()) {
      section.Error("", "this report is there twice");
    }
    loader->report_places.push_back({&section.impl().source, section.impl().At("receiver")});
    section.Finish();
    known.push_back(std::move(report));
  }
}

void CheckReports(const Loader& loader) {
  const std::vector<Receiver>& receivers = loader.config.receivers;
  for (size_t i = 0; i < loader.report_places.size(); ++i) {
    const std::string& name = loader.config.reports[i].receiver;
    const auto& [source, mark] = loader.report_places[i];
    const auto found = std::ranges::find(receivers, name, &Receiver::name);
    if (name.empty()) {
      source->Error(mark, "a report needs a receiver", "name one that writes to people");
    } else if (found == receivers.end()) {
      std::vector<std::string> names;
      for (const Receiver& receiver : receivers) names.push_back(receiver.name);
      const std::string nearest = Nearest(name, names);
      source->Error(mark, "undefined receiver " + GoQuote(name) + " in reports",
                    nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
    } else if (std::ranges::none_of(found->integrations, [](const Integration& one) {
                 return CanTellHandoff(one.kind);
               })) {
      source->Error(mark,
                    "receiver " + GoQuote(name) +
                        " cannot be told a report: it would open what nobody closes",
                    "name one that writes to people: mail, chat, SMS, a webhook");
    }
  }
}

}  // namespace watchfire::config
