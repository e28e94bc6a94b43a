// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The table of metrics.

#include "pkg/telemetry/table.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {
namespace {

constexpr Type kCounter = Type::kCounter;
constexpr Type kGauge = Type::kGauge;
constexpr Type kHistogram = Type::kHistogram;

using Table = std::vector<Metric>;

Table IncidentMetrics() {
  return {
      {"watchfire_alerts_received_total",
       kCounter,
       "Alerts that began to fire; neither refreshes count, nor what comes back within twice the "
       "group_interval of the first route.",
       {"team", "service", "severity", "integration"}},
      {"watchfire_ingest_delay_seconds",
       kHistogram,
       "From the time an alert says it started until it arrived.",
       {"severity", "source"}},
      {"watchfire_pages_total",
       kCounter,
       "Pages that a vendor accepted, the first of each cycle, by the local time of whoever it "
       "reached: business (Monday to Friday, 08 to 18), sleep (22 to 08), off (the rest). The zone "
       "is the user's, else that of the schedule, else UTC.",
       {"team", "severity", "hours"}},
      {"watchfire_pages_unacked",
       kGauge,
       "Incidents that were paged and not acknowledged yet.",
       {"team", "severity"}},
      {"watchfire_time_to_page_seconds",
       kHistogram,
       "From the arrival of the first alert until a vendor accepted the page.",
       {"team", "severity"}},
      {"watchfire_incidents",
       kGauge,
       "Incidents, open and retained, by state.",
       {"state", "severity", "team"}},
      {"watchfire_incidents_paged_total",
       kCounter,
       "Incidents of which at least one page was accepted.",
       {"team", "severity"}},
      {"watchfire_ack_duration_seconds",
       kHistogram,
       "From the first accepted page until somebody acknowledged.",
       {"team", "severity", "backend", "actor_type", "cycle"}},
      {"watchfire_incident_resolve_duration_seconds",
       kHistogram,
       "From the first opening of an incident to its last end: when its last alert was known to be "
       "over, or somebody resolved it; counted when it can no longer be reopened.",
       {"team", "severity", "resolved_by"}},
      {"watchfire_incidents_resolved_unacked_total",
       kCounter,
       "Paged incidents that no person had acknowledged; counted when they can no longer be "
       "reopened.",
       {"team", "severity"}},
      {"watchfire_inbound_webhooks_total",
       kCounter,
       "Webhooks of vendors by what became of them.",
       {"source", "result"}},
      {"watchfire_ack_links_total",
       kCounter,
       "Requests to links in messages (incidents.ack_links) by what became of them.",
       {"result"}},
      {"watchfire_ack_polls_total",
       kCounter,
       "Questions to vendors about what people did there (poll_acks) by what came of them.",
       {"vendor", "outcome"}},
      {"watchfire_ack_polled_acts_total",
       kCounter,
       "What people did at vendors, as their answers to poll_acks say, by what became of it.",
       {"vendor", "action", "result"}},
      {"watchfire_ack_poll_last_success_timestamp_seconds",
       kGauge,
       "When a vendor last answered poll_acks.",
       {"vendor"}},
  };
}

// What an incident begins with, and how far it goes before somebody answers.
Table OpeningMetrics() {
  return {
      {"watchfire_incidents_opened_total",
       kCounter,
       "Incidents opened, by who noticed: human if the worst alert has the annotation detected_by: "
       "human, else monitoring.",
       {"team", "severity", "detected_by"}},
      {"watchfire_incidents_missing_context_total",
       kCounter,
       "Incidents opened whose page lacked something that whoever is woken by it needs: runbook or "
       "dashboard (annotations runbook_url, dashboard_url), service, team, severity (labels).",
       {"field"}},
      {"watchfire_detection_delay_seconds",
       kHistogram,
       "From when it began to be so until Watchfire heard of it, of incidents opened of which that "
       "is known: own rules (their condition), SLOs (their budget), what people noticed. Others' "
       "alerts are in watchfire_ingest_delay_seconds alone.",
       {"team", "severity"}},
      {"watchfire_incidents_escalated_total",
       kCounter,
       "Paged incidents that went beyond the first step of an escalation policy, each once.",
       {"team", "severity"}},
      {"watchfire_escalations_total",
       kCounter,
       "Steps of escalation policies beyond the first that paged somebody, by why they came: "
       "timeout (nobody acknowledged), manual (somebody asked), policy (a rule of automation), and "
       "by the number of the step, 10+ for all beyond ten.",
       {"team", "kind", "to_level"}},
      {"watchfire_incident_oldest_age_seconds",
       kGauge,
       "Since when the oldest open incident is open; 0 if none is.",
       {"team", "severity"}},
  };
}

Table CareMetrics() {
  return {
      {"watchfire_incident_outcomes_total",
       kCounter,
       "Classifications of incidents, by people and by rule; one that is changed counts again.",
       {"outcome", "outcome_source", "team"}},
      {"watchfire_incidents_snoozed_total",
       kCounter,
       "Snoozes of incidents.",
       {"team", "severity"}},
      {"watchfire_incidents_reopened_total",
       kCounter,
       "Incidents that a page reopened soon after their end.",
       {"team", "severity"}},
      {"watchfire_incidents_flapping_total",
       kCounter,
       "Incidents that were reopened so often that a rule calls them flapping.",
       {"team", "severity"}},
      {"watchfire_stale_acks_total",
       kCounter,
       "Acknowledgements that expired: their incidents went back to those on call.",
       {"team", "severity"}},
      {"watchfire_ack_reminders_total",
       kCounter,
       "Reminders that an acknowledgement will expire.",
       {"team", "severity"}},
      {"watchfire_incidents_reassigned_total",
       kCounter,
       "Incidents that were given to somebody else, before (acked=\"no\") or after the first ack.",
       {"team", "acked"}},
      {"watchfire_incidents_merged_total",
       kCounter,
       "Incidents that were merged into another, by people (human) or by correlate_by (rule).",
       {"source"}},
  };
}

Table HeartbeatMetrics() {
  return {
      {"watchfire_heartbeat_missing",
       kGauge,
       "1 while nothing is heard of the heartbeat, else 0.",
       {"heartbeat"}},
      {"watchfire_heartbeat_last_seen_timestamp_seconds",
       kGauge,
       "When the heartbeat was last heard of; 0 before the first time of this process.",
       {"heartbeat"}},
  };
}

Table SloMetrics() {
  return {
      {"watchfire_slo_objective_ratio",
       kGauge,
       "The objective, 0 to 1; slo is the id, service and name joined.",
       {"slo", "service"}},
      {"watchfire_slo_error_ratio",
       kGauge,
       "Share of bad events; the worst of the SLO's label sets.",
       {"slo", "service", "window"}},
      {"watchfire_slo_burn_rate_ratio",
       kGauge,
       "Error ratio over error budget; 1 spends the budget in exactly the period.",
       {"slo", "service", "window"}},
      {"watchfire_slo_error_budget_remaining_ratio",
       kGauge,
       "What is left of the error budget, 1 is all; negative when overspent.",
       {"slo", "service"}},
      {"watchfire_slo_evaluation_failures_total",
       kCounter,
       "Evaluations of the SLO in which a query failed.",
       {"slo", "service"}},
      {"watchfire_slo_no_data",
       kGauge,
       "1 if no label set of the SLO has data in its shortest window, as far as answers say, else "
       "0.",
       {"slo", "service"}},
      {"watchfire_slo_impossible",
       kGauge,
       "1 if more events of the SLO are bad, or good, than there are, over a window of an hour or "
       "more, else 0.",
       {"slo", "service"}},
      {"watchfire_slo_excluded",
       kGauge,
       "1 while an exclusion or a schedule says that the SLO's time does not count.",
       {"slo", "service"}},
  };
}

// How the numbers of SLOs come about.
Table CountingMetrics() {
  return {
      {"watchfire_slo_incremental",
       kGauge,
       "1 if the SLO's events are counted minute by minute, 0 if each of its windows is asked.",
       {"slo", "service"}},
      {"watchfire_slo_label_sets_capped",
       kGauge,
       "1 if the SLO has more label sets than are counted one by one, so that each of its windows "
       "is asked exactly, else 0.",
       {"slo", "service"}},
      {"watchfire_slo_window_counted",
       kGauge,
       "1 if the window followed from the counts at the last evaluation, 0 if it was asked "
       "exactly.",
       {"slo", "service", "window"}},
      {"watchfire_slo_known_ratio",
       kGauge,
       "Share of the period that has been asked for and answered: back-fill is done at 1.",
       {"slo", "service"}},
      {"watchfire_slo_coverage_ratio",
       kGauge,
       "Share of the period for which there is data: what is known, from the first event on.",
       {"slo", "service"}},
      {"watchfire_slo_audit_burn_rate_difference",
       kGauge,
       "Burn rate by exact PromQL less the one that was counted, when they were compared last.",
       {"slo", "service", "window"}},
      {"watchfire_slo_audit_timestamp_seconds",
       kGauge,
       "When they were compared last.",
       {"slo", "service", "window"}},
      {"watchfire_slo_anomalies_total",
       kCounter,
       "Minutes in which more events were bad, or good, than there were.",
       {"slo", "service"}},
      {"watchfire_slo_counted_series",
       kGauge,
       "Label sets that the events of SLOs are counted by, 42 kB each. Without those of SLOs that "
       "have too many.",
       {}},
  };
}

Table BudgetMetrics() {
  return {
      {"watchfire_slo_error_budget_consumed_ratio",
       kGauge,
       "What is spent of the error budget, 1 is all; more when overspent.",
       {"slo", "service"}},
      {"watchfire_slo_error_budget_remaining_seconds",
       kGauge,
       "What is left of the error budget, in seconds of a total outage.",
       {"slo", "service"}},
      {"watchfire_slo_error_budget_remaining_events",
       kGauge,
       "What is left of the error budget, in events that may be bad, by the traffic of a period.",
       {"slo", "service"}},
      {"watchfire_slo_error_budget_exhaustion_seconds",
       kGauge,
       "How long the error budget lasts at the present burn rate; +Inf: ten years or more.",
       {"slo", "service"}},
      {"watchfire_slo_error_budget_timestamp_seconds",
       kGauge,
       "When it was last known what is left of the error budget; 0: never.",
       {"slo", "service"}},
      {"watchfire_slo_policy_state",
       kGauge,
       "1 for the state that the error budget policy is in, 0 for its others.",
       {"slo", "service", "state"}},
      {"watchfire_slo_policy_changes_total",
       kCounter,
       "How often an error budget policy went into the state.",
       {"slo", "state"}},
      {"watchfire_slo_breaches_total",
       kCounter,
       "How often the error budget was used up: of rolling periods episodes, which end when 1 % of "
       "it is left again, of calendar periods those in which it was. Kept over restarts.",
       {"slo", "service"}},
  };
}

Table EvaluationMetrics() {
  return {
      {"watchfire_rule_group_iterations_total",
       kCounter,
       "Evaluations of the rule group that were begun.",
       {"rule_group"}},
      {"watchfire_rule_group_iterations_missed_total",
       kCounter,
       "Evaluations of the rule group left out because the one before was too slow.",
       {"rule_group"}},
      {"watchfire_rule_group_interval_seconds",
       kGauge,
       "Interval of the rule group.",
       {"rule_group"}},
      {"watchfire_rule_group_last_evaluation_timestamp_seconds",
       kGauge,
       "When the rule group was last evaluated; 0 before the first time.",
       {"rule_group"}},
      {"watchfire_rule_group_last_duration_seconds",
       kGauge,
       "How long the last evaluation of the rule group took.",
       {"rule_group"}},
      {"watchfire_rule_group_rules", kGauge, "Rules of the group.", {"rule_group"}},
      {"watchfire_rule_evaluations_total", kCounter, "Evaluations of rules.", {"rule_group"}},
      {"watchfire_rule_evaluation_failures_total",
       kCounter,
       "Evaluations of rules that failed.",
       {"rule_group"}},
      {"watchfire_rule_file_errors",
       kGauge,
       "Errors of the rule, SLO, runbook or catalogue file at the last load; a file with errors is "
       "left out, or goes on as it was.",
       {"file"}},
      {"watchfire_rule_alerts", kGauge, "Alerts of our own rules by state.", {"state"}},
      {"watchfire_queries_total", kCounter, "Queries to Prometheus.", {"result"}},
      {"watchfire_query_duration_seconds", kHistogram, "How long queries took.", {}},
      {"watchfire_samples_written_total",
       kCounter,
       "Samples for remote write: results of recording rules and the state of alerts.",
       {"result"}},
  };
}

Table EscalationMetrics() {
  return {
      {"watchfire_escalation_steps_total",
       kCounter,
       "Steps of escalation policies that came due, by what became of them: told, nobody, acked, "
       "hours (outside of its hours), resolved.",
       {"policy", "outcome"}},
      {"watchfire_escalation_unreachable_total",
       kCounter,
       "Steps that reached nobody, for nobody was on call or had a contact: oncall.fallback was "
       "paged.",
       {"policy"}},
      {"watchfire_vendor_updates_total",
       kCounter,
       "Acks, notes and resolves for the vendors that were paged, by what became of them: told, "
       "refused, expired (not taken within an hour), superseded (no longer so, or nothing left to "
       "say it of), dropped (no room, or no longer configured), echoed (the vendor's webhook "
       "brought it back).",
       {"integration", "action", "outcome"}},
      {"watchfire_automation_runs_total",
       kCounter,
       "Runs of automation rules that are over, by their result: success (with verification: that "
       "passed), failure, timeout, rejected (by a person, or nobody approved), dry_run, limited "
       "(max_per_hour), obsolete (the incident or the configuration was faster).",
       {"rule", "action", "result"}},
      {"watchfire_automation_duration_seconds",
       kHistogram,
       "From the first deed of a run, which waits for nobody, to its success, failure or timeout.",
       {"rule"}},
      {"watchfire_automation_waiting", kGauge, "Runs that wait for somebody to approve them.", {}},
      {"watchfire_oncall_gap_seconds",
       kGauge,
       "How much of the coming seven days has nobody on call, of schedules that a receiver's "
       "policy names.",
       {"schedule"}},
      {"watchfire_oncall_seconds_total",
       kCounter,
       "Time that people were on call while this process ran, by the final schedules; whoever is "
       "on "
       "two schedules of a team at once is counted once. person is empty unless "
       "oncall.person_metrics.",
       {"team", "person"}},
      {"watchfire_person_pages_total",
       kCounter,
       "Pages that an escalation policy made and a vendor accepted, one for each person and cycle "
       "of "
       "an incident, however many contacts that took. person is empty unless "
       "oncall.person_metrics.",
       {"person"}},
      {"watchfire_pages_joined_total",
       kCounter,
       "Pages of incidents that another incident's page named to the same person, in a storm "
       "(oncall.storm).",
       {}},
      {"watchfire_oncall_info",
       kGauge,
       "Who is on call by a schedule now, as 1; only with oncall.person_metrics.",
       {"schedule", "person"}},
      {"watchfire_oncall_handoffs_total",
       kCounter,
       "Summaries of a shift for whoever comes on call (oncall.handoffs), by what became of them: "
       "told, refused, expired (not taken within an hour), unreachable (nobody's contact can take "
       "it), cut (told to the first 100 integrations only), obsolete (configured no longer).",
       {"schedule", "outcome"}},
  };
}

Table ServerMetrics() {
  return {
      {"watchfire_build_info", kGauge, "Version of the server; always 1.", {"version"}},
      {"watchfire_store_healthy", kGauge, "1 if the last commit worked, else 0.", {}},
      {"watchfire_store_pending_records", kGauge, "Records that are not stored yet.", {}},
      {"watchfire_store_commits_total", kCounter, "Commits to the store.", {"result"}},
      {"watchfire_store_commit_duration_seconds", kHistogram, "How long commits took.", {}},
      {"watchfire_import_records_total",
       kCounter,
       "Records of Alertmanager's files at this start, by what became of them.",
       {"file", "result"}},
      {"watchfire_ends_untold_total",
       kCounter,
       "Alerts whose end an integration will not hear, though it was told of them: the "
       "configuration no longer has it.",
       {"integration"}},
      {"watchfire_receiver_circuit_open",
       kGauge,
       "1 while an integration of the receiver failed so often in a row that only a probe now and "
       "then tries it; `index` counts those of one kind from 0.",
       {"receiver", "integration", "index"}},
      {"watchfire_receiver_circuit_openings_total",
       kCounter,
       "How often that began.",
       {"receiver", "integration", "index"}},
      {"watchfire_receiver_waiting",
       kGauge,
       "Notifications that wait for their turn: for a limit of the receiver or an open circuit.",
       {"receiver", "integration", "index"}},
      {"watchfire_receiver_fallback_notifications_total",
       kCounter,
       "Notifications of something firing that the receiver's fallback took, because the receiver "
       "did not.",
       {"receiver", "fallback"}},
      {"watchfire_deliveries", kGauge, "Notifications under way or waiting for another try.", {}},
      {"watchfire_core_step_duration_seconds", kHistogram, "How long turns of the core took.", {}},
      {"watchfire_core_queue_events", kGauge, "Events waiting for the core.", {}},
      {"watchfire_limit_exceeded_total",
       kCounter,
       "Refusals by limit: active_alerts, alert_size, alerts_per_request, silences, queued_writes, "
       "connections, request_bytes, shadow_messages; journal, incidents, closed_alerts: old "
       "entries given up; incident_text: pages whose texts were cut; escalation_contacts: people "
       "without "
       "room; automation_runs: runs of rules without room; enrichment: annotations not given.",
       {"limit"}},
      {"watchfire_http_connections", kGauge, "Inbound connections open now.", {}},
      {"watchfire_http_refused_total",
       kCounter,
       "Inbound requests refused before a handler saw them, or cut off.",
       {"reason"}},
      {"watchfire_shadow_notifications_total",
       kCounter,
       "Shadow mode: messages compared with the live Alertmanager's; same, extra, missing, "
       "different or unjudged. Absent otherwise, as are the next two.",
       {"result"}},
      {"watchfire_shadow_poll_failures_total",
       kCounter,
       "Polls of the live Alertmanager that failed.",
       {}},
      {"watchfire_shadow_last_poll_success_timestamp_seconds",
       kGauge,
       "When a poll of the live Alertmanager last worked; 0 before the first time.",
       {}},
      {"process_cpu_seconds_total", kCounter, "User and system time used.", {}},
      {"process_max_fds", kGauge, "How many file descriptors may be open.", {}},
      {"process_open_fds", kGauge, "File descriptors open.", {}},
      {"process_resident_memory_bytes", kGauge, "Memory in RAM.", {}},
      {"process_start_time_seconds", kGauge, "When the server started, in Unix time.", {}},
      {"process_virtual_memory_bytes", kGauge, "Size of the address space.", {}},
  };
}

constexpr std::array<std::string_view, 5> kOfReceivers = {
    "alertmanager_notifications_total", "alertmanager_notifications_failed_total",
    "alertmanager_notification_requests_total", "alertmanager_notification_requests_failed_total",
    "alertmanager_notification_latency_seconds"};

}  // namespace

// Source, places in the lists included: Alertmanager's NewMetrics of notify, dispatch and provider.
std::vector<std::string> LabelsOf(const Metric& metric, const Features& features) {
  std::vector<std::string> labels = metric.labels;
  if (features.receiver_names && std::ranges::count(kOfReceivers, metric.name) > 0) {
    labels.insert(labels.begin() + 1, "receiver_name");
  }
  if (features.group_keys && metric.name == "alertmanager_alerts") labels.push_back("group_key");
  if (features.alert_names && metric.name == "alertmanager_alerts_limited_total") {
    labels.push_back("alertname");
  }
  return labels;
}

const std::vector<Metric>& Metrics() {
  static const Table& table = *new Table([] {
    Table all;
    for (Table part : {AlertmanagerMetrics(), IncidentMetrics(), OpeningMetrics(), CareMetrics(),
                       QualityMetrics(), EscalationMetrics(), HeartbeatMetrics(), SloMetrics(),
                       CountingMetrics(), BudgetMetrics(), EvaluationMetrics(), ServerMetrics(),
                       GrafanaOncallMetrics()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }());
  return table;
}

}  // namespace watchfire::telemetry
