// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Questions to Prometheus, and what is written back: in turn, bounded, and silence is no end.

#include <algorithm>
#include <functional>
#include <set>

#include "pkg/base/limits.h"
#include "pkg/core/core_fixture.h"

namespace watchfire::core {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;

config::RuleGroup Group(const std::string& name, size_t rules, bool records = false) {
  config::RuleGroup group;
  group.file = "r.yml";
  group.name = name;
  group.interval = minutes(1);
  for (size_t i = 0; i < rules; ++i) {
    config::Rule& rule = group.rules.emplace_back();
    (records ? rule.record : rule.alert) = name + std::to_string(i);
    rule.expr = name + std::to_string(i);
    rule.labels = labels::LabelSet{{"service", "api"}};
    rule.label_templates.emplace_back("service", templates::Template::Parse("api").value());
  }
  return group;
}

class EvaluationTest : public CoreTest {
 protected:
  void Begin(std::vector<config::RuleGroup> groups, int concurrency = 4) {
    config_->datasources.front().concurrency = concurrency;
    config_->rule_groups = std::move(groups);
    core_ = std::make_unique<Core>(Options{"http://wf", std::chrono::hours(120), minutes(30), 1},
                                   config_);
    Take({});
  }
  void Take(std::vector<Event> events) {
    for (const Effect& effect : Step(std::move(events))) {
      if (const auto* query = std::get_if<RunQuery>(&effect)) queries_.push_back(*query);
      if (const auto* write = std::get_if<WriteSamples>(&effect)) writes_.push_back(*write);
      if (const auto* log = std::get_if<Log>(&effect)) logs_.push_back(log->message);
    }
  }
  // Lets time pass until the next question.
  void AwaitQuery() {
    for (int i = 0; queries_.empty() && i < 200; ++i) Wait(seconds(1));
    ASSERT_FALSE(queries_.empty());
  }
  void Wait(Duration span) {
    now_.mono += span;
    now_.wall += span;
    Take({});
    Commit();
  }
  // Answers the oldest question; returns what it asked.
  std::string AnswerOldest(Result<promql::Vector> result) {
    const RunQuery query = queries_.front();
    queries_.erase(queries_.begin());
    Take({QueryDone{query.id, std::move(result), Duration::zero()}});
    return std::string(query.expr.view());
  }
  size_t Count(const std::string& message) const {
    return static_cast<size_t>(std::ranges::count(logs_, message));
  }
  promql::Vector One() const { return {{{}, now_.wall, 1}}; }

  std::vector<RunQuery> queries_;
  std::vector<WriteSamples> writes_;
  std::vector<std::string> logs_;
};

TEST_F(EvaluationTest, AQueryThatHangsResolvesNothing) {
  Begin({Group("a", 1)});
  AwaitQuery();
  AnswerOldest(One());
  ASSERT_EQ(Count("alert: firing"), 1U);
  AwaitQuery();  // And nobody answers.
  for (int i = 0; i < 3600; ++i) Wait(seconds(1));
  EXPECT_EQ(Count("alert: resolved"), 0U);
  ASSERT_THAT(queries_, SizeIs(1));
  AnswerOldest(promql::Vector());
  EXPECT_EQ(Count("alert: resolved"), 1U);
}

TEST_F(EvaluationTest, WhoeverWasStoppedForLongResolvesNothing) {
  Begin({Group("a", 1)});
  AwaitQuery();
  AnswerOldest(One());
  Wait(std::chrono::hours(1));
  EXPECT_EQ(Count("alert: resolved"), 0U);
  EXPECT_THAT(queries_, SizeIs(1));
}

TEST_F(EvaluationTest, AnAnswerThatComesAfterAStallFindsItsAlertFiring) {
  Begin({Group("a", 1)});
  AwaitQuery();
  AnswerOldest(One());
  AwaitQuery();
  now_.mono += std::chrono::hours(1);
  now_.wall += std::chrono::hours(1);
  AnswerOldest(One());
  EXPECT_EQ(Count("alert: firing"), 1U);
  EXPECT_EQ(Count("alert: resolved"), 0U);
}

TEST_F(EvaluationTest, GroupsAskInTurn) {
  Begin({Group("a", 3), Group("b", 3), Group("c", 1)}, 1);
  AwaitQuery();
  Wait(minutes(1));  // All are due.
  std::vector<std::string> asked;
  while (asked.size() < 7 && !queries_.empty()) asked.push_back(AnswerOldest(promql::Vector()));
  std::vector<std::string> groups;
  for (const std::string& expr : asked) groups.push_back(expr.substr(0, 1));
  ASSERT_THAT(groups, SizeIs(7));
  // Each has its first turn before anybody has a second.
  std::set<std::string> first(groups.begin(), groups.begin() + 3);
  EXPECT_THAT(first, ElementsAre("a", "b", "c"));
  EXPECT_NE(groups[3], groups[4]);
  EXPECT_NE(groups[5], groups[6]);
}

TEST_F(EvaluationTest, RulesOfAGroupAskTogetherAndNoneIsLost) {
  Begin({Group("a", 6)}, 5);
  AwaitQuery();
  ASSERT_THAT(queries_, SizeIs(4));
  EXPECT_EQ(core_->queries_out(), 4U);
  std::ranges::reverse(queries_);  // The last is answered first, and one of them fails.
  std::vector<std::string> asked = {AnswerOldest(Fail(Code::kUnavailable, "connection refused"))};
  while (!queries_.empty()) asked.push_back(AnswerOldest(One()));
  EXPECT_THAT(asked, ElementsAre("a3", "a2", "a1", "a0", "a4", "a5"));
  EXPECT_EQ(Count("alert: firing"), 5U);
  EXPECT_EQ(core_->queries_out(), 0U);
  AwaitQuery();  // What failed is asked again inside of the interval, by itself.
  ASSERT_THAT(queries_, SizeIs(1));
  EXPECT_EQ(AnswerOldest(One()), "a3");
  EXPECT_EQ(Count("alert: firing"), 6U);
}

TEST_F(EvaluationTest, AGroupThatWaitsForAnswersLeavesRoomForTheOthers) {
  Begin({Group("a", 8), Group("b", 1)}, 4);
  AwaitQuery();
  Wait(minutes(1));  // Both are due, and nobody has answered.
  const auto is_of_b = [](const RunQuery& query) { return query.expr.view().starts_with("b"); };
  EXPECT_TRUE(std::ranges::any_of(queries_, is_of_b));
  EXPECT_THAT(queries_, SizeIs(4));
}

// Who carries them out keeps what the datasource does not take yet; where that takes long, it does
// not have what others would wait behind.
TEST_F(EvaluationTest, WhatIsAnsweredFastIsAskedAhead) {
  config_->datasources.front().concurrency = 4;
  config_->rule_groups = {Group("a", 40), Group("b", 1)};
  Options options{"http://wf", std::chrono::hours(120), minutes(30), 1};
  options.queries_ahead = 8;
  core_ = std::make_unique<Core>(options, config_);
  Take({});
  Wait(minutes(1));
  Wait(minutes(1));  // All are due.
  const auto answer = [&](Duration took) {
    const RunQuery query = queries_.front();
    queries_.erase(queries_.begin());
    Take({QueryDone{query.id, One(), took, query.is_awaited}});
  };
  EXPECT_LE(core_->queries_out(), 4U) << "nobody knows yet how fast";
  size_t most = 0;
  while (!queries_.empty()) {
    answer(std::chrono::milliseconds(5));
    most = std::max(most, core_->queries_out());
  }
  EXPECT_GE(most, 24U) << "three quarters of 32 are one group's";
  EXPECT_LE(most, 25U);
  Wait(minutes(1));
  ASSERT_THAT(queries_, SizeIs(Gt(20)));
  while (core_->queries_out() > 4) answer(seconds(1));
  for (int i = 0; i < 10; ++i) {
    answer(seconds(1));
    EXPECT_LE(core_->queries_out(), 4U);
  }
}

// A time-out is not a fast answer, and what only waited behind it is asked again.
TEST_F(EvaluationTest, WhatWasNotAskedIsAskedAndNoAnswerIsNoFastOne) {
  config_->datasources.front().concurrency = 4;
  config_->rule_groups = {Group("a", 40)};
  Options options{"http://wf", std::chrono::hours(120), minutes(30), 1};
  options.queries_ahead = 8;
  core_ = std::make_unique<Core>(options, config_);
  Take({});
  Wait(minutes(1));
  Wait(minutes(1));
  ASSERT_FALSE(queries_.empty());
  const auto take = [&](Result<promql::Vector> result, bool was_not_asked) {
    const RunQuery query = queries_.front();
    queries_.erase(queries_.begin());
    Take({QueryDone{query.id, std::move(result), Duration::zero(), false, was_not_asked}});
    return std::string(query.expr.view());
  };
  take(Fail(Code::kTimeout, "no answer"), false);
  EXPECT_LE(core_->queries_out(), 4U);
  take(One(), false);
  ASSERT_GT(core_->queries_out(), 20U);
  take(Fail(Code::kTimeout, "no answer"), false);
  std::set<std::string> handed_back;
  while (core_->queries_out() > 4) handed_back.insert(take(promql::Vector(), true));
  EXPECT_THAT(handed_back, SizeIs(Gt(15)));
  std::set<std::string> asked;
  while (!queries_.empty()) {
    asked.insert(take(One(), false));
    ASSERT_LT(asked.size(), 100U);
  }
  EXPECT_TRUE(std::ranges::includes(asked, handed_back));
}

TEST_F(EvaluationTest, OnlyAnAnswerThatOthersHangOnIsAwaited) {
  Begin({Group("r", 1, true), Group("a", 1)});
  Wait(minutes(2));
  ASSERT_THAT(queries_, SizeIs(2));
  for (const RunQuery& query : queries_) {
    EXPECT_EQ(query.is_awaited, query.expr.view().starts_with("r"));
  }
}

TEST_F(EvaluationTest, WhoIsNotHeardFromIsAnAlert) {
  config::Heartbeat heartbeat;
  heartbeat.name = "prometheus";
  heartbeat.every = minutes(2);
  heartbeat.matchers = {matcher::Matcher::Create(matcher::Op::kEqual, "service", "api").value()};
  config_->heartbeats = {heartbeat};
  Begin({Group("a", 1)});
  for (int i = 0; i < 4; ++i) {
    AwaitQuery();
    AnswerOldest(One());
  }
  ASSERT_EQ(Count("alert: firing"), 1U) << "what is heard is the alert of the rule";
  // Prometheus is gone: what is sent again all the same says nothing of its life.
  for (int i = 0; i < 8; ++i) {
    AwaitQuery();
    AnswerOldest(Fail(Code::kUnavailable, "connection refused"));
  }
  EXPECT_EQ(Count("alert: resolved"), 0U);
  EXPECT_EQ(Count("alert: firing"), 2U);
  // It goes on until a ping ends it.
  for (int i = 0; i < 3600; ++i) Wait(seconds(1));
  EXPECT_EQ(Count("alert: resolved"), 0U);
  Take({HeartbeatPing{RequestId{1}, "prometheus"}});
  EXPECT_EQ(Count("alert: resolved"), 1U);
  const Effects effects = Step({HeartbeatPing{RequestId{2}, "nobody"}});
  const auto* reply = std::get_if<Reply>(&effects.front());
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->status.error().code, Code::kNotFound);
}

TEST_F(EvaluationTest, ADatasourceThatAnswersNothingIsAnAlert) {
  config_->rule_groups = {Group("a", 1)};
  config::AddDatasourceHeartbeat(config_.get());
  Begin({Group("a", 1)});
  for (int i = 0; i < 10; ++i) {
    AwaitQuery();
    // A refusal is an answer.
    AnswerOldest(i % 2 == 0 ? Result<promql::Vector>(promql::Vector{})
                            : InvalidArgument("unknown function"));
  }
  EXPECT_EQ(Count("alert: firing"), 0U);
  const WallTime silent = now_.wall;
  while (Count("alert: firing") == 0 && now_.wall < silent + minutes(20)) {
    Wait(seconds(5));
    while (!queries_.empty()) AnswerOldest(Fail(Code::kUnavailable, "connection refused"));
  }
  const Duration after = config_->evaluation.datasource_down_after;
  EXPECT_GT(now_.wall - silent, after);
  EXPECT_LT(now_.wall - silent, after + minutes(2));
  for (int i = 0; i < 120; ++i) {
    Wait(minutes(1));
    while (!queries_.empty()) AnswerOldest(Fail(Code::kTimeout, "no answer"));
  }
  EXPECT_EQ(Count("alert: resolved"), 0U) << "for two hours";
  AwaitQuery();
  AnswerOldest(promql::Vector{});
  Wait(seconds(5));
  EXPECT_EQ(Count("alert: resolved"), 1U);
}

config::Slo CountedSlo() {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_query = "sum(count_over_time(bad[{{.window}}]))";
  slo.total_query = "sum(count_over_time(all[{{.window}}]))";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{std::chrono::hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  return slo;
}

// A Prometheus in which half of everything fails, or nothing.
class CountingCoreTest : public EvaluationTest {
 protected:
  void BootWith(const std::vector<Record>& records, config::SloMode mode) {
    queries_.clear();
    batches_.clear();
    config_->slos = {CountedSlo()};
    config_->evaluation.slo_mode = mode;
    Boot(records);
  }
  // Lets `span` pass, every question answered at once and everything stored.
  void Live(Duration span) {
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Wait(seconds(1));
      while (!queries_.empty()) {
        const RunQuery query = queries_.front();
        queries_.erase(queries_.begin());
        // The days of the budget's history are asked for in every mode.
        const bool is_day = query.expr.view().find("[1d]") != std::string::npos;
        if (!is_day) ++(query.expr.view().find(" / ") != std::string::npos ? exact_ : counts_);
        Take({QueryDone{query.id, Answer(query), Duration::zero()}});
        Commit();
      }
    }
  }
  Result<promql::Vector> Answer(const RunQuery& query) const {
    if (down_) return Fail(Code::kUnavailable, "connection refused");
    if (query.expr.view().find(" / ") != std::string::npos) {
      return promql::Vector{{{}, query.at, fails_ ? 0.5 : 0.0}};
    }
    const bool bad = query.expr.view().find("bad[") != std::string::npos;
    promql::Vector out;
    const bool is_range = query.step > Duration::zero();
    for (WallTime at = is_range ? query.from : query.at; at <= query.at;
         at += std::max(query.step, Duration(1))) {
      out.push_back({{}, at, bad ? (fails_ ? 50.0 : 0.0) : 100.0});
    }
    return out;
  }
  bool Counts() { return Read(kViewSlos)->counting[0].counted.size() == 3; }

  bool down_ = false;
  bool fails_ = false;
  size_t exact_ = 0;
  size_t counts_ = 0;
};

TEST_F(CountingCoreTest, ARestartGoesOnWithTheCountsAndTheAlert) {
  BootWith({}, config::SloMode::kIncremental);
  Live(minutes(8));
  ASSERT_TRUE(Counts());
  fails_ = true;
  Live(minutes(15));
  EXPECT_EQ(Count("alert: firing"), 1U);
  const auto records = Disk();
  EXPECT_GT(std::ranges::count_if(records, &slo::Books::IsHistory), 100);

  // Killed in the middle, and back while Prometheus is away.
  logs_.clear();
  BootWith(records, config::SloMode::kIncremental);
  down_ = true;
  Live(minutes(4));
  down_ = false;
  counts_ = exact_ = 0;
  Live(minutes(5));
  EXPECT_EQ(Count("alert: firing") + Count("alert: resolved"), 0U) << "neither told anew nor ended";
  ASSERT_THAT(Read(kViewAlerts | kViewSlos)->slos[0].readings, SizeIs(1));
  EXPECT_TRUE(Read(kViewSlos)->slos[0].page_firing);
  EXPECT_TRUE(Counts());
  EXPECT_LT(counts_, 40U) << "a month of history is not asked again";

  fails_ = false;
  Live(minutes(9));
  EXPECT_EQ(Count("alert: resolved"), 1U);
}

TEST_F(CountingCoreTest, AShutdownStoresWhatWasCountedLast) {
  BootWith({}, config::SloMode::kIncremental);
  Live(minutes(8));
  const auto before = disk_;
  // A minute is counted, and the end comes at once.
  while (queries_.empty()) Wait(seconds(1));
  while (!queries_.empty()) {
    const RunQuery query = queries_.front();
    queries_.erase(queries_.begin());
    Take({QueryDone{query.id, Answer(query), Duration::zero()}});
  }
  Take({Shutdown{}});
  Commit();
  now_.mono += seconds(2);
  now_.wall += seconds(2);
  Take({});
  size_t newer = 0;
  for (const auto& [key, value] : disk_) {
    const auto old = before.find(key);
    newer += slo::Books::IsHistory({key.first, key.second, value}) &&
             (old == before.end() || old->second != value);
  }
  EXPECT_GE(newer, 1U);
}

TEST_F(CountingCoreTest, InExactModeNothingIsCounted) {
  BootWith({}, config::SloMode::kExact);
  Live(minutes(5));
  EXPECT_EQ(counts_, 0U);
  EXPECT_GT(exact_, 10U);
  EXPECT_EQ(Read(kViewSlos)->counting[0].why_exact, "slo_mode is exact");
}

TEST_F(CountingCoreTest, ADatasourceSaysHowCountersAreAskedFor) {
  const auto asks_anchored = [this](config::Datasource::Increase increase) {
    queries_.clear();
    batches_.clear();
    config_->slos = {CountedSlo()};
    config_->slos[0].error_query = "sum(rate(bad[{{.window}}]))";
    config_->slos[0].total_query = "sum(rate(all[{{.window}}]))";
    config_->evaluation.slo_mode = config::SloMode::kIncremental;
    config_->datasources.front().increase = increase;
    Boot({});
    bool anchored = false;
    for (int i = 0; i < 180; ++i) {
      Wait(seconds(1));
      while (!queries_.empty()) {
        const RunQuery query = queries_.front();
        queries_.erase(queries_.begin());
        anchored |= query.expr.view().find(" anchored") != std::string::npos;
        Take({QueryDone{query.id, Answer(query), Duration::zero()}});
        Commit();
      }
    }
    return anchored;
  };
  EXPECT_FALSE(asks_anchored(config::Datasource::Increase::kOffset));
  EXPECT_FALSE(asks_anchored(config::Datasource::Increase::kVictoriaMetrics));
  EXPECT_EQ(Count("slo: counters are asked for by anchored ranges"), 0U);
  EXPECT_TRUE(asks_anchored(config::Datasource::Increase::kAnchored));
  EXPECT_EQ(Count("slo: counters are asked for by anchored ranges"), 1U);
  EXPECT_TRUE(asks_anchored(config::Datasource::Increase::kAuto)) << "it finds out";
}

// History that hangs takes a quarter of the room, and what decides does not wait for it.
TEST_F(CountingCoreTest, HistoryThatHangsHoldsUpNobody) {
  config_->datasources.front().concurrency = 4;
  BootWith({}, config::SloMode::kIncremental);
  size_t hanging = 0;
  for (int i = 0; i < 600; ++i) {
    Wait(seconds(1));
    while (!queries_.empty()) {
      const RunQuery query = queries_.front();
      queries_.erase(queries_.begin());
      if (query.step > Duration::zero()) {
        ++hanging;
      } else {
        Take({QueryDone{query.id, Answer(query), Duration::zero()}});
      }
    }
  }
  EXPECT_EQ(hanging, 1U);
  EXPECT_GE(Read(kViewSlos)->slos[0].last_evaluation, now_.wall - minutes(1));
}

class WritingTest : public EvaluationTest {
 protected:
  WritingTest() { config_->remote_writes.emplace_back(); }
};

TEST_F(WritingTest, FewWritesAreOutAtOnce) {
  std::vector<config::RuleGroup> groups;
  for (char name = 'a'; name < 'k'; ++name) groups.push_back(Group(std::string(1, name), 1));
  Begin(std::move(groups), 16);
  Wait(minutes(2));
  while (!queries_.empty()) AnswerOldest(One());
  ASSERT_THAT(writes_, SizeIs(limits::kInFlightWrites));
  EXPECT_FALSE(core_->idle());
  size_t done = 0;
  for (; done < writes_.size(); ++done) Take({SamplesWritten{writes_[done].id, {}, 2}});
  EXPECT_EQ(done, 10U);
  EXPECT_EQ(Read(kViewStats)->stats->samples_written.at({"success"}), 20U);
}

TEST_F(WritingTest, AGroupWritesOneAfterTheOther) {
  Begin({Group("a", 1)});
  AwaitQuery();
  AnswerOldest(One());
  AwaitQuery();
  AnswerOldest(One());
  ASSERT_THAT(writes_, SizeIs(1));
  Take({SamplesWritten{writes_[0].id, {}, 2}});
  ASSERT_THAT(writes_, SizeIs(2));
  EXPECT_LT(writes_[0].samples[0].at, writes_[1].samples[0].at);
}

TEST_F(WritingTest, WhatWaitsIsBoundedAndTheOldestGoes) {
  Begin({Group("a", 1)});
  // One write is out, so many may wait.
  for (size_t i = 0; i < limits::kQueuedWrites + 3; ++i) {
    Wait(minutes(1));
    AnswerOldest(One());
  }
  ASSERT_THAT(writes_, SizeIs(1));
  EXPECT_EQ(Count("remote write: too slow, the oldest samples are dropped"), 1U);
  const auto view = Read(kViewStats);
  EXPECT_EQ(view->stats->samples_written.at({"dropped"}), 4U);
  EXPECT_EQ(view->stats->limit_exceeded.at({"queued_writes"}), 2U);
  for (size_t i = 0; i < writes_.size(); ++i) Take({SamplesWritten{writes_[i].id, {}, 2}});
  ASSERT_THAT(writes_, SizeIs(limits::kQueuedWrites + 1));
  EXPECT_EQ(writes_[1].samples[0].at - writes_[0].samples[0].at, minutes(3));
  EXPECT_EQ(Count("remote write: nothing waits any more"), 1U);
}

TEST_F(WritingTest, AReloadEndsTheSeriesOfRulesThatAreGone) {
  Begin({Group("a", 1), Group("b", 1, /*records=*/true)});
  Wait(minutes(2));
  while (!queries_.empty()) AnswerOldest(One());
  for (size_t i = 0; i < writes_.size(); ++i) Take({SamplesWritten{writes_[i].id, {}, 2}});
  writes_.clear();
  auto next = std::make_shared<config::Config>(*config_);
  next->rule_groups = {Group("a", 1)};
  Take({ConfigSwap{next}});
  ASSERT_THAT(writes_, SizeIs(1));
  ASSERT_THAT(writes_[0].samples, SizeIs(1));
  EXPECT_EQ(writes_[0].samples[0].labels.Get("__name__"), "b0");
  EXPECT_TRUE(rules::IsStaleMarker(writes_[0].samples[0].value));
  Take({SamplesWritten{writes_[0].id, {}, 1}});
  EXPECT_THAT(writes_, SizeIs(1));
}

TEST_F(WritingTest, WhatIsDroppedThoughAGroupWaitsForItIsAskedAgain) {
  std::vector<config::RuleGroup> groups{Group("r", 1, /*records=*/true)};
  for (char name = 'a'; name < 'f'; ++name) groups.push_back(Group(std::string(1, name), 1));
  Begin(std::move(groups), 16);
  Wait(minutes(2));
  // Four are out; the recording rule is the oldest of those that wait.
  const auto is_recording = [](const RunQuery& query) { return query.expr == "r0"; };
  std::stable_partition(queries_.begin(), queries_.end(), std::not_fn(is_recording));
  for (size_t i = 0; i < limits::kInFlightWrites; ++i) AnswerOldest(One());
  std::stable_partition(queries_.begin(), queries_.end(), is_recording);
  ASSERT_EQ(AnswerOldest(One()), "r0");
  for (size_t i = 0; std::ranges::none_of(queries_, is_recording) && i < 1000; ++i) {
    while (!queries_.empty() && !is_recording(queries_.front())) AnswerOldest(One());
    if (queries_.empty()) Wait(minutes(1));
  }
  EXPECT_THAT(writes_, SizeIs(limits::kInFlightWrites));
  EXPECT_TRUE(std::ranges::any_of(queries_, is_recording));
  EXPECT_EQ(Read(kViewRules)->rules[0].status.last_error,
            "writing the result: dropped: too much waits to be written");
}

TEST_F(EvaluationTest, HowLongAnAlertOfOursWasPendingIsMeasured) {
  std::vector<config::RuleGroup> groups = {Group("a", 1)};
  groups[0].rules[0].hold = minutes(2);
  Begin(groups);
  for (int i = 0; i < 3; ++i) {
    AwaitQuery();
    AnswerOldest(One());
  }
  ASSERT_EQ(Count("alert: firing"), 1U);
  const auto view = Read(kViewStats);
  EXPECT_EQ(view->stats->rule_pending.series().at({"none", "rules"}).sum(), 120);
  Fire("ApiDown", "critical");
  EXPECT_THAT(Read(kViewStats)->stats->rule_pending.series(), SizeIs(1)) << "others do not say";
}

}  // namespace
}  // namespace watchfire::core
