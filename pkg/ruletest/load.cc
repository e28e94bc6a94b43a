// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>

#include "pkg/ruletest/notation.h"
#include "pkg/ruletest/ruletest.h"

namespace watchfire::ruletest {
namespace {

// A problem at `place`.
config::Problem ProblemAt(const config::Place& place, std::string message) {
  config::Problem problem;
  problem.level = config::Problem::Level::kError;
  problem.message = std::move(message);
  const size_t column = place.rfind(':');
  const size_t line = place.rfind(':', column - 1);
  problem.file = place.substr(0, line);
  problem.line = std::atoi(place.c_str() + line + 1);
  problem.column = std::atoi(place.c_str() + column + 1);
  return problem;
}

void CheckNotation(const config::TestCase& test, std::vector<config::Problem>* problems) {
  const auto check = [&](const config::Place& place, const char* what, const auto& result) {
    if (!result) problems->push_back(ProblemAt(place, what + (": " + result.error().message)));
  };
  for (const config::TestSeries& series : test.series) {
    check(series.place, "series", ParseMetric(series.series));
    check(series.place, "values", ParseValues(series.values));
  }
  for (const config::ExprTest& expr : test.exprs) {
    for (const config::ExpectedSample& sample : expr.samples) {
      if (!sample.histogram.empty()) {
        check(sample.place, "histogram", ParseHistogram(sample.histogram));
      }
      if (!sample.labels.empty()) check(sample.place, "labels", ParseMetric(sample.labels));
    }
  }
}

}  // namespace

Loaded Load(const std::string& path, const std::string& text, const config::Files& files) {
  Loaded loaded;
  Suite& suite = loaded.suite;
  config::Config config;
  const auto take = [&](std::vector<config::Problem> problems) {
    for (config::Problem& problem : problems) loaded.problems.push_back(std::move(problem));
  };
  take(config::LoadRuleTests(path, text, &suite.tests));
  config.evaluation.interval = suite.tests.evaluation_interval;
  const auto read = [&](const std::vector<std::string>& globs, const auto& load) {
    std::set<std::string> seen;
    for (const std::string& glob : globs) {
      const std::vector<std::string> paths = files.glob(glob);
      if (paths.empty()) loaded.unmatched.push_back(glob);
      for (const std::string& file : paths) {
        if (!seen.insert(file).second) continue;
        const Result<std::string> content = files.read(file);
        if (content) {
          take(load(file, *content, &config));
        } else if (content.error().code == Code::kNotFound) {
          // A plain name is a glob, too, and one that matches nothing is no error to promtool.
          loaded.unmatched.push_back(file);
        } else {
          loaded.problems.push_back(ProblemAt(path + ":1:1", content.error().message));
        }
      }
    }
  };
  read(suite.tests.rule_globs, config::LoadRuleFile);
  read(suite.tests.slo_globs, config::LoadSloFile);
  for (const config::TestCase& test : suite.tests.cases) CheckNotation(test, &loaded.problems);

  suite.groups = std::move(config.rule_groups);
  suite.slos = std::move(config.slos);
  // By file and name, then those that the file puts in order, in that order, last.
  const std::vector<std::string>& order = suite.tests.group_order;
  std::ranges::stable_sort(suite.groups, {}, [&](const config::RuleGroup& group) {
    const auto place = std::ranges::find(order, group.name);
    const auto rank = place == order.end() ? -1 : place - order.begin();
    return std::tuple(rank, group.file, group.name);
  });
  loaded.is_good = std::ranges::none_of(loaded.problems, [](const config::Problem& problem) {
    return problem.level == config::Problem::Level::kError;
  });
  return loaded;
}

}  // namespace watchfire::ruletest
