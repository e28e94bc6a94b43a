// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/history.h"
#include "pkg/slo/increments.h"

namespace watchfire::slo {
namespace {

using promql::Sample;
using promql::Vector;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kMinute = 20'000 * 1440;

Increments Of(const std::string& bad, const std::string& total) {
  config::Slo slo;
  slo.error_query = bad;
  slo.total_query = total;
  return Increments::Rewrite(slo, {}).value();
}

// One series, of (seconds since the minute began, value).
Vector Series(labels::LabelSet::Pairs pairs, const std::vector<std::pair<int, double>>& points) {
  const labels::LabelSet labels(std::move(pairs));
  Vector out;
  for (const auto& [at, value] : points) {
    out.push_back({labels, EndOf(Level::kMinute, kMinute - 1) + seconds(at), value});
  }
  return out;
}

Vector operator+(Vector left, const Vector& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Sample At(labels::LabelSet::Pairs pairs, double value, int64_t minute = kMinute) {
  return {labels::LabelSet(std::move(pairs)), EndOf(Level::kMinute, minute), value};
}

TEST(GrowthTest, ErrorsAreAmongTheSamplesOfAllEvents) {
  const Increments sli = Of("sum by (zone) (rate(calls{code=~\"5..\"}[{{.window}}]))",
                            "sum by (zone) (rate(calls[{{.window}}]))");
  ASSERT_NE(sli.growth(), nullptr);
  EXPECT_THAT(sli.growth()->Queries(minutes(2)), ElementsAre("calls[2m]"));
  const Vector samples =
      Series({{"__name__", "calls"}, {"zone", "a"}, {"code", "200"}}, {{-5, 10}, {10, 14}}) +
      Series({{"__name__", "calls"}, {"zone", "a"}, {"code", "503"}}, {{-5, 1}, {10, 1}, {55, 3}}) +
      Series({{"__name__", "calls"}, {"zone", "b"}, {"code", "200"}}, {{-5, 7}, {60, 8}});
  const auto got = sli.growth()->Count({samples}, kMinute, kMinute);
  ASSERT_TRUE(got);
  EXPECT_THAT(got->bad, ElementsAre(At({{"zone", "a"}}, 2)));
  EXPECT_THAT(got->total, ElementsAre(At({{"zone", "a"}}, 6), At({{"zone", "b"}}, 1)));
}

TEST(GrowthTest, SelectorsThatDifferAreAskedByThemselves) {
  const Increments latency =
      Of("sum(rate(took_count[{{.window}}])) - sum(rate(took_bucket{le=\"1\"}[{{.window}}]))",
         "sum(rate(took_count[{{.window}}]))");
  ASSERT_NE(latency.growth(), nullptr);
  EXPECT_THAT(latency.growth()->Queries(minutes(2)),
              ElementsAre("took_count[2m]", "took_bucket{le=\"1\"}[2m]"));
  const auto got = latency.growth()->Count(
      {Series({{"pod", "1"}}, {{-1, 5}, {59, 25}}), Series({{"pod", "1"}}, {{-1, 4}, {59, 21}})},
      kMinute, kMinute);
  ASSERT_TRUE(got);
  EXPECT_THAT(got->bad, ElementsAre(At({}, 3)));
  // Neither holds all of the other.
  const Increments zones = Of("sum(rate(calls{zone=\"a\",code=\"500\"}[{{.window}}]))",
                              "sum(rate(calls{zone!=\"b\"}[{{.window}}]))");
  EXPECT_THAT(zones.growth()->Queries(minutes(2)), SizeIs(2));
}

TEST(GrowthTest, ResetsCountFromZeroAndEachIsSeen) {
  const Increments sli = Of("sum(increase(bad[{{.window}}]))", "sum(increase(all[{{.window}}]))");
  const auto got = sli.growth()->Count(
      {Series({}, {{-5, 10}, {10, 12}, {25, 3}, {40, 1}, {55, 2}}), Series({}, {{-5, 9}, {1, 9}})},
      kMinute, kMinute);
  ASSERT_TRUE(got);
  EXPECT_THAT(got->bad, ElementsAre(At({}, 2 + 3 + 1 + 1)));
  EXPECT_THAT(got->total, ElementsAre(At({}, 0)));
}

TEST(GrowthTest, EdgesBelongToTheMinuteThatTheyEnd) {
  const Increments sli = Of("sum(rate(bad[{{.window}}]))", "sum(rate(all[{{.window}}]))");
  const Vector samples = Series({}, {{-30, 1}, {0, 2}, {30, 4}, {60, 8}, {90, 16}, {120, 32}});
  const auto got = sli.growth()->Count({samples, {}}, kMinute, kMinute + 1);
  ASSERT_TRUE(got);
  EXPECT_THAT(got->bad, ElementsAre(At({}, 6), At({}, 24, kMinute + 1)));
  EXPECT_THAT(got->total, IsEmpty());
}

// A window that begins with the second minute has what grew from its first sample on.
TEST(GrowthTest, WhatLiesBetweenTwoMinutesMayBeOfTheEarlierOne) {
  const Increments sli = Of("sum(rate(bad[{{.window}}]))", "sum(rate(all[{{.window}}]))");
  const Vector samples = Series({}, {{-30, 1}, {15, 2}, {45, 4}, {75, 8}, {105, 16}, {175, 32}});
  const Vector fresh = Series({{"pod", "2"}}, {{50, 64}, {55, 65}, {70, 66}, {190, 70}});
  const auto count = [&](Growth::Straddling straddling) {
    std::vector<double> out;
    const auto got =
        sli.growth()->Count({samples, samples + fresh}, kMinute, kMinute + 2, straddling);
    if (!got) return out;
    for (const Vector* side : {&got->bad, &got->total}) {
      for (const Sample& each : *side) out.push_back(each.value);
    }
    return out;
  };
  EXPECT_THAT(count(Growth::Straddling::kLater), IsEmpty());
  // Nothing grew in the third minute after its first sample, which is its last.
  EXPECT_THAT(count(Growth::Straddling::kEarlier), ElementsAre(1 + 2 + 4, 8 + 16, 7 + 1 + 1, 24));
}

TEST(GrowthTest, WhatMayBeNewIsNotTold) {
  const Increments sli = Of("sum(rate(bad[{{.window}}]))", "sum(rate(all[{{.window}}]))");
  const Vector old = Series({{"pod", "1"}}, {{-50, 1}, {10, 2}});
  const Vector fresh = Series({{"pod", "2"}}, {{10, 5}});
  EXPECT_FALSE(sli.growth()->Count({old + fresh, old}, kMinute, kMinute));
  EXPECT_FALSE(sli.growth()->Count({old, fresh}, kMinute, kMinute));
  // Of which nothing counts in these minutes.
  EXPECT_TRUE(
      sli.growth()->Count({old, old + Series({{"pod", "2"}}, {{70, 5}})}, kMinute, kMinute));
  EXPECT_TRUE(
      sli.growth()->Count({old, old + Series({{"pod", "2"}}, {{-9, 5}})}, kMinute, kMinute));
}

TEST(GrowthTest, TermsAreThoseOfPromQL) {
  const Increments sli = Of(
      "2 * sum without (pod) (rate(bad[{{.window}}])) / 4 or 0 * sum without (pod) "
      "(rate(all[{{.window}}]))",
      "sum without (pod) (rate(all[{{.window}}])) + sum without (pod) (rate(more[{{.window}}]))");
  ASSERT_NE(sli.growth(), nullptr);
  const auto grown = [](const std::string& zone, double by) {
    return Series({{"__name__", "x"}, {"pod", "1"}, {"zone", zone}}, {{-5, 1}, {5, 1 + by}});
  };
  const auto got = sli.growth()->Count(
      {grown("a", 6), grown("a", 8) + grown("b", 9), grown("b", 1)}, kMinute, kMinute);
  ASSERT_TRUE(got);
  EXPECT_THAT(got->bad, ElementsAre(At({{"zone", "a"}}, 3), At({{"zone", "b"}}, 0)));
  EXPECT_THAT(got->total, ElementsAre(At({{"zone", "b"}}, 10)));  // What both have.
  const Increments zero =
      Of("sum(rate(bad[{{.window}}])) or vector(0)", "sum(rate(a[{{.window}}]))");
  EXPECT_THAT(zero.growth()->Count({{}, {}}, kMinute, kMinute)->bad, ElementsAre(At({}, 0)));
}

TEST(GrowthTest, OtherExpressionsAreLeftToPrometheus) {
  const std::string total = "sum(increase(all[{{.window}}]))";
  for (const char* bad :
       {"sum(increase(bad[{{.window}}] offset 1m))", "sum(count_over_time(bad[{{.window}}]))",
        "sum(increase(bad[{{.window}}]) * on (pod) group_left (zone) pod_info)",
        "sum(label_replace(increase(bad[{{.window}}]), \"a\", \"$1\", \"b\", \"(.*)\"))"}) {
    EXPECT_EQ(Of(bad, total).growth(), nullptr) << bad;
  }
  config::Slo slo;
  slo.error_query = slo.total_query = total;
  IncrementOptions options;
  options.growth = GrowthQuery::kIncrease;
  EXPECT_EQ(Increments::Rewrite(slo, options)->growth(), nullptr);
}

}  // namespace
}  // namespace watchfire::slo
