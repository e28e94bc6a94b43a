// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl slo gate, slo history.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include <simdjson.h>

#include "cmd/wfctl/command.h"

namespace watchfire::wfctl {

std::vector<Command> SloBudgetCommands();

// A number of an answer; nullopt if it is null or not there.
std::optional<double> Known(simdjson::simdjson_result<simdjson::dom::element> value);
// "12.5%"; "-" if it is not known.
std::string Percent(std::optional<double> share);
// Whole; "-" if it is not known.
std::string Count(std::optional<double> number);

}  // namespace watchfire::wfctl
