// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/gate.h"

#include <array>
#include <cstdio>

namespace watchfire::slo {

GateVerdict JudgeGate(const Budget& budget, Purpose purpose, Unknown unknown, WallTime at) {
  GateVerdict verdict;
  const bool is_fresh = budget.IsFresh(at) && budget.step.has_value();
  if (!is_fresh) {
    verdict.reason = budget.known_at == kNoTime ? "nothing is known of the error budget"
                                                : "nothing is known of the error budget since " +
                                                      FormatRfc3339(budget.known_at, 0);
    if (unknown == Unknown::kRefuse) return verdict;
  }
  const PolicyStep* step = budget.state();
  verdict.allow =
      step == nullptr || (purpose == Purpose::kDeploy ? step->allows_deploy : step->allows_chaos);
  if (verdict.allow) return verdict;
  std::array<char, 32> percent{};
  std::snprintf(percent.data(), percent.size(), "%.4g%%", budget.remaining.value_or(0) * 100);
  if (!verdict.reason.empty()) verdict.reason += "; ";
  verdict.reason += step->state + ": " + percent.data() + " of the error budget is left";
  return verdict;
}

}  // namespace watchfire::slo
