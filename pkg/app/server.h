// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The whole server: threads, wiring, start and stop order, reload. Usable in-process by tests,
// which hand in their own table of backends.
//
//   front ─> http workers ─> Channel ─> core ─┬─> render pool ─> net (curl) ─> Channel
//                                             ├─> store thread ──────────────> Channel
//                                             └─> replies to the http workers
//
// Stop order: listen, ingest, core drain, net, store.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pkg/api/api.h"
#include "pkg/app/flags.h"
#include "pkg/base/result.h"
#include "pkg/notify/receiver.h"

namespace watchfire::app {

inline constexpr const char* kVersion = "0.1.0";
// Whose API and metrics these are. Clients choose by it what they may ask: told "0.1.0" they take
// us for an Alertmanager of 2016.
inline constexpr const char* kAlertmanagerVersion = "0.34.0";

class Server {
 public:
  // Opens the store, loads the configuration, restores state, binds and serves. Errors: everything
  // that Alertmanager exits 1 for; the message is ready to print, one problem a line.
  static Result<std::unique_ptr<Server>> Start(const Flags& flags,
                                               std::vector<notify::Backend> backends);
  ~Server();

  // Loads the files anew; on error the old configuration stays. Serialised by the caller.
  Status Reload();
  // Reloads if any configuration file changed since the last attempt (content, not time).
  void ReloadIfChanged();
  // Puts a changed --web.config.file in force. One thread.
  void RefreshAccess();
  void Stop();

  std::vector<std::string> addresses() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Runs the server until SIGTERM or SIGINT; SIGHUP reloads. Returns the exit code: 0 clean stop,
// 1 start-up error, 2 bad flags. `main` is this call.
int Run(const std::vector<std::string>& arguments, std::vector<notify::Backend> backends);

}  // namespace watchfire::app
