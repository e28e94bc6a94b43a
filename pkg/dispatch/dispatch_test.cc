// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/dispatch/backoff.h"
#include "pkg/dispatch/decide.h"
#include "pkg/dispatch/group.h"

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

TEST(DispatcherTest, AnOldAlertDoesNotWaitAgain) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), After(seconds(31)));
  EXPECT_EQ(dispatcher.StartDue(After(seconds(31))).size(), 1U);
}

TEST(DispatcherTest, AResolvedAlertOpensNoGroup) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Resolved("a", kStart), kStart);
  EXPECT_FALSE(dispatcher.next_due());
}

TEST(DispatcherTest, ATickDuringAFlushRunsRightAfterIt) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  const Flush flush = dispatcher.StartDue(After(seconds(30))).at(0);
  EXPECT_TRUE(dispatcher.StartDue(After(seconds(330))).empty());
  dispatcher.EndFlush(flush, false, After(seconds(340)));
  EXPECT_EQ(dispatcher.StartDue(After(seconds(340))).size(), 1U);
}

TEST(DispatcherTest, ResolvedAlertsLeaveOnlyAfterASuccessfulFlushThatCarriedThem) {
  const config::Route root = Root();
  Dispatcher dispatcher(root);
  dispatcher.Apply(Firing("a", kStart), kStart);
  dispatcher.EndFlush(dispatcher.StartDue(After(seconds(30))).at(0), true, After(seconds(31)));
  dispatcher.Apply(Resolved("a", After(seconds(60))), After(seconds(60)));

  Flush flush = dispatcher.StartDue(After(seconds(330))).at(0);
  dispatcher.EndFlush(flush, false, After(seconds(331)));
  EXPECT_EQ(dispatcher.groups().size(), 1U);

  flush = dispatcher.StartDue(After(seconds(630))).at(0);
  dispatcher.Apply(Firing("a", After(seconds(631))), After(seconds(631)));
  dispatcher.EndFlush(flush, true, After(seconds(632)));
  EXPECT_EQ(dispatcher.groups().size(), 1U) << "it fired again during the flush";

  dispatcher.Apply(Resolved("a", After(seconds(640))), After(seconds(640)));
  flush = dispatcher.StartDue(After(seconds(930))).at(0);
  dispatcher.EndFlush(flush, true, After(seconds(931)));
  EXPECT_TRUE(dispatcher.groups().empty());
  EXPECT_FALSE(dispatcher.next_due());
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
  notification.alerts.erase(notification.alerts.begin());
  EXPECT_FALSE(notification.firing());
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
