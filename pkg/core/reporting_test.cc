// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reports that are sent when a week is over.

#include <algorithm>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kDue = "2026-09-28T09:00:00Z";

// The fixture begins on Monday, 2026-09-21, at 14:13:20 UTC.
class ReportingTest : public CoreTest {
 protected:
  ReportingTest() : CoreTest(WithReport(true)) {}

  static std::shared_ptr<config::Config> WithReport(bool is_wanted) {
    std::shared_ptr<config::Config> config = TestConfig();
    config->receivers.push_back(
        {"managers",
         {{"webhook", 0, true, false, nullptr}, {"pagerduty", 0, true, true, nullptr}}});
    config::Report report;
    report.receiver = "managers";
    report.location.name = "UTC";
    if (is_wanted) config->reports = {report};
    return config;
  }
  // Time goes on to that instant, in one step if nothing is to be done before. Pages are taken.
  void PassTo(const char* text) {
    const WallTime to = ParseTime(text).value();
    while (now_.wall < to) {
      const Duration left = to - now_.wall;
      const auto deadline = core_->next_deadline(now_);
      const Duration step =
          deadline ? std::clamp<Duration>(*deadline - now_.mono, seconds(1), left) : left;
      now_.mono += step;
      now_.wall += step;
      Step();
      Commit();
      Sort();
    }
  }
  // Reports on their way; everything else is taken.
  void Sort() {
    for (Attempt& attempt : std::exchange(attempts_, {})) {
      if (attempt.notification->receiver == "managers") {
        told_.push_back(std::move(attempt));
      } else {
        AnswerTo(attempt.id, Attempted::Kind::kDone);
      }
    }
  }
  // How many are told now, which end like that.
  size_t Told(Attempted::Kind how = Attempted::Kind::kDone) {
    Sort();
    const std::vector<Attempt> told = std::exchange(told_, {});
    for (const Attempt& attempt : told) {
      last_ = attempt.notification;
      AnswerTo(attempt.id, how, "no");
    }
    return told.size();
  }
  void Reboot() {
    attempts_.clear();
    batches_.clear();
    told_.clear();
    Boot(Disk());
    Step();
    Commit();
  }
  uint64_t Counted(const std::string& outcome) {
    const auto reports = Read(kViewStats)->stats->reports;
    const auto found = reports.find({"managers", outcome});
    return found == reports.end() ? 0 : found->second;
  }

  std::vector<Attempt> told_;
  std::shared_ptr<const dispatch::Notification> last_;
};

TEST_F(ReportingTest, AWeekIsToldOnceWhenItIsOver) {
  Fire("ApiDown", "critical", minutes(600));
  PassTo("2026-09-28T08:59:59Z");
  EXPECT_EQ(Told(), 0U) << "nor of the week in which the process began, while that goes on";
  PassTo("2026-09-28T09:00:01Z");
  EXPECT_EQ(Told(), 1U) << "by the webhook; at the pager somebody would have to close it";
  EXPECT_EQ(last_->integration, "webhook");
  EXPECT_TRUE(last_->firing());
  const alert::Alert& alert = last_->alerts.at(0);
  EXPECT_EQ(alert.name(), "AlertingReport");
  EXPECT_EQ(alert.annotations.Get("summary"),
            "Alerting report, Mon 2026-09-21 09:00 to Mon 2026-09-28 09:00");
  EXPECT_THAT(std::string(alert.annotations.Get("description")),
              HasSubstr("\nIncidents opened: 1 (0)\nPages: 1 (0)\n"));
  PassTo("2026-10-05T08:59:59Z");
  EXPECT_EQ(Told(), 0U);
  PassTo("2026-10-05T09:00:01Z");
  EXPECT_EQ(Told(), 1U);
  EXPECT_THAT(std::string(last_->alerts.at(0).annotations.Get("description")),
              HasSubstr("\nIncidents opened: 0 (1)\n"));
  EXPECT_EQ(Counted("told"), 2U);
}

TEST_F(ReportingTest, NothingLeavesThatIsNotStored) {
  PassTo("2026-09-28T08:59:59Z");
  now_.mono += seconds(2);
  now_.wall += seconds(2);
  Step();
  EXPECT_THAT(attempts_, IsEmpty());
  Commit();
  EXPECT_THAT(attempts_, SizeIs(1));
}

// Each looks at every incident, and pages are not to wait for all of them.
TEST_F(ReportingTest, OneTextATurnIsWritten) {
  config_ = WithReport(true);
  config_->reports.push_back(config_->reports.front());
  config_->reports.back().team = "core";
  Boot({});
  PassTo("2026-09-28T08:59:59Z");
  now_.mono += seconds(2);
  now_.wall += seconds(2);
  Step();
  ASSERT_FALSE(batches_.empty());
  const BatchId id = batches_.back();
  batches_.clear();
  Step({Committed{id, {}, Duration::zero()}});
  EXPECT_THAT(attempts_, SizeIs(1));
  EXPECT_LE(core_->next_deadline(now_).value(), now_.mono) << "the other one is next";
  Step();
  EXPECT_THAT(attempts_, SizeIs(2));
}

TEST_F(ReportingTest, ARestartNeitherForgetsNorRepeats) {
  PassTo("2026-09-28T09:00:01Z");
  ASSERT_THAT(told_, SizeIs(1));
  const std::string key = told_[0].notification->group_key;
  Reboot();
  ASSERT_EQ(Told(), 1U) << "nobody knows whether it was taken";
  EXPECT_EQ(last_->group_key, key);
  Reboot();
  PassTo("2026-10-01T00:00:00Z");
  EXPECT_EQ(Told(), 0U);
}

TEST_F(ReportingTest, OneThatWasDueWhileNobodyRanIsToldAfterwards) {
  PassTo("2026-09-27T00:00:00Z");
  now_.wall += hours(24 * 5);
  now_.mono += hours(24 * 5);
  Reboot();
  EXPECT_EQ(Told(), 1U);
  EXPECT_EQ(last_->alerts.at(0).starts_at, ParseTime(kDue).value());
  now_.wall += hours(24 * 21);
  now_.mono += hours(24 * 21);
  Reboot();
  EXPECT_EQ(Told(), 1U) << "the last of three";
  EXPECT_EQ(last_->alerts.at(0).starts_at, ParseTime("2026-10-19T09:00:00Z").value());
}

TEST_F(ReportingTest, AClockThatIsSetBackRepeatsNothing) {
  PassTo("2026-09-28T09:00:01Z");
  EXPECT_EQ(Told(), 1U);
  for (const Duration back : {Duration(minutes(10)), Duration(hours(24 * 3))}) {
    now_.wall -= back;
    Step();
    Commit();
    PassTo("2026-09-28T10:00:00Z");
    EXPECT_EQ(Told(), 0U);
  }
  PassTo("2026-10-05T09:00:01Z");
  EXPECT_EQ(Told(), 1U);
}

TEST_F(ReportingTest, WhatIsNotTakenIsTriedAgainAndWhatIsRefusedIsNot) {
  PassTo("2026-09-28T09:00:01Z");
  EXPECT_EQ(Told(Attempted::Kind::kRetry), 1U);
  PassTo("2026-09-28T09:05:00Z");
  EXPECT_EQ(Told(Attempted::Kind::kFail), 1U);
  EXPECT_EQ(Counted("refused"), 1U);
  PassTo("2026-09-28T10:00:00Z");
  EXPECT_EQ(Told(), 0U);
}

TEST_F(ReportingTest, WhatIsNotTakenForADayIsGivenUp) {
  PassTo("2026-09-28T09:00:01Z");
  EXPECT_EQ(Told(Attempted::Kind::kRetry), 1U);
  now_.wall += hours(25);
  now_.mono += hours(25);
  Step();
  Commit();
  EXPECT_EQ(Told(), 0U);
  EXPECT_EQ(Counted("expired"), 1U);
}

TEST_F(ReportingTest, AStopWaitsForWhatIsOnItsWay) {
  PassTo("2026-09-28T09:00:01Z");
  Step({Shutdown{}});
  Commit();
  Step();
  Commit();
  EXPECT_FALSE(core_->idle());
  EXPECT_EQ(Told(), 1U);
  Step();
  Commit();
  EXPECT_TRUE(core_->idle());
}

TEST_F(ReportingTest, OneThatIsWantedNoMoreIsForgotten) {
  const std::pair<Table, std::string> key = {Table::kMeta,
                                             "report/week monday 09:00 UTC to managers"};
  Pass(seconds(5));
  EXPECT_TRUE(disk_.contains(key));
  config_ = WithReport(false);
  Step({ConfigSwap{config_}});
  Commit();
  Pass(seconds(3));
  EXPECT_FALSE(disk_.contains(key));
  PassTo("2026-09-28T09:00:01Z");
  EXPECT_EQ(Told(), 0U);
}

}  // namespace
}  // namespace watchfire::core
