// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What http_config adds to the headers of a request. Files are read anew each time, on the net
// thread: regular files of at most 64 KiB only, so that a pipe or a device cannot hold it up.

#pragma once

#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/config/http_config.h"
#include "pkg/net/http.h"

namespace watchfire::net {

// Returns the file's text, cut at both ends. Errors: kInvalidArgument naming the path.
Result<std::string> ReadCredential(const std::string& path);

// Returns "Basic dTpw" (RFC 7617).
std::string BasicCredentials(const std::string& username, const std::string& password);

// Returns the value of Authorization that basic_auth or authorization asks for, "" for none.
// OAuth2 is not among them: its token has to be fetched (oauth2.h). Errors: of ReadCredential().
Result<std::string> AuthorizationValue(const config::HttpConfig& http);

// Returns http_headers; secrets and files only when `trusted`. Errors: of ReadCredential().
Result<std::vector<Header>> ConfiguredHeaders(const config::HttpConfig& http, bool trusted);

}  // namespace watchfire::net
