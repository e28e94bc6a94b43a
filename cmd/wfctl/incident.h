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

// Says how far the post-mortem of the incident that `invocation` names has come: "draft",
// "reviewed". Returns the exit code.
int MarkPostmortem(const Invocation& invocation, World& world, const std::string& status);

// What --acked, --unacked and --acked-by ask the server for, incidents and alerts alike: parts of a
// query such as "acked=true". Errors: kInvalidArgument when nothing can be both.
Result<std::vector<std::string>> AckQuery(const Invocation& invocation);

}  // namespace watchfire::wfctl
