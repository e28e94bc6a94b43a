// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Hundreds of histories, each from one seed: alerts come and go, the vendor fails, the disk fills,
// the clock steps, the process dies; then the world heals and every promise is checked.
//
// Replay one: WF_SIM_SEED=<seed> WF_SIM_SEEDS=1 build/dev/bin/sim_test

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

namespace watchfire::sim {
namespace {

std::string RunSeed(uint64_t seed, const std::shared_ptr<const config::Config>& config,
                    uint64_t* hash) {
  World world({seed, true, config});
  world.trace = FromEnv("WF_SIM_TRACE", 0) != 0;
  world.Run(std::chrono::minutes(40));
  world.Heal();
  world.Run(std::chrono::minutes(15));
  std::vector<std::string> violations = world.violations();
  for (const auto check :
       {CheckNoLostPage, CheckNoDuplicate, CheckResolvedAfterFiring, CheckPromisedActs,
        CheckReturnsArePaged, CheckDrained, CheckQuietRestart}) {
    for (std::string& violation : check(world)) violations.push_back(std::move(violation));
  }
  if (world.is_strict()) {
    for (const auto check :
         {CheckNoPageAfterAck, CheckPromptAfterSilence, CheckEndsAfterRerouting}) {
      for (std::string& violation : check(world)) violations.push_back(std::move(violation));
    }
  }
  *hash = world.effect_hash();
  std::string text;
  for (const std::string& violation : violations) text += "  " + violation + "\n";
  return text;
}

class SimTest : public testing::TestWithParam<config::Delivery> {};

TEST_P(SimTest, NoHistoryLosesOrRepeatsAPage) {
  const std::shared_ptr<const config::Config> config = SimConfig({GetParam()});
  const auto correlated = SimConfig({GetParam(), false, false, /*is_correlated=*/true});
  const uint64_t first = FromEnv("WF_SIM_SEED", 1);
  const uint64_t count = FromEnv("WF_SIM_SEEDS", 80);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    uint64_t hash = 0;
    const std::string violations = RunSeed(seed, seed % 3 == 0 ? correlated : config, &hash);
    EXPECT_EQ(violations, "") << "seed " << seed << "; replay: WF_SIM_SEED=" << seed
                              << " WF_SIM_SEEDS=1 build/dev/bin/sim_test";
    if (testing::Test::HasFailure()) break;
  }
}

TEST_P(SimTest, SameSeedSameEffects) {
  const std::shared_ptr<const config::Config> config = SimConfig({GetParam()});
  for (uint64_t seed = 1000; seed < 1005; ++seed) {
    uint64_t first = 0;
    uint64_t second = 0;
    RunSeed(seed, config, &first);
    RunSeed(seed, config, &second);
    EXPECT_EQ(first, second) << "seed " << seed;
  }
}

// The pager of on-call is dead for good, in each way a pager can be.
TEST_P(SimTest, WhereAFallbackStandsInEveryPageArrives) {
  const auto config = SimConfig({GetParam(), /*is_rerouted=*/false, /*has_fallback=*/true});
  constexpr fakes::Mood kDead[] = {fakes::Mood::kServerError, fakes::Mood::kRateLimited,
                                   fakes::Mood::kHang, fakes::Mood::kRefuse};
  const uint64_t first = FromEnv("WF_SIM_SEED", 1);
  const uint64_t count = FromEnv("WF_SIM_SEEDS", 40);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    World world({seed, true, config});
    world.trace = FromEnv("WF_SIM_TRACE", 0) != 0;
    const fakes::Mood mood = kDead[seed % 4];
    world.vendor().moods["on-call/victorops"] = mood;
    world.Run(std::chrono::minutes(40));
    world.Heal();
    world.Run(std::chrono::minutes(20));
    std::vector<std::string> violations = world.violations();
    for (const auto check : {CheckNoLostPage, CheckNoDuplicate, CheckResolvedAfterFiring,
                             CheckPromisedActs, CheckQuietRestart}) {
      for (std::string& violation : check(world)) violations.push_back(std::move(violation));
    }
    for (std::string& violation : CheckFallbackInTime(world, mood == fakes::Mood::kRefuse)) {
      violations.push_back(std::move(violation));
    }
    if (world.is_strict()) {
      for (std::string& violation : CheckEndsAfterRerouting(world)) {
        violations.push_back(std::move(violation));
      }
    }
    EXPECT_THAT(violations, testing::IsEmpty()) << "seed " << seed;
    if (testing::Test::HasFailure()) break;
  }
}

TEST_P(SimTest, AHungVendorDelaysNoOtherReceiver) {
  World world({1, false, SimConfig({GetParam()})});
  world.vendor().moods["on-call/victorops"] = fakes::Mood::kHang;
  world.vendor().moods["on-call/webhook"] = fakes::Mood::kHang;
  EXPECT_THAT(CheckHungHoldsUpNobody(world), testing::IsEmpty());
}

// What our own rules and SLOs fire goes on while Prometheus says nothing: neither answers nor
// errors for longer than an alert is valid, then nothing but time-outs, and a crash in between.
TEST_P(SimTest, APrometheusThatHangsResolvesNothing) {
  World world({1, false, SimConfig({GetParam()})});
  world.SetAlert("RuleFires", true);
  world.Burn();
  world.Run(std::chrono::minutes(5));
  const auto told = [&](const std::string& name, bool is_end) {
    return std::ranges::any_of(world.vendor().accepted, [&](const fakes::Accepted& message) {
      const auto& names = is_end ? message.resolved : message.firing;
      return std::ranges::find(names, name) != names.end();
    });
  };
  for (const char* name : {"RuleFires", "ApiBudgetBurn"}) EXPECT_TRUE(told(name, false)) << name;
  world.HangPrometheus(std::chrono::minutes(17));
  world.Run(std::chrono::minutes(40));
  world.Crash();
  world.Run(std::chrono::minutes(40));
  for (const char* name : {"RuleFires", "ApiBudgetBurn"}) EXPECT_FALSE(told(name, true)) << name;
  world.SetAlert("RuleFires", false);
  world.HangPrometheus({});
  world.Run(std::chrono::minutes(25));
  EXPECT_TRUE(told("RuleFires", true));
  EXPECT_FALSE(told("ApiBudgetBurn", true));
}

INSTANTIATE_TEST_SUITE_P(Deliveries, SimTest,
                         testing::Values(config::Delivery::kAlertmanager,
                                         config::Delivery::kStrict),
                         [](const auto& delivery) {
                           return delivery.param == config::Delivery::kStrict ? "Strict"
                                                                              : "Alertmanager";
                         });

// A checker that cannot fail proves nothing: each is shown a world that breaks its rule.
TEST(SimCheckTest, TheCheckersCatchWhatTheyLookFor) {
  World world({1, false, SimConfig({config::Delivery::kAlertmanager})});
  world.Run(std::chrono::minutes(1));
  EXPECT_TRUE(CheckNoLostPage(world).empty());
  world.SetAlert("ApiDown", true);
  EXPECT_FALSE(CheckNoLostPage(world).empty()) << "fires, and nobody can have been told yet";

  world.Run(std::chrono::minutes(5));
  EXPECT_TRUE(CheckNoLostPage(world).empty());
  ASSERT_FALSE(world.vendor().accepted.empty());
  world.vendor().accepted.push_back(world.vendor().accepted.back());
  EXPECT_FALSE(CheckNoDuplicate(world).empty());
  EXPECT_FALSE(CheckPromptAfterSilence(world).empty()) << "Alertmanager waits for the interval";
  EXPECT_TRUE(CheckQuietRestart(world).empty());
  world.SetAlert("ApiDown", false);
  EXPECT_FALSE(CheckQuietRestart(world).empty()) << "its end is told during the restarts";

  World acked({1, false, SimConfig({config::Delivery::kAlertmanager})});
  acked.SetAlert("ApiDown", true);
  acked.Run(std::chrono::minutes(3));
  acked.Act(1, "acked", incident::Acknowledge{{kNoTime, std::chrono::minutes(5)}});
  acked.Run(std::chrono::minutes(6));
  EXPECT_TRUE(CheckReturnsArePaged(acked).empty());
  EXPECT_TRUE(CheckPromisedActs(acked).empty());
  EXPECT_TRUE(CheckNoPageAfterAck(acked).empty());
  ASSERT_EQ(acked.returns().size(), 1U);
  ASSERT_EQ(acked.page_requests().size(), 2U);
  acked.RememberRequest({acked.page_requests().back().said, /*is_in_hand=*/true});
  EXPECT_FALSE(CheckNoPageAfterAck(acked).empty());
  std::erase_if(acked.vendor().accepted, [&](const fakes::Accepted& message) {
    return message.at >= acked.returns().at(1);
  });
  EXPECT_FALSE(CheckReturnsArePaged(acked).empty());

  world.vendor().accepted = {
      {world.mono(), "on-call/webhook", "{}:{service=\"x\"}", {}, {"X"}, true, 1}};
  EXPECT_FALSE(CheckResolvedAfterFiring(world).empty());

  World hung({1, false, SimConfig({config::Delivery::kAlertmanager})});
  hung.vendor().moods["chat/webhook"] = fakes::Mood::kHang;
  EXPECT_FALSE(CheckHungHoldsUpNobody(hung).empty()) << "it is the one that hangs";

  World alone({1, false, SimConfig({config::Delivery::kAlertmanager, false, true})});
  alone.vendor().moods["on-call/victorops"] = fakes::Mood::kHang;
  alone.vendor().moods["spare/webhook"] = fakes::Mood::kServerError;
  EXPECT_FALSE(CheckFallbackInTime(alone, false).empty()) << "nobody is left";

  World lax({1, false, SimConfig({config::Delivery::kAlertmanager})});
  lax.Run(std::chrono::minutes(1));
  EXPECT_FALSE(CheckEndsAfterRerouting(lax).empty()) << "on-call waits for ends in vain";
}

}  // namespace
}  // namespace watchfire::sim
