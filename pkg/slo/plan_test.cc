// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/plan.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kStart = 20'000 * 1440;

WallTime At(int64_t minute) { return WallTime(minutes(minute)); }

// Counts that tell every minute from every other.
Events Truth(int64_t minute) {
  return {static_cast<double>(minute % 3), static_cast<double>(100 + minute % 7)};
}

Events Truth(Level level, int64_t slot) {
  Events sum;
  const int64_t begin = slot * MinutesOf(level);
  for (int64_t minute = begin; minute < begin + MinutesOf(level); ++minute) sum += Truth(minute);
  return sum;
}

void Answer(const Ask& ask, Ledger* ledger) {
  for (int64_t slot = ask.first; slot <= ask.last; ++slot) {
    ledger->Write(ask.level, slot, {{{}, Truth(ask.level, slot)}});
  }
}

// Fills until nothing is left; returns what was asked. `took` is how long each answer takes.
std::vector<Ask> FillAll(Plan* plan, Ledger* ledger, WallTime* now, Duration took) {
  std::vector<Ask> asks;
  while (true) {
    const std::optional<WallTime> next = plan->next_fill();
    *now = std::max(*now, *next);
    const std::optional<Ask> ask = plan->Fill(*ledger, *now);
    if (!ask) return asks;
    asks.push_back(*ask);
    *now += took;
    Answer(*ask, ledger);
    plan->Done(*ask, {}, took, *now);
  }
}

TEST(PlanTest, TheMinutesOfAnEdgeAreAskedLast) {
  const int64_t begin = kStart - 30 * 1440;  // At a full hour.
  EXPECT_THAT(EdgeHours(kStart, {begin}), ElementsAre(begin / 60));
  EXPECT_THAT(EdgeHours(kStart, {begin + 29}), ElementsAre(begin / 60));
  EXPECT_THAT(EdgeHours(kStart, {begin + 31}), ElementsAre(begin / 60, begin / 60 + 1));
  EXPECT_THAT(EdgeHours(kStart, {kStart - 90 * 60}), IsEmpty()) << "there are finer slots";
  EXPECT_THAT(EdgeHours(kStart, {kStart - 40 * 1440}), IsEmpty()) << "only days are known";

  Plan plan({});
  Ledger ledger(kStart, {});
  WallTime now = At(kStart + 2);
  EXPECT_TRUE(plan.WantMinutesOf({begin / 60 + 1}));
  EXPECT_FALSE(plan.WantMinutesOf({begin / 60 + 1}));
  std::vector<Ask> asks;
  while (const std::optional<Ask> ask = plan.Fill(ledger, now)) {
    asks.push_back(*ask);
    if (ask->purpose == Ask::Purpose::kEdge) {
      ledger.WriteMinutesOf(begin / 60 + 1, {});
    } else {
      Answer(*ask, &ledger);
    }
    plan.Done(*ask, {}, {}, now);
  }
  ASSERT_GT(asks.size(), 3U);
  EXPECT_EQ(asks.back(), (Ask{Ask::Purpose::kEdge, Level::kMinute, begin + 60, begin + 119}));
  EXPECT_NE(asks[asks.size() - 2].purpose, Ask::Purpose::kEdge);
  EXPECT_TRUE(plan.Filled(ledger));

  // What is refused is given up until the edge has left that hour.
  EXPECT_TRUE(plan.WantMinutesOf({begin / 60 + 2}));
  EXPECT_EQ(plan.NextLevel(ledger), Level::kDay);
  const std::optional<Ask> ask = plan.Fill(ledger, now);
  ASSERT_TRUE(ask);
  plan.Done(*ask, Fail(Code::kExhausted, "too many samples"), {}, now);
  EXPECT_TRUE(plan.Filled(ledger));

  PlanOptions one;
  one.points_max = 1;
  Plan instant(one);
  EXPECT_FALSE(instant.WantMinutesOf({begin / 60})) << "it would be sixty questions";
}

TEST(PlanTest, ATickAsksForTheNewestMinuteOnce) {
  Plan plan({});
  // 90 s past the end of kStart: the minute after it is over, but not for `delay` yet.
  EXPECT_EQ(plan.NewestAt(At(kStart + 2) + seconds(29)), kStart);
  EXPECT_EQ(plan.NewestAt(At(kStart + 2) + seconds(30)), kStart + 1);
  Ledger ledger(kStart + 1, {});
  const auto asks = plan.Tick(ledger);
  EXPECT_THAT(asks,
              ElementsAre(Ask{Ask::Purpose::kNewest, Level::kMinute, kStart + 1, kStart + 1}));
  EXPECT_THAT(plan.Tick(ledger), IsEmpty());  // Is out.
  plan.Done(asks[0], Fail(Code::kUnavailable, "away"), {}, At(kStart + 3));
  EXPECT_THAT(plan.Tick(ledger), SizeIs(1));
  Answer(asks[0], &ledger);
  plan.Done(asks[0], {}, {}, At(kStart + 3));
  EXPECT_THAT(plan.Tick(ledger), IsEmpty());  // Is known.
}

TEST(PlanTest, EveryFifthTickAsksForTheLastMinutesAgain) {
  Plan plan({});
  Ledger ledger(kStart, {});
  for (int64_t minute = kStart - 7; minute <= kStart - 1; ++minute) {
    if (minute != kStart - 3) ledger.Write(Level::kMinute, minute, {{{}, Truth(minute)}});
  }
  // What is not known is no matter of reading again.
  EXPECT_THAT(plan.Tick(ledger),
              ElementsAre(Ask{Ask::Purpose::kNewest, Level::kMinute, kStart, kStart},
                          Ask{Ask::Purpose::kReread, Level::kMinute, kStart - 2, kStart - 1},
                          Ask{Ask::Purpose::kReread, Level::kMinute, kStart - 5, kStart - 4}));
  ledger.Advance(kStart + 1);
  EXPECT_THAT(plan.Tick(ledger), SizeIs(1));
  // Where only single moments can be asked, they are.
  PlanOptions single;
  single.points_max = 1;
  Plan other(single);
  Ledger fresh(kStart, {});
  fresh.Write(Level::kMinute, kStart - 1, {});
  fresh.Write(Level::kMinute, kStart - 2, {});
  EXPECT_THAT(other.Tick(fresh), SizeIs(3));
}

TEST(PlanTest, FillsNewestFirstAndEverySlotOnce) {
  Plan plan({});
  Ledger ledger(kStart + 7, {});
  WallTime now = At(kStart + 9);
  for (const Ask& ask : plan.Tick(ledger)) {
    Answer(ask, &ledger);
    plan.Done(ask, {}, {}, now);
  }
  const std::vector<Ask> asks = FillAll(&plan, &ledger, &now, milliseconds(100));
  EXPECT_EQ(asks[0].last, kStart + 6);
  int64_t before = kStart + 7;
  for (const Ask& ask : asks) {
    EXPECT_EQ((ask.last + 1) * MinutesOf(ask.level), before);
    before = ask.first * MinutesOf(ask.level);
  }
  EXPECT_TRUE(plan.Filled(ledger));
  const int64_t end = kStart + 8;
  for (const int64_t window : {5, 60, 360}) {
    Events want;
    for (int64_t minute = end - window; minute < end; ++minute) want += Truth(minute);
    EXPECT_EQ(ledger.Between(end - window, end), want) << window;
  }
  Events month;
  for (int64_t minute = end - 30 * 1440; minute < end; ++minute) month += Truth(minute);
  EXPECT_NEAR(ledger.Between(end - 30 * 1440, end).total / month.total, 1, 0.002);
  EXPECT_GT(ledger.CoverageOf(end - 30 * 1440, end), 0.998);
}

TEST(PlanTest, FillingKeepsItsShareOfTheTime) {
  PlanOptions options;
  options.duty = 0.2;
  for (const Duration took : {Duration(milliseconds(50)), Duration(seconds(3))}) {
    Plan plan(options);
    Ledger ledger(kStart, {});
    WallTime now = At(kStart + 2);
    const WallTime began = now;
    const auto asks = FillAll(&plan, &ledger, &now, took);
    const Duration busy = took * static_cast<int64_t>(asks.size());
    EXPECT_LE(ToSeconds(busy), 0.2 * ToSeconds(now - began) + ToSeconds(took));
    EXPECT_GE(ToSeconds(busy), 0.15 * ToSeconds(now - began));
    EXPECT_LT(asks.size(), 20U);  // Quick answers let stretches grow.
  }
}

TEST(PlanTest, AHoleIsClosedWhenPrometheusIsBack) {
  Plan plan({});
  Ledger ledger(kStart, {});
  WallTime now = At(kStart + 2);
  ledger.Write(Level::kMinute, kStart, {{{}, Truth(kStart)}});
  FillAll(&plan, &ledger, &now, milliseconds(10));
  Ledger whole = ledger;
  // Two hours of failures; then it answers again.
  for (int64_t minute = kStart + 1; minute <= kStart + 150; ++minute) {
    now = At(minute + 2);
    ledger.Advance(minute);
    whole.Advance(minute);
    whole.Write(Level::kMinute, minute, {{{}, Truth(minute)}});
    for (const Ask& ask : plan.Tick(ledger)) {
      const bool down = minute <= kStart + 120;
      if (!down) Answer(ask, &ledger);
      plan.Done(ask, down ? Status(Fail(Code::kUnavailable, "down")) : Status(), {}, now);
    }
    const std::optional<Ask> fill = plan.Fill(ledger, now);
    if (!fill) continue;
    const bool down = minute <= kStart + 120;
    if (!down) Answer(*fill, &ledger);
    plan.Done(*fill, down ? Status(Fail(Code::kUnavailable, "down")) : Status(), seconds(1), now);
  }
  EXPECT_TRUE(plan.Filled(ledger));
  for (const int64_t window : {1, 30, 60, 150, 400, 1440, 4000}) {
    EXPECT_EQ(ledger.Between(kStart + 151 - window, kStart + 151),
              whole.Between(kStart + 151 - window, kStart + 151))
        << window;
  }
}

TEST(PlanTest, AfterDaysAwayTheCoarserSlotsAreAsked) {
  Plan plan({});
  Ledger ledger(kStart, {});
  WallTime now = At(kStart + 2);
  FillAll(&plan, &ledger, &now, milliseconds(10));
  const int64_t newest = kStart + 6 * 1440 + 13;
  ledger.Advance(newest);
  now = At(newest + 2);
  ledger.Write(Level::kMinute, newest, {{{}, Truth(newest)}});
  const auto asks = FillAll(&plan, &ledger, &now, milliseconds(10));
  EXPECT_EQ(asks.back().level, Level::kHour);
  EXPECT_GE(asks.back().first, kStart / 60);
  Events want;
  for (int64_t minute = kStart; minute <= newest; ++minute) want += Truth(minute);
  EXPECT_EQ(ledger.Between(kStart, newest + 1), want);
}

TEST(PlanTest, TooLargeAnAnswerHalvesTheStretchAndASlotCanBeGivenUp) {
  PlanOptions options;
  options.history = minutes(20);
  Plan plan(options);
  Ledger ledger(kStart, {});
  WallTime now = At(kStart + 2);
  const Status refused =
      Fail(Code::kInvalidArgument, "query processing would load too many samples");
  std::vector<size_t> points;
  while (true) {
    now = *plan.next_fill();
    const std::optional<Ask> ask = plan.Fill(ledger, now);
    if (!ask) break;
    points.push_back(ask->points());
    // One minute can never be asked.
    const bool bad = ask->first <= kStart - 4 && ask->last >= kStart - 4;
    if (!bad) Answer(*ask, &ledger);
    plan.Done(*ask, bad ? refused : Status(), seconds(6), now);
  }
  EXPECT_THAT(std::vector<size_t>(points.begin(), points.begin() + 3), ElementsAre(19, 9, 4));
  EXPECT_EQ(plan.given_up(), 1U);
  EXPECT_TRUE(plan.Filled(ledger));
  EXPECT_EQ(ledger.coverage().Between(kStart - 19, kStart), 18);
}

TEST(PlanTest, FailuresRestLongerAndLonger) {
  Plan plan({});
  Ledger ledger(kStart, {});
  WallTime now = At(kStart + 2);
  std::vector<int64_t> rests;
  for (int i = 0; i < 7; ++i) {
    const std::optional<Ask> ask = plan.Fill(ledger, now);
    ASSERT_TRUE(ask);
    EXPECT_FALSE(plan.Fill(ledger, now));  // One at a time.
    plan.Done(*ask, Fail(Code::kUnavailable, "down"), seconds(1), now);
    rests.push_back((*plan.next_fill() - now) / minutes(1));
    now = *plan.next_fill();
  }
  EXPECT_THAT(rests, ElementsAre(1, 2, 4, 8, 16, 30, 30));
  ASSERT_TRUE(plan.Fill(ledger, now));
  plan.Forget();  // Lost by a reload: asked again.
  EXPECT_TRUE(plan.Fill(ledger, now));
}

TEST(PlanTest, FillingCanBeTurnedOff) {
  PlanOptions options;
  options.history = Duration::zero();
  Plan plan(options);
  EXPECT_FALSE(plan.Fill(Ledger(kStart, {}), At(kStart + 2)));
}

}  // namespace
}  // namespace watchfire::slo
