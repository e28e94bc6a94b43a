// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alerts as notifications: routed and grouped as a server would.

#pragma once

#include <string>
#include <vector>

#include "cmd/wfctl/data_file.h"
#include "pkg/config/config.h"
#include "pkg/dispatch/notification.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::wfctl {

struct GroupOptions {
  std::string receiver;        // Only its groups; "": of all.
  matcher::Matchers matchers;  // Only groups with an alert that they match.
  WallTime at;                 // The flush.
  std::string external_url;
};

// One notification for each route and group, in the order of the routes' tree and of the groups'
// labels; its integration is not set.
std::vector<dispatch::Notification> GroupsOf(const config::Config& config,
                                             const std::vector<alert::Alert>& alerts,
                                             const GroupOptions& options);

// All alerts as one group of the receiver: of its first route that takes one of them, or as if the
// root led there.
dispatch::Notification AsOneGroup(const config::Config& config, std::vector<alert::Alert> alerts,
                                  const GroupOptions& options);

// Nothing for "", or a receiver that is not there. A webhook calls it by a regular expression.
const config::Receiver* FindReceiver(const config::Config& config, const std::string& name);

}  // namespace watchfire::wfctl
