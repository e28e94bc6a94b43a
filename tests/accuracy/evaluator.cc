// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/accuracy/evaluator.h"

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "pkg/base/check.h"

namespace watchfire::accuracy {

using std::chrono::hours;
using std::chrono::minutes;

config::Slo ShopSlo() {
  config::Slo slo;
  slo.id = "shop-calls";
  slo.objective = 99.9;
  slo.error_query = "sum(rate(errors_total[{{.window}}])) or vector(0)";
  slo.total_query = "sum(rate(calls_total[{{.window}}]))";
  slo.page_windows = {{hours(1), minutes(5), 14.4}, {hours(6), minutes(30), 6}};
  slo.ticket_windows = {{hours(24), hours(2), 3}, {hours(72), hours(6), 1}};
  return slo;
}

Evaluator::Evaluator(Fleet* fleet, const config::Slo& slo, const slo::IncrementOptions& options,
                     int64_t newest, const slo::PlanOptions& plan)
    : fleet_(*fleet),
      increments_(slo::Increments::Rewrite(slo, options).value()),
      ledger_(newest, {}),
      plan_(plan),
      period_(slo.period),
      now_(slo::EndOf(slo::Level::kMinute, newest) + minutes(1)) {}

void Evaluator::Answer(const slo::Ask& ask, bool down) {
  if (down) {
    plan_.Done(ask, Fail(Code::kUnavailable, "down"), minutes(1), now_);
    return;
  }
  if (ask.purpose != slo::Ask::Purpose::kFill && AnswerBySamples(ask)) return;
  std::vector<std::vector<slo::Counted>> counted;
  const Duration step = slo::StepOf(ask.level);
  const std::string bad = increments_.Bad(step);
  const std::string total = increments_.Total(step);
  for (int64_t slot = ask.first; slot <= ask.last; ++slot) {
    const WallTime at = slo::EndOf(ask.level, slot);
    auto joined = slo::Join(fleet_.oracle().Query(bad, at), fleet_.oracle().Query(total, at));
    WF_CHECK(joined.has_value());
    counted.push_back(*std::move(joined));
  }
  Write(ask, std::move(counted));
}

void Evaluator::Write(const slo::Ask& ask, std::vector<std::vector<slo::Counted>> counted) {
  if (ask.purpose == slo::Ask::Purpose::kEdge) {
    ledger_.WriteMinutesOf(slo::SlotAt(slo::Level::kHour, ask.first), counted);
  } else {
    int64_t slot = ask.first;
    for (auto& each : counted) ledger_.Write(ask.level, slot++, std::move(each));
  }
  plan_.Done(ask, {}, Duration::zero(), now_);
}

// As the books do: false if the samples do not tell.
bool Evaluator::AnswerBySamples(const slo::Ask& ask) {
  const slo::Growth* growth = increments_.growth();
  if (growth == nullptr) return false;
  const bool is_edge = ask.purpose == slo::Ask::Purpose::kEdge;
  if (!is_edge) ++asked_;
  const Duration range = minutes(static_cast<int64_t>(ask.points()) + (is_edge ? 5 : 1));
  std::vector<promql::Vector> samples;
  for (const std::string& query : growth->Queries(range)) {
    samples.push_back(fleet_.oracle().Samples(query, slo::EndOf(ask.level, ask.last)));
  }
  const auto straddling =
      is_edge ? slo::Growth::Straddling::kEarlier : slo::Growth::Straddling::kLater;
  const auto sides = growth->Count(samples, ask.first, ask.last, straddling);
  if (!sides) return false;
  std::map<WallTime, std::array<promql::Vector, 2>> by_end;
  for (const promql::Sample& sample : sides->bad) by_end[sample.at][0].push_back(sample);
  for (const promql::Sample& sample : sides->total) by_end[sample.at][1].push_back(sample);
  std::vector<std::vector<slo::Counted>> counted;
  for (int64_t slot = ask.first; slot <= ask.last; ++slot) {
    const auto& [bad, total] = by_end[slo::EndOf(ask.level, slot)];
    counted.push_back(slo::Join(bad, total).value());
  }
  Write(ask, std::move(counted));
  if (!is_edge) ++by_samples_;
  return true;
}

void Evaluator::Step(int64_t minute, bool down) {
  now_ = slo::EndOf(slo::Level::kMinute, minute) + minutes(1);
  ledger_.Advance(minute);
  const std::set<int64_t> edges = slo::EdgeHours(minute, {minute + 1 - period_ / minutes(1)});
  ledger_.KeepMinutesOf(edges);
  plan_.WantMinutesOf(edges);
  for (const slo::Ask& ask : plan_.Tick(ledger_)) Answer(ask, down);
  if (const auto ask = plan_.Fill(ledger_, now_)) Answer(*ask, down);
}

void Evaluator::FillAll() {
  while (const auto ask = plan_.Fill(ledger_, now_)) Answer(*ask, false);
}

slo::Events Evaluator::Over(Duration window) const {
  const int64_t end = ledger_.newest() + 1;
  return ledger_.Between(end - window / minutes(1), end);
}

double ExactRatio(Fleet* fleet, const config::Slo& slo, Duration window, int64_t newest) {
  const promql::Vector answer = fleet->oracle().Query(slo::ErrorRatioExpr(slo, window),
                                                      slo::EndOf(slo::Level::kMinute, newest));
  return answer.empty() ? std::nan("") : answer[0].value;
}

bool Burns(const config::Slo& slo, const std::vector<config::SloWindow>& pairs,
           const std::function<double(Duration)>& ratio) {
  slo::Reading reading;
  for (const config::SloWindow& pair : pairs) {
    for (const Duration window : {pair.long_window, pair.short_window}) {
      const double value = ratio(window);
      if (!std::isnan(value)) reading.error_ratio[window] = value;
    }
  }
  return slo::Judge(slo, pairs, reading, {}).verdict == slo::Verdict::kBurning;
}

}  // namespace watchfire::accuracy
