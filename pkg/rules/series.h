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
// says, its labels over the samples' own, an empty one removing the name.
// Errors: kConflict (two samples become one series), kExhausted (more than `limit` series, if > 0).
// Source: Prometheus rules.RecordingRule.Eval.
Result<promql::Vector> Recorded(const config::Rule& rule, int limit, const promql::Vector& vector,
                                WallTime at);

// Returns ALERTS (1) and ALERTS_FOR_STATE (when it became active, in seconds) of the pending and
// firing instances of an alerting rule. Source: Prometheus rules.AlertingRule.sample,
// forStateSample.
promql::Vector AlertSeries(const config::Rule& rule, const Instances& instances, WallTime at);

// The series that one rule gave last, so that those it gives no more are ended.
class Trail {
 public:
  // Returns `samples` and, for each series of the last call that is not among them, its end.
  promql::Vector Follow(promql::Vector samples, WallTime at);
  size_t size() const { return last_.size(); }

 private:
  std::unordered_map<std::string, labels::LabelSet> last_;  // Key: labels as printed.
};

}  // namespace watchfire::rules
