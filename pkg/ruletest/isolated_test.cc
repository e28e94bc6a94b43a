// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/isolated.h"

#include <gtest/gtest.h>

namespace watchfire::ruletest {
namespace {

// Keeps what it is asked and told, and gives one answer to everything.
class Recorder : public Backend {
 public:
  Status Write(const promql::Vector& samples) override {
    written = samples;
    return {};
  }
  Result<promql::Vector> Query(const std::string& expr, WallTime) override {
    asked = expr;
    return answer;
  }
  promql::Vector written;
  promql::Vector answer;
  std::string asked;
};

std::string Asked(const std::string& expr) {
  Recorder recorder;
  Isolated isolated(recorder, 7);
  const auto result = isolated.Query(expr, WallTime());
  return result ? recorder.asked : result.error().message;
}

TEST(IsolatedTest, EverySelectorAsksForItsOwnSeriesOnly) {
  EXPECT_EQ(Asked("up"), "case7:up");
  EXPECT_EQ(Asked("sum by (job) (rate(hits{code=\"5\"}[5m])) / on (a) total offset 1m"),
            "sum by (job) (rate(case7:hits{code=\"5\"}[5m])) / on (a) case7:total offset 1m");
  EXPECT_EQ(Asked("max_over_time(job:x[1h:5m]) > bool time()"),
            "max_over_time(case7:job:x[1h:5m]) > bool time()");
  EXPECT_EQ(Asked("{job=\"a\"}"), "{__name__=~\"case7:.*\",job=\"a\"}");
  EXPECT_EQ(Asked("{__name__=~\"a|b\"}"), "{__name__=~\"case7:(?:a|b)\"}");
  EXPECT_EQ(Asked("{__name__!=\"a\",x=\"y\"}"),
            "{__name__!=\"case7:a\",__name__=~\"case7:.*\",x=\"y\"}");
}

TEST(IsolatedTest, NamesAreSeenWithoutThePrefix) {
  Recorder recorder;
  Isolated isolated(recorder, 1);
  const promql::Sample up{labels::LabelSet{{"__name__", "up"}, {"a", "b"}}, WallTime(), 1};
  ASSERT_TRUE(isolated.Write({up}));
  EXPECT_EQ(recorder.written[0].labels.ToString(), "{__name__=\"case1:up\", a=\"b\"}");
  recorder.answer = recorder.written;
  recorder.answer.push_back({labels::LabelSet{{"a", "b"}}, WallTime(), 2});
  const auto result = isolated.Query("up", WallTime());
  ASSERT_TRUE(result);
  EXPECT_EQ((*result)[0], up);
  EXPECT_EQ((*result)[1].labels.ToString(), "{a=\"b\"}");
}

bool Shares(const std::string& expr, const std::string& annotation = "") {
  Suite suite;
  config::RuleGroup& group = suite.groups.emplace_back();
  config::Rule& rule = group.rules.emplace_back();
  rule.expr = expr;
  rule.annotations = labels::LabelSet{{"text", annotation}};
  return MayShare(suite, {});
}

TEST(MayShareTest, NotWhereANameIsAText) {
  EXPECT_TRUE(Shares("sum by (__name__) (up)"));
  EXPECT_TRUE(Shares("label_replace(up, \"a\", \"$1\", \"job\", \"(.*)\")"));
  EXPECT_FALSE(Shares("label_replace(up, \"a\", \"$1\", \"__name__\", \"(.*)\")"));
  EXPECT_FALSE(Shares("label_join(up, \"a\", \"-\", 'job', '__name__')"));
  EXPECT_FALSE(Shares("up", "{{ query `label_replace(up, 'a', '$1', '__name__', '.*')` }}"));
  EXPECT_FALSE(Shares("up +"));
  EXPECT_TRUE(Shares("{__name__=~\"up|down\"}"));
  EXPECT_FALSE(Shares("rate({__name__=~\"^up\"}[5m])"));
}

// Prometheus would refuse the samples of a case that begins centuries before another one's end.
TEST(MayShareTest, NotOverCenturies) {
  config::TestCase test;
  test.exprs.push_back({std::chrono::hours(24 * 365 * 60), "up", {}, {}});
  EXPECT_TRUE(MayShare({}, test));
  test.start = WallTime(std::chrono::hours(24 * 365 * 60));
  EXPECT_FALSE(MayShare({}, test));
  test.start = {};
  test.exprs[0].eval_time = std::chrono::hours(24 * 106'700);
  EXPECT_FALSE(MayShare({}, test));
}

}  // namespace
}  // namespace watchfire::ruletest
