// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A notification as the JSON that Alertmanager's webhook made a standard, and that incident.io
// takes too. Source: reference alertmanager-compat §4.2 and §4.17.

#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "pkg/dispatch/notification.h"
#include "pkg/labels/labels.h"

namespace watchfire::notify {

struct GroupJsonOptions {
  std::string_view version = "4";
  labels::LabelSet route_labels = {};                // Rendered.
  size_t truncated_alerts = 0;                       // How many alerts there were besides.
  std::map<std::string, std::string> metadata = {};  // Left out when empty.
  // Only so many alerts are listed; status and common labels stay those of all.
  size_t listed_max = std::numeric_limits<size_t>::max();
};

// Returns an object with a final newline, byte for byte what Go's encoder writes.
std::string GroupJson(const dispatch::Notification& shown, const GroupJsonOptions& options);

}  // namespace watchfire::notify
