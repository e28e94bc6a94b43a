// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Core after an Alertmanager: a notification log that names alerts by foreign hashes.

#include <algorithm>

#include "pkg/core/core_fixture.h"
#include "pkg/labels/xxhash.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;

class AdoptionTest : public CoreTest {
 protected:
  // Boots with what Alertmanager told ten minutes ago of the critical alerts `names`.
  void Migrate(const std::vector<std::string>& names) {
    nflog::Entry entry;
    entry.at = now_.wall - minutes(10);
    entry.expires_at = now_.wall + hours(8);
    entry.foreign = nflog::Foreign{{}, {}, entry.at, now_.wall + minutes(15)};
    for (const std::string& name : names) {
      entry.foreign->firing.push_back(labels::NotificationHash(
          {{"alertname", name}, {"service", "api"}, {"severity", "critical"}, {"team", "core"}}));
    }
    std::ranges::sort(entry.foreign->firing);
    Boot({nflog::Encode({"{}:{service=\"api\"}", "on-call", "victorops", 0}, entry)});
  }
  void End(const std::string& name) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{
        {"alertname", name}, {"service", "api"}, {"severity", "critical"}, {"team", "core"}};
    alert.starts_at = now_.wall - hours(1);
    alert.ends_at = alert.updated_at = now_.wall;
    AlertsArrived arrived;
    arrived.alerts.push_back(std::move(alert));
    Step({std::move(arrived)});
    Commit();
  }
};

TEST_F(AdoptionTest, WhatWasToldIsNotToldAgainBeforeItsTime) {
  Migrate({"ApiDown", "ApiSlow"});
  Fire("ApiDown", "critical", hours(9));
  Pass(minutes(6));
  Fire("ApiSlow", "critical", hours(9));
  Pass(minutes(10));
  EXPECT_TRUE(attempts_.empty());

  Boot(Disk());
  Pass(minutes(10));
  EXPECT_TRUE(attempts_.empty()) << "adopted for good";
  Pass(hours(4));
  ASSERT_EQ(attempts_.size(), 1U) << "repeated when repeat_interval after Alertmanager's message";
  EXPECT_EQ(attempts_[0].notification->reason, dispatch::Reason::kRepeat);
}

TEST_F(AdoptionTest, ANewAlertOfTheGroupIsTold) {
  Migrate({"ApiDown"});
  Fire("ApiDown", "critical");
  Fire("ApiSlow", "critical");
  Pass(seconds(40));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(attempts_[0].notification->reason, dispatch::Reason::kNewAlerts);
  EXPECT_EQ(attempts_[0].notification->alerts.size(), 2U);
}

TEST_F(AdoptionTest, TheEndIsToldThoughNothingIsKnownOfTheBeginning) {
  Migrate({"ApiDown"});
  End("Other");
  Pass(minutes(1));
  EXPECT_TRUE(attempts_.empty()) << "of that one nobody was told";
  End("ApiDown");
  Pass(minutes(1));
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(attempts_[0].notification->reason, dispatch::Reason::kAllResolved);
  EXPECT_EQ(attempts_[0].notification->alerts.size(), 1U);
  Answer(Attempted::Kind::kDone);
  End("ApiDown");
  Pass(minutes(10));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(AdoptionTest, AnAlertThatEndedWhileMutedIsNewsWhenItComesBack) {
  Migrate({"ApiDown"});
  silence::Draft draft;
  draft.matchers = {{matcher::Op::kEqual, "alertname", "ApiDown"}};
  draft.ends_at = now_.wall + minutes(12);
  SilenceCommand command;
  command.what = draft;
  Step({command});
  Commit();
  Fire("ApiDown", "critical");
  Pass(minutes(2));
  End("ApiDown");
  Pass(minutes(11));
  EXPECT_TRUE(attempts_.empty());
  Fire("ApiDown", "critical");
  Pass(minutes(6));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(AdoptionTest, ASilenceWithSeveralSetsMutesByAnyOfThem) {
  silence::Draft draft;
  draft.matcher_sets = {{{matcher::Op::kEqual, "alertname", "Other"}},
                        {{matcher::Op::kEqual, "alertname", "ApiDown"}}};
  draft.ends_at = now_.wall + hours(1);
  SilenceCommand command;
  command.what = draft;
  Fire("ApiDown", "critical");
  Step({command});
  Commit();
  Pass(minutes(2));
  EXPECT_TRUE(attempts_.empty());
}

}  // namespace
}  // namespace watchfire::core
