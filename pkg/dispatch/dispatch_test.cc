// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/dispatch/backoff.h"
#include "pkg/dispatch/decide.h"
#include "pkg/dispatch/group.h"
#include "pkg/labels/set_pool.h"
#include "pkg/route/route.h"

namespace watchfire::dispatch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Now kStart{MonoTime(std::chrono::hours(1)), FromNanos(1'700'000'000'000'000'000)};
Now After(Duration later) { return {kStart.mono + later, kStart.wall + later}; }

config::Route Root() {
  config::Route root;
  root.receiver = "on-call";
  root.group_by = {"service"};
  root.key = root.id = "{}";
  root.group_wait = seconds(30);
  root.group_interval = minutes(5);
  return root;
}

std::shared_ptr<const alert::Alert> Firing(const std::string& name, Now now) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", name}, {"service", "api"}};
  alert.starts_at = alert.updated_at = now.wall;
  alert.ends_at = now.wall + std::chrono::hours(1);
  return std::make_shared<alert::Alert>(alert);
}

std::shared_ptr<const alert::Alert> Resolved(const std::string& name, Now now) {
  alert::Alert alert = *Firing(name, now);
  alert.ends_at = now.wall;
  return std::make_shared<alert::Alert>(alert);
}

const Owed kSaid = [](uint64_t) { return false; };
const Owed kOwed = [](uint64_t) { return true; };

TEST(DispatcherTest, AlertsWithinGroupWaitTravelTogether) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  dispatcher.Apply(Firing("b", kStart), After(seconds(20)));
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(30));
  EXPECT_TRUE(dispatcher.StartDue(After(seconds(29))).empty());
  const std::vector<Flush> flushes = dispatcher.StartDue(After(seconds(30)));
  ASSERT_EQ(flushes.size(), 1U);
  EXPECT_EQ(flushes[0].alerts.size(), 2U);
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(330));
}

TEST(DispatcherTest, OfMoreThanAreWantedTheEarliestAreFlushed) {
  config::Route root = Root();
  root.group_by = {"alertname"};
  Dispatcher dispatcher(root);
  const auto names = [](const std::vector<Flush>& flushes) {
    std::string text;
    for (const Flush& flush : flushes) text += flush.alerts.at(0)->name();
    return text;
  };
  dispatcher.Apply(Firing("b", kStart), kStart);
  dispatcher.Apply(Firing("a", kStart), After(seconds(1)));
  dispatcher.Apply(Firing("c", kStart), After(seconds(2)));
  EXPECT_EQ(names(dispatcher.StartDue(After(seconds(40)), 0)), "");
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(30));
  EXPECT_EQ(names(dispatcher.StartDue(After(seconds(40)), 2)), "ba");
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(32)) << "it is due still";
  EXPECT_EQ(names(dispatcher.StartDue(After(seconds(41)), 2)), "c");
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(330)) << "late, and in its rhythm";
}

std::shared_ptr<const alert::Alert> With(labels::LabelSet labels) {
  alert::Alert alert = *Firing("x", kStart);
  alert.labels = std::move(labels);
  return std::make_shared<alert::Alert>(alert);
}

TEST(DispatcherTest, GroupsAreToldApartByTheLabelsOfGroupByAlone) {
  config::Route root = Root();
  root.group_by = {"service", "zone"};
  Dispatcher dispatcher(root);
  dispatcher.Apply(With({{"alertname", "a"}, {"service", "api"}}), kStart);
  dispatcher.Apply(With({{"alertname", "b"}, {"service", "api"}}), kStart);
  dispatcher.Apply(With({{"alertname", "a"}, {"service", "api"}, {"zone", "1"}}), kStart);
  dispatcher.Apply(With({{"alertname", "a"}, {"zone", "api"}}), kStart);
  std::vector<std::string> groups;
  for (const auto& [id, group] : dispatcher.groups()) {
    groups.push_back(group.labels.ToString() + " " + std::to_string(group.alerts.size()));
  }
  EXPECT_THAT(groups, testing::ElementsAre("{service=\"api\"} 2", "{service=\"api\", zone=\"1\"} 1",
                                           "{zone=\"api\"} 1"));
  EXPECT_THAT(dispatcher.Receivers({{"service", "api"}}).list(), testing::ElementsAre("on-call"));
}

// As they come in one message: the alerts of a group one after the other, in several routes, with
// names that stand once; some labels are there and empty, some are not there.
TEST(DispatcherTest, AlertsThatShareTheirNamesFallIntoTheirOwnGroups) {
  config::Route root = Root();
  root.group_by = {"service", "zone"};
  const auto add = [&root](const char* kind, std::vector<std::string> group_by) {
    config::Route route = Root();
    route.group_by = std::move(group_by);
    route.continue_matching = true;
    route.matchers = {*matcher::Matcher::Create(matcher::Op::kRegex, "kind", kind)};
    root.routes.push_back(route);
  };
  add("a|b", {"pod"});
  add("b", {"zone", "service"});
  add("b|c", {});
  root.routes.back().group_by_all = true;
  Dispatcher dispatcher(root);
  route::Router router(root);
  labels::SetPool pool;
  using Groups = std::map<std::pair<const config::Route*, std::string>, size_t>;
  Groups expected;
  for (int i = 0; i < 400; ++i) {
    const int row = i / 3;
    labels::LabelSet::Pairs pairs = {
        {"number", std::to_string(row % 50 < 25 ? i : row)},
        {"pod", "web-" + std::to_string(row % 7)},
        {"service", "a-service-with-quite-a-long-name-" + std::to_string(row % 2)}};
    if (row % 5 > 0) pairs.emplace_back("kind", std::string(1, "abc"[row % 3]));
    if (row % 11 > 2) pairs.emplace_back("zone", row % 11 < 7 ? "" : std::to_string(i % 2));
    const labels::LabelSet labels = pool.Share(labels::LabelSet(pairs));
    const auto alert = With(labels);
    for (const config::Route* route : router.Match(labels).routes) {
      const auto same = [&](const auto& entry) {
        return entry.second.route == route &&
               entry.second.labels == route::GroupLabels(*route, labels) &&
               entry.second.alerts.contains(alert->fingerprint());
      };
      const bool is_repeated = std::ranges::any_of(dispatcher.groups(), same);
      if (!is_repeated) ++expected[{route, route::GroupLabels(*route, labels).ToString()}];
    }
    dispatcher.Apply(alert, kStart);
  }
  Groups found;
  for (const auto& [id, group] : dispatcher.groups()) {
    found[{group.route, group.labels.ToString()}] += group.alerts.size();
  }
  EXPECT_EQ(found, expected);
  EXPECT_GT(found.size(), 50U);
  EXPECT_EQ(found.size(), dispatcher.groups().size()) << "no group is there twice";
}

TEST(DispatcherTest, AGroupThatEndedIsAnotherWhenItsAlertComesBack) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  const GroupId first = dispatcher.groups().begin()->first;
  dispatcher.Apply(Resolved("a", After(seconds(1))), After(seconds(1)));
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));
  EXPECT_TRUE(dispatcher.groups().empty());
  dispatcher.Apply(Firing("a", After(seconds(60))), After(seconds(60)));
  ASSERT_EQ(dispatcher.groups().size(), 1U);
  EXPECT_NE(dispatcher.groups().begin()->first, first);
  EXPECT_EQ(dispatcher.groups().begin()->second.alerts.size(), 1U);
}

TEST(DispatcherTest, AGroupKnowsItsOrderAsAlertsComeAndGo) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  const auto at = [](const char* instance) {
    return With({{"alertname", "a"}, {"instance", instance}, {"service", "api"}});
  };
  const auto order = [&] { return *dispatcher.groups().begin()->second.alerts.order(); };
  dispatcher.Apply(at("2"), kStart);
  dispatcher.Apply(at("3"), kStart);
  EXPECT_THAT(order(), testing::ElementsAre(at("2")->fingerprint(), at("3")->fingerprint()));
  dispatcher.Apply(at("1"), kStart);
  EXPECT_THAT(order(), testing::ElementsAre(at("1")->fingerprint(), at("2")->fingerprint(),
                                            at("3")->fingerprint()));
  alert::Alert over = *at("2");
  over.ends_at = kStart.wall;
  dispatcher.Apply(std::make_shared<alert::Alert>(over), kStart);
  const Flush flush = dispatcher.StartDue(After(seconds(30))).at(0);
  dispatcher.EndFlush(flush, kSaid, After(seconds(30)));
  EXPECT_THAT(order(), testing::ElementsAre(at("1")->fingerprint(), at("3")->fingerprint()));
}

TEST(DispatcherTest, AnOldAlertDoesNotWaitAgain) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), After(seconds(31)));
  EXPECT_EQ(dispatcher.StartDue(After(seconds(31))).size(), 1U);
}

TEST(DispatcherTest, AResolvedAlertOpensNoGroupWhereDeliveryIsStrict) {
  config::Route root = Root();
  root.delivery = config::Delivery::kStrict;
  Dispatcher dispatcher(root);
  dispatcher.Apply(Resolved("a", kStart), kStart);
  EXPECT_FALSE(dispatcher.next_due());
}

// Source: Alertmanager's Dispatcher.processAlert, and what 0.25 sends beside us.
TEST(DispatcherTest, AResolvedAlertStartsTheTimerOfItsGroupAsInAlertmanager) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Resolved("a", kStart), kStart);
  dispatcher.Apply(Firing("b", kStart), After(seconds(20)));
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(30));
  const Flush flush = dispatcher.StartDue(After(seconds(30))).at(0);
  EXPECT_EQ(flush.alerts.size(), 2U);
  dispatcher.EndFlush(flush, kSaid, After(seconds(30)));
  EXPECT_EQ(dispatcher.groups().begin()->second.alerts.size(), 1U) << "what is over has left";

  // Alone, it leaves nothing behind.
  Dispatcher other(root);
  other.Apply(Resolved("a", kStart), kStart);
  other.EndFlush(other.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));
  EXPECT_TRUE(other.groups().empty());
}

TEST(DispatcherTest, ATickDuringAFlushRunsRightAfterIt) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  const Flush flush = dispatcher.StartDue(After(seconds(30))).at(0);
  EXPECT_TRUE(dispatcher.StartDue(After(seconds(330))).empty());
  dispatcher.EndFlush(flush, kOwed, After(seconds(340)));
  EXPECT_EQ(dispatcher.StartDue(After(seconds(340))).size(), 1U);
}

TEST(DispatcherTest, ResolvedAlertsLeaveOnlyAfterASuccessfulFlushThatCarriedThem) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(31)));
  dispatcher.Apply(Resolved("a", After(seconds(60))), After(seconds(60)));

  Flush flush = dispatcher.StartDue(After(seconds(330))).at(0);
  dispatcher.EndFlush(flush, kOwed, After(seconds(331)));
  EXPECT_EQ(dispatcher.groups().size(), 1U);

  flush = dispatcher.StartDue(After(seconds(630))).at(0);
  dispatcher.Apply(Firing("a", After(seconds(631))), After(seconds(631)));
  dispatcher.EndFlush(flush, kSaid, After(seconds(632)));
  EXPECT_EQ(dispatcher.groups().size(), 1U) << "it fired again during the flush";

  dispatcher.Apply(Resolved("a", After(seconds(640))), After(seconds(640)));
  flush = dispatcher.StartDue(After(seconds(930))).at(0);
  dispatcher.EndFlush(flush, kSaid, After(seconds(931)));
  EXPECT_TRUE(dispatcher.groups().empty());
  EXPECT_FALSE(dispatcher.next_due());
}

TEST(DispatcherTest, AHastenedTickLeavesTheRhythmAsItIs) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  dispatcher.Hasten(1, kStart.mono + seconds(1));
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(30)) << "its first flush will tell all";
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));

  dispatcher.Hasten(1, kStart.mono + seconds(100));
  dispatcher.Hasten(1, kStart.mono + seconds(200));
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(100)) << "the sooner one";
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(100))).at(0), kSaid, After(seconds(100)));
  EXPECT_EQ(dispatcher.next_due(), kStart.mono + seconds(330));
}

TEST(DispatcherTest, WhereResolvedIsPromptTheLastEndMakesTheGroupDue) {
  config::Route root = Root();
  root.prompt_resolved = true;
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  dispatcher.Apply(Firing("b", kStart), kStart);
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));
  dispatcher.Apply(Resolved("a", After(seconds(60))), After(seconds(60)));
  EXPECT_TRUE(dispatcher.StartDue(After(seconds(60))).empty()) << "b still fires";
  dispatcher.Apply(Resolved("b", After(seconds(70))), After(seconds(70)));
  EXPECT_EQ(dispatcher.StartDue(After(seconds(70))).size(), 1U);
}

TEST(DispatcherTest, BetweenFlushesWhatIsNotOwedLeaves) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));
  dispatcher.Apply(Resolved("a", After(seconds(60))), After(seconds(60)));
  dispatcher.Settle(1, kOwed, After(seconds(60)).wall);
  EXPECT_EQ(dispatcher.groups().size(), 1U);
  dispatcher.Settle(1, kSaid, After(seconds(60)).wall);
  EXPECT_TRUE(dispatcher.groups().empty());
  EXPECT_FALSE(dispatcher.next_due());
}

// ---- Timers that outlive the process or its configuration

TEST(DispatcherTest, ARestartTakesUpTheRhythm) {
  const config::Route root = Root();
  Dispatcher before(root);
  before.Apply(Firing("a", kStart), kStart);
  EXPECT_EQ(before.TakeChanges(kStart).size(), 1U);
  const Flush flush = before.StartDue(After(seconds(30))).at(0);
  before.Hold(flush.group, {7, 9}, {9});
  before.EndFlush(flush, kSaid, After(seconds(30)));
  const std::vector<Record> records = before.TakeChanges(After(seconds(30)));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_TRUE(before.TakeChanges(After(seconds(31))).empty()) << "nothing changed since";

  // 100 s later, on another monotonic clock.
  const Now reborn{MonoTime(minutes(1)), After(seconds(130)).wall};
  Dispatcher after(root);
  ASSERT_TRUE(after.Restore(records[0], reborn.wall));
  after.Apply(Firing("a", kStart), reborn, /*rebuilding=*/true);
  after.EndRebuild();
  EXPECT_EQ(after.next_due(), reborn.mono + seconds(200));
  EXPECT_EQ(after.groups().begin()->second.held, (std::vector<uint64_t>{7, 9}));
  EXPECT_EQ(after.groups().begin()->second.inhibited, std::vector<uint64_t>{9});
  EXPECT_TRUE(after.groups().begin()->second.flushed);
}

TEST(DispatcherTest, AClockThatWasSetBackKeepsNobodyWaitingLongerThanAnInterval) {
  const config::Route root = Root();
  Dispatcher before(root);
  before.Apply(Firing("a", kStart), kStart);
  before.StartDue(After(seconds(30)));
  const std::vector<Record> records = before.TakeChanges(After(seconds(30)));

  const Now earlier{MonoTime(minutes(1)), kStart.wall - std::chrono::hours(24)};
  Dispatcher after(root);
  ASSERT_TRUE(after.Restore(records.at(0), earlier.wall));
  after.Apply(Firing("a", kStart), earlier, /*rebuilding=*/true);
  EXPECT_EQ(after.next_due(), earlier.mono + minutes(5));
}

TEST(DispatcherTest, TimersOfGroupsThatAreNoMoreAreDeleted) {
  const config::Route root = Root();
  Dispatcher before(root);
  before.Apply(Firing("a", kStart), kStart);
  const std::vector<Record> records = before.TakeChanges(kStart);

  Dispatcher after(root);
  ASSERT_TRUE(after.Restore(records.at(0), kStart.wall));
  after.EndRebuild();
  EXPECT_EQ(after.TakeChanges(kStart),
            (std::vector<Record>{{Table::kGroup, records[0].key, std::nullopt}}));

  before.EndFlush(before.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));
  before.Apply(Resolved("a", After(seconds(40))), After(seconds(40)));
  before.EndFlush(before.StartDue(After(seconds(330))).at(0), kSaid, After(seconds(330)));
  EXPECT_EQ(before.TakeChanges(After(seconds(330))),
            (std::vector<Record>{{Table::kGroup, records[0].key, std::nullopt}}));
}

TEST(DispatcherTest, ChangesOfGroupsThatAreNoMoreAreNotCounted) {
  config::Route root = Root();
  root.group_by = {"alertname"};
  Dispatcher dispatcher(root);
  constexpr int kGroups = 200;
  for (int i = 0; i < kGroups; ++i) dispatcher.Apply(Firing(std::to_string(i), kStart), kStart);
  EXPECT_EQ(dispatcher.changes(), 200U);
  for (const Flush& flush : dispatcher.StartDue(After(seconds(30)))) {
    dispatcher.EndFlush(flush, kSaid, After(seconds(30)));
  }
  EXPECT_EQ(dispatcher.changes(), 200U) << "each once, however often it changed";
  for (int i = 0; i < kGroups; i += 2) {
    dispatcher.Apply(Resolved(std::to_string(i), After(seconds(40))), After(seconds(40)));
  }
  for (const Flush& flush : dispatcher.StartDue(After(seconds(330)))) {
    dispatcher.EndFlush(flush, kSaid, After(seconds(330)));
  }
  EXPECT_EQ(dispatcher.groups().size(), 100U);
  EXPECT_EQ(dispatcher.changes(), 200U) << "a hundred rhythms, and as many deletions";
  const std::vector<Record> records = dispatcher.TakeChanges(After(seconds(330)));
  EXPECT_EQ(records.size(), 200U);
  EXPECT_EQ(std::ranges::count_if(records, [](const Record& one) { return !one.value; }), 100);
  EXPECT_EQ(dispatcher.changes(), 0U);
  EXPECT_TRUE(dispatcher.TakeChanges(After(seconds(331))).empty());
}

TEST(DispatcherTest, AReloadKeepsTheTimersOfStrictGroupsOnly) {
  for (const auto delivery : {config::Delivery::kStrict, config::Delivery::kAlertmanager}) {
    config::Route root = Root();
    root.delivery = delivery;
    Dispatcher before(root);
    before.Apply(Firing("a", kStart), kStart);
    before.EndFlush(before.StartDue(After(seconds(30))).at(0), kSaid, After(seconds(30)));

    Dispatcher after(root);
    after.Adopt(before, After(seconds(100)));
    after.Apply(Firing("a", kStart), After(seconds(100)), /*rebuilding=*/true);
    after.EndRebuild();
    const bool is_strict = delivery == config::Delivery::kStrict;
    EXPECT_EQ(after.next_due(), kStart.mono + seconds(is_strict ? 330 : 100));
    EXPECT_EQ(after.TakeChanges(After(seconds(100))).size(), 1U) << "stored, not deleted";
  }
}

TEST(DispatcherTest, ADamagedTimerIsRefused) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  for (const char* value :
       {"", "{}", "{\"due\":1}", "[1]", "{\"due\":1,\"flushed\":1,\"held\":[]}"}) {
    EXPECT_FALSE(dispatcher.Restore({Table::kGroup, "k", value}, kStart.wall)) << value;
  }
}

// Every combination of what was told and what is: the table of Alertmanager's DedupStage.
TEST(DecideTest, AgreesWithTheDecisionTableOnEverySmallCase) {
  const WallTime now = kStart.wall;
  const std::vector<std::vector<uint64_t>> sets = {{}, {1}, {2}, {1, 2}};
  for (const auto& firing : sets) {
    for (const auto& resolved : sets) {
      for (const auto& told_firing : sets) {
        for (const auto& told_resolved : sets) {
          for (const int flags : {0, 1, 2, 3, 4, 5, 6, 7}) {
            const bool send_resolved = (flags & 1) != 0;
            const bool old = (flags & 2) != 0;
            const bool known = (flags & 4) != 0;
            nflog::Entry entry;
            entry.firing = told_firing;
            entry.resolved = told_resolved;
            entry.at = now - (old ? minutes(61) : minutes(59));
            const Decision decision{
                known ? &entry : nullptr, firing, resolved, send_resolved, minutes(60), now, false};
            const auto missing = [](const auto& part, const auto& whole) {
              return std::ranges::any_of(
                  part, [&](uint64_t x) { return std::ranges::count(whole, x) == 0; });
            };
            std::optional<Reason> want;
            if (!known) {
              if (!firing.empty()) want = Reason::kFirst;
            } else if (missing(firing, told_firing)) {
              want = told_firing.empty() ? Reason::kFirst : Reason::kNewAlerts;
            } else if (firing.empty()) {
              if (!told_firing.empty()) want = Reason::kAllResolved;
            } else if (send_resolved && missing(resolved, told_resolved)) {
              want = Reason::kSomeResolved;
            } else if (old) {
              want = Reason::kRepeat;
            }
            EXPECT_EQ(Decide(decision), want);
          }
        }
      }
    }
  }
}

TEST(DecideTest, AMessageOfUnknownOutcomeIsToldAgainAndItsEndIsTold) {
  nflog::Entry entry;
  entry.attempted = {1};
  const std::vector<uint64_t> none;
  const std::vector<uint64_t> one = {1};
  EXPECT_EQ(Decide({&entry, one, none, true, minutes(60), kStart.wall, false}), Reason::kFirst);
  EXPECT_EQ(Decide({&entry, none, one, true, minutes(60), kStart.wall, false}),
            Reason::kAllResolved);

  // Told, then a recovery of unknown outcome, then it fires again: the receiver may think it over.
  entry.firing = {1};
  entry.at = kStart.wall;
  EXPECT_EQ(Decide({&entry, one, none, true, minutes(60), kStart.wall, false}), Reason::kNewAlerts);
}

TEST(NotificationTest, CommonLabelsAreThoseEveryAlertShares) {
  Notification notification;
  notification.at = kStart.wall;
  notification.alerts = {*Firing("a", kStart), *Resolved("b", kStart)};
  EXPECT_EQ(notification.common_labels(), (labels::LabelSet{{"service", "api"}}));
  EXPECT_TRUE(notification.firing());
  notification.alerts = {*Resolved("b", kStart)};
  EXPECT_FALSE(notification.firing());
}

// Sets of a pool tell what differs from their neighbours, which is all that is looked at then.
TEST(NotificationTest, WhatSetsOfAPoolHaveInCommonIsWhatAnyHave) {
  Rng rng(7);
  for (int round = 0; round < 200; ++round) {
    labels::SetPool pool;
    Notification alone;
    Notification shared;
    for (uint64_t i = 0; i < 6; ++i) {
      if (i == rng.Below(6)) pool = labels::SetPool();  // They came in another message.
      labels::LabelSet::Pairs pairs = {{"alertname", "DeploymentHasNotBeenReadyForLong"}};
      for (const char* name : {"cluster", "pod", "service"}) {
        const uint64_t value = rng.Below(8);
        const bool is_usual = value > 1;
        if (value > 0) pairs.emplace_back(name, is_usual ? "usual" : std::to_string(i));
      }
      alert::Alert& alert = alone.alerts.emplace_back();
      alert.labels = labels::LabelSet(pairs);
      shared.alerts.emplace_back(alert).labels = pool.Share(alert.labels);
    }
    EXPECT_EQ(shared.common_labels(), alone.common_labels()) << round;
  }
}

TEST(BackoffTest, GrowsWithinItsJitterUpToAMinute) {
  Rng rng(7);
  Backoff backoff;
  double base = 0.5;
  for (int i = 0; i < 20; ++i) {
    const double wait = ToSeconds(backoff.Next(&rng));
    EXPECT_GE(wait, base * 0.5 - 1e-6);
    EXPECT_LE(wait, base * 1.5 + 1e-6);
    base = std::min(base * 1.5, 60.0);
  }
}

}  // namespace
}  // namespace watchfire::dispatch
