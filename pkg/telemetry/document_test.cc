// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// docs/metrics.md is written by its test, if WF_UPDATE is set.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/telemetry/telemetry.h"

namespace watchfire::telemetry {
namespace {

const char* TypeName(Type type) {
  if (type == Type::kCounter) return "counter";
  return type == Type::kGauge ? "gauge" : "histogram";
}

std::string Document() {
  std::ostringstream out;
  out << R"(<!-- Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0 -->
# Metrics

What `/metrics` exports, in Prometheus' text format. Generated from the table in
`pkg/telemetry/table.cc`: after a change run `WF_UPDATE=1 build/dev/bin/telemetry_test`.

`alertmanager_*` have the names and labels of Alertmanager, so its dashboards and alerts
work unchanged. Series of label values known beforehand start at 0. Its `--enable-feature`
adds labels: `receiver-name-in-metrics` a `receiver_name` to what counts notifications and
their requests, `group-key-in-metrics` a `group_key` to `alertmanager_alerts`,
`alert-names-in-metrics` an `alertname` to `alertmanager_alerts_limited_total`.

`oncall_*` are aliases, only there with `--enable-feature=grafana-oncall-metrics`:
[what dashboards made for Grafana OnCall get](analytics.md#dashboards-made-for-grafana-oncall).

| Metric | Type | Labels | Meaning |
|---|---|---|---|
)";
  for (const Metric& metric : Metrics()) {
    out << "| `" << metric.name << "` | " << TypeName(metric.type) << " | "
        << Join(metric.labels, ", ") << (metric.labels.empty() ? "" : " ") << "| " << metric.help
        << " |\n";
  }
  out << "\n## Alertmanager's, and absent here\n\n"
         "There is nothing to measure here, or it is measured otherwise.\n\n"
         "| Metric | Why |\n|---|---|\n";
  for (const Absence& absence : AbsentMetrics()) {
    out << "| `" << Join(absence.names, "`, `") << "` | " << absence.why << " |\n";
  }
  return out.str();
}

TEST(MetricsDocumentTest, IsTheTable) {
  const std::filesystem::path path = "docs/metrics.md";
  if (std::getenv("WF_UPDATE") != nullptr) std::ofstream(path) << Document();
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), Document()) << "run WF_UPDATE=1 build/dev/bin/telemetry_test";
}

}  // namespace
}  // namespace watchfire::telemetry
