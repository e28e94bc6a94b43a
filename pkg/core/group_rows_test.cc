// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/group_rows.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"
#include "pkg/config/config.h"
#include "pkg/dispatch/group.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class GroupRowsTest : public testing::Test {
 protected:
  GroupRowsTest() {
    config_->route.receiver = "on-call";
    config_->route.group_by = {"service"};
    config_->route.key = config_->route.id = "{}";
    config_->route.group_wait = minutes(1);
    config_->route.group_interval = minutes(5);
  }

  void Apply(size_t group, size_t alert, bool is_over = false) {
    auto made = std::make_shared<alert::Alert>();
    made->labels = labels::LabelSet{{"alertname", "A" + std::to_string(alert)},
                                    {"service", "s" + std::to_string(group)}};
    made->starts_at = made->updated_at = now_.wall;
    made->ends_at = is_over ? now_.wall : now_.wall + hours(1);
    dispatcher_.Apply(made, now_);
  }
  // Each group is flushed: what was over is gone.
  void Flush() {
    now_.mono += minutes(5);
    now_.wall += minutes(5);
    for (const dispatch::Flush& flush : dispatcher_.StartDue(now_)) {
      dispatcher_.EndFlush(
          flush, [](uint64_t) { return false; }, now_);
    }
  }
  GroupShards Publish() { return rows_.Publish(dispatcher_.groups(), mutes_); }
  bool Prepare(size_t rows) { return rows_.Prepare(dispatcher_.groups(), mutes_, rows); }

  // Of each group the labels, the key and the alerts.
  static std::vector<std::string> Texts(const GroupShards& shards) {
    std::vector<std::string> texts;
    for (const auto& shard : shards) {
      for (const GroupRow& row : *shard) {
        std::string text = row.labels.ToString() + " " + row.key + " " + row.receiver;
        for (const uint64_t alert : *row.alerts) text += " " + std::to_string(alert);
        texts.push_back(text);
      }
    }
    return texts;
  }
  // The same when nothing was known of any of them.
  std::vector<std::string> Fresh() const {
    return Texts(GroupRows().Publish(dispatcher_.groups(), mutes_));
  }

  Now now_{MonoTime(hours(1)), FromNanos(1'790'000'000'000'000'000)};
  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  dispatch::Dispatcher dispatcher_{config_->route};
  RouteMutes mutes_{config_};
  GroupRows rows_;
};

TEST_F(GroupRowsTest, ViewsShareWhatDidNotChange) {
  for (size_t group = 0; group < 200; ++group) Apply(group, 1);
  const GroupShards first = Publish();
  ASSERT_THAT(first, SizeIs(4));
  for (size_t group = 0; group < 200; ++group) Apply(group, 1);
  EXPECT_EQ(Publish(), first) << "alerts that are repeated change no group";
  Apply(0, 2);
  const GroupShards second = Publish();
  ASSERT_THAT(second, SizeIs(4));
  EXPECT_NE(second[0], first[0]);
  EXPECT_THAT(*second[0]->at(0).alerts, SizeIs(2));
  EXPECT_THAT(*first[0]->at(0).alerts, SizeIs(1)) << "who has read it keeps it";
  EXPECT_EQ(second[0]->at(1).alerts, first[0]->at(1).alerts);
  for (size_t shard = 1; shard < 4; ++shard) EXPECT_EQ(second[shard], first[shard]);
}

TEST_F(GroupRowsTest, GroupsThatAreGoneAreNotShown) {
  for (size_t group = 0; group < 200; ++group) Apply(group, 1, group != 150);
  EXPECT_THAT(Texts(Publish()), SizeIs(200));
  Flush();
  const GroupShards left = Publish();
  ASSERT_THAT(left, SizeIs(1));
  ASSERT_THAT(*left[0], SizeIs(1));
  EXPECT_EQ(left[0]->at(0).labels, (labels::LabelSet{{"service", "s150"}}));
  Apply(150, 1, /*is_over=*/true);
  Flush();
  EXPECT_THAT(Publish(), IsEmpty());
}

TEST_F(GroupRowsTest, ManyAreMadeInParts) {
  for (size_t group = 0; group < 1000; ++group) {
    for (size_t alert = 0; alert < 3; ++alert) Apply(group, alert);
  }
  size_t parts = 1;
  while (!Prepare(400)) ++parts;
  EXPECT_GE(parts, 5U);
  EXPECT_LE(parts, 20U);
  const GroupShards all = Publish();
  EXPECT_EQ(Texts(all), Fresh());
  EXPECT_TRUE(Prepare(2'000)) << "to look at what did not change is little";
  EXPECT_EQ(Publish(), all);
}

TEST_F(GroupRowsTest, WhatChangesBetweenPartsIsSeen) {
  for (size_t group = 0; group < 300; ++group) Apply(group, 1);
  Prepare(100);
  Apply(0, 2);
  for (size_t group = 0; group < 64; ++group) Apply(group + 64, 1, /*is_over=*/true);
  Flush();
  Prepare(100);
  Apply(1000, 1);
  EXPECT_EQ(Texts(Publish()), Fresh());
}

TEST_F(GroupRowsTest, GroupsThatComeMeanwhileAreNotWaitedFor) {
  size_t groups = 300;
  for (size_t group = 0; group < groups; ++group) Apply(group, 1);
  size_t parts = 1;
  while (!Prepare(64)) {
    ASSERT_LT(++parts, 10U);
    for (size_t i = 0; i < 100; ++i) Apply(groups++, 1);
  }
  EXPECT_EQ(Texts(Publish()), Fresh());
}

TEST_F(GroupRowsTest, WhateverHappensTheyAreAsIfMadeAnew) {
  Rng rng(1);
  for (int turn = 0; turn < 2'000; ++turn) {
    Apply(rng.Below(300), rng.Below(3), rng.Below(3) == 0);
    if (rng.Below(50) == 0) Flush();
    if (rng.Below(5) == 0) Prepare(rng.Below(300));
    if (rng.Below(20) == 0) {
      ASSERT_EQ(Texts(Publish()), Fresh()) << turn;
    }
  }
}

TEST_F(GroupRowsTest, LabelsOfTheRouteAreKeptWhileTheGroupIsWhatItWas) {
  config_->route.labels = {{"owner", "{{ .GroupLabels.service }}"}};
  Apply(1, 1);
  Apply(2, 1);
  const GroupShards first = Publish();
  Apply(1, 1);
  const GroupShards second = Publish();
  EXPECT_NE(second[0]->at(0).route_labels, first[0]->at(0).route_labels)
      << "they may tell what the alert says of itself";
  EXPECT_EQ(second[0]->at(1).route_labels, first[0]->at(1).route_labels);
  config_->route.labels.clear();
  EXPECT_EQ(GroupRows().Publish(dispatcher_.groups(), mutes_)[0]->at(0).route_labels, nullptr);
}

// The clock stands at 2026-09-21 14:13:20 UTC.
TEST_F(GroupRowsTest, TheyTellWhichIntervalsMuteThem) {
  timeinterval::TimeInterval interval;
  interval.times = timeinterval::Ranges{timeinterval::ParseTimes("14:00", "14:20").value()};
  config_->time_intervals["hours"] = {interval};
  config_->route.mute_time_intervals = {"hours"};
  Apply(1, 1);
  EXPECT_THAT(Publish()[0]->at(0).muted_by, IsEmpty()) << "not looked at yet";
  mutes_.Refresh(now_.wall);
  EXPECT_THAT(Publish()[0]->at(0).muted_by, ElementsAre("hours"));
  mutes_.Refresh(now_.wall + minutes(10));
  EXPECT_THAT(Publish()[0]->at(0).muted_by, IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
