// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is too much, or too far away.

#include "pkg/base/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "a";
  config->route.key = config->route.id = "{}";
  config->receivers = {{"a", {}}};
  config->datasources.emplace_back();
  return config;
}

class LimitsTest : public testing::Test {
 protected:
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }
  net::Response Post(const std::string& target, const std::string& body) {
    return Handle(MakeRequest("POST", target, body), backend_);
  }

  FakeBackend backend_{TestConfig()};
};

TEST_F(LimitsTest, EveryRefusalForALimitIsExplainedAndCounted) {
  std::string labels = R"("alertname":"A")";
  for (size_t i = 0; i < limits::kLabelsPerAlert; ++i) {
    labels += ",\"l" + std::to_string(i) + "\":\"x\"";
  }
  const std::string novel(limits::kAnnotationBytesPerAlert, 'x');
  net::Response response =
      Post("/api/v2/alerts", R"([{"labels":{"alertname":"Good"}},{"labels":{)" + labels +
                                 R"(}},{"labels":{"a":"b"},"annotations":{"a":")" + novel +
                                 R"("}},{"labels":{"a":")" + novel + R"("}}])");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            "\"too many labels: 65, the limit is 64 (alert 1)\\n"
            "too many bytes of annotations and generatorURL: 65537, the limit is 65536 (alert 2)\\n"
            "too many bytes of labels: 65537, the limit is 16384 (alert 3)\"\n");
  std::string many = "[{}";
  for (size_t i = 0; i < limits::kAlertsPerRequest; ++i) many += ",{}";
  EXPECT_EQ(Post("/api/v2/alerts", many + "]").status, 422);
  response = Post("/api/v2/silences",
                  R"({"matchers":[{"name":"a","value":"b","isRegex":false}],"createdBy":"c",)"
                  R"("startsAt":"2026-09-21T14:00:00Z","endsAt":"2027-01-01T00:00:00Z",)"
                  R"("comment":")" +
                      std::string(limits::kSilenceBytes, 'x') + "\"}");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("silence exceeded maximum size: "));
  const auto view = backend_.Read(core::kViewStats);
  EXPECT_EQ((*view)->stats->limit_exceeded,
            (CounterMap{{{"alert_size"}, 3}, {{"alerts_per_request"}, 1}, {{"silences"}, 1}}));
}

TEST_F(LimitsTest, TimesAtTheEndsOfTheCalendarAreTaken) {
  EXPECT_EQ(Post("/api/v2/alerts", R"([{"labels":{"alertname":"A"},"startsAt":)"
                                   R"("1678-01-01T00:00:00Z","endsAt":"2261-12-31T00:00:00Z"}])")
                .status,
            200);
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_THAT(Get("/api/v2/alerts").body, HasSubstr("\"startsAt\":\"1678-01-01T00:00:00.000Z\""));
  const auto view = backend_.Read(core::kViewStats);
  const auto& delays = (*view)->stats->ingest_delay;
  EXPECT_GT(delays.series().begin()->second.sum(), 1e9) << "not wrapped round to nothing";
}

}  // namespace
}  // namespace watchfire::api
