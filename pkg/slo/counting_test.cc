// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The engine in incremental mode: what is asked, and that it decides as exact mode does.

#include <cmath>
#include <functional>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"
#include "pkg/slo/slo.h"

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kStart = 20'000 * 1440;

WallTime At(int64_t minute) { return WallTime(minutes(minute)); }

config::Slo MakeSlo() {
  config::Slo slo;
  slo.id = "shop-cart";
  slo.service = "shop";
  slo.name = "cart";
  slo.objective = 99.9;
  slo.error_query = "sum(increase(bad[{{.window}}]))";
  slo.total_query = "sum(increase(all[{{.window}}]))";
  slo.alert_name = "CartBurns";
  slo.page_windows = {{hours(1), minutes(5), 14.4}, {hours(6), minutes(30), 6}};
  slo.ticket_windows = {{hours(24), hours(2), 3}, {hours(72), hours(6), 1}};
  return slo;
}

EngineOptions Options(bool incremental = true) {
  EngineOptions options;
  options.external_url = "http://wf";
  options.spread = false;
  options.incremental = incremental;
  options.books.spread = false;
  options.books.increments.growth = GrowthQuery::kIncrease;
  return options;
}

// Knows what happened in each minute, and says of any time what had happened when the minute before
// was over, so that both modes see the same.
struct Prometheus {
  std::function<Events(int64_t)> truth = [](int64_t) { return Events{0, 100}; };
  std::function<bool(const Query&)> fails = [](const Query&) { return false; };
  std::vector<std::string> exact;  // What was asked since somebody looked.
  size_t counts = 0;

  static bool IsExact(const Query& query) { return query.question == 0; }
  static Duration Window(const std::string& expr) {
    const size_t open = expr.find('[');
    return ParseDuration(expr.substr(open + 1, expr.find(']') - open - 1)).value();
  }
  Events Between(int64_t from, int64_t to) const {
    Events sum;
    for (int64_t minute = from; minute < to; ++minute) sum += truth(minute);
    return sum;
  }
  Result<promql::Vector> Answer(const Query& query) {
    IsExact(query) ? exact.push_back(query.expr) : void(++counts);
    if (fails(query)) return Fail(Code::kUnavailable, "connection refused");
    const Duration window = Window(query.expr);
    if (IsExact(query)) {
      const int64_t end = MinuteAt(query.slot - seconds(30));
      const Events events = Between(end - window / minutes(1), end);
      return promql::Vector{{{}, query.slot, events.bad / events.total}};
    }
    const bool bad = query.expr.find("(all[") == std::string::npos;
    promql::Vector out;
    const WallTime from = query.step > Duration::zero() ? query.from : query.slot;
    for (WallTime at = from; at <= query.slot; at += std::max(query.step, Duration(1))) {
      const Events events = Between(MinuteAt(at - window), MinuteAt(at));
      if (events.total > 0) out.push_back({{}, at, bad ? events.bad : events.total});
    }
    return out;
  }
};

class Driver {
 public:
  Driver(config::Slo slo, EngineOptions options, Prometheus* prometheus)
      : engine({std::move(slo)}, std::move(options)), prometheus_(*prometheus) {}

  void Run(WallTime until) {
    while (true) {
      const auto next = engine.next_slot();
      if (!next || *next > until) break;
      now = std::max(now, *next);
      const std::vector<Query> due = engine.Due(now);
      Take(engine.TakeOutcome());
      for (const Query& query : due) {
        Take(engine.OnResult(query, prometheus_.Answer(query), now));
      }
      Store(engine.TakeRecords(now));
    }
    now = until;
  }
  void Store(std::vector<Record> records) {
    for (Record& record : records) {
      if (record.value) {
        disk[record.key] = *record.value;
      } else {
        disk.erase(record.key);
      }
    }
  }
  std::vector<alert::Alert> pages_sent() const {
    std::vector<alert::Alert> out;
    for (const alert::Alert& alert : sent) {
      if (alert.labels.Get("sloth_severity") == "page") out.push_back(alert);
    }
    return out;
  }
  bool pages() const { return engine.status(0).page_firing; }

  Engine engine;
  WallTime now = At(kStart) - seconds(10);
  std::vector<alert::Alert> sent;
  std::map<std::string, std::string> disk;

 private:
  void Take(Engine::Outcome outcome) {
    sent.insert(sent.end(), outcome.send.begin(), outcome.send.end());
    Store(std::move(outcome.records));
  }
  Prometheus& prometheus_;
};

TEST(CountingTest, OnceHistoryIsInNothingButTheNewestMinuteIsAsked) {
  Prometheus prometheus;
  Driver driver(MakeSlo(), Options(), &prometheus);
  driver.Run(At(kStart + 3) + seconds(40));
  EXPECT_THAT(driver.engine.counting(0).counted, SizeIs(8));
  EXPECT_NEAR(driver.engine.counting(0).known, 1, 0.001);
  prometheus.exact.clear();
  prometheus.counts = 0;
  driver.Run(At(kStart + 23) + seconds(40));
  EXPECT_THAT(prometheus.exact, IsEmpty());
  EXPECT_EQ(prometheus.counts, 2U * 20 + 2 * 4) << "and every five minutes the last five";
  ASSERT_THAT(driver.engine.status(0).readings, SizeIs(1));
  EXPECT_THAT(driver.engine.status(0).readings[0].error_ratio, SizeIs(8));
  EXPECT_EQ(driver.engine.status(0).last_evaluation, At(kStart + 23));
}

TEST(CountingTest, AnOutageThatIsUnderWayAtTheFirstStartPagesAtTheFirstTick) {
  Prometheus prometheus;
  prometheus.truth = [](int64_t) { return Events{50, 100}; };
  prometheus.fails = [](const Query& query) { return query.background; };
  Driver driver(MakeSlo(), Options(), &prometheus);
  driver.Run(At(kStart) + seconds(1));
  EXPECT_TRUE(driver.pages());
  EXPECT_THAT(prometheus.exact, SizeIs(8)) << "nothing is known yet";
  EXPECT_THAT(driver.engine.counting(0).counted, IsEmpty());
}

TEST(CountingTest, AMinuteThatCannotBeCountedIsDecidedByExactPromQL) {
  Prometheus prometheus;
  Driver driver(MakeSlo(), Options(), &prometheus);
  driver.Run(At(kStart + 10) + seconds(40));
  prometheus.exact.clear();
  prometheus.truth = [](int64_t) { return Events{50, 100}; };
  prometheus.fails = [](const Query& query) { return !Prometheus::IsExact(query); };
  driver.Run(At(kStart + 11) + seconds(40));
  EXPECT_TRUE(driver.pages());
  EXPECT_THAT(prometheus.exact, Contains(HasSubstr("bad[5m]")));
  EXPECT_THAT(driver.engine.counting(0).error, HasSubstr("connection refused"));
  EXPECT_EQ(driver.engine.status(0).last_error, "");
}

TEST(CountingTest, EventsThatCannotBeAreToldThoughRatiosAreWithinTheirBounds) {
  Prometheus prometheus;
  prometheus.truth = [](int64_t) { return Events{-50, 100}; };
  Driver driver(MakeSlo(), Options(), &prometheus);
  driver.Run(At(kStart + 3) + seconds(40));
  ASSERT_THAT(driver.engine.counting(0).counted, SizeIs(8));
  EXPECT_EQ(driver.engine.status(0).readings.at(0).error_ratio.at(hours(1)), 0);
  EXPECT_EQ(driver.engine.status(0).ratio_error, "1h window: more good events than events: 150%");
  EXPECT_GT(driver.engine.counting(0).anomalies, 0U);
}

TEST(CountingTest, AQueryThatFailsResolvesNothing) {
  Prometheus prometheus;
  prometheus.truth = [](int64_t) { return Events{50, 100}; };
  Driver driver(MakeSlo(), Options(), &prometheus);
  driver.Run(At(kStart + 10) + seconds(40));
  ASSERT_TRUE(driver.pages());
  prometheus.fails = [](const Query&) { return true; };
  driver.Run(At(kStart + 130) + seconds(40));
  EXPECT_TRUE(driver.pages());
  EXPECT_EQ(driver.engine.status(0).last_error, "5m window: connection refused");
  // The hole is closed from its newest end; until then exact PromQL decides.
  prometheus.fails = [](const Query&) { return false; };
  prometheus.truth = [](int64_t minute) { return Events{minute < kStart + 95 ? 50.0 : 0, 100}; };
  driver.Run(At(kStart + 132) + seconds(40));
  EXPECT_FALSE(driver.pages());
  driver.Run(At(kStart + 170) + seconds(40));
  EXPECT_THAT(driver.engine.counting(0).counted, SizeIs(8));
  // Two hours without an answer have left nothing behind.
  Driver steady(MakeSlo(), Options(), &prometheus);
  prometheus.truth = [](int64_t minute) { return Events{minute < kStart + 95 ? 50.0 : 0, 100}; };
  steady.Run(At(kStart + 170) + seconds(40));
  for (const auto& [window, ratio] : steady.engine.status(0).readings[0].error_ratio) {
    EXPECT_NEAR(driver.engine.status(0).readings[0].error_ratio.at(window), ratio, 1e-9)
        << FormatDuration(window);
  }
}

TEST(CountingTest, ARefusedRewriteGoesOnExactly) {
  Prometheus prometheus;
  Driver driver(MakeSlo(), Options(), &prometheus);
  driver.Run(At(kStart) - seconds(1));
  for (WallTime now = At(kStart); now < At(kStart + 6); now += seconds(1)) {
    for (const Query& query : driver.engine.Due(now)) {
      const auto refused = Fail(Code::kInvalidArgument, "unknown function");
      driver.engine.OnResult(
          query,
          Prometheus::IsExact(query) ? prometheus.Answer(query) : Result<promql::Vector>(refused),
          now);
    }
    driver.engine.TakeOutcome();
  }
  EXPECT_THAT(driver.engine.counting(0).why_exact, HasSubstr("unknown function"));
  // Not a minute was left out.
  EXPECT_EQ(driver.engine.status(0).last_evaluation, At(kStart + 5));
}

TEST(CountingTest, ExactModeShortIntervalsAndOddQueriesCountNothing) {
  Prometheus prometheus;
  Driver exact(MakeSlo(), Options(false), &prometheus);
  exact.Run(At(kStart + 3));
  EXPECT_EQ(exact.engine.counting(0).why_exact, "slo_mode is exact");
  EngineOptions often = Options();
  often.interval = seconds(30);
  Driver hasty(MakeSlo(), often, &prometheus);
  hasty.Run(At(kStart + 3));
  EXPECT_EQ(hasty.engine.counting(0).why_exact, "evaluation.interval is below 1m");
  config::Slo odd = MakeSlo();
  odd.error_query = "max(increase(bad[{{.window}}]))";
  Driver greatest(odd, Options(), &prometheus);
  greatest.Run(At(kStart + 3));
  EXPECT_THAT(greatest.engine.counting(0).why_exact, HasSubstr("max does not add up"));
  EXPECT_EQ(prometheus.counts, 0U);
  EXPECT_EQ(greatest.engine.status(0).last_evaluation, At(kStart + 3));
}

TEST(CountingTest, ALongIntervalIsKept) {
  Prometheus prometheus;
  EngineOptions options = Options();
  options.interval = minutes(5);
  Driver driver(MakeSlo(), options, &prometheus);
  std::set<WallTime> rounds;
  for (int64_t second = 0; second < 1800; second += 30) {
    driver.Run(At(kStart) + seconds(second));
    rounds.insert(driver.engine.status(0).last_evaluation);
  }
  EXPECT_THAT(rounds, SizeIs(6));
}

TEST(CountingTest, ARestartInTheMiddleOfAnOutageFlapsNothing) {
  Prometheus prometheus;
  prometheus.truth = [](int64_t minute) {
    return Events{minute > kStart + 100 && minute < kStart + 160 ? 30.0 : 0, 100};
  };
  Driver before(MakeSlo(), Options(), &prometheus);
  before.Run(At(kStart + 130) + seconds(20));
  ASSERT_TRUE(before.pages());
  const WallTime start = before.pages_sent().front().starts_at;

  // Killed; what was stored is there. Prometheus is away as well for the first two minutes.
  Driver after(MakeSlo(), Options(), &prometheus);
  for (const auto& [key, value] : before.disk) {
    ASSERT_TRUE(after.engine.Restore({Table::kSlo, key, value})) << key;
  }
  after.disk = before.disk;
  after.now = At(kStart + 131) + seconds(10);
  prometheus.fails = [&](const Query&) { return after.now < At(kStart + 133); };
  prometheus.exact.clear();
  prometheus.counts = 0;
  after.Run(At(kStart + 150));
  EXPECT_TRUE(after.pages());
  ASSERT_THAT(after.pages_sent(), Not(IsEmpty()));
  for (const alert::Alert& alert : after.pages_sent()) {
    EXPECT_EQ(alert.starts_at, start);
    EXPECT_FALSE(alert.Resolved(alert.updated_at));
  }
  EXPECT_THAT(after.engine.counting(0).counted, SizeIs(8));
  EXPECT_LT(prometheus.counts, 80U) << "history is not asked again";
  // It ends when it ends, and its windows are those of who was never away.
  after.Run(At(kStart + 195));
  Driver steady(MakeSlo(), Options(), &prometheus);
  prometheus.fails = [](const Query&) { return false; };
  steady.Run(At(kStart + 195));
  EXPECT_EQ(after.pages(), steady.pages());
  EXPECT_FALSE(after.pages());
  for (const auto& [window, ratio] : steady.engine.status(0).readings[0].error_ratio) {
    EXPECT_NEAR(after.engine.status(0).readings[0].error_ratio.at(window), ratio, 1e-9)
        << FormatDuration(window);
  }
}

TEST(CountingTest, AReloadGoesOnCountingAndBeginsRoundsAgain) {
  Prometheus prometheus;
  Driver before(MakeSlo(), Options(), &prometheus);
  before.Run(At(kStart + 10) + seconds(40));
  // A round whose exact questions are out.
  prometheus.fails = [](const Query& query) { return !Prometheus::IsExact(query); };
  const WallTime slot = At(kStart + 11);
  for (const Query& query : before.engine.Due(slot)) {
    before.engine.OnResult(query, prometheus.Answer(query), slot);
  }
  ASSERT_THAT(before.engine.Due(slot), Not(IsEmpty()));
  config::Slo stricter = MakeSlo();
  stricter.objective = 99.99;
  Driver after(stricter, Options(), &prometheus);
  after.engine.AdoptState(before.engine);
  EXPECT_EQ(after.engine.next_slot(), WallTime());
  prometheus.fails = [](const Query&) { return false; };
  after.now = slot + seconds(5);
  after.Run(slot + seconds(6));
  EXPECT_EQ(after.engine.status(0).last_evaluation, slot);
  prometheus.exact.clear();
  after.Run(slot + minutes(5));
  EXPECT_THAT(after.engine.counting(0).counted, SizeIs(8));
  EXPECT_THAT(prometheus.exact, IsEmpty());
}

// Weeks of errors of every kind, with failures, restarts and reloads: minute by minute the page and
// the ticket are as exact mode has them.
TEST(CountingTest, DecidesAsExactModeDoesWhateverFails) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Rng rng(seed);
    std::vector<Events> happened(4 * 1440);
    double share = 0;
    for (Events& minute : happened) {
      if (rng.Below(40) == 0) {
        share = std::array<double, 6>{0, 0, 0.001, 0.008, 0.05, 0.6}[rng.Below(6)];
      }
      minute.total = static_cast<double>(rng.Below(200));
      minute.bad = std::floor(minute.total * share);
    }
    Prometheus prometheus;
    prometheus.truth = [&](int64_t minute) {
      const int64_t index = minute - (kStart - 2 * 1440);
      const bool inside = index >= 0 && index < static_cast<int64_t>(happened.size());
      return inside ? happened[static_cast<size_t>(index)] : Events{0, 100};
    };
    Driver exact(MakeSlo(), Options(false), &prometheus);
    auto ours = std::make_unique<Driver>(MakeSlo(), Options(), &prometheus);
    int differ = 0;
    int firing = 0;
    uint64_t mood = 0;
    for (int64_t minute = kStart; minute < kStart + 1440; ++minute) {
      prometheus.fails = [](const Query&) { return false; };
      exact.Run(At(minute) + seconds(20));
      if (rng.Below(15) == 0) mood = rng.Below(6);
      // Counts fail, or history does, or now and then something: exact PromQL is always there.
      prometheus.fails = [&](const Query& query) {
        if (Prometheus::IsExact(query)) return false;
        return mood == 1 || (mood == 2 && query.background) || (mood == 3 && rng.Below(3) == 0);
      };
      if (rng.Below(60) == 0) {
        auto next = std::make_unique<Driver>(MakeSlo(), Options(), &prometheus);
        next->now = ours->now;
        if (rng.Below(2) == 0) {
          next->engine.AdoptState(ours->engine);
        } else {
          for (const auto& [key, value] : ours->disk) {
            ASSERT_TRUE(next->engine.Restore({Table::kSlo, key, value}));
          }
        }
        next->disk = std::move(ours->disk);
        ours = std::move(next);
      }
      ours->Run(At(minute) + seconds(20));
      ASSERT_EQ(ours->engine.status(0).last_evaluation, At(minute)) << seed;
      // Windows of a day and more may differ by the share of an edge slot, or, in exact mode, be
      // older: a page never does.
      ASSERT_EQ(ours->pages(), exact.pages()) << seed << " " << minute - kStart;
      firing += exact.pages();
      differ += ours->engine.status(0).ticket_firing != exact.engine.status(0).ticket_firing;
    }
    EXPECT_LE(differ, 15) << seed;
    EXPECT_GT(firing, 0) << seed;
  }
}

}  // namespace
}  // namespace watchfire::slo
