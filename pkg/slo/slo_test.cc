// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/slo.h"

#include <cmath>
#include <functional>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr WallTime kStart = WallTime(seconds(1'000'000'020));
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

config::Slo MakeSlo(double objective = 99.9) {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = objective;
  slo.error_query = "e[{{.window}}]";
  slo.total_query = "t[{{.window}}]";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}, {hours(6), minutes(30), 6}};
  slo.ticket_windows = {{hours(24), hours(2), 3}, {hours(72), hours(6), 1}};
  return slo;
}

// One SLO with one window pair, so that a test says everything with two numbers.
config::Slo OnePair() {
  config::Slo slo = MakeSlo();
  slo.page_windows.resize(1);
  slo.ticket.disabled = true;
  slo.ticket_windows.clear();
  return slo;
}

Result<promql::Vector> Ratio(double value) { return promql::Vector{{{}, kStart, value}}; }
Result<promql::Vector> Down() { return Fail(Code::kUnavailable, "connection refused"); }

using Answers = std::function<Result<promql::Vector>(Duration window)>;

// Drives one engine of one SLO from slot to slot.
class Driver {
 public:
  explicit Driver(config::Slo slo, Duration interval = minutes(1), WallTime start = kStart)
      : engine_({std::move(slo)}, {interval, minutes(1), "http://wf", {}}) {
    engine_.Due(start + milliseconds(1));  // Finds the first slot.
  }

  Engine::Outcome Step(const Answers& answers) {
    now_ = *engine_.next_slot();
    asked_.clear();
    Engine::Outcome all;
    for (const Query& query : engine_.Due(now_)) {
      asked_.push_back(query.window);
      Engine::Outcome outcome = engine_.OnResult(query, answers(query.window), now_);
      all.send.insert(all.send.end(), outcome.send.begin(), outcome.send.end());
      all.records.insert(all.records.end(), outcome.records.begin(), outcome.records.end());
    }
    return all;
  }
  Engine::Outcome Step(const Result<promql::Vector>& same) {
    return Step([&](Duration) { return same; });
  }

  Engine& engine() { return engine_; }
  const SloStatus& status() const { return engine_.status(0); }
  WallTime now() const { return now_; }
  const std::vector<Duration>& asked() const { return asked_; }

 private:
  Engine engine_;
  WallTime now_;
  std::vector<Duration> asked_;
};

TEST(SloTest, TheLongWindowAloneDoesNotPage) {
  Driver driver(OnePair());
  // No traffic in the short window: 0/0.
  const auto silent = [](Duration w) { return Ratio(w == minutes(5) ? kNaN : 1.0); };
  EXPECT_THAT(driver.Step(silent).send, IsEmpty());
  ASSERT_THAT(driver.status().readings, SizeIs(1));
  EXPECT_FALSE(driver.status().readings[0].error_ratio.contains(minutes(5)));
  EXPECT_THAT(driver.Step(promql::Vector{}).send, IsEmpty());
  ASSERT_THAT(driver.status().readings, SizeIs(1));  // The period was not asked again.
  EXPECT_THAT(driver.status().readings[0].error_ratio, SizeIs(1));
}

TEST(SloTest, ANativeHistogramIsNoShareOfErrors) {
  Driver driver(OnePair());
  driver.Step(promql::Vector{{{}, kStart, 0, std::make_shared<const promql::Histogram>()}});
  EXPECT_THAT(driver.status().readings, IsEmpty()) << "all is well, it would say";
}

TEST(SloTest, SaysWhatFiresUntilWhenAndThatItEnded) {
  Driver driver(OnePair());
  const auto fired = driver.Step(Ratio(0.5));
  ASSERT_THAT(fired.send, SizeIs(1));
  const alert::Alert& alert = fired.send[0];
  EXPECT_EQ(alert.labels.Get("alertname"), "CartBurns");
  EXPECT_EQ(alert.labels.Get("sloth_severity"), "page");
  EXPECT_EQ(alert.annotations.Get("tier"), "quick");
  EXPECT_EQ(alert.starts_at, driver.now());
  EXPECT_EQ(alert.active_at, driver.now());
  EXPECT_EQ(alert.ends_at, driver.now() + minutes(4));
  EXPECT_EQ(alert.generator_url,
            "http://wf/graph?g0.expr=%28e%5B1h%5D%29+%2F+%28t%5B1h%5D%29&g0.tab=1");
  ASSERT_THAT(fired.records, SizeIs(1));
  EXPECT_EQ(fired.records[0].table, Table::kSlo);
  EXPECT_EQ(fired.records[0].key, "shop-cart");

  const WallTime start = driver.now();
  EXPECT_THAT(driver.Step(Ratio(0.5)).send, IsEmpty());   // Not more than the delay ago.
  EXPECT_THAT(driver.Step(Ratio(0.25)).send, SizeIs(1));  // Sent again,
  const auto resolved = driver.Step(Ratio(0.0));
  ASSERT_THAT(resolved.send, SizeIs(1));
  EXPECT_EQ(resolved.send[0].starts_at, start);
  EXPECT_EQ(resolved.send[0].ends_at, driver.now());
  EXPECT_EQ(resolved.send[0].annotations.Get("burn_rate_long"), "250");  // with fresh numbers.
  EXPECT_FALSE(driver.status().page_firing);

  // Told again for fifteen minutes, then forgotten.
  size_t told = 0;
  std::optional<Record> last;
  for (int i = 0; i < 20; ++i) {
    const auto outcome = driver.Step(Ratio(0.0));
    told += outcome.send.size();
    if (!outcome.records.empty()) last = outcome.records.back();
  }
  EXPECT_EQ(told, 7U);
  EXPECT_EQ(last->value, std::nullopt);
  // A new outage is a new alert.
  const auto again = driver.Step(Ratio(0.5));
  EXPECT_EQ(again.send.at(0).starts_at, driver.now());
}

TEST(SloTest, PageAndTicketAreJudgedApart) {
  Driver driver(MakeSlo());
  const auto outcome = driver.Step(Ratio(0.004));  // Burn rate 4 everywhere.
  ASSERT_THAT(outcome.send, SizeIs(1));
  EXPECT_EQ(outcome.send[0].labels.Get("severity"), "warning");
  EXPECT_TRUE(driver.status().ticket_firing);
  EXPECT_FALSE(driver.status().page_firing);
  // Seven: the slow page too.
  const auto worse = driver.Step(Ratio(0.007));
  ASSERT_THAT(worse.send, SizeIs(1));
  EXPECT_EQ(worse.send[0].annotations.Get("tier"), "slow");
  EXPECT_EQ(worse.send[0].annotations.Get("windows"), "6h/30m");
}

TEST(SloTest, FurtherSeveritiesAreSeenToFire) {
  config::Slo slo = OnePair();
  slo.severities.push_back({"escalate", {}, {{hours(1), minutes(5), 30}}});
  Driver driver(slo);
  driver.Step(Ratio(0.02));
  EXPECT_THAT(driver.status().firing, ElementsAre("page"));
  driver.Step(Ratio(0.04));
  EXPECT_THAT(driver.status().firing, ElementsAre("escalate", "page"));
  driver.Step(Ratio(0));
  EXPECT_THAT(driver.status().firing, IsEmpty());
}

TEST(SloTest, APairOfWindowsWithAnAlertOfItsOwnIsAPageAllTheSame) {
  config::Slo slo = OnePair();
  config::SloSeverity& slow = slo.severities.emplace_back();
  slow.name = "page-2";
  slow.alert.labels = labels::LabelSet{{"sloth_severity", "page"}};
  slow.windows = {{hours(6), minutes(30), 6}};
  Driver driver(slo);
  driver.Step(Ratio(0.007));
  EXPECT_THAT(driver.status().firing, ElementsAre("page-2"));
  EXPECT_TRUE(driver.status().page_firing);
  EXPECT_FALSE(driver.status().ticket_firing);
}

TEST(SloTest, AFailedBudgetQueryStopsNoPage) {
  Driver driver(MakeSlo());
  const Duration period = MakeSlo().period;
  const auto outcome = driver.Step([&](Duration w) { return w == period ? Down() : Ratio(0.5); });
  EXPECT_THAT(outcome.send, SizeIs(2));
  EXPECT_EQ(outcome.send[0].annotations.Get("budget_remaining"), "unknown");
  EXPECT_EQ(driver.status().last_error, "30d window: connection refused");
  EXPECT_EQ(driver.status().failures, 1U);
  // And it is asked again at the next slot, long cadence or not.
  driver.Step(Ratio(0.5));
  EXPECT_THAT(driver.asked(), ::testing::Contains(period));
  EXPECT_EQ(driver.status().last_error, "");
}

TEST(SloTest, WhatCannotBeDecidedIsHeld) {
  Driver driver(OnePair());
  const auto short_fails = [](Duration w) { return w == minutes(5) ? Down() : Ratio(0.5); };
  EXPECT_THAT(driver.Step(short_fails).send, IsEmpty());  // Nothing fires anew.
  EXPECT_THAT(driver.Step(Ratio(0.5)).send, SizeIs(1));
  // Firing: held for hours, and never left to expire.
  WallTime valid_until = driver.now() + minutes(4);
  for (int i = 0; i < 100; ++i) {
    for (const auto& alert :
         driver.Step(i % 2 == 0 ? Answers(short_fails) : [](Duration) { return Down(); }).send) {
      valid_until = alert.ends_at;
    }
    ASSERT_TRUE(driver.status().page_firing);
    ASSERT_GT(valid_until, driver.now());
  }
  // One quiet window decides, whatever the other would have said.
  driver.Step([](Duration w) { return w == minutes(5) ? Ratio(0) : Down(); });
  EXPECT_FALSE(driver.status().page_firing);
}

TEST(SloTest, GroupedSlosAlertForEachLabelSet) {
  Driver driver(OnePair());
  const labels::LabelSet eu{{"region", "eu"}};
  const labels::LabelSet us{{"region", "us"}};
  const auto both = [&](double in_eu, double in_us) {
    return promql::Vector{{eu.With({{"__name__", "ratio"}}), kStart, in_eu}, {us, kStart, in_us}};
  };
  const auto fired = driver.Step(both(0.5, 0.0));
  ASSERT_THAT(fired.send, SizeIs(1));
  EXPECT_EQ(fired.send[0].labels.Get("region"), "eu");
  EXPECT_FALSE(fired.send[0].labels.Has("__name__"));
  ASSERT_THAT(driver.status().readings, SizeIs(2));
  EXPECT_EQ(driver.status().readings[0].labels, eu);
  // The label sets are matched over windows: each has one of two windows above here.
  EXPECT_THAT(
      driver.Step([&](Duration w) { return w == minutes(5) ? both(0, 0.5) : both(0.5, 0); }).send,
      SizeIs(1));  // eu resolves.
  EXPECT_FALSE(driver.status().page_firing);
  // A label set that vanishes has no data and resolves.
  driver.Step(both(0, 0.5));
  EXPECT_TRUE(driver.status().page_firing);
  driver.Step(promql::Vector{{eu, kStart, 0}});
  EXPECT_FALSE(driver.status().page_firing);
}

TEST(SloTest, AnswersBeyondBoundsAreErrors) {
  Driver driver(OnePair());
  const promql::Vector twice{{labels::LabelSet{{"__name__", "a"}}, kStart, 1}, {{}, kStart, 1}};
  EXPECT_THAT(driver.Step(twice).send, IsEmpty());
  EXPECT_EQ(driver.status().last_error, "5m window: two error ratios with the same labels");
  driver.Step(promql::Vector(limits::kAlertsPerRule + 1));
  EXPECT_EQ(driver.status().last_error,
            "5m window: the result has 10001 label sets, more than 10000");
}

// A day at rest with a slot every minute.
TEST(SloTest, LongWindowsAreAskedSeldomAndTheShortestAlways) {
  Driver driver(MakeSlo());
  std::map<Duration, int> asked;
  for (int i = 0; i < 24 * 60; ++i) {
    driver.Step(Ratio(0.0));
    for (const Duration window : driver.asked()) ++asked[window];
  }
  EXPECT_EQ(asked[minutes(5)], 1440);
  EXPECT_EQ(asked[hours(6)], 1440);
  EXPECT_EQ(asked[hours(24)], 120);
  EXPECT_EQ(asked[hours(72)], 40);
  EXPECT_EQ(asked[hours(720)], 4);
  // Above a burn rate of one the long ones are followed closely.
  driver.Step(Ratio(0.0015));
  asked.clear();
  for (int i = 0; i < 60; ++i) {
    driver.Step(Ratio(0.0015));
    for (const Duration window : driver.asked()) ++asked[window];
  }
  EXPECT_EQ(asked[hours(24)], 60);
  EXPECT_EQ(asked[hours(720)], 10);
}

TEST(SloTest, EvenASloOfLongWindowsHasARoundEverySlot) {
  config::Slo slo = OnePair();
  slo.page_windows = {{hours(720), hours(48), 1}};
  Driver driver(slo);
  for (int i = 0; i < 5; ++i) driver.Step(Ratio(0.0));
  EXPECT_THAT(driver.asked(), ElementsAre(hours(48)));
}

TEST(SloTest, ARoundStillOutSkipsSlots) {
  Engine engine({MakeSlo()}, {});
  engine.Due(kStart + milliseconds(1));
  const WallTime slot = *engine.next_slot();
  const std::vector<Query> round = engine.Due(slot);
  ASSERT_THAT(round, SizeIs(8));
  EXPECT_EQ(round[0], (Query{0, minutes(5), "(e[5m]) / (t[5m])", slot}));
  EXPECT_EQ(engine.next_slot(), std::nullopt);
  EXPECT_THAT(engine.Due(slot + minutes(2)), IsEmpty());
  for (size_t i = 0; i + 1 < round.size(); ++i) {
    EXPECT_THAT(engine.OnResult(round[i], Ratio(1), slot).send, IsEmpty());
    EXPECT_THAT(engine.OnResult(round[i], Ratio(1), slot).send, IsEmpty());  // Twice: no effect.
  }
  EXPECT_THAT(engine.OnResult(round.back(), Ratio(1), slot + minutes(2)).send, SizeIs(2));
  EXPECT_EQ(engine.status(0).last_evaluation, slot);
  EXPECT_EQ(engine.Due(slot + minutes(3)).at(0).slot, slot + minutes(3));
  EXPECT_THAT(engine.OnResult(round[0], Ratio(0), slot).send, IsEmpty());  // Of an old round.
  Query foreign = round[0];
  foreign.slo = 9;
  EXPECT_THAT(engine.OnResult(foreign, Ratio(0), slot).send, IsEmpty());
}

TEST(SloTest, AFiringAlertIsHeldWhileNoAnswerComes) {
  Driver driver(OnePair());
  WallTime valid_until = driver.Step(Ratio(0.5)).send.at(0).ends_at;
  Engine& engine = driver.engine();
  const WallTime slot = *engine.next_slot();
  const std::vector<Query> hang = engine.Due(slot);
  ASSERT_FALSE(hang.empty());
  size_t sent = 0;
  WallTime now = slot;
  for (; now < slot + hours(2); now += seconds(1)) {
    const auto upkeep = engine.Upkeep(now);
    for (const alert::Alert& alert : upkeep.send) {
      EXPECT_EQ(alert.ends_at, now + minutes(4));
      EXPECT_EQ(alert.updated_at, now);
      EXPECT_THAT(upkeep.records, SizeIs(1));
      valid_until = alert.ends_at;
      ++sent;
    }
    ASSERT_GT(valid_until, now);
    ASSERT_GT(*engine.next_upkeep(), now);
  }
  EXPECT_EQ(sent, 40U) << "every three minutes, and no more";

  // The answers come after all, and say that it has ended.
  Engine::Outcome end;
  for (const Query& query : hang) end = engine.OnResult(query, Ratio(0), now);
  ASSERT_THAT(end.send, SizeIs(1));
  EXPECT_EQ(end.send[0].ends_at, slot);
  EXPECT_THAT(engine.Upkeep(now + hours(1)).send, IsEmpty());
}

TEST(SloTest, AnAnswerThatComesLateEndsNothing) {
  for (const Result<promql::Vector>& late : {Ratio(0.5), Down()}) {
    Driver driver(OnePair());
    driver.Step(Ratio(0.5));
    const WallTime slot = *driver.engine().next_slot() + minutes(1);
    Engine::Outcome outcome;
    for (const Query& query : driver.engine().Due(slot)) {
      outcome = driver.engine().OnResult(query, late, slot + minutes(10));
    }
    ASSERT_THAT(outcome.send, SizeIs(1));
    EXPECT_EQ(outcome.send[0].ends_at, slot + minutes(14));
  }
}

TEST(SloTest, ALongerIntervalDoesNotLetAlertsExpire) {
  Driver before(OnePair());
  before.Step(Ratio(0.5));
  Driver after(OnePair(), hours(1));
  after.engine().AdoptState(before.engine());
  const WallTime now = before.now() + minutes(1);
  const auto upkeep = after.engine().Upkeep(now);
  ASSERT_THAT(upkeep.send, SizeIs(1));
  EXPECT_EQ(upkeep.send[0].ends_at, now + hours(4));
}

TEST(SloTest, ExternalLabelsAreAddedWhereAbsent) {
  Engine engine({OnePair()}, {minutes(1), minutes(1), "",
                              labels::LabelSet{{"cluster", "eu-1"}, {"severity", "none"}}});
  engine.Due(kStart + milliseconds(1));
  std::vector<alert::Alert> send;
  for (const Query& query : engine.Due(*engine.next_slot())) {
    for (auto& alert : engine.OnResult(query, Ratio(1), query.slot).send) send.push_back(alert);
  }
  ASSERT_THAT(send, SizeIs(1));
  EXPECT_EQ(send[0].labels.Get("cluster"), "eu-1");
  EXPECT_EQ(send[0].labels.Get("severity"), "critical");
}

TEST(SloTest, ARestartKeepsAlertsAndResolvesThemWhenTheyEnd) {
  Driver before(MakeSlo());
  const Record record = before.Step(Ratio(0.5)).records.at(0);
  const WallTime start = before.now();
  Driver after(MakeSlo());
  ASSERT_TRUE(after.engine().Restore(record));
  EXPECT_TRUE(after.status().page_firing);
  EXPECT_TRUE(after.status().ticket_firing);
  after.Step(Down());  // Prometheus is not up yet: nothing resolves.
  EXPECT_TRUE(after.status().page_firing);
  const auto end = after.Step(Ratio(0.0));
  ASSERT_THAT(end.send, SizeIs(2));
  EXPECT_EQ(end.send[0].starts_at, start);
  EXPECT_EQ(end.send[0].ends_at, after.now());
}

TEST(SloTest, ARestartSendsWhatFiresAtOnce) {
  Driver before(OnePair(), hours(1));
  const Record record = before.Step(Ratio(0.5)).records.at(0);
  Driver after(OnePair(), hours(1));
  ASSERT_TRUE(after.engine().Restore(record));
  const WallTime now = before.now() + milliseconds(1);
  const auto upkeep = after.engine().Upkeep(now);
  ASSERT_THAT(upkeep.send, SizeIs(1)) << "nothing else says how long it is valid";
  EXPECT_EQ(upkeep.send[0].ends_at, now + hours(4));
}

TEST(SloTest, AWallClockSetBackMakesNoHoldLonger) {
  config::Slo slo = OnePair();
  slo.page.hold = minutes(2);
  Driver driver(slo);
  const Record record = driver.Step(Ratio(0.5)).records.at(0);
  Engine back({slo}, {minutes(1), minutes(1), "http://wf", {}});
  ASSERT_TRUE(back.Restore(record));
  back.Due(kStart - hours(24));
  size_t sent = 0;
  for (int slots = 0; slots < 3; ++slots) {
    const WallTime slot = *back.next_slot();
    for (const Query& query : back.Due(slot)) {
      sent += back.OnResult(query, Ratio(0.5), slot).send.size();
    }
  }
  EXPECT_EQ(sent, 1U);
}

TEST(SloTest, RestoreDropsUnknownSlosAndReportsDamage) {
  Driver driver(MakeSlo());
  Record record = driver.Step(Ratio(0.5)).records.at(0);
  const std::string json = *record.value;
  config::Slo other = MakeSlo();
  other.id = "other";
  Driver renamed(other);
  EXPECT_TRUE(renamed.engine().Restore(record));
  EXPECT_FALSE(renamed.status().page_firing);
  Driver fresh(MakeSlo());
  for (size_t cut = 0; cut < json.size(); ++cut) {
    record.value = json.substr(0, cut);
    ASSERT_EQ(fresh.engine().Restore(record).error().code, Code::kCorrupt) << cut;
  }
  EXPECT_FALSE(fresh.status().page_firing);
}

TEST(SloTest, AReloadKeepsAlertsReadingsAndSlots) {
  Engine before({MakeSlo()}, {});
  before.Due(kStart + milliseconds(1));
  const WallTime slot = *before.next_slot();
  for (const Query& query : before.Due(slot)) before.OnResult(query, Ratio(0.5), slot);

  config::Slo changed = MakeSlo();
  changed.objective = 99;  // The same queries: the same readings, judged anew at the next round.
  config::Slo added = MakeSlo();
  added.id = "new";
  Engine after({added, changed}, {});
  EXPECT_THAT(after.AdoptState(before), IsEmpty());
  EXPECT_TRUE(after.status(1).page_firing);
  EXPECT_THAT(after.status(1).readings, SizeIs(1));
  EXPECT_THAT(after.status(0).readings, IsEmpty());

  config::Slo requeried = MakeSlo();
  requeried.error_query = "other[{{.window}}]";
  Engine other({requeried}, {});
  other.AdoptState(before);
  EXPECT_TRUE(other.status(0).page_firing);
  EXPECT_THAT(other.status(0).readings, IsEmpty());
  EXPECT_THAT(other.Due(slot + minutes(1)), SizeIs(8));  // Nothing is known: all windows.

  // A round under way is asked again.
  ASSERT_FALSE(before.Due(slot + minutes(1)).empty());
  Engine again({MakeSlo()}, {});
  again.AdoptState(before);
  ASSERT_FALSE(again.Due(slot + minutes(1) + seconds(5)).empty());

  Engine none({}, {});
  const std::vector<Record> deletions = none.AdoptState(before);
  ASSERT_THAT(deletions, SizeIs(1));
  EXPECT_EQ(deletions[0], (Record{Table::kSlo, "shop-cart", std::nullopt}));
}

TEST(SloTest, AlertsThatTheConfigurationNoLongerKnowsResolve) {
  Driver before(MakeSlo());
  before.Step(Ratio(0.5));
  config::Slo slo = MakeSlo();
  slo.page.disabled = true;
  slo.ticket.labels = labels::LabelSet{{"team", "basket"}};
  Driver after(slo);
  after.engine().AdoptState(before.engine());
  std::vector<std::string> seen;
  for (const alert::Alert& alert : after.Step(Ratio(0.5)).send) {
    seen.push_back(std::string(alert.labels.Get("sloth_severity")) +
                   (alert.labels.Has("team") ? " new" : " old") +
                   (alert.Resolved(after.now()) ? " resolved" : " firing"));
  }
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre("page old resolved", "ticket old resolved",
                                                    "ticket new firing"));
}

// All 4^6 histories of six rounds that burn, are quiet, have no data or fail: an alert fires at
// the first burning round and ends at the first that is neither burning nor failed.
TEST(SloTest, EveryShortHistoryAgreesWithTheDefinition) {
  for (int code = 0; code < 4096; ++code) {
    Driver driver(OnePair());
    bool firing = false;
    WallTime started = kNoTime;
    for (int i = 0, rest = code; i < 6; ++i, rest /= 4) {
      const Result<promql::Vector> answers[] = {Ratio(0.5), Ratio(0.001), promql::Vector{}, Down()};
      const auto outcome = driver.Step(answers[rest % 4]);
      const bool was = firing;
      if (rest % 4 == 0) firing = true;
      if (rest % 4 == 1 || rest % 4 == 2) firing = false;
      if (firing && !was) started = driver.now();
      ASSERT_EQ(driver.status().page_firing, firing) << code << " " << i;
      if (firing == was) continue;
      ASSERT_THAT(outcome.send, SizeIs(1)) << code << " " << i;
      ASSERT_EQ(outcome.send[0].starts_at, started);
      ASSERT_EQ(outcome.send[0].Resolved(driver.now()), !firing);
      ASSERT_THAT(outcome.records, SizeIs(1));
    }
  }
}

TEST(SloTest, AnAlertWithAHoldWaitsForIt) {
  config::Slo slo = OnePair();
  slo.page.hold = minutes(2);
  Driver driver(slo);
  EXPECT_THAT(driver.Step(Ratio(0.5)).send, IsEmpty());
  EXPECT_THAT(driver.Step(Ratio(0.0)).send, IsEmpty());  // Over: nobody hears of it.
  const auto began = driver.Step(Ratio(0.5));
  const WallTime since = driver.now();
  ASSERT_THAT(began.records, SizeIs(1));
  EXPECT_FALSE(driver.status().page_firing);
  // A restart in between does not start the wait again.
  Driver after(slo, minutes(1), since);
  ASSERT_TRUE(after.engine().Restore(began.records[0]));
  EXPECT_FALSE(after.status().page_firing);
  EXPECT_THAT(after.engine().Upkeep(since + hours(1)).send, IsEmpty()) << "it waits, still";
  std::vector<alert::Alert> sent;
  while (sent.empty() && after.now() < since + minutes(10)) sent = after.Step(Ratio(0.5)).send;
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].active_at, since);
  EXPECT_EQ(sent[0].starts_at, since + minutes(2));
  EXPECT_TRUE(after.status().page_firing);
}

TEST(SloTest, ABudgetOfTheCalendarIsAskedFromItsStartOn) {
  config::Slo slo = OnePair();
  slo.calendar.emplace();
  slo.calendar->unit = config::CalendarPeriod::Unit::kDay;
  slo.calendar->count = 7;
  slo.calendar->start = cctz::civil_second(2001, 9, 1, 1, 45);
  Engine engine({slo}, {minutes(1), minutes(1), "", {}, /*spread=*/false});
  const auto budget_at = [&](const std::string& at) {
    const WallTime now = ParseTime(at).value();
    std::string expr;
    for (const Query& query : engine.Due(now)) {
      if (query.window == slo.period) expr = query.expr;
      engine.OnResult(query, Ratio(0.0), now);
    }
    return expr;
  };
  budget_at("2001-09-08T01:40:01Z");  // Finds the first slot.
  EXPECT_EQ(budget_at("2001-09-08T01:41:00Z"), "(e[6d23h56m]) / (t[6d23h56m])");
  EXPECT_EQ(budget_at("2001-09-08T01:42:00Z"), "");  // Nothing moves that fast.
  EXPECT_EQ(budget_at("2001-09-08T01:45:00Z"), "(e[1s]) / (t[1s])");
  EXPECT_EQ(budget_at("2001-09-08T01:46:00Z"), "(e[1m]) / (t[1m])");
}

}  // namespace
}  // namespace watchfire::slo
