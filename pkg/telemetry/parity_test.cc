// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's metrics, one by one: exported with its type and labels, or named as absent.

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Type kCounter = Type::kCounter;
constexpr Type kGauge = Type::kGauge;
constexpr Type kHistogram = Type::kHistogram;

// Source, here and below: Alertmanager 0.34 (reference alertmanager-compat §7).
std::vector<Metric> OfAlertsAndCluster() {
  return {
      {"alertmanager_alerts", kGauge, "", {"state"}},
      {"alertmanager_alerts_received_total", kCounter, "", {"status", "version"}},
      {"alertmanager_alerts_invalid_total", kCounter, "", {"version"}},
      {"alertmanager_alerts_per_alert_limit", kGauge, "", {}},
      {"alertmanager_alerts_limited_total", kCounter, "", {}},
      {"alertmanager_alerts_subscriber_channel_writes_total", kCounter, "", {"subscriber"}},
      {"alertmanager_notifications_total", kCounter, "", {"integration"}},
      {"alertmanager_notifications_failed_total", kCounter, "", {"integration", "reason"}},
      {"alertmanager_notification_requests_total", kCounter, "", {"integration"}},
      {"alertmanager_notification_requests_failed_total", kCounter, "", {"integration"}},
      {"alertmanager_notification_latency_seconds", kHistogram, "", {"integration"}},
      {"alertmanager_notifications_suppressed_total", kCounter, "", {"reason"}},
      {"alertmanager_config_hash", kGauge, "", {}},
      {"alertmanager_config_last_reload_successful", kGauge, "", {}},
      {"alertmanager_config_last_reload_success_timestamp_seconds", kGauge, "", {}},
      {"alertmanager_cluster_members", kGauge, "", {}},
      {"alertmanager_cluster_failed_peers", kGauge, "", {}},
      {"alertmanager_cluster_enabled", kGauge, "", {}},
      {"alertmanager_peer_position", kGauge, "", {}},
      {"alertmanager_cluster_health_score", kGauge, "", {}},
      {"alertmanager_cluster_messages_queued", kGauge, "", {}},
      {"alertmanager_cluster_peer_info", kGauge, "", {"peer"}},
      {"alertmanager_cluster_messages_received_total", kCounter, "", {"msg_type"}},
      {"alertmanager_cluster_messages_received_size_total", kCounter, "", {"msg_type"}},
      {"alertmanager_cluster_messages_sent_total", kCounter, "", {"msg_type"}},
      {"alertmanager_cluster_messages_sent_size_total", kCounter, "", {"msg_type"}},
      {"alertmanager_cluster_messages_pruned_total", kCounter, "", {}},
      {"alertmanager_cluster_peers_joined_total", kCounter, "", {}},
      {"alertmanager_cluster_peers_left_total", kCounter, "", {}},
      {"alertmanager_cluster_peers_update_total", kCounter, "", {}},
      {"alertmanager_cluster_reconnections_total", kCounter, "", {}},
      {"alertmanager_cluster_reconnections_failed_total", kCounter, "", {}},
      {"alertmanager_cluster_refresh_join_total", kCounter, "", {}},
      {"alertmanager_cluster_refresh_join_failed_total", kCounter, "", {}},
      {"alertmanager_cluster_alive_messages_total", kCounter, "", {"peer"}},
      {"alertmanager_cluster_peer_name_conflicts_total", kCounter, "", {}},
      {"alertmanager_cluster_pings_seconds", kHistogram, "", {"peer"}},
      {"alertmanager_oversized_gossip_message_sent_total", kCounter, "", {"key"}},
      {"alertmanager_oversized_gossip_message_failure_total", kCounter, "", {"key"}},
      {"alertmanager_oversized_gossip_message_dropped_total", kCounter, "", {"key"}},
      {"alertmanager_oversize_gossip_message_duration_seconds", kHistogram, "", {"key"}},
  };
}

std::vector<Metric> OfTheRest() {
  return {
      {"alertmanager_dispatcher_aggregation_groups", kGauge, "", {}},
      {"alertmanager_dispatcher_alert_processing_duration_seconds", kHistogram, "", {}},
      {"alertmanager_dispatcher_aggregation_group_limit_reached_total", kCounter, "", {}},
      {"alertmanager_dispatcher_aggregation_group_creation_retries_total", kCounter, "", {}},
      {"alertmanager_dispatcher_aggregation_group_creation_given_up_total", kCounter, "", {}},
      {"alertmanager_receivers", kGauge, "", {}},
      {"alertmanager_integrations", kGauge, "", {}},
      {"alertmanager_inhibition_rules", kGauge, "", {}},
      {"alertmanager_silences", kGauge, "", {"state"}},
      {"alertmanager_silences_gc_duration_seconds", kHistogram, "", {}},
      {"alertmanager_silences_gc_errors_total", kCounter, "", {}},
      {"alertmanager_silences_snapshot_duration_seconds", kHistogram, "", {}},
      {"alertmanager_silences_snapshot_size_bytes", kGauge, "", {}},
      {"alertmanager_silences_maintenance_total", kCounter, "", {}},
      {"alertmanager_silences_maintenance_errors_total", kCounter, "", {}},
      {"alertmanager_silences_matcher_compile_errors_total", kCounter, "", {"stage"}},
      {"alertmanager_silences_queries_total", kCounter, "", {}},
      {"alertmanager_silences_query_errors_total", kCounter, "", {}},
      {"alertmanager_silences_query_duration_seconds", kHistogram, "", {}},
      {"alertmanager_silences_query_silences_scanned_total", kCounter, "", {}},
      {"alertmanager_silences_query_silences_skipped_total", kCounter, "", {}},
      {"alertmanager_silences_gossip_messages_propagated_total", kCounter, "", {}},
      {"alertmanager_silences_state_size", kGauge, "", {}},
      {"alertmanager_silences_matcher_index_size", kGauge, "", {}},
      {"alertmanager_silences_version_index_size", kGauge, "", {}},
      {"alertmanager_nflog_gc_duration_seconds", kHistogram, "", {}},
      {"alertmanager_nflog_snapshot_duration_seconds", kHistogram, "", {}},
      {"alertmanager_nflog_snapshot_size_bytes", kGauge, "", {}},
      {"alertmanager_nflog_maintenance_total", kCounter, "", {}},
      {"alertmanager_nflog_maintenance_errors_total", kCounter, "", {}},
      {"alertmanager_nflog_queries_total", kCounter, "", {}},
      {"alertmanager_nflog_query_errors_total", kCounter, "", {}},
      {"alertmanager_nflog_query_duration_seconds", kHistogram, "", {}},
      {"alertmanager_nflog_gossip_messages_propagated_total", kCounter, "", {}},
      {"alertmanager_http_request_duration_seconds", kHistogram, "", {"handler", "method", "code"}},
      {"alertmanager_http_response_size_bytes", kHistogram, "", {"handler", "method"}},
      {"alertmanager_http_requests_in_flight", kGauge, "", {"method"}},
      {"alertmanager_http_concurrency_limit_exceeded_total", kCounter, "", {"method"}},
      {"alertmanager_build_info",
       kGauge,
       "",
       {"branch", "goarch", "goos", "goversion", "revision", "tags", "version"}},
  };
}

std::vector<Metric> Theirs() {
  std::vector<Metric> all = OfAlertsAndCluster();
  for (Metric& metric : OfTheRest()) all.push_back(std::move(metric));
  return all;
}

TEST(ParityTest, EachOfAlertmanagersMetricsIsExportedAlikeOrNamedAsAbsent) {
  std::map<std::string, Metric> ours;
  for (const Metric& metric : Metrics()) ours[metric.name] = metric;
  std::set<std::string> absent;
  for (const Absence& absence : AbsentMetrics()) {
    EXPECT_TRUE(absence.why.ends_with("."));
    for (const std::string& name : absence.names) {
      EXPECT_TRUE(absent.insert(name).second) << name << " is absent twice";
      EXPECT_FALSE(ours.contains(name)) << name;
    }
  }
  std::set<std::string> theirs;
  for (const Metric& metric : Theirs()) {
    theirs.insert(metric.name);
    const auto exported = ours.find(metric.name);
    EXPECT_NE(exported != ours.end(), absent.contains(metric.name)) << metric.name;
    if (exported == ours.end()) continue;
    EXPECT_EQ(exported->second.type, metric.type) << metric.name;
    EXPECT_EQ(exported->second.labels, metric.labels) << metric.name;
  }
  for (const auto& [name, metric] : ours) {
    EXPECT_TRUE(!name.starts_with("alertmanager_") || theirs.contains(name)) << name;
  }
  for (const std::string& name : absent) {
    EXPECT_TRUE(name.ends_with("*") || theirs.contains(name)) << name;
  }
}

core::View EmptyView() {
  core::View view;
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "on-call";
  view.config = config;
  view.stats.emplace();
  return view;
}

// Of two receivers with a webhook each.
core::View ToldView() {
  core::View view = EmptyView();
  auto config = std::make_shared<config::Config>(*view.config);
  config->receivers = {{"on-call", {{"webhook", 0, true, true, nullptr}}},
                       {"log", {{"webhook", 0, true, false, nullptr}}}};
  view.config = config;
  view.stats->notifications = {{{"webhook", "on-call"}, 3}, {{"webhook", "log"}, 2}};
  view.stats->notifications_failed = {{{"webhook", "log", "serverError"}, 2}};
  view.stats->requests = {{{"webhook", "on-call"}, 4}, {{"webhook", "log"}, 2}};
  view.stats->requests_failed = {{{"webhook", "log"}, 2}};
  view.stats->notification_latency.Observe({"webhook", "on-call"}, 2);
  view.stats->notification_latency.Observe({"webhook", "log"}, 7);
  view.stats->alerts_limited = {{{"ApiDown"}, 2}, {{"DiskFull"}, 1}};
  view.stats->alerts_per_name_max = 10;
  return view;
}

TEST(ParityTest, ReceiversAreNotToldApartUnlessAFeatureSaysSo) {
  const std::string text = Render(ToldView(), ProcessStats());
  for (const char* line :
       {"alertmanager_notifications_total{integration=\"webhook\"} 5\n",
        "alertmanager_notifications_failed_total{integration=\"webhook\",reason=\"serverError\"} "
        "2\n",
        "alertmanager_notification_requests_total{integration=\"webhook\"} 6\n",
        "alertmanager_notification_requests_failed_total{integration=\"webhook\"} 2\n",
        "alertmanager_notification_latency_seconds_bucket{integration=\"webhook\",le=\"5\"} 1\n",
        "alertmanager_notification_latency_seconds_sum{integration=\"webhook\"} 9\n",
        "alertmanager_notifications_total{integration=\"sns\"} 0\n",
        "alertmanager_alerts_limited_total 3\n", "alertmanager_alerts_per_alert_limit 10\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("receiver_name")));
  EXPECT_THAT(text, Not(HasSubstr("alertname=")));
}

TEST(ParityTest, FeaturesNameReceiversAndAlerts) {
  ProcessStats process;
  process.features.receiver_names = true;
  process.features.alert_names = true;
  const std::string text = Render(ToldView(), process);
  const std::string log = "{integration=\"webhook\",receiver_name=\"log\"";
  const std::string on_call = "{integration=\"webhook\",receiver_name=\"on-call\"";
  for (const std::string& line :
       {"alertmanager_notifications_total" + on_call + "} 3\n",
        "alertmanager_notifications_failed_total" + log + ",reason=\"serverError\"} 2\n",
        "alertmanager_notifications_failed_total" + on_call + ",reason=\"other\"} 0\n",
        "alertmanager_notification_requests_total" + log + "} 2\n",
        "alertmanager_notification_requests_failed_total" + on_call + "} 0\n",
        "alertmanager_notification_latency_seconds_sum" + log + "} 7\n",
        std::string("alertmanager_alerts_limited_total{alertname=\"ApiDown\"} 2\n")}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("notifications_total{integration=\"sns\"")))
      << "as there: only who is configured";
}

TEST(ParityTest, AFeatureCountsAlertsByGroup) {
  core::View view = EmptyView();
  view.at = FromNanos(1'790'000'000'000'000'000);
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "ApiDown"}};
  alert.ends_at = view.at + std::chrono::minutes(5);
  core::AlertRow row;
  row.fingerprint = alert.fingerprint();
  row.alert = std::make_shared<const alert::Alert>(alert);
  row.flushed = true;
  const auto members = std::make_shared<const std::vector<uint64_t>>(1, row.fingerprint);
  view.alerts[core::AlertShardOf(row.fingerprint)] =
      std::make_shared<const std::vector<core::AlertRow>>(1, row);
  ASSERT_NE(view.Find(row.fingerprint), nullptr);
  for (const char* key : {"{}:{a=\"1\"}", "{}/{b=\"2\"}:{}"}) {
    core::GroupRow group;
    group.alerts = members;
    group.key = key;
    view.groups.push_back(std::make_shared<const std::vector<core::GroupRow>>(1, group));
  }
  ProcessStats process;
  process.features.group_keys = true;
  const std::string text = Render(view, process);
  for (const char* line :
       {R"(alertmanager_alerts{state="active",group_key="{}:{a=\"1\"}"} 1)"
        "\n",
        R"(alertmanager_alerts{state="active",group_key="{}/{b=\"2\"}:{}"} 1)"
        "\n",
        R"(alertmanager_alerts{state="suppressed",group_key="{}/{b=\"2\"}:{}"} 0)"
        "\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("alertmanager_alerts{state=\"active\"}")));
}

TEST(ParityTest, QuestionsToSilencesAndLogAreCounted) {
  core::View view = EmptyView();
  view.stats->silences = {3, 2, 1};
  view.stats->silence_queries = {10, 4, 50};
  view.stats->log_queries = 7;
  view.stats->maintenances = 2;
  view.stats->commits = {{{"success"}, 9}, {{"error"}, 4}};
  const std::string text = Render(view, ProcessStats());
  for (const char* line :
       {"alertmanager_silences_queries_total 10\n",
        "alertmanager_silences_query_silences_scanned_total 4\n",
        "alertmanager_silences_query_silences_skipped_total 50\n",
        "alertmanager_silences_state_size 6\n", "alertmanager_silences_matcher_index_size 6\n",
        "alertmanager_silences_maintenance_total 2\n", "alertmanager_nflog_maintenance_total 2\n",
        "alertmanager_nflog_queries_total 7\n",
        "alertmanager_silences_maintenance_errors_total 4\n",
        "alertmanager_nflog_maintenance_errors_total 4\n",
        "alertmanager_silences_query_errors_total 0\n",
        "alertmanager_dispatcher_aggregation_group_creation_given_up_total 0\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(ParityTest, ALoneInstanceIsTheFirstOfItsPeers) {
  ProcessStats process;
  process.peer_name = "node-1";
  const std::string text = Render(EmptyView(), process);
  EXPECT_THAT(text, HasSubstr("alertmanager_peer_position 0\n"));
  EXPECT_THAT(text, HasSubstr("alertmanager_cluster_peer_info{peer=\"node-1\"} 1\n"));
  process.clustering = false;
  const std::string alone = Render(EmptyView(), process);
  EXPECT_THAT(alone, Not(HasSubstr("peer_position")));
  EXPECT_THAT(alone, Not(HasSubstr("peer_info")));
}

TEST(ParityTest, AnswersAreMeasuredInAlertmanagersBuckets) {
  ProcessStats process;
  process.http_bytes.Observe({"/metrics", "get"}, 5000);
  const std::string text = Render(EmptyView(), process);
  for (const char* bucket : {"le=\"1000\"} 0\n", "le=\"10000\"} 1\n", "le=\"+Inf\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr("alertmanager_http_response_size_bytes_bucket{handler=\"/metrics\","
                                "method=\"get\"," +
                                std::string(bucket)));
  }
}

}  // namespace
}  // namespace watchfire::telemetry
