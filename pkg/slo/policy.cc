// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/policy.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pkg/slo/burn.h"

namespace watchfire::slo {
namespace {

constexpr double kForever = 10.0 * 365 * 24 * 3600;  // Seconds.
constexpr int kProjectionPart = 30;

PolicyStep StepNamed(std::string state, std::optional<size_t> level) {
  PolicyStep step;
  step.level = level;
  step.allows_deploy = state == "normal" || state.starts_with("caution");
  step.allows_chaos = state == "normal";
  if (state == "exhausted") {
    step.severity = "critical";
  } else if (state != "normal") {
    step.severity = state == "freeze" ? "warning" : "info";
  }
  step.state = std::move(state);
  return step;
}

// Levels but for exhaustion, from the most budget to the least.
std::vector<size_t> InOrder(const std::vector<config::BudgetLevel>& levels) {
  std::vector<size_t> order;
  for (size_t i = 0; i < levels.size(); ++i) {
    if (!levels[i].is_exhausted) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (levels[a].low != levels[b].low) return levels[a].low > levels[b].low;
    return levels[a].high > levels[b].high;
  });
  return order;
}

}  // namespace

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
  if (const config::BudgetLevel* level = LevelAt(slo, remaining)) {
    const auto index = static_cast<size_t>(level - slo.levels.data());
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].level == index || (level->is_exhausted && steps[i].state == "exhausted")) {
        return i;
      }
    }
  }
  size_t found = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].level && slo.levels[*steps[i].level].low >= remaining) found = i;
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

std::optional<Duration> ExhaustedIn(const config::Slo& slo, double remaining, double rate) {
  if (remaining <= 0) return Duration::zero();
  const double seconds = remaining * ToSeconds(slo.period) / rate;
  if (rate <= 0 || !(seconds < kForever)) return std::nullopt;
  return std::chrono::minutes(std::max<int64_t>(1, std::llround(seconds / 60)));
}

}  // namespace watchfire::slo
