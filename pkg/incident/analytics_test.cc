// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/analytics.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A Monday, 10:00 UTC.
const WallTime kMorning = ParseTime("2026-08-24T10:00:00Z").value();

Page Named(const std::string& name) {
  Page page = ApiDown();
  page.group_key = name;
  page.alerts = {name};
  page.started_at = page.detected_at = kMorning;
  return page;
}

cctz::time_zone Zone(const std::string& name) {
  cctz::time_zone zone;
  EXPECT_TRUE(cctz::load_time_zone(name, &zone));
  return zone;
}

class AnalyticsTest : public ::testing::Test {
 protected:
  WallTime At(int64_t second) const { return kMorning + seconds(second); }
  uint64_t Open(const std::string& name, int64_t opened, int64_t paged = -1) {
    Page page = Named(name);
    page.detected_at = page.started_at = At(opened);
    registry_.OnAttempt(page, At(opened));
    if (paged >= 0) registry_.OnPaged(page, At(paged));
    return registry_.all().rbegin()->first;
  }
  void Ack(uint64_t id, const std::string& actor, int64_t at, const std::string& channel = "api") {
    const ActorType type = channel == "rule" ? ActorType::kAutomation : ActorType::kHuman;
    Did(registry_.Apply(id, Acknowledge{}, {actor, type, channel, ""}, At(at)));
  }
  void Recover(const std::string& name, int64_t at) {
    registry_.OnRecovered("on-call", name, At(at));
  }
  Analytics Figure(Duration length = hours(24), const std::string& team = "") const {
    return Analyze(registry_.all(), {kMorning, kMorning + length}, clocks_, team);
  }

  Registry registry_{Never()};
  oncall::Clocks clocks_;
};

// The figures of reference paging-backends §7: four incidents, of which the last was acknowledged
// by a rule and never paged.
TEST_F(AnalyticsTest, TheGoldenFigures) {
  const uint64_t first = Open("I1", 0, 5);
  const uint64_t second = Open("I2", 100, 110);
  Open("I3", 200, 205);
  const uint64_t fourth = Open("I4", 300);
  Ack(first, "ada", 95);
  registry_.OnEscalated(
      second, {At(410), "escalated", "critical", "escalation", "step 2 of critical: to bob (app)"});
  registry_.OnPaged(Named("I2"), At(410));
  Recover("I3", 260);
  Ack(fourth, "restarts", 301, "rule");
  Ack(second, "bob", 500);
  Recover("I4", 900);
  Recover("I2", 1000);
  Recover("I1", 1805);

  const Figures total = Figure().total;
  EXPECT_EQ(total.incidents, 4U);
  EXPECT_EQ(total.paged, 3U);
  EXPECT_EQ(total.pages, 3U);
  EXPECT_EQ(total.ack_seconds.count, 2U);
  EXPECT_DOUBLE_EQ(total.ack_seconds.mean, 240);
  EXPECT_DOUBLE_EQ(total.ack_seconds.p50, 90);
  EXPECT_DOUBLE_EQ(total.ack_seconds.p90, 390);
  EXPECT_DOUBLE_EQ(total.resolve_seconds.mean, 841.25);
  EXPECT_DOUBLE_EQ(total.page_seconds.mean, 20.0 / 3);
  EXPECT_DOUBLE_EQ(total.page_seconds.max, 10);
  EXPECT_EQ(total.resolved, 4U);
  EXPECT_EQ(total.resolved_unacked, 1U);
  EXPECT_EQ(total.noise(), 1U) << "I3 was over within five minutes, unseen";
  EXPECT_EQ(total.over(), 4U) << "so a quarter was noise";
  EXPECT_EQ(total.classified_by_rule, 1U);
  EXPECT_EQ(total.unresolved, 0U);
  EXPECT_EQ(total.escalated, 1U) << "of three that were paged";
  EXPECT_EQ(total.flapping, 0U);

  const Stats& stats = registry_.stats();
  const LabelValues who = {"core", "critical"};
  const auto& acks =
      stats.ack_seconds.series().at({"core", "critical", "victorops", "human", "first"});
  EXPECT_DOUBLE_EQ(acks.sum(), 90 + 390);
  EXPECT_DOUBLE_EQ(stats.resolve_seconds.series().at({"core", "critical", "monitoring"}).sum() / 4,
                   841.25);
  EXPECT_DOUBLE_EQ(stats.page_seconds.series().at(who).sum(), 5 + 10 + 5);
  EXPECT_EQ(stats.escalated.at(who), 1U);
  EXPECT_EQ(stats.paged.at(who), 3U);
  EXPECT_EQ(stats.outcomes.at({"noise", "rule", "core"}), 1U);
  EXPECT_EQ(stats.resolved_unacked.at(who), 1U);
}

// A flush tells of the end later; the same figures as the metrics have (CountingTest).
TEST_F(AnalyticsTest, TimesEndWhenTheLastAlertIsKnownToBeOver) {
  const uint64_t id = Open("A", 0, 0);
  Ack(id, "ada", 60);
  registry_.OnRecovered("on-call", "A", At(660), Registry::Recovery::kSaid, At(420));
  const Analytics all = Figure();
  EXPECT_DOUBLE_EQ(all.total.resolve_seconds.mean, 420);
  EXPECT_DOUBLE_EQ(all.total.close_seconds.mean, 660);
  EXPECT_DOUBLE_EQ(all.total.ack_to_resolve_seconds.mean, 360);
  EXPECT_EQ(all.people.at("ada").engaged, seconds(360));
}

TEST_F(AnalyticsTest, AReopeningDoesNotForgetWhenItWasOverBefore) {
  config::Incidents terms = Never();
  terms.reopen_within = minutes(5);
  registry_.SetTerms(terms);
  const uint64_t id = Open("A", 0, 0);
  Ack(id, "ada", 60);
  registry_.OnRecovered("on-call", "A", At(660), Registry::Recovery::kSaid, At(420));
  EXPECT_EQ(Open("A", 700, 700), id);
  registry_.OnRecovered("on-call", "A", At(1500), Registry::Recovery::kSaid, At(1200));
  const Analytics all = Figure();
  EXPECT_DOUBLE_EQ(all.total.resolve_seconds.mean, 1200);
  EXPECT_EQ(all.people.at("ada").engaged, seconds(360));
}

// It goes on in another one, which has an ack of its own or none.
TEST_F(AnalyticsTest, NobodyIsEngagedWithWhatIsMergedAway) {
  Open("A", 0, 0);
  const uint64_t id = Open("B", 0, 0);
  Ack(id, "ada", 60);
  Did(registry_.Apply(id, Merge{1}, {"bob", ActorType::kHuman, "api", ""}, At(90)));
  Recover("A", 9000);
  EXPECT_EQ(Figure().people.at("ada").engaged, seconds(30));
  EXPECT_DOUBLE_EQ(registry_.stats().engaged_seconds.at({"core"}), 30);
}

TEST_F(AnalyticsTest, AVerdictCountsWhenTheIncidentIsOver) {
  const uint64_t id = Open("A", 0, 5);
  Open("B", 10, 15);
  Did(registry_.Apply(id, Classify{"noise"}, {"ada", ActorType::kHuman, "api", ""}, At(20)));
  EXPECT_EQ(Figure().total.noise(), 0U);
  Recover("B", 400);
  EXPECT_EQ(Figure().total.over(), 1U);
  EXPECT_EQ(Figure().total.classified(), 0U) << "more than all that are over is no share";
  Recover("A", 500);
  EXPECT_EQ(Figure().total.noise(), 1U);
}

TEST_F(AnalyticsTest, APeriodTakesWhatHappenedInIt) {
  const uint64_t id = Open("A", -100, -50);
  Ack(id, "ada", 10);
  Recover("A", 200);
  Open("B", 86'400, 86'405);
  const Figures total = Figure().total;
  EXPECT_EQ(total.incidents, 0U) << "one was opened before, one is opened after";
  EXPECT_EQ(total.pages, 0U);
  EXPECT_EQ(total.ack_seconds.count, 0U) << "it is of the cycle that was paged before";
  EXPECT_EQ(total.resolved, 1U);
  EXPECT_DOUBLE_EQ(total.resolve_seconds.mean, 300);
}

TEST_F(AnalyticsTest, LaterCyclesAreTheirOwn) {
  config::Incidents terms = Never();
  terms.ack_expires_after = minutes(30);
  registry_.SetTerms(terms);
  const uint64_t id = Open("A", 0, 0);
  Ack(id, "ada", 60);
  registry_.Advance(At(1860));
  registry_.OnPaged(Named("A"), At(1870));
  registry_.OnPaged(Named("A"), At(1880));
  Ack(id, "bob", 1900);
  const Analytics all = Figure();
  EXPECT_EQ(all.total.incidents, 1U);
  EXPECT_EQ(all.total.pages, 2U);
  EXPECT_EQ(all.total.repages, 1U);
  EXPECT_EQ(all.total.returned, 1U);
  EXPECT_EQ(all.total.unresolved, 1U);
  EXPECT_DOUBLE_EQ(all.total.ack_seconds.mean, 60);
  EXPECT_DOUBLE_EQ(all.total.repage_seconds.mean, 30);
  ASSERT_THAT(all.people, SizeIs(2));
  EXPECT_EQ(all.people.at("ada").acks, 1U);
  EXPECT_EQ(all.people.at("ada").engaged, minutes(30));
  EXPECT_EQ(all.people.at("bob").engaged, kEngagedTime) << "nobody works round the clock";
}

// M8: one incident that took three contacts is one page, and pages within five minutes are one
// interruption of that person.
// Reference §7.2, M5: from the page to the ack; in the report as it is counted when it happens.
TEST_F(AnalyticsTest, AnAckBeforeThePageIsNoAnswerToItUnlessTheVendorWasSlow) {
  Ack(Open("A", 0), "ada", 10);
  registry_.OnPaged(Named("A"), At(40));
  Ack(Open("B", 100), "ada", 110);
  registry_.OnPaged(Named("B"), At(400));
  Ack(Open("C", 500), "ada", 510);  // Never paged.
  const Analytics all = Figure();
  EXPECT_EQ(all.total.pages, 2U);
  EXPECT_EQ(all.total.ack_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(all.total.ack_seconds.max, 0);
  EXPECT_EQ(all.people.at("ada").acks, 2U) << "of cycles that were paged";
  EXPECT_EQ(all.people.at("ada").ack_seconds.count, 1U);
  const auto& counted = registry_.stats().ack_seconds.series();
  ASSERT_THAT(counted, SizeIs(1));
  EXPECT_EQ(counted.begin()->second.counts().front(), 1U);
  EXPECT_DOUBLE_EQ(counted.begin()->second.sum(), 0);
}

// Source: reference §7.2, M2: timeouts are no resolution.
TEST_F(AnalyticsTest, WhatAPolicyGaveUpTookNoTime) {
  const uint64_t id = Open("A", 0, 5);
  const ::watchfire::incident::Ack policy{"critical", ActorType::kAutomation, "escalation", ""};
  Did(registry_.Apply(id, Resolve{}, policy, At(7200)));
  Open("B", 0, 5);
  Recover("B", 600);
  const Figures total = Figure().total;
  EXPECT_EQ(total.resolved, 2U);
  EXPECT_EQ(total.timed_out, 1U);
  EXPECT_EQ(total.resolve_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(total.resolve_seconds.mean, 600);
  EXPECT_EQ(registry_.Find(id)->resolved_how, "timeout");
}

// Source: reference §7.1, resolved (monitoring, timeout), and M4: what monitoring resolved is
// noise.
TEST_F(AnalyticsTest, WhatNobodyRepeatedTookNoTimeAndIsNoNoise) {
  const uint64_t id = Open("A", 0, 5);
  registry_.OnRecovered("on-call", "A", At(240), Registry::Recovery::kSilence);
  Open("B", 0, 5);
  Recover("B", 200);
  const Figures total = Figure().total;
  EXPECT_EQ(total.resolved, 2U);
  EXPECT_EQ(total.timed_out, 1U);
  EXPECT_EQ(total.resolve_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(total.resolve_seconds.mean, 200);
  EXPECT_EQ(total.noise(), 1U) << "of B alone";
  const Incident& incident = *registry_.Find(id);
  EXPECT_EQ(incident.resolved_how, "timeout");
  EXPECT_EQ(incident.resolved_by, "monitoring");
  EXPECT_EQ(incident.timeline.back().text, "nobody repeated it, and nobody said that it is over");
}

TEST_F(AnalyticsTest, WhatEndedByItselfIsToldFromWhatSomebodyEnded) {
  const ::watchfire::incident::Ack policy{"critical", ActorType::kAutomation, "escalation", ""};
  const ::watchfire::incident::Ack ada{"ada", ActorType::kHuman, "api", ""};
  const uint64_t given_up = Open("A", 0, 5);
  Did(registry_.Apply(given_up, Resolve{}, policy, At(7200)));
  EXPECT_FALSE(EndedByItself(*registry_.Find(given_up)));
  const uint64_t closed = Open("B", 0, 5);
  Did(registry_.Apply(closed, Resolve{}, ada, At(7200)));
  EXPECT_FALSE(EndedByItself(*registry_.Find(closed)));
  const uint64_t over = Open("C", 0, 5);
  Recover("C", 600);
  EXPECT_TRUE(EndedByItself(*registry_.Find(over)));
  const uint64_t silent = Open("D", 0, 5);
  registry_.OnRecovered("on-call", "D", At(600), Registry::Recovery::kSilence);
  EXPECT_TRUE(EndedByItself(*registry_.Find(silent)));
}

TEST_F(AnalyticsTest, AReportOfThePastDoesNotKnowWhatCameAfter) {
  Open("A", 0, 5);
  Recover("A", 100);
  const Figures then = Figure(seconds(50)).total;
  EXPECT_EQ(then.unresolved, 1U) << "at the end of the period";
  EXPECT_EQ(then.over(), 0U);
  EXPECT_EQ(then.classified(), 0U);
  EXPECT_EQ(Figure().total.unresolved, 0U);
  EXPECT_EQ(Figure().total.noise(), 1U);
}

TEST_F(AnalyticsTest, WhoNoticedAndWhatFollowedTheAck) {
  Page page = Named("A");
  page.is_by_human = true;
  page.started_at = kNoTime;
  registry_.OnAttempt(page, At(0));
  registry_.OnPaged(page, At(5));
  Ack(1, "robot", 10, "rule");
  Ack(1, "ada", 65);
  Recover("A", 665);
  Open("B", 700, 705);
  const Figures total = Figure().total;
  EXPECT_EQ(total.incidents, 2U);
  EXPECT_EQ(total.by_human, 1U);
  EXPECT_EQ(total.detect_seconds.count, 1U) << "nobody knows when the other began";
  EXPECT_EQ(total.ack_to_resolve_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(total.ack_to_resolve_seconds.mean, 600);
}

TEST_F(AnalyticsTest, DetectionAndTheLagOfSendersAreNotAveraged) {
  Page own = Named("own");
  own.started_at = kMorning - seconds(300);
  Page other = Named("other");
  other.started_at = kMorning - seconds(10);
  other.is_start_known = false;
  registry_.OnAttempt(own, At(5));
  registry_.OnAttempt(other, At(5));
  const Figures total = Figure().total;
  EXPECT_EQ(total.detect_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(total.detect_seconds.mean, 300);
  EXPECT_EQ(total.ingest_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(total.ingest_seconds.mean, 10);
}

TEST_F(AnalyticsTest, WhatOnlyARuleAcknowledgedIsResolvedUnacked) {
  const uint64_t id = Open("A", 0, 5);
  Ack(id, "robot", 10, "rule");
  Recover("A", 665);
  const Figures total = Figure().total;
  EXPECT_EQ(total.ack_seconds.count, 0U);
  EXPECT_EQ(total.resolved_unacked, 1U);
}

TEST_F(AnalyticsTest, PagesOfPeople) {
  const auto paged = [&](const std::string& name, const std::string& to, int64_t at) {
    Page page = Named(name);
    page.to = to;
    registry_.OnPaged(page, At(at));
  };
  Open("A", 0);
  paged("A", "ada through ada-app", 5);
  paged("A", "ada through ada-sms", 65);
  paged("A", "bo through bo-app", 600);
  paged("A", "(fallback) through everybody", 900);
  Open("B", 200, 210);  // Not by a policy.
  paged("B", "ada through ada-app", 304);
  Open("C", 300);
  paged("C", "ada through ada-app", 305);
  Open("D", 10 * 3600);
  paged("D", "ada through ada-app", 10 * 3600);  // 20:00
  Open("E", 14 * 3600);
  paged("E", "ada through ada-app", 14 * 3600);  // Midnight.
  const Analytics all = Figure(hours(14) + seconds(1));
  ASSERT_THAT(all.people, SizeIs(2));
  const Person& ada = all.people.at("ada");
  EXPECT_EQ(ada.pages, 5U);
  EXPECT_EQ(ada.pages_business, 3U);
  EXPECT_EQ(ada.pages_off, 1U);
  EXPECT_EQ(ada.pages_sleep, 1U);
  EXPECT_EQ(ada.interruptions, 4U) << "the second page came within five minutes of the first";
  EXPECT_EQ(ada.acks, 0U);
  EXPECT_EQ(all.people.at("bo").pages, 1U);
  EXPECT_EQ(all.total.pages, 5U) << "a page is a cycle's, whomever it reached";
  EXPECT_EQ(Figure(hours(14)).people.at("ada").pages, 4U) << "of the period";
}

// It is 10:00 in Greenwich, 19:00 where ada is and 05:00 where bo is.
TEST_F(AnalyticsTest, HoursAreThoseOfWhomThePageReached) {
  clocks_.people["ada"] = Zone("Asia/Tokyo");
  clocks_.people["bo"] = Zone("America/New_York");
  for (const std::string name : {"ada", "bo", "nobody"}) {
    Open(name, 0);
    Page page = Named(name);
    if (name != "nobody") page.to = name + " through app";
    page.zone = clocks_.Of(name);
    registry_.OnPaged(page, At(5));
  }
  const Analytics all = Figure();
  EXPECT_EQ(all.total.pages_business, 1U);
  EXPECT_EQ(all.total.pages_off, 1U);
  EXPECT_EQ(all.total.pages_sleep, 1U);
  EXPECT_EQ(all.people.at("ada").pages_off, 1U);
  EXPECT_EQ(all.people.at("bo").pages_sleep, 1U);
  EXPECT_EQ(all.by_day.at("2026-08-24").pages, 3U);
  // What is counted as it happens says the same.
  for (const char* name : {"business", "off", "sleep"}) {
    EXPECT_EQ(registry_.stats().pages.at({"core", "critical", name}), 1U) << name;
  }
}

TEST_F(AnalyticsTest, FiguresAreSplit) {
  Open("A", 0, 0);
  Open("A2", 10 * 3600, 10 * 3600);  // 20:00
  Open("A3", 13 * 3600, 13 * 3600);  // 23:00
  const Analytics all = Figure(hours(48));
  EXPECT_EQ(all.total.pages_business, 1U);
  EXPECT_EQ(all.total.pages_off, 1U);
  EXPECT_EQ(all.total.pages_sleep, 1U);
  EXPECT_EQ(all.by_team.at("core").incidents, 3U);
  EXPECT_EQ(all.by_severity.at("critical").pages, 3U);
  EXPECT_EQ(all.by_service.at("none").pages, 3U);
  EXPECT_EQ(all.by_day.at("2026-08-24").pages, 3U);
  EXPECT_THAT(Figure(hours(48), "web").by_team, IsEmpty());
  EXPECT_EQ(Figure(hours(48), "core").total.pages, 3U);
}

TEST_F(AnalyticsTest, APersonIsOneUnderWhateverNameAVendorHas) {
  oncall::Roster roster;
  roster.users = {{"ada", {"ada.l"}, {{"email", "ada@example.com"}}, {}}};
  int64_t at = 0;
  for (const char* name : {"ada", "Ada@Example.com", "ada.l", "bob"}) {
    const uint64_t id = Open(name, at, at);
    Ack(id, name, at + 60);
    at += 1000;
  }
  const Analytics all =
      Analyze(registry_.all(), {kMorning, kMorning + hours(24)}, clocks_, "", &roster);
  EXPECT_EQ(all.people.size(), 2U);
  EXPECT_EQ(all.people.at("ada").acks, 3U);
  EXPECT_EQ(all.people.at("bob").acks, 1U);
  EXPECT_EQ(Figure().people.size(), 4U) << "nobody knows who is who";
}

TEST_F(AnalyticsTest, WhatWasMergedHappenedAllTheSame) {
  const uint64_t first = Open("A", 0, 5);
  const uint64_t second = Open("B", 10, 15);
  Did(registry_.Apply(second, Merge{first}, kAda, At(20)));
  const Figures total = Figure().total;
  EXPECT_EQ(total.incidents, 2U);
  EXPECT_EQ(total.merged, 1U);
  EXPECT_EQ(total.pages, 2U);
  EXPECT_EQ(total.unresolved, 1U);
  EXPECT_EQ(total.Outcomes(Outcome::kDuplicate), 1U);
}

TEST_F(AnalyticsTest, AlertsOfAMergedIncidentCountOnce) {
  for (const char* name : {"A", "B"}) {
    Page page = Named(name);
    page.alert_count = 3;
    registry_.OnAttempt(page, At(0));
  }
  EXPECT_EQ(Figure().total.alerts, 6U);
  const uint64_t second = registry_.all().rbegin()->first;
  Did(registry_.Apply(second, Merge{registry_.all().begin()->first}, kAda, At(20)));
  EXPECT_EQ(Figure().total.alerts, 6U);
  const std::vector<Culprit> culprits = Figure().culprits;
  ASSERT_THAT(culprits, SizeIs(2));
  for (const Culprit& culprit : culprits) {
    EXPECT_EQ(culprit.incidents, 1U) << culprit.alert;
    EXPECT_EQ(culprit.noise, 0U) << culprit.alert << ": a duplicate of what is none";
  }
}

TEST_F(AnalyticsTest, KeysOfASplitAreBounded) {
  for (size_t i = 0; i < kSplitKeys + 10; ++i) {
    Page page = Named(std::to_string(i));
    page.service = "service-" + std::to_string(i);
    registry_.OnAttempt(page, kMorning);
  }
  const std::map<std::string, Figures> services = Figure().by_service;
  EXPECT_THAT(services, SizeIs(kSplitKeys + 1));
  EXPECT_EQ(services.at(kOthers).incidents, 10U);
}

TEST_F(AnalyticsTest, TheAlertsThatPagedMostComeFirst) {
  Open("Rare", 0, 5);
  for (int i = 0; i < 3; ++i) {
    Open("Flappy", 100 * i, 100 * i + 1);
    Recover("Flappy", 100 * i + 30);
  }
  const std::vector<Culprit> culprits = Figure().culprits;
  ASSERT_THAT(culprits, SizeIs(2));
  EXPECT_EQ(culprits[0].alert, "Flappy");
  EXPECT_EQ(culprits[0].incidents, 3U);
  EXPECT_EQ(culprits[0].noise, 3U);
  EXPECT_EQ(culprits[1].alert, "Rare");
  EXPECT_EQ(culprits[1].noise, 0U);
}

TEST(HoursTest, AreThoseOfThePlace) {
  const cctz::time_zone berlin = Zone("Europe/Berlin");
  const auto at = [](const char* text) { return ParseTime(text).value(); };
  EXPECT_EQ(HoursOf(at("2026-08-24T06:00:00Z"), berlin), Hours::kBusiness);
  EXPECT_EQ(HoursOf(at("2026-08-24T06:00:00Z"), cctz::utc_time_zone()), Hours::kSleep);
  EXPECT_EQ(HoursOf(at("2026-08-24T16:00:00Z"), berlin), Hours::kOff);
  EXPECT_EQ(HoursOf(at("2026-08-24T20:00:00Z"), berlin), Hours::kSleep);
  EXPECT_EQ(HoursOf(at("2026-08-22T10:00:00Z"), berlin), Hours::kOff) << "a Saturday";
}

}  // namespace
}  // namespace watchfire::incident
