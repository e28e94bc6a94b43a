// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Routing keys, as scripts for VictorOps' public API ask for them.

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "pkg/api/inbound_for_test.h"
#include "pkg/config/oncall.h"

namespace watchfire::api {
namespace {

using matcher::Op;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo]
  teams:
    - {name: Core Team, members: [ada, bo]}
  escalation_policies:
    - {name: Web Critical, team: core-team, steps: [{tell: ada}]}
    - {name: rest, team: Core Team, steps: [{tell: bo}]}
)";

struct Asks {
  Op op;
  std::string name;
  std::string value;
};

config::Route RouteOf(const std::string& receiver, std::initializer_list<Asks> asked) {
  config::Route route;
  route.receiver = receiver;
  route.key = route.id = "{}/" + receiver;
  for (const Asks& one : asked) {
    route.matchers.push_back(*matcher::Matcher::Create(one.op, one.name, one.value));
  }
  return route;
}

config::Receiver Escalating(const std::string& name, const std::string& policy) {
  config::Escalates escalates;
  escalates.policy = policy;
  auto options = std::make_shared<const config::Escalates>(std::move(escalates));
  return {name, {{config::kEscalation, 0, true, true, std::move(options)}}};
}

std::shared_ptr<config::Config> ConfigWith(std::initializer_list<config::Route> routes) {
  auto config = std::make_shared<config::Config>(*InboundConfigOf(kRoster));
  config->route.routes = routes;
  config->receivers.push_back(Escalating("web-pages", "Web Critical"));
  config->receivers.push_back(Escalating("rest-pages", "rest"));
  return config;
}

net::Response Ask(FakeBackend* backend, const std::string& method = "GET",
                  const std::string& key = "api-key") {
  net::Request request = MakeRequest(method, "/api-public/v1/org/routing-keys");
  request.headers.push_back({"X-VO-Api-Id", "api-id"});
  request.headers.push_back({"X-VO-Api-Key", key});
  return Handle(request, *backend);
}

TEST(PublicRoutingKeysTest, AreThoseOfRoutesWithTheirPolicies) {
  FakeBackend backend(ConfigWith({
      RouteOf("web-pages", {{Op::kEqual, "routing_key", "web"}}),
      RouteOf("rest-pages", {{Op::kRegex, "routing_key", "db|cache"}}),
  }));
  const std::string rest =
      R"("isDefault":false,"targets":[{"policyName":"rest","policySlug":"rest",)"
      R"("_teamUrl":"/api-public/v1/team/core-team"}],"receivers":["rest-pages"]})";
  EXPECT_EQ(Ask(&backend).body,
            R"({"routingKeys":[{"routingKey":"cache",)" + rest + R"(,{"routingKey":"db",)" + rest +
                R"(,{"routingKey":"web","isDefault":false,"targets":[{"policyName":"Web Critical",)"
                R"("policySlug":"web-critical","_teamUrl":"/api-public/v1/team/core-team"}],)"
                R"("receivers":["web-pages"]},)"
                R"({"routingKey":"default","isDefault":true,"targets":[],"receivers":["rest"]}]})");
}

TEST(PublicRoutingKeysTest, HaveEveryTargetThatOtherLabelsMayLeadTo) {
  config::Route web = RouteOf("web-pages", {{Op::kEqual, "routing_key", "web"}});
  web.routes.push_back(RouteOf("rest-pages", {{Op::kEqual, "severity", "warning"}}));
  FakeBackend backend(ConfigWith({
      RouteOf("on-call", {{Op::kEqual, "severity", "page"}}),
      std::move(web),
      RouteOf("never", {{Op::kEqual, "routing_key", "web"}}),
  }));
  EXPECT_THAT(Ask(&backend).body, HasSubstr(R"("receivers":["on-call","rest-pages","web-pages"])"));
  EXPECT_THAT(Ask(&backend).body, HasSubstr(R"("receivers":["on-call","rest"])"))
      << "the default's";
  EXPECT_THAT(Ask(&backend).body, Not(HasSubstr("never"))) << "the route before takes all of it";
}

TEST(PublicRoutingKeysTest, GoOnWhereARouteSaysSo) {
  config::Route first = RouteOf("rest-pages", {{Op::kEqual, "routing_key", "web"}});
  first.continue_matching = true;
  FakeBackend backend(ConfigWith({
      std::move(first),
      RouteOf("web-pages", {{Op::kRegex, "routing_key", "w.*"}}),
  }));
  const std::string body = Ask(&backend).body;
  EXPECT_THAT(body, HasSubstr(R"("receivers":["rest-pages","web-pages"])"));
  EXPECT_THAT(body, Not(HasSubstr("w.*"))) << "a pattern names no key";
}

TEST(PublicRoutingKeysTest, ADefaultThatARouteNamesIsAKeyAsOthers) {
  FakeBackend backend(ConfigWith({RouteOf("web-pages", {{Op::kEqual, "routing_key", "default"}})}));
  const std::string body = Ask(&backend).body;
  EXPECT_THAT(body, HasSubstr(R"({"routingKey":"default","isDefault":false)"));
  EXPECT_THAT(body, Not(HasSubstr(R"("isDefault":true)")));
}

TEST(PublicRoutingKeysTest, AreMadeInTheFile) {
  FakeBackend backend(ConfigWith({}));
  const net::Response refused = Ask(&backend, "POST");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(HeaderOf(refused, "Allow"), "GET,HEAD,OPTIONS");
  EXPECT_THAT(refused.body, HasSubstr("route.routes"));
  EXPECT_EQ(Ask(&backend, "POST", "wrong").status, 403);
  EXPECT_EQ(Ask(&backend, "GET", "wrong").status, 403);
}

}  // namespace
}  // namespace watchfire::api
