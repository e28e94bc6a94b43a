// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the commands of `wfctl oncall` share.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/wfctl/command.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/reader.h"

namespace watchfire::wfctl {

Command OncallCheckCommand();
Command OncallEscalateCommand();
Command OncallHandoffCommand();
Command OncallImportCommand();
Command OncallNowCommand();
Command OncallOverrideCommand();
Command OncallOverridesCommand();
Command OncallScheduleCommand();

// `oncall override` without files: made, or ended, by the running server.
int OverrideAtServer(const Invocation& invocation, World& world);

// --file and --read, which all of them take.
std::vector<Flag> OncallFileFlags();
// The same and --config.file, for those that write none of the files.
std::vector<Flag> OncallSourceFlags();

// Reads the files of --file, and those that the configurations of --config.file name. Problems go
// to `err`; nullopt, and `code` set, if one is an error.
std::optional<oncall::Loaded> LoadOncall(const Invocation& invocation, World& world, int* code);

// The schedule of --schedule, or the only one; null after saying why there is none.
const oncall::Schedule* ChooseSchedule(const Invocation& invocation, const oncall::Roster& roster,
                                       World& world);

// The time of a flag in `zone`, or `fallback`; nullopt after saying what is wrong with it.
std::optional<WallTime> OncallTime(const Invocation& invocation, const std::string& flag,
                                   const oncall::Location& zone, WallTime fallback, World& world);

// As clocks in `zone` show it: "Mon 2024-01-01 09:00 -05".
std::string LocalText(WallTime at, const oncall::Location& zone);

}  // namespace watchfire::wfctl
