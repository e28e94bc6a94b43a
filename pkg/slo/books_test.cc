// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/books.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kStart = 20'000 * 1440;

WallTime At(int64_t minute) { return WallTime(minutes(minute)); }

config::Slo MakeSlo(const std::string& id, const std::string& bad = "bad") {
  config::Slo slo;
  slo.id = id;
  slo.objective = 99.9;
  slo.error_query = "sum by (zone) (increase(" + bad + "[{{.window}}]))";
  slo.total_query = "sum by (zone) (increase(all[{{.window}}]))";
  return slo;
}

BooksOptions Short() {
  BooksOptions options;
  options.increments.growth = GrowthQuery::kIncrease;
  options.spread = false;
  return options;
}

// Counts of one zone that tell every minute from every other.
Events Truth(int64_t minute) {
  return {static_cast<double>(minute % 3), static_cast<double>(100 + minute % 7)};
}

Events Truth(int64_t from, int64_t to) {
  Events sum;
  for (int64_t minute = from; minute < to; ++minute) sum += Truth(minute);
  return sum;
}

// Answers increase(bad[…]) and increase(all[…]) from Truth().
promql::Vector Answer(const Question& question) {
  const size_t open = question.expr.find('[');
  const size_t close = question.expr.find(']');
  const Duration step = ParseDuration(question.expr.substr(open + 1, close - open - 1)).value();
  const bool bad = question.expr.find("(all[") == std::string::npos;
  promql::Vector out;
  const WallTime from = question.step > Duration::zero() ? question.from : question.at;
  for (WallTime at = from; at <= question.at; at += std::max(question.step, Duration(1))) {
    const Events events = Truth(MinuteAt(at - step), MinuteAt(at));
    out.push_back({labels::LabelSet{{"zone", "a"}}, at, bad ? events.bad : events.total});
  }
  return out;
}

// Asks and answers until nothing is due before `until`.
struct Player {
  explicit Player(Books* of) : books(of) {}

  void Run(WallTime until, const std::function<Result<promql::Vector>(const Question&)>& answer) {
    while (true) {
      const std::optional<WallTime> next = books->next();
      if (!next || *next > until) break;
      now = std::max(now, *next);
      for (const Question& question : books->Due(now)) {
        ++asked;
        for (const Books::Closed& each : books->OnAnswer(question.id, answer(question), now)) {
          closed.push_back(each);
        }
      }
    }
    now = until;
  }
  void Run(WallTime until) { Run(until, Answer); }

  Books* books;
  WallTime now = At(kStart) - seconds(1);
  std::vector<Books::Closed> closed;
  int asked = 0;
};

Events Over(const Books& books, size_t slo, Duration window) {
  const auto rows = books.Count(slo, {window});
  return rows.size() == 1 ? rows[0].windows.at(window) : Events();
}

TEST(BooksTest, CountsTheNewestMinuteThenHistory) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart) - seconds(1));  // Finds the first tick.
  player.Run(At(kStart));
  ASSERT_THAT(player.closed, SizeIs(1));
  EXPECT_EQ(player.closed[0].error, "");
  EXPECT_EQ(player.closed[0].slot, At(kStart));
  // The minute that was over 30 s ago.
  EXPECT_EQ(books.ledger(0).newest(), kStart - 2);
  player.Run(At(kStart) + seconds(30));
  const int64_t end = kStart - 1;
  EXPECT_EQ(Over(books, 0, minutes(5)), Truth(end - 5, end));
  EXPECT_EQ(Over(books, 0, hours(6)), Truth(end - 360, end));
  EXPECT_NEAR(Over(books, 0, hours(720)).total / Truth(end - 43'200, end).total, 1, 0.002);
  EXPECT_TRUE(books.Trusted(0, hours(720)));
  EXPECT_GT(books.CoverageOf(0, hours(720)), 0.99);
  EXPECT_LT(player.asked, 80);  // Stretches, not slots.
}

TEST(BooksTest, WindowsAreNotTrustedBeforeTheyAreKnown) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  const auto no_history = [](const Question& question) -> Result<promql::Vector> {
    if (question.step > Duration::zero()) return Fail(Code::kUnavailable, "too busy");
    return Answer(question);
  };
  player.Run(At(kStart) + seconds(30), no_history);
  EXPECT_FALSE(books.Trusted(0, minutes(5)));
  EXPECT_THAT(books.fill_error(0), HasSubstr("too busy"));
  player.Run(At(kStart + 7), no_history);
  EXPECT_TRUE(books.Trusted(0, minutes(5)));
  EXPECT_FALSE(books.Trusted(0, hours(1)));
  player.Run(At(kStart + 60));
  EXPECT_TRUE(books.Trusted(0, hours(720)));
  EXPECT_EQ(books.fill_error(0), "");
}

TEST(BooksTest, WithoutHistoryAWindowIsTrustedWhenAllOfItHasBeenCounted) {
  BooksOptions options = Short();
  options.plan.history = Duration::zero();
  Books books({MakeSlo("a")}, options);
  Player player(&books);
  player.Run(At(kStart) + seconds(30));
  EXPECT_FALSE(books.Trusted(0, minutes(5)));
  EXPECT_EQ(Over(books, 0, hours(1)), Truth(kStart - 2));
  player.Run(At(kStart + 58));
  EXPECT_FALSE(books.Trusted(0, hours(1)));
  player.Run(At(kStart + 59));
  EXPECT_TRUE(books.Trusted(0, hours(1)));
  EXPECT_FALSE(books.Trusted(0, hours(2)));
}

TEST(BooksTest, VeryShortWindowsAndPartsOfMinutesAreNotTrusted) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart));
  player.Run(At(kStart + 9));
  EXPECT_TRUE(books.Trusted(0, minutes(5)));
  EXPECT_FALSE(books.Trusted(0, minutes(4)));
  EXPECT_FALSE(books.Trusted(0, minutes(6) + seconds(30)));
}

TEST(BooksTest, SlosThatCountTheSameShareALedgerAndSharedTotalsAreAskedOnce) {
  config::Slo strict = MakeSlo("b");
  strict.objective = 99.99;
  Books books({MakeSlo("a"), strict, MakeSlo("c", "slow")}, Short());
  EXPECT_EQ(books.Due(At(kStart) - seconds(1)).size(), 0U);
  const auto questions = books.Due(At(kStart));
  std::vector<std::string> newest;
  for (const Question& question : questions) {
    if (question.at == At(kStart - 1)) newest.push_back(question.expr);
  }
  EXPECT_THAT(newest,
              ElementsAre("sum by (zone) (increase(bad[1m]))", "sum by (zone) (increase(all[1m]))",
                          "sum by (zone) (increase(slow[1m]))"));
  std::vector<size_t> closed;
  for (const Question& question : questions) {
    for (const auto& each : books.OnAnswer(question.id, Answer(question), At(kStart))) {
      closed.push_back(each.slo);
    }
  }
  EXPECT_THAT(closed, ElementsAre(0, 1, 2));
  EXPECT_EQ(&books.ledger(0), &books.ledger(1));
}

TEST(BooksTest, OthersNeedExactModeAndSaySo) {
  config::Slo odd = MakeSlo("odd");
  odd.error_query = "max(rate(bad[{{.window}}]))";
  Books books({MakeSlo("a"), odd}, Short());
  EXPECT_TRUE(books.Keeps(0));
  EXPECT_FALSE(books.Keeps(1));
  EXPECT_THAT(books.why_not(1), HasSubstr("max does not add up"));
}

TEST(BooksTest, AQueryThatPrometheusRefusesEndsTheLedger) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  const auto refuse = [](const Question&) -> Result<promql::Vector> {
    return Fail(Code::kInvalidArgument, "unknown function");
  };
  player.Run(At(kStart + 1), refuse);
  EXPECT_TRUE(books.Keeps(0));
  player.Run(At(kStart + 5), refuse);
  EXPECT_FALSE(books.Keeps(0));
  EXPECT_THAT(books.why_not(0), HasSubstr("unknown function"));
  EXPECT_EQ(books.next(), std::nullopt);
}

TEST(BooksTest, AFailedTickIsToldAndRepaired) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart + 2));
  player.closed.clear();
  player.Run(At(kStart + 32), [](const Question&) -> Result<promql::Vector> {
    return Fail(Code::kUnavailable, "refused");
  });
  EXPECT_EQ(player.closed.size(), 30U);
  EXPECT_THAT(player.closed[0].error, HasSubstr("refused"));
  player.Run(At(kStart + 100));
  const int64_t end = kStart + 99;
  EXPECT_EQ(Over(books, 0, minutes(100)), Truth(end - 100, end));
}

// Rows as a store keeps them.
class Rows {
 public:
  void Take(std::vector<Record> records) {
    for (Record& record : records) {
      EXPECT_TRUE(Books::IsHistory(record));
      if (record.value) {
        rows[record.key] = *record.value;
      } else {
        rows.erase(record.key);
      }
    }
  }
  void RestoreTo(Books* books) const {
    for (const auto& [key, value] : rows) {
      ASSERT_TRUE(books->Restore({Table::kSlo, key, value})) << key;
    }
  }
  std::map<std::string, std::string> rows;
};

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
  EXPECT_THAT(books.Due(player.now), IsEmpty());  // Finds the next tick.
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
  EXPECT_EQ(rows.rows.size(), before - 4);
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
  player.Run(now + minutes(5));
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
  later.Run(later.now + hours(24 * 60), [](const Question& question) -> Result<promql::Vector> {
    if (question.at > At(kStart + 10)) return promql::Vector();
    return Answer(question);
  });
  EXPECT_GT(Over(restored, 0, slo.period).total, 0);
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
  player.Run(At(kStart + 50),
             [](const Question&) -> Result<promql::Vector> { return promql::Vector(); });
  ASSERT_EQ(Over(books, 0, minutes(10)), Events());
  player.Run(At(kStart + 53));
  const int64_t end = kStart + 52;
  EXPECT_EQ(Over(books, 0, hours(1)), Truth(end - 60, end));
  EXPECT_TRUE(books.Trusted(0, hours(1)));
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
  player.Run(At(kStart + 3), [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    for (const promql::Sample& sample : Answer(question)) {
      out.push_back({labels::LabelSet{{"zone", "b"}}, sample.at, sample.value});
    }
    return out;
  });
  EXPECT_FALSE(books.Trusted(0, minutes(5)));
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
      if (!question.background) EXPECT_EQ(question.at, At(kStart)) << "the minute just over";
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

TEST(BooksTest, WhatIsStoredComesBackWhole) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  std::map<std::string, std::string> rows;
  const auto store = [&] {
    for (const Record& record : books.TakeRecords(player.now)) {
      EXPECT_TRUE(Books::IsHistory(record));
      if (record.value) {
        rows[record.key] = *record.value;
      } else {
        rows.erase(record.key);
      }
    }
  };
  // Long enough for hours to become coarser; then stored a last time.
  for (int64_t minute = kStart; minute < kStart + 10 * 60 + 7; minute += 7) {
    player.Run(At(minute) + seconds(40));
    store();
  }
  EXPECT_LT(rows.size(), 745U);
  size_t bytes = 0;
  for (const auto& [key, value] : rows) bytes += value.size();
  EXPECT_LT(bytes, 400'000U);

  Books restored({MakeSlo("a")}, Short());
  for (const auto& [key, value] : rows) {
    EXPECT_TRUE(restored.Restore({Table::kSlo, key, value}));
  }
  EXPECT_EQ(restored.ledger(0).newest(), books.ledger(0).newest());
  for (const Duration window :
       {minutes(5), minutes(60), minutes(360), minutes(1440), minutes(40'000)}) {
    EXPECT_EQ(Over(restored, 0, window), Over(books, 0, window)) << FormatDuration(window);
  }
  EXPECT_THAT(restored.TakeRecords(player.now), IsEmpty());
  // Nothing but the minutes since is asked again.
  Player later(&restored);
  later.now = player.now;
  later.Run(player.now + minutes(3));
  EXPECT_LT(later.asked, 30);
  EXPECT_FALSE(restored.Restore({Table::kSlo, rows.begin()->first, "{}"}));
  EXPECT_FALSE(restored.Restore({Table::kSlo, "\thistory/x", "{}"}));
}

TEST(BooksTest, DaysOfLongAgoAreKeptAsDays) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  std::map<std::string, std::string> rows;
  for (int64_t hour = 0; hour < 36 * 24; hour += 3) {
    player.now = At(kStart + hour * 60);  // Holes of three hours are filled at once.
    player.Run(player.now + seconds(40));
    for (const Record& record : books.TakeRecords(player.now)) {
      if (record.value) {
        rows[record.key] = *record.value;
      } else {
        rows.erase(record.key);
      }
    }
  }
  EXPECT_LT(rows.size(), 32U * 24 + 40);
  Books restored({MakeSlo("a")}, Short());
  for (const auto& [key, value] : rows) ASSERT_TRUE(restored.Restore({Table::kSlo, key, value}));
  const int64_t day = kStart / 1440 + 1;
  const Events want = Truth(day * 1440, (day + 1) * 1440);
  EXPECT_EQ(books.ledger(0).series()[0].history.At(Level::kDay, day), want);
  EXPECT_EQ(restored.ledger(0).series()[0].history.At(Level::kDay, day), want);
}

TEST(BooksTest, RowsOfAnSliThatIsGoneAreDeletedWhenTheyAreOld) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart + 5));
  const auto rows = books.TakeRecords(player.now);
  EXPECT_GT(rows.size(), 700U);
  Books without({}, Short());
  without.AdoptState(books);
  EXPECT_THAT(without.TakeRecords(player.now + minutes(10)), IsEmpty());
  const auto deleted = without.TakeRecords(player.now + hours(24 * 33));
  EXPECT_GE(deleted.size(), 720U);
  // The same after a restart.
  Books restarted({}, Short());
  for (const Record& row : rows) EXPECT_TRUE(restarted.Restore(row));
  EXPECT_THAT(restarted.TakeRecords(player.now), IsEmpty());
  EXPECT_THAT(restarted.TakeRecords(player.now + hours(24 * 33)), SizeIs(rows.size()));
}

TEST(BooksTest, ObjectiveWindowsAndLabelsMayChange) {
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart + 5));
  config::Slo changed = MakeSlo("renamed");
  changed.objective = 95;
  changed.labels = labels::LabelSet{{"team", "shop"}};
  Books next({changed}, Short());
  next.AdoptState(books);
  EXPECT_EQ(Over(next, 0, hours(24)), Over(books, 0, hours(24)));
  // What is counted may not.
  Books other({MakeSlo("a", "worse")}, Short());
  other.AdoptState(books);
  EXPECT_THAT(other.Count(0, {hours(1)}), IsEmpty());
}

TEST(BooksTest, EachHourSomeAreAskedInExactPromQL) {
  BooksOptions options = Short();
  options.audits_per_hour = 1;
  Books books({MakeSlo("a"), MakeSlo("b", "slow")}, options);
  Player player(&books);
  player.Run(At(kStart + 30));
  std::vector<std::string> exact;
  const auto answer = [&](const Question& question) -> Result<promql::Vector> {
    if (question.expr.find(" / ") == std::string::npos) return Answer(question);
    exact.push_back(question.expr);
    // A burn rate of 2 for every window.
    return promql::Vector{{labels::LabelSet{{"zone", "a"}}, question.at, 0.002}};
  };
  player.Run(At(kStart + 70), answer);
  EXPECT_THAT(exact, SizeIs(3));
  EXPECT_THAT(exact[0], HasSubstr("bad[1h]"));
  const auto audit = books.AuditOf(0);
  ASSERT_THAT(audit, SizeIs(3));
  const Events hour = Truth(kStart + 58 - 60 + 1, kStart + 59);
  EXPECT_NEAR(audit.at(hours(1)).burn_rate_delta, 2 - hour.bad / hour.total / 0.001, 0.2);
  EXPECT_THAT(books.AuditOf(1), IsEmpty());
  player.Run(At(kStart + 130), answer);
  EXPECT_THAT(books.AuditOf(1), SizeIs(3));
}

}  // namespace
}  // namespace watchfire::slo
