// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Hand-offs and windows on nights on which clocks change: the vectors of reference paging-backends
// §6.3, which are GoAlert's, and more of the kind.

#include "pkg/oncall/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"
#include "pkg/oncall/window.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

Location Zone(const std::string& name) { return timeinterval::ParseLocation(name).value(); }

Layer MakeLayer(const std::string& zone, const std::string& start, Unit unit, int64_t length) {
  Layer layer;
  layer.zone = Zone(zone);
  layer.rotation.anchor = ParseZonedOrLocal(start, layer.zone).value();
  layer.rotation.unit = unit;
  layer.rotation.length = length;
  layer.rotation.slots.resize(3);
  return layer;
}

// The hand-offs `first` to `last` as the wall shows them.
std::vector<std::string> HandOffs(const Layer& layer, int64_t first, int64_t last) {
  const Turns turns(layer);
  std::vector<std::string> texts;
  for (int64_t number = first; number <= last; ++number) {
    const auto at = std::chrono::time_point_cast<seconds>(turns.Begin(number));
    texts.push_back(cctz::format("%m-%d %H:%M %Z", at, layer.zone.zone));
    // The closed form agrees, also a second before.
    if (turns.Begin(number + 1) > turns.Begin(number)) {
      EXPECT_EQ(turns.At(turns.Begin(number)), number) << texts.back();
    }
    if (turns.Begin(number) > turns.Begin(number - 1)) {
      EXPECT_EQ(turns.At(turns.Begin(number) - seconds(1)), number - 1) << texts.back();
    }
  }
  return texts;
}

constexpr const char* kChicago = "America/Chicago";

TEST(TurnsTest, DailyHandOffThatComesTwiceIsTheFirst) {
  for (const auto& [unit, length] : {std::pair{Unit::kDay, 1}, {Unit::kHour, 24}}) {
    EXPECT_THAT(HandOffs(MakeLayer(kChicago, "2020-10-30T01:30:00", unit, length), 0, 4),
                ElementsAre("10-30 01:30 CDT", "10-31 01:30 CDT", "11-01 01:30 CDT",
                            "11-02 01:30 CST", "11-03 01:30 CST"));
  }
}

TEST(TurnsTest, DailyHandOffThatIsSkippedIsTheEndOfTheGap) {
  EXPECT_THAT(HandOffs(MakeLayer(kChicago, "2020-03-06T02:30:00", Unit::kDay, 1), 1, 3),
              ElementsAre("03-07 02:30 CST", "03-08 03:00 CDT", "03-09 02:30 CDT"));
}

TEST(TurnsTest, HoursAreThoseOnTheWall) {
  EXPECT_THAT(HandOffs(MakeLayer(kChicago, "2020-03-08T00:30:00", Unit::kHour, 1), 0, 4),
              ElementsAre("03-08 00:30 CST", "03-08 01:30 CST", "03-08 03:00 CDT",
                          "03-08 03:30 CDT", "03-08 04:30 CDT"));
  // The turn from two to three has no time; its neighbours have.
  EXPECT_THAT(
      HandOffs(MakeLayer(kChicago, "2020-03-08T01:00:00", Unit::kHour, 1), 0, 3),
      ElementsAre("03-08 01:00 CST", "03-08 03:00 CDT", "03-08 03:00 CDT", "03-08 04:00 CDT"));
  EXPECT_THAT(
      HandOffs(MakeLayer(kChicago, "2020-11-01T00:30:00", Unit::kHour, 1), 0, 3),
      ElementsAre("11-01 00:30 CDT", "11-01 01:30 CDT", "11-01 02:30 CST", "11-01 03:30 CST"));
  EXPECT_THAT(
      HandOffs(MakeLayer(kChicago, "2020-11-01T00:00:00", Unit::kHour, 1), 0, 3),
      ElementsAre("11-01 00:00 CDT", "11-01 01:00 CDT", "11-01 02:00 CST", "11-01 03:00 CST"));
}

TEST(TurnsTest, MonthsKeepTheirDayAndTime) {
  EXPECT_THAT(HandOffs(MakeLayer(kChicago, "2020-10-01T01:30:00", Unit::kMonth, 1), 1, 3),
              ElementsAre("11-01 01:30 CDT", "12-01 01:30 CST", "01-01 01:30 CST"));
  EXPECT_THAT(
      HandOffs(MakeLayer("UTC", "2024-01-31T08:00:00", Unit::kMonth, 1), 0, 3),
      ElementsAre("01-31 08:00 UTC", "02-29 08:00 UTC", "03-31 08:00 UTC", "04-30 08:00 UTC"));
}

TEST(TurnsTest, LordHoweTurnsByHalfAnHour) {
  for (const char* clock : {"02:00", "02:30"}) {
    const Layer layer =
        MakeLayer("Australia/Lord_Howe", std::string("2021-04-02T") + clock + ":00", Unit::kDay, 1);
    const Turns turns(layer);
    EXPECT_EQ(turns.Begin(1) - turns.Begin(0), hours(24));
    EXPECT_EQ(turns.Begin(3) - turns.Begin(1), hours(48) + minutes(30));
    EXPECT_THAT(HandOffs(layer, 1, 3),
                ElementsAre(std::string("04-03 ") + clock + " +11", testing::_,
                            std::string("04-05 ") + clock + " +1030"));
  }
}

TEST(TurnsTest, LocalTimesBecomeTheInstantsOfTheReference) {
  const Location zone = Zone("America/New_York");
  EXPECT_EQ(FirstInstant(LocalTime(2024, 3, 10, 2, 30), zone.zone), At("2024-03-10T07:00:00Z"));
  EXPECT_EQ(LastInstant(LocalTime(2024, 3, 10, 2, 30), zone.zone), At("2024-03-10T07:00:00Z"));
  EXPECT_EQ(FirstInstant(LocalTime(2024, 11, 3, 1, 30), zone.zone), At("2024-11-03T05:30:00Z"));
  EXPECT_EQ(LastInstant(LocalTime(2024, 11, 3, 1, 30), zone.zone), At("2024-11-03T06:30:00Z"));
  EXPECT_EQ(FirstInstant(LocalTime(2024, 11, 3, 2, 30), zone.zone), At("2024-11-03T07:30:00Z"));
}

TEST(TurnsTest, EveryTurnOfAYearIsFoundFromWithin) {
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
    for (const auto& [unit, length] :
         {std::pair{Unit::kHour, 1}, {Unit::kHour, 7}, {Unit::kDay, 1}, {Unit::kMonth, 1}}) {
      const Layer layer = MakeLayer(zone, "2024-01-01T02:15:00", unit, length);
      const Turns turns(layer);
      for (int64_t number = -20; turns.Begin(number) < At("2025-01-10T00:00:00Z"); ++number) {
        ASSERT_LE(turns.Begin(number), turns.Begin(number + 1));
        if (turns.Begin(number) == turns.Begin(number + 1)) continue;
        ASSERT_EQ(turns.At(turns.Begin(number)), number) << zone;
        ASSERT_EQ(turns.At(turns.Begin(number + 1) - seconds(1)), number) << zone;
      }
    }
  }
}

TEST(TurnsTest, ShiftsAreCountedWhereTheVendorCountsThem) {
  // Weekdays at nine; two such days a turn.
  Layer layer = MakeLayer("Europe/Berlin", "2024-01-01T09:00:00", Unit::kDay, 2);
  layer.rotation.counts_shifts = true;
  for (int64_t day = 0; day < 5; ++day) {
    layer.windows.push_back({true, day * Window::kDay + 9 * 3600, 8 * 3600});
  }
  EXPECT_THAT(HandOffs(layer, 0, 5),
              ElementsAre("01-01 09:00 CET", "01-03 09:00 CET", "01-05 09:00 CET",
                          "01-09 09:00 CET", "01-11 09:00 CET", "01-15 09:00 CET"));
}

TEST(WindowTest, HoursBeginAtTheFirstAndEndAtTheLastOccurrence) {
  const Location zone = Zone("America/New_York");
  // On 2024-11-03, half past one comes twice.
  EXPECT_TRUE(IsOpen({DailyWindow(90, 180)}, zone.zone, At("2024-11-03T05:30:00Z")));
  EXPECT_FALSE(IsOpen({DailyWindow(90, 180)}, zone.zone, At("2024-11-03T05:29:59Z")));
  EXPECT_TRUE(IsOpen({DailyWindow(0, 90)}, zone.zone, At("2024-11-03T06:29:59Z")));
  EXPECT_FALSE(IsOpen({DailyWindow(0, 90)}, zone.zone, At("2024-11-03T06:30:00Z")));
  // On 2024-03-10, there is no half past two.
  EXPECT_FALSE(IsOpen({DailyWindow(150, 240)}, zone.zone, At("2024-03-10T06:59:59Z")));
  EXPECT_TRUE(IsOpen({DailyWindow(150, 240)}, zone.zone, At("2024-03-10T07:00:00Z")));
  EXPECT_THAT(OpenSpans({DailyWindow(130, 140)}, zone.zone, At("2024-03-10T00:00:00Z"),
                        At("2024-03-11T00:00:00Z")),
              testing::IsEmpty());
}

TEST(WindowTest, WindowsWrapAndJoin) {
  const auto utc = cctz::utc_time_zone();
  EXPECT_EQ(DailyWindow(540, 540).length, Window::kDay);
  EXPECT_EQ(WeeklyWindow(0, 480, 0, 480).length, Window::kWeek);
  EXPECT_TRUE(IsOpen({DailyWindow(22 * 60, 6 * 60)}, utc, At("2024-01-02T05:59:59Z")));
  EXPECT_FALSE(IsOpen({DailyWindow(22 * 60, 6 * 60)}, utc, At("2024-01-02T06:00:00Z")));
  // Friday evening to Monday morning, over the end of the week; joined with all of Monday.
  const Windows windows = {WeeklyWindow(4, 18 * 60, 0, 8 * 60), WeeklyWindow(0, 0, 1, 0)};
  EXPECT_THAT(OpenSpans(windows, utc, At("2024-01-01T12:00:00Z"), At("2024-01-10T00:00:00Z")),
              ElementsAre(Span{At("2024-01-01T12:00:00Z"), At("2024-01-02T00:00:00Z")},
                          Span{At("2024-01-05T18:00:00Z"), At("2024-01-09T00:00:00Z")}));
  EXPECT_EQ(NextOpen(windows, utc, At("2024-01-03T00:00:00Z"), true), At("2024-01-05T18:00:00Z"));
  EXPECT_EQ(NextOpen(windows, utc, At("2024-01-06T00:00:00Z"), false), At("2024-01-09T00:00:00Z"));
  EXPECT_EQ(NextOpen({}, utc, At("2024-01-06T00:00:00Z"), false), std::nullopt);
}

}  // namespace
}  // namespace watchfire::oncall
