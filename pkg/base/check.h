// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// WF_CHECK states an invariant of our own. It stays on in release builds: a broken invariant is a
// bug, and a core file is worth more than a wrong page. Never use it on input.

#pragma once

namespace watchfire {

// Prints the place and the condition to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace watchfire

#define WF_CHECK(condition)                                                     \
  do {                                                                          \
    if (!(condition)) ::watchfire::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)
