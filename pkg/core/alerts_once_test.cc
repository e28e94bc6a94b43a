// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that nobody says again: who sent them is answered when they are stored.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/core_fixture.h"
#include "pkg/core/receipt_names.h"

namespace watchfire::core {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class AlertsOnceTest : public CoreTest {
 protected:
  static std::string NameOf(int number) { return "A" + std::to_string(number); }
  alert::Alert Make(const std::string& name) const {
    alert::Alert alert;
    alert.labels = labels::LabelSet{{"alertname", name}};
    alert.starts_at = alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + minutes(60);
    return alert;
  }
  void Send(const std::string& name, const std::string& receipt = "") {
    AlertsOnce event;
    event.reply_to = RequestId{3};
    event.receipt = receipt;
    event.alerts.source = "datadog";
    event.alerts.alerts = {Make(name)};
    replies_.clear();
    Step({std::move(event)});
  }
  size_t Known() {
    size_t count = 0;
    for (const auto& shard : Read(kViewAlerts)->alerts) count += shard->size();
    return count;
  }
};

TEST_F(AlertsOnceTest, TheAnswerComesWhenTheyAreStored) {
  Send("A", "message");
  EXPECT_THAT(replies_, IsEmpty()) << "a crash now would lose it";
  const auto disk = Disk();
  Commit();
  ASSERT_THAT(replies_, SizeIs(1));
  EXPECT_TRUE(replies_[0].status);
  Boot(disk);
  EXPECT_EQ(Known(), 1U);
  Send("A", "message");
  Commit();
  EXPECT_EQ(replies_.at(0).status.error().code, Code::kConflict);
}

// SNS keeps no order, and says nothing twice of its own accord.
TEST_F(AlertsOnceTest, WhatALaterStateOvertookCountsNot) {
  const WallTime at = now_.wall;
  Send("A", OrderedReceipt("one", "thing", at));
  Commit();
  EXPECT_TRUE(replies_.at(0).status);
  Send("B", OrderedReceipt("two", "thing", at - seconds(1)));
  Commit();
  EXPECT_EQ(replies_.at(0).status.error().message, kOvertaken);
  Boot(Disk());
  EXPECT_EQ(Known(), 1U);
  Send("B", OrderedReceipt("three", "thing", at - seconds(1)));
  Commit();
  EXPECT_EQ(replies_.at(0).status.error().message, kOvertaken) << "also after a restart";
  Send("B", OrderedReceipt("two", "thing", at - seconds(1)));
  Commit();
  EXPECT_EQ(replies_.at(0).status.error().message, kCameBefore);
  Send("B", OrderedReceipt("four", "other", at - seconds(1)));
  Commit();
  EXPECT_TRUE(replies_.at(0).status) << "of another thing";
  EXPECT_EQ(Known(), 2U);
}

TEST_F(AlertsOnceTest, WhatTheStoreNeverSawCountsWhenItComesAgain) {
  Send("A", "message");
  Boot({});
  Send("A", "message");
  Commit();
  EXPECT_TRUE(replies_.at(0).status);
  EXPECT_EQ(Known(), 1U);
}

TEST_F(AlertsOnceTest, AStormBeforeItKeepsItNotFromItsReceipt) {
  AlertsArrived storm;
  for (size_t i = 0; i < 2 * Outbox::kAlertsPerBatch; ++i) {
    storm.alerts.push_back(Make("storm-" + std::to_string(i)));
  }
  Step({std::move(storm)});
  Send("A", "message");
  const auto disk = Disk();
  Boot(disk);
  Send("A", "message");
  Commit();
  EXPECT_EQ(replies_.at(0).status.error().code, Code::kConflict) << "the receipt is stored";
  bool is_known = false;
  for (const auto& shard : Read(kViewAlerts)->alerts) {
    for (const AlertRow& row : *shard) is_known |= row.alert->name() == "A";
  }
  EXPECT_TRUE(is_known) << "and what it is for";
}

TEST_F(AlertsOnceTest, WhatIsNotStoredIsRefusedThoughItPages) {
  Send("A");
  Commit(Fail(Code::kUnavailable, "disk full"));
  ASSERT_THAT(replies_, SizeIs(1));
  EXPECT_EQ(replies_[0].status.error().code, Code::kUnavailable);
  EXPECT_EQ(Known(), 1U);
  Send("A", "message");  // Nothing new of the alert, which waits still.
  now_.mono += Outbox::kRetryAfter;
  Step();
  Commit(Fail(Code::kUnavailable, "disk full"));
  ASSERT_THAT(replies_, SizeIs(1));
  EXPECT_EQ(replies_[0].status.error().code, Code::kUnavailable);
  now_.mono += Outbox::kRetryAfter;
  Step();
  Send("A", "message");
  EXPECT_THAT(replies_, IsEmpty()) << "a repetition waits for what it repeats";
  Commit();
  ASSERT_THAT(replies_, SizeIs(1));
  EXPECT_EQ(replies_[0].status.error().code, Code::kConflict);
}

}  // namespace
}  // namespace watchfire::core
