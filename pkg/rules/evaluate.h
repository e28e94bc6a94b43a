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

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/labels/labels.h"
#include "pkg/promql/response.h"

namespace watchfire::rules {

// How long a resolved instance stays. Source: Prometheus rules.resolvedRetention.
inline constexpr Duration kResolvedRetention = std::chrono::minutes(15);

enum class State { kInactive, kPending, kFiring };

struct Instance {
  labels::LabelSet labels;  // Final labels, alertname included.
  labels::LabelSet annotations;
  State state = State::kPending;
  double value = 0;
  WallTime active_at = kNoTime;
  WallTime fired_at = kNoTime;
  WallTime resolved_at = kNoTime;
  WallTime keep_firing_since = kNoTime;
  WallTime last_sent_at = kNoTime;
  bool operator==(const Instance&) const = default;
};

using Instances = std::map<std::string, Instance>;  // Key: labels as printed.

// Answers to the `query` calls of a rule's templates, by expression.
using Answers = std::map<std::string, Result<promql::Vector>, std::less<>>;

// What the templates made of one sample.
struct Text {
  labels::LabelSet sample;
  double value = 0;
  labels::LabelSet labels;
  labels::LabelSet annotations;
  std::string key;         // The labels as printed.
  bool is_steady = false;  // The same sample makes the same again.
};
// Of the last result, in its order: most samples are what they were, and so are their texts.
using Texts = std::vector<Text>;

// What templates see beyond their sample.
struct Surroundings {
  labels::LabelSet external_labels;
  std::string external_url;
};

// May the same question get another answer in a moment?
bool MayPass(const Error& error);

// Whether `rule` can be moved by a result of `size` samples; to be asked before anything is made of
// them. Errors: kExhausted (more than limits::kAlertsPerRule).
Status CheckSize(const config::Rule& rule, size_t size);

// Returns the expressions, sorted, that the templates of `rule` ask for by `query` and `answers`
// does not hold; they are to be asked as of `slot`. What they ask next can hang on the answers, so
// ask again until there is nothing. Never more than limits::kQueriesPerEvaluation with those
// answered: calls beyond that fail.
std::vector<std::string> Wanted(const config::Rule& rule, const promql::Vector& vector,
                                WallTime slot, const Surroundings& around, const Answers& answers);

// Moves `active` to what it is after `vector` was the answer at `slot`. Returns whether anything
// but values and annotations changed, so that it must be stored. A `query` that `answers` does not
// hold is an error of its template. `texts`, if not null, is what the last call for the same rule
// left there, or empty.
// Errors, all without effect but the last: kConflict (two samples give the same labels),
// kExhausted (more than limits::kAlertsPerRule), kExhausted (more pending and firing instances
// than `limit`, if > 0: `active` is emptied and nobody hears of their end, as in Prometheus).
// Source: Prometheus rules.AlertingRule.Eval (reference §4.2).
Result<bool> Advance(const config::Rule& rule, int limit, const promql::Vector& vector,
                     WallTime slot, Instances* active, const Surroundings& around = {},
                     const Answers& answers = {}, Texts* texts = nullptr);

// Returns the instances the alert table must hear of at `slot` and marks them as sent: newly
// resolved ones at once, others again when the last time is more than `resend_delay` ago.
// Source: Prometheus rules.Alert.needsSending (reference §4.3).
std::vector<const Instance*> TakeDue(Duration resend_delay, WallTime slot, Instances* active);

}  // namespace watchfire::rules
