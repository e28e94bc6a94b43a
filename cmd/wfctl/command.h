// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The shell side of Watchfire: one function per command, each given its arguments and the streams
// it writes to, returning the exit code. 0: fine; 1: the answer is no (a file with errors, an
// incident not found); 2: the command line is wrong; 3: the server cannot be reached.

#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/net/http.h"

namespace watchfire::wfctl {

inline constexpr int kOk = 0;
inline constexpr int kNo = 1;
inline constexpr int kUsage = 2;
inline constexpr int kUnreachable = 3;

// What a command may use of the world.
struct World {
  std::ostream& out;
  std::ostream& err;
  bool color = false;  // The output is a terminal.
  // Sends one request to the server. Errors: kUnavailable, kTimeout.
  std::function<Result<net::OutResponse>(const std::string& method, const std::string& path,
                                         const std::string& body)>
      call;
};

// Options common to all commands, taken out of the arguments by ParseArguments.
struct Arguments {
  std::string url = "http://localhost:9093";  // --url, or $WATCHFIRE_URL
  std::string output = "table";               // -o table|json
  bool help = false;
  std::vector<std::string> words;  // What is left: command, subcommand, operands.
  std::vector<std::pair<std::string, std::string>> options;  // --name=value, in order.

  // The last value of an option, or `fallback`.
  std::string Option(const std::string& name, const std::string& fallback = "") const;
};

// Errors: kInvalidArgument naming the word.
Result<Arguments> ParseArguments(const std::vector<std::string>& words,
                                 const char* environment_url);

// Runs one command line; never throws.
int Dispatch(const Arguments& arguments, World& world);

// The commands.
int Check(const Arguments& arguments, World& world);
int Incident(const Arguments& arguments, World& world);
int Alert(const Arguments& arguments, World& world);
int Slo(const Arguments& arguments, World& world);
int Rules(const Arguments& arguments, World& world);
int Reload(const Arguments& arguments, World& world);
int Completion(const Arguments& arguments, World& world);

// Prints the server's error answer to `world.err`; returns kNo, or kUnreachable for no answer.
int Explain(const Result<net::OutResponse>& response, World& world);

}  // namespace watchfire::wfctl
