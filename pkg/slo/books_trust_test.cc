// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// When the books are believed, and what they do when clocks, samples and queries are odd.

#include <set>
#include <string>
#include <vector>

#include "pkg/slo/books.h"
#include "pkg/slo/books_fixture.h"

namespace watchfire::slo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(BooksTest, VeryShortWindowsAndPartsOfMinutesAreNotTrusted) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 9));
  EXPECT_TRUE(books.Trusted(0, minutes(5)));
  EXPECT_FALSE(books.Trusted(0, minutes(4)));
  EXPECT_FALSE(books.Trusted(0, minutes(6) + seconds(30)));
}

TEST(BooksTest, AClockSetBackForgetsTheFutureAndNothingElse) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  Rows rows;
  player.Run(At(kStart + 5));
  player.Run(At(kStart + 300));
  rows.Take(books.TakeRecords(player.now, /*all=*/true));
  const size_t before = rows.rows.size();
  // Four hours back: nobody waits until it is then again.
  player.now = At(kStart + 60) + seconds(5);
  books.Due(player.now);  // Finds the next tick.
  player.closed.clear();
  player.Run(At(kStart + 62) + seconds(40));
  EXPECT_EQ(books.ledger(0).newest(), kStart + 60);
  EXPECT_THAT(player.closed, SizeIs(2));
  const int64_t end = kStart + 61;
  for (const Duration window : {minutes(5), minutes(60), minutes(300)}) {
    EXPECT_TRUE(books.Trusted(0, window));
    EXPECT_EQ(Over(books, 0, window), Truth(end - window / minutes(1), end));
  }
  EXPECT_NEAR(Over(books, 0, hours(720)).total / Truth(end - 43'200, end).total, 1, 0.002);
  // The rows of what did not come are gone, so that a restart does not bring it back.
  rows.Take(books.TakeRecords(player.now, /*all=*/true));
  EXPECT_EQ(rows.rows.size(), before - 3) << "hours 2 to 4";
  Books restored({MakeSlo("a")}, Short());
  rows.RestoreTo(&restored);
  EXPECT_EQ(restored.ledger(0).newest(), kStart + 60);
  EXPECT_EQ(Over(restored, 0, hours(6)), Over(books, 0, hours(6)));
}

// Up to two minutes are what clocks are corrected by.
TEST(BooksTest, AClockSetBackALittleLeavesNobodyUnjudged) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart + 10));
  player.closed.clear();
  player.now = At(kStart + 8) + seconds(5);
  books.Due(player.now);
  while (player.closed.empty() && player.now < At(kStart + 12)) {
    player.now += seconds(1);
    for (const Question& question : books.Due(player.now)) {
      books.OnAnswer(question.id, Answer(question), player.now);
    }
    for (const Books::Closed& each : books.TakeClosed()) player.closed.push_back(each);
  }
  ASSERT_THAT(player.closed, SizeIs(1));
  EXPECT_EQ(player.closed[0].slot, At(kStart + 9));
  EXPECT_EQ(player.closed[0].error, "");
}

TEST(BooksTest, ALedgerThatIsGivenUpDoesNotStopTheOthersFilling) {
  Books books({MakeSlo("a", "refused"), MakeSlo("b")}, Short());
  // The first question about its history is never answered until the ledger is gone.
  std::optional<Question> history;
  WallTime now = At(kStart) - seconds(1);
  books.Due(now);
  for (int i = 0; i < 5 * 60 && books.Keeps(0); ++i) {
    now += seconds(1);
    for (const Question& question : books.Due(now)) {
      const bool refused = question.expr.find("refused") != std::string::npos;
      if (refused && question.background && !history) {
        history = question;
      } else if (refused) {
        books.OnAnswer(question.id, Fail(Code::kInvalidArgument, "no"), now);
      } else {
        books.OnAnswer(question.id, Answer(question), now);
      }
    }
  }
  ASSERT_FALSE(books.Keeps(0));
  ASSERT_TRUE(history);
  books.OnAnswer(history->id, Answer(*history), now);
  Player player(&books);
  player.now = now;
  player.Run(now + minutes(30));  // It took minutes: filling rests four times as long.
  EXPECT_TRUE(books.Trusted(1, hours(720)));
}

TEST(BooksTest, NobodyIsAskedForWhatIsNotKept) {
  config::Slo odd = MakeSlo("odd");
  odd.error_query = "max(rate(bad[{{.window}}]))";
  const Books books({odd}, Short());
  EXPECT_FALSE(books.Trusted(0, hours(1)));
  EXPECT_EQ(books.CoverageOf(0, hours(1)), 0);
  EXPECT_EQ(books.KnownOf(0, hours(1)), 0);
  EXPECT_DEATH(books.ledger(0), "Keeps");
  EXPECT_DEATH(books.RatioOf(0, hours(1)), "HasLedgers");
}

TEST(BooksTest, PeriodsOfMoreThanAMonthAreStoredAndKept) {
  config::Slo slo = MakeSlo("a");
  slo.period = hours(24 * 90);
  Books books({slo}, Short());
  Player player(&books);
  Rows rows;
  player.Run(At(kStart));
  player.Run(At(kStart + 3));
  ASSERT_TRUE(books.Trusted(0, slo.period));
  const Events all = Over(books, 0, slo.period);
  EXPECT_NEAR(all.total / Truth(kStart - 129'600, kStart).total, 1, 0.002);
  rows.Take(books.TakeRecords(player.now));
  Books restored({slo}, Short());
  rows.RestoreTo(&restored);
  EXPECT_EQ(Over(restored, 0, slo.period), all);
  Player later(&restored);
  later.now = player.now;
  later.Run(player.now + minutes(3));
  EXPECT_LT(later.asked, 30) << "what is stored is not asked again";
  EXPECT_TRUE(restored.Trusted(0, slo.period));
  // A label set that has been silent for two months still counts.
  for (int half = 0; half < 2 * 60; ++half) {
    later.now += hours(12);
    later.Run(later.now + seconds(70),
              [](const Question&) -> Result<promql::Vector> { return promql::Vector(); });
  }
  EXPECT_GT(Over(restored, 0, slo.period).total, 0);
}

// Found by the one above: an hour of which only the latter part was known in minutes came back in
// five minutes, was asked again, and counted twice.
TEST(BooksTest, AnHourOnTheEdgeOfTheMinutesComesBackOnce) {
  for (const int64_t more : {0, 17, 42}) {
    Books books({MakeSlo("a")}, Short());
    Player player(&books);
    player.now = At(kStart + more) - seconds(1);
    player.Run(player.now);
    player.Run(At(kStart + more + 3));
    Rows rows;
    rows.Take(books.TakeRecords(player.now));
    Books restored({MakeSlo("a")}, Short());
    rows.RestoreTo(&restored);
    for (const int64_t window : {400, 440, 455, 480, 500, 1440}) {
      EXPECT_EQ(Over(restored, 0, minutes(window)), Over(books, 0, minutes(window)))
          << more << " " << window;
    }
    Player later(&restored);
    later.now = player.now;
    later.Run(player.now + minutes(120));
    player.Run(later.now);
    EXPECT_EQ(Over(restored, 0, minutes(700)), Over(books, 0, minutes(700))) << more;
  }
}

// Nothing was missing when the books looked, because the tick was to ask for the newest minute.
TEST(BooksTest, MinutesMissedByARestartAreFilled) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 10));
  Rows rows;
  rows.Take(books.TakeRecords(player.now, /*all=*/true));
  Books restored({MakeSlo("a")}, Short());
  rows.RestoreTo(&restored);
  restored.Due(At(kStart + 13) + seconds(5));  // Before the first tick.
  Player later(&restored);
  later.now = At(kStart + 13) + seconds(6);
  later.Run(At(kStart + 15));
  EXPECT_TRUE(restored.Trusted(0, minutes(5)));
  EXPECT_TRUE(restored.Trusted(0, hours(1)));
}

TEST(BooksTest, WhereSamplesComeLateShortWindowsAreNotTrusted) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 20));
  ASSERT_TRUE(books.Trusted(0, minutes(5)));
  // For a while Prometheus has a minute only a minute after it is asked.
  const auto late = [&](const Question& question) {
    promql::Vector out;
    for (promql::Sample& sample : Answer(question)) {
      if (sample.at + minutes(2) <= player.now) out.push_back(std::move(sample));
    }
    return out;
  };
  player.Run(At(kStart + 31), late);
  EXPECT_FALSE(books.Trusted(0, minutes(5)));
  EXPECT_FALSE(books.Trusted(0, hours(1)));
  EXPECT_TRUE(books.Trusted(0, hours(6)));
  // Nothing is lost, and an hour later they are trusted again.
  player.Run(At(kStart + 100));
  const int64_t end = kStart + 99;
  EXPECT_EQ(Over(books, 0, minutes(90)), Truth(end - 90, end));
  EXPECT_TRUE(books.Trusted(0, minutes(5)));
}

TEST(BooksTest, WhatWasEmptyIsAskedAgainWhenThereIsSomething) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 20));
  // An agent is cut off for half an hour, and then brings it all at once.
  player.Run(At(kStart + 50), [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    std::erase_if(out, [](const promql::Sample& sample) { return sample.at > At(kStart + 20); });
    return out;
  });
  ASSERT_EQ(Over(books, 0, minutes(10)), Events());
  player.Run(At(kStart + 53));
  const int64_t end = kStart + 52;
  EXPECT_EQ(Over(books, 0, hours(1)), Truth(end - 60, end));
  EXPECT_TRUE(books.Trusted(0, hours(1)));
}

// One of two Prometheis behind one address has less than the other.
TEST(BooksTest, AskingAgainNeverTakesAway) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 30), [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    const bool again = question.background && question.step == minutes(1);
    if (again && question.at > At(kStart)) {
      for (promql::Sample& sample : out) sample.value /= 2;
    }
    return out;
  });
  const int64_t end = kStart + 29;
  EXPECT_EQ(Over(books, 0, minutes(20)), Truth(end - 20, end));
  EXPECT_TRUE(books.Trusted(0, minutes(5))) << "nothing was late";
}

TEST(BooksTest, WhatIsAskedAgainDoesNotPileUp) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 10));
  std::vector<std::string> hanging;
  for (WallTime now = player.now; now < At(kStart + 60); now += seconds(1)) {
    for (const Question& question : books.Due(now)) {
      if (question.background) {
        hanging.push_back(question.expr + " of " + std::to_string(ToNanos(question.from)));
      } else {
        books.OnAnswer(question.id, Answer(question), now);
      }
    }
  }
  // Once each, however long it takes: what came late, and the minutes of the hour at the edge.
  EXPECT_THAT(hanging, SizeIs(testing::Le(4)));
  EXPECT_EQ(std::set<std::string>(hanging.begin(), hanging.end()).size(), hanging.size());
  EXPECT_TRUE(books.Trusted(0, minutes(30)));
}

TEST(BooksTest, TooManyLabelSetsInAllEndTheLedgerThatBringsThem) {
  BooksOptions options = Short();
  options.series_max = 3;
  Books books({MakeSlo("a"), MakeSlo("b", "slow")}, options);
  Player player(&books);
  player.Run(At(kStart) - seconds(1));
  player.Run(At(kStart + 3), [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    if (question.expr.find("all[") == std::string::npos) return out;
    const std::vector<promql::Sample> first = out;
    for (const promql::Sample& sample : first) {
      out.push_back({labels::LabelSet{{"zone", "b"}}, sample.at, sample.value});
    }
    return out;
  });
  EXPECT_TRUE(books.Keeps(0));
  EXPECT_FALSE(books.Keeps(1));
  EXPECT_THAT(books.why_not(1), HasSubstr("more than 3 label sets"));
  EXPECT_EQ(books.series(), 2U);
}

TEST(BooksTest, LabelSetsThatAreLumpedTogetherAreNotTrusted) {
  BooksOptions options = Short();
  options.ledger.series_max = 1;
  Books books({MakeSlo("a")}, options);
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 2));
  ASSERT_TRUE(books.Trusted(0, minutes(5)));
  EXPECT_FALSE(books.Overflows(0));
  EXPECT_EQ(books.counted_series(), 1U);
  player.Run(At(kStart + 3), [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    for (const promql::Sample& sample : Answer(question)) {
      out.push_back({labels::LabelSet{{"zone", "b"}}, sample.at, sample.value});
    }
    return out;
  });
  EXPECT_FALSE(books.Trusted(0, minutes(5)));
  EXPECT_TRUE(books.Overflows(0));
  EXPECT_EQ(books.counted_series(), 0U) << "each window is asked";
  EXPECT_GT(books.series(), 1U) << "they take their place all the same";
  // Nor after a restart.
  Rows rows;
  rows.Take(books.TakeRecords(player.now, /*all=*/true));
  Books restored({MakeSlo("a")}, options);
  rows.RestoreTo(&restored);
  EXPECT_FALSE(restored.Trusted(0, minutes(5)));
}

// 0.75 × the ratio of "bad" and 0.25 × that of "slow", both of all.
TEST(BooksTest, ACompositeIsToldOfWhenAllItsPartsAreCounted) {
  config::Slo composite = MakeSlo("c");
  composite.error_query = composite.total_query = "";
  const auto part = [](const std::string& bad) {
    return "(max((sum by (zone) (increase(" + bad +
           "[{{.window}}])) / sum by (zone) (increase(all[{{.window}}]))) >= 0) or vector(0))";
  };
  composite.error_ratio_query = "0.75 * " + part("bad") + " + 0.25 * " + part("slow");
  Books books({composite, MakeSlo("a")}, Short());
  ASSERT_TRUE(books.Keeps(0)) << books.why_not(0);
  Player player(&books);
  player.Run(At(kStart) - seconds(1));
  const auto slow_is_all = [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    if (question.expr.find("slow[") == std::string::npos) return out;
    for (promql::Sample& sample : out) sample.value = 50;
    return out;
  };
  player.Run(At(kStart), slow_is_all);
  std::vector<size_t> told;
  for (const Books::Closed& each : player.closed) told.push_back(each.slo);
  EXPECT_THAT(told, ElementsAre(1, 0)) << "the composite once, after its second part";
  player.Run(At(kStart + 10), slow_is_all);
  ASSERT_TRUE(books.Trusted(0, minutes(5)));
  const promql::Vector ratio = books.RatioOf(0, minutes(5));
  ASSERT_THAT(ratio, SizeIs(1));
  EXPECT_TRUE(ratio[0].labels.empty());
  const Events five = Truth(kStart + 4, kStart + 9);
  EXPECT_NEAR(ratio[0].value, 0.75 * five.bad / five.total + 0.25 * 250 / five.total, 1e-12);
  // What it excludes is no part of it, as of any SLO that is counted, and is again afterwards.
  books.Exclude(0, {{kStart + 4, kStart + 6}});
  const Events three = Truth(kStart + 6, kStart + 9);
  EXPECT_NEAR(books.RatioOf(0, minutes(5))[0].value,
              0.75 * three.bad / three.total + 0.25 * 150 / three.total, 1e-12);
  books.Exclude(0, {});
  EXPECT_EQ(books.RatioOf(0, minutes(5))[0].value, ratio[0].value);
  // A part that fails is told of.
  player.closed.clear();
  player.Run(At(kStart + 11), [&](const Question& question) -> Result<promql::Vector> {
    if (question.expr.find("slow[") != std::string::npos) return Fail(Code::kTimeout, "slow");
    return Answer(question);
  });
  for (const Books::Closed& each : player.closed) {
    EXPECT_EQ(each.error.empty(), each.slo == 1) << each.error;
  }
}

TEST(BooksTest, APeriodOfTheCalendarCountsFromItsStart) {
  config::Slo slo = MakeSlo("a");
  slo.calendar.emplace();
  slo.calendar->unit = config::CalendarPeriod::Unit::kDay;
  slo.calendar->start = cctz::civil_second(1970, 1, 1, 0, 20, 0);
  Books books({slo}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 5));
  int64_t end = kStart + 4;
  EXPECT_EQ(Over(books, 0, slo.period), Truth(kStart - 1440 + 20, end));
  EXPECT_TRUE(books.Trusted(0, slo.period));
  // The moment it begins anew nothing has happened.
  player.Run(At(kStart + 21));
  EXPECT_THAT(books.RatioOf(0, slo.period), IsEmpty());
  EXPECT_TRUE(books.Trusted(0, slo.period));
  player.Run(At(kStart + 24));
  end = kStart + 23;
  EXPECT_EQ(Over(books, 0, slo.period), Truth(kStart + 20, end));
}

TEST(BooksTest, TicksComeAsSoonAsAMinuteMayBeAskedFor) {
  BooksOptions options = Short();
  options.spread = true;
  for (const char* bad : {"a", "b", "c", "d", "e"}) {
    config::Slo slo = MakeSlo("s", bad);
    slo.total_query = "sum(increase(" + std::string(bad) + "_total[{{.window}}]))";
    slo.error_query = "sum(increase(" + std::string(bad) + "[{{.window}}]))";
    Books books({slo}, options);
    books.Due(At(kStart));
    const Duration since = *books.next() - At(kStart);
    EXPECT_GE(since, seconds(30));
    EXPECT_LT(since, seconds(60));
    for (const Question& question : books.Due(*books.next())) {
      if (question.background) continue;
      EXPECT_EQ(question.at, At(kStart)) << "the minute just over";
    }
  }
}

TEST(BooksTest, WhatChangesIsStoredWithinHalfAMinute) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart + 10));
  books.TakeRecords(player.now);
  EXPECT_EQ(books.next_records(), std::nullopt);
  player.Run(At(kStart + 11));
  ASSERT_NE(books.next_records(), std::nullopt);
  EXPECT_LE(*books.next_records(), player.now + seconds(30));
  EXPECT_THAT(books.TakeRecords(*books.next_records()), SizeIs(1));
  EXPECT_EQ(books.next_records(), std::nullopt);
}

}  // namespace
}  // namespace watchfire::slo
