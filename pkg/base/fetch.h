// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Has the processor fetch something into its caches, for one who will look at it a little later. Of
// use for what lies apart in memory and has not been looked at for a while: several of them arrive
// at once, where one after the other would be waited for. Changes nothing.

#pragma once

#include <cstddef>

namespace watchfire {

// The `bytes` at `place`, which may be anywhere.
inline void FetchBytes(const void* place, size_t bytes) {
  constexpr size_t kLine = 64;
  const auto* const begin = static_cast<const char*>(place);
  for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(begin + at);
  if (bytes % kLine != 1) __builtin_prefetch(begin + bytes - 1);  // It may begin within a line.
}

// All of a value, not what it points to.
template <typename T>
void FetchWhole(const T& value) {
  FetchBytes(&value, sizeof(T));
}

}  // namespace watchfire
