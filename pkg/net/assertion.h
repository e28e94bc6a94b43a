// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a client signs to get an OAuth2 token (RFC 7523 section 3.1): a JWT (RFC 7519) under RSA.

#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/http_config.h"

namespace watchfire::net {

// Returns the assertion of `oauth2`, which has one, good for ten minutes from `now`; `key` is the
// PEM of its key and `id` what tells this one from all others. What is claimed and how: as
// prometheus/common does, oauth_assertion.go. Errors: kInvalidArgument when `key` is no RSA key
// that can be read without a password; they do not show it.
Result<std::string> SignAssertion(const config::OAuth2& oauth2, const std::string& key,
                                  const std::string& id, WallTime now);

// Returns a random UUID (version 4).
std::string RandomUuid();

// Returns `value` as JSON.
std::string ToJson(const config::Any& value);

}  // namespace watchfire::net
