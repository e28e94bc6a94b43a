// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/histogram.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::promql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(HistogramTest, BucketsOfPowersAreNumbered) {
  const HistogramLayout layout =
      LayoutOf({7, 3, {{-2, -1, 1}, {-0.25, 0.25, 2}, {0.5, 1, 3}, {4, 8, 1}}, {}});
  EXPECT_EQ(layout.schema, 0);
  EXPECT_EQ(layout.zero_threshold, 0.25);
  EXPECT_EQ(layout.zero_count, 2);
  EXPECT_THAT(layout.positive, ElementsAre(Pair(0, 3), Pair(3, 1)));
  EXPECT_THAT(layout.negative, ElementsAre(Pair(1, 1)));
}

TEST(HistogramTest, EverySchemaIsFoundFromOneBucket) {
  for (int32_t schema = -4; schema <= 8; ++schema) {
    for (const int32_t index : {-37, 0, 1, 41}) {
      const Histogram one{1, 1, {{BoundAt(schema, index - 1), BoundAt(schema, index), 1}}, {}};
      const HistogramLayout layout = LayoutOf(one);
      EXPECT_EQ(layout.schema, schema);
      EXPECT_THAT(layout.positive, ElementsAre(Pair(index, 1)));
    }
  }
  EXPECT_EQ(LayoutOf({1, 1, {{-0.5, 0.5, 1}}, {}}).schema, 8) << "takes the others' when added";
}

// Source: Prometheus model/histogram.getBoundExponential.
TEST(HistogramTest, TheLastBucketEndsAtTheLargestNumberAndInfinityIsBeyond) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  for (int32_t schema = -4; schema <= 8; ++schema) {
    const int32_t last = schema < 0 ? 1024 >> -schema : 1024 << schema;
    EXPECT_EQ(BoundAt(schema, last), kLargest);
    EXPECT_EQ(BoundAt(schema, last + 1), kInfinity);
    const Histogram top{
        3, 1, {{BoundAt(schema, last - 1), kLargest, 2}, {kLargest, kInfinity, 1}}, {}};
    EXPECT_EQ(LayoutOf(top).schema, schema);
    EXPECT_THAT(LayoutOf(top).positive, ElementsAre(Pair(last, 2), Pair(last + 1, 1)));
    const Histogram bottom{
        1, 1, {{-kInfinity, -kLargest, 1}, {-kLargest, -BoundAt(schema, last - 1), 2}}, {}};
    EXPECT_THAT(LayoutOf(bottom).negative, ElementsAre(Pair(last, 2), Pair(last + 1, 1)));
  }
  EXPECT_EQ(LayoutOf({1, 1, {{std::ldexp(1.0, 1023), kInfinity, 1}}, {}}).schema,
            HistogramLayout::kCustom);
}

// Source: Prometheus model/histogram.allFloatBucketIterator.
TEST(HistogramTest, ABucketMayBeginWithinTheZeroBucket) {
  const double bound = std::ldexp(1.0, -9);
  const HistogramLayout layout = LayoutOf(
      {6, 1, {{-bound, -0.001, 1}, {-0.001, 0.001, 3}, {0.001, bound, 2}, {0.5, 1, 1}}, {}});
  EXPECT_EQ(layout.schema, 0);
  EXPECT_EQ(layout.zero_threshold, 0.001);
  EXPECT_EQ(layout.zero_count, 3);
  EXPECT_THAT(layout.positive, ElementsAre(Pair(-9, 2), Pair(0, 1)));
  EXPECT_THAT(layout.negative, ElementsAre(Pair(-9, 1)));
  EXPECT_EQ(LayoutOf({3, 1, {{-0.001, 0.001, 1}, {0.0011, bound, 2}}, {}}).schema,
            HistogramLayout::kCustom)
      << "begins elsewhere";
  // Of a rate the zero bucket often is empty, and is not told.
  const HistogramLayout rate =
      LayoutOf({3, 1, {{-bound, -0.001, 1}, {0.001, bound, 2}, {0.5, 1, 1}}, {}});
  EXPECT_EQ(rate.schema, 0);
  EXPECT_EQ(rate.zero_threshold, 0.001);
  EXPECT_THAT(rate.positive, ElementsAre(Pair(-9, 2), Pair(0, 1)));
  EXPECT_THAT(rate.negative, ElementsAre(Pair(-9, 1)));
  EXPECT_EQ(LayoutOf({2, 1, {{0.001, bound, 2}}, {}}).schema, HistogramLayout::kCustom);
  EXPECT_EQ(LayoutOf({2, 1, {{0.1, 0.25, 2}, {0.25, 0.5, 1}}, {}}).schema,
            HistogramLayout::kCustom);
}

TEST(HistogramTest, OtherBoundsAreCustom) {
  const HistogramLayout layout =
      LayoutOf({6, 9, {{-kInfinity, 0.1, 1}, {0.1, 0.3, 2}, {5, kInfinity, 3}}, {}});
  EXPECT_EQ(layout.schema, HistogramLayout::kCustom);
  EXPECT_THAT(layout.custom_values, ElementsAre(0.1, 0.3, 5));
  EXPECT_THAT(layout.positive, ElementsAre(Pair(0, 1), Pair(1, 2), Pair(3, 3)));
  // Those that are known are kept, also where buckets are empty, or look like others.
  const HistogramLayout known = LayoutOf({2, 3, {{1, 2, 2}}, {1, 2, 7}});
  EXPECT_EQ(known.schema, HistogramLayout::kCustom);
  EXPECT_THAT(known.custom_values, ElementsAre(1, 2, 7));
  EXPECT_THAT(known.positive, ElementsAre(Pair(1, 2)));
  EXPECT_THAT(LayoutOf({}).positive, IsEmpty());
}

TEST(HistogramTest, EmptyBucketsSayNothing) {
  const Histogram one{2, 3, {{1, 2, 2}}, {}};
  EXPECT_TRUE(SayTheSame(one, {2, 3, {{0.5, 1, 0}, {1, std::nextafter(2, 3), 2}}, {1, 2}}));
  EXPECT_FALSE(SayTheSame(one, {2, 3, {{1, 2, 1}}, {}}));
  EXPECT_FALSE(SayTheSame(one, {2, 3, {{1, 4, 2}}, {}}));
  EXPECT_FALSE(SayTheSame(one, {2, 4, {{1, 2, 2}}, {}}));
  EXPECT_TRUE(SayTheSame({0, std::nan(""), {}, {}}, {0, std::nan(""), {}, {}}));
  const Histogram::Bucket zero{-1.5, 1.5, 1};
  EXPECT_TRUE(SayTheSame({5, 1, {{-2, -1, 2}, zero, {1, 2, 2}}, {}},
                         {5, 1, {{-2, -1.5, 2}, zero, {1.5, 2, 2}}, {}}));
  EXPECT_EQ(Print({3, 4.5, {{-1, -0.5, 1}, {-0.1, 0.1, 1}, {1, 2, 1}}, {}}),
            "{count:3, sum:4.5, [-1, -0.5):1, [-0.1, 0.1]:1, (1, 2]:1}");
}

}  // namespace
}  // namespace watchfire::promql
