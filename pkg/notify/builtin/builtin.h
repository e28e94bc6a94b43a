// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The one table of receivers. A new one is a folder beside this one and a row here.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/notify/receiver.h"

namespace watchfire::notify::builtin {

// Lives as long as the process. Thread: any.
const std::vector<Backend>& Backends();

// What one of them promises. `kind` is one of the table.
const Contract& ContractOf(const std::string& kind);

// What the configuration loader needs of each.
std::vector<config::IntegrationKind> Kinds();

// Starts one delivery. `integration` comes from a configuration loaded with Kinds(). The exchange
// keeps the options alive.
std::unique_ptr<Exchange> Start(const config::Integration& integration, const Context& context);

}  // namespace watchfire::notify::builtin
