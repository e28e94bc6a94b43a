// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What somebody did to an incident here, for the vendor that was paged for it. A plain value.

#pragma once

#include <cstdint>
#include <string>

#include "pkg/base/time.h"
#include "pkg/config/incidents.h"

namespace watchfire::dispatch {

struct VendorUpdate {
  config::VendorAct act = config::kVendorAcknowledge;
  uint64_t incident = 0;
  std::string by;    // Who did it; not empty.
  std::string text;  // What they said to it, the note itself, or why the ack is over. May be empty.
  WallTime at = kNoTime;

  bool operator==(const VendorUpdate&) const = default;
};

// "acknowledge", "unacknowledge", "note", "resolve"
const char* VendorActName(config::VendorAct act);

// One sentence about it for people who read it elsewhere: "ada acknowledged it in Watchfire:
// rolling back".
std::string Sentence(const VendorUpdate& update);

}  // namespace watchfire::dispatch
