// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Mitigation, response targets, post-mortems, and what is counted of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/analytics.h"
#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Ack kBot{"rule", ActorType::kAutomation, "rule", ""};

config::Incidents Promising() {
  config::Incidents terms;
  terms.response_targets = {{"SEV1", minutes(5)}, {"SEV3", hours(1)}};
  terms.postmortem_levels = {"SEV1"};
  return terms;
}

class PromisesTest : public testing::Test {
 protected:
  void Act(const incident::Act& act, Duration at, const Ack& by = kAda) {
    Did(registry_.Apply(1, act, by, kStart + at));
  }
  void Recover(Duration at) { registry_.OnRecovered("on-call", ApiDown().group_key, kStart + at); }
  const Incident& One() const { return *registry_.Find(1); }
  const Stats& stats() const { return registry_.stats(); }
  uint64_t Responses(const std::string& met, const std::string& level = "SEV1") const {
    const auto found = stats().responses.find({level, met});
    return found == stats().responses.end() ? 0 : found->second;
  }
  // The next life, with what is stored.
  void Restart() {
    const Record record{Table::kIncident, "1", ToJson(One())};
    registry_ = Registry(Promising());
    ASSERT_TRUE(registry_.Restore(record));
  }

  const LabelValues who_ = {"core", "critical"};
  Registry registry_{Promising()};
};

TEST_F(PromisesTest, TheFirstMitigationCountsAndALaterOneAddsItsNote) {
  Open(&registry_, ApiDown(), kStart);
  Act(Mitigate{}, minutes(10));
  Ack later = kBob;
  Act(Mitigate{}, minutes(11), later);
  later.note = "and the cache is warm";
  Act(Mitigate{}, minutes(12), later);
  EXPECT_EQ(One().mitigated_at, kStart + minutes(10));
  EXPECT_EQ(One().mitigated_by, "ada");
  EXPECT_EQ(One().state, State::kTriggered) << "it is neither an ack nor an end";
  EXPECT_EQ(One().timeline.back().kind, "note");
  EXPECT_EQ(One().timeline[One().timeline.size() - 2].kind, "mitigated");
  EXPECT_THAT(stats().mitigate_seconds.series(), IsEmpty()) << "it may hurt again";
  Restart();
  EXPECT_EQ(One().mitigated_at, kStart + minutes(10));
  Recover(minutes(30));
  registry_.Advance(kStart + minutes(36));
  EXPECT_EQ(stats().mitigate_seconds.series().at(who_).sum(), 600);
  EXPECT_EQ(registry_.Apply(1, Mitigate{}, kAda, kStart + hours(1)).error().code, Code::kConflict);
}

TEST_F(PromisesTest, AReopeningTakesTheMitigationBack) {
  Open(&registry_, ApiDown(), kStart);
  Act(Mitigate{}, minutes(10));
  Recover(minutes(20));
  registry_.OnAttempt(ApiDown(), kStart + minutes(22));
  EXPECT_EQ(One().mitigated_at, kNoTime);
  EXPECT_EQ(One().mitigated_by, "");
  Recover(minutes(30));
  registry_.Advance(kStart + hours(1));
  EXPECT_THAT(stats().mitigate_seconds.series(), IsEmpty());
  EXPECT_EQ(stats().resolve_seconds.series().size(), 1U);
}

TEST_F(PromisesTest, AnAnswerInTimeMeetsTheTargetOnce) {
  Open(&registry_, ApiDown(), kStart);
  EXPECT_EQ(One().response.due_at, kStart + minutes(5));
  Act(AddNote{}, minutes(1));
  Act(Acknowledge{}, minutes(2), kBot);
  EXPECT_EQ(One().response.is_met, std::nullopt) << "neither a note nor a rule is an answer";
  Act(Acknowledge{}, minutes(5));
  EXPECT_EQ(One().response.is_met, true);
  EXPECT_EQ(Responses("yes"), 1U);
  EXPECT_EQ(Responses("no"), 0U) << "there, so that a rate sees the first";
  registry_.Advance(kStart + minutes(6));
  Act(Acknowledge{{kNoTime, hours(1)}}, minutes(7));
  Act(Resolve{}, minutes(8));
  registry_.OnAttempt(ApiDown(), kStart + minutes(9));
  registry_.Advance(kStart + hours(2));
  EXPECT_EQ(Responses("yes") + Responses("no"), 1U);
}

TEST_F(PromisesTest, NoAnswerMissesItWhenItPassesAndNoRestartMissesItAgain) {
  Open(&registry_, ApiDown(), kStart);
  EXPECT_EQ(registry_.next_due(), kStart + minutes(5));
  EXPECT_THAT(registry_.Advance(kStart + minutes(5) - seconds(1)), IsEmpty());
  const auto turns = registry_.Advance(kStart + minutes(5));
  ASSERT_THAT(turns, SizeIs(1));
  EXPECT_EQ(turns[0].kind, Registry::Turn::Kind::kUnanswered);
  EXPECT_EQ(One().timeline.back().kind, "unanswered");
  EXPECT_EQ(Responses("no"), 1U);
  Restart();
  EXPECT_THAT(registry_.Advance(kStart + hours(1)), IsEmpty());
  Act(Acknowledge{}, hours(1));
  EXPECT_EQ(One().response.is_met, false);
  EXPECT_EQ(One().response.answered_at, kStart + hours(1));
  EXPECT_THAT(stats().responses, IsEmpty());
}

// The next life decides what the last one did not come to.
TEST_F(PromisesTest, ATargetThatPassesWhileNobodyLivesIsMissedOnce) {
  Open(&registry_, ApiDown(), kStart);
  Restart();
  EXPECT_THAT(registry_.Advance(kStart + hours(1)), SizeIs(1));
  EXPECT_EQ(Responses("no"), 1U);
}

TEST_F(PromisesTest, WhatEndsByItselfInTimeIsNotCounted) {
  Open(&registry_, ApiDown(), kStart);
  Recover(minutes(2));
  EXPECT_EQ(One().response.due_at, kNoTime);
  registry_.Advance(kStart + minutes(6));
  EXPECT_THAT(stats().responses, IsEmpty());
  registry_.OnAttempt(ApiDown(), kStart + minutes(6));
  EXPECT_EQ(One().response.due_at, kStart + minutes(11)) << "it is paged anew";
}

TEST_F(PromisesTest, SnoozingAndResolvingAreAnswersReassigningIsNone) {
  Open(&registry_, ApiDown(), kStart);
  Act(Reassign{"bob"}, minutes(1));
  EXPECT_EQ(One().response.answered_at, kNoTime);
  Act(Snooze{{kNoTime, hours(1)}}, minutes(2));
  EXPECT_EQ(One().response.is_met, true);
  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry_, other, kStart);
  Did(registry_.Apply(2, Resolve{}, kAda, kStart + minutes(3)));
  EXPECT_EQ(Responses("yes"), 2U);
}

TEST_F(PromisesTest, TheTargetFollowsTheLevelUntilSomebodyAnswers) {
  Page page = ApiDown();
  page.severity = "error";
  Open(&registry_, page, kStart);
  EXPECT_EQ(One().response.due_at, kNoTime) << "SEV2 has none";
  Act(SetLevel{"SEV3"}, minutes(10));
  EXPECT_EQ(One().response.due_at, kStart + minutes(70));
  registry_.OnAttempt(ApiDown(), kStart + minutes(20));
  EXPECT_EQ(One().level, "SEV3") << "it was set by hand";
  Act(SetLevel{""}, minutes(21));
  EXPECT_EQ(One().response.due_at, kStart + minutes(26)) << "as grave since now";
  Act(Acknowledge{}, minutes(22));
  EXPECT_EQ(Responses("yes"), 1U);

  Open(
      &registry_,
      [] {
        Page third = ApiDown();
        third.group_key = "third";
        third.severity = "error";
        return third;
      }(),
      kStart);
  Did(registry_.Apply(2, Acknowledge{}, kAda, kStart + minutes(1)));
  Did(registry_.Apply(2, SetLevel{"SEV1"}, kAda, kStart + minutes(30)));
  EXPECT_EQ(registry_.Find(2)->response.due_at, kNoTime) << "somebody had answered before";
}

TEST_F(PromisesTest, AWorseAlertBringsItsTarget) {
  Page page = ApiDown();
  page.severity = "error";
  Open(&registry_, page, kStart);
  registry_.OnAttempt(ApiDown(), kStart + minutes(20));
  EXPECT_EQ(One().level, "SEV1");
  EXPECT_EQ(One().response.due_at, kStart + minutes(25));
}

TEST_F(PromisesTest, WhatIsMergedAwayWaitsForNoAnswer) {
  Open(&registry_, ApiDown(), kStart);
  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry_, other, kStart + minutes(1));
  Act(Merge{2}, minutes(2));
  registry_.Advance(kStart + hours(1));
  EXPECT_EQ(Responses("no"), 1U) << "of the other one";
}

TEST_F(PromisesTest, APostmortemIsWantedWithTheEndAndSaidToBeDone) {
  Open(&registry_, ApiDown(), kStart);
  EXPECT_EQ(registry_.Apply(1, SetPostmortem{"draft"}, kAda, kStart).error().code, Code::kConflict)
      << "it is not over";
  Act(Resolve{}, hours(1));
  EXPECT_EQ(One().postmortem.due_at, kStart + hours(1) + hours(24 * 5));
  EXPECT_EQ(One().postmortem.status, PostmortemStatus::kMissing);
  registry_.Advance(kStart + hours(2));
  Act(SetPostmortem{"draft"}, hours(3));
  Restart();
  EXPECT_EQ(One().postmortem.status, PostmortemStatus::kDraft);
  Act(SetPostmortem{"reviewed"}, hours(48), kBob);
  Act(SetPostmortem{"reviewed"}, hours(49));
  EXPECT_EQ(One().postmortem.by, "bob") << "said twice, it is what it was";
  EXPECT_EQ(One().timeline.back().text, "reviewed");
  EXPECT_THAT(stats().postmortems, UnorderedElementsAre(Pair(LabelValues{"reviewed"}, 1)));
  EXPECT_EQ(registry_.Apply(1, SetPostmortem{"missing"}, kAda, kStart).error().code,
            Code::kInvalidArgument);
}

TEST_F(PromisesTest, OneThatComesLateIsLate) {
  Open(&registry_, ApiDown(), kStart);
  Act(Resolve{}, hours(1));
  registry_.Advance(kStart + hours(2));
  const WallTime due = One().postmortem.due_at;
  EXPECT_FALSE(One().postmortem.IsLate(due));
  EXPECT_TRUE(One().postmortem.IsLate(due + seconds(1)));
  Act(SetPostmortem{"reviewed"}, due - kStart + hours(1));
  EXPECT_TRUE(One().postmortem.IsLate(due)) << "it was, whenever one asks";
  EXPECT_THAT(stats().postmortems, UnorderedElementsAre(Pair(LabelValues{"required"}, 1),
                                                        Pair(LabelValues{"reviewed_late"}, 1)));
}

TEST_F(PromisesTest, AReopeningStartsThePostmortemOverAndALevelMayEndIt) {
  Open(&registry_, ApiDown(), kStart);
  Act(Resolve{}, minutes(10));
  Act(SetPostmortem{"draft"}, minutes(11));
  registry_.OnAttempt(ApiDown(), kStart + minutes(12));
  EXPECT_EQ(One().postmortem, Postmortem());
  Act(Resolve{}, minutes(20));
  Act(SetLevel{"SEV4"}, minutes(21));
  EXPECT_FALSE(One().postmortem.is_wanted());
  registry_.Advance(kStart + hours(1));
  EXPECT_THAT(stats().postmortems, UnorderedElementsAre(Pair(LabelValues{"draft"}, 1)));
}

TEST_F(PromisesTest, TheReportHasThem) {
  Open(&registry_, ApiDown(), kStart);
  Act(Acknowledge{}, minutes(2));
  Act(Mitigate{}, minutes(10));
  Act(Resolve{}, minutes(20));
  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry_, other, kStart);
  registry_.Advance(kStart + minutes(6));
  Did(registry_.Apply(2, Resolve{}, kAda, kStart + minutes(30)));
  Did(registry_.Apply(2, SetPostmortem{"reviewed"}, kAda, kStart + minutes(40)));
  const auto figures = [&](Duration until) {
    return Analyze(registry_.all(), {kStart, kStart + until}, {}).total;
  };
  const Figures soon = figures(hours(1));
  EXPECT_EQ(soon.responses_met, 1U);
  EXPECT_EQ(soon.responses_missed, 1U);
  EXPECT_EQ(soon.mitigate_seconds.count, 1U);
  EXPECT_DOUBLE_EQ(soon.mitigate_seconds.mean, 600);
  EXPECT_EQ(soon.postmortems_wanted, 2U);
  EXPECT_EQ(soon.postmortems_reviewed, 1U);
  EXPECT_EQ(soon.postmortems_late, 0U);
  EXPECT_EQ(figures(hours(24 * 6)).postmortems_late, 1U);
}

TEST_F(PromisesTest, EngagementRunsFromTheFirstAckOfAPersonToTheEndOfTheCycle) {
  Open(&registry_, ApiDown(), kStart);
  Act(Acknowledge{}, minutes(1), kBot);
  Act(Acknowledge{{kNoTime, minutes(10)}}, minutes(5));
  registry_.Advance(kStart + minutes(15));
  EXPECT_EQ(stats().engaged_seconds.at({"core"}), 600) << "the ack has expired";
  Recover(minutes(20));
  EXPECT_EQ(stats().engaged_seconds.at({"core"}), 600) << "nobody was at it";
  registry_.OnAttempt(ApiDown(), kStart + minutes(21));
  Act(Acknowledge{}, minutes(22));
  Act(Resolve{}, minutes(22) + hours(100));
  EXPECT_EQ(stats().engaged_seconds.at({"core"}), 600 + 12 * 3600) << "nobody works for so long";
}

TEST_F(PromisesTest, AlertsAreCountedWithTheEndOfAnIncident) {
  Page page = ApiDown();
  page.alert_count = 3;
  Open(&registry_, page, kStart);
  page.alert_count = 2;
  registry_.OnAttempt(page, kStart + minutes(1));
  Page other = ApiDown();
  other.group_key = "other";
  other.alert_count = 4;
  registry_.OnAttempt(other, kStart + minutes(2));
  Did(registry_.Apply(2, Merge{1}, kAda, kStart + minutes(3)));
  EXPECT_EQ(One().alert_count(), 7U);
  Restart();
  EXPECT_EQ(One().alert_count(), 7U);
  registry_.OnRecovered("on-call", "other", kStart + minutes(4));
  EXPECT_EQ(One().alert_count(), 7U);
  Recover(minutes(5));
  registry_.Advance(kStart + hours(1));
  EXPECT_EQ(stats().alerts.series().at(who_).sum(), 7);
}

TEST_F(PromisesTest, NegativeDelaysAreCountedAndCountAsNone) {
  Page page = ApiDown();
  page.started_at = kStart + minutes(5);
  page.detected_at = kStart;
  Open(&registry_, page, kStart);
  EXPECT_EQ(stats().clock_skew.at({"detection"}), 1U);
  EXPECT_EQ(stats().detect_seconds.series().at(who_).sum(), 0);
  Act(Acknowledge{}, -minutes(1));
  EXPECT_EQ(stats().clock_skew.at({"ack"}), 1U);
}

// A record of before knows of no promise, and is read as one that has none.
TEST_F(PromisesTest, ARecordOfAnEarlierVersionPromisedNothing) {
  Open(&registry_, ApiDown(), kStart);
  Act(Resolve{}, minutes(1));
  std::string json = ToJson(One());
  const auto cut = [&](const std::string& from, const std::string& to) {
    const size_t at = json.find(from);
    ASSERT_NE(at, json.npos) << from;
    json.erase(at, json.find(to, at) - at);
  };
  cut("\"response\":", "\"roles\":");
  cut("\"mitigatedAt\":", "\"resolvedAt\":");
  cut("\"alertCount\":", "\"droppedEvents\":");
  const auto read = FromJson(json, Promising());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->response, Response());
  EXPECT_FALSE(read->postmortem.is_wanted());
  EXPECT_EQ(read->mitigated_at, kNoTime);
}

}  // namespace
}  // namespace watchfire::incident
