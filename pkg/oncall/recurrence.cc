// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/recurrence.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/oncall/model.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::oncall {
namespace {

using Frequency = Recurrence::Frequency;

// Periods in a row that a rule may leave out: days of eight years, from one 29th of February to the
// next.
constexpr int64_t kEmptyMax = 3000;
constexpr size_t kDatesMax = 1000;  // Of EXDATE and of RDATE, each.

Status Wrong(std::string_view key, std::string_view value, const std::string& expected) {
  return InvalidArgument(std::string(key) + ": " + GoQuote(TruncateRunes(std::string(value), 60)) +
                         " is none of " + expected);
}

std::optional<int64_t> Number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int TwoLetterDay(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kDays = {"MO", "TU", "WE", "TH",
                                                            "FR", "SA", "SU"};
  const auto found = std::ranges::find(kDays, text);
  return found == kDays.end() ? -1 : static_cast<int>(found - kDays.begin());
}

// "20260704", "20260704T130000", "20260704T130000Z": the time on the wall in `zone`. A date alone
// is `clock` seconds after midnight.
std::optional<LocalTime> ParseMoment(std::string_view text, int64_t clock,
                                     const timeinterval::Location& zone) {
  const bool is_utc = text.ends_with('Z');
  if (is_utc) text.remove_suffix(1);
  const bool is_date = text.size() == 8;
  if (!is_date && !(text.size() == 15 && text[8] == 'T')) return std::nullopt;
  const auto part = [&](size_t at, size_t size) {
    const std::string_view digits = text.substr(at, size);
    const bool ok = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    return ok ? Number(digits).value_or(-1) : -1;
  };
  const int64_t year = part(0, 4);
  const int64_t month = part(4, 2);
  const int64_t day = part(6, 2);
  const int64_t hour = is_date ? 0 : part(9, 2);
  const int64_t minute = is_date ? 0 : part(11, 2);
  const int64_t second = is_date ? 0 : part(13, 2);
  const LocalTime at(year, month, day, hour, minute, second);
  // What is no date is another one when it is put right.
  const bool is_real = year >= 1701 && year <= 2247 && at.year() == year && at.month() == month &&
                       at.day() == day && at.hour() == hour && at.minute() == minute &&
                       at.second() == second;
  if (!is_real || (is_date && is_utc)) return std::nullopt;
  if (is_date) return at + clock;
  return is_utc ? ToLocal(FirstInstant(at, cctz::utc_time_zone()), zone.zone) : at;
}

Status ParseDays(std::string_view value, std::vector<Recurrence::Day>* days) {
  for (const std::string_view text : Split(value, ',')) {
    const size_t letters = text.size() < 2 ? 0 : text.size() - 2;
    const int day = TwoLetterDay(text.substr(letters));
    const auto number = letters == 0 ? std::optional<int64_t>(0) : Number(text.substr(0, letters));
    const bool is_zero = letters > 0 && number == 0;
    if (day < 0 || !number || *number < -5 || *number > 5 || is_zero) {
      return Wrong("BYDAY", text, "MO, TU, WE, TH, FR, SA, SU, or such as 1MO, -1FR");
    }
    days->push_back({static_cast<int>(*number), day});
  }
  return {};
}

Status ParseNumbers(std::string_view key, std::string_view value, int64_t max, bool may_be_negative,
                    std::vector<int>* numbers) {
  for (const std::string_view text : Split(value, ',')) {
    const auto number = Number(text);
    const bool fits =
        number && *number != 0 && *number <= max && *number >= (may_be_negative ? -max : 1);
    if (!fits) return Wrong(key, text, "1 to " + std::to_string(max));
    numbers->push_back(static_cast<int>(*number));
  }
  return {};
}

// The start says the time of the day; one that a rule says as well must be that.
Status CheckClock(std::string_view key, std::string_view value, LocalTime start) {
  const int64_t own = key == "BYHOUR"     ? start.hour()
                      : key == "BYMINUTE" ? start.minute()
                                          : start.second();
  if (Number(value) == own) return {};
  return InvalidArgument(std::string(key) + ": " + GoQuote(TruncateRunes(std::string(value), 60)) +
                         " is not the time of the start: several shifts a day are events of their "
                         "own");
}

Status AddPart(std::string_view key, std::string_view value, LocalTime start,
               const timeinterval::Location& zone, Recurrence* rule) {
  if (key == "FREQ") {
    if (value == "HOURLY") {
      rule->frequency = Frequency::kHourly;
    } else if (value == "DAILY") {
      rule->frequency = Frequency::kDaily;
    } else if (value == "WEEKLY") {
      rule->frequency = Frequency::kWeekly;
    } else if (value == "MONTHLY") {
      rule->frequency = Frequency::kMonthly;
    } else {
      return Wrong(key, value, "HOURLY, DAILY, WEEKLY, MONTHLY");
    }
    return {};
  }
  if (key == "INTERVAL" || key == "COUNT") {
    const auto number = Number(value);
    const int64_t max = key == "COUNT" ? 100'000 : 1000;
    if (!number || *number < 1 || *number > max) {
      return Wrong(key, value, "1 to " + std::to_string(max));
    }
    if (key == "COUNT") rule->count = *number;
    if (key == "INTERVAL") rule->interval = *number;
    return {};
  }
  if (key == "UNTIL") {
    // A date is all of that day.
    rule->until = ParseMoment(value, Window::kDay - 1, zone);
    if (!rule->until) return Wrong(key, value, "times such as 20260801T130000Z");
    return {};
  }
  if (key == "WKST") {
    rule->week_start = TwoLetterDay(value);
    if (rule->week_start < 0) return Wrong(key, value, "MO, TU, WE, TH, FR, SA, SU");
    return {};
  }
  if (key == "BYDAY") return ParseDays(value, &rule->days);
  if (key == "BYMONTHDAY") return ParseNumbers(key, value, 31, true, &rule->month_days);
  if (key == "BYMONTH") return ParseNumbers(key, value, 12, false, &rule->months);
  if (key == "BYHOUR" || key == "BYMINUTE" || key == "BYSECOND") {
    return CheckClock(key, value, start);
  }
  return Wrong("RRULE", key, "FREQ, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY, WKST, COUNT, UNTIL");
}

Status CheckRule(const Recurrence& rule, bool has_frequency) {
  if (!has_frequency) return InvalidArgument("RRULE: FREQ must be set");
  if (rule.count && rule.until) {
    return InvalidArgument("RRULE: COUNT and UNTIL exclude each other");
  }
  const bool is_hourly = rule.frequency == Frequency::kHourly;
  const bool is_monthly = rule.frequency == Frequency::kMonthly;
  if (is_hourly && !(rule.days.empty() && rule.month_days.empty() && rule.months.empty())) {
    return InvalidArgument("RRULE: an hourly one cannot say its days");
  }
  if (rule.frequency == Frequency::kWeekly && !rule.month_days.empty()) {
    return InvalidArgument("RRULE: a weekly one cannot say days of the month");
  }
  const bool is_numbered =
      std::ranges::any_of(rule.days, [](const Recurrence::Day& day) { return day.number != 0; });
  if (is_numbered && (!is_monthly || !rule.month_days.empty())) {
    return InvalidArgument("BYDAY: numbers before days are for monthly rules without BYMONTHDAY");
  }
  return {};
}

Status ParseRule(std::string_view text, LocalTime start, const timeinterval::Location& zone,
                 Recurrence* rule) {
  bool has_frequency = false;
  std::vector<std::string_view> seen;
  for (const std::string_view part : Split(text, ';')) {
    if (part.empty()) continue;
    const size_t equal = part.find('=');
    const std::string_view key = part.substr(0, equal);
    if (equal == std::string_view::npos) return Wrong("RRULE", part, "KEY=VALUE");
    if (std::ranges::find(seen, key) != seen.end()) {
      return InvalidArgument(std::string(key) + " is there twice");
    }
    seen.push_back(key);
    has_frequency |= key == "FREQ";
    WF_RETURN_IF_ERROR(AddPart(key, part.substr(equal + 1), start, zone, rule));
  }
  return CheckRule(*rule, has_frequency);
}

// ";TZID=Europe/Berlin:20260704T090000,20260705T090000", or without parameters. `value` of
// "EXDATE" or "RDATE".
Status ParseDates(const std::string& name, std::string_view rest, LocalTime start,
                  const timeinterval::Location& zone, std::vector<LocalTime>* dates) {
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return Wrong(name, rest, "times behind a colon");
  timeinterval::Location from = zone;
  for (const std::string_view parameter : Split(rest.substr(0, colon), ';')) {
    if (parameter.empty() || parameter.starts_with("VALUE=DATE")) continue;
    if (!parameter.starts_with("TZID=")) return Wrong(name, parameter, "TZID, VALUE=DATE");
    auto named = timeinterval::ParseLocation(std::string(parameter.substr(5)));
    if (!named) return InvalidArgument(name + ": " + named.error().message);
    from = *std::move(named);
  }
  const LocalTime midnight(start.year(), start.month(), start.day());
  for (const std::string_view text : Split(rest.substr(colon + 1), ',')) {
    const auto moment = ParseMoment(text, start - midnight, from);
    if (!moment) return Wrong(name, text, "times such as 20260704T090000, 20260704T130000Z");
    if (dates->size() == kDatesMax) {
      return InvalidArgument(name + ": more than " + std::to_string(kDatesMax) + " of them");
    }
    // A date alone has the start's time of the day, whatever zone it is in.
    const bool is_moved = from.name != zone.name && text.size() > 8;
    dates->push_back(is_moved ? ToLocal(FirstInstant(*moment, from.zone), zone.zone) : *moment);
  }
  std::ranges::sort(*dates);
  return {};
}

// The day `number` (from 1, or from -1 backwards) of a month; nullopt if it lacks it.
std::optional<LocalTime> DayOfMonth(cctz::civil_month month, int64_t number, int64_t clock) {
  const int64_t last = cctz::civil_day(month + 1) - cctz::civil_day(month);
  const int64_t day = number < 0 ? last + 1 + number : number;
  if (day < 1 || day > last) return std::nullopt;
  return LocalTime(month.year(), month.month(), day) + clock;
}

}  // namespace

bool Recurrence::is_plain() const {
  const bool is_numbered =
      std::ranges::any_of(days, [](const Day& day) { return day.number != 0; });
  return !is_numbered && month_days.empty() && months.empty() && !count && !until;
}

int WeekdayOf(LocalTime at) {
  return static_cast<int>(FloorMod(FloorDiv(at - kMonday, Window::kDay), 7));
}

std::vector<int> WeekdaysOf(const Recurrence& rule, LocalTime start) {
  std::vector<int> days;
  for (const Recurrence::Day& day : rule.days) days.push_back(day.day);
  if (days.empty()) days.push_back(WeekdayOf(start));
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

Status AddRecurrence(std::string_view line, LocalTime start, const timeinterval::Location& zone,
                     bool* has_rule, RecurrenceSet* set) {
  line = Trim(line);
  if (line.starts_with("EXDATE")) {
    return ParseDates("EXDATE", line.substr(6), start, zone, &set->except);
  }
  if (line.starts_with("RDATE")) {
    return ParseDates("RDATE", line.substr(5), start, zone, &set->extra);
  }
  if (line.starts_with("RRULE:")) {
    line.remove_prefix(6);
  } else if (!line.starts_with("FREQ=")) {
    return Wrong("recurrence", line, "RRULE:…, EXDATE:…, RDATE:…");
  }
  if (std::exchange(*has_rule, true)) return InvalidArgument("more than one RRULE");
  return ParseRule(line, start, zone, &set->rule);
}

bool Occurrences::Fits(LocalTime at) const {
  const Recurrence& rule = set_.rule;
  const auto is_month = [&](int month) { return month == at.month(); };
  if (!rule.months.empty() && std::ranges::none_of(rule.months, is_month)) return false;
  if (rule.frequency == Frequency::kWeekly || rule.frequency == Frequency::kHourly) return true;
  const cctz::civil_month month(at);
  const auto is_day = [&](int number) {
    return DayOfMonth(month, number, 0) == LocalTime(cctz::civil_day(at));
  };
  if (!rule.month_days.empty() && std::ranges::none_of(rule.month_days, is_day)) return false;
  const auto is_weekday = [&](const Recurrence::Day& day) {
    return day.number != 0 || day.day == WeekdayOf(at);
  };
  return rule.days.empty() || std::ranges::any_of(rule.days, is_weekday);
}

void Occurrences::AddMonth(int64_t months, std::vector<LocalTime>* found) const {
  const Recurrence& rule = set_.rule;
  const cctz::civil_month month = cctz::civil_month(start_) + months;
  const int64_t clock = start_ - LocalTime(cctz::civil_day(start_));
  const auto add = [&](int64_t number) {
    if (const auto day = DayOfMonth(month, number, clock)) found->push_back(*day);
  };
  if (!rule.month_days.empty()) {
    for (const int number : rule.month_days) add(number);
    return;
  }
  if (rule.days.empty()) return add(start_.day());
  const int first = WeekdayOf(LocalTime(cctz::civil_day(month)));
  const int64_t last = cctz::civil_day(month + 1) - cctz::civil_day(month);
  for (const Recurrence::Day& day : rule.days) {
    const int64_t date = 1 + FloorMod(day.day - first, 7);  // The first such day of the month.
    if (day.number == 0) {
      for (int64_t each = date; each <= last; each += 7) add(each);
    } else if (day.number > 0) {
      add(date + (day.number - 1) * 7);
    } else {
      const int64_t end = date + (last - date) / 7 * 7;
      if (end + (day.number + 1) * 7 > 0) add(end + (day.number + 1) * 7);
    }
  }
}

// The occurrences of the next period.
void Occurrences::Fill() {
  const Recurrence& rule = set_.rule;
  const int64_t by = period_++ * rule.interval;
  std::vector<LocalTime> found;
  switch (rule.frequency) {
    case Frequency::kHourly:
      found.push_back(start_ + by * 3600);
      break;
    case Frequency::kDaily:
      found.push_back(start_ + by * Window::kDay);
      break;
    case Frequency::kWeekly: {
      const int64_t since = FloorMod(WeekdayOf(start_) - rule.week_start, 7);
      const LocalTime week = start_ + (by * 7 - since) * Window::kDay;
      for (const int day : WeekdaysOf(rule, start_)) {
        found.push_back(week + FloorMod(day - rule.week_start, 7) * Window::kDay);
      }
      break;
    }
    case Frequency::kMonthly:
      AddMonth(by, &found);
      break;
  }
  std::erase_if(found, [&](LocalTime at) { return at < start_ || !Fits(at); });
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  buffer_ = std::move(found);
  place_ = 0;
}

std::optional<LocalTime> Occurrences::NextOfRule() {
  for (int64_t empty = 0; !is_over_; ++empty) {
    if (place_ < buffer_.size()) {
      const LocalTime at = buffer_[place_++];
      const bool is_behind = set_.rule.until && at > *set_.rule.until;
      if (is_behind || at.year() > 2240 || (set_.rule.count && counted_ == *set_.rule.count)) break;
      ++counted_;
      return at;
    }
    if (empty > kEmptyMax) break;
    Fill();
  }
  is_over_ = true;
  return std::nullopt;
}

std::optional<LocalTime> Occurrences::Next() {
  while (true) {
    if (!ahead_) ahead_ = NextOfRule();
    const bool has_extra = extra_ < set_.extra.size();
    if (!ahead_ && !has_extra) return std::nullopt;
    LocalTime at;
    if (has_extra && (!ahead_ || set_.extra[extra_] < *ahead_)) {
      at = set_.extra[extra_++];
    } else {
      at = *ahead_;
      ahead_.reset();
    }
    const bool is_twice = last_ && at <= *last_;
    if (is_twice || std::ranges::binary_search(set_.except, at)) continue;
    last_ = at;
    return at;
  }
}

}  // namespace watchfire::oncall
