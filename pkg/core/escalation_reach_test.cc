// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whether people are reached: contacts that fail, alerts that are muted meanwhile, reloads, bounds.

#include "pkg/base/limits.h"
#include "pkg/core/escalation_fixture.h"

namespace watchfire::core {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class EscalationReachTest : public EscalationTest {
 protected:
  config::Receiver& ReceiverOf(const std::string& name) {
    return *std::ranges::find(config_->receivers, name, &config::Receiver::name);
  }
  static std::vector<std::string> Only(const std::string& receiver, std::vector<std::string> told) {
    std::erase_if(told, [&](const std::string& one) {
      return one.find(" " + receiver + " ") == std::string::npos;
    });
    return told;
  }
};

INSTANTIATE_TEST_SUITE_P(Deliveries, EscalationReachTest,
                         testing::Values(config::Delivery::kAlertmanager,
                                         config::Delivery::kStrict),
                         [](const auto& delivery) {
                           return delivery.param == config::Delivery::kStrict ? "Strict"
                                                                              : "Alertmanager";
                         });

TEST_P(EscalationReachTest, TheFallbackOfAContactStandsInForEachTurn) {
  Use("rounds");
  config_->oncall.contacts["alice"] = {{"alice-app", {}}};
  ReceiverOf("alice-app").fallback = "bob-app";
  Boot({});
  FireNow();
  EXPECT_EQ(Only("bob-app", Told(minutes(9), Vendor::kRefusesAliceApp)).size(), 1U)
      << "once, however often alice-app refuses";
  EXPECT_EQ(Only("bob-app", Told(minutes(5), Vendor::kRefusesAliceApp)).size(), 1U)
      << "and again in the second round";
}

}  // namespace
}  // namespace watchfire::core
