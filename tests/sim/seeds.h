// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the environment says about a run: WF_SIM_SEED (the first one), WF_SIM_SEEDS (how many) and
// WF_SIM_TRACE (1: everything is printed).

#pragma once

#include <cstdint>
#include <cstdlib>

namespace watchfire::sim {

// The number of that name, `fallback` where there is none.
inline uint64_t FromEnv(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

}  // namespace watchfire::sim
