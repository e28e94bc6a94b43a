// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Histories in which people act at the vendor and hardly a webhook reaches us: the vendor is
// polled, fails in its ways, the account comes and goes with reloads, the process dies. Then the
// world heals: what was heard stands, once, and an ack there ends the paging here.
//
// Replay one: WF_SIM_SEED=<seed> WF_SIM_SEEDS=1 build/dev/bin/sim_test --gtest_filter='*Polling*'

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/poller.h"
#include "tests/sim/seeds.h"

namespace watchfire::sim {
namespace {

// An ack is heard within two intervals, for notes take turns; and a moment for everybody's clock.
constexpr Duration kHeardWithin = std::chrono::seconds(45);

// A note counts on the timeline that has it most often: an incident that was merged has its notes,
// the one that took it over may hear of them anew after a reload, and nobody is paged or held by
// it.
std::ptrdiff_t TimesTold(World& world, const std::string& mark) {
  std::ptrdiff_t acts = 0;
  std::ptrdiff_t notes = 0;
  for (const auto& [id, incident] : world.Read(core::kViewIncidents)->incidents) {
    const auto count = [&, &timeline = incident->timeline](bool of_notes) {
      return std::ranges::count_if(timeline, [&](const auto& event) {
        return event.text.ends_with(mark) && (event.kind == "note") == of_notes;
      });
    };
    acts += count(false);
    notes = std::max(notes, count(true));
  }
  return acts + notes;
}

// (1) What somebody did there is on our timelines once at most, and what core said is stored is.
std::vector<std::string> CheckHeardOnce(World& world, const Desk& desk, const Poller& poller) {
  std::vector<std::string> violations;
  for (const Desk::Deed& deed : desk.deeds()) {
    if (TimesTold(world, deed.mark) > 1) violations.push_back(deed.mark + " was done twice");
  }
  for (const std::string& mark : poller.stored()) {
    if (TimesTold(world, mark) == 0) violations.push_back(mark + " was stored and is gone");
  }
  return violations;
}

// (2) An ack there is heard, nobody is paged after it, and nothing is asked once nothing is open.
// Ends every alert and begins one. The world is healthy.
std::vector<std::string> CheckAckThereEndsPaging(World& world, Desk& desk, const Poller& poller) {
  std::vector<std::string> violations;
  for (const auto& [name, truth] : world.truths()) world.SetAlert(name, false);
  world.Run(std::chrono::minutes(14));
  world.SetAlert("ApiDown", true);
  world.Run(std::chrono::minutes(3));
  if (!desk.Do("api", Desk::Kind::kAcknowledge)) return {"the vendor was not paged for ApiDown"};
  const Desk::Deed deed = desk.deeds().back();
  world.Run(kHeardWithin);
  const auto view = world.Read(core::kViewIncidents);
  const auto found = view->incidents.find(deed.incident);
  const bool is_acked = found != view->incidents.end() && found->second->ack &&
                        found->second->ack->by == Desk::kPerson;
  if (!is_acked) violations.push_back(deed.mark + " was not heard");
  const size_t before = world.vendor().accepted.size();
  world.Run(std::chrono::minutes(10));
  for (size_t i = before; i < world.vendor().accepted.size(); ++i) {
    const fakes::Accepted& message = world.vendor().accepted[i];
    if (message.firing.empty()) continue;
    violations.push_back(message.receiver + " was paged after an ack at the vendor");
  }
  world.SetAlert("ApiDown", false);
  world.Run(std::chrono::minutes(3));
  const size_t asked = poller.questions();
  world.Run(std::chrono::minutes(3));
  if (poller.questions() != asked) violations.push_back("polled though everything is closed");
  return violations;
}

class PollingSimTest : public testing::TestWithParam<config::Delivery> {
 protected:
  static std::shared_ptr<const config::Config> ConfigOf(bool is_correlated, bool is_polled) {
    return SimConfig({GetParam(), false, false, is_correlated, is_polled});
  }

  std::vector<std::string> RunSeed(uint64_t seed) {
    const auto polled = ConfigOf(seed % 3 == 0, true);
    const auto none = ConfigOf(seed % 3 == 0, false);
    Rng rng(seed);
    World world({seed, true, polled});
    world.trace = FromEnv("WF_SIM_TRACE", 0) != 0;
    Desk desk(world, seed);
    Poller poller(world, desk, seed);
    const MonoTime end = world.mono() + std::chrono::minutes(50);
    while (world.mono() < end) {
      world.Run(std::chrono::seconds(10 + rng.Below(240)));
      if (rng.Chance(0.2)) world.Reload(rng.Chance(0.4) ? none : polled);
    }
    world.Reload(polled);
    world.Heal();
    world.Run(std::chrono::minutes(15));
    std::vector<std::string> violations;
    const auto add = [&](std::vector<std::string> more) {
      for (std::string& violation : more) violations.push_back(std::move(violation));
    };
    for (const auto check : {CheckNoLostPage, CheckNoDuplicate, CheckResolvedAfterFiring,
                             CheckPromisedActs, CheckReturnsArePaged, CheckDrained}) {
      add(check(world));
    }
    if (world.is_strict()) add(CheckNoPageAfterAck(world));
    add(CheckHeardOnce(world, desk, poller));
    add(CheckAckThereEndsPaging(world, desk, poller));
    add(world.violations());
    for (const auto& [what, count] : poller.counts()) counts_[what] += count;
    return violations;
  }

  std::map<std::string, int> counts_;
};

TEST_P(PollingSimTest, WhatIsDoneAtTheVendorIsHeardOnceAndEndsPaging) {
  const uint64_t first = FromEnv("WF_SIM_SEED", 1);
  const uint64_t count = FromEnv("WF_SIM_SEEDS", 20);
  for (uint64_t seed = first; seed < first + count; ++seed) {
    EXPECT_THAT(RunSeed(seed), testing::IsEmpty()) << "seed " << seed;
    if (testing::Test::HasFailure()) return;
  }
  if (count < 10) return;  // A replay may be of a quiet one.
  for (const char* seen :
       {"acknowledge ok", "acknowledge duplicate", "acknowledge stale", "resolve ok", "note ok",
        "note duplicate", "polls ok", "polls throttled", "polls refused", "polls failed"}) {
    EXPECT_GT(counts_[seen], 0) << seen << ": the histories are about something";
  }
}

INSTANTIATE_TEST_SUITE_P(Deliveries, PollingSimTest,
                         testing::Values(config::Delivery::kAlertmanager,
                                         config::Delivery::kStrict),
                         [](const auto& delivery) {
                           return delivery.param == config::Delivery::kStrict ? "Strict"
                                                                              : "Alertmanager";
                         });

// A checker that cannot fail proves nothing.
TEST(PollingSimCheckTest, TheCheckersCatchWhatTheyLookFor) {
  const auto config = SimConfig({config::Delivery::kAlertmanager, false, false, false, true});
  World world({1, false, config});
  Desk desk(world, 1);
  Poller poller(world, desk, 1);
  EXPECT_THAT(CheckAckThereEndsPaging(world, desk, poller), testing::IsEmpty());
  EXPECT_THAT(CheckHeardOnce(world, desk, poller), testing::IsEmpty());
  EXPECT_THAT(world.violations(), testing::IsEmpty());
  ASSERT_EQ(poller.stored().size(), 1U);
  const std::string again = "once more · " + poller.stored().front();
  world.Act(1, "note", incident::AddNote{});
  EXPECT_THAT(CheckHeardOnce(world, desk, poller), testing::IsEmpty()) << "ada's own words";
  core::IncidentCommand command;
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "sim", again};
  command.act = incident::AddNote{};
  world.Ask(std::move(command), [](const Status&) {});
  EXPECT_THAT(CheckHeardOnce(world, desk, poller), testing::Not(testing::IsEmpty()));
  poller.NoteQuestion(/*is_open=*/false);
  poller.NoteQuestion(/*is_open=*/true);
  EXPECT_EQ(world.violations().size(), 2U) << "nothing is open; and at once again";

  World deaf({1, false, SimConfig({config::Delivery::kAlertmanager})});
  Desk alone(deaf, 1);
  const Poller idle(deaf, alone, 1);
  EXPECT_THAT(CheckAckThereEndsPaging(deaf, alone, idle), testing::Not(testing::IsEmpty()))
      << "nobody polls";
}

}  // namespace
}  // namespace watchfire::sim
