// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What days say of a period.

#include <cmath>

#include "pkg/slo/burn.h"
#include "pkg/slo/days.h"

namespace watchfire::slo {
namespace {

// How many events a period has, by those of its days up to days[last]; nullopt if none is known.
std::optional<double> EventsUntil(const config::Slo& slo, const BudgetDays& days, size_t last) {
  const double period = ToSeconds(slo.period) / ToSeconds(std::chrono::hours(24));
  double total = 0;
  int known = 0;
  for (size_t i = last + 1; i-- > 0 && days[i].day > days[last].day - PeriodDays(slo);) {
    if (std::isnan(days[i].total)) continue;
    total += days[i].total;
    ++known;
  }
  if (known == 0) return std::nullopt;
  return total / known * period;
}

}  // namespace

std::optional<double> ConsumedOn(const config::Slo& slo, const BudgetDays& days, size_t index) {
  const BudgetDay& of = days[index];
  if (of.is_empty()) return std::nullopt;
  const double period = ToSeconds(slo.period) / ToSeconds(std::chrono::hours(24));
  const double burn = of.error_ratio() / BudgetRatio(slo);
  if (std::isnan(of.total)) return burn / period;
  return burn * of.total / *EventsUntil(slo, days, index);
}

std::optional<double> EventsOf(const config::Slo& slo, const BudgetDays& days) {
  if (days.empty()) return std::nullopt;
  return EventsUntil(slo, days, days.size() - 1);
}

}  // namespace watchfire::slo
