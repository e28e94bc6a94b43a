// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which vendors are asked for what people did there, as the configuration says.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/ack_polling.h"
#include "pkg/notify/builtin/builtin.h"

namespace watchfire::notify::builtin {
namespace {

using config::AckPolling;
using testing::HasSubstr;

config::Loaded Load(const std::string& integration) {
  const std::string yaml = "route: {receiver: r}\nreceivers:\n- name: r\n  " + integration + "\n";
  config::Files files;
  files.read = [yaml](const std::string& path) -> Result<std::string> {
    if (path == "am.yml") return yaml;
    if (path.ends_with("empty")) return std::string("\n");
    if (path.ends_with("token")) return std::string("from-a-file\n");
    return watchfire::Fail(Code::kNotFound, path + ": No such file or directory");
  };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "am.yml";
  return config::Load(options, files, Kinds());
}

// Of the only integration; fails the test if there is none.
AckPolling PollingOf(const std::string& integration) {
  const config::Loaded loaded = Load(integration);
  for (const config::Problem& problem : loaded.problems) {
    if (loaded.config == nullptr) ADD_FAILURE() << problem.ToString();
  }
  if (loaded.config == nullptr) return {};
  EXPECT_THAT(loaded.config->original, testing::Not(HasSubstr("poll_acks")));
  const auto polling = loaded.config->receivers[0].integrations[0].polling;
  if (polling == nullptr) ADD_FAILURE() << "it is not polled";
  return polling == nullptr ? AckPolling() : *polling;
}

// The first problem.
std::string Says(const std::string& integration) {
  const config::Loaded loaded = Load(integration);
  return loaded.problems.empty() ? "" : loaded.problems.front().ToString();
}

const std::string kPagerDuty = "pagerduty_configs: [{routing_key: k, poll_acks: ";

TEST(PollAcksTest, NobodyIsAskedWithoutIt) {
  const config::Loaded loaded = Load("pagerduty_configs: [{routing_key: k}]");
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->receivers[0].integrations[0].polling, nullptr);
}

TEST(PollAcksTest, EachVendorHasItsOwnCredentials) {
  const AckPolling victorops = PollingOf(
      "victorops_configs: [{api_key: k, routing_key: r, poll_acks: {api_id: i, api_key: j}}]");
  EXPECT_EQ(victorops.vendor, "victorops");
  EXPECT_EQ(victorops.url, "https://api.victorops.com");
  EXPECT_EQ(victorops.id.reveal(), "i");
  EXPECT_EQ(victorops.key.reveal(), "j");
  EXPECT_EQ(victorops.interval, std::chrono::seconds(30));
  const AckPolling opsgenie = PollingOf(
      "opsgenie_configs: [{api_key: k, poll_acks: {api_key_file: token, interval: 1m, "
      "api_url: 'https://api.eu.opsgenie.com/'}}]");
  EXPECT_EQ(opsgenie.url, "https://api.eu.opsgenie.com");
  EXPECT_EQ(opsgenie.key.reveal(), "from-a-file");
  EXPECT_EQ(opsgenie.interval, std::chrono::minutes(1));
  EXPECT_EQ(PollingOf(kPagerDuty + "{api_token: t}}]").key.reveal(), "t");
}

TEST(PollAcksTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(Says(kPagerDuty + "{}}]"), HasSubstr("one of api_token or api_token_file must be"));
  EXPECT_THAT(Says(kPagerDuty + "{}}]"), HasSubstr("am.yml:4:"));
  EXPECT_THAT(Says(kPagerDuty + "{api_token: a, api_token_file: token}}]"),
              HasSubstr("at most one of api_token & api_token_file"));
  EXPECT_THAT(Says(kPagerDuty + "{api_token_file: empty}}]"), HasSubstr("is empty"));
  EXPECT_THAT(Says(kPagerDuty + "{api_token_file: none}}]"), HasSubstr("No such file"));
  EXPECT_THAT(Says(kPagerDuty + "{api_key: a}}]"), HasSubstr("api_token"));
  EXPECT_THAT(Says(kPagerDuty + "{api_token: a, interval: 100ms}}]"),
              HasSubstr("interval of poll_acks must be from 1s to 1h"));
  EXPECT_THAT(Says(kPagerDuty + "{api_token: a, api_url: here}}]"), HasSubstr("api_url"));
  EXPECT_THAT(Says("victorops_configs: [{api_key: k, routing_key: r, poll_acks: {api_key: j}}]"),
              HasSubstr("one of api_id or api_id_file must be"));
  EXPECT_THAT(Says("victorops_configs: [{api_key: k, routing_key: r, "
                   "poll_acks: {api_id: i, api_key: j, interval: 5s}}]"),
              HasSubstr("six requests a minute"));
  EXPECT_THAT(Says("webhook_configs: [{url: 'http://h/', poll_acks: {api_token: a}}]"),
              HasSubstr("poll_acks"));
}

}  // namespace
}  // namespace watchfire::notify::builtin
