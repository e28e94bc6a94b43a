// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Terraform's files and its state say of PagerDuty, Opsgenie and VictorOps.

#include "pkg/oncall/terraform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"

namespace watchfire::oncall {
namespace {

using testing::HasSubstr;

TEST(TerraformTest, PagerDuty) {
  const Roster roster = RosterOfText(R"({"resource": {
    "pagerduty_user": {"ann": {"name": "Ann", "email": "ann@x.com"},
                       "ben": [{"name": "Ben", "email": "ben@x.com"}]},
    "pagerduty_team": {"core": {"name": "Core"}},
    "pagerduty_schedule": {"ops": [{"name": "Ops", "time_zone": "America/New_York",
      "layer": [
        {"name": "base", "start": "2024-01-01T09:00:00-05:00", "rotation_turn_length_seconds": 86400,
         "rotation_virtual_start": "2024-01-01T09:00:00-05:00",
         "users": ["${pagerduty_user.ann.id}", "${pagerduty_user.ben.id}"]},
        {"name": "nights", "start": "2024-01-01T09:00:00-05:00",
         "rotation_virtual_start": "2024-01-01T09:00:00-05:00",
         "rotation_turn_length_seconds": 604800, "users": ["${data.pagerduty_user.cat.id}"],
         "restriction": {"type": "daily_restriction", "start_time_of_day": "22:00:00",
                         "duration_seconds": 28800}}]}]},
    "pagerduty_escalation_policy": {"p": {"name": "P", "num_loops": 1, "rule": [
      {"escalation_delay_in_minutes": 10, "target": [
        {"type": "schedule_reference", "id": "${pagerduty_schedule.ops.id}"}],
       "escalation_rule_assignment_strategy": [{"type": "round_robin"}]}]}}},
    "data": {"pagerduty_user": {"cat": {"email": "cat@x.com"}}}})");
  ExpectVectors(roster, "Ops",
                {{"2024-03-11T12:59:59Z", "Ben"},
                 {"2024-03-11T13:00:00Z", "Ann"},
                 {"2024-03-12T02:00:00Z", "cat@x.com"},
                 {"2024-03-12T10:00:00Z", "Ann"}});
  const Policy* policy = roster.FindPolicy("P");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->steps.at(0).targets, (Targets{{Target::Kind::kSchedule, "Ops", 0}}));
  EXPECT_EQ(policy->steps.at(0).strategy, Strategy::kRoundRobin);
  EXPECT_EQ(policy->repeat.wait, std::chrono::minutes(10));
}

TEST(TerraformTest, OpsgenieFromItsState) {
  const Roster roster = RosterOfText(R"({"values": {"root_module": {"resources": [
    {"type": "opsgenie_schedule_rotation", "name": "r", "values": {"id": "r-1", "name": "R",
      "schedule_id": "s-1", "start_date": "2024-03-01T14:00:00Z", "end_date": "", "type": "daily",
      "length": 1, "participant": [{"type": "user", "id": "u-1"}, {"type": "team", "id": "t-1"},
      {"type": "none", "id": ""}], "time_restriction": [{"type": "weekday-and-time-of-day",
        "restriction": [], "restrictions": [{"start_day": "friday", "start_hour": 9,
        "start_min": 0, "end_day": "monday", "end_hour": 17, "end_min": 0}]}]}},
    {"type": "opsgenie_escalation", "name": "e", "values": {"id": "e-1", "name": "E",
      "rules": [{"condition": "if-not-acked", "notify_type": "next", "delay": 5,
                 "recipient": [{"type": "schedule", "id": "s-1"}]}],
      "repeat": [{"wait_interval": 10, "count": 2, "reset_recipient_states": true,
                  "close_alert_after_all": false}]}}],
    "child_modules": [{"resources": [
      {"type": "opsgenie_schedule", "name": "s", "values": {"id": "s-1", "name": "Primary",
        "timezone": "America/New_York", "enabled": true}},
      {"type": "opsgenie_user", "name": "ann", "values": {"id": "u-1", "username": "ann@x.com",
        "full_name": "Ann", "timezone": "Europe/Oslo"}},
      {"type": "opsgenie_team", "name": "t", "values": {"id": "t-1", "name": "T",
        "member": [{"id": "u-1", "role": "admin"}, {"id": "u-2", "role": "user"}]}},
      {"type": "opsgenie_api_integration", "name": "i", "values": {"id": "i-1"}}]}]}}})");
  ExpectVectors(roster, "Primary",
                {{"2024-03-01T13:59:59Z", "-"},
                 {"2024-03-01T14:00:00Z", "ann@x.com"},
                 {"2024-03-02T14:00:00Z", "ann@x.com+u-2"},
                 {"2024-03-03T14:00:00Z", "-"},
                 {"2024-03-04T21:59:59Z", "ann@x.com"},
                 {"2024-03-04T22:00:00Z", "-"},
                 // Nine o'clock in summer, too.
                 {"2024-03-11T12:59:59Z", "ann@x.com"},
                 {"2024-03-11T13:00:00Z", "ann@x.com+u-2"}});
  const Policy* policy = roster.FindPolicy("E");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->steps.at(0).after, std::chrono::minutes(5));
  EXPECT_EQ(policy->steps.at(0).targets, (Targets{{Target::Kind::kNext, "Primary", 0}}));
  EXPECT_EQ(policy->repeat.count, 2);
  EXPECT_TRUE(policy->repeat.reset_acks);
}

TEST(TerraformTest, VictorOpsWaitsMinutes) {
  const Roster roster = RosterOfText(R"({"version": 4, "resources": [
    {"mode": "managed", "type": "victorops_escalation_policy", "name": "p",
     "instances": [{"attributes": {"id": "pol-1", "name": "P", "team_id": "team-1", "step": [
       {"timeout": 0, "entries": [{"type": "user", "username": "ann"}]},
       {"timeout": 15, "entries": [{"type": "user", "username": "ben"}]}]}}]}]})");
  const Policy* policy = roster.FindPolicy("P");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->steps.at(1).after, std::chrono::minutes(15));
  EXPECT_EQ(policy->steps.at(1).targets, (Targets{{Target::Kind::kUser, "ben", 0}}));
}

TEST(TerraformTest, WhatSaysNothingOfItIsPassedOver) {
  EXPECT_TRUE(IsTerraformType("pagerduty_service"));
  EXPECT_FALSE(IsTerraformType("aws_instance"));
  EXPECT_FALSE(FromTerraform("pagerduty_service", "x", {}).has_value());
  const Loaded loaded =
      Load({{"f.json", R"({"resource": {"aws_instance": {"web": {"ami": "x"}}}})"}});
  EXPECT_FALSE(loaded.roster.has_value());
  EXPECT_THAT(Messages(loaded), HasSubstr("nothing here says who is on call"));
}

}  // namespace
}  // namespace watchfire::oncall
