// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/time_on_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/oncall/reader.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;

// Ada is on both for the whole of her week; bo has the nights of the second only.
constexpr const char* kRoster = R"(
oncall:
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [ada, bo]}
    - name: secondary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [ada]}
        - hours: [{days: mon-sun, from: "00:00", to: "06:00"}]
          rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [bo]}
)";

TEST(TimeOnCallTest, TwoSchedulesAtOnceCountOnce) {
  const Loaded loaded = Load({{"o.yml", kRoster}});
  ASSERT_TRUE(loaded.roster);
  const WallTime monday = ParseTime("2026-01-05T00:00:00Z").value();
  EXPECT_THAT(
      TimeOnCall(*loaded.roster, monday, monday + hours(24 * 7)),
      testing::ElementsAre(testing::Pair("ada", hours(24 * 7)), testing::Pair("bo", hours(6 * 7))));
  EXPECT_THAT(TimeOnCall(*loaded.roster, monday + hours(24 * 7), monday + hours(24 * 14)),
              testing::ElementsAre(testing::Pair("ada", hours(18 * 7)),
                                   testing::Pair("bo", hours(24 * 7))));
  EXPECT_THAT(TimeOnCall(*loaded.roster, monday, monday), testing::IsEmpty());
}

}  // namespace
}  // namespace watchfire::oncall
