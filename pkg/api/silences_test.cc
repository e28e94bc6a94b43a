// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Silences over API v2, request by request (reference §2.9).

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUnknown = "00000000-0000-4000-8000-000000000000";

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "default";
  config->route.key = config->route.id = "{}";
  config->route.group_by = {"alertname"};
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  return config;
}

struct Wanted {
  std::string id = {};
  std::string matchers = R"([{"name":"alertname","value":"A","isRegex":false,"isEqual":true}])";
  std::string starts_at = "0001-01-01T00:00:00Z";
  std::string ends_at = "2026-09-21T15:00:00Z";
  std::string comment = "why";
  std::string more = {};
};

std::string Body(const Wanted& wanted) {
  return "{\"id\":\"" + wanted.id + "\",\"matchers\":" + wanted.matchers + ",\"startsAt\":\"" +
         wanted.starts_at + "\",\"endsAt\":\"" + wanted.ends_at +
         "\",\"createdBy\":\"ada\",\"comment\":\"" + wanted.comment + "\"" + wanted.more + "}";
}

class SilencesTest : public testing::Test {
 protected:
  net::Response Send(const std::string& method, const std::string& target,
                     const std::string& body = "") {
    return Handle(MakeRequest(method, target, body), backend_);
  }
  net::Response Get(const std::string& target) { return Send("GET", target); }
  net::Response Post(const Wanted& wanted) {
    return Send("POST", "/api/v2/silences", Body(wanted));
  }
  std::string Create(const Wanted& wanted) {
    const net::Response response = Post(wanted);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_THAT(response.body, testing::StartsWith("{\"silenceID\":\""));
    return response.body.substr(14, 36);
  }
  // Comments of the silences in an answer, in order.
  std::vector<std::string> Comments(const std::string& target) {
    std::vector<std::string> comments;
    const std::string body = Get(target).body;
    const std::string mark = "\"comment\":\"";
    for (size_t at = body.find(mark); at != body.npos; at = body.find(mark, at + 1)) {
      const size_t start = at + mark.size();
      comments.push_back(body.substr(start, body.find('"', start) - start));
    }
    return comments;
  }

  FakeBackend backend_{TestConfig()};  // 2026-09-21T14:13:20.123456789Z
};

TEST_F(SilencesTest, ASilenceComesBackWhole) {
  EXPECT_EQ(Get("/api/v2/silences").body, "[]\n");
  const net::Response posted = Post({.more = R"(,"annotations":{"ticket":"7"})"});
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(HeaderOf(posted, "Content-Type"), "application/json");
  const std::string id = posted.body.substr(14, 36);
  EXPECT_EQ(posted.body, "{\"silenceID\":\"" + id + "\"}\n");
  const std::string element =
      "{\"id\":\"" + id +
      "\",\"status\":{\"state\":\"active\"},\"updatedAt\":\"2026-09-21T14:13:20.123Z\","
      "\"annotations\":{\"ticket\":\"7\"},\"comment\":\"why\",\"createdBy\":\"ada\","
      "\"endsAt\":\"2026-09-21T15:00:00.000Z\",\"matchers\":[{\"isEqual\":true,\"isRegex\":false,"
      "\"name\":\"alertname\",\"value\":\"A\"}],\"startsAt\":\"2026-09-21T14:13:20.123Z\"}";
  EXPECT_EQ(Get("/api/v2/silence/" + id).body, element + "\n");
  EXPECT_EQ(Get("/api/v2/silences").body, "[" + element + "]\n");
}

TEST_F(SilencesTest, SilencedAlertsAreSuppressedAndNameTheirSilences) {
  ASSERT_EQ(Send("POST", "/api/v2/alerts",
                 R"([{"labels":{"alertname":"A"}},{"labels":{"alertname":"B"}}])")
                .status,
            200);
  const std::string id = Create({});
  const std::string silenced = "\"silencedBy\":[\"" + id + "\"],\"state\":\"suppressed\"}";
  for (const std::string target : {"/api/v2/alerts", "/api/v2/alerts/groups"}) {
    EXPECT_THAT(Get(target).body, HasSubstr(silenced));
    EXPECT_THAT(Get(target).body, HasSubstr("\"silencedBy\":[],\"state\":\"active\"}"));
    EXPECT_THAT(Get(target + "?silenced=false").body, Not(HasSubstr(id)));
    EXPECT_THAT(Get(target + "?silenced=false").body, HasSubstr("\"B\""));
    EXPECT_THAT(Get(target + "?active=false").body, HasSubstr(id));
    EXPECT_THAT(Get(target + "?active=false").body, Not(HasSubstr("\"B\"")));
  }
  EXPECT_EQ(Send("DELETE", "/api/v2/silence/" + id).status, 200);
  EXPECT_THAT(Get("/api/v2/alerts").body, Not(HasSubstr("suppressed")));
}

TEST_F(SilencesTest, SeveralMatcherSetsAreTakenShownAndKeptByClientsOfOne) {
  ASSERT_EQ(Send("POST", "/api/v2/alerts",
                 R"([{"labels":{"alertname":"A"}},{"labels":{"alertname":"B"}}])")
                .status,
            200);
  const std::string sets =
      R"("matcherSets":[[{"isEqual":true,"isRegex":false,"name":"alertname","value":"A"}],)"
      R"([{"isEqual":true,"isRegex":true,"name":"alertname","value":"B|C"}]])";
  const std::string id = Create({.more = "," + sets});
  EXPECT_THAT(Get("/api/v2/silences").body, HasSubstr(sets));
  EXPECT_THAT(Get("/api/v2/alerts?silenced=false").body, testing::StrEq("[]\n"));
  EXPECT_EQ(
      Create({.id = id, .starts_at = "2026-09-21T14:13:20Z", .ends_at = "2026-09-21T18:00:00Z"}),
      id);
  EXPECT_THAT(Get("/api/v2/silence/" + id).body, HasSubstr(sets));
  const std::string empty = R"(,"matcherSets":[[{"name":"alertname","value":"A","isRegex":false}],)"
                            R"([{"name":"a","value":"","isRegex":false}]])";
  const net::Response refused = Post({.more = empty});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("invalid silence: matcher set 1: at least one matcher must"));
}

TEST_F(SilencesTest, StatesAndFiltersChoose) {
  Create({.starts_at = "2026-09-21T16:00:00Z",
          .ends_at = "2026-09-21T17:00:00Z",
          .comment = "pending"});
  Create({.matchers = R"([{"name":"a","value":"b.*","isRegex":true}])", .comment = "regex"});
  const std::string ended = Create({.comment = "expired"});
  EXPECT_EQ(Send("DELETE", "/api/v2/silence/" + ended).status, 200);
  EXPECT_THAT(Comments("/api/v2/silences"), ElementsAre("regex", "pending", "expired"));
  EXPECT_THAT(Comments("/api/v2/silences?active=false"), ElementsAre("pending", "expired"));
  EXPECT_THAT(Comments("/api/v2/silences?pending=no"), ElementsAre("regex", "expired"));
  EXPECT_THAT(Comments("/api/v2/silences?expired=0"), ElementsAre("regex", "pending"));
  EXPECT_THAT(Comments("/api/v2/silences?filter=a=~b.*"), ElementsAre("regex"));
  EXPECT_THAT(Comments("/api/v2/silences?filter=a=b1"), ElementsAre()) << "texts are compared";
  EXPECT_THAT(Comments("/api/v2/silences?filter=alertname=A"), ElementsAre("pending", "expired"));
}

TEST_F(SilencesTest, UpdatesKeepTheIdWhileTheyDoNotChangeThePast) {
  const std::string id = Create({});
  const std::string starts_at = "2026-09-21T14:13:20Z";
  EXPECT_EQ(Create({.id = id, .starts_at = starts_at, .ends_at = "2026-09-21T18:00:00Z"}), id);
  EXPECT_THAT(Get("/api/v2/silence/" + id).body, HasSubstr("2026-09-21T18:00:00.000Z"));
  const std::string other = Create(
      {.id = id, .matchers = R"([{"name":"b","value":"c","isRegex":false}])", .comment = "new"});
  EXPECT_NE(other, id);
  EXPECT_THAT(Get("/api/v2/silence/" + id).body, HasSubstr("\"state\":\"expired\""));
  EXPECT_THAT(Comments("/api/v2/silences?expired=false"), ElementsAre("new"));
}

TEST_F(SilencesTest, DeletingExpiresAndMayBeRepeated) {
  const std::string id = Create({});
  for (int i = 0; i < 2; ++i) {
    const net::Response response = Send("DELETE", "/api/v2/silence/" + id);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(HeaderOf(response, "Content-Type"), "");
    backend_.Pass(seconds(1));
  }
  EXPECT_THAT(Get("/api/v2/silence/" + id).body,
              HasSubstr("\"endsAt\":\"2026-09-21T14:13:20.123Z\""));
}

struct Refusal {
  std::string what;
  net::Response response;
  int status;
  std::string body;
};

TEST_F(SilencesTest, RefusalsHaveAlertmanagersShapeAndText) {
  const auto with = [this](Wanted wanted) { return Post(wanted); };
  const std::string regex = R"([{"name":"a","value":"(","isRegex":true}])";
  const std::string empty = R"([{"name":"a","value":".*","isRegex":true}])";
  const std::string nameless = R"([{"name":"","value":"a","isRegex":false}])";
  const std::vector<Refusal> cases = {
      {"filter", Get("/api/v2/silences?filter=x"), 400, "\"bad matcher format: x\"\n"},
      {"body", Send("POST", "/api/v2/silences"), 422,
       "{\"code\":602,\"message\":\"silence in body is required\"}"},
      {"member", Send("POST", "/api/v2/silences", "{}"), 422,
       "{\"code\":602,\"message\":\"comment in body is required\"}"},
      {"no matchers", with({.matchers = "[]"}), 422,
       "{\"code\":612,\"message\":\"matchers in body should have at least 1 items\"}"},
      {"no JSON", Send("POST", "/api/v2/silences", "{"), 400,
       "{\"code\":400,\"message\":\"parsing silence body from \\\"\\\" failed, because "},
      {"GET id", Get("/api/v2/silence/foo"), 422,
       "{\"code\":601,\"message\":\"silenceID in path must be of type uuid: \\\"foo\\\"\"}"},
      {"DELETE id", Send("DELETE", "/api/v2/silence/1"), 422,
       "{\"code\":601,\"message\":\"silenceID in path must be of type uuid: \\\"1\\\"\"}"},
      {"times", with({.starts_at = "2026-09-21T16:00:00Z"}), 400,
       "\"Failed to create silence: start time must be before end time\"\n"},
      {"past", with({.ends_at = "2026-09-21T14:00:00Z"}), 400,
       "\"Failed to create silence: end time can't be in the past\"\n"},
      {"regex", with({.matchers = regex}), 400,
       "\"invalid silence: invalid label matcher 0 in set 0: invalid regular expression "
       "\\\"(\\\": error parsing regexp: missing closing ): `(`\"\n"},
      {"empty", with({.matchers = empty}), 400,
       "\"invalid silence: matcher set 0: at least one matcher must not match the empty "
       "string\"\n"},
      {"name", with({.matchers = nameless}), 400,
       "\"invalid silence: invalid label matcher 0 in set 0: invalid label name \\\"\\\"\"\n"},
      {"unknown", with({.id = kUnknown}), 404, "\"silence not found\"\n"},
      {"no UUID", with({.id = "foo"}), 404, "\"silence not found\"\n"},
      {"large", with({.comment = std::string(300 * 1024, 'x')}), 400,
       "\"silence exceeded maximum size: "},
  };
  for (const Refusal& c : cases) {
    EXPECT_EQ(c.response.status, c.status) << c.what;
    EXPECT_THAT(c.response.body, testing::StartsWith(c.body)) << c.what;
    EXPECT_EQ(HeaderOf(c.response, "Content-Type"), "application/json") << c.what;
  }
}

TEST_F(SilencesTest, WhatIsUnknownHasNoBody) {
  for (const char* method : {"GET", "DELETE"}) {
    const net::Response response = Send(method, std::string("/api/v2/silence/") + kUnknown);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(HeaderOf(response, "Content-Type"), "");
  }
}

TEST_F(SilencesTest, ABusyServerSaysWhenToComeBack) {
  const std::string id = Create({});
  backend_.busy = true;
  for (const net::Response& response :
       {Post({}), Get("/api/v2/silences"), Get("/api/v2/silence/" + id),
        Send("DELETE", "/api/v2/silence/" + id)}) {
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(HeaderOf(response, "Retry-After"), "1");
  }
}

}  // namespace
}  // namespace watchfire::api
