// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/heartbeat/heartbeat.h"

#include <chrono>
#include <map>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::heartbeat {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr Now kStart{MonoTime(seconds(1000)), WallTime(seconds(1'700'000'000))};

config::Heartbeat Nightly() {
  config::Heartbeat heartbeat;
  heartbeat.name = "nightly";
  heartbeat.every = minutes(5);
  heartbeat.labels = labels::LabelSet{{"team", "storage"}, {"severity", "warning"}};
  heartbeat.annotations = labels::LabelSet{{"runbook_url", "https://r.example"}};
  return heartbeat;
}

config::Heartbeat Watchdog() {
  config::Heartbeat heartbeat;
  heartbeat.name = "prometheus";
  heartbeat.every = minutes(2);
  heartbeat.matchers = {
      matcher::Matcher::Create(matcher::Op::kEqual, "alertname", "Watchdog").value()};
  return heartbeat;
}

class HeartbeatTest : public ::testing::Test {
 protected:
  void Use(const config::Heartbeat& heartbeat) {
    watch_ = std::make_unique<Watch>(std::vector{heartbeat}, Terms{"http://wf", {}});
  }
  void Pass(Duration span) {
    now_.mono += span;
    now_.wall += span;
  }
  // Lets time pass, looking whenever there is something to see.
  std::vector<alert::Alert> Wait(Duration span) {
    const MonoTime end = now_.mono + span;
    std::vector<alert::Alert> sent;
    while (true) {
      for (const Record& record : Take(&sent)) records_.push_back(record);
      const MonoTime due = *watch_->next_due();
      if (due > end) break;
      Pass(std::max(due - now_.mono, Duration::zero()));
    }
    Pass(end - now_.mono);
    return sent;
  }
  std::vector<Record> Take(std::vector<alert::Alert>* sent) {
    Watch::Outcome outcome = watch_->Advance(now_);
    for (alert::Alert& alert : outcome.send) sent->push_back(std::move(alert));
    return std::move(outcome.records);
  }

  Now now_ = kStart;
  std::unique_ptr<Watch> watch_;
  std::vector<Record> records_;
};

TEST_F(HeartbeatTest, WhoeverIsHeardInTimeIsNoAlert) {
  Use(Nightly());
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(Wait(minutes(6) - Watch::kTick), IsEmpty());
    EXPECT_TRUE(watch_->Ping("nightly", now_));
  }
  EXPECT_FALSE(watch_->Ping("weekly", now_));
  EXPECT_THAT(records_, IsEmpty());
  EXPECT_EQ(watch_->rows().at(0).seen, now_.wall);
}

TEST_F(HeartbeatTest, SilenceFiresUntilItIsBroken) {
  Use(Nightly());
  EXPECT_THAT(Wait(minutes(6) - seconds(1)), IsEmpty());
  const std::vector<alert::Alert> sent = Wait(minutes(10) - seconds(5));
  ASSERT_THAT(sent, SizeIs(10)) << "once a minute";
  const WallTime since = kStart.wall + minutes(6);
  for (size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(sent[i].labels.ToString(),
              R"({alertname="HeartbeatMissing", heartbeat="nightly", severity="warning", )"
              R"(team="storage"})");
    EXPECT_EQ(sent[i].starts_at, since);
    EXPECT_EQ(sent[i].ends_at, since + minutes(i) + Watch::kValid);
  }
  EXPECT_EQ(sent[0].annotations.Get("summary"), "Heartbeat nightly is missing");
  EXPECT_EQ(sent[0].annotations.Get("runbook_url"), "https://r.example");
  EXPECT_EQ(watch_->rows().at(0).missing_since, since);
  ASSERT_THAT(records_, SizeIs(1));

  EXPECT_TRUE(watch_->Ping("nightly", now_));
  const WallTime back = now_.wall;
  const std::vector<alert::Alert> end = Wait(minutes(1));
  ASSERT_THAT(end, SizeIs(1));
  EXPECT_EQ(end[0].labels, sent[0].labels);
  EXPECT_EQ(end[0].ends_at, back);
  ASSERT_THAT(records_, SizeIs(2));
  EXPECT_EQ(records_[1], (Record{Table::kMeta, "heartbeat/nightly", std::nullopt}));
  EXPECT_THAT(Wait(minutes(4)), IsEmpty());
  EXPECT_THAT(Wait(minutes(2) - seconds(1)), SizeIs(1)) << "and it can be missed again";
}

TEST_F(HeartbeatTest, AnAlertCanBeThePing) {
  Use(Watchdog());
  EXPECT_TRUE(watch_->watches_alerts());
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Wait(minutes(2)), IsEmpty());
    watch_->Saw({{"alertname", "Watchdog"}, {"prometheus", "a"}}, now_);
  }
  for (int i = 0; i < 2; ++i) {
    Wait(minutes(1));
    watch_->Saw({{"alertname", "Other"}}, now_);
  }
  EXPECT_THAT(Wait(minutes(2)), Not(IsEmpty()));
  Use(Nightly());
  EXPECT_FALSE(watch_->watches_alerts());
  watch_->Saw({{"alertname", "Watchdog"}}, now_);
  EXPECT_EQ(watch_->rows().at(0).seen, kNoTime) << "without matchers no alert is one";
}

TEST_F(HeartbeatTest, AWallClockThatJumpsIsNoSilence) {
  Use(Nightly());
  Wait(minutes(1));
  now_.wall += hours(24);
  EXPECT_THAT(Wait(minutes(4)), IsEmpty());
  now_.wall -= hours(48);
  EXPECT_THAT(Wait(minutes(1) - seconds(1)), IsEmpty());
  EXPECT_THAT(Wait(seconds(1)), SizeIs(1));
  // The alert table goes by that clock: the alert is sent before it would be over.
  now_.wall += hours(72);
  const std::vector<alert::Alert> sent = Wait(seconds(5));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ends_at, now_.wall - seconds(5) + Watch::kValid);
}

TEST_F(HeartbeatTest, WhoeverDidNotRunCouldNotHear) {
  Use(Nightly());
  Wait(minutes(6) - seconds(5));
  Pass(minutes(3));
  EXPECT_THAT(Wait(seconds(4)), IsEmpty()) << "pings may wait to be read";
  watch_->Ping("nightly", now_);
  EXPECT_THAT(Wait(minutes(5)), IsEmpty());
  Pass(hours(1));
  EXPECT_THAT(Wait(minutes(1) + seconds(5)), Not(IsEmpty())) << "but not for ever";
}

TEST_F(HeartbeatTest, ARestartNeitherForgetsNorInvents) {
  Use(Nightly());
  Wait(minutes(6));
  ASSERT_THAT(records_, SizeIs(1));
  Use(Nightly());
  Pass(minutes(30));
  EXPECT_THAT(Wait(minutes(6) - seconds(1)), IsEmpty()) << "it waits anew";

  Use(Nightly());
  ASSERT_TRUE(watch_->Restore(records_[0]));
  const std::vector<alert::Alert> sent = Wait(seconds(1));
  ASSERT_THAT(sent, SizeIs(1)) << "it is missing still";
  EXPECT_EQ(sent[0].starts_at, kStart.wall + minutes(6));
  const std::optional<Record> ping = watch_->Ping("nightly", now_);
  ASSERT_TRUE(ping);
  EXPECT_EQ(*ping, (Record{Table::kMeta, "heartbeat/nightly", std::nullopt}));
  const WallTime back = now_.wall;
  EXPECT_EQ(Wait(seconds(1)).at(0).ends_at, back);

  EXPECT_TRUE(watch_->Restore({Table::kMeta, "stopped_at", "x"}));
  EXPECT_FALSE(watch_->Restore({Table::kMeta, "heartbeat/nightly", "x"}));
  EXPECT_FALSE(watch_->Restore({Table::kMeta, "heartbeat/nightly", "missing since x"}));
  EXPECT_FALSE(watch_->Restore({Table::kMeta, "heartbeat/nightly", "waited x"}));
  EXPECT_TRUE(watch_->Restore({Table::kMeta, "heartbeat/gone", "x"}));
  records_.clear();
  Wait(seconds(1));
  ASSERT_THAT(records_, SizeIs(1)) << "what is stored of nobody goes";
  EXPECT_EQ(records_[0].key, "heartbeat/gone");
}

TEST_F(HeartbeatTest, RestartsDoNotMakeTheWaitLonger) {
  config::Heartbeat daily = Nightly();
  daily.every = hours(24);
  daily.grace = hours(2);
  std::map<std::string, std::string> store;
  size_t fired = 0;
  for (int restart = 0; restart < 20; ++restart) {
    Use(daily);
    for (const auto& [key, value] : store) ASSERT_TRUE(watch_->Restore({Table::kMeta, key, value}));
    records_.clear();
    fired += Wait(hours(4)).size();
    for (const Record& record : records_) {
      if (record.value) {
        store[record.key] = *record.value;
      } else {
        store.erase(record.key);
      }
    }
    EXPECT_LE(records_.size(), 5U) << "written seldom";
    if (fired > 0) break;
    EXPECT_LT(now_.mono - kStart.mono, hours(48));
  }
  EXPECT_GT(fired, 0U);
  EXPECT_GT(now_.mono - kStart.mono, hours(26));
}

TEST_F(HeartbeatTest, AReloadKeepsWhatIsKnown) {
  Use(Nightly());
  Wait(minutes(7));
  config::Heartbeat changed = Nightly();
  changed.every = hours(24);
  Watch after({Watchdog(), changed}, Terms{"http://wf", {}});
  after.Adopt(*watch_);
  EXPECT_EQ(after.rows().at(1).missing_since, kStart.wall + minutes(6));
  EXPECT_EQ(after.rows().at(1).every, hours(24));
  EXPECT_EQ(after.rows().at(0).missing_since, kNoTime);
  Watch without({Watchdog()}, Terms{"http://wf", {}});
  without.Adopt(after);
  EXPECT_THAT(without.Advance(now_).records, SizeIs(1)) << "what is stored of it goes";
}

TEST_F(HeartbeatTest, WhoIsExpectedSoonerIsWaitedForAnew) {
  config::Heartbeat daily = Nightly();
  daily.every = hours(24);
  Use(daily);
  Wait(hours(10));
  auto after = std::make_unique<Watch>(std::vector{Nightly()}, Terms{"http://wf", {}});
  after->Adopt(*watch_);
  watch_ = std::move(after);
  EXPECT_THAT(Wait(minutes(6) - seconds(1)), IsEmpty());
  EXPECT_THAT(Wait(seconds(1)), SizeIs(1));
}

TEST_F(HeartbeatTest, OnlyItsAnswersArePingsOfADatasource) {
  config::Heartbeat heartbeat;
  heartbeat.name = "datasource/metrics";
  heartbeat.datasource = "metrics";
  heartbeat.every = minutes(1);
  heartbeat.grace = minutes(5);
  Use(heartbeat);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Wait(minutes(5)), IsEmpty());
    watch_->Answered("metrics", now_);
  }
  watch_->Answered("other", now_);
  EXPECT_FALSE(watch_->Ping("datasource/metrics", now_));
  watch_->Saw({{"alertname", "Watchdog"}}, now_);
  EXPECT_THAT(Wait(minutes(6) - seconds(1)), IsEmpty());
  const std::vector<alert::Alert> sent = Wait(seconds(1));
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].labels.ToString(),
            R"({alertname="WatchfireDatasourceDown", datasource="metrics", severity="critical"})");
  EXPECT_EQ(sent[0].annotations.Get("summary"), "Watchfire gets no answers from metrics");
  watch_->Answered("metrics", now_);
  const std::vector<alert::Alert> end = Wait(seconds(1));
  ASSERT_THAT(end, SizeIs(1));
  EXPECT_TRUE(end[0].Resolved(now_.wall));
}

TEST_F(HeartbeatTest, ExternalLabelsAreAddedWhereAbsent) {
  watch_ = std::make_unique<Watch>(std::vector{Nightly()},
                                   Terms{"http://wf", {{"cluster", "eu"}, {"team", "all"}}});
  EXPECT_EQ(Wait(minutes(6)).at(0).labels.ToString(),
            R"({alertname="HeartbeatMissing", cluster="eu", heartbeat="nightly", )"
            R"(severity="warning", team="storage"})");
}

}  // namespace
}  // namespace watchfire::heartbeat
