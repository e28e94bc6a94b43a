// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Summaries of shifts that are sent when others come on call.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/core/core_fixture.h"
#include "pkg/oncall/reader.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// The fixture begins on Monday, 2026-09-21, at 14:13:20 UTC.
constexpr const char* kRoster = R"(
oncall:
  schedules:
    - name: primary
      team: core
      time_zone: UTC
      layers: [{rotation: {start: 2026-09-21 09:00, every: 12 hours, participants: [ada, bo, cem]}}]
      overrides: [{from: 2026-09-22 21:00, to: 2026-09-23 09:00, who: dan}]
    - name: quiet
      time_zone: UTC
      layers: [{rotation: {start: 2026-09-21 09:00, every: 1 week, participants: [ada]}}]
)";

class HandingOverTest : public CoreTest {
 protected:
  HandingOverTest() {
    Use({{"primary", ""}});
    Boot({});
  }

  void Use(std::vector<config::Handoff> handoffs) {
    config_ = TestConfig();
    for (const char* name : {"ada-app", "ada-sms", "bo-app", "cem-app", "chat"}) {
      config_->receivers.push_back({name, {{"webhook", 0, true, false, nullptr}}});
    }
    config_->receivers.push_back({"dan-pager", {{"pagerduty", 0, true, true, nullptr}}});
    config_->oncall.roster =
        std::make_shared<const oncall::Roster>(*oncall::Load({{"o.yml", kRoster}}).roster);
    config_->oncall.contacts = {{"ada", {{"ada-sms", minutes(1)}, {"ada-app", {}}}},
                                {"bo", {{"bo-app", {}}}},
                                {"cem", {{"cem-app", {}}}},
                                {"dan", {{"dan-pager", {}}}}};
    config_->oncall.handoffs = std::move(handoffs);
  }
  // Time goes on to that instant, in one step if nothing is to be done before.
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
    }
  }
  // Who is told now, by receiver; all of it is taken.
  std::vector<std::string> Told(Attempted::Kind how = Attempted::Kind::kDone) {
    std::vector<std::string> told;
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      told.push_back(attempt.notification->receiver);
      last_ = attempt.notification;
      AnswerTo(attempt.id, how, "no");
    }
    return told;
  }
  void Reboot() {
    attempts_.clear();
    batches_.clear();
    Boot(Disk());
    Step();
    Commit();
  }

  std::shared_ptr<const dispatch::Notification> last_;
};

TEST_F(HandingOverTest, WhoComesOnCallIsToldOnceByTheFirstContact) {
  PassTo("2026-09-21T20:59:59Z");
  EXPECT_THAT(Told(), IsEmpty()) << "nor of the shift in which the process began";
  PassTo("2026-09-21T21:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("bo-app"));
  const alert::Alert& alert = last_->alerts.at(0);
  EXPECT_EQ(alert.name(), "OncallHandoff");
  EXPECT_EQ(alert.labels.Get("schedule"), "primary");
  EXPECT_EQ(alert.annotations.Get("summary"),
            "Hand-off of primary, Mon 2026-09-21 21:00 UTC: ada → bo");
  EXPECT_THAT(alert.annotations.Get("description"),
              HasSubstr("\nOverrides within 14 days: 1\n- Tue 2026-09-22 21:00 UTC to Wed "
                        "2026-09-23 09:00 UTC: dan\n"));
  EXPECT_TRUE(last_->firing());
  PassTo("2026-09-22T08:59:59Z");
  EXPECT_THAT(Told(), IsEmpty());
  PassTo("2026-09-22T09:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("cem-app"));
  EXPECT_EQ((Read(kViewStats)->stats->handoffs.at({"primary", "told"})), 2U);
}

TEST_F(HandingOverTest, ANamedReceiverIsToldOfEveryChange) {
  Use({{"primary", "chat"}, {"primary", ""}, {"quiet", "chat"}});
  Boot({});
  PassTo("2026-09-21T21:00:01Z");
  EXPECT_THAT(Told(), UnorderedElementsAre("chat", "bo-app"));
  PassTo("2026-09-22T09:00:01Z");
  EXPECT_THAT(Told(), UnorderedElementsAre("chat", "cem-app"));
}

TEST_F(HandingOverTest, MoreIntegrationsThanThereIsRoomForAreCutAndCounted) {
  Use({{"primary", "chat"}, {"primary", ""}});
  auto& chat = config_->receivers.at(config_->receivers.size() - 2);
  ASSERT_EQ(chat.name, "chat");
  for (int i = 1; i <= static_cast<int>(limits::kHandoffTargets); ++i) {
    chat.integrations.push_back({"webhook", i, true, false, nullptr});
  }
  Boot({});
  PassTo("2026-09-21T21:00:01Z");
  const auto stats = Read(kViewStats)->stats;
  EXPECT_EQ((stats->handoffs.at({"primary", "cut"})), 1U);
  EXPECT_FALSE(stats->handoffs.contains({"primary", "unreachable"}));
}

TEST_F(HandingOverTest, WhoseContactOpensIncidentsIsNotTold) {
  PassTo("2026-09-22T20:00:00Z");
  Told();
  PassTo("2026-09-22T21:00:01Z");
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ((Read(kViewStats)->stats->handoffs.at({"primary", "unreachable"})), 1U);
  PassTo("2026-09-23T09:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("bo-app")) << "after the override";
}

TEST_F(HandingOverTest, NothingLeavesThatIsNotStored) {
  PassTo("2026-09-21T20:59:59Z");
  now_.mono += seconds(2);
  now_.wall += seconds(2);
  Step();
  EXPECT_THAT(attempts_, IsEmpty());
  Commit();
  EXPECT_THAT(attempts_, SizeIs(1));
}

TEST_F(HandingOverTest, ARestartNeitherForgetsNorRepeats) {
  PassTo("2026-09-21T21:00:01Z");
  ASSERT_THAT(attempts_, SizeIs(1));
  const std::string key = attempts_[0].notification->group_key;
  Reboot();
  ASSERT_THAT(attempts_, SizeIs(1)) << "nobody knows whether it was taken";
  EXPECT_EQ(attempts_[0].notification->group_key, key);
  EXPECT_THAT(Told(), ElementsAre("bo-app"));
  Reboot();
  PassTo("2026-09-22T08:00:00Z");
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(HandingOverTest, AChangeWhileNobodyRanIsToldAfterwardsUnlessItIsLongAgo) {
  PassTo("2026-09-21T20:00:00Z");
  now_.wall += hours(3);
  now_.mono += hours(3);
  Reboot();
  EXPECT_THAT(Told(), ElementsAre("bo-app"));
  now_.wall += hours(24 * 7 + 5);  // Two hours into another shift, after fourteen changes.
  now_.mono += hours(24 * 7 + 5);
  Reboot();
  EXPECT_THAT(Told(), SizeIs(1)) << "the last change alone";
}

TEST_F(HandingOverTest, AClockThatIsSetBackRepeatsNothing) {
  PassTo("2026-09-21T21:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("bo-app"));
  now_.wall -= minutes(10);
  Step();
  Commit();
  PassTo("2026-09-21T22:00:00Z");
  EXPECT_THAT(Told(), IsEmpty());
  PassTo("2026-09-22T09:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("cem-app"));
}

TEST_F(HandingOverTest, AClockThatWasDaysAheadIsFollowedBack) {
  now_.wall += hours(24 * 30);
  Step();
  Commit();
  Told();
  now_.wall -= hours(24 * 30);
  Step();
  Commit();
  PassTo("2026-09-21T20:59:59Z");
  EXPECT_THAT(Told(), IsEmpty());
  PassTo("2026-09-21T21:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("bo-app"));
}

// Somebody steps in before the change that was next.
TEST_F(HandingOverTest, AShiftThatAReloadBringsIsHandedOverToo) {
  PassTo("2026-09-21T16:00:00Z");
  Use({{"primary", ""}});
  std::string roster = kRoster;
  const std::string overrides = "overrides: [";
  roster.insert(roster.find(overrides) + overrides.size(),
                "{from: 2026-09-21 18:00, to: 2026-09-21 20:00, who: cem}, ");
  config_->oncall.roster =
      std::make_shared<const oncall::Roster>(*oncall::Load({{"o.yml", roster}}).roster);
  Step({ConfigSwap{config_}});
  Commit();
  PassTo("2026-09-21T18:00:01Z");
  EXPECT_THAT(Told(), ElementsAre("cem-app"));
}

TEST_F(HandingOverTest, AStopWaitsForWhatIsOnItsWay) {
  PassTo("2026-09-21T21:00:01Z");
  Step({Shutdown{}});
  Commit();
  Step();
  Commit();
  ASSERT_THAT(attempts_, SizeIs(1));
  EXPECT_FALSE(core_->idle());
  Told();
  Step();
  Commit();
  EXPECT_TRUE(core_->idle());
}

TEST_F(HandingOverTest, WhatIsNotTakenIsTriedForAnHour) {
  PassTo("2026-09-21T21:00:01Z");
  size_t attempts = 0;
  for (int i = 0; i < 4500; ++i) {
    attempts += Told(Attempted::Kind::kRetry).size();
    Pass(seconds(1));
  }
  EXPECT_GT(attempts, 5U);
  EXPECT_EQ((Read(kViewStats)->stats->handoffs.at({"primary", "expired"})), 1U);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(HandingOverTest, WhatIsRefusedIsGivenUp) {
  PassTo("2026-09-21T21:00:01Z");
  EXPECT_THAT(Told(Attempted::Kind::kFail), SizeIs(1));
  Pass(minutes(2));
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_EQ((Read(kViewStats)->stats->handoffs.at({"primary", "refused"})), 1U);
}

TEST_F(HandingOverTest, AScheduleThatIsNotNamedAnyMoreIsForgotten) {
  Pass(seconds(5));
  EXPECT_TRUE((disk_.contains({Table::kMeta, "handoff/primary"})));
  Use({});
  Step({ConfigSwap{config_}});
  Commit();
  Pass(seconds(3));
  EXPECT_FALSE((disk_.contains({Table::kMeta, "handoff/primary"})));
  PassTo("2026-09-21T21:00:01Z");
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(HandingOverTest, TimeOnCallIsCountedByPersonAndOnce) {
  PassTo("2026-09-21T15:13:20Z");
  const auto before = Read(kViewStats)->stats->oncall_seconds;
  PassTo("2026-09-21T22:00:00Z");
  auto after = Read(kViewStats)->stats->oncall_seconds;
  const auto grown = [&](const LabelValues& labels) {
    const auto found = before.find(labels);
    return after.at(labels) - (found == before.end() ? 0 : found->second);
  };
  EXPECT_DOUBLE_EQ(grown({"core", "ada"}), 20'800) << "15:13:20 to 21:00";
  EXPECT_DOUBLE_EQ(grown({"core", "bo"}), 3600);
  now_.wall += hours(5);  // A clock that steps is no time on call.
  after = Read(kViewStats)->stats->oncall_seconds;
  EXPECT_DOUBLE_EQ(grown({"core", "bo"}), 3600);
}

}  // namespace
}  // namespace watchfire::core
