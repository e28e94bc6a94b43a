// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Config.original is what Alertmanager prints for the same file. What is expected here is what
// Debian's prometheus-alertmanager has in /api/v2/status, but for the order of a few keys and two
// improvements on 0.25 that 0.34 has as well: TLS12 for a number, proxy_url last.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Original(const std::string& text) {
  World world;
  world.options.path = "/etc/w.yml";
  world.files["/etc/w.yml"] = text;
  const Loaded loaded = world.Load();
  EXPECT_NE(loaded.config, nullptr) << text << testing::PrintToString(world.Problems());
  return loaded.config == nullptr ? "" : loaded.config->original;
}

std::string Routed(const std::string& route) {
  return "route: {receiver: a" + route + "}\nreceivers: [{name: a}]\n";
}

TEST(OriginalTest, AReceiverShowsTheHttpConfigOfGlobal) {
  const std::string global =
      "global:\n"
      "  http_config:\n"
      "    basic_auth: {username: u, password: s3cr3t}\n"
      "    proxy_url: http://u:s3cr3t@proxy:3128\n"
      "    tls_config: {ca_file: ca.pem, min_version: TLS12}\n"
      "    follow_redirects: false\n"
      "route: {receiver: a}\n"
      "receivers: [{name: a, webhook_configs: [{url: 'http://h'}, "
      "{url: 'http://h', http_config: {}}]}]\n";
  EXPECT_THAT(Original(global), HasSubstr("  - send_resolved: true\n"
                                          "    http_config:\n"
                                          "      basic_auth:\n"
                                          "        username: u\n"
                                          "        password: <secret>\n"
                                          "      tls_config:\n"
                                          "        ca_file: /etc/ca.pem\n"
                                          "        insecure_skip_verify: false\n"
                                          "        min_version: TLS12\n"
                                          "      follow_redirects: false\n"
                                          "      enable_http2: true\n"
                                          "      proxy_url: \"http://u:xxxxx@proxy:3128\"\n"
                                          "    url: http://h\n"
                                          "  - send_resolved: true\n"
                                          "    http_config:\n"
                                          "      follow_redirects: true\n"
                                          "      enable_http2: true\n"
                                          "    url: http://h\n"));
}

TEST(OriginalTest, OAuth2ShowsItsFilesWhereTheyAreAndNoKeysOfLaterVersions) {
  const std::string original = Original(Minimal(
      "global: {http_config: {oauth2: {client_id: c, client_secret_file: f, token_url: 'http://t', "
      "endpoint_params: {b: x, a: y}, tls_config: {cert_file: c.pem, key_file: k.pem}}}}\n"));
  EXPECT_THAT(original, HasSubstr("      client_secret_file: /etc/f\n"));
  EXPECT_THAT(original, HasSubstr("        a: \"y\"\n        b: x\n"));
  EXPECT_THAT(original, HasSubstr("        cert_file: /etc/c.pem\n"
                                  "        key_file: /etc/k.pem\n"
                                  "        insecure_skip_verify: false\n"));
  EXPECT_THAT(original, Not(HasSubstr("grant_type"))) << "amtool 0.25 would refuse it";
}

TEST(OriginalTest, BearerTokensAreAuthorization) {
  EXPECT_THAT(Original(Minimal("global: {http_config: {bearer_token: s3cr3t}}\n")),
              HasSubstr("    authorization:\n      type: Bearer\n      credentials: <secret>\n"));
}

TEST(OriginalTest, DeprecatedMatchersStandAsTheyWereWritten) {
  const std::string original =
      Original(Routed(", routes: [{matchers: [c=d], match: {z: y, a: b}, match_re: {s: 'x|y'}}]") +
               "inhibit_rules: [{source_match: {s: critical}, target_match_re: {s: w.*}}]\n");
  EXPECT_THAT(original, HasSubstr("  - match:\n"
                                  "      a: b\n"
                                  "      z: \"y\"\n"
                                  "    match_re:\n"
                                  "      s: \"x|y\"\n"
                                  "    matchers:\n"
                                  "    - \"c=\\\"d\\\"\"\n"
                                  "    continue: false\n"));
  EXPECT_THAT(original, HasSubstr("inhibit_rules:\n"
                                  "- source_match:\n"
                                  "    s: critical\n"
                                  "  target_match_re:\n"
                                  "    s: w.*\n"));
}

TEST(OriginalTest, TimesOfTheRootAreShownWhenTheyAreWritten) {
  const std::string without = Original(Routed(""));
  for (const char* key : {"group_wait", "group_interval", "repeat_interval"}) {
    EXPECT_THAT(without, Not(HasSubstr(key)));
  }
  EXPECT_THAT(Original(Routed(", group_wait: 0s, repeat_interval: 90m")),
              HasSubstr("  group_wait: 0s\n  repeat_interval: 1h30m\n"));
}

TEST(OriginalTest, ACalendarWithoutTimesShowsThatItHasNone) {
  EXPECT_THAT(Original(Minimal("time_intervals: [{name: x}]\n")),
              HasSubstr("- name: x\n  time_intervals: []\n"));
}

TEST(OriginalTest, IntegrationsStandInAlertmanagersOrder) {
  const std::string original = Original(
      "route: {receiver: a}\n"
      "receivers: [{name: a, webhook_configs: [{url: 'http://h', http_config: {}}]}]\n");
  const size_t resolved = original.find("send_resolved");
  const size_t http = original.find("http_config", resolved);
  EXPECT_LT(http, original.find("    url:")) << original;
}

}  // namespace
}  // namespace watchfire::config
