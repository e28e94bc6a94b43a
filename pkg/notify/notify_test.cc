// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/notify/receiver.h"
#include "pkg/notify/samples_for_test.h"
#include "pkg/notify/text.h"

namespace watchfire::notify {
namespace {

Failure FailureOf(int status) {
  net::OutResponse response;
  response.status = status;
  const Step step = Classify(response, {}, {});
  if (const auto* retry = std::get_if<Retry>(&step)) return retry->failure;
  return std::get<Fail>(step).failure;
}

TEST(ReceiverTest, EveryFailureHasAlertmanagersReason) {
  EXPECT_STREQ(FailureName(FailureOf(401)), "authError");
  EXPECT_STREQ(FailureName(FailureOf(403)), "authError");
  EXPECT_STREQ(FailureName(FailureOf(404)), "clientError");
  EXPECT_STREQ(FailureName(FailureOf(429)), "rateLimited");
  EXPECT_STREQ(FailureName(FailureOf(503)), "serverError");
  EXPECT_STREQ(FailureName(FailureOf(302)), "other");
  EXPECT_STREQ(FailureName(Failure::kCanceled), "contextCanceled");
  EXPECT_STREQ(FailureName(Failure::kDeadline), "contextDeadlineExceeded");
}

TEST(ReceiverTest, ASecretUrlShowsItsHostOnly) {
  const SecretUrl url =
      SplitSecretUrl("https://bot:pa55@hooks.example.com:8443/T0/B1?token=abcdefgh");
  EXPECT_EQ(url.shown, "https://hooks.example.com:8443/<secret>");
  EXPECT_EQ(Excerpt("bot:pa55 \\/T0\\/B1?token=abcdefgh", url.secrets),
            "<secret> \\/T0\\/B1?token=<secret>");
  EXPECT_EQ(Excerpt("no route /T0/B1?token=abcdefgh", url.secrets), "no route <secret>");
  EXPECT_EQ(SplitSecretUrl("http://localhost:5001").shown, "http://localhost:5001/<secret>");
  EXPECT_EQ(SplitSecretUrl("http:///path").shown, "");
  EXPECT_EQ(SplitSecretUrl("ftp://host/path").shown, "");
  EXPECT_EQ(SplitSecretUrl("").shown, "");
}

TEST(TextTest, TheTitleNamesStateAlertsAndWhatTheyShare) {
  EXPECT_EQ(Title(SampleFiring()), "[FIRING:1] CriticalProviderFailureRate (victor-ai critical)");
  EXPECT_EQ(Title(SampleResolved()),
            "[RESOLVED] CriticalProviderFailureRate, ProviderSlow (victor-ai critical)");
}

TEST(TextTest, ATitleSpellsOutThreeNamesOnce) {
  dispatch::Notification notification = SampleFiring();
  notification.alerts.clear();
  for (const char* name : {"A", "B", "A", "C", "D", "E"}) {
    notification.alerts.push_back(SampleAlert(name, name));
  }
  EXPECT_EQ(Title(notification), "[FIRING:6] A, B, C and 2 more (victor-ai critical)");
  notification.alerts = {alert::Alert{}};
  EXPECT_EQ(Title(notification), "[FIRING:1]");
}

TEST(TextTest, DetailsReadTopDown) {
  dispatch::Notification notification = SampleFiring();
  notification.alerts[0].annotations = labels::LabelSet{{"zone", "eu"},
                                                        {"runbook_url", "https://r"},
                                                        {"dashboard_url", "https://d"},
                                                        {"summary", "It burns"},
                                                        {"description", "Much"}};
  notification.alerts[1].annotations = {};
  notification.alerts[1].generator_url = "";
  EXPECT_EQ(Details(notification, 20'000),
            "Firing: CriticalProviderFailureRate\n"
            "Summary: It burns\n"
            "Description: Much\n"
            "Runbook: https://r\n"
            "Dashboard: https://d\n"
            "zone: eu\n"
            "Labels: provider=openai, service=victor-ai, severity=critical\n"
            "Since: 2026-08-22T14:04:18Z\n"
            "Source: http://localhost:9093/graph?g0.expr=up+%3D%3D+0&g0.tab=1\n"
            "\n"
            "Resolved: ProviderSlow\n"
            "Labels: provider=anthropic, service=victor-ai, severity=critical\n"
            "Since: 2026-08-22T14:04:18Z\n"
            "Until: 2026-08-22T14:04:50Z\n");
}

TEST(TextTest, DetailsAreBounded) {
  dispatch::Notification notification = SampleFiring();
  notification.alerts.assign(5000, SampleAlert("A", "\u00fc\xff"));
  const std::string details = Details(notification, 1000);
  EXPECT_EQ(RuneCount(details), 1000U);
  EXPECT_TRUE(details.ends_with("\u2026"));
  EXPECT_TRUE(IsValidUtf8(details));
}

}  // namespace
}  // namespace watchfire::notify
