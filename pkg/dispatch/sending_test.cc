// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How fast an integration is spoken to, when it is left alone, and what it owes.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/dispatch/backoff.h"
#include "pkg/dispatch/breaker.h"
#include "pkg/dispatch/throttle.h"
#include "pkg/dispatch/undelivered.h"

namespace watchfire::dispatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const MonoTime kStart{std::chrono::hours(1)};

TEST(ThrottleTest, SoManyAreUnderWayAtOnce) {
  Throttle throttle({2, 0, 1}, kStart);
  throttle.Start(kStart);
  throttle.Start(kStart);
  EXPECT_EQ(throttle.NextStart(kStart), std::nullopt);
  throttle.End();
  EXPECT_EQ(throttle.NextStart(kStart), kStart);
}

TEST(ThrottleTest, ABurstIsFreeAndThenTheRateHolds) {
  Throttle throttle({64, 0.5, 3}, kStart);
  for (int i = 0; i < 3; ++i) throttle.Start(kStart);
  EXPECT_EQ(throttle.NextStart(kStart), kStart + seconds(2));
  EXPECT_EQ(throttle.NextStart(kStart + seconds(1)), kStart + seconds(2));
  throttle.Start(kStart + seconds(2));
  EXPECT_EQ(throttle.NextStart(kStart + seconds(2)), kStart + seconds(4));
  // A long pause fills the bucket to the brim and no further.
  const MonoTime late = kStart + std::chrono::hours(9);
  for (int i = 0; i < 3; ++i) throttle.Start(late);
  EXPECT_EQ(throttle.NextStart(late), late + seconds(2));
}

TEST(ThrottleTest, WhateverTheTimesTheRateIsKept) {
  for (const double rate : {0.001, 0.3, 7.0, 1000.0}) {
    Throttle throttle({64, rate, 1}, kStart);
    MonoTime now = kStart;
    for (int i = 0; i < 1000; ++i) {
      now = throttle.NextStart(now).value();
      throttle.Start(now);
      throttle.End();
    }
    const double took = ToSeconds(now - kStart);
    EXPECT_NEAR(took, 999 / rate, 0.01 * 999 / rate) << rate;
  }
}

TEST(ThrottleTest, AReloadChangesTheLimitsOfWhatIsUnderWay) {
  Throttle throttle({64, 1, 5}, kStart);
  for (int i = 0; i < 4; ++i) throttle.Start(kStart);
  throttle.SetLimits({4, 1, 1}, kStart);
  EXPECT_EQ(throttle.NextStart(kStart), std::nullopt) << "four are under way";
  throttle.End();
  EXPECT_EQ(throttle.NextStart(kStart), kStart) << "one token was left";
  throttle.Start(kStart);
  throttle.End();
  EXPECT_EQ(throttle.NextStart(kStart), kStart + seconds(1));
  throttle.SetLimits({4, 0, 1}, kStart);
  EXPECT_EQ(throttle.NextStart(kStart), kStart) << "no rate any more";
}

void FailToOpen(Breaker* breaker, MonoTime now) {
  for (int i = 1; i < Breaker::kFailures; ++i) EXPECT_FALSE(breaker->OnFailure(now));
  EXPECT_TRUE(breaker->OnFailure(now));
}

TEST(BreakerTest, OnlyFailuresInARowOpenIt) {
  Breaker breaker;
  for (int i = 0; i < 10 * Breaker::kFailures; ++i) {
    EXPECT_FALSE(breaker.OnFailure(kStart));
    if (i % (Breaker::kFailures - 1) == 0) breaker.OnAnswer();
  }
  EXPECT_EQ(breaker.openings(), 0U);
  EXPECT_EQ(breaker.NextStart(kStart), kStart);
  EXPECT_FALSE(breaker.OnAnswer());
  FailToOpen(&breaker, kStart);
  EXPECT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.openings(), 1U);
}

TEST(BreakerTest, WhileOpenOneProbeGoesAtATimeAndLessOften) {
  Breaker breaker;
  FailToOpen(&breaker, kStart);
  MonoTime now = kStart;
  std::vector<Duration> windows;
  for (int i = 0; i < 5; ++i) {
    const MonoTime next = breaker.NextStart(now);
    windows.push_back(next - now);
    EXPECT_EQ(breaker.NextStart(next + seconds(1)), next + seconds(1)) << "late is fine";
    now = next;
    breaker.Start(now);
    EXPECT_FALSE(breaker.OnFailure(now + seconds(1))) << "it is open already";
  }
  EXPECT_THAT(windows, ElementsAre(seconds(5), seconds(10), seconds(20), seconds(30), seconds(30)));
  EXPECT_TRUE(breaker.OnAnswer());
  EXPECT_EQ(breaker.NextStart(now), now) << "all may go at once";
  FailToOpen(&breaker, now);
  EXPECT_EQ(breaker.NextStart(now), now + seconds(5)) << "and it starts over";
  EXPECT_EQ(breaker.openings(), 2U);
}

// What is documented: a group that fails alone is tried exactly when Alertmanager would.
TEST(BreakerTest, ASingleMessageWaitsNoLongerThanByItself) {
  Breaker breaker;
  MonoTime now = kStart;
  double interval = 0.5;
  for (int attempt = 0; attempt < 40; ++attempt) {
    EXPECT_EQ(breaker.NextStart(now), now) << "attempt " << attempt;
    breaker.Start(now);
    now += milliseconds(1);
    breaker.OnFailure(now);
    now += FromSeconds(interval * 0.5);  // The shortest that Backoff says.
    interval = std::min(interval * 1.5, 60.0);
  }
  EXPECT_TRUE(breaker.is_open());
}

const nflog::Key kKey{"{}:{}", "on-call", "pager", 0};
const nflog::Key kOther{"{}:{a=\"b\"}", "on-call", "pager", 0};

TEST(UndeliveredTest, WhatIsOwedTooLongIsOverdueOnce) {
  Undelivered debts;
  debts.Owe(kKey, kStart, minutes(5));
  debts.Owe(kKey, kStart + minutes(3), minutes(5));  // Another attempt at the same.
  EXPECT_EQ(debts.next_due(), kStart + minutes(5));
  EXPECT_THAT(debts.TakeOverdue(kStart + minutes(5) - milliseconds(1)), IsEmpty());
  EXPECT_FALSE(debts.IsOverdue(kKey));
  EXPECT_THAT(debts.TakeOverdue(kStart + minutes(5)), ElementsAre(kKey));
  EXPECT_THAT(debts.TakeOverdue(kStart + minutes(9)), IsEmpty());
  EXPECT_TRUE(debts.IsOverdue(kKey));
  debts.Settled(kKey);
  EXPECT_FALSE(debts.IsOverdue(kKey));
  EXPECT_EQ(debts.Find(kKey), nullptr);
}

TEST(UndeliveredTest, ARefusalIsOverdueAtOnceWhereSomebodyStandsIn) {
  Undelivered debts;
  debts.Owe(kKey, kStart, minutes(5));
  debts.Owe(kOther, kStart, std::nullopt);
  debts.Failed(kKey, "status 404");
  debts.Refused(kKey, kStart + seconds(1));
  debts.Refused(kOther, kStart + seconds(1));
  EXPECT_THAT(debts.TakeOverdue(kStart + seconds(1)), ElementsAre(kKey));
  debts.Refused(kKey, kStart + seconds(2));
  EXPECT_THAT(debts.TakeOverdue(kStart + minutes(9)), IsEmpty()) << "it is known";
  EXPECT_EQ(debts.Find(kKey)->why, "status 404");
  EXPECT_FALSE(debts.IsOverdue(kOther));
}

TEST(UndeliveredTest, AReloadChangesThePatienceAndNotTheDebt) {
  Undelivered debts;
  debts.Owe(kKey, kStart, minutes(5));
  debts.Owe(kOther, kStart, minutes(5));
  debts.TakeOverdue(kStart + minutes(5));
  debts.Rearm([](const nflog::Key& key) {
    return key == kKey ? std::optional<Duration>(minutes(9)) : std::nullopt;
  });
  EXPECT_TRUE(debts.IsOverdue(kKey)) << "somebody was told already";
  EXPECT_FALSE(debts.IsOverdue(kOther)) << "nobody stands in any more";
  EXPECT_EQ(debts.next_due(), std::nullopt);
  debts.Rearm([](const nflog::Key&) { return std::optional<Duration>(minutes(7)); });
  EXPECT_EQ(debts.next_due(), kStart + minutes(7));
  EXPECT_THAT(debts.TakeOverdue(kStart + minutes(7)), ElementsAre(kOther));
  const auto all = [](const nflog::Key&) { return true; };
  EXPECT_THAT(debts.Keys(all), ElementsAre(kOther, kKey));
}

TEST(UndeliveredTest, WhatArrivedInTimeIsNeverOverdue) {
  Undelivered debts;
  debts.Owe(kKey, kStart, minutes(5));
  debts.Settled(kKey);
  EXPECT_EQ(debts.next_due(), std::nullopt);
  debts.Refused(kKey, kStart);
  EXPECT_THAT(debts.TakeOverdue(kStart + minutes(9)), IsEmpty());
  debts.Owe(kKey, kStart + minutes(9), minutes(5));
  EXPECT_EQ(debts.next_due(), kStart + minutes(14)) << "a new debt";
}

}  // namespace
}  // namespace watchfire::dispatch
