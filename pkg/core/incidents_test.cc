// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Incidents that come back, and what is stored of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

class CoreIncidentsTest : public CoreTest {
 protected:
  CoreIncidentsTest() {
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(30));
    Answer(Attempted::Kind::kDone);
    Pass(seconds(2));
    attempts_.clear();
  }

  void Do(incident::Act act) {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = 1;
    command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    replies_.clear();
    Step({std::move(command)});
    EXPECT_TRUE(replies_.empty()) << "nothing is promised before it is stored";
    Commit();
    ASSERT_EQ(replies_.size(), 1U);
    EXPECT_TRUE(replies_[0].status);
  }
  std::shared_ptr<const incident::Incident> One() { return Read(kViewIncidents)->incidents.at(1); }
};

TEST_F(CoreIncidentsTest, AnExpiredAckPagesOnceMore) {
  Do(incident::Acknowledge{{kNoTime, minutes(7)}});
  ASSERT_TRUE(core_->next_deadline(now_));
  Pass(minutes(7) - seconds(1));
  EXPECT_TRUE(attempts_.empty());
  Pass(seconds(2));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_TRUE(attempts_[0].notification->firing());
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  Pass(minutes(20));
  EXPECT_EQ(attempts_.size(), 1U) << "once";
}

TEST_F(CoreIncidentsTest, ASnoozeThatIsOverPagesOnceMore) {
  Do(incident::Snooze{{kNoTime, minutes(30)}});
  Pass(minutes(29));
  EXPECT_TRUE(attempts_.empty());
  Pass(minutes(1) + seconds(1));
  EXPECT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(One()->timeline.back().kind, "returned");
}

TEST_F(CoreIncidentsTest, TheClockRingsAfterARestartToo) {
  Do(incident::Acknowledge{{kNoTime, minutes(30)}});
  Boot(Disk());
  now_.wall += minutes(31);
  now_.mono += minutes(31);
  Pass(seconds(2));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_EQ(attempts_.size(), 1U);
}

// The process dies when the return is stored and its page is not sent yet.
TEST_F(CoreIncidentsTest, AReturnThatIsStoredIsPagedByTheNextLife) {
  Do(incident::Acknowledge{{kNoTime, minutes(30)}});
  now_.wall += minutes(30);
  now_.mono += minutes(30);
  Step();
  batches_.clear();
  attempts_.clear();
  Boot(Disk());
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  Pass(seconds(2));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(CoreIncidentsTest, WhatIsSilencedComesBackWithoutAPage) {
  Do(incident::Snooze{{kNoTime, minutes(10)}});
  silence::Draft draft;
  draft.matchers = {{matcher::Op::kEqual, "service", "api"}};
  draft.starts_at = now_.wall;
  draft.ends_at = now_.wall + minutes(60);
  draft.created_by = "ada";
  draft.comment = "maintenance";
  Step({SilenceCommand{RequestId{8}, draft}});
  Commit();
  Pass(minutes(11));
  EXPECT_EQ(One()->state, incident::State::kTriggered);
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(CoreIncidentsTest, ReadersSeeWhichAlertsAnOpenIncidentIsAbout) {
  const auto view = Read(kViewOpenIncidents);
  ASSERT_EQ(view->open_incidents.size(), 1U);
  ASSERT_EQ(view->open_incidents[0].alerts.size(), 1U);
  EXPECT_EQ(view->open_incidents[0].alerts[0]->size(), 1U);
  Do(incident::Resolve{});
  EXPECT_TRUE(Read(kViewOpenIncidents)->open_incidents.empty());
}

TEST_F(CoreIncidentsTest, AMergeIsStoredInOneBatch) {
  alert::Alert other;
  other.labels = labels::LabelSet{
      {"alertname", "DbDown"}, {"service", "db"}, {"severity", "critical"}, {"team", "core"}};
  other.starts_at = other.updated_at = now_.wall;
  other.ends_at = now_.wall + minutes(600);
  AlertsArrived arrived;
  arrived.alerts.push_back(std::move(other));
  Step({std::move(arrived)});
  Commit();
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  Do(incident::Reassign{"bob"});
  IncidentCommand merge;
  merge.reply_to = RequestId{9};
  merge.incident = 2;
  merge.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  merge.act = incident::Merge{1};
  Step({std::move(merge)});
  ASSERT_EQ(batches_.size(), 1U);
  Boot(Disk());
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(2)->state, incident::State::kMerged);
  EXPECT_EQ(One()->groups.size(), 2U);
}

class CorrelatedTest : public CoreTest {
 protected:
  CorrelatedTest()
      : CoreTest([] {
          auto config = TestConfig();
          config->route.group_by = {"alertname"};
          config->inhibit_rules.clear();
          config->incidents.correlate_by = "service";
          return config;
        }()) {}
};

TEST_F(CorrelatedTest, AlertsOfOneServiceAreOneIncident) {
  Fire("ApiDown", "critical");
  Fire("ApiSlow", "warning");
  Pass(seconds(31));
  ASSERT_EQ(attempts_.size(), 2U) << "both groups page";
  const auto view = Read(kViewIncidents | kViewStats);
  EXPECT_EQ(view->incidents.at(1)->service, "api");
  EXPECT_EQ(view->incidents.at(2)->merged_into, 1U);
  EXPECT_EQ(view->stats->incidents.merged.at({"rule"}), 1U);
}

TEST_F(CoreTest, LinksComeFromAnnotations) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "ApiDown"}, {"severity", "critical"}};
  alert.annotations = labels::LabelSet{{"runbook_url", "https://r.example"},
                                       {"grafana_url", "https://g.example"},
                                       {"logs", "https://l.example"}};
  alert.starts_at = alert.updated_at = now_.wall;
  alert.ends_at = now_.wall + minutes(60);
  AlertsArrived arrived;
  arrived.alerts.push_back(std::move(alert));
  Step({std::move(arrived)});
  Pass(seconds(31));
  const auto& links = Read(kViewIncidents)->incidents.at(1)->links;
  EXPECT_THAT(links, testing::UnorderedElementsAre(testing::Pair("runbook", "https://r.example"),
                                                   testing::Pair("dashboard", "https://g.example"),
                                                   testing::Pair("logs", "https://l.example")));
}

}  // namespace
}  // namespace watchfire::core
