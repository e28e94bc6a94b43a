// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An SLI as increments: instead of an error ratio for each window, the number of bad events and of
// all events in each minute, from which every window follows by adding up. Pure.
//
// What is asked for a counter S and a step of one minute is its growth, series by series:
//
//   (last_over_time(S[1m]) - last_over_time(S[5m] offset 1m)) >= 0        grew
//     or last_over_time(S[1m])                                            was reset: from zero, and
//        + clamp_min(max_over_time(S[1m]) - last_over_time(S[5m] offset 1m), 0)    what was before
//     or last_over_time(S[1m])                                            is new, on a known target
//        and on (job, instance) max_over_time(up[5m] offset 1m) == 1
//
// A Prometheus that takes anchored ranges is asked for these, with the last branch before them.
// Growths of neighbouring steps add up to the growth over both, without extrapolation; increase()
// over tiles of a minute does not: it misses what happens between the last sample of a tile and the
// first of the next. Reference: slo-and-rules §7.2, §7.3.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/ast.h"
#include "pkg/slo/growth.h"

namespace watchfire::slo {

// How a counter's growth is asked for.
enum class GrowthQuery {
  kOffsetDelta,  // As above: any Prometheus, Thanos, Mimir.
  kIncrease,     // increase(S[1m]): VictoriaMetrics, whose increase() adds up by itself.
  kAnchored,     // increase(S[1m] anchored): Prometheus with that feature flag. Counts what
                 // kOffsetDelta counts, and sees every reset.
};

// What the first sample of a series counts for. Not of kIncrease.
enum class Births {
  kIgnore,              // Nothing, as for increase().
  kCount,               // Its value, as for VictoriaMetrics. A series that was away counts again.
  kCountIfTargetKnown,  // Its value if its target (job, instance) was up a step before,
                        // or `lookback` before that.
};

struct IncrementOptions {
  GrowthQuery growth = GrowthQuery::kOffsetDelta;
  Births births = Births::kCountIfTargetKnown;
  // How old a sample may be. At least 2.5 scrape intervals.
  Duration lookback = std::chrono::minutes(5);
  // Prometheus 2 counts a sample at either edge of a range, so that neighbours both have it.
  bool closed_ranges = false;
  // Whose counts these are: those of another Prometheus are others.
  std::string backend;

  bool operator==(const IncrementOptions&) const = default;
};

class Increments {
 public:
  // Rewrites an SLI whose queries are linear in rate() and increase() over {{.window}}: sums,
  // differences and multiples of them, `or vector(0)`, joins with info metrics. Gauges of 0 and 1
  // may be counted by sum_over_time() and count_over_time(), of samples or of slices: subqueries
  // with a step. A ratio query must be X / Y, avg_over_time(), or 1 - either. Errors:
  // kInvalidArgument, with the reason: such an SLI needs exact mode.
  static Result<Increments> Rewrite(const config::Slo& slo, const IncrementOptions& options);

  struct Part;
  // The same for composites as well: ratio queries that are sums of c * (max(ratio) or vector(0)).
  // At least one part. Errors: of any part.
  static Result<std::vector<Part>> Parts(const config::Slo& slo, const IncrementOptions& options);

  // The PromQL of the bad events, and of all events, in the `step` that ends at evaluation time.
  // Steps of more than a minute are asked once, for history, and with more care for what happens
  // inside of them: series that end, counters that are reset and pass what they were.
  std::string Bad(Duration step) const { return Text(bad_, step, options_.growth); }
  std::string Total(Duration step) const { return Text(total_, step, options_.growth); }
  // The same, asked for by another growth query.
  std::string Bad(Duration step, GrowthQuery by) const { return Text(bad_, step, by); }
  std::string Total(Duration step, GrowthQuery by) const { return Text(total_, step, by); }
  // From now on Bad() and Total() are asked for like this. Of kOffsetDelta and kAnchored, which
  // count the same: the key stays.
  void AskBy(GrowthQuery growth) { options_.growth = growth; }
  GrowthQuery asks_by() const { return options_.growth; }
  // How to work out the same from the samples of the counters; null if it cannot be.
  const Growth* growth() const { return growth_ ? &*growth_ : nullptr; }

  // Identifies what is counted and how: equal for SLIs whose counts are the same, whatever their
  // objectives, windows, labels and the layout of their queries. A line for each side and one for
  // the options.
  const std::string& key() const { return key_; }
  // What of the queries does not count here: a comparison at the end, clamp_min.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  static Result<Increments> Count(promql::ExprPtr bad, promql::ExprPtr total,
                                  const IncrementOptions& options);
  std::string Text(const promql::ExprPtr& side, Duration step, GrowthQuery by) const;

  IncrementOptions options_;
  promql::ExprPtr bad_;  // As written, over kStandIn instead of {{.window}}.
  promql::ExprPtr total_;
  std::optional<Growth> growth_;
  std::string key_;
  std::vector<std::string> notes_;
};

// The PromQL of both over `step` in one answer: the label watchfire_side says "bad" or "total".
std::string EventsExpr(const Increments& increments, Duration step);
inline constexpr const char* kSideLabel = "watchfire_side";

// The error ratio of a composite is the sum over its parts of the weight times the ratio of the
// worst label set, 0 without data. Anything else is one part.
struct Increments::Part {
  double weight = 1;
  bool of_composite = false;
  Increments increments;
};

}  // namespace watchfire::slo
