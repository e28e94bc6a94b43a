// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/check.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"
#include "tests/sim/world.h"

namespace watchfire::sim {
namespace {

// What strict worlds have besides: the contract, and a calendar that mutes the pager in the midst
// of the history (it begins at 15:13:20).
constexpr const char* kStrict = R"(
delivery: strict
time_intervals:
  - name: drill
    time_intervals: [{times: [{start_time: '15:20', end_time: '15:35'}]}]
)";

// Who is told of everything after the routes changed.
constexpr const char* kAudit = R"(  - name: audit
    webhook_configs: [{url: 'http://hook.example/c'}]
)";

// Who stands in for on-call.
constexpr const char* kFallback = R"(    fallback: spare
    fallback_after: 3m
  - name: spare
    max_in_flight: 1
    rate_limit: {per_second: 0.5, burst: 2}
    webhook_configs: [{url: 'http://hook.example/d'}]
)";

constexpr const char* kMain = R"(
global: {resolve_timeout: 5m, victorops_api_key: key}
route:
  receiver: on-call
  group_by: [service]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 1h
  routes:
    - receiver: chat
      matchers: ['severity="warning"', 'service="api"']
      group_by: [alertname]
      continue: true
    - receiver: on-call
      matchers: ['team="core"']
      mute_time_intervals: [MUTES]
inhibit_rules:
  - source_matchers: ['alertname="NodeGone"']
    target_matchers: ['severity="warning"']
    equal: [service]
receivers:
  - name: on-call
    victorops_configs: [{routing_key: core}]
    webhook_configs: [{url: 'http://hook.example/a'}]
  - name: chat
    webhook_configs: [{url: 'http://hook.example/b', send_resolved: false}]
datasources: [{name: prometheus, url: 'http://prometheus.example'}]
evaluation: {interval: 30s}
rule_files: [rules.yml]
slo_files: [slo.yml]
)";

constexpr const char* kRules = R"(
groups:
  - name: sim
    interval: 15s
    rules:
      - alert: RuleFires
        expr: rule_signal > 0
        for: 30s
        labels: {severity: critical, team: core}
        annotations: {summary: 'it fires on {{ $labels.service }}'}
      - alert: NeverFires
        expr: other_signal > 0
        labels: {severity: warning}
)";

constexpr const char* kSlo = R"(
version: prometheus/v1
service: api
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(errors_total[{{.window}}]))
        total_query: sum(rate(requests_total[{{.window}}]))
    alerting: {name: ApiBudgetBurn, page_alert: {labels: {severity: critical}}}
)";

}  // namespace

std::shared_ptr<const config::Config> SimConfig(const SimOptions& options) {
  const bool is_strict = options.delivery == config::Delivery::kStrict;
  std::string main = kMain;
  main.replace(main.find("MUTES"), 5, is_strict ? "drill" : "");
  if (options.is_polled) {
    const std::string pager = "{routing_key: core}";
    main.replace(main.find(pager), pager.size(),
                 "{routing_key: core, poll_acks: {api_id: i, api_key: k3y, interval: 20s}}");
  }
  if (options.has_fallback) main.insert(main.find("  - name: chat"), kFallback);
  if (options.is_rerouted) {
    const size_t routes = main.find("  routes:");
    main.erase(routes, main.find("inhibit_rules:") - routes);
    main.replace(main.find("receiver: on-call"), 17, "receiver: audit");
    main.insert(main.find("  - name: on-call"), kAudit);
  }
  if (is_strict) main += kStrict;
  // Strict worlds tell VictorOps what people do, beside all that is checked of their pages.
  if (options.is_correlated || is_strict) {
    main += std::string("incidents: {correlate_by: '") + (options.is_correlated ? "team" : "") +
            "', tell_vendors: " + (is_strict ? "true" : "false") + "}\n";
  }
  config::Files files;
  files.read = [main](const std::string& path) -> Result<std::string> {
    if (path.ends_with("rules.yml")) return std::string(kRules);
    if (path.ends_with("slo.yml")) return std::string(kSlo);
    return main;
  };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions load;
  load.path = "sim.yml";
  load.read_oncall = oncall::ConfigReader();
  const config::Loaded loaded = config::Load(load, files, notify::builtin::Kinds());
  WF_CHECK(loaded.config != nullptr);
  return loaded.config;
}

}  // namespace watchfire::sim
