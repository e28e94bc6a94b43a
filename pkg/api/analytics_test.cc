// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <chrono>

#include <gmock/gmock.h>

#include "pkg/api/incidents_for_test.h"

namespace watchfire::api {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class AnalyticsTest : public IncidentsTest {};

TEST_F(AnalyticsTest, TellsWhatHappened) {
  Page("api");
  backend_.Pass(seconds(58));
  ASSERT_EQ(Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})").status, 200);
  const std::string body = Get("/api/v1/analytics?days=1&zone=Europe/Berlin").body;
  EXPECT_THAT(body, HasSubstr(R"("zone":"Europe/Berlin")"));
  EXPECT_THAT(body,
              HasSubstr(R"("total":{"incidents":1,"merged":0,"paged":1,"escalated":0,)"
                        R"("escalationRate":0.0,"detectedByHuman":0,"detectedByHumanRatio":0.0,)"
                        R"("unresolved":1,"resolutionRate":0.0,"alerts":1,"flapping":0,)"
                        R"("outcomes":{})"));
  EXPECT_THAT(body, HasSubstr(R"("noiseRatio":null,"noiseOfClassifiedRatio":null,)"
                              R"("falsePositiveRatio":null,"pages":1,"alertsPerPage":1.0,)"));
  EXPECT_THAT(body, HasSubstr(R"("byTeam":{"core":{"incidents":1)"));
  EXPECT_THAT(body, HasSubstr(R"("byService":{"api":{"incidents":1)"));
  EXPECT_THAT(body, HasSubstr(R"("people":{"ada":{"acks":1,)"));
  EXPECT_THAT(body, HasSubstr(R"("alerts":[{"alert":"Down","incidents":1,"noise":0}])"));
  EXPECT_THAT(body, HasSubstr(R"("runbooks":{"alertsPaged":1,"withRunbook":0,)"
                              R"("withRunbookRatio":0.0,"missing":["Down"]})"));
}

TEST_F(AnalyticsTest, APeriodWithoutIncidentsHasNoFigures) {
  Page("api");
  const std::string body = Get("/api/v1/analytics?from=2001-01-01&until=2001-02-01").body;
  EXPECT_THAT(body, HasSubstr(R"("total":{"incidents":0,)"));
  EXPECT_THAT(body, HasSubstr(R"("ackSeconds":{"count":0,"mean":null,)"));
  EXPECT_THAT(body, HasSubstr(R"("noiseOfClassifiedRatio":null,)"));
  EXPECT_THAT(body, HasSubstr(R"("detectedByHumanRatio":null,)"));
  EXPECT_THAT(body, HasSubstr(R"("byTeam":{})"));
  EXPECT_THAT(body, HasSubstr(R"("withRunbookRatio":null,"missing":[])"));
  EXPECT_THAT(Get("/api/v1/analytics?team=web").body, HasSubstr(R"("byTeam":{})"));
  EXPECT_EQ(Get("/api/v1/analytics?until=1679-01-01").status, 200) << "as early as times go";
}

TEST_F(AnalyticsTest, WhatMakesNoSenseIsRefused) {
  for (const auto& [query, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"days=0", "days must be a number of at least 1"},
           {"days=4000", "days must be at most 3660"},
           {"days=3&from=2026-01-01", "exclude each other"},
           {"from=yesterday", "from must be a time such as"},
           {"from=2026-02-01&until=2026-01-01", "from must lie before until"},
           {"zone=Mars/Phobos", "zone: unknown time zone Mars/Phobos"},
           {"zone=../../etc/passwd", "zone: time: invalid location name"}}) {
    const net::Response response = Get(std::string("/api/v1/analytics?") + query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_THAT(response.body, HasSubstr(why)) << query;
  }
}

}  // namespace
}  // namespace watchfire::api
