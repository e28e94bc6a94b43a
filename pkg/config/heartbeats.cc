// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `heartbeats`: who is expected to be heard from.

#include "pkg/config/heartbeats.h"

#include <algorithm>
#include <optional>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

Duration ReadSpan(Section& section, const char* key, Duration fallback) {
  const Duration span = section.PromDuration(key, fallback);
  if (span > kHeartbeatSpanMax) {
    section.Error(key,
                  std::string(key) + " cannot be longer than " + FormatDuration(kHeartbeatSpanMax));
  }
  return span;
}

Heartbeat ReadHeartbeat(Section& section, matcher::Mode mode) {
  Heartbeat heartbeat;
  heartbeat.name = section.String("name");
  if (heartbeat.name.empty() || heartbeat.name.find('/') != std::string::npos) {
    section.Error("name", heartbeat.name.empty()
                              ? "a heartbeat needs a name"
                              : "the name of a heartbeat is part of a path, and cannot have a /");
  }
  heartbeat.every = ReadSpan(section, "every", Duration::zero());
  if (heartbeat.every == Duration::zero()) {
    section.Error("every", "every must say how often the heartbeat is expected", "such as 5m");
  }
  heartbeat.grace = ReadSpan(section, "grace", heartbeat.grace);
  heartbeat.matchers = ReadMatchers(section, "", mode);
  heartbeat.labels = ReadLabels(section, "labels");
  for (const char* own : {"alertname", "heartbeat"}) {
    if (heartbeat.labels.Has(own)) {
      section.Error("labels", std::string("the label ") + own + " is the alert's own");
    }
  }
  heartbeat.annotations = ReadLabels(section, "annotations");
  section.Finish();
  return heartbeat;
}

}  // namespace

void LoadHeartbeats(Section& root, Loader* loader) {
  std::vector<Heartbeat>& known = loader->config.heartbeats;
  auto with_matchers = static_cast<size_t>(std::ranges::count_if(
      known, [](const Heartbeat& heartbeat) { return !heartbeat.matchers.empty(); }));
  for (Section& section : root.Children("heartbeats")) {
    Heartbeat heartbeat = ReadHeartbeat(section, loader->config.matcher_mode);
    if (std::ranges::find(known, heartbeat.name, &Heartbeat::name) != known.end()) {
      section.Error("name", "heartbeat name " + GoQuote(heartbeat.name) + " is not unique");
    }
    if (known.size() == kHeartbeatsMax) {
      section.Error("", "more than " + std::to_string(kHeartbeatsMax) + " heartbeats");
      break;
    }
    if (!heartbeat.matchers.empty() && ++with_matchers > kHeartbeatsOfAlerts) {
      section.Error("matchers", "more than " + std::to_string(kHeartbeatsOfAlerts) +
                                    " heartbeats have matchers");
      break;
    }
    known.push_back(std::move(heartbeat));
  }
}

void AddDatasourceHeartbeat(Config* config) {
  const Evaluation& evaluation = config->evaluation;
  std::optional<Duration> every;
  if (!config->slos.empty()) every = evaluation.interval;
  for (const RuleGroup& group : config->rule_groups) {
    if (!group.rules.empty()) every = std::min(every.value_or(group.interval), group.interval);
  }
  if (!every || evaluation.datasource_down_after == Duration::zero()) return;
  Heartbeat heartbeat;
  heartbeat.datasource = config->datasources.front().name;
  heartbeat.name = "datasource/" + heartbeat.datasource;
  heartbeat.every = *every;
  heartbeat.grace = evaluation.datasource_down_after;
  config->heartbeats.push_back(std::move(heartbeat));
}

}  // namespace watchfire::config
