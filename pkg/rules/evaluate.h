// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One evaluation of one alerting rule: pure functions over the rule's instances. The hard part of
// this folder, kept apart from scheduling and storage so that it can be tested exhaustively.
//
//              in result                      in result for `for`
//   (nothing) ───────────▶ kPending ─────────────────────────────▶ kFiring ◀─┐ missing, for less
//       ▲                     │ missing once                          │  └───┘ than keep_firing_for
//       ├─────────────────────┘                                       │ missing
//       └──────────────────────────────── 15 min ──── kInactive ◀─────┘
//
// kInactive is the resolved instance, kept so that its end is told more than once.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/promql/response.h"
#include "pkg/rules/rules.h"

namespace watchfire::rules {

// How long a resolved instance stays. Source: Prometheus rules.resolvedRetention.
inline constexpr Duration kResolvedRetention = std::chrono::minutes(15);

using Instances = std::map<std::string, Instance>;  // Key: labels as printed.

// Moves `active` to what it is after `vector` was the answer at `slot`. Returns whether anything
// but values and annotations changed, so that it must be stored.
// Errors, all without effect but the last: kConflict (two samples give the same labels),
// kExhausted (more than limits::kAlertsPerRule), kExhausted (more pending and firing instances
// than `limit`, if > 0: `active` is emptied and nobody hears of their end, as in Prometheus).
// Source: Prometheus rules.AlertingRule.Eval (reference §4.2).
Result<bool> Advance(const config::Rule& rule, int limit, const promql::Vector& vector,
                     WallTime slot, Instances* active);

// Returns the instances the alert table must hear of at `slot` and marks them as sent: newly
// resolved ones at once, others again when the last time is more than `resend_delay` ago.
// Source: Prometheus rules.Alert.needsSending (reference §4.3).
std::vector<const Instance*> TakeDue(Duration resend_delay, WallTime slot, Instances* active);

}  // namespace watchfire::rules
