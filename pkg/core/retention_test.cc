// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What was told longer ago than --data.retention: Alertmanager has forgotten it and tells it anew.

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using ::testing::SizeIs;

class RetentionTest : public CoreTest {
 protected:
  RetentionTest() {
    config_->route.repeat_interval = hours(24);
    Begin();
  }
  void Begin() {
    Options options;
    options.retention = hours(1);
    options.maintenance_interval = minutes(20);
    core_ = std::make_unique<Core>(options, config_);
    EXPECT_THAT(core_->Restore({}, false, now_), testing::IsEmpty());
    Step();
    Fire("ApiDown", "critical", hours(48));
    Pass(seconds(31));
    Answer(Attempted::Kind::kDone);
  }
  dispatch::Reason LastReason() const { return attempts_.back().notification->reason; }
};

TEST_F(RetentionTest, IsToldAnewAtTheFirstFlushAfterTheCleanUp) {
  Pass(minutes(79));  // It is an hour old at 60:31, and is looked for at 80:00.
  EXPECT_THAT(attempts_, SizeIs(1));
  Pass(minutes(1));  // The flush of 80:30.
  ASSERT_THAT(attempts_, SizeIs(2));
  EXPECT_EQ(LastReason(), dispatch::Reason::kFirst) << "nobody remembers that there was another";
  Answer(Attempted::Kind::kDone);
  Pass(minutes(79));
  EXPECT_THAT(attempts_, SizeIs(2));
}

TEST_F(RetentionTest, AnEndIsToldHoweverLongAgoTheBeginningWas) {
  Pass(minutes(79));
  Fire("ApiDown", "critical", Duration::zero());
  Pass(minutes(5));
  ASSERT_THAT(attempts_, SizeIs(2));
  EXPECT_EQ(LastReason(), dispatch::Reason::kAllResolved);
}

TEST_F(RetentionTest, UnderStrictTheIntervalAloneDecides) {
  config_->route.delivery = config::Delivery::kStrict;
  config_->route.exact_repeat = true;
  attempts_.clear();
  Begin();
  Pass(hours(24) - minutes(1));
  EXPECT_THAT(attempts_, SizeIs(1));
  Pass(minutes(2));
  ASSERT_THAT(attempts_, SizeIs(2));
  EXPECT_EQ(LastReason(), dispatch::Reason::kRepeat);
}

// The repetition is due long before the entry expires, and is called that.
TEST_F(RetentionTest, ShortIntervalsRepeatAsEver) {
  config_->route.repeat_interval = minutes(12);
  attempts_.clear();
  Begin();
  Pass(minutes(15));
  ASSERT_THAT(attempts_, SizeIs(2));
  EXPECT_EQ(LastReason(), dispatch::Reason::kRepeat);
}

}  // namespace
}  // namespace watchfire::core
