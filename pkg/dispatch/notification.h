// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What one integration of one receiver is to be told about one group.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/dispatch/alert_list.h"
#include "pkg/dispatch/vendor_update.h"
#include "pkg/labels/labels.h"

namespace watchfire::dispatch {

enum class Reason { kFirst, kNewAlerts, kSomeResolved, kAllResolved, kRepeat };

// "first notification" and so on: the words of the webhook's notification_reason.
const char* ReasonText(Reason reason);

// What a receiver wants to find again at the next message about a group, such as the identity that
// the vendor gave the last one. A few short texts.
using ReceiverData = std::map<std::string, std::string>;

// Immutable once made; shared between core and the render threads.
struct Notification {
  std::string receiver;
  std::string integration;  // "victorops"
  int index = 0;
  SharedText group_key;
  labels::LabelSet group_labels;
  labels::LabelSet route_labels;  // Of the route, as written: the values are templates.
  AlertList alerts;               // NotificationOrder. Of one that fires ends_at says nothing.
  WallTime at = kNoTime;          // The flush: alerts with ends_at <= at are resolved.
  Reason reason = Reason::kFirst;
  std::string external_url;  // No trailing slash.
  // What the integration returned (notify::Done) with the group's last message that was accepted;
  // empty for a first notification.
  ReceiverData receiver_data;
  // Engaged: this is no page and no end. What people did to the incident is told instead; of an
  // integration that takes it (Integration::takes).
  std::optional<VendorUpdate> update = {};

  bool Firing(const alert::Alert& alert) const {
    return alert.ends_at == kNoTime || alert.ends_at > at;
  }
  bool firing() const;  // Any alert fires.
  // Labels (annotations) that all alerts share with equal values.
  labels::LabelSet common_labels() const;
  labels::LabelSet common_annotations() const;
};

}  // namespace watchfire::dispatch
