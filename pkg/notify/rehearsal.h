// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// All requests of a delivery without sending any: a vendor is played who takes everything, as the
// backend's contract has it.

#pragma once

#include <vector>

#include "pkg/dispatch/notification.h"
#include "pkg/net/http.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify {

inline constexpr size_t kRehearsedRequestsMax = 16;

struct Rehearsal {
  std::vector<net::OutRequest> requests;  // In order, at most kRehearsedRequestsMax.
  Step end;                               // Done; or what kept it from that: Retry or Fail.
  std::string flaw = {};                  // The first Send::flaw.
};

// `exchange` is a new one.
Rehearsal Rehearse(Exchange& exchange, const Contract& contract,
                   const dispatch::Notification& notification);

}  // namespace watchfire::notify
