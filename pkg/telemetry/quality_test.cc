// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/telemetry/quality.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/timeinterval/parse.h"

namespace watchfire::telemetry {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class QualityTest : public testing::Test {
 protected:
  QualityTest() {
    view_.config = config_;
    view_.stats.emplace();
    view_.at = FromNanos(1'790'000'000'000'000'000);
  }
  void Resolved(uint64_t id, incident::PostmortemStatus status, Duration since_due) {
    auto incident = std::make_shared<incident::Incident>();
    incident->id = id;
    incident->team = "core";
    incident->state = incident::State::kResolved;
    incident->postmortem.status = status;
    incident->postmortem.due_at = view_.at - since_due;
    incident->postmortem.at = view_.at;
    view_.incidents[id] = incident;
  }
  std::string Text() const {
    Exposition out(Features{});
    AddQuality(view_, &out);
    AddIncidents(view_, &out);
    return out.Text();
  }

  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  core::View view_;
};

TEST_F(QualityTest, PostmortemsAreCountedByHowFarTheyCame) {
  using Status = incident::PostmortemStatus;
  Resolved(1, Status::kMissing, hours(1));
  Resolved(2, Status::kDraft, hours(1));
  Resolved(3, Status::kMissing, -hours(1));
  Resolved(4, Status::kReviewed, hours(1));
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("watchfire_postmortems{team=\"core\",status=\"missing\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("watchfire_postmortems{team=\"core\",status=\"draft\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("watchfire_postmortems{team=\"core\",status=\"reviewed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("watchfire_postmortems_overdue{team=\"core\"} 2\n"));
}

TEST_F(QualityTest, WhatIsPromisedIsThereBeforeItIsBroken) {
  EXPECT_THAT(Text(), Not(HasSubstr("watchfire_incident_responses_total{")));
  EXPECT_THAT(Text(), Not(HasSubstr("watchfire_postmortems_total{")));
  config_->incidents.response_targets = {{"SEV1", hours(1)}};
  config_->incidents.postmortem_levels = {"SEV1"};
  EXPECT_THAT(Text(),
              HasSubstr("watchfire_incident_responses_total{severity=\"SEV1\",met=\"no\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_postmortems_total{status=\"reviewed_late\"} 0\n"));
}

TEST_F(QualityTest, WhatMayBeMissingIsThereBeforeItIs) {
  view_.stats->incidents.missing_context[{"team"}] = 2;
  const std::string metric = "watchfire_incidents_missing_context_total";
  EXPECT_THAT(Text(), HasSubstr(metric + "{field=\"runbook\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr(metric + "{field=\"team\"} 2\n"));
}

TEST_F(QualityTest, RulesSeenAreToldApartByTheirRunbooks) {
  view_.stats->rules_with_runbook = 3;
  EXPECT_THAT(Text(), HasSubstr("watchfire_alert_rules_seen{has_runbook=\"yes\"} 3\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_alert_rules_seen{has_runbook=\"no\"} 0\n"));
}

TEST_F(QualityTest, SkewOfCoreAndOfIncidentsIsOneNumber) {
  view_.stats->clock_skew[{"ingest"}] = 2;
  view_.stats->incidents.clock_skew[{"ack"}] = 1;
  EXPECT_THAT(Text(), HasSubstr("watchfire_clock_skew_total{delay=\"ingest\"} 2\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_clock_skew_total{delay=\"ack\"} 1\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_clock_skew_total{delay=\"page\"} 0\n"));
}

TEST_F(QualityTest, WhatMaySuppressIsThereBeforeItDoes) {
  for (const char* by : {"silence", "inhibition", "mute_time_interval", "active_time_interval"}) {
    EXPECT_THAT(Text(),
                HasSubstr("watchfire_alerts_suppressed_total{by=\"" + std::string(by) + "\"} 0\n"));
  }
  EXPECT_THAT(Text(), Not(HasSubstr("watchfire_backend_up{"))) << "not tried yet";
  view_.stats->backends_up[{"on-call", "slack", "0"}] = 0;
  EXPECT_THAT(
      Text(),
      HasSubstr(
          "watchfire_backend_up{receiver=\"on-call\",integration=\"slack\",index=\"0\"} 0\n"));
}

TEST_F(QualityTest, ReportsAreThereBeforeTheFirst) {
  EXPECT_THAT(Text(), Not(HasSubstr("watchfire_reports_total{")));
  config_->reports.emplace_back().receiver = "managers";
  EXPECT_THAT(Text(),
              HasSubstr("watchfire_reports_total{receiver=\"managers\",outcome=\"refused\"} 0\n"));
}

// M4 is a share of them: what is not seen to begin is left out of a rate.
TEST_F(QualityTest, VerdictsOfATeamStartAtNothing) {
  view_.stats->incidents.opened[{"core", "critical", "monitoring"}] = 1;
  const std::string text = Text();
  for (const char* series :
       {"incident_outcomes_total{outcome=\"actionable\",outcome_source=\"human\","
        "team=\"core\"} 0\n",
        "incident_outcomes_total{outcome=\"noise\",outcome_source=\"rule\","
        "team=\"core\"} 0\n",
        "incidents_merged_total{source=\"human\"} 0\n"}) {
    EXPECT_THAT(text, HasSubstr(series));
  }
}

TEST_F(QualityTest, TeamsOfStrangersDoNotMakeGaugesWithoutEnd) {
  for (uint64_t i = 1; i <= 5000; ++i) {
    auto incident = std::make_shared<incident::Incident>();
    incident->id = i;
    incident->team = "request-" + std::to_string(i);
    incident->severity = "critical";
    incident->opened_at = view_.at;
    incident->postmortem.due_at = view_.at;
    view_.incidents.emplace(i, incident);
    Count(i % 2 == 0 ? &view_.stats->incidents.paged : &view_.stats->incidents.escalated,
          {incident->team, "critical"});
    view_.stats->incidents.opened[BoundedLabels(view_.stats->incidents.opened,
                                                {incident->team, "critical", "monitoring"})] = 1;
  }
  const std::string text = Text();
  for (const char* name :
       {"watchfire_incidents{", "watchfire_pages_unacked{",
        "watchfire_incident_oldest_age_seconds{", "watchfire_incident_outcomes_total{",
        "watchfire_incidents_escalated_total{", "watchfire_postmortems{",
        "watchfire_postmortems_overdue{"}) {
    size_t count = 0;
    for (size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) ++count;
    EXPECT_GT(count, 0U) << name;
    EXPECT_LE(count, kSeriesMax + 1) << name;
  }
}

TEST_F(QualityTest, APeriodSaysWhatABurnRateCosts) {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.period = hours(24 * 28);
  config_->slos = {slo};
  EXPECT_THAT(Text(), HasSubstr("watchfire_slo_period_seconds{slo=\"shop-cart\",service=\"shop\"} "
                                "2419200\n"));
  // Of a calendar the one that is on, in its zone: October 2026 has 31 days and an hour.
  view_.at = ParseTime("2026-10-15T12:00:00Z").value();
  config_->slos[0].calendar = config::CalendarPeriod{
      config::CalendarPeriod::Unit::kMonth, 1, cctz::civil_second(2020, 1, 1),
      timeinterval::ParseLocation("Europe/Berlin").value()};
  EXPECT_THAT(Text(), HasSubstr("service=\"shop\"} " + std::to_string(31 * 86400 + 3600) + "\n"));
  view_.at = ParseTime("2026-02-28T22:59:59Z").value();
  EXPECT_THAT(Text(), HasSubstr("service=\"shop\"} " + std::to_string(28 * 86400) + "\n"));
}

}  // namespace
}  // namespace watchfire::telemetry
