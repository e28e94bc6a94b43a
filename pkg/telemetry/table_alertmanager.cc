// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's own metrics, by its names, for its mixin's alerts and dashboards.

#include <vector>

#include "pkg/telemetry/table.h"

namespace watchfire::telemetry {
namespace {

constexpr Type kCounter = Type::kCounter;
constexpr Type kGauge = Type::kGauge;
constexpr Type kHistogram = Type::kHistogram;

using Table = std::vector<Metric>;

Table AlertmanagerAlertMetrics() {
  return {
      {"alertmanager_build_info",
       kGauge,
       "Version of the Alertmanager whose API and metrics these are; always 1.",
       {"branch", "goarch", "goos", "goversion", "revision", "tags", "version"}},
      {"alertmanager_alerts",
       kGauge,
       "Firing alerts by state; unprocessed: no group was flushed with it yet.",
       {"state"}},
      {"alertmanager_alerts_received_total",
       kCounter,
       "Alerts that arrived, before validation.",
       {"status", "version"}},
      {"alertmanager_alerts_invalid_total",
       kCounter,
       "Alerts refused because they were invalid.",
       {"version"}},
      {"alertmanager_alerts_per_alert_limit",
       kGauge,
       "Most alerts of one alertname (--alerts.per-alertname-limit); 0: no limit.",
       {}},
      {"alertmanager_alerts_limited_total", kCounter, "Alerts dropped for that limit.", {}},
  };
}

Table AlertmanagerSilenceMetrics() {
  return {
      {"alertmanager_silences", kGauge, "Silences by state.", {"state"}},
      {"alertmanager_silences_state_size", kGauge, "Silences, whatever their state.", {}},
      {"alertmanager_silences_matcher_index_size",
       kGauge,
       "Silences that the index of their matchers holds.",
       {}},
      {"alertmanager_silences_queries_total",
       kCounter,
       "Questions which silences there are, or which of them mute an alert.",
       {}},
      {"alertmanager_silences_query_silences_scanned_total",
       kCounter,
       "Silences looked at for these questions.",
       {}},
      {"alertmanager_silences_query_silences_skipped_total",
       kCounter,
       "Silences that the index kept from being looked at.",
       {}},
      {"alertmanager_silences_maintenance_total",
       kCounter,
       "How often old silences were cleared away.",
       {}},
      {"alertmanager_silences_query_errors_total",
       kCounter,
       "Of these questions, those without an answer: always 0, they are asked of memory.",
       {}},
      {"alertmanager_silences_maintenance_errors_total",
       kCounter,
       "Commits to the store that failed; Alertmanager counts snapshots.",
       {}},
      {"alertmanager_silences_gc_errors_total",
       kCounter,
       "Clearings of old silences that failed: always 0.",
       {}},
  };
}

Table AlertmanagerNotificationMetrics() {
  return {
      {"alertmanager_nflog_queries_total", kCounter, "Look-ups of what a receiver was told.", {}},
      {"alertmanager_nflog_maintenance_total",
       kCounter,
       "How often old entries of the notification log were cleared away.",
       {}},
      {"alertmanager_nflog_query_errors_total",
       kCounter,
       "Look-ups of what a receiver was told that failed: always 0, they are in memory.",
       {}},
      {"alertmanager_nflog_maintenance_errors_total",
       kCounter,
       "Commits to the store that failed; Alertmanager counts snapshots.",
       {}},
      {"alertmanager_notifications_total", kCounter, "Notifications begun.", {"integration"}},
      {"alertmanager_notifications_failed_total",
       kCounter,
       "Notifications given up after all attempts.",
       {"integration", "reason"}},
      {"alertmanager_notification_requests_total",
       kCounter,
       "Attempts of notifications.",
       {"integration"}},
      {"alertmanager_notification_requests_failed_total",
       kCounter,
       "Attempts of notifications that failed.",
       {"integration"}},
      {"alertmanager_notification_latency_seconds",
       kHistogram,
       "How long an attempt of a notification took.",
       {"integration"}},
      {"alertmanager_notifications_suppressed_total",
       kCounter,
       "Alerts left out of a notification.",
       {"reason"}},
  };
}

// Of the process rather than of what goes through it.
Table AlertmanagerStateMetrics() {
  return {
      {"alertmanager_config_hash",
       kGauge,
       "Start of the MD5 of the configuration file in force; equal files, equal hashes.",
       {}},
      {"alertmanager_config_last_reload_successful",
       kGauge,
       "1 if the last reload of the configuration worked, else 0.",
       {}},
      {"alertmanager_config_last_reload_success_timestamp_seconds",
       kGauge,
       "When the configuration was last loaded without errors.",
       {}},
      {"alertmanager_cluster_enabled", kGauge, "1 if clustering is on, else 0.", {}},
      {"alertmanager_cluster_members",
       kGauge,
       "Members of the cluster, this one included; absent without clustering.",
       {}},
      {"alertmanager_cluster_failed_peers",
       kGauge,
       "Members of the cluster that do not answer; absent without clustering.",
       {}},
      {"alertmanager_cluster_peer_info",
       kGauge,
       "The name of this member; always 1; absent without clustering.",
       {"peer"}},
      {"alertmanager_peer_position",
       kGauge,
       "Place of this member among those that are there, from 0; absent without clustering.",
       {}},
      {"alertmanager_dispatcher_aggregation_groups", kGauge, "Aggregation groups now.", {}},
      {"alertmanager_dispatcher_aggregation_group_limit_reached_total",
       kCounter,
       "Groups not made because of a limit: always 0, groups have none of their own.",
       {}},
      {"alertmanager_dispatcher_aggregation_group_creation_retries_total",
       kCounter,
       "Groups whose making was begun again: always 0, one thread makes them all.",
       {}},
      {"alertmanager_dispatcher_aggregation_group_creation_given_up_total",
       kCounter,
       "Groups whose making was given up: always 0.",
       {}},
      {"alertmanager_receivers", kGauge, "Receivers that routes name.", {}},
      {"alertmanager_integrations", kGauge, "Integrations of the receivers that routes name.", {}},
      {"alertmanager_inhibition_rules", kGauge, "Inhibition rules of the configuration.", {}},
      {"alertmanager_http_request_duration_seconds",
       kHistogram,
       "How long requests took; handler is the pattern of the path.",
       {"handler", "method", "code"}},
      {"alertmanager_http_response_size_bytes",
       kHistogram,
       "Size of answers, those of API v2 excepted.",
       {"handler", "method"}},
      {"alertmanager_http_requests_in_flight",
       kGauge,
       "GET requests waiting or in work now.",
       {"method"}},
      {"alertmanager_http_concurrency_limit_exceeded_total",
       kCounter,
       "GET requests refused because of --web.get-concurrency.",
       {"method"}},
  };
}
}  // namespace

std::vector<Metric> AlertmanagerMetrics() {
  Table all;
  for (Table part : {AlertmanagerAlertMetrics(), AlertmanagerSilenceMetrics(),
                     AlertmanagerNotificationMetrics(), AlertmanagerStateMetrics()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace watchfire::telemetry
