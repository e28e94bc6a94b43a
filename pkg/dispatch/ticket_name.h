// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "pkg/dispatch/notification.h"

namespace watchfire::dispatch {

// In ReceiverData: how the system that keeps it calls the ticket that the message opened or found,
// "OPS-7". At most kTicketNameRunes.
inline constexpr const char* kTicketName = "ticket";
inline constexpr size_t kTicketNameRunes = 64;

// "" when there is no ticket, or its system did not name it.
inline std::string TicketName(const ReceiverData& data) {
  const auto found = data.find(kTicketName);
  return found == data.end() ? "" : found->second;
}

}  // namespace watchfire::dispatch
