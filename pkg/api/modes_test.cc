// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// --enable-feature=classic-mode and utf8-strict-mode, as clients of the API see them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;

FakeBackend InMode(matcher::Mode mode) {
  auto config = std::make_shared<config::Config>();
  config->matcher_mode = mode;
  config->route.receiver = "default";
  config->route.key = config->route.id = "{}";
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  return FakeBackend(config);
}

TEST(ModesTest, ClassicModeRefusesAlertsWithOtherNames) {
  const std::string body = R"([{"labels": {"alertname": "A", "a-b": "c"}}])";
  FakeBackend classic = InMode(matcher::Mode::kClassic);
  const net::Response refused = Handle(MakeRequest("POST", "/api/v2/alerts", body), classic);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr(R"(invalid label set: invalid name \"a-b\")"));
  FakeBackend utf8 = InMode(matcher::Mode::kFallback);
  EXPECT_EQ(Handle(MakeRequest("POST", "/api/v2/alerts", body), utf8).status, 200);
}

TEST(ModesTest, FiltersAreReadInTheMode) {
  FakeBackend classic = InMode(matcher::Mode::kClassic);
  FakeBackend fallback = InMode(matcher::Mode::kFallback);
  FakeBackend utf8 = InMode(matcher::Mode::kUtf8);
  for (const char* path : {"/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences"}) {
    const auto filter = [&](FakeBackend& backend, const std::string& text) {
      net::Request request = MakeRequest("GET", path);
      request.query.emplace_back("filter", text);
      return Handle(request, backend).status;
    };
    EXPECT_EQ(filter(classic, "a-b=c"), 400) << path;
    EXPECT_EQ(filter(fallback, "a-b=c"), 200) << path;
    EXPECT_EQ(filter(utf8, "a-b=c"), 200) << path;
    EXPECT_EQ(filter(fallback, "a="), 200) << "classic reads it: " << path;
    EXPECT_EQ(filter(utf8, "a="), 400) << path;
  }
}

}  // namespace
}  // namespace watchfire::api
