// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Error ratios that cannot be: the two queries of an SLO do not count the same.

#include <cmath>
#include <optional>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

// Over shorter windows rates are extrapolated from few samples.
constexpr Duration kLongEnough = std::chrono::hours(1);

std::string Percent(double share) { return FormatGoFloat(std::round(share * 1e4) / 1e2) + "%"; }

}  // namespace

void Engine::NoteRatio(size_t index, Outcome* outcome) {
  SloState& state = states_[index];
  if (!state.error.empty()) return;  // Not all is known: what was said last holds.
  const std::string before = std::exchange(state.status.ratio_error, {});
  for (const auto& [window, answer] : state.answers) {
    if (window < kLongEnough || !state.status.ratio_error.empty()) continue;
    std::optional<double> odd;
    if (state.counted.contains(window)) {
      odd = books_.ImpossibleRatio(index, window);
    } else {
      for (const promql::Sample& sample : answer.vector) {
        if (!IsPossible(sample.value)) odd = sample.value;
      }
    }
    if (!odd) continue;
    state.status.ratio_error = FormatDuration(window) + " window: " +
                               (*odd < 0 ? "more good events than events: " + Percent(1 - *odd)
                                         : "more bad events than events: " + Percent(*odd));
  }
  if (before.empty() == state.status.ratio_error.empty()) return;
  outcome->health.push_back({index, state.status.ratio_error, {}, state.slot, true});
}

}  // namespace watchfire::slo
