// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What happened to an incident here, for the vendor that was paged for it: what somebody did, or
// that a policy went on because nobody did. A plain value.

#pragma once

#include <cstdint>
#include <string>

#include "pkg/base/time.h"
#include "pkg/config/incidents.h"

namespace watchfire::dispatch {

struct VendorUpdate {
  config::VendorAct act = config::kVendorAcknowledge;
  uint64_t incident = 0;
  std::string by;  // Who did it; not empty.
  // What they said to it, the note itself, why the ack is over, or the step and whom it tells. May
  // be empty.
  std::string text;
  WallTime at = kNoTime;

  bool operator==(const VendorUpdate&) const = default;
};

// One sentence about it for people who read it elsewhere: "ada acknowledged it in Watchfire:
// rolling back".
std::string Sentence(const VendorUpdate& update);

}  // namespace watchfire::dispatch
