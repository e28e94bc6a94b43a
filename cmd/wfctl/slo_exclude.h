// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl slo exclude, slo exclusions.

#pragma once

#include <vector>

#include "cmd/wfctl/command.h"

namespace watchfire::wfctl {

std::vector<Command> SloExclusionCommands();

}  // namespace watchfire::wfctl
