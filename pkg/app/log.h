// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Log lines for the administrator at 3 a.m., through spdlog to stderr: logfmt as Alertmanager
// prints it (harnesses look for `Listening on` and `address=`), or JSON. Any thread.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/core/event.h"

namespace watchfire::app {

using Fields = std::vector<std::pair<std::string, std::string>>;
using Level = core::Log::Level;

// `format` is "logfmt" or "json"; `level` is debug, info, warn or error. Call once, first.
void InitLog(const std::string& level, const std::string& format);

void Log(Level level, std::string_view message, const Fields& fields = {});

// One line without the newline; what Log() writes. For tests.
std::string FormatLine(const std::string& format, std::string_view time, Level level,
                       std::string_view message, const Fields& fields);

}  // namespace watchfire::app
