// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The receivers as users write them: from YAML to the first request.

#include "pkg/notify/builtin/builtin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/load_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(BuiltinTest, EveryKindIsThereOnceAndPagersPage) {
  std::vector<std::string> kinds;
  for (const config::IntegrationKind& kind : Kinds()) {
    kinds.push_back(kind.kind + (kind.pages ? " pages" : ""));
  }
  const std::vector<std::string> wanted = {
      "discord",         "email",          "incidentio pages", "jira",
      "mattermost",      "msteams",        "msteamsv2",        "opsgenie pages",
      "pagerduty pages", "pushover pages", "rocketchat",       "servicenow",
      "slack",           "sns pages",      "telegram",         "twilio pages",
      "victorops pages", "webex",          "webhook",          "wechat",
  };
  EXPECT_EQ(kinds, wanted);
}

TEST(BuiltinTest, AWebhookAsAlertmanagersDocumentationWritesIt) {
  const config::Loaded loaded = Load("", R"(  webhook_configs:
  - url: http://127.0.0.1:5001/hook
    send_resolved: false
    max_alerts: 10
    timeout: 1m30s
)");
  const net::OutRequest request = FirstRequest(loaded);
  EXPECT_EQ(request.url.reveal(), "http://127.0.0.1:5001/hook");
  EXPECT_EQ(request.timeout, std::chrono::seconds(90));
  EXPECT_FALSE(loaded.config->receivers[0].integrations[0].send_resolved);
  EXPECT_THAT(loaded.config->original, AllOf(HasSubstr("<secret>"), Not(HasSubstr("5001/hook"))));
}

TEST(BuiltinTest, VictorOpsTakesUrlAndKeyFromGlobal) {
  const config::Loaded loaded =
      Load("  victorops_api_key: s3cret\n  victorops_api_url: http://127.0.0.1:8080/alert\n",
           "  victorops_configs:\n  - routing_key: ops\n");
  EXPECT_EQ(FirstRequest(loaded).url.reveal(), "http://127.0.0.1:8080/alert/s3cret/ops");
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("s3cret")));
}

TEST(BuiltinTest, VictorOpsOwnSettingsWin) {
  const config::Loaded loaded = Load("  victorops_api_key: s3cret\n", R"(  victorops_configs:
  - routing_key: ops
    api_key_file: /etc/key
    api_url: http://127.0.0.1:8080/
    message_type: WARNING
    state_message: '{{ template "victorops.default.state_message" . }}'
    custom_fields: {zone: eu}
)");
  const net::OutRequest request = FirstRequest(loaded);
  EXPECT_EQ(request.url.reveal(), "http://127.0.0.1:8080/from-file/ops");
  EXPECT_THAT(request.body, AllOf(HasSubstr("\"message_type\":\"WARNING\""),
                                  HasSubstr("Alerts Firing:\\nLabels:\\n - alertname = Critical"),
                                  HasSubstr("\"zone\":\"eu\"")));
}

TEST(BuiltinTest, AWebhookMaySayItsOwn) {
  const config::Loaded loaded = Load("", R"(  webhook_configs:
  - url: 'http://127.0.0.1:5001/{{ .Status }}'
    payload: {text: '{{ template "__subject" . }}', count: '{{ len .Alerts }}', list: [1, on]}
)");
  const net::OutRequest request = FirstRequest(loaded);
  EXPECT_EQ(request.url.reveal(), "http://127.0.0.1:5001/firing");
  EXPECT_EQ(request.body,
            "{\"count\":2,\"list\":[1,true],"
            "\"text\":\"[FIRING:1] victor-ai (critical)\"}\n");
}

TEST(BuiltinTest, AWebhookMaySignAndAlertmanagersToolsDoNotSeeIt) {
  const config::Loaded loaded =
      Load("", "  webhook_configs:\n  - {url: 'http://h/', signing_secret: s3cret-of-ours}\n");
  EXPECT_THAT(std::string(net::FindHeader(FirstRequest(loaded).headers, "X-Watchfire-Signature")),
              testing::MatchesRegex("v1=[0-9a-f]{64}"));
  EXPECT_THAT(loaded.config->original, Not(HasSubstr("signing_secret")));
  EXPECT_THAT(
      Errors("  webhook_configs:\n  - {url: 'http://h/', signing_secret: a, "
             "signing_secret_file: /f}\n"),
      ElementsAre(AllOf(HasSubstr("am.yml:8:"),
                        HasSubstr("at most one of signing_secret & signing_secret_file must be"))));
}

TEST(BuiltinTest, WebhookMistakesAreNamedWithTheirPlace) {
  EXPECT_THAT(Errors("  webhook_configs:\n  - max_alerts: 1\n"),
              ElementsAre(HasSubstr("one of url or url_file must be configured")));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: http://h/\n    url_file: /f\n"),
              ElementsAre(HasSubstr("at most one of url & url_file must be configured")));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: 'http://h/t0ken{{ .Receiver'\n"),
              ElementsAre(AllOf(HasSubstr("am.yml:8:5: invalid template syntax"),
                                Not(HasSubstr("t0ken")))));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: ftp://h/\n"), ElementsAre(HasSubstr("scheme")));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: http://h/\n    max_alerts: -1\n"),
              ElementsAre(HasSubstr("am.yml:9:")));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: http://h/\n    timeout: 5d\n"),
              ElementsAre(HasSubstr("am.yml:9:")));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: http://h/\n    payload: {a: '{{'}\n"),
              ElementsAre(AllOf(HasSubstr("am.yml:9:18: "), HasSubstr("payload:1"))));
  EXPECT_THAT(Errors("  webhook_configs:\n  - url: http://h/\n    ulr_file: /x\n"),
              ElementsAre(HasSubstr("url_file")));
}

TEST(BuiltinTest, VictorOpsMistakesAreNamedWithTheirPlace) {
  const std::string key = "  victorops_api_key: k\n";
  EXPECT_THAT(Errors("  victorops_configs:\n  - routing_key: r\n"),
              ElementsAre(HasSubstr("no global VictorOps API Key set")));
  EXPECT_THAT(Errors("  victorops_configs:\n  - api_key: k\n"),
              ElementsAre(HasSubstr("missing Routing key in VictorOps config")));
  EXPECT_THAT(
      Errors("  victorops_configs:\n  - routing_key: r\n    api_key: k\n    api_key_file: f\n"),
      ElementsAre(HasSubstr("at most one of api_key & api_key_file must be configured")));
  EXPECT_THAT(Errors("  victorops_configs:\n  - routing_key: r\n    state_message: '{{ .Status }'\n"
                     "    custom_fields: {entity_id: x, zone: '{{ .z'}\n",
                     key),
              ElementsAre(HasSubstr("invalid template syntax: template: state_message:1: "),
                          HasSubstr("invalid template syntax: template: custom_fields.zone:1: "),
                          HasSubstr("contains custom field entity_id")));
  EXPECT_THAT(Errors("  victorops_configs:\n  - routing_key: r\n    mesage_type: INFO\n", key),
              ElementsAre(HasSubstr("message_type")));
  EXPECT_THAT(Errors("  victorops_configs:\n  - routing_key: r\n", key), IsEmpty());
}

}  // namespace
}  // namespace watchfire::notify::builtin
