// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/webhook/webhook.h"

#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using testing::HasSubstr;
using webhook::Options;

Options WithUrl(const std::string& url) {
  Options options;
  options.url = Secret(url);
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return "http://hook.example.com/from-file";
  if (path == "/etc/empty") return "";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return webhook::Describe().start(std::make_shared<const Options>(options),
                                   {"Watchfire/test", ReadFile});
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

  options.url_file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "url_file: /etc/missing: no such file");

  options.url_file = "/etc/empty";
  EXPECT_TRUE(std::holds_alternative<Fail>(Start(options)->Begin(SampleFiring())));
}

TEST(WebhookTest, AUrlThatCannotBeCalledIsFinal) {
  for (const char* url : {"", "<secret>", "ftp://host/", "http://", "http://h/{{ .Receiver }}"}) {
    const Step step = Start(WithUrl(url))->Begin(SampleFiring());
    EXPECT_TRUE(std::holds_alternative<Fail>(step)) << url;
  }
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
  notification.alerts[1].starts_zone = 120;
  notification.alerts[1].ends_zone = -210;
  const auto exchange = Start(WithUrl("http://hook.example.com/"));
  const std::string body = BeginRequest(*exchange, notification).body;
  EXPECT_THAT(body, HasSubstr("\"startsAt\":\"2026-08-22T16:04:18.1234+02:00\""));
  EXPECT_THAT(body, HasSubstr("\"endsAt\":\"2026-08-22T10:34:50.000000001-03:30\""));
}

TEST(WebhookTest, TruncationKeepsTheFirstAlertsAndRecomputesWhatIsCommon) {
  const dispatch::Notification notification = SampleFiring();
  const std::string one = webhook::Payload(notification, 1);
  EXPECT_THAT(one, HasSubstr("\"truncatedAlerts\":1}\n"));
  EXPECT_THAT(one, HasSubstr("\"commonLabels\":{\"alertname\":\"CriticalProviderFailureRate\""));
  EXPECT_THAT(one, Not(HasSubstr("ProviderSlow")));
  for (const int all : {0, 2, 3}) {
    EXPECT_EQ(webhook::Payload(notification, all), webhook::Payload(notification, 0));
  }
  dispatch::Notification reversed = notification;
  std::swap(reversed.alerts[0], reversed.alerts[1]);
  EXPECT_THAT(webhook::Payload(reversed, 1), HasSubstr("\"status\":\"resolved\",\"alerts\""));
}

TEST(WebhookTest, EmptyPartsAreEmptyObjects) {
  dispatch::Notification notification;
  notification.at = FromNanos(0);
  EXPECT_EQ(webhook::Payload(notification, 0),
            "{\"receiver\":\"\",\"status\":\"resolved\",\"alerts\":[],"
            "\"notification_reason\":\"first notification\",\"groupLabels\":{},"
            "\"commonLabels\":{},\"commonAnnotations\":{},\"routeLabels\":{},\"externalURL\":\"\","
            "\"version\":\"4\",\"groupKey\":\"\",\"truncatedAlerts\":0}\n");
}

}  // namespace
}  // namespace watchfire::notify
