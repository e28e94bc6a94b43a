// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST_F(CoreTest, WhatAReceiverNotedComesBackWithTheNextMessage) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  EXPECT_TRUE(attempts_.at(0).notification->receiver_data.empty());
  Attempted outcome;
  outcome.id = attempts_.at(0).id;
  outcome.data = {{"ts", "17.1"}};
  Step({outcome});
  Commit();
  Boot(Disk());
  Fire("ApiSlow", "critical");
  Pass(minutes(6));
  ASSERT_EQ(attempts_.size(), 2U);
  EXPECT_EQ(attempts_[1].notification->receiver_data, (dispatch::ReceiverData{{"ts", "17.1"}}));
}

TEST_F(CoreTest, ANotificationCarriesTheLabelsOfItsRoute) {
  config_->route.labels = {{"team", "{{ .GroupLabels.service }}"}};
  Boot({});
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  EXPECT_EQ(attempts_.at(0).notification->route_labels,
            (labels::LabelSet{{"team", "{{ .GroupLabels.service }}"}}));
}

TEST_F(CoreTest, APageWaitsForItsIntentToBeStored) {
  Fire("ApiDown", "critical");
  now_.mono += seconds(30);
  now_.wall += seconds(30);
  Step();
  EXPECT_TRUE(attempts_.empty()) << "the intent is on its way to the disk";
  Commit();
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(attempts_[0].notification->alerts.size(), 1U);
  EXPECT_TRUE(attempts_[0].notification->firing());
  EXPECT_GE(attempts_[0].timeout, minutes(4));
}

TEST_F(CoreTest, AHungStoreDelaysAPageByOneSecondOnly) {
  Fire("ApiDown", "critical");
  now_.mono += seconds(30);
  Step();
  now_.mono += Core::kIntentWait - std::chrono::milliseconds(1);
  Step();
  EXPECT_TRUE(attempts_.empty());
  now_.mono += std::chrono::milliseconds(1);
  Step();
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(CoreTest, AnAlertIsUnprocessedUntilItsGroupIsFlushed) {
  Fire("ApiDown", "critical");
  const auto is_flushed = [this] {
    for (const auto& shard : Read(kViewAlerts)->alerts) {
      if (!shard->empty()) return shard->front().flushed;
    }
    return false;
  };
  EXPECT_FALSE(is_flushed());
  Pass(seconds(30));
  EXPECT_TRUE(is_flushed());
}

TEST_F(CoreTest, AnInhibitedAlertStaysOutOfThePage) {
  Fire("ApiSlow", "warning");
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  ASSERT_EQ(attempts_.size(), 1U);
  ASSERT_EQ(attempts_[0].notification->alerts.size(), 1U);
  EXPECT_EQ(attempts_[0].notification->alerts[0].name(), "ApiDown");
  const auto view = Read(kViewAlerts);
  size_t inhibited = 0;
  for (const auto& shard : view->alerts) {
    for (const AlertRow& row : *shard) inhibited += row.inhibited.has_value() ? 1 : 0;
  }
  EXPECT_EQ(inhibited, 1U);
}

TEST_F(CoreTest, AStormIsLoggedInAFewLines) {
  const auto lines = [this](int count, int first) {
    AlertsArrived arrived;
    for (int i = 0; i < count; ++i) {
      alert::Alert alert;
      alert.labels = labels::LabelSet{{"alertname", "A" + std::to_string(first + i)}};
      alert.starts_at = alert.updated_at = now_.wall;
      alert.ends_at = now_.wall + minutes(60);
      arrived.alerts.push_back(std::move(alert));
    }
    std::vector<std::string> messages;
    for (const Effect& effect : Step({std::move(arrived)})) {
      if (const auto* log = std::get_if<Log>(&effect)) {
        messages.push_back(log->message + " " + log->fields.at(0).second);
      }
    }
    return messages;
  };
  EXPECT_THAT(lines(3, 0), testing::ElementsAre("alert: firing {alertname=\"A0\"}",
                                                "alert: firing {alertname=\"A1\"}",
                                                "alert: firing {alertname=\"A2\"}"));
  const std::vector<std::string> storm = lines(500, 3);
  ASSERT_EQ(storm.size(), 7U) << "the second has ten lines";
  EXPECT_EQ(storm.back(), "alert: firing {alertname=\"A9\"}");
  EXPECT_THAT(lines(100, 503), testing::IsEmpty());
  EXPECT_EQ(core_->next_deadline(now_), now_.mono + seconds(1));
  now_.mono += seconds(1);
  EXPECT_THAT(lines(1, 603), testing::ElementsAre("alert: firing {alertname=\"A603\"}",
                                                  "alert: more are firing 593"));

  // Their ends come all at once.
  now_.mono += minutes(60);
  now_.wall += minutes(60);
  const auto ends = lines(0, 0);
  ASSERT_EQ(ends.size(), 10U);
  EXPECT_THAT(ends, testing::Each(testing::StartsWith("alert: resolved {alertname=\"A")));
  now_.mono += seconds(1);
  EXPECT_THAT(lines(0, 0), testing::ElementsAre("alert: more are resolved 594"));
}

TEST_F(CoreTest, WhoStopsInAStormIsToldOfAllOfIt) {
  for (int i = 0; i < 12; ++i) Fire("A" + std::to_string(i), "critical");
  std::vector<std::string> messages;
  for (const Effect& effect : Step({Shutdown{}})) {
    if (const auto* log = std::get_if<Log>(&effect)) messages.push_back(log->message);
  }
  EXPECT_THAT(messages, testing::Contains("alert: more are firing"));
}

TEST_F(CoreTest, WhatAToolSaysOnceOutlastsARestart) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "A"}};
  alert.annotations = labels::LabelSet{{"summary", "first"}};
  alert.starts_at = now_.wall;
  alert.timeout = true;
  const auto say = [&](const std::string& text, Duration lasts, const std::string& source) {
    alert.annotations = labels::LabelSet{{"summary", text}};
    alert.updated_at = now_.wall;
    alert.ends_at = now_.wall + lasts;
    AlertsArrived arrived;
    arrived.alerts = {alert};
    arrived.source = source;
    Step({std::move(arrived)});
    Commit();
    Pass(seconds(5));
  };
  const auto stored = [this]() -> std::shared_ptr<const alert::Alert> {
    Boot(Disk());
    for (const auto& shard : Read(kViewAlerts)->alerts) {
      for (const AlertRow& row : *shard) return row.alert;
    }
    return nullptr;
  };
  say("first", minutes(60), "opsgenie");
  say("second", minutes(60), "opsgenie");
  ASSERT_NE(stored(), nullptr);
  EXPECT_EQ(stored()->annotations.Get("summary"), "second");
  say("second", minutes(120), "splunk");
  const WallTime end = alert.ends_at;
  EXPECT_EQ(stored()->ends_at, end);
  say("third", minutes(120), "api");
  EXPECT_EQ(stored()->annotations.Get("summary"), "second") << "Prometheus says it again";
}

TEST_F(CoreTest, WhatWasMadeOfAnAlertNeverBringsItBack) {
  const auto firing = [this] {
    size_t count = 0;
    for (const auto& shard : Read(kViewAlerts)->alerts) {
      for (const AlertRow& row : *shard) count += row.alert->Resolved(now_.wall) ? 0 : 1;
    }
    return count;
  };
  alert::Alert old;
  old.labels = labels::LabelSet{{"alertname", "A"}};
  old.starts_at = old.updated_at = now_.wall;
  old.ends_at = now_.wall + minutes(60);
  alert::Alert successor = old;
  successor.labels = labels::LabelSet{{"alertname", "A"}, {"severity", "critical"}};
  const auto arrive = [&](const alert::Alert& alert, uint64_t needs) {
    AlertsArrived arrived;
    arrived.alerts = {alert};
    if (needs != 0) arrived.only_while = {needs};
    Step({std::move(arrived)});
    Commit();
  };
  arrive(old, old.fingerprint());
  EXPECT_EQ(firing(), 0U) << "nothing to refresh";
  arrive(old, 0);
  arrive(successor, old.fingerprint());
  EXPECT_EQ(firing(), 2U);
  for (alert::Alert ended : {old, successor}) {
    ended.ends_at = now_.wall;
    arrive(ended, 0);
  }
  Pass(seconds(2));
  EXPECT_EQ(firing(), 0U);
  arrive(old, old.fingerprint());
  arrive(successor, old.fingerprint());
  EXPECT_EQ(firing(), 0U) << "late";
  arrive(old, 0);
  EXPECT_EQ(firing(), 1U) << "a new alarm";
}

TEST_F(CoreTest, AFailedAttemptIsRetriedWithinTheFlush) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kRetry, "HTTP 503");
  EXPECT_EQ(attempts_.size(), 1U);
  Pass(seconds(2));
  ASSERT_EQ(attempts_.size(), 2U);
  EXPECT_EQ(attempts_[0].id, attempts_[1].id);
  Answer(Attempted::Kind::kDone);
  Pass(minutes(50));
  EXPECT_EQ(attempts_.size(), 2U) << "told once, nothing new";
}

TEST_F(CoreTest, APermanentFailureIsCountedAndTriedAtTheNextInterval) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kFail, "HTTP 404");
  Pass(minutes(4));
  EXPECT_EQ(attempts_.size(), 1U);
  Pass(minutes(1));
  EXPECT_EQ(attempts_.size(), 2U);
  const LabelValues key = {"victorops", "on-call", "serverError"};
  EXPECT_EQ(Read(kViewStats)->stats->notifications_failed.at(key), 1U);
}

TEST_F(CoreTest, TheEndIsToldAndClosesTheIncident) {
  Fire("ApiDown", "critical", minutes(2));
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kTriggered);
  Pass(minutes(5));  // It expires unrefreshed; the next tick says so.
  ASSERT_EQ(attempts_.size(), 2U);
  EXPECT_FALSE(attempts_[1].notification->firing());
  EXPECT_EQ(attempts_[1].notification->reason, dispatch::Reason::kAllResolved);
  Answer(Attempted::Kind::kDone);
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kResolved);
  EXPECT_EQ(Read(kViewStats)->stats->groups, 0U);
}

TEST_F(CoreTest, AnAckIsAnsweredWhenItIsStored) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  replies_.clear();
  IncidentCommand ack;
  ack.reply_to = RequestId{7};
  ack.entity_id = Read(kViewIncidents)->incidents.at(1)->entity_id;
  ack.ack = {"ada", incident::ActorType::kHuman, "victorops", ""};
  replies_.clear();
  Step({ack});
  EXPECT_TRUE(replies_.empty());
  Commit();
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_TRUE(replies_[0].status);
  EXPECT_THAT(replies_[0].incidents, testing::ElementsAre(1));
  EXPECT_EQ(Read(kViewStats)->stats->incidents.ack_seconds.series().size(), 1U);
}

TEST_F(CoreTest, AnAckOnAFullDiskIsRefusedAndKept) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  IncidentCommand ack;
  ack.reply_to = RequestId{7};
  ack.incident = 1;
  ack.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  replies_.clear();
  Step({ack});
  Commit(Fail(Code::kUnavailable, "disk full"));
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(replies_[0].status.error().code, Code::kUnavailable);
  Pass(seconds(2));  // The disk is back: what was kept is written without being asked again.
  Boot(Disk());
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->acked_by, "ada");
}

TEST_F(CoreTest, ARestartRepeatsNoPageAndTellsTheEnd) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  Pass(seconds(2));
  attempts_.clear();
  Boot(Disk());
  Pass(minutes(4));
  EXPECT_TRUE(attempts_.empty());
  Pass(minutes(66));  // Nobody refreshes it: it expires.
  ASSERT_GE(attempts_.size(), 1U);
  EXPECT_FALSE(attempts_.back().notification->firing());
}

TEST_F(CoreTest, AnUnknownOutcomeIsToldAgainAfterARestart) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  ASSERT_EQ(attempts_.size(), 1U);  // Out, and we die before the answer.
  Boot(Disk());
  Pass(seconds(31));
  ASSERT_EQ(attempts_.size(), 2U);
  EXPECT_EQ(attempts_[0].notification->group_key, attempts_[1].notification->group_key);
}

TEST_F(CoreTest, AReloadRepeatsNoPage) {
  Fire("ApiDown", "critical");
  Pass(seconds(30));
  Answer(Attempted::Kind::kDone);
  Step({ConfigSwap{TestConfig()}});
  Pass(minutes(20));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(CoreTest, MaintenanceAndLookUpsAreCounted) {
  const Stats before = *Read(kViewStats)->stats;
  Fire("A", "critical");
  Pass(minutes(16));
  const Stats after = *Read(kViewStats)->stats;
  EXPECT_EQ(after.maintenances - before.maintenances, 1U);
  EXPECT_GT(after.log_queries, before.log_queries);
  EXPECT_GT(after.silence_queries.queries, before.silence_queries.queries);
}

TEST_F(CoreTest, OneReaderSeesItsOwnWrite) {
  AlertsArrived arrived;
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", "X"}};
  alert.starts_at = alert.updated_at = now_.wall;
  alert.ends_at = now_.wall + minutes(5);
  arrived.alerts.push_back(alert);
  Step({arrived, ViewRequest{RequestId{1}, kViewAlerts}});
  size_t rows = 0;
  for (const auto& shard : replies_.back().view->alerts) rows += shard->size();
  EXPECT_EQ(rows, 1U);
}

TEST(OutboxTest, AlertsLeaveAsTheyAreThenAndSomeAtATime) {
  Outbox outbox;
  const MonoTime start{};
  std::string state = "early";
  const auto records_of = [&](const std::vector<uint64_t>* fingerprints) {
    std::vector<Record> records;
    for (const uint64_t fingerprint : *fingerprints) {
      records.push_back({Table::kAlert, std::to_string(fingerprint), state});
    }
    return records;
  };
  constexpr size_t kAlerts = Outbox::kAlertsPerBatch + 100;
  for (size_t i = 0; i < kAlerts; ++i) outbox.AddAlert(kAlerts - i, start);
  outbox.AddAlert(kAlerts, start);
  state = "late";
  EXPECT_FALSE(outbox.TakeBatch(start, records_of));
  const MonoTime due = start + Outbox::kWriteBehind;
  outbox.AddUrgent({Table::kMeta, "urgent", "now"}, start);
  const auto first = outbox.TakeBatch(due, records_of);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->records->size(), Outbox::kAlertsPerBatch + 1);
  EXPECT_EQ(first->records->front(), (Record{Table::kAlert, std::to_string(kAlerts), "late"}));
  EXPECT_EQ(first->records->back().key, "urgent") << "whatever the number of alerts";
  outbox.OnCommitted(first->id, false, due);
  EXPECT_EQ(outbox.size(), kAlerts + 2);
  const auto again = outbox.TakeBatch(due + Outbox::kRetryAfter, records_of);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again->records, *first->records);
  outbox.OnCommitted(again->id, true, due + Outbox::kRetryAfter);
  EXPECT_EQ(outbox.next_due(), due + Outbox::kRetryAfter) << "the rest does not wait";
  const auto rest = outbox.TakeBatch(due + Outbox::kRetryAfter, records_of);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->records->size(), 101U) << "with the one that was named twice";
  outbox.OnCommitted(rest->id, true, due + Outbox::kRetryAfter);
  EXPECT_EQ(outbox.size(), 0U);
}

TEST(OutboxTest, CoalescesMergesBackAndKeepsTheNewest) {
  Outbox outbox;
  const MonoTime start(std::chrono::hours(1));
  const Ticket first = outbox.Add({Table::kAlert, "a", "1"}, start);
  outbox.Add({Table::kAlert, "a", "2"}, start);
  EXPECT_FALSE(outbox.TakeBatch(start));
  const auto batch = outbox.TakeBatch(start + Outbox::kWriteBehind);
  ASSERT_TRUE(batch);
  EXPECT_THAT(*batch->records, testing::ElementsAre(Record{Table::kAlert, "a", "2"}));
  outbox.AddUrgent({Table::kAlert, "a", "3"}, start);
  EXPECT_FALSE(outbox.TakeBatch(start + seconds(9))) << "one batch is out at a time";
  outbox.OnCommitted(batch->id, false, start + seconds(9));
  EXPECT_FALSE(outbox.durable(first));
  const auto again = outbox.TakeBatch(start + seconds(10));
  ASSERT_TRUE(again);
  EXPECT_THAT(*again->records, testing::ElementsAre(Record{Table::kAlert, "a", "3"}));
  outbox.OnCommitted(again->id, true, start + seconds(10));
  EXPECT_TRUE(outbox.durable(first));
  EXPECT_EQ(outbox.size(), 0U);
}

}  // namespace
}  // namespace watchfire::core
