// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which messages hold the link that acknowledges, by default and when a template asks for it.

#include "pkg/base/strings.h"
#include "pkg/notify/builtin/load_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kUrl = "https://wf.example.com/ack/AZaz09-_";
constexpr const char* kEmail =
    "  email_configs: [{to: a@example.com, from: b@example.com, smarthost: 'mail:25'}]\n";
constexpr const char* kSlack = "  slack_configs: [{api_url: 'https://slack.example.com/x'}]\n";

std::string Twilio(const std::string& more) {
  return "  twilio_configs: [{account_sid: AC00000000000000000000000000000000, auth_token: t0ken, "
         "to: '+1', from: '+2', " +
         more + "}]\n";
}

std::string Webhook(const std::string& text) {
  return "  webhook_configs: [{url: 'https://h.example.com', payload: {text: '" + text + "'}}]\n";
}

// The body as it is read: undone are quoted-printable, JSON's and the form's escapes, as far as
// they matter here.
std::string Body(const std::string& receiver, const std::string& ack_url) {
  std::string body = FirstRequest(Load("", receiver), ack_url).body;
  for (const auto& [from, to] : {std::pair("=\r\n", ""), std::pair("=3D", "="),
                                 std::pair("\\u003c", "<"), std::pair("\\u003e", ">")}) {
    for (size_t at = 0; (at = body.find(from, at)) != std::string::npos;) {
      body.replace(at, std::string(from).size(), to);
    }
  }
  return UrlDecode(body, /*plus_is_space=*/false);
}

TEST(AckLinksTest, DefaultMessagesHaveItWhenThereIsOne) {
  EXPECT_THAT(Body(kEmail, kUrl), HasSubstr("<a href=\"" + std::string(kUrl) + "\""));
  EXPECT_THAT(Body(kSlack, kUrl), HasSubstr("<" + std::string(kUrl) + "|Acknowledge>"));
  EXPECT_THAT(Body(Twilio("channel: sms"), kUrl),
              HasSubstr("\nAcknowledge: " + std::string(kUrl) + "\n"));
  EXPECT_THAT(Body(Twilio("channel: call"), kUrl), Not(HasSubstr("https://wf")))
      << "nobody can follow a link that is read out";
}

TEST(AckLinksTest, WithoutOneNothingIsSaidOfIt) {
  for (const std::string& receiver : {std::string(kEmail), std::string(kSlack),
                                      Twilio("channel: sms"), Twilio("channel: call")}) {
    EXPECT_THAT(Body(receiver, ""), Not(HasSubstr("Acknowledge"))) << receiver;
  }
}

TEST(AckLinksTest, EveryTemplateCanAskForIt) {
  EXPECT_THAT(Body(Webhook("{{ with ackURL }}at {{ . }}{{ end }}"), kUrl),
              HasSubstr("\"text\":\"at " + std::string(kUrl) + "\""));
  EXPECT_THAT(Body(Webhook("{{ range .Alerts }}[{{ ackURL }}]{{ end }}"), ""),
              HasSubstr("\"text\":\"[][]\""));
}

// It is no part of the data, so that what prints them prints what Alertmanager would.
TEST(AckLinksTest, TheDataOfAMessageAreAlertmanagers) {
  const std::string all = Webhook("{{ . | toJson }}");
  EXPECT_EQ(Body(all, kUrl), Body(all, ""));
}

}  // namespace
}  // namespace watchfire::notify::builtin
