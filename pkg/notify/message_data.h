// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a message template sees: Alertmanager's data model over a notification.
// Source: Alertmanager 0.34 template.Data (reference alertmanager-compat §6.2).

#pragma once

#include "pkg/dispatch/notification.h"
#include "pkg/labels/labels.h"
#include "pkg/templates/value.h"

namespace watchfire::notify {

// Returns the dot: .Receiver (as a regular expression that matches it), .Status, .Alerts with
// .Firing and .Resolved, .NotificationReason, .GroupLabels, .CommonLabels, .CommonAnnotations,
// .RouteLabels, .ExternalURL. Label sets have .SortedPairs, .Names, .Values and .Remove; lists of
// names and values have .Join. `route_labels` are the rendered ones. Values taken out of it are
// good as long as it is. One thread at a time, as what is asked for is made then and kept.
templates::Value MessageData(const dispatch::Notification& notification,
                             const labels::LabelSet& route_labels = {});

}  // namespace watchfire::notify
