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
  EXPECT_THAT(HelpText(), HasSubstr("--web.get-concurrency=0"));
}

TEST(FlagsTest, DurationsMayHaveDaysAndWeeks) {
  using std::chrono::hours;
  const auto retention = [](const std::string& text) {
    const auto flags = ParseFlags({"--data.retention=" + text});
    return flags ? flags->retention : Duration::zero();
  };
  EXPECT_EQ(retention("5d"), hours(120));
  EXPECT_EQ(retention("2w1.5d30m"), hours(14 * 24 + 36) + std::chrono::minutes(30));
  EXPECT_EQ(retention("120h"), hours(120));
  EXPECT_EQ(retention("+1d"), hours(24));
  EXPECT_EQ(ParseFlags({"--web.timeout=-1d"}).value().web_timeout, -hours(24));
  EXPECT_EQ(ParseFlags({"--web.timeout=0"}).value().web_timeout, Duration::zero());
  EXPECT_EQ(ParseFlags({"--dispatch.start-delay=-1s"}).value().start_delay,
            -std::chrono::seconds(1));
  for (const char* bad : {"", "5", "d", "1y", "5m3", "1d0", "-", "1 d", "999999999w", "1..5d"}) {
    EXPECT_FALSE(ParseFlags({std::string("--web.timeout=") + bad})) << bad;
  }
  EXPECT_THAT(ParseFlags({"--data.retention=1y"}).error().message,
              HasSubstr("--data.retention: bad duration \"1y\": want one like 1m30s, 500ms or 5d"));
}

TEST(FlagsTest, LevelsAreTakenInAnyLetters) {
  EXPECT_EQ(ParseFlags({"--log.level=DEBUG"}).value().log_level, "debug");
  EXPECT_FALSE(ParseFlags({"--log.level=trace"}));
  EXPECT_FALSE(ParseFlags({"--log.format=JSON"}));
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

TEST(FlagsTest, OriginsAreMatchedAsAWhole) {
  EXPECT_EQ(ParseFlags({}).value().cors_origin, "");
  EXPECT_EQ(CorsOrigins("").value(), std::nullopt);
  const Flags flags = ParseFlags({"--web.cors.origin=https?://(a|b)\\.example"}).value();
  const auto origins = CorsOrigins(flags.cors_origin).value();
  ASSERT_TRUE(origins.has_value());
  EXPECT_TRUE(origins->MatchesValue("https://a.example"));
  EXPECT_FALSE(origins->MatchesValue("https://a.example.evil"));
  EXPECT_FALSE(origins->MatchesValue("https://axexample"));
  const auto bad = CorsOrigins("https://(a");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("--web.cors.origin: error parsing regexp: missing"));
}

TEST(FlagsTest, WhatAlertmanager035AddedStartsTheServer) {
  EXPECT_THAT(ParseFlags({"--auto-gomemlimit", "--auto-gomemlimit.refresh-interval=1m",
                          "--api.connect.unary-timeout=-1s", "--api.connect.read-max-bytes=0"})
                  .value()
                  .warnings,
              ElementsAre("--auto-gomemlimit has no effect in Watchfire",
                          "--auto-gomemlimit.refresh-interval has no effect in Watchfire",
                          "--api.connect.unary-timeout has no effect in Watchfire",
                          "--api.connect.read-max-bytes has no effect in Watchfire"));
  EXPECT_FALSE(ParseFlags({"--api.connect.read-max-bytes=many"}));
  EXPECT_FALSE(ParseFlags({"--auto-gomemlimit.refresh-interval=1y"}));
}

TEST(FlagsTest, FeaturesGiveMetricsMoreLabels) {
  EXPECT_FALSE(Flags().metric_features.receiver_names);
  const Flags flags =
      ParseFlags({"--enable-feature=receiver-name-in-metrics,group-key-in-metrics"}).value();
  EXPECT_TRUE(flags.metric_features.receiver_names);
  EXPECT_TRUE(flags.metric_features.group_keys);
  EXPECT_FALSE(flags.metric_features.alert_names);
  EXPECT_THAT(flags.warnings, IsEmpty());
  const Flags again = ParseFlags({"--enable-feature=alert-names-in-metrics"}).value();
  EXPECT_TRUE(again.metric_features.alert_names);
  EXPECT_FALSE(again.metric_features.oncall_names);
  EXPECT_TRUE(
      ParseFlags({"--enable-feature=grafana-oncall-metrics"}).value().metric_features.oncall_names);
}

TEST(FlagsTest, TheHelpNamesAlertmanagersDefaults) {
  // Source: prometheus-alertmanager --help.
  for (const char* flag :
       {"--config.file=alertmanager.yml ", "--storage.path=data/ ", "--data.retention=120h0m0s ",
        "--data.maintenance-interval=15m0s ", "--alerts.gc-interval=30m0s ",
        "--web.listen-address=:9093 ", "--web.get-concurrency=0 ", "--web.timeout=0s ",
        "--cluster.listen-address=0.0.0.0:9094 ", "--web.external-url=TEXT ",
        "--log.level=debug|info|warn|error ", "--storage.repair  ", "--storage.sync-alerts  "}) {
    EXPECT_THAT(HelpText(), HasSubstr(flag));
  }
}

TEST(FlagsTest, WhatHasNoEffectMustBeRightAllTheSame) {
  EXPECT_THAT(
      ParseFlags({"--cluster.gossip-interval=200ms", "--cluster.peer=a:1", "--cluster.peer", "b:1",
                  "--auto-gomemlimit.ratio=0.9", "--cluster.settle-timeout=0s",
                  "--no-cluster.allow-insecure-public-advertise-address-discovery"})
          .value()
          .warnings,
      ElementsAre("--cluster.gossip-interval has no effect in Watchfire",
                  "--cluster.peer has no effect in Watchfire: there is no gossip, so "
                  "replicas that get the same alerts each send",
                  "--cluster.peer has no effect in Watchfire: there is no gossip, so "
                  "replicas that get the same alerts each send",
                  "--auto-gomemlimit.ratio has no effect in Watchfire",
                  "--cluster.settle-timeout has no effect in Watchfire",
                  "--cluster.allow-insecure-public-advertise-address-discovery has no effect in "
                  "Watchfire"));
  for (const auto& [bad, want] : std::vector<std::pair<std::string, std::string>>{
           {"--cluster.gossip-interval=often", "--cluster.gossip-interval: "},
           {"--cluster.gossip-interval=1y", "--cluster.gossip-interval: "},
           {"--dispatch.maintenance-interval=0s",
            "--dispatch.maintenance-interval: must be greater than zero"},
           {"--auto-gomemlimit.ratio=most", "--auto-gomemlimit.ratio: \"most\" is not a number"},
           {"--alerts.per-alertname-limit=x", "--alerts.per-alertname-limit: \"x\" is not a whole"},
           {"--cluster.allow-insecure-public-advertise-address-discovery=maybe",
            "want true or false, got \"maybe\""}}) {
    const auto flags = ParseFlags({bad});
    ASSERT_FALSE(flags) << bad;
    EXPECT_THAT(flags.error().message, HasSubstr(want));
  }
}

TEST(FlagsTest, WhatOnlyAClusterMindsIsNotMindedWithoutOne) {
  for (const char* bad :
       {"--cluster.probe-interval=0s", "--cluster.tcp-timeout=-1s", "--cluster.listen-address=host",
        "--cluster.listen-address=host:http", "--cluster.listen-address=host:65536",
        "--cluster.advertise-address=1.2.3.4"}) {
    EXPECT_FALSE(ParseFlags({bad})) << bad;
    const std::string last =
        std::string(bad).starts_with("--cluster.listen-address") ? "--help" : bad;
    EXPECT_TRUE(ParseFlags({last, "--cluster.listen-address="})) << bad;
  }
  const Flags flags = ParseFlags({"--cluster.listen-address=[::]:0", "--cluster.peer-name=a",
                                  "--cluster.advertise-address=10.0.0.1:9094"})
                          .value();
  EXPECT_EQ(flags.cluster_peer_name, "a");
  EXPECT_EQ(PeerAddress(flags), "10.0.0.1:9094");
  EXPECT_THAT(flags.warnings, IsEmpty());
}

TEST(FlagsTest, ThePeerIsShownWhereItAdvertisesElseWhereItListens) {
  const auto shown = [](std::vector<std::string> flags) {
    return PeerAddress(ParseFlags(flags).value());
  };
  EXPECT_EQ(shown({}), "0.0.0.0:9094");
  EXPECT_EQ(shown({"--cluster.listen-address=[10.0.0.1]:9094"}), "10.0.0.1:9094");
  EXPECT_EQ(shown({"--cluster.listen-address=[fd00::1]:9094"}), "[fd00::1]:9094");
  EXPECT_EQ(shown({"--cluster.advertise-address=a:1"}), "a:1");
  EXPECT_EQ(shown({"--cluster.advertise-address=a:1", "--cluster.listen-address="}), "");
}

TEST(FlagsTest, SystemdSaysForWhomItsSocketsAre) {
  EXPECT_THAT(SocketsOfSystemd("77", "2", 77).value(), ElementsAre(3, 4));
  for (const auto& [pid, count] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"76", "1"}, {"77", ""}, {"77", "0"}, {"77", "1x"}, {"77", "2000"}}) {
    const auto none = SocketsOfSystemd(pid, count, 77);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("systemd passed no sockets"));
  }
}

}  // namespace
}  // namespace watchfire::app
