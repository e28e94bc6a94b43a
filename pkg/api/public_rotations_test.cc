// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The rotations of a team, as scripts for VictorOps' public API ask for them.

#include <string>

#include "pkg/api/inbound_for_test.h"
#include "pkg/oncall/duty.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem]
  teams:
    - {name: Core Team, members: [ada, bo]}
  schedules:
    - name: Week
      team: Core Team
      time_zone: Europe/Berlin
      layers:
        - name: always
          rotation: {start: 2026-09-07 09:00, every: 1 week, participants: [ada, bo, cem]}
        - name: long ago
          end: 2026-09-08 00:00
          rotation: {start: 2026-08-01 09:00, every: 1 week, participants: [bo]}
    - name: Office
      time_zone: Europe/Berlin
      combine: union
      layers:
        - name: weekdays
          hours: [{days: mon-fri, from: "09:00", to: "17:00"}]
          rotation: {start: 2026-09-07 09:00, every: 1 week, participants: [ada, bo]}
        - name: weekend
          hours: [{from: fri 17:00, to: mon 09:00}]
          rotation: {start: 2026-09-04 17:00, every: 1 week, participants: [bo, cem]}
        - name: nights
          hours: [{days: mon-thu, from: "17:00", to: "09:00"}]
          rotation: {start: 2026-09-07 17:00, every: 1 day, count: shifts,
                     participants: [ada, bo, cem]}
    - name: To midnight
      team: Core Team
      layers:
        - name: late
          hours: [{from: fri 17:00, to: mon 00:00}]
          rotation: {start: 2026-09-01 00:00, every: 2 weeks, participants: [cem, ada]}
    - name: Others
      layers:
        - rotation: {start: 2026-09-07 09:00, every: 1 week, participants: [bo]}
  escalation_policies:
    - {name: Critical, team: Core Team, steps: [{tell: {schedule: Office}}]}
    - {name: lonely, team: elsewhere, steps: [{tell: {schedule: Others}}]}
)";

// It is 2026-09-21T14:13:20Z, a Monday.
class PublicRotationsTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& path, const std::string& key = "api-key") {
    net::Request request = MakeRequest("GET", "/api-public/" + path);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", key});
    return Handle(request, backend_);
  }

  FakeBackend backend_{InboundConfigOf(kRoster)};
};

std::string Period(const std::string& start, const std::string& end, const std::string& who) {
  return R"({"start":")" + start + R"(","end":")" + end + R"(","username":")" + who +
         R"(","isRoll":true,"memberSlug":")" + who + R"("})";
}

TEST_F(PublicRotationsTest, HaveShiftsWithTheirPeriods) {
  const std::string now = Period("2026-09-21T07:00:00Z", "2026-09-28T07:00:00Z", "cem");
  const std::string next = Period("2026-09-28T07:00:00Z", "2026-10-05T07:00:00Z", "ada");
  const std::string last = Period("2026-10-05T07:00:00Z", "2026-10-12T07:00:00Z", "bo");
  EXPECT_THAT(
      Ask("v2/team/core-team/rotations").body,
      HasSubstr(R"({"rotations":[{"label":"Week","totalMembersInRotation":3,"shifts":[)"
                R"({"label":"always","timezone":"Europe/Berlin","start":"2026-09-07T07:00:00Z",)"
                R"("duration":7,"shifttype":"std","mask":{"day":{"m":true,"t":true,"w":true,)"
                R"("th":true,"f":true,"sa":true,"su":true},"time":[{"start":{"hour":0,"minute":0},)"
                R"("end":{"hour":0,"minute":0}}]},"periods":[)" +
                now + "," + next + "," + last + R"(],"current":)" + now + R"(,"next":)" + next +
                R"(,"shiftMembers":[{"username":"ada","slug":"ada"},{"username":"bo","slug":"bo"},)"
                R"({"username":"cem","slug":"cem"}]}]},{"label":"Office")"))
      << "a layer that is over is left out";
}

TEST_F(PublicRotationsTest, HaveMasksOfTheirHours) {
  const std::string body = Ask("v2/team/core-team/rotations").body;
  EXPECT_THAT(body,
              HasSubstr(R"("duration":7,"shifttype":"pho","mask":{"day":{"m":true,"t":true,)"
                        R"("w":true,"th":true,"f":true,"sa":false,"su":false},"time":[{"start":)"
                        R"({"hour":9,"minute":0},"end":{"hour":17,"minute":0}}]},"periods")"));
  EXPECT_THAT(body,
              HasSubstr(R"("shifttype":"cstm","mask":{"day":{"m":false,"t":false,"w":false,)"
                        R"("th":false,"f":true,"sa":false,"su":false},"time":[{"start":)"
                        R"({"hour":17,"minute":0},"end":{"hour":0,"minute":0}}]},"mask2":{"day":)"
                        R"({"m":false,"t":false,"w":false,"th":false,"f":false,"sa":true,)"
                        R"("su":true},"time":[{"start":{"hour":0,"minute":0},"end":{"hour":0,)"
                        R"("minute":0}}]},"mask3":{"day":{"m":true,"t":false,"w":false,)"
                        R"("th":false,"f":false,"sa":false,"su":false},"time":[{"start":)"
                        R"({"hour":0,"minute":0},"end":{"hour":9,"minute":0}}]})"));
  EXPECT_THAT(body, HasSubstr(R"("duration":14,"shifttype":"cstm")"));
  EXPECT_THAT(body, HasSubstr(R"("end":{"hour":24,"minute":0}}]})"));
  EXPECT_THAT(body, HasSubstr(R"("duration":1,"shifttype":"pho")"));
  // The nights: nobody is on duty now, and the fourth Monday is the ninth night.
  EXPECT_THAT(body, HasSubstr(R"("next":)" +
                              Period("2026-09-21T15:00:00Z", "2026-09-22T07:00:00Z", "cem")));
}

TEST_F(PublicRotationsTest, ReadAsAFileAreTheSameSchedules) {
  const std::string body = Ask("v2/team/core-team/rotations").body;
  const oncall::Loaded loaded = oncall::Load({{"rotations.json", body}});
  ASSERT_TRUE(loaded.roster.has_value());
  const oncall::Roster& original = *backend_.config()->oncall.roster;
  for (const char* name : {"Week", "Office", "To midnight"}) {
    const oncall::Schedule* before = original.FindSchedule(name);
    const oncall::Schedule* after = loaded.roster->FindSchedule(name);
    ASSERT_NE(before, nullptr) << name;
    ASSERT_NE(after, nullptr) << name;
    for (int hour = 0; hour < 40 * 24; ++hour) {
      const WallTime at = backend_.Now() + std::chrono::hours(hour);
      ASSERT_EQ(oncall::WhoAt(original, *before, at), oncall::WhoAt(*loaded.roster, *after, at))
          << name << " at " << FormatRfc3339(at);
    }
  }
}

TEST_F(PublicRotationsTest, OfTheFirstVersionHaveNamesToo) {
  EXPECT_THAT(Ask("v1/teams/Core Team/rotations").body,
              HasSubstr(R"({"rotationGroups":[)"
                        R"({"teamSlug":"core-team","slug":"week","label":"Week"},)"
                        R"({"teamSlug":"core-team","slug":"office","label":"Office"},)"
                        R"({"teamSlug":"core-team","slug":"to-midnight","label":"To midnight"}],)"
                        R"("rotations":[{"label":"Week")"));
}

TEST_F(PublicRotationsTest, AreThoseOfTheTeam) {
  const std::string core = Ask("v2/team/core-team/rotations").body;
  EXPECT_THAT(core, Not(HasSubstr("Others")));
  const std::string others = Ask("v2/team/elsewhere/rotations").body;
  EXPECT_THAT(others, HasSubstr(R"({"rotations":[{"label":"Others")"));
  EXPECT_THAT(others, Not(HasSubstr("Office")));
  EXPECT_EQ(Ask("v2/team/nobody/rotations").status, 404);
  EXPECT_EQ(Ask("v1/teams/nobody/rotations").status, 404);
  EXPECT_EQ(Ask("v2/team/core-team/rotations", "wrong").status, 403);
}

}  // namespace
}  // namespace watchfire::api
