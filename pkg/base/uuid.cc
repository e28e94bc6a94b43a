// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/uuid.h"

#include "pkg/base/strings.h"

namespace watchfire {

std::string Uuid4(uint64_t high, uint64_t low) {
  const std::string version = Hex64((high & 0xffffffffffff0fffULL) | 0x4000);
  const std::string variant = Hex64((low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL);
  return version.substr(0, 8) + "-" + version.substr(8, 4) + "-" + version.substr(12) + "-" +
         variant.substr(0, 4) + "-" + variant.substr(4);
}

}  // namespace watchfire
