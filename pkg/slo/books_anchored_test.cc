// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Books that find out whether Prometheus takes anchored ranges.

#include <algorithm>

#include "pkg/slo/books_fixture.h"

namespace watchfire::slo {
namespace {

using ::testing::Each;
using ::testing::Field;

BooksOptions Finding() {
  BooksOptions options;
  options.find_anchored = true;
  options.spread = false;
  options.plan.history = Duration::zero();
  return options;
}

bool IsAnchored(const Question& question) {
  return question.expr.find(" anchored)") != std::string::npos;
}

Result<promql::Vector> Refuse(const Question&) {
  return Fail(Code::kInvalidArgument, "unexpected identifier \"anchored\"");
}

// One that does not hand out samples, so that all is asked for as sums.
struct Backend {
  std::function<Result<promql::Vector>(const Question&)> anchored = Answer;
  std::vector<Question> asked;

  std::function<Result<promql::Vector>(const Question&)> answer() {
    return [this](const Question& question) -> Result<promql::Vector> {
      asked.push_back(question);
      if (question.samples) return Fail(Code::kInvalidArgument, "no samples");
      return IsAnchored(question) ? anchored(question) : Answer(question);
    };
  }
  int64_t anchored_asked() const { return std::ranges::count_if(asked, IsAnchored); }
};

TEST(BooksAnchoredTest, AProbeThatTellsTheSameIsBelieved) {
  Books books({MakeSlo("a")}, Finding());
  Backend backend;
  Player player(&books);
  player.Run(At(kStart), backend.answer());
  EXPECT_FALSE(books.asks_anchored());
  EXPECT_EQ(backend.anchored_asked(), 0) << "nothing to compare with yet";
  player.Run(At(kStart + 10), backend.answer());
  EXPECT_TRUE(books.asks_anchored());
  EXPECT_TRUE(IsAnchored(backend.asked.back()));
  EXPECT_EQ(Over(books, 0, minutes(5)), Truth(kStart + 4, kStart + 9));
  EXPECT_THAT(player.closed, Each(Field(&Books::Closed::error, "")));
}

TEST(BooksAnchoredTest, WhoDoesNotKnowThemIsAskedOnce) {
  Books books({MakeSlo("a")}, Finding());
  Backend backend;
  backend.anchored = Refuse;
  Player player(&books);
  player.Run(At(kStart + 130), backend.answer());
  EXPECT_FALSE(books.asks_anchored());
  EXPECT_EQ(backend.anchored_asked(), 1);
  EXPECT_THAT(player.closed, Each(Field(&Books::Closed::error, "")));
}

TEST(BooksAnchoredTest, WhoReadsOverTheWordIsFoundOut) {
  Books books({MakeSlo("a")}, Finding());
  Backend backend;
  backend.anchored = [](const Question& question) {
    promql::Vector extrapolated = Answer(question);
    for (promql::Sample& sample : extrapolated) sample.value *= 1.3;
    return extrapolated;
  };
  Player player(&books);
  player.Run(At(kStart + 130), backend.answer());
  EXPECT_FALSE(books.asks_anchored());
  EXPECT_EQ(backend.anchored_asked(), 3) << "once an hour";
}

TEST(BooksAnchoredTest, AProbeThatIsNotAnsweredIsRepeated) {
  Books books({MakeSlo("a")}, Finding());
  Backend backend;
  backend.anchored = [&](const Question& question) -> Result<promql::Vector> {
    if (backend.anchored_asked() == 1) return Fail(Code::kTimeout, "no answer");
    return Answer(question);
  };
  Player player(&books);
  player.Run(At(kStart + 4), backend.answer());
  EXPECT_FALSE(books.asks_anchored());
  player.Run(At(kStart + 10), backend.answer());
  EXPECT_TRUE(books.asks_anchored());
}

TEST(BooksAnchoredTest, OneThatIsStartedWithoutIsAskedAsBeforeAtOnce) {
  BooksOptions told = Finding();
  told.find_anchored = false;
  told.increments.growth = GrowthQuery::kAnchored;
  for (const BooksOptions& options : {Finding(), told}) {
    Books books({MakeSlo("a")}, options);
    Backend backend;
    Player player(&books);
    player.Run(At(kStart + 10), backend.answer());
    ASSERT_TRUE(books.asks_anchored());
    backend.anchored = Refuse;
    player.Run(At(kStart + 20), backend.answer());
    EXPECT_FALSE(books.asks_anchored());
    EXPECT_THAT(player.closed, Each(Field(&Books::Closed::error, ""))) << "no minute is lost";
    backend.asked.clear();
    player.Run(At(kStart + 150), backend.answer());
    EXPECT_EQ(backend.anchored_asked(), 0);
    EXPECT_EQ(Over(books, 0, hours(2)), Truth(kStart + 29, kStart + 149));
  }
}

TEST(BooksAnchoredTest, AQueryThatIsWrongAnywayChangesNothing) {
  Books books({MakeSlo("a"), MakeSlo("b", "worse")}, Finding());
  Backend backend;
  bool is_wrong = false;
  Player player(&books);
  const auto answer = [&](const Question& question) -> Result<promql::Vector> {
    const bool refused = is_wrong && question.expr.find("worse") != std::string::npos;
    if (refused) return Fail(Code::kInvalidArgument, "many-to-many matching not allowed");
    return backend.answer()(question);
  };
  player.Run(At(kStart + 10), answer);
  ASSERT_TRUE(books.asks_anchored());
  is_wrong = true;
  player.Run(At(kStart + 20), answer);
  EXPECT_TRUE(books.asks_anchored());
  EXPECT_EQ(Over(books, 0, minutes(5)), Truth(kStart + 14, kStart + 19));
}

TEST(BooksAnchoredTest, AReloadGoesOnWithWhatWasFoundOut) {
  BooksOptions options = Finding();
  options.increments.backend = "http://one";
  Books books({MakeSlo("a")}, options);
  Backend backend;
  Player player(&books);
  player.Run(At(kStart + 10), backend.answer());
  Books same({MakeSlo("a"), MakeSlo("b")}, options);
  same.AdoptState(books);
  EXPECT_TRUE(same.asks_anchored());
  EXPECT_EQ(Over(same, 0, minutes(5)), Over(books, 0, minutes(5)));
  options.increments.backend = "http://two";
  Books other({MakeSlo("a")}, options);
  other.AdoptState(books);
  EXPECT_FALSE(other.asks_anchored());
}

TEST(BooksAnchoredTest, WhatCountsNoCountersAsksForNone) {
  config::Slo slo = MakeSlo("a");
  slo.error_query = "sum by (zone) (count_over_time(bad[{{.window}}]))";
  slo.total_query = "sum by (zone) (count_over_time(all[{{.window}}]))";
  Books books({slo}, Finding());
  Backend backend;
  Player player(&books);
  player.Run(At(kStart + 10), backend.answer());
  EXPECT_EQ(Over(books, 0, minutes(5)), Truth(kStart + 4, kStart + 9));
  EXPECT_EQ(backend.anchored_asked(), 0);
}

}  // namespace
}  // namespace watchfire::slo
