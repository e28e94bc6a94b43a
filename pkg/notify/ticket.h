// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "pkg/base/strings.h"
#include "pkg/dispatch/ticket_name.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify {

// The message opened a ticket, or found the one there is; `name` as its system answered, which may
// be nothing.
inline Done Ticketed(const std::string& name) {
  if (name.empty()) return {};
  const std::string shown = TruncateRunes(Excerpt(name, {}), dispatch::kTicketNameRunes);
  return {{{dispatch::kTicketName, shown}}};
}

}  // namespace watchfire::notify
