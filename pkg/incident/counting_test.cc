// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class CountingTest : public testing::Test {
 protected:
  void Happens(const std::string& kind, const std::string& text, uint64_t id = 1) {
    ASSERT_TRUE(
        registry_.OnEscalated(id, {kStart + minutes(1), kind, "critical", "escalation", text}));
  }
  const Stats& stats() const { return registry_.stats(); }

  const LabelValues who_ = {"core", "critical"};
  Registry registry_{Never()};
};

TEST_F(CountingTest, AnIncidentIsEscalatedOnceHoweverManySteps) {
  Open(&registry_, ApiDown(), kStart);
  Happens("notified", "step 1 of critical: to ada (app)");
  EXPECT_THAT(stats().escalated, IsEmpty()) << "the first step is none";
  Happens("escalated", "step 2 of critical: to bo (app)");
  Happens("escalated", "step 12 of critical, round 2: to cy (app)");
  EXPECT_EQ(stats().escalated.at(who_), 1U);
  EXPECT_THAT(stats().escalations, ElementsAre(Pair(LabelValues{"core", "timeout", "10+"}, 1),
                                               Pair(LabelValues{"core", "timeout", "2"}, 1)));
}

// M6 is a share of the paged ones, so what nobody was paged for is not in it.
TEST_F(CountingTest, WhoIsPagedAfterTheSecondStepIsEscalatedToo) {
  registry_.OnAttempt(ApiDown(), kStart);
  Happens("escalated", "step 2 of critical: to bo (app)");
  EXPECT_THAT(stats().escalated, IsEmpty());
  registry_.OnPaged(ApiDown(), kStart + minutes(2));
  registry_.OnPaged(ApiDown(), kStart + minutes(3));
  EXPECT_EQ(stats().escalated.at(who_), 1U);
}

TEST_F(CountingTest, WhyAStepCameIsTold) {
  Open(&registry_, ApiDown(), kStart);
  Happens("notified", "step 1 of critical: to ada (app)");
  Did(registry_.Apply(1, Escalate{}, kAda, kStart + seconds(30)));
  Happens("escalated", "step 2 of critical: to bo (app)");
  Happens("automation", "escalate success");
  Happens("escalated", "step 3 of critical: to cy (app)");
  Happens("escalated", "step 4 of critical: to ada (app)");
  EXPECT_THAT(stats().escalations, ElementsAre(Pair(LabelValues{"core", "manual", "2"}, 1),
                                               Pair(LabelValues{"core", "policy", "3"}, 1),
                                               Pair(LabelValues{"core", "timeout", "4"}, 1)));
}

TEST_F(CountingTest, WhatAPageLacksIsCountedWhenItsIncidentOpens) {
  Page page = ApiDown();
  page.team = page.service = "";
  page.links = {{"runbook", "https://runbooks.example/api"}};
  registry_.OnAttempt(page, kStart);
  registry_.OnAttempt(page, kStart + minutes(1));  // The same incident.
  EXPECT_EQ(stats().opened.at({"none", "critical"}), 1U);
  EXPECT_THAT(stats().missing_context,
              ElementsAre(Pair(LabelValues{"dashboard"}, 1), Pair(LabelValues{"runbook"}, 0),
                          Pair(LabelValues{"service"}, 1), Pair(LabelValues{"severity"}, 0),
                          Pair(LabelValues{"team"}, 1)));
}

TEST_F(CountingTest, TeamsOfStrangersDoNotMakeSeriesWithoutEnd) {
  for (size_t i = 0; i < kSeriesMax; ++i) {
    Page page = ApiDown();
    page.group_key += std::to_string(i);
    page.team = "request-" + std::to_string(i);
    Open(&registry_, page, kStart);
  }
  EXPECT_LE(stats().pages.size(), kSeriesMax + 1);
  EXPECT_TRUE(stats().pages.contains({"other", "other", "other"}));
}

TEST_F(CountingTest, DetectionTakesFromTheConditionToUs) {
  Page page = ApiDown();
  page.detected_at = page.started_at + seconds(90);
  registry_.OnAttempt(page, kStart + minutes(2));
  EXPECT_DOUBLE_EQ(stats().detect_seconds.series().at(who_).sum(), 90);
}

}  // namespace
}  // namespace watchfire::incident
