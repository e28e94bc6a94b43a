// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What there is to say of a group now, whoever it is said to, and how far that is. Plain values.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pkg/core/mute.h"
#include "pkg/dispatch/group.h"

namespace watchfire::core {

// A group as a flush would find it now.
struct Survey {
  dispatch::Flush flush;
  std::vector<Muted> muted;       // Of each alert of the flush.
  std::vector<uint64_t> snoozed;  // As in Core::FlushStrictly.
};

// A flush some of whose deliveries are under way.
struct ActiveFlush {
  dispatch::Flush flush;
  uint64_t generation = 0;  // Of the dispatcher it came from.
  size_t outstanding = 0;   // So many deliveries.
  bool failed = false;      // One of them has.
};

// All groups of an incident as if they were one.
struct Gathered {
  // The first that fires, with the labels and leavers of all: the incident hears of it.
  dispatch::Group group;
  Survey now;
};

}  // namespace watchfire::core
