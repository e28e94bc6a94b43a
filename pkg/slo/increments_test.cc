// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/increments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/promql/parse.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

config::Slo Events(const std::string& bad, const std::string& total) {
  config::Slo slo;
  slo.error_query = bad;
  slo.total_query = total;
  return slo;
}

config::Slo Ratio(const std::string& ratio) {
  config::Slo slo;
  slo.error_ratio_query = ratio;
  return slo;
}

// Of the shortest expressions.
IncrementOptions Short() {
  IncrementOptions options;
  options.growth = GrowthQuery::kIncrease;
  return options;
}

IncrementOptions Ignoring() {
  IncrementOptions options;
  options.births = Births::kIgnore;
  return options;
}

std::string WhyNot(const config::Slo& slo) {
  const Result<Increments> got = Increments::Rewrite(slo, {});
  return got ? "" : got.error().message;
}

const std::string kTotal = "sum(rate(calls_total[{{.window}}]))";

TEST(IncrementsTest, ACounterIsAskedForItsGrowthSeriesBySeries) {
  const auto got = Increments::Rewrite(
      Events("sum by (zone) (rate(calls_total{code=~\"5..\"}[{{ .window }}]))", kTotal),
      Ignoring());
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->Total(minutes(1)),
            "sum(last_over_time(calls_total[1m]) - last_over_time(calls_total[5m] offset 1m) >= 0 "
            "or last_over_time(calls_total[1m]) + clamp_min(max_over_time(calls_total[1m]) - "
            "last_over_time(calls_total[5m] offset 1m), 0))");
  EXPECT_THAT(got->Bad(minutes(5)), HasSubstr("sum by (zone) ("));
  EXPECT_THAT(got->Bad(minutes(5)), HasSubstr("offset 5m)) and resets("));
  EXPECT_TRUE(promql::Parse(got->Bad(minutes(5))));
  EXPECT_EQ(got->Total(hours(1)),
            "sum((last_over_time(calls_total[1h]) - last_over_time(calls_total[5m] offset 1h) >= 0 "
            "and min_over_time(calls_total[1h]) - last_over_time(calls_total[5m] offset 1h) >= 0 "
            "or last_over_time(calls_total[1h]) and last_over_time(calls_total[5m] offset 1h)) "
            "and resets(calls_total[1h]) == 0 or "
            "last_over_time(calls_total[1h]) + (max_over_time(calls_total[1h]) - "
            "last_over_time(calls_total[5m] offset 1h) >= 0) and "
            "max_over_time(calls_total[1h]) > last_over_time(calls_total[1h]) and "
            "resets(calls_total[1h]) == 1 or increase(calls_total[1h]))")
      << "a restart at the full hour counts from zero, one within it to the last event";
}

TEST(IncrementsTest, BirthsAreCountedAsThePolicySays) {
  IncrementOptions options;
  options.births = Births::kCount;
  const auto slo = Events("sum(rate(bad[{{.window}}] offset 2m))", kTotal);
  EXPECT_THAT(Increments::Rewrite(slo, options)->Bad(minutes(1)),
              HasSubstr(", 0) or last_over_time(bad[1m] offset 2m))"));
  EXPECT_THAT(Increments::Rewrite(slo, options)->Bad(hours(1)),
              HasSubstr("(last_over_time(bad[1h] offset 2m) and resets(bad[1h] offset 2m) == 0 or "
                        "increase(bad[1h] offset 2m) + min_over_time(bad[1h] offset 2m)) unless "
                        "last_over_time(bad[5m] offset 1h2m)"))
      << "one that was born and reset in the step has two lives";
  options.births = Births::kCountIfTargetKnown;
  EXPECT_THAT(Increments::Rewrite(slo, options)->Bad(minutes(1)),
              HasSubstr("or last_over_time(bad[1m] offset 2m) and on (job, instance) "
                        "max_over_time(up[5m] offset 3m) == 1)"))
      << "as far back as series are looked for: one scrape that failed makes no target unknown";
  EXPECT_THAT(
      Increments::Rewrite(slo, options)->Bad(hours(1)),
      AllOf(HasSubstr("sum(sum_over_time("),
            HasSubstr(" + 0)[1h:5m]) and count_over_time(bad[1h] "
                      "offset 2m) < on (job, instance) group_left () 0.9 * max by (job, instance) ("
                      "sum_over_time(up[1h] offset 2m)) or ")))
      << "one that ended and was born again while its target was up is looked at closer";
  options.lookback = minutes(20);
  EXPECT_THAT(Increments::Rewrite(slo, options)->Bad(minutes(1)), HasSubstr("bad[20m] offset 3m"));
}

TEST(IncrementsTest, TargetsOfOtherJobsAreNotRead) {
  IncrementOptions options;
  options.births = Births::kCountIfTargetKnown;
  const auto slo = Events("sum(rate(bad{job=\"web\",code=~\"5..\"}[{{.window}}]))", kTotal);
  EXPECT_THAT(Increments::Rewrite(slo, options)->Bad(minutes(1)),
              HasSubstr("max_over_time(up{job=\"web\"}[5m] offset 1m) == 1)"));
  EXPECT_THAT(Increments::Rewrite(slo, options)->Bad(hours(1)),
              HasSubstr("_over_time(up{job=\"web\"}[1h])"));
}

TEST(IncrementsTest, OtherBackendsAreAskedInTheirOwnWay) {
  IncrementOptions options;
  options.growth = GrowthQuery::kIncrease;
  EXPECT_EQ(Increments::Rewrite(Events(kTotal, kTotal), options)->Bad(minutes(1)),
            "sum(increase(calls_total[1m]))");
  options.growth = GrowthQuery::kAnchored;
  options.births = Births::kIgnore;
  const auto anchored = Increments::Rewrite(Events(kTotal, kTotal), options);
  EXPECT_EQ(anchored->Bad(minutes(1)), "sum(increase(calls_total[1m] anchored))");
}

TEST(IncrementsTest, AnchoredRangesCountTheSameAndBirthsBesides) {
  IncrementOptions options;
  options.growth = GrowthQuery::kAnchored;
  const auto slo = Events("sum(rate(bad[{{.window}}] offset 2m))", kTotal);
  auto anchored = Increments::Rewrite(slo, options);
  ASSERT_TRUE(anchored) << anchored.error().message;
  EXPECT_EQ(anchored->Total(hours(1)),
            "sum(last_over_time(calls_total[1h]) unless last_over_time(calls_total[5m] offset 1h) "
            "and on (job, instance) max_over_time(up[5m] offset 1h) == 1 or "
            "increase(calls_total[1h] anchored))");
  EXPECT_THAT(anchored->Bad(minutes(1)), HasSubstr("or increase(bad[1m] anchored offset 2m))"));
  const auto offset = Increments::Rewrite(slo, {});
  EXPECT_EQ(anchored->key(), offset->key());
  EXPECT_EQ(anchored->growth() == nullptr, offset->growth() == nullptr);
  EXPECT_EQ(anchored->Total(minutes(1), GrowthQuery::kOffsetDelta), offset->Total(minutes(1)));
  anchored->AskBy(GrowthQuery::kOffsetDelta);
  EXPECT_EQ(anchored->Bad(minutes(1)), offset->Bad(minutes(1)));
  EXPECT_EQ(anchored->Bad(minutes(1), GrowthQuery::kAnchored),
            Increments::Rewrite(slo, options)->Bad(minutes(1)));
}

TEST(IncrementsTest, GaugesOfZeroAndOneAreCounted) {
  const auto slo =
      Events("sum(count_over_time(probe[{{.window}}]) - sum_over_time(probe[{{.window}}]))",
             "sum(count_over_time(probe[{{.window}}]))");
  EXPECT_EQ(Increments::Rewrite(slo, {})->Total(minutes(1)), "sum(count_over_time(probe[1m]))");
  IncrementOptions options;
  options.closed_ranges = true;
  EXPECT_EQ(Increments::Rewrite(slo, options)->Total(minutes(1)),
            "sum(count_over_time(probe[59s999ms]))");
}

TEST(IncrementsTest, TakesWhatIsLinear) {
  for (const char* bad : {
           "rate(e[{{.window}}])",
           "-sum(rate(e[{{.window}}])) * -1",
           "(sum(rate(e[{{.window}}])) or vector(0)) / 60",
           "sum(rate(e[{{.window}}])) or on () vector(0)",
           "sum(rate(e[{{.window}}])) or 0 * sum(rate(calls_total[{{.window}}]))",
           "sum without (pod) (rate(a[{{.window}}]) + rate(b[{{.window}}]) * (2 + 3))",
           "sum by (v) (rate(e[{{.window}}]) * on (pod) group_left (v) build_info)",
           "clamp_min(sum(rate(a[{{.window}}])) - sum(rate(b[{{.window}}])), 0)",
           "sum(rate({__name__=\"e\", code=\"500\"}[{{.window}}]))",
           "sum(label_replace(rate(e[{{.window}}]), \"x\", \"$1\", \"y\", \"(.*)\"))",
       }) {
    const auto got = Increments::Rewrite(Events(bad, kTotal + " > 0"), {});
    EXPECT_TRUE(got) << bad << ": " << got.error().message;
    if (got) {
      EXPECT_TRUE(promql::Parse(got->Bad(minutes(1)))) << got->Bad(minutes(1));
    }
  }
}

TEST(IncrementsTest, SaysWhyItCannot) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"max(rate(e[{{.window}}]))", "errors: max does not add up over time: only sum does"},
      {"sum(rate(e[{{.window}}])) / sum(rate(f[{{.window}}]))", "a ratio inside of a query"},
      {"sum(rate(e[{{.window}}])) * sum(rate(f[{{.window}}]))", "a product of two series"},
      {"sum(rate(e[5m]))", "a range is not {{.window}}"},
      {"sum(irate(e[{{.window}}]))", "irate() does not add up over time"},
      {"sum(rate({__name__=~\"e|f\"}[{{.window}}]))", "a selector names no single metric"},
      {"sum(rate(e[{{.window}}] @ end()))", "@ fixes the time"},
      {"sum(rate(e[{{.window}}] offset {{.window}}))", "an offset is computed or depends"},
      {"sum(rate(e[{{.window}}])) or sum(rate(f[{{.window}}]))", "`or` may only add zeros"},
      {"sum(rate(e[{{.window}}])) > 5", "the operator > does not add up"},
      {"sum(rate(e[{{.window}}])) + f", "outside of rate() and increase() does not add up"},
      {"sum(rate(e[{{.window}}])) + 1", "a constant does not grow with the window"},
      {"sum(increase(e[{{.window}}]))", "rate() and increase() are mixed"},
      {"sum(rate(max_over_time(e[1m])[{{.window}}:]))", "rate() does not add up over time"},
      {"sum(rate(e[{{.window}}]", "parse error"},
  };
  for (const auto& [bad, why] : cases) EXPECT_THAT(WhyNot(Events(bad, kTotal)), HasSubstr(why));
}

TEST(IncrementsTest, RatioQueriesAreTakenApart) {
  const auto plain = Increments::Rewrite(
      Ratio("(sum(rate(e[{{.window}}])) / (sum(rate(t[{{.window}}]))))"), Short());
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->Bad(hours(1)), "sum(increase(e[1h]))");
  EXPECT_EQ(plain->Total(hours(1)), "sum(increase(t[1h]))");
  const auto good = Increments::Rewrite(
      Ratio("1 - (sum(rate(g[{{.window}}])) / sum(rate(t[{{.window}}])))"), Short());
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->Bad(hours(1)), "sum(increase(t[1h])) - sum(increase(g[1h]))");
  EXPECT_THAT(WhyNot(Ratio("job:errors:ratio[{{.window}}]")), HasSubstr("neither X / Y"));
  EXPECT_THAT(WhyNot(Ratio("avg(rate(e[{{.window}}])) / 2")), HasSubstr("neither X / Y"));
}

// With on() the ratio has other labels than what it is made of: bad events would find no total.
TEST(IncrementsTest, RatiosWithOtherLabelsThanTheirSidesAreLeftAlone) {
  EXPECT_THAT(WhyNot(Ratio("sum by (a) (rate(e[{{.window}}])) / on () sum(rate(t[{{.window}}]))")),
              HasSubstr("neither X / Y"));
  EXPECT_THAT(WhyNot(Ratio("1 - sum by (a) (rate(e[{{.window}}])) / ignoring (a) group_left () "
                           "sum(rate(t[{{.window}}]))")),
              HasSubstr("neither X / Y"));
}

TEST(IncrementsTest, SlicesAndSamplesAreCounted) {
  IncrementOptions options = Short();
  options.closed_ranges = true;
  const auto slices = Increments::Rewrite(
      Ratio("avg_over_time((1 - ((sum(rate(e[5m])) / sum(rate(t[5m]))) >= 0) < bool 0.95)"
            "[{{.window}}:5m])"),
      options);
  ASSERT_TRUE(slices) << slices.error().message;
  EXPECT_EQ(slices->Bad(minutes(1)),
            "sum_over_time((1 - ((sum(rate(e[5m])) / sum(rate(t[5m]))) >= 0) < bool 0.95)"
            "[59s999ms:5m])");
  EXPECT_THAT(slices->Total(hours(1)), HasSubstr("count_over_time((1 - "));
  const auto threshold = Increments::Rewrite(
      Ratio("1 - avg_over_time(((lag >= -Inf) <= bool 2)[{{.window}}:1m])"), {});
  ASSERT_TRUE(threshold) << threshold.error().message;
  EXPECT_EQ(threshold->Bad(minutes(1)),
            "count_over_time(((lag >= -Inf) <= bool 2)[1m:1m]) - "
            "sum_over_time(((lag >= -Inf) <= bool 2)[1m:1m])");
  const auto samples = Increments::Rewrite(Ratio("avg_over_time(failed[{{.window}}])"), {});
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_EQ(samples->Total(minutes(1)), "count_over_time(failed[1m])");
  for (const char* depends :
       {"avg_over_time(rate(e[{{.window}}])[{{.window}}:1m])",
        "avg_over_time(up[{{.window}}:{{.window}}])", "avg_over_time(up[{{.window}}:])",
        "avg_over_time(up[{{.window}}:1m] offset 5m)",
        "avg_over_time((up offset {{.window}})[{{.window}}:1m])",
        "avg_over_time(avg_over_time(up[5m:{{.window}}])[{{.window}}:1m])",
        "avg_over_time(up[{{.window}}:1m] @ end())"}) {
    EXPECT_NE(WhyNot(Ratio(depends)), "") << depends;
  }
}

TEST(IncrementsTest, CompositesHavePartsThatAllMustQualify) {
  const std::string first =
      "0.75 * (max((sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))) >= 0) or vector(0))";
  const auto ending = [&](const std::string& ratio) {
    return Increments::Parts(Ratio(first + " + 0.25 * (max((" + ratio + ") >= 0) or vector(0))"),
                             Short());
  };
  const auto parts = ending("1 - sum(rate(g[{{.window}}])) / sum(rate(u[{{.window}}]))");
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_THAT(*parts, SizeIs(2));
  EXPECT_TRUE((*parts)[0].of_composite);
  EXPECT_EQ((*parts)[0].weight, 0.75);
  EXPECT_EQ((*parts)[1].weight, 0.25);
  EXPECT_EQ((*parts)[0].increments.Bad(hours(1)), "sum(increase(e[1h]))");
  EXPECT_EQ((*parts)[1].increments.Bad(hours(1)), "sum(increase(u[1h])) - sum(increase(g[1h]))");
  EXPECT_FALSE(ending("max(rate(e[{{.window}}])) / max(rate(t[{{.window}}]))"));
  EXPECT_FALSE(ending("job:errors:ratio"));
  // A sum of ratios without the form is none.
  EXPECT_FALSE(Increments::Parts(Ratio(first + " + 1"), Short()));
  const auto one = Increments::Parts(Events(kTotal, kTotal), Short());
  ASSERT_THAT(*one, SizeIs(1));
  EXPECT_FALSE((*one)[0].of_composite);
}

TEST(IncrementsTest, TheKeyIsWhatIsCountedAndHow) {
  config::Slo a = Events("sum( rate(e{x='1'}[{{.window}}]) )", kTotal + " > 0");
  config::Slo b = Events("sum(rate(e{x=\"1\"}[{{ .window }}]))", kTotal);
  b.objective = 99;
  b.labels = labels::LabelSet{{"team", "shop"}};
  const auto first = Increments::Rewrite(a, {});
  EXPECT_EQ(first->key(), Increments::Rewrite(b, {})->key());
  EXPECT_THAT(first->notes(), SizeIs(1));
  EXPECT_THAT(Increments::Rewrite(b, {})->notes(), IsEmpty());
  EXPECT_NE(first->key(), Increments::Rewrite(b, Ignoring())->key());
  EXPECT_NE(first->key(), Increments::Rewrite(Events(kTotal, kTotal), {})->key());
}

}  // namespace
}  // namespace watchfire::slo
