// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/interrupt.h"

#include <atomic>

#include <unistd.h>

#include "pkg/app/core_thread.h"

namespace watchfire::wfctl {
namespace {

// A handler can reach nothing else, and may run on any thread.
std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<MonoTime> end{MonoTime::max()};

void Catch(int signal) {
  int none = 0;
  if (!caught.compare_exchange_strong(none, signal)) EndBy(signal);
}

// What whoever started us wants ignored (nohup) stays ignored.
void CatchUnlessIgnored(int signal, struct sigaction* before) {
  ::sigaction(signal, nullptr, before);
  if (before->sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = Catch;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

CatchInterrupt::CatchInterrupt(MonoTime deadline) {
  caught = 0;
  end = deadline;
  CatchUnlessIgnored(SIGINT, &int_);
  CatchUnlessIgnored(SIGTERM, &term_);
}

CatchInterrupt::~CatchInterrupt() {
  ::sigaction(SIGINT, &int_, nullptr);
  ::sigaction(SIGTERM, &term_, nullptr);
  end = MonoTime::max();
}

int Interrupted() { return caught; }

std::string WhyStop() {
  if (caught != 0) return "interrupted";
  return app::ReadNow().mono >= end.load() ? "no end within --timeout" : "";
}

void EndBy(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, signal);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);  // Blocked within its own handler.
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace watchfire::wfctl
