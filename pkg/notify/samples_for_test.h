// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Notifications with everything in them that a payload can get wrong. Included by tests only.

#pragma once

#include <string>

#include "pkg/dispatch/notification.h"

namespace watchfire::notify {

inline alert::Alert SampleAlert(const std::string& name, const std::string& provider) {
  alert::Alert alert;
  alert.labels = labels::LabelSet{{"alertname", name},
                                  {"provider", provider},
                                  {"service", "victor-ai"},
                                  {"severity", "critical"}};
  alert.annotations =
      labels::LabelSet{{"summary", provider + " fails <60 %> of its calls & more"},
                       {"description", "Line one \"quoted\"\nline two: \u00fcber\u2028\\"},
                       {"runbook_url", "https://runbooks.example.com/provider?a=1&b=2"},
                       {"dashboard_url", "https://grafana.example.com/d/victor-ai"},
                       {"ticket", "OPS-7"}};
  alert.starts_at = FromNanos(1'787'407'458'123'400'000);
  alert.generator_url = "http://localhost:9093/graph?g0.expr=up+%3D%3D+0&g0.tab=1";
  return alert;
}

// Two alerts, the second one resolved.
inline dispatch::Notification SampleFiring() {
  dispatch::Notification notification;
  notification.receiver = "on-call.eu (primary)";
  notification.group_key = "{}/{severity=\"critical\"}:{service=\"victor-ai\"}";
  notification.group_labels = labels::LabelSet{{"service", "victor-ai"}};
  notification.at = FromNanos(1'787'407'500'000'000'000);
  notification.alerts = {SampleAlert("CriticalProviderFailureRate", "openai"),
                         SampleAlert("ProviderSlow", "anthropic")};
  notification.alerts.Own(1).ends_at = FromNanos(1'787'407'490'000'000'001);
  notification.reason = dispatch::Reason::kSomeResolved;
  notification.external_url = "http://localhost:9093";
  return notification;
}

inline dispatch::Notification SampleResolved() {
  dispatch::Notification notification = SampleFiring();
  notification.alerts.Own(0).ends_at = notification.at;
  notification.reason = dispatch::Reason::kAllResolved;
  return notification;
}

}  // namespace watchfire::notify
