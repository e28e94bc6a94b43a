// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// From words to an invocation.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/wfctl/command.h"
#include "pkg/base/result.h"

namespace watchfire::wfctl {

// What all commands take.
const std::vector<Flag>& GlobalFlags();

struct Parsed {
  std::string path;                  // The nouns and verbs that lead to a command: "config routes".
  const Command* command = nullptr;  // Null when `path` names a noun without default, or nothing.
  bool by_default = false;           // The verb was left out.
  bool help = false;                 // -h, --help
  bool version = false;              // --version
  std::vector<std::string> unknown;  // The word after `path` that names no command, if any.
  Invocation invocation;
};

// Finds the command, its flags and operands. Flags may stand anywhere, also before the verb; "--"
// ends them; letters may be joined (-is, -d2h). Errors: kInvalidArgument naming the flag, with the
// nearest that there is.
Result<Parsed> Parse(const std::vector<std::string>& words);

// Gives every flag of the command that the command line lacks the value of the first file that has
// one: $HOME/.config/wfctl/config.yml, then amtool's. Keys of other commands are left alone.
// Errors: a file that cannot be read or is no flat mapping; an ill value.
Status AddDefaults(const World& world, Parsed* parsed);

// Fills the typed members of the invocation from its flags and the environment. Errors:
// kInvalidArgument.
Status Settle(const World& world, Invocation* invocation);

// Reads the value of a flag that names a server into `target`. Splits user:password@ off: neither
// may show in a message. Errors: kInvalidArgument.
Status ReadUrl(const std::string& flag, std::string url, Target* target);

// Go's durations (1.5h) or Prometheus' (2d).
Result<Duration> ReadDuration(const std::string& text);
// Decimal digits and nothing else; -1 for any other text, and for what an int does not hold.
int ReadNumber(std::string_view text);

}  // namespace watchfire::wfctl
