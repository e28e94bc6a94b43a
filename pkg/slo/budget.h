// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What readers see of one SLO's error budget: what is left, what its policy says of that, and what
// each day spent. Plain values.

#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"

namespace watchfire::slo {

// One state of an error budget policy.
struct PolicyStep {
  std::string state;            // "normal", "caution", "freeze", "exhausted"; unique in its policy.
  std::string severity;         // Of its alert; "" for the first state, which has none.
  std::optional<size_t> level;  // Into config::Slo::levels; unset where the policy says nothing.
  bool allows_deploy = true;
  bool allows_chaos = true;

  bool operator==(const PolicyStep&) const = default;
};

// What one day (UTC) did to the budget. Numbers that are not known are NaN.
struct BudgetDay {
  static constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

  int32_t day = 0;         // Since 1970.
  float bad = kUnknown;    // Events, of all label sets together; if only their ratio can be asked,
  float total = kUnknown;  // the ratio of the worst label set, and a total of NaN.
  float remaining = kUnknown;  // What was left at its end; of the worst label set.

  // The share of bad events; NaN without any.
  double error_ratio() const {
    return std::isnan(total) ? bad : static_cast<double>(bad) / static_cast<double>(total);
  }
  // Prometheus was asked, and had nothing.
  bool is_empty() const { return std::isnan(error_ratio()); }
};
using BudgetDays = std::vector<BudgetDay>;  // By day, oldest first.

struct Budget {
  // What is left, 1 is all; of the worst label set. The last that was known; unset: nothing ever.
  std::optional<double> remaining;
  // As of when: the last evaluation all of whose answers were good. kNoTime: none yet.
  WallTime known_at = kNoTime;
  // Until when that is recent enough to rely on.
  WallTime fresh_until = kNoTime;
  // How many events may be bad in a period with the traffic of the last one, as its days say. Unset
  // where it is not known: only ratios can be asked, or the worst of several label sets decides.
  std::optional<double> events;
  // The burn rate that the projection goes by, and until when the budget lasts at it.
  std::optional<double> burn_rate;
  std::optional<Duration> exhausted_in;  // Zero: it is. Unset: never, if burn_rate is set.
  // The states of its policy, from the most budget to the least; at least one.
  std::shared_ptr<const std::vector<PolicyStep>> steps;
  std::optional<size_t> step;              // Into *steps; unset until anything is known.
  WallTime since = kNoTime;                // Since when.
  std::shared_ptr<const BudgetDays> days;  // May be null: none.
  // Times at which the budget was used up (metric M9): the last limits::kBudgetBreaches of them,
  // and how many there ever were.
  std::vector<WallTime> breaches;
  uint64_t breach_count = 0;
  bool is_breached = false;  // The last one goes on.

  const PolicyStep* state() const { return step ? &(*steps)[*step] : nullptr; }
  bool IsFresh(WallTime at) const { return remaining.has_value() && at <= fresh_until; }
};

// A policy that went from one state into another.
struct BudgetChange {
  std::string slo;   // Its id.
  std::string from;  // "" the first time.
  std::string to;    // "": nothing has been known for a whole period.
  double remaining = 0;
};

}  // namespace watchfire::slo
