// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Time that people exclude: nobody is paged for it, and it is stored.

#include <algorithm>

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::shared_ptr<config::Config> WithSlo() {
  std::shared_ptr<config::Config> config = TestConfig();
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "api";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_ratio_query = "ratio{{.window}}";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  config->slos = {slo};
  return config;
}

class ExcludingTest : public CoreTest {
 protected:
  ExcludingTest() : CoreTest(WithSlo()) {}

  // Lets time pass; half of everything is bad, unless `bad_` says otherwise.
  void Run(Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += seconds(5);
      now_.wall += seconds(5);
      std::vector<Event> events;
      do {
        std::vector<Event> next;
        for (const Effect& effect : Step(std::move(events))) {
          if (const auto* log = std::get_if<Log>(&effect)) logs_.push_back(log->message);
          const auto* query = std::get_if<RunQuery>(&effect);
          if (query == nullptr) continue;
          next.emplace_back(
              QueryDone{query->id, promql::Vector{{{}, query->at, bad_}}, Duration::zero()});
        }
        events = std::move(next);
      } while (!events.empty());
      Commit();
    }
  }
  ExclusionCommand Exclude(Duration span) const {
    ExclusionCommand command;
    command.reply_to = RequestId{6};
    command.what =
        slo::ExclusionDraft{{"shop-cart"}, "", now_.wall, now_.wall + span, "new disks", "ada"};
    return command;
  }
  ExclusionCommand TakeBack(uint64_t id) const {
    ExclusionCommand command;
    command.reply_to = RequestId{6};
    command.what = EndExclusion{id, "bo"};
    return command;
  }
  Reply AnswerOf(ExclusionCommand command) {
    replies_.clear();
    Step({std::move(command)});
    if (replies_.empty()) Commit();
    EXPECT_THAT(replies_, SizeIs(1));
    return replies_.empty() ? Reply() : replies_.back();
  }
  size_t Logged(const std::string& message) const {
    return static_cast<size_t>(std::ranges::count(logs_, message));
  }

  std::vector<std::string> logs_;
  double bad_ = 0.5;
};

TEST_F(ExcludingTest, NobodyIsPagedWhileItHolds) {
  const Reply reply = AnswerOf(Exclude(hours(1)));
  ASSERT_TRUE(reply.status.has_value()) << reply.status.error().message;
  EXPECT_EQ(reply.exclusion_id, 1U);
  Run(minutes(30));
  EXPECT_EQ(Logged("alert: firing"), 0U);
  const auto holding = Read(kViewSlos)->excluded.at(0);
  ASSERT_TRUE(holding.has_value());
  EXPECT_EQ(holding->reason, "new disks");
  ASSERT_TRUE(AnswerOf(TakeBack(1)).status.has_value());
  Run(minutes(3));
  EXPECT_EQ(Logged("alert: firing"), 1U);
  EXPECT_FALSE(Read(kViewSlos)->excluded.at(0).has_value());
  const auto view = Read(kViewExclusions);
  ASSERT_THAT(view->exclusions, SizeIs(1));
  EXPECT_EQ(view->exclusions[0].ended_by, "bo");
}

TEST_F(ExcludingTest, WhatIsAnsweredIsStored) {
  Step({Exclude(hours(1))});
  EXPECT_THAT(replies_, IsEmpty()) << "not before it is on the disk";
  // Nor is who asks again.
  Step({Exclude(hours(1))});
  EXPECT_THAT(replies_, IsEmpty());
  Commit();
  ASSERT_THAT(replies_, SizeIs(2));
  EXPECT_EQ(replies_[0].exclusion_id, 1U);
  EXPECT_EQ(replies_[1].exclusion_id, 1U);
  Boot(Disk());
  Run(minutes(30));
  EXPECT_EQ(Logged("alert: firing"), 0U);
  ASSERT_TRUE(AnswerOf(TakeBack(1)).status.has_value());
  Boot(Disk());
  Run(minutes(5));
  EXPECT_EQ(Logged("alert: firing"), 1U);
}

TEST_F(ExcludingTest, WhatIsOverEarlyKeepsWhatHasPassed) {
  AnswerOf(Exclude(hours(5)));
  Run(minutes(30));
  const WallTime end = std::chrono::ceil<std::chrono::minutes>(now_.wall);
  ExclusionCommand over = TakeBack(1);
  std::get<EndExclusion>(over.what).keeps_past = true;
  ASSERT_TRUE(AnswerOf(over).status.has_value());
  EXPECT_EQ(AnswerOf(over).status.error().code, Code::kConflict);
  Boot(Disk());
  const auto view = Read(kViewExclusions);
  ASSERT_THAT(view->exclusions, SizeIs(1));
  EXPECT_EQ(view->exclusions[0].draft.end, end);
  EXPECT_EQ(view->exclusions[0].shortened_by, "bo");
  EXPECT_EQ(view->exclusions[0].ended_at, kNoTime);
}

TEST_F(ExcludingTest, NobodyHadToBePagedForIt) {
  AnswerOf(Exclude(hours(1)));
  Run(minutes(50));
  bad_ = 0;
  Run(minutes(60));
  EXPECT_EQ(Read(kViewStats)->stats->slo_losses.at({"no"}), 0U);
}

TEST_F(ExcludingTest, AReloadKeepsIt) {
  AnswerOf(Exclude(hours(1)));
  Step({ConfigSwap{WithSlo()}});
  Run(minutes(30));
  EXPECT_EQ(Logged("alert: firing"), 0U);
}

TEST_F(ExcludingTest, WhatIsWrongIsAnsweredAtOnce) {
  ExclusionCommand unknown = Exclude(hours(1));
  std::get<slo::ExclusionDraft>(unknown.what).slos = {"shop-card"};
  EXPECT_EQ(AnswerOf(unknown).status.error().code, Code::kNotFound);
  EXPECT_EQ(AnswerOf(TakeBack(7)).status.error().code, Code::kNotFound);
  EXPECT_THAT(Read(kViewExclusions)->exclusions, IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
