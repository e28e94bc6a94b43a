// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Has this flush anything new to say to this integration? The dedup decision table of Alertmanager
// (reference §5.5), as a function.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/dispatch/notification.h"
#include "pkg/nflog/nflog.h"

namespace watchfire::dispatch {

struct Decision {
  const nflog::Entry* entry = nullptr;  // Null: nothing was ever told.
  const std::vector<uint64_t>& firing;  // Sorted fingerprints of the flush.
  const std::vector<uint64_t>& resolved;
  bool send_resolved = true;
  Duration repeat_interval{};
  WallTime at = kNoTime;  // The flush's tick.
  // Without an entry: may a message have gone out all the same? (Its record was lost.)
  bool maybe_told = false;
};

// Returns why to send, or nullopt to stay silent (the log entry then stays as it was). An alert in
// a message of unknown outcome (Entry::attempted) counts as untold, and as told where only its end
// is left to tell: said twice with the same dedup key rather than never.
std::optional<Reason> Decide(const Decision& decision);

}  // namespace watchfire::dispatch
