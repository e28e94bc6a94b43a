// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Labels that routes add to their groups, in API v2 (reference §2.7, §3.4).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;

class RouteLabelsTest : public testing::Test {
 protected:
  void Start(std::map<std::string, std::string> labels) {
    auto config = std::make_shared<config::Config>();
    config->route.receiver = "default";
    config->route.key = config->route.id = "{}";
    config->route.group_by = {"service"};
    config->route.labels = std::move(labels);
    config->receivers = {{"default", {}}};
    config->datasources.emplace_back();
    backend_ = std::make_unique<FakeBackend>(config);
  }
  void Fire(const std::string& labels, const std::string& annotations = "") {
    const std::string body =
        "[{\"labels\":{" + labels + "},\"annotations\":{" + annotations + "}}]";
    EXPECT_EQ(Handle(MakeRequest("POST", "/api/v2/alerts", body), *backend_).status, 200);
  }
  // What stands behind "routeLabels" of the first group.
  std::string Shown(const std::string& query = "") {
    const std::string body =
        Handle(MakeRequest("GET", "/api/v2/alerts/groups" + query), *backend_).body;
    const std::string mark = "\"routeLabels\":";
    const size_t at = body.find(mark) + mark.size();
    return body.substr(at, body.find('}', at) + 1 - at);
  }

  std::unique_ptr<FakeBackend> backend_;
};

TEST_F(RouteLabelsTest, TheyAreRenderedForTheGroup) {
  Start({{"owner", "team-{{ .GroupLabels.service }}"},
         {"say", "{{ routeLabels \"owner\" }} has {{ len .Alerts.Firing }}"},
         {"url", "{{ .ExternalURL }}"}});
  Fire(R"("alertname":"A","service":"db")");
  Fire(R"("alertname":"B","service":"db")");
  EXPECT_EQ(Shown(), "{\"owner\":\"team-db\",\"say\":\"team-db has 2\",\"url\":\"http://wf\"}");
  EXPECT_EQ(Shown("?filter=alertname=B"), Shown()) << "whichever alerts are asked for";
}

TEST_F(RouteLabelsTest, TheyFollowTheGroup) {
  Start({{"say", "{{ .CommonAnnotations.summary }} {{ len .Alerts }}"}});
  Fire(R"("alertname":"A","service":"db")", R"("summary":"slow")");
  EXPECT_EQ(Shown(), "{\"say\":\"slow 1\"}");
  Fire(R"("alertname":"A","service":"db")", R"("summary":"gone")");
  EXPECT_EQ(Shown(), "{\"say\":\"gone 1\"}");
  Fire(R"("alertname":"B","service":"db")", R"("summary":"gone")");
  EXPECT_EQ(Shown(), "{\"say\":\"gone 2\"}");
}

TEST_F(RouteLabelsTest, WhileNothingChangesTheyAreRenderedOnce) {
  Start({{"when", "{{ now.Unix }}"}});
  Fire(R"("alertname":"A","service":"db")");
  const std::string first = Shown();
  backend_->Pass(std::chrono::seconds(20));
  EXPECT_EQ(Shown(), first);
  Fire(R"("alertname":"A","service":"db")");
  EXPECT_NE(Shown(), first);
}

TEST_F(RouteLabelsTest, TemplatesThatFailGiveNone) {
  Start({{"good", "x"}, {"bad", "{{ .Nope }}"}});
  Fire(R"("alertname":"A","service":"db")");
  EXPECT_EQ(Shown(), "{}");
}

TEST_F(RouteLabelsTest, ThereAreNoneUnlessTheRouteNamesThem) {
  Start({});
  Fire(R"("alertname":"A","service":"db")");
  EXPECT_EQ(Shown(), "{}");
}

}  // namespace
}  // namespace watchfire::api
