// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <chrono>

#include "pkg/base/time.h"

namespace watchfire::core {

// Whoever was told last by an escalation has at least so long before its fallback is paged.
inline constexpr Duration kLastPatience = std::chrono::minutes(5);

}  // namespace watchfire::core
