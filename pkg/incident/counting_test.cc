// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/analytics.h"
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
  void Happens(const std::string& kind, const std::string& text, uint64_t id = 1,
               const std::string& actor = "critical") {
    ASSERT_TRUE(registry_.OnEscalated(id, {kStart + minutes(1), kind, actor, "escalation", text}));
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

TEST_F(CountingTest, ARuleThatCallsSomebodyIsTheReasonOfThatCallAlone) {
  Open(&registry_, ApiDown(), kStart);
  Happens("notified", "step 1 of critical: to ada (app)");
  Happens("automation", "escalate success: to user:bo: he knows it", 1, "robot");
  EXPECT_EQ(CauseOfStep(*registry_.Find(1), "user:bo").by, "robot");
  Happens("escalated", "step 2 of critical: to cy (app)");
  Happens("escalated", "step 1 of user:bo: to bo (app)", 1, "user:bo");
  EXPECT_THAT(stats().escalations, ElementsAre(Pair(LabelValues{"core", "policy", "1"}, 1),
                                               Pair(LabelValues{"core", "timeout", "2"}, 1)));
}

TEST_F(CountingTest, WhatARuleOnlyTriedIsNoReason) {
  Open(&registry_, ApiDown(), kStart);
  Happens("notified", "step 1 of critical: to ada (app)");
  Happens("automation", "escalate dry_run", 1, "robot");
  Happens("automation", "escalate failure: it is acknowledged or snoozed", 1, "robot");
  EXPECT_EQ(CauseOfStep(*registry_.Find(1), "critical").by, "");
  Happens("escalated", "step 2 of critical: to bo (app)");
  Happens("automation", "escalate success: next step: to whoever is next", 1, "robot");
  Happens("unreachable", "step 3 of critical: nobody is on call");
  Happens("escalated", "step 4 of critical: to cy (app)");
  EXPECT_THAT(stats().escalations, ElementsAre(Pair(LabelValues{"core", "timeout", "2"}, 1),
                                               Pair(LabelValues{"core", "timeout", "4"}, 1)));
}

TEST_F(CountingTest, WhatAPageLacksIsCountedWhenItsIncidentOpens) {
  Page page = ApiDown();
  page.team = page.service = "";
  page.links = {{"runbook", "https://runbooks.example/api"}};
  registry_.OnAttempt(page, kStart);
  registry_.OnAttempt(page, kStart + minutes(1));  // The same incident.
  EXPECT_EQ(stats().opened.at({"none", "critical", "monitoring"}), 1U);
  EXPECT_EQ(stats().opened.at({"none", "critical", "human"}), 0U);
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

TEST_F(CountingTest, SeriesOfAnEarlierLifeStartAtNothing) {
  Open(&registry_, ApiDown(), kStart);
  Registry next(Never());
  ASSERT_TRUE(next.Restore({Table::kIncident, "1", ToJson(*registry_.Find(1))}));
  EXPECT_EQ(next.stats().opened.at({"core", "critical", "monitoring"}), 0U);
  EXPECT_EQ(next.stats().paged.at(who_), 0U);
  EXPECT_EQ(next.stats().pages.at({"core", "critical", "sleep"}), 0U);
}

// Reference §7.3, pitfalls: synthetic pages are no figures.
TEST_F(CountingTest, WhatOnlyTestsTheWayOfAPageCountsNowhere) {
  Page page = ApiDown();
  page.is_test = true;
  Open(&registry_, page, kStart);
  Happens("escalated", "step 2 of critical: to bo (app)");
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  registry_.OnRecovered("on-call", page.group_key, kStart + minutes(11));
  EXPECT_THAT(stats().opened, IsEmpty());
  EXPECT_THAT(stats().pages, IsEmpty());
  EXPECT_THAT(stats().escalated, IsEmpty());
  EXPECT_THAT(stats().ack_seconds.series(), IsEmpty());
  EXPECT_THAT(stats().resolve_seconds.series(), IsEmpty());
  EXPECT_THAT(stats().engaged_seconds, IsEmpty());
  const Period period{kStart - minutes(1), kStart + minutes(60)};
  EXPECT_EQ(Analyze(registry_.all(), period, {}).total.incidents, 0U);
  const Result<Incident> back = FromJson(ToJson(*registry_.Find(1)));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->is_test);
}

TEST_F(CountingTest, WhatBecomesRealCountsFromThenOn) {
  Page page = ApiDown();
  page.is_test = true;
  Open(&registry_, page, kStart);
  page.is_test = false;
  page.started_at = kStart + seconds(40);
  page.detected_at = kStart + seconds(50);
  Open(&registry_, page, kStart + minutes(1));
  EXPECT_FALSE(registry_.Find(1)->is_test);
  EXPECT_EQ(registry_.Find(1)->started_at, page.started_at);
  EXPECT_DOUBLE_EQ(stats().detect_seconds.series().at(who_).sum(), 10);
  EXPECT_DOUBLE_EQ(stats().page_seconds.series().at(who_).sum(), 10) << "not since the test";
  EXPECT_EQ(stats().opened.at({"core", "critical", "monitoring"}), 1U);
  EXPECT_EQ(stats().paged.at(who_), 1U);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(3)));
  EXPECT_DOUBLE_EQ(
      stats().ack_seconds.series().at({"core", "critical", "victorops", "human", "first"}).sum(),
      120);
}

TEST_F(CountingTest, WhoHasATestInHandSawNothingOfWhatIsReal) {
  Page page = ApiDown();
  page.is_test = true;
  Open(&registry_, page, kStart);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  registry_.OnAttempt(page, kStart + minutes(2));
  EXPECT_EQ(registry_.Find(1)->state, State::kAcknowledged);
  page.is_test = false;
  page.title = "DbDown";
  registry_.OnAttempt(page, kStart + minutes(3));
  EXPECT_EQ(registry_.Find(1)->title, "DbDown");
  EXPECT_EQ(registry_.Find(1)->state, State::kTriggered);
  EXPECT_EQ(registry_.Find(1)->owner, "");
  EXPECT_EQ(registry_.Find(1)->response.answered_at, kNoTime);
  EXPECT_THAT(stats().engaged_seconds, IsEmpty()) << "with a test";
}

// Whoever tests acknowledges what he made; what is real would go on in that, and unseen.
TEST_F(CountingTest, TestsAndWhatIsRealStayApart) {
  config::Incidents terms = Never();
  terms.reopen_within = minutes(5);
  registry_.SetTerms(terms);
  Page test = ApiDown();
  test.is_test = true;
  test.correlation = "release";
  Page real = ApiDown();
  real.group_key = "other";
  real.correlation = "release";
  Open(&registry_, test, kStart);
  Open(&registry_, real, kStart + minutes(1));
  EXPECT_EQ(registry_.Find(2)->state, State::kTriggered);
  EXPECT_EQ(stats().paged.at(who_), 1U);
  EXPECT_EQ(registry_.Apply(2, Merge{1}, kAda, kStart).error().code, Code::kConflict);
  EXPECT_EQ(registry_.Apply(1, Merge{2}, kAda, kStart).error().code, Code::kConflict);

  Did(registry_.Apply(1, Resolve{}, kAda, kStart + minutes(2)));
  test.is_test = false;
  test.correlation.clear();
  Open(&registry_, test, kStart + minutes(3));
  EXPECT_EQ(registry_.Find(1)->state, State::kResolved) << "not reopened";
  EXPECT_EQ(registry_.Find(3)->state, State::kTriggered);
  EXPECT_EQ(stats().paged.at(who_), 2U);
}

// Reference §7.2, M1: the lag of a sender (A) is not averaged with detection (B).
TEST_F(CountingTest, WhatOnlyItsSenderKnowsTheBeginningOfIsNotDetection) {
  Page page = ApiDown();
  page.is_start_known = false;
  registry_.OnAttempt(page, kStart + minutes(2));
  EXPECT_THAT(stats().detect_seconds.series(), IsEmpty());
}

TEST_F(CountingTest, WhoNoticedIsTold) {
  Page page = ApiDown();
  page.is_by_human = true;
  registry_.OnAttempt(page, kStart);
  EXPECT_EQ(stats().opened.at({"core", "critical", "human"}), 1U);
  EXPECT_EQ(stats().opened.at({"core", "critical", "monitoring"}), 0U) << "a share begins at none";
}

TEST_F(CountingTest, SendingIsMeasuredWithAndWithoutTheWaitBefore) {
  registry_.OnAttempt(ApiDown(), kStart + seconds(31));  // It was heard of at second 1.
  registry_.OnPaged(ApiDown(), kStart + seconds(33));
  registry_.OnPaged(ApiDown(), kStart + seconds(50));
  EXPECT_DOUBLE_EQ(stats().send_seconds.series().at(who_).sum(), 2);
  EXPECT_DOUBLE_EQ(stats().page_seconds.series().at(who_).sum(), 32);
}

TEST_F(CountingTest, PagesOfLaterCyclesAreRepages) {
  Open(&registry_, ApiDown(), kStart);
  EXPECT_THAT(stats().repages, IsEmpty());
  Did(registry_.Apply(1, Snooze{{kNoTime, minutes(5)}}, kAda, kStart + minutes(1)));
  registry_.Advance(kStart + minutes(6));
  Open(&registry_, ApiDown(), kStart + minutes(7));
  registry_.OnPaged(ApiDown(), kStart + minutes(8));
  EXPECT_EQ(stats().repages.at(who_), 1U);
}

TEST_F(CountingTest, FromTheFirstAckOfAPersonToTheEnd) {
  Open(&registry_, ApiDown(), kStart);
  const Ack rule{"restarts", ActorType::kAutomation, "rule", ""};
  Did(registry_.Apply(1, Acknowledge{}, rule, kStart + seconds(10)));
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(11));
  EXPECT_DOUBLE_EQ(stats().ack_to_resolve.series().at(who_).sum(), 600);
  Open(&registry_, ApiDown(), kStart + minutes(20));
  Did(registry_.Apply(2, Acknowledge{}, rule, kStart + minutes(21)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(31));
  EXPECT_DOUBLE_EQ(stats().ack_to_resolve.series().at(who_).sum(), 600) << "no person did";
}

// Reference §7.2, M2: time-outs are excluded; the report does the same.
TEST_F(CountingTest, ATimeOutEndsNoTimeFromTheAck) {
  Open(&registry_, ApiDown(), kStart);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(11),
                        Registry::Recovery::kSilence);
  EXPECT_EQ(registry_.Find(1)->resolved_how, kTimedOut);
  EXPECT_THAT(stats().ack_to_resolve.series(), IsEmpty());
  EXPECT_TRUE(stats().resolve_seconds.series().contains({"core", "critical", kTimedOut}));
}

// Reference §7.2, M5: acks of people are measured, and what has none is told beside.
TEST_F(CountingTest, WhatOnlyARuleAcknowledgedIsResolvedUnacked) {
  const Ack rule{"restarts", ActorType::kAutomation, "rule", ""};
  Open(&registry_, ApiDown(), kStart);
  Did(registry_.Apply(1, Acknowledge{}, rule, kStart + seconds(10)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(11));
  EXPECT_EQ(stats().resolved_unacked.at(who_), 1U);
  Open(&registry_, ApiDown(), kStart + minutes(20));
  Did(registry_.Apply(2, Acknowledge{}, rule, kStart + minutes(21)));
  Did(registry_.Apply(2, Acknowledge{}, kAda, kStart + minutes(22)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(31));
  EXPECT_EQ(stats().resolved_unacked.at(who_), 1U) << "ada took it over";
}

// With the usual group_interval of five minutes its end is told a little more than five minutes
// after its first page, however soon it was over.
TEST(VerdictTest, WhatWasOverSoonIsNoiseThoughItsEndIsToldLater) {
  using Recovery = Registry::Recovery;
  struct Case {
    const char* group;
    Duration known;  // After the beginning.
    Duration ended;  // What is made of that.
    bool is_noise;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"soon", minutes(1), minutes(1), true},
           {"before it opened", -seconds(2), seconds(0), true},
           {"late", minutes(6), minutes(6), false},
           {"before the clock was set back", minutes(70), minutes(10), false}}) {
    Registry registry;
    Page page = ApiDown();
    page.group_key = one.group;
    Open(&registry, page, kStart);
    registry.OnRecovered("on-call", one.group, kStart + minutes(10), Recovery::kSaid,
                         kStart + one.known);
    EXPECT_EQ(registry.Find(1)->resolved_at, kStart + minutes(10)) << one.group;
    EXPECT_EQ(registry.Find(1)->ended_at, kStart + one.ended) << one.group;
    EXPECT_EQ(registry.Find(1)->verdict.has_value(), one.is_noise) << one.group;
  }
}

// Reference §7.2, M2, and §7.3: to resolve, from the ack on, engaged; and to close.
TEST_F(CountingTest, TimesEndWhenTheLastAlertIsKnownToBeOver) {
  Open(&registry_, ApiDown(), kStart);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(11),
                        Registry::Recovery::kSaid, kStart + minutes(7));
  const auto sum = [](const HistogramMap& map, const LabelValues& who) {
    return map.series().at(who).sum();
  };
  EXPECT_DOUBLE_EQ(sum(stats().resolve_seconds, {"core", "critical", "monitoring"}), 420);
  EXPECT_DOUBLE_EQ(sum(stats().close_seconds, who_), 660);
  EXPECT_DOUBLE_EQ(sum(stats().ack_to_resolve, who_), 360);
  EXPECT_DOUBLE_EQ(stats().engaged_seconds.at({"core"}), 360);
}

// Nobody can know that it is over before a flush tells it. That is no clock that is wrong.
TEST_F(CountingTest, WhoAcknowledgesWhatIsOverIsEngagedForNoTime) {
  Open(&registry_, ApiDown(), kStart);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(8)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(11),
                        Registry::Recovery::kSaid, kStart + minutes(7));
  EXPECT_DOUBLE_EQ(stats().ack_to_resolve.series().at(who_).sum(), 0);
  EXPECT_DOUBLE_EQ(stats().engaged_seconds.at({"core"}), 0);
  EXPECT_FALSE(stats().clock_skew.contains({"engaged"}));
}

// The flush of one that was over first may come last; and whoever closes a group by hand ends it
// with that.
TEST_F(CountingTest, OfSeveralGroupsTheLastEndCounts) {
  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry_, ApiDown(), kStart);
  Open(&registry_, other, kStart + minutes(1));
  Did(registry_.Apply(2, Merge{1}, kAda, kStart + minutes(2)));
  using Recovery = Registry::Recovery;
  registry_.OnRecovered("on-call", "other", kStart + minutes(8), Recovery::kSaid,
                        kStart + minutes(7));
  EXPECT_EQ(registry_.Find(1)->state, State::kTriggered);
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(9), Recovery::kSaid,
                        kStart + minutes(3));
  EXPECT_EQ(registry_.Find(1)->state, State::kResolved);
  EXPECT_EQ(registry_.Find(1)->ended_at, kStart + minutes(7));
  EXPECT_DOUBLE_EQ(stats().resolve_seconds.series().at({"core", "critical", "monitoring"}).sum(),
                   420);
}

}  // namespace
}  // namespace watchfire::incident
