// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Grafana OnCall's own dashboard asks, against a week worked out by hand.

#include "pkg/telemetry/grafana_oncall.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/registry.h"

namespace watchfire::telemetry {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const WallTime kNow = FromNanos(1'790'000'000'000'000'000);

config::Incidents Terms() {
  config::Incidents terms;
  terms.reopen_within = Duration::zero();
  return terms;
}

class GrafanaOncallTest : public testing::Test {
 protected:
  GrafanaOncallTest() { view_.config = config_; }

  // An incident of that group, opened so long ago.
  uint64_t Open(const std::string& group, Duration ago, const std::string& service = "api",
                const std::string& team = "core", const std::string& receiver = "on-call") {
    incident::Page page;
    page.receiver = receiver;
    page.group_key = group;
    page.team = team;
    page.service = service;
    page.alerts = {group};
    registry_.OnAttempt(page, kNow - ago);
    return registry_.all().rbegin()->first;
  }
  void Do(uint64_t id, const incident::Act& act, Duration ago) {
    ASSERT_TRUE(
        registry_.Apply(id, act, {"ada", incident::ActorType::kHuman, "api", ""}, kNow - ago));
  }
  std::string Text() {
    view_.at = kNow;
    view_.incidents = registry_.all();
    view_.stats.emplace().incidents = registry_.stats();
    view_.stats->oncall_seconds[{"core", "bo"}] = 60;
    view_.stats->incidents.person_pages[{"ada"}] = 2;
    Exposition out(Features{});
    AddGrafanaOncall(view_, &out);
    return out.Text();
  }
  // A line of the group in which all incidents are, unless they are opened elsewhere.
  static std::string Of(const std::string& state, int count) {
    return "oncall_alert_groups_total{integration=\"on-call\",team=\"core\",org_id=\"1\","
           "slug=\"watchfire\",id=\"1\",service_name=\"api\",state=\"" +
           state + "\"} " + std::to_string(count) + "\n";
  }
  static std::string Response(const std::string& part, const std::string& le, int value) {
    return "oncall_alert_groups_response_time_seconds_" + part +
           "{integration=\"on-call\",team=\"core\",org_id=\"1\",slug=\"watchfire\",id=\"1\","
           "service_name=\"api\"" +
           (le.empty() ? "" : ",le=\"" + le + "\"") + "} " + std::to_string(value) + "\n";
  }

  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  core::View view_;
  incident::Registry registry_{Terms()};
};

TEST_F(GrafanaOncallTest, AlertGroupsAreIncidentsByState) {
  Open("a", hours(1));
  Open("b", hours(1));
  Do(Open("c", hours(1)), incident::Acknowledge{}, hours(0));
  Do(Open("d", hours(1)), incident::Snooze{{kNoTime, hours(2)}}, hours(0));
  Do(Open("e", hours(1)), incident::Resolve{}, hours(0));
  Do(Open("f", hours(1)), incident::Merge{1}, hours(0));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("# TYPE oncall_alert_groups_total gauge\n"));
  EXPECT_THAT(text, HasSubstr(Of("firing", 2)));
  EXPECT_THAT(text, HasSubstr(Of("acknowledged", 1)));
  EXPECT_THAT(text, HasSubstr(Of("silenced", 1)));
  EXPECT_THAT(text, HasSubstr(Of("resolved", 2))) << "one of them was merged";
}

// The dashboard takes increase() of their sum.
TEST_F(GrafanaOncallTest, TheirNumberDoesNotFallWhenOneIsForgotten) {
  Do(Open("a", hours(3)), incident::Resolve{}, hours(2));
  Do(Open("b", hours(3)), incident::Resolve{}, hours(1));
  Open("c", hours(1));
  EXPECT_THAT(Text(), HasSubstr(Of("resolved", 2)));
  EXPECT_EQ(registry_.Collect(kNow).size(), 2U);
  EXPECT_THAT(Text(), HasSubstr(Of("resolved", 2)));
  EXPECT_THAT(Text(), HasSubstr(Of("firing", 1)));
}

// sum(..._sum) / sum(..._count) is their mean: (60 + 61 + 540 + 7200) / 4.
TEST_F(GrafanaOncallTest, ResponsesAreOfTheLastSevenDays) {
  const auto acked_after = [&](const char* group, Duration ago, seconds took) {
    Do(Open(group, ago), incident::Acknowledge{}, ago - took);
  };
  acked_after("a", hours(24 * 8), seconds(5));  // Longer ago.
  acked_after("b", hours(24 * 7), seconds(60));
  acked_after("c", hours(5), seconds(61));
  const uint64_t snoozed = Open("d", hours(4));
  Do(snoozed, incident::Snooze{{kNoTime, hours(10)}}, hours(4) - seconds(540));
  Do(snoozed, incident::Acknowledge{}, hours(1));  // Not the first that was done.
  Open("e", hours(3));
  registry_.OnRecovered("on-call", "e", kNow - hours(1));
  Open("f", hours(2));                                    // Nobody did anything.
  Do(Open("g", hours(2)), incident::Merge{1}, hours(1));  // Nor here.
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("# TYPE oncall_alert_groups_response_time_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr(Response("bucket", "60", 1)));
  EXPECT_THAT(text, HasSubstr(Response("bucket", "300", 2)));
  EXPECT_THAT(text, HasSubstr(Response("bucket", "600", 3)));
  EXPECT_THAT(text, HasSubstr(Response("bucket", "3600", 3)));
  EXPECT_THAT(text, HasSubstr(Response("bucket", "+Inf", 4)));
  EXPECT_THAT(text, HasSubstr(Response("count", "", 4)));
  EXPECT_THAT(text, HasSubstr(Response("sum", "", 60 + 61 + 540 + 7200)));
}

TEST_F(GrafanaOncallTest, WhatHasNoTeamOrServiceIsNamedAsThere) {
  Open("a", hours(1), "", "", "chat");
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("{integration=\"chat\",team=\"No team\",org_id=\"1\",slug=\"watchfire"
                              "\",id=\"1\",service_name=\"No service\",state=\"firing\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("response_time"))) << "no mean of nothing";
}

TEST_F(GrafanaOncallTest, ATestIsNone) {
  incident::Page page;
  page.is_test = true;
  registry_.OnAttempt(page, kNow);
  EXPECT_THAT(Text(), Not(HasSubstr("oncall_alert_groups")));
}

TEST_F(GrafanaOncallTest, PeopleAreNamedIfTheConfigurationSaysSo) {
  EXPECT_THAT(Text(), Not(HasSubstr("username")));
  config_->oncall.person_metrics = true;
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("# TYPE oncall_user_was_notified_of_alert_groups_total counter\n"));
  const std::string name = "oncall_user_was_notified_of_alert_groups_total{username=";
  EXPECT_THAT(text, HasSubstr(name + R"("ada",org_id="1",slug="watchfire",id="1"} 2)"));
  EXPECT_THAT(text, HasSubstr(name + R"("bo",org_id="1",slug="watchfire",id="1"} 0)"));
}

TEST_F(GrafanaOncallTest, ServicesThatSendersMakeUpDoNotMakeSeriesWithoutEnd) {
  for (int i = 0; i < 300; ++i) {
    Open("g" + std::to_string(i), hours(1), "service-" + std::to_string(i));
  }
  const std::string text = Text();
  size_t lines = 0;
  for (size_t at = text.find("oncall_alert_groups_total{"); at != text.npos;
       at = text.find("oncall_alert_groups_total{", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 251U * 4);
  EXPECT_THAT(text, HasSubstr("service_name=\"other\",state=\"firing\"} 50\n"));
}

}  // namespace
}  // namespace watchfire::telemetry
