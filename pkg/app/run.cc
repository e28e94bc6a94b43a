// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The life of the process: flags, signals, stop.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>

#include "pkg/app/log.h"
#include "pkg/app/server.h"

namespace watchfire::app {
namespace {

// How often the files of --web.config.file are looked at: a handful of small ones.
constexpr Duration kWebWatchInterval = std::chrono::seconds(1);

// Waits for one of `signals` until `deadline` (none: for ever). Returns the signal, -1 when time
// ran out.
int WaitForSignal(const sigset_t& signals, std::optional<MonoTime> deadline) {
  if (!deadline) return ::sigwaitinfo(&signals, nullptr);
  const Duration patience =
      std::max(Duration::zero(), *deadline - std::chrono::steady_clock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timespec timeout{seconds.count(), (patience - seconds).count()};
  return ::sigtimedwait(&signals, nullptr, &timeout);
}

// Something to be done every `interval`; 0: never.
class Periodic {
 public:
  explicit Periodic(Duration interval) : interval_(interval) { Restart(); }

  std::optional<MonoTime> next() const { return next_; }
  // Returns true, and starts over, when it is time.
  bool IsDue() {
    if (!next_ || std::chrono::steady_clock::now() < *next_) return false;
    Restart();
    return true;
  }

 private:
  void Restart() {
    if (interval_ > Duration::zero()) next_ = std::chrono::steady_clock::now() + interval_;
  }

  const Duration interval_;
  std::optional<MonoTime> next_;
};

std::optional<MonoTime> Earlier(std::optional<MonoTime> a, std::optional<MonoTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// Serves until SIGTERM or SIGINT.
void Watch(const Flags& flags, const sigset_t& signals, Server& server) {
  Periodic config(flags.config_watch_interval);
  Periodic web(flags.web_config_file.empty() ? Duration::zero() : kWebWatchInterval);
  while (true) {
    const int signal = WaitForSignal(signals, Earlier(config.next(), web.next()));
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) (void)server.Reload();
    if (signal == SIGHUP || web.IsDue()) server.RefreshAccess();
    if (config.IsDue()) server.ReloadIfChanged();
  }
}

}  // namespace

int Run(const std::vector<std::string>& arguments, std::vector<notify::Backend> backends) {
  const Result<Flags> flags = ParseFlags(arguments);
  if (!flags) {
    std::fprintf(stderr, "watchfire: error: %s\n", flags.error().message.c_str());
    return 1;  // As Alertmanager.
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
  Watch(*flags, signals, **server);
  Log(Level::kInfo, "stopping");
  (*server)->Stop();
  Log(Level::kInfo, "stopped");
  return 0;
}

}  // namespace watchfire::app
