// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/model.h"

#include <chrono>
#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/victorsim/exposition.h"
#include "cmd/victorsim/metrics.h"

namespace watchfire::victorsim {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Each;
using testing::Field;
using testing::Gt;
using testing::HasSubstr;
using testing::Lt;

constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;

Model Healthy() { return Model(/*seed=*/7, /*requests_per_second=*/100); }

// A model that has been broken for two minutes.
Model Broken(Fault fault) {
  Model model = Healthy();
  model.SetFault(fault, true);
  model.Advance(minutes(2));
  return model;
}

// An upper bound of the q-quantile: the bound of the bucket it falls in.
double QuantileBelow(const Histogram& histogram, double q) {
  uint64_t total = 0;
  for (const uint64_t count : histogram.counts()) total += count;
  double seen = 0;
  for (size_t i = 0; i < histogram.bounds().size(); ++i) {
    seen += static_cast<double>(histogram.counts()[i]);
    if (seen >= q * static_cast<double>(total)) return histogram.bounds()[i];
  }
  return HUGE_VAL;
}

// The share of HTTP answers whose code starts with '5'.
double ServerErrorShare(const State& state) {
  double total = 0;
  double errors = 0;
  for (const Route& route : state.routes) {
    for (size_t i = 0; i < kCodes.size(); ++i) {
      const auto count = static_cast<double>(route.by_code[i]);
      total += count;
      if (kCodes[i].starts_with('5')) errors += count;
    }
  }
  return errors / total;
}

std::string Metrics(const Model& model) {
  Exposition out;
  WriteVictorMetrics(model, out);
  return out.Take();
}

TEST(ModelTest, HealthyStaysFarFromEveryThreshold) {
  Model model = Healthy();
  for (int i = 0; i < 600; ++i) {
    model.Advance(seconds(1));
    const State& state = model.state();
    ASSERT_THAT(state.caches, Each(Field(&Cache::hit_rate, Gt(0.6))));
    ASSERT_THAT(state.caches, Each(Field(&Cache::utilization, Lt(0.7))));
    ASSERT_THAT(state.tools, Each(Field(&Tool::error_rate, Lt(0.04))));
    ASSERT_THAT(state.providers, Each(Field(&Provider::error_rate, Lt(0.05))));
    ASSERT_THAT(state.providers, Each(Field(&Provider::healthy, true)));
    ASSERT_LT(state.memory_bytes, 0.9 * kGibibyte);
    ASSERT_LT(state.cpu_percent, 60);
    ASSERT_LT(state.threads, 60);
    ASSERT_GT(state.health_score, 90);
    ASSERT_LT(state.selection.miss_rate, 0.5);
    ASSERT_FALSE(state.starting);
  }
  EXPECT_LE(QuantileBelow(model.state().selection.duration_ms, 0.95), 0.75);
  EXPECT_LE(QuantileBelow(model.state().tools[0].duration_ms, 0.95), 500);
  EXPECT_LE(QuantileBelow(model.state().providers[0].latency_ms, 0.95), 250);
  EXPECT_LE(QuantileBelow(model.state().routes[0].duration_seconds, 0.999), 0.5);
  EXPECT_LT(ServerErrorShare(model.state()), 0.001);
}

TEST(ModelTest, ProviderOutageFailsMostOpenaiCallsAndAThirdOfTheAnswers) {
  const Model model = Broken(Fault::kProviderOutage);
  const std::vector<Provider>& providers = model.state().providers;
  EXPECT_FALSE(providers[0].healthy);
  EXPECT_TRUE(providers[1].healthy);
  const double failed =
      static_cast<double>(providers[0].errors) / static_cast<double>(providers[0].requests);
  EXPECT_NEAR(failed, 0.60, 0.02);
  EXPECT_NEAR(ServerErrorShare(model.state()), 0.30, 0.02);
  EXPECT_GT(model.state().health_score, 70);
}

TEST(ModelTest, ProviderOutageHeals) {
  Model model = Broken(Fault::kProviderOutage);
  model.SetFault(Fault::kProviderOutage, false);
  model.Advance(seconds(30));
  EXPECT_TRUE(model.state().providers[0].healthy);
  EXPECT_LT(model.state().providers[0].error_rate, 0.05);
}

TEST(ModelTest, ProviderSlowPassesTenSeconds) {
  const Model model = Broken(Fault::kProviderSlow);
  EXPECT_GT(QuantileBelow(model.state().providers[0].latency_ms, 0.95), 10000);
  EXPECT_LT(model.state().providers[0].error_rate, 0.1);
}

TEST(ModelTest, CacheCollapsePassesAllCacheThresholds) {
  const Model model = Broken(Fault::kCacheCollapse);
  EXPECT_THAT(model.state().caches, Each(Field(&Cache::hit_rate, Lt(0.2))));
  EXPECT_THAT(model.state().caches, Each(Field(&Cache::utilization, Gt(0.95))));
  EXPECT_THAT(model.state().caches, Each(Field(&Cache::evictions, Gt(120 * 10))));
  EXPECT_GT(model.state().selection.miss_rate, 0.7);
}

TEST(ModelTest, ToolSlowPassesSelectionAndExecutionThresholds) {
  const Model model = Broken(Fault::kToolSlow);
  EXPECT_GT(QuantileBelow(model.state().selection.duration_ms, 0.95), 5);
  for (const Tool& tool : model.state().tools) {
    EXPECT_GT(QuantileBelow(tool.duration_ms, 0.95), 5000);
  }
}

TEST(ModelTest, ToolErrorsPassFifteenPercent) {
  EXPECT_THAT(Broken(Fault::kToolErrors).state().tools, Each(Field(&Tool::error_rate, Gt(0.15))));
}

TEST(ModelTest, ResourceFaultsPassTheirThresholds) {
  EXPECT_GT(Broken(Fault::kMemoryLeak).state().memory_bytes, 2 * kGibibyte);
  EXPECT_GT(Broken(Fault::kCpuBurn).state().cpu_percent, 95);
  EXPECT_GT(Broken(Fault::kThreadLeak).state().threads, 100);
  EXPECT_LT(Broken(Fault::kDegraded).state().health_score, 50);
}

TEST(ModelTest, HealingALeakIsARestart) {
  Model model = Broken(Fault::kMemoryLeak);
  model.SetFault(Fault::kMemoryLeak, false);
  model.Advance(seconds(1));
  EXPECT_LT(model.state().memory_bytes, kGibibyte);
}

TEST(ModelTest, SlowStartupIsRecordedWhenItEnds) {
  Model model = Broken(Fault::kSlowStartup);
  EXPECT_TRUE(model.state().starting);
  model.SetFault(Fault::kSlowStartup, false);
  EXPECT_FALSE(model.state().starting);
  EXPECT_DOUBLE_EQ(model.state().startup_ms.sum(), 850 + 120000);
}

TEST(ModelTest, OneFaultAloneKeepsTheHealthScoreAboveSeventy) {
  for (const FaultInfo& info : Faults()) {
    if (info.fault == Fault::kDegraded) continue;
    EXPECT_GT(Broken(info.fault).state().health_score, 70) << info.name;
  }
}

TEST(ModelTest, SameSeedGivesTheSameMetricsHoweverTimeIsCut) {
  Model whole = Healthy();
  Model pieces = Healthy();
  whole.Advance(seconds(30));
  for (int i = 0; i < 1000; ++i) pieces.Advance(milliseconds(30));
  EXPECT_EQ(Metrics(whole), Metrics(pieces));

  Model other(/*seed=*/8, /*requests_per_second=*/100);
  other.Advance(seconds(30));
  EXPECT_NE(Metrics(whole), Metrics(other));
}

TEST(ModelTest, TrafficFollowsTheRequestedRate) {
  Model model(/*seed=*/1, /*requests_per_second=*/40);
  model.Advance(seconds(90));
  EXPECT_NEAR(static_cast<double>(model.state().selection.total), 40 * 90, 60);
}

TEST(MetricsTest, EveryFamilyIsThereBeforeAnythingHappens) {
  const std::string text = Metrics(Healthy());
  size_t families = 0;
  for (size_t at = text.find("# TYPE victor_"); at != std::string::npos;
       at = text.find("# TYPE victor_", at + 1)) {
    ++families;
  }
  EXPECT_EQ(families, 47u);
  EXPECT_THAT(text, HasSubstr("\nvictor_provider_errors_total{provider=\"openai\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("{method=\"POST\",route=\"/v1/chat\",code=\"503\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{method=\"POST\",route=\"/v1/chat\",le=\"0.5\"} 0\n"));
}

TEST(MetricsTest, BucketsAreCumulative) {
  constexpr double kBounds[] = {1, 2};
  Histogram histogram(kBounds);
  for (const double value : {0.5, 1.0, 1.5, 99.0}) histogram.Observe(value);
  Exposition out;
  out.Family("x_ms", "histogram", "Help.");
  out.Sample("a=\"b\"", histogram);
  EXPECT_EQ(out.Take(),
            "# HELP x_ms Help.\n# TYPE x_ms histogram\n"
            "x_ms_bucket{a=\"b\",le=\"1\"} 2\nx_ms_bucket{a=\"b\",le=\"2\"} 3\n"
            "x_ms_bucket{a=\"b\",le=\"+Inf\"} 4\nx_ms_sum{a=\"b\"} 102\nx_ms_count{a=\"b\"} 4\n");
}

}  // namespace
}  // namespace watchfire::victorsim
