// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What our pages' security policies are made of. Private to pkg/web.

#pragma once

#include <string>
#include <string_view>

namespace watchfire::web {

// What allows exactly this style or script: 'sha256-…'. Source: CSP level 3, hash sources.
std::string HashSource(std::string_view text);

}  // namespace watchfire::web
