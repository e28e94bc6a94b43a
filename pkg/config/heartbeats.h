// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `heartbeats:` what is expected to be heard from again and again, and whose silence is an alert.

#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "pkg/base/time.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::config {

inline constexpr size_t kHeartbeatsMax = 1000;
inline constexpr size_t kHeartbeatsOfAlerts = 100;  // Those with matchers, which cost every alert.
// Of `every` and `grace` each.
inline constexpr std::chrono::hours kHeartbeatSpanMax{24 * 366};

struct Heartbeat {
  std::string name;
  Duration every{};                          // `every`: how often it is heard from.
  Duration grace = std::chrono::minutes(1);  // `grace`: how late it may be.
  // `matchers`: each arrival of a firing alert that all of them match is a ping, too. Empty: none.
  matcher::Matchers matchers;
  labels::LabelSet labels;       // `labels`: of the alert, over its own.
  labels::LabelSet annotations;  // `annotations`: the same.
  // Of our own, "datasource/<name>": the name of the one whose answers are its pings. Nothing else
  // is one.
  std::string datasource = {};
};

struct Config;

// Adds to `config->heartbeats` that the datasource of its rules and SLOs answers at least one of
// their queries in the shortest of their intervals and evaluation.datasource_down_after. Adds
// nothing where nothing is asked, or that is zero.
void AddDatasourceHeartbeat(Config* config);

}  // namespace watchfire::config
