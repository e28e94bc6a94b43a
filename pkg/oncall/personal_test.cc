// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How people want to be told, as each vendor says it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/oncall/oncall_for_test.h"
#include "pkg/oncall/write.h"

namespace watchfire::oncall {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "push 0, sms 60, voice 180"
std::string Shown(const std::vector<PersonalRule>& rules) {
  std::string text;
  for (const PersonalRule& rule : rules) {
    text += (text.empty() ? "" : ", ") + rule.method + " " +
            std::to_string(static_cast<int64_t>(ToSeconds(rule.after)));
  }
  return text;
}

std::string RulesOf(const Roster& roster, const std::string& name) {
  const User* user = roster.FindUser(name);
  return user == nullptr ? "nobody" : Shown(user->rules);
}

constexpr const char* kOpsgenieRule = R"({"name": "Critical", "enabled": true,
  "criteria": {"type": "match-all-conditions", "conditions": []},
  "steps": [
    {"contact": {"to": "TO", "method": "mobile_app"}, "sendAfter": {"timeAmount": 0}},
    {"contact": {"to": "TO", "method": "sms"},
     "sendAfter": {"timeAmount": 1, "timeUnit": "minutes"}},
    {"contact": {"to": "TO", "method": "email"}, "enabled": false},
    {"contact": {"to": "TO", "method": "voice"},
     "sendAfter": {"timeAmount": 3, "timeUnit": "minutes"}}]})";

std::string RuleTo(const std::string& to) {
  std::string text = kOpsgenieRule;
  for (size_t at = text.find("\"TO\""); at != std::string::npos; at = text.find("\"TO\"")) {
    text.replace(at, 4, "\"" + to + "\"");
  }
  return text;
}

TEST(PersonalRulesTest, OfOpsgenieForEverybodyOrTheirOwner) {
  const Roster all = RosterOfText(RuleTo("all"));
  EXPECT_EQ(Shown(all.rules), "push 0, sms 60, voice 180");
  EXPECT_TRUE(all.users.empty());
  const Roster own = RosterOfText(R"({"username": "ada@example.com", "fullName": "Ada",
      "userContacts": [{"contactMethod": "sms", "to": "1-555"}],
      "notificationRules": [)" + RuleTo("1-555") +
                                  R"(, {"name": "later", "steps": [
      {"contact": {"to": "x", "method": "sms"}}]}, {"name": "closed", "actionType": "closed-alert",
      "steps": [{"contact": {"to": "x", "method": "email"}}]}]})");
  EXPECT_EQ(RulesOf(own, "ada@example.com"), "push 0, sms 60, voice 180");
  EXPECT_TRUE(own.rules.empty());
}

TEST(PersonalRulesTest, OfOpsgenieByTheAddressThatTheyTell) {
  const Loaded loaded = Load({{"u.json", R"({"username": "ada@example.com", "fullName": "Ada"})"},
                              {"r.json", RuleTo("Ada@example.com")}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  EXPECT_EQ(RulesOf(*loaded.roster, "ada@example.com"), "push 0, sms 60, voice 180");
}

TEST(PersonalRulesTest, OfOpsgenieWithoutAnAddressAreNotEverybodys) {
  const Loaded loaded = Load({{"r.json", RuleTo("")}});
  EXPECT_FALSE(loaded.roster.has_value());
  EXPECT_THAT(Messages(loaded), HasSubstr("does not say whose it is"));
  const Roster own = RosterOfText(R"({"username": "ada", "fullName": "Ada",
      "notificationRules": [)" + RuleTo("") +
                                  "]}");
  EXPECT_EQ(RulesOf(own, "ada"), "push 0, sms 60, voice 180") << "her document says it";
}

TEST(PersonalRulesTest, OfPagerDutyAreThoseOfHighUrgency) {
  const Roster roster = RosterOfText(R"({"users": [{"id": "P1", "type": "user", "name": "Ada",
    "email": "ada@example.com",
    "contact_methods": [
      {"id": "C1", "type": "push_notification_contact_method", "address": "device"},
      {"id": "C2", "type": "sms_contact_method", "address": "5550101"},
      {"id": "C3", "type": "phone_contact_method", "address": "5550101"}],
    "notification_rules": [
      {"type": "assignment_notification_rule", "start_delay_in_minutes": 0, "urgency": "high",
       "contact_method": {"id": "C1", "type": "push_notification_contact_method_reference"}},
      {"start_delay_in_minutes": 1, "contact_method": {"id": "C2"}},
      {"start_delay_in_minutes": 3,
       "contact_method": {"id": "gone", "type": "phone_contact_method_reference"}},
      {"start_delay_in_minutes": 0, "urgency": "low",
       "contact_method": {"id": "C4", "type": "email_contact_method_reference"}}]}]})");
  EXPECT_EQ(RulesOf(roster, "Ada"), "push 0, sms 60, voice 180");
}

TEST(PersonalRulesTest, OfGrafanaAddUpTheirWaits) {
  const Roster roster = RosterOfText(R"({"results": [
    {"id": "U1", "username": "ada", "email": "ada@example.com"},
    {"id": "N3", "user_id": "U1", "position": 2, "important": false, "type": "notify_by_sms"},
    {"id": "N2", "user_id": "U1", "position": 1, "important": false, "type": "wait",
     "duration": 60},
    {"id": "N1", "user_id": "U1", "position": 0, "important": false,
     "type": "notify_by_mobile_app"},
    {"id": "N4", "user_id": "U1", "position": 0, "important": true,
     "type": "notify_by_phone_call"}]})");
  EXPECT_EQ(RulesOf(roster, "ada"), "push 0, sms 60");
}

TEST(PersonalRulesTest, OfVictorOpsWaitBehindEachStep) {
  const Roster profile = RosterOfText(R"({"_selfUrl": "/api-public/v1/profile/ada/policies",
    "steps": [{"index": 0, "timeout": 1, "rules": [{"type": "push"}]},
              {"index": 1, "timeout": 2, "rules": [{"type": "sms"}, {"type": "email"}]},
              {"index": 2, "timeout": 5, "rules": [{"type": "phone"}]}]})");
  EXPECT_EQ(RulesOf(profile, "ada"), "push 0, sms 60, email 60, voice 180");
  const Roster user = RosterOfText(R"({"username": "ada", "policies": [
    {"order": 0, "timeout": 1, "contactType": "push", "extId": "a"},
    {"order": 1, "timeout": 5, "contactType": "Phone", "extId": "b"}]})");
  EXPECT_EQ(RulesOf(user, "ada"), "push 0, voice 60");
  const Loaded nobodys =
      Load({{"f.json", R"({"policies": [{"timeout": 1, "contactType": "push"}]})"}});
  EXPECT_FALSE(nobodys.roster.has_value());
  EXPECT_THAT(Messages(nobodys), HasSubstr("does not say whose it is"));
}

TEST(PersonalRulesTest, WhatIsImportedReadsTheSame) {
  const Loaded loaded =
      Load({{"r.json", RuleTo("all")}, {"u.json", R"({"username": "ada", "policies": [
      {"order": 0, "timeout": 1, "contactType": "push"}]})"}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  const Roster again = RosterOfText(WriteNative(*loaded.roster));
  EXPECT_EQ(Shown(again.rules), "push 0, sms 60, voice 180");
  EXPECT_EQ(RulesOf(again, "ada"), "push 0");
}

// Exports have rules of people who are gone.
TEST(PersonalRulesTest, OfNobodyWhoIsDeclaredAreLost) {
  const Loaded loaded = Load(
      {{"o.yml", "oncall: {users: [{name: bo}]}\n"}, {"u.json", R"({"username": "ada", "policies": [
      {"order": 0, "timeout": 1, "contactType": "push"}]})"}});
  ASSERT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  EXPECT_THAT(loaded.roster->users, testing::SizeIs(1));
}

}  // namespace
}  // namespace watchfire::oncall
