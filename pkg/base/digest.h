// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Digests by libcrypto.

#pragma once

#include <string>
#include <string_view>

namespace watchfire {

// Lower-case hex, 64 digits. The dedup key of paging vendors is this over the group key.
std::string Sha256Hex(std::string_view text);

}  // namespace watchfire
