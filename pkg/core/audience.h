// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Whom a message is for, and where the configuration has that. Plain values, pure functions.

#pragma once

#include <string>

#include "pkg/config/config.h"
#include "pkg/nflog/nflog.h"

namespace watchfire::core {

struct Audience {
  const config::Receiver& receiver;
  const config::Integration& integration;
  std::string via = {};     // As in nflog::Key.
  bool ends_only = false;   // It is to be told of the ends of what it knows, and of nothing else.
  std::string person = {};  // As in nflog::Key.
  // The group whose key stands for all groups of an incident (escalation_leads.cc); "": each has
  // its own.
  SharedText lead = {};

  nflog::Key KeyIn(const SharedText& group_key) const {
    return {lead.empty() ? group_key : lead,
            receiver.name,
            integration.kind,
            integration.index,
            via,
            person};
  }
};

// Null when the configuration has none of that name.
const config::Receiver* FindReceiver(const config::Config& config, const std::string& name);

// The integration of that kind and index within its receiver; null when the receiver, which may be
// null itself, has none.
const config::Integration* FindIntegration(const config::Receiver* receiver,
                                           const std::string& kind, int index);

}  // namespace watchfire::core
