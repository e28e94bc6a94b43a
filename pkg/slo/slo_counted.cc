// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rounds of SLOs whose events are counted.

#include "pkg/slo/slo.h"

namespace watchfire::slo {

BooksOptions Engine::ToBooksOptions() const {
  BooksOptions options = options_.books;
  options.counts_by_default = options_.incremental;
  return options;
}

// A round of an SLO whose newest minute is in, or could not be had. What the books cannot answer
// for is asked exactly, so that nothing is decided by less than exact mode would know.
void Engine::Begin(const Books::Closed& closed, WallTime now, std::vector<Query>* queries) {
  SloState& state = states_[closed.slo];
  if (!state.outstanding.empty()) return;
  // The books close every minute, whatever the interval.
  const bool is_early = state.slot != kNoTime && closed.slot > state.slot &&
                        closed.slot - state.slot <= options_.interval - kCounted;
  if (is_early) return;
  state.slot = closed.slot;
  state.error.clear();
  state.count_error = closed.error;
  state.counted.clear();
  ForgetLeftOut(&state);
  RefreshExcluded(closed.slo, now);
  const bool counts = Counts(closed.slo);
  const bool is_new = counts && closed.error.empty();  // The newest minute is in.
  for (const Duration window : state.windows) {
    // Where nothing counts there is nothing to ask, whether or not Prometheus answers.
    if (counts && books_.ShareThatCounts(closed.slo, window, std::nullopt) <= 0) {
      state.counted.insert(window);
      state.left_out.insert(window);
      state.answers.insert_or_assign(window, Answer{closed.slot, {}, {}});
    } else if (is_new && books_.Trusted(closed.slo, window)) {
      state.counted.insert(window);
      state.answers.insert_or_assign(window, Answer{closed.slot, books_.RatioOf(closed.slo, window),
                                                    CountedEvents(closed.slo, window)});
    } else if (Wanted(slos_[closed.slo], state, window, closed.slot)) {
      Ask(closed.slo, window, queries);
    }
  }
  if (!state.outstanding.empty()) return;
  Append(Finish(closed.slo, now), &outcome_);
}

}  // namespace watchfire::slo
