// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Explanations of alerts in one line each, for commands that list them.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "cmd/wfctl/api.h"

namespace watchfire::wfctl {

// Returns by fingerprint why each alert was or was not told to anybody; those beyond the server's
// limit are absent. Empty when the server does not explain: an Alertmanager, or an older Watchfire.
std::map<std::string, std::string> Summaries(Api& api,
                                             const std::vector<std::string>& fingerprints);

}  // namespace watchfire::wfctl
