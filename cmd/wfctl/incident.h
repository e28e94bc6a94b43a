// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The commands of wfctl incident, by what they do.

#pragma once

#include <string>
#include <vector>

#include "cmd/wfctl/command.h"
#include "pkg/base/result.h"

namespace watchfire::wfctl {

std::vector<Command> IncidentReadCommands();  // list, show, postmortem
std::vector<Command> IncidentActCommands();   // ack, resolve, note, reassign …

// What --acked, --unacked and --acked-by ask the server for, incidents and alerts alike: parts of a
// query such as "acked=true". Errors: kInvalidArgument when nothing can be both.
Result<std::vector<std::string>> AckQuery(const Invocation& invocation);

}  // namespace watchfire::wfctl
