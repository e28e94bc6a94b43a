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

TEST(OncallApiWithoutFilesTest, NobodyIsOnCall) {
  FakeBackend backend(OncallConfig(false));
  EXPECT_THAT(Handle(MakeRequest("GET", "/api/v1/oncall"), backend).body,
              HasSubstr(R"("schedules":[],"policies":[])"));
  EXPECT_EQ(Handle(MakeRequest("GET", "/api/v1/oncall/schedules/x"), backend).status, 404);
  EXPECT_EQ(Handle(MakeRequest("GET", "/api/v1/oncall/handoff"), backend).status, 400);
}

}  // namespace
}  // namespace watchfire::api
