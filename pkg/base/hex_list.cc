// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/hex_list.h"

#include "pkg/base/hex64.h"

namespace watchfire {

std::string HexList(std::span<const uint64_t> values) {
  if (values.empty()) return "[]";
  constexpr size_t kEach =
      kHex64Digits + 3;  // Two quotes, and what separates it from the one before.
  std::string json(1 + kEach * values.size(), '"');
  char* to = json.data();
  for (const uint64_t value : values) {
    *to = ',';
    WriteHex64(value, to + 2);
    to += kEach;
  }
  json.front() = '[';
  json.back() = ']';
  return json;
}

}  // namespace watchfire
