// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `inbound` in a configuration.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(InboundKeysTest, TwilioSignsWithTheToken) {
  const auto problems = [](const std::string& key) {
    return World::Print(
        World(Minimal("inbound: {twilio: [{key: a, " + key + "}]}\n")).Load().problems);
  };
  EXPECT_THAT(problems("auth_token: b"), IsEmpty());
  EXPECT_THAT(problems("auth_token: b, url: 'https://wf.example.com/t'"), IsEmpty());
  EXPECT_THAT(problems("labels: {}"),
              ElementsAre(HasSubstr("one of auth_token or auth_token_file")));
  EXPECT_THAT(problems("auth_token: b, url: twilio"), ElementsAre(HasSubstr("url")));
}

TEST(InboundKeysTest, WhatEntityIdsAreWithoutIsARegularExpression) {
  const auto problems = [](const std::string& keys) {
    return World::Print(World(Minimal("inbound: {" + keys + "}\n")).Load().problems);
  };
  EXPECT_THAT(problems("victorops: [{key: a, entity_without: '-[0-9a-f]{8,}$'}]"), IsEmpty());
  EXPECT_THAT(problems("opsgenie: [{key: a, entity_without: '-[0-9'}]"),
              ElementsAre(HasSubstr("entity_without: error parsing regexp: missing closing ]")));
  EXPECT_THAT(problems("slack: [{key: a, signing_secret: b, entity_without: x}]"),
              ElementsAre(HasSubstr("unknown key \"entity_without\"")));
}

TEST(InboundKeysTest, APatternOfAStatusHasItsStarAtTheEnd) {
  const auto problems = [](const std::string& resolved) {
    return World::Print(World(Minimal("inbound: {generic: [{key: a, mapping: {entity: '{n}', "
                                      "status: '{s}', resolved: ['" +
                                      resolved + "']}}]}\n"))
                            .Load()
                            .problems);
  };
  EXPECT_THAT(problems("done/*"), IsEmpty());
  EXPECT_THAT(problems(""), IsEmpty());
  EXPECT_THAT(problems("*/success"),
              ElementsAre(HasSubstr("resolved: \"*/success\" has a * before its end")));
}

TEST(InboundKeysTest, AKeyOfAnotherKindIsNamedWithThoseThatAreKnown) {
  EXPECT_THAT(World(Minimal("inbound: {opsgenie: [{key: s3cr3t, mapping: {}}]}\n")).Problems(),
              ElementsAre("w.yml:3:36: unknown key \"mapping\" (known here: api_key, api_key_file, "
                          "entity_without, expires_after, key, key_file, labels)"));
}

TEST(InboundKeysTest, KeysOfInboundShareAllTheirAlertsOrNone) {
  const auto problems = [](const std::string& keys) {
    return World::Print(World(Minimal("inbound: {" + keys + "}\n")).Load().problems);
  };
  const std::string generic = "generic: [{key: c, mapping: {entity: '{a}'}, labels: {source: ";
  for (const std::string& good :
       {std::string("grafana: [{key: a}, {key: b}], gcp: [{key: a, labels: {x: y}}]"),
        std::string("grafana: [{key: a, labels: {x: y}}, {key: b, labels: {x: y}}]"),
        std::string("grafana: [{key: a, labels: {x: y}}, {key: b, labels: {x: z, q: r}}]"),
        std::string("grafana: [{key: a}, {key: b, labels: {source: other}}]"),
        generic + "jenkins}}], opsgenie: [{key: a}]"}) {
    EXPECT_THAT(problems(good), IsEmpty()) << good;
  }
  for (const std::string& bad :
       {std::string("grafana: [{key: a}, {key: b, labels: {x: y}}]"),
        std::string("grafana: [{key: a, labels: {x: y}}, {key: b}]"),
        std::string("grafana: [{key: a, labels: {x: y}}, {key: b, labels: {q: r}}]"),
        std::string("grafana: [{key: a, labels: {x: y}}, {key: b, labels: {x: ''}}]"),
        std::string("grafana: [{key: a, labels: {entity_id: y}}, "
                    "{key: b, labels: {entity_id: z, q: r}}]"),
        generic + "opsgenie}}], opsgenie: [{key: a}]"}) {
    EXPECT_THAT(problems(bad), testing::Contains(testing::HasSubstr("each other's alerts"))) << bad;
  }
}

TEST(InboundKeysTest, PagerDutySignsWebhooksIfItsSecretIsKnown) {
  const auto problems = [](const std::string& keys) {
    return World::Print(World(Minimal("inbound: {" + keys + "}\n")).Load().problems);
  };
  EXPECT_THAT(problems("pagerduty: [{key: a}, {key: b, signing_secret: c}]"), IsEmpty());
  EXPECT_THAT(problems("pagerduty: [{key: a, signing_secret: b, signing_secret_file: c}]"),
              ElementsAre(HasSubstr("at most one of signing_secret & signing_secret_file")));
  EXPECT_THAT(problems("grafana: [{key: a, signing_secret: b}]"),
              ElementsAre(HasSubstr("unknown key \"signing_secret\"")));
}

TEST(InboundKeysTest, SlackSignsWithTheSecretOfTheApp) {
  const auto problems = [](const std::string& key) {
    return World::Print(
        World(Minimal("inbound: {slack: [{key: a, " + key + "}]}\n")).Load().problems);
  };
  EXPECT_THAT(problems("signing_secret: b"), IsEmpty());
  EXPECT_THAT(problems("labels: {}"),
              ElementsAre(HasSubstr("one of signing_secret or signing_secret_file")));
  EXPECT_THAT(World::Print(World(Minimal("inbound: {slack: [{key: a, signing_secret: b}, "
                                         "{key: a, signing_secret: c}]}\n"))
                               .Load()
                               .problems),
              ElementsAre(HasSubstr("this key of inbound.slack is not unique")));
}

}  // namespace
}  // namespace watchfire::config
