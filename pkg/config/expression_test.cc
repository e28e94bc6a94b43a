// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Wrong PromQL in rule and SLO files: found, and shown where it stands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/config/fake_world.h"
#include "pkg/config/scalar_place.h"

namespace watchfire::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> RuleProblems(const std::string& expr) {
  Config config;
  return World::Print(LoadRuleFile(
      "r.yml", "groups:\n  - name: g\n    rules:\n      - alert: a\n        expr: " + expr + "\n",
      &config));
}
std::vector<std::string> SloProblems(const std::string& error_query) {
  Config config;
  return World::Print(LoadSloFile("s.yml", R"(version: prometheus/v1
service: shop
slos:
  - name: pages
    objective: 99
    alerting: {name: Pages}
    sli:
      events:
        error_query: )" + error_query + R"(
        total_query: sum(rate(all[{{.window}}]))
)",
                                  &config));
}

TEST(ExpressionTest, PointsIntoTextsOfEveryStyle) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a +", "r.yml:5:18: expr: unexpected end of input"},
      {"a + $b", "r.yml:5:19: expr: unexpected character: '$'"},
      {"'a{b=''c''} + $d'", "r.yml:5:29: expr: unexpected character: '$'"},
      {R"("a{b=\"c\u00e9\"} + $d")", "r.yml:5:35: expr: unexpected character: '$'"},
      {"&name !!str a + $b", "r.yml:5:31: expr: unexpected character: '$'"},
      {"a +\n          b +\n\n          $c", "r.yml:8:11: expr: unexpected character: '$'"},
      {"'a +\n          b + $c'", "r.yml:6:15: expr: unexpected character: '$'"},
      {"\"a + \\\n          b + $c\"", "r.yml:6:15: expr: unexpected character: '$'"},
      {"|\n          a\n            + b\n\n          + $c",
       "r.yml:9:13: expr: unexpected character: '$'"},
      {"|-\n\n          a + $b", "r.yml:7:15: expr: unexpected character: '$'"},
      {">\n          a\n          + $b", "r.yml:7:13: expr: unexpected character: '$'"},
      {">-\n          a\n            + b\n          + c\n\n          + $d",
       "r.yml:10:13: expr: unexpected character: '$'"},
      {"|\n          sum(a\n", "r.yml:6:16: expr: unclosed left parenthesis"},
  };
  for (const auto& [expr, want] : cases) {
    EXPECT_THAT(RuleProblems(expr), ElementsAre(want)) << expr;
  }
}

TEST(ExpressionTest, SaysInWordsWhatCannotBePointedAt) {
  EXPECT_THAT(RuleProblems("!!binary YSArICRi"),
              ElementsAre("r.yml:5:9: expr: unexpected character: '$' at character 5"));
}

TEST(ExpressionTest, HintsAtWhatMayBeMeant) {
  EXPECT_THAT(RuleProblems("rte(x[5m])"),
              ElementsAre("r.yml:5:15: expr: unknown function with name \"rte\" (did you mean "
                          "rate?)"));
  EXPECT_THAT(RuleProblems("sum(rate(x))"), Contains(HasSubstr("(add a range, as in x[5m])")));
  EXPECT_THAT(RuleProblems("sum(x[5m])"), Contains(HasSubstr("put a function like rate() around")));
}

TEST(ExpressionTest, ARuleThatCannotBeEvaluatedIsWarnedOf) {
  EXPECT_THAT(RuleProblems("x[5m]"),
              ElementsAre("warning r.yml:5:9: expr: gives a range vector, so every evaluation of "
                          "this rule will fail (a rule takes an instant vector or a scalar)"));
  EXPECT_THAT(RuleProblems("scalar(x)"), IsEmpty());
}

TEST(ExpressionTest, EachOfAThousandHasItsLine) {
  std::string text = "groups:\n  - name: g\n    rules:\n";
  for (int i = 0; i < 1000; ++i) text += "      - {alert: a, expr: 'sum(rate(x)'}\n";
  Config config;
  const std::vector<std::string> problems = World::Print(LoadRuleFile("r.yml", text, &config));
  ASSERT_THAT(problems, SizeIs(1000));
  EXPECT_EQ(problems.front(), "r.yml:4:38: expr: unclosed left parenthesis");
  EXPECT_EQ(problems.back(), "r.yml:1003:38: expr: unclosed left parenthesis");
}

TEST(ExpressionTest, QueriesOfSlosAreReadWithAWindow) {
  EXPECT_THAT(SloProblems("sum(rate(bad[{{ .window }}] offset 5m))"), IsEmpty());
  EXPECT_THAT(SloProblems("sum(rate(bad[{{.window}}]) + $x)"),
              ElementsAre("s.yml:9:51: error_query: unexpected character: '$'"));
  EXPECT_THAT(SloProblems("sum(bad[{{.window}}])"),
              ElementsAre(HasSubstr("s.yml:9:26: error_query: expected type instant vector in "
                                    "aggregation expression, got range vector")));
  EXPECT_THAT(
      SloProblems("bad[{{.window}}]"),
      ElementsAre("s.yml:9:9: error_query: gives a range vector (a query of an SLO gives an "
                  "instant vector or a scalar)"));
  EXPECT_THAT(SloProblems("|\n          sum(rate(bad[{{ .window }}]))\n          / 0)"),
              ElementsAre("s.yml:11:15: error_query: unexpected right parenthesis ')'"));
}

TEST(ExpressionTest, MetricsqlIsOnlyWarnedOf) {
  World world(
      "route: {receiver: r}\nreceivers: [{name: r}]\nrule_files: [r.yml]\n"
      "datasources: [{type: victoriametrics}]\n");
  world.files["r.yml"] =
      "groups: [{name: g, rules: [{alert: a, expr: 'x default 0'}, {alert: b, expr: up}]}]\n";
  const std::vector<std::string> problems = world.Problems();
  EXPECT_THAT(problems, Contains("warning r.yml:1:48: expr: unexpected identifier \"default\" (not "
                                 "PromQL; VictoriaMetrics may understand it)"));
  world.files["w.yml"] = "route: {receiver: r}\nreceivers: [{name: r}]\nrule_files: [r.yml]\n";
  EXPECT_THAT(world.Problems(), Contains("r.yml:1:48: expr: unexpected identifier \"default\""));
}

TEST(ExpressionTest, ManyInALargeFileCostLittle) {
  std::string text = "groups:\n  - name: g\n    rules:\n";
  for (int i = 0; i < 60'000; ++i) text += "      - {alert: a, expr: 'sum(rate(x)', for: 5m}\n";
  Config config;
  const std::vector<std::string> problems = World::Print(LoadRuleFile("r.yml", text, &config));
  ASSERT_THAT(problems, SizeIs(limits::kConfigProblems));
  EXPECT_EQ(problems.back(), "r.yml: and 58001 more");
}

TEST(PlaceInScalarTest, DoesNotGuess) {
  YamlNode scalar;
  scalar.kind = YamlNode::Kind::kScalar;
  scalar.text = "up == 0";
  scalar.mark = {1, 4};
  EXPECT_EQ(PlaceInScalar(FileText("a: up == 0"), scalar, 3)->column, 7);
  EXPECT_EQ(PlaceInScalar(FileText("a: up == 0"), scalar, 7)->column, 11);
  EXPECT_FALSE(PlaceInScalar(FileText("a: up == 0"), scalar, 8)) << "behind the text";
  EXPECT_FALSE(PlaceInScalar(FileText("a: other"), scalar, 3));
  EXPECT_FALSE(PlaceInScalar(FileText("a: u"), scalar, 3));
  EXPECT_FALSE(PlaceInScalar(FileText(""), scalar, 0));
  EXPECT_FALSE(PlaceInScalar(FileText("a: |"), scalar, 3));
  EXPECT_FALSE(PlaceInScalar(FileText("a: |\n"), scalar, 3));
  EXPECT_FALSE(PlaceInScalar(FileText("a: \"\\"), scalar, 3));
}

}  // namespace
}  // namespace watchfire::config
