// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file of one SLO, "shop-<name>".
std::string SloOf(const std::string& name, const std::string& alerting) {
  return "version: prometheus/v1\nservice: shop\nslos:\n- name: " + name +
         "\n  objective: 99\n  sli: {raw: {error_ratio_query: 'r{{.window}}'}}\n  alerting: {" +
         alerting + "}\n";
}

// "source -> target, but labels" of every inhibition rule that Watchfire has with these SLOs.
std::vector<std::string> Rules(const std::string& a, const std::string& b) {
  World world(Minimal("slo_files: [a.yml, b.yml]\n"));
  world.files["a.yml"] = SloOf("aa", a);
  world.files["b.yml"] = SloOf("bb", b);
  const Loaded loaded = world.Load();
  EXPECT_NE(loaded.config, nullptr);
  std::vector<std::string> rules;
  if (!loaded.config) return rules;
  for (const InhibitRule& rule : loaded.config->inhibit_rules) {
    EXPECT_THAT(rule.equal, IsEmpty());
    rules.push_back(matcher::ToString(rule.source) + " -> " + matcher::ToString(rule.target) +
                    ", but " + Join(rule.equal_but, " "));
  }
  return rules;
}

TEST(SloInhibitionTest, APageMutesTheTicketOfItsSlo) {
  EXPECT_THAT(Rules("name: A", "name: B, page_alert: {labels: {severity: sev1}}"),
              ElementsAre(R"({sloth_id!="",sloth_severity="page"} -> )"
                          R"({sloth_id!="",sloth_severity="ticket"}, )"
                          "but alertname severity sloth_severity"));
}

TEST(SloInhibitionTest, WhatAnAlertAddsNeedNotBeEqualForItsSlo) {
  EXPECT_THAT(Rules("name: A, ticket_alert: {labels: {team: night}}", "name: B"),
              ElementsAre(R"({sloth_id="shop-bb",sloth_severity="page"} -> )"
                          R"({sloth_id="shop-bb",sloth_severity="ticket"}, )"
                          "but alertname severity sloth_severity",
                          R"({sloth_id="shop-aa",sloth_severity="page"} -> )"
                          R"({sloth_id="shop-aa",sloth_severity="ticket"}, )"
                          "but alertname severity sloth_severity team"));
}

TEST(SloInhibitionTest, AlertsGoByTheSeverityThatTheirFileGivesThem) {
  const std::string own =
      "page_alert: {labels: {sloth_severity: wake}}, "
      "ticket_alert: {labels: {sloth_severity: read}}, name: ";
  EXPECT_THAT(Rules(own + "A", own + "B"), ElementsAre(R"({sloth_id!="",sloth_severity="wake"} -> )"
                                                       R"({sloth_id!="",sloth_severity="read"}, )"
                                                       "but alertname severity sloth_severity"));
  // Where both are the same nothing tells which of them is to be muted.
  const std::string same = "labels: {sloth_severity: any}, name: ";
  EXPECT_THAT(Rules(same + "A", same + "B"), IsEmpty());
}

// As Sloth's and Prometheus' would be, and nobody is paged while the ticket fires.
TEST(SloInhibitionTest, AlertsThatNothingTellsApartAreWarnedOf) {
  const auto said = [](const std::string& alerting) {
    World world(Minimal("slo_files: [a.yml]\n"));
    world.files["a.yml"] = SloOf("aa", alerting);
    return World::Print(world.Load().problems);
  };
  EXPECT_THAT(said("name: A, labels: {sloth_severity: any, severity: high}"),
              ElementsAre(HasSubstr("the alerts page and ticket of shop-aa have the same labels")));
  EXPECT_THAT(said("name: A, labels: {sloth_severity: any}"), IsEmpty());
  EXPECT_THAT(said("name: A, labels: {severity: high}"), IsEmpty());
}

TEST(SloInhibitionTest, WhereNoSloHasBothThereIsNone) {
  EXPECT_THAT(
      Rules("name: A, page_alert: {disable: true}", "ticket_alert: {disable: true}, name: B"),
      IsEmpty());
}

}  // namespace
}  // namespace watchfire::config
