// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's API v2, request by request (reference §1.6, §2).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

matcher::Matcher Equal(const std::string& name, const std::string& value) {
  return matcher::Matcher::Create(matcher::Op::kEqual, name, value).value();
}

config::Route MakeRoute(const std::string& receiver, matcher::Matchers matchers) {
  config::Route route;
  route.receiver = receiver;
  route.key = route.id = "{}/" + matcher::ToString(matchers);
  route.matchers = std::move(matchers);
  route.group_by = {"alertname"};
  return route;
}

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route = MakeRoute("default", {});
  config->route.key = config->route.id = "{}";
  config->route.routes = {MakeRoute("db-team", {Equal("team", "db")})};
  config->receivers = {{"default", {}}, {"db-team", {}}, {"unused", {}}};
  config->inhibit_rules = {
      {"", {Equal("severity", "critical")}, {Equal("severity", "warning")}, {"service"}}};
  config->datasources.emplace_back();
  config->original = "route:\n  receiver: default\n";
  return config;
}

class V2Test : public testing::Test {
 protected:
  net::Response Send(const net::Request& request) { return Handle(request, backend_); }
  net::Response Get(const std::string& target) { return Send(MakeRequest("GET", target)); }
  net::Response Post(const std::string& target, const std::string& body) {
    return Send(MakeRequest("POST", target, body));
  }
  // Names of the alerts in an answer, in order.
  static std::vector<std::string> Names(const std::string& body) {
    std::vector<std::string> names;
    const std::string mark = "\"alertname\":\"";
    for (size_t at = body.find(mark); at != body.npos; at = body.find(mark, at + 1)) {
      names.push_back(body.substr(at + mark.size(), 1));
    }
    return names;
  }
  void PostSome() {
    const net::Response response = Post("/api/v2/alerts", R"([
        {"labels": {"alertname": "A", "service": "x", "severity": "critical", "team": "db"}},
        {"labels": {"alertname": "B", "service": "x", "severity": "warning"}},
        {"labels": {"alertname": "C", "service": "y", "severity": "warning"},
         "annotations": {"summary": "slow <&>"}, "generatorURL": "http://prom/graph?a=b"},
        {"labels": {"alertname": "D"}, "startsAt": "2020-01-01T00:00:00Z",
         "endsAt": "2020-01-02T00:00:00Z"}])");
    ASSERT_EQ(response.status, 200);
  }

  FakeBackend backend_{TestConfig()};
};

TEST_F(V2Test, APostedAlertComesBackWhole) {
  const net::Response posted =
      Post("/api/v2/alerts",
           R"([{"labels":{"alertname":"Up","empty":""},"annotations":{"a":"1","b":""},)"
           R"("startsAt":"2026-09-21T12:00:00.123456Z","generatorURL":"http://p/g"}])");
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.body, "");
  EXPECT_EQ(HeaderOf(posted, "Content-Type"), "");
  const net::Response got = Get("/api/v2/alerts");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(HeaderOf(got, "Content-Type"), "application/json");
  EXPECT_EQ(got.body,
            "[{\"annotations\":{\"a\":\"1\",\"b\":\"\"},\"endsAt\":\"2026-09-21T14:18:20.123Z\","
            "\"fingerprint\":\"" +
                Hex64(labels::LabelSet{{"alertname", "Up"}}.fingerprint()) +
                "\",\"receivers\":[{\"name\":\"default\"}],\"startsAt\":"
                "\"2026-09-21T12:00:00.123Z\",\"status\":{\"inhibitedBy\":[],\"mutedBy\":[],"
                "\"silencedBy\":[],\"state\":\"active\"},\"updatedAt\":"
                "\"2026-09-21T14:13:20.123Z\",\"generatorURL\":\"http://p/g\","
                "\"labels\":{\"alertname\":\"Up\"}}]\n");
}

TEST_F(V2Test, TimesComeBackWithTheOffsetOfTheirSender) {
  Post("/api/v2/alerts", R"([{"labels":{"a":"b"},"startsAt":"2026-09-21T14:00:00.5+02:00",)"
                         R"("endsAt":"2026-09-22T00:00:00-03:30"}])");
  const std::string body = Get("/api/v2/alerts").body;
  EXPECT_THAT(body, HasSubstr("\"startsAt\":\"2026-09-21T14:00:00.500+02:00\""));
  EXPECT_THAT(body, HasSubstr("\"endsAt\":\"2026-09-22T00:00:00.000-03:30\""));
}

TEST_F(V2Test, NothingIsAnEmptyArray) { EXPECT_EQ(Get("/api/v2/alerts").body, "[]\n"); }

TEST_F(V2Test, AlertsComeInTheOrderOfFingerprintsWithoutResolvedOnes) {
  PostSome();
  const std::string body = Get("/api/v2/alerts").body;
  EXPECT_EQ(Names(body).size(), 3U);
  std::vector<std::string> prints;
  const std::string mark = "\"fingerprint\":\"";
  for (size_t at = body.find(mark); at != body.npos; at = body.find(mark, at + 1)) {
    prints.push_back(body.substr(at + mark.size(), 16));
  }
  EXPECT_TRUE(std::ranges::is_sorted(prints));
  EXPECT_THAT(body, HasSubstr("slow <&>")) << "HTML is not escaped";
}

TEST_F(V2Test, AnInhibitedAlertNamesItsSource) {
  PostSome();
  const uint64_t source = labels::LabelSet{
      {"alertname", "A"},
      {"service", "x"},
      {"severity", "critical"},
      {"team", "db"}}.fingerprint();
  const std::string body = Get("/api/v2/alerts?filter=alertname=B").body;
  EXPECT_THAT(body, HasSubstr("\"inhibitedBy\":[\"" + Hex64(source) + "\"]"));
  EXPECT_THAT(body, HasSubstr("\"state\":\"suppressed\""));
}

struct FilterCase {
  const char* query;
  std::set<std::string> want;
};

TEST_F(V2Test, FiltersChooseAlerts) {
  PostSome();
  const std::vector<FilterCase> cases = {
      {"", {"A", "B", "C"}},
      {"?active=false", {"B"}},
      {"?inhibited=false", {"A", "C"}},
      {"?active=no&inhibited=no", {}},
      {"?active=YES", {"A", "B", "C"}},
      {"?active=", {"A", "B", "C"}},
      {"?active=false&active=1", {"A", "B", "C"}},
      {"?silenced=false&unprocessed=false", {"A", "B", "C"}},
      {"?filter=severity=\"warning\"", {"B", "C"}},
      {"?filter=severity=warning&filter=service=y", {"C"}},
      {"?filter=severity=~war.*", {"B", "C"}},
      {"?filter=team=", {"B", "C"}},
      {"?filter=severity!=warning", {"A"}},
      {"?receiver=db-team", {"A"}},
      {"?receiver=db", {}},
      {"?receiver=d.*", {"A", "B", "C"}},
      {"?receiver=", {"A", "B", "C"}},
      {"?receiver_matchers=name=\"default\"", {"B", "C"}},
  };
  for (const FilterCase& c : cases) {
    const net::Response response = Get(std::string("/api/v2/alerts") + c.query);
    const std::vector<std::string> names = Names(response.body);
    EXPECT_EQ(response.status, 200) << c.query;
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), c.want) << c.query;
  }
}

struct Refusal {
  const char* what;
  net::Request request;
  int status;
  std::string body;
};

net::Request WithHeader(net::Request request, const std::string& name, const std::string& value) {
  std::erase_if(request.headers, [&](const net::Header& header) { return header.name == name; });
  if (!value.empty()) request.headers.push_back({name, value});
  return request;
}

TEST_F(V2Test, WhoLeavesOutTheSlashIsLedToIt) {
  const net::Response led = Send(MakeRequest("GET", "/api/v2"));
  EXPECT_EQ(led.status, 307);
  EXPECT_EQ(HeaderOf(led, "Location"), "v2/");
  EXPECT_EQ(Send(MakeRequest("GET", "/api/v2/")).status, 404);
}

TEST_F(V2Test, RefusalsHaveAlertmanagersShapeAndText) {
  const net::Request good = MakeRequest("POST", "/api/v2/alerts", "[]");
  const net::Request get = MakeRequest("GET", "/api/v2/alerts", "[]");
  const std::string parse = "{\"code\":400,\"message\":\"parsing alerts body from \\\"\\\" failed";
  const std::vector<Refusal> cases = {
      {"bad filter", MakeRequest("GET", "/api/v2/alerts?filter={a=b}"), 400,
       "\"unexpected open or close brace: {a=b}\"\n"},
      {"bad receiver", MakeRequest("GET", "/api/v2/alerts?receiver=("), 400,
       "\"failed to parse receiver param: error parsing regexp"},
      {"bad receiver in groups", MakeRequest("GET", "/api/v2/alerts/groups?receiver=("), 400,
       "\"failed to parse receiver param: error parsing regexp"},
      {"bad receiver_matchers", MakeRequest("GET", "/api/v2/receivers?receiver_matchers=x"), 400,
       "\"failed to parse receiver_matchers param: "},
      {"unknown path", MakeRequest("GET", "/api/v2/foo bar/"), 404,
       "{\"code\":404,\"message\":\"path /api/v2/foo%20bar/ was not found\"}"},
      {"wrong method", MakeRequest("PUT", "/api/v2/alerts"), 405,
       "{\"code\":405,\"message\":\"method PUT is not allowed, but [GET,POST] are\"}"},
      {"HEAD", MakeRequest("HEAD", "/api/v2/status"), 405,
       "{\"code\":405,\"message\":\"method HEAD is not allowed, but [GET] are\"}"},
      {"OPTIONS", MakeRequest("OPTIONS", "/api/v2/status"), 405,
       "{\"code\":405,\"message\":\"method OPTIONS is not allowed, but [GET] are\"}"},
      {"no type", WithHeader(good, "Content-Type", ""), 415,
       "{\"code\":415,\"message\":\"unsupported media type \\\"application/octet-stream\\\", only "
       "[application/json] are allowed\"}"},
      {"other type", WithHeader(good, "Content-Type", "text/plain"), 415,
       "{\"code\":415,\"message\":\"unsupported media type \\\"text/plain\\\", only "
       "[application/json] are allowed\"}"},
      {"type and parameter", WithHeader(good, "Content-Type", "Text/Plain; charset=x"), 415,
       "{\"code\":415,\"message\":\"unsupported media type \\\"text/plain\\\", only "
       "[application/json] are allowed\"}"},
      {"a body nobody asked for", WithHeader(get, "Content-Type", "text/plain"), 415,
       "{\"code\":415,\"message\":\"unsupported media type \\\"text/plain\\\", only "
       "[application/json] are allowed\"}"},
      {"Accept", WithHeader(MakeRequest("GET", "/api/v2/alerts"), "Accept", "text/html"), 406,
       "{\"code\":406,\"message\":\"unsupported media type requested, only [application/json] are "
       "available\"}"},
      {"empty body", MakeRequest("POST", "/api/v2/alerts", ""), 422,
       "{\"code\":602,\"message\":\"alerts in body is required\"}"},
      {"broken JSON", MakeRequest("POST", "/api/v2/alerts", "[{"), 400, parse},
      {"wrong type", MakeRequest("POST", "/api/v2/alerts", "{}"), 400, parse},
      {"no labels", MakeRequest("POST", "/api/v2/alerts", "[{}]"), 422,
       "{\"code\":602,\"message\":\"0.labels in body is required\"}"},
      {"bad URL",
       MakeRequest("POST", "/api/v2/alerts", R"([{"labels":{"a":"b"},"generatorURL":"foo bar"}])"),
       422,
       "{\"code\":601,\"message\":\"0.generatorURL in body must be of type uri: \\\"foo "
       "bar\\\"\"}"},
  };
  for (const Refusal& c : cases) {
    const net::Response response = Send(c.request);
    EXPECT_EQ(response.status, c.status) << c.what;
    EXPECT_THAT(response.body, testing::StartsWith(c.body)) << c.what;
    EXPECT_EQ(HeaderOf(response, "Content-Type"), "application/json") << c.what;
    EXPECT_EQ(HeaderOf(response, "Cache-Control"), "no-store") << c.what;
  }
}

TEST_F(V2Test, LenientRequestsAreTaken) {
  const net::Request post = MakeRequest("POST", "/api/v2/alerts", "[]");
  const net::Request get = MakeRequest("GET", "/api/v2/alerts");
  const std::vector<net::Request> cases = {
      post,
      WithHeader(post, "Content-Type", "application/json; charset=utf-8"),
      WithHeader(post, "Content-Type", "Application/JSON"),
      WithHeader(post, "Accept", "text/html"),
      WithHeader(get, "Accept", "text/html, application/json;q=0.5"),
      WithHeader(get, "Accept", "application/*"),
      WithHeader(get, "Accept", "*/*"),
      MakeRequest("GET", "/api/v2/alerts/"),
      MakeRequest("GET", "//api//v2/alerts"),
      MakeRequest("POST", "/api/v2/alerts", R"([{"labels":{"a":"b"},"what":1}] trailing)"),
  };
  for (const net::Request& request : cases) {
    EXPECT_EQ(Send(request).status, 200) << request.path << " " << request.body;
  }
  EXPECT_EQ(Send(WithHeader(get, "Accept", "application/json;q=0.0")).status, 406);
}

TEST_F(V2Test, AllowNamesTheMethods) {
  EXPECT_EQ(HeaderOf(Send(MakeRequest("DELETE", "/api/v2/alerts")), "Allow"), "GET,POST");
}

TEST_F(V2Test, GoodAlertsOfABadBatchAreKept) {
  const net::Response response = Post(
      "/api/v2/alerts",
      R"([{"labels":{"alertname":"A"}},{"labels":{"a":""}},)"
      R"({"labels":{"b":"c"},"startsAt":"2026-01-02T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"}])");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            "\"at least one label pair required (alert 1)\\n"
            "start time must be before end time (alert 2)\"\n");
  EXPECT_THAT(Names(Get("/api/v2/alerts").body), ElementsAre("A"));
  const auto view = backend_.Read(core::kViewStats);
  EXPECT_EQ((*view)->stats->alerts_invalid, 2U);
}

TEST_F(V2Test, AFullQueueSaysWhenToComeBack) {
  backend_.busy = true;
  const net::Response response = Post("/api/v2/alerts", R"([{"labels":{"a":"b"}}])");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(HeaderOf(response, "Retry-After"), "1");
  EXPECT_EQ(response.body, "\"the event queue is full, try again\"\n");
  EXPECT_EQ(Get("/api/v2/alerts").status, 503);
  EXPECT_EQ(Get("/api/v2/alerts/groups").status, 503);
}

TEST_F(V2Test, GroupsAreSortedAndNameTheirReceivers) {
  PostSome();
  const net::Response response = Get("/api/v2/alerts/groups");
  EXPECT_THAT(Names(response.body), ElementsAre("A", "A", "B", "B", "C", "C"))
      << "the labels of each group stand behind its one alert";
  EXPECT_THAT(response.body,
              HasSubstr("\"labels\":{\"alertname\":\"A\"},\"receiver\":{\"name\":\"db-team\"},"
                        "\"routeLabels\":{}}"));
  EXPECT_THAT(Names(Get("/api/v2/alerts/groups?receiver=db-team").body), ElementsAre("A", "A"));
  EXPECT_THAT(Names(Get("/api/v2/alerts/groups?inhibited=false").body),
              ElementsAre("A", "A", "C", "C"));
  EXPECT_EQ(Get("/api/v2/alerts/groups?filter=alertname=Z").body, "[]\n");
}

std::shared_ptr<const config::Config> ConfigWithTwins() {
  auto config = std::make_shared<config::Config>(*TestConfig());
  config->route.routes[0].continue_matching = true;
  config->route.routes.push_back(MakeRoute("db-team", {Equal("severity", "critical")}));
  timeinterval::TimeInterval always;
  config->time_intervals["always"] = {always};
  config->route.routes.push_back(MakeRoute("night", {Equal("shift", "night")}));
  config->route.routes.back().mute_time_intervals = {"always"};
  config->receivers.push_back({"night", {}});
  return config;
}

TEST(V2GroupsTest, AReceiverIsNamedOnceForEveryRouteAndGroup) {
  FakeBackend backend(ConfigWithTwins());
  Handle(MakeRequest("POST", "/api/v2/alerts",
                     R"([{"labels":{"alertname":"A","team":"db","severity":"critical"}}])"),
         backend);
  for (const char* target : {"/api/v2/alerts", "/api/v2/alerts/groups"}) {
    EXPECT_THAT(Handle(MakeRequest("GET", target), backend).body,
                HasSubstr("\"receivers\":[{\"name\":\"db-team\"},{\"name\":\"db-team\"}]"));
  }
}

TEST(V2GroupsTest, AMutedGroupNamesItsIntervalsAndCanBeLeftOut) {
  FakeBackend backend(ConfigWithTwins());
  Handle(MakeRequest("POST", "/api/v2/alerts", R"([{"labels":{"alertname":"A","shift":"night"}}])"),
         backend);
  const auto get = [&](const char* target) {
    return Handle(MakeRequest("GET", target), backend).body;
  };
  EXPECT_THAT(get("/api/v2/alerts/groups"),
              HasSubstr("\"mutedBy\":[\"always\"],\"silencedBy\":[],\"state\":\"suppressed\""));
  EXPECT_EQ(get("/api/v2/alerts/groups?muted=false"), "[]\n");
  EXPECT_THAT(get("/api/v2/alerts"),
              HasSubstr("\"mutedBy\":[],\"silencedBy\":[],\"state\":\"active\""))
      << "here nobody is muted";
}

TEST_F(V2Test, StatusListsTheLoneInstanceAsItsPeer) {
  EXPECT_EQ(Get("/api/v2/status").body,
            "{\"cluster\":{\"name\":\"node-1\",\"peers\":[{\"address\":\"127.0.0.1:9094\",\"name\":"
            "\"node-1\"}],\"status\":\"ready\"},\"config\":{\"original\":\"route:\\n  receiver: "
            "default\\n\"},\"uptime\":\"2026-09-21T14:13:20.123Z\",\"versionInfo\":{\"branch\":"
            "\"watchfire\",\"buildDate\":\"\",\"buildUser\":\"\",\"goVersion\":\"\",\"revision\":"
            "\"1.2.3\",\"version\":\"0.99.0\"}}\n");
  backend_.info_.peer_address = "";
  EXPECT_THAT(Get("/api/v2/status").body,
              HasSubstr("\"cluster\":{\"peers\":[],\"status\":\"disabled\"}"));
}

TEST_F(V2Test, ReceiversComeInTheOrderOfTheConfiguration) {
  EXPECT_EQ(Get("/api/v2/receivers").body,
            "[{\"labels\":{\"name\":\"default\"},\"name\":\"default\"},"
            "{\"labels\":{\"name\":\"db-team\"},\"name\":\"db-team\"},"
            "{\"labels\":{\"name\":\"unused\"},\"name\":\"unused\"}]\n");
  EXPECT_EQ(Get("/api/v2/receivers?receiver_matchers=name=~d.%2B").body, "[]\n");
  EXPECT_EQ(Get("/api/v2/receivers?receiver_matchers=name=~un.*").body,
            "[{\"labels\":{\"name\":\"unused\"},\"name\":\"unused\"}]\n");
}

TEST_F(V2Test, NoOtherOriginMayCallUnlessAFlagSaysSo) {
  net::Request request = WithHeader(MakeRequest("GET", "/api/v2/alerts"), "Origin", "https://ui");
  EXPECT_EQ(HeaderOf(Send(request), "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(HeaderOf(Send(request), "Vary"), "");
  request.method = "OPTIONS";
  request = WithHeader(request, "Access-Control-Request-Method", "POST");
  const net::Response response = Send(request);
  EXPECT_EQ(response.status, 405) << "as of any method that there is not";
  EXPECT_EQ(HeaderOf(response, "Access-Control-Allow-Origin"), "");
}

TEST_F(V2Test, OriginsOfTheFlagMayReadPostAndDelete) {
  backend_.info_.cors_origins =
      matcher::Matcher::Create(matcher::Op::kRegex, "Origin", "https?://(a|b)\\.example").value();
  net::Request request = MakeRequest("GET", "/api/v2/alerts");
  EXPECT_EQ(HeaderOf(Send(request), "Vary"), "Origin");
  EXPECT_EQ(HeaderOf(Send(request), "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(HeaderOf(Send(WithHeader(request, "Origin", "https://a.example.evil")),
                     "Access-Control-Allow-Origin"),
            "")
      << "the whole must match";
  request = WithHeader(request, "Origin", "https://a.example");
  for (const char* method : {"GET", "POST", "DELETE", "OPTIONS"}) {
    request.method = method;
    const net::Response response = Send(request);
    EXPECT_EQ(HeaderOf(response, "Access-Control-Allow-Origin"), "https://a.example") << method;
    EXPECT_EQ(HeaderOf(response, "Cache-Control"), "no-store") << method;
  }
  request.method = "PUT";
  EXPECT_EQ(HeaderOf(Send(request), "Access-Control-Allow-Origin"), "");
  request = WithHeader(MakeRequest("GET", "/-/healthy"), "Origin", "https://a.example");
  EXPECT_EQ(HeaderOf(Send(request), "Access-Control-Allow-Origin"), "") << "API v2 only";
}

TEST_F(V2Test, PreflightsAreAnsweredByThemselves) {
  backend_.info_.cors_origins =
      matcher::Matcher::Create(matcher::Op::kRegex, "Origin", "https://ui\\.example").value();
  net::Request request = MakeRequest("OPTIONS", "/api/v2/alerts");
  request = WithHeader(request, "Access-Control-Request-Method", "POST");
  request = WithHeader(request, "Access-Control-Request-Headers", "content-type,x-any");
  const net::Response allowed = Send(WithHeader(request, "Origin", "https://ui.example"));
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(HeaderOf(allowed, "Access-Control-Allow-Origin"), "https://ui.example");
  EXPECT_EQ(HeaderOf(allowed, "Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(HeaderOf(allowed, "Access-Control-Allow-Headers"), "content-type,x-any");
  EXPECT_EQ(HeaderOf(allowed, "Access-Control-Max-Age"), "600");
  EXPECT_EQ(HeaderOf(allowed, "Cache-Control"), "");
  const net::Response other = Send(WithHeader(request, "Origin", "https://evil.example"));
  EXPECT_EQ(other.status, 204);
  EXPECT_EQ(HeaderOf(other, "Access-Control-Allow-Origin"), "");
  request = WithHeader(request, "Origin", "https://ui.example");
  const net::Response put = Send(WithHeader(request, "Access-Control-Request-Method", "PUT"));
  EXPECT_EQ(put.status, 204);
  EXPECT_EQ(HeaderOf(put, "Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace watchfire::api
