// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Advice about SLOs from what a Prometheus has of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kSlo =
    "version: prometheus/v1\n"
    "service: shop\n"
    "slos:\n"
    "  - name: paid\n"
    "    objective: 99.9\n"
    "    sli:\n"
    "      events:\n"
    "        error_query: sum(rate(bad_total[{{.window}}]))\n"
    "        total_query: sum(rate(paid_total{job=\"shop\"}[{{.window}}]))\n"
    "    alerting: {name: Paid}\n";

const std::vector<std::string> kAsk = {"check", "a.yml", "--slo=slo.yml",
                                       "--prometheus=http://p.example:9090/"};

std::pair<int, std::string> Value(const std::string& value, const std::string& labels = "{}") {
  return {200, R"({"status":"success","data":{"resultType":"vector","result":[{"metric":)" +
                   labels + R"(,"value":[1769860800,")" + value + "\"]}]}}"};
}

std::pair<int, std::string> Nothing() {
  return {200, R"({"status":"success","data":{"resultType":"vector","result":[]}})"};
}

// Answers in the order of the questions: the period, the shortest window, the two selectors.
FakeServer Shop(std::vector<std::pair<int, std::string>> answers) {
  FakeServer server;
  server.files["a.yml"] =
      "route: {receiver: a}\n"
      "receivers: [{name: a, webhook_configs: [{url: 'http://a.example/'}]}]\n";
  server.files["slo.yml"] = kSlo;
  server.answers["GET /api/v1/query"] = std::move(answers);
  return server;
}

std::string Said(std::vector<std::pair<int, std::string>> answers) {
  FakeServer server = Shop(std::move(answers));
  EXPECT_EQ(server.Run(kAsk), kOk) << server.err;
  return server.out;
}

TEST(CheckHistoryTest, AsksForThePeriodTheShortestWindowAndTheSamples) {
  FakeServer server = Shop({Value("0"), Value("0"), Value("240"), Value("240")});
  EXPECT_EQ(server.Run(kAsk), kOk) << server.err;
  EXPECT_THAT(server.out, StartsWith("a.yml: ok"));
  EXPECT_EQ(server.target.url, "http://p.example:9090");
  const std::vector<std::string> want = {
      "(sum(rate(bad_total[30d]))) / (sum(rate(paid_total{job=\"shop\"}[30d])))",
      "(sum(rate(bad_total[5m]))) / (sum(rate(paid_total{job=\"shop\"}[5m])))",
      "max(count_over_time(bad_total[1h]) and bad_total offset 1h)",
      "max(count_over_time(paid_total{job=\"shop\"}[1h]) and paid_total{job=\"shop\"} offset 1h)"};
  ASSERT_THAT(server.requests, SizeIs(want.size()));
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(server.requests[i].path,
              "/api/v1/query?query=" + UrlEncode(want[i]) + "&time=1769860800");
  }
  EXPECT_EQ(server.Run({"check", "a.yml", "--slo=slo.yml"}), kOk);
  EXPECT_THAT(server.requests, SizeIs(0)) << "without being told to";
}

TEST(CheckHistoryTest, AnObjectiveThatWasNotReachedIsNamed) {
  EXPECT_THAT(Said({Value("0.0125"), Value("0"), Value("60")}),
              StartsWith("slo.yml:5:5: shop-paid promises 99.9% and reached 98.75% in the last 30d "
                         "(promise what can be kept, or expect its alerts from the first day on) "
                         "[advice: slo-objective-unreached]\na.yml: ok"));
  EXPECT_THAT(Said({Value("0.0125", R"({"region":"eu"})"), Value("0"), Value("60")}),
              HasSubstr("shop-paid {region=\"eu\"} promises"));
  EXPECT_THAT(Said({Value("0.001"), Value("0"), Value("60")}), StartsWith("a.yml: ok"))
      << "just reached";
}

TEST(CheckHistoryTest, MoreGoodOrBadEventsThanEventsAreNoRatio) {
  EXPECT_THAT(Said({Value("-0.5"), Value("0"), Value("60")}),
              HasSubstr("shop-paid had more good events than events in the last 30d: 150% ("));
  EXPECT_THAT(Said({Value("1.2"), Value("0"), Value("60")}),
              HasSubstr("shop-paid had more bad events than events in the last 30d: 120% ("));
  EXPECT_THAT(Said({Value("-0.005"), Value("0"), Value("60")}), StartsWith("a.yml: ok"))
      << "rates are extrapolated";
}

TEST(CheckHistoryTest, NoDataIsNamedUnlessTheShortestWindowHasSome) {
  EXPECT_THAT(Said({Nothing()}), StartsWith("slo.yml:5:5: there is no data of shop-paid ("));
  EXPECT_THAT(Said({Value("NaN"), Value("NaN"), Nothing()}), HasSubstr("[advice: slo-without-dat"));
  EXPECT_THAT(Said({Nothing(), Value("0"), Nothing()}), StartsWith("a.yml: ok"));
}

TEST(CheckHistoryTest, AWindowNeedsFourSamples) {
  EXPECT_THAT(Said({Value("0"), Value("0"), Value("240"), Value("30")}),
              StartsWith("slo.yml:5:5: the window of 5m of shop-paid holds 3 samples of "
                         "paid_total{job=\"shop\"}, which has one every 2m (scrape more often"));
  EXPECT_THAT(Said({Value("0"), Value("0"), Value("12"), Value("12")}),
              HasSubstr("holds 1 sample of bad_total, which has one every 5m ("));
  EXPECT_THAT(Said({Value("0"), Value("0"), Value("47"), Nothing()}), StartsWith("a.yml: ok"))
      << "a missed scrape is no longer interval";
}

TEST(CheckHistoryTest, ARefusedQueryIsAWarningAndSaidOnce) {
  const std::string out =
      Said({{422, R"({"status":"error","errorType":"execution","error":"too many samples"})"}});
  EXPECT_THAT(out, StartsWith("slo.yml:5:5: Prometheus does not answer a query of shop-paid: "));
  EXPECT_THAT(out, HasSubstr("too many samples"));
  EXPECT_THAT(out, HasSubstr("[warning]\na.yml: ok"));
}

TEST(CheckHistoryTest, ItsExitCodesAreThoseOfCheck) {
  FakeServer server = Shop({Value("0.5"), Value("0"), Value("60")});
  std::vector<std::string> words = kAsk;
  words.emplace_back("--fail-on-advice");
  EXPECT_EQ(server.Run(words), kNo);
  words.emplace_back("--ignore=slo-objective-unreached");
  server = Shop({Value("0.5"), Value("0"), Value("60")});
  EXPECT_EQ(server.Run(words), kOk) << server.out;
  server = Shop({Value("0.5"), Value("0"), Value("60")});
  words = kAsk;
  words.emplace_back("-ojson");
  EXPECT_EQ(server.Run(words), kOk);
  EXPECT_THAT(server.out, StartsWith(R"([{"level":"advice","id":"slo-objective-unreached",)"
                                     R"("file":"slo.yml","line":5,"column":5,)"));
  server.is_down = true;
  EXPECT_EQ(server.Run(kAsk), kUnreachable);
  EXPECT_EQ(server.err, "wfctl: Prometheus was not asked everything: connection refused\n");
  words = kAsk;
  words.emplace_back("--no-advice");
  EXPECT_EQ(server.Run(words), kUsage);
  EXPECT_EQ(server.Run({"check", "a.yml", "--prometheus=ftp://p"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("--prometheus: neither http nor https: ftp://p"));
}

TEST(CheckHistoryTest, ThePasswordOfTheServerIsNotForPrometheus) {
  FakeServer server = Shop({Value("0"), Value("0"), Value("60")});
  server.environment_url = "http://ada:secret@wf.example:9093";
  EXPECT_EQ(server.Run(kAsk), kOk) << server.err;
  EXPECT_FALSE(server.target.http.basic_auth.has_value());
  std::vector<std::string> words = kAsk;
  words.back() = "--prometheus=http://ada:other@p.example:9090";
  EXPECT_EQ(server.Run(words), kOk) << server.err;
  EXPECT_EQ(server.target.url, "http://p.example:9090");
  ASSERT_TRUE(server.target.http.basic_auth.has_value());
  EXPECT_EQ(server.target.http.basic_auth->username, "ada");
  EXPECT_THAT(server.out + server.err, Not(HasSubstr("other")));
}

}  // namespace
}  // namespace watchfire::wfctl
