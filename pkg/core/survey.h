// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What there is to say of a group now, whoever it is said to. Plain values.

#pragma once

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

// All groups of an incident as if they were one.
struct Gathered {
  // The first that fires, with the labels and leavers of all: the incident hears of it.
  dispatch::Group group;
  Survey now;
};

}  // namespace watchfire::core
