// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An error budget, for tests.

#pragma once

#include <memory>
#include <vector>

#include "pkg/slo/budget.h"

namespace watchfire::telemetry {

// Half of it, 150 of 300 events, is left, as was known a minute before `at`; nothing burns; its
// policy has two states.
inline slo::Budget HalfABudget(WallTime at) {
  slo::Budget budget;
  budget.remaining = 0.5;
  budget.known_at = at - std::chrono::minutes(1);
  budget.fresh_until = at;
  budget.burn_rate = 0;
  budget.events = 300;
  budget.steps = std::make_shared<const std::vector<slo::PolicyStep>>(
      std::vector<slo::PolicyStep>{{"normal", "", {}}, {"exhausted", "critical", {}}});
  budget.step = 0;
  return budget;
}

}  // namespace watchfire::telemetry
