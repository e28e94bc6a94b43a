// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Answers for all steps of a case, asked at once: most rules see only what lies behind them, so
// what they give at each step can be asked in one range instead of step by step, once all series
// are there.

#pragma once

#include <map>
#include <string>

#include "pkg/ruletest/ruletest.h"

namespace watchfire::ruletest {

// Whether nothing that `test` runs could tell that later samples are already there: no expression
// looks ahead (@, a negative offset, smoothed), reads ALERTS, what a rule at or after its own
// records, or metrics it does not name; no template asks; no series has native histograms.
bool MayAskAhead(const Suite& suite, const config::TestCase& test);

class Ahead : public Backend {
 public:
  // `backend` outlives it, and gets no more samples of what has been asked about. Steps are at
  // `start` plus multiples of `step`, up to `last`.
  Ahead(Backend& backend, WallTime start, Duration step, WallTime last)
      : backend_(backend), start_(start), step_(step), last_(last) {}

  Status Write(const promql::Vector& samples) override { return backend_.Write(samples); }
  // At a step: for this and the next thousands in one question, whose answers are kept. What fails
  // as a range is asked alone.
  Result<promql::Vector> Query(const std::string& expr, WallTime at) override;

 private:
  struct Column {
    WallTime begin;                         // Steps from it on are known …
    WallTime end;                           // … to before it.
    std::map<WallTime, promql::Vector> at;  // Steps that gave nothing are absent.
  };

  Backend& backend_;
  const WallTime start_;
  const Duration step_;
  const WallTime last_;
  std::map<std::string, Column> columns_;
};

}  // namespace watchfire::ruletest
