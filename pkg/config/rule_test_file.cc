// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/rule_test_file.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"
#include "pkg/config/scalar.h"

namespace watchfire::config {
namespace {

Place PlaceOf(Section& section, const std::string& key = "") {
  const Mark mark = key.empty() ? section.impl().mark : section.impl().At(key);
  return section.impl().source.file + ":" + std::to_string(mark.line) + ":" +
         std::to_string(mark.column);
}

// Labels of which __name__ may be one, laid under `more`.
labels::LabelSet AnyLabels(Section& section, const std::string& key,
                           const labels::LabelSet::Pairs& more = {}) {
  labels::LabelSet::Pairs pairs;
  for (Pair& pair : section.impl().Pairs(key)) {
    pairs.emplace_back(std::move(pair.name), std::move(pair.text));
  }
  pairs.insert(pairs.end(), more.begin(), more.end());
  return labels::LabelSet(std::move(pairs));
}

// When after its start a case looks: unlike what a server waits for this may be centuries.
Duration ReadInstant(Section& section) {
  section.PromDuration("eval_time", {});  // Says what is wrong with it.
  return ParseDuration(section.String("eval_time", "0")).value_or(Duration::zero());
}

AlertTest ReadAlertTest(Section& section) {
  AlertTest test;
  test.place = PlaceOf(section);
  test.eval_time = ReadInstant(section);
  test.alertname = section.String("alertname");
  if (test.alertname.empty()) section.Error("alertname", "alertname is missing");
  for (Section& alert : section.Children("exp_alerts")) {
    ExpectedAlert expected;
    // An empty one stays: no alert has it, so that promtool's comparison fails as well.
    expected.labels = AnyLabels(alert, "exp_labels", {{"alertname", test.alertname}});
    expected.annotations = AnyLabels(alert, "exp_annotations");
    test.alerts.push_back(std::move(expected));
    alert.Finish();
  }
  section.Finish();
  return test;
}

// What is computed with it stays within what nanoseconds can say.
void CheckInstant(Section& section, WallTime start, Duration eval_time) {
  if (start <= WallTime() || eval_time < WallTime::max() - start - std::chrono::hours(24)) return;
  section.Error("start_timestamp", "start_timestamp + eval_time is beyond the year 2262",
                "no time after it is known here");
}

// A number as YAML has it, 017 and 1_000 among them, .inf, and what YAML takes for a text: NaN,
// Inf. promtool finds no sample equal to .nan.
double ReadValue(Section& section) {
  const std::string text = section.String("value", "0");
  if (const std::optional<double> number = ParseYamlNumber(text)) return *number;
  const std::string lower = ToLower(text);
  const double infinity = std::numeric_limits<double>::infinity();
  if (lower == ".inf" || lower == "+.inf") return infinity;
  if (lower == "-.inf") return -infinity;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') {
    section.Error("value", "value must be a number, not " + GoQuote(text),
                  lower == ".nan" ? "write NaN" : "");
  }
  return value;
}

ExprTest ReadExprTest(Section& section) {
  ExprTest test;
  test.place = PlaceOf(section, "expr");
  test.eval_time = ReadInstant(section);
  test.expr = section.String("expr");
  if (test.expr.empty()) section.Error("expr", "expr is missing");
  for (Section& sample : section.Children("exp_samples")) {
    ExpectedSample expected;
    expected.place = PlaceOf(sample, "labels");
    expected.labels = sample.String("labels");
    expected.histogram = sample.String("histogram");
    expected.value = ReadValue(sample);
    test.samples.push_back(std::move(expected));
    sample.Finish();
  }
  section.Finish();
  return test;
}

SloTest ReadSloTest(Section& section) {
  SloTest test;
  test.place = PlaceOf(section);
  test.eval_time = ReadInstant(section);
  test.slo = section.String("slo");
  if (test.slo.empty()) section.Error("slo", "slo is missing", "the SLO's service-name");
  test.labels = AnyLabels(section, "labels");
  test.page = section.MaybeBool("exp_page");
  test.ticket = section.MaybeBool("exp_ticket");
  if (auto rates = section.Child("exp_burn_rates")) {
    for (const Key& key : rates->impl().node.keys) {
      const Result<Duration> window = ParseDuration(key.text);
      if (!window) {
        rates->Error(key.text, "exp_burn_rates: " + window.error().message);
      } else {
        test.burn_rates[*window] = rates->Double(key.text, 0);
      }
    }
  }
  if (section.Has("exp_budget_remaining")) {
    test.budget_remaining = section.Double("exp_budget_remaining", 0);
  }
  test.tolerance = section.Double("tolerance", test.tolerance);
  section.Finish();
  return test;
}

WallTime ReadStart(Section& section) {
  const std::string text = section.String("start_timestamp");
  if (text.empty()) return {};
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  if (*end == '\0' && std::abs(seconds) < 4e9) {
    return WallTime(std::chrono::milliseconds(std::llround(seconds * 1000)));
  }
  const Result<WallTime> time = ParseTime(text);
  if (time) return *time;
  section.Error("start_timestamp", "start_timestamp must be a number of seconds or a time",
                "2026-01-31T12:00:00Z");
  return {};
}

TestCase ReadCase(Section& section, Duration evaluation_interval) {
  TestCase test;
  test.place = PlaceOf(section);
  test.name = section.String("name");
  test.interval = section.PromDuration("interval", {});
  if (test.interval == Duration::zero()) test.interval = evaluation_interval;
  test.start = ReadStart(section);
  test.external_labels = ReadLabels(section, "external_labels");
  test.external_url = section.String("external_url");
  for (Section& series : section.Children("input_series")) {
    TestSeries read;
    read.place = PlaceOf(series, "series");
    read.series = series.String("series");
    read.values = series.String("values");
    test.series.push_back(std::move(read));
    series.Finish();
  }
  for (Section& one : section.Children("alert_rule_test")) {
    test.alerts.push_back(ReadAlertTest(one));
  }
  for (Section& one : section.Children("promql_expr_test")) {
    test.exprs.push_back(ReadExprTest(one));
  }
  for (Section& one : section.Children("slo_test")) test.slos.push_back(ReadSloTest(one));
  CheckInstant(section, test.start, test.Last());
  section.Finish();
  return test;
}

}  // namespace

Duration TestCase::Last() const {
  Duration last{};
  for (const AlertTest& test : alerts) last = std::max(last, test.eval_time);
  for (const ExprTest& test : exprs) last = std::max(last, test.eval_time);
  for (const SloTest& test : slos) last = std::max(last, test.eval_time);
  return last;
}

std::vector<Problem> LoadRuleTests(const std::string& path, const std::string& text,
                                   RuleTests* tests) {
  Problems problems;
  const Source source(path, &problems);
  tests->path = path;
  const std::optional<YamlNode> document = ParseYamlDocument(text, source);
  if (!document) return problems.Take();
  std::optional<Section> root = MakeSection(*document, document->mark, source, nullptr, "the file");
  if (!root) return problems.Take();
  tests->evaluation_interval = root->PromDuration("evaluation_interval", {});
  if (tests->evaluation_interval == Duration::zero()) {
    tests->evaluation_interval = std::chrono::minutes(1);
  }
  for (const auto& [key, globs] :
       {std::pair("rule_files", &tests->rule_globs), std::pair("slo_files", &tests->slo_globs)}) {
    for (const Text& glob : root->impl().Texts(key)) globs->push_back(source.Resolve(glob.text));
  }
  // One that no file has is nothing, as for promtool.
  std::set<std::string> ordered;
  for (const Text& group : root->impl().Texts("group_eval_order")) {
    if (!ordered.insert(group.text).second) {
      source.Error(group.mark, "group " + GoQuote(group.text) + " is twice in group_eval_order",
                   "name each group once");
    }
    tests->group_order.push_back(group.text);
  }
  tests->fuzzy = root->Bool("fuzzy_compare", false);
  for (Section& test : root->Children("tests")) {
    tests->cases.push_back(ReadCase(test, tests->evaluation_interval));
  }
  root->Finish();
  return problems.Take();
}

}  // namespace watchfire::config
