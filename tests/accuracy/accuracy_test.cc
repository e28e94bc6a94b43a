// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How far the incremental engine and exact PromQL are from what really happened (reference
// slo-and-rules §7.9). Prints its figures; the bounds are those of the acceptance plan.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/accuracy/evaluator.h"

namespace watchfire::accuracy {
namespace {

using slo::Births;
using slo::Events;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int64_t kDay = 1440;
constexpr double kBudget = 0.001;

double Ratio(const Events& events) { return events.total > 0 ? events.bad / events.total : 0; }

slo::IncrementOptions With(Births births) {
  slo::IncrementOptions options;
  options.births = births;
  return options;
}

slo::PlanOptions Live() {
  slo::PlanOptions options;
  options.history = hours(6);
  options.reread_slots = 0;  // Nothing comes late here.
  return options;
}

// Root mean square and the greatest of the differences, in burn rates.
class Difference {
 public:
  void Add(double ratio, double truth) {
    const double difference = std::isnan(ratio) ? 0 : (ratio - truth) / kBudget;
    squares_ += difference * difference;
    max_ = std::max(max_, std::abs(difference));
    ++count_;
  }
  double rms() const { return std::sqrt(squares_ / std::max(count_, 1)); }
  double max() const { return max_; }

 private:
  double squares_ = 0;
  double max_ = 0;
  int count_ = 0;
};

struct Compared {
  std::map<Duration, Difference> ours;
  std::map<Duration, Difference> exact;
  double bad_error = 0;  // Of our bad events over the whole time, as a share of the truth.
  double total_error = 0;
};

// Lets both evaluate `fleet` and compares every 7 minutes.
Compared Compare(Fleet* fleet, Births births, const std::string& name) {
  const config::Slo slo = ShopSlo();
  Evaluator ours(fleet, slo, With(births), Fleet::kBegin + 5, Live());
  Compared out;
  const std::vector<Duration> windows = {minutes(5), minutes(30), hours(1), hours(6), hours(24)};
  for (int64_t newest = Fleet::kBegin + 6; newest + 2 < fleet->end(); ++newest) {
    ours.Step(newest);
    if (newest % 7 != 0) continue;
    for (const Duration window : windows) {
      const int64_t from = newest + 1 - window / minutes(1);
      if (from < Fleet::kBegin + 10) continue;
      const double truth = Ratio(fleet->Between(from, newest + 1));
      out.ours[window].Add(Ratio(ours.Over(window)), truth);
      out.exact[window].Add(ExactRatio(fleet, slo, window, newest), truth);
    }
  }
  const int64_t end = ours.ledger().newest() + 1;
  const Events truth = fleet->Between(Fleet::kBegin + 6, end);
  const Events counted = ours.ledger().Between(Fleet::kBegin + 6, end);
  out.bad_error = counted.bad / truth.bad - 1;
  out.total_error = counted.total / truth.total - 1;
  std::printf("%s: bad %+.3f %%, total %+.3f %%; %d of %d minutes by samples\n", name.c_str(),
              out.bad_error * 100, out.total_error * 100, ours.by_samples(), ours.asked());
  EXPECT_GT(ours.by_samples(), ours.asked() / 2);  // Else this is about something else.
  for (const Duration window : windows) {
    std::printf("  %-4s rms/max of the burn rate's error: ours %.4f/%.3f  exact %.4f/%.3f\n",
                FormatDuration(window).c_str(), out.ours[window].rms(), out.ours[window].max(),
                out.exact[window].rms(), out.exact[window].max());
  }
  return out;
}

FleetOptions Bursty(uint64_t seed, int64_t days) {
  FleetOptions options;
  options.seed = seed;
  options.days = days;
  options.pods = 4;
  options.rate = 1;
  for (int64_t hour = 1; hour < days * 24; hour += 2) {
    const int64_t begin = hour * 3600 + hour * 37 % 60;
    options.incidents.push_back(
        {begin, begin + 400 + hour % 7 * 200, 0.02 + 0.01 * static_cast<double>(hour % 5)});
  }
  return options;
}

void ExpectAsGoodAsExact(Compared compared, double factor = 1.2) {
  for (const Duration window : {hours(1), hours(6), hours(24)}) {
    EXPECT_LE(compared.ours[window].rms(), factor * compared.exact[window].rms() + 0.002)
        << FormatDuration(window);
  }
}

TEST(AccuracyTest, NormalTraffic) {
  for (const int64_t scrape : {15, 30, 60}) {
    FleetOptions options = Bursty(11, 3);
    options.scrape_seconds = scrape;
    options.errors_reborn = false;
    Fleet fleet(options);
    const Compared compared =
        Compare(&fleet, Births::kIgnore, "scraped every " + std::to_string(scrape) + " s");
    // Scraped as rarely as we count, both edges of an hour may be a whole scrape behind.
    ExpectAsGoodAsExact(compared, scrape == 60 ? 1.5 : 1.2);
    EXPECT_LT(std::abs(compared.bad_error), 0.003);
    EXPECT_LT(std::abs(compared.total_error), 0.003);
  }
}

TEST(AccuracyTest, RestartsAndMissedScrapes) {
  FleetOptions options = Bursty(12, 3);
  options.missed = 0.1;
  options.restart_minutes = 120;
  options.errors_reborn = false;
  Fleet fleet(options);
  const Compared compared = Compare(&fleet, Births::kIgnore, "restarts, 10 % missed");
  ExpectAsGoodAsExact(compared);
  // What is counted between the last scrape and a restart nobody sees: 7.5 s in two hours.
  EXPECT_LT(std::abs(compared.total_error), 0.005);
}

FleetOptions LittleTraffic(uint64_t seed, int days) {
  FleetOptions options;
  options.seed = seed;
  options.days = days;
  options.pods = 6;
  options.rate = 0.02;
  options.errors = 0.01;
  options.restart_minutes = 360;
  return options;
}

// Few requests, and error series that are born anew: the first error of each is invisible to
// increase(), and to us if births are ignored.
TEST(AccuracyTest, LowTrafficAndBothBirthPolicies) {
  Fleet fleet(LittleTraffic(13, 4));
  const Compared ignore = Compare(&fleet, Births::kIgnore, "low traffic, births ignored");
  const Compared known =
      Compare(&fleet, Births::kCountIfTargetKnown, "low traffic, births on known targets counted");
  ExpectAsGoodAsExact(known);
  EXPECT_LT(std::abs(known.bad_error), 0.05);
  EXPECT_LT(std::abs(known.bad_error), std::abs(ignore.bad_error) / 2);
  for (const Duration window : {hours(6), hours(24)}) {
    EXPECT_LT(known.ours.at(window).rms(), known.exact.at(window).rms());
  }
}

struct Decisions {
  int ours = 0;  // Minutes in which an alert's state differs from the truth's.
  int exact = 0;
  int missed = 0;      // Incidents that the truth pages for and we do not.
  int64_t latest = 0;  // By how many minutes the latest detection is behind exact PromQL's.
};

// Minute by minute: who pages, and when first in each incident. States are compared for the same
// minute; detections as they are known, and our answer is known a minute later than exact PromQL's.
Decisions Decide(Fleet* fleet, const FleetOptions& options, Births births) {
  const config::Slo slo = ShopSlo();
  Evaluator ours(fleet, slo, With(births), Fleet::kBegin + 5, Live());
  Decisions out;
  std::map<int64_t, std::array<int64_t, 3>> first;  // By incident: truth, exact, ours.
  bool ours_before = false;
  for (int64_t newest = Fleet::kBegin + 6; newest + 2 < fleet->end(); ++newest) {
    ours.Step(newest);
    const bool us =
        Burns(slo, slo.page_windows, [&](Duration window) { return Ratio(ours.Over(window)); });
    const bool us_known = std::exchange(ours_before, us);
    if (newest < Fleet::kBegin + 6 * 60 + 10) continue;
    const bool truth = Burns(slo, slo.page_windows, [&](Duration window) {
      return Ratio(fleet->Between(newest + 1 - window / minutes(1), newest + 1));
    });
    const bool exact = Burns(slo, slo.page_windows, [&](Duration window) {
      return ExactRatio(fleet, slo, window, newest);
    });
    out.ours += us != truth;
    out.exact += exact != truth;
    const int64_t minute = newest - Fleet::kBegin;
    for (const Incident& incident : options.incidents) {
      if (minute < incident.begin / 60 || minute >= incident.end / 60 + 30) continue;
      auto [entry, fresh] = first.try_emplace(incident.begin, std::array<int64_t, 3>{});
      const std::array<bool, 3> fires = {truth, exact, us_known};
      for (size_t i = 0; i < 3; ++i) {
        if (fires[i] && entry->second[i] == 0) entry->second[i] = minute;
      }
    }
  }
  for (const auto& [begin, minute] : first) {
    if (minute[0] == 0) continue;
    out.missed += minute[2] == 0;
    if (minute[1] != 0 && minute[2] != 0) out.latest = std::max(out.latest, minute[2] - minute[1]);
  }
  std::printf("minutes unlike the truth: ours %d, exact %d; latest detection %+lld min\n", out.ours,
              out.exact, static_cast<long long>(out.latest));
  return out;
}

TEST(AccuracyTest, TenDaysOfPages) {
  FleetOptions options;
  options.seed = 14;
  options.days = 10;
  options.pods = 4;
  options.rate = 1;
  options.restart_minutes = 600;
  // Of every strength; twice as long as it takes to detect them, and more.
  for (int64_t hour = 8; hour < 10 * 24; hour += 5) {
    const double share = std::array<double, 4>{0.06, 0.15, 0.4, 1.0}[static_cast<size_t>(hour) % 4];
    const double detection = 3600 * 14.4 * kBudget / share;
    const int64_t begin = hour * 3600 + hour * 37 % 60;
    options.incidents.push_back({begin, begin + static_cast<int64_t>(2 * detection) + 240, share});
  }
  Fleet fleet(options);
  const Decisions got = Decide(&fleet, options, Births::kCountIfTargetKnown);
  EXPECT_LE(got.ours, got.exact + 10);
  EXPECT_EQ(got.missed, 0);
  EXPECT_LE(got.latest, 10);
}

// What is spent of a budget after 30 days, in percent, back-filled from nothing as after a first
// start.
struct Spent {
  double truth = 0;
  double exact = 0;
  std::map<Births, double> ours;
};

Spent After30Days(const FleetOptions& options, const std::vector<Births>& policies) {
  Fleet fleet(options);
  const config::Slo slo = ShopSlo();
  const int64_t newest = Fleet::kBegin + 30 * kDay + 301;
  const auto percent = [](double ratio) { return ratio / kBudget * 100; };
  Spent out;
  out.truth = percent(Ratio(fleet.Between(newest + 1 - 30 * kDay, newest + 1)));
  out.exact = percent(ExactRatio(&fleet, slo, hours(720), newest));
  for (const Births births : policies) {
    Evaluator ours(&fleet, slo, With(births), newest - 200);
    for (int64_t minute = newest - 200; minute <= newest; ++minute) ours.Step(minute);
    ours.FillAll();
    out.ours[births] = percent(Ratio(ours.Over(hours(720))));
    std::printf("budget %d spent: truth %.4f %%, ours %+.4f, exact %+.4f points off\n",
                static_cast<int>(options.seed), out.truth, out.ours[births] - out.truth,
                out.exact - out.truth);
  }
  return out;
}

// The window begins within an hour in which errors rained.
FleetOptions InTrouble(uint64_t seed) {
  FleetOptions options = Bursty(seed, 31);
  options.incidents.resize(6);
  options.restart_minutes = 1440;
  return options;
}

TEST(AccuracyTest, TheBudgetOfThirtyDays) {
  const Spent spent = After30Days(InTrouble(15), {Births::kIgnore, Births::kCount});
  // Percentage points. Each restart hides the first error from those who ignore births.
  EXPECT_NEAR(spent.ours.at(Births::kIgnore), spent.truth, 1.0);
  EXPECT_NEAR(spent.ours.at(Births::kCount), spent.truth, 0.1);
}

// How many of these budgets are further from the truth than exact PromQL's.
int Further(const std::vector<uint64_t>& seeds) {
  int further = 0;
  for (const uint64_t seed : seeds) {
    const Spent spent = After30Days(InTrouble(seed), {Births::kCountIfTargetKnown});
    const double ours = std::abs(spent.ours.begin()->second - spent.truth);
    EXPECT_LT(ours, 0.1) << seed;
    further += ours > std::abs(spent.exact - spent.truth) + 1e-9;
  }
  return further;
}

// The later ones are those in which exact PromQL was nearer once, of 200.
TEST(AccuracyTest, ABudgetIsNoFurtherFromTheTruthThanExactPromQL) {
  EXPECT_EQ(Further({15, 16, 17, 46, 56, 107, 113, 146, 166, 201}), 0);
}

// Takes minutes: the figures of docs/slo.md.
TEST(AccuracyTest, DISABLED_TwoHundredBudgets) {
  std::vector<uint64_t> seeds;
  for (uint64_t seed = 15; seed < 215; ++seed) seeds.push_back(seed);
  EXPECT_EQ(Further(seeds), 0);
}

// Error series that last for an error or two and are born anew as high as they were.
TEST(AccuracyTest, TheBudgetOfLittleTraffic) {
  const Spent spent =
      After30Days(LittleTraffic(17, 31), {Births::kIgnore, Births::kCountIfTargetKnown});
  const auto off = [&](Births births) { return std::abs(spent.ours.at(births) / spent.truth - 1); };
  EXPECT_LT(off(Births::kCountIfTargetKnown), 0.01);
  EXPECT_LT(off(Births::kCountIfTargetKnown), off(Births::kIgnore) / 10);
  EXPECT_LT(off(Births::kCountIfTargetKnown), std::abs(spent.exact / spent.truth - 1) / 10);
}

TEST(AccuracyTest, TwoHoursWithoutPrometheusLeaveNoTrace) {
  FleetOptions options = Bursty(16, 2);
  options.restart_minutes = 240;
  Fleet fleet(options);
  const config::Slo slo = ShopSlo();
  const int64_t begin = Fleet::kBegin + kDay;
  Evaluator steady(&fleet, slo, {}, begin);
  Evaluator interrupted(&fleet, slo, {}, begin);
  for (int64_t minute = begin; minute < begin + 400; ++minute) {
    steady.Step(minute);
    interrupted.Step(minute, minute >= begin + 100 && minute < begin + 220);
  }
  for (const Duration window :
       {minutes(5), minutes(30), minutes(60), minutes(390), minutes(1440)}) {
    EXPECT_EQ(interrupted.Over(window), steady.Over(window)) << FormatDuration(window);
  }
}

}  // namespace
}  // namespace watchfire::accuracy
