// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Digests by libcrypto.

#pragma once

#include <string>
#include <string_view>

namespace watchfire {

// 32 bytes.
std::string Sha256(std::string_view text);
// Lower-case hex, 64 digits. The dedup key of paging vendors is this over the group key.
std::string Sha256Hex(std::string_view text);

// The 32 bytes of HMAC-SHA-256 (RFC 2104).
std::string HmacSha256(std::string_view key, std::string_view text);
// The 20 bytes of HMAC-SHA-1, for vendors that sign with nothing better.
std::string HmacSha1(std::string_view key, std::string_view text);

// Lower-case hex of any bytes.
std::string Hex(std::string_view bytes);

}  // namespace watchfire
