// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What evaluation writes back as series: the results of recording rules, ALERTS and
// ALERTS_FOR_STATE, and the markers that end them. Pure.

#pragma once

#include <string>
#include <unordered_map>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/evaluate.h"

namespace watchfire::rules {

// The value of the last sample of a series that ended: a NaN of its own. Source: Prometheus
// model/value.StaleNaN.
double StaleMarker();
bool IsStaleMarker(double value);

// Returns what the recording rule `rule` makes of a query's result, at `at`: named as the rule
// says, its labels over the samples' own, an empty one removing the name. Histograms that count
// less than nothing (`-h`, `delta`) are left out, as no storage takes them; those of expressions
// that give differences (`rate`) are gauges.
// Errors: kConflict (two samples become one series), kExhausted (more than `limit` series, if > 0).
// Source: Prometheus rules.RecordingRule.Eval.
Result<promql::Vector> Recorded(const config::Rule& rule, int limit, const promql::Vector& vector,
                                WallTime at);

// Returns ALERTS (1) and ALERTS_FOR_STATE (when it became active, in seconds) of the pending and
// firing instances of an alerting rule. Source: Prometheus rules.AlertingRule.sample,
// forStateSample.
promql::Vector AlertSeries(const config::Rule& rule, const Instances& instances, WallTime at);

// Longer than this after its last sample nobody looks for a series: its end needs no marker then.
// Source: Prometheus --query.lookback-delta.
inline constexpr Duration kLookback = std::chrono::minutes(5);

// The series that one rule may have where its results are written, so that those it gives no more
// are ended. An end counts when it is written, and is told until then, for kLookback at most.
class Trail {
 public:
  // Returns `samples` and the ends of the series that are not among them, in the order of their
  // printed labels.
  promql::Vector Follow(promql::Vector samples, WallTime at);
  // What Follow returned for `at` is written.
  void Written(WallTime at);
  // Takes over what `other` has; takes out what `other` has and has not ended.
  void Join(const Trail& other);
  void Leave(const Trail& other);
  bool empty() const { return series_.empty(); }

 private:
  struct Series {
    labels::LabelSet labels;
    WallTime ended = kNoTime;  // At which time its end was first told.
  };
  std::unordered_map<std::string, Series> series_;  // Key: labels as printed.
};

}  // namespace watchfire::rules
