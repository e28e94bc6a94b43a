// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What came through Opsgenie's API and is over is kept as long as incidents are, to be looked up.

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;

class ClosedAlertsTest : public CoreTest {
 protected:
  ClosedAlertsTest() {
    config_->inbound.keys["opsgenie"].emplace_back().labels = labels::LabelSet{{"team", "core"}};
    config_->incidents.retention = hours(200);
    Boot({});
  }

  // From a client of `source`, over at once.
  uint64_t Close(const std::string& source, const std::string& entity, const std::string& team) {
    alert::Alert alert;
    alert.labels = labels::LabelSet{{"alertname", "Disk"},
                                    {"entity_id", entity},
                                    {"service", "db"},
                                    {"source", source},
                                    {"team", team}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + hours(1);
    AlertsArrived arrived;
    arrived.alerts.push_back(alert);
    Step({arrived});
    Commit();
    now_.mono += seconds(1);
    now_.wall += seconds(1);
    arrived.alerts[0].ends_at = arrived.alerts[0].updated_at = now_.wall;
    Step({arrived});
    Commit();
    return alert.fingerprint();
  }
  bool Has(uint64_t fingerprint) { return Read(kViewAlerts)->Find(fingerprint) != nullptr; }
  void Jump(Duration span) {
    now_.mono += span;
    now_.wall += span;
    Step();
    Commit();
    Pass(minutes(31));  // Whatever groups there were are over: the next cleaning finds none.
  }
};

TEST_F(ClosedAlertsTest, StayForAsLongAsIncidentsDo) {
  const uint64_t ours = Close("opsgenie", "disk-7", "core");
  const uint64_t others = Close("opsgenie", "disk-7", "web");
  const uint64_t pager = Close("pagerduty", "disk-7", "core");
  Jump(hours(3));
  EXPECT_TRUE(Has(ours));
  EXPECT_FALSE(Has(others)) << "no key has those labels";
  EXPECT_FALSE(Has(pager)) << "nobody can ask for it";
  const std::vector<Record> disk = Disk();
  Boot(disk);
  Jump(hours(100));
  EXPECT_TRUE(Has(ours)) << "over a restart";
  EXPECT_TRUE(attempts_.empty()) << "and nobody is told of it";
  Jump(hours(100));
  EXPECT_FALSE(Has(ours));
}

// After a start that lost writes the ends of all old alerts are told, for nobody knows better:
// once.
TEST_F(ClosedAlertsTest, NoReloadMakesGroupsOfThem) {
  const uint64_t ours = Close("opsgenie", "disk-7", "core");
  Jump(hours(3));
  const std::vector<Record> disk = Disk();
  core_ = std::make_unique<Core>(Options{"http://wf", hours(120), minutes(30), 1}, config_);
  EXPECT_THAT(core_->Restore(disk, /*lost_writes=*/true, now_), testing::IsEmpty());
  Pass(minutes(1));
  ASSERT_EQ(attempts_.size(), 1U);
  Answer(Attempted::Kind::kDone);
  attempts_.clear();
  Jump(hours(130));  // What was told is forgotten.
  Step({ConfigSwap{config_}});
  Commit();
  Pass(minutes(1));
  EXPECT_TRUE(Has(ours));
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(ClosedAlertsTest, WhatFiresAgainIsPagedAlsoAfterAReload) {
  Close("opsgenie", "disk-7", "core");
  Jump(hours(3));
  Boot(Disk());
  Pass(minutes(1));
  const uint64_t other = Close("pagerduty", "disk-8", "core");
  alert::Alert alert = *Read(kViewAlerts)->Find(other)->alert;
  alert.labels = alert.labels.With({{"source", "opsgenie"}, {"entity_id", "disk-7"}});
  alert.starts_at = alert.updated_at = now_.wall;
  alert.ends_at = now_.wall + hours(1);
  AlertsArrived arrived;
  arrived.alerts.push_back(alert);
  Step({arrived});
  Commit();
  Step({ConfigSwap{config_}});
  Commit();
  Pass(minutes(6));
  EXPECT_FALSE(attempts_.empty());
}

TEST_F(ClosedAlertsTest, WithoutAKeyOfOpsgenieNoneStays) {
  const uint64_t ours = Close("opsgenie", "disk-7", "core");
  config_->inbound.keys.clear();
  Jump(hours(3));
  EXPECT_FALSE(Has(ours));
}

}  // namespace
}  // namespace watchfire::core
