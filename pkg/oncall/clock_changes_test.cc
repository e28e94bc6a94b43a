// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Nights on which clocks change: what is said about them, and about which it is not.

#include "pkg/oncall/clock_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> Found(const std::string& layer, const std::string& overrides = "",
                               const std::string& from = "2026-01-01T00:00:00Z",
                               const std::string& zone = "America/New_York") {
  const Loaded loaded = Load(
      {{"f.yml", "oncall: {schedules: [{name: s, time_zone: " + zone + ", layers: [{name: l, " +
                     layer + "}], overrides: [" + overrides + "]}]}"}});
  EXPECT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  if (!loaded.roster) return {};
  return ClockChanges(loaded.roster->schedules.at(0), At(from), loaded.written);
}

std::vector<std::string> OfOverride(const std::string& times,
                                    const std::string& from = "2026-01-01T00:00:00Z") {
  return Found("rotation: {start: 2026-01-05 09:00, participants: [ada, bob]}",
               "{" + times + ", who: cem}", from);
}

TEST(ClockChangesTest, ShiftsInAList) {
  EXPECT_THAT(Found("shifts: [{from: 2026-03-07 09:00, to: 2026-03-08 02:30, who: ada}, "
                    "{from: 2026-03-08 02:30, to: 2026-11-01 01:30, who: bob}]"),
              ElementsAre("layer \"l\": a shift ends at 2026-03-08 03:00 EDT, when clocks have "
                          "gone forward from 02:00",
                          "layer \"l\": a shift ends at 2026-11-01 01:30 EDT, which comes twice: "
                          "this is the first"));
  EXPECT_THAT(Found("shifts: [{from: 2026-03-07 09:00, to: 2026-11-01 09:00, who: ada}]"),
              IsEmpty());
}

TEST(ClockChangesTest, OverridesThatBeginOrEndWhenClocksAreSet) {
  EXPECT_THAT(OfOverride("from: 2026-03-08 02:30, to: 2026-03-08 12:00"),
              ElementsAre("an override begins at 2026-03-08 03:00 EDT, when clocks have gone "
                          "forward from 02:00"));
  EXPECT_THAT(OfOverride("from: 2026-10-31 20:00, to: 2026-11-01 01:30"),
              ElementsAre("an override ends at 2026-11-01 01:30 EDT, which comes twice: this is "
                          "the first"));
  EXPECT_THAT(OfOverride("from: 2026-11-01 02:00, to: 2026-11-01 12:00"), IsEmpty());
  EXPECT_THAT(OfOverride("from: 2026-11-01 00:59, to: 2026-11-01 00:59:59"), IsEmpty());
}

TEST(ClockChangesTest, OverridesThatLastLongerOrShorterThanTheirTimesSay) {
  EXPECT_THAT(OfOverride("from: 2026-10-31 20:00, to: 2026-11-01 08:00"),
              ElementsAre("an override from 2026-10-31 20:00 EDT to 2026-11-01 08:00 EST lasts "
                          "13h, not 12h: clocks are set in between"));
  EXPECT_THAT(OfOverride("from: 2026-03-07 20:00, to: 2026-03-08 08:30"),
              ElementsAre("an override from 2026-03-07 20:00 EST to 2026-03-08 08:30 EDT lasts "
                          "11h30m, not 12h30m: clocks are set in between"));
  EXPECT_THAT(OfOverride("from: 2026-10-30 09:00, to: 2026-11-06 09:00"), IsEmpty())
      << "who has a week does not count hours";
}

// The first moment after the gap has one name, and an instant was not read off a clock on the wall.
TEST(ClockChangesTest, OverridesThatNobodyMistakes) {
  EXPECT_THAT(OfOverride("from: 2026-03-08 03:00, to: 2026-03-08 12:00"), IsEmpty());
  EXPECT_THAT(OfOverride("from: 2026-03-07 20:00, to: 2026-03-08 03:00"), IsEmpty());
  EXPECT_THAT(OfOverride("from: 2026-03-08 02:59:59, to: 2026-03-08 12:00"), SizeIs(1));
  EXPECT_THAT(OfOverride("from: '2026-03-08T07:00:00Z', to: '2026-03-08T12:00:00Z'"), IsEmpty());
  EXPECT_THAT(OfOverride("from: 2026-10-31 20:00, to: '2026-11-01T06:30:00Z'"), IsEmpty());
  EXPECT_THAT(OfOverride("from: '2026-11-01T01:30:00-05:00', to: 2026-11-01 09:00"), IsEmpty());
  EXPECT_THAT(OfOverride("from: '2026-10-31T20:00:00-04:00', to: '2026-11-01 08:00-05:00'"),
              IsEmpty())
      << "both say how many hours lie between them";
}

// Documents of vendors have instants; one that was written by hand has not.
TEST(ClockChangesTest, OverridesOfVendors) {
  const auto found = [](const std::string& start, const std::string& end) {
    const Loaded loaded = Load({{"f.json", R"({"data": {"name": "s", "timezone": "America/New_York",
      "rotations": [{"name": "r", "type": "weekly", "startDate": "2026-01-05T09:00:00Z",
      "participants": [{"type": "user", "username": "ada"}]}]}})"},
                                {"o.json", R"({"data": {"user": {"type": "user", "username": "bo"},
      "startDate": ")" + start + R"(", "endDate": ")" +
                                               end + R"(", "rotations": [{"name": "r"}]}})"}});
    EXPECT_TRUE(loaded.roster.has_value()) << Messages(loaded);
    if (!loaded.roster) return std::vector<std::string>{"none"};
    EXPECT_THAT(loaded.roster->schedules.at(0).overrides, SizeIs(1));
    return ClockChanges(loaded.roster->schedules.at(0), At("2026-01-01T00:00:00Z"), loaded.written);
  };
  EXPECT_THAT(found("2026-11-01T00:00:00Z", "2026-11-01T06:30:00Z"), IsEmpty());
}

TEST(ClockChangesTest, WhatIsOverIsHistory) {
  EXPECT_THAT(OfOverride("from: 2026-03-08 02:30, to: 2026-03-08 12:00", "2026-03-09T00:00:00Z"),
              IsEmpty());
  EXPECT_THAT(OfOverride("from: 2028-03-12 02:30, to: 2028-03-12 12:00"), IsEmpty())
      << "more than a year ahead";
}

TEST(ClockChangesTest, ALayerThatIsOverOrToComeIsNoConcern) {
  const std::string rotation =
      "rotation: {start: 2026-01-05 01:30, every: 1 day, participants: [ada, bob]}";
  EXPECT_THAT(Found(rotation), SizeIs(1));
  EXPECT_THAT(Found(rotation + ", end: 2026-10-01"), IsEmpty());
  EXPECT_THAT(Found(rotation + ", start: 2026-12-01"), IsEmpty());
  EXPECT_THAT(Found(rotation + ", end: 2026-10-01, hours: [{from: '00:00', to: '01:45'}]"),
              IsEmpty());
}

TEST(ClockChangesTest, ARotationThatStartsAtATimeThatIsSkipped) {
  EXPECT_THAT(Found("rotation: {start: 2026-03-08 02:30, every: 1 week, participants: [a, b]}"),
              ElementsAre("layer \"l\": it starts at 2026-03-08 03:00 EDT, when clocks have gone "
                          "forward from 02:00"));
  EXPECT_THAT(Found("rotation: {start: 2026-09-06 00:00, every: 1 week, participants: [a, b]}", "",
                    "2026-01-01T00:00:00Z", "America/Santiago"),
              ElementsAre("layer \"l\": it starts at 2026-09-06 01:00 -03, when clocks have gone "
                          "forward from 00:00"));
}

}  // namespace
}  // namespace watchfire::oncall
