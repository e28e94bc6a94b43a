// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(IncidentPromisesTest, NothingIsPromisedUnlessItIsSaid) {
  const World world(Minimal(""));
  const Incidents incidents = world.Load().config->incidents;
  EXPECT_THAT(incidents.response_targets, IsEmpty());
  EXPECT_THAT(incidents.postmortem_levels, IsEmpty());
  EXPECT_EQ(incidents.alert_flapping_count, 5);
  EXPECT_EQ(incidents.alert_flapping_within, hours(1));
}

TEST(IncidentPromisesTest, TargetsPostmortemsAndFlappingAreRead) {
  const World world(
      Minimal("incidents:\n  response_targets: {SEV1: 5m, SEV3: 1h}\n"
              "  postmortem: {levels: [SEV1, SEV2], due_within: 3d}\n"
              "  alert_flapping: {count: 0, within: 2h}\n"));
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems), IsEmpty());
  ASSERT_NE(loaded.config, nullptr);
  const Incidents& incidents = loaded.config->incidents;
  EXPECT_THAT(incidents.response_targets,
              ElementsAre(Pair("SEV1", minutes(5)), Pair("SEV3", hours(1))));
  EXPECT_THAT(incidents.postmortem_levels, ElementsAre("SEV1", "SEV2"));
  EXPECT_EQ(incidents.postmortem_due_within, hours(72));
  EXPECT_EQ(incidents.alert_flapping_count, 0);
  EXPECT_EQ(incidents.alert_flapping_within, hours(2));
}

TEST(IncidentPromisesTest, MistakesAreNamedWithTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"incidents: {response_targets: {SEV5: 5m}}\n",
       "w.yml:3:32: unknown key \"SEV5\" (did you mean \"SEV1\"?)"},
      {"incidents: {response_targets: {SEV1: 0s}}\n",
       "w.yml:3:32: the response target of SEV1 cannot be zero (leave it out for no target)"},
      {"incidents: {postmortem: {levels: [SEV1, P2]}}\n",
       "w.yml:3:41: unknown level \"P2\" (one of SEV1, SEV2, SEV3, SEV4)"},
      {"incidents: {postmortem: {due_within: 0s}}\n",
       "w.yml:3:26: due_within cannot be zero (write it like 5d)"},
      {"incidents: {alert_flapping: {count: 2}}\n",
       "w.yml:3:30: count must be 0, which is never, or from 3 to 100"},
      {"incidents: {alert_flapping: {within: 0s}}\n",
       "w.yml:3:30: within cannot be zero (for no flapping say count: 0)"}};
  for (const auto& [keys, problem] : cases) {
    const World world(Minimal(keys));
    const Loaded loaded = world.Load();
    EXPECT_EQ(loaded.config, nullptr) << keys;
    EXPECT_THAT(World::Print(loaded.problems), ElementsAre(problem));
  }
}

}  // namespace
}  // namespace watchfire::config
