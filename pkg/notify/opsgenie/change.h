// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is asked of Opsgenie for one notification: one request for each change to the alert.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pkg/notify/opsgenie/opsgenie.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::opsgenie {

inline constexpr size_t kMessageRunesMax = 130;  // The vendor's; it cuts the other fields itself.

struct Change {
  std::string method;
  std::string url;
  std::string body;
};

// Returns the changes in order, at least one: a create and, with update_alerts, the texts of an
// alert that was there already; a close; or what people did. What a template has against it,
// message->status() says.
std::vector<Change> ChangesFor(const dispatch::Notification& notification, const Options& options,
                               Rendering* message);

}  // namespace watchfire::notify::opsgenie
