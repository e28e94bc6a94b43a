// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Alertmanager exports and we do not: there is nothing to count, or it is counted otherwise.
// (A count that cannot be other than 0 here is exported as that.)

#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {
namespace {

std::vector<Absence> OfSilencesAndLog() {
  return {
      {{"alertmanager_silences_snapshot_duration_seconds",
        "alertmanager_silences_snapshot_size_bytes", "alertmanager_nflog_snapshot_duration_seconds",
        "alertmanager_nflog_snapshot_size_bytes"},
       "There are no snapshots: every change is committed when it happens. See "
       "`watchfire_store_commit_duration_seconds`."},
      {{"alertmanager_silences_gc_duration_seconds", "alertmanager_nflog_gc_duration_seconds",
        "alertmanager_silences_query_duration_seconds", "alertmanager_nflog_query_duration_seconds",
        "alertmanager_dispatcher_alert_processing_duration_seconds"},
       "Parts of a turn of the core, which reads no clock. See "
       "`watchfire_core_step_duration_seconds` for the whole of it."},
      {{"alertmanager_silences_matcher_compile_errors_total"},
       "A silence whose matchers do not compile is refused. What was so in Alertmanager's file is "
       "among `watchfire_import_records_total{result=\"unreadable\"}`."},
      {{"alertmanager_silences_version_index_size"}, "There is no such index."},
  };
}

std::vector<Absence> OfAlerts() {
  return {
      {{"alertmanager_alerts_subscriber_channel_writes_total"},
       "One thread decides; there are no subscribers."},
  };
}

std::vector<Absence> OfTheCluster() {
  return {
      {{"alertmanager_silences_gossip_messages_propagated_total",
        "alertmanager_nflog_gossip_messages_propagated_total",
        "alertmanager_cluster_health_score",
        "alertmanager_cluster_messages_queued",
        "alertmanager_cluster_messages_received_total",
        "alertmanager_cluster_messages_received_size_total",
        "alertmanager_cluster_messages_sent_total",
        "alertmanager_cluster_messages_sent_size_total",
        "alertmanager_cluster_messages_pruned_total",
        "alertmanager_cluster_peers_joined_total",
        "alertmanager_cluster_peers_left_total",
        "alertmanager_cluster_peers_update_total",
        "alertmanager_cluster_reconnections_total",
        "alertmanager_cluster_reconnections_failed_total",
        "alertmanager_cluster_refresh_join_total",
        "alertmanager_cluster_refresh_join_failed_total",
        "alertmanager_cluster_alive_messages_total",
        "alertmanager_cluster_peer_name_conflicts_total",
        "alertmanager_cluster_pings_seconds",
        "alertmanager_oversized_gossip_message_sent_total",
        "alertmanager_oversized_gossip_message_failure_total",
        "alertmanager_oversized_gossip_message_dropped_total",
        "alertmanager_oversize_gossip_message_duration_seconds",
        "alertmanager_tls_transport_*"},
       "There is no gossip: an instance is alone."},
      {{"alertmanager_events_*", "alertmanager_event_recorder_*"},
       "`event_recorder` is read and has no effect."},
      {{"go_*", "promhttp_*"}, "Of Go's runtime and its client library."},
  };
}

}  // namespace

const std::vector<Absence>& AbsentMetrics() {
  static const auto& absent = *new std::vector<Absence>([] {
    std::vector<Absence> all;
    for (const std::vector<Absence>& part : {OfAlerts(), OfSilencesAndLog(), OfTheCluster()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }());
  return absent;
}

}  // namespace watchfire::telemetry
