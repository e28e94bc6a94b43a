// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Shifts are numbered from start_time on, also those before effective_since, and written out one by
// one only where no turns of equal length say the same.

#include "pkg/oncall/pagerduty_event.h"

#include <algorithm>
#include <optional>

namespace watchfire::oncall {
namespace {

using Note = Remark::Kind;
using Frequency = Recurrence::Frequency;

constexpr int64_t kSlotsMax = 2000;
constexpr int64_t kLengthMax = 9000;       // Of a turn, in hours, days or weeks.
constexpr size_t kShiftsMax = 4000;        // Written out of one event,
constexpr size_t kAllShiftsMax = 100'000;  // and of all that are read.
constexpr int64_t kLookedMax = 200'000;    // Shifts before effective_since are counted one by one.
constexpr int kYearsWritten = 40;

class Writer {
 public:
  Writer(const PagerDutyEvent& event, const View& view, Loader* loader, Layer* layer)
      : event_(event), view_(view), loader_(*loader), layer_(*layer) {}

  // Gives the layer its turns, or its shifts.
  void Recur() {
    const auto first = Occurrences(event_.set, event_.start).Next();
    if (!first) {
      loader_.Note(Note::kKept, view_, "recurrence", event_.subject, "never takes place");
      return;
    }
    first_ = *first;
    if (first_ != event_.start) {
      loader_.Note(Note::kChanged, view_, "start_time", event_.subject,
                   "does not take place at its start_time: the first shift begins " +
                       FormatRfc3339(FirstInstant(first_, event_.zone.zone), 0));
    }
    if (event_.set.extra.empty() && event_.set.except.empty() && event_.set.rule.is_plain() &&
        (Evenly() || OnDays())) {
      const WallTime begin = FirstInstant(first_, event_.zone.zone);
      layer_.start = std::max(layer_.start.value_or(begin), begin);
      layer_.rotation.anchor = begin;
    } else if (!OfMonths()) {
      WriteOut();
    }
    loader_.Note(Note::kKept, view_, "", event_.subject,
                 std::string(layer_.shifts.empty() ? "turns" : "shifts") +
                     " on the clock on the wall, counted from its start_time");
  }

 private:
  // The days of the week on which it takes place, if that is all that it says; an empty list: it
  // does so in every period.
  std::vector<int> Days() const {
    const Recurrence& rule = event_.set.rule;
    if (rule.frequency == Frequency::kHourly || rule.frequency == Frequency::kMonthly) return {};
    if (rule.frequency == Frequency::kDaily && rule.days.empty()) return {};
    std::vector<int> days = WeekdaysOf(rule, event_.start);
    if (days.size() == 7 && rule.interval == 1) days.clear();
    return days;
  }

  // One shift in each period of hours, days or weeks; false if it is otherwise.
  bool Evenly() {
    const Recurrence& rule = event_.set.rule;
    const std::vector<int> days = Days();
    if (rule.frequency == Frequency::kMonthly || days.size() > 1) return false;
    // A day of the week among those of days is weekly, but every other Monday of every other day.
    if (rule.frequency == Frequency::kDaily && !days.empty() && rule.interval > 1) return false;
    Rotation& rotation = layer_.rotation;
    rotation.unit = rule.frequency == Frequency::kHourly ? Unit::kHour
                    : days.empty()                       ? Unit::kDay
                                                         : Unit::kWeek;
    const int64_t unit = rotation.unit == Unit::kHour  ? 3600
                         : rotation.unit == Unit::kDay ? Window::kDay
                                                       : Window::kWeek;
    const int64_t period = unit * rule.interval;
    if (rule.interval * event_.each > kLengthMax) return false;
    if (event_.duration >= period) {
      if (event_.duration > period) Overlaps();
      rotation.length = rule.interval * event_.each;
      rotation.slots = event_.slots;
      return true;
    }
    if (rotation.unit == Unit::kHour || event_.duration > unit) return false;
    const int64_t count =
        std::ssize(event_.slots) * (rule.interval == 1 ? 1 : event_.each * rule.interval);
    if (count > kSlotsMax) return false;
    if (rule.interval == 1) {
      rotation.length = event_.each;
      rotation.slots = event_.slots;
    } else {
      rotation.length = 1;
      for (const Targets& slot : event_.slots) {
        for (int64_t i = 0; i < event_.each; ++i) {
          rotation.slots.push_back(slot);
          rotation.slots.resize(rotation.slots.size() + static_cast<size_t>(rule.interval - 1));
        }
      }
    }
    if (event_.duration < unit) {
      const bool is_weekly = rotation.unit == Unit::kWeek;
      layer_.windows = {{is_weekly, FloorMod(first_ - kMonday, unit), event_.duration}};
    }
    return true;
  }

  // On several days of every week, each of them a shift.
  bool OnDays() {
    const std::vector<int> days = Days();
    if (days.size() < 2 || event_.set.rule.interval > 1 || event_.duration > Window::kWeek)
      return false;
    const int64_t clock = FloorMod(event_.start - kMonday, Window::kDay);
    int64_t shortest = Window::kWeek;
    for (size_t i = 0; i < days.size(); ++i) {
      layer_.windows.push_back({true, days[i] * Window::kDay + clock, event_.duration});
      const int next = i + 1 < days.size() ? days[i + 1] : days.front() + 7;
      shortest = std::min<int64_t>(shortest, (next - days[i]) * Window::kDay);
    }
    Rotation& rotation = layer_.rotation;
    rotation.slots = event_.slots;
    if (event_.slots.size() < 2 && event_.duration > shortest) {
      loader_.Note(Note::kKept, view_, "end_time", event_.subject, "a shift lasts into the next");
    }
    if (event_.slots.size() < 2) return true;
    if (event_.duration > shortest) Overlaps();
    rotation.counts_shifts = true;
    rotation.unit = Unit::kDay;
    rotation.length = event_.each;
    return true;
  }

  // From a day of the month to that of the next.
  bool OfMonths() {
    const Recurrence& rule = event_.set.rule;
    const bool is_simple = rule.frequency == Frequency::kMonthly && rule.is_plain() &&
                           rule.days.empty() && event_.set.extra.empty() &&
                           event_.set.except.empty();
    if (!is_simple || event_.start.day() > 28) return false;
    const cctz::civil_month next = cctz::civil_month(event_.start) + rule.interval;
    const LocalTime end(next.year(), next.month(), event_.start.day(), event_.start.hour(),
                        event_.start.minute(), event_.start.second());
    if (event_.start + event_.duration != end) return false;
    const WallTime begin = FirstInstant(event_.start, event_.zone.zone);
    layer_.start = std::max(layer_.start.value_or(begin), begin);
    layer_.rotation.anchor = begin;
    layer_.rotation.unit = Unit::kMonth;
    layer_.rotation.length = rule.interval * event_.each;
    layer_.rotation.slots = event_.slots;
    return true;
  }

  // Shift by shift, as far as may be.
  void WriteOut() {
    const WallTime from =
        std::max(layer_.start.value_or(kEarliest), FirstInstant(first_, event_.zone.zone));
    const LocalTime now = ToLocal(from, event_.zone.zone);
    const WallTime horizon = FirstInstant(
        LocalTime(now.year() + kYearsWritten, now.month(), now.day()), event_.zone.zone);
    Occurrences occurrences(event_.set, event_.start);
    std::optional<LocalTime> last;
    bool overlaps = false;
    for (int64_t number = 0;; ++number) {
      const auto at = occurrences.Next();
      if (!at) break;
      const WallTime begin = FirstInstant(*at, event_.zone.zone);
      const WallTime end = LastInstant(*at + event_.duration, event_.zone.zone);
      if (layer_.end && begin >= *layer_.end) break;
      const bool is_far = begin > horizon;
      if (is_far || layer_.shifts.size() == kShiftsMax || number == kLookedMax ||
          loader_.shifts_written == kAllShiftsMax) {
        Cut(begin, is_far);
        break;
      }
      if (end <= from) continue;
      const auto slot = static_cast<size_t>(number / event_.each % std::ssize(event_.slots));
      overlaps |= last && *at - *last < event_.duration;
      last = *at;
      layer_.shifts.push_back({begin, end, event_.slots[slot]});
      ++loader_.shifts_written;
    }
    if (overlaps) Overlaps();
  }

  void Cut(WallTime begin, bool is_far) {
    const std::string text = "is written out shift by shift until " +
                             FormatRfc3339(begin, 0).substr(0, 10) + ": nobody is on call after it";
    loader_.Note(Note::kChanged, view_, "recurrence", event_.subject, text);
    if (is_far) return;
    view_.Warn("recurrence", event_.subject + ": " + text,
               "its shifts are too many, or begin too long before it takes effect");
  }

  void Overlaps() {
    loader_.Note(Note::kChanged, view_, "end_time", event_.subject,
                 "a shift lasts into the next: it hands off there");
  }

  const PagerDutyEvent& event_;
  View view_;
  Loader& loader_;
  Layer& layer_;
  LocalTime first_;  // The first occurrence: that of the start, if it is one.
};

}  // namespace

void LayOut(const PagerDutyEvent& event, const View& view, Loader* loader, Layer* layer) {
  Writer(event, view, loader, layer).Recur();
}

}  // namespace watchfire::oncall
