// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/telemetry/telemetry.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/telemetry/budget_for_test.h"
#include "pkg/telemetry/openings_for_test.h"

namespace watchfire::telemetry {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const WallTime kAt = FromNanos(1'790'000'000'000'000'000);

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct Exposed {
  std::map<std::string, std::string> help;
  std::map<std::string, std::string> types;
  std::vector<Sample> samples;
};

// A reader of the text format, strict about what it knows.
class Parser {
 public:
  explicit Parser(std::string text) : text_(std::move(text)) {}

  Exposed Parse() {
    EXPECT_TRUE(text_.ends_with("\n"));
    for (const std::string_view line : Split(std::string_view(text_), '\n')) {
      if (line.empty()) continue;
      if (line.starts_with("# HELP ")) {
        Note(line.substr(7), &exposed_.help);
      } else if (line.starts_with("# TYPE ")) {
        Note(line.substr(7), &exposed_.types);
      } else {
        ReadSample(line);
      }
    }
    return std::move(exposed_);
  }

 private:
  static void Note(std::string_view rest, std::map<std::string, std::string>* notes) {
    const size_t blank = rest.find(' ');
    ASSERT_NE(blank, rest.npos) << rest;
    EXPECT_TRUE(notes->emplace(rest.substr(0, blank), rest.substr(blank + 1)).second) << rest;
  }

  void ReadSample(std::string_view line) {
    Sample sample;
    size_t at = line.find_first_of("{ ");
    ASSERT_NE(at, line.npos) << line;
    sample.name = line.substr(0, at);
    if (line[at] == '{') at = ReadLabels(line, at + 1, &sample);
    const std::string number(line.substr(at + 1));
    char* end = nullptr;
    sample.value = std::strtod(number.c_str(), &end);
    EXPECT_EQ(*end, '\0') << line;
    exposed_.samples.push_back(std::move(sample));
  }

  // Returns the position behind the closing brace.
  static size_t ReadLabels(std::string_view line, size_t at, Sample* sample) {
    while (line[at] != '}') {
      if (line[at] == ',') ++at;
      const size_t equals = line.find("=\"", at);
      const std::string name(line.substr(at, equals - at));
      std::string value;
      for (at = equals + 2; line[at] != '"'; ++at) {
        if (line[at] == '\\') ++at;
        value += line[at];
      }
      ++at;
      EXPECT_TRUE(sample->labels.emplace(name, value).second) << line;
    }
    return at + 1;
  }

  std::string text_;
  Exposed exposed_;
};

// The metric a sample belongs to: histograms have three names and the label le.
std::string MetricOf(const Exposed& exposed, const Sample& sample) {
  if (exposed.types.contains(sample.name)) return sample.name;
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    if (!sample.name.ends_with(suffix)) continue;
    const std::string base = sample.name.substr(0, sample.name.size() - std::string(suffix).size());
    if (exposed.types.contains(base) && exposed.types.at(base) == "histogram") return base;
  }
  return "";
}

double Value(const Exposed& exposed, const std::string& name,
             const std::map<std::string, std::string>& labels = {}) {
  for (const Sample& sample : exposed.samples) {
    if (sample.name == name && sample.labels == labels) return sample.value;
  }
  ADD_FAILURE() << "no sample of " << name;
  return -1;
}

std::shared_ptr<config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->receivers = {{"on-call", {{"victorops", 0, true, true, nullptr}}},
                       {"unnamed", {{"webhook", 0, true, false, nullptr}}}};
  config->route.receiver = "on-call";
  config->hash = 0xABCDEF;
  config->file_errors = {{"rules.yml", 0}, {"slo.yml", 2}};
  config::Slo slo;
  slo.id = "api-availability";
  slo.service = "api";
  slo.objective = 99.9;
  config->slos.push_back(std::move(slo));
  return config;
}

core::View EmptyView() {
  core::View view;
  view.at = kAt;
  view.config = TestConfig();
  view.slos.resize(1);
  view.heartbeats = {{"prometheus", minutes(2), minutes(1), kNoTime, view.at}};
  view.counting.resize(1);
  view.stats.emplace();
  return view;
}

void AddAlert(core::View* view, const char* name, Duration left, bool inhibited,
              std::vector<std::string> silenced_by = {}) {
  core::AlertRow row;
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", name}};
  alert.ends_at = kAt + left;
  row.alert = std::make_shared<const alert::Alert>(std::move(alert));
  if (inhibited) row.inhibited.emplace();
  row.silenced_by = std::move(silenced_by);
  row.flushed = std::string_view(name) != "E";
  auto rows = view->alerts[0] ? *view->alerts[0] : std::vector<core::AlertRow>();
  rows.push_back(std::move(row));
  view->alerts[0] = std::make_shared<const std::vector<core::AlertRow>>(std::move(rows));
}

void AddIncident(core::View* view, uint64_t id, incident::State state) {
  incident::Incident incident;
  incident.id = id;
  incident.state = state;
  incident.team = "core";
  incident.severity = "critical";
  incident.paged_at = kAt;
  view->incidents[id] = std::make_shared<const incident::Incident>(std::move(incident));
}

// Something of everything.
core::View FullView() {
  core::View view = EmptyView();
  core::Stats& stats = *view.stats;
  AddAlert(&view, "A", minutes(1), false);
  AddAlert(&view, "B", minutes(1), true);
  AddAlert(&view, "C", -minutes(1), false);
  AddAlert(&view, "D", minutes(1), false, {"7"});
  AddAlert(&view, "E", minutes(1), true);
  AddIncident(&view, 1, incident::State::kTriggered);
  AddIncident(&view, 2, incident::State::kResolved);
  const LabelValues who = {"core", "critical"};
  stats.episodes[{"core", "api", "critical", "rules"}] = stats.alerts_enriched = 3;
  stats.ingest_delay.Observe({"critical", "rules"}, 2);
  stats.notifications[{"webhook", "on-call"}] = 3;
  stats.notifications[{"webhook", "unnamed"}] = 1;
  stats.notifications_failed[{"webhook", "unnamed", "serverError"}] = 1;
  stats.notification_latency.Observe({"webhook", "unnamed"}, 0.2);
  stats.circuits_open[{"on-call", "webhook", "0"}] = 1;
  stats.circuit_openings[{"on-call", "webhook", "0"}] = 2;
  stats.waiting[{"on-call", "webhook", "0"}] = 5;
  stats.fallbacks[{"on-call", "spare"}] = 1;
  stats.escalation_steps[{"critical", "told"}] = 2;
  stats.vendor_updates[{"victorops", "acknowledge", "told"}] = 1;
  stats.automation.runs[{"restart", "run_playbook", "success"}] = 3;
  stats.automation.seconds.Observe({"restart"}, 40);
  stats.unreachable[{"critical"}] = stats.handoffs[{"primary", "told"}] = 1;
  stats.oncall_gaps[{"primary"}] = stats.oncall_seconds[{"core", "ada"}] = 3600;
  AddOpenings(&view);
  stats.incidents.pages[{"core", "critical", "off"}] = stats.incidents.person_pages[{"ada"}] = 2;
  stats.incidents.paged[who] = 2;
  stats.incidents.outcomes[{"noise", "rule", "core"}] = 4;
  stats.incidents.reopened[who] = 3;
  stats.incidents.flapping[who] = stats.incidents.snoozed[who] = 1;
  stats.incidents.stale_acks[who] = stats.incidents.ack_reminders[who] = 2;
  stats.incidents.reassigned[{"core", "no"}] = stats.incidents.resolved_unacked[who] = 1;
  stats.incidents.merged[{"human"}] = 1;
  stats.incidents.page_seconds.Observe(who, 0.4);
  stats.incidents.ack_seconds.Observe({"core", "critical", "victorops", "human", "first"}, 95);
  stats.incidents.resolve_seconds.Observe({"core", "critical", "monitoring"}, 400);
  rules::GroupStats group;
  group.name = "rules.yml;api";
  group.interval = minutes(1);
  stats.rule_groups.push_back(group);
  core::RuleRow row;
  row.instances.resize(2);
  row.instances[0].state = rules::State::kFiring;
  view.rules.push_back(std::move(row));
  slo::Reading calm;
  calm.error_ratio = {{minutes(5), 0.0005}, {std::chrono::hours(24 * 30), 0.0001}};
  slo::Reading burning;
  burning.error_ratio = {{minutes(5), 0.02}, {std::chrono::hours(24 * 30), 0.0005}};
  view.slos[0].readings = {burning, calm};
  slo::Counting& counting = view.counting[0];
  counting.counted = {minutes(5)};
  counting.known = 0.75;
  counting.coverage = 0.5;
  counting.anomalies = 3;
  counting.audit[minutes(5)] = {kAt - minutes(1), -0.25};
  stats.slo_series = 2;
  view.budgets.push_back(HalfABudget(kAt));
  stats.policy_changes[{"api-availability", "normal"}] = 2;
  return view;
}

ProcessStats FullProcess() {
  ProcessStats process;
  process.version = "1.2.3";
  process.alertmanager_version = "0.99.0";
  process.started_at = kAt - minutes(5);
  process.reload_at = kAt - minutes(4);
  process.http_seconds.Observe({"/api/v2/alerts", "get", "200"}, 0.003);
  process.http_bytes.Observe({"/metrics", "get"}, 5000);
  process.inbound[{"victorops", "ok"}] = process.ack_links[{"acked"}] = 1;
  process.ack_polls[{"opsgenie", "ok"}] = process.polled_acts[{"opsgenie", "note", "ok"}] = 1;
  process.ack_poll_at[{"opsgenie"}] = ToUnixSeconds(kAt);
  process.peer_name = "node-1";
  process.features.oncall_names = true;
  process.step_seconds.Observe(0.0002);
  process.front.refused_size = 7;
  process.shadow.emplace().last_poll = kAt;
  process.shadow->counts = {5, 1, 0, 2, 0};
  process.shadow->over_limit = 3;
  return process;
}

Exposed Expose(const core::View& view, const ProcessStats& process = FullProcess()) {
  return Parser(Render(view, process)).Parse();
}

const char* TypeName(Type type) {
  if (type == Type::kCounter) return "counter";
  return type == Type::kGauge ? "gauge" : "histogram";
}

TEST(TelemetryTest, EveryMetricOfTheTableIsExportedAndNoOther) {
  const Exposed exposed = Expose(FullView());
  std::set<std::string> declared;
  for (const Metric& metric : Metrics()) {
    EXPECT_TRUE(declared.insert(metric.name).second) << metric.name << " is declared twice";
    ASSERT_TRUE(exposed.types.contains(metric.name)) << metric.name << " is not exported";
    EXPECT_EQ(exposed.types.at(metric.name), TypeName(metric.type)) << metric.name;
    EXPECT_EQ(exposed.help.at(metric.name), metric.help);
  }
  for (const auto& [name, type] : exposed.types) EXPECT_TRUE(declared.contains(name)) << name;
}

TEST(TelemetryTest, SamplesHaveTheLabelsOfTheTable) {
  const Exposed exposed = Expose(FullView());
  std::map<std::string, std::set<std::string>> declared;
  for (const Metric& metric : Metrics()) {
    declared[metric.name].insert(metric.labels.begin(), metric.labels.end());
  }
  for (const Sample& sample : exposed.samples) {
    const std::string metric = MetricOf(exposed, sample);
    ASSERT_NE(metric, "") << sample.name;
    std::set<std::string> labels;
    for (const auto& [name, value] : sample.labels) {
      if (name != "le") labels.insert(name);
    }
    EXPECT_EQ(labels, declared[metric]) << sample.name;
  }
}

// What promtool check metrics would say.
TEST(TelemetryTest, NamesFollowPrometheusConventions) {
  for (const Metric& metric : Metrics()) {
    if (metric.name == "oncall_alert_groups_total") continue;  // A gauge: so it is at its source.
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == Type::kCounter) << metric.name;
    for (const char* suffix : {"_count", "_sum", "_bucket", "_info_total"}) {
      EXPECT_FALSE(metric.name.ends_with(suffix)) << metric.name;
    }
    for (const char* unit : {"_ms", "_milliseconds", "_minutes", "_hours", "_percent", "_kb"}) {
      EXPECT_THAT(metric.name, Not(HasSubstr(unit)));
    }
    EXPECT_TRUE(metric.help.ends_with(".")) << metric.name;
    EXPECT_TRUE(metric.name.starts_with("watchfire_") || metric.name.starts_with("alertmanager_") ||
                metric.name.starts_with("process_") || metric.name.starts_with("oncall_"))
        << metric.name;
    const std::set<std::string> labels(metric.labels.begin(), metric.labels.end());
    EXPECT_EQ(labels.size(), metric.labels.size()) << metric.name;
    EXPECT_FALSE(labels.contains("le") || labels.contains("job") || labels.contains("instance"));
  }
}

TEST(TelemetryTest, RatiosWorkBeforeAnythingHappened) {
  const Exposed exposed = Expose(EmptyView());
  std::set<std::string> integrations;
  for (const Sample& sample : exposed.samples) {
    if (sample.name != "alertmanager_notifications_total") continue;
    EXPECT_EQ(sample.value, 0);
    integrations.insert(sample.labels.at("integration"));
  }
  EXPECT_EQ(integrations.size(), 18U) << "all that Alertmanager has, configured or not";
  EXPECT_TRUE(integrations.contains("msteamsv2"));
  for (const char* reason : {"other", "clientError", "serverError", "contextCanceled",
                             "contextDeadlineExceeded", "authError", "rateLimited"}) {
    EXPECT_EQ(Value(exposed, "alertmanager_notifications_failed_total",
                    {{"integration", "victorops"}, {"reason", reason}}),
              0);
  }
  EXPECT_EQ(Value(exposed, "alertmanager_notification_latency_seconds_count",
                  {{"integration", "victorops"}}),
            0);
  for (const char* status : {"firing", "resolved"}) {
    EXPECT_EQ(Value(exposed, "alertmanager_alerts_received_total",
                    {{"status", status}, {"version", "v2"}}),
              0);
  }
  EXPECT_EQ(Value(exposed, "alertmanager_alerts_invalid_total", {{"version", "v2"}}), 0);
  for (const char* state : {"active", "suppressed", "unprocessed"}) {
    EXPECT_EQ(Value(exposed, "alertmanager_alerts", {{"state", state}}), 0);
  }
  for (const char* state : {"active", "pending", "expired"}) {
    EXPECT_EQ(Value(exposed, "alertmanager_silences", {{"state", state}}), 0);
  }
  for (const char* result : {"success", "error", "timeout"}) {
    EXPECT_EQ(Value(exposed, "watchfire_queries_total", {{"result", result}}), 0);
  }
  EXPECT_EQ(Value(exposed, "watchfire_rule_alerts", {{"state", "firing"}}), 0);
  EXPECT_EQ(Value(exposed, "watchfire_store_healthy"), 1);
}

TEST(TelemetryTest, PoliciesAreThereBeforeTheyAreUsed) {
  core::View view = EmptyView();
  auto config = std::make_shared<config::Config>(*view.config);
  auto escalates = std::make_shared<config::Escalates>(config::Escalates{"critical"});
  config->receivers[0].integrations.push_back({config::kEscalation, 0, true, true, escalates});
  config->automation.rules.emplace_back().escalate_to = "user:ada";
  view.config = config;
  const Exposed exposed = Expose(view);
  EXPECT_EQ(Value(exposed, "watchfire_escalation_unreachable_total", {{"policy", "critical"}}), 0);
  EXPECT_EQ(
      Value(exposed, "watchfire_escalation_steps_total", {{"policy", "user"}, {"outcome", "told"}}),
      0);
  EXPECT_EQ(Value(Expose(FullView()), "watchfire_oncall_gap_seconds", {{"schedule", "primary"}}),
            3600);
}

TEST(TelemetryTest, CircuitsAndFallbacksAreThereBeforeTheyAreUsed) {
  core::View view = EmptyView();
  auto config = std::make_shared<config::Config>(*view.config);
  config->receivers[0].fallback = "unnamed";
  view.config = config;
  const Exposed exposed = Expose(view);
  const std::map<std::string, std::string> pager = {
      {"receiver", "on-call"}, {"integration", "victorops"}, {"index", "0"}};
  EXPECT_EQ(Value(exposed, "watchfire_receiver_circuit_open", pager), 0);
  EXPECT_EQ(Value(exposed, "watchfire_receiver_circuit_openings_total", pager), 0);
  EXPECT_EQ(Value(exposed, "watchfire_receiver_waiting", pager), 0);
  EXPECT_EQ(Value(exposed, "watchfire_receiver_fallback_notifications_total",
                  {{"receiver", "on-call"}, {"fallback", "unnamed"}}),
            0);
  EXPECT_EQ(Value(Expose(FullView()), "watchfire_receiver_circuit_open",
                  {{"receiver", "on-call"}, {"integration", "webhook"}, {"index", "0"}}),
            1);
}

TEST(TelemetryTest, AlertsAreCountedByStateWithoutEndedOnes) {
  const Exposed exposed = Expose(FullView());
  EXPECT_EQ(Value(exposed, "alertmanager_alerts", {{"state", "active"}}), 1);
  EXPECT_EQ(Value(exposed, "alertmanager_alerts", {{"state", "suppressed"}}), 2);
  EXPECT_EQ(Value(exposed, "alertmanager_alerts", {{"state", "unprocessed"}}), 1);
}

TEST(TelemetryTest, SilencesAreCountedByState) {
  core::View view = EmptyView();
  view.stats->silences = {3, 2, 1};
  const Exposed exposed = Expose(view);
  EXPECT_EQ(Value(exposed, "alertmanager_silences", {{"state", "active"}}), 3);
  EXPECT_EQ(Value(exposed, "alertmanager_silences", {{"state", "pending"}}), 2);
  EXPECT_EQ(Value(exposed, "alertmanager_silences", {{"state", "expired"}}), 1);
}

TEST(TelemetryTest, WhatCouldNotBeImportedIsCounted) {
  ProcessStats process;
  process.imported = {{{"silences", "imported"}, 12}, {{"silences", "unreadable"}, 3}};
  const Exposed exposed = Expose(EmptyView(), process);
  const auto value = [&](const char* file, const char* result) {
    return Value(exposed, "watchfire_import_records_total", {{"file", file}, {"result", result}});
  };
  EXPECT_EQ(value("silences", "imported"), 12);
  EXPECT_EQ(value("silences", "unreadable"), 3);
  EXPECT_EQ(value("nflog", "unreadable"), 0);
}

TEST(TelemetryTest, AnUnackedPageIsAGaugeThatFallsBackToZero) {
  core::View view = FullView();
  const std::map<std::string, std::string> who = {{"team", "core"}, {"severity", "critical"}};
  EXPECT_EQ(Value(Expose(view), "watchfire_pages_unacked", who), 1);
  AddIncident(&view, 1, incident::State::kAcknowledged);
  EXPECT_EQ(Value(Expose(view), "watchfire_pages_unacked", who), 0);
  view.incidents.clear();
  EXPECT_EQ(Value(Expose(view), "watchfire_pages_unacked", who), 0) << "once paged, always shown";
}

TEST(TelemetryTest, HistogramsAreCumulative) {
  const Exposed exposed = Expose(FullView());
  std::map<std::string, std::string> labels = {{"team", "core"},
                                               {"severity", "critical"},
                                               {"backend", "victorops"},
                                               {"actor_type", "human"},
                                               {"cycle", "first"}};
  EXPECT_EQ(Value(exposed, "watchfire_ack_duration_seconds_count", labels), 1);
  EXPECT_EQ(Value(exposed, "watchfire_ack_duration_seconds_sum", labels), 95);
  const auto bucket = [&](const char* bound) {
    labels["le"] = bound;
    return Value(exposed, "watchfire_ack_duration_seconds_bucket", labels);
  };
  EXPECT_EQ(bucket("60"), 0);
  EXPECT_EQ(bucket("120"), 1);
  EXPECT_EQ(bucket("14400"), 1);
  EXPECT_EQ(bucket("+Inf"), 1);
}

TEST(TelemetryTest, ASloShowsHowItsNumbersComeAbout) {
  core::View view = FullView();
  std::map<std::string, std::string> labels = {{"slo", "api-availability"}, {"service", "api"}};
  Exposed exposed = Expose(view);
  EXPECT_EQ(Value(exposed, "watchfire_slo_incremental", labels), 1);
  EXPECT_EQ(Value(exposed, "watchfire_slo_known_ratio", labels), 0.75);
  EXPECT_EQ(Value(exposed, "watchfire_slo_coverage_ratio", labels), 0.5);
  EXPECT_EQ(Value(exposed, "watchfire_slo_anomalies_total", labels), 3);
  EXPECT_EQ(Value(exposed, "watchfire_slo_counted_series"), 2);
  labels["window"] = "30d";
  EXPECT_EQ(Value(exposed, "watchfire_slo_window_counted", labels), 0);
  labels["window"] = "5m";
  EXPECT_EQ(Value(exposed, "watchfire_slo_audit_burn_rate_difference", labels), -0.25);
  view.counting[0] = {};
  view.counting[0].why_exact = "it is a ratio";
  exposed = Expose(view);
  labels.erase("window");
  EXPECT_EQ(Value(exposed, "watchfire_slo_incremental", labels), 0);
  for (const Sample& sample : exposed.samples) EXPECT_NE(sample.name, "watchfire_slo_known_ratio");
}

TEST(TelemetryTest, ASloShowsTheWorstOfItsReadings) {
  const Exposed exposed = Expose(FullView());
  std::map<std::string, std::string> labels = {{"slo", "api-availability"}, {"service", "api"}};
  EXPECT_DOUBLE_EQ(Value(exposed, "watchfire_slo_objective_ratio", labels), 0.999);
  EXPECT_NEAR(Value(exposed, "watchfire_slo_error_budget_remaining_ratio", labels), 0.5, 1e-9);
  labels["window"] = "5m";
  EXPECT_DOUBLE_EQ(Value(exposed, "watchfire_slo_error_ratio", labels), 0.02);
  EXPECT_NEAR(Value(exposed, "watchfire_slo_burn_rate_ratio", labels), 20, 1e-9);
}

TEST(TelemetryTest, AHeartbeatShowsWhetherItIsMissing) {
  core::View view = EmptyView();
  view.heartbeats = {{"a", minutes(2), minutes(1), FromNanos(5'000'000'000), kNoTime},
                     {"b", minutes(2), minutes(1), kNoTime, view.at}};
  const Exposed exposed = Expose(view);
  EXPECT_EQ(Value(exposed, "watchfire_heartbeat_missing", {{"heartbeat", "a"}}), 0);
  EXPECT_EQ(Value(exposed, "watchfire_heartbeat_missing", {{"heartbeat", "b"}}), 1);
  const std::string seen = "watchfire_heartbeat_last_seen_timestamp_seconds";
  EXPECT_EQ(Value(exposed, seen, {{"heartbeat", "a"}}), 5);
  EXPECT_EQ(Value(exposed, seen, {{"heartbeat", "b"}}), 0);
}

TEST(TelemetryTest, ALoneInstanceIsAClusterOfOneUnlessSwitchedOff) {
  ProcessStats process = FullProcess();
  EXPECT_EQ(Value(Expose(EmptyView(), process), "alertmanager_cluster_members"), 1);
  process.clustering = false;
  const Exposed exposed = Expose(EmptyView(), process);
  EXPECT_EQ(Value(exposed, "alertmanager_cluster_enabled"), 0);
  EXPECT_FALSE(exposed.types.contains("alertmanager_cluster_members"));
}

// Dashboards choose by the first what they may ask for.
TEST(TelemetryTest, ItsVersionIsNotTheOneOfTheAlertmanagerItStandsFor) {
  const Exposed exposed = Expose(FullView());
  for (const Sample& sample : exposed.samples) {
    if (sample.name != "alertmanager_build_info") continue;
    EXPECT_EQ(sample.labels.at("version"), "0.99.0");
    EXPECT_EQ(sample.labels.at("revision"), "1.2.3");
    EXPECT_EQ(sample.value, 1);
  }
  EXPECT_EQ(Value(exposed, "watchfire_build_info", {{"version", "1.2.3"}}), 1);
}

TEST(TelemetryTest, TheConfigurationAndItsReloadsAreShown) {
  ProcessStats process = FullProcess();
  process.reload_ok = false;
  core::View view = EmptyView();
  view.stats->incidents.dropped = 3;
  view.stats->incidents.cut = 4;
  const Exposed exposed = Expose(view, process);
  EXPECT_EQ(Value(exposed, "alertmanager_config_hash"), 0xABCDEF);
  EXPECT_EQ(Value(exposed, "alertmanager_receivers"), 1) << "no route names the other";
  EXPECT_EQ(Value(exposed, "alertmanager_integrations"), 1);
  EXPECT_EQ(Value(exposed, "alertmanager_config_last_reload_successful"), 0);
  EXPECT_EQ(Value(exposed, "alertmanager_config_last_reload_success_timestamp_seconds"),
            ToUnixSeconds(process.reload_at));
  EXPECT_EQ(Value(exposed, "watchfire_limit_exceeded_total", {{"limit", "request_bytes"}}), 7);
  EXPECT_EQ(Value(exposed, "watchfire_limit_exceeded_total", {{"limit", "incidents"}}), 3);
  EXPECT_EQ(Value(exposed, "watchfire_limit_exceeded_total", {{"limit", "incident_text"}}), 4);
}

TEST(TelemetryTest, TheKernelsFiguresAreOfThisProcess) {
  const Exposed exposed = Expose(EmptyView());
  EXPECT_GT(Value(exposed, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(Value(exposed, "process_virtual_memory_bytes"), 1e6);
  EXPECT_GE(Value(exposed, "process_open_fds"), 3);
  EXPECT_GT(Value(exposed, "process_max_fds"), 3);
  EXPECT_GT(Value(exposed, "process_cpu_seconds_total"), 0);
  EXPECT_EQ(Value(exposed, "process_start_time_seconds"), ToUnixSeconds(kAt - minutes(5)));
}

TEST(TelemetryTest, AwkwardLabelValuesSurvive) {
  core::View view = EmptyView();
  view.stats->episodes[{"a\"b\\c\nd", "\xff", "", "api"}] = 1;
  const std::string text = Render(view, FullProcess());
  EXPECT_THAT(text, HasSubstr(R"(team="a\"b\\c\nd")"));
  EXPECT_TRUE(IsValidUtf8(text));
  Parser(text).Parse();
}

TEST(TelemetryTest, AShadowCountsItsVerdictsAndNobodyElseDoes) {
  const std::string text = Render(EmptyView(), FullProcess());
  for (const char* line : {"watchfire_shadow_notifications_total{result=\"same\"} 5\n",
                           "watchfire_shadow_notifications_total{result=\"missing\"} 0\n",
                           "watchfire_shadow_notifications_total{result=\"different\"} 2\n",
                           "watchfire_limit_exceeded_total{limit=\"shadow_messages\"} 3\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  const std::string alone = Render(EmptyView(), ProcessStats());
  EXPECT_THAT(alone, Not(HasSubstr("watchfire_shadow_")));
  EXPECT_THAT(alone, Not(HasSubstr("limit=\"shadow_messages\"")));
}

}  // namespace
}  // namespace watchfire::telemetry
