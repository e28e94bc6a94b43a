// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The commands of wfctl incident, by what they do.

#pragma once

#include <vector>

#include "cmd/wfctl/command.h"

namespace watchfire::wfctl {

std::vector<Command> IncidentReadCommands();  // list, show, postmortem
std::vector<Command> IncidentActCommands();   // ack, resolve, note, reassign …

}  // namespace watchfire::wfctl
