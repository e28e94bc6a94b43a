// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/days.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/budgets_fixture.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int32_t kToday = 20'000;

config::Slo Counted(int period_days = 3) {
  config::Slo slo = WithPolicy();
  slo.error_query = "sum(rate(bad[{{.window}}]))";
  slo.total_query = "sum(rate(all[{{.window}}]))";
  slo.period = hours(24 * period_days);
  return slo;
}

promql::Vector One(double value) { return {{{}, kNoTime, value}}; }
std::optional<Days::CountedDay> NotCounted(size_t, int64_t) { return std::nullopt; }

class DaysTest : public testing::Test {
 protected:
  DaysTest() { Use(Counted()); }

  void Use(const config::Slo& slo) {
    slos_ = {slo};
    days_ = std::make_unique<Days>(slos_, /*spread=*/false);
  }
  // Lets time pass until nothing is asked for `span`; all answers say how many days ago it was.
  void Run(Duration span) {
    for (const WallTime end = now_ + span; now_ < end; now_ += minutes(1)) {
      for (const DayQuestion& question : days_->Due(now_, counted_)) {
        exprs_.push_back(question.expr);
        asked_.push_back(DayOf(question.at) - 1);
        days_->OnAnswer(question.id, answer_(question), now_);
      }
      for (const Record& record : days_->TakeRecords()) {
        if (record.value) {
          disk_[record.key] = *record.value;
        } else {
          disk_.erase(record.key);
        }
      }
    }
  }
  std::vector<int32_t> Kept() const {
    std::vector<int32_t> out;
    if (days_->of(0) == nullptr) return out;
    for (const BudgetDay& day : *days_->of(0)) out.push_back(day.day - kToday);
    return out;
  }
  void Restart() {
    days_ = std::make_unique<Days>(slos_, false);
    for (const auto& [key, value] : disk_) {
      ASSERT_TRUE(days_->Restore({Table::kSlo, key, value}).has_value());
    }
    asked_.clear();
    exprs_.clear();
  }

  std::vector<config::Slo> slos_;
  std::unique_ptr<Days> days_;
  WallTime now_ = StartOfDay(kToday) + hours(1);
  Days::Counted counted_ = NotCounted;
  std::function<Result<promql::Vector>(const DayQuestion&)> answer_ = [](const DayQuestion& q) {
    return One(q.expr.find("bad") != std::string::npos ? 2 : 1000);
  };
  std::vector<std::string> exprs_;
  std::vector<int32_t> asked_;
  std::map<std::string, std::string> disk_;
};

TEST_F(DaysTest, APeriodIsAskedForNewestFirstAndThenEachDayOnce) {
  Run(hours(2));
  EXPECT_THAT(asked_,
              ElementsAre(kToday - 1, kToday - 1, kToday - 2, kToday - 2, kToday - 3, kToday - 3));
  EXPECT_THAT(exprs_, testing::Contains("sum(increase(bad[1d]))"));
  EXPECT_THAT(Kept(), ElementsAre(-3, -2, -1));
  asked_.clear();
  Run(hours(24));
  EXPECT_THAT(asked_, ElementsAre(kToday, kToday));
  const BudgetDay& day = days_->of(0)->back();
  EXPECT_EQ(day.bad, 2);
  EXPECT_EQ(day.total, 1000);
}

TEST_F(DaysTest, ConsumedSumsUpToWhatThePeriodConsumed) {
  // 0.1 % of 1000 events a day, three days long: three may be bad.
  Run(hours(2));
  double sum = 0;
  for (size_t i = 0; i < 3; ++i) sum += *ConsumedOn(slos_[0], *days_->of(0), i);
  EXPECT_NEAR(sum, 2, 1e-6);
}

TEST_F(DaysTest, AsManyEventsAreInAPeriodAsItsDaysHad) {
  // Three days a period, of which one is not known.
  const BudgetDays days = {{0, 0, 9000, 1}, {1, 1, 100, 1}, {2, NAN, NAN, 1}, {3, 1, 200, 1}};
  EXPECT_EQ(EventsOf(slos_[0], days), 450);
  EXPECT_EQ(EventsOf(slos_[0], {}), std::nullopt);
  EXPECT_EQ(EventsOf(slos_[0], {{2, 0.5, NAN, 1}}), std::nullopt);
}

TEST_F(DaysTest, ADayWithMoreTrafficSpendsMore) {
  BudgetDays days = {{0, 0, 100, 1}, {1, 1, 1000, 1}, {2, 1, 1900, 1}};
  // 3000 events, of which three may be bad.
  EXPECT_NEAR(*ConsumedOn(slos_[0], days, 2), 1.0 / 3, 1e-6);
  days[2].total = days[2].bad = 0;
  EXPECT_EQ(ConsumedOn(slos_[0], days, 2), std::nullopt);
}

TEST_F(DaysTest, ARestartAsksNothingAgain) {
  days_->Left(0, 0.75, now_ - hours(2));
  Run(hours(2));
  const BudgetDays before = *days_->of(0);
  Restart();
  Run(hours(2));
  EXPECT_THAT(asked_, IsEmpty());
  ASSERT_THAT(*days_->of(0), SizeIs(before.size()));
  EXPECT_EQ(days_->of(0)->back().remaining, 0.75F);
  EXPECT_EQ(days_->of(0)->back().bad, before.back().bad);
  EXPECT_TRUE(std::isnan(days_->of(0)->front().remaining)) << "nobody looked then";
}

TEST_F(DaysTest, WhatWasLeftIsOfTheDaysEnd) {
  Run(hours(1));
  days_->Left(0, 0.5, now_);
  days_->Left(0, 0.4, StartOfDay(kToday + 1) - minutes(1));
  days_->Left(0, 0.3, StartOfDay(kToday + 1) + minutes(1));
  Run(hours(24));
  EXPECT_EQ(days_->of(0)->back().remaining, 0.4F);
}

TEST_F(DaysTest, WhoDoesNotAnswerIsAskedAgain) {
  const auto good = answer_;
  answer_ = [](const DayQuestion&) -> Result<promql::Vector> {
    return Fail(Code::kUnavailable, "connection refused");
  };
  Run(hours(1));
  EXPECT_THAT(Kept(), IsEmpty());
  EXPECT_GE(asked_.size(), 4U);
  EXPECT_LE(asked_.size(), 14U) << "every ten minutes";
  answer_ = good;
  Run(hours(1));
  EXPECT_THAT(Kept(), ElementsAre(-3, -2, -1));
}

TEST_F(DaysTest, AFifthOfTheTimeAtMostIsSpentOnThem) {
  slos_.clear();
  for (int i = 0; i < 10; ++i) {
    slos_.push_back(Counted(30));
    slos_.back().id = "shop-" + std::to_string(i);
  }
  for (const bool is_good : {true, false}) {
    days_ = std::make_unique<Days>(slos_, false);
    Duration busy{};
    const WallTime start = now_;
    while (now_ < start + hours(6)) {
      now_ = std::max(now_ + seconds(1), days_->next().value_or(now_));
      const std::vector<DayQuestion> questions = days_->Due(now_, counted_);
      if (questions.empty()) continue;
      busy += seconds(90);
      now_ += seconds(90);
      for (const DayQuestion& question : questions) {
        const auto late = [] { return Fail(Code::kUnavailable, "cut off"); };
        days_->OnAnswer(question.id, is_good ? Result<promql::Vector>(One(1)) : late(), now_);
      }
    }
    EXPECT_GT(busy, minutes(30)) << is_good;
    EXPECT_LE(busy, (now_ - start) / 5 + seconds(90)) << is_good;
  }
}

TEST_F(DaysTest, ADayThatTakesTooLongIsAskedRarely) {
  answer_ = [](const DayQuestion&) -> Result<promql::Vector> {
    return Fail(Code::kTimeout, "query timed out");
  };
  Run(hours(5));
  EXPECT_THAT(asked_, SizeIs(2));
  Run(hours(5));
  EXPECT_THAT(asked_, SizeIs(4));
}

TEST_F(DaysTest, ReloadsDoNotHoldUpTheDays) {
  for (int i = 0; i < 30; ++i) {
    Run(minutes(1));
    auto next = std::make_unique<Days>(slos_, false);
    next->AdoptState(*days_);
    days_ = std::move(next);
  }
  EXPECT_THAT(Kept(), ElementsAre(-3, -2, -1));
}

TEST_F(DaysTest, WhatIsOutDuringAReloadIsAskedAgainAndItsAnswerIsNobodys) {
  Run(minutes(2));
  now_ += minutes(1);
  const std::vector<DayQuestion> out = days_->Due(now_, counted_);
  ASSERT_THAT(out, SizeIs(2));
  Days next(slos_, false);
  next.AdoptState(*days_);
  const std::vector<DayQuestion> again = next.Due(now_, counted_);
  ASSERT_THAT(again, SizeIs(2));
  for (const DayQuestion& question : out) next.OnAnswer(question.id, One(77), now_);
  EXPECT_EQ(next.of(0), nullptr);
  for (const DayQuestion& question : again) next.OnAnswer(question.id, One(1), now_);
  ASSERT_NE(next.of(0), nullptr);
  EXPECT_EQ(next.of(0)->back().total, 1);
}

TEST_F(DaysTest, AReloadWithALongerPeriodAsksForIt) {
  Run(hours(2));
  asked_.clear();
  std::vector<config::Slo> longer = {Counted(5)};
  Days next(longer, false);
  next.AdoptState(*days_);
  now_ += minutes(3);
  EXPECT_THAT(next.Due(now_, counted_), SizeIs(2));
}

TEST_F(DaysTest, OneThatIsRefusedDoesNotHoldUpTheOthers) {
  slos_ = {Counted(), Counted()};
  slos_[1].id = "shop-other";
  days_ = std::make_unique<Days>(slos_, false);
  answer_ = [](const DayQuestion& question) -> Result<promql::Vector> {
    if (question.slo == 0) return InvalidArgument("too many samples");
    return One(5);
  };
  Run(hours(1));
  EXPECT_EQ(days_->of(0), nullptr);
  ASSERT_NE(days_->of(1), nullptr);
  EXPECT_THAT(*days_->of(1), SizeIs(3));
}

TEST_F(DaysTest, BeforeThereWasDataNothingIsAskedAnyMore) {
  Use(Counted(30));
  answer_ = [](const DayQuestion& question) -> Result<promql::Vector> {
    if (DayOf(question.at) - 1 < kToday - 2) return promql::Vector();
    return One(5);
  };
  Run(hours(3));
  EXPECT_THAT(Kept(), ElementsAre(-5, -4, -3, -2, -1));
  EXPECT_TRUE(days_->of(0)->front().is_empty());
}

TEST_F(DaysTest, OfARatioTheWorstLabelSetIsKept) {
  config::Slo slo = WithPolicy();
  slo.error_query = slo.total_query = "";
  slo.error_ratio_query = "shop:errors:ratio_rate{{.window}}";
  slo.period = hours(24);
  Use(slo);
  answer_ = [](const DayQuestion&) {
    return promql::Vector{{{{"a", "1"}}, kNoTime, 0.0005},
                          {{{"a", "2"}}, kNoTime, 0.002},
                          {{{"a", "3"}}, kNoTime, NAN}};
  };
  Run(hours(1));
  ASSERT_THAT(Kept(), ElementsAre(-1));
  EXPECT_NEAR(days_->of(0)->back().error_ratio(), 0.002, 1e-9);
  EXPECT_NEAR(*ConsumedOn(slos_[0], *days_->of(0), 0), 2, 1e-5);
}

TEST_F(DaysTest, WhatWasCountedIsNotAsked) {
  counted_ = [](size_t, int64_t day) -> std::optional<Days::CountedDay> {
    if (day < kToday - 1) return std::nullopt;
    return Days::CountedDay{{7, 70}};
  };
  Run(hours(2));
  EXPECT_THAT(asked_, testing::Each(testing::Lt(kToday - 1)));
  EXPECT_EQ(days_->of(0)->back().bad, 7);
}

TEST_F(DaysTest, ADayOfWhichSomethingElseIsExcludedIsCountedAgain) {
  days_->Left(0, 0.75, now_ - hours(2));
  Run(hours(2));
  int counted = 0;
  const auto count = [&counted](size_t, int64_t day) -> std::optional<Days::CountedDay> {
    ++counted;
    if (day == kToday - 3) return std::nullopt;
    return Days::CountedDay{{1, 900}, 17};
  };
  const std::map<int32_t, uint32_t> excluded = {{kToday - 3, 17}, {kToday - 1, 17}};
  days_->Recount(0, kToday - 100, excluded, count);
  EXPECT_EQ(counted, 2);
  EXPECT_EQ(days_->of(0)->back().bad, 1);
  EXPECT_EQ(days_->of(0)->back().total, 900);
  EXPECT_EQ(days_->of(0)->back().remaining, 0.75F) << "that is what was told";
  EXPECT_EQ(days_->of(0)->front().total, 1000) << "nobody knows";
  // It is stored; what is as it was is not counted anew.
  Run(minutes(1));
  Restart();
  EXPECT_EQ(days_->of(0)->back().total, 900);
  days_->Recount(0, kToday - 100, {{kToday - 1, 17}}, count);
  EXPECT_EQ(counted, 2);
  // Taken back.
  days_->Recount(0, kToday, {}, count);
  EXPECT_EQ(counted, 2) << "that is too old";
  days_->Recount(0, kToday - 100, {}, [](size_t, int64_t) -> std::optional<Days::CountedDay> {
    return Days::CountedDay{{2, 1000}};
  });
  EXPECT_EQ(days_->of(0)->back().total, 1000);
  Run(minutes(1));
  EXPECT_THAT(disk_.begin()->second, testing::Not(HasSubstr("17")));
}

TEST_F(DaysTest, DaysThatAreLeftOutDoNotEndWhatIsAsked) {
  Use(Counted(6));
  counted_ = [](size_t, int64_t day) -> std::optional<Days::CountedDay> {
    if (day < kToday - 4) return std::nullopt;
    return Days::CountedDay{{0, 0}, 17};
  };
  Run(hours(2));
  EXPECT_THAT(Kept(), ElementsAre(-6, -5, -4, -3, -2, -1));
}

TEST_F(DaysTest, FourHundredDaysAreKeptInFewRows) {
  for (int i = 0; i < 450; ++i) Run(hours(24));
  EXPECT_THAT(*days_->of(0), SizeIs(kBudgetDays));
  EXPECT_LE(disk_.size(), kBudgetDays / Days::kDaysPerRow + 2);
  size_t bytes = 0;
  for (const auto& [key, value] : disk_) bytes += key.size() + value.size();
  EXPECT_LE(bytes, 40 * kBudgetDays);
  Restart();
  EXPECT_THAT(*days_->of(0), SizeIs(kBudgetDays));
}

TEST_F(DaysTest, AClockThatWasAheadLeavesNothingBehind) {
  const WallTime before = now_;
  now_ += hours(24 * 10);
  Run(hours(2));
  now_ = before;
  Run(hours(2));
  EXPECT_THAT(Kept(), ElementsAre(-3, -2, -1));
}

TEST_F(DaysTest, AReloadKeepsTheDaysAndThoseOfTheGoneAsWell) {
  Run(hours(2));
  std::vector<config::Slo> other = {Counted()};
  other[0].id = "shop-other";
  Days without(other, false);
  without.AdoptState(*days_);
  EXPECT_EQ(without.of(0), nullptr);
  std::vector<config::Slo> back = {Counted()};
  back[0].objective = 99;
  Days again(back, false);
  again.AdoptState(without);
  ASSERT_NE(again.of(0), nullptr);
  EXPECT_THAT(*again.of(0), SizeIs(3));
}

TEST_F(DaysTest, ATornRowIsCorrupt) {
  Run(hours(2));
  const auto [key, value] = *disk_.begin();
  for (size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(days_->Restore({Table::kSlo, key, value.substr(0, size)}).has_value()) << size;
  }
  EXPECT_FALSE(days_->Restore({Table::kSlo, "\tdays/x", value}).has_value());
}

}  // namespace
}  // namespace watchfire::slo
