// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One SLO evaluated minute by minute in three ways: from the truth, by exact PromQL, and by a
// ledger that asks the oracle for increments.

#pragma once

#include <functional>
#include <string>

#include "pkg/slo/burn.h"
#include "pkg/slo/increments.h"
#include "pkg/slo/ledger.h"
#include "pkg/slo/plan.h"
#include "tests/accuracy/fleet.h"

namespace watchfire::accuracy {

// Objective 99.9 %, 30 days, the SRE workbook's windows, sum(rate()) of errors_total and
// calls_total.
config::Slo ShopSlo();

class Evaluator {
 public:
  Evaluator(Fleet* fleet, const config::Slo& slo, const slo::IncrementOptions& options,
            int64_t newest, const slo::PlanOptions& plan = {});

  // What a tick does when `minute` is the newest: the newest minute, late samples, and one stretch
  // of history. While `down` every question fails.
  void Step(int64_t minute, bool down = false);
  // Asks for history until none is missing.
  void FillAll();

  const slo::Ledger& ledger() const { return ledger_; }
  // How many asks for minutes were answered by samples, and how many of all that could have been.
  int by_samples() const { return by_samples_; }
  int asked() const { return asked_; }
  // Bad events and all in the `window` up to the end of the newest minute.
  slo::Events Over(Duration window) const;

 private:
  void Answer(const slo::Ask& ask, bool down);
  bool AnswerBySamples(const slo::Ask& ask);
  void Write(const slo::Ask& ask, std::vector<std::vector<slo::Counted>> counted);

  Fleet& fleet_;
  slo::Increments increments_;
  slo::Ledger ledger_;
  slo::Plan plan_;
  Duration period_;
  WallTime now_;
  int by_samples_ = 0;
  int asked_ = 0;
};

// The ratio of `window` at the end of minute `newest`: what exact PromQL says. NaN without data.
double ExactRatio(Fleet* fleet, const config::Slo& slo, Duration window, int64_t newest);

// Whether the page or the ticket burns, given the error ratio of each window.
bool Burns(const config::Slo& slo, const std::vector<config::SloWindow>& pairs,
           const std::function<double(Duration)>& ratio);

}  // namespace watchfire::accuracy
