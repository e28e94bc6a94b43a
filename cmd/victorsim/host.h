// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a simulator needs to be a program: flags, a log line, an HTTP listener, one thread that
// owns the simulated world, and an end within a second of SIGINT or SIGTERM. Shared with pagersim.

#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <httplib.h>

#include "pkg/base/channel.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::victorsim {

struct Flag {
  std::string_view name;   // Without dashes; "-name", "--name value" and "--name=value" all work.
  std::string_view value;  // What the value stands for in --help, "" for a switch.
  std::string help;        // May have several lines.
  std::function<Status(const std::string& value)> set;  // A switch gets "".
};

// Reads the command line. Returns nullopt if the program should go on, else its exit code: 0 after
// --help (printed to stdout with `intro` before the flags), 2 after a bad flag (told on stderr).
std::optional<int> ParseFlags(int argc, char** argv, std::string_view intro,
                              const std::vector<Flag>& flags);

// Setters for Flag::set.
std::function<Status(const std::string&)> SetString(std::string& target);
std::function<Status(const std::string&)> SetDuration(Duration& target);  // >= 0, "1m30s".

// Writes one logfmt line to stderr: level=info msg="…" key=value.
void Log(std::string_view level, std::string_view message,
         std::initializer_list<std::pair<std::string_view, std::string>> fields = {});

// Runs tasks one after the other on the thread that is in Run(): what only tasks touch has one
// owner and needs no lock.
class Owner {
 public:
  Owner() : tasks_(kQueueLength) {}

  // Runs `task` on the owner's thread and waits for its end. Returns false, without having run it,
  // if the queue is full or the program ends. Not to be called by a task.
  bool Do(const std::function<void()>& task);

  // Runs tasks, and `tick` every `period` or sooner, until Stop() was called.
  void Run(Duration period, const std::function<void()>& tick);
  void Stop() { tasks_.Close(); }

 private:
  static constexpr size_t kQueueLength = 256;
  Channel<std::function<void()>> tasks_;
};

// Returns the body of a request, "" if it has none; nullopt if it is too large or broken off, with
// the status already set. The library by itself answers 400 to a POST that has neither a length nor
// a body, which is what `curl -X POST` sends.
std::optional<std::string> ReadBody(const httplib::Request& request,
                                    const httplib::ContentReader& reader);

// Keeps SIGINT and SIGTERM for Serve(). To be called before any thread is started: a thread that
// does not hold them back could be the one to get them.
void HoldEndSignals();

// Configures `server` (body limit, threads, JSON errors), serves it on `address` ("host:port",
// ":0" for any free port), logs "Listening on", and runs `owner` until SIGINT or SIGTERM. Then it
// ends the process with code 0. Returns only if it cannot listen: the exit code, after telling why.
int Serve(httplib::Server& server, const std::string& address, Owner& owner, Duration period,
          const std::function<void()>& tick);

}  // namespace watchfire::victorsim
