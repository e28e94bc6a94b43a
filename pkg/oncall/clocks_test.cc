// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/clocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/reader.h"

namespace watchfire::oncall {
namespace {

constexpr const char* kRoster = R"(
oncall:
  users:
    - {name: ada, time_zone: Asia/Tokyo}
    - bo
    - cy
    - dee
  teams:
    - {name: night, members: [cy]}
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [ada, bo, {team: night}]}
    - name: secondary
      time_zone: America/New_York
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [bo]}
)";

TEST(ClocksTest, TheUsersOwnZoneComesBeforeThatOfTheFirstSchedule) {
  const Loaded loaded = Load({{"o.yml", kRoster}});
  ASSERT_TRUE(loaded.roster) << loaded.problems.size();
  Clocks clocks = ClocksOf(&*loaded.roster);
  EXPECT_EQ(clocks.Of("ada").name(), "Asia/Tokyo");
  EXPECT_EQ(clocks.Of("bo").name(), "Europe/Berlin");
  EXPECT_EQ(clocks.Of("cy").name(), "Europe/Berlin") << "of a team that has a turn";
  EXPECT_EQ(clocks.Of("dee"), cctz::utc_time_zone()) << "never on call";
  EXPECT_EQ(clocks.Of(""), cctz::utc_time_zone());
  EXPECT_EQ(ClocksOf(nullptr).Of("ada"), cctz::utc_time_zone());
}

// Source: the users of the vendors' documents, reference paging-backends §2.3, §3.3, §6.
TEST(ClocksTest, VendorsUsersHaveZones) {
  for (const char* users : {
           R"({"users":[{"id":"P1","name":"Ada","email":"a@x.org","time_zone":"Asia/Tokyo"}]})",
           R"({"users":[{"username":"Ada","fullName":"A","timeZone":"Asia/Tokyo"}]})",
       }) {
    const Loaded loaded = Load({{"users.json", users}});
    ASSERT_TRUE(loaded.roster) << users;
    EXPECT_EQ(ClocksOf(&*loaded.roster).Of("Ada").name(), "Asia/Tokyo") << users;
  }
}

// A vendor's file may have names of its own for zones; nobody is paged by them.
TEST(ClocksTest, AnUnknownZoneOfAVendorsUserIsAWarning) {
  const Loaded loaded = Load(
      {{"users.json",
        R"({"users":[{"id":"P1","name":"Ada","email":"a@x.org","time_zone":"Eastern Time"}]})"}});
  ASSERT_TRUE(loaded.roster);
  EXPECT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(ClocksOf(&*loaded.roster).Of("Ada"), cctz::utc_time_zone());
}

}  // namespace
}  // namespace watchfire::oncall
