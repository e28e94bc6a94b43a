// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs as rules of a Prometheus, with the names that Sloth gives them: its dashboards, and alerts
// that depend on them, go on working. Source: Sloth 0.16 (reference slo-and-rules §3.1).

#pragma once

#include <map>
#include <string>
#include <string_view>
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
// `specs`: by id what an SLO is written in, for sloth_slo_info, if not as Sloth's prometheus/v1.
Generated GenerateRules(const std::vector<config::Slo>& slos,
                        const std::vector<config::RuleGroup>& groups,
                        const std::map<std::string, std::string>& specs = {});

// Which of Sloth's formats is named last in `text`, a file of SLOs, up to the end of `line`, where
// one of them stands: prometheus/v1, sloth.slok.dev/v1 or openslo/v1alpha; the first if none is.
std::string SlothSpecAt(std::string_view text, int line);

}  // namespace watchfire::slo
