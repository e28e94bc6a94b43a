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
  EXPECT_THAT(OfOverride("from: '2026-10-31T20:00:00-04:00', to: '2026-11-01T08:00:00-05:00'"),
              IsEmpty())
      << "both say how many hours lie between them";
}

// Whatever a document says of its only schedule.
std::vector<std::string> FoundIn(const std::string& text,
                                 const std::string& from = "2026-01-01T00:00:00Z") {
  const Loaded loaded = Load({{"f.yml", text}});
  EXPECT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  if (!loaded.roster) return {"none"};
  EXPECT_THAT(loaded.roster->schedules, SizeIs(1));
  EXPECT_THAT(loaded.roster->schedules.at(0).overrides, SizeIs(1));
  return ClockChanges(loaded.roster->schedules.at(0), At(from), loaded.written);
}

// Those outside of schedules are read in UTC, whatever clocks do where the schedule is.
TEST(ClockChangesTest, OverridesThatAreReadInAnotherZone) {
  const auto apart = [](const std::string& times) {
    return FoundIn(
        "oncall: {schedules: [{name: s, time_zone: America/New_York, layers: [{name: l, rotation: "
        "{start: 2026-01-05 09:00, participants: [ada, bob]}}]}], overrides: [{schedule: s, " +
        times + ", who: cem}]}");
  };
  EXPECT_THAT(apart("from: 2026-10-31 20:00, to: 2026-11-01 08:00"), IsEmpty());
  EXPECT_THAT(apart("from: 2026-11-01 01:30, to: 2026-11-01 03:00"), IsEmpty());
  EXPECT_THAT(apart("from: 2026-03-08 02:30, to: 2026-03-08 12:00"), IsEmpty());
}

// Istanbul stopped changing clocks by giving its summer time another name.
TEST(ClockChangesTest, AZoneThatChangesItsNameAlone) {
  EXPECT_THAT(Found("shifts: [{from: 2016-09-01 09:00, to: 2016-10-01 09:00, who: ada}]",
                    "{from: 2016-09-06 20:00, to: 2016-09-07 08:00, who: cem}",
                    "2016-06-01T00:00:00Z", "Europe/Istanbul"),
              IsEmpty());
}

struct Vendor {
  const char* name;
  // With a schedule in New York and an override from START to END.
  const char* document;
};

constexpr Vendor kVendors[] = {
    {"Opsgenie", R"({"name": "s", "timezone": "America/New_York", "rotations": [{"name": "r",
        "type": "weekly", "startDate": "2026-01-05T09:00:00Z",
        "participants": [{"type": "user", "username": "ada"}]}],
        "overrides": [{"alias": "x", "user": {"type": "user", "username": "bo"},
        "startDate": "START", "endDate": "END"}]})"},
    {"PagerDuty", R"({"schedule": {"name": "s", "time_zone": "America/New_York",
        "schedule_layers": [{"name": "r", "start": "2026-01-05T09:00:00Z",
        "rotation_virtual_start": "2026-01-05T09:00:00Z", "rotation_turn_length_seconds": 604800,
        "users": [{"user": {"id": "A", "summary": "ada"}}]}],
        "overrides": [{"start": "START", "end": "END", "user": {"id": "B", "summary": "bo"}}]}})"},
    {"VictorOps", R"({"policy": {"name": "p", "slug": "p"}, "schedule": [],
        "rotations": [{"label": "s", "timezone": "America/New_York", "shifts": [{"label": "r",
        "timezone": "America/New_York", "shifttype": "std", "start": "2026-01-05T09:00:00Z",
        "duration": 7, "shiftMembers": [{"username": "ada"}]}]}],
        "overrides": [{"origOnCallUser": {"username": "ada"},
        "overrideOnCallUser": {"username": "bo"}, "timezone": "America/New_York",
        "start": "START", "end": "END"}]})"},
};

std::string Filled(std::string document, const std::string& start, const std::string& end) {
  document.replace(document.find("START"), 5, start);
  document.replace(document.find("END"), 3, end);
  return document;
}

// Documents of vendors have instants; one that was written by hand has not.
TEST(ClockChangesTest, OverridesOfVendors) {
  for (const Vendor& vendor : kVendors) {
    SCOPED_TRACE(vendor.name);
    const auto found = [&](const std::string& start, const std::string& end) {
      return FoundIn(Filled(vendor.document, start, end));
    };
    EXPECT_THAT(found("2026-11-01T00:00:00Z", "2026-11-01T06:30:00Z"), IsEmpty());
    EXPECT_THAT(found("2026-11-01T01:30:00-04:00", "2026-11-01T08:00:00-05:00"), IsEmpty());
    EXPECT_THAT(found("2026-11-01T01:30:00", "2026-11-01T08:00:00-05:00"),
                ElementsAre("an override begins at 2026-11-01 01:30 EDT, which comes twice: this "
                            "is the first"));
    EXPECT_THAT(found("2026-10-31T20:00:00-04:00", "2026-11-01T01:30:00"),
                ElementsAre("an override ends at 2026-11-01 01:30 EDT, which comes twice: this is "
                            "the first"));
    EXPECT_THAT(found("2026-10-31T20:00:00", "2026-11-01T08:00:00"),
                ElementsAre("an override from 2026-10-31 20:00 EDT to 2026-11-01 08:00 EST lasts "
                            "13h, not 12h: clocks are set in between"));
  }
}

// VictorOps says of every override where its times are meant; UTC if it does not.
TEST(ClockChangesTest, OverridesOfVictorOpsHaveAZoneOfTheirOwn) {
  const auto found = [](const std::string& of_schedule, const std::string& of_override) {
    std::string text = Filled(kVendors[2].document, "2026-10-31T20:00:00", "2026-11-01T08:00:00");
    const std::string zone = R"("timezone": "America/New_York")";
    const size_t last = text.rfind(zone);
    text.replace(last, zone.size(), of_override);
    text.replace(text.find(zone), zone.size(), of_schedule);
    return FoundIn(text);
  };
  const std::string berlin = R"("timezone": "Europe/Berlin")";
  const std::string new_york = R"("timezone": "America/New_York")";
  EXPECT_THAT(found(new_york, R"("timezone": "")"), IsEmpty());
  EXPECT_THAT(found(new_york, berlin), IsEmpty());
  EXPECT_THAT(found(berlin, new_york),
              ElementsAre("an override from 2026-10-31 20:00 EDT to 2026-11-01 08:00 EST lasts "
                          "13h, not 12h: clocks are set in between"));
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
