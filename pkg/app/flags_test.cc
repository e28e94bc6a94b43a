// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FlagsTest, LimitsOfTheListener) {
  const Flags flags = ParseFlags({"--web.get-concurrency=12", "--web.timeout", "30s"}).value();
  EXPECT_EQ(flags.get_concurrency, 12);
  EXPECT_EQ(flags.web_timeout, std::chrono::seconds(30));
  EXPECT_THAT(flags.warnings, IsEmpty());
  const Flags none = ParseFlags({"--web.get-concurrency=-1", "--web.timeout=-1s"}).value();
  EXPECT_EQ(none.get_concurrency, -1);
  EXPECT_LT(none.web_timeout, Duration::zero());
  for (const char* bad : {"--web.get-concurrency=many", "--web.get-concurrency=1.5",
                          "--web.get-concurrency=", "--web.timeout=30", "--alerts.gc-interval=0s",
                          "--alerts.gc-interval=-1s"}) {
    EXPECT_FALSE(ParseFlags({bad})) << bad;
  }
  EXPECT_THAT(HelpText(), HasSubstr("--web.get-concurrency=NUMBER"));
}

TEST(FlagsTest, TheFileThatProtectsTheListenerIsTaken) {
  EXPECT_EQ(ParseFlags({"--web.config.file=web.yml"}).value().web_config_file, "web.yml");
  EXPECT_EQ(ParseFlags({"--web.config.file="}).value().web_config_file, "") << "the default";
}

TEST(FlagsTest, TheExternalUrlIsWhereWeListenUnlessGiven) {
  EXPECT_EQ(ExternalUrl("", {"http", "host", "127.0.0.1:9093"}).value(), "http://host:9093");
  EXPECT_EQ(ExternalUrl("", {"https", "host", "[::]:9443"}).value(), "https://host:9443");
  EXPECT_EQ(ExternalUrl("http://am.test/a/", {"https", "host", "[::]:1"}).value(),
            "http://am.test/a");
  EXPECT_FALSE(ExternalUrl("ftp://am.test", {"http", "host", "[::]:1"}));
}

TEST(FlagsTest, FeaturesChooseHowNamesAreRead) {
  const auto mode = [](const std::string& features) {
    return ParseFlags({"--enable-feature=" + features}).value().matcher_mode;
  };
  EXPECT_EQ(Flags().matcher_mode, matcher::Mode::kFallback);
  EXPECT_EQ(mode(""), matcher::Mode::kFallback);
  EXPECT_EQ(mode("classic-mode"), matcher::Mode::kClassic);
  EXPECT_EQ(mode("receiver-name-in-metrics,utf8-strict-mode"), matcher::Mode::kUtf8);
  EXPECT_THAT(ParseFlags({"--enable-feature", "event-recorder,classic-mode"}).value().warnings,
              ElementsAre("--enable-feature=event-recorder has no effect in Watchfire"));
  for (const auto& [bad, want] : std::vector<std::pair<std::string, std::string>>{
           {"auto-gomaxprocs", "unknown option 'auto-gomaxprocs' for --enable-feature"},
           {"classic-mode,", "unknown option '' for --enable-feature"},
           {"classic-mode,utf8-strict-mode", "cannot have both classic and UTF-8 modes enabled"}}) {
    const auto flags = ParseFlags({"--enable-feature=" + bad});
    ASSERT_FALSE(flags) << bad;
    EXPECT_EQ(flags.error().message, want);
  }
}

}  // namespace
}  // namespace watchfire::app
