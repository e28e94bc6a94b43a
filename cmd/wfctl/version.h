// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include "pkg/app/server.h"

namespace watchfire::wfctl {

// Released together with the server, under the same number.
inline constexpr const char* kVersion = app::kVersion;

}  // namespace watchfire::wfctl
