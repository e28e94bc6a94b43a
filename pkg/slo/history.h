// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What was counted, minute by minute, for as long as error budgets look back, in 40 KiB a series:
//
//   minutes      460  7½ h    every window of up to 7½ h is exact to the minute
//   5 minutes   1128  93 h    longer windows: their oldest edge lies inside of a slot, of
//   hours        768  31 d    which the share in the window is taken: that of the time, or, of an
//                             hour whose minutes were told, that of its events
//   days (UTC)   400  13 mon  reports, and periods of more than 31 days
//
// Each level but the last is a ring of prefix sums: a window is two subtractions, and a late
// correction adds to what stands behind it. What is written at one level counts for the coarser
// ones as well. Pure. Reference: slo-and-rules §7.5, §7.6.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "pkg/base/time.h"

namespace watchfire::slo {

struct Events {
  double bad = 0;
  double total = 0;

  Events& operator+=(const Events& other) {
    bad += other.bad;
    total += other.total;
    return *this;
  }
  Events operator+(const Events& other) const { return {bad + other.bad, total + other.total}; }
  Events operator-(const Events& other) const { return {bad - other.bad, total - other.total}; }
  Events operator*(double share) const { return {bad * share, total * share}; }
  bool operator==(const Events&) const = default;
};

enum class Level : uint8_t { kMinute, kFiveMinutes, kHour, kDay };
inline constexpr size_t kLevelCount = 4;
inline constexpr std::array<int64_t, kLevelCount> kLevelMinutes = {1, 5, 60, 1440};
inline constexpr std::array<size_t, kLevelCount> kLevelSlots = {460, 1128, 768, 400};

// Slots are numbered on the UTC axis: slot n of a level is [n, n + 1) times its minutes since 1970.
inline int64_t MinutesOf(Level level) { return kLevelMinutes[static_cast<size_t>(level)]; }
inline Duration StepOf(Level level) { return std::chrono::minutes(MinutesOf(level)); }
int64_t FloorDiv(int64_t a, int64_t b);
int64_t CeilDiv(int64_t a, int64_t b);
int64_t SlotAt(Level level, int64_t minute);
int64_t MinuteAt(WallTime time);  // The minute that `time` lies in.
// When a slot is over: where its increments are asked.
WallTime EndOf(Level level, int64_t slot);

// The minutes that a level answers for while `newest` is the newest minute: those whose finer slots
// are gone, in whole slots of its own. [begin, end), neighbouring levels touch.
struct Reach {
  int64_t begin = 0;
  int64_t end = 0;
};
Reach ReachOf(Level level, int64_t newest);

class History {
 public:
  // Nothing was counted before; `newest` is the newest minute.
  explicit History(int64_t newest);

  // Makes `minute` the newest, with nothing counted since. No effect if it is not newer.
  void Advance(int64_t minute);
  int64_t newest() const { return newest_; }

  // Whether `slot` is one that the level still has and may be written.
  bool Holds(Level level, int64_t slot) const;
  // What was counted in it; nothing if it is not held.
  Events At(Level level, int64_t slot) const;
  // Replaces it, and changes the coarser slots around it by the difference. Only slots within
  // ReachOf(), or those of minutes that finer levels do not have, keep levels in step. No effect on
  // slots that are not held.
  void Set(Level level, int64_t slot, const Events& events);

  // What was counted in the minutes [from, to). Zero for what is not held.
  Events Between(int64_t from, int64_t to) const;

  // How an hour's events are spread over its minutes, which its slot does not tell. Says nothing of
  // how many there are: Set() does. Costs a quarter of a kilobyte.
  using Minutes = std::array<Events, 60>;
  void Tell(int64_t hour, const Minutes& minutes);
  // Forgets that of all other hours.
  void KeepTold(const std::set<int64_t>& hours);

  // Whether nothing was counted on the day of `minute` and since.
  bool SilentSince(int64_t minute) const;

  // Memory that one takes, in bytes, without what it was told of minutes; and with it.
  static size_t Bytes();
  size_t bytes() const { return Bytes() + told_.capacity() * sizeof(Told); }

 private:
  struct Pair {
    float bad = 0;
    float total = 0;
  };
  // One block: allocators round sizes of that order up by as much as an eighth, so it is made to
  // fit what they have.
  struct Slots {
    // Prefix sums, level behind level: at [slot % size] all that was counted up to the slot's end.
    std::array<Events, kLevelSlots[0] + kLevelSlots[1] + kLevelSlots[2]> sums;
    std::array<Pair, kLevelSlots[3]> days;
  };
  static_assert(sizeof(Slots) <= size_t{40} * 1024);
  // The shares of an hour's events that are over at the end of each of its minutes, of kAll.
  static constexpr uint16_t kAll = UINT16_MAX;
  struct Told {
    int64_t hour = 0;
    std::array<uint16_t, 60> bad;
    std::array<uint16_t, 60> total;
  };

  void Push(Level level, int64_t from, int64_t to);
  void Add(Level level, int64_t slot, const Events& difference);
  Events SumUpTo(Level level, int64_t minute) const;
  Events ShareUpTo(Level level, int64_t minute) const;
  Events DaysBetween(int64_t from, int64_t to) const;

  // The sum up to the end of a slot of a level that is no day.
  const Events& Sum(Level level, int64_t slot) const;
  Events& Sum(Level level, int64_t slot);
  const Pair& Day(int64_t slot) const;
  Pair& Day(int64_t slot);

  int64_t newest_;
  // By level, what Sum() is of the slot before the oldest.
  std::array<Events, kLevelCount - 1> before_{};
  std::vector<Slots> slots_;  // One, on the heap.
  std::vector<Told> told_;    // Those of an edge or two.
};

}  // namespace watchfire::slo
