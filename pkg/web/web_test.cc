// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/web/web.h"

#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::web {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(WebTest, ThePageIsWhole) {
  EXPECT_THAT(Index(), StartsWith("<!doctype html>"));
  EXPECT_THAT(Index(), testing::EndsWith("</html>\n"));
  EXPECT_LT(Index().size(), 64U * 1024);
}

TEST(WebTest, NothingIsLoadedFromElsewhere) {
  const std::string page(Index());
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
}

TEST(WebTest, PathsAreRelativeSoThatARoutePrefixWorks) {
  const std::string page(Index());
  EXPECT_FALSE(std::regex_search(page, std::regex(R"(["'`]/(api|inbound|metrics|-))")));
}

TEST(WebTest, EveryAlertCanBeAskedWhy) {
  EXPECT_THAT(Index(), HasSubstr("<dialog id=\"why\""));
  EXPECT_THAT(Index(), HasSubstr("api/v1/explain?fingerprint="));
}

TEST(WebTest, WhatARuleAcknowledgedCanBeTakenOver) {
  EXPECT_THAT(Index(), HasSubstr("i.state === \"triggered\" || Boolean(i.ack && i.ack.automatic)"));
}

TEST(WebTest, WhoIsOnCallAndWhereToLookStandThere) {
  EXPECT_THAT(Index(), HasSubstr("api/v1/oncall"));
  EXPECT_THAT(Index(), HasSubstr("linksOf(i)"));
  EXPECT_THAT(Index(), HasSubstr(R"(/^https?:\/\//i.test(url))")) << "an annotation is no script";
}

TEST(WebTest, LinksToAlertmanagersPageLeadSomewhere) {
  for (const char* part : {"hashchange", "\"/silences/new\"", "[\"filter\", \"receiver\"]"}) {
    EXPECT_THAT(Index(), HasSubstr(part));
  }
}

TEST(WebTest, AShadowSaysThatItSendsNothing) {
  EXPECT_THAT(std::string(Index()), HasSubstr("Shadow mode: nothing is sent."));
}

// What the policy forbids would silently not work.
TEST(WebTest, ThePageNeedsNothingThatItsPolicyForbids) {
  const std::string page(Index());
  EXPECT_FALSE(std::regex_search(page, std::regex(R"(<[a-z][^>]*\son[a-z]+=)"))) << "handlers";
  EXPECT_FALSE(std::regex_search(page, std::regex(R"(<[a-z][^>]*\sstyle=)"))) << "inline style";
  EXPECT_THAT(page, Not(HasSubstr("innerHTML")));
  EXPECT_THAT(page, Not(HasSubstr("eval(")));
}

TEST(WebTest, ThePolicyNamesTheHashesOfStyleAndScript) {
  const std::string policy = SecurityPolicy();
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'sha256-"));
  EXPECT_TRUE(std::regex_search(policy, std::regex(R"(script-src 'sha256-[A-Za-z0-9+/]{43}=';)")));
  EXPECT_TRUE(std::regex_search(policy, std::regex(R"(style-src 'sha256-[A-Za-z0-9+/]{43}=';)")));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

}  // namespace
}  // namespace watchfire::web
