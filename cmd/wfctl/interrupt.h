// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C for commands that have something to clear away: the first SIGINT or SIGTERM is remembered,
// so that the command can end in order; the second ends the process. And the time that it has.

#pragma once

#include <csignal>
#include <string>

#include "pkg/base/time.h"

namespace watchfire::wfctl {

// While one lives; there is at most one.
class CatchInterrupt {
 public:
  // It has until `deadline`.
  explicit CatchInterrupt(MonoTime deadline = MonoTime::max());
  ~CatchInterrupt();
  CatchInterrupt(const CatchInterrupt&) = delete;
  CatchInterrupt& operator=(const CatchInterrupt&) = delete;

 private:
  struct sigaction int_ {};   // What was there before.
  struct sigaction term_ {};  // The same.
};

// The signal that came while one was to be caught; 0: none.
int Interrupted();

// Why the command is to end now: "interrupted", "no end within --timeout"; "": it is not.
std::string WhyStop();

// Ends this process as the signal would have. Also for handlers of signals.
[[noreturn]] void EndBy(int signal);

}  // namespace watchfire::wfctl
