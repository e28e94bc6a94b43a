// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of escalations: a roster of small policies, and who was told what when.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/core/strict_fixture.h"
#include "pkg/oncall/reader.h"

namespace watchfire::core {

inline constexpr const char* kEscalationRoster = R"(
oncall:
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-09-21 00:00, every: 1 week, participants: [alice, bob]}
    - name: night
      time_zone: Europe/Berlin
      layers:
        - hours: [{days: mon-sun, from: "00:00", to: "04:00"}]
          rotation: {start: 2026-01-05 00:00, every: 1 day, participants: [dan]}
  escalation_policies:
    - name: critical
      steps:
        - {tell: {schedule: primary}}
        - {after: 10m, tell: carol}
    - name: urgent
      steps: [{tell: alice, ignore_rules: true}]
    - name: rounds
      steps: [{tell: alice}]
      repeat: {count: 1, wait: 10m}
    - name: empty
      steps:
        - {tell: {schedule: night}}
        - {after: 10m, tell: carol}
    - name: closing
      steps:
        - {tell: alice}
        - {after: 1h, resolve: true}
    - name: closing_late
      steps:
        - {tell: alice}
        - {after: 30m, tell: carol}
        - {after: 58m, resolve: true}
    - name: closing_by_day
      steps:
        - {tell: alice}
        - {after: 30m, tell: carol, hours: [{days: mon-sun, from: "04:00", to: "05:00"}]}
        - {after: 2h, resolve: true}
    - name: three_deep
      steps:
        - {tell: alice}
        - {after: 30m, tell: carol}
        - {after: 58m, tell: alice}
    - name: insisting
      steps:
        - {tell: [alice, carol]}
        - {after: 30m, tell: carol, if: not_resolved}
    - name: nobody_late
      steps:
        - {tell: alice}
        - {after: 10m, tell: {schedule: night}, if: not_resolved}
    - name: resetting
      steps:
        - {tell: alice}
        - {after: 10m, tell: carol}
      repeat: {count: 1, wait: 10m, reset_acks: true}
    - name: resetting_late
      steps:
        - {tell: alice}
        - {after: 5m, tell: alice, if: not_resolved}
      repeat: {count: 1, wait: 10m, reset_acks: true}
    - name: many
      steps: [{tell: alice}]
      repeat: {count: 99, wait: 10m}
    - name: circle
      steps: [{tell: [alice, bob, carol], pick: round_robin}]
    - name: stubborn
      steps:
        - {tell: alice, if: not_resolved}
        - {after: 10m, tell: [alice, carol], if: not_resolved}
)";

inline std::shared_ptr<config::Config> EscalationConfig(config::Delivery delivery,
                                                        const std::string& policy = "critical") {
  std::shared_ptr<config::Config> config = StrictConfig();
  config->route.delivery = delivery;
  config->route.exact_repeat = delivery == config::Delivery::kStrict;
  auto escalates = std::make_shared<config::Escalates>();
  escalates->policy = policy;
  config->receivers = {{"on-call", {{config::kEscalation, 0, true, true, escalates}}}};
  for (const char* name : {"alice-app", "alice-sms", "bob-app", "carol-app", "dan-app", "mail"}) {
    config->receivers.push_back({name, {{"webhook", 0, true, false, nullptr}}});
  }
  const oncall::Loaded loaded = oncall::Load({{"o.yml", kEscalationRoster}});
  EXPECT_TRUE(loaded.roster.has_value());
  for (const auto& problem : loaded.problems) ADD_FAILURE() << problem.ToString();
  config->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  config->oncall.contacts = {{"alice", {{"alice-app", {}}, {"alice-sms", minutes(3)}}},
                             {"bob", {{"bob-app", {}}}},
                             {"carol", {{"carol-app", {}}}},
                             {"dan", {{"dan-app", {}}}}};
  config->oncall.fallback = "mail";
  return config;
}

class EscalationTest : public StrictTest, public testing::WithParamInterface<config::Delivery> {
 protected:
  EscalationTest() { Use("critical"); }

  void Use(const std::string& policy) {
    config_ = EscalationConfig(GetParam(), policy);
    Boot({});
  }

  enum class Vendor { kTakes, kRefuses, kIsSilent, kRefusesAliceApp, kIsBusy };

  // Lets time pass; returns who was told what, with the seconds since `from_`: "0 alice-app +A".
  std::vector<std::string> Told(Duration span, Vendor vendor = Vendor::kTakes) {
    std::vector<std::string> told;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.front();
        attempts_.erase(attempts_.begin());
        const auto passed = std::chrono::duration_cast<seconds>(now_.mono - from_);
        told.push_back(std::to_string(passed.count()) + " " + attempt.notification->receiver + " " +
                       Text(attempt));
        if (vendor == Vendor::kIsSilent) continue;
        if (vendor == Vendor::kIsBusy) {
          AnswerTo(attempt.id, Attempted::Kind::kRetry, "503");
          continue;
        }
        const bool takes =
            vendor == Vendor::kTakes ||
            (vendor == Vendor::kRefusesAliceApp && attempt.notification->receiver != "alice-app");
        AnswerTo(attempt.id, takes ? Attempted::Kind::kDone : Attempted::Kind::kFail);
      }
    }
    return told;
  }
  // Fires, and lets group_wait pass but for its last second: the policy starts at 1.
  void FireNow(const std::string& name = "A") {
    Fire(name, "critical", std::chrono::hours(24));
    Pass(seconds(29));
    from_ = now_.mono + seconds(1);
  }
  void Do(incident::Act act, const std::string& by = "alice", uint64_t incident = 1) {
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.incident = incident;
    command.ack = {by, incident::ActorType::kHuman, "api", ""};
    command.act = std::move(act);
    Step({std::move(command)});
    Commit();
    ASSERT_FALSE(replies_.empty());
    EXPECT_TRUE(replies_.back().status.has_value()) << replies_.back().status.error().message;
  }
  std::vector<std::string> Timeline(const std::string& kind) {
    std::vector<std::string> texts;
    const auto incidents = Read(kViewIncidents)->incidents;
    for (const incident::Event& event : incidents.at(1)->timeline) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }
  Stats ReadStats() { return *Read(kViewStats)->stats; }

  MonoTime from_{};
};

}  // namespace watchfire::core
