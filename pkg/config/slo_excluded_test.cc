// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Time intervals that SLOs exclude.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/slo_for_test.h"
#include "pkg/config/slo_native.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kTimes =
    "slo_files: [s.yml]\n"
    "time_intervals:\n"
    "- {name: nightly, time_intervals: [{times: [{start_time: '02:00', end_time: '02:30'}]}]}\n"
    "- {name: weekend, time_intervals: [{weekdays: [saturday, sunday]}]}\n";

std::string Own(const std::string& exclude) {
  return "version: watchfire/v1\nservice: shop\nslos:\n- {exclude: " + exclude +
         ", name: paid, objective: 99, sli: {raw: {error_ratio_query: 'r{{.window}}'}}, "
         "alerting: {name: A}}\n";
}

std::string Resource(const std::string& exclude) {
  return "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n"
         "metadata: {name: a, annotations: {watchfire/exclude: '" +
         exclude +
         "'}}\nspec: {service: shop, slos: [{name: paid, objective: 99, sli: {raw: "
         "{errorRatioQuery: 'r{{.window}}'}}, alerting: {name: A}}]}\n";
}

std::vector<std::string> NamesOf(const Slo& slo) {
  std::vector<std::string> names;
  for (const ExcludedTimes& times : slo.excluded) names.push_back(times.name);
  return names;
}

TEST(SloExcludedTest, TimeIntervalsOfTheMainFileAreExcluded) {
  for (const std::string& text :
       {Own("[nightly, weekend]"), Resource("nightly, weekend,nightly")}) {
    World world(Minimal(kTimes));
    world.files["s.yml"] = text;
    EXPECT_THAT(world.Problems(), IsEmpty());
    const Loaded loaded = world.Load();
    ASSERT_NE(loaded.config, nullptr);
    ASSERT_THAT(loaded.config->slos, SizeIs(1));
    EXPECT_THAT(NamesOf(loaded.config->slos[0]), ElementsAre("nightly", "weekend"));
    EXPECT_EQ(loaded.config->slos[0].excluded[0].calendars,
              loaded.config->time_intervals.at("nightly"));
  }
}

TEST(SloExcludedTest, ANameThatIsNoneHasItsPlaceAndAHint) {
  World world(Minimal(kTimes));
  world.files["s.yml"] = Own("[nightly, weekends]");
  EXPECT_THAT(world.Problems(),
              ElementsAre("s.yml:4:23: there is no time interval \"weekends\" to exclude (did you "
                          "mean \"weekend\"?)"));
  world.files["s.yml"] = Own("[deployments]");
  EXPECT_THAT(world.Problems(), ElementsAre(HasSubstr("(time_intervals of the main file has "
                                                      "nightly, weekend)")));
  world.files["s.yml"] = Resource("noon");
  EXPECT_THAT(world.Problems(), ElementsAre(HasSubstr("s.yml:3:35: there is no time interval")));
  world.files["w.yml"] = Minimal("slo_files: [s.yml]\n");
  EXPECT_THAT(world.Problems(),
              ElementsAre(HasSubstr("(time_intervals of the main file has none)")));
}

// Its budget would have the time all the same.
TEST(SloExcludedTest, WhatIsAskedExactlyLeavesOutNothing) {
  World world(Minimal(kTimes));
  world.files["s.yml"] = Own("[nightly], mode: exact");
  EXPECT_THAT(world.Problems(),
              ElementsAre("warning s.yml:4:14: the budget of \"shop-paid\" has the time that it "
                          "excludes: it is asked exactly, and PromQL leaves out no minutes (take "
                          "its mode out)"));
  EXPECT_THAT(world.Load().config->slos.at(0).excluded, SizeIs(1))
      << "no alert begins in this time all the same";
  World exact(Minimal(std::string(kTimes) + "evaluation: {slo_mode: exact}\n"));
  exact.files["s.yml"] = Own("[nightly]");
  EXPECT_THAT(exact.Problems(), ElementsAre(HasSubstr("(mode: incremental for this SLO)")));
  exact.files["s.yml"] = Own("[nightly], mode: incremental");
  EXPECT_THAT(exact.Problems(), IsEmpty());
}

TEST(SloExcludedTest, OtherFormatsDoNotKnowTheKey) {
  World world(Minimal(kTimes));
  std::string text = Own("[nightly]");
  text.replace(text.find("watchfire"), 9, "prometheus");
  world.files["s.yml"] = text;
  EXPECT_THAT(world.Problems(), ElementsAre(HasSubstr("exclude")));
}

TEST(SloExcludedTest, WithoutTheMainFileNamesStay) {
  World world(Minimal("slo_files: [s.yml]\n"));
  world.files["s.yml"] = Own("[nightly]");
  world.options.is_stand_in = true;
  EXPECT_THAT(world.Problems(), IsEmpty());
  const Config alone = Read(Resource("nightly"));
  EXPECT_THAT(NamesOf(alone.slos[0]), ElementsAre("nightly"));
  const NativeSlos native = ToNative(alone.slos);
  EXPECT_THAT(native.left_out, IsEmpty());
  EXPECT_THAT(native.documents, ElementsAre(HasSubstr("\"exclude\":[\"nightly\"]")));
}

}  // namespace
}  // namespace watchfire::config
