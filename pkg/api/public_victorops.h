// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the handlers under /api-public, VictorOps' public API, share. Private to pkg/api. Source:
// reference paging-backends §1.3.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pkg/api/handlers.h"
#include "pkg/net/http.h"

namespace watchfire::api {

// {"error": message}
net::Response PublicError(int status, const std::string& message);
net::Response PublicError(const Error& error);

// Returns what refuses a request whose X-VO-Api-Id and X-VO-Api-Key belong to no key of
// inbound.victorops: 401 without them, 403 for others, counted. Nullopt: go on.
std::optional<net::Response> PublicRefusal(const Call& call);

// Reads a parameter that counts from 0; `fallback` when absent or empty. Errors: kInvalidArgument.
Result<size_t> ReadOffset(const net::Request& request, std::string_view name, size_t fallback = 0);

}  // namespace watchfire::api
