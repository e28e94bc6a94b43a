// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/ack_links.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

TEST(AckLinksTest, WithoutASectionThereAreNone) {
  World world(Minimal("incidents: {retention: 30d}\n"));
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_THAT(loaded.config->incidents.ack_links.secrets, IsEmpty());
}

TEST(AckLinksTest, TheSecretIsEnough) {
  World world(Minimal("incidents: {ack_links: {secret: " + std::string(kSecret) + "}}\n"));
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const AckLinks& links = loaded.config->incidents.ack_links;
  EXPECT_THAT(links.secrets, ElementsAre(Secret(kSecret)));
  EXPECT_EQ(links.expires_after, std::chrono::hours(24));
  EXPECT_FALSE(links.may_resolve);
  EXPECT_FALSE(links.may_snooze);
  EXPECT_THAT(loaded.config->original, Not(HasSubstr(kSecret)));
}

TEST(AckLinksTest, EverythingCanBeSaid) {
  World world(
      Minimal("incidents:\n  ack_links:\n    secret_file: new\n    previous_secret_file: old\n"
              "    expires_after: 2h\n    actions: [acknowledge, resolve, snooze]\n"
              "    snooze_for: 8h\n"));
  world.files["new"] = std::string(kSecret) + "\n";
  world.files["old"] = std::string(kSecret) + "old\n";
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  const AckLinks& links = loaded.config->incidents.ack_links;
  EXPECT_THAT(links.secrets, ElementsAre(Secret(kSecret), Secret(std::string(kSecret) + "old")));
  EXPECT_EQ(links.expires_after, std::chrono::hours(2));
  EXPECT_TRUE(links.may_resolve);
  EXPECT_TRUE(links.may_snooze);
  EXPECT_EQ(links.snooze_for, std::chrono::hours(8));
}

TEST(AckLinksTest, WhatIsWrongIsSaidWithItsPlaceAndWithoutTheSecret) {
  World world(
      Minimal("incidents:\n"
              "  ack_links:\n"
              "    secret: tooshort-tooshort\n"
              "    previous_secret_file: old\n"
              "    expires_after: 0s\n"
              "    actions: [resolve, explode]\n"
              "    snooze_for: 31d\n"
              "    expires_aftr: 1h\n"));
  world.files["old"] = "quite-short";
  const std::vector<std::string> problems = World::Print(world.Load().problems);
  EXPECT_THAT(
      problems,
      ElementsAre(
          "w.yml:5:5: secret of ack_links has 17 bytes, and needs 32 (openssl rand -base64 32)",
          "w.yml:6:5: previous_secret_file of ack_links has 11 bytes, and needs 32 (openssl rand "
          "-base64 32)",
          "w.yml:7:5: expires_after of ack_links must be more than zero and at most 30d",
          "w.yml:8:5: unknown action \"explode\" of ack_links (some of acknowledge, resolve, "
          "snooze, escalate)",
          "w.yml:8:5: the actions of ack_links must hold acknowledge",
          "w.yml:9:5: snooze_for of ack_links must be more than zero and at most 30d",
          "w.yml:10:5: unknown key \"expires_aftr\" (did you mean \"expires_after\"?)"));
}

TEST(AckLinksTest, ASectionWithoutASecretIsAnError) {
  for (const char* section : {"{}", "{secret: ''}",
                              "{previous_secret: 0123456789abcdef0123456789"
                              "abcdef}"}) {
    World world(Minimal("incidents: {ack_links: " + std::string(section) + "}\n"));
    const Loaded loaded = world.Load();
    EXPECT_EQ(loaded.config, nullptr);
    EXPECT_THAT(World::Print(loaded.problems),
                ElementsAre(HasSubstr("one of secret or secret_file must be configured")));
  }
}

}  // namespace
}  // namespace watchfire::config
