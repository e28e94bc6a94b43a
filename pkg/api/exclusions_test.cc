// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Time that SLOs do not count, over the API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/api.h"
#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

config::Slo MakeSlo(const std::string& service, const std::string& name) {
  config::Slo slo;
  slo.id = service + "-" + name;
  slo.service = service;
  slo.name = name;
  slo.objective = 99;
  slo.error_query = "sum(rate(bad[{{.window}}]))";
  slo.total_query = "sum(rate(all[{{.window}}]))";
  slo.alert_name = "Burns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  return slo;
}

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "default";
  config->route.key = config->route.id = "{}";
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  config->slos = {MakeSlo("shop", "paid"), MakeSlo("shop", "fast"), MakeSlo("search", "fast")};
  config->slos[0].mode = config->slos[1].mode = config::SloMode::kExact;
  config->slos[2].excluded = {{"always", {timeinterval::TimeInterval()}}};
  return config;
}

class ExclusionsApiTest : public testing::Test {
 protected:
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }
  net::Response Post(const std::string& path, const std::string& body) {
    return Handle(MakeRequest("POST", "/api/v1/slos/exclusions" + path, body), backend_);
  }
  std::string Refused(const std::string& body) {
    const net::Response response = Post("", body);
    EXPECT_EQ(response.status, 400) << response.body;
    return response.body;
  }

  FakeBackend backend_{TestConfig()};
};

TEST_F(ExclusionsApiTest, AnExclusionIsMadeListedAndTakenBack) {
  const std::string body =
      R"({"slo":"shop-paid","start":"2026-09-21T13:00:00Z","end":"2026-09-21T16:00:30Z",)"
      R"("reason":"new disks","author":"ada"})";
  const net::Response made = Post("", body);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(made.body,
              HasSubstr(R"({"id":"1","state":"active","slo":["shop-paid"],"service":"",)"));
  EXPECT_THAT(made.body, HasSubstr(R"("start":"2026-09-21T13:00:00Z","end":"2026-09-21T16:01:00Z",)"
                                   R"("reason":"new disks","author":"ada")"));
  EXPECT_THAT(made.body, HasSubstr(R"("endedBy":"","endedAt":null)"));
  EXPECT_THAT(made.body, HasSubstr(R"("budgets":[{"slo":"shop-paid","budget":"counted"}])"))
      << "in exact mode";
  EXPECT_THAT(Post("", body).body, HasSubstr(R"("id":"1")")) << "asked for again";
  EXPECT_THAT(Get("/api/v1/slos/exclusions?slo=shop-paid").body, HasSubstr(R"("id":"1")"));
  EXPECT_THAT(Get("/api/v1/slos/exclusions?slo=shop-fast").body, HasSubstr(R"("exclusions":[])"));
  EXPECT_EQ(Get("/api/v1/slos/exclusions?slo=nobody").status, 404);

  EXPECT_EQ(Post("/7/end", R"({"author":"bo"})").status, 404);
  EXPECT_EQ(Post("/x/end", R"({"author":"bo"})").status, 404);
  EXPECT_EQ(Post("/1/end", "{}").status, 400) << "who?";
  const net::Response ended = Post("/1/end", R"({"author":"bo"})");
  EXPECT_EQ(ended.status, 200);
  EXPECT_THAT(ended.body, HasSubstr(R"("state":"taken back")"));
  EXPECT_THAT(ended.body, HasSubstr(R"("endedBy":"bo","endedAt":"2026-)"));
  EXPECT_EQ(Post("/1/end", R"({"actor":"bo"})").status, 409);
  EXPECT_THAT(Get("/api/v1/slos/exclusions").body, HasSubstr(R"("exclusions":[])"));
  EXPECT_THAT(Get("/api/v1/slos/exclusions?all=true").body, HasSubstr(R"("id":"1")"));
}

TEST_F(ExclusionsApiTest, OneThatIsOverEarlyKeepsWhatHasPassed) {
  ASSERT_EQ(Post("", R"({"slo":"shop-paid","start":"2026-09-21T13:00:00Z",)"
                     R"("end":"2026-12-31T16:00:00Z","reason":"disks","author":"ada"})")
                .status,
            200);
  EXPECT_EQ(Post("/1/end", R"({"author":"bo","keepPast":"yes"})").status, 400);
  const net::Response over = Post("/1/end", R"({"author":"bo","keepPast":true})");
  ASSERT_EQ(over.status, 200) << over.body;
  EXPECT_THAT(over.body, HasSubstr(R"("start":"2026-09-21T13:00:00Z")"));
  EXPECT_THAT(over.body, HasSubstr(R"("endedBy":"","endedAt":null,"shortenedBy":"bo",)"));
  EXPECT_THAT(over.body, HasSubstr(R"("plannedEnd":"2026-12-31T16:00:00Z")"));
  EXPECT_EQ(Post("/1/end", R"({"author":"bo","keepPast":true})").status, 409);
}

TEST_F(ExclusionsApiTest, AListTellsOfTheBudgetThatWasAskedFor) {
  ASSERT_EQ(Post("", R"({"service":"shop","for":"2h","reason":"x","author":"a"})").status, 200);
  EXPECT_THAT(Get("/api/v1/slos/exclusions").body, HasSubstr(R"("budgets":[]})"));
  EXPECT_THAT(Get("/api/v1/slos/exclusions?slo=shop-fast").body,
              HasSubstr(R"("budgets":[{"slo":"shop-fast","budget":"counted"}]})"));
}

TEST_F(ExclusionsApiTest, WhatWillBeCountedIsCountedForNow) {
  EXPECT_THAT(Post("", R"({"slo":"search-fast","for":"2h","reason":"x","author":"a"})").body,
              HasSubstr(R"("budgets":[{"slo":"search-fast","budget":"counted for now"}])"));
}

TEST_F(ExclusionsApiTest, WhatIsOfAnSloThatIsGoneIsListed) {
  ASSERT_EQ(Post("", R"({"slo":"shop-paid","for":"2h","reason":"x","author":"a"})").status, 200);
  ASSERT_EQ(Post("", R"({"service":"shop","for":"3h","reason":"y","author":"a"})").status, 200);
  auto without = std::make_shared<config::Config>(*TestConfig());
  without->slos.erase(without->slos.begin());
  backend_.Swap(without);
  const net::Response listed = Get("/api/v1/slos/exclusions?slo=shop-paid");
  ASSERT_EQ(listed.status, 200) << listed.body;
  EXPECT_THAT(listed.body, HasSubstr(R"("id":"1","state":"without effect","slo":["shop-paid"])"));
  EXPECT_THAT(listed.body, HasSubstr(R"("budgets":[]})"));
  EXPECT_THAT(listed.body, Not(HasSubstr(R"("id":"2")"))) << "of which service it was is not known";
  EXPECT_EQ(Get("/api/v1/slos/exclusions?slo=nobody").status, 404);
}

TEST_F(ExclusionsApiTest, SeveralSlosOrAllOfAService) {
  EXPECT_THAT(
      Post("", R"({"slo":["shop-paid","search-fast"],"for":"2h","reason":"x","actor":"a"})").body,
      HasSubstr(R"("slo":["search-fast","shop-paid"])"));
  const std::string body =
      Post("", R"({"service":"shop","for":"2h","reason":"x","author":"a"})").body;
  EXPECT_THAT(body, HasSubstr(R"("slo":[],"service":"shop")"));
  EXPECT_THAT(body, HasSubstr(R"({"slo":"shop-fast","budget":"counted"}])"));
}

TEST_F(ExclusionsApiTest, TheListOfSlosShowsWhatHolds) {
  const std::string before = Get("/api/v1/slos").body;
  EXPECT_THAT(before, HasSubstr(R"("exclude":[],"exclusion":null)"));
  EXPECT_THAT(before, HasSubstr(R"("exclude":["always"],"exclusion":{"id":null,"reason":"always",)"
                                R"("author":"","until":")"));
  ASSERT_EQ(
      Post("", R"({"slo":"shop-paid","for":"2h","reason":"new disks","author":"ada"})").status,
      200);
  EXPECT_THAT(Get("/api/v1/slos").body,
              HasSubstr(R"("exclusion":{"id":"1","reason":"new disks","author":"ada",)"));
}

TEST_F(ExclusionsApiTest, MistakesAreNamed) {
  EXPECT_THAT(Refused("[]"), HasSubstr("the body must be a JSON object"));
  EXPECT_THAT(Refused("{"), HasSubstr("the body must be a JSON object"));
  EXPECT_THAT(Refused(R"({"slo":7,"for":"1h","reason":"x","author":"a"})"),
              HasSubstr("slo must be the id of an SLO, or a list of ids"));
  EXPECT_THAT(Refused(R"({"slo":["shop-paid",7],"for":"1h","reason":"x","author":"a"})"),
              HasSubstr("slo must be the id of an SLO, or a list of ids"));
  EXPECT_THAT(Refused(R"({"slo":[],"service":"shop","for":"1h","reason":"x","author":"a"})"),
              HasSubstr("it is an empty list"));
  EXPECT_THAT(Refused(R"({"slo":"shop-paid","reason":"x","author":"a"})"),
              HasSubstr("end or for must say how long"));
  EXPECT_THAT(Refused(R"({"slo":"shop-paid","for":"1h","author":"a"})"),
              HasSubstr("reason must say why"));
  EXPECT_THAT(Refused(R"({"slo":"shop-paid","for":"1h","reason":"x"})"),
              HasSubstr("author must say who"));
  EXPECT_THAT(Refused(R"({"slo":"shop-paid","for":"1h","reason":"x","author":"a","who":"y"})"),
              HasSubstr("unknown member"));
  EXPECT_THAT(Refused(R"({"slo":"shop-paid","start":"noon","for":"1h","reason":"x","author":"a"})"),
              HasSubstr("start must be a time"));
  EXPECT_THAT(Refused(R"({"slo":"shop-paid","for":"9999h","reason":"x","author":"a"})"),
              HasSubstr("at most 400 days"));
  EXPECT_THAT(
      Refused(R"({"slo":"shop-paid","start":"2261-12-31T00:00:00Z","for":"9h","reason":"x",)"
              R"("author":"a"})"),
      HasSubstr("or ahead"));
  EXPECT_EQ(Post("", R"({"slo":"shop-payd","for":"1h","reason":"x","author":"a"})").status, 404);
}

}  // namespace
}  // namespace watchfire::api
