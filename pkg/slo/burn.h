// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a SLO's numbers mean: which windows to ask and how often, whether a burn-rate alert holds,
// and what it says. Pure functions. Source: SRE workbook, "Alerting on SLOs", table 5-8; label
// names and the budget's floating-point form are Sloth's (reference §1.1, §1.2, §3.1).

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "pkg/alert/alert.h"
#include "pkg/config/config.h"
#include "pkg/slo/budget.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {

// (100 - objective) / 100: with this form 99.9 % and factor 14.4 compare as Sloth's rules do.
double BudgetRatio(const config::Slo& slo);
// How long a total outage may last in the period that holds `at`.
double BudgetSeconds(const config::Slo& slo, WallTime at);
// How many more events may be bad, with the traffic of the last period; below 0 if too many were.
// Nullopt if that is not known. Without any traffic it is 0, also of a budget that is overspent.
std::optional<double> EventsLeft(const Budget& budget);

// Whether the SLO's alerts need a least number of events.
inline bool HasLeast(const config::Slo& slo) { return slo.min_total > 0 || slo.min_bad > 0; }

// Every distinct window of all severities, and the period.
std::set<Duration> Windows(const config::Slo& slo);

// The PromQL of the error ratio over `window`: (error_query) / (total_query), or the ratio query,
// with {{.window}} written as Prometheus writes durations.
std::string ErrorRatioExpr(const config::Slo& slo, Duration window);

// The longest time between two questions about `window`. Long windows move slowly and cost
// Prometheus most: from a day on, 1/120 of the window (1d: 12m, 30d: 6h), and 1/7200 (1d: 12s,
// 30d: 6m) while the SLO burns its budget, when somebody looks at it. Zero: at every slot.
Duration Cadence(Duration window, bool burning);

// Returns the level of the SLO's policy that holds while `remaining`, a share, is left of the
// budget: of several the first, but exhaustion before all. nullptr if none does.
const config::BudgetLevel* LevelAt(const config::Slo& slo, double remaining);

enum class Verdict { kQuiet, kBurning, kUnknown };

struct Judgement {
  Verdict verdict = Verdict::kQuiet;
  size_t pair = 0;  // Index of the first burning window pair; 0 unless kBurning.
};

// Judges one severity's window pairs in three-valued logic: windows in `unknown` failed to answer;
// a window without data (no traffic) is not above anything. A pair whose long window is known to
// have fewer events than the SLO's least is quiet.
Judgement Judge(const config::Slo& slo, const std::vector<config::SloWindow>& pairs,
                const Reading& reading, const std::set<Duration>& unknown);

// One of a SLO's alerts.
struct Severity {
  std::string_view name;  // "page", "ticket" or another: the label sloth_severity.
  const config::SloAlert& alert;
  const std::vector<config::SloWindow>& pairs;
};
std::vector<Severity> Severities(const config::Slo& slo);  // Without disabled ones.

// The identity of an alert. From weak to strong: labels of the reading; slo, service (the reading's
// if it has one), sloth_id, sloth_service, sloth_slo, and severity "warning" (ticket) or "critical"
// (others); the SLO's labels; sloth_severity; the alert's labels; alertname. A value of the
// reading that a stronger one hides, or may hide in another of the SLO's alerts, is kept as
// exported_NAME.
labels::LabelSet AlertLabels(const config::Slo& slo, const Severity& severity,
                             const Reading& reading);

// What the templates of annotations can name besides their alert.
struct Surroundings {
  WallTime at = kNoTime;  // kNoTime: `now` is an error.
  labels::LabelSet external_labels = {};
  std::string external_url = {};
};

// The annotations of a burning pair: title, summary, tier ("quick", "slow" or the pair's number),
// windows ("1h/5m"), burn_rate_long, burn_rate_short, budget_remaining ("42.5%", "unknown"),
// budget_exhausted_in ("1d2h", "never", "unknown": at the long window's burn rate), and if a policy
// has a level for what is left, budget_policy and budget_actions, joined with "; "; over them those
// of the file, templates with the functions and variables of Prometheus' rules: {{ $labels.x }}
// is one of the alert's, {{ $value }} the error ratio of the short window. `query` is an error.
labels::LabelSet AlertAnnotations(const config::Slo& slo, const Severity& severity,
                                  const Reading& reading, size_t pair,
                                  const Surroundings& surroundings = {});

}  // namespace watchfire::slo
