// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What pkg/config asks of this folder: who can be told by which policy.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// For config::LoadOptions::read_oncall: reads every vendor's documents as Load() does by default.
config::OncallReader ConfigReader();

// Everybody whom the schedule may ever have on call, in the order of the document, each once.
std::vector<std::string> Everybody(const Roster& roster, const Schedule& schedule);

// Everybody whom the step may tell at any time, in the order of the document, each once: people,
// and addresses that are no user's.
std::vector<std::string> Everybody(const Roster& roster, const Step& step);

}  // namespace watchfire::oncall
