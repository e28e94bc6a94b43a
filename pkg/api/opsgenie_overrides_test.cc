// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Overrides, as scripts for Opsgenie's API make them. The clock stands at 2026-09-21T14:13:20Z.

#include <string>

#include "pkg/api/inbound_for_test.h"
#include "pkg/api/opsgenie_roster.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem]
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - name: weeks
          rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada]}
        - name: nights
          hours: [{from: "20:00", to: "08:00"}]
          rotation: {start: 1970-01-01 00:00, every: 1 week, participants: [ada]}
      overrides:
        - {from: 2026-10-10 00:00, to: 2026-10-11 00:00, who: cem, layers: [nights]}
        - {from: 2025-10-10 00:00, to: 2025-10-11 00:00, who: cem}
)";
constexpr const char* kOverrides = "/v2/schedules/primary/overrides";

class OpsgenieOverridesTest : public testing::Test {
 protected:
  net::Response Ask(const std::string& method, const std::string& target,
                    const std::string& body = "") {
    net::Request request = MakeRequest(method, target, body);
    request.headers.push_back({"Authorization", authorization_});
    return Handle(request, backend_);
  }
  // The body of one, of tomorrow.
  static std::string Draft(const std::string& user, const std::string& more = "",
                           const std::string& end = "2026-09-22T18:00:00Z") {
    return R"({"user":{"type":"user","username":")" + user +
           R"("},"startDate":"2026-09-22T10:00:00Z","endDate":")" + end + R"(")" + more + "}";
  }
  std::string OnCall() {
    return Ask("GET", "/v2/schedules/primary/on-calls?flat=true&date=2026-09-22T12:00:00Z").body;
  }
  size_t Count() { return (*backend_.Read(core::kViewOverrides))->overrides.size(); }

  std::string authorization_ = "GenieKey opsgenie-key";
  FakeBackend backend_{InboundConfigOf(kRoster)};
  const std::string bo_ = OpsgenieIdOf("user", "bo", {});
};

TEST_F(OpsgenieOverridesTest, WhoStandsInIsOnCall) {
  const net::Response made = Ask("POST", kOverrides, Draft("bo", R"(,"alias":"swap")"));
  EXPECT_EQ(made.status, 201);
  const std::string shown = R"("alias":"swap","startDate":"2026-09-22T10:00:00Z",)"
                            R"("endDate":"2026-09-22T18:00:00Z","user":{"type":"user","id":")" +
                            bo_ + R"(","username":"bo"}})";
  EXPECT_THAT(made.body, HasSubstr(R"({"result":"Created","data":{"_parent":{"id":")"));
  EXPECT_THAT(made.body, HasSubstr(shown));
  EXPECT_THAT(OnCall(), HasSubstr(R"(["bo"])"));
  EXPECT_THAT(Ask("GET", std::string(kOverrides) + "/swap").body, HasSubstr(shown));
  EXPECT_THAT(Ask("GET", kOverrides).body, HasSubstr(shown));
  EXPECT_THAT(Ask("GET", "/v2/schedules/primary/timeline?expand=override").body,
              HasSubstr(R"("endDate":"2026-09-22T18:00:00Z","type":"override")"));
  EXPECT_THAT(Ask("DELETE", std::string(kOverrides) + "/swap").body,
              HasSubstr(R"({"result":"Deleted","took":)"));
  EXPECT_THAT(OnCall(), HasSubstr(R"(["ada"])"));
  EXPECT_EQ(Ask("GET", std::string(kOverrides) + "/swap").status, 404);
  EXPECT_EQ(Ask("DELETE", std::string(kOverrides) + "/swap").status, 404);
}

TEST_F(OpsgenieOverridesTest, SentAgainThereIsOne) {
  const std::string body = Draft("bo", R"(,"alias":"swap")");
  EXPECT_EQ(Ask("POST", kOverrides, body).status, 201);
  EXPECT_EQ(Ask("POST", kOverrides, body).status, 201);
  EXPECT_EQ(Count(), 1U);
  const net::Response other = Ask("POST", kOverrides, Draft("cem", R"(,"alias":"swap")"));
  EXPECT_EQ(other.status, 422);
  EXPECT_THAT(other.body, HasSubstr(R"("errors":{"alias":")"));
  EXPECT_EQ(Ask("POST", kOverrides, Draft("cem")).status, 201) << "without an alias it is another";
  EXPECT_THAT(Ask("GET", kOverrides).body, HasSubstr(R"("alias":"override-)"));
}

TEST_F(OpsgenieOverridesTest, AnotherTakesItsPlace) {
  Ask("POST", kOverrides, Draft("bo", R"(,"alias":"swap")"));
  const net::Response put =
      Ask("PUT", std::string(kOverrides) + "/swap", Draft("cem", "", "2026-09-22T20:00:00Z"));
  EXPECT_EQ(put.status, 200);
  EXPECT_THAT(put.body, HasSubstr(R"("alias":"swap","startDate":"2026-09-22T10:00:00Z",)"
                                  R"("endDate":"2026-09-22T20:00:00Z")"));
  EXPECT_THAT(OnCall(), HasSubstr(R"(["cem"])"));
  EXPECT_THAT(Ask("GET", kOverrides).body, Not(HasSubstr(R"("username":"bo")")));
  EXPECT_EQ(Ask("PUT", std::string(kOverrides) + "/other", Draft("cem")).status, 404);
}

TEST_F(OpsgenieOverridesTest, ThoseOfTheFilesAreListed) {
  const std::string list = Ask("GET", kOverrides).body;
  EXPECT_THAT(list, HasSubstr(R"("alias":"primary-1","startDate":"2026-10-10T00:00:00Z",)"));
  EXPECT_THAT(
      list, HasSubstr(R"("username":"cem"},"rotations":[{"id":")" +
                      OpsgenieIdOf("rotation", "primary/nights", {}) + R"(","name":"nights"}]}])"));
  EXPECT_THAT(list, Not(HasSubstr("primary-2"))) << "it is over";
  EXPECT_THAT(Ask("DELETE", std::string(kOverrides) + "/primary-1").body,
              HasSubstr("those of files are changed there"));
}

TEST_F(OpsgenieOverridesTest, PeopleAndRotationsAreFoundById) {
  const std::string by_id = R"({"user":{"type":"user","id":")" + bo_ +
                            R"("},"startDate":"2026-09-22T10:00:00Z",)"
                            R"("endDate":"2026-09-22T18:00:00Z","rotations":[{"name":"weeks"},)"
                            R"({"id":")" +
                            OpsgenieIdOf("rotation", "primary/nights", {}) + R"("}]})";
  EXPECT_EQ(Ask("POST", kOverrides, by_id).status, 201);
  EXPECT_THAT(OnCall(), HasSubstr(R"(["bo"])"));
}

TEST_F(OpsgenieOverridesTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(Ask("POST", kOverrides, "[]").status, 400);
  for (const std::string& body :
       {std::string("{}"), Draft("nobody"), Draft(""),
        Draft("bo", R"(,"rotations":[{"name":"x"}])"), Draft("bo", "", "soon"),
        Draft("bo", "", "2026-09-22T09:00:00Z"), Draft("bo", "", "2028-09-22T09:00:00Z"),
        std::string(R"({"user":{"type":"team","id":"x"}})")}) {
    EXPECT_EQ(Ask("POST", kOverrides, body).status, 422) << body;
  }
  EXPECT_EQ(Ask("POST", "/v2/schedules/other/overrides", Draft("bo")).status, 404);
  authorization_ = "GenieKey nobody";
  EXPECT_EQ(Ask("POST", kOverrides, Draft("bo")).status, 403);
  EXPECT_EQ(Ask("DELETE", std::string(kOverrides) + "/swap").status, 403);
  EXPECT_EQ(Count(), 0U);
}

}  // namespace
}  // namespace watchfire::api
