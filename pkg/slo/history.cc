// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/history.h"

#include <algorithm>

namespace watchfire::slo {
namespace {

constexpr size_t Index(Level level) { return static_cast<size_t>(level); }

int64_t SlotsOf(Level level) { return static_cast<int64_t>(kLevelSlots[Index(level)]); }

// Where a level's sums begin.
constexpr std::array<size_t, kLevelCount - 1> kLevelBegin = {0, kLevelSlots[0],
                                                             kLevelSlots[0] + kLevelSlots[1]};

size_t Place(Level level, int64_t slot) {
  const int64_t size = SlotsOf(level);
  return static_cast<size_t>(((slot % size) + size) % size);
}

int64_t OldestSlot(Level level, int64_t newest) {
  return SlotAt(level, newest) - SlotsOf(level) + 1;
}

}  // namespace

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t CeilDiv(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

int64_t SlotAt(Level level, int64_t minute) { return FloorDiv(minute, MinutesOf(level)); }

int64_t MinuteAt(WallTime time) {
  return FloorDiv(ToNanos(time), Duration(std::chrono::minutes(1)).count());
}

WallTime EndOf(Level level, int64_t slot) {
  return WallTime(std::chrono::minutes((slot + 1) * MinutesOf(level)));
}

Reach ReachOf(Level level, int64_t newest) {
  // A level begins where a slot of the next one does, so that no coarser slot is cut.
  const auto begin = [newest](size_t index) {
    const Level at = static_cast<Level>(index);
    const int64_t oldest = OldestSlot(at, newest) * MinutesOf(at);
    const int64_t unit = index + 1 < kLevelCount ? kLevelMinutes[index + 1] : 1;
    return CeilDiv(oldest, unit) * unit;
  };
  const size_t index = Index(level);
  return {begin(index), index == 0 ? newest + 1 : begin(index - 1)};
}

History::History(int64_t newest) : newest_(newest), slots_(1) {}

const Events& History::Sum(Level level, int64_t slot) const {
  return slots_.front().sums[kLevelBegin[Index(level)] + Place(level, slot)];
}

Events& History::Sum(Level level, int64_t slot) {
  return slots_.front().sums[kLevelBegin[Index(level)] + Place(level, slot)];
}

const History::Pair& History::Day(int64_t slot) const {
  return slots_.front().days[Place(Level::kDay, slot)];
}

History::Pair& History::Day(int64_t slot) { return slots_.front().days[Place(Level::kDay, slot)]; }

void History::Advance(int64_t minute) {
  if (minute <= newest_) return;
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    Push(level, SlotAt(level, newest_), SlotAt(level, minute));
  }
  newest_ = minute;
}

void History::Push(Level level, int64_t from, int64_t to) {
  const int64_t size = SlotsOf(level);
  if (level == Level::kDay) {
    for (int64_t slot = std::max(from + 1, to - size + 1); slot <= to; ++slot) {
      Day(slot) = {};
    }
    return;
  }
  Events& before = before_[Index(level)];
  if (to - from >= size) {
    for (int64_t place = 0; place < size; ++place) Sum(level, place) = {};
    before = {};
    return;
  }
  for (int64_t slot = from + 1; slot <= to; ++slot) {
    before = Sum(level, slot);  // Was the oldest.
    Sum(level, slot) = Sum(level, slot - 1);
    if (Place(level, slot) != 0) continue;
    // Once around: sums count from the oldest again, so that they stay small and exact.
    for (int64_t place = 0; place < size; ++place) {
      Sum(level, place) = Sum(level, place) - before;
    }
    before = {};
  }
}

bool History::Holds(Level level, int64_t slot) const {
  return slot <= SlotAt(level, newest_) && slot >= OldestSlot(level, newest_);
}

Events History::At(Level level, int64_t slot) const {
  if (!Holds(level, slot)) return {};
  if (level == Level::kDay) {
    const Pair& day = Day(slot);
    return {day.bad, day.total};
  }
  const bool oldest = slot == OldestSlot(level, newest_);
  return Sum(level, slot) - (oldest ? before_[Index(level)] : Sum(level, slot - 1));
}

void History::Set(Level level, int64_t slot, const Events& events) {
  if (!Holds(level, slot)) return;
  const Events difference = events - At(level, slot);
  if (difference == Events()) return;
  const int64_t minute = slot * MinutesOf(level);
  for (size_t i = Index(level); i < kLevelCount; ++i) {
    const Level each = static_cast<Level>(i);
    Add(each, SlotAt(each, minute), difference);
  }
}

void History::Add(Level level, int64_t slot, const Events& difference) {
  if (!Holds(level, slot)) return;
  if (level == Level::kDay) {
    Pair& day = Day(slot);
    day.bad += static_cast<float>(difference.bad);
    day.total += static_cast<float>(difference.total);
    return;
  }
  const int64_t newest = SlotAt(level, newest_);
  for (; slot <= newest; ++slot) Sum(level, slot) += difference;
}

void History::Tell(int64_t hour, const Minutes& minutes) {
  std::erase_if(told_, [hour](const Told& told) { return told.hour == hour; });
  Events all;
  for (const Events& each : minutes) all += each;
  if (!(all.total > 0)) return;
  Told told{hour, {}, {}};
  // Sides that are differences may fall.
  const auto of_all = [](double share) {
    return static_cast<uint16_t>(std::clamp(share, 0.0, 1.0) * kAll + 0.5);
  };
  Events sum;
  const double unit = static_cast<double>(minutes.size());
  for (size_t i = 0; i < minutes.size(); ++i) {
    sum += minutes[i];
    const double time = static_cast<double>(i + 1) / unit;
    told.bad[i] = of_all(all.bad > 0 ? sum.bad / all.bad : time);
    told.total[i] = of_all(sum.total / all.total);
  }
  told_.push_back(told);
}

void History::KeepTold(const std::set<int64_t>& hours) {
  std::erase_if(told_, [&](const Told& told) { return !hours.contains(told.hour); });
}

// Of the events of the slot that `minute` lies in, those before it.
Events History::ShareUpTo(Level level, int64_t minute) const {
  const int64_t slot = SlotAt(level, minute);
  const int64_t inside = minute - slot * MinutesOf(level);
  if (inside == 0) return {};
  if (level == Level::kHour) {
    const auto told = std::ranges::find(told_, slot, &Told::hour);
    if (told != told_.end()) {
      const size_t last = static_cast<size_t>(inside - 1);
      const Events shares{static_cast<double>(told->bad[last]),
                          static_cast<double>(told->total[last])};
      return {shares.bad / kAll, shares.total / kAll};
    }
  }
  const double time = static_cast<double>(inside) / static_cast<double>(MinutesOf(level));
  return {time, time};
}

Events History::SumUpTo(Level level, int64_t minute) const {
  const int64_t slot = SlotAt(level, minute);
  const int64_t oldest = OldestSlot(level, newest_);
  const Events& before = before_[Index(level)];
  if (slot < oldest) return before;
  if (slot > SlotAt(level, newest_)) return Sum(level, SlotAt(level, newest_));
  const Events begin = slot == oldest ? before : Sum(level, slot - 1);
  const Events share = ShareUpTo(level, minute);
  const Events events = At(level, slot);
  return begin + Events{events.bad * share.bad, events.total * share.total};
}

Events History::DaysBetween(int64_t from, int64_t to) const {
  const int64_t minutes = MinutesOf(Level::kDay);
  Events sum;
  for (int64_t slot = SlotAt(Level::kDay, from); slot * minutes < to; ++slot) {
    const int64_t inside = std::min(to, (slot + 1) * minutes) - std::max(from, slot * minutes);
    sum += At(Level::kDay, slot) * (static_cast<double>(inside) / static_cast<double>(minutes));
  }
  return sum;
}

Events History::Between(int64_t from, int64_t to) const {
  Events sum;
  for (size_t i = 0; i < kLevelCount; ++i) {
    const Level level = static_cast<Level>(i);
    const Reach reach = ReachOf(level, newest_);
    const int64_t begin = std::max(from, reach.begin);
    const int64_t end = std::min(to, reach.end);
    if (begin >= end) continue;
    if (level == Level::kDay) {
      sum += DaysBetween(begin, end);
      continue;
    }
    sum += SumUpTo(level, end) - SumUpTo(level, begin);
  }
  return sum;
}

bool History::SilentSince(int64_t minute) const {
  // Days have everything, whatever level it was written at.
  const int64_t newest = SlotAt(Level::kDay, newest_);
  for (int64_t day = SlotAt(Level::kDay, minute); day <= newest; ++day) {
    if (At(Level::kDay, day) != Events()) return false;
  }
  return true;
}

size_t History::Bytes() { return sizeof(History) + sizeof(Slots); }

}  // namespace watchfire::slo
