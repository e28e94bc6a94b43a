// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What integrations send, for reading.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/wfctl/command.h"
#include "cmd/wfctl/masking.h"
#include "pkg/dispatch/notification.h"
#include "pkg/notify/rehearsal.h"

namespace watchfire::wfctl {

// "slack[0]"
std::string IntegrationName(const config::Integration& integration);

// Those of the receiver that `names` choose ("slack[0]", "slack" for all of a kind), all for no
// names. Errors: kInvalidArgument when a name chooses none.
Result<std::vector<const config::Integration*>> Choose(const config::Receiver& receiver,
                                                       const std::vector<std::string>& names);

// `notification` as that integration gets it.
dispatch::Notification ForIntegration(dispatch::Notification notification,
                                      const config::Integration& integration);

// What exchanges find around them. Secrets that they read from files are added to `masking`, which
// outlives it, as does `world`.
notify::Context MakeContext(const std::shared_ptr<const config::Config>& config, World& world,
                            Masking* masking);

// One integration and what it would send.
struct Outgoing {
  dispatch::Notification notification;
  const config::Integration* integration = nullptr;
  bool is_unsent = false;  // The end of something, of which the integration does not tell.
  notify::Rehearsal rehearsal = {{}, notify::Done{}};

  // What keeps the message from being made or accepted; "" if nothing.
  std::string fault() const;
};

Outgoing RehearseOne(const dispatch::Notification& notification,
                     const config::Integration& integration, const notify::Context& context);

// Prints all, as text or as --output says. Returns kNo if one of them cannot be made, or only in
// part.
int ShowOutgoing(const std::vector<Outgoing>& all, const Masking& masking,
                 const Invocation& invocation, World& world);

}  // namespace watchfire::wfctl
