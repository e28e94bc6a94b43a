// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <utility>

#include "pkg/telemetry/quality.h"

namespace watchfire::telemetry {
namespace {

// Teams and severities are what alerts say: whoever sends them chooses how many there are.
double& At(GaugeMap* gauges, LabelValues labels) {
  return (*gauges)[BoundedLabels(*gauges, std::move(labels))];
}

// Of a team that had an incident every verdict starts at 0, so that a rate sees the first of each;
// as long as there is room for all of them.
CounterMap OutcomesFromZero(const incident::Stats& stats) {
  CounterMap outcomes = stats.outcomes;
  constexpr std::array<std::pair<const char*, const char*>, 6> kVerdicts = {
      {{"actionable", "human"},
       {"noise", "human"},
       {"false_positive", "human"},
       {"duplicate", "human"},
       {"noise", "rule"},
       {"duplicate", "rule"}}};
  for (const auto& [labels, count] : stats.opened) {
    if (outcomes.size() + kVerdicts.size() > kSeriesMax) break;
    for (const auto& [outcome, source] : kVerdicts) {
      outcomes.try_emplace({outcome, source, labels[0]});
    }
  }
  return outcomes;
}

}  // namespace

CounterMap FromZero(CounterMap counters, const CounterMap& known) {
  for (const auto& [labels, count] : known) {
    if (counters.size() >= kSeriesMax) break;
    counters.try_emplace(labels);
  }
  return counters;
}

void AddIncidents(const core::View& view, Exposition* out) {
  const incident::Stats& stats = view.stats->incidents;
  GaugeMap states;
  GaugeMap unacked;
  // A team that once was paged keeps its series at 0: absence would look like silence.
  for (const auto& [labels, count] : stats.paged) unacked.try_emplace(labels);
  GaugeMap oldest;
  for (const auto& [labels, count] : stats.opened) At(&oldest, {labels[0], labels[1]});
  for (const auto& [id, incident] : view.incidents) {
    if (incident->is_test) continue;
    At(&states, {incident::StateName(incident->state), incident->severity, incident->team}) += 1;
    const bool waits =
        incident->state == incident::State::kTriggered && incident->paged_at != kNoTime;
    At(&unacked, {incident->team, incident->severity}) += waits ? 1 : 0;
    if (!IsOpen(incident->state)) continue;
    const double age = std::max(0.0, ToSeconds(view.at - incident->opened_at));
    double& known = At(&oldest, {incident->team, incident->severity});
    known = std::max(known, age);
  }
  out->Set("watchfire_incidents", states);
  out->Set("watchfire_pages_unacked", unacked);
  out->Set("watchfire_incident_oldest_age_seconds", oldest);
  out->Set("watchfire_incidents_opened_total", stats.opened);
  CounterMap missing_context = stats.missing_context;
  for (const char* field : {"runbook", "dashboard", "service", "team", "severity"}) {
    missing_context.try_emplace({field});
  }
  out->Set("watchfire_incidents_missing_context_total", missing_context);
  out->Set("watchfire_detection_delay_seconds", stats.detect_seconds);
  out->Set("watchfire_incidents_escalated_total", FromZero(stats.escalated, stats.paged));
  out->Set("watchfire_escalations_total", stats.escalations);
  out->Set("watchfire_pages_total", stats.pages);
  out->Set("watchfire_incidents_paged_total", stats.paged);
  out->Set("watchfire_incidents_resolved_unacked_total",
           FromZero(stats.resolved_unacked, stats.paged));
  out->Set("watchfire_time_to_page_seconds", stats.page_seconds);
  out->Set("watchfire_ack_duration_seconds", stats.ack_seconds);
  out->Set("watchfire_incident_resolve_duration_seconds", stats.resolve_seconds);
  out->Set("watchfire_incident_outcomes_total", OutcomesFromZero(stats));
  out->Set("watchfire_incidents_snoozed_total", stats.snoozed);
  out->Set("watchfire_incidents_reopened_total", stats.reopened);
  out->Set("watchfire_incidents_flapping_total", stats.flapping);
  out->Set("watchfire_stale_acks_total", stats.stale_acks);
  out->Set("watchfire_ack_reminders_total", stats.ack_reminders);
  out->Set("watchfire_incidents_reassigned_total", stats.reassigned);
  CounterMap merged = stats.merged;
  for (const char* source : {"rule", "human"}) merged.try_emplace({source});
  out->Set("watchfire_incidents_merged_total", merged);
}

}  // namespace watchfire::telemetry
