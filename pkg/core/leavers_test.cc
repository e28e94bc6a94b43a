// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts that a new configuration leads elsewhere: who was told of them hears their end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/core/strict_fixture.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// Everything to "ops"; "on-call" is still there.
std::shared_ptr<config::Config> Rerouted() {
  std::shared_ptr<config::Config> config = StrictConfig();
  config->receivers.push_back({"ops", {{"webhook", 0, true, false, nullptr}}});
  config->route.receiver = "ops";
  config->route.group_by = {"alertname"};
  return config;
}

// Alerts named B to "ops", the rest stays where it is.
std::shared_ptr<config::Config> ReroutedInPart() {
  std::shared_ptr<config::Config> config = Rerouted();
  config->route = StrictConfig()->route;
  config::Route child = config->route;
  child.receiver = "ops";
  child.matchers = {Equal("alertname", "B")};
  child.key = child.id = "{}/{alertname=\"B\"}";
  config->route.routes.push_back(std::move(child));
  return config;
}

class LeaversTest : public StrictTest {
 protected:
  void Reload(std::shared_ptr<const config::Config> config) {
    for (Effect& effect : Step({ConfigSwap{std::move(config)}})) {
      if (auto* log = std::get_if<Log>(&effect)) logs_.push_back(std::move(*log));
    }
    Commit();
  }
  // As Said(), each text behind its receiver.
  std::vector<std::string> Heard(Duration span) {
    std::vector<std::string> heard;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      Pass(seconds(1));
      while (!attempts_.empty()) {
        const Attempt attempt = attempts_.back();
        attempts_.pop_back();
        heard.push_back(attempt.notification->receiver + Text(attempt));
        last_[attempt.notification->receiver] = *attempt.notification;
        AnswerTo(attempt.id, Attempted::Kind::kDone);
      }
    }
    return heard;
  }
  // What could not be told so far, by integration.
  CounterMap Untold() { return Read(kViewStats)->stats->ends_untold; }

  std::vector<Log> logs_;
  std::map<std::string, dispatch::Notification> last_;  // By receiver.
};

TEST_F(LeaversTest, WhoWasToldOfAnAlertHearsItsEndThoughItsRouteIsGone) {
  Fire("A", "critical", hours(20));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  const dispatch::Notification first = last_["on-call"];
  Reload(Rerouted());
  EXPECT_THAT(Heard(hours(9)), ElementsAre("ops+A", "ops+A", "ops+A"))
      << "no repetition to the one who is out of it";
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(5)), UnorderedElementsAre("on-call-A", "ops-A"));
  EXPECT_EQ(last_["on-call"].group_key, first.group_key) << "by which the vendor knows it";
  EXPECT_EQ(last_["on-call"].group_labels, first.group_labels);
  EXPECT_TRUE(ReadGroups().empty());
  Fire("A", "critical");
  EXPECT_THAT(Heard(minutes(5)), ElementsAre("ops+A")) << "this is not for on-call any more";
  EXPECT_THAT(Untold(), IsEmpty());
}

TEST_F(LeaversTest, ReadersSeeTheAlertWhereItIsLedNow) {
  Fire("A", "critical");
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  Reload(Rerouted());
  ASSERT_THAT(ReadGroups(), SizeIs(1));
  EXPECT_EQ(ReadGroups()[0].receiver, "ops");
}

TEST_F(LeaversTest, ItsIncidentEndsWithTheAlert) {
  Fire("A", "critical", hours(2));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  Reload(Rerouted());
  Pass(minutes(65));
  EXPECT_EQ(Read(kViewIncidents)->incidents.begin()->second->state, incident::State::kTriggered)
      << "no orphan, for somebody still speaks of it";
  End("A", "critical");
  Pass(minutes(5));
  EXPECT_EQ(Read(kViewIncidents)->incidents.begin()->second->state, incident::State::kResolved);
}

TEST_F(LeaversTest, WhatStaysIsToldOfBesideIt) {
  Fire("A", "critical", hours(9));
  Fire("B", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A+B"));
  Reload(ReroutedInPart());
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops+B"));
  ASSERT_THAT(ReadGroups(), SizeIs(2));
  for (const GroupRow& group : ReadGroups()) EXPECT_THAT(*group.alerts, SizeIs(1));
  End("B", "critical");
  EXPECT_THAT(Heard(minutes(6)), UnorderedElementsAre("on-call+A-B", "ops-B"));
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("on-call-A"));
}

TEST_F(LeaversTest, WhatIsLedElsewhereOpensNoIncidentWhereItWas) {
  Fire("A", "critical", hours(9));
  Fire("B", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A+B"));
  Reload(ReroutedInPart());
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops+B"));
  IncidentCommand command;
  command.incident = 1;
  command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
  command.act = incident::Resolve{};
  Step({std::move(command)});
  Commit();
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("on-call+B-A"));
  EXPECT_EQ(Read(kViewIncidents)->incidents.at(1)->state, incident::State::kResolved);
}

TEST_F(LeaversTest, TheGroupGoesOnWithNewAlertsAfterTheOneThatLeft) {
  Fire("B", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+B"));
  Reload(ReroutedInPart());
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+B"));
  Fire("C", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("on-call+B+C")) << "one group, one incident";
  End("B", "critical");
  EXPECT_THAT(Heard(minutes(6)), UnorderedElementsAre("on-call+C-B", "ops-B"));
}

TEST_F(LeaversTest, TheEndIsToldAfterARestartToo) {
  Fire("A", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  config_ = Rerouted();
  Pass(seconds(2));
  Restart(minutes(1));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+A")) << "the configuration changed meanwhile";
  Pass(seconds(2));
  Restart(minutes(1));
  EXPECT_THAT(Heard(minutes(6)), IsEmpty());
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), UnorderedElementsAre("on-call-A", "ops-A"));
}

TEST_F(LeaversTest, AMuteChangesNothing) {
  Fire("A", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  Reload(Rerouted());
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+A"));
  Silence("A", minutes(30));
  EXPECT_THAT(Heard(minutes(40)), ElementsAre("ops+A")) << "told again, as the silence is over";
  Silence("A", minutes(30));
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), UnorderedElementsAre("on-call-A", "ops-A"));
}

TEST_F(LeaversTest, AMessageInDoubtIsNotSaidAgain) {
  Fire("A", "critical", hours(9));
  Pass(seconds(30));
  ASSERT_THAT(attempts_, SizeIs(1));  // Perhaps it arrives.
  attempts_.clear();
  config_ = Rerouted();
  Restart(minutes(1));
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops+A"));
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), UnorderedElementsAre("on-call-A", "ops-A"));
}

TEST_F(LeaversTest, TheWayBackMakesItAGroupAgain) {
  Fire("A", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  Reload(Rerouted());
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+A"));
  std::shared_ptr<config::Config> back = Rerouted();
  back->route = StrictConfig()->route;
  Reload(back);
  EXPECT_THAT(Heard(minutes(30)), IsEmpty()) << "on-call knows";
  EXPECT_THAT(Heard(hours(4)), ElementsAre("on-call+A")) << "and hears it again when it is time";
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), UnorderedElementsAre("on-call-A", "ops-A"));
}

TEST_F(LeaversTest, WhoWantsNoEndsHearsNothing) {
  config_->receivers[0].integrations[0].send_resolved = false;
  Boot({});
  Fire("A", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  std::shared_ptr<config::Config> rerouted = Rerouted();
  rerouted->receivers[0].integrations[0].send_resolved = false;
  Reload(rerouted);
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+A"));
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops-A"));
}

TEST_F(LeaversTest, AReceiverThatIsGoneIsCountedAndLoggedOnce) {
  Fire("A", "critical", hours(9));
  Fire("B", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A+B"));
  std::shared_ptr<config::Config> without = Rerouted();
  without->receivers.erase(without->receivers.begin());
  Reload(without);
  EXPECT_EQ(Untold(), (CounterMap{{{"victorops"}, 2}}));
  ASSERT_THAT(logs_, SizeIs(1));
  EXPECT_EQ(logs_[0].level, Log::Level::kWarn);
  Reload(without);
  EXPECT_EQ(Untold(), (CounterMap{{{"victorops"}, 2}}));
  EXPECT_THAT(Heard(minutes(1)), UnorderedElementsAre("ops+A", "ops+B"));
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops-A"));
}

TEST_F(LeaversTest, AnIntegrationThatIsGoneIsCountedThoughItsReceiverStays) {
  Fire("A", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  std::shared_ptr<config::Config> other = StrictConfig();
  other->receivers[0].integrations[0].kind = "webhook";
  Reload(other);
  EXPECT_EQ(Untold(), (CounterMap{{{"victorops"}, 1}}));
}

TEST_F(LeaversTest, WhereTheNewConfigurationGivesTheContractUpNobodyHearsIt) {
  Fire("B", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+B"));
  std::shared_ptr<config::Config> rerouted = ReroutedInPart();
  rerouted->route.delivery = config::Delivery::kAlertmanager;
  rerouted->route.exact_repeat = false;
  Reload(rerouted);
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+B"));
  End("B", "critical");
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops-B"));
}

TEST_F(LeaversTest, WithoutTheContractNobodyHearsIt) {
  config_->route.delivery = config::Delivery::kAlertmanager;
  config_->route.exact_repeat = false;
  Boot({});
  Fire("A", "critical", hours(9));
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("on-call+A"));
  std::shared_ptr<config::Config> rerouted = Rerouted();
  rerouted->route.delivery = config::Delivery::kAlertmanager;
  Reload(rerouted);
  EXPECT_THAT(Heard(minutes(1)), ElementsAre("ops+A"));
  End("A", "critical");
  EXPECT_THAT(Heard(minutes(6)), ElementsAre("ops-A"));
  rerouted = std::make_shared<config::Config>(*rerouted);
  rerouted->receivers.erase(rerouted->receivers.begin());
  Reload(rerouted);
  EXPECT_THAT(Untold(), IsEmpty());
}

}  // namespace
}  // namespace watchfire::core
