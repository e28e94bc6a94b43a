// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/ruletest/notation.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "pkg/rules/series.h"

namespace watchfire::ruletest {
namespace {

// "1 _ stale": values as they would be written out one by one.
std::string Spell(std::string_view text) {
  const auto values = ParseValues(text);
  if (!values) return values.error().message;
  std::string out;
  for (const std::optional<Noted>& value : *values) {
    if (!out.empty()) out += ' ';
    if (!value) {
      out += '_';
    } else if (value->histogram != nullptr) {
      out += promql::Print(*value->histogram);
    } else if (rules::IsStaleMarker(value->value)) {
      out += "stale";
    } else {
      char number[32];
      std::snprintf(number, sizeof(number), "%g", value->value);
      out += number;
    }
  }
  return out;
}

std::string Metric(std::string_view text) {
  const auto labels = ParseMetric(text);
  return labels ? labels->ToString() : labels.error().message;
}

TEST(ParseValuesTest, WritesOutEveryForm) {
  EXPECT_EQ(Spell(""), "");
  EXPECT_EQ(Spell(" 1  2\n3\t"), "1 2 3");
  EXPECT_EQ(Spell("1+2x3"), "1 3 5 7");
  EXPECT_EQ(Spell("5-2x3"), "5 3 1 -1");
  EXPECT_EQ(Spell("-1-1x1"), "-1 -2");
  EXPECT_EQ(Spell("4x2"), "4 4 4");
  EXPECT_EQ(Spell("0x5"), "0 0 0 0 0 0") << "not a hexadecimal number";
  EXPECT_EQ(Spell("7x0"), "7");
  EXPECT_EQ(Spell("1 _x3 stale 2"), "1 _ _ _ stale 2");
  EXPECT_EQ(Spell("1e3x1 .5+.5x2 +6"), "1000 1000 0.5 1 1.5 6");
  EXPECT_EQ(Spell("Inf -Inf inf+1x1"), "inf -inf inf inf");
  EXPECT_TRUE(std::isnan((*ParseValues("NaN")->begin())->value));
  EXPECT_FALSE(rules::IsStaleMarker(std::numeric_limits<double>::quiet_NaN()));
}

TEST(ParseValuesTest, MistakesAreNamedWhereTheyStand) {
  EXPECT_EQ(Spell("1 a"), "at byte 3: expected a number, found \"a\"");
  EXPECT_EQ(Spell("1+1"), "at byte 4: expected x and how often, found the end");
  EXPECT_EQ(Spell("1+1x"), "at byte 5: expected how often, found the end");
  EXPECT_EQ(Spell("0x5x2"), "at byte 4: expected a space, found \"x\"");
  EXPECT_EQ(Spell("1_000"), "at byte 2: expected a space, found \"_\"");
  EXPECT_EQ(Spell("1x-1"), "at byte 3: expected how often, found \"-\"");
  EXPECT_EQ(Spell("stalex2"), "at byte 6: expected a space, found \"x\"");
  EXPECT_EQ(Spell("-_"), "at byte 1: expected a number, found \"-\"");
  EXPECT_EQ(Spell("1x99999999999"), "more than 1000000 values");
  EXPECT_EQ(Spell("1x999999 1"), "more than 1000000 values");
}

TEST(ParseValuesTest, ReadsNativeHistograms) {
  EXPECT_EQ(Spell("{{}} _ {{sum:1.5 count:2 buckets:[2]}}"),
            "{count:0, sum:0} _ {count:2, sum:1.5, (0.5, 1]:2}");
  EXPECT_EQ(Spell("{{ schema:-1 sum:-0.3 count:32.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5 10] "
                  "offset:-2 n_buckets:[4 5] n_offset:2 counter_reset_hint:gauge }}"),
            "{count:32.1, sum:-0.3, [-64, -16):5, [-16, -4):4, [-0.05, 0.05]:7.1, "
            "(0.015625, 0.0625]:5, (0.0625, 0.25]:10}");
  EXPECT_EQ(Spell("{{schema:-53 count:3 custom_values:[0.1 5] buckets:[1 0 2]}}"),
            "{count:3, sum:0, [-Inf, 0.1]:1, (0.1, 5]:0, (5, +Inf]:2}");
  EXPECT_EQ(Spell("{{sum:3 count:2 buckets:[2]}}+{{sum:1 count:1 buckets:[0 1]}}x1 stale"),
            "{count:2, sum:3, (0.5, 1]:2} {count:3, sum:4, (0.5, 1]:2, (1, 2]:1} stale");
  EXPECT_EQ(Spell("{{count:2}}-{{count:1}}x2"),
            "{count:2, sum:0} {count:1, sum:0} {count:0, sum:0}");
  EXPECT_EQ(Spell("{{count:2}}x1"), "{count:2, sum:0} {count:2, sum:0}");
  EXPECT_EQ(Spell("{{schema:8 count:1 offset:262145 buckets:[1]}}"),
            "{count:1, sum:0, (1.7976931348623157e+308, +Inf]:1}");
}

TEST(ParseValuesTest, MistakesInHistogramsAreNamedWhereTheyStand) {
  EXPECT_EQ(Spell("{1}"), "at byte 1: expected {{, found \"{\"");
  EXPECT_EQ(Spell("{{sum:1"), "at byte 8: expected what a histogram has, found the end");
  EXPECT_EQ(Spell("{{sun:1}}"), "at byte 7: expected what a histogram has, found \"sun\"");
  EXPECT_EQ(Spell("{{buckets:1}}"), "at byte 11: expected [, found \"1\"");
  EXPECT_EQ(Spell("{{offset:1.5}}"), "at byte 13: expected a whole number from -300000 to 300000");
  EXPECT_EQ(Spell("{{schema:9}}"), "at byte 11: expected a whole number from -53 to 8");
  EXPECT_EQ(Spell("{{schema:-5}}"),
            "at byte 14: schema is from -4 to 8, or -53 with custom_values");
  EXPECT_EQ(Spell("{{sum:1 count:1 sum:2}}"), "at byte 21: \"sum\" is there twice");
  const auto custom = [](const std::string& rest) {
    const std::string got = Spell("{{schema:-53 " + rest + "}}");
    return got.substr(got.find(": ") + 2);
  };
  const std::string bounds = "custom_values must be finite, and each larger than the one before";
  EXPECT_EQ(custom("custom_values:[1 1]"), bounds);
  EXPECT_EQ(custom("custom_values:[2 1]"), bounds);
  EXPECT_EQ(custom("custom_values:[1 Inf]"), bounds);
  EXPECT_EQ(custom("custom_values:[NaN]"), bounds);
  const std::string few = "of custom_values there are at most as many buckets and one more";
  EXPECT_EQ(custom("custom_values:[1 2] buckets:[1 1 1 1]"), few);
  EXPECT_EQ(custom("custom_values:[1 2] offset:1 buckets:[1 1 1]"), few);
  EXPECT_EQ(custom("custom_values:[1 2] offset:-1 buckets:[1]"), few);
  const std::string others = "schema -53 has neither a zero bucket nor n_buckets";
  EXPECT_EQ(custom("custom_values:[1] z_bucket:1"), others);
  EXPECT_EQ(custom("custom_values:[1] z_bucket_w:0.1"), others);
  EXPECT_EQ(custom("custom_values:[1] n_buckets:[1]"), others);
  EXPECT_EQ(Spell("{{schema:-53 count:1 custom_values:[1 2] offset:2 buckets:[1]}}"),
            "{count:1, sum:0, (2, +Inf]:1}");
  EXPECT_EQ(Spell("{{counter_reset_hint:no}}"), "at byte 24: no counter_reset_hint: \"no\"");
  EXPECT_EQ(Spell("{{}}+{{}}"), "at byte 10: expected x and how often, found the end");
  EXPECT_EQ(Spell("{{}}+{{schema:1}}x1"), "at byte 18: what is added must have the same schema");
  EXPECT_EQ(Spell("{{}}x1000000"), "more than 1000000 values");
}

TEST(ParseMetricTest, ReadsNamesAndLabelsInAnyQuotes) {
  EXPECT_EQ(Metric("up"), R"({__name__="up"})");
  EXPECT_EQ(Metric(R"( job:up:sum { job = "a" , b='c"\'', } )"),
            R"({__name__="job:up:sum", b="c\"'", job="a"})");
  EXPECT_EQ(Metric("{}"), "{}");
  EXPECT_EQ(Metric(R"({"my.metric", "a.b"="x\n", c=`\d`})"),
            R"({__name__="my.metric", a.b="x\n", c="\\d"})");
}

TEST(ParseMetricTest, MistakesAreNamedWhereTheyStand) {
  EXPECT_EQ(Metric(""), "at byte 1: expected a metric's name or {, found the end");
  EXPECT_EQ(Metric("a{"), "at byte 3: expected a text in quotes");
  EXPECT_EQ(Metric("a{b}"), "at byte 4: expected =, found \"}\"");
  EXPECT_EQ(Metric("a{b=1}"), "at byte 5: expected a text in quotes");
  EXPECT_EQ(Metric("a{b=\"1}"), "at byte 5: a text without its closing quote");
  EXPECT_EQ(Metric("a{b=\"\\q\"}"), "at byte 5: a text with an unknown escape");
  EXPECT_EQ(Metric("a{b=\"1\" c=\"2\"}"), "at byte 9: expected , or }, found \"c\"");
  EXPECT_EQ(Metric("a{b=\"1\",b=\"2\"}"), "at byte 14: label \"b\" is given twice");
  EXPECT_EQ(Metric("a{\"b\"}"), "at byte 6: label \"__name__\" is given twice");
  EXPECT_EQ(Metric("a b"), "at byte 3: expected nothing more, found \"b\"");
}

}  // namespace
}  // namespace watchfire::ruletest
