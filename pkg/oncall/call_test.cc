// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/call.h"

#include <memory>

#include <gmock/gmock.h>

#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using testing::ElementsAre;

constexpr const char* kRoster = R"(
oncall:
  users: [ada, bo, cem]
  teams:
    - {name: web, members: [ada]}
    - {name: db, members: [bo, cem]}
  schedules:
    - name: other
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [cem]}
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [ada]}
)";

// Whom the call tells, and when, in seconds.
std::vector<std::string> Told(const std::string& call) {
  const Roster roster = RosterOfText(kRoster);
  std::optional<Ladder> ladder = LadderOfCall(roster, call);
  if (!ladder) return {"no call"};
  Escalation escalation(std::make_shared<const Ladder>(*std::move(ladder)), {});
  std::vector<std::string> told;
  const auto notices =
      escalation.Advance(std::chrono::hours(1), At("2026-01-07T12:00:00Z"), roster, Late::kAll);
  for (const Notice& notice : notices) {
    EXPECT_EQ(notice.planned, Duration::zero());
    for (const Target& target : notice.to) told.push_back(target.name);
  }
  EXPECT_FALSE(escalation.deadline()) << "once";
  return told;
}

TEST(CallTest, WhoIsNamedIsToldAtOnceAndOnce) {
  EXPECT_THAT(Told(CallOf("user", "ada")), ElementsAre("ada"));
  EXPECT_THAT(Told("user:nobody@example.com"), ElementsAre("nobody@example.com"));
  EXPECT_THAT(Told(CallOf("schedule", "primary")), ElementsAre("ada"));
  EXPECT_THAT(Told(CallOf("team", "db")), ElementsAre("bo", "cem"));
}

TEST(CallTest, WhatIsNoCallTellsNobody) {
  for (const char* name : {"critical", "user:", "user", "schedule:gone", "team:gone", "policy:x"}) {
    EXPECT_THAT(Told(name), ElementsAre("no call")) << name;
  }
}

TEST(CallTest, MetricsNameNoPeople) {
  EXPECT_EQ(LabelOfPolicy("user:ada"), "user");
  EXPECT_EQ(LabelOfPolicy("schedule:primary"), "schedule:primary");
  EXPECT_EQ(LabelOfPolicy("critical"), "critical");
  EXPECT_EQ(PersonOfCall("user:ada"), "ada");
  EXPECT_FALSE(PersonOfCall("team:db"));
}

}  // namespace
}  // namespace watchfire::oncall
