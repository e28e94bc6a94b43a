// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What every libFuzzer program here does: `./dev fuzz TARGET [SECONDS]`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {

// Ends the program when the product misbehaves, so that libFuzzer keeps the text.
inline int Feed(Outcome (*run)(std::string_view), const uint8_t* data, size_t size) {
  const Outcome outcome = run({reinterpret_cast<const char*>(data), size});
  if (outcome.complaint.empty()) return 0;
  std::fprintf(stderr, "%s\n", outcome.complaint.c_str());
  std::abort();
}

}  // namespace watchfire::fuzz
