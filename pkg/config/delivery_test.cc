// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How receivers are spoken to: limits and fallbacks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kSpare = "- name: spare\n  webhook_configs: [{url: 'http://spare'}]\n";

// Receiver a, used by the route, with these keys; and another one.
World Receiving(const std::string& keys) {
  return World("route: {receiver: a}\nreceivers:\n- name: a\n" +
               std::string("  webhook_configs: [{url: 'http://a'}]\n") + keys + kSpare +
               "- {name: nobody}\n");
}

const std::string kUnused = "is used by no route";

std::vector<std::string> Errors(const std::string& keys) {
  std::vector<std::string> errors;
  for (const std::string& problem : Receiving(keys).Problems()) {
    if (problem.find(kUnused) == std::string::npos) errors.push_back(problem);
  }
  return errors;
}

TEST(SendingTest, AReceiverHasLimitsOfItsOwn) {
  const Loaded loaded = Receiving("  max_in_flight: 3\n  rate_limit: {per_second: 2.5}\n").Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->receivers[0].limits, (SendLimits{3, 2.5, 3}));
  EXPECT_EQ(loaded.config->receivers[1].limits, SendLimits{}) << "64 at once, as fast as they go";
  EXPECT_EQ(loaded.config->receivers[1].limits.max_in_flight, 64);
  EXPECT_THAT(loaded.config->original, testing::Not(testing::HasSubstr("in_flight")));
  EXPECT_THAT(loaded.config->original, testing::Not(testing::HasSubstr("rate_limit")));
  const Loaded slow = Receiving("  rate_limit: {per_second: 0.1, burst: 20}\n").Load();
  ASSERT_NE(slow.config, nullptr);
  EXPECT_EQ(slow.config->receivers[0].limits, (SendLimits{64, 0.1, 20}));
}

TEST(SendingTest, LimitsThatLimitNothingOrEverythingAreRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"  max_in_flight: 0\n", "w.yml:5:3: max_in_flight must be from 1 to 64"},
      {"  max_in_flight: 65\n", "w.yml:5:3: max_in_flight must be from 1 to 64"},
      {"  rate_limit: {burst: 3}\n", "w.yml:5:3: rate_limit needs per_second"},
      {"  rate_limit: {per_second: 0}\n", "w.yml:5:16: per_second must be from 0.001 to 1000"},
      {"  rate_limit: {per_second: 1, burst: 0}\n", "w.yml:5:31: burst must be from 1 to 10000"},
      {"  rate_limit: {per_second: 1, bust: 2}\n",
       "w.yml:5:31: unknown key \"bust\" (did you mean \"burst\"?)"},
  };
  for (const auto& [keys, want] : cases) {
    EXPECT_THAT(Errors(keys), ElementsAre(want)) << keys;
    EXPECT_EQ(Receiving(keys).Load().config, nullptr) << keys;
  }
}

TEST(SendingTest, AFallbackNeedsNoRouteAndMayHaveADeadline) {
  const World world(
      "route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs: [{url: 'http://a'}]\n"
      "  fallback: spare\n" +
      std::string(kSpare) + "  deadline: 1m\n");
  EXPECT_THAT(world.Problems(), IsEmpty());
  const Loaded loaded = world.Load();
  EXPECT_EQ(loaded.config->receivers[0].fallback, "spare");
  EXPECT_EQ(loaded.config->receivers[0].fallback_after, std::chrono::minutes(5));
  EXPECT_THAT(loaded.config->original, testing::Not(testing::HasSubstr("fallback")));
}

// A fallback does not fall back further, so two pagers may stand in for each other.
TEST(SendingTest, TwoReceiversMayStandInForEachOther) {
  const World world(
      "route: {receiver: a}\nreceivers:\n"
      "- {name: a, webhook_configs: [{url: 'http://a'}], fallback: b, fallback_after: 90s}\n"
      "- {name: b, webhook_configs: [{url: 'http://b'}], fallback: a}\n");
  EXPECT_THAT(world.Problems(), IsEmpty());
  EXPECT_EQ(world.Load().config->receivers[0].fallback_after, std::chrono::seconds(90));
}

TEST(SendingTest, AFallbackThatCannotHelpIsRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"  fallback: spar\n",
       "w.yml:5:3: undefined receiver \"spar\" used as fallback (did you mean \"spare\"?)"},
      {"  fallback: a\n", "w.yml:5:3: receiver \"a\" cannot be its own fallback"},
      {"  fallback: nobody\n",
       "w.yml:5:3: fallback \"nobody\" tells nobody (give it an integration, or name another "
       "receiver)"},
      {"  fallback_after: 5m\n", "w.yml:5:3: fallback_after needs fallback"},
      {"  fallback: spare\n  fallback_after: 0s\n", "w.yml:6:3: fallback_after cannot be zero"},
  };
  for (const auto& [keys, want] : cases) {
    EXPECT_THAT(Errors(keys), ElementsAre(want)) << keys;
    EXPECT_EQ(Receiving(keys).Load().config, nullptr) << keys;
  }
  const World idle("route: {receiver: a}\nreceivers:\n- {name: a, fallback: spare}\n" +
                   std::string(kSpare));
  EXPECT_THAT(idle.Problems(),
              ElementsAre("w.yml:3:13: receiver \"a\" tells nobody and cannot fail (a fallback is "
                          "for receivers with integrations)"));
}

}  // namespace
}  // namespace watchfire::config
