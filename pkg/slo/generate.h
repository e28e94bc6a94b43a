// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs as rules of a Prometheus, with the names that Sloth gives them: its dashboards, and alerts
// that depend on them, go on working. Source: Sloth 0.16 (reference slo-and-rules §3.1).

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::slo {

struct Generated {
  // {"groups":[{"name":"sloth-slo-sli-recordings-<id>","rules":[{"record":…,"expr":…,
  // "labels":…}]}]}. Up to four groups for each SLO: ratios by window, what the SLO is, alerts, and
  // alerts on missing data. Rules of one name differ in labels: those of an alert have the SLO's
  // ids, which its series have in any case.
  // Unlike Sloth's, the ratio over the period is that of its events and no mean of ratios.
  std::string json;
  // What rules cannot say, so that the SLO is left out: "shop-cart: its period …".
  std::vector<std::string> left_out;
};
// `groups`: those of the same files, "slo <id>" among them, with the alerts on missing data.
Generated GenerateRules(const std::vector<config::Slo>& slos,
                        const std::vector<config::RuleGroup>& groups);

}  // namespace watchfire::slo
