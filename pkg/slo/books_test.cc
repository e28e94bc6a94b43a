// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/books.h"

#include "pkg/slo/books_fixture.h"

namespace watchfire::slo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST(BooksTest, HistoryTakesAFifthOfOneQueryThoughTwoAreWorkedOnSideBySide) {
  Books books({MakeSlo("a")}, Short());
  books.Due(At(kStart) - seconds(1));
  std::vector<Question> fills;
  for (const Question& question : books.Due(At(kStart))) {
    if (question.background) {
      fills.push_back(question);
    } else {
      books.OnAnswer(question.id, Answer(question), At(kStart));
    }
  }
  ASSERT_THAT(fills, SizeIs(2));
  books.OnAnswer(fills[0].id, Answer(fills[0]), At(kStart) + seconds(2));
  books.OnAnswer(fills[1].id, Answer(fills[1]), At(kStart) + seconds(3));
  // Five seconds of work are a fifth of 25.
  EXPECT_EQ(*books.next(), At(kStart) + seconds(25));
  EXPECT_THAT(books.Due(At(kStart) + seconds(24)), IsEmpty());
  EXPECT_THAT(books.Due(At(kStart) + seconds(25)), SizeIs(2));
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

// As Answer(), but each minute has 100 requests, of which `bad` says how many fail.
std::function<Result<promql::Vector>(const Question&)> Answering(std::map<int64_t, double> bad) {
  return [bad](const Question& question) -> Result<promql::Vector> {
    promql::Vector out = Answer(question);
    const size_t open = question.expr.find('[');
    const size_t close = question.expr.find(']');
    const Duration step = ParseDuration(question.expr.substr(open + 1, close - open - 1)).value();
    for (promql::Sample& sample : out) {
      const int64_t from = MinuteAt(sample.at - step);
      const int64_t to = MinuteAt(sample.at);
      sample.value = static_cast<double>(to - from) * 100;
      if (question.expr.find("(all[") != std::string::npos) continue;
      sample.value = 0;
      for (auto at = bad.lower_bound(from); at != bad.end() && at->first < to; ++at) {
        sample.value += at->second;
      }
    }
    return out;
  };
}

TEST(BooksTest, ABudgetBeginsWithItsMinuteAndNotWithAShareOfAnHour) {
  // At kStart + 90 the newest minute is kStart + 88, and 30 days begin 89 minutes after the start
  // of a day: most of the errors of that hour are older.
  const int64_t day = kStart - 30 * 1440;
  const auto answer = Answering({{day + 70, 90}, {day + 100, 30}});
  Books books({MakeSlo("a")}, Short());
  Player player(&books);
  player.Run(At(kStart + 90), answer);
  ASSERT_EQ(books.ledger(0).newest(), kStart + 88);
  const Events period = Over(books, 0, hours(720));
  EXPECT_NEAR(period.bad, 30, 1e-2) << "a share of the time would be 62";
  EXPECT_NEAR(period.total, 43'200 * 100, 1);
  EXPECT_NEAR(books.RatioOf(0, hours(720))[0].value, 30 / (43'200 * 100.0), 1e-9);
  // As the edge moves on, each minute leaves when its time has come.
  player.Run(At(kStart + 101), answer);
  EXPECT_NEAR(Over(books, 0, hours(720)).bad, 30, 1e-2);
  player.Run(At(kStart + 102) + seconds(1), answer);
  EXPECT_NEAR(Over(books, 0, hours(720)).bad, 0, 1e-2);
  EXPECT_LT(books.ledger(0).Bytes(), 45'000U);

  // Who cannot be asked about minutes of so long ago has the share of the time.
  Books refused({MakeSlo("a")}, Short());
  Player other(&refused);
  other.Run(At(kStart + 90), [&](const Question& question) -> Result<promql::Vector> {
    const bool is_old_minute =
        question.expr.find("[1m]") != std::string::npos && question.at < At(kStart - 29 * 1440);
    if (is_old_minute) return Fail(Code::kInvalidArgument, "too long ago");
    return answer(question);
  });
  EXPECT_NEAR(Over(refused, 0, hours(720)).bad, 120 * 31 / 60.0, 1e-3);
  EXPECT_EQ(refused.fill_error(0), "");
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
  const Events hour = Truth(kStart - 2, kStart + 58);
  EXPECT_NEAR(audit.at(hours(1)).burn_rate_delta, 2 - hour.bad / hour.total / 0.001, 0.2);
  EXPECT_THAT(books.AuditOf(1), IsEmpty());
  player.Run(At(kStart + 130), answer);
  EXPECT_THAT(books.AuditOf(1), SizeIs(3));
}

}  // namespace
}  // namespace watchfire::slo
