// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/webhook/webhook.h"

#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using testing::HasSubstr;
using webhook::Options;

Options WithUrl(const std::string& url) {
  Options options;
  options.url = templates::Snippet::Parse("url", url).value();
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "http://hook.example.com/from-file";
  if (path == "/etc/template") return "http://hook.example.com/{{ .Status }}";
  if (path == "/etc/broken") return "http://hook.example.com/t0ken{{ .Status";
  if (path == "/etc/empty") return "";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return webhook::Describe().start(std::make_shared<const Options>(options), TestContext(ReadFile));
}

const char* const kUrl = "https://bot:pa55word@hook.example.com/services/T0B1/sEcReTtOkEn?x=1";

INSTANTIATE_TEST_SUITE_P(Webhook, ConformanceTest,
                         testing::Values(Subject{"pkg/notify/webhook",
                                                 [] { return Start(WithUrl(kUrl)); },
                                                 {},
                                                 {"bot", "pa55word", "T0B1", "sEcReTtOkEn"},
                                                 "anything"}));

TEST(WebhookTest, TheUrlMayStandInAFileReadForEverySend) {
  Options options;
  options.url_file = "/etc/url";
  EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).url.reveal(),
            "http://hook.example.com/from-file");

  options.url_file = "/etc/template";
  EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).url.reveal(),
            "http://hook.example.com/firing");
  options.url_file = "/etc/broken";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())),
            "failed to template webhook URL: template: url_file:1: <secret>");

  options.url_file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "url_file: /etc/missing: no such file");

  options.url_file = "/etc/empty";
  EXPECT_TRUE(std::holds_alternative<Fail>(Start(options)->Begin(SampleFiring())));
}

TEST(WebhookTest, AUrlThatCannotBeCalledIsFinal) {
  for (const char* url : {"", "<secret>", "ftp://host/", "http://", "http://h/{{ .Nope }}"}) {
    const Step step = Start(WithUrl(url))->Begin(SampleFiring());
    EXPECT_TRUE(std::holds_alternative<Fail>(step)) << url;
  }
  const auto why = [](const char* url) {
    return WhyOf(Start(WithUrl(url))->Begin(SampleFiring()));
  };
  EXPECT_EQ(why("{{ .GroupLabels.nope }}"), "webhook URL is empty after templating");
  EXPECT_EQ(why("http://h/{{ .Nope }}t0ken"),
            "failed to template webhook URL: template: url:1:12: <secret>");
}

TEST(WebhookTest, ATimeoutNamesTheConfiguredOne) {
  Options options = WithUrl("http://hook.example.com/");
  const auto why = [&] {
    const auto exchange = Start(options);
    BeginRequest(*exchange, SampleFiring());
    return WhyOf(exchange->OnResponse(::watchfire::Fail(Code::kTimeout, "too slow")));
  };
  EXPECT_EQ(why(), "too slow");
  options.timeout = std::chrono::milliseconds(500);
  EXPECT_EQ(why(), "configured webhook timeout reached (500ms): too slow");
  EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).timeout, options.timeout);
}

TEST(WebhookTest, TimesKeepTheOffsetOfTheirSender) {
  dispatch::Notification notification = SampleFiring();
  notification.alerts.Own(1).starts_zone = 120;
  notification.alerts.Own(1).ends_zone = -210;
  const auto exchange = Start(WithUrl("http://hook.example.com/"));
  const std::string body = BeginRequest(*exchange, notification).body;
  EXPECT_THAT(body, HasSubstr("\"startsAt\":\"2026-08-22T16:04:18.1234+02:00\""));
  EXPECT_THAT(body, HasSubstr("\"endsAt\":\"2026-08-22T10:34:50.000000001-03:30\""));
}

TEST(WebhookTest, TheUrlIsATemplate) {
  const net::OutRequest request = BeginRequest(
      *Start(WithUrl("https://h:1/{{ .GroupLabels.service }}/{{ len .Alerts }}")), SampleFiring());
  EXPECT_EQ(request.url.reveal(), "https://h:1/victor-ai/2");
  EXPECT_EQ(request.shown_url, "https://h:1/<secret>");
}

TEST(WebhookTest, RouteLabelsAreRendered) {
  dispatch::Notification notification = SampleFiring();
  notification.route_labels = {{"team", "ai"}, {"page", "{{ .GroupLabels.service }}"}};
  EXPECT_THAT(BeginRequest(*Start(WithUrl("http://h/")), notification).body,
              HasSubstr("\"routeLabels\":{\"page\":\"victor-ai\",\"team\":\"ai\"}"));
  EXPECT_EQ(BeginRequest(*Start(WithUrl("http://h/{{ routeLabels \"page\" }}")), notification)
                .url.reveal(),
            "http://h/victor-ai");
  notification.route_labels = {{"team", "{{ .Nope }}"}};
  EXPECT_THAT(WhyOf(Start(WithUrl("http://h/"))->Begin(notification)),
              HasSubstr("can't evaluate field Nope"));
}

TEST(WebhookTest, TruncationKeepsTheFirstAlertsAndRecomputesWhatIsCommon) {
  const dispatch::Notification notification = SampleFiring();
  const auto body = [](const dispatch::Notification& what, int max_alerts) {
    Options options = WithUrl("http://h/");
    options.max_alerts = max_alerts;
    return BeginRequest(*Start(options), what).body;
  };
  const std::string one = body(notification, 1);
  EXPECT_THAT(one, HasSubstr("\"truncatedAlerts\":1}\n"));
  EXPECT_THAT(one, HasSubstr("\"commonLabels\":{\"alertname\":\"CriticalProviderFailureRate\""));
  EXPECT_THAT(one, Not(HasSubstr("ProviderSlow")));
  for (const int all : {0, 2, 3}) {
    EXPECT_EQ(body(notification, all), webhook::Payload(notification, {}, 0));
  }
  dispatch::Notification labelled = notification;
  labelled.route_labels = {{"alerts", "{{ len .Alerts }}"}};
  EXPECT_THAT(body(labelled, 1), HasSubstr("\"routeLabels\":{\"alerts\":\"2\"}"))
      << "those of the route are of the whole group";
  dispatch::Notification reversed = notification;
  std::swap(reversed.alerts.Own(0), reversed.alerts.Own(1));
  EXPECT_THAT(body(reversed, 1), HasSubstr("\"status\":\"resolved\",\"alerts\""));
}

// A payload {KEY: TEXT}.
Options WithPayload(const std::string& key, const std::string& text) {
  using config::TemplateTree;
  const auto snippet = [](const std::string& from) {
    return templates::Snippet::Parse("payload", from).value();
  };
  TemplateTree leaf;
  leaf.kind = TemplateTree::Kind::kText;
  leaf.text = snippet(text);
  Options options = WithUrl("http://h/");
  options.payload.emplace();
  options.payload->kind = TemplateTree::Kind::kMap;
  options.payload->keys.push_back(snippet(key));
  options.payload->items.push_back(std::move(leaf));
  return options;
}

TEST(WebhookTest, APayloadIsRenderedAndReadAsYaml) {
  const auto body = [](const std::string& key, const std::string& text) {
    return BeginRequest(*Start(WithPayload(key, text)), SampleFiring()).body;
  };
  EXPECT_EQ(body("{{ .Status }}", "{{ .Receiver }}"),
            "{\"firing\":\"on-call\\\\.eu \\\\(primary\\\\)\"}\n");
  EXPECT_EQ(body("n", "{{ len .Alerts }}"), "{\"n\":2}\n");
  EXPECT_EQ(body("e", "{{ .CommonLabels.nope }}"), "{\"e\":null}\n");
  EXPECT_EQ(body("b", "{{ eq .Status \"firing\" }}"), "{\"b\":true}\n");
  EXPECT_EQ(body("g", "{{ .GroupLabels | toJson }}"), "{\"g\":{\"service\":\"victor-ai\"}}\n");
  EXPECT_EQ(body("t", "<{{ .Status }}>: a: b"), "{\"t\":\"\\u003cfiring\\u003e: a: b\"}\n");
}

TEST(WebhookTest, WhatALabelHoldsIsNeverRunAsATemplate) {
  dispatch::Notification notification = SampleFiring();
  notification.group_labels = labels::LabelSet{{"service", "['{{ .ExternalURL }}']"}};
  EXPECT_EQ(BeginRequest(*Start(WithPayload("l", "{{ .GroupLabels.service }}")), notification).body,
            "{\"l\":[\"{{ .ExternalURL }}\"]}\n");
}

TEST(WebhookTest, APayloadThatFailsIsTheUsualOneAndSaysWhy) {
  const Step step = Start(WithPayload("k", "{{ .Nope }}"))->Begin(SampleFiring());
  const auto* send = std::get_if<Send>(&step);
  ASSERT_NE(send, nullptr);
  EXPECT_EQ(send->flaw,
            "failed to render custom payload: template: payload:1:3: executing \"payload\" at "
            "<.Nope>: can't evaluate field Nope in type *template.Data");
  EXPECT_EQ(send->request.body, webhook::Payload(SampleFiring(), {}, 0));
  const Step number = Start(WithPayload("k", ".nan"))->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Send>(number));
  EXPECT_THAT(std::get<Send>(number).flaw,
              HasSubstr("failed to render custom payload: json: unsupported value: NaN"));
}

TEST(WebhookTest, ASignatureCoversTimeAndBody) {
  // By `printf '1787407500.{}' | openssl dgst -sha256 -hmac key`.
  EXPECT_EQ(webhook::Signature("key", "1787407500", "{}"),
            "v1=4947d2099e0dd9a4d8da1ded11e7faa391b5ee148c7cf34c6582146b6e96c2f6");
  Options options = WithUrl("http://hook.example.com/");
  options.signing_secret.value = Secret("signing-k3y");
  const auto exchange = Start(options);
  const net::OutRequest request = BeginRequest(*exchange, SampleFiring());
  EXPECT_EQ(net::FindHeader(request.headers, "X-Watchfire-Timestamp"), "1787407500");
  EXPECT_EQ(net::FindHeader(request.headers, "X-Watchfire-Signature"),
            webhook::Signature("signing-k3y", "1787407500", request.body));
  net::OutResponse echo;
  echo.status = 400;
  echo.body = "not signing-k3y";
  EXPECT_EQ(WhyOf(exchange->OnResponse(echo)), "unexpected status code 400: not <secret>");
  EXPECT_EQ(net::FindHeader(BeginRequest(*Start(WithUrl("http://h/")), SampleFiring()).headers,
                            "X-Watchfire-Signature"),
            "");
}

TEST(WebhookTest, TheSigningSecretMayStandInAFileReadForEverySend) {
  Options options = WithUrl("http://hook.example.com/");
  options.signing_secret.file = "/etc/url";
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(net::FindHeader(request.headers, "X-Watchfire-Signature"),
            webhook::Signature("http://hook.example.com/from-file", "1787407500", request.body));
  options.signing_secret.file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "signing_secret_file: /etc/missing: no such file");
  options.signing_secret.file = "/etc/empty";
  EXPECT_EQ(WhyOf(Start(options)->Begin(SampleFiring())), "signing_secret_file: /etc/empty: empty");
}

TEST(WebhookTest, EmptyPartsAreEmptyObjects) {
  dispatch::Notification notification;
  notification.at = FromNanos(0);
  EXPECT_EQ(webhook::Payload(notification, {}, 0),
            "{\"receiver\":\"\",\"status\":\"resolved\",\"alerts\":[],"
            "\"notification_reason\":\"first notification\",\"groupLabels\":{},"
            "\"commonLabels\":{},\"commonAnnotations\":{},\"routeLabels\":{},\"externalURL\":\"\","
            "\"version\":\"4\",\"groupKey\":\"\",\"truncatedAlerts\":0}\n");
}

TEST(WebhookTest, WhatPeopleDidIsNoNotification) {
  for (const config::VendorAct act : config::kVendorActs) {
    const std::string body = BeginRequest(*Start(WithUrl(kUrl)), SampleUpdate(act)).body;
    EXPECT_THAT(body, testing::Not(HasSubstr("\"alerts\"")));
    ExpectUpdateGolden("pkg/notify/webhook", act, body);
  }
  const auto takes = webhook::Describe().kind.takes;
  EXPECT_EQ(takes(nullptr, false), 0U) << "who does not ask for it gets none";
  EXPECT_EQ(takes(nullptr, true), config::kVendorEveryAct);
}

}  // namespace
}  // namespace watchfire::notify
