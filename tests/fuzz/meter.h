// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Counts what a piece of work takes from the heap: the same in every run, unlike seconds. Linking
// meter.cc replaces the program's operator new.

#pragma once

#include <cstddef>

namespace watchfire::fuzz {

struct Usage {
  size_t allocations = 0;
  size_t bytes = 0;  // Requested in all, freed or not.
};

// Since the start, by the calling thread.
Usage HeapUsage();

}  // namespace watchfire::fuzz
