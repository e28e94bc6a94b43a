// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/turns.h"

#include <algorithm>

#include "pkg/base/check.h"

namespace watchfire::oncall {
namespace {

int64_t SecondsOf(Unit unit) {
  switch (unit) {
    case Unit::kMinute:
      return 60;
    case Unit::kHour:
      return 60 * 60;
    case Unit::kDay:
      return Window::kDay;
    case Unit::kWeek:
      return Window::kWeek;
    case Unit::kMonth:
      return 0;
  }
  WF_CHECK(false);
}

// For each day of the week that has one, the start of its first window.
std::vector<int64_t> DayStarts(const Windows& windows) {
  std::vector<int64_t> first(7, -1);
  const auto add = [&](int64_t start) {
    int64_t& day = first[static_cast<size_t>(start / Window::kDay)];
    if (day < 0 || start < day) day = start;
  };
  for (const Window& window : windows) {
    for (int64_t day = 0; day < (window.is_weekly ? 1 : 7); ++day) {
      add(window.start + day * Window::kDay);
    }
  }
  std::erase(first, -1);
  return first;
}

// The same day and time some months on; a day that the month lacks is its last.
LocalTime AddMonths(LocalTime from, int64_t months) {
  const cctz::civil_month month = cctz::civil_month(from) + months;
  const int64_t last = cctz::civil_day(month + 1) - cctz::civil_day(month);
  const int64_t day = std::min<int64_t>(from.day(), last);
  return LocalTime(month.year(), month.month(), day, from.hour(), from.minute(), from.second());
}

}  // namespace

Turns::Turns(const Layer& layer)
    : layer_(layer), anchor_(ToLocal(layer.rotation.anchor, layer.zone.zone)) {
  WF_CHECK(!layer.rotation.slots.empty());
  WF_CHECK(layer.rotation.length > 0);
  if (layer.rotation.counts_shifts) starts_ = DayStarts(layer.windows);
  if (starts_.empty()) {
    seconds_ = SecondsOf(layer.rotation.unit) * layer.rotation.length;
    return;
  }
  week_ = kMonday + FloorDiv(anchor_ - kMonday, Window::kWeek) * Window::kWeek;
  const int64_t day = FloorDiv(anchor_ - week_, Window::kDay) * Window::kDay;
  before_ = std::ranges::lower_bound(starts_, day) - starts_.begin();
}

LocalTime Turns::LocalBegin(int64_t number) const {
  if (!starts_.empty()) {
    const auto per_week = static_cast<int64_t>(starts_.size());
    const int64_t shift = before_ + number * layer_.rotation.length;
    return week_ + FloorDiv(shift, per_week) * Window::kWeek +
           starts_[static_cast<size_t>(FloorMod(shift, per_week))];
  }
  if (seconds_ == 0) return AddMonths(anchor_, number * layer_.rotation.length);
  return anchor_ + number * seconds_;
}

int64_t Turns::Guess(LocalTime at) const {
  const int64_t length = layer_.rotation.length;
  if (!starts_.empty()) {
    const int64_t week = FloorDiv(at - week_, Window::kWeek);
    const int64_t rest = at - week_ - week * Window::kWeek;
    const int64_t begun = std::ranges::upper_bound(starts_, rest) - starts_.begin();
    const int64_t shift = week * static_cast<int64_t>(starts_.size()) + begun - 1;
    return FloorDiv(shift - before_, length);
  }
  if (seconds_ == 0) return FloorDiv(cctz::civil_month(at) - cctz::civil_month(anchor_), length);
  return FloorDiv(at - anchor_, seconds_);
}

int64_t Turns::At(WallTime at) const {
  const WallTime cut =
      std::clamp(at, kEarliest + std::chrono::seconds(1), kLatest - std::chrono::seconds(1));
  int64_t number = Guess(ToLocal(cut, layer_.zone.zone));
  // Off by a turn at most, but for turns shorter than a jump of the clock.
  while (Begin(number + 1) <= cut) ++number;
  while (Begin(number) > cut) --number;
  return number;
}

WallTime Turns::Begin(int64_t number) const {
  return FirstInstant(LocalBegin(number), layer_.zone.zone);
}

const Targets& Turns::Slot(int64_t number) const {
  const auto& slots = layer_.rotation.slots;
  return slots[static_cast<size_t>(FloorMod(number, static_cast<int64_t>(slots.size())))];
}

}  // namespace watchfire::oncall
