// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// SLOs while some of their time does not count.

#include <algorithm>
#include <utility>

#include "pkg/slo/burn.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kDay = std::chrono::hours(24);
constexpr int64_t kAhead = 60;  // Minutes: schedules are worked out for an hour at once.

// As far back as any of its windows may look. A period of the calendar may be longer than usual.
int64_t LookBack(const config::Slo& slo) {
  const Duration longest = *Windows(slo).rbegin();
  return longest / kMinute * 41 / 40 + 2 * MinutesOf(Level::kDay);
}

}  // namespace

void Engine::RefreshExcluded(size_t slo, WallTime now) {
  SloState& state = states_[slo];
  const uint64_t version = options_.exclusions == nullptr ? 0 : options_.exclusions->version();
  const int64_t minute = MinuteAt(now);
  const bool is_known = minute >= state.excluded_from && minute < state.excluded_until;
  if (is_known && state.excluded_version == version) return;
  state.excluded_from = minute;
  state.excluded_until = minute + kAhead;
  state.excluded_version = version;
  state.excluded = SpansOf(slo, minute - LookBack(slos_[slo]), state.excluded_until);
  if (counts_) books_.Exclude(slo, state.excluded);
  RecountDays(slo, now);
}

ExcludedSpans Engine::SpansOf(size_t slo, int64_t from, int64_t to) const {
  const Exclusions none;
  const Exclusions& made = options_.exclusions == nullptr ? none : *options_.exclusions;
  return made.Spans(slos_[slo], from, to);
}

// Nothing was asked about windows of which nothing counted. Should something count now, they have
// no answer yet, however little time has passed.
void Engine::ForgetLeftOut(SloState* state) {
  for (const Duration window : std::exchange(state->left_out, {})) state->answers.erase(window);
}

// Whether what is known of now, as good as it may be, is of time that does not count.
bool Engine::IsExcluded(const SloState& state, WallTime now) {
  if (state.left_out.contains(*state.windows.begin())) return true;
  return AnyExcluded(state.excluded, MinuteAt(state.slot - kMinute),
                     MinuteAt(std::max(now, state.slot)) + 1);
}

// Judges a severity, less what IsKeptBack() says of the pairs of windows that burn, unless its
// alert fires already. One that is kept back does not hide another that is not.
Judgement Engine::JudgeUnlessKeptBack(const SloState& state, const Severity& severity,
                                      const Reading& reading, const std::set<Duration>& unknown,
                                      const std::string& key, WallTime now) const {
  const config::Slo& slo = slos_[static_cast<size_t>(&state - states_.data())];
  const Judgement judgement = Judge(slo, severity.pairs, reading, unknown);
  const auto known = state.alerts.find(key);
  const bool is_firing =
      known != state.alerts.end() && !known->second.resolved && !known->second.pending;
  if (is_firing || state.excluded.empty() || judgement.verdict == Verdict::kQuiet) return judgement;
  for (size_t i = judgement.pair; i < severity.pairs.size(); ++i) {
    const Judgement one = Judge(slo, {severity.pairs[i]}, reading, unknown);
    if (one.verdict != judgement.verdict) continue;
    if (!IsKeptBack(state, reading, severity.pairs[i], now)) return {judgement.verdict, i};
  }
  return {};
}

// Whether an alert may not begin by this pair of windows. Exact PromQL cannot leave out minutes,
// but once its short window is clear of them, and of the scrapes after them, what burns does so
// now. Of a counted long window little may count: it must be too much even if all the rest of it
// was good, or the first bad minute after hours of work would be all of its hour. Of days, what
// schedules leave out is no such rest: it never counts, and a slow burn would go on for good.
bool Engine::IsKeptBack(const SloState& state, const Reading& reading,
                        const config::SloWindow& pair, WallTime now) const {
  if (state.excluded.empty()) return false;
  const size_t index = static_cast<size_t>(&state - states_.data());
  const bool is_counted = state.counted.contains(pair.short_window);
  const WallTime since = is_counted ? state.slot : state.slot - pair.short_window - kMinute;
  if (AnyExcluded(state.excluded, MinuteAt(since), MinuteAt(std::max(now, state.slot)) + 1)) {
    return true;
  }
  const auto ratio = reading.error_ratio.find(pair.long_window);
  const bool wants_much = pair.compare == config::SloWindow::Compare::kAbove ||
                          pair.compare == config::SloWindow::Compare::kAtLeast;
  if (!wants_much || ratio == reading.error_ratio.end()) return false;
  if (!state.counted.contains(pair.long_window)) return false;
  const bool is_of_days = pair.long_window >= kDay;
  const double share = books_.ShareThatCounts(
      index, pair.long_window, is_of_days ? std::optional(pair.short_window) : std::nullopt);
  return share < 1 && ratio->second * share <= pair.factor * BudgetRatio(slos_[index]);
}

}  // namespace watchfire::slo
