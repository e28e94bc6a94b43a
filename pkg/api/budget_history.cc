// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/slos/{id}/history: what each day did to an error budget.

#include <algorithm>
#include <cmath>

#include "pkg/api/budgets.h"
#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/slo/days.h"

namespace watchfire::api {
namespace {

std::optional<double> Known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(slo::Rounded(value));
}

void WriteDay(JsonWriter& json, const config::Slo& slo, const slo::BudgetDays& days, size_t i) {
  const slo::BudgetDay& day = days[i];
  const bool counts = !std::isnan(day.total);
  json.StartObject().Field("day", FormatRfc3339(slo::StartOfDay(day.day), 0).substr(0, 10));
  WriteNumber(json, "good", counts ? Known(day.total - day.bad) : std::nullopt);
  WriteNumber(json, "bad", counts ? Known(day.bad) : std::nullopt);
  WriteNumber(json, "total", counts ? Known(day.total) : std::nullopt);
  WriteNumber(json, "errorRatio", Known(day.error_ratio()));
  WriteNumber(json, "consumed", slo::ConsumedOn(slo, days, i));
  WriteNumber(json, "remaining", Known(day.remaining));
  json.EndObject();
}

}  // namespace

net::Response GetSloHistory(const Call& call) {
  const Result<std::optional<size_t>> wanted = ReadCount(call.request, "days");
  if (!wanted) return Failure(wanted.error());
  const auto view = call.backend.Read(core::kViewSlos);
  if (!view) return Failure(view.error());
  const Result<size_t> index = FindSlo((*view)->config->slos, call.params[0]);
  if (!index) return Failure(index.error());
  const config::Slo& slo = (*view)->config->slos[*index];
  const slo::Budget& budget = (*view)->budgets[*index];
  const slo::BudgetDays none;
  const slo::BudgetDays& days = budget.days ? *budget.days : none;
  const auto asked =
      static_cast<int32_t>(std::min(wanted->value_or(slo::kBudgetDays), slo::kBudgetDays));
  const int32_t today = slo::DayOf((*view)->at);
  JsonWriter json;
  json.StartObject().Field("id", slo.id).Field("objective", slo.objective);
  json.Field("period", FormatDuration(slo.period)).Key("days").StartArray();
  int32_t written = 0;
  for (size_t i = 0; i < days.size(); ++i) {
    if (days[i].day < today - asked || days[i].day >= today) continue;
    WriteDay(json, slo, days, i);
    ++written;
  }
  return Success(json.EndArray().Field("partial", written < asked).EndObject().Take());
}

}  // namespace watchfire::api
