// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The router, the endpoints of operation, and that the documents tell the truth about the routes.

#include "pkg/api/api.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "default";
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  return config;
}

class ApiTest : public testing::Test {
 protected:
  net::Response Send(const std::string& method, const std::string& target) {
    return Handle(MakeRequest(method, target), backend_);
  }

  FakeBackend backend_{TestConfig()};
};

TEST_F(ApiTest, HealthIsAlwaysGood) {
  backend_.busy = true;
  for (const char* path : {"/-/healthy", "/-/ready"}) {
    for (const char* method : {"GET", "HEAD"}) {
      const net::Response response = Send(method, path);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, "OK");
    }
  }
}

TEST_F(ApiTest, AReloadSaysWhatIsWrong) {
  EXPECT_EQ(Send("POST", "/-/reload").status, 200);
  EXPECT_EQ(Send("POST", "/-/reload").body, "");
  backend_.problems = "am.yml:1:9: unknown key \"reciever\" (did you mean receiver?)";
  const net::Response response = Send("POST", "/-/reload");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "failed to reload config: " + backend_.problems + "\n");
  EXPECT_EQ(HeaderOf(response, "Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(ApiTest, TheSourceOfAnAlertIsTheGraphOfItsDataSource) {
  const std::string link = "/graph?g0.expr=rate(x[5m]) > 0&g0.tab=1";  // Decoded.
  EXPECT_EQ(Send("GET", link).status, 404) << "nothing is evaluated here";
  auto config = std::make_shared<config::Config>(*TestConfig());
  config->rule_groups.emplace_back();
  config->datasources.front().url = "http://ada:secret@prometheus:9090/main";
  FakeBackend ours{config};
  const net::Response led = Handle(MakeRequest("GET", link), ours);
  EXPECT_EQ(led.status, 302);
  EXPECT_EQ(HeaderOf(led, "Location"),
            "http://prometheus:9090/main/graph?g0.expr=rate%28x%5B5m%5D"
            "%29%20%3E%200&g0.tab=1");
  config->datasources.front().external_url = "https://prometheus.example.com";
  EXPECT_THAT(HeaderOf(Handle(MakeRequest("GET", link), ours), "Location"),
              testing::StartsWith("https://prometheus.example.com/graph?g0.expr=rate"));
}

TEST_F(ApiTest, AReloadIsNoGet) {
  const net::Response response = Send("GET", "/-/reload");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(HeaderOf(response, "Allow"), "POST,OPTIONS");
}

TEST_F(ApiTest, InfoTellsThePageAboutProblems) {
  EXPECT_EQ(Send("GET", "/api/v1/info").body,
            "{\"status\":\"success\",\"data\":{\"version\":\"1.2.3\",\"externalUrl\":\"http://wf\","
            "\"startedAt\":\"2026-09-21T14:13:20.123Z\",\"configuration\":{\"ok\":true,"
            "\"problems\":[]},\"shadow\":null,\"hasRunbooks\":false}}");
  backend_.problems = "a.yml:1:1: one\na.yml:2:1: two\n";
  EXPECT_THAT(Send("GET", "/api/v1/info").body,
              HasSubstr("{\"ok\":false,\"problems\":[\"a.yml:1:1: one\",\"a.yml:2:1: two\"]}"));
}

TEST_F(ApiTest, MetricsAreText) {
  const net::Response response = Send("GET", "/metrics");
  EXPECT_EQ(response.body, "up 1\n");
  EXPECT_EQ(HeaderOf(response, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ApiTest, ThePageComesWithItsPolicy) {
  const net::Response response = Send("GET", "/");
  EXPECT_EQ(response.body, "<!doctype html>");
  EXPECT_EQ(HeaderOf(response, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(HeaderOf(response, "Content-Security-Policy"), "default-src 'none'");
  backend_.info_.page = {};
  EXPECT_EQ(Send("GET", "/").status, 404);
}

TEST_F(ApiTest, TheRemovedApiSaysWhereToGo) {
  const std::vector<std::pair<std::string, std::string>> removed = {
      {"GET", "/api/v1/status"},      {"GET", "/api/v1/receivers"}, {"POST", "/api/v1/alerts"},
      {"GET", "/api/v1/silences"},    {"POST", "/api/v1/silences"}, {"GET", "/api/v1/silence/1"},
      {"DELETE", "/api/v1/silence/1"}};
  for (const auto& [method, path] : removed) {
    const net::Response response = Send(method, path);
    EXPECT_EQ(response.status, 410) << path;
    EXPECT_EQ(response.body,
              "{\"status\":\"deprecated\",\"error\":\"The Alertmanager v1 API was deprecated in "
              "version 0.16.0 and is removed as of version 0.27.0 - please use the equivalent "
              "route in the v2 API\"}\n");
    EXPECT_EQ(HeaderOf(response, "Content-Type"), "application/json");
  }
  EXPECT_EQ(Send("GET", "/api/v1/alerts").status, 200) << "this one is Prometheus'";
}

TEST_F(ApiTest, UnknownPathsAndMethodsKeepTheShapeOfTheirFamily) {
  EXPECT_EQ(Send("GET", "/nothing").body, "404 page not found\n");
  for (const char* path : {"/v2/policies", "/v1/maintenance", "/api-reporting/v1/team"}) {
    EXPECT_THAT(Send("GET", path).body, HasSubstr("\"error\":\"there is nothing at")) << path;
  }
  const net::Response missing = Send("GET", "/api/v1/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body,
            "{\"status\":\"error\",\"errorType\":\"not_found\",\"error\":\"there is nothing at "
            "/api/v1/nothing\"}");
  const net::Response method = Send("DELETE", "/api/v1/incidents/1");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(HeaderOf(method, "Allow"), "GET,HEAD,OPTIONS");
  EXPECT_THAT(method.body, HasSubstr("\"errorType\":\"method_not_allowed\""));
  EXPECT_EQ(Send("PUT", "/").body, "Method Not Allowed\n");
}

TEST_F(ApiTest, OptionsNameTheMethodsOfAPath) {
  for (const auto& [path, methods] : {std::pair{"/", "GET,HEAD,OPTIONS"},
                                      {"/-/reload", "POST,OPTIONS"},
                                      {"/metrics", "GET,HEAD,OPTIONS"},
                                      {"/api/v1/silences", "GET,POST,HEAD,OPTIONS"}}) {
    const net::Response response = Send("OPTIONS", path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(HeaderOf(response, "Allow"), methods) << path;
  }
  EXPECT_EQ(Send("OPTIONS", "/nothing").status, 404);
}

TEST_F(ApiTest, RequestsAreCountedByPatternNotByPath) {
  Send("GET", "/api/v1/incidents/17");
  Send("GET", "/api/v2/alerts");
  Send("GET", "/whatever/17");
  Send("BREW", "/-/healthy");
  EXPECT_THAT(backend_.observed,
              ElementsAre("GET /api/v1/incidents/{id} 404", "GET /api/v2/alerts 200",
                          "GET unmatched 404", "OTHER /-/healthy 405"));
}

// "METHOD path" of every operation in the YAML: two levels of indentation below `paths:`.
std::set<std::string> DocumentedOperations(const std::string& yaml) {
  std::set<std::string> operations;
  std::string path;
  bool inside = false;
  for (const std::string_view line : Split(std::string_view(yaml), '\n')) {
    if (!line.empty() && line[0] != ' ') inside = line == "paths:";
    if (!inside || line.size() < 5 || !line.ends_with(":")) continue;
    const std::string_view key = Trim(line.substr(0, line.size() - 1));
    if (line.starts_with("  /")) path = key;
    if (!line.starts_with("    ") || line[4] == ' ') continue;
    std::string method(key);
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    operations.insert(method + " " + path);
  }
  return operations;
}

TEST_F(ApiTest, TheOpenApiDocumentHasExactlyOurRoutes) {
  const net::Response response = Send("GET", "/api/openapi.yaml");
  EXPECT_EQ(HeaderOf(response, "Content-Type"), "application/yaml");
  EXPECT_THAT(response.body, HasSubstr("openapi: 3.0.3\n"));
  std::set<std::string> own;
  for (const Route& route : Routes()) {
    if (route.own) own.insert(route.method + " " + route.pattern);
  }
  EXPECT_EQ(DocumentedOperations(response.body), own);
}

TEST_F(ApiTest, EveryReferenceInTheOpenApiDocumentLeadsSomewhere) {
  const std::string yaml = Send("GET", "/api/openapi.yaml").body;
  const std::string mark = "\"#/components/";
  size_t count = 0;
  for (size_t at = yaml.find(mark); at != yaml.npos; at = yaml.find(mark, at + 1), ++count) {
    const size_t slash = yaml.find('/', at + mark.size());
    const std::string name = yaml.substr(slash + 1, yaml.find('"', slash) - slash - 1);
    EXPECT_THAT(yaml, HasSubstr("\n    " + name + ":\n"));
  }
  EXPECT_GT(count, 20U);
}

TEST_F(ApiTest, TheGuideNamesEveryRoute) {
  const auto path = "docs/api.md";
  std::ostringstream guide;
  guide << std::ifstream(path).rdbuf();
  for (const Route& route : Routes()) {
    EXPECT_THAT(guide.str(), HasSubstr("`" + route.method + " " + route.pattern + "`"));
  }
}

TEST_F(ApiTest, NoRouteNeedsABodyToAnswer) {
  for (const Route& route : Routes()) {
    const int status = Send(route.method, route.pattern).status;
    EXPECT_TRUE(status >= 200 && status <= 501) << route.pattern << ": " << status;
  }
}

}  // namespace
}  // namespace watchfire::api
