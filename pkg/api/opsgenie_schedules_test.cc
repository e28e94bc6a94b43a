// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules and who is on call, as scripts for Opsgenie's API ask it. The clock stands at
// 2026-09-21T14:13:20Z, a Monday.

#include <memory>
#include <string>
#include <vector>

#include "pkg/api/inbound_for_test.h"
#include "pkg/api/opsgenie_roster.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/reader.h"

namespace watchfire::api {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem, dee]
  teams:
    - {name: Core Team, members: [ada, bo]}
  schedules:
    - name: Primary On-Call
      time_zone: Europe/Berlin
      team: Core Team
      combine: union
      layers:
        - name: weeks
          rotation: {start: 2026-09-14 09:00, every: 1 week, participants: [ada, bo]}
        - name: nights
          hours: [{from: "20:00", to: "08:00"}]
          rotation: {start: 2026-09-14 00:00, every: 1 day, participants: [dee, null]}
      overrides:
        - {from: 2026-09-22 12:00, to: 2026-09-23 12:00, who: cem, replaces: bo}
    - name: Layered
      time_zone: UTC
      layers:
        - name: base
          rotation: {start: 2026-09-01 00:00, every: 1 day, participants: [ada]}
        - name: top
          hours: [{days: mon-fri, from: "09:00", to: "17:00"}]
          rotation: {start: 2026-09-01 00:00, every: 1 day, participants: [bo]}
)";
constexpr const char* kPrimary = "/v2/schedules/Primary On-Call";
constexpr const char* kByName = "identifierType=name";

class OpsgenieSchedulesTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& target, const std::string& method = "GET") {
    net::Request request = MakeRequest(method, target);
    if (!authorization_.empty()) request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend_);
  }
  std::string Body(const std::string& target) {
    const net::Response response = Ask(target);
    EXPECT_EQ(response.status, 200) << target << ": " << response.body;
    return response.body;
  }
  // What a list of on-call users is written as.
  static std::string Users(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
      text += (text.empty() ? "" : ",") + User(name);
    }
    return "[" + text + "]";
  }
  static std::string User(const std::string& name) {
    return R"({"id":")" + OpsgenieIdOf("user", name, {}) + R"(","type":"user","name":")" + name +
           R"("})";
  }
  static std::string Period(const std::string& begin, const std::string& end,
                            const std::string& type, const std::string& who) {
    return R"({"startDate":"2026-09-)" + begin + R"(:00Z","endDate":"2026-09-)" + end +
           R"(:00Z","type":")" + type + R"(","recipient":)" + User(who) + "}";
  }

  std::string authorization_ = "GenieKey opsgenie-key";
  FakeBackend backend_{InboundConfigOf(kRoster)};
};

TEST_F(OpsgenieSchedulesTest, TheListHasIdsThatStayTheSame) {
  const std::string id = OpsgenieIdOf("schedule", "Primary On-Call", {});
  EXPECT_EQ(id, "209175b2-bfed-864c-aacd-b05c12a94215");
  const std::string list = Body("/v2/schedules");
  const std::string team = OpsgenieIdOf("team", "Core Team", {});
  EXPECT_THAT(list, HasSubstr(R"({"data":[{"id":")" + id +
                              R"(","name":"Primary On-Call","description":"",)"
                              R"("timezone":"Europe/Berlin","enabled":true,"ownerTeam":{"id":")" +
                              team + R"(","name":"Core Team"},"rotations":[]},{"id":")"));
  EXPECT_THAT(list, HasSubstr(R"("name":"Layered","description":"","timezone":"UTC",)"
                              R"("enabled":true,"rotations":[]}],"expandable":["rotation"],)"
                              R"("took":0.0,"requestId":")"));
  EXPECT_THAT(Body("/v2/schedules?expand=rotation"), HasSubstr(R"("name":"nights")"));
  EXPECT_THAT(Body("/v2/schedules/" + id), HasSubstr(R"("name":"Primary On-Call")"));
  EXPECT_THAT(Body(std::string(kPrimary) + "?" + kByName), HasSubstr(id));
}

TEST_F(OpsgenieSchedulesTest, OneHasItsRotations) {
  const std::string one = Body("/v2/schedules/primary-on-call");
  const std::string ada = OpsgenieIdOf("user", "ada", {});
  EXPECT_THAT(one, HasSubstr(R"("name":"weeks","startDate":"2026-09-14T07:00:00Z",)"
                             R"("type":"weekly","length":1,"participants":[{"type":"user","id":")" +
                             ada + R"(","username":"ada"},)"));
  EXPECT_THAT(one, HasSubstr(R"("username":"dee"},{"type":"none"}],"timeRestriction":)"
                             R"({"type":"time-of-day","restriction":{"startHour":20,"startMin":0,)"
                             R"("endHour":8,"endMin":0}}})"));
  EXPECT_THAT(Body("/v2/schedules/Layered"),
              HasSubstr(R"("timeRestriction":{"type":"weekday-and-time-of-day","restrictions":[)"
                        R"({"startDay":"monday","startHour":9,"startMin":0,"endDay":"monday",)"
                        R"("endHour":17,"endMin":0},{"startDay":"tuesday",)"));
  const std::string rotations = Body(std::string(kPrimary) + "/rotations");
  EXPECT_THAT(rotations, HasSubstr(R"({"data":[{"id":")"));
  EXPECT_THAT(rotations, HasSubstr(R"("name":"nights")"));
}

TEST_F(OpsgenieSchedulesTest, WhatItAnswersIsAFileThatSaysTheSame) {
  const auto loaded = oncall::Load({{"s.json", Body(kPrimary)}});
  ASSERT_TRUE(loaded.roster.has_value());
  ASSERT_EQ(loaded.roster->schedules.size(), 1U);
  const oncall::Roster& ours = *backend_.config()->oncall.roster;
  oncall::Schedule without = ours.schedules.at(0);
  without.overrides.clear();
  const WallTime from = backend_.Now();
  const WallTime until = from + std::chrono::hours(24 * 60);
  const auto want = oncall::FinalSchedule(ours, without, from, until);
  EXPECT_GT(want.size(), 60U);
  EXPECT_EQ(oncall::FinalSchedule(*loaded.roster, loaded.roster->schedules[0], from, until), want);
}

TEST_F(OpsgenieSchedulesTest, WhoIsOnCall) {
  const std::string parent = R"({"_parent":{"id":"209175b2-bfed-864c-aacd-b05c12a94215",)"
                             R"("name":"Primary On-Call","enabled":true},)";
  EXPECT_THAT(Body(std::string(kPrimary) + "/on-calls?scheduleIdentifierType=name&flat=true"),
              HasSubstr(R"({"data":)" + parent + R"("onCallRecipients":["bo"]},"took":)"));
  EXPECT_THAT(Body(std::string(kPrimary) + "/on-calls"),
              HasSubstr(parent + R"("onCallParticipants":)" + Users({"bo"}) + "}"));
  const std::string at = "/on-calls?flat=true&date=";
  EXPECT_THAT(Body(kPrimary + at + "2026-09-22T02:00:00Z"), HasSubstr(R"(["bo","dee"])"));
  EXPECT_THAT(Body(kPrimary + at + "2026-09-22T14:00:00+02:00"), HasSubstr(R"(["cem"])"));
  const std::string all = Body("/v2/schedules/on-calls?flat=true");
  EXPECT_THAT(all,
              HasSubstr(R"({"data":[)" + parent + R"("onCallRecipients":["bo"]},{"_parent":)"));
  EXPECT_THAT(all, HasSubstr(R"("name":"Layered","enabled":true},"onCallRecipients":["bo"]}])"));
  EXPECT_THAT(Body("/v2/schedules/on-calls?date=2026-09-20T12:00:00Z"),
              HasSubstr(R"("name":"Layered","enabled":true},"onCallParticipants":)" +
                        Users({"ada"}) + "}]"));
}

TEST_F(OpsgenieSchedulesTest, WhoComesNext) {
  EXPECT_THAT(Body(std::string(kPrimary) + "/next-on-calls"),
              HasSubstr(R"("nextOnCallRecipients":)" + Users({"ada"}) +
                        R"(,"exactNextOnCallRecipients":)" + Users({"dee"}) + "}"));
  EXPECT_THAT(Body(std::string(kPrimary) + "/next-on-calls?flat=true&date=2026-09-22T08:00:00Z"),
              HasSubstr(R"("nextOnCallParticipants":["ada"],)"
                        R"("exactNextOnCallParticipants":["cem"]})"));
}

TEST_F(OpsgenieSchedulesTest, TheTimelineOfAWeek) {
  const std::string week = Body(std::string(kPrimary) + "/timeline");
  EXPECT_THAT(week,
              HasSubstr(R"("startDate":"2026-09-21T14:13:20Z",)"
                        R"("endDate":"2026-09-28T14:13:20Z","finalTimeline":{"rotations":[)"));
  EXPECT_THAT(
      week, HasSubstr(R"("name":"weeks","order":1,"periods":[)"
                      R"({"startDate":"2026-09-21T14:13:20Z",)"
                      R"("endDate":"2026-09-22T10:00:00Z","type":"default","recipient":)" +
                      User("bo") + "}," + Period("22T10:00", "23T10:00", "override", "cem") + "," +
                      Period("23T10:00", "28T07:00", "default", "bo") + ","));
  EXPECT_THAT(week, HasSubstr(R"("name":"nights","order":2,"periods":[)" +
                              Period("21T22:00", "22T06:00", "default", "dee") + "," +
                              Period("22T18:00", "22T22:00", "default", "dee") + ","));
  EXPECT_THAT(week, HasSubstr(R"(]}]}},"expandable":["base","forwarding","override"],"took":)"));
}

TEST_F(OpsgenieSchedulesTest, TheTimelineAsAsked) {
  const std::string asked = Body(std::string(kPrimary) +
                                 "/timeline?date=2026-09-22T00:00:00Z&interval=2&intervalUnit=days"
                                 "&expand=base,override,forwarding");
  EXPECT_THAT(asked, HasSubstr(R"("endDate":"2026-09-24T00:00:00Z","finalTimeline")"));
  EXPECT_THAT(asked, HasSubstr(R"("baseTimeline":{"rotations":[{"id":")" +
                               OpsgenieIdOf("rotation", "Primary On-Call/weeks", {}) +
                               R"(","name":"weeks","order":1,"periods":[)" +
                               Period("22T00:00", "24T00:00", "default", "bo") + "]}"));
  EXPECT_THAT(asked,
              HasSubstr(R"(,"name":"weeks","order":1,"periods":[)" +
                        Period("22T10:00", "23T10:00", "override", "cem") + R"(]},{"id":")"));
  EXPECT_THAT(asked, HasSubstr(R"("name":"nights","order":2,"periods":[]}]},)"
                               R"("forwardingTimeline":{"rotations":[]}},)"));
  EXPECT_THAT(
      Body(std::string(kPrimary) + "/timeline?date=2026-10-20T10:00:00Z&intervalUnit=months"),
      HasSubstr(R"("endDate":"2026-11-20T11:00:00Z")"))
      << "noon in Berlin, where summer ends meanwhile";
}

TEST_F(OpsgenieSchedulesTest, ALowerLayerIsOnCallOnlyWhereNoHigherOneIs) {
  const std::string day =
      Body("/v2/schedules/Layered/timeline?date=2026-09-22T00:00:00Z&interval=1&intervalUnit=days");
  EXPECT_THAT(day, HasSubstr(R"("name":"base","order":1,"periods":[)" +
                             Period("22T00:00", "22T09:00", "default", "ada") + "," +
                             Period("22T17:00", "23T00:00", "default", "ada") + "]}"));
  EXPECT_THAT(day, HasSubstr(R"("name":"top","order":2,"periods":[)" +
                             Period("22T09:00", "22T17:00", "default", "bo") + "]}"));
}

TEST_F(OpsgenieSchedulesTest, IdsOfTheVendorsDocumentsStay) {
  FakeBackend backend{InboundConfigOf(
      R"({"data": {"id": "d875e654-9b4e-4219-a803-0c26936d18de", "name": "S", "timezone": "UTC",
          "enabled": true, "rotations": [{"id": "f4c9b1de-0000-4219-a803-0c26936d18de",
          "name": "R", "startDate": "2026-01-01T00:00:00Z", "type": "daily",
          "participants": [{"type": "user", "username": "ann@example.com"}]}]}})")};
  net::Request request =
      MakeRequest("GET", "/v2/schedules/d875e654-9b4e-4219-a803-0c26936d18de/timeline");
  request.headers.push_back({"Authorization", authorization_});
  const net::Response response = Handle(request, backend);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body,
              HasSubstr(R"("_parent":{"id":"d875e654-9b4e-4219-a803-0c26936d18de")"));
  EXPECT_THAT(response.body,
              HasSubstr(R"({"id":"f4c9b1de-0000-4219-a803-0c26936d18de","name":"R")"));
}

TEST_F(OpsgenieSchedulesTest, WhatCannotBeIsRefusedInTheVendorsShape) {
  const net::Response none = Ask("/v2/schedules/nights/on-calls");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr(R"({"message":"No schedule has the id or name \"nights\"",)"
                                   R"("took":0.0,"requestId":")"));
  EXPECT_THAT(backend_.counted, Contains("opsgenie unknown_name"));
  for (const char* asked :
       {"on-calls?date=soon", "on-calls?date=2226-01-01T00:00:00Z", "next-on-calls?date=x",
        "timeline?date=1700-01-01T00:00:00Z", "timeline?interval=0", "timeline?interval=53",
        "timeline?interval=x", "timeline?intervalUnit=years", "timeline?expand=all",
        "on-calls?scheduleIdentifierType=alias", "timeline?identifierType=tiny"}) {
    const net::Response refused = Ask(std::string(kPrimary) + "/" + asked);
    EXPECT_EQ(refused.status, 422) << asked;
    EXPECT_THAT(refused.body, HasSubstr(R"("errors":{")")) << asked;
  }
  authorization_ = "";
  EXPECT_EQ(Ask("/v2/schedules").status, 401);
  authorization_ = "GenieKey victorops-key";
  EXPECT_EQ(Ask(kPrimary).status, 403);
  EXPECT_EQ(Ask("/v2/schedules/on-calls").status, 403);
}

TEST_F(OpsgenieSchedulesTest, WithoutOncallFilesThereIsNone) {
  FakeBackend backend{InboundConfig()};
  net::Request request = MakeRequest("GET", "/v2/schedules");
  request.headers.push_back({"Authorization", authorization_});
  EXPECT_THAT(Handle(request, backend).body, HasSubstr(R"({"data":[],)"));
}

TEST_F(OpsgenieSchedulesTest, WhoeverWantsToChangeThemHearsWhereTheyAreWritten) {
  for (const auto& [method, target] : std::vector<std::pair<std::string, std::string>>{
           {"POST", "/v2/schedules"},
           {"PATCH", kPrimary},
           {"DELETE", kPrimary},
           {"POST", std::string(kPrimary) + "/rotations"},
           {"POST", "/v2/teams"},
           {"POST", "/v2/teams/Core Team/members"},
           {"PUT", "/v2/escalations/Critical"},
           {"POST", "/v2/users"}}) {
    const net::Response refused = Ask(target, method);
    EXPECT_EQ(refused.status, 405) << target;
    EXPECT_THAT(refused.body, HasSubstr("in the files of oncall_files")) << target;
    EXPECT_THAT(refused.body, HasSubstr(R"("requestId":")")) << target;
    EXPECT_EQ(HeaderOf(refused, "Allow"), "GET,HEAD,OPTIONS");
  }
  EXPECT_THAT(Ask("/v2/heartbeats", "POST").body,
              HasSubstr("under heartbeats of the configuration file"));
  EXPECT_EQ(Ask("/v2/heartbeats/nightly/disable", "POST").status, 405);
  EXPECT_THAT(backend_.counted, Not(Contains("opsgenie ok")));
  EXPECT_THAT(backend_.counted, Contains("opsgenie read_only"));
  EXPECT_EQ(Ask("/v2/schedules/nobody/nothing").status, 404);
  authorization_ = "";
  EXPECT_EQ(Ask("/v2/schedules", "POST").status, 401);
}

}  // namespace
}  // namespace watchfire::api
