// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The shell side of Watchfire. Each noun (alert, silence, config …) is a file that declares its
// commands as rows of one table; parsing, help and completion are read off the table. A command is
// a function of its invocation and of the World, and returns the exit code.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "pkg/app/workers.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/core/event.h"
#include "pkg/matcher/matcher.h"
#include "pkg/net/http.h"
#include "pkg/ruletest/ruletest.h"

namespace watchfire::wfctl {

inline constexpr int kOk = 0;
inline constexpr int kNo = 1;           // The answer is no: a file with errors, a refused request.
inline constexpr int kUsage = 2;        // The command line is wrong.
inline constexpr int kUnreachable = 3;  // No answer, or none that makes sense.

// How to reach the server.
struct Target {
  std::string url;  // Without trailing slash, user and password.
  config::HttpConfig http;
  Duration timeout{};  // For the whole command.
};

struct ApiRequest {
  std::string method = "GET";
  std::string path;         // With query: "/api/v2/alerts?active=true"
  std::string body;         // JSON, or none.
  std::string secret = {};  // A part of `path` that is not to be shown.
};

// What a command may use of the world.
struct World {
  std::ostream& out;
  std::ostream& err;
  bool color = false;           // The output is a terminal.
  WallTime now;                 // When the command was started.
  std::string user;             // Who asks: the default author.
  std::string home;             // $HOME
  std::string environment_url;  // $WATCHFIRE_URL
  config::Files files;          // Configurations; "-" is standard input.
  // Reads a file of data, up to limits::kBodyBytes; "-" is standard input.
  std::function<Result<std::string>(const std::string& path)> read_data;
  // Sends all requests at once and returns their answers in order. Errors: kUnavailable, kTimeout.
  std::function<std::vector<Result<net::OutResponse>>(const Target& target,
                                                      const std::vector<ApiRequest>& requests)>
      send;
  // Carries out deliveries at once, to vendors and not to the server, and returns their outcomes in
  // order. `start` and what it makes are used until it returns.
  std::function<std::vector<core::Attempted>(std::vector<core::Attempt> attempts,
                                             const app::StartExchange& start)>
      attempt = {};
  std::function<Status(const std::string& path, const std::string& text)> write_file = {};
  // Starts a Prometheus with no data, which ends with what is returned. Errors: kNotFound,
  // kUnavailable.
  std::function<Result<std::unique_ptr<ruletest::Backend>>(const std::string& program)>
      start_prometheus = {};
  // A variable of the process's environment, "" when it is not set.
  std::function<std::string(const std::string& name)> environment = {};
};

// --name=VALUE, or a switch when `value` is empty: --name, --no-name.
struct Flag {
  const char* name;
  char letter;        // -x, or 0.
  const char* value;  // "DURATION", for the help.
  const char* fallback;
  const char* help;

  bool is_switch() const { return *value == '\0'; }
};

// One command line, parsed.
struct Invocation {
  std::vector<std::string> operands;
  // Flags as given on the command line or in a defaults file, in order; those of the command line
  // come last. Switches hold "true" or "false".
  std::vector<std::pair<std::string, std::string>> flags;
  Target target;
  std::string output = "simple";  // simple, extended, wide, json, yaml; ical, md
  matcher::Mode matcher_mode = matcher::Mode::kFallback;
  bool verbose = false;
  bool version_check = true;

  // The last value of a flag, or `fallback`.
  std::string Get(const std::string& name, const std::string& fallback = "") const;
  bool On(const std::string& name, bool fallback = false) const;
  std::vector<std::string> All(const std::string& name) const;
};

struct Command {
  std::string path;      // "silence add"
  std::string operands;  // "[MATCHER …]", for the help.
  std::string summary;   // One line.
  std::string text;      // More lines, with examples; a newline at its start does not count.
  std::vector<Flag> flags;
  std::function<int(const Invocation&, World&)> run;
  bool is_default = false;  // What its noun means alone: `wfctl alert` is `wfctl alert query`.
  bool is_hidden = false;
};

// Nouns.
std::vector<Command> AlertCommands();
std::vector<Command> CheckCommands();
std::vector<Command> ClusterCommands();
std::vector<Command> CompletionCommands();
std::vector<Command> ConfigCommands();
std::vector<Command> DoctorCommands();
std::vector<Command> ExplainCommands();
std::vector<Command> IncidentCommands();
std::vector<Command> ReportCommands();
std::vector<Command> AutomationCommands();
std::vector<Command> EventCommands();
std::vector<Command> HeartbeatCommands();
std::vector<Command> OncallCommands();
std::vector<Command> ReceiverCommands();
std::vector<Command> RouteCommands();
std::vector<Command> ServerCommands();
std::vector<Command> ShadowCommands();
std::vector<Command> SilenceCommands();
std::vector<Command> SloCommands();
std::vector<Command> TemplateCommands();
std::vector<Command> TestCommands();

// All of them, in the order of the help.
const std::vector<Command>& Commands();

// Runs one command line; never throws.
int Dispatch(const std::vector<std::string>& words, World& world);

// Prints "wfctl: message (hint)" to `world.err` and returns kUsage: the caller's mistake.
int Misuse(World& world, const std::string& message, const std::string& hint = "");

}  // namespace watchfire::wfctl
