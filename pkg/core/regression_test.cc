// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Faults that were found and mended; each stays mended.

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class RegressionTest : public CoreTest {
 protected:
  void Post(const char* name, const char* service, const char* severity, Duration lasts) {
    alert::Alert alert;
    alert.labels =
        labels::LabelSet{{"alertname", name}, {"service", service}, {"severity", severity}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + lasts;
    AlertsArrived arrived;
    arrived.alerts.push_back(alert);
    Step({std::move(arrived)});
    Commit();
  }
  // The pager refuses everything for a while.
  void Outage(Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      for (; answered_ < attempts_.size(); ++answered_) {
        Attempted refused;
        refused.kind = Attempted::Kind::kRetry;
        refused.id = attempts_[answered_].id;
        refused.why = "503";
        refused.failure = "serverError";
        Step({refused});
        Commit();
      }
    }
  }
  size_t answered_ = 0;
};

TEST_F(RegressionTest, AnAlertThatEndedWhileInhibitedIsPagedWhenItComesBack) {
  auto config = TestConfig();
  config->inhibit_rules = {
      {"", {Equal("alertname", "NodeGone")}, {Equal("severity", "warning")}, {}}};
  core_ = std::make_unique<Core>(Options{}, config);
  core_->Restore({}, false, now_);
  Post("ApiSlow", "api", "warning", minutes(10));
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  Post("NodeGone", "node", "critical", minutes(20));
  Pass(seconds(31));
  Answer(Attempted::Kind::kDone);
  Pass(minutes(25));  // Both are over; the end of ApiSlow was inhibited.
  Answer(Attempted::Kind::kDone);
  const size_t before = attempts_.size();
  Post("ApiSlow", "api", "warning", minutes(60));
  Pass(seconds(31));
  EXPECT_EQ(attempts_.size(), before + 1);
}

TEST_F(RegressionTest, ARecoveryOwedSurvivesGarbageCollectionReloadAndRestart) {
  Fire("ApiDown", "critical", minutes(2));
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  answered_ = attempts_.size();
  Outage(minutes(65));
  Step({ConfigSwap{TestConfig()}});
  Commit();
  EXPECT_EQ(Read(kViewStats)->stats->groups, 1U);
  Outage(minutes(1));
  Boot(Disk());
  attempts_.clear();
  Pass(minutes(1));
  ASSERT_FALSE(attempts_.empty());
  EXPECT_FALSE(attempts_.back().notification->firing());
}

TEST_F(RegressionTest, AReloadThatRepairsAReceiverFreesThePage) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kRetry, "cannot resolve host");
  const auto repaired = TestConfig();
  Step({ConfigSwap{repaired}});
  Commit();
  Pass(seconds(31));  // A new group waits its group_wait at most.
  EXPECT_EQ(attempts_.back().config, repaired);
}

TEST_F(RegressionTest, StoppingDoesNotWaitForAPageThatIsBackingOff) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kRetry, "503");
  Step({Shutdown{}});
  Commit();
  EXPECT_TRUE(core_->idle());
}

TEST_F(RegressionTest, AClockThatWasAheadSilencesNoRepeat) {
  Fire("ApiDown", "critical", std::chrono::hours(24 * 365));
  now_.wall += std::chrono::hours(24);
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  now_.wall -= std::chrono::hours(24);
  Pass(minutes(6));
  EXPECT_EQ(attempts_.size(), 2U);
}

TEST_F(RegressionTest, ARefreshRebuildsOneShardForReaders) {
  for (int i = 0; i < 300; ++i) {
    Post(("Alert" + std::to_string(i)).c_str(), "api", "warning", minutes(60));
  }
  const auto before = Read(kViewAlerts);
  Post("Alert7", "api", "warning", minutes(61));
  const auto after = Read(kViewAlerts);
  size_t same = 0;
  const size_t shards = before->alerts.size();
  for (size_t i = 0; i < shards; ++i) same += before->alerts[i] == after->alerts[i] ? 1 : 0;
  EXPECT_EQ(same, shards - 1);
}

TEST_F(RegressionTest, ARestartResolvesNothingAgain) {
  Fire("ApiDown", "critical", seconds(5));
  Pass(seconds(10));
  Boot(Disk());
  for (const Effect& effect : Step()) {
    const auto* log = std::get_if<Log>(&effect);
    EXPECT_FALSE(log != nullptr && log->message == "alert: resolved");
  }
}

TEST_F(RegressionTest, StrangersLabelsMakeNoSeriesWithoutEnd) {
  for (int i = 0; i < 1500; ++i) {
    Post("X", ("service-" + std::to_string(i)).c_str(), "warning", minutes(60));
  }
  EXPECT_LE(Read(kViewStats)->stats->episodes.size(), kSeriesMax + 1);
}

}  // namespace
}  // namespace watchfire::core
