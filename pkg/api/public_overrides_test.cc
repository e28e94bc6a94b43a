// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Scheduled overrides, as scripts for VictorOps' public API make them.

#include <memory>
#include <string>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem]
  teams: [{name: Core Team, members: [ada, bo, cem]}]
  schedules:
    - name: primary
      time_zone: UTC
      layers: [{rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada]}}]
    - name: nobodys
      time_zone: UTC
      layers: [{rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada]}}]
  escalation_policies:
    - {name: A/B Critical, team: Core Team, steps: [{tell: {schedule: primary}}]}
)";

class PublicOverridesTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& method, const std::string& path,
                    const std::string& body = "") {
    net::Request request = MakeRequest(method, "/api-public/v1/" + path, body);
    request.headers.push_back({"X-VO-Api-Id", "api-id"});
    request.headers.push_back({"X-VO-Api-Key", "api-key"});
    return Handle(request, backend_);
  }
  std::string In(std::chrono::hours span) { return FormatRfc3339(backend_.Now() + span, 0); }
  std::string Body(const std::string& user = "ada") {
    return R"({"username":")" + user + R"(","timezone":"Europe/Berlin","start":")" + start_ +
           R"(","end":")" + end_ + R"("})";
  }
  std::string IdOf(const net::Response& response) {
    const std::string key = R"("publicId":")";
    const size_t at = response.body.find(key);
    if (at == std::string::npos) return "none";
    const size_t begin = at + key.size();
    return response.body.substr(begin, response.body.find('"', begin) - begin);
  }
  std::string OnCall() { return Ask("GET", "oncall/current").body; }

  FakeBackend backend_{InboundConfigOf(kRoster)};
  std::string start_ = In(std::chrono::hours(1));
  std::string end_ = In(std::chrono::hours(3));
};

TEST_F(PublicOverridesTest, ATimeZoneIsNoPath) {
  const std::string berlin = "Europe/Berlin";
  for (const std::string& zone : {"../zoneinfo/" + berlin, "/usr/share/zoneinfo/" + berlin,
                                  "file:/usr/share/zoneinfo/" + berlin, std::string("Nowhere")}) {
    std::string body = Body();
    body.replace(body.find(berlin), berlin.size(), zone);
    const net::Response refused = Ask("POST", "overrides", body);
    EXPECT_EQ(refused.status, 400) << zone;
    EXPECT_THAT(refused.body, testing::HasSubstr("timezone is none")) << zone;
  }
  EXPECT_TRUE((*backend_.Read(core::kViewOverrides))->overrides.empty());
}

TEST_F(PublicOverridesTest, AskedTwiceThereIsOne) {
  const net::Response made = Ask("POST", "overrides", Body());
  EXPECT_EQ(made.status, 200);
  const std::string id = IdOf(made);
  EXPECT_EQ(made.body, R"({"override":{"publicId":")" + id +
                           R"(","user":{"username":"ada"},"timezone":"UTC","start":")" + start_ +
                           R"(","end":")" + end_ +
                           R"(","assignments":[{"team":"core-team","policy":"a-b-critical",)"
                           R"("assigned":false}]}})");
  EXPECT_EQ(Ask("POST", "overrides", Body()).body, made.body);
  EXPECT_EQ(Ask("GET", "overrides/" + id).body, made.body);
  EXPECT_EQ((*backend_.Read(core::kViewOverrides))->overrides.size(), 1U)
      << "and none of the schedule that pages nobody";
  EXPECT_THAT(Ask("GET", "overrides").body, HasSubstr(id));
}

TEST_F(PublicOverridesTest, WhoIsAssignedStandsInWhileItLasts) {
  const std::string id = IdOf(Ask("POST", "overrides", Body()));
  const std::string path = "overrides/" + id + "/assignments/a-b-critical";
  const std::string bo =
      R"({"team":"core-team","policy":"a-b-critical","assigned":true,"user":"bo"})";
  EXPECT_EQ(Ask("PUT", path, R"({"username":"bo"})").body, bo);
  EXPECT_EQ(Ask("GET", path).body, bo);
  EXPECT_EQ(Ask("GET", "overrides/" + id + "/assignments").body, "[" + bo + "]");
  EXPECT_THAT(OnCall(), HasSubstr(R"({"username":"ada"})")) << "not yet";
  backend_.Pass(std::chrono::hours(2));
  EXPECT_THAT(OnCall(), HasSubstr(R"({"username":"bo"})"));
  // Another one takes over while it lasts; the override still says when it began.
  const net::Response taken = Ask("PUT", path, R"({"username":"cem"})");
  EXPECT_THAT(taken.body, HasSubstr(R"("user":"cem")"));
  EXPECT_THAT(Ask("GET", "overrides/" + id).body, HasSubstr(R"("start":")" + start_));
  EXPECT_THAT(OnCall(), HasSubstr(R"({"username":"cem"})"));
  EXPECT_THAT(OnCall(), Not(HasSubstr(R"({"username":"bo"})")));
  EXPECT_EQ(Ask("DELETE", path).body,
            R"({"team":"core-team","policy":"a-b-critical","assigned":false})");
  EXPECT_THAT(OnCall(), HasSubstr(R"({"username":"ada"})"));
}

TEST_F(PublicOverridesTest, WhatIsEndedIsGoneAndCanBeAskedForAgain) {
  const std::string id = IdOf(Ask("POST", "overrides", Body()));
  EXPECT_EQ(Ask("DELETE", "overrides/" + id).body, R"({"result":"success"})");
  EXPECT_EQ(Ask("GET", "overrides/" + id).status, 404);
  EXPECT_EQ(Ask("DELETE", "overrides/" + id).status, 404);
  EXPECT_EQ(Ask("GET", "overrides").body, R"({"overrides":[]})");
  EXPECT_EQ(IdOf(Ask("POST", "overrides", Body())), id);
}

TEST_F(PublicOverridesTest, WhatMakesNoSenseIsRefused) {
  EXPECT_EQ(Ask("POST", "overrides", "{}").status, 400);
  EXPECT_THAT(Ask("POST", "overrides", Body("bo")).body, HasSubstr("nothing to override"));
  EXPECT_EQ(Ask("POST", "overrides", R"({"username":"ada","start":"soon","end":"later"})").status,
            400);
  const std::string id = IdOf(Ask("POST", "overrides", Body()));
  const std::string base = "overrides/" + id + "/assignments/";
  EXPECT_EQ(Ask("PUT", base + "nothing", R"({"username":"bo"})").status, 404);
  EXPECT_EQ(Ask("PUT", base + "a-b-critical", "{}").status, 400);
  EXPECT_EQ(Ask("PUT", base + "a-b-critical", R"({"username":"eve"})").status, 400);
  EXPECT_THAT(Ask("GET", "overrides/" + id).body, HasSubstr(R"("assigned":false)"));
}

TEST_F(PublicOverridesTest, OthersAreShownByTheirNumber) {
  core::OverrideCommand command;
  command.what = oncall::OverrideDraft{
      "primary", "bo", kNoTime, backend_.Now() + std::chrono::hours(2), "ada", false, "x", ""};
  ASSERT_TRUE(backend_.Ask(std::move(command))->status);
  EXPECT_THAT(Ask("GET", "overrides/override-1").body, HasSubstr(R"("user":"bo")"));
  EXPECT_EQ(Ask("DELETE", "overrides/override-1/assignments/a-b-critical").status, 400);
  EXPECT_EQ(Ask("DELETE", "overrides/override-1").status, 200);
  EXPECT_EQ(Ask("GET", "overrides/override-1").status, 404);
}

TEST_F(PublicOverridesTest, ChatNeedsAnIncident) {
  EXPECT_THAT(Ask("POST", "chat", R"({"username":"ada","text":"hello"})").body,
              HasSubstr("incidentId is missing"));
  EXPECT_EQ(Ask("POST", "chat", R"({"incidentId":"7","text":"hello"})").status, 404);
  EXPECT_EQ(Ask("POST", "chat", R"({"incidentId":"x","text":"hello"})").status, 404);
  EXPECT_EQ(Ask("POST", "chat", R"({"incidentId":"7","text":" "})").status, 400);
}

}  // namespace
}  // namespace watchfire::api
