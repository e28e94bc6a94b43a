// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A receiver that does not take its pages, and the one that stands in for it.

#include <algorithm>

#include "pkg/core/explanation.h"
#include "pkg/core/strict_fixture.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<config::Config> FallbackConfig(config::Delivery delivery) {
  std::shared_ptr<config::Config> config = StrictConfig();
  config->route.delivery = delivery;
  config->route.exact_repeat = delivery == config::Delivery::kStrict;
  config->receivers.push_back({"spare", {{"webhook", 0, true, false, nullptr}}});
  config->receivers[0].fallback = "spare";
  config->receivers[0].fallback_after = minutes(5);
  return config;
}

// In both modes: what on-call says to its messages is set, spare takes all of its own.
class FallbackTest : public StrictTest, public testing::WithParamInterface<config::Delivery> {
 protected:
  FallbackTest() {
    config_ = FallbackConfig(GetParam());
    Boot({});
  }

  enum class OnCall { kTakes, kRetry, kRefuses, kHangs };

  // Lets time pass; returns what spare was told.
  std::vector<std::string> Spare(Duration span, OnCall on_call) {
    std::vector<std::string> said;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.front();
        attempts_.erase(attempts_.begin());
        if (attempt.notification->receiver == "spare") {
          said.push_back(Text(attempt));
          AnswerTo(attempt.id, Attempted::Kind::kDone);
        } else {
          ++tried_;
          if (on_call == OnCall::kTakes) AnswerTo(attempt.id, Attempted::Kind::kDone);
          if (on_call == OnCall::kRetry) AnswerTo(attempt.id, Attempted::Kind::kRetry, "503");
          if (on_call == OnCall::kRefuses) AnswerTo(attempt.id, Attempted::Kind::kFail, "404");
          if (on_call == OnCall::kHangs) hung_.push_back(attempt.id);
        }
      }
    }
    return said;
  }
  uint64_t Fallbacks() {
    Stats stats = *Read(kViewStats)->stats;
    return stats.fallbacks[{"on-call", "spare"}];
  }

  std::vector<DeliveryId> hung_;
  size_t tried_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Deliveries, FallbackTest, BothDeliveries(), DeliveryName);

TEST_P(FallbackTest, APageThatIsNotTakenGoesToTheFallbackOnce) {
  Fire("A", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(seconds(30) + minutes(5) - seconds(2), OnCall::kRetry), IsEmpty());
  EXPECT_THAT(Spare(seconds(10), OnCall::kRetry), ElementsAre("+A"));
  EXPECT_THAT(Spare(std::chrono::hours(2), OnCall::kRetry), IsEmpty()) << "once";
  EXPECT_EQ(Fallbacks(), 1U);
  EXPECT_GT(tried_, 50U) << "on-call is tried all the while";
}

TEST_P(FallbackTest, WhileTheReceiverTakesItsPagesItHearsNothing) {
  Fire("A", "critical");
  EXPECT_THAT(Spare(minutes(20), OnCall::kTakes), IsEmpty());
  End("A", "critical");
  EXPECT_THAT(Spare(minutes(20), OnCall::kTakes), IsEmpty());
  EXPECT_EQ(Fallbacks(), 0U);
}

TEST_P(FallbackTest, AReceiverThatWasDownForLessIsEnough) {
  Fire("A", "critical");
  EXPECT_THAT(Spare(minutes(4), OnCall::kRetry), IsEmpty());
  EXPECT_THAT(Spare(minutes(20), OnCall::kTakes), IsEmpty());
}

TEST_P(FallbackTest, ARefusedPageGoesThereAtOnce) {
  Fire("A", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(seconds(33), OnCall::kRefuses), ElementsAre("+A"));
  EXPECT_THAT(Spare(std::chrono::hours(2), OnCall::kRefuses), IsEmpty()) << "once";
}

TEST_P(FallbackTest, AHungReceiverIsOneThatDoesNotTakeIt) {
  Fire("A", "critical");
  EXPECT_THAT(Spare(minutes(6), OnCall::kHangs), ElementsAre("+A"));
}

TEST_P(FallbackTest, ItHearsOfWhatIsNewAndOfEnds) {
  Fire("A", "critical", std::chrono::hours(3));
  Spare(minutes(6), OnCall::kRetry);
  Fire("B", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("+A+B"));
  End("A", "critical");
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("+B-A"));
  End("B", "critical");
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("-B"));
  EXPECT_THAT(Spare(minutes(30), OnCall::kRetry), IsEmpty());
}

TEST_P(FallbackTest, WhenTheReceiverIsBackOnlyTheEndsAreLeftToTell) {
  Fire("A", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("+A"));
  EXPECT_THAT(Spare(minutes(6), OnCall::kTakes), IsEmpty());
  Fire("B", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(minutes(6), OnCall::kTakes), IsEmpty()) << "on-call takes B";
  EXPECT_THAT(Spare(std::chrono::hours(5), OnCall::kTakes), ElementsAre("-A"))
      << "all expired; of B it knows nothing, and nothing was repeated meanwhile";
}

TEST_P(FallbackTest, WhatItWasNeverToldItHearsNoEndOf) {
  Fire("A", "critical");
  Spare(minutes(3), OnCall::kRetry);
  End("A", "critical");
  EXPECT_THAT(Spare(minutes(30), OnCall::kRetry), IsEmpty());
}

TEST_P(FallbackTest, ARestartNeitherRepeatsNorStartsOver) {
  Fire("A", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(minutes(3), OnCall::kRetry), IsEmpty());
  Restart(seconds(30));
  EXPECT_THAT(Spare(minutes(1), OnCall::kRetry), IsEmpty());
  Restart(seconds(30));
  EXPECT_THAT(Spare(seconds(40), OnCall::kRetry), ElementsAre("+A"))
      << "owed for five minutes, though no life lasted as long";
  Restart(seconds(30));
  EXPECT_THAT(Spare(minutes(20), OnCall::kRetry), IsEmpty());
  End("A", "critical");
  Pass(seconds(2));  // What changes is written within a second.
  Restart(seconds(30));
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("-A"));
}

// kill -9 between the request and the record: the same dedup key says it again.
TEST_P(FallbackTest, AFallbackPageInDoubtIsSaidAgainUnderItsKey) {
  Fire("A", "critical", std::chrono::hours(3));
  Spare(minutes(5), OnCall::kRetry);
  std::string group_key;
  for (int i = 0; i < 60 && group_key.empty(); ++i) {
    Pass(seconds(1));
    for (const Attempt& attempt : attempts_) {
      if (attempt.notification->receiver == "spare") group_key = attempt.notification->group_key;
    }
  }
  ASSERT_NE(group_key, "") << "it is on the wire";
  Restart(seconds(1));
  EXPECT_EQ(Spare(seconds(10), OnCall::kRetry), std::vector<std::string>{"+A"});
  EXPECT_EQ(group_key, R"({}:{service="api"})");
}

TEST_P(FallbackTest, AReloadForgetsNoDebt) {
  Fire("A", "critical", std::chrono::hours(3));
  Spare(minutes(3), OnCall::kRetry);
  auto other = std::make_shared<config::Config>(*config_);
  other->receivers[0].fallback_after = minutes(4);
  Step({ConfigSwap{other}});
  EXPECT_THAT(Spare(minutes(2), OnCall::kRetry), ElementsAre("+A"));
  Step({ConfigSwap{config_}});
  EXPECT_THAT(Spare(minutes(20), OnCall::kRetry), IsEmpty());
}

TEST_P(FallbackTest, WhatIsMutedIsNotPagedThereEither) {
  Fire("A", "critical", std::chrono::hours(3));
  Spare(minutes(2), OnCall::kRetry);
  Silence("A", std::chrono::hours(1));
  EXPECT_THAT(Spare(minutes(50), OnCall::kRetry), IsEmpty());
  EXPECT_THAT(Spare(minutes(14), OnCall::kTakes), IsEmpty()) << "the old debt is over";
}

// A chat that is down is no reason to wake somebody, as long as the pager works.
TEST_P(FallbackTest, OnlyPagersCountWhereThereAreSome) {
  config_->receivers[0].integrations.push_back({"webhook", 0, true, false, nullptr});
  Boot({});
  Fire("A", "critical");
  for (int i = 0; i < 60 * 12; ++i) {
    Pass(seconds(1));
    while (!attempts_.empty()) {
      const Attempt attempt = attempts_.back();
      attempts_.pop_back();
      EXPECT_EQ(attempt.notification->receiver, "on-call");
      const bool pages = attempt.notification->integration == "victorops";
      AnswerTo(attempt.id, pages ? Attempted::Kind::kDone : Attempted::Kind::kFail);
    }
  }
}

TEST_P(FallbackTest, ItsPageBelongsToTheSameIncident) {
  config_->receivers[1].integrations[0].pages = true;
  Boot({});
  Fire("A", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("+A"));
  const auto incidents = Read(kViewIncidents)->incidents;
  ASSERT_EQ(incidents.size(), 1U);
  EXPECT_EQ(incidents.begin()->second->receiver, "on-call");
  EXPECT_NE(incidents.begin()->second->paged_at, kNoTime) << "somebody was paged";
}

TEST_P(FallbackTest, TheExplanationSaysWhy) {
  Fire("A", "critical", std::chrono::hours(3));
  Spare(minutes(6), OnCall::kRetry);
  ExplainRequest request;
  request.matchers = {Equal("alertname", "A")};
  Step({request});
  const std::shared_ptr<const Explained> answer = replies_.back().explained;
  ASSERT_NE(answer, nullptr);
  ASSERT_EQ(answer->alerts.size(), 1U);
  const Explanation& alert = answer->alerts[0];
  ASSERT_EQ(alert.groups.size(), 2U);
  EXPECT_EQ(alert.groups[1].fallback_of, "on-call");
  std::string text;
  for (const Link& link : Chain(alert, *answer)) text += link.what + ": " + link.text + "\n";
  EXPECT_THAT(text, HasSubstr("fallback: sent to spare, for victorops of on-call has not taken it "
                              "since 2026-09-21T14:13:50Z: 503\n"));
  EXPECT_THAT(text, HasSubstr("route: to receiver spare, the fallback of on-call, group "
                              "{}:{service=\"api\"}\n"));
  EXPECT_THAT(Summary(alert), HasSubstr("told to webhook of spare"));
}

TEST_P(FallbackTest, WhoIsConfiguredNoLongerCannotHearTheEnd) {
  Fire("A", "critical", std::chrono::hours(3));
  EXPECT_THAT(Spare(minutes(6), OnCall::kRetry), ElementsAre("+A"));
  auto other = std::make_shared<config::Config>(*config_);
  other->receivers[0].fallback.clear();
  Step({ConfigSwap{other}});
  const bool is_strict = GetParam() == config::Delivery::kStrict;
  Stats stats = *Read(kViewStats)->stats;
  EXPECT_EQ(stats.ends_untold[{"webhook"}], is_strict ? 1U : 0U);
}

}  // namespace
}  // namespace watchfire::core
