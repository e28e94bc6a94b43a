// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What an evaluation says of the error budgets.

#include <algorithm>
#include <iterator>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/slo/budgets.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/days.h"
#include "pkg/slo/period.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

// Errors without any event are an infinite ratio, of which no number could be kept.
constexpr double kShareMax = 1e6;

constexpr int64_t kDayMinutes = 1440;

double Bounded(double value) { return std::clamp(value, -kShareMax, kShareMax); }

}  // namespace

void Engine::Append(Outcome from, Outcome* to) {
  const auto move = [](auto& source, auto& target) {
    target.insert(target.end(), std::make_move_iterator(source.begin()),
                  std::make_move_iterator(source.end()));
  };
  move(from.send, to->send);
  move(from.records, to->records);
  move(from.changes, to->changes);
  move(from.health, to->health);
}

// The budget may have been asked hours ago: it is as good as now while nothing burns, which the
// shortest window says. Without that nothing is known of now.
void Engine::JudgeBudget(size_t index, WallTime now, Outcome* outcome) {
  const config::Slo& slo = slos_[index];
  const SloState& state = states_[index];
  if (!state.answers.contains(*state.windows.begin())) return;
  const Duration projection = ProjectionWindow(slo);
  std::optional<Budgets::Known> worst;
  for (const Reading& reading : state.status.readings) {
    const std::optional<double> left = BudgetRemaining(slo, reading);
    if (!left || (worst && worst->remaining <= Bounded(*left))) continue;
    worst = Budgets::Known{Bounded(*left), BurnRate(slo, reading, projection)};
    if (worst->burn_rate) worst->burn_rate = Bounded(*worst->burn_rate);
  }
  if (worst && !state.counted.contains(slo.period) && IsExcluded(state, now)) {
    // Exact PromQL leaves nothing out: no policy is to get worse by that while the time lasts.
    const Budget& told = budgets_->budget(index);
    const bool is_of_period =
        !slo.calendar || told.known_at >= PeriodStart(*slo.calendar, state.slot);
    if (told.remaining && is_of_period) {
      worst->remaining = std::max(worst->remaining, *told.remaining);
    }
  }
  if (!worst && BeginsAnew(index)) worst = Budgets::Known{1, std::nullopt};
  if (!worst) return;
  if (days_) days_->Left(index, worst->remaining, state.slot);
  Budgets::Outcome budgets;
  budgets_->Judge(index, *worst, state.slot, now, &budgets);
  Append({std::move(budgets.send), {}, std::move(budgets.changes)}, outcome);
}

// Whether a calendar period has begun without data: none of the last one's is spent of it. Where
// nothing was ever known nothing is: the queries may be wrong.
bool Engine::BeginsAnew(size_t index) const {
  const config::Slo& slo = slos_[index];
  const WallTime known_at = budgets_->budget(index).known_at;
  if (!slo.calendar || known_at == kNoTime) return false;
  const WallTime start = PeriodStart(*slo.calendar, states_[index].slot);
  const auto answer = states_[index].answers.find(slo.period);
  return known_at < start && answer != states_[index].answers.end() && answer->second.slot >= start;
}

std::vector<Record> Engine::TakeRecords(WallTime now, bool all) {
  std::vector<Record> records = books_.TakeRecords(now, all);
  for (Record& record : budgets_->TakeRecords(now, all)) records.push_back(std::move(record));
  if (!days_) return records;
  for (Record& record : days_->TakeRecords()) records.push_back(std::move(record));
  return records;
}

// Days that are over are counted again where what is excluded of them has changed: said afterwards,
// taken back, another schedule.
void Engine::RecountDays(size_t slo, WallTime now) {
  if (!days_ || !days_->of(slo) || !Counts(slo)) return;
  // An exclusion is forgotten as old as days are: then it is not taken back.
  const int32_t oldest =
      std::max(days_->of(slo)->front().day, DayOf(now) - static_cast<int32_t>(kBudgetDays) + 2);
  std::map<int32_t, ExcludedSpans> by_day;
  for (const ExcludedSpan& span : SpansOf(slo, oldest * kDayMinutes, DayOf(now) * kDayMinutes)) {
    for (int64_t day = span.begin / kDayMinutes; day * kDayMinutes < span.end; ++day) {
      const int64_t begin = day * kDayMinutes;
      for (const ExcludedSpan& part : Within({span}, begin, begin + kDayMinutes)) {
        by_day[static_cast<int32_t>(day)].push_back(part);
      }
    }
  }
  std::map<int32_t, uint32_t> numbers;
  for (const auto& [day, spans] : by_day) numbers.emplace(day, NumberOf(spans));
  days_->Recount(
      slo, oldest, numbers, [&](size_t which, int64_t day) -> std::optional<Days::CountedDay> {
        const auto spans = by_day.find(static_cast<int32_t>(day));
        const ExcludedSpans excluded = spans == by_day.end() ? ExcludedSpans() : spans->second;
        const std::optional<Events> events = books_.EventsOn(which, day, excluded);
        if (!events) return std::nullopt;
        return Days::CountedDay{*events, NumberOf(excluded)};
      });
}

void Engine::AskDays(WallTime now, std::vector<Query>* queries) {
  if (!days_) return;
  const auto counted = [this](size_t slo, int64_t day) -> std::optional<Days::CountedDay> {
    if (!Counts(slo)) return std::nullopt;
    const int64_t begin = day * kDayMinutes;
    const ExcludedSpans excluded = SpansOf(slo, begin, begin + kDayMinutes);
    const std::optional<Events> events = books_.EventsOn(slo, day, excluded);
    if (!events) return std::nullopt;
    return Days::CountedDay{*events, NumberOf(excluded)};
  };
  for (DayQuestion& question : days_->Due(now, counted)) {
    Query query{question.slo, {}, std::move(question.expr), question.at};
    query.question = question.id;
    query.background = true;
    queries->push_back(std::move(query));
  }
}

Status Engine::RestoreBudget(const Record& record) {
  Status status = budgets_->Restore(record);
  const std::optional<size_t> slo = budgets_->SloOf(record);
  if (!status || !slo || !days_) return status;
  const Budget& budget = budgets_->budget(*slo);
  if (budget.remaining) days_->Left(*slo, *budget.remaining, budget.known_at);
  return status;
}

Budget Engine::budget(size_t slo) const {
  WF_CHECK(slo < states_.size());
  Budget budget = budgets_->budget(slo);
  if (days_) budget.days = days_->of(slo);
  // Days count all label sets together, of which none in particular is spent.
  const std::vector<Reading>& readings = states_[slo].status.readings;
  if (budget.days && readings.size() == 1) {
    const std::optional<double> events = EventsOf(slos_[slo], *budget.days);
    if (events) budget.events = *events * BudgetRatio(slos_[slo]);
  }
  return budget;
}

}  // namespace watchfire::slo
