// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How a person asks again what an evaluation asked. Pure.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/time.h"
#include "pkg/config/config.h"

namespace watchfire::rules {

// Returns the curl command, for a shell, that asks `datasource` for `expr` as of `at`; with the
// headers that name a tenant (X-Scope-OrgID, THANOS-TENANT), without credentials.
std::string CurlLine(const config::Datasource& datasource, std::string_view expr, WallTime at);

}  // namespace watchfire::rules
