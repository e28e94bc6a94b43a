// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Config.original shows of integrations though nobody wrote it: what Debian's
// prometheus-alertmanager has in /api/v2/status for the same file.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/load_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using ::testing::HasSubstr;

std::string Original(const std::string& global, const std::string& receiver) {
  const config::Loaded loaded = Load(global, "  " + receiver + "\n");
  EXPECT_NE(loaded.config, nullptr) << receiver;
  return loaded.config == nullptr ? "" : loaded.config->original;
}

TEST(OriginalTest, DefaultsThatAreZeroAreShownWhereAlertmanagerShowsThem) {
  EXPECT_THAT(Original("", "webhook_configs: [{url: 'http://h'}]"), HasSubstr("max_alerts: 0\n"));
  const std::string slack = Original("", "slack_configs: [{api_url: 'http://h'}]");
  EXPECT_THAT(slack, HasSubstr("    short_fields: false\n"));
  EXPECT_THAT(slack, HasSubstr("    link_names: false\n"));
  EXPECT_THAT(Original("", "sns_configs: [{topic_arn: t}]"), HasSubstr("    sigv4: {}\n"));
}

TEST(OriginalTest, DurationsAreGos) {
  const std::string original = Original("",
                                        "pushover_configs: [{user_key: u, token: t}, "
                                        "{user_key: u, token: t, retry: 120s, expire: 180m}]");
  EXPECT_THAT(original, HasSubstr("    retry: 1m0s\n    expire: 1h0m0s\n"));
  EXPECT_THAT(original, HasSubstr("    retry: 2m0s\n    expire: 3h0m0s\n"));
  EXPECT_THAT(original, HasSubstr("    html: false\n"));
}

TEST(OriginalTest, PagerDutyShowsTheDetailsThatItAdds) {
  const std::string original =
      Original("", "pagerduty_configs: [{routing_key: k, details: {a: b, num_firing: x}}]");
  EXPECT_THAT(original, HasSubstr("    details:\n"
                                  "      a: b\n"
                                  "      firing: \"{{ .Alerts.Firing | toJson }}\"\n"
                                  "      num_firing: x\n"
                                  "      num_resolved: \"{{ .Alerts.Resolved | len }}\"\n"
                                  "      resolved: \"{{ .Alerts.Resolved | toJson }}\"\n"));
  EXPECT_THAT(original,
              HasSubstr("    source: \"{{ template \\\"pagerduty.default.client\\\" . }}\"\n"));
  EXPECT_THAT(Original("", "pagerduty_configs: [{routing_key: k, client: c}]"),
              HasSubstr("    source: c\n"));
}

TEST(OriginalTest, MailShowsTheHeadersThatItAdds) {
  EXPECT_THAT(Original("  smtp_from: f@h\n  smtp_smarthost: 'h:25'\n",
                       "email_configs: [{to: t@h, headers: {subject: s, x-foo: y2}}]"),
              HasSubstr("    headers:\n"
                        "      From: \"f@h\"\n"
                        "      Subject: s\n"
                        "      To: \"t@h\"\n"
                        "      X-Foo: y2\n"));
}

}  // namespace
}  // namespace watchfire::notify::builtin
