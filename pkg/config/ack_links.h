// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `incidents.ack_links`: links in messages that lead to a page on which an incident is
// acknowledged.

#pragma once

#include <chrono>
#include <vector>

#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::config {

struct AckLinks {
  // `secret`, which signs, then `previous_secret`, whose links are still good. Each has at least
  // limits::kAckLinkSecretBytesMin bytes. Empty: there are no links.
  std::vector<Secret> secrets;
  // So long a link is good, from the message on that holds it; at most limits::kIncidentHold.
  Duration expires_after = std::chrono::hours(24);
  // `actions`, beside acknowledging.
  bool may_resolve = false;
  bool may_snooze = false;
  bool may_escalate = false;
  Duration snooze_for = std::chrono::hours(1);  // Not zero; at most limits::kIncidentHold.
};

}  // namespace watchfire::config
