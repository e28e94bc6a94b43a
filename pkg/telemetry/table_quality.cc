// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the table that says how good alerting and response are.

#include <algorithm>
#include <iterator>

#include "pkg/telemetry/table.h"

namespace watchfire::telemetry {

namespace {

constexpr Type kCounter = Type::kCounter;
constexpr Type kGauge = Type::kGauge;
constexpr Type kHistogram = Type::kHistogram;

// Of people and incidents.
std::vector<Metric> ResponseMetrics() {
  return {
      {"watchfire_incident_mitigate_duration_seconds",
       kHistogram,
       "From the first opening of an incident until somebody said that it hurts no more, of those "
       "of "
       "which somebody did; counted with the end.",
       {"team", "severity"}},
      {"watchfire_incident_close_duration_seconds",
       kHistogram,
       "From the first opening of an incident until it was resolved, timeouts excepted: what "
       "monitoring ends is told with the next flush of its group, and closed then, while "
       "watchfire_incident_resolve_duration_seconds ends when the last alert was known to be over.",
       {"team", "severity"}},
      {"watchfire_incident_responses_total",
       kCounter,
       "Incidents with a response target (incidents.response_targets), each once: met, yes or no. "
       "severity is the level, SEV1 to SEV4.",
       {"severity", "met"}},
      {"watchfire_incident_alerts",
       kHistogram,
       "Alerts of an incident: of each of its groups the most that were paged at once; counted "
       "with "
       "the end.",
       {"team", "severity"}},
      {"watchfire_incidents_rerouted_total",
       kCounter,
       "Incidents that were given to somebody of another team before anybody had acknowledged. "
       "Teams "
       "are those of the on-call files; from_team is other if the alerts named none of them.",
       {"from_team", "to_team"}},
      {"watchfire_acks_by_others_total",
       kCounter,
       "Incidents that somebody acknowledged first who is not in their team, and in another one of "
       "the on-call files.",
       {"team"}},
      {"watchfire_engaged_seconds_total",
       kCounter,
       "From the first ack of a person until the incident was over or came back, at most twelve "
       "hours each.",
       {"team"}},
  };
}

// Of what comes in and of those who take it on.
std::vector<Metric> FlowMetrics() {
  return {
      {"watchfire_rule_pending_seconds",
       kHistogram,
       "From when the condition of an own rule or SLO first held until it fired: its `for`, and "
       "the interval of evaluation. What others send does not say.",
       {"severity", "source"}},
      {"watchfire_alerts_enriched_total",
       kCounter,
       "Alerts that began to fire and were given an annotation that they lacked (enrichment).",
       {}},
      {"watchfire_alerts_suppressed_total",
       kCounter,
       "Alerts that began to fire and whose page was withheld, each once: the first flush of a "
       "group with it left it out, for silence, inhibition, mute_time_interval or "
       "active_time_interval. What was told before it was muted is none of them. A share of "
       "watchfire_alerts_received_total.",
       {"by"}},
      {"watchfire_backend_up",
       kGauge,
       "1 if the integration of the receiver took what was sent to it last, 0 if it refused, "
       "failed or did not answer; absent before the first attempt of this process.",
       {"receiver", "integration", "index"}},
      {"watchfire_page_send_seconds",
       kHistogram,
       "From the opening of an incident, when its first page was to leave, until a vendor accepted "
       "it: watchfire_time_to_page_seconds without group_wait.",
       {"team", "severity"}},
      {"watchfire_repages_total",
       kCounter,
       "Of watchfire_pages_total, those of cycles after the first of their incident.",
       {"team", "severity"}},
      {"watchfire_ack_to_resolve_seconds",
       kHistogram,
       "From the first ack of a person to the last end of the incident, timeouts excepted; counted "
       "when it can no longer be reopened.",
       {"team", "severity"}},
      {"watchfire_reports_total",
       kCounter,
       "Reports that are sent by themselves (reports), by what became of them at each integration "
       "of the receiver: told, refused, expired (not taken within a day, or before the next), cut "
       "(told to the first 100 integrations only), obsolete (configured no longer).",
       {"receiver", "outcome"}},
      {"watchfire_slo_period_seconds",
       kGauge,
       "The period of the error budget, of the calendar the one that is on: a burn rate of 1 costs "
       "3600 over this of the budget an hour.",
       {"slo", "service"}},
  };
}

// Of alerts, pages and promises.
std::vector<Metric> AlertingMetrics() {
  return {
      {"watchfire_clock_skew_total",
       kCounter,
       "Delays that were negative, for clocks disagree or were set back, and count as 0: ingest, "
       "pending, detection, page, ack, engaged, mitigate, resolve.",
       {"delay"}},
      {"watchfire_alerts_flapping",
       kGauge,
       "Alerts that began and ended so often that they flap (incidents.alert_flapping).",
       {}},
      {"watchfire_alert_flaps_total", kCounter, "How often an alert began to flap.", {"team"}},
      {"watchfire_pages_slo_correlated_total",
       kCounter,
       "Pages, the first of each cycle, by whether a loss of an error budget (an episode of "
       "burning "
       "too fast that costs 1 % of it) began at most 15 minutes after or ended at most 15 minutes "
       "before: of the SLOs of the incident's service, or of any if it has none. Only with SLOs.",
       {"correlated"}},
      {"watchfire_slo_loss_episodes_total",
       kCounter,
       "Losses of an error budget that are over, by whether a page coincided. Only with SLOs.",
       {"paged"}},
      {"watchfire_postmortems",
       kGauge,
       "Resolved incidents that are kept and want a post-mortem (incidents.postmortem), by how far "
       "it has come: missing, draft, reviewed.",
       {"team", "status"}},
      {"watchfire_postmortems_overdue",
       kGauge,
       "Of these, those that are not reviewed and were due.",
       {"team"}},
      {"watchfire_postmortems_total",
       kCounter,
       "Post-mortems that became wanted (required, with the end of the incident), and what was "
       "said "
       "of them: draft, reviewed, reviewed_late.",
       {"status"}},
      {"watchfire_alert_rules_seen",
       kGauge,
       "Names of alerts of which a vendor accepted a page within 30 days, by whether they had a "
       "runbook (annotation runbook_url or runbook) in the last one; as far back as incidents are "
       "kept, and 10,000 of them at most.",
       {"has_runbook"}},
      {"watchfire_schedule_coverage_ratio",
       kGauge,
       "Share of the coming 28 days in which somebody is on call, of schedules that a receiver's "
       "policy names.",
       {"schedule"}},
  };
}

}  // namespace

std::vector<Metric> QualityMetrics() {
  std::vector<Metric> all = ResponseMetrics();
  for (std::vector<Metric> more : {AlertingMetrics(), FlowMetrics()}) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace watchfire::telemetry
