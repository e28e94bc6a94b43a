// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/history.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

// A minute that begins a day.
constexpr int64_t kDay = 1440;
constexpr int64_t kStart = 20'000 * kDay;

// Every minute's events, for comparison.
class Truth {
 public:
  explicit Truth(size_t minutes, uint64_t seed = 7) : events_(minutes) {
    std::minstd_rand random(static_cast<uint32_t>(seed));
    for (Events& each : events_) {
      each.total = static_cast<double>(random() % 1000);
      each.bad = static_cast<double>(random() % 10);
    }
  }
  Events At(int64_t minute) const {
    const int64_t index = minute - kStart;
    const bool known = index >= 0 && index < static_cast<int64_t>(events_.size());
    return known ? events_[static_cast<size_t>(index)] : Events();
  }
  Events Between(int64_t from, int64_t to) const {
    Events sum;
    for (int64_t minute = from; minute < to; ++minute) sum += At(minute);
    return sum;
  }
  int64_t end() const { return kStart + static_cast<int64_t>(events_.size()); }

 private:
  std::vector<Events> events_;
};

History Recorded(const Truth& truth) {
  History history(kStart);
  for (int64_t minute = kStart; minute < truth.end(); ++minute) {
    history.Advance(minute);
    history.Set(Level::kMinute, minute, truth.At(minute));
  }
  return history;
}

TEST(HistoryTest, WindowsOfUpToSevenHoursAndAHalfAreExact) {
  const Truth truth(3 * kDay + 123);
  const History history = Recorded(truth);
  for (const int64_t window : {1, 5, 30, 60, 120, 360, 455}) {
    EXPECT_EQ(history.Between(truth.end() - window, truth.end()),
              truth.Between(truth.end() - window, truth.end()))
        << window;
  }
}

TEST(HistoryTest, LongerWindowsAreExactButForTheShareOfTheirOldestSlot) {
  const Truth truth(40 * kDay + 777);
  const History history = Recorded(truth);
  const auto error_of = [&](int64_t window, int64_t unit) {
    const Events got = history.Between(truth.end() - window, truth.end());
    const Events want = truth.Between(truth.end() - window, truth.end());
    // No more than what the slot at the edge counted.
    EXPECT_LE(std::abs(got.total - want.total), 1000.0 * static_cast<double>(unit)) << window;
    return std::abs(got.total - want.total) / want.total;
  };
  EXPECT_LT(error_of(kDay, 5), 0.002);
  EXPECT_LT(error_of(3 * kDay, 5), 0.001);
  EXPECT_LT(error_of(30 * kDay, 60), 0.0005);
  EXPECT_LT(error_of(35 * kDay, 1440), 0.01);
  // At the border of a slot nothing is shared out.
  const int64_t hour = (truth.end() - 20 * kDay) / 60 * 60;
  EXPECT_EQ(history.Between(hour, truth.end()), truth.Between(hour, truth.end()));
}

TEST(HistoryTest, AnHourWhoseMinutesWereToldIsSharedOutByItsEvents) {
  History history(kStart);
  history.Advance(kStart + 10 * kDay);
  const int64_t hour = kStart / 60;
  history.Set(Level::kHour, hour, {120, 6000});
  const auto since = [&](int64_t minute) {
    return history.Between(kStart + minute, kStart + 10 * kDay);
  };
  EXPECT_EQ(since(15), (Events{90, 4500}));
  // All errors in the first ten minutes, and half of the requests in the last one.
  History::Minutes minutes{};
  for (size_t i = 0; i < 10; ++i) minutes[i] = {1, 8};
  minutes[59] = {0, 80};
  history.Tell(hour, minutes);
  EXPECT_EQ(since(0), (Events{120, 6000}));
  EXPECT_NEAR(since(5).bad, 60, 1e-2);
  EXPECT_NEAR(since(5).total, 4500, 0.1);
  for (const int64_t minute : {15, 59}) {
    EXPECT_NEAR(since(minute).bad, 0, 1e-6);
    EXPECT_NEAR(since(minute).total, 3000, 0.1);
  }
  EXPECT_EQ(since(60), Events());
  // Nothing happened in it, as they say: they do not know it.
  history.Tell(hour, {});
  EXPECT_EQ(since(15), (Events{90, 4500}));
  history.Tell(hour, minutes);
  history.KeepTold({hour + 1});
  EXPECT_EQ(since(15), (Events{90, 4500}));
}

TEST(HistoryTest, TheOrderOfWritingDoesNotMatter) {
  const Truth truth(2 * kDay);
  const History forth = Recorded(truth);
  const int64_t newest = truth.end() - 1;
  History shuffled(newest);
  // Minutes first, newest first or in any order; the rest, which minutes do not reach, as slots of
  // five minutes.
  std::vector<int64_t> minutes;
  const Reach reach = ReachOf(Level::kMinute, newest);
  for (int64_t minute = reach.begin; minute < reach.end; ++minute) minutes.push_back(minute);
  std::ranges::shuffle(minutes, std::minstd_rand(3));
  for (const int64_t minute : minutes) {
    shuffled.Set(Level::kMinute, minute, truth.At(minute));
    shuffled.Set(Level::kMinute, minute, truth.At(minute));  // Again: no effect.
  }
  for (int64_t slot = reach.begin / 5 - 1; slot * 5 >= kStart; --slot) {
    shuffled.Set(Level::kFiveMinutes, slot, truth.Between(slot * 5, slot * 5 + 5));
  }
  for (const int64_t window : {1, 17, 300, 455, 1000, 2875}) {
    EXPECT_EQ(shuffled.Between(truth.end() - window, truth.end()),
              forth.Between(truth.end() - window, truth.end()))
        << window;
  }
  EXPECT_EQ(shuffled.At(Level::kDay, kStart / kDay), truth.Between(kStart, kStart + kDay));
}

TEST(HistoryTest, AnOverwrittenSlotChangesEveryLevel) {
  const Truth truth(2 * kDay);
  History history = Recorded(truth);
  const int64_t minute = truth.end() - 100;
  const Events old = history.At(Level::kMinute, minute);
  history.Set(Level::kMinute, minute, old + Events{5, 50});
  for (const Level level : {Level::kMinute, Level::kFiveMinutes, Level::kHour}) {
    const int64_t begin = SlotAt(level, minute) * MinutesOf(level);
    EXPECT_EQ(history.At(level, SlotAt(level, minute)),
              truth.Between(begin, begin + MinutesOf(level)) + (Events{5, 50}));
  }
  EXPECT_EQ(history.Between(truth.end() - 99, truth.end()),
            truth.Between(truth.end() - 99, truth.end()));
}

TEST(HistoryTest, SumsStayExactUnderHeavyTraffic) {
  // A million requests a second for 200 days, minute by minute through every wrap of every ring.
  History history(kStart);
  const Events minute_events{123, 60e6};
  const int64_t end = kStart + 200 * kDay;
  for (int64_t minute = kStart; minute < end; ++minute) {
    history.Advance(minute);
    history.Set(Level::kMinute, minute, minute_events);
  }
  EXPECT_EQ(history.Between(end - 60, end), minute_events * 60);
  EXPECT_EQ(history.Between(end - 30 * kDay, end), minute_events * (30 * kDay));
}

TEST(HistoryTest, WhatWasNotCountedIsZero) {
  History history(kStart);
  EXPECT_EQ(history.Between(kStart - 100 * kDay, kStart + 1), Events());
  history.Set(Level::kMinute, kStart, {1, 10});
  history.Advance(kStart + 3);  // Two minutes nobody asked about.
  EXPECT_EQ(history.Between(kStart - 5, kStart + 4), (Events{1, 10}));
  history.Advance(kStart + 500 * kDay);
  EXPECT_EQ(history.Between(kStart - 10, kStart + 501 * kDay), Events());
  EXPECT_FALSE(history.Holds(Level::kDay, kStart / kDay));
  history.Set(Level::kMinute, kStart, {1, 10});  // Too old: no effect.
  EXPECT_EQ(history.Between(kStart - 10, kStart + 501 * kDay), Events());
}

TEST(HistoryTest, LevelsTouchAndDoNotOverlap) {
  for (int64_t newest = kStart; newest < kStart + 3 * kDay; newest += 7) {
    EXPECT_EQ(ReachOf(Level::kMinute, newest).end, newest + 1);
    for (const Level finer : {Level::kMinute, Level::kFiveMinutes, Level::kHour}) {
      const Level coarser = static_cast<Level>(static_cast<int>(finer) + 1);
      const Reach reach = ReachOf(finer, newest);
      EXPECT_EQ(reach.begin, ReachOf(coarser, newest).end);
      EXPECT_EQ(reach.begin % MinutesOf(coarser), 0);
    }
    EXPECT_GE(newest + 1 - ReachOf(Level::kMinute, newest).begin, 455);
    EXPECT_GE(newest + 1 - ReachOf(Level::kFiveMinutes, newest).begin, 93 * 60);
    EXPECT_GE(newest + 1 - ReachOf(Level::kHour, newest).begin, 31 * kDay);
  }
}

TEST(HistoryTest, FitsInto40KibibytesAndItsHead) {
  RecordProperty("bytes", static_cast<int>(History::Bytes()));
  std::printf("[          ] %zu bytes a series\n", History::Bytes());
  EXPECT_LE(History::Bytes(), 40 * 1024 + sizeof(History));
}

}  // namespace
}  // namespace watchfire::slo
