// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What core counts of how good the alerting is, and what of it outlasts a restart.

#include <limits>

#include "pkg/core/core_fixture.h"
#include "pkg/oncall/reader.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::IsEmpty;

std::shared_ptr<config::Config> WithTargets() {
  std::shared_ptr<config::Config> config = TestConfig();
  config->incidents.response_targets = {{"SEV1", minutes(5)}};
  config->incidents.postmortem_levels = {"SEV1"};
  config->incidents.reopen_within = Duration::zero();
  const oncall::Loaded loaded = oncall::Load({{"o.yml", R"(
oncall:
  teams: [{name: core, members: [ada, bob]}, {name: storage, members: [grace]}]
)"}});
  EXPECT_TRUE(loaded.roster);
  config->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  return config;
}

class QualityTest : public CoreTest {
 protected:
  QualityTest() : CoreTest(WithTargets()) {}

  void Page() {
    Fire("ApiDown", "critical", minutes(600));
    Pass(seconds(31));
    Answer(Attempted::Kind::kDone);
  }
  void Do(incident::Act act, const std::string& actor = "ada") {
    IncidentCommand command;
    command.reply_to = RequestId{7};
    command.incident = 1;
    command.ack = {actor, incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    replies_.clear();
    Step({std::move(command)});
    Commit();
    ASSERT_EQ(replies_.size(), 1U);
    EXPECT_TRUE(replies_[0].status);
  }
  Stats StatsNow() { return *Read(kViewStats | kViewIncidents)->stats; }
  std::shared_ptr<const incident::Incident> One() { return Read(kViewIncidents)->incidents.at(1); }
};

TEST_F(QualityTest, ATargetIsMissedByTheClockAndTheNextLifeDoesNotMissItAgain) {
  Page();
  Pass(minutes(6));
  EXPECT_EQ(StatsNow().incidents.responses.at({"SEV1", "no"}), 1U);
  EXPECT_EQ(One()->timeline.back().kind, "unanswered");
  Boot(Disk());
  Pass(minutes(6));
  EXPECT_THAT(StatsNow().incidents.responses, IsEmpty());
  EXPECT_EQ(One()->response.is_met, false);
}

// Killed before the target passes: the next life finds it passed.
TEST_F(QualityTest, ATargetThatPassesBetweenTwoLivesIsMissed) {
  Page();
  Boot(Disk());
  now_.wall += minutes(10);
  now_.mono += minutes(10);
  Pass(seconds(2));
  EXPECT_EQ(StatsNow().incidents.responses.at({"SEV1", "no"}), 1U);
}

TEST_F(QualityTest, WhatWasPromisedAndDoneOutlastsARestart) {
  Page();
  Do(incident::Acknowledge{});
  Do(incident::Mitigate{});
  Do(incident::Resolve{});
  Do(incident::SetPostmortem{"reviewed"});
  const incident::Incident before = *One();
  Boot(Disk());
  EXPECT_EQ(*One(), before);
  EXPECT_EQ(One()->response.is_met, true);
  EXPECT_NE(One()->mitigated_at, kNoTime);
  EXPECT_EQ(One()->postmortem.status, incident::PostmortemStatus::kReviewed);
}

TEST_F(QualityTest, AnIncidentKnowsHowManyAlertsItHad) {
  Fire("ApiSlow", "warning", minutes(600));
  Page();
  EXPECT_EQ(One()->alert_count(), 1U) << "the warning is inhibited";
  Do(incident::Resolve{});
  EXPECT_EQ(StatsNow().incidents.alerts.series().at({"core", "critical"}).sum(), 1);
}

// Reference §7.1, alert_episode, and §7.2, M3 and M1 A.
TEST_F(QualityTest, WhatComesBackWithinTwoGroupIntervalsIsTheSameEpisode) {
  const auto episodes = [this] {
    return StatsNow().episodes.at({"core", "api", "critical", "api"});
  };
  const auto heard = [this] {
    return StatsNow().ingest_delay.series().at({"critical", "api"}).counts().front();
  };
  Fire("ApiDown", "critical");
  EXPECT_EQ(episodes(), 1U);
  Pass(minutes(1));
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(10));
  Fire("ApiDown", "critical");
  EXPECT_EQ(episodes(), 1U);
  EXPECT_EQ(heard(), 1U);
  Pass(minutes(1));
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(10) + seconds(1));
  Fire("ApiDown", "critical");
  EXPECT_EQ(episodes(), 2U);
  EXPECT_EQ(heard(), 2U);
}

TEST_F(QualityTest, WhatGoesToAnotherTeamBeforeAnAckIsRerouted) {
  Page();
  Do(incident::Reassign{"bob"});
  EXPECT_THAT(StatsNow().rerouted, IsEmpty()) << "of the same team";
  Do(incident::Reassign{"somebody"});
  EXPECT_THAT(StatsNow().rerouted, IsEmpty()) << "of none";
  Do(incident::Reassign{"grace"});
  EXPECT_EQ(StatsNow().rerouted.at({"core", "storage"}), 1U);
  Do(incident::Acknowledge{});
  Do(incident::Reassign{"storage"});
  EXPECT_EQ(StatsNow().rerouted.at({"core", "storage"}), 1U);
}

// Two alerts of one page, one of which has a runbook, under either of its names.
TEST_F(QualityTest, RulesThatPagedAreCountedByWhetherTheyHaveARunbook) {
  AlertsArrived arrived;
  for (const char* name : {"ApiDown", "ApiGone", "ApiSlow"}) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{
        {"alertname", name}, {"service", "api"}, {"severity", "critical"}, {"team", "core"}};
    if (alert.name() == "ApiDown") {
      alert.annotations = labels::LabelSet{{"runbook_url", "https://r.example"}};
    }
    if (alert.name() == "ApiGone") alert.annotations = labels::LabelSet{{"runbook", "restart it"}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + hours(10);
    arrived.alerts.push_back(std::move(alert));
  }
  Step({std::move(arrived)});
  Pass(seconds(31));
  EXPECT_EQ(StatsNow().rules_with_runbook, 0U) << "nobody has it yet";
  Answer(Attempted::Kind::kDone);
  for (int life = 0; life < 2; ++life) {
    EXPECT_EQ(StatsNow().rules_with_runbook, 2U);
    EXPECT_EQ(StatsNow().rules_without_runbook, 1U);
    Boot(Disk());
  }
}

TEST_F(QualityTest, WhoOfAnotherTeamTakesItFirstIsCounted) {
  Page();
  Do(incident::Acknowledge{}, "grace");
  EXPECT_EQ(StatsNow().foreign_acks.at({"core"}), 1U);
  Do(incident::Resolve{}, "grace");
  Boot(Disk());
  EXPECT_THAT(StatsNow().foreign_acks, IsEmpty());
}

TEST_F(QualityTest, WhoIsOfTheTeamOrOfNoneIsNoForeigner) {
  Page();
  Do(incident::Acknowledge{}, "bob");
  EXPECT_THAT(StatsNow().foreign_acks, IsEmpty());
  Do(incident::Acknowledge{}, "grace");
  EXPECT_THAT(StatsNow().foreign_acks, IsEmpty()) << "it was his before";
}

TEST_F(QualityTest, AStrangerIsNoForeigner) {
  Page();
  Do(incident::Acknowledge{}, "U0123");
  EXPECT_THAT(StatsNow().foreign_acks, IsEmpty());
}

TEST_F(QualityTest, AClockThatIsAheadIsCounted) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "Ahead"}, {"service", "api"}};
  alert.updated_at = now_.wall;
  alert.starts_at = now_.wall + minutes(2);
  alert.ends_at = now_.wall + minutes(60);
  AlertsArrived arrived;
  arrived.alerts.push_back(std::move(alert));
  Step({std::move(arrived)});
  EXPECT_EQ(StatsNow().clock_skew.at({"ingest"}), 1U);
}

TEST_F(QualityTest, AnAlertThatComesAndGoesFlaps) {
  for (int i = 0; i < 2; ++i) {
    Fire("Flaky", "warning", minutes(2));
    Pass(minutes(4));
  }
  EXPECT_EQ(StatsNow().alerts_flapping, 0U) << "four changes";
  Fire("Flaky", "warning", minutes(2));
  EXPECT_EQ(StatsNow().alerts_flapping, 1U);
  EXPECT_EQ(StatsNow().alert_flaps.at({"core"}), 1U);
  Pass(minutes(4));
  EXPECT_EQ(StatsNow().alert_flaps.at({"core"}), 1U) << "once";
  Pass(minutes(65));
  EXPECT_EQ(StatsNow().alerts_flapping, 0U);
}

TEST_F(QualityTest, AnAlertThatIsSentAgainDoesNotFlap) {
  for (int i = 0; i < 30; ++i) {
    Fire("Steady", "warning", minutes(2));
    Pass(minutes(1));
  }
  EXPECT_EQ(StatsNow().alerts_flapping, 0U);
  EXPECT_THAT(StatsNow().alert_flaps, IsEmpty());
}

TEST_F(QualityTest, WhatNobodyRepeatsTimesOutAndWhatItsSenderEndsIsResolvedByMonitoring) {
  const auto counted = [this](const char* how) {
    const auto series = StatsNow().incidents.resolve_seconds.series();
    return series.contains({"core", "critical", how});
  };
  Fire("ApiDown", "critical", minutes(4));
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  Pass(minutes(11));
  EXPECT_EQ(One()->resolved_how, "timeout");
  EXPECT_EQ(One()->timeline.back().channel, "clock");
  EXPECT_TRUE(counted("timeout"));
  EXPECT_FALSE(counted("monitoring"));
}

// What ended last says when it was over.
TEST_F(QualityTest, OneThatIsEndedAfterTheOthersFellSilentEndsTheIncident) {
  Fire("ApiDown", "critical", minutes(600));
  Fire("ApiSlow", "critical", minutes(4));
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  Pass(minutes(4));  // Before the next flush.
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(2));
  EXPECT_EQ(One()->resolved_how, "monitoring");
}

TEST_F(QualityTest, ABackendIsUpIfItTookWhatWasSentLast) {
  EXPECT_THAT(StatsNow().backends_up, IsEmpty()) << "nobody knows";
  Page();
  const LabelValues who = {"on-call", "victorops", "0"};
  EXPECT_EQ(StatsNow().backends_up.at(who), 1);
  Fire("DbDown", "critical", minutes(600));
  Pass(minutes(5));
  Answer(Attempted::Kind::kRetry, "503");
  EXPECT_EQ(StatsNow().backends_up.at(who), 0);
  Pass(minutes(1));
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(StatsNow().backends_up.at(who), 1);
}

TEST_F(QualityTest, WhatAPersonNoticedIsToldFromWhatMonitoringFound) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{
      {"alertname", "Odd"}, {"service", "api"}, {"severity", "critical"}, {"team", "core"}};
  alert.annotations = labels::LabelSet{{"detected_by", "human"}};
  alert.starts_at = alert.updated_at = now_.wall;
  alert.ends_at = now_.wall + minutes(60);
  AlertsArrived arrived;
  arrived.alerts.push_back(std::move(alert));
  Step({std::move(arrived)});
  Commit();
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(StatsNow().incidents.opened.at({"core", "critical", "human"}), 1U);
  EXPECT_TRUE(One()->is_by_human);
  EXPECT_EQ(One()->is_start_known, true);
}

// A Prometheus that says how much was bad lately.
class BudgetLossTest : public CoreTest {
 protected:
  BudgetLossTest() : CoreTest(WithSlo()) {}

  static std::shared_ptr<config::Config> WithSlo() {
    std::shared_ptr<config::Config> config = TestConfig();
    config::Slo slo;
    slo.id = "shop-cart";
    slo.service = "api";
    slo.name = "cart";
    slo.objective = 99;
    slo.error_ratio_query = "ratio{{.window}}";
    slo.page_windows = {{hours(1), minutes(5), 14.4}};
    slo.ticket.disabled = true;
    config->slos = {slo};
    return config;
  }
  void Run(Duration span, double bad, double bad_in_an_hour = 0) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(10);
      now_.wall += seconds(10);
      std::vector<Event> events;
      do {
        std::vector<Event> next;
        for (const Effect& effect : Step(std::move(events))) {
          const auto* query = std::get_if<RunQuery>(&effect);
          if (query == nullptr) continue;
          const double ratio = query->expr == "ratio5m"   ? bad
                               : query->expr == "ratio1h" ? bad_in_an_hour
                                                          : 0.0;
          next.emplace_back(
              QueryDone{query->id, promql::Vector{{{}, query->at, ratio}}, Duration::zero()});
        }
        events = std::move(next);
      } while (!events.empty());
      Commit();
      while (!attempts_.empty()) {
        const DeliveryId id = attempts_.back().id;
        attempts_.clear();
        AnswerTo(id, Attempted::Kind::kDone);
      }
    }
  }
  Stats StatsNow() { return *Read(kViewStats)->stats; }
};

TEST_F(BudgetLossTest, APageBesideALossIsToldFromOneWithout) {
  Run(minutes(40), 0.005);
  EXPECT_EQ(StatsNow().slo_pages.at({"no"}), 0U) << "there, so that a rate sees the first";
  Fire("ApiDown", "critical", minutes(5));
  Run(minutes(40), 0.005);
  EXPECT_EQ(StatsNow().slo_pages.at({"no"}), 1U) << "half of what it may burn is no loss";
  Fire("ApiDown", "critical", minutes(5));
  Run(minutes(30), 0.2);
  EXPECT_EQ(StatsNow().slo_pages.at({"yes"}), 1U);
  EXPECT_EQ(StatsNow().slo_pages.at({"no"}), 1U);
  Run(minutes(40), 0.005);
  EXPECT_EQ(StatsNow().slo_losses.at({"yes"}), 1U);
  Run(minutes(30), 0.2);
  Run(minutes(40), 0.005);
  EXPECT_EQ(StatsNow().slo_losses.at({"no"}), 1U) << "nobody was paged for this one";
}

// Reference §7.2, M1 B: of an SLO's incident detection begins when the SLO was bad first, not when
// that was enough to tell somebody.
TEST_F(BudgetLossTest, DetectionOfAnSlosIncidentBeginsWithTheLoss) {
  Run(minutes(30), 0.0);
  const WallTime began = now_.wall;
  Run(minutes(20), 0.2);
  EXPECT_TRUE(Read(kViewIncidents)->incidents.empty());
  Run(minutes(10), 0.2, 0.2);
  const auto incidents = Read(kViewIncidents)->incidents;
  ASSERT_EQ(incidents.size(), 1U);
  EXPECT_EQ(incidents.at(1)->is_start_known, true);
  EXPECT_LE(incidents.at(1)->started_at, began + minutes(2));
  EXPECT_GE(incidents.at(1)->detected_at, began + minutes(20));
}

}  // namespace
}  // namespace watchfire::core
