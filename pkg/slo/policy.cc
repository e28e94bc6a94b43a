// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/policy.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pkg/slo/burn.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

constexpr double kForever = 10.0 * 365 * 24 * 3600;  // Seconds.
constexpr int kProjectionPart = 30;

PolicyStep StepNamed(std::string state, std::optional<size_t> level) {
  PolicyStep step;
  step.level = level;
  step.allows_deploy = state == "normal" || state.starts_with("caution");
  step.allows_chaos = state == "normal";
  // Never critical: the usual inhibit rule would mute a service's warnings while the state lasts,
  // which is weeks.
  if (state != "normal") step.severity = state.starts_with("caution") ? "info" : "warning";
  step.state = std::move(state);
  return step;
}

// Levels but for exhaustion, from the most budget to the least. Among those that begin with a whole
// budget the narrowest is the first, as LevelAt() chooses.
std::vector<size_t> InOrder(const std::vector<config::BudgetLevel>& levels) {
  std::vector<size_t> order;
  for (size_t i = 0; i < levels.size(); ++i) {
    const bool never_holds = levels[i].low >= 1 && levels[i].excludes_low;
    if (!levels[i].is_exhausted && !never_holds) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(HighEnd(levels[a]), LowEnd(levels[a])) >
           std::pair(HighEnd(levels[b]), LowEnd(levels[b]));
  });
  return order;
}

}  // namespace

std::pair<double, bool> LowEnd(const config::BudgetLevel& level) {
  return {level.low, level.excludes_low};
}

std::pair<double, bool> HighEnd(const config::BudgetLevel& level) {
  return {std::min(level.high, 1.0), level.high > 1 || !level.excludes_high};
}

std::vector<PolicyStep> StepsOf(const config::Slo& slo) {
  const std::vector<size_t> order = InOrder(slo.levels);
  std::vector<PolicyStep> steps;
  if (LevelAt(slo, 1) == nullptr) steps.push_back(StepNamed("normal", std::nullopt));
  int cautions = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    std::string state = "caution";
    if (steps.empty()) {
      state = "normal";
    } else if (i + 1 == order.size()) {
      state = "freeze";
    } else if (++cautions > 1) {
      state += "-" + std::to_string(cautions);
    }
    steps.push_back(StepNamed(std::move(state), order[i]));
  }
  const auto exhausted = std::ranges::find(slo.levels, true, &config::BudgetLevel::is_exhausted);
  if (exhausted != slo.levels.end()) {
    const auto level = static_cast<size_t>(exhausted - slo.levels.begin());
    steps.push_back(StepNamed("exhausted", level));
  } else if (slo.levels.empty()) {
    steps.push_back(StepNamed("exhausted", std::nullopt));
  }
  return steps;
}

size_t StepAt(const config::Slo& slo, const std::vector<PolicyStep>& steps, double remaining) {
  if (slo.levels.empty()) return remaining <= 0 ? steps.size() - 1 : 0;
  const config::BudgetLevel* level = LevelAt(slo, remaining);
  size_t found = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].level) continue;
    const config::BudgetLevel& of = slo.levels[*steps[i].level];
    // What was left behind on the way down is no reason to relax.
    const bool is_behind = of.low > remaining || (of.low == remaining && of.excludes_low);
    if (&of == level || is_behind) found = i;
  }
  return found;
}

size_t NextStep(const config::Slo& slo, const std::vector<PolicyStep>& steps,
                std::optional<size_t> current, double remaining, bool may_worsen) {
  const size_t target = StepAt(slo, steps, remaining);
  if (!current) return may_worsen ? target : 0;
  if (target == *current) return target;
  if (target > *current) return may_worsen ? target : *current;
  const double margin = std::min(kPolicyMargin, std::max(0.0, 1 - remaining) / 2);
  return std::min(*current, StepAt(slo, steps, remaining - margin));
}

Duration ProjectionWindow(const config::Slo& slo) {
  const std::set<Duration> windows = Windows(slo);
  Duration best = *windows.begin();
  for (const Duration window : windows) {
    if (window <= slo.period / kProjectionPart) best = window;
  }
  return best;
}

std::optional<Duration> ExhaustedIn(const config::Slo& slo, double remaining, double rate,
                                    WallTime at) {
  if (remaining <= 0) return Duration::zero();
  const double seconds = remaining * ToSeconds(PeriodLength(slo, at)) / rate;
  if (rate <= 0 || !(seconds < kForever)) return std::nullopt;
  return std::chrono::minutes(std::max<int64_t>(1, std::llround(seconds / 60)));
}

}  // namespace watchfire::slo
