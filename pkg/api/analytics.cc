// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/analytics: how good the alerting was over a period.

#include "pkg/incident/analytics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/time_on_call.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::api {
namespace {

using incident::Analytics;
using incident::Figures;
using incident::Outcome;
using incident::Spread;

constexpr size_t kDays = 30;
constexpr size_t kDaysMax = 3660;

struct AnalyticsQuery {
  incident::Period period;
  timeinterval::Location zone;
  std::string team;
};

// A period that ends now, of so many days; or one from a time to a time.
Result<incident::Period> ReadPeriod(const net::Request& request, WallTime now) {
  const Result<std::optional<size_t>> days = ReadCount(request, "days");
  if (!days) return Fail(days.error());
  if (*days && **days > kDaysMax) {
    return InvalidArgument("days must be at most " + std::to_string(kDaysMax));
  }
  const Result<WallTime> from = ReadTime(request, "from");
  if (!from) return Fail(from.error());
  const Result<WallTime> until = ReadTime(request, "until");
  if (!until) return Fail(until.error());
  if (*days && *from != kNoTime) return InvalidArgument("days and from exclude each other");
  incident::Period period{*from, *until == kNoTime ? now : std::min(*until, now)};
  if (period.from == kNoTime) {
    const Duration span = std::chrono::hours(24 * days->value_or(kDays));
    const WallTime earliest = kNoTime + Duration(1);
    period.from = period.until < earliest + span ? earliest : period.until - span;
  }
  if (period.from < period.until) return period;
  return InvalidArgument("from must lie before until");
}

Result<AnalyticsQuery> ReadAnalyticsQuery(const Call& call) {
  AnalyticsQuery query;
  Result<incident::Period> period = ReadPeriod(call.request, call.backend.Now());
  if (!period) return Fail(std::move(period.error()));
  query.period = *period;
  const std::string* zone = call.request.param("zone");
  Result<timeinterval::Location> location =
      timeinterval::ParseLocation(zone == nullptr || zone->empty() ? "UTC" : *zone);
  if (!location) return InvalidArgument("zone: " + location.error().message);
  query.zone = *std::move(location);
  const std::string* team = call.request.param("team");
  if (team != nullptr) query.team = *team;
  return query;
}

void WriteCount(JsonWriter& json, std::string_view name, size_t count) {
  json.Field(name, static_cast<int64_t>(count));
}

// A share of nothing is none, not zero.
void WriteRatio(JsonWriter& json, std::string_view name, size_t part, size_t whole) {
  json.Key(name);
  whole == 0 ? json.Null() : json.Double(static_cast<double>(part) / static_cast<double>(whole));
}

void WriteSpread(JsonWriter& json, std::string_view name, const Spread& spread) {
  json.Key(name).StartObject();
  WriteCount(json, "count", spread.count);
  for (const auto& [key, value] : {std::pair("mean", spread.mean), std::pair("p50", spread.p50),
                                   std::pair("p90", spread.p90), std::pair("max", spread.max)}) {
    json.Key(key);
    spread.count == 0 ? json.Null() : json.Double(value);
  }
  json.EndObject();
}

void WriteFigures(JsonWriter& json, const Figures& figures) {
  json.StartObject();
  WriteCount(json, "incidents", figures.incidents);
  WriteCount(json, "merged", figures.merged);
  WriteCount(json, "paged", figures.paged);
  WriteCount(json, "escalated", figures.escalated);
  WriteRatio(json, "escalationRate", figures.escalated, figures.paged);
  WriteCount(json, "detectedByHuman", figures.by_human);
  WriteRatio(json, "detectedByHumanRatio", figures.by_human, figures.incidents);
  WriteCount(json, "unresolved", figures.unresolved);
  WriteRatio(json, "resolutionRate", figures.over(), figures.incidents);
  WriteCount(json, "alerts", figures.alerts);
  WriteCount(json, "flapping", figures.flapping);
  json.Key("outcomes").StartObject();
  for (const auto& [outcome, count] : figures.outcomes) WriteCount(json, outcome, count);
  json.EndObject();
  WriteCount(json, "classified", figures.classified());
  WriteCount(json, "classifiedByRule", figures.classified_by_rule);
  WriteRatio(json, "classifiedRatio", figures.classified(), figures.over());
  WriteRatio(json, "noiseRatio", figures.noise(), figures.over());
  WriteRatio(json, "noiseOfClassifiedRatio", figures.noise(), figures.classified());
  WriteRatio(json, "falsePositiveRatio", figures.Outcomes(Outcome::kFalsePositive), figures.over());
  WriteCount(json, "pages", figures.pages);
  WriteRatio(json, "alertsPerPage", figures.alerts, figures.pages);
  WriteCount(json, "pagesBusiness", figures.pages_business);
  WriteCount(json, "pagesOff", figures.pages_off);
  WriteCount(json, "pagesSleep", figures.pages_sleep);
  WriteCount(json, "repages", figures.repages);
  WriteCount(json, "resolved", figures.resolved);
  WriteCount(json, "resolvedByTimeout", figures.timed_out);
  WriteCount(json, "resolvedUnacked", figures.resolved_unacked);
  WriteCount(json, "reopened", figures.reopened);
  WriteCount(json, "returned", figures.returned);
  WriteSpread(json, "ingestSeconds", figures.ingest_seconds);
  WriteSpread(json, "detectSeconds", figures.detect_seconds);
  WriteSpread(json, "pageSeconds", figures.page_seconds);
  WriteSpread(json, "ackSeconds", figures.ack_seconds);
  WriteSpread(json, "repageAckSeconds", figures.repage_seconds);
  WriteSpread(json, "resolveSeconds", figures.resolve_seconds);
  WriteSpread(json, "closeSeconds", figures.close_seconds);
  WriteSpread(json, "ackToResolveSeconds", figures.ack_to_resolve_seconds);
  WriteSpread(json, "mitigateSeconds", figures.mitigate_seconds);
  WriteCount(json, "responsesMet", figures.responses_met);
  WriteCount(json, "responsesMissed", figures.responses_missed);
  WriteRatio(json, "responsesMetRatio", figures.responses_met,
             figures.responses_met + figures.responses_missed);
  WriteCount(json, "postmortemsWanted", figures.postmortems_wanted);
  WriteCount(json, "postmortemsReviewed", figures.postmortems_reviewed);
  WriteCount(json, "postmortemsLate", figures.postmortems_late);
  WriteRatio(json, "postmortemsReviewedRatio", figures.postmortems_reviewed,
             figures.postmortems_wanted);
  json.EndObject();
}

void WriteSplit(JsonWriter& json, std::string_view name,
                const std::map<std::string, Figures>& split) {
  json.Key(name).StartObject();
  for (const auto& [key, figures] : split) {
    json.Key(key);
    WriteFigures(json, figures);
  }
  json.EndObject();
}

// Pages of a person and week on call; null when nobody was.
void WriteFrequency(JsonWriter& json, size_t pages, Duration on_call) {
  json.Field("oncallSeconds", ToSeconds(on_call)).Key("pagesPerPersonWeek");
  if (on_call <= Duration::zero()) {
    json.Null();
  } else {
    json.Double(static_cast<double>(pages) * 7 * 86'400 / ToSeconds(on_call));
  }
}

void WritePeople(JsonWriter& json, const Analytics& all,
                 const std::map<std::string, Duration>& on_call) {
  std::set<std::string> names;
  for (const auto& [name, person] : all.people) names.insert(name);
  for (const auto& [name, time] : on_call) names.insert(name);
  size_t pages = 0;
  size_t interruptions = 0;
  Duration time_of_all{};
  json.Key("people").StartObject();
  for (const std::string& name : names) {
    const auto found = all.people.find(name);
    const incident::Person person = found == all.people.end() ? incident::Person() : found->second;
    const auto known = on_call.find(name);
    const Duration time = known == on_call.end() ? Duration::zero() : known->second;
    json.Key(name).StartObject();
    WriteCount(json, "acks", person.acks);
    WriteSpread(json, "ackSeconds", person.ack_seconds);
    json.Field("engagedSeconds", ToSeconds(person.engaged));
    WriteCount(json, "pages", person.pages);
    WriteCount(json, "pagesBusiness", person.pages_business);
    WriteCount(json, "pagesOff", person.pages_off);
    WriteCount(json, "pagesSleep", person.pages_sleep);
    WriteCount(json, "interruptions", person.interruptions);
    WriteFrequency(json, person.pages, time);
    json.EndObject();
    pages += person.pages;
    interruptions += person.interruptions;
    time_of_all += time;
  }
  json.EndObject().Key("pagerFrequency").StartObject();
  WriteCount(json, "pages", pages);
  WriteCount(json, "interruptions", interruptions);
  WriteFrequency(json, pages, time_of_all);
  json.EndObject();
}

// Runs of automation that were begun in the period and could have succeeded (M7).
struct Runs {
  size_t success = 0;
  size_t failure = 0;
  size_t timeout = 0;
  size_t rejected = 0;
  size_t dry_run = 0;

  size_t finished() const { return success + failure + timeout; }
};

// The 95 % interval of a share by Wilson's score: of few runs a ratio says little.
std::pair<double, double> Wilson(size_t part, size_t whole) {
  constexpr double kZ = 1.959964;
  const auto n = static_cast<double>(whole);
  const double p = static_cast<double>(part) / n;
  const double middle = p + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {std::max(0.0, (middle - spread) / scale), std::min(1.0, (middle + spread) / scale)};
}

void WriteRuns(JsonWriter& json, const Runs& runs) {
  json.StartObject();
  WriteCount(json, "finished", runs.finished());
  WriteCount(json, "success", runs.success);
  WriteCount(json, "failure", runs.failure);
  WriteCount(json, "timeout", runs.timeout);
  WriteCount(json, "rejected", runs.rejected);
  WriteCount(json, "dryRun", runs.dry_run);
  WriteRatio(json, "successRatio", runs.success, runs.finished());
  json.Key("successInterval");
  if (runs.finished() == 0) {
    json.Null();
  } else {
    const auto [low, high] = Wilson(runs.success, runs.finished());
    json.StartArray().Double(low).Double(high).EndArray();
  }
  json.EndObject();
}

void WriteAutomation(JsonWriter& json, const core::View& view, const AnalyticsQuery& query) {
  Runs total;
  std::map<std::string, Runs> by_rule;
  for (const automation::Run& run : view.automation) {
    const bool is_within = run.at >= query.period.from && run.at < query.period.until;
    if (!run.outcome || !is_within) continue;
    const auto incident = view.incidents.find(run.incident);
    const bool is_its = query.team.empty() ||
                        (incident != view.incidents.end() && incident->second->team == query.team);
    if (!is_its) continue;
    for (Runs* runs : {&total, &by_rule[run.rule]}) {
      using automation::Outcome;
      runs->success += *run.outcome == Outcome::kSuccess;
      runs->failure += *run.outcome == Outcome::kFailure;
      runs->timeout += *run.outcome == Outcome::kTimeout;
      runs->rejected += *run.outcome == Outcome::kRejected;
      runs->dry_run += *run.outcome == Outcome::kDryRun;
    }
  }
  json.Key("automation").StartObject().Key("total");
  WriteRuns(json, total);
  json.Key("byRule").StartObject();
  for (const auto& [rule, runs] : by_rule) {
    json.Key(rule);
    WriteRuns(json, runs);
  }
  json.EndObject().EndObject();
}

// Of the alerts that paged somebody: how many told whoever was woken what to do.
void WriteRunbooks(JsonWriter& json, const incident::RunbookCoverage& runbooks) {
  json.Key("runbooks").StartObject();
  WriteCount(json, "alertsPaged", runbooks.with_runbook + runbooks.without);
  WriteCount(json, "withRunbook", runbooks.with_runbook);
  WriteRatio(json, "withRunbookRatio", runbooks.with_runbook,
             runbooks.with_runbook + runbooks.without);
  json.Key("missing").StartArray();
  for (const std::string& name : runbooks.missing) json.String(name);
  json.EndArray().EndObject();
}

// Error budgets that were used up in the period (M9); SLOs know nothing of an incident's team.
void WriteBreaches(JsonWriter& json, const core::View& view, const AnalyticsQuery& query) {
  size_t total = 0;
  json.Key("sloBreaches").StartObject().Key("bySlo").StartObject();
  for (size_t i = 0; i < view.budgets.size() && query.team.empty(); ++i) {
    const auto count =
        static_cast<size_t>(std::ranges::count_if(view.budgets[i].breaches, [&](WallTime at) {
          return at >= query.period.from && at < query.period.until;
        }));
    if (count > 0) WriteCount(json, view.config->slos[i].id, count);
    total += count;
  }
  json.EndObject();
  WriteCount(json, "total", total);
  json.EndObject();
}

}  // namespace

net::Response GetAnalytics(const Call& call) {
  const Result<AnalyticsQuery> query = ReadAnalyticsQuery(call);
  if (!query) return Failure(query.error());
  const auto view =
      call.backend.Read(core::kViewIncidents | core::kViewAllAutomation | core::kViewSlos);
  if (!view) return Failure(view.error());
  const oncall::Roster* roster = (*view)->roster.get();
  oncall::Clocks clocks = oncall::ClocksOf(roster);
  clocks.zone = query->zone.zone;
  const Analytics all =
      incident::Analyze((*view)->incidents, query->period, clocks, query->team, roster);
  JsonWriter json;
  json.StartObject().Field("from", FormatRfc3339(query->period.from));
  json.Field("until", FormatRfc3339(query->period.until));
  json.Field("keptSince", FormatRfc3339((*view)->incidents_since));
  json.Field("zone", query->zone.name).Field("team", query->team).Key("total");
  WriteFigures(json, all.total);
  WriteSplit(json, "byTeam", all.by_team);
  WriteSplit(json, "bySeverity", all.by_severity);
  WriteSplit(json, "byService", all.by_service);
  WriteSplit(json, "byDay", all.by_day);
  // Pages are counted of what is kept, and so is the time. Schedules know nothing of an incident's
  // team.
  const WallTime since = std::max(query->period.from, (*view)->incidents_since);
  const bool has_time = roster != nullptr && query->team.empty() && since < query->period.until;
  WritePeople(json, all,
              has_time ? oncall::TimeOnCall(*roster, since, query->period.until)
                       : std::map<std::string, Duration>());
  WriteAutomation(json, **view, *query);
  WriteBreaches(json, **view, *query);
  WriteRunbooks(json, all.runbooks);
  json.Key("alerts").StartArray();
  for (const incident::Culprit& culprit : all.culprits) {
    json.StartObject().Field("alert", culprit.alert);
    WriteCount(json, "incidents", culprit.incidents);
    WriteCount(json, "noise", culprit.noise);
    json.EndObject();
  }
  return Success(json.EndArray().EndObject().Take());
}

}  // namespace watchfire::api
