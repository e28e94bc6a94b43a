// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ShadowApiTest : public testing::Test {
 protected:
  ShadowApiTest() {
    auto config = std::make_shared<config::Config>();
    config->datasources.emplace_back();
    backend_ = std::make_unique<FakeBackend>(config);
    backend_->info_.shadow = "http://am:9093";
  }
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), *backend_);
  }
  net::Response Mirror(const std::string& body) {
    return Handle(MakeRequest("POST", "/inbound/alertmanager/on-call", body), *backend_);
  }

  std::unique_ptr<FakeBackend> backend_;
};

constexpr const char* kBody =
    R"({"version":"4","groupLabels":{"a":"b"},"alerts":[{"status":"firing","labels":{"x":"y"}}]})";

TEST_F(ShadowApiTest, TheReportIsHandedOut) {
  backend_->shadow_report.alertmanager = "http://am:9093";
  backend_->shadow_report.counts = {4, 0, 1, 0, 0};
  const net::Response response = Get("/api/v1/shadow");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"("counts":{"same":4,"extra":0,"missing":1)"));
  EXPECT_THAT(Get("/api/v1/info").body, HasSubstr(R"("shadow":"http://am:9093")"));
}

TEST_F(ShadowApiTest, AMirroredWebhookIsTakenForItsReceiver) {
  EXPECT_EQ(Mirror(kBody).status, 200);
  ASSERT_THAT(backend_->mirrored, SizeIs(1));
  EXPECT_EQ(backend_->mirrored[0].receiver, "on-call");
  EXPECT_EQ(backend_->mirrored[0].group, labels::LabelSet({{"a", "b"}}));
  EXPECT_EQ(Mirror("{").status, 400);
  backend_->busy = true;
  EXPECT_EQ(Mirror(kBody).status, 503);
  EXPECT_THAT(backend_->counted,
              ElementsAre("alertmanager ok", "alertmanager bad_body", "alertmanager error"));
}

TEST_F(ShadowApiTest, WithoutShadowModeThereIsNeither) {
  backend_->info_.shadow = "";
  EXPECT_EQ(Get("/api/v1/shadow").status, 404);
  EXPECT_EQ(Mirror(kBody).status, 404);
  EXPECT_THAT(backend_->mirrored, SizeIs(0));
  EXPECT_THAT(Get("/api/v1/info").body, HasSubstr(R"("shadow":null)"));
}

}  // namespace
}  // namespace watchfire::api
