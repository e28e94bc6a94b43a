// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/remotewrite/remotewrite.h"

#include <bit>
#include <cstdint>

#include <gtest/gtest.h>
#include <snappy.h>

namespace watchfire::remotewrite {
namespace {

using std::chrono::milliseconds;

std::string Plain(const promql::Vector& samples) {
  const std::string body = Encode(samples);
  std::string out;
  EXPECT_TRUE(snappy::Uncompress(body.data(), body.size(), &out));
  return out;
}

std::string Bytes(std::initializer_list<int> bytes) {
  std::string out;
  for (const int byte : bytes) out.push_back(static_cast<char>(byte));
  return out;
}

TEST(EncodeTest, WritesTheMessageOfTheSpecification) {
  // By hand: WriteRequest{timeseries: {labels: {__name__: a}, {b: c}; samples: {1.0, 300 ms}}}.
  const std::string name = Bytes({0x0a, 13, 0x0a, 8}) + "__name__" + Bytes({0x12, 1}) + "a";
  const std::string label = Bytes({0x0a, 6, 0x0a, 1}) + "b" + Bytes({0x12, 1}) + "c";
  const std::string sample =
      Bytes({0x12, 12, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0xac, 0x02});
  const std::string series = name + label + sample;
  const promql::Sample one{labels::LabelSet{{"__name__", "a"}, {"b", "c"}, {"none", ""}},
                           WallTime(milliseconds(300)), 1};
  EXPECT_EQ(Plain({one}), Bytes({0x0a, static_cast<int>(series.size())}) + series);
}

// By hand, from Prometheus' prompb/types.proto.
TEST(EncodeTest, WritesNativeHistogramsWithTheirBucketsInRuns) {
  promql::Histogram histogram{2, 1, {{-0.5, 0.5, 1}, {0.5, 1, 1}, {1, 2, 1}, {8, 16, 1}}, {}};
  const auto number = [](int field, int high, int low) {  // A double that two bytes say.
    return Bytes({field << 3 | 1, 0, 0, 0, 0, 0, 0, low, high});
  };
  const std::string one = Bytes({0, 0, 0, 0, 0, 0, 0xf0, 0x3f});
  std::string want = number(2, 0x40, 0) + number(3, 0x3f, 0xf0) + Bytes({0x20, 0}) +
                     number(5, 0x3f, 0xe0) + number(7, 0x3f, 0xf0) +
                     Bytes({0x5a, 4, 0x08, 0, 0x10, 2, 0x5a, 4, 0x08, 4, 0x10, 1}) +
                     Bytes({0x6a, 24}) + one + one + one + Bytes({0x78, 7});
  const auto written = [&histogram] {
    return Plain({{labels::LabelSet{{"a", "b"}}, WallTime(milliseconds(7)), 0,
                   std::make_shared<const promql::Histogram>(histogram)}});
  };
  std::string plain = written();
  EXPECT_EQ(plain.substr(plain.size() - want.size()), want);
  EXPECT_EQ(plain.substr(plain.size() - want.size() - 2, 2),
            Bytes({0x22, static_cast<int>(want.size())}));
  histogram.is_gauge = true;
  want.insert(want.size() - 2, Bytes({0x70, 3}));
  plain = written();
  EXPECT_EQ(plain.substr(plain.size() - want.size()), want);
}

// Source: Prometheus 2.42 tsdb.ValidateHistogram.
TEST(EncodeTest, ACountIsNotSmallerThanItsBucketsByRounding) {
  const auto count = [](double count, double bucket) {
    const promql::Histogram one{
        count, 1, {{-0.5, 0.5, bucket}, {0.5, 1, bucket}, {1, 2, bucket}}, {}};
    const std::string plain = Plain({{labels::LabelSet{{"a", "b"}}, WallTime(milliseconds(7)), 0,
                                      std::make_shared<const promql::Histogram>(one)}});
    uint64_t bits = 0;  // Behind the tag of the count.
    const size_t at = plain.find(Bytes({2 << 3 | 1}), plain.find('\x22') + 2) + 1;
    for (size_t i = 8; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(plain.at(at + i));
    return std::bit_cast<double>(bits);
  };
  ASSERT_GT(0.1 + 0.1 + 0.1, 0.3);
  EXPECT_EQ(count(0.3, 0.1), 0.1 + 0.1 + 0.1);
  EXPECT_EQ(count(0.29, 0.1), 0.29) << "that is another mistake";
  EXPECT_EQ(count(4, 1), 4) << "a NaN is in no bucket";
}

TEST(EncodeTest, SamplesOfOneSeriesComeTogetherInOrder) {
  const labels::LabelSet a{{"__name__", "a"}};
  const labels::LabelSet b{{"__name__", "b"}};
  const promql::Vector mixed{{a, WallTime(milliseconds(1)), 1},
                             {b, WallTime(milliseconds(1)), 2},
                             {a, WallTime(milliseconds(2)), 3}};
  const promql::Vector sorted{mixed[0], mixed[2], mixed[1]};
  EXPECT_EQ(Plain(mixed), Plain(sorted));
  EXPECT_EQ(Plain({}), "");
}

TEST(EncodeTest, TimesBeforeTheEpochAreNegative) {
  const std::string plain = Plain({{labels::LabelSet{{"a", "b"}}, WallTime(milliseconds(-1)), 0}});
  EXPECT_EQ(plain.substr(plain.size() - 11),
            Bytes({0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST(ReadAnswerTest, TellsWhatMayPassFromWhatWillNot) {
  EXPECT_TRUE(ReadAnswer(204, ""));
  EXPECT_TRUE(ReadAnswer(200, "ok"));
  EXPECT_EQ(ReadAnswer(503, "").error(), (Error{Code::kUnavailable, "HTTP 503"}));
  EXPECT_EQ(ReadAnswer(429, "slow\ndown").error(), (Error{Code::kUnavailable, "HTTP 429: slow"}));
  EXPECT_EQ(ReadAnswer(400, "out of order sample\n").error(),
            (Error{Code::kInvalidArgument, "HTTP 400: out of order sample"}));
  EXPECT_EQ(ReadAnswer(500, "native histograms are disabled\n").error(),
            (Error{Code::kInvalidArgument, "HTTP 500: native histograms are disabled"}));
  const char* const of_2_42 =
      "0.166667 observations found in buckets, but the Count field is 0.166667: histogram's "
      "observation count should be at least the number of observations found in the buckets\n";
  EXPECT_EQ(ReadAnswer(500, of_2_42).error().code, Code::kInvalidArgument);
  EXPECT_EQ(ReadAnswer(500, "disk full").error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace watchfire::remotewrite
