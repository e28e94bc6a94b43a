// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The configuration that a command is about: of a file, or what the server runs with.

#pragma once

#include <memory>
#include <string>

#include "cmd/wfctl/command.h"

namespace watchfire::wfctl {

struct ConfigSource {
  std::shared_ptr<const config::Config> config;  // Null: explained already.
  int code = kOk;
};

// Reads the file of --config.file, or asks the server. What the server shows is without secrets (a
// secret URL is one whose host is "<secret>"), and the files it names are not there.
ConfigSource LoadConfig(const Invocation& invocation, World& world);

// Explains that the configuration has no receiver of that name, and returns kUsage.
int NoReceiver(const config::Config& config, const std::string& name, World& world);

inline constexpr Flag kConfigFileFlag = {"config.file", 0, "FILE", "",
                                         "read this file instead of asking the server"};

}  // namespace watchfire::wfctl
