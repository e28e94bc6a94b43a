// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/ruletest.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/rules/series.h"
#include "pkg/ruletest/ahead.h"

namespace watchfire::ruletest {
namespace {

using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Knows two expressions: a metric's name gives its last samples, "NAME > 0" those above zero.
class FakeBackend : public Backend {
 public:
  Status Write(const promql::Vector& samples) override {
    ++writes;
    for (const promql::Sample& sample : samples) {
      std::map<WallTime, promql::Sample>& series = series_[sample.labels.ToString()];
      EXPECT_TRUE(series.empty() || sample.at >= series.rbegin()->first) << "samples come in order";
      series[sample.at] = sample;
    }
    return {};
  }
  Result<promql::Vector> Query(const std::string& expr, WallTime at) override {
    asked.push_back(expr);
    if (expr == "bad") return Fail(Code::kInvalidArgument, "no such function");
    const std::string name = expr.substr(0, expr.find(' '));
    promql::Vector out;
    for (const auto& [key, samples] : series_) {
      const auto after = samples.upper_bound(at);
      if (after == samples.begin()) continue;
      const promql::Sample& sample = std::prev(after)->second;
      if (sample.labels.Get("__name__") != name || rules::IsStaleMarker(sample.value)) continue;
      if (at - sample.at >= minutes(5)) continue;
      if (name.size() == expr.size() || sample.value > 0) {
        out.push_back({sample.labels, at, sample.value, sample.histogram});
      }
    }
    return out;
  }

  Result<promql::Vector> Range(const std::string& expr, WallTime from, WallTime to,
                               Duration step) override {
    const size_t before = asked.size();
    Result<promql::Vector> all = Backend::Range(expr, from, to, step);
    asked.resize(before);
    asked.push_back("range " + expr);
    return all;
  }

  std::vector<std::string> asked;
  size_t writes = 0;

 private:
  std::map<std::string, std::map<WallTime, promql::Sample>> series_;
};

constexpr char kRules[] = R"(
groups:
  - name: second
    rules:
      - alert: Down
        expr: level > 0
        for: 2m
        labels: {severity: page, zone: '{{ $externalLabels.zone }}'}
        annotations: {summary: '{{ $labels.job }} {{ $value }} {{ query "other" | len }}'}
  - name: first
    rules:
      - record: level
        expr: up
)";

config::Files FilesOf(std::map<std::string, std::string> texts) {
  config::Files files;
  files.read = [texts](const std::string& path) -> Result<std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return Fail(Code::kNotFound, path + ": No such file or directory");
    return found->second;
  };
  files.glob = [texts](const std::string& pattern) {
    return texts.contains(pattern) ? std::vector<std::string>{pattern} : std::vector<std::string>{};
  };
  return files;
}

std::vector<std::string> Texts(const std::vector<Failure>& failures) {
  std::vector<std::string> out;
  for (const Failure& failure : failures) out.push_back(failure.place + ": " + failure.text);
  return out;
}

std::vector<std::string> RunAll(const std::string& text, FakeBackend* backend = nullptr) {
  const Loaded loaded = Load("t/test.yml", text, FilesOf({{"t/r.yml", kRules}}));
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.ToString();
  std::vector<std::string> out;
  for (const config::TestCase& test : loaded.suite.tests.cases) {
    FakeBackend fresh;
    for (std::string& text_of :
         Texts(ruletest::Run(loaded.suite, test, backend ? *backend : fresh))) {
      out.push_back(std::move(text_of));
    }
  }
  return out;
}

constexpr char kHead[] = R"(rule_files: [r.yml]
evaluation_interval: 1m
group_eval_order: [first, second]
tests:
  - input_series:
      - {series: 'up{job="a"}', values: '0 1x3 0 _ stale'}
    external_labels: {zone: eu}
)";

TEST(RunTest, NativeHistogramsAreRecordedAndCompared) {
  const auto with = [](const std::string& histogram) {
    return R"(rule_files: [r.yml]
evaluation_interval: 1m
group_eval_order: [first, second]
tests:
  - input_series: [{series: up, values: '{{count:2 sum:3 buckets:[2]}}+{{count:1 sum:1 buckets:[1]}}x3'}]
    promql_expr_test:
      - {expr: level, eval_time: 2m, exp_samples: [{labels: level, )" +
           histogram + "}]}\n";
  };
  EXPECT_THAT(RunAll(with("histogram: '{{sum:5 count:4 buckets:[4 0]}}'")), IsEmpty());
  EXPECT_THAT(
      RunAll(with("histogram: '{{sum:5 count:4 buckets:[3 1]}}'")),
      ElementsAre(HasSubstr("expected  {__name__=\"level\"} {count:4, sum:5, (0.5, 1]:3, (1, "
                            "2]:1}\n    got       {__name__=\"level\"} {count:4, sum:5, "
                            "(0.5, 1]:4}")));
  EXPECT_THAT(RunAll(with("value: 0")), ElementsAre(HasSubstr("{count:4, sum:5, (0.5, 1]:4}")));
}

TEST(RunTest, WhatIsAsExpectedPasses) {
  FakeBackend backend;
  EXPECT_THAT(RunAll(std::string(kHead) + R"(
    alert_rule_test:
      - {eval_time: 2m59s, alertname: Down}
      - eval_time: 3m
        alertname: Down
        exp_alerts:
          - exp_labels: {severity: page, zone: eu, job: a}
            exp_annotations: {summary: a 1 0}
      - {eval_time: 5m, alertname: Down}
    promql_expr_test:
      - {expr: level, eval_time: 5m, exp_samples: [{labels: 'level{job="a"}', value: 0}]}
)",
                     &backend),
              IsEmpty());
  EXPECT_THAT(backend.asked[0], "up") << "group_eval_order";
  EXPECT_THAT(backend.asked[1], "level > 0");
}

TEST(RunTest, WhatIsNotAsExpectedIsShownAgainstWhatCame) {
  EXPECT_THAT(RunAll(std::string(kHead) + R"(
    alert_rule_test:
      - eval_time: 3m
        alertname: Down
        exp_alerts:
          - exp_labels: {severity: ticket, zone: eu, job: a}
            exp_annotations: {summary: a 1 0}
      - {eval_time: 5m, alertname: Down, exp_alerts: [{exp_labels: {x: y}}]}
      - {eval_time: 3m, alertname: Down}
    promql_expr_test:
      - expr: level
        eval_time: 5m
        exp_samples: [{labels: 'level{job="a"}', value: 5}]
)"),
              ElementsAre("t/test.yml:10:9: alert Down at 3m\n"
                          "    expected  {alertname=\"Down\", job=\"a\", severity=\"ticket\", "
                          "zone=\"eu\"} {summary=\"a 1 0\"}\n"
                          "    got       {alertname=\"Down\", job=\"a\", severity=\"page\", "
                          "zone=\"eu\"} {summary=\"a 1 0\"}",
                          "t/test.yml:16:9: alert Down at 3m\n"
                          "    expected  nothing else\n"
                          "    got       {alertname=\"Down\", job=\"a\", severity=\"page\", "
                          "zone=\"eu\"} {summary=\"a 1 0\"}",
                          "t/test.yml:15:9: alert Down at 5m\n"
                          "    expected  {alertname=\"Down\", x=\"y\"}\n"
                          "    got       nothing else",
                          "t/test.yml:18:9: expr level at 5m\n"
                          "    expected  {__name__=\"level\", job=\"a\"} 5\n"
                          "    got       {__name__=\"level\", job=\"a\"} 0"));
}

// promtool compares it as it stands, and no alert has such a label.
TEST(RunTest, AnExpectedLabelWithoutAValueIsNeverThere) {
  EXPECT_THAT(RunAll(std::string(kHead) + R"(
    alert_rule_test:
      - eval_time: 3m
        alertname: Down
        exp_alerts:
          - exp_labels: {severity: page, zone: eu, job: a, gone: ''}
            exp_annotations: {summary: a 1 0}
)"),
              ElementsAre(HasSubstr("expected  {alertname=\"Down\", gone=\"\", job=\"a\"")));
}

// promtool's own tests go as far as nanoseconds since 1970 do. FakeBackend looks back less than a
// step.
TEST(RunTest, CenturiesAreEvaluated) {
  EXPECT_THAT(RunAll(R"(rule_files: [r.yml]
evaluation_interval: 100d
tests:
  - input_series: [{series: up, values: 0+1x1067}]
    promql_expr_test:
      - {expr: up, eval_time: 100d, exp_samples: [{labels: up, value: 1}]}
      - {expr: up, eval_time: 106700d, exp_samples: [{labels: up, value: 1067}]}
      - {expr: level, eval_time: 106700d, exp_samples: [{labels: level, value: 1067}]}
)"),
              IsEmpty());
}

TEST(LoadTest, NoCaseLooksBeyondTheTimeThatIsKnown) {
  const Loaded loaded = Load("t.yml", R"(tests:
  - start_timestamp: 2026-01-01T00:00:00Z
    promql_expr_test: [{expr: up, eval_time: 106700d}]
)",
                             FilesOf({}));
  EXPECT_FALSE(loaded.is_good);
  ASSERT_THAT(loaded.problems, SizeIs(1));
  EXPECT_THAT(loaded.problems[0].ToString(), HasSubstr("t.yml:2:5: start_timestamp + eval_time"));
}

// Go's YAML takes them for numbers.
TEST(RunTest, ExpectedValuesAreNumbersOfYaml) {
  EXPECT_THAT(RunAll(R"(tests:
  - input_series:
      - {series: nine, values: 9x1}
      - {series: many, values: 1000x1}
      - {series: up, values: Inf}
      - {series: down, values: -Inf}
    promql_expr_test:
      - {expr: nine, exp_samples: [{labels: nine, value: 011}]}
      - {expr: many, exp_samples: [{labels: many, value: 1_000}]}
      - {expr: up, exp_samples: [{labels: up, value: +.Inf}]}
      - {expr: down, exp_samples: [{labels: down, value: -.inf}]}
)"),
              IsEmpty());
}

TEST(RunTest, ARuleThatCannotBeEvaluatedEndsItsCase) {
  const Loaded loaded =
      Load("test.yml",
           "rule_files: [r.yml]\ntests:\n  - {name: one, promql_expr_test: [{expr: up, eval_time: "
           "1m}]}\n  - {}\n",
           FilesOf({{"r.yml", "groups: [{name: g, rules: [{record: r, expr: bad}]}]"}}));
  ASSERT_TRUE(loaded.is_good);
  FakeBackend backend;
  EXPECT_THAT(Texts(ruletest::Run(loaded.suite, loaded.suite.tests.cases[0], backend)),
              ElementsAre("test.yml:3:5: 0s: rule r of r.yml: no such function"));
}

TEST(RunTest, SlosAreEvaluatedAtTheSameInstants) {
  constexpr char kSlo[] = R"(
version: prometheus/v1
service: api
slos:
  - name: ok
    objective: 99
    sli: {raw: {error_ratio_query: "ratio{{.window}}"}}
    alerting: {name: ApiBurns, page_alert: {labels: {severity: page}}}
)";
  const auto loaded = Load("test.yml", R"(
slo_files: [s.yml]
tests:
  - input_series:
      - {series: ratio5m, values: 0x4 0.2x9}
      - {series: ratio1h, values: 0x4 0.2x9}
      - {series: ratio30d, values: 0.002x20}
    alert_rule_test:
      - {eval_time: 4m, alertname: ApiBurns}
    slo_test:
      - {eval_time: 4m, slo: api-ok, exp_page: false}
      - eval_time: 6m
        slo: api-ok
        exp_page: true
        exp_ticket: true
        exp_burn_rates: {1h: 20, 5m: 19, 2h: 1}
        exp_budget_remaining: 0.8
      - {eval_time: 6m, slo: api-gone}
)",
                           FilesOf({{"s.yml", kSlo}}));
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.ToString();
  FakeBackend backend;
  const auto texts = Texts(ruletest::Run(loaded.suite, loaded.suite.tests.cases[0], backend));
  ASSERT_THAT(texts, SizeIs(2));
  EXPECT_EQ(texts[0],
            "test.yml:12:9: slo api-ok at 6m\n"
            "    expected  ticket fires\n    got       silent\n"
            "    expected  burn rate of 5m 19\n    got       20\n"
            "    expected  burn rate of 2h 1\n    got       no data");
  EXPECT_EQ(texts[1], "test.yml:18:9: slo api-gone at 6m: there is no such SLO");
}

// Runs one case of `rules` over `up`, level by level, and returns what was asked.
std::vector<std::string> AskedBy(const std::string& rules, const std::string& expected,
                                 size_t* writes = nullptr) {
  const Loaded loaded = Load("t.yml",
                             "rule_files: [r.yml]\nevaluation_interval: 1m\ntests:\n"
                             "  - input_series: [{series: 'up{job=\"a\"}', values: '0 1x9 0x9'}]\n"
                             "    alert_rule_test:\n" +
                                 expected,
                             FilesOf({{"r.yml", rules}}));
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << problem.ToString();
  FakeBackend backend;
  EXPECT_THAT(Texts(ruletest::Run(loaded.suite, loaded.suite.tests.cases[0], backend)), IsEmpty());
  if (writes != nullptr) *writes = backend.writes;
  return backend.asked;
}

constexpr char kFiresFrom3To10[] =
    "      - {eval_time: 2m, alertname: Down}\n"
    "      - {eval_time: 3m, alertname: Down, exp_alerts: [{exp_labels: {job: a}}]}\n"
    "      - {eval_time: 10m, alertname: Down, exp_alerts: [{exp_labels: {job: a}}]}\n"
    "      - {eval_time: 11m, alertname: Down}\n";

TEST(RunTest, WhatLooksBackIsAskedForAllStepsAtOnce) {
  size_t writes = 0;
  EXPECT_THAT(AskedBy("groups: [{name: g, rules: [{record: level, expr: up}, "
                      "{alert: Down, expr: level > 0, for: 2m}]}]",
                      kFiresFrom3To10, &writes),
              ElementsAre("range up", "range level > 0"));
  EXPECT_EQ(writes, 2U) << "the series, and what is recorded of them";
}

TEST(RunTest, WhatCouldTellTheDifferenceIsAskedStepByStep) {
  // The alert comes before what it reads, and so sees it a step later.
  const std::string later =
      "      - {eval_time: 3m, alertname: Down}\n"
      "      - {eval_time: 4m, alertname: Down, exp_alerts: [{exp_labels: {job: a}}]}\n"
      "      - {eval_time: 11m, alertname: Down, exp_alerts: [{exp_labels: {job: a}}]}\n"
      "      - {eval_time: 12m, alertname: Down}\n";
  EXPECT_THAT(AskedBy("groups: [{name: g, rules: [{alert: Down, expr: level > 0, for: 2m}, "
                      "{record: level, expr: up}]}]",
                      later),
              SizeIs(26));
  EXPECT_THAT(AskedBy("groups: [{name: g, rules: [{alert: Down, expr: up > 0, for: 2m, "
                      "annotations: {x: '{{ query \"up\" | len }}'}}]}]",
                      "      - {eval_time: 2m, alertname: Down}\n"),
              SizeIs(5));
}

TEST(RunTest, EarlierStepsMayBeAskedAboutLast) {
  AskedBy(
      "groups: [{name: g, rules: [{alert: Down, expr: up > 0, for: 2m}]}]",
      "      - {eval_time: 2m, alertname: Down}\n"
      "    promql_expr_test:\n"
      "      - {expr: up, eval_time: 11m, exp_samples: [{labels: 'up{job=\"a\"}', value: 0}]}\n"
      "      - {expr: up, eval_time: 5m, exp_samples: [{labels: 'up{job=\"a\"}', value: 1}]}\n");
}

TEST(RunTest, WhatLooksAheadIsToldFromWhatLooksBack) {
  const auto may = [](const std::string& expr) {
    Suite suite;
    config::TestCase test;
    test.exprs.emplace_back().expr = expr;
    return MayAskAhead(suite, test);
  };
  EXPECT_TRUE(may("rate(up[5m] offset 1m) > 0"));
  EXPECT_TRUE(may("{__name__=\"up\"}"));
  EXPECT_TRUE(may("vector(1)"));
  EXPECT_FALSE(may("up offset -1m"));
  EXPECT_FALSE(may("up @ end()"));
  EXPECT_FALSE(may("max_over_time(up[5m:1m] @ 60)"));
  EXPECT_FALSE(may("{job=\"a\"}"));
  EXPECT_FALSE(may("ALERTS"));
  EXPECT_FALSE(may("up and ALERTS_FOR_STATE"));
  EXPECT_FALSE(may("up {"));
}

// As of promtool: a plain name that matches nothing is no other than a glob that does.
TEST(LoadTest, ARuleFileThatIsNotThereIsOnlyMentioned) {
  config::Files files = FilesOf({{"r.yml", kRules}});
  files.glob = [](const std::string& pattern) { return std::vector{pattern}; };
  const Loaded loaded = Load("t.yml", "rule_files: [gone.yml, r.yml]\n", files);
  EXPECT_TRUE(loaded.is_good);
  EXPECT_THAT(loaded.unmatched, ElementsAre("gone.yml"));
  EXPECT_THAT(loaded.suite.groups, SizeIs(2));
}

TEST(LoadTest, EveryProblemIsNamedWhereItStands) {
  const Loaded loaded = Load("t.yml", R"(rule_files: [gone.yml, r.yml]
tests:
  - inputs: []
    input_series: [{series: 'up{', values: 1 x}]
    alert_rule_test: [{eval_time: 1m}]
    promql_expr_test: [{expr: up, exp_samples: [{labels: 'a b', value: x}]}]
)",
                             FilesOf({{"r.yml", "groups: [{name: ''}]"}}));
  EXPECT_FALSE(loaded.is_good);
  EXPECT_THAT(loaded.unmatched, ElementsAre("gone.yml"));
  std::string all;
  for (const config::Problem& problem : loaded.problems) all += problem.ToString() + "\n";
  EXPECT_THAT(all, HasSubstr("t.yml:3:5: unknown key \"inputs\""));
  EXPECT_THAT(all, HasSubstr("t.yml:4:21: series: at byte 4: expected a text in quotes"));
  EXPECT_THAT(all, HasSubstr("t.yml:4:21: values: at byte 3: expected a number"));
  EXPECT_THAT(all, HasSubstr("t.yml:5:23: alertname is missing"));
  EXPECT_THAT(all, HasSubstr("t.yml:6:50: labels: at byte 3: expected nothing more"));
  EXPECT_THAT(all, HasSubstr("value must be a number, not \"x\""));
  EXPECT_THAT(all, HasSubstr("r.yml:1:11: group name must not be empty"));
}

}  // namespace
}  // namespace watchfire::ruletest
