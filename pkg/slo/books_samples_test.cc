// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Books that ask for the samples of counters, and for sums where samples do not tell.

#include "pkg/slo/books_fixture.h"

namespace watchfire::slo {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

BooksOptions BySamples() {
  BooksOptions options;
  options.spread = false;
  options.plan.history = Duration::zero();
  return options;
}

// One counter, scraped at the last second of each minute.
promql::Vector SamplesOf(const Question& question) {
  const size_t open = question.expr.find('[');
  const Duration range =
      ParseDuration(question.expr.substr(open + 1, question.expr.size() - open - 2)).value();
  const bool bad = question.expr.starts_with("bad");
  promql::Vector out;
  for (int64_t minute = MinuteAt(question.at - range); minute < MinuteAt(question.at); ++minute) {
    const Events sum = Truth(kStart - 100, minute + 1);
    out.push_back({labels::LabelSet{{"zone", "a"}}, EndOf(Level::kMinute, minute) - seconds(1),
                   bad ? sum.bad : sum.total});
  }
  return out;
}

// Answers, and keeps what was asked for minutes.
struct Backend {
  std::vector<Question> asked;
  std::function<Result<promql::Vector>(const Question&)> samples = SamplesOf;

  std::function<Result<promql::Vector>(const Question&)> answer() {
    return [this](const Question& question) -> Result<promql::Vector> {
      asked.push_back(question);
      return question.samples ? samples(question) : Answer(question);
    };
  }
  std::vector<std::string> Take() {
    std::vector<std::string> out;
    for (const Question& question : std::exchange(asked, {})) out.push_back(question.expr);
    return out;
  }
};

TEST(BooksSamplesTest, MinutesAreCountedByTheirSamples) {
  Books books({MakeSlo("a")}, BySamples());
  Backend backend;
  Player player(&books);
  player.Run(At(kStart + 12), backend.answer());
  EXPECT_EQ(Over(books, 0, minutes(10)), Truth(kStart + 1, kStart + 11));
  EXPECT_THAT(player.closed, Each(Field(&Books::Closed::error, "")));
  EXPECT_THAT(backend.asked, Each(Field(&Question::samples, true)));
  EXPECT_THAT(backend.asked, Each(Field(&Question::step, Duration::zero())));
  // The newest minute with one before it; five minutes again.
  std::map<std::string, int> count;
  for (const std::string& expr : backend.Take()) ++count[expr];
  EXPECT_EQ(count["all[2m]"], 13);
  EXPECT_EQ(count["bad[2m]"], 13);
  EXPECT_GE(count["all[6m]"], 1);
}

TEST(BooksSamplesTest, WhatTheyDoNotTellIsAskedAsASumAtOnce) {
  Books books({MakeSlo("a")}, BySamples());
  Backend backend;
  Player player(&books);
  player.Run(At(kStart + 2), backend.answer());
  backend.Take();
  // A series that was not there before.
  backend.samples = [](const Question& question) -> Result<promql::Vector> {
    promql::Vector all = SamplesOf(question);
    all.erase(all.begin(), all.end() - 1);
    return all;
  };
  player.Run(At(kStart + 3), backend.answer());
  std::vector<std::string> asked = backend.Take();
  ASSERT_THAT(asked, SizeIs(4));
  EXPECT_THAT(asked[2], HasSubstr("max_over_time(up[5m] offset 1m) == 1"));
  EXPECT_EQ(player.closed.back().slot, At(kStart + 3));
  EXPECT_EQ(player.closed.back().error, "");
  EXPECT_EQ(Over(books, 0, minutes(2)), Truth(kStart, kStart + 2));
  // Scrapes may be further apart than a minute: for an hour it looks as far back as sums do.
  backend.samples = SamplesOf;
  player.Run(At(kStart + 4), backend.answer());
  asked = backend.Take();
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_EQ(asked[0], "bad[6m]");
  player.Run(At(kStart + 63) + seconds(1), backend.answer());
  EXPECT_EQ(backend.Take().back(), "all[2m]");
  EXPECT_EQ(Over(books, 0, minutes(60)), Truth(kStart + 2, kStart + 62));
}

TEST(BooksSamplesTest, WhoRefusesThemIsAskedForSumsForADay) {
  for (const Code code : {Code::kInvalidArgument, Code::kExhausted}) {
    Books books({MakeSlo("a")}, BySamples());
    Backend backend;
    backend.samples = [&](const Question&) -> Result<promql::Vector> {
      return Fail(code, "not this");
    };
    Player player(&books);
    player.Run(At(kStart + 10), backend.answer());
    EXPECT_EQ(Over(books, 0, minutes(5)), Truth(kStart + 4, kStart + 9));
    EXPECT_THAT(player.closed, Each(Field(&Books::Closed::error, "")));
    int samples = 0;
    for (const Question& question : backend.asked) samples += question.samples;
    EXPECT_EQ(samples, 2);
    backend.Take();
    backend.samples = SamplesOf;
    player.Run(At(kStart + 24 * 60 + 10), backend.answer());
    EXPECT_EQ(backend.Take().back(), "all[2m]");
  }
}

TEST(BooksSamplesTest, AFailureIsOneAndIsNotAskedTwice) {
  Books books({MakeSlo("a")}, BySamples());
  Backend backend;
  backend.samples = [](const Question&) -> Result<promql::Vector> {
    return Fail(Code::kUnavailable, "away");
  };
  Player player(&books);
  player.Run(At(kStart + 1), backend.answer());
  EXPECT_THAT(player.closed.back().error, HasSubstr("away"));
  EXPECT_THAT(backend.asked, Each(Field(&Question::samples, true)));
}

TEST(BooksSamplesTest, TooManyAreCountedOnceAndSumsAreAskedThen) {
  Books books({MakeSlo("a")}, BySamples());
  Backend backend;
  backend.samples = [](const Question& question) -> Result<promql::Vector> {
    promql::Vector out;
    for (int pod = 0; pod < 4001; ++pod) {
      for (promql::Sample sample : SamplesOf(question)) {
        sample.labels = labels::LabelSet{{"pod", std::to_string(pod)}, {"zone", "a"}};
        out.push_back(std::move(sample));
      }
    }
    return out;
  };
  Player player(&books);
  player.Run(At(kStart), backend.answer());
  EXPECT_EQ(Over(books, 0, minutes(1)), Truth(kStart - 2) * 4001);
  backend.Take();
  player.Run(At(kStart + 1), backend.answer());
  EXPECT_THAT(backend.asked, AllOf(Not(IsEmpty()), Each(Field(&Question::samples, false))));
}

TEST(BooksSamplesTest, AnotherBackendHasCountsOfItsOwn) {
  BooksOptions options = BySamples();
  options.increments.backend = "http://one";
  Books books({MakeSlo("a")}, options);
  Backend backend;
  Player player(&books);
  player.Run(At(kStart + 5), backend.answer());
  Books same({MakeSlo("a")}, options);
  same.AdoptState(books);
  EXPECT_EQ(Over(same, 0, minutes(5)), Over(books, 0, minutes(5)));
  options.increments.backend = "http://two";
  Books other({MakeSlo("a")}, options);
  other.AdoptState(books);
  EXPECT_THAT(other.Count(0, {minutes(5)}), IsEmpty());
}

}  // namespace
}  // namespace watchfire::slo
