// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/escalation_config.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/check.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::sim {
namespace {

constexpr const char* kMain = R"(
global: {resolve_timeout: 5m, victorops_api_key: key}
DELIVERY
route: {receiver: on-call, group_by: [service], group_wait: 10s, group_interval: 1m,
        repeat_interval: 1h}
receivers:
  - name: on-call
    escalation_configs: [{policy: core}]
  - name: ada-app
    fallback: ada-voice
    fallback_after: 1m
    webhook_configs: [{url: 'http://hook.example/a'}]
  - {name: ada-sms, webhook_configs: [{url: 'http://hook.example/b'}]}
  - {name: ada-voice, webhook_configs: [{url: 'http://hook.example/c'}]}
  - {name: bob-app, webhook_configs: [{url: 'http://hook.example/d'}]}
  - {name: carol-app, webhook_configs: [{url: 'http://hook.example/e'}]}
  - {name: everybody, webhook_configs: [{url: 'http://hook.example/f'}]}
  - {name: others, webhook_configs: [{url: 'http://hook.example/g'}]}
datasources: [{name: prometheus, url: 'http://prometheus.example'}]
oncall_files: [oncall.yml]
oncall:
  contacts:
    ada: [{receiver: ada-app}, {receiver: ada-sms, after: 1m}]
    bob: [{receiver: bob-app}]
    carol: [{receiver: carol-app}]
  fallback: everybody
)";

constexpr const char* kRoster = R"(
oncall:
  teams:
    - {name: crew, members: [carol, bob]}
  schedules:
    - name: night
      time_zone: Europe/Berlin
      layers: [{rotation: {start: 2026-01-05 00:30, every: 1 hour, participants: [bob, carol]}}]
  escalation_policies:
    - name: core
      steps:
        - {tell: ada}
        - {after: 2m, tell: [bob, ada, {schedule: night}]}
        - {after: 4m, tell: carol}
      repeat: {count: 1, wait: 1m}
    - name: aside
      steps: [{tell: bob}, {after: 3m, tell: [ada, carol]}]
)";

// Where what fires of another service has a policy of its own, and all of it is one incident.
constexpr const char* kJoined = R"(
    - name: store
      steps:
        - {tell: [carol, bob]}
        - {after: 3m, tell: [ada, bob]}
      repeat: {count: 1, wait: 2m}
)";

}  // namespace

std::shared_ptr<const config::Config> EscalationConfig(config::Delivery delivery, size_t variant,
                                                       Joined joined) {
  std::string main = kMain;
  std::string roster = kRoster;
  const auto change_in = [](std::string* text, const std::string& from, const std::string& to) {
    const size_t at = text->find(from);
    WF_CHECK(at != std::string::npos);
    text->replace(at, from.size(), to);
  };
  const auto change = [&](const std::string& from, const std::string& to) {
    change_in(&main, from, to);
  };
  change("DELIVERY", delivery == config::Delivery::kStrict ? "delivery: strict" : "");
  if (joined == Joined::kByName) change("group_by: [service]", "group_by: [alertname]");
  if (joined != Joined::kNo) {
    change("repeat_interval: 1h}",
           "repeat_interval: 1h,\n        routes: [{receiver: store, matchers: "
           "['service=\"batch\"']}]}");
    change("  - name: ada-app\n",
           "  - {name: store, escalation_configs: [{policy: store}]}\n  - name: ada-app\n");
    main += "incidents: {correlate_by: team}\n";
    roster += std::string(kJoined).substr(1);
  }
  switch (variant) {
    case 1:  // She has left.
      change("    ada: [{receiver: ada-app}, {receiver: ada-sms, after: 1m}]\n", "");
      change_in(&roster, "{tell: ada}", "{tell: bob}");
      break;
    case 2:
      change_in(&roster, "tell: carol", "tell: bob");
      change("    carol: [{receiver: carol-app}]\n", "");
      break;
    case 3:  // Her app is another integration.
      change("webhook_configs: [{url: 'http://hook.example/a'}]",
             "victorops_configs: [{routing_key: ada}]");
      break;
    case 4:  // Another contact, and no fallback of it.
      change("    ada: [{receiver: ada-app}, ", "    ada: [{receiver: ada-voice}, ");
      break;
    case 5:
      change("fallback: everybody", "fallback: others");
      break;
    default:
      break;
  }
  config::Files files;
  files.read = [main, roster](const std::string& path) -> Result<std::string> {
    return path.ends_with("oncall.yml") ? roster : main;
  };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions load;
  load.path = "sim.yml";
  load.read_oncall = oncall::ConfigReader();
  const config::Loaded loaded = config::Load(load, files, notify::builtin::Kinds());
  for (const auto& problem : loaded.problems) {
    if (problem.level == config::Problem::Level::kError) ADD_FAILURE() << problem.ToString();
  }
  WF_CHECK(loaded.config != nullptr);
  return loaded.config;
}

}  // namespace watchfire::sim
