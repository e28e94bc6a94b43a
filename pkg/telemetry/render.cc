// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// From Stats and the View to the metrics of the table.

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "pkg/base/check.h"
#include "pkg/dispatch/vendor_update.h"
#include "pkg/oncall/call.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/slo.h"
#include "pkg/telemetry/exposition.h"
#include "pkg/telemetry/grafana_oncall.h"
#include "pkg/telemetry/people.h"
#include "pkg/telemetry/process.h"
#include "pkg/telemetry/quality.h"
#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {
namespace {

// Source: Alertmanager 0.35 notify.Reason (reference §7).
constexpr std::array kFailureReasons = {
    "other",           "clientError",   "serverError",
    "contextCanceled", "authError",     "contextDeadlineExceeded",
    "rateLimited",     "templateError", "fileReadError",
    "configError",     "encodingError", "requestError",
    "missingContext"};
// Every kind that Alertmanager knows has its zeros, configured or not. Source: Alertmanager
// notify.NewMetrics (reference §7).
constexpr std::array kIntegrations = {
    "email",   "pagerduty", "wechat",     "pushover", "slack",      "opsgenie",
    "webhook", "victorops", "sns",        "telegram", "discord",    "webex",
    "msteams", "msteamsv2", "incidentio", "jira",     "rocketchat", "mattermost"};
constexpr std::array kSuppressionReasons = {"silence", "inhibition", "mute_time_interval",
                                            "active_time_interval"};

double ToDouble(size_t count) { return static_cast<double>(count); }

// `counters` and a zero for each of `values` that is not among them.
template <typename Values>
CounterMap WithZeros(CounterMap counters, const Values& values) {
  for (const auto& value : values) counters.try_emplace({std::string(value)});
  return counters;
}

std::set<std::string> KnownIntegrations(const config::Config& config) {
  std::set<std::string> kinds(kIntegrations.begin(), kIntegrations.end());
  for (const config::Receiver& receiver : config.receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      kinds.insert(integration.kind);
    }
  }
  return kinds;
}

const char* StateOf(const core::AlertRow& row) {
  const bool suppressed = row.inhibited || !row.silenced_by.empty();
  return !row.flushed ? "unprocessed" : suppressed ? "suppressed" : "active";
}

GaugeMap CountAlerts(const core::View& view) {
  GaugeMap states = {{{"active"}, 0}, {{"suppressed"}, 0}, {{"unprocessed"}, 0}};
  for (const auto& shard : view.alerts) {
    if (!shard) continue;
    for (const core::AlertRow& row : *shard) {
      if (!row.alert->Resolved(view.at)) ++states[{StateOf(row)}];
    }
  }
  return states;
}

// An alert counts once in each group.
GaugeMap CountByGroup(const core::View& view) {
  GaugeMap states;
  const auto count = [&](const core::GroupRow& group) {
    for (const char* state : {"active", "suppressed", "unprocessed"})
      states.try_emplace({state, group.key});
    for (const uint64_t fingerprint : *group.alerts) {
      const core::AlertRow* row = view.Find(fingerprint);
      if (row != nullptr && !row->alert->Resolved(view.at)) ++states[{StateOf(*row), group.key}];
    }
  };
  for (const auto& shard : view.groups) std::ranges::for_each(*shard, count);
  return states;
}

void AddAlerts(const core::View& view, const Features& features, Exposition* out) {
  out->Set("alertmanager_alerts", features.group_keys ? CountByGroup(view) : CountAlerts(view));
  out->Set("alertmanager_alerts_per_alert_limit", ToDouble(view.stats->alerts_per_name_max));
  uint64_t limited = 0;
  for (const auto& [name, count] : view.stats->alerts_limited) limited += count;
  if (features.alert_names) {
    out->Set("alertmanager_alerts_limited_total", view.stats->alerts_limited);
  } else {
    out->Set("alertmanager_alerts_limited_total", static_cast<double>(limited));
  }
  for (const auto& [status, count] :
       WithZeros(view.stats->alerts_received, std::array{"firing", "resolved"})) {
    out->Set("alertmanager_alerts_received_total", static_cast<double>(count), {status[0], "v2"});
  }
  out->Set("alertmanager_alerts_invalid_total", static_cast<double>(view.stats->alerts_invalid),
           {"v2"});
  out->Set("watchfire_alerts_received_total", view.stats->episodes);
  out->Set("watchfire_alerts_enriched_total", static_cast<double>(view.stats->alerts_enriched));
  out->Set("watchfire_ingest_delay_seconds", view.stats->ingest_delay);
}

void AddSilences(const core::View& view, Exposition* out) {
  const silence::Counts& counts = view.stats->silences;
  out->Set("alertmanager_silences", ToDouble(counts.active), {"active"});
  out->Set("alertmanager_silences", ToDouble(counts.pending), {"pending"});
  out->Set("alertmanager_silences", ToDouble(counts.expired), {"expired"});
  const double size = ToDouble(counts.active + counts.pending + counts.expired);
  out->Set("alertmanager_silences_state_size", size);
  out->Set("alertmanager_silences_matcher_index_size", size);
  const silence::QueryStats& queries = view.stats->silence_queries;
  const auto count = [out](const char* name, uint64_t value) {
    out->Set(name, static_cast<double>(value));
  };
  count("alertmanager_silences_queries_total", queries.queries);
  count("alertmanager_silences_query_silences_scanned_total", queries.scanned);
  count("alertmanager_silences_query_silences_skipped_total", queries.skipped);
  count("alertmanager_silences_maintenance_total", view.stats->maintenances);
  count("alertmanager_nflog_queries_total", view.stats->log_queries);
  count("alertmanager_nflog_maintenance_total", view.stats->maintenances);
  // What is not kept is what could not be stored.
  const auto failed = view.stats->commits.find({"error"});
  const uint64_t lost = failed == view.stats->commits.end() ? 0 : failed->second;
  count("alertmanager_silences_maintenance_errors_total", lost);
  count("alertmanager_nflog_maintenance_errors_total", lost);
  for (const char* never :
       {"alertmanager_silences_query_errors_total", "alertmanager_silences_gc_errors_total",
        "alertmanager_nflog_query_errors_total"}) {
    count(never, 0);
  }
}

// Who may be told: (kind, receiver) of each integration there is, or without receivers (kind) of
// each kind that may be. Source: Alertmanager notify.NewMetrics and InitializeFor.
std::set<LabelValues> Audiences(const config::Config& config, bool receiver_names) {
  std::set<LabelValues> audiences;
  if (!receiver_names) {
    for (const std::string& kind : KnownIntegrations(config)) audiences.insert({kind});
    return audiences;
  }
  for (const config::Receiver& receiver : config.receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      audiences.insert({integration.kind, receiver.name});
    }
  }
  return audiences;
}

LabelValues WithoutReceiver(LabelValues labels) {
  labels.erase(labels.begin() + 1);
  return labels;
}

CounterMap OfAudiences(const CounterMap& counters, bool receiver_names) {
  if (receiver_names) return counters;
  CounterMap folded;
  for (const auto& [labels, count] : counters) folded[WithoutReceiver(labels)] += count;
  return folded;
}

HistogramMap OfAudiences(const HistogramMap& histograms, bool receiver_names) {
  HistogramMap out(histograms.bounds());
  for (const auto& [labels, histogram] : histograms.series()) {
    out.Add(receiver_names ? labels : WithoutReceiver(labels), histogram);
  }
  return out;
}

void AddNotifications(const core::View& view, const Features& features, Exposition* out) {
  const core::Stats& stats = *view.stats;
  const bool receiver_names = features.receiver_names;
  const std::set<LabelValues> audiences = Audiences(*view.config, receiver_names);
  const auto set = [&](const char* name, const CounterMap& counters) {
    CounterMap all = OfAudiences(counters, receiver_names);
    for (const LabelValues& who : audiences) all.try_emplace(who);
    out->Set(name, all);
  };
  set("alertmanager_notifications_total", stats.notifications);
  set("alertmanager_notification_requests_total", stats.requests);
  set("alertmanager_notification_requests_failed_total", stats.requests_failed);
  CounterMap failed = OfAudiences(stats.notifications_failed, receiver_names);
  for (LabelValues labels : audiences) {
    labels.emplace_back();
    for (const char* reason : kFailureReasons) {
      labels.back() = reason;
      failed.try_emplace(labels);
    }
  }
  out->Set("alertmanager_notifications_failed_total", failed);
  HistogramMap latency = OfAudiences(stats.notification_latency, receiver_names);
  for (const LabelValues& who : audiences) latency.Add(who, Histogram(latency.bounds()));
  out->Set("alertmanager_notification_latency_seconds", latency);
  out->Set("alertmanager_notifications_suppressed_total",
           WithZeros(stats.suppressed, kSuppressionReasons));
  out->Set("watchfire_ends_untold_total",
           WithZeros(stats.ends_untold, KnownIntegrations(*view.config)));
  out->Set("watchfire_deliveries", ToDouble(stats.deliveries));
}

// Of every integration that there is, so that a rate sees the first of each.
void AddSending(const core::View& view, Exposition* out) {
  const core::Stats& stats = *view.stats;
  GaugeMap open = stats.circuits_open;
  CounterMap openings = stats.circuit_openings;
  GaugeMap waiting = stats.waiting;
  CounterMap fallbacks = stats.fallbacks;
  for (const config::Receiver& receiver : view.config->receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      const LabelValues who = {receiver.name, integration.kind, std::to_string(integration.index)};
      open.try_emplace(who);
      openings.try_emplace(who);
      waiting.try_emplace(who);
    }
    if (!receiver.fallback.empty()) fallbacks.try_emplace({receiver.name, receiver.fallback});
  }
  out->Set("watchfire_receiver_circuit_open", open);
  out->Set("watchfire_receiver_circuit_openings_total", openings);
  out->Set("watchfire_receiver_waiting", waiting);
  out->Set("watchfire_receiver_fallback_notifications_total", fallbacks);
}

// Of every policy that a receiver escalates by, or a rule of automation.
void AddEscalations(const core::View& view, Exposition* out) {
  CounterMap steps = view.stats->escalation_steps;
  CounterMap unreachable = view.stats->unreachable;
  for (const std::string& policy : config::PoliciesOf(*view.config)) {
    const std::string label = oncall::LabelOfPolicy(policy);
    unreachable.try_emplace({label});
    for (const char* outcome : {"told", "nobody", "acked", "hours", "resolved"}) {
      steps.try_emplace({label, outcome});
    }
  }
  out->Set("watchfire_escalation_steps_total", steps);
  out->Set("watchfire_escalation_unreachable_total", unreachable);
  out->Set("watchfire_oncall_gap_seconds", view.stats->oncall_gaps);
  CounterMap updates = view.stats->vendor_updates;
  for (const config::Receiver& receiver : view.config->receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      for (const config::VendorAct act : config::kVendorActs) {
        if ((integration.takes & act) == 0) continue;
        for (const char* outcome : {"told", "refused", "expired"}) {
          updates.try_emplace({integration.kind, config::VendorActName(act), outcome});
        }
      }
    }
  }
  out->Set("watchfire_vendor_updates_total", updates);
}

void AddAutomation(const core::View& view, Exposition* out) {
  CounterMap runs = view.stats->automation.runs;
  for (const config::AutomationRule& rule : view.config->automation.rules) {
    for (const char* result : {"success", "failure", "timeout", "rejected", "dry_run"}) {
      runs.try_emplace({rule.name, config::AutomationActionName(rule.action), result});
    }
  }
  out->Set("watchfire_automation_runs_total", runs);
  out->Set("watchfire_automation_duration_seconds", view.stats->automation.seconds);
  out->Set("watchfire_automation_waiting", static_cast<double>(view.stats->automation_waiting));
}

void AddReceiversOf(const config::Route& route, std::set<std::string>* names) {
  names->insert(route.receiver);
  for (const config::Route& child : route.routes) AddReceiversOf(child, names);
}

// A receiver that no route names is not there for Alertmanager.
void AddReceivers(const config::Config& config, Exposition* out) {
  std::set<std::string> named;
  AddReceiversOf(config.route, &named);
  size_t receivers = 0;
  size_t integrations = 0;
  for (const config::Receiver& receiver : config.receivers) {
    if (!named.contains(receiver.name)) continue;
    ++receivers;
    integrations += receiver.integrations.size();
  }
  out->Set("alertmanager_receivers", ToDouble(receivers));
  out->Set("alertmanager_integrations", ToDouble(integrations));
}

void AddConfiguration(const core::View& view, const ProcessStats& process, Exposition* out) {
  const core::Stats& stats = *view.stats;
  out->Set("alertmanager_config_hash", static_cast<double>(view.config->hash));
  out->Set("alertmanager_config_last_reload_successful", process.reload_ok ? 1 : 0);
  out->Set("alertmanager_config_last_reload_success_timestamp_seconds",
           process.reload_at == kNoTime ? 0 : ToUnixSeconds(process.reload_at));
  out->Set("alertmanager_cluster_enabled", process.clustering ? 1 : 0);
  if (process.clustering) {
    out->Set("alertmanager_cluster_members", 1);
    out->Set("alertmanager_cluster_failed_peers", 0);
    out->Set("alertmanager_cluster_peer_info", 1, {process.peer_name});
    out->Set("alertmanager_peer_position", 0);
  }
  out->Set("alertmanager_dispatcher_aggregation_groups", ToDouble(stats.groups));
  for (const char* never : {"alertmanager_dispatcher_aggregation_group_limit_reached_total",
                            "alertmanager_dispatcher_aggregation_group_creation_retries_total",
                            "alertmanager_dispatcher_aggregation_group_creation_given_up_total"}) {
    out->Set(never, 0);
  }
  AddReceivers(*view.config, out);
  out->Set("alertmanager_inhibition_rules", ToDouble(stats.inhibit_rules));
}

void Raise(GaugeMap* gauges, const LabelValues& labels, double value) {
  const auto [found, added] = gauges->try_emplace(labels, value);
  if (!added) found->second = std::max(found->second, value);
}

void AddHeartbeats(const core::View& view, Exposition* out) {
  for (const heartbeat::Row& row : view.heartbeats) {
    out->Set("watchfire_heartbeat_missing", row.missing_since == kNoTime ? 0 : 1, {row.name});
    out->Set("watchfire_heartbeat_last_seen_timestamp_seconds",
             row.seen == kNoTime ? 0 : ToUnixSeconds(row.seen), {row.name});
  }
}

void AddSlos(const core::View& view, Exposition* out) {
  GaugeMap errors;
  GaugeMap burns;
  GaugeMap spent;  // Of the budget.
  for (size_t i = 0; i < view.slos.size(); ++i) {
    const config::Slo& slo = view.config->slos[i];
    const LabelValues labels = {slo.id, slo.service};
    out->Set("watchfire_slo_objective_ratio", slo.objective / 100, labels);
    out->Set("watchfire_slo_evaluation_failures_total", static_cast<double>(view.slos[i].failures),
             labels);
    out->Set("watchfire_slo_impossible", view.slos[i].ratio_error.empty() ? 0 : 1, labels);
    out->Set("watchfire_slo_no_data", view.slos[i].no_data_since == kNoTime ? 0 : 1, labels);
    const bool is_excluded = i < view.excluded.size() && view.excluded[i].has_value();
    out->Set("watchfire_slo_excluded", is_excluded ? 1 : 0, labels);
    for (const slo::Reading& reading : view.slos[i].readings) {
      for (const auto& [window, ratio] : reading.error_ratio) {
        const LabelValues windowed = {slo.id, slo.service, FormatDuration(window)};
        Raise(&errors, windowed, ratio);
        if (const auto rate = slo::Engine::BurnRate(slo, reading, window)) {
          Raise(&burns, windowed, *rate);
        }
      }
      if (const auto left = slo::Engine::BudgetRemaining(slo, reading)) {
        Raise(&spent, labels, 1 - *left);
      }
    }
  }
  out->Set("watchfire_slo_error_ratio", errors);
  out->Set("watchfire_slo_burn_rate_ratio", burns);
  for (const auto& [labels, share] : spent) {
    out->Set("watchfire_slo_error_budget_remaining_ratio", 1 - share, labels);
    out->Set("watchfire_slo_error_budget_consumed_ratio", share, labels);
  }
}

// What error budget policies say.
void AddBudgets(const core::View& view, Exposition* out) {
  for (size_t i = 0; i < view.budgets.size(); ++i) {
    const config::Slo& slo = view.config->slos[i];
    const slo::Budget& budget = view.budgets[i];
    const LabelValues labels = {slo.id, slo.service};
    out->Set("watchfire_slo_error_budget_timestamp_seconds",
             budget.known_at == kNoTime ? 0 : ToUnixSeconds(budget.known_at), labels);
    out->Set("watchfire_slo_breaches_total", static_cast<double>(budget.breach_count), labels);
    if (budget.IsFresh(view.at)) {
      out->Set("watchfire_slo_error_budget_remaining_seconds",
               *budget.remaining * slo::BudgetSeconds(slo, view.at), labels);
      if (const std::optional<double> left = slo::EventsLeft(budget)) {
        out->Set("watchfire_slo_error_budget_remaining_events", *left, labels);
      }
      if (budget.burn_rate) {
        out->Set("watchfire_slo_error_budget_exhaustion_seconds",
                 budget.exhausted_in ? ToSeconds(*budget.exhausted_in)
                                     : std::numeric_limits<double>::infinity(),
                 labels);
      }
    }
    if (!budget.step) continue;
    for (const slo::PolicyStep& step : *budget.steps) {
      out->Set("watchfire_slo_policy_state", &step == budget.state() ? 1 : 0,
               {slo.id, slo.service, step.state});
    }
  }
  out->Set("watchfire_slo_policy_changes_total", view.stats->policy_changes);
}

// How the numbers of SLOs come about.
void AddCounting(const core::View& view, Exposition* out) {
  for (size_t i = 0; i < view.counting.size(); ++i) {
    const config::Slo& slo = view.config->slos[i];
    const slo::Counting& counting = view.counting[i];
    const LabelValues labels = {slo.id, slo.service};
    const bool counts = counting.why_exact.empty();
    out->Set("watchfire_slo_incremental", counts ? 1 : 0, labels);
    if (!counts) continue;
    out->Set("watchfire_slo_known_ratio", counting.known, labels);
    out->Set("watchfire_slo_coverage_ratio", counting.coverage, labels);
    out->Set("watchfire_slo_label_sets_capped", counting.is_capped ? 1 : 0, labels);
    out->Set("watchfire_slo_anomalies_total", static_cast<double>(counting.anomalies), labels);
    for (const Duration window : slo::Windows(slo)) {
      out->Set("watchfire_slo_window_counted", counting.counted.contains(window) ? 1 : 0,
               {slo.id, slo.service, FormatDuration(window)});
    }
    for (const auto& [window, audit] : counting.audit) {
      const LabelValues windowed = {slo.id, slo.service, FormatDuration(window)};
      out->Set("watchfire_slo_audit_burn_rate_difference", audit.burn_rate_delta, windowed);
      out->Set("watchfire_slo_audit_timestamp_seconds", ToUnixSeconds(audit.at), windowed);
    }
  }
  out->Set("watchfire_slo_counted_series", static_cast<double>(view.stats->slo_series));
}

void AddRules(const core::View& view, Exposition* out) {
  const core::Stats& stats = *view.stats;
  for (const rules::GroupStats& group : stats.rule_groups) {
    const auto set = [&](const char* name, double value) { out->Set(name, value, {group.name}); };
    set("watchfire_rule_group_iterations_total", static_cast<double>(group.iterations));
    set("watchfire_rule_group_iterations_missed_total", static_cast<double>(group.missed));
    set("watchfire_rule_group_interval_seconds", ToSeconds(group.interval));
    set("watchfire_rule_group_last_evaluation_timestamp_seconds",
        group.last_evaluation == kNoTime ? 0 : ToUnixSeconds(group.last_evaluation));
    set("watchfire_rule_group_last_duration_seconds", ToSeconds(group.last_duration));
    set("watchfire_rule_group_rules", ToDouble(group.rules));
    set("watchfire_rule_evaluations_total", static_cast<double>(group.evaluations));
    set("watchfire_rule_evaluation_failures_total", static_cast<double>(group.failures));
  }
  for (const auto& [file, errors] : view.config->file_errors) {
    out->Set("watchfire_rule_file_errors", ToDouble(errors), {file});
  }
  GaugeMap alerts = {{{"pending"}, 0}, {{"firing"}, 0}};
  for (const core::RuleRow& row : view.rules) {
    for (const rules::Instance& instance : row.instances) {
      if (instance.state == rules::State::kPending) ++alerts[{"pending"}];
      if (instance.state == rules::State::kFiring) ++alerts[{"firing"}];
    }
  }
  out->Set("watchfire_rule_alerts", alerts);
  out->Set("watchfire_queries_total",
           WithZeros(stats.queries, std::array{"success", "error", "timeout"}));
  out->Set("watchfire_query_duration_seconds", stats.query_seconds);
  out->Set("watchfire_samples_written_total",
           WithZeros(stats.samples_written, std::array{"success", "error", "dropped"}));
}

void AddServer(const core::View& view, const ProcessStats& process, Exposition* out) {
  const core::Stats& stats = *view.stats;
  const net::Front::Stats& front = process.front;
  out->Set("alertmanager_build_info", 1,
           {"watchfire", kGoArchitecture, "linux", "", process.version, "",
            process.alertmanager_version});
  out->Set("watchfire_build_info", 1, {process.version});
  out->Set("alertmanager_http_request_duration_seconds", process.http_seconds);
  out->Set("alertmanager_http_response_size_bytes", process.http_bytes);
  out->Set("watchfire_inbound_webhooks_total", process.inbound);
  out->Set("watchfire_ack_links_total", process.ack_links);
  out->Set("watchfire_ack_polls_total", process.ack_polls);
  out->Set("watchfire_ack_polled_acts_total", process.polled_acts);
  out->Set("watchfire_ack_poll_last_success_timestamp_seconds", process.ack_poll_at);
  out->Set("alertmanager_http_requests_in_flight", ToDouble(front.gets), {"get"});
  out->Set("alertmanager_http_concurrency_limit_exceeded_total",
           CounterMap{{{"get"}, front.refused_gets}});
  CounterMap imported = process.imported;
  for (const char* file : {"silences", "nflog"}) {
    for (const char* result : {"imported", "known", "expired", "unreadable"}) {
      imported.try_emplace({file, result});
    }
  }
  out->Set("watchfire_import_records_total", imported);
  out->Set("watchfire_store_healthy", stats.store_failing ? 0 : 1);
  out->Set("watchfire_store_pending_records", ToDouble(stats.store_pending));
  out->Set("watchfire_store_commits_total",
           WithZeros(stats.commits, std::array{"success", "error"}));
  out->Set("watchfire_store_commit_duration_seconds", stats.commit_seconds);
  out->Set("watchfire_core_step_duration_seconds", process.step_seconds);
  out->Set("watchfire_core_queue_events", ToDouble(process.event_queue));
  CounterMap limits = WithZeros(
      stats.limit_exceeded,
      std::array{"active_alerts", "alert_size", "alerts_per_request", "silences", "queued_writes"});
  limits[{"incidents"}] += stats.incidents.dropped;
  limits[{"incident_text"}] += stats.incidents.cut;
  if (process.shadow) limits[{"shadow_messages"}] += process.shadow->over_limit;
  limits[{"connections"}] += front.refused_count;
  limits[{"request_bytes"}] += front.refused_size;
  out->Set("watchfire_limit_exceeded_total", limits);
  out->Set("watchfire_http_connections", ToDouble(front.connections));
  out->Set("watchfire_http_refused_total", CounterMap{{{"syntax"}, front.refused_syntax},
                                                      {{"size"}, front.refused_size},
                                                      {{"too_slow"}, front.refused_time},
                                                      {{"too_many"}, front.refused_count},
                                                      {{"slow_reader"}, front.cut_slow_reader},
                                                      {{"tls"}, front.refused_tls},
                                                      {{"handler_timeout"}, front.timeouts}});
}

void AddShadow(const shadow::Report& report, Exposition* out) {
  for (const shadow::Verdict verdict : shadow::kVerdicts) {
    out->Set("watchfire_shadow_notifications_total", static_cast<double>(report.count(verdict)),
             {shadow::VerdictName(verdict)});
  }
  out->Set("watchfire_shadow_poll_failures_total", static_cast<double>(report.poll_failures));
  out->Set("watchfire_shadow_last_poll_success_timestamp_seconds",
           report.last_poll == kNoTime ? 0 : ToUnixSeconds(report.last_poll));
}

void AddProcess(const ProcessStats& process, Exposition* out) {
  const ProcessFigures figures = ReadProcessFigures();
  out->Set("process_cpu_seconds_total", figures.cpu_seconds);
  out->Set("process_max_fds", figures.max_fds);
  out->Set("process_open_fds", figures.open_fds);
  out->Set("process_resident_memory_bytes", figures.resident_bytes);
  out->Set("process_virtual_memory_bytes", figures.virtual_bytes);
  out->Set("process_start_time_seconds",
           process.started_at == kNoTime ? 0 : ToUnixSeconds(process.started_at));
}

}  // namespace

ProcessStats::ProcessStats()
    : http_seconds({0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}),
      http_bytes({1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}),
      step_seconds({0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1}) {}

std::string Render(const core::View& view, const ProcessStats& process) {
  WF_CHECK(view.stats.has_value());
  Exposition out(process.features);
  AddAlerts(view, process.features, &out);
  AddSilences(view, &out);
  AddNotifications(view, process.features, &out);
  AddSending(view, &out);
  AddEscalations(view, &out);
  AddPeople(view, &out);
  AddConfiguration(view, process, &out);
  AddIncidents(view, &out);
  AddQuality(view, &out);
  AddHeartbeats(view, &out);
  AddAutomation(view, &out);
  AddSlos(view, &out);
  AddBudgets(view, &out);
  AddCounting(view, &out);
  AddRules(view, &out);
  AddServer(view, process, &out);
  if (process.features.oncall_names) AddGrafanaOncall(view, &out);
  if (process.shadow) AddShadow(*process.shadow, &out);
  AddProcess(process, &out);
  return out.Text();
}

}  // namespace watchfire::telemetry
