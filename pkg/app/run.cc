// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The life of the process: flags, signals, stop.

#include <csignal>
#include <cstdio>
#include <ctime>

#include "pkg/app/log.h"
#include "pkg/app/server.h"

namespace watchfire::app {
namespace {

// Waits for one of `signals`, or for `patience` (0: for ever). Returns the signal, 0 when time ran
// out.
int WaitForSignal(const sigset_t& signals, Duration patience) {
  if (patience == Duration::zero()) return ::sigwaitinfo(&signals, nullptr);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timespec timeout{seconds.count(), (patience - seconds).count()};
  return ::sigtimedwait(&signals, nullptr, &timeout);
}

}  // namespace

int Run(const std::vector<std::string>& arguments, std::vector<notify::Backend> backends) {
  const Result<Flags> flags = ParseFlags(arguments);
  if (!flags) {
    std::fprintf(stderr, "watchfire: error: %s\n", flags.error().message.c_str());
    return 2;
  }
  if (flags->help) {
    std::fputs(HelpText().c_str(), stdout);
    return 0;
  }
  if (flags->version) {
    std::printf("watchfire, version %s (an Alertmanager %s API v2 server)\n", kVersion,
                kAlertmanagerVersion);
    return 0;
  }
  InitLog(flags->log_level, flags->log_format);
  for (const std::string& warning : flags->warnings) {
    Log(Level::kWarn, "flag", {{"warning", warning}});
  }

  // Blocked before the first thread starts, so that every thread inherits it and only this one
  // takes signals. A peer that hangs up is an error value, not a signal.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // So is a file-size limit: the store answers it like a full disk.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);

  Result<std::unique_ptr<Server>> server = Server::Start(*flags, std::move(backends));
  if (!server) {
    Log(Level::kError, "start failed", {{"err", server.error().message}});
    return 1;
  }
  while (true) {
    const int signal = WaitForSignal(signals, flags->config_watch_interval);
    if (signal == SIGTERM || signal == SIGINT) break;
    if (signal == SIGHUP) {
      (void)(*server)->Reload();
    } else {
      (*server)->ReloadIfChanged();
    }
  }
  Log(Level::kInfo, "stopping");
  (*server)->Stop();
  Log(Level::kInfo, "stopped");
  return 0;
}

}  // namespace watchfire::app
