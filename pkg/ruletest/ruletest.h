// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Runs unit tests of rules and SLOs: our own evaluation, step by step over simulated time, with a
// Prometheus that holds the series and answers the expressions. Pure but for the Backend.
// Semantics: promtool test rules (reference slo-and-rules §6.4).

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/config/rule_test_file.h"
#include "pkg/promql/response.h"

namespace watchfire::ruletest {

// Whether samples of such cases can be written in any order: a Prometheus refuses those that are
// half a block older than its newest one, and a block is at most 292 years.
inline bool IsInAnyOrder(const config::TestCase& test) {
  constexpr Duration kReach = std::chrono::hours(24 * 365 * 70);
  return test.start >= WallTime() - kReach && test.start + test.Last() <= WallTime() + kReach;
}

// A time series database of one test case's own.
class Backend {
 public:
  virtual ~Backend() = default;
  // What is written is seen by the next query.
  virtual Status Write(const promql::Vector& samples) = 0;
  virtual Result<promql::Vector> Query(const std::string& expr, WallTime at) = 0;
  // The same at `from` and every `step` after it up to `to`: all samples with their times. Errors:
  // also of any of them.
  virtual Result<promql::Vector> Range(const std::string& expr, WallTime from, WallTime to,
                                       Duration step);
};

// One file, loaded: the rules and SLOs that its cases run.
struct Suite {
  config::RuleTests tests;
  std::vector<config::RuleGroup> groups;  // In the order of evaluation.
  std::vector<config::Slo> slos;
};

struct Loaded {
  Suite suite;
  std::vector<config::Problem> problems;
  std::vector<std::string> unmatched;  // Globs that name no file.
  bool is_good = false;
};

// Reads a test file and the files it names. Series and values are checked as well.
Loaded Load(const std::string& path, const std::string& text, const config::Files& files);

struct Failure {
  config::Place place;
  std::string text;  // Several lines: what was expected and what came instead.
};

// Runs one case of `suite` on an empty `backend`. Returns what was not as expected, nothing: it
// passed. A rule that cannot be evaluated ends the case with a failure of its own.
std::vector<Failure> Run(const Suite& suite, const config::TestCase& test, Backend& backend);

}  // namespace watchfire::ruletest
