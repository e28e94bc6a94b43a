// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One pass over the rules of a group: recording rules, what templates ask, asking again, and making
// up for slots that stayed open.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/rules/rules.h"

namespace watchfire::rules {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));

config::Rule Alerting(const std::string& name, const std::string& annotation = "") {
  config::Rule rule;
  rule.alert = name;
  rule.expr = name + " > 0";
  if (!annotation.empty()) {
    rule.annotation_templates.emplace_back("text", templates::Template::Parse(annotation).value());
  }
  return rule;
}

config::Rule Recording(const std::string& name) {
  config::Rule rule;
  rule.record = name;
  rule.expr = "sum(" + name + ")";
  return rule;
}

config::RuleGroup Group(std::vector<config::Rule> rules) {
  config::RuleGroup group;
  group.file = "rules.yml";
  group.name = "main";
  group.rules = std::move(rules);
  return group;
}

Result<promql::Vector> Down() { return Fail(Code::kUnavailable, "connection refused"); }

promql::Vector One(double value, labels::LabelSet labels = {}) {
  return {{std::move(labels), kStart, value}};
}

class PassTest : public ::testing::Test {
 protected:
  void Start(std::vector<config::Rule> rules, bool writes) {
    engine_.emplace(
        std::vector{Group(std::move(rules))},
        EngineOptions{minutes(1), "http://wf/x", labels::LabelSet{{"dc", "eu"}}, writes});
    engine_->Due(kStart);
    slot_ = *engine_->next_slot();
  }
  // What is asked first at `at`.
  Query Due(WallTime at) {
    std::vector<Query> due = engine_->Due(at);
    EXPECT_THAT(due, SizeIs(1));
    return due.at(0);
  }
  Engine::Outcome Answer(const Query& query, const Result<promql::Vector>& result, WallTime at) {
    return engine_->OnResult(query, result, at, milliseconds(3));
  }
  // Answers a recording rule and says that it was written; gives what is asked next.
  std::optional<Query> Record(const Query& query, const promql::Vector& result) {
    const Engine::Outcome outcome = Answer(query, result, query.slot);
    EXPECT_TRUE(outcome.write.is_awaited);
    return engine_->OnWritten(outcome.write, {}, query.slot).next;
  }

  std::optional<Engine> engine_;
  WallTime slot_ = kNoTime;
};

TEST_F(PassTest, WhatIsRecordedIsWrittenBeforeTheNextRuleAsks) {
  config::Rule rule = Recording("job:up:sum");
  rule.labels = labels::LabelSet{{"team", "a"}, {"instance", ""}};
  Start({rule, Alerting("A")}, true);
  const Query query = Due(slot_);
  const auto outcome = Answer(
      query, One(3, labels::LabelSet{{"__name__", "up"}, {"instance", "i"}, {"job", "j"}}), slot_);
  EXPECT_EQ(outcome.next, std::nullopt);
  EXPECT_TRUE(outcome.write.is_awaited);
  const labels::LabelSet want{{"__name__", "job:up:sum"}, {"job", "j"}, {"team", "a"}};
  EXPECT_THAT(outcome.write.samples, ElementsAre(promql::Sample{want, slot_, 3}));
  EXPECT_THAT(engine_->Due(slot_ + minutes(2)), IsEmpty());  // Busy until it is written.

  const auto written = engine_->OnWritten(outcome.write, {}, slot_ + seconds(1));
  ASSERT_TRUE(written.next);
  EXPECT_EQ(written.next->rule, 1U);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kOk);
  // Twice is not possible.
  EXPECT_EQ(engine_->OnWritten(outcome.write, {}, slot_ + seconds(1)).next, std::nullopt);
}

TEST_F(PassTest, WithoutAPlaceToWriteToRecordingRulesAreOnlyLookedAt) {
  Start({Recording("r"), Alerting("A")}, false);
  const auto outcome = Answer(Due(slot_), One(3), slot_);
  EXPECT_THAT(outcome.write.samples, IsEmpty());
  ASSERT_TRUE(outcome.next);
  EXPECT_EQ(outcome.next->rule, 1U);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kOk);
}

TEST_F(PassTest, SeriesThatEndAreMarked) {
  Start({Recording("r")}, true);
  const labels::LabelSet a{{"n", "a"}};
  const labels::LabelSet b{{"n", "b"}};
  promql::Vector both = One(1, a);
  both.push_back({b, kStart, 2});
  Record(Due(slot_), both);
  slot_ += minutes(1);
  const auto second = Answer(Due(slot_), One(5, b), slot_);
  ASSERT_THAT(second.write.samples, SizeIs(2));
  EXPECT_EQ(second.write.samples[0].value, 5);
  EXPECT_EQ(second.write.samples[1].labels.Get("n"), "a");
  EXPECT_TRUE(IsStaleMarker(second.write.samples[1].value));
  EXPECT_EQ(second.write.samples[1].at, slot_);
}

// One of them would have the whole write refused.
TEST_F(PassTest, HistogramsThatCountLessThanNothingAreLeftOut) {
  Start({Recording("r")}, true);
  promql::Vector mixed = One(1, labels::LabelSet{{"n", "plain"}});
  const auto add = [&mixed](const char* name, promql::Histogram histogram) {
    mixed.push_back({labels::LabelSet{{"n", name}}, kStart, 0,
                     std::make_shared<const promql::Histogram>(std::move(histogram))});
  };
  add("whole", {2, -3, {{1, 2, 2}}, {}});
  add("count", {-1, 1, {}, {}});
  add("bucket", {1, 1, {{1, 2, 2}, {2, 4, -1}}, {}});
  add("nan", {std::nan(""), 1, {}, {}});
  const Query query = Due(slot_);
  const Engine::Outcome outcome = Answer(query, mixed, slot_);
  EXPECT_TRUE(outcome.write.is_awaited);
  std::vector<std::string> names;
  for (const promql::Sample& sample : outcome.write.samples) {
    names.emplace_back(sample.labels.Get("n"));
  }
  EXPECT_THAT(names, ElementsAre("plain", "whole", "nan"));
  const std::string error = "histograms with a count below 0 are not stored: 2";
  const Engine::Outcome written = engine_->OnWritten(outcome.write, {}, slot_);
  ASSERT_TRUE(written.health);
  EXPECT_EQ(written.health->error, error);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kError);
  EXPECT_EQ(engine_->status(0, 0).last_error, error);
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1)) << "asking again would not help";
}

// Storages look for resets of what is a counter, and begin anew at each.
TEST_F(PassTest, HistogramsOfDifferencesAreGauges) {
  const auto is_gauge = [this](const char* expr) {
    config::Rule rule = Recording("r");
    rule.expr = expr;
    Start({rule}, true);
    promql::Histogram one{2, 3, {{1, 2, 2}}, {}};
    const promql::Sample sample{{}, kStart, 0, std::make_shared<const promql::Histogram>(one)};
    return Answer(Due(slot_), promql::Vector{sample}, slot_)
        .write.samples.at(0)
        .histogram->is_gauge;
  };
  for (const char* expr :
       {"rate(h[5m])", "sum by (job) (increase(h[1h]))", "(h offset 5m) - h",
        "2 * avg(irate(h[5m]))", "h or idelta(h[5m])", "avg_over_time(delta(h[5m])[1h:])"}) {
    EXPECT_TRUE(is_gauge(expr)) << expr;
  }
  for (const char* expr : {"h", "sum without (pod) (h)", "h + h", "h and on () rate(x[5m]) > 1",
                           "h unless rate(x[5m])", "last_over_time(h[5m])", "sum("}) {
    EXPECT_FALSE(is_gauge(expr)) << expr;
  }
}

TEST_F(PassTest, AlertsAreWrittenAsSeries) {
  config::Rule rule = Alerting("A");
  rule.hold = minutes(1);
  rule.labels = labels::LabelSet{{"severity", "{{ .x }}"}};
  rule.label_templates.emplace_back("severity", templates::Template::Parse("page").value());
  Start({rule}, true);
  const auto pending = Answer(Due(slot_), One(1), slot_);
  EXPECT_FALSE(pending.write.is_awaited);  // Nobody waits for it.
  const auto set = [](const char* name, const char* state) {
    labels::LabelSet out{{"__name__", name}, {"alertname", "A"}, {"severity", "page"}};
    return *state ? out.With({{"alertstate", state}}) : out;
  };
  EXPECT_THAT(pending.write.samples, ElementsAre(promql::Sample{set("ALERTS", "pending"), slot_, 1},
                                                 promql::Sample{set("ALERTS_FOR_STATE", ""), slot_,
                                                                std::floor(ToUnixSeconds(slot_))}));
  const WallTime active_at = slot_;
  slot_ += minutes(1);
  const auto firing = Answer(Due(slot_), One(1), slot_);
  ASSERT_THAT(firing.write.samples, SizeIs(3));
  EXPECT_EQ(firing.write.samples[0], (promql::Sample{set("ALERTS", "firing"), slot_, 1}));
  EXPECT_EQ(firing.write.samples[1].value, std::floor(ToUnixSeconds(active_at)));
  EXPECT_EQ(firing.write.samples[2].labels, set("ALERTS", "pending"));
  EXPECT_TRUE(IsStaleMarker(firing.write.samples[2].value));
  // An error says nothing about them.
  slot_ += minutes(1);
  EXPECT_THAT(Answer(Due(slot_), Down(), slot_).write.samples, IsEmpty());
}

TEST_F(PassTest, TemplatesAskAndAskAgainWithWhatTheyLearn) {
  Start({Alerting("A",
                  "{{ range query \"first\" }}{{ .Labels.n }}:"
                  "{{ query (printf \"second{n=%q}\" .Labels.n) | first | value }} {{ end }}"
                  "{{ $externalLabels.dc }} {{ externalURL }}")},
        false);
  const Query main = Due(slot_);
  const auto one = Answer(main, One(1), slot_);
  EXPECT_THAT(one.send, IsEmpty());
  ASSERT_TRUE(one.next);
  EXPECT_EQ(*one.next, (Query{0, 0, "first", slot_, slot_, true}));
  promql::Vector both = One(1, labels::LabelSet{{"n", "a"}});
  both.push_back({labels::LabelSet{{"n", "b"}}, kStart, 2});
  const auto two = Answer(*one.next, both, slot_);
  ASSERT_TRUE(two.next);
  EXPECT_EQ(two.next->expr, "second{n=\"a\"}");
  const auto three = Answer(*two.next, One(10), slot_);
  ASSERT_TRUE(three.next);
  EXPECT_EQ(three.next->expr, "second{n=\"b\"}");
  const auto done = Answer(*three.next, One(20), slot_);
  ASSERT_THAT(done.send, SizeIs(1));
  EXPECT_EQ(done.send[0].annotations.Get("text"), "a:10 b:20 eu http://wf/x");
  EXPECT_EQ(engine_->status(0, 0).evaluation_time, milliseconds(12));
  EXPECT_EQ(engine_->stats()[0].evaluations, 1U);
}

TEST_F(PassTest, AFailedQueryOfATemplateSpoilsItsTextOnly) {
  Start({Alerting("A", "{{ query \"x\" | first | value }}")}, false);
  const auto one = Answer(Due(slot_), One(1), slot_);
  const auto done = Answer(*one.next, Down(), slot_);
  ASSERT_THAT(done.send, SizeIs(1));
  EXPECT_THAT(std::string(done.send[0].annotations.Get("text")),
              ::testing::AllOf(::testing::StartsWith("<error expanding template:"),
                               ::testing::HasSubstr("connection refused")));
  EXPECT_EQ(engine_->status(0, 0).health, Health::kOk);
}

TEST_F(PassTest, TemplatesAskABoundedNumberOfQueries) {
  Start({Alerting("A", "{{ query (printf \"q%s\" $labels.n) | first | value }}")}, false);
  promql::Vector many;
  for (int i = 0; i < 100; ++i) {
    many.push_back({labels::LabelSet{{"n", std::to_string(i)}}, kStart, 1});
  }
  auto outcome = Answer(Due(slot_), many, slot_);
  size_t asked = 0;
  for (; outcome.next; ++asked) outcome = Answer(*outcome.next, One(7), slot_);
  EXPECT_EQ(asked, limits::kQueriesPerEvaluation);
  size_t good = 0;
  for (const alert::Alert& alert : outcome.send) good += alert.annotations.Get("text") == "7";
  EXPECT_EQ(outcome.send.size(), 100U);
  EXPECT_EQ(good, limits::kQueriesPerEvaluation);
}

TEST_F(PassTest, WhatFailedIsAskedAgainBeforeTheNextSlot) {
  Start({Alerting("A"), Alerting("B")}, false);
  auto outcome = Answer(Due(slot_), Down(), slot_);
  ASSERT_TRUE(outcome.next);  // The others do not wait for it.
  EXPECT_EQ(outcome.next->rule, 1U);
  EXPECT_EQ(Answer(*outcome.next, One(1), slot_).next, std::nullopt);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kError);

  EXPECT_EQ(engine_->next_slot(), slot_ + seconds(6));
  EXPECT_THAT(engine_->Due(slot_ + seconds(5)), IsEmpty());
  const Query again = Due(slot_ + seconds(6));
  EXPECT_EQ(again, (Query{0, 0, "A > 0", slot_, slot_}));
  EXPECT_EQ(Answer(again, Down(), slot_ + seconds(6)).next, std::nullopt);
  EXPECT_EQ(engine_->next_slot(), slot_ + seconds(18));  // Patience doubles.
  const auto good = Answer(Due(slot_ + seconds(18)), One(1), slot_ + seconds(18));
  ASSERT_THAT(good.send, SizeIs(1));
  EXPECT_EQ(good.send[0].starts_at, slot_);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kOk);
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
  EXPECT_EQ(engine_->stats()[0].iterations, 1U);
}

TEST_F(PassTest, AnEndThatIsSeenAtTheSecondAttemptIsToldAtOnce) {
  Start({Alerting("A")}, false);
  ASSERT_THAT(Answer(Due(slot_), One(1), slot_).send, SizeIs(1));
  slot_ += minutes(2);  // It is due to be sent again.
  EXPECT_THAT(Answer(Due(slot_), Down(), slot_).send, SizeIs(1));
  const auto end = Answer(Due(slot_ + seconds(6)), promql::Vector(), slot_ + seconds(6));
  ASSERT_THAT(end.send, SizeIs(1));
  EXPECT_EQ(end.send[0].ends_at, slot_);
}

TEST_F(PassTest, AQueryOfALabelThatFailsLeavesTheAlertsAsTheyAre) {
  config::Rule rule = Alerting("A");
  rule.label_templates.emplace_back(
      "team", templates::Template::Parse("{{ query \"t\" | first | value }}").value());
  Start({rule}, false);
  const auto asks = Answer(Due(slot_), One(1), slot_);
  ASSERT_THAT(Answer(*asks.next, One(7), slot_).send, SizeIs(1));
  slot_ += minutes(1);
  const auto again = Answer(Due(slot_), One(1), slot_);
  EXPECT_THAT(Answer(*again.next, Down(), slot_).send, IsEmpty());
  ASSERT_THAT(engine_->instances(0, 0), SizeIs(1));
  EXPECT_EQ(engine_->instances(0, 0)[0]->labels.Get("team"), "7");
  EXPECT_EQ(engine_->status(0, 0).health, Health::kError);
  EXPECT_EQ(engine_->next_slot(), slot_ + seconds(6));  // It is asked again.
}

TEST_F(PassTest, AReloadDoesNotForgetWhatWasToBeAskedAgain) {
  Start({Alerting("A")}, false);
  const Query query = Due(slot_);
  Answer(query, Down(), slot_);
  Engine after({Group({Alerting("A")})}, {minutes(1), "", {}, false});
  after.AdoptState(*engine_);
  const std::vector<Query> due = after.Due(slot_ + seconds(1));
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0], query);
}

TEST_F(PassTest, AWrongExpressionIsNotAskedAgain) {
  Start({Alerting("A")}, false);
  Answer(Due(slot_), Fail(Code::kInvalidArgument, "parse error"), slot_);
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
}

TEST_F(PassTest, TheNextSlotEndsTheAskingAgain) {
  Start({Alerting("A")}, false);
  Answer(Due(slot_), Down(), slot_ + seconds(50));
  EXPECT_EQ(engine_->next_slot(), slot_ + seconds(56));
  Answer(Due(slot_ + seconds(56)), Down(), slot_ + seconds(57));
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
  EXPECT_EQ(Due(slot_ + minutes(1)).slot, slot_ + minutes(1));
}

TEST_F(PassTest, SlotsThatStayedOpenAreMadeUpForOldestFirst) {
  Start({Recording("r"), Alerting("A")}, true);
  const WallTime first = slot_;
  for (int i = 0; i < 2; ++i, slot_ += minutes(1)) {
    auto outcome = Answer(Due(slot_), Down(), slot_ + seconds(57));
    ASSERT_TRUE(outcome.next);
    EXPECT_EQ(outcome.next->rule, 1U);
    Answer(*outcome.next, Down(), slot_ + seconds(58));
  }
  Query query = Due(slot_);
  std::vector<WallTime> asked;
  for (; query.rule == 0; query = *Record(query, One(1))) asked.push_back(query.at);
  EXPECT_THAT(asked, ElementsAre(first, first + minutes(1), first + minutes(2)));
  EXPECT_EQ(query.slot, slot_);
}

TEST_F(PassTest, OnlySoManySlotsAreMadeUpFor) {
  Start({Recording("r")}, true);
  for (int i = 0; i < 100; ++i, slot_ += minutes(1)) {
    Answer(Due(slot_), Down(), slot_ + seconds(59));
  }
  size_t asked = 0;
  for (std::optional<Query> query = Due(slot_); query; query = Record(*query, One(1))) ++asked;
  EXPECT_EQ(asked, 6U) << "those of five minutes, and the one that is due";
}

TEST_F(PassTest, AWriteThatFailsIsOwedToo) {
  Start({Recording("r"), Recording("s"), Alerting("A")}, true);
  const Query query = Due(slot_);
  const Write write = Answer(query, One(1), slot_).write;
  const auto outcome = engine_->OnWritten(write, Fail(Code::kUnavailable, "503"), slot_);
  // The alert does not wait for a second time-out.
  ASSERT_TRUE(outcome.next);
  EXPECT_EQ(outcome.next->rule, 2U);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kError);
  EXPECT_EQ(engine_->status(0, 0).last_error, "writing the result: 503");
  EXPECT_EQ(engine_->history(0, 0).back().error, "writing the result: 503");
  Answer(*outcome.next, One(1), slot_);
  const Query again = Due(slot_ + seconds(6));
  EXPECT_EQ(again.rule, 0U);
  EXPECT_EQ(Record(again, One(1))->rule, 1U);
}

TEST_F(PassTest, SamplesThatAreRefusedForGoodAreGivenUp) {
  Start({Recording("r")}, true);
  const Query query = Due(slot_);
  const Write write = Answer(query, One(1), slot_).write;
  engine_->OnWritten(write, Fail(Code::kInvalidArgument, "out of order"), slot_);
  EXPECT_EQ(engine_->status(0, 0).health, Health::kError);
  EXPECT_EQ(engine_->next_slot(), slot_ + minutes(1));
  EXPECT_EQ(Due(slot_ + minutes(1)).slot, slot_ + minutes(1));
}

TEST_F(PassTest, TheLastEvaluationsAreKept) {
  Start({Alerting("A")}, false);
  for (int i = 0; i < 30; ++i, slot_ += minutes(1)) {
    Answer(Due(slot_), One(1), slot_ + milliseconds(9));
  }
  const History history = engine_->history(0, 0);
  EXPECT_EQ(history.size(), limits::kEvaluationsKept);
  EXPECT_EQ(history.back().at, slot_ - minutes(1));
  EXPECT_EQ(history.back().started, slot_ - minutes(1) + milliseconds(6));
  EXPECT_EQ(history.back().took, milliseconds(3));
  EXPECT_EQ(history.back().samples, 1U);
  EXPECT_EQ(history.back().error, "");
  for (size_t i = 1; i < history.size(); ++i) {
    EXPECT_EQ(history[i].at, history[i - 1].at + minutes(1));
  }
}

TEST_F(PassTest, AnErrorOfWritingIsNotedInTheNewestEvaluation) {
  Start({Recording("r")}, true);
  for (size_t i = 0; i < limits::kEvaluationsKept + 3; ++i, slot_ += minutes(1)) {
    const Write write = Answer(Due(slot_), One(1), slot_).write;
    const bool is_good = i % 2 == 0;
    engine_->OnWritten(write, is_good ? Status() : Fail(Code::kInvalidArgument, "no"), slot_);
    EXPECT_EQ(engine_->history(0, 0).back().error.empty(), is_good) << i;
  }
}

TEST_F(PassTest, AWallClockThatIsSetBackDuringAPassStopsNoGroup) {
  Start({Alerting("A")}, false);
  const Query query = Due(slot_);
  const WallTime back = slot_ - std::chrono::hours(5) + seconds(1);
  Answer(query, One(1), back);
  EXPECT_THAT(engine_->Due(back), IsEmpty());
  ASSERT_LE(*engine_->next_slot(), back + minutes(1));
  EXPECT_THAT(engine_->Due(*engine_->next_slot()), SizeIs(1));
}

TEST_F(PassTest, AWallClockThatIsSetBackBetweenPassesStopsNoGroup) {
  Start({Alerting("A")}, false);
  Answer(Due(slot_), One(1), slot_);
  const WallTime back = slot_ - std::chrono::hours(5) + seconds(1);
  EXPECT_THAT(engine_->Due(back), IsEmpty());
  ASSERT_LE(*engine_->next_slot(), back + minutes(1));
  EXPECT_THAT(engine_->Due(*engine_->next_slot()), SizeIs(1));
}

}  // namespace
}  // namespace watchfire::rules
