// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Unit tests of rules as promtool has them (reference slo-and-rules §6.4), and ours of SLOs beside
// them: the file as it is written, before anything is loaded or run.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::config {

// A place in a file, "tests.yml:3:7", for messages.
using Place = std::string;

struct TestSeries {
  std::string series;  // up{job="a"}
  std::string values;  // 0 1+2x3 _ stale
  Place place;
};

struct ExpectedAlert {
  labels::LabelSet labels;  // With alertname; values may be empty.
  labels::LabelSet annotations;
};

// What fires of one alert name at an instant; nothing else of that name may.
struct AlertTest {
  Duration eval_time{};
  std::string alertname;
  std::vector<ExpectedAlert> alerts;
  Place place;
};

struct ExpectedSample {
  std::string labels;  // As TestSeries::series.
  double value = 0;
  std::string histogram;  // As TestSeries::values; "": a number is expected.
  Place place;
};

struct ExprTest {
  Duration eval_time{};
  std::string expr;
  std::vector<ExpectedSample> samples;
  Place place;
};

// What is known of one SLO at an instant: only what is set is compared.
struct SloTest {
  Duration eval_time{};
  std::string slo;          // Its id: "<service>-<name>".
  labels::LabelSet labels;  // Of one of its label sets, if it has several.
  std::optional<bool> page;
  std::optional<bool> ticket;
  std::map<Duration, double> burn_rates;  // By window.
  std::optional<double> budget_remaining;
  double tolerance = 0.001;  // Of burn rates and budget: relative, absolute below 1.
  Place place;
};

struct TestCase {
  std::string name;  // May be empty.
  Duration interval{};
  WallTime start{};  // The epoch unless told otherwise.
  std::vector<TestSeries> series;
  std::vector<AlertTest> alerts;
  std::vector<ExprTest> exprs;
  std::vector<SloTest> slos;
  labels::LabelSet external_labels;
  std::string external_url;
  Place place;

  // The latest instant that a test of it looks at, after `start`.
  Duration Last() const;
};

struct RuleTests {
  std::string path;
  std::vector<std::string> rule_globs;  // As seen from the working directory.
  std::vector<std::string> slo_globs;
  Duration evaluation_interval = std::chrono::minutes(1);
  std::vector<std::string> group_order;
  bool fuzzy = false;  // Values may differ in the last bit.
  std::vector<TestCase> cases;
};

// Reads a test file. Unknown keys are errors, as in promtool. Returns every problem.
std::vector<Problem> LoadRuleTests(const std::string& path, const std::string& text,
                                   RuleTests* tests);

}  // namespace watchfire::config
