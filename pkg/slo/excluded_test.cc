// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/excluded.h"

#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

constexpr int64_t kNewest = 20'000 * 1440 - 1;  // The last minute of a day.

// A history in which every minute has 10 events, all of them bad in [from, to).
History WithOutage(int64_t from, int64_t to, int64_t since) {
  History history(since);
  for (int64_t minute = since + 1; minute <= kNewest; ++minute) {
    history.Advance(minute);
    history.Set(Level::kMinute, minute, {minute >= from && minute < to ? 10.0 : 0.0, 10});
  }
  return history;
}

Events Left(const History& history, int64_t begin, int64_t end, const ExcludedSpans& spans) {
  return history.Between(begin, end) - ExcludedEvents(history, begin, end, spans);
}

TEST(ExcludedTest, MinutesAreLeftOutExactly) {
  const History history = WithOutage(kNewest - 99, kNewest - 79, kNewest - 400);
  const int64_t end = kNewest + 1;
  const ExcludedSpans outage{{kNewest - 99, kNewest - 79}};
  EXPECT_EQ(Left(history, end - 200, end, outage), (Events{0, 1800}));
  // A window that begins inside of it.
  EXPECT_EQ(history.Between(end - 90, end), (Events{100, 900}));
  EXPECT_EQ(Left(history, end - 90, end, outage), (Events{0, 800}));
  EXPECT_EQ(Left(history, end - 10, end, outage), (Events{0, 100})) << "elsewhere it is nothing";
  EXPECT_EQ(Left(history, end - 200, end, {}), (Events{200, 2000}));
}

TEST(ExcludedTest, AnOutageStaysLeftOutWhenItsSlotsBecomeHours) {
  // Ten days ago: known by the hour. Twenty minutes of an hour that begins with a full one.
  const int64_t hour = kNewest + 1 - 10 * 1440;
  const History history = WithOutage(hour + 10, hour + 30, hour - 1440);
  const int64_t end = kNewest + 1;
  const int64_t begin = hour - 60;
  const Events left = Left(history, begin, end, {{hour + 10, hour + 30}});
  EXPECT_NEAR(left.bad, 0, 1e-6);
  EXPECT_NEAR(left.total, static_cast<double>(end - begin - 20) * 10, 1e-6);
  // Two parts of one hour take its bad events together, once.
  const Events parts = Left(history, begin, end, {{hour + 5, hour + 20}, {hour + 20, hour + 25}});
  EXPECT_NEAR(parts.bad, 0, 1e-6);
  // Less time than the outage took cannot have had all of it.
  const Events some = Left(history, begin, end, {{hour + 10, hour + 15}});
  EXPECT_NEAR(some.bad, 150, 1e-6);
  EXPECT_NEAR(some.total, static_cast<double>(end - begin - 5) * 10, 1e-6);
}

TEST(ExcludedTest, AnHourWhoseMinutesWereToldIsLeftOutAsItIsCounted) {
  const int64_t hour = kNewest + 1 - 10 * 1440;
  History history = WithOutage(hour + 40, hour + 60, hour - 1440);
  History::Minutes minutes{};
  for (size_t i = 0; i < minutes.size(); ++i) minutes[i] = {i < 40 ? 0.0 : 10.0, 10};
  history.Tell(hour / 60, minutes);
  const int64_t end = kNewest + 1;
  // A window that begins within it has all of its errors, of which none may be left.
  EXPECT_NEAR(history.Between(hour + 30, end).bad, 200, 1e-2);
  EXPECT_NEAR(Left(history, hour + 30, end, {{hour - 60, hour + 120}}).bad, 0, 1e-2);
  EXPECT_NEAR(Left(history, hour + 30, end, {{hour + 35, hour + 60}}).bad, 0, 1e-2);
}

TEST(ExcludedTest, WholeSlotsAndBothEdgesAddUp) {
  const int64_t hour = kNewest + 1 - 10 * 1440;
  const History history = WithOutage(hour, hour + 180, hour - 1440);
  const int64_t end = kNewest + 1;
  // Half of the first and of the last hour, and the one between.
  const Events left = Left(history, hour, end, {{hour + 30, hour + 150}});
  EXPECT_NEAR(left.bad, 600, 1e-6);
  EXPECT_NEAR(left.total, static_cast<double>(end - hour - 120) * 10, 1e-6);
}

TEST(ExcludedTest, ADayIsNotForgivenItsErrorsByASchedule) {
  // Forty days ago: known by the day.
  const int64_t day = kNewest + 1 - 40 * 1440;
  const History history = WithOutage(day + 600, day + 660, day - 1440);
  const int64_t end = day + 1440;
  EXPECT_NEAR(Left(history, day, end, {{day + 600, day + 660, false}}).bad, 0, 1e-3);
  EXPECT_NEAR(Left(history, day, end, {{day, day + 144, true}}).bad, 540, 1e-3);
}

TEST(ExcludedTest, OfRoundingNothingIsMade) {
  // Two days ago: known by five minutes, of which the window has the last two.
  const int64_t slot = kNewest + 1 - 2 * 1440;
  History history(kNewest - 3 * 1440);
  history.Advance(kNewest);
  history.Set(Level::kFiveMinutes, slot / 5, {100, 100});
  const int64_t end = kNewest + 1;
  EXPECT_GT(history.Between(slot + 3, end).total, 39);
  EXPECT_EQ(EventsWithout(history, slot + 3, end, {{slot + 3, slot + 5}}), Events());
  EXPECT_EQ(EventsWithout(history, slot + 3, end, {{end - 5, end}}),
            history.Between(slot + 3, end));
}

TEST(ExcludedTest, ANumberTellsSpansApart) {
  EXPECT_EQ(NumberOf(ExcludedSpans()), 0U);
  EXPECT_NE(NumberOf({{10, 20}}), 0U);
  EXPECT_EQ(NumberOf({{10, 20}}), NumberOf({{10, 20}}));
  EXPECT_NE(NumberOf({{10, 20}}), NumberOf({{11, 21}}));
  EXPECT_NE(NumberOf({{10, 20}}), NumberOf({{10, 20, true}}));
  EXPECT_NE(NumberOf({{10, 20}}), NumberOf({{10, 15}, {16, 20}}));
  EXPECT_EQ(Within({{5, 12}, {14, 30}, {40, 50}}, 10, 20), (ExcludedSpans{{10, 12}, {14, 20}}));
}

TEST(ExcludedTest, SpansAreAskedFor) {
  const ExcludedSpans spans{{10, 20}, {20, 25, true}, {30, 40}};
  EXPECT_TRUE(AnyExcluded(spans, 19, 20));
  EXPECT_FALSE(AnyExcluded(spans, 25, 30));
  EXPECT_EQ(MinutesExcluded(spans, 15, 35), 15);
}

}  // namespace
}  // namespace watchfire::slo
