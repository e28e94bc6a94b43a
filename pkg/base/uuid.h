// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

namespace watchfire {

// Returns the UUID of version 4 (RFC 4122) that 122 of the given bits make, in lower case. As hard
// to guess as they are.
std::string Uuid4(uint64_t high, uint64_t low);

}  // namespace watchfire
