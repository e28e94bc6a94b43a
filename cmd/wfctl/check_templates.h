// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cmd/wfctl/command.h"
#include "pkg/config/config.h"

namespace watchfire::wfctl {

// Renders a message of each integration, about a sample. Returns a warning for each that no message
// can ever be made of, for Alertmanager takes such files; placed where `text`, what the file at
// `path` holds, has the fault.
std::vector<config::Problem> TemplateProblems(const std::string& path, const std::string& text,
                                              const std::shared_ptr<const config::Config>& config,
                                              World& world);

}  // namespace watchfire::wfctl
