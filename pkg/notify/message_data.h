// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a message template sees: Alertmanager's data model over a notification.
// Source: Alertmanager 0.34 template.Data (reference alertmanager-compat §6.2).

#pragma once

#include <string>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/dispatch/notification.h"
#include "pkg/labels/labels.h"
#include "pkg/templates/value.h"

namespace watchfire::notify {

// Returns the dot: .Receiver (as a regular expression that matches it), .Status, .Alerts with
// .Firing and .Resolved, .NotificationReason, .GroupLabels, .CommonLabels, .CommonAnnotations,
// .RouteLabels, .ExternalURL; and of what happened to an incident .Update with .Action, .By, .Text,
// .Incident and .At. Label sets have .SortedPairs, .Names, .Values and .Remove; lists of
// names and values have .Join. `route_labels` are the rendered ones. Values taken out of it are
// good as long as it and the notification are. One thread at a time, as what is asked for is made
// then and kept.
templates::Value MessageData(const dispatch::Notification& notification,
                             const labels::LabelSet& route_labels = {});
templates::Value MessageData(dispatch::Notification&& notification,
                             const labels::LabelSet& route_labels = {}) = delete;

// A message as somebody has it already, such as the receiving side of a webhook: nothing is worked
// out, and a status may be any text.
struct GivenAlert {
  std::string status;
  labels::LabelSet labels = {};
  labels::LabelSet annotations = {};
  ZonedTime starts_at = {};
  ZonedTime ends_at = {};
  std::string generator_url = {};
  std::string fingerprint = {};
};
struct GivenMessage {
  std::string receiver;
  std::string status;
  std::vector<GivenAlert> alerts = {};
  std::string notification_reason = {};
  labels::LabelSet group_labels = {};
  labels::LabelSet common_labels = {};
  labels::LabelSet common_annotations = {};
  labels::LabelSet route_labels = {};
  std::string external_url = {};
};
// Of a copy; values taken out of it are good as long as it is.
templates::Value MessageData(const GivenMessage& given);

}  // namespace watchfire::notify
