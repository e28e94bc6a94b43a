// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of two policies that page for one incident.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {

class SeveralTest : public EscalationTest {
 protected:
  static std::shared_ptr<const config::Escalates> Policy(const std::string& name) {
    auto escalates = std::make_shared<config::Escalates>();
    escalates->policy = name;
    return escalates;
  }
  // Alerts named B to a receiver of their own; all are one incident. Not booted yet.
  void Two(const std::string& main, const std::string& other) {
    config_ = EscalationConfig(GetParam(), main);
    config_->incidents.correlate_by = "team";
    config_->receivers.push_back({"db", {{config::kEscalation, 0, true, true, Policy(other)}}});
    config::Route child = config_->route;
    child.receiver = "db";
    child.matchers = {Equal("alertname", "B")};
    child.key = child.id = "{}/{alertname=\"B\"}";
    config_->route.routes.push_back(std::move(child));
  }
  // A policy that tells carol alone.
  void AddStore() {
    const std::string text =
        std::string(kEscalationRoster) + "    - name: store\n      steps: [{tell: carol}]\n";
    const oncall::Loaded loaded = oncall::Load({{"o.yml", text}});
    ASSERT_TRUE(loaded.roster.has_value());
    config_->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  }
  // The same, under way.
  void UseTwo(const std::string& main, const std::string& other) {
    Two(main, other);
    if (other == "store") AddStore();
    Boot({});
  }
  // She has taken A, and B comes; what is told of that is not looked at.
  void TellAliceOfAAndFireB() {
    Fire("A", "critical", std::chrono::hours(24));
    EXPECT_THAT(Heard(seconds(35)), testing::ElementsAre("alice-app +A"));
    Fire("B", "critical", std::chrono::hours(24));
  }
  // She has refused the one message of A and B.
  void RefuseTheSharedPage() {
    Fire("A", "critical", std::chrono::hours(24));
    Fire("B", "critical", std::chrono::hours(24));
    EXPECT_THAT(HeardBy("alice-app", seconds(35), Vendor::kRefuses),
                testing::ElementsAre("alice-app +A+B"));
  }
  // alice has A in hand; carol was paged for B beside that.
  void AcknowledgeAAndPageCarolForB() {
    UseTwo("critical", "store");
    Fire("A", "critical", std::chrono::hours(24));
    EXPECT_THAT(Heard(seconds(35)), testing::ElementsAre("alice-app +A"));
    Do(incident::Acknowledge{});
    Fire("B", "critical", std::chrono::hours(24));
    EXPECT_THAT(Heard(minutes(1)), testing::ElementsAre("carol-app +B"));
  }
  std::vector<std::string> Heard(Duration span, Vendor vendor = Vendor::kTakes) {
    std::vector<std::string> heard = Told(span, vendor);
    for (std::string& text : heard) text.erase(0, text.find(' ') + 1);
    return heard;
  }
  // Of one contact only.
  std::vector<std::string> HeardBy(const std::string& contact, Duration span,
                                   Vendor vendor = Vendor::kTakes) {
    std::vector<std::string> heard = Heard(span, vendor);
    std::erase_if(heard, [&](const std::string& text) { return !text.starts_with(contact + " "); });
    return heard;
  }
  std::shared_ptr<const incident::Incident> One(uint64_t id = 1) {
    return Read(kViewIncidents)->incidents.at(id);
  }
  std::string EntityOf(const std::string& receiver) {
    for (const incident::Group& group : One()->groups) {
      if (group.receiver == receiver) return group.entity_id;
    }
    ADD_FAILURE() << "no group of " << receiver;
    return "";
  }
  void ResolveThere(const std::string& entity_id, const std::string& vendor,
                    WallTime done_at = kNoTime) {
    IncidentCommand command;
    command.reply_to = RequestId{5};
    command.entity_id = entity_id;
    command.ack = {"alice", incident::ActorType::kHuman, vendor, ""};
    command.act = incident::Resolve{};
    command.done_at = done_at;
    Step({std::move(command)});
    Commit();
  }
};

}  // namespace watchfire::core
