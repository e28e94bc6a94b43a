// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/fuzzers/fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return watchfire::fuzz::Feed(watchfire::fuzz::TryInbound, data, size);
}
