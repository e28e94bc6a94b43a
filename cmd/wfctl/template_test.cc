// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "cmd/wfctl/fake_server.h"
#include "cmd/wfctl/mail_view.h"
#include "cmd/wfctl/masking.h"

namespace watchfire::wfctl {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kConfig = R"(route:
  receiver: chat
  group_by: [service]
  routes:
  - matchers: [severity="critical"]
    receiver: page
receivers:
- name: chat
  slack_configs:
  - {api_url: 'https://hooks.example.com/services/T1/S3CR3T-PATH', channel: '#ops'}
- name: page
  victorops_configs:
  - {api_key: v1ctor-key, routing_key: platform}
  pagerduty_configs:
  - {routing_key: pd-r0uting-key}
  email_configs:
  - {to: 'Ops <ops@example.com>', from: wf@example.com, smarthost: 'mail:587',
     auth_username: wf, auth_password: m4il-pass, send_resolved: true,
     text: '{{ .CommonAnnotations.summary }}'}
- name: ticket
  jira_configs:
  - {api_url: 'https://jira.example.com/rest/api/2', project: OPS, issue_type: Bug,
     http_config: {basic_auth: {username: u, password: j1ra-pass}}}
- name: push
  pushover_configs: [{token: t0ken-of-the-app, user_key: k3y-of-the-user}]
- name: nobody
)";

constexpr const char* kAlerts = R"([
 {"labels":{"alertname":"QueueFull","service":"mail","severity":"critical","host":"a"},
  "annotations":{"summary":"Queue is f\u00fcll"},"startsAt":"2026-01-31T11:00:00Z"},
 {"labels":{"alertname":"QueueFull","service":"mail","severity":"critical","host":"b"},
  "annotations":{"summary":"Queue is f\u00fcll"},"startsAt":"2026-01-31T11:00:00Z"},
 {"labels":{"alertname":"DiskFull","service":"db","severity":"warning"},"annotations":{}}])";

FakeServer Server() {
  FakeServer server;
  server.files["am.yml"] = kConfig;
  server.files["alerts.json"] = kAlerts;
  return server;
}

// The words of a command, with the files of Server().
std::vector<std::string> Render(std::vector<std::string> more) {
  std::vector<std::string> words = {"template", "render", "--config.file=am.yml"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(TemplateTest, AlertsOfAFileGoWhereTheRoutesLeadThem) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json"})), kOk) << server.err;
  EXPECT_THAT(
      server.out,
      AllOf(HasSubstr("# chat slack[0]: firing, 1 alert of {}:{service=\"db\"}\n"
                      "POST https://hooks.example.com/<secret>\nContent-Type: application/json\n"
                      "User-Agent: Watchfire/"),
            HasSubstr("\"channel\": \"#ops\""),
            HasSubstr("# page victorops[0]: firing, 2 alerts of "
                      "{}/{severity=\"critical\"}:{service=\"mail\"}\n"),
            HasSubstr("POST https://alert.victorops.com/integrations/generic/20131114/alert/"
                      "<secret>/platform\n"),
            HasSubstr("\"message_type\": \"CRITICAL\""),
            HasSubstr("\"routing_key\": \"<secret>\"")));
  for (const char* secret : {"S3CR3T", "v1ctor-key", "pd-r0uting-key", "m4il-pass"}) {
    EXPECT_THAT(server.out, Not(HasSubstr(secret)));
  }
  EXPECT_TRUE(server.requests.empty());
  EXPECT_TRUE(server.deliveries.empty());
}

TEST(TemplateTest, AMailIsShownPartByPart) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render(
                {"--template.data=alerts.json", "--receiver=page", "--integration=email[0]"})),
            kOk)
      << server.err;
  EXPECT_THAT(server.out,
              AllOf(HasSubstr("SMTP smtp://mail:587 (STARTTLS), as wf by PLAIN or LOGIN\n"
                              "MAIL FROM:<wf@example.com>\nRCPT TO:<ops@example.com>\n\n"),
                    HasSubstr("Subject: [FIRING:2] mail (QueueFull critical)\n"),
                    HasSubstr("\n--- text/plain; charset=UTF-8\nQueue is f\u00fcll\n"),
                    HasSubstr("\n--- text/html; charset=UTF-8\n<!DOCTYPE html")));
  EXPECT_THAT(server.out, Not(HasSubstr("victorops")));
}

TEST(TemplateTest, TheEndIsRenderedOnDemandForWhoeverTellsIt) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--resolved"})), kOk);
  EXPECT_THAT(server.out,
              AllOf(HasSubstr("# chat slack[0]: resolved, 1 alert"),
                    HasSubstr("nothing is sent: send_resolved is false\n"),
                    HasSubstr("\"message_type\": \"RECOVERY\""),
                    HasSubstr("\"event_action\": \"resolve\""), Not(HasSubstr("trigger"))));
}

TEST(TemplateTest, EveryRequestOfADeliveryIsShown) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--receiver=ticket"})), kOk);
  EXPECT_THAT(server.err, HasSubstr("no route leads these alerts to ticket"));
  EXPECT_THAT(server.out, AllOf(HasSubstr("POST https://jira.example.com/rest/api/2/search\n"),
                                HasSubstr("Authorization: Basic <secret>\n"),
                                HasSubstr("\n# then, when that was accepted\n"
                                          "POST https://jira.example.com/rest/api/2/issue\n"),
                                HasSubstr("\"key\": \"OPS\""), Not(HasSubstr("j1ra-pass"))));
}

TEST(TemplateTest, WhatIsInAQueryIsShownFieldByField) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--receiver=push"})), kOk);
  EXPECT_THAT(server.out, AllOf(HasSubstr("token = <secret>\nuser = <secret>\ntitle = [FIRING:3]"),
                                HasSubstr("priority = 2\n")));
}

TEST(TemplateTest, AWebhooksPayloadIsTakenAsItIs) {
  FakeServer server = Server();
  server.files["hook.json"] = R"({"version":"4","groupKey":"{}:{x=\"y\"}","receiver":"page",
      "status":"resolved","groupLabels":{"x":"y"},"externalURL":"https://am.example.com",
      "alerts":[{"status":"resolved","labels":{"alertname":"A"},"annotations":{},
        "startsAt":"2026-01-31T10:00:00Z","endsAt":"2026-01-31T10:30:00Z"}]})";
  EXPECT_EQ(server.Run(Render({"--template.data=hook.json", "--integration=victorops"})), kOk)
      << server.err;
  EXPECT_THAT(server.out, StartsWith("# page victorops[0]: resolved, 1 alert of {}:{x=\"y\"}\n"));
  EXPECT_THAT(server.out, HasSubstr("\"message_type\": \"RECOVERY\""));
}

TEST(TemplateTest, JsonHasTheSameForPrograms) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--receiver=page", "-o", "json"})),
            kOk);
  simdjson::dom::parser parser;
  const simdjson::padded_string text(server.out);
  const simdjson::dom::array all = parser.parse(text).value();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(std::string_view(all.at(0)["integration"]), "email[0]");
  EXPECT_EQ(all.at(0)["requests"].at(0)["parts"].get_array().size(), 2U);
  EXPECT_EQ(std::string_view(all.at(1)["integration"]), "pagerduty[0]");
  EXPECT_EQ(std::string_view(all.at(1)["requests"].at(0)["method"]), "POST");
  EXPECT_THAT(std::string(std::string_view(all.at(1)["requests"].at(0)["body"])),
              HasSubstr("\"routing_key\":\"<secret>\""));
}

TEST(TemplateTest, LiveAlertsComeInWholeGroups) {
  FakeServer server = Server();
  server.answers["GET /api/v2/alerts"] = {{200, kAlerts}};
  EXPECT_EQ(server.Ask(Render({"host=a"})), kOk) << server.err;
  EXPECT_THAT(server.out,
              AllOf(HasSubstr("# page victorops[0]: firing, 2 alerts"), Not(HasSubstr("# chat"))));
  EXPECT_EQ(server.Ask(Render({"NoSuchAlert"})), kNo);
  EXPECT_THAT(server.err, HasSubstr("no alert that is told of matches"));
  server.answers["GET /api/v2/alerts"] = {{503, "starting"}};
  EXPECT_NE(server.Ask(Render({})), kOk);
  EXPECT_THAT(server.err, HasSubstr("without --template.data the alerts are those that fire"));
}

TEST(TemplateTest, TheServersConfigurationWillDo) {
  FakeServer server = Server();
  server.answers["GET /api/v2/alerts"] = {{200, kAlerts}};
  server.answers["GET /api/v2/status"] = {
      {200, R"x({"config":{"original":"route: {receiver: r}\nreceivers:\n- name: r\n)x"
            R"x(  slack_configs:\n  - api_url: <secret>\n    channel: '#c'\n"}})x"}};
  EXPECT_EQ(server.Ask({"template", "render", "QueueFull"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("POST https://<secret>/<secret>\n"));
}

TEST(TemplateTest, AMessageThatCannotBeMadeIsAFailure) {
  FakeServer server = Server();
  server.files["am.yml"] =
      "route: {receiver: r}\nreceivers:\n- name: r\n  discord_configs:\n"
      "  - {webhook_url: 'https://h/x', title: '{{ template \"nowhere\" . }}'}\n";
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json"})), kNo);
  EXPECT_THAT(server.out, HasSubstr("no message: "));
  EXPECT_THAT(server.out, HasSubstr("nowhere"));
}

// Slack is sent a message whatever its templates do.
TEST(TemplateTest, AMessageThatIsMadeInPartIsAFailureToo) {
  FakeServer server = Server();
  server.files["am.yml"] =
      "route: {receiver: r}\nreceivers:\n- name: r\n  slack_configs:\n"
      "  - {api_url: 'https://h/x', channel: c, text: '{{ .Nope }}'}\n";
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json"})), kNo);
  EXPECT_THAT(server.out, AllOf(HasSubstr("This message is incomplete"),
                                HasSubstr("\nincomplete: template: text:1:3: executing \"text\" at "
                                          "<.Nope>: can't evaluate field Nope")));
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "-o", "json"})), kNo);
  EXPECT_THAT(server.out, HasSubstr(R"("sent":true,"error":"","incomplete":"template: text:1:3)"));
}

TEST(TemplateTest, MistakesAreNamed) {
  FakeServer server = Server();
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--receiver=pgae"})), kUsage);
  EXPECT_THAT(server.err, HasSubstr("there is no receiver \"pgae\" (did you mean \"page\"?)"));
  EXPECT_EQ(server.Run(Render(
                {"--template.data=alerts.json", "--receiver=page", "--integration=victorops[1]"})),
            kUsage);
  EXPECT_THAT(server.err, HasSubstr("(it has email[0], pagerduty[0], victorops[0])"));
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "QueueFull"})), kUsage);
  EXPECT_EQ(server.Run(Render({"--template.data=nowhere.json"})), kNo);
  server.files["bad.json"] = R"({"alerts":[{"labels":{"a":1}}]})";
  EXPECT_EQ(server.Run(Render({"--template.data=bad.json"})), kNo);
  EXPECT_THAT(server.err, HasSubstr("bad.json: alert 0: labels is not an object of strings"));
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--template.type=html"})), kUsage);
}

// As `amtool template render`: the data as they are, no line break at the end.
TEST(TemplateText, RendersWhatAmtoolRenders) {
  FakeServer server = Server();
  server.files["x.tmpl"] =
      "{{ define \"x\" }}{{ .Status | toUpper }} {{ .CommonLabels.job }}{{ end }}";
  server.files["data.json"] = R"({"Status":"odd","commonLabels":{"job":"<j>"},"alerts":null})";
  const std::vector<std::string> words = {"template", "render", "--template.glob=x.tmpl",
                                          "--template.data=data.json",
                                          "--template.text={{ template \"x\" . }}"};
  EXPECT_EQ(server.Run(words), kOk) << server.err;
  EXPECT_EQ(server.out, "ODD <j>");
  std::vector<std::string> html = words;
  html.emplace_back("--template.type=html");
  EXPECT_EQ(server.Run(html), kOk);
  EXPECT_EQ(server.out, "ODD &lt;j&gt;");
  EXPECT_TRUE(server.requests.empty());
}

TEST(TemplateText, AListOfAlertsNeedsNoServer) {
  FakeServer server;
  server.files["data.json"] =
      R"([{"labels":{"alertname":"a","job":"j"}},{"labels":{"alertname":"b","job":"j"}}])";
  EXPECT_EQ(server.Run({"template", "render", "--template.data=data.json", "--template.text",
                        "{{ .Status }} {{ len .Alerts }} {{ .CommonLabels.job }}"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.out, "firing 2 j");
  EXPECT_TRUE(server.requests.empty());
}

TEST(TemplateText, HasAnExampleWithoutData) {
  FakeServer server;
  EXPECT_EQ(server.Run({"template", "render", "--template.text",
                        "{{ len .Alerts.Firing }} {{ template \"slack.default.title\" . }}"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.out, "2 [FIRING:2] ExampleAlert (example warning)");
}

TEST(TemplateText, RendersLiveGroupsToo) {
  FakeServer server = Server();
  server.answers["GET /api/v2/alerts"] = {{200, kAlerts}};
  EXPECT_EQ(server.Ask(Render({"host=b", "--template.text={{ .Receiver }} {{ len .Alerts }}"})),
            kOk)
      << server.err;
  EXPECT_EQ(server.out, "page 2");
}

TEST(TemplateText, KnowsWhoIsOnCallByTheFiles) {
  FakeServer server = Server();
  server.files["o.yml"] =
      "oncall:\n  schedules:\n    - name: primary\n      time_zone: UTC\n      layers:\n"
      "        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada]}\n";
  server.files["am.yml"] += "oncall_files: [o.yml]\n";
  const std::string text =
      "--template.text={{ onCall \"primary\" | join \", \" }}{{ onCall \"nights\" | join \",\" }}";
  EXPECT_EQ(server.Run(Render({"--template.data=alerts.json", "--receiver=nobody", text})), kOk)
      << server.err;
  EXPECT_EQ(server.out, "ada");
  EXPECT_EQ(server.Run({"template", "render", text}), kOk) << server.err;
  EXPECT_EQ(server.out, "");
}

TEST(TemplateText, SaysWhereATemplateFails) {
  FakeServer server;
  EXPECT_EQ(server.Run({"template", "render", "--template.text={{ .Nope }}"}), kNo);
  EXPECT_THAT(server.err, AllOf(HasSubstr("template: --template.text:1:3: "),
                                HasSubstr("can't evaluate field Nope")));
  EXPECT_EQ(server.Run({"template", "render", "--template.text={{ if }}"}), kNo);
}

TEST(MailViewTest, TakesAMessageApart) {
  const MailView view = ViewMail(
      "Subject: =?utf-8?q?f=C3=BC?= =?utf-8?q?r_x?= y\r\nX-Long: a\r\n b\r\n"
      "Content-Type: multipart/alternative; boundary=\"=_1\"\r\n\r\n"
      "--=_1\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain\r\n\r\n"
      "f=C3=BCr =\r\ndich\r\n\r\n--=_1--\r\n");
  ASSERT_EQ(view.headers.size(), 3U);
  EXPECT_EQ(view.headers[0].value, "f\u00fcr x y");
  EXPECT_EQ(view.headers[1].value, "a b");
  ASSERT_EQ(view.parts.size(), 1U);
  EXPECT_EQ(view.parts[0].type, "text/plain");
  EXPECT_EQ(view.parts[0].text, "f\u00fcr dich\n");
}

TEST(MaskingTest, FindsASecretInEveryForm) {
  config::Config config;
  config.secrets = {Secret("a b&c\"d"), Secret("k"), Secret("https://h/services/t0ken-1234")};
  const Masking masking(config);
  EXPECT_EQ(masking.Mask("x a b&c\"d y a%20b%26c%22d z"), "x <secret> y <secret> z");
  EXPECT_EQ(masking.Mask(R"({"v":"a b\u0026c\"d"})"), R"({"v":"<secret>"})");
  EXPECT_EQ(masking.Mask("k: ok, (k)"), "<secret>: ok, (<secret>)");
  EXPECT_EQ(masking.Mask("services: not t0ken-1234"), "services: not <secret>");
  EXPECT_EQ(masking.MaskHeader({"Authorization", "Bearer abc"}), "Bearer <secret>");
  EXPECT_EQ(masking.MaskHeader({"X-Auth-Token", "abc"}), "<secret>");
  EXPECT_EQ(masking.MaskHeader({"X-Watchfire-Signature", "v1=4947d2"}), "<secret>");
  EXPECT_EQ(masking.MaskHeader({"Accept", "text/plain"}), "text/plain");
}

}  // namespace
}  // namespace watchfire::wfctl
