// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/telemetry/quality.h"

#include "pkg/slo/period.h"

namespace watchfire::telemetry {
namespace {

void AddPostmortems(const core::View& view, Exposition* out) {
  GaugeMap states;
  GaugeMap overdue;
  for (const auto& [id, incident] : view.incidents) {
    const incident::Postmortem& postmortem = incident->postmortem;
    if (!postmortem.is_wanted() || incident->is_test) continue;
    for (const char* status : {"missing", "draft", "reviewed"}) {
      states.try_emplace(BoundedLabels(states, {incident->team, status}));
    }
    ++states[BoundedLabels(states,
                           {incident->team, incident::PostmortemStatusName(postmortem.status)})];
    const bool is_open = postmortem.status != incident::PostmortemStatus::kReviewed;
    overdue[BoundedLabels(overdue, {incident->team})] +=
        is_open && postmortem.IsLate(view.at) ? 1 : 0;
  }
  CounterMap counted = view.stats->incidents.postmortems;
  if (!view.config->incidents.postmortem_levels.empty()) {
    for (const char* status : {"required", "draft", "reviewed", "reviewed_late"}) {
      counted.try_emplace({status});
    }
  }
  out->Set("watchfire_postmortems", states);
  out->Set("watchfire_postmortems_overdue", overdue);
  out->Set("watchfire_postmortems_total", counted);
}

// Series that are known beforehand start at 0, so that a rate sees the first of each.
void AddFlow(const core::View& view, Exposition* out) {
  const core::Stats& stats = *view.stats;
  const incident::Stats& incidents = stats.incidents;
  out->Set("watchfire_rule_pending_seconds", stats.rule_pending);
  CounterMap suppressed = stats.alerts_suppressed;
  for (const char* by : {"silence", "inhibition", "mute_time_interval", "active_time_interval"}) {
    suppressed.try_emplace({by});
  }
  out->Set("watchfire_alerts_suppressed_total", suppressed);
  out->Set("watchfire_backend_up", stats.backends_up);
  out->Set("watchfire_page_send_seconds", incidents.send_seconds);
  out->Set("watchfire_repages_total", FromZero(incidents.repages, incidents.paged));
  out->Set("watchfire_ack_to_resolve_seconds", incidents.ack_to_resolve);
  CounterMap reports = stats.reports;
  for (const config::Report& one : view.config->reports) {
    for (const char* outcome : {"told", "refused", "expired"}) {
      reports.try_emplace({one.receiver, outcome});
    }
  }
  out->Set("watchfire_reports_total", reports);
  for (const config::Slo& slo : view.config->slos) {
    out->Set("watchfire_slo_period_seconds", ToSeconds(slo::PeriodLength(slo, view.at)),
             {slo.id, slo.service});
  }
}

}  // namespace

void AddQuality(const core::View& view, Exposition* out) {
  const core::Stats& stats = *view.stats;
  const incident::Stats& incidents = stats.incidents;
  out->Set("watchfire_incident_mitigate_duration_seconds", incidents.mitigate_seconds);
  out->Set("watchfire_incident_close_duration_seconds", incidents.close_seconds);
  CounterMap responses = incidents.responses;
  for (const auto& [level, target] : view.config->incidents.response_targets) {
    for (const char* met : {"yes", "no"}) responses.try_emplace({level, met});
  }
  out->Set("watchfire_incident_responses_total", responses);
  out->Set("watchfire_incident_alerts", incidents.alerts);
  out->Set("watchfire_incidents_rerouted_total", stats.rerouted);
  out->Set("watchfire_acks_by_others_total", stats.foreign_acks);
  out->Set("watchfire_engaged_seconds_total", incidents.engaged_seconds);
  CounterMap skew = incidents.clock_skew;
  for (const auto& [labels, count] : stats.clock_skew) skew[labels] += count;
  for (const char* delay :
       {"ingest", "pending", "detection", "page", "ack", "engaged", "mitigate", "resolve"}) {
    skew.try_emplace({delay});
  }
  out->Set("watchfire_clock_skew_total", skew);
  out->Set("watchfire_alerts_flapping", static_cast<double>(stats.alerts_flapping));
  out->Set("watchfire_alert_flaps_total", stats.alert_flaps);
  out->Set("watchfire_pages_slo_correlated_total", stats.slo_pages);
  out->Set("watchfire_slo_loss_episodes_total", stats.slo_losses);
  out->Set("watchfire_alert_rules_seen", static_cast<double>(stats.rules_with_runbook), {"yes"});
  out->Set("watchfire_alert_rules_seen", static_cast<double>(stats.rules_without_runbook), {"no"});
  out->Set("watchfire_schedule_coverage_ratio", stats.oncall_coverage);
  AddPostmortems(view, out);
  AddFlow(view, out);
}

}  // namespace watchfire::telemetry
