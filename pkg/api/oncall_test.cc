// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"
#include "pkg/oncall/reader.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;

constexpr const char* kRoster = R"(
oncall:
  schedules:
    - name: Primary On-Call
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada, bo]}
          start: 2026-01-05 09:00
  escalation_policies:
    - name: critical
      steps:
        - {tell: {schedule: Primary On-Call}}
        - {after: 15m, tell: [{email: "ops@example.com"}, cem]}
)";

std::shared_ptr<config::Config> OncallConfig(bool has_roster = true) {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "on-call";
  config->receivers = {{"on-call", {}}};
  config->datasources.emplace_back();
  if (has_roster) {
    auto loaded = oncall::Load({{"o.yml", kRoster}});
    EXPECT_TRUE(loaded.roster.has_value());
    config->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  }
  return config;
}

class OncallApiTest : public testing::Test {
 protected:
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }

  FakeBackend backend_{OncallConfig()};
};

TEST_F(OncallApiTest, SaysWhoIsOnCallAndWhomAPolicyWouldPage) {
  EXPECT_EQ(Get("/api/v1/oncall?at=2026-01-14T00:00:00Z").body,
            R"({"status":"success","data":{"at":"2026-01-14T00:00:00Z","schedules":[)"
            R"({"schedule":"Primary On-Call","at":"2026-01-14T00:00:00Z","oncall":["bo"],)"
            R"("until":"2026-01-19T09:00:00Z","next":["ada"]}],"policies":[{"policy":"critical",)"
            R"("steps":[{"after":"0s","oncall":["bo"]},)"
            R"({"after":"15m","oncall":["ops@example.com","cem"]}]}]}})");
  EXPECT_EQ(Get("/api/v1/oncall?at=soon").status, 400);
}

TEST_F(OncallApiTest, AFinalScheduleHasItsGaps) {
  const net::Response response =
      Get("/api/v1/oncall/schedules/primary-oncall?from=2026-01-05T00:00:00Z&"
          "until=2026-01-13T00:00:00Z");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"({"start":"2026-01-05T00:00:00Z",)"
                                       R"("end":"2026-01-05T09:00:00Z","oncall":[],)"));
  EXPECT_THAT(response.body, HasSubstr(R"("end":"2026-01-13T00:00:00Z","oncall":["bo"])"));
}

TEST_F(OncallApiTest, ACalendarCanSubscribeToASchedule) {
  const net::Response feed = Get("/api/v1/oncall/schedules/primary-oncall.ics");
  EXPECT_EQ(feed.status, 200);
  EXPECT_EQ(HeaderOf(feed, "Content-Type"), "text/calendar; charset=utf-8");
  EXPECT_TRUE(feed.body.starts_with("BEGIN:VCALENDAR\r\n")) << feed.body;
  EXPECT_THAT(feed.body, HasSubstr("SUMMARY:"));
  EXPECT_EQ(Get("/api/v1/oncall/schedules/other.ics").status, 404);
  const net::Response day =
      Get("/api/v1/oncall/schedules/primary-oncall.ics?from=2026-01-14T00:00:00Z&"
          "until=2026-01-15T00:00:00Z");
  EXPECT_THAT(day.body, HasSubstr("DTSTART:20260114T000000Z\r\n"));
  EXPECT_THAT(day.body, HasSubstr("SUMMARY:On call: bo"));
}

TEST_F(OncallApiTest, ARangeIsBoundedAndAScheduleMustBeThere) {
  const std::string path = "/api/v1/oncall/schedules/Primary On-Call";
  EXPECT_EQ(Get(path).status, 200) << "a week from now";
  const std::string from = path + "?from=2026-01-05T00:00:00Z&until=";
  EXPECT_EQ(Get(from + "2027-01-06T00:00:00Z").status, 200);
  EXPECT_EQ(Get(from + "2027-01-06T00:00:01Z").status, 400);
  EXPECT_EQ(Get(from + "2026-01-05T00:00:00Z").status, 400);
  EXPECT_EQ(Get("/api/v1/oncall/schedules/nights").status, 404);
}

// Weeks on call come from the final schedules: here the one week of all that is asked for.
TEST_F(OncallApiTest, PagesAreSeenAgainstTheTimeOnCall) {
  const std::string body = Get("/api/v1/analytics?days=7").body;
  EXPECT_THAT(body, HasSubstr(R"("pagerFrequency":{"pages":0,"interruptions":0,)"
                              R"("oncallSeconds":604800.0,"pagesPerPersonWeek":0.0})"));
  EXPECT_THAT(Get("/api/v1/analytics?days=7&team=core").body,
              HasSubstr(R"("oncallSeconds":0.0,"pagesPerPersonWeek":null})"));
}

TEST_F(OncallApiTest, AHandOffSaysWhatTheNextPersonShouldKnow) {
  for (const char* query : {"", "?schedule=primary-oncall"}) {
    const net::Response response = Get(std::string("/api/v1/oncall/handoff") + query);
    EXPECT_EQ(response.status, 200) << query;
    EXPECT_THAT(response.body, HasSubstr(R"("schedule":"Primary On-Call")"));
    EXPECT_THAT(response.body, HasSubstr(R"("openIncidents":0,"incidents":[])"));
    EXPECT_THAT(response.body, HasSubstr(R"("text":"Hand-off of Primary On-Call, )"));
  }
  EXPECT_EQ(Get("/api/v1/oncall/handoff?schedule=nights").status, 404);
  backend_.busy = true;
  EXPECT_NE(Get("/api/v1/oncall/handoff").status, 200);
}

TEST_F(OncallApiTest, AnOverrideIsMadeListedAndEnded) {
  const auto post = [&](const std::string& path, const std::string& body) {
    return Handle(MakeRequest("POST", "/api/v1/oncall/overrides" + path, body), backend_);
  };
  const std::string who = Get("/api/v1/oncall").body;
  const bool is_ada = who.find(R"("oncall":["ada"])") != std::string::npos;
  const std::string other = is_ada ? "bo" : "ada";
  const net::Response made = post("", R"({"schedule":"primary-oncall","who":")" + other +
                                          R"(","for":"2h","actor":"cem","note":"swap"})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"({"id":"1","state":"active","schedule":"Primary On-Call",)"));
  EXPECT_THAT(made.body, HasSubstr(R"("madeBy":"cem","note":"swap",)"));
  EXPECT_THAT(Get("/api/v1/oncall").body, HasSubstr(R"("oncall":[")" + other + R"("],"until")"));
  EXPECT_THAT(Get("/api/v1/oncall/schedules/primary-oncall").body, HasSubstr("override"));
  EXPECT_THAT(Get("/api/v1/oncall/overrides").body, HasSubstr(R"("id":"1")"));
  EXPECT_THAT(Get("/api/v1/oncall/overrides?schedule=x").body, HasSubstr(R"("overrides":[])"));

  EXPECT_EQ(post("/7/end", R"({"actor":"cem"})").status, 404);
  EXPECT_EQ(post("/x/end", R"({"actor":"cem"})").status, 404);
  EXPECT_EQ(post("/1/end", "{}").status, 400) << "who?";
  EXPECT_EQ(post("/1/end", R"({"actor":"cem"})").status, 200);
  EXPECT_EQ(post("/1/end", R"({"actor":"cem"})").status, 409);
  EXPECT_EQ(Get("/api/v1/oncall").body, who);
  EXPECT_THAT(Get("/api/v1/oncall/overrides").body, HasSubstr(R"("overrides":[])"));
  EXPECT_THAT(Get("/api/v1/oncall/overrides?all=true").body,
              HasSubstr(R"("state":"ended","schedule":"Primary On-Call")"));
}

// It begins now at the earliest, and ends when it was to end.
TEST_F(OncallApiTest, AnOverrideThatBeganBeforeLastsNoLonger) {
  const auto post = [&](Duration ago, const std::string& span) {
    return Handle(MakeRequest("POST", "/api/v1/oncall/overrides",
                              R"({"schedule":"primary-oncall","who":"bo","from":")" +
                                  FormatRfc3339(backend_.Now() - ago) + R"(","for":")" + span +
                                  R"(","actor":"cem"})"),
                  backend_);
  };
  using std::chrono::hours;
  const net::Response made = post(hours(1), "3h");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(
      made.body,
      HasSubstr(R"("to":")" +
                FormatRfc3339(std::chrono::floor<std::chrono::seconds>(backend_.Now()) + hours(2),
                              9, true)));
  EXPECT_EQ(post(hours(3), "2h").status, 400) << "it is over";
}

TEST_F(OncallApiTest, AnOverrideWithMistakesIsRefused) {
  const auto says = [&](const std::string& body) {
    const net::Response response =
        Handle(MakeRequest("POST", "/api/v1/oncall/overrides", body), backend_);
    EXPECT_EQ(response.status, 400) << response.body;
    return response.body;
  };
  EXPECT_THAT(says("[]"), HasSubstr("the body must be a JSON object"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x"})"), HasSubstr("to or for must say how long"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","for":"1h","to":"2026-01-01T00:00:00Z"})"),
              HasSubstr("and not both"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","for":"soon"})"),
              HasSubstr("for must be a duration"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","for":"1h","from":"noon"})"),
              HasSubstr("from must be a time"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","for":"1h","add":"true"})"),
              HasSubstr("add must be true or false"));
  EXPECT_THAT(says(R"({"who":"bo","actor":true,"for":"1h"})"), HasSubstr("actor must be a string"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","from":"2261-12-31T00:00:00Z","for":"8000h"})"),
              HasSubstr("begins within two years"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","for":"9000h"})"), HasSubstr("at most 366 days"));
  EXPECT_THAT(says(R"({"who":"eve","actor":"x","for":"1h"})"), HasSubstr("nobody is called"));
  EXPECT_THAT(says(R"({"who":"bo","for":"1h"})"), HasSubstr("actor must say who"));
  EXPECT_THAT(says(R"({"who":"bo","actor":"x","for":"1h","whom":"y"})"),
              HasSubstr("unknown member"));
}

TEST(OncallApiWithoutFilesTest, NobodyIsOnCall) {
  FakeBackend backend(OncallConfig(false));
  EXPECT_THAT(Handle(MakeRequest("GET", "/api/v1/oncall"), backend).body,
              HasSubstr(R"("schedules":[],"policies":[])"));
  EXPECT_EQ(Handle(MakeRequest("GET", "/api/v1/oncall/schedules/x"), backend).status, 404);
  EXPECT_EQ(Handle(MakeRequest("GET", "/api/v1/oncall/handoff"), backend).status, 400);
}

}  // namespace
}  // namespace watchfire::api
