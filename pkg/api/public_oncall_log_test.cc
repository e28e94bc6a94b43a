// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The log of hours on call, as scripts for VictorOps' reporting API ask for it.

#include <string>
#include <utility>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem, dan]
  teams:
    - {name: Core Team, members: [ada, bo]}
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-09-01 00:00, every: 1 day, participants: [ada, bo]}
      overrides:
        - {from: 2026-09-10 06:00, to: 2026-09-10 12:00, who: cem, replaces: bo}
  escalation_policies:
    - name: Critical
      team: Core Team
      steps: [{tell: {schedule: primary}}, {after: 15m, tell: dan}]
    - {name: nights, team: Core Team, steps: [{tell: {schedule: primary}}]}
    - {name: lonely, team: elsewhere, steps: [{tell: dan}]}
)";

// It is 2026-09-21T14:13:20Z.
class PublicOncallLogTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& query, const std::string& team = "core-team",
                    const std::string& key = "api-key") {
    net::Request request =
        MakeRequest("GET", "/api-reporting/v1/team/" + team + "/oncall/log" + query);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", key});
    return Handle(request, backend_);
  }

  FakeBackend backend_{InboundConfigOf(kRoster)};
};

TEST_F(PublicOncallLogTest, HasTheHoursOfThoseWhomTheFirstStepsTell) {
  const std::string stretch = R"({"on":"2026-09-10T06:00:00Z","off":"2026-09-10T12:00:00Z",)"
                              R"("duration":{"hours":6,"minutes":0},"escalationPolicy":)";
  const std::string cem =
      R"({"userId":"cem","total":{"hours":12,"minutes":0},"adjustedTotal":{"hours":6,"minutes":0},)"
      R"("log":[)" +
      stretch + R"({"name":"Critical","slug":"critical"}},)" + stretch +
      R"({"name":"nights","slug":"nights"}}]})";
  const std::string window = "?start=2026-09-09T12:00:00Z&end=2026-09-10T18:00:00Z";
  EXPECT_EQ(Ask(window + "&userName=cem").body,
            R"({"teamSlug":"core-team","start":"2026-09-09T12:00:00Z",)"
            R"("end":"2026-09-10T18:00:00Z","userLogs":[)" +
                cem + "]}");
  const std::string all = Ask(window).body;
  EXPECT_THAT(all, HasSubstr(R"("userLogs":[{"userId":"ada","total":{"hours":24,"minutes":0},)"
                             R"("adjustedTotal":{"hours":12,"minutes":0},)"
                             R"("log":[{"on":"2026-09-09T12:00:00Z","off":"2026-09-10T00:00:00Z")"))
      << "the window cuts it";
  EXPECT_THAT(all, HasSubstr(R"({"userId":"bo","total":{"hours":24,"minutes":0},)"
                             R"("adjustedTotal":{"hours":12,"minutes":0})"));
  EXPECT_THAT(all, HasSubstr(R"({"on":"2026-09-10T12:00:00Z","off":"2026-09-10T18:00:00Z")"));
  EXPECT_THAT(all, HasSubstr(cem));
  EXPECT_THAT(all, Not(HasSubstr("dan"))) << "a later step is not on call";
}

TEST_F(PublicOncallLogTest, WhoIsToldByNameIsOnCallAllTheTime) {
  EXPECT_EQ(Ask("?start=2026-09-09&end=2026-09-09", "elsewhere").body,
            R"({"teamSlug":"elsewhere","start":"2026-09-09T00:00:00Z",)"
            R"("end":"2026-09-10T00:00:00Z","userLogs":[{"userId":"dan",)"
            R"("total":{"hours":24,"minutes":0},"adjustedTotal":{"hours":24,"minutes":0},)"
            R"("log":[{"on":"2026-09-09T00:00:00Z","off":"2026-09-10T00:00:00Z",)"
            R"("duration":{"hours":24,"minutes":0},)"
            R"("escalationPolicy":{"name":"lonely","slug":"lonely"}}]}]})");
}

TEST_F(PublicOncallLogTest, IsOfTodayUnlessItSaysOtherwise) {
  EXPECT_THAT(Ask("").body,
              HasSubstr(R"("start":"2026-09-21T00:00:00Z","end":"2026-09-21T14:13:20Z",)"
                        R"("userLogs":[{"userId":"ada","total":{"hours":28,"minutes":26},)"
                        R"("adjustedTotal":{"hours":14,"minutes":13})"));
  EXPECT_THAT(Ask("?end=2026-09-09T18:00:00Z").body,
              HasSubstr(R"("start":"2026-09-09T00:00:00Z","end":"2026-09-09T18:00:00Z")"));
  EXPECT_THAT(Ask("?start=2026-09-20&end=2027-01-01").body,
              HasSubstr(R"("end":"2026-09-21T14:13:20Z")"))
      << "what is to come has not been";
}

TEST_F(PublicOncallLogTest, WindowsAreBounded) {
  EXPECT_EQ(Ask("?start=2025-09-21").status, 200);
  for (const auto& [query, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"?start=2025-09-19", "at most 366 days"},
           {"?start=2026-09-22", "start must be in the past"},
           {"?start=2026-09-10&end=2026-09-09T12:00:00Z", "end must be after start"},
           {"?start=2026-09-10T00:00:00Z&end=2026-09-10T00:00:00Z", "end must be after start"},
           {"?end=1900-01-01T00:00:00Z", "end is before 1970"},
           {"?start=yesterday", "start must be a time"},
           {"?end=2026-13-45", "end must be a time"}}) {
    const net::Response response = Ask(query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_THAT(response.body, HasSubstr(message)) << query;
  }
}

TEST_F(PublicOncallLogTest, StrangersAreNotFound) {
  EXPECT_THAT(Ask("?userName=dan").body, HasSubstr(R"("userLogs":[]})"));
  EXPECT_EQ(Ask("?userName=eve").status, 404);
  EXPECT_EQ(Ask("", "nobody").status, 404);
  EXPECT_EQ(Ask("", "core-team", "wrong").status, 403);
}

}  // namespace
}  // namespace watchfire::api
