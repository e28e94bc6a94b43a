// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The limits of receivers and their circuit breakers, as core keeps them.

#include <algorithm>

#include "pkg/core/strict_fixture.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Every service is a group of its own; on-call and a chat are told of each.
class SendingTest : public StrictTest {
 protected:
  SendingTest() {
    config_->receivers.push_back({"chat", {{"slack", 0, true, false, nullptr}}});
    config::Route to_chat = config_->route;
    to_chat.receiver = "chat";
    to_chat.continue_matching = true;
    to_chat.key = to_chat.id = "{}/{}";
    config::Route to_all = config_->route;
    to_all.key = to_all.id = "{}/{}/1";
    config_->route.routes = {to_chat, to_all};
    Boot({});
  }
  void Configure(config::Delivery delivery, const config::SendLimits& limits) {
    for (config::Route& route : config_->route.routes) {
      route.delivery = delivery;
      route.exact_repeat = false;
    }
    config_->receivers[0].limits = limits;
    Boot({});
  }
  void FireMany(int count) {
    AlertsArrived arrived;
    for (int i = 0; i < count; ++i) {
      alert::Alert alert;
      alert.labels = labels::LabelSet{{"alertname", "A"}, {"service", std::to_string(i)}};
      alert.starts_at = alert.updated_at = now_.wall;
      alert.ends_at = now_.wall + std::chrono::hours(9);
      arrived.alerts.push_back(std::move(alert));
    }
    Step({std::move(arrived)});
    Commit();
  }
  // Lets time pass; answers those to `receiver`, and all others with success at once. Returns how
  // many attempts `receiver` saw.
  size_t Count(Duration span, const std::string& receiver, Attempted::Kind answer) {
    size_t count = 0;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      for (const Attempt& attempt : std::exchange(attempts_, {})) {
        const bool is_asked = attempt.notification->receiver == receiver;
        count += is_asked ? 1 : 0;
        AnswerTo(attempt.id, is_asked ? answer : Attempted::Kind::kDone, "503");
      }
    }
    return count;
  }
  size_t Attempts(const std::string& receiver) const {
    return static_cast<size_t>(std::ranges::count_if(attempts_, [&](const Attempt& attempt) {
      return attempt.notification->receiver == receiver;
    }));
  }
  Stats ReadStats() { return *Read(kViewStats)->stats; }
};

TEST_F(SendingTest, SoManyAreOnTheWireAtOnceAndTheOthersWaitTheirTurn) {
  Configure(config::Delivery::kStrict, {3, 0, 1});
  FireMany(20);
  Pass(seconds(31));
  EXPECT_EQ(Attempts("on-call"), 3U);
  EXPECT_EQ(Attempts("chat"), 20U) << "the others know nothing of it";
  EXPECT_EQ(ReadStats().waiting[(LabelValues{"on-call", "victorops", "0"})], 17);
  for (int i = 0; i < 7; ++i) {
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      AnswerTo(attempt.id, Attempted::Kind::kDone);
    }
    EXPECT_LE(Attempts("on-call"), 3U);
  }
  EXPECT_THAT(attempts_, IsEmpty());
  EXPECT_EQ(ReadStats().notifications,
            (CounterMap{{{"slack", "chat"}, 20}, {{"victorops", "on-call"}, 20}}));
  EXPECT_EQ(ReadStats().deliveries, 0U) << "all were taken";
}

TEST_F(SendingTest, ARateIsKeptAndNothingIsDropped) {
  for (const auto delivery : {config::Delivery::kStrict, config::Delivery::kAlertmanager}) {
    Configure(delivery, {64, 0.05, 2});
    attempts_.clear();
    FireMany(32);
    EXPECT_EQ(Count(seconds(31), "on-call", Attempted::Kind::kDone), 2U) << "the burst";
    EXPECT_EQ(Count(seconds(200), "on-call", Attempted::Kind::kDone), 10U);
    // Longer than group_interval and any deadline.
    EXPECT_EQ(Count(seconds(400), "on-call", Attempted::Kind::kDone), 20U);
    EXPECT_EQ(Count(seconds(400), "on-call", Attempted::Kind::kDone), 0U);
    std::set<std::string> told;
    for (const Record& record : Disk()) {
      if (record.table != Table::kNflog) continue;
      const auto entry = nflog::Decode(record).value();
      if (entry.first.receiver == "on-call" && !entry.second.firing.empty()) {
        told.insert(entry.first.group_key);
      }
    }
    EXPECT_THAT(told, SizeIs(32)) << "each was told";
  }
}

// What waits for a limit has not been tried, so its deadline does not pass.
TEST_F(SendingTest, WaitingForALimitIsNoFailureUnderTheContract) {
  Configure(config::Delivery::kStrict, {64, 0.01, 1});
  config_->receivers[0].deadline = minutes(1);
  Boot({});
  FireMany(5);
  EXPECT_EQ(Count(minutes(10), "on-call", Attempted::Kind::kDone), 5U);
  EXPECT_THAT(ReadStats().notifications_failed, IsEmpty());
}

TEST_F(SendingTest, AnOpenCircuitSendsOneProbeInsteadOfAll) {
  Configure(config::Delivery::kStrict, {});
  FireMany(40);
  Count(minutes(2), "on-call", Attempted::Kind::kRetry);
  EXPECT_EQ(ReadStats().circuits_open[(LabelValues{"on-call", "victorops", "0"})], 1);
  EXPECT_EQ(ReadStats().circuits_open[(LabelValues{"chat", "slack", "0"})], 0);
  EXPECT_EQ(ReadStats().circuit_openings[(LabelValues{"on-call", "victorops", "0"})], 1U);
  EXPECT_LE(Count(minutes(2), "on-call", Attempted::Kind::kRetry), 5U) << "one each half minute";
  // It is back: the next probe is taken, and all others follow at once.
  size_t taken = 0;
  for (int i = 0; i < 31 && taken < 40; ++i) {
    taken += Count(seconds(1), "on-call", Attempted::Kind::kDone);
    if (taken > 0) taken += Count(seconds(1), "on-call", Attempted::Kind::kDone);
  }
  EXPECT_EQ(taken, 40U) << "no page is lost, and none waits for its own back-off";
  EXPECT_EQ(ReadStats().circuits_open[(LabelValues{"on-call", "victorops", "0"})], 0);
  EXPECT_EQ(ReadStats().deliveries, 0U);
}

TEST_F(SendingTest, AProbeThatHangsHoldsUpNobodyForLong) {
  Configure(config::Delivery::kStrict, {});
  FireMany(40);
  Count(minutes(2), "on-call", Attempted::Kind::kRetry);
  attempts_.clear();
  Pass(seconds(31));
  EXPECT_EQ(Attempts("on-call"), 1U) << "and it never answers";
  Pass(seconds(31));
  EXPECT_EQ(Attempts("on-call"), 2U);
  AnswerTo(attempts_.back().id, Attempted::Kind::kDone);
  EXPECT_GE(Attempts("on-call"), 30U);
}

TEST_F(SendingTest, ARefusalIsAnAnswerAndOpensNothing) {
  Configure(config::Delivery::kStrict, {});
  FireMany(40);
  Count(minutes(2), "on-call", Attempted::Kind::kFail);
  EXPECT_EQ(ReadStats().circuits_open[(LabelValues{"on-call", "victorops", "0"})], 0);
}

TEST_F(SendingTest, WhatFailsBeforeAnyRequestOpensNothing) {
  Configure(config::Delivery::kStrict, {});
  FireMany(40);
  size_t tries = 0;
  for (int i = 0; i < 120; ++i) {
    Pass(seconds(1));
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      Attempted outcome;
      outcome.kind = Attempted::Kind::kRetry;
      outcome.id = attempt.id;
      outcome.why = "api_key_file: no such file";
      outcome.failure = "other";
      outcome.asked = false;
      Step({outcome});
      ++tries;
    }
    Commit();
  }
  EXPECT_GT(tries, 40U * dispatch::Breaker::kFailures / 2);
  EXPECT_EQ(ReadStats().circuits_open[(LabelValues{"on-call", "victorops", "0"})], 0);
}

TEST_F(SendingTest, AMessageThatLackedSomethingIsToldInTheLogOnce) {
  Configure(config::Delivery::kStrict, {});
  FireMany(1);
  Pass(seconds(31));
  std::vector<std::string> told;
  for (const Attempt& attempt : std::exchange(attempts_, {})) {
    Attempted outcome;
    outcome.id = attempt.id;
    if (attempt.notification->receiver == "chat") outcome.flaw = "template: text:1: x";
    for (const Effect& effect : Step({outcome})) {
      const auto* log = std::get_if<Log>(&effect);
      if (log == nullptr || log->level != Log::Level::kWarn) continue;
      told.push_back(log->message + " " + log->fields[0].second + " " + log->fields.back().second);
    }
  }
  EXPECT_THAT(told, ElementsAre("notify: the message that was sent is incomplete chat "
                                "template: text:1: x"));
}

// Two of one kind in one receiver are two circuits, and each says how it is.
TEST_F(SendingTest, IntegrationsOfOneKindAreToldApart) {
  config_->receivers[0].integrations.push_back({"victorops", 1, true, true, nullptr});
  Configure(config::Delivery::kStrict, {});
  FireMany(40);
  for (int i = 0; i < 120; ++i) {
    Pass(seconds(1));
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      const bool is_second = attempt.notification->index == 1;
      AnswerTo(attempt.id, is_second ? Attempted::Kind::kRetry : Attempted::Kind::kDone, "503");
    }
  }
  Stats stats = ReadStats();
  EXPECT_EQ(stats.circuits_open[(LabelValues{"on-call", "victorops", "0"})], 0);
  EXPECT_EQ(stats.circuits_open[(LabelValues{"on-call", "victorops", "1"})], 1);
  EXPECT_EQ(stats.circuit_openings[(LabelValues{"on-call", "victorops", "0"})], 0U);
  EXPECT_EQ(stats.circuit_openings[(LabelValues{"on-call", "victorops", "1"})], 1U);
  EXPECT_EQ(stats.waiting[(LabelValues{"on-call", "victorops", "0"})], 0);
  EXPECT_GT(stats.waiting[(LabelValues{"on-call", "victorops", "1"})], 30);
}

// What gave up while the circuit was open need not wait for its group's next interval.
TEST_F(SendingTest, WhenTheCircuitClosesWhatWasGivenUpIsTriedAgain) {
  config_->receivers[0].deadline = seconds(50);
  config_->route.routes[1].group_interval = std::chrono::hours(1);
  Configure(config::Delivery::kStrict, {});
  FireMany(40);
  Count(minutes(10), "on-call", Attempted::Kind::kRetry);
  EXPECT_EQ(ReadStats().deliveries, 0U) << "all were given up";
  FireMany(41);  // One more, which is the probe.
  EXPECT_EQ(Count(seconds(65), "on-call", Attempted::Kind::kDone), 41U);
}

// A single group under Alertmanager's rules is tried as if there were no breaker.
TEST_F(SendingTest, ASingleGroupIsTriedAsOftenAsWithAlertmanager) {
  Configure(config::Delivery::kAlertmanager, {});
  FireMany(1);
  std::vector<MonoTime> tried;
  Pass(seconds(29));
  for (int i = 0; i < 5000; ++i) {
    now_.mono += std::chrono::milliseconds(100);
    now_.wall += std::chrono::milliseconds(100);
    Step();
    Commit();
    for (const Attempt& attempt : std::exchange(attempts_, {})) {
      const bool is_pager = attempt.notification->receiver == "on-call";
      AnswerTo(attempt.id, is_pager ? Attempted::Kind::kRetry : Attempted::Kind::kDone);
      if (is_pager) tried.push_back(now_.mono);
    }
  }
  ASSERT_GT(tried.size(), 14U) << "the breaker opens at the tenth";
  // Waits grow by half each time up to a minute, with half of it as jitter either way.
  double interval = 0.5;
  for (size_t i = 1; i < 12; ++i) {
    const double waited = ToSeconds(tried[i] - tried[i - 1]);
    EXPECT_LE(waited, interval * 1.5 + 0.2) << "before attempt " << i;
    interval = std::min(interval * 1.5, 60.0);
  }
}

}  // namespace
}  // namespace watchfire::core
