// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Error budget policies as a state machine: which state holds while so much is left. Pure.
//
//   budget left   1 ────────── 0.5 ────────── 0.2 ────────── 0 ──────────
//   state           normal        caution        freeze        exhausted
//   a deployment    yes           yes            no            no
//   an experiment   yes           no             no            no

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/slo/budget.h"

namespace watchfire::slo {

// So much more than a state's condition asks for must be left before things get better, and less
// where all that could ever be left is near: a budget that wavers around a bound changes nothing.
inline constexpr double kPolicyMargin = 0.02;

// The ends of a condition, up to a whole budget, in an order: one that excludes its end is further
// in.
std::pair<double, bool> LowEnd(const config::BudgetLevel& level);
std::pair<double, bool> HighEnd(const config::BudgetLevel& level);

// Returns the states of the SLO's policy, from the most budget to the least; at least one. Files
// give levels no names: the first is "normal", the last "freeze", those between "caution" (then
// "caution-2" …), and budget_exhausted "exhausted". A policy that says nothing about a whole budget
// has a "normal" without actions before its levels. An SLO without a policy is "normal" until it is
// "exhausted".
std::vector<PolicyStep> StepsOf(const config::Slo& slo);

// Returns the state, an index into `steps`, that holds while `remaining` is left. Where no
// condition speaks of it that for more budget goes on. Less is never better, and with a whole
// budget it is the first, however conditions overlap.
size_t StepAt(const config::Slo& slo, const std::vector<PolicyStep>& steps, double remaining);

// Returns the state that follows `current`. Unset: none was known, and all is as with a whole
// budget unless `may_worsen`. What gets worse does at once, unless `may_worsen` says otherwise;
// what gets better needs kPolicyMargin.
size_t NextStep(const config::Slo& slo, const std::vector<PolicyStep>& steps,
                std::optional<size_t> current, double remaining, bool may_worsen = true);

// The window whose burn rate says how long the budget lasts: the longest that is asked and no
// longer than a thirtieth of the period, or the shortest.
Duration ProjectionWindow(const config::Slo& slo);

// How long the budget of the period that holds `at` lasts if it goes on burning at `rate`; zero if
// it is spent, nullopt if it lasts ten years or more.
std::optional<Duration> ExhaustedIn(const config::Slo& slo, double remaining, double rate,
                                    WallTime at);

}  // namespace watchfire::slo
