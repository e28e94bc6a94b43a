// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Labels of receivers in API v2: `receiver_matchers` and what shows them (reference §2.6 to §2.8).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

config::Route RouteWhere(const std::string& receiver, const std::string& name,
                         const std::string& value) {
  config::Route route;
  route.receiver = receiver;
  route.matchers = {matcher::Matcher::Create(matcher::Op::kEqual, name, value).value()};
  route.key = route.id = "{}/" + matcher::ToString(route.matchers);
  route.continue_matching = true;
  return route;
}

class ReceiverLabelsTest : public testing::Test {
 protected:
  ReceiverLabelsTest() {
    EXPECT_EQ(Handle(MakeRequest("POST", "/api/v2/alerts",
                                 R"([{"labels":{"alertname":"A","team":"db","paged":"yes"}},)"
                                 R"({"labels":{"alertname":"B"}}])"),
                     backend_)
                  .status,
              200);
  }

  static std::shared_ptr<const config::Config> Configuration() {
    auto config = std::make_shared<config::Config>();
    config->route.receiver = "default";
    config->route.key = config->route.id = "{}";
    config->route.routes = {RouteWhere("db-team", "team", "db"),
                            RouteWhere("night", "paged", "yes")};
    config->receivers = {{"default", {}, {{"name", "default"}, {"tier", "gold"}}},
                         {"db-team", {}, {{"name", "db-team"}, {"owner", "db"}, {"tier", "iron"}}},
                         {"night", {}, {{"name", "night"}, {"owner", "ops"}}}};
    config->datasources.emplace_back();
    return config;
  }

  std::string Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_).body;
  }

  FakeBackend backend_{Configuration()};
};

TEST_F(ReceiverLabelsTest, AlertsAreChosenByThem) {
  struct Case {
    const char* query;
    const char* want;
  };
  const std::vector<Case> cases = {
      {"tier=gold", "B"},
      {"tier=~gold|iron", "AB"},
      {"owner!=db", "AB"},
      {"owner=", "B"},
      {"name=night", "A"},
      {"owner=db&receiver_matchers=tier=iron", "A"},
      {"owner=ops&receiver_matchers=tier=iron", ""},
      {"owner=ops&receiver=db-team", "A"},
      {"owner=ops&receiver=default", ""},
  };
  for (const Case& c : cases) {
    const std::string body = Get(std::string("/api/v2/alerts?receiver_matchers=") + c.query);
    std::string names;
    for (const std::string name : {"A", "B"}) {
      if (body.find("\"alertname\":\"" + name + "\"") != body.npos) names += name;
    }
    EXPECT_EQ(names, c.want) << c.query;
  }
}

TEST_F(ReceiverLabelsTest, AGroupIsChosenByThoseOfItsOwnReceiver) {
  const std::string body = Get("/api/v2/alerts/groups?receiver_matchers=owner=ops");
  EXPECT_THAT(body, HasSubstr("\"receiver\":{\"name\":\"night\"}"));
  EXPECT_THAT(body, HasSubstr("\"receivers\":[{\"name\":\"night\"}]"));
  EXPECT_THAT(body, Not(HasSubstr("db-team")));
}

TEST_F(ReceiverLabelsTest, TheListOfReceiversShowsThem) {
  EXPECT_EQ(Get("/api/v2/receivers?receiver_matchers=owner=~[a-z]+"),
            "[{\"labels\":{\"name\":\"db-team\",\"owner\":\"db\",\"tier\":\"iron\"},\"name\":"
            "\"db-team\"},{\"labels\":{\"name\":\"night\",\"owner\":\"ops\"},\"name\":\"night\"}]"
            "\n");
}

}  // namespace
}  // namespace watchfire::api
