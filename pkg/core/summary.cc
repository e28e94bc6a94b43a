// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/summary.h"

#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::core {

std::shared_ptr<const dispatch::Notification> SummaryMessage(const Summary& summary,
                                                             const SummaryTarget& target,
                                                             const std::string& external_url,
                                                             WallTime now) {
  alert::Alert alert;
  alert.labels = summary.labels;
  alert.annotations = labels::LabelSet{{"summary", summary.text.substr(0, summary.text.find('\n'))},
                                       {"description", summary.text}};
  alert.starts_at = alert.updated_at = summary.at;
  alert.generator_url = external_url;
  auto notification = std::make_shared<dispatch::Notification>();
  notification->receiver = target.receiver;
  notification->integration = target.integration;
  notification->index = target.index;
  notification->group_key = "{}/" + summary.kind + ":{" + std::string(summary.id.name) + "=" +
                            GoQuote(summary.id.value) + ", at=\"" +
                            FormatRfc3339(summary.at, 0, true) + "\"}";
  notification->group_labels = summary.group_by;
  notification->alerts = {std::move(alert)};
  notification->at = now;
  notification->external_url = external_url;
  return notification;
}

}  // namespace watchfire::core
