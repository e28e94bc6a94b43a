// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// No secret is in a problem or in Config.original, whatever is wrong around it.

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(SecretsTest, SecretsNeverPrint) {
  const World world(
      "route: {receiver: a}\n"
      "receivers:\n"
      "  - name: a\n"
      "    webhook_configs:\n"
      "      - {url: 's3cr3t://x', token: [s3cr3t]}\n"
      "      - {url: 'http://u:s3cr3t@h:x', http_config: {proxy_url: 'http://u:s3cr3t@'}}\n"
      "      - http_config: {basic_auth: {username: u, password: s3cr3t, password_file: f},\n"
      "                      authorization: {type: Basic, credentials: s3cr3t},\n"
      "                      bearer_token: s3cr3t, tls_config: {key: s3cr3t, cert_file: c}}\n");
  EXPECT_THAT(world.Problems(), SizeIs(testing::Ge(9U)));
  for (const std::string& problem : world.Problems()) {
    if (problem.find("unsupported scheme") == std::string::npos) {
      EXPECT_THAT(problem, Not(HasSubstr("s3cr3t")));
    }
  }
}

TEST(SecretsTest, NoSecretOfAnyKeyIsShown) {
  const World world(
      "global:\n"
      "  smtp_auth_password: s3cr3t\n  smtp_auth_secret: s3cr3t\n  slack_api_url: "
      "http://s3cr3t/\n  opsgenie_api_key: s3cr3t\n  wechat_api_secret: s3cr3t\n"
      "  victorops_api_key: s3cr3t\n  telegram_bot_token: s3cr3t\n  rocketchat_token: s3cr3t\n"
      "  rocketchat_token_id: s3cr3t\n  mattermost_webhook_url: http://h/s3cr3t\n"
      "  pagerduty_url: http://u:s3cr3t@h/\n"
      "  smtp_tls_config: {key: s3cr3t, cert: c}\n"
      "  http_config: {authorization: {credentials: s3cr3t},\n"
      "    http_headers: {X-A: {secrets: [s3cr3t]}},\n"
      "    proxy_url: 'http://u:s3cr3t@h', proxy_connect_header: {X-B: [s3cr3t]}}\n"
      "tracing: {endpoint: e, headers: {X-C: {secrets: [s3cr3t]}}, tls_config: {key: s3cr3t, cert: "
      "c}}\n"
      "event_recorder: {webhook_outputs: [{url: 'http://h/s3cr3t', http_config: {basic_auth: "
      "{password: s3cr3t}}}]}\n"
      "route: {receiver: a}\n"
      "receivers:\n- name: a\n  webhook_configs: [{url: 'http://u:s3cr3t@h/', token: s3cr3t}]\n");
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems), Each(Not(HasSubstr("s3cr3t"))));
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("s3cr3t")));
  EXPECT_EQ(loaded.config->global.rocketchat_token_id.value.reveal(), "s3cr3t");
}

TEST(SecretsTest, TheConfigurationKnowsItsSecrets) {
  const World world(
      "global: {victorops_api_key: one, http_config: {basic_auth: {password: two},\n"
      "  http_headers: {X-A: {secrets: [three], values: [open]}}}}\n"
      "route: {receiver: a}\n"
      "receivers:\n- {name: a, webhook_configs: [{url: 'http://h/four', token: five}]}\n");
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  std::set<std::string> texts;
  for (const Secret& secret : loaded.config->secrets) texts.insert(secret.reveal());
  for (const char* text : {"one", "two", "three", "five"}) EXPECT_EQ(texts.count(text), 1U) << text;
  EXPECT_EQ(texts.count("open"), 0U);
}

TEST(SecretsTest, NoSecretOfAnyKeyIsQuotedInAnError) {
  for (const char* key :
       {"smtp_auth_password", "smtp_auth_secret", "slack_api_url", "slack_app_token",
        "opsgenie_api_key", "wechat_api_secret", "victorops_api_key", "telegram_bot_token",
        "rocketchat_token", "rocketchat_token_id", "mattermost_webhook_url"}) {
    const std::string start = std::string("global: {") + key + ": ";
    for (const std::string& wrong : {start + "[s3cr3t]}\n", start + "{s3cr3t: s3cr3t}}\n",
                                     start + "'s3cr3t://%zs3cr3t', " + key + "_file: f}\n"}) {
      const World world(Minimal(wrong));
      EXPECT_EQ(world.Load().config, nullptr) << wrong;
      EXPECT_THAT(world.Problems(), Each(Not(HasSubstr("s3cr3t")))) << wrong;
    }
  }
}

TEST(SecretsTest, APlaceholderThatWasLeftInIsWarnedOf) {
  const auto problems = [](const std::string& password) {
    const World world(
        "route: {receiver: a}\n"
        "receivers:\n- name: a\n  webhook_configs: [{url: 'http://h', http_config: {basic_auth: "
        "{username: u, password: '" +
        password + "'}}}]\n");
    const Loaded loaded = world.Load();
    EXPECT_NE(loaded.config, nullptr) << password << ": it is a warning";
    return World::Print(loaded.problems);
  };
  for (const char* left : {"<your-key>", "<key>", "YOUR_KEY", "your-api-key", "Your key", "API_KEY",
                           "xxx", "XXXX-XXXX", "****", "...", "changeme", "CHANGE-ME", "todo"}) {
    const std::vector<std::string> told = problems(left);
    ASSERT_THAT(told, SizeIs(1)) << left;
    EXPECT_THAT(told[0],
                HasSubstr("w.yml:4:79: password looks like a placeholder that was left in"));
    EXPECT_THAT(told[0], Not(HasSubstr(left)));
  }
  for (const char* real :
       {"x", "XYZ", "SECRETWORD", "yourself", "a1_B2", "xx1", "<secret>", "<<"}) {
    EXPECT_THAT(problems(real), testing::IsEmpty()) << real;
  }
}

}  // namespace
}  // namespace watchfire::config
