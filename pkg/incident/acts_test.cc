// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people do, and what the clock makes of it.

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/rng.h"
#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = Registry::Turn::Kind;

class ActsTest : public testing::Test {
 protected:
  ActsTest() { Open(&registry_, ApiDown(), kStart); }

  const Incident& One() { return *registry_.Find(1); }
  Code Refusal(const Act& act, const Ack& by = kAda) {
    const Incident before = One();
    const auto records = registry_.Apply(1, act, by, kStart + minutes(1));
    EXPECT_FALSE(records);
    EXPECT_EQ(One(), before) << "what is refused changes nothing";
    return records ? Code::kCorrupt : records.error().code;
  }

  Registry registry_;
};

TEST_F(ActsTest, ANoteStandsInTheTimeline) {
  Did(registry_.Apply(1, AddNote{}, kAda, kStart + minutes(1)));
  EXPECT_EQ(One().timeline.back(), (Event{kStart + minutes(1), "note", "ada", "api", "looking"}));
  EXPECT_EQ(Refusal(AddNote{}, kBob), Code::kInvalidArgument) << "an empty one";
  Did(registry_.Apply(1, Resolve{}, kAda, kStart + minutes(2)));
  Did(registry_.Apply(1, AddNote{}, kAda, kStart + hours(30)));
}

TEST_F(ActsTest, ANoteThatFindsNoRoomIsRefused) {
  Incident full = One();
  full.timeline.resize(limits::kIncidentEvents - 51, {kStart, "paged", "on-call", "victorops", ""});
  ASSERT_TRUE(registry_.Restore({Table::kIncident, "1", ToJson(full)}));
  registry_.OnPaged(ApiDown(), kStart);
  registry_.OnPaged(ApiDown(), kStart);
  EXPECT_EQ(One().dropped_events, 1U);
  EXPECT_EQ(Refusal(AddNote{}), Code::kConflict);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart));
  EXPECT_EQ(One().timeline.back().kind, "acked") << "there is always room for this";
}

TEST_F(ActsTest, WhoAcknowledgesOwnsItUntilItIsGivenAway) {
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  EXPECT_EQ(One().owner, "ada");
  EXPECT_EQ(One().ack, (Hold{"ada", kStart + minutes(1), kNoTime, kNoTime}));
  Did(registry_.Apply(1, Reassign{"bob"}, kAda, kStart + minutes(2)));
  EXPECT_EQ(One().owner, "bob");
  EXPECT_EQ(One().state, State::kAcknowledged);
  EXPECT_EQ(One().timeline.back().text, "from ada to bob: looking");
  EXPECT_EQ(registry_.stats().reassigned.at({"core", "yes"}), 1U);
  EXPECT_EQ(Refusal(Reassign{""}), Code::kInvalidArgument);
}

TEST_F(ActsTest, WhatIsGivenToSomebodyWhoHasNotSeenItIsAcknowledgedNoMore) {
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(30)}}, kAda, kStart + minutes(1)));
  Did(registry_.Apply(1, Reassign{"bob", true}, kAda, kStart + minutes(2)));
  EXPECT_EQ(One().owner, "bob");
  EXPECT_EQ(One().state, State::kTriggered);
  EXPECT_FALSE(One().ack);
  EXPECT_EQ(One().cycle, 2) << "paged and acknowledged anew";
  EXPECT_EQ(One().acked_by, "ada") << "the first ack stays the first";
  const auto& events = One().timeline;
  EXPECT_EQ(events[events.size() - 2].kind, "returned");
  EXPECT_EQ(events[events.size() - 2].text, "the ack of ada is over: given to bob");
  EXPECT_EQ(events.back().text, "from ada to bob: looking");
  EXPECT_TRUE(registry_.Advance(kStart + minutes(40)).empty()) << "no ack expires";
  Did(registry_.Apply(1, Snooze{{kNoTime, hours(2)}}, kBob, kStart + minutes(41)));
  Did(registry_.Apply(1, Reassign{"ada", true}, kBob, kStart + minutes(42)));
  EXPECT_EQ(One().state, State::kSnoozed) << "a snooze goes on";
}

TEST_F(ActsTest, APersonTakesOverWhatAutomationAcknowledged) {
  const Ack robot{"robot", ActorType::kAutomation, "automation", ""};
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(30)}}, robot, kStart + minutes(1)));
  EXPECT_TRUE(One().ack->is_automatic);
  EXPECT_EQ(FromJson(ToJson(One())).value(), One()) << "a restart knows it";
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(5)));
  EXPECT_EQ(One().ack, (Hold{"ada", kStart + minutes(5), kNoTime, kNoTime}));
  EXPECT_EQ(One().owner, "ada");
  EXPECT_EQ(One().acked_by, "robot") << "the first ack stays the first";
  EXPECT_EQ(One().timeline.back().kind, "acked");
  EXPECT_FALSE(One().timeline.back().is_automatic);
  const auto& series = registry_.stats().ack_seconds.series();
  ASSERT_EQ(series.size(), 2U) << "of the robot and of the person";
  EXPECT_EQ(series.rbegin()->first[3], "human");
  EXPECT_TRUE(registry_.Advance(kStart + hours(2)).empty()) << "it does not come back";
}

TEST_F(ActsTest, WhoTakesOverFromAutomationTakesItFromNobodyElse) {
  const Ack robot{"robot", ActorType::kAutomation, "automation", ""};
  Did(registry_.Apply(1, Acknowledge{}, robot, kStart + minutes(1)));
  Did(registry_.Apply(1, Reassign{"bob"}, kAda, kStart + minutes(2)));
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(3)));
  EXPECT_EQ(One().owner, "bob");
}

TEST_F(ActsTest, AutomationDoesNotTakeOverWhatAPersonHolds) {
  const Ack robot{"ada", ActorType::kAutomation, "automation", ""};
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(1)));
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(9)}}, robot, kStart + minutes(2)));
  EXPECT_FALSE(One().ack->is_automatic) << "not even under her name";
}

TEST_F(ActsTest, ALevelSetByHandOutlivesAWorsePage) {
  Did(registry_.Apply(1, SetLevel{"SEV3"}, kAda, kStart));
  EXPECT_EQ(One().level, "SEV3");
  EXPECT_EQ(One().level_by, "ada");
  Page worse = ApiDown();
  worse.severity = "critical";
  registry_.OnAttempt(worse, kStart);
  EXPECT_EQ(One().level, "SEV3");
  Did(registry_.Apply(1, SetLevel{""}, kBob, kStart));
  EXPECT_EQ(One().level, "SEV1");
  EXPECT_EQ(One().level_by, "");
  EXPECT_EQ(Refusal(SetLevel{"SEV5"}), Code::kInvalidArgument);
  EXPECT_EQ(Refusal(SetLevel{"sev1"}), Code::kInvalidArgument);
}

TEST_F(ActsTest, WhatIsGraverEndsAnAckAndASnooze) {
  for (const bool is_ack : {true, false}) {
    Registry registry{config::Incidents()};
    Page page = ApiDown();
    page.severity = "warning";
    registry.OnAttempt(page, kStart);
    const Act hold = is_ack ? Act(Acknowledge{}) : Act(Snooze{{kNoTime, minutes(9)}});
    ASSERT_TRUE(registry.Apply(1, hold, kAda, kStart).has_value());
    registry.OnAttempt(page, kStart + minutes(1));
    EXPECT_NE(registry.Find(1)->state, State::kTriggered) << "as grave as it was";
    page.severity = "critical";
    registry.OnAttempt(page, kStart + minutes(2));
    const Incident& after = *registry.Find(1);
    EXPECT_EQ(after.state, State::kTriggered);
    EXPECT_EQ(after.cycle_at, kStart + minutes(2));
    EXPECT_FALSE(after.ack || after.snooze);
    EXPECT_EQ(after.timeline.back().text, std::string("graver than what ada ") +
                                              (is_ack ? "acknowledged" : "snoozed") + ": critical");
  }
}

TEST_F(ActsTest, RolesAreWordsAndFew) {
  Did(registry_.Apply(1, SetRole{"commander", "grace"}, kAda, kStart));
  Did(registry_.Apply(1, SetRole{"scribe", "joan"}, kAda, kStart));
  EXPECT_EQ(One().roles.at("commander"), "grace");
  Did(registry_.Apply(1, SetRole{"scribe", ""}, kBob, kStart));
  EXPECT_EQ(One().roles.size(), 1U);
  EXPECT_EQ(One().timeline.back().text, "scribe is nobody");
  for (const char* role : {"", "Commander", "a b"}) {
    EXPECT_EQ(Refusal(SetRole{role, "x"}), Code::kInvalidArgument) << role;
  }
  for (size_t i = 1; i < limits::kIncidentRoles; ++i) {
    Did(registry_.Apply(1, SetRole{"r" + std::to_string(i), "x"}, kBob, kStart));
  }
  EXPECT_EQ(Refusal(SetRole{"one-more", "x"}), Code::kConflict);
  Did(registry_.Apply(1, SetRole{"commander", "ada"}, kBob, kStart));
}

TEST_F(ActsTest, ASnoozeEndsByItself) {
  Did(registry_.Apply(1, Snooze{{kNoTime, hours(1)}}, kAda, kStart));
  EXPECT_EQ(One().state, State::kSnoozed);
  EXPECT_EQ(One().acked_at, kNoTime) << "a snooze is no ack";
  EXPECT_EQ(registry_.next_due(), kStart + hours(1));
  EXPECT_TRUE(registry_.Advance(kStart + hours(1) - seconds(1)).empty());
  const auto turns = registry_.Advance(kStart + hours(1));
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].kind, Kind::kSnoozeOver);
  EXPECT_EQ(turns[0].record.value, ToJson(One()));
  EXPECT_EQ(One().state, State::kTriggered);
  EXPECT_EQ(One().timeline.back(),
            (Event{kStart + hours(1), "returned", "ada", "clock", "the snooze is over"}));
  EXPECT_EQ(registry_.next_due(), std::nullopt);
  EXPECT_EQ(registry_.stats().snoozed.begin()->second, 1U);
}

TEST_F(ActsTest, AnAckEndsASnooze) {
  Did(registry_.Apply(1, Snooze{{kStart + hours(2), {}}}, kAda, kStart));
  Did(registry_.Apply(1, Acknowledge{}, kBob, kStart + minutes(1)));
  EXPECT_EQ(One().state, State::kAcknowledged);
  EXPECT_TRUE(registry_.Advance(kStart + hours(3)).empty());
}

TEST_F(ActsTest, ASnoozeNeedsAnEndThatIsNearAndAhead) {
  for (const Until& until :
       {Until{}, Until{kStart, {}}, Until{kNoTime, -minutes(1)}, Until{kNoTime, hours(24 * 31)},
        Until{kStart + hours(24 * 40), {}}, Until{kStart + hours(1), hours(1)}}) {
    EXPECT_EQ(Refusal(Snooze{until}), Code::kInvalidArgument);
  }
}

TEST_F(ActsTest, AnAckThatExpiresComesBackAfterAReminder) {
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(30)}}, kAda, kStart));
  EXPECT_EQ(registry_.next_due(), kStart + minutes(25));
  auto turns = registry_.Advance(kStart + minutes(25));
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].kind, Kind::kReminded);
  EXPECT_EQ(One().state, State::kAcknowledged);
  EXPECT_EQ(One().timeline.back().kind, "reminder");
  turns = registry_.Advance(kStart + minutes(30));
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].kind, Kind::kAckExpired);
  EXPECT_EQ(One().state, State::kTriggered);
  EXPECT_EQ(One().owner, "");
  EXPECT_EQ(One().cycle, 2);
  EXPECT_EQ(registry_.stats().stale_acks.begin()->second, 1U);
  EXPECT_EQ(registry_.stats().ack_reminders.begin()->second, 1U);
}

TEST_F(ActsTest, AClockThatLeapsOverBothEndsTheAckAtOnce) {
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(30)}}, kAda, kStart));
  const auto turns = registry_.Advance(kStart + hours(5));
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].kind, Kind::kAckExpired);
}

TEST_F(ActsTest, TheHolderMovesTheEndOfTheAck) {
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(30)}}, kAda, kStart));
  Did(registry_.Apply(1, Acknowledge{{kNoTime, hours(2)}}, kAda, kStart + minutes(20)));
  EXPECT_EQ(One().ack->since, kStart);
  EXPECT_EQ(One().ack->until, kStart + minutes(140));
  EXPECT_TRUE(registry_.Advance(kStart + minutes(31)).empty());
  // Somebody else's word is a note; to take it over is to be given it.
  Did(registry_.Apply(1, Acknowledge{{kNoTime, minutes(1)}}, kBob, kStart + minutes(32)));
  EXPECT_EQ(One().ack->until, kStart + minutes(140));
  EXPECT_EQ(One().timeline.back().kind, "note");
  EXPECT_EQ(registry_.stats().ack_seconds.series().begin()->second.sum(), 0) << "measured once";
}

TEST_F(ActsTest, AcksExpireByThemselvesWhereTheTermsSaySo) {
  config::Incidents terms;
  terms.ack_expires_after = hours(1);
  terms.remind_before = Duration::zero();
  registry_.SetTerms(terms);
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart));
  EXPECT_EQ(registry_.next_due(), kStart + hours(1));
  Did(registry_.Apply(1, Acknowledge{}, kAda, kStart + minutes(59)));
  EXPECT_EQ(One().ack->until, kStart + hours(1)) << "a vendor's echo is no renewal";
}

TEST_F(ActsTest, ARecoveryEndsAllHolds) {
  Did(registry_.Apply(1, Snooze{{kNoTime, hours(1)}}, kAda, kStart));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(20));
  EXPECT_EQ(One().state, State::kResolved);
  EXPECT_EQ(One().snooze, std::nullopt);
  for (const auto& turn : registry_.Advance(kStart + hours(2))) {
    EXPECT_EQ(turn.kind, Kind::kCounted);
  }
}

TEST_F(ActsTest, APersonsVerdictBeatsTheRules) {
  Did(registry_.Apply(1, Classify{"actionable"}, kAda, kStart + seconds(5)));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + seconds(20));
  EXPECT_EQ(One().verdict->outcome, Outcome::kActionable);
  Did(registry_.Apply(1, Classify{"false_positive"}, kBob, kStart + hours(1)));
  EXPECT_EQ(One().verdict->outcome, Outcome::kFalsePositive);
  EXPECT_EQ(registry_.stats().outcomes.at({"actionable", "human", "core"}), 1U);
  EXPECT_EQ(registry_.stats().outcomes.at({"false_positive", "human", "core"}), 1U);
  EXPECT_EQ(Refusal(Classify{"meh"}), Code::kInvalidArgument);
}

TEST_F(ActsTest, AMergedIncidentGoesOnInTheOther) {
  Page database = ApiDown();
  database.group_key = "db";
  database.severity = "warning";
  database.alerts = {"DbSlow"};
  Open(&registry_, database, kStart);
  const auto records = Did(registry_.Apply(1, Merge{2}, kAda, kStart + minutes(1)));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(One().state, State::kMerged);
  EXPECT_EQ(One().verdict->outcome, Outcome::kDuplicate);
  const auto both = [&] { return *registry_.Find(2); };
  EXPECT_EQ(both().severity, "critical");
  EXPECT_EQ(both().level, "SEV1");
  EXPECT_EQ(both().alerts, (std::vector<std::string>{"ApiDown", "DbSlow"}));
  EXPECT_EQ(registry_.FindOpenByEntity(One().entity_id), std::vector<uint64_t>{2});
  EXPECT_EQ(Refusal(Acknowledge{}), Code::kConflict);
  EXPECT_EQ(registry_.stats().merged.at({"human"}), 1U);

  registry_.OnRecovered("on-call", "db", kStart + minutes(10));
  EXPECT_EQ(both().state, State::kTriggered) << "the other group goes on";
  registry_.OnAttempt(database, kStart + minutes(11));
  EXPECT_EQ(both().groups.size(), 2U) << "and the first is back";
  EXPECT_EQ(registry_.all().size(), 2U);
  registry_.OnRecovered("on-call", "db", kStart + minutes(12));
  registry_.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(13));
  EXPECT_EQ(both().state, State::kResolved);
  registry_.OnAttempt(ApiDown(), kStart + minutes(14));
  EXPECT_EQ(both().state, State::kTriggered) << "the page of what was merged reopens it";
  EXPECT_EQ(registry_.all().size(), 2U);
}

TEST_F(ActsTest, AVendorsEndOfOneMergedGroupLeavesTheOthersOpen) {
  Page database = ApiDown();
  database.group_key = "db";
  Open(&registry_, database, kStart);
  const std::string api = One().entity_id;
  const std::string db = registry_.Find(2)->entity_id;
  Did(registry_.Apply(2, Merge{1}, kAda, kStart + minutes(1)));
  Did(registry_.Apply(1, Resolve{{api}}, kBob, kStart + minutes(2)));
  EXPECT_EQ(One().state, State::kTriggered) << "the database is down still";
  ASSERT_EQ(One().groups.size(), 1U);
  EXPECT_EQ(One().groups[0].entity_id, db);
  EXPECT_EQ(One().timeline.back().kind, "recovered");
  EXPECT_EQ(One().timeline.back().actor, "bob");
  EXPECT_TRUE(registry_.FindOpenByEntity(api).empty());
  // What goes on in spite of the vendor is its own again.
  registry_.OnAttempt(ApiDown(), kStart + minutes(3));
  EXPECT_EQ(One().groups.size(), 2U);
  Did(registry_.Apply(1, Resolve{{db}}, kBob, kStart + minutes(4)));
  EXPECT_EQ(One().state, State::kTriggered);
  Did(registry_.Apply(1, Resolve{{api}}, kBob, kStart + minutes(5)));
  EXPECT_EQ(One().state, State::kResolved) << "the last one";
  EXPECT_EQ(One().resolved_by, "bob");
}

TEST_F(ActsTest, OnlyOpenIncidentsAreMergedAndNotIntoThemselves) {
  EXPECT_EQ(Refusal(Merge{1}), Code::kInvalidArgument);
  EXPECT_EQ(Refusal(Merge{9}), Code::kNotFound);
  Page other = ApiDown();
  other.group_key = "other";
  Open(&registry_, other, kStart);
  Did(registry_.Apply(2, Resolve{}, kAda, kStart));
  EXPECT_EQ(Refusal(Merge{2}), Code::kConflict);
  EXPECT_EQ(registry_.Apply(2, Merge{1}, kAda, kStart).error().code, Code::kConflict);
}

// Whatever happens in whatever order: the last record of each incident brings back exactly what
// there is, every group has one incident at most, and holds fit their states.
TEST(ActsPropertyTest, AnyHistorySurvivesARestart) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng(seed);
    config::Incidents terms;
    terms.reopen_within = minutes(rng.Below(20));
    Registry registry(terms);
    std::map<std::string, Record> disk;
    const auto store = [&](const Record& record) { disk[record.key] = record; };
    WallTime now = kStart;
    for (int step = 0; step < 150; ++step) {
      now += seconds(rng.Below(400));
      Page page = ApiDown();
      page.group_key = "g" + std::to_string(rng.Below(4));
      if (rng.Chance(0.3)) page.correlation = "c" + std::to_string(rng.Below(2));
      const uint64_t id = 1 + rng.Below(registry.all().size() + 1);
      const std::vector<Act> acts = {Acknowledge{},
                                     Acknowledge{{kNoTime, minutes(1 + rng.Below(30))}},
                                     Resolve{},
                                     Snooze{{kNoTime, minutes(1 + rng.Below(30))}},
                                     Reassign{"bob"},
                                     Classify{"noise"},
                                     Merge{1 + rng.Below(registry.all().size() + 1)},
                                     SetLevel{"SEV2"},
                                     AddNote{}};
      switch (rng.Below(4)) {
        case 0:
          for (const Record& record : registry.OnAttempt(page, now)) store(record);
          if (const auto record = registry.OnPaged(page, now)) store(*record);
          break;
        case 1:
          if (const auto record = registry.OnRecovered("on-call", page.group_key, now)) {
            store(*record);
          }
          break;
        default:
          if (const auto records = registry.Apply(id, acts[rng.Below(acts.size())], kAda, now)) {
            for (const Record& record : *records) store(record);
          }
      }
      for (const Registry::Turn& turn : registry.Advance(now)) store(turn.record);
    }
    Registry restarted(terms);
    for (const auto& [key, record] : disk) ASSERT_TRUE(restarted.Restore(record));
    ASSERT_EQ(restarted.all().size(), registry.all().size()) << seed;
    std::set<std::string> groups;
    for (const auto& [id, incident] : registry.all()) {
      ASSERT_EQ(*restarted.Find(id), *incident) << seed;
      EXPECT_EQ(incident->ack.has_value(), incident->state == State::kAcknowledged);
      EXPECT_EQ(incident->snooze.has_value(), incident->state == State::kSnoozed);
      EXPECT_EQ(incident->groups.empty(), !IsOpen(incident->state));
      for (const Group& group : incident->groups)
        EXPECT_TRUE(groups.insert(group.group_key).second);
    }
    EXPECT_EQ(restarted.next_due(), registry.next_due());
    EXPECT_EQ(restarted.open(), registry.open());
    // Both go the same way from here.
    now += minutes(3);
    for (int group = 0; group < 4; ++group) {
      Page page = ApiDown();
      page.group_key = "g" + std::to_string(group);
      ASSERT_EQ(restarted.OnAttempt(page, now), registry.OnAttempt(page, now)) << seed;
    }
  }
}

}  // namespace
}  // namespace watchfire::incident
