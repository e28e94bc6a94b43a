// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Help and completion, both read off the table of commands.

#pragma once

#include <string>
#include <vector>

#include "cmd/wfctl/command.h"

namespace watchfire::wfctl {

// What `wfctl --help` prints: all commands, the common flags, the exit codes.
std::string HelpAll();
// What `wfctl silence --help` prints: the commands below `path`.
std::string HelpNoun(const std::string& path);
// What `wfctl silence add --help` prints.
std::string HelpCommand(const Command& command);

// What may stand in place of the last of `words` (which may be empty): verbs, or flags when it
// begins with a dash. Sorted.
std::vector<std::string> Complete(const std::vector<std::string>& words);

}  // namespace watchfire::wfctl
