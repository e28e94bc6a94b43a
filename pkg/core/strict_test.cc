// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The delivery contract: each promise of `delivery: strict`, beside what happens without it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/strict_fixture.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- (a) What was told firing is told resolved.

TEST_F(StrictTest, TheEndOfASilencedAlertIsTold) {
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  Silence("A", hours(2));
  EXPECT_THAT(Said(minutes(10)), IsEmpty());
  End("A", "critical");
  EXPECT_THAT(Said(minutes(5)), ElementsAre("-A")) << "though it is silenced still";
  EXPECT_TRUE(ReadGroups().empty());
}

TEST_F(StrictTest, TheEndOfAnInhibitedAlertIsTold) {
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+Warn"));
  Fire("Crit", "critical");
  EXPECT_THAT(Said(minutes(5)), ElementsAre("+Crit"));
  End("Warn", "warning");
  EXPECT_THAT(Said(minutes(6)), ElementsAre("+Crit-Warn"));
}

TEST_F(StrictTest, WithoutTheContractThatEndGoesUntold) {
  config_->route.delivery = config::Delivery::kAlertmanager;
  Boot({});
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  Silence("A", hours(2));
  End("A", "critical");
  EXPECT_THAT(Said(minutes(15)), IsEmpty());
}

TEST_F(StrictTest, TheEndThatCameWhileWeWereDownIsTold) {
  Fire("A", "critical", minutes(7));
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  Pass(seconds(2));
  Restart(minutes(20));
  EXPECT_THAT(Said(minutes(11)), ElementsAre("-A")) << "nobody repeats it within resolve_timeout";
}

TEST_F(StrictTest, NoEndIsToldOfWhatWasNeverTold) {
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  Silence("B", hours(1));
  Fire("B", "critical");
  Pass(minutes(1));
  End("B", "critical");
  EXPECT_THAT(Said(minutes(11)), IsEmpty());
  ASSERT_THAT(ReadGroups(), SizeIs(1));
  EXPECT_THAT(*ReadGroups()[0].alerts, SizeIs(1));
}

TEST_F(StrictTest, WhatOthersAreToldMeanwhileDoesNotMakeUsForget) {
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  Silence("A", minutes(30));
  Fire("B", "critical");
  EXPECT_THAT(Said(minutes(5)), ElementsAre("+B")) << "A is silenced";
  End("A", "critical");
  EXPECT_THAT(Said(minutes(5)), ElementsAre("+B-A"));
  End("B", "critical");
  EXPECT_THAT(Said(minutes(5)), ElementsAre("-B"));
}

TEST_F(StrictTest, WhoWantsNoEndsIsToldOfEachBeginning) {
  config_->receivers[0].integrations[0].send_resolved = false;
  Boot({});
  Fire("A", "critical");
  Fire("B", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A+B"));
  End("B", "critical");
  EXPECT_THAT(Said(minutes(6)), IsEmpty());
  Fire("B", "critical");
  EXPECT_THAT(Said(minutes(6)), ElementsAre("+A+B"));
}

// ---- (b) When a mute ends the page goes out.

TEST_F(StrictTest, TheEndOfASilencePagesAtOnce) {
  Silence("A", minutes(8));
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(8) - seconds(1)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
  EXPECT_THAT(Said(minutes(30)), IsEmpty());
}

TEST_F(StrictTest, ASilenceThatSomebodyEndsPagesAtOnceAlsoWhatWasToldBefore) {
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  const std::string id = Silence("A", hours(8));
  EXPECT_THAT(Said(minutes(20)), IsEmpty());
  Step({SilenceCommand{RequestId{8}, id}});
  Commit();
  EXPECT_THAT(TakeAll(), ElementsAre("+A")) << "and not in four hours";
}

TEST_F(StrictTest, TheEndOfAnInhibitionPagesAfterGroupWait) {
  Fire("Crit", "critical");
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+Crit"));
  End("Crit", "critical");
  EXPECT_THAT(Said(seconds(29)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+Warn-Crit"));
}

TEST_F(StrictTest, WhatEndsWithItsSourceIsNotPaged) {
  Fire("Crit", "critical");
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+Crit"));
  End("Crit", "critical");
  Pass(seconds(20));
  End("Warn", "warning");
  EXPECT_THAT(Said(minutes(6)), ElementsAre("-Crit"));
}

TEST_F(StrictTest, WhatWasToldBeforeAnInhibitionIsNotSaidAgainBehindIt) {
  config_->route.group_by = {"alertname"};
  Boot({});
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+Warn"));
  Fire("Crit", "critical");
  EXPECT_THAT(Said(minutes(7)), ElementsAre("+Crit"));
  End("Crit", "critical");
  EXPECT_THAT(Said(minutes(7)), ElementsAre("-Crit")) << "the receiver knows of the warning";
}

TEST_F(StrictTest, AnExpiredSourceInhibitsNoLonger) {
  Fire("Crit", "critical", minutes(3));
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(3) + seconds(29)), ElementsAre("+Crit"));
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+Warn-Crit"));
}

TEST_F(StrictTest, TheEndOfAMuteIntervalPagesAtOnce) {
  timeinterval::TimeInterval interval;  // The clock stands at 14:13:20 UTC.
  interval.times = timeinterval::Ranges{timeinterval::ParseTimes("14:00", "14:20").value()};
  config_->time_intervals["lunch"] = {interval};
  config_->route.mute_time_intervals = {"lunch"};
  Boot({});
  Fire("A", "critical");
  EXPECT_THAT(Said(seconds(399)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
}

TEST_F(StrictTest, AMuteThatEndsWithinGroupWaitChangesNothing) {
  Silence("A", seconds(10));
  Fire("A", "critical");
  EXPECT_THAT(Said(seconds(29)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
}

TEST_F(StrictTest, AReloadThatTakesTheInhibitionAwayPagesSoon) {
  Fire("Crit", "critical");
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+Crit"));
  const auto config = StrictConfig();
  config->inhibit_rules.clear();
  Step({ConfigSwap{config}});
  Commit();
  EXPECT_THAT(Said(seconds(30)), ElementsAre("+Crit+Warn"));
}

TEST_F(StrictTest, AMuteThatEndedWhileWeWereDownPagesAtOnce) {
  Silence("A", minutes(8));
  Fire("A", "critical");
  Pass(minutes(2));
  Restart(minutes(7));
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
}

// ---- (c) Restarts and reloads neither flood nor forget nor reset timers.

TEST_F(StrictTest, ARestartKeepsTheRhythm) {
  Fire("A", "critical");
  EXPECT_THAT(Said(seconds(60)), ElementsAre("+A"));
  Fire("B", "critical");
  Pass(seconds(2));
  Restart(seconds(60));
  EXPECT_THAT(Said(seconds(207)), IsEmpty()) << "due at 330 s";
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A+B"));
}

TEST_F(StrictTest, AReloadKeepsTheRhythmAndTheWaitOfNewGroups) {
  Fire("A", "critical");
  Pass(seconds(20));
  Step({ConfigSwap{StrictConfig()}});
  EXPECT_THAT(Said(seconds(9)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
  Fire("B", "critical");
  Pass(seconds(100));
  Step({ConfigSwap{StrictConfig()}});
  EXPECT_THAT(Said(seconds(199)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A+B"));
}

TEST_F(StrictTest, AReloadHelpsAPageThatIsBeingRetried) {
  Fire("A", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kRetry, "503");
  attempts_.clear();
  Step({ConfigSwap{StrictConfig()}});
  Commit();
  EXPECT_THAT(TakeAll(), ElementsAre("+A"));
}

TEST_F(StrictTest, AReloadWhileAPageIsOnTheWireLooksAgainWhenItsAnswerComes) {
  Fire("A", "critical");
  Pass(seconds(30));
  const Attempt first = attempts_.at(0);
  attempts_.clear();
  Step({ConfigSwap{StrictConfig()}});
  Pass(seconds(5));
  EXPECT_THAT(attempts_, IsEmpty());
  AnswerTo(first.id, Attempted::Kind::kFail, "400");
  EXPECT_THAT(TakeAll(), ElementsAre("+A")) << "the new configuration may do better";
}

TEST_F(StrictTest, AReloadWhileAPageIsOnTheWireIsNotDeafToAnAnswerToTryAgain) {
  Fire("A", "critical");
  Pass(seconds(30));
  const Attempt first = attempts_.at(0);
  attempts_.clear();
  const auto repaired = StrictConfig();
  Step({ConfigSwap{repaired}});
  AnswerTo(first.id, Attempted::Kind::kRetry, "time-out");
  Commit();
  ASSERT_THAT(attempts_, SizeIs(1));
  EXPECT_EQ(attempts_[0].config, repaired) << "where the old one leads nobody may be";
}

TEST_F(StrictTest, APageThatWaitedAtAnOrderlyStopIsSaidRightAfterTheRestart) {
  Fire("A", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kRetry, "503");
  Step({Shutdown{}});
  Commit();
  attempts_.clear();
  Restart(seconds(10));
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
}

TEST_F(StrictTest, APageInDoubtIsSaidAgainRightAfterTheRestart) {
  Fire("A", "critical");
  Pass(seconds(40));
  ASSERT_THAT(attempts_, SizeIs(1)) << "sent, and never answered";
  Restart(seconds(10));
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
}

// ---- (d) A slow receiver holds up nobody.

class TwoReceiversTest : public StrictTest {
 protected:
  TwoReceiversTest() {
    config_->receivers[0].integrations.push_back({"webhook", 0, true, false, nullptr});
    Boot({});
  }
  std::vector<Attempt> Take(const std::string& kind) {
    std::vector<Attempt> taken;
    for (const Attempt& attempt : attempts_) {
      if (attempt.notification->integration == kind) taken.push_back(attempt);
    }
    std::erase_if(attempts_, [&](const Attempt& attempt) {
      return attempt.notification->integration == kind;
    });
    return taken;
  }
};

TEST_F(TwoReceiversTest, TheOtherGoesOnBeingTold) {
  Fire("A", "critical");
  Pass(seconds(30));
  const std::vector<Attempt> hanging = Take("webhook");
  ASSERT_THAT(hanging, SizeIs(1));
  AnswerTo(Take("victorops").at(0).id, Attempted::Kind::kDone);

  Fire("B", "critical");
  Pass(minutes(5));
  const std::vector<Attempt> told = Take("victorops");
  ASSERT_THAT(told, SizeIs(1)) << "the webhook's hanging message stops nobody";
  EXPECT_EQ(Text(told[0]), "+A+B");
  EXPECT_THAT(Take("webhook"), IsEmpty());
  AnswerTo(hanging[0].id, Attempted::Kind::kDone);
  const std::vector<Attempt> late = Take("webhook");
  ASSERT_THAT(late, SizeIs(1)) << "as soon as it answered, it hears the rest";
  EXPECT_EQ(Text(late[0]), "+A+B");
}

TEST_F(TwoReceiversTest, WhatIsNewGoesIntoTheMessageThatWaits) {
  config_->route.group_interval = minutes(2);
  Boot({});
  Fire("A", "critical");
  Pass(seconds(30));
  AnswerTo(Take("victorops").at(0).id, Attempted::Kind::kDone);
  const Attempt refused = Take("webhook").at(0);
  Attempted outcome{Attempted::Kind::kRetry, refused.id, "503", "serverError", minutes(4)};
  Step({outcome});
  Fire("B", "critical");
  Pass(minutes(2) - seconds(1));
  EXPECT_THAT(Take("webhook"), IsEmpty());
  Pass(seconds(3));
  const std::vector<Attempt> fresh = Take("webhook");
  ASSERT_FALSE(fresh.empty());
  EXPECT_EQ(Text(fresh.back()), "+A+B");
}

TEST_F(TwoReceiversTest, WhatOneStillOwesStaysInTheGroup) {
  Fire("A", "critical");
  Pass(seconds(30));
  const Attempt hanging = Take("webhook").at(0);
  AnswerTo(Take("victorops").at(0).id, Attempted::Kind::kDone);
  End("A", "critical");
  Pass(minutes(5));
  EXPECT_EQ(Text(Take("victorops").at(0)), "-A");
  ASSERT_THAT(ReadGroups(), SizeIs(1));
  AnswerTo(hanging.id, Attempted::Kind::kDone);
  EXPECT_EQ(Text(Take("webhook").at(0)), "-A");
}

TEST_F(StrictTest, ADeliveryHasItsOwnDeadline) {
  config_->route.group_interval = seconds(20);
  Boot({});
  Fire("A", "critical");
  Pass(seconds(30));
  EXPECT_EQ(attempts_.at(0).timeout, minutes(5));
  config_->receivers[0].deadline = seconds(90);
  attempts_.clear();
  Boot({});
  Fire("A", "critical");
  Pass(seconds(30));
  EXPECT_EQ(attempts_.at(0).timeout, seconds(90));
}

TEST_F(StrictTest, AnUnchangedMessageGoesOnBeingTried) {
  config_->route.group_interval = seconds(20);
  Boot({});
  Fire("A", "critical");
  Pass(seconds(30));
  const Attempt first = attempts_.at(0);
  attempts_.clear();
  Step({Attempted{Attempted::Kind::kRetry, first.id, "429", "rateLimited", minutes(2)}});
  Pass(seconds(119));
  EXPECT_THAT(attempts_, IsEmpty()) << "the vendor asked for two minutes";
  Pass(seconds(2));
  ASSERT_THAT(attempts_, SizeIs(1));
  EXPECT_EQ(attempts_[0].id, first.id) << "the same delivery";
}

TEST_F(StrictTest, APageThatEndedBeforeItCouldLeaveIsNotSent) {
  config_->route.group_interval = minutes(2);
  Boot({});
  Fire("A", "critical");
  Pass(seconds(30));
  Step({Attempted{Attempted::Kind::kRetry, attempts_.at(0).id, "503", "serverError", minutes(4)}});
  attempts_.clear();
  Pass(minutes(1));
  End("A", "critical");
  EXPECT_THAT(Said(minutes(10)), IsEmpty());
  EXPECT_TRUE(ReadGroups().empty());
  for (const auto& [id, incident] : Read(kViewIncidents)->incidents) {
    EXPECT_EQ(incident->state, incident::State::kResolved);
  }
}

// ---- (e) Repetition to the second, and a prompt end where that is wished for.

TEST_F(StrictTest, ARepetitionComesWhenItIsDue) {
  config_->route.repeat_interval = minutes(12);
  Boot({});
  Fire("A", "critical", hours(8));
  EXPECT_THAT(Said(seconds(30)), ElementsAre("+A"));
  EXPECT_THAT(Said(minutes(12)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
  EXPECT_THAT(Said(minutes(12)), IsEmpty());
  EXPECT_THAT(Said(seconds(1)), ElementsAre("+A"));
}

TEST_F(StrictTest, APromptEndIsToldAtOnce) {
  config_->route.prompt_resolved = true;
  Boot({});
  Fire("A", "critical");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+A"));
  End("A", "critical");
  EXPECT_THAT(TakeAll(), ElementsAre("-A"));
}

// ---- (f) Every source of an inhibition counts.

TEST_F(StrictTest, AnInhibitionLastsAsLongAsAnySource) {
  Fire("Crit1", "critical");
  Fire("Crit2", "critical");
  Fire("Warn", "warning");
  EXPECT_THAT(Said(minutes(1)), ElementsAre("+Crit1+Crit2"));
  End("Crit2", "critical");
  EXPECT_THAT(Said(minutes(6)), ElementsAre("+Crit1-Crit2"));
  End("Crit1", "critical");
  EXPECT_THAT(Said(seconds(30)), ElementsAre("+Warn-Crit1"));
}

}  // namespace
}  // namespace watchfire::core
