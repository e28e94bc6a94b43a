// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Every metric of the product, declared in one table, and its rendering as Prometheus text through
// prometheus-cpp. Components keep plain Stats; this names them. docs/metrics.md is generated from
// the table.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/base/histogram.h"
#include "pkg/base/time.h"
#include "pkg/core/view.h"
#include "pkg/net/front.h"
#include "pkg/shadow/report.h"

namespace watchfire::telemetry {

// What --enable-feature adds to metrics: labels, as Alertmanager's do, and names.
struct Features {
  bool alert_names = false;     // alertname: alertmanager_alerts_limited_total
  bool receiver_names = false;  // receiver_name: what counts notifications and their requests
  bool group_keys = false;      // group_key: alertmanager_alerts
  bool oncall_names = false;    // oncall_*: for dashboards made for Grafana OnCall
};

// What does not live in core.
struct ProcessStats {
  std::string version;
  std::string alertmanager_version;  // Whose metrics these are.
  WallTime started_at = kNoTime;
  bool reload_ok = true;
  WallTime reload_at = kNoTime;  // Of the last good load.
  net::Front::Stats front;
  HistogramMap http_seconds;  // handler, method, code
  HistogramMap http_bytes;    // handler, method; not of API v2
  CounterMap inbound;         // source, result
  CounterMap ack_links;       // result
  CounterMap ack_polls;       // vendor, outcome
  CounterMap polled_acts;     // vendor, action, result
  GaugeMap ack_poll_at;       // vendor
  size_t event_queue = 0;     // Events waiting for core.
  Histogram step_seconds;     // Core's turns.
  bool clustering = true;
  std::string peer_name;  // In the cluster of one.
  Features features;
  CounterMap imported;                   // file, result
  std::optional<shadow::Report> shadow;  // In shadow mode.
  ProcessStats();
};

enum class Type { kCounter, kGauge, kHistogram };

struct Metric {
  std::string name;
  Type type = Type::kGauge;
  std::string help;
  std::vector<std::string> labels;
};

// Metrics of Alertmanager that are not exported, and why.
struct Absence {
  std::vector<std::string> names;  // A * at the end: all that begin so.
  std::string why;
};
const std::vector<Absence>& AbsentMetrics();

// The table, in export order. Names and labels of alertmanager_* are Alertmanager's (reference §7).
const std::vector<Metric>& Metrics();

// The labels of a metric of the table when these features are on.
std::vector<std::string> LabelsOf(const Metric& metric, const Features& features);

// Renders everything (text format 0.0.4), process_* as read from the kernel at this moment. `view`
// must have been made with kViewStats, and kViewGroups for group keys. Integrations, failure
// reasons and other label values known beforehand start at 0, so that ratios work before the first
// notification.
std::string Render(const core::View& view, const ProcessStats& process);

}  // namespace watchfire::telemetry
