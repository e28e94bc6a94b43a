// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/response.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::promql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Success(const std::string& data) {
  return R"({"status":"success","data":)" + data + "}";
}
std::string VectorBody(const std::string& items) {
  return Success(R"({"resultType":"vector","result":[)" + items + "]}");
}
WallTime Millis(int64_t millis) { return WallTime(std::chrono::milliseconds(millis)); }

TEST(DecodeInstantTest, ReadsAVector) {
  const Vector got = DecodeInstant(200, VectorBody(R"({"metric":{"__name__":"up","job":"api"},)"
                                                   R"("value":[1435781451.781,"1"]},)"
                                                   R"({"metric":{},"value":[1435781451,"0.25"]})"))
                         .value();
  const Vector want{
      {labels::LabelSet{{"__name__", "up"}, {"job", "api"}}, Millis(1435781451781), 1},
      {{}, Millis(1435781451000), 0.25}};
  EXPECT_EQ(got, want);
}

TEST(DecodeInstantTest, NoDataIsAnEmptyVector) {
  EXPECT_EQ(DecodeInstant(200, VectorBody("")).value(), Vector{});
}

TEST(DecodeInstantTest, AScalarIsOneSampleWithoutLabels) {
  const Vector got =
      DecodeInstant(200, Success(R"({"resultType":"scalar","result":[1.5,"-2e-07"]})")).value();
  EXPECT_EQ(got, (Vector{{{}, Millis(1500), -2e-7}}));
}

TEST(DecodeInstantTest, TimesReachToTheEndOfWhatNanosecondsCount) {
  const auto scalar_at = [](const std::string& seconds) {
    return DecodeInstant(200,
                         Success(R"({"resultType":"scalar","result":[)" + seconds + R"(,"1"]})"));
  };
  EXPECT_EQ(scalar_at("9218880000").value(), (Vector{{{}, Millis(9218880000000), 1}}));
  EXPECT_EQ(scalar_at("9223372036.854").value(), (Vector{{{}, Millis(9223372036854), 1}}));
  EXPECT_FALSE(scalar_at("9223372036.855"));
  EXPECT_FALSE(scalar_at("1e300"));
}

TEST(DecodeInstantTest, AHistogramHasTheValueZero) {
  const Vector got =
      DecodeInstant(200, VectorBody(R"({"metric":{"a":"b"},"histogram":[1,)"
                                    R"({"count":"3","sum":"4","buckets":[)"
                                    R"([3,"-0.1","0.1","1"],[0,"1","+Inf","2"]]}]})"))
          .value();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].value, 0);
  const double infinity = std::numeric_limits<double>::infinity();
  ASSERT_NE(got[0].histogram, nullptr);
  EXPECT_EQ(*got[0].histogram, (Histogram{3, 4, {{-0.1, 0.1, 1}, {1, infinity, 2}}, {}}));
  EXPECT_FALSE(DecodeInstant(200, VectorBody(R"({"metric":{},"histogram":[1,{"count":"many"}]})")));
}

// Which bounds are within tells some custom buckets from others: (-1, 1] from the zero bucket [-1,
// 1].
TEST(DecodeInstantTest, BoundsThatOnlyCustomBucketsHaveWithinAreKept) {
  const auto custom_values = [](const std::string& buckets) {
    return DecodeInstant(200, VectorBody(R"({"metric":{},"histogram":[1,{"count":"3","sum":"4",)"
                                         R"("buckets":[)" +
                                         buckets + "]}]}"))
        .value()[0]
        .histogram->custom_values;
  };
  EXPECT_THAT(custom_values(R"([0,"-1","1","2"],[0,"1","+Inf","1"])"), ElementsAre(-1, 1));
  EXPECT_THAT(custom_values(R"([3,"-Inf","1","2"],[0,"1","2","1"])"), ElementsAre(1, 2));
  EXPECT_THAT(custom_values(R"([1,"-2","-1","1"],[3,"-1","1","2"],[0,"1","2","1"])"), IsEmpty());
}

TEST(DecodeInstantTest, AHistogramThatIsMalformedIsNoAnswer) {
  const auto decode = [](const std::string& histogram) {
    return DecodeInstant(200, VectorBody(R"({"metric":{},"histogram":[1,)" + histogram + "]}"));
  };
  for (const char* bad :
       {R"({"count":3,"sum":"4"})", R"({"count":"3","sum":null})", R"({"count":"x","sum":"4"})",
        R"({"count":"3","sum":"4","buckets":{}})", R"({"count":"3","sum":"4","buckets":null})",
        R"({"count":"3","sum":"4","buckets":[[0,"1",2,"3"]]})",
        R"({"count":"3","sum":"4","buckets":[[0,"1","2"]]})",
        R"({"count":"3","sum":"4","buckets":[["0","1","2","3"]]})", R"([])", R"("3")"}) {
    EXPECT_FALSE(decode(bad)) << bad;
  }
  EXPECT_TRUE(decode(R"({"count":"3","sum":"4"})")) << "all buckets are empty";
  EXPECT_TRUE(decode("{}"));
}

TEST(DecodeInstantTest, ReadsEverySpellingOfAValue) {
  const auto value = [](const std::string& text) {
    return DecodeInstant(200, VectorBody(R"({"metric":{},"value":[0,")" + text + "\"]}"))
        .value()[0]
        .value;
  };
  for (const char* nan : {"NaN", "nan"}) EXPECT_TRUE(std::isnan(value(nan)));
  for (const char* inf : {"+Inf", "Inf", "inf"}) {
    EXPECT_EQ(value(inf), std::numeric_limits<double>::infinity());
  }
  EXPECT_EQ(value("-Inf"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(value("1e+21"), 1e21);
  EXPECT_EQ(value("0.014399999999999999"), 0.014399999999999999);
}

TEST(DecodeInstantTest, InfosNeverFailAndWarningsAlwaysDo) {
  const std::string data = R"("data":{"resultType":"vector","result":[]})";
  EXPECT_TRUE(DecodeInstant(200, R"({"status":"success",)" + data + R"(,"infos":["x"]})"));
  EXPECT_TRUE(DecodeInstant(200, R"({"status":"success",)" + data + R"(,"warnings":[]})"));
  const auto warned =
      DecodeInstant(200, R"({"status":"success",)" + data + R"(,"warnings":["store down"]})");
  EXPECT_EQ(warned.error(), (Error{Code::kUnavailable, "partial result: store down"}));
  EXPECT_EQ(DecodeInstant(200, R"({"status":"success","isPartial":true,)" + data + "}").error(),
            (Error{Code::kUnavailable, "partial result"}));
}

// What Thanos 0.42.4 answers.
TEST(DecodeInstantTest, ALimitOfAStoreIsTheQuerysFaultAndARemarkIsNone) {
  const auto decode = [](const std::string& warnings) {
    return DecodeInstant(
        200, R"({"status":"success","data":{"resultType":"vector","result":[],"analysis":{}},)"
             R"("warnings":[)" +
                 warnings + "]}");
  };
  const std::string remark =
      R"("PromQL info: metric might not be a counter, name does not end in _total: \"up\"")";
  const std::string limit =
      R"("receive series from Addr: 127.0.0.1:1 MinTime: 1 MaxTime: 2: rpc error: code = )"
      R"-(ResourceExhausted desc = exceeded chunks limit: limit 5000 violated (got 5338)")-";
  const std::string down =
      R"("fetch series for {receive=\"0\"} Addr: 127.0.0.1:1: rpc error: code = Unavailable")";
  EXPECT_TRUE(decode(remark));
  const auto limited = decode(remark + "," + limit);
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().code, Code::kInvalidArgument)
      << "asked again and again, and never with a cheaper query";
  EXPECT_TRUE(limited.error().message.starts_with("partial result: receive series from"));
  for (const std::string& both : {limit + "," + down, down + "," + limit}) {
    const auto missing = decode(both);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::kUnavailable);
    EXPECT_TRUE(missing.error().message.starts_with("partial result: fetch series for"));
  }
}

// As Mimir says it; the word is what its manual has it by.
TEST(DecodeInstantTest, OfALimitOfMimirItsWordIsKept) {
  const std::string advice(400, 'x');
  const auto refused = DecodeInstant(
      422, R"({"status":"error","errorType":"execution","error":"the query exceeded the maximum )"
           R"(allowed estimated amount of memory consumed by a single query (limit: 67108864 )"
           R"(bytes) (err-mimir-max-estimated-memory-consumption-per-query). )" +
               advice + "\"}");
  ASSERT_FALSE(refused);
  EXPECT_THAT(
      refused.error().message,
      HasSubstr("(limit: 67108864 bytes) (err-mimir-max-estimated-memory-consumption-per-query)"));
}

TEST(DecodeInstantTest, OfALongReasonBothEndsAreKept) {
  const auto reason = [](const std::string& text) {
    return DecodeInstant(
               200,
               R"({"status":"success","data":{"resultType":"vector","result":[]},"warnings":[")" +
                   text + R"("]})")
        .error()
        .message;
  };
  const std::string longest = "store " + std::string(528, 'l') + ": down";
  EXPECT_EQ(reason(longest), "partial result: " + longest);
  const std::string too_long = "store " + std::string(540, 'l') + ": down";
  EXPECT_EQ(reason(too_long), "partial result: store " + std::string(234, 'l') + "\u2026" +
                                  std::string(294, 'l') + ": down");
  // Both cuts would go through a character of 2 bytes.
  std::string dots = "x";
  for (int i = 0; i < 300; ++i) dots += "\u00b7";
  dots += "y";
  std::string cut = "partial result: x";
  for (int i = 0; i < 119; ++i) cut += "\u00b7";
  cut += "\u2026";
  for (int i = 0; i < 149; ++i) cut += "\u00b7";
  EXPECT_EQ(reason(dots), cut + "y");
  EXPECT_TRUE(DecodeInstant(422, R"({"status":"error","errorType":"execution","error":")" +
                                     too_long + R"("})")
                  .error()
                  .message.ends_with(": down"));
}

TEST(DecodeInstantTest, ErrorsSayWhetherRepeatingHelps) {
  const auto code = [](int status, const std::string& type) {
    return DecodeInstant(status,
                         R"({"status":"error","errorType":")" + type + R"(","error":"why"})")
        .error();
  };
  EXPECT_EQ(code(400, "bad_data"), (Error{Code::kInvalidArgument, "bad_data: why"}));
  EXPECT_EQ(code(422, "execution"), (Error{Code::kInvalidArgument, "execution: why"}));
  EXPECT_EQ(code(503, "timeout").code, Code::kTimeout);
  EXPECT_EQ(code(499, "canceled").code, Code::kUnavailable);
  EXPECT_EQ(code(500, "internal").code, Code::kUnavailable);
  EXPECT_EQ(code(429, "too_many_requests").code, Code::kUnavailable);
  EXPECT_EQ(DecodeInstant(500, R"({"status":"error"})").error(),
            (Error{Code::kUnavailable, "error: no reason given"}));
}

TEST(DecodeInstantTest, TroubleOfStoresAndTimeAreNoFaultOfTheQuery) {
  const auto code = [](const std::string& type, const std::string& error) {
    return DecodeInstant(422, R"({"status":"error","errorType":")" + type + R"(","error":")" +
                                  error + R"("})")
        .error()
        .code;
  };
  EXPECT_EQ(code("execution", "expanding series: proxy Series(): rpc error: code = Unavailable"),
            Code::kUnavailable)
      << "Thanos: given up after three times, history would have a hole for good";
  EXPECT_EQ(code("execution",
                 "expanding series: rpc error: code = DeadlineExceeded desc = context deadline "
                 "exceeded"),
            Code::kTimeout);
  EXPECT_EQ(code("execution", "expanding series: context canceled"), Code::kUnavailable);
  EXPECT_EQ(code("execution", "expanding series: the query exceeded the maximum number of series"),
            Code::kInvalidArgument);
  EXPECT_EQ(code("execution", "expanding series: samples limit 5 violated"),
            Code::kInvalidArgument);
  EXPECT_EQ(code("execution", "expanding series: too much (err-mimir-max-chunks-per-query)"),
            Code::kInvalidArgument);
  EXPECT_EQ(code("422", "error when executing query: timeout exceeded during query execution: 30s"),
            Code::kTimeout)
      << "VictoriaMetrics";
  EXPECT_EQ(code("422", "too many points for the given step"), Code::kInvalidArgument);
}

TEST(DecodeInstantTest, RefusesResultsThatAreNotInstant) {
  for (const char* type : {"matrix", "string"}) {
    const auto got =
        DecodeInstant(200, Success(R"({"resultType":")" + std::string(type) + R"(","result":[]})"));
    EXPECT_EQ(got.error(), (Error{Code::kInvalidArgument, "the result is a " + std::string(type) +
                                                              ", not a vector or scalar"}));
  }
}

TEST(DecodeRangeTest, GivesEachSampleItsTimeAndItsSeriesLabels) {
  const auto got = DecodeRange(200, Success(R"({"resultType":"matrix","result":[
      {"metric":{"zone":"a"},"values":[[1700000000,"1"],[1700000060.5,"2.5"]]},
      {"metric":{"zone":"h"},"histograms":[[1700000000,{"count":"1"}]]},
      {"metric":{},"values":[[1700000060,"NaN"]]}]})"));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), 3U);
  const labels::LabelSet a{{"zone", "a"}};
  EXPECT_EQ((*got)[0], (Sample{a, WallTime(std::chrono::seconds(1'700'000'000)), 1}));
  EXPECT_EQ((*got)[1], (Sample{a, WallTime(std::chrono::milliseconds(1'700'000'060'500)), 2.5}));
  EXPECT_TRUE((*got)[2].labels.empty());
  EXPECT_TRUE(std::isnan((*got)[2].value));
}

TEST(DecodeRangeTest, RefusesWhatIsNoMatrixOrTooLarge) {
  for (const char* type : {"vector", "scalar", "string"}) {
    const auto got =
        DecodeRange(200, Success(R"({"resultType":")" + std::string(type) + R"(","result":[]})"));
    EXPECT_EQ(got.error(), (Error{Code::kInvalidArgument,
                                  "the result is a " + std::string(type) + ", not a matrix"}));
  }
  EXPECT_EQ(
      DecodeRange(200, Success(R"({"resultType":"matrix","result":[{"metric":{}}]})"))->size(), 0U);
  EXPECT_EQ(DecodeRange(200, Success(R"({"resultType":"matrix","result":[{"values":[[1,"x"]],
                                         "metric":{}}]})"))
                .error()
                .code,
            Code::kUnavailable);
  EXPECT_EQ(DecodeRange(422, R"({"status":"error","errorType":"execution","error":"too many"})")
                .error()
                .code,
            Code::kInvalidArgument);
  std::string points = R"([1,"1"])";
  for (size_t i = 0; i < limits::kQuerySamples; ++i) points += R"(,[1,"1"])";
  EXPECT_EQ(DecodeRange(200, Success(R"({"resultType":"matrix","result":[{"metric":{},"values":[)" +
                                     points + "]}]}"))
                .error()
                .code,
            Code::kExhausted);
}

TEST(DecodeInstantTest, QuotesWhatIsNoAnswer) {
  EXPECT_EQ(DecodeInstant(502, "<h1>Bad\nGateway</h1>").error(),
            (Error{Code::kUnavailable,
                   "not an answer of the query API (HTTP 502): \"<h1>Bad\\nGateway</h1>\""}));
  const Error big = DecodeInstant(200, std::string(100'000, 'x')).error();
  EXPECT_LT(big.message.size(), 300U);
  // A sane body with an insane status is not trusted either.
  EXPECT_EQ(DecodeInstant(500, VectorBody("")).error().code, Code::kUnavailable);
}

TEST(DecodeInstantTest, EveryDamageIsAnErrorNotACrash) {
  for (const char* item :
       {"1", "{}", R"({"metric":{}})", R"({"metric":{},"value":[]})",
        R"({"metric":{},"value":[1]})", R"({"metric":{},"value":[1,2]})",
        R"({"metric":{},"value":["1","2"]})", R"({"metric":{},"value":[1,"x"]})",
        R"({"metric":{},"value":[1,""]})", R"({"metric":{},"value":[1,"1 "]})",
        R"({"metric":{},"value":[1e300,"1"]})", R"({"metric":{"a":1},"value":[1,"1"]})",
        R"({"value":[1,"1"]})", R"({"metric":[],"value":[1,"1"]})"}) {
    EXPECT_THAT(DecodeInstant(200, VectorBody(item)).error().message, HasSubstr("not an answer"))
        << item;
  }
  const std::string whole = VectorBody(R"({"metric":{"a":"b"},"value":[1,"1"]})");
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_FALSE(DecodeInstant(200, whole.substr(0, cut))) << cut;
  }
  for (const char* body : {"null", "[]", "1", "\"x\"", R"({"status":1})", R"({"status":"ok"})"}) {
    EXPECT_FALSE(DecodeInstant(200, body)) << body;
  }
}

TEST(DecodeInstantTest, SeriesAreBounded) {
  std::string items = R"({"metric":{},"value":[1,"1"]})";
  items.reserve(items.size() * (limits::kQuerySeries + 1) + limits::kQuerySeries);
  for (size_t i = 0; i < limits::kQuerySeries; ++i) items += R"(,{"metric":{},"value":[1,"1"]})";
  EXPECT_EQ(DecodeInstant(200, VectorBody(items)).error(),
            (Error{Code::kExhausted, "the result has more than 100000 series"}));
}

TEST(FormatValueTest, TheApiPrintsExponentForm) {
  EXPECT_EQ(FormatValueExponent(1), "1e+00");
  EXPECT_EQ(FormatValueExponent(0), "0e+00");
  EXPECT_EQ(FormatValueExponent(0.0144), "1.44e-02");
  EXPECT_EQ(FormatValueExponent(-123456789), "-1.23456789e+08");
  EXPECT_EQ(FormatValueExponent(1e100), "1e+100");
  EXPECT_EQ(FormatValueExponent(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(FormatValueExponent(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(FormatValueTest, TemplatesPrintTheGeneralForm) {
  EXPECT_EQ(FormatValue(0.05), "0.05");
  EXPECT_EQ(FormatValue(1e6), "1e+06");
}

}  // namespace
}  // namespace watchfire::promql
