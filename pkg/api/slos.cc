// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/slos: objectives, burn rates and what is left of the budgets.

#include "pkg/api/budgets.h"
#include "pkg/api/handlers.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/no_data.h"
#include "pkg/slo/slo.h"

namespace watchfire::api {
namespace {

void WriteWindows(JsonWriter& json, const std::string& severity,
                  const std::vector<config::SloWindow>& windows) {
  for (const config::SloWindow& window : windows) {
    json.StartObject().Field("severity", severity);
    json.Field("long", FormatDuration(window.long_window));
    json.Field("short", FormatDuration(window.short_window));
    json.Field("factor", window.factor).EndObject();
  }
}

void WriteReading(JsonWriter& json, const config::Slo& slo, const slo::Reading& reading) {
  json.StartObject().Key("labels");
  WriteLabels(json, reading.labels);
  WriteNumber(json, "budgetRemaining", slo::Engine::BudgetRemaining(slo, reading));
  json.Key("windows").StartArray();
  for (const auto& [window, ratio] : reading.error_ratio) {
    json.StartObject().Field("window", FormatDuration(window)).Field("errorRatio", ratio);
    WriteNumber(json, "burnRate", slo::Engine::BurnRate(slo, reading, window));
    json.EndObject();
  }
  json.EndArray().EndObject();
}

void WriteExclusion(JsonWriter& json, const core::View& view, size_t index) {
  const std::optional<slo::Holding>& holding = view.excluded[index];
  json.Key("exclusion");
  if (!holding) {
    json.Null();
    return;
  }
  json.StartObject().Key("id");
  holding->id == 0 ? json.Null() : json.String(std::to_string(holding->id));
  json.Field("reason", holding->reason).Field("author", holding->author);
  json.Field("until", FormatRfc3339(holding->until, 9, true));
  json.Field("budget", ExcludedBudget(view.config->slos[index], view.counting[index]));
  json.EndObject();
}

void WriteSlo(JsonWriter& json, const core::View& view, size_t index) {
  const config::Slo& slo = view.config->slos[index];
  const slo::SloStatus& status = view.slos[index];
  const slo::Counting& counting = view.counting[index];
  json.StartObject().Field("id", slo.id).Field("service", slo.service).Field("name", slo.name);
  json.Field("objective", slo.objective).Field("period", FormatDuration(slo.period));
  json.Field("alertName", slo.alert_name).Key("labels");
  WriteLabels(json, slo.labels);
  json.Field("pageFiring", status.page_firing).Field("ticketFiring", status.ticket_firing);
  json.Key("firing").StartArray();
  for (const std::string& severity : status.firing) json.String(severity);
  json.EndArray().Key("firingTiers").StartArray();
  for (const std::string& tier : status.tiers) json.String(tier);
  json.EndArray().Field("lastError", status.last_error).Key("lastEvaluation");
  if (status.last_evaluation == kNoTime) {
    json.Null();
  } else {
    json.String(FormatRfc3339(status.last_evaluation));
  }
  json.Field("failures", static_cast<int64_t>(status.failures));
  json.Field("mode", counting.why_exact.empty() ? "incremental" : "exact");
  json.Field("modeReason", counting.why_exact).Field("countError", counting.error);
  if (slo::HasLeast(slo)) {
    json.Field("minTotal", slo.min_total).Field("minBad", slo.min_bad);
    json.Field("minError", status.least_error);
  }
  if (!status.ratio_error.empty()) json.Field("ratioError", status.ratio_error);
  if (slo.no_data != config::NoData::kOk) {
    json.Field("noData", slo.no_data == config::NoData::kHold ? "hold" : "alert");
    json.Field("noDataFor", FormatDuration(slo::NoDataFor(slo)));
    json.Field("noDataFiring", status.no_data_firing);
  }
  if (status.no_data_since != kNoTime) {
    json.Field("noDataSince", FormatRfc3339(status.no_data_since));
  }
  json.Key("exclude").StartArray();
  for (const config::ExcludedTimes& times : slo.excluded) json.String(times.name);
  json.EndArray();
  WriteExclusion(json, view, index);
  json.Key("budget");
  WriteBudget(json, slo, view.budgets[index], view.at);
  json.Key("alertWindows").StartArray();
  if (!slo.page.disabled) WriteWindows(json, "page", slo.page_windows);
  if (!slo.ticket.disabled) WriteWindows(json, "ticket", slo.ticket_windows);
  for (const config::SloSeverity& severity : slo.severities) {
    if (!severity.alert.disabled) WriteWindows(json, severity.name, severity.windows);
  }
  json.EndArray().Key("readings").StartArray();
  for (const slo::Reading& reading : status.readings) WriteReading(json, slo, reading);
  json.EndArray().EndObject();
}

}  // namespace

net::Response GetSlos(const Call& call) {
  const auto view = call.backend.Read(core::kViewSlos);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Key("slos").StartArray();
  for (size_t i = 0; i < (*view)->slos.size(); ++i) {
    WriteSlo(json, **view, i);
  }
  return Success(json.EndArray().EndObject().Take());
}

}  // namespace watchfire::api
