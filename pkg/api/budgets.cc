// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/slos/{id}/gate, /api/v1/gate: may we deploy, may we experiment?

#include "pkg/api/budgets.h"

#include <algorithm>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/strings.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/gate.h"
#include "pkg/slo/period.h"

namespace watchfire::api {
namespace {

struct GateQuery {
  slo::Purpose purpose = slo::Purpose::kDeploy;
  slo::Unknown unknown = slo::Unknown::kRefuse;
};

// `selects`: whether SLOs are chosen by parameters too. What is not understood is an error: a
// purpose spelt wrong must not open the gate.
Result<GateQuery> ReadGateQuery(const net::Request& request, bool selects) {
  GateQuery out;
  for (const auto& [name, value] : request.query) {
    if (name == "purpose") {
      if (value != "deploy" && value != "chaos") {
        return Fail(Code::kInvalidArgument, "purpose must be deploy or chaos");
      }
      out.purpose = value == "chaos" ? slo::Purpose::kChaos : slo::Purpose::kDeploy;
    } else if (name == "unknown") {
      if (value != "refuse" && value != "last") {
        return Fail(Code::kInvalidArgument, "unknown must be refuse or last");
      }
      out.unknown = value == "last" ? slo::Unknown::kLastKnown : slo::Unknown::kRefuse;
    } else if (!selects || (name != "service" && name != "filter")) {
      return Fail(Code::kInvalidArgument,
                  "unknown parameter " + GoQuote(name) +
                      (selects ? ": purpose, unknown, service and filter are known"
                               : ": purpose and unknown are known"));
    }
  }
  return out;
}

labels::LabelSet LabelsOf(const config::Slo& slo) {
  return slo.labels.With({{"slo", slo.name}, {"service", slo.service}, {"sloth_id", slo.id}});
}

// Answers for the SLOs with these indices.
net::Response Answer(const core::View& view, const std::vector<size_t>& which,
                     const GateQuery& query) {
  bool allow = true;
  std::string reasons;
  JsonWriter slos;
  slos.StartArray();
  for (const size_t i : which) {
    const config::Slo& slo = view.config->slos[i];
    const slo::GateVerdict verdict =
        slo::JudgeGate(view.budgets[i], query.purpose, query.unknown, view.at);
    if (!verdict.allow) {
      allow = false;
      if (!reasons.empty()) reasons += "\n";
      reasons += slo.id + ": " + verdict.reason;
    }
    slos.StartObject().Field("id", slo.id).Field("service", slo.service).Field("name", slo.name);
    slos.Field("allow", verdict.allow).Field("reason", verdict.reason).Key("budget");
    WriteBudget(slos, slo, view.budgets[i], view.at);
    slos.EndObject();
  }
  slos.EndArray();
  JsonWriter data;
  data.StartObject().Field("allow", allow);
  data.Field("purpose", query.purpose == slo::Purpose::kChaos ? "chaos" : "deploy");
  data.Key("slos").Raw(slos.Take()).EndObject();
  if (allow) return Success(data.Take());
  JsonWriter json;
  json.StartObject().Field("status", "error").Field("errorType", "refused");
  json.Field("error", reasons).Key("data").Raw(data.Take()).EndObject();
  return Json(503, json.Take());
}

}  // namespace

void WriteNumber(JsonWriter& json, std::string_view name, std::optional<double> value) {
  json.Key(name);
  value ? json.Double(*value) : json.Null();
}

void WriteBudget(JsonWriter& json, const config::Slo& slo, const slo::Budget& budget, WallTime at) {
  const double minutes = slo::BudgetSeconds(slo, at) / 60;
  const std::optional<double> left = budget.remaining;
  json.StartObject();
  WriteNumber(json, "remaining", left);
  WriteNumber(json, "consumed", left ? std::optional(1 - *left) : std::nullopt);
  json.Field("totalMinutes", minutes);
  WriteNumber(json, "remainingMinutes", left ? std::optional(*left * minutes) : std::nullopt);
  WriteNumber(json, "totalEvents", budget.events);
  WriteNumber(json, "remainingEvents", slo::EventsLeft(budget));
  WriteTime(json, "knownAt", budget.known_at);
  json.Field("fresh", budget.IsFresh(at));
  WriteNumber(json, "burnRate", budget.burn_rate);
  json.Key("exhaustedIn");
  if (budget.exhausted_in) {
    json.String(FormatDuration(*budget.exhausted_in));
  } else {
    budget.burn_rate ? json.String("never") : json.Null();
  }
  WriteTime(json, "periodEnd", slo.calendar ? slo::PeriodEnd(*slo.calendar, at) : kNoTime);
  json.Field("policy", slo.policy).Key("state");
  const slo::PolicyStep* step = budget.state();
  if (step == nullptr) {
    json.Null();
  } else {
    json.String(step->state);
  }
  WriteTime(json, "since", budget.since);
  json.Field("severity", step == nullptr ? "" : step->severity);
  const config::BudgetLevel* level =
      step != nullptr && step->level ? &slo.levels[*step->level] : nullptr;
  json.Field("condition", level == nullptr ? "" : level->condition).Key("actions").StartArray();
  if (level != nullptr) {
    for (const std::string& action : level->actions) json.String(action);
  }
  json.EndArray().Key("allows").StartArray();
  if (step != nullptr && step->allows_deploy) json.String("deploy");
  if (step != nullptr && step->allows_chaos) json.String("chaos");
  json.EndArray().EndObject();
}

Result<size_t> FindSlo(const std::vector<config::Slo>& slos, std::string_view id) {
  const auto found = std::ranges::find(slos, id, &config::Slo::id);
  if (found != slos.end()) return static_cast<size_t>(found - slos.begin());
  return Fail(Code::kNotFound, "no SLO has the id \"" + std::string(id) + "\"");
}

net::Response GetSloGate(const Call& call) {
  const Result<GateQuery> query = ReadGateQuery(call.request, /*selects=*/false);
  if (!query) return Failure(query.error());
  const auto view = call.backend.Read(core::kViewSlos);
  if (!view) return Failure(view.error());
  const Result<size_t> index = FindSlo((*view)->config->slos, call.params[0]);
  if (!index) return Failure(index.error());
  return Answer(**view, {*index}, *query);
}

net::Response GetGate(const Call& call) {
  const Result<GateQuery> query = ReadGateQuery(call.request, /*selects=*/true);
  if (!query) return Failure(query.error());
  const auto view = call.backend.Read(core::kViewSlos);
  if (!view) return Failure(view.error());
  const config::Config& config = *(*view)->config;
  const auto matchers = ReadMatchers(call.request, "filter", config.matcher_mode);
  if (!matchers) return Failure(matchers.error());
  std::optional<std::string> service;
  for (const auto& [name, value] : call.request.query) {
    if (name == "service") service = value;
  }
  std::vector<size_t> which;
  for (size_t i = 0; i < config.slos.size(); ++i) {
    const labels::LabelSet labels = LabelsOf(config.slos[i]);
    const bool wanted = (!service || config.slos[i].service == *service) &&
                        std::ranges::all_of(*matchers, [&](const matcher::Matcher& matcher) {
                          return matcher.Matches(labels);
                        });
    if (wanted) which.push_back(i);
  }
  // A name that is spelt wrong must not open the gate.
  if (which.empty()) return Failure({Code::kNotFound, "no SLO matches"});
  return Answer(**view, which, *query);
}

}  // namespace watchfire::api
